// A domain of ours: its name, and its front ends in order.
import { useMemo, useState } from "react";
import type { FormEvent } from "react";
import { useGuard, useRoute } from "../../frame/route";
import { domainLike } from "../../parts/domain";
import { FormFoot } from "../../parts/FormFoot";
import { TextField } from "../../parts/Labelled";
import { useMay } from "../../parts/may";
import { KeptInput } from "../../parts/KeptInput";
import { Meanwhile } from "../../parts/Meanwhile";
import { PageHeader } from "../../parts/Panel";
import { pointerErrors } from "../../parts/problems";
import { Failed, Loading } from "../../parts/States";
import { useEdit } from "../../parts/useEdit";
import { RestError, rest, segment } from "../../rest/client";
import { useGet } from "../../rest/useLoad";
import type { ConfigObject } from "../../rest/types";
import { t } from "../../words";
import { useAll } from "./objects";
import type { Domain, FrontEnd } from "./objects";
import { OrderedFrontEnds } from "./OrderedFrontEnds";

interface Input {
    /** The domain itself, while it is new. */
    key: string;
    front_ends: string[];
}

export default function DomainForm({ name }: { name?: string }) {
    const isNew = name === undefined;
    const { go } = useRoute();
    const { may, why } = useMay("domains");
    const known = useAll<FrontEnd>("front_ends");
    const loaded = useGet<Domain>(isNew ? null : `/domains/${segment(name)}?view=draft`, { afterWrites: false });
    const start = useMemo<Input | null>(() => (isNew ? { key: "", front_ends: [] } : loaded.data && { key: name, front_ends: loaded.data.front_ends }), [isNew, name, loaded.data]);
    const { input, setInput, dirty, base, etag, meanwhile, offer, saved } = useEdit<Input>(start, isNew ? null : loaded.etag);
    const [tried, setTried] = useState(false);
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    useGuard(may && !busy && dirty);

    const w = t.topology.domainForm;
    const title = isNew ? t.topology.domains.add : t.objects.edit(name);
    const header = <PageHeader title={title} crumbs={[{ to: "/domains", text: t.topology.domains.title }]} here={isNew ? title : name} />;
    if (!input) {
        return (
            <div className="fg-page">
                {header}
                {loaded.error ? <Failed error={loaded.error} retry={loaded.reload} /> : <Loading height="52px" />}
            </div>
        );
    }
    const { key, front_ends } = input;
    const errors = pointerErrors(error);
    const wrong = !isNew ? null : !key.trim() ? w.nameMissing : domainLike(key) ? null : w.nameInvalid;
    const conflict = !isNew && !busy && (meanwhile || (error instanceof RestError && error.status === 412));
    const put = async (value: ConfigObject, match: { ifMatch?: string | null; createOnly?: boolean }) => {
        setBusy(true);
        setError(null);
        try {
            const answer = await rest.put(`/domains/${segment(isNew ? key.trim().toLowerCase() : name)}`, value, match);
            saved(answer.etag);
            go("/domains", { force: true });
        } catch (cause) {
            setError(cause);
            setBusy(false);
        }
    };
    const submit = (e: FormEvent) => {
        e.preventDefault();
        setTried(true);
        if (!may || wrong || conflict) return;
        void put({ front_ends }, isNew ? { createOnly: true } : { ifMatch: etag });
    };
    return (
        <form className="fg-page fg-form-page" onSubmit={submit} noValidate>
            {header}
            <KeptInput offer={may ? offer : null} />
            {conflict && (
                <Meanwhile
                    kind="domains"
                    name={name}
                    path={`/domains/${segment(name)}?view=draft`}
                    base={base && { front_ends: base.front_ends }}
                    mine={{ front_ends }}
                    save={(value, theirs) => void put(value, { ifMatch: theirs })}
                />
            )}
            {error !== null && !conflict && <Failed title={t.common.saveFailed} error={error} />}
            <div className="fg-form">
                <div className="fg-form-main">
                    {isNew ? (
                        <TextField label={w.name} help={w.nameHelp} value={key} onChange={(next) => setInput({ ...input, key: next })} error={(tried && wrong) || errors["/domain"] || null} required autoFocus mono disabled={!may} />
                    ) : (
                        <TextField label={w.name} value={name} onChange={() => undefined} disabled mono />
                    )}
                    <OrderedFrontEnds
                        chosen={input.front_ends}
                        known={known}
                        onChange={(next) => setInput({ ...input, front_ends: next })}
                        disabled={!may}
                        error={Object.entries(errors).find(([pointer]) => pointer.startsWith("/front_ends"))?.[1]}
                    />
                </div>
            </div>
            <FormFoot cancel={() => go("/domains")} busy={busy} blocked={why} />
        </form>
    );
}
