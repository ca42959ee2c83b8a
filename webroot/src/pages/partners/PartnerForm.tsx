// Add, edit or clone a partner. What the terms lead to stands beside the fields and follows each choice.
import { useMemo, useState } from "react";
import type { FormEvent } from "react";
import { useGuard, useRoute } from "../../frame/route";
import { FormFoot } from "../../parts/FormFoot";
import { KeptInput } from "../../parts/KeptInput";
import { domainLike } from "../../parts/domain";
import { useMay } from "../../parts/may";
import { Meanwhile } from "../../parts/Meanwhile";
import { PageHeader } from "../../parts/Panel";
import { allShown, fieldErrors } from "../../parts/problems";
import { Failed, Loading } from "../../parts/States";
import { useEdit } from "../../parts/useEdit";
import { RestError, rest, segment } from "../../rest/client";
import { findRow, useLive, useNegotiation } from "../../rest/live";
import { useGet } from "../../rest/useLoad";
import type { ConfigObject, Page, Partner, Stream } from "../../rest/types";
import { t } from "../../words";
import { Advanced, HowSecured, WhatTheyCan, Who } from "./FormParts";
import { HowWeConnect } from "./HowWeConnect";
import { check, fresh, fromPartner, toObject } from "./form";
import type { PartnerInput } from "./form";
import { partnerPath } from "./PartnerRow";
import { useClaims } from "./useClaims";

const none: ReadonlyMap<string, string> = new Map();

interface Params {
    domain?: string;
    from?: string;
}

/** The partner as it runs: what the list of running partners says, or nothing when it is only drafted. */
function useRunning(domain: string | undefined): Partner | null {
    const list = useGet<Page<Partner>>(domain ? `/partners?domain=${encodeURIComponent(domain)}` : null, { afterWrites: false });
    return list.data?.items.find((p) => p.domain === domain) ?? null;
}

function useStart(params: Params) {
    const source = params.domain ?? params.from;
    const loaded = useGet<Partner>(source ? `/partners/${segment(source)}?view=draft` : null, { afterWrites: false });
    const start = useMemo(() => {
        if (!source) return fresh();
        if (!loaded.data) return null;
        const input = fromPartner(loaded.data);
        return params.from ? { ...input, domain: "", additional_domains: [] } : input;
    }, [source, loaded.data, params.from]);
    return { loaded, start };
}

function title(params: Params) {
    if (params.domain) {
        const [before, after] = t.partnerForm.editTitle;
        return (
            <>
                {before}
                <span className="fg-mono">{params.domain}</span>
                {after}
            </>
        );
    }
    return params.from ? t.partnerForm.cloneTitle(params.from) : t.partnerForm.addTitle;
}

export default function PartnerForm(params: Params) {
    const isNew = !params.domain;
    const { go } = useRoute();
    const { status } = useLive();
    const rows = useNegotiation();
    const settings = useGet<ConfigObject>("/settings").data;
    const running = useRunning(params.domain);
    const streams = useGet<Page<Stream>>(params.domain ? `/streams?partner=${encodeURIComponent(params.domain)}` : null);
    const { loaded, start } = useStart(params);

    const { input, setInput, dirty, base, etag, meanwhile, offer, saved } = useEdit<PartnerInput>(start, isNew ? null : loaded.etag);
    const { may, why } = useMay("partners", params.domain ? { domains: [params.domain, ...(start?.additional_domains ?? [])] } : undefined);
    const faults = useClaims(params.domain ?? domainLike(input?.domain ?? ""), input?.additional_domains ?? [], params.domain ?? null);
    const [tried, setTried] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);

    useGuard(dirty && may && !busy);

    const crumbs = [{ to: "/partners", text: t.partners.title }];
    if (params.domain) crumbs.push({ to: partnerPath(params.domain), text: params.domain });
    const header = (
        <PageHeader
            title={title(params)}
            name={t.partnerForm.editTitle.join(params.domain ?? "")}
            crumbs={crumbs}
            here={params.domain ? t.common.edit : t.partnerForm.addTitle}
        />
    );
    if (!input) {
        return (
            <div className="fg-page">
                {header}
                {loaded.error ? <Failed error={loaded.error} retry={loaded.reload} /> : <Loading lines={8} height="52px" />}
            </div>
        );
    }

    const row = findRow(rows, input);
    const ownErrors = check(input, isNew);
    const errors = { ...fieldErrors(error), ...(tried ? ownErrors : {}) };
    const conflict = !isNew && !busy && (meanwhile || (error instanceof RestError && error.status === 412));
    const until = loaded.data?.valid_until ?? null;
    const names = Object.keys(fresh());
    const set = (change: Partial<PartnerInput>) => {
        setInput({ ...input, ...change });
        setError(null);
    };
    const dead = row && !row.valid ? t.partnerForm.cannotSave : null;
    const blocked = may ? dead : why;
    const toMend = may ? (tried ? Object.keys(ownErrors).length : 0) + faults.size : 0;

    const put = async (value: ConfigObject, match: { ifMatch?: string | null; createOnly?: boolean }) => {
        setBusy(true);
        setError(null);
        const domain = params.domain ?? domainLike(input.domain) ?? input.domain;
        try {
            const answer = await rest.put(`/partners/${segment(domain)}`, value, match);
            saved(answer.etag);
            go(isNew ? "/partners" : partnerPath(domain), { force: true });
        } catch (cause) {
            setError(cause);
            setBusy(false);
        }
    };
    const submit = (e: FormEvent) => {
        e.preventDefault();
        setTried(true);
        if (Object.keys(ownErrors).length || faults.size || blocked || conflict) return;
        void put(toObject(input, until), isNew ? { createOnly: true } : { ifMatch: etag });
    };
    const form = { input, set, errors, disabled: !may, isNew, known: running?.additional_domains, settings, faults: may ? faults : none };

    return (
        <form className="fg-page fg-form-page" onSubmit={submit} noValidate>
            {header}
            <KeptInput offer={may ? offer : null} />
            {conflict && (
                <Meanwhile
                    kind="partners"
                    name={params.domain!}
                    path={`/partners/${segment(params.domain!)}?view=draft`}
                    base={base && toObject(base, until)}
                    mine={toObject(input, until)}
                    save={(value, theirs) => void put(value, { ifMatch: theirs })}
                />
            )}
            {error !== null && !conflict && !allShown(error, names) && <Failed title={t.common.saveFailed} error={error} />}
            <div className="fg-with-side fg-form">
                <div className="fg-form-main">
                    <Who {...form} />
                    <WhatTheyCan {...form} />
                    <HowSecured {...form} />
                    <Advanced {...form} />
                </div>
                <div className="fg-side fg-sticky">
                    <HowWeConnect
                        terms={input}
                        row={row}
                        running={running}
                        revision={status.data?.revision ?? 0}
                        streams={streams.data?.items ?? []}
                        set={set}
                        disabled={!may}
                    />
                </div>
            </div>
            <FormFoot
                cancel={() => go(isNew ? "/partners" : partnerPath(params.domain!))}
                busy={busy}
                blocked={blocked ?? (toMend ? t.partnerForm.fixFields(toMend) : null)}
            />
        </form>
    );
}
