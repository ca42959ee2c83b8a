// A domain of ours: its name, and its front ends in order.
import { useMemo, useState } from "react";
import type { FormEvent } from "react";
import { useGuard, useRoute } from "../../frame/route";
import { domainLike } from "../../parts/domain";
import { FormFoot } from "../../parts/FormFoot";
import { TextField } from "../../parts/Labelled";
import { useMay } from "../../parts/may";
import { Meanwhile } from "../../parts/Meanwhile";
import { PageHeader } from "../../parts/Panel";
import { pointerErrors } from "../../parts/problems";
import { Failed, Loading } from "../../parts/States";
import { useEdit } from "../../parts/useEdit";
import { RestError, rest, segment } from "../../rest/client";
import { useGet } from "../../rest/useLoad";
import { t } from "../../words";
import { useAll } from "./objects";
import type { Domain, FrontEnd } from "./objects";
import { OrderedFrontEnds } from "./OrderedFrontEnds";

interface Input {
    front_ends: string[];
}

export default function DomainForm({ name }: { name?: string }) {
    const isNew = name === undefined;
    const { go } = useRoute();
    const { may, why } = useMay("domains");
    const known = useAll<FrontEnd>("front_ends");
    const loaded = useGet<Domain>(isNew ? null : `/domains/${segment(name)}?view=draft`, { afterWrites: false });
    const start = useMemo<Input | null>(() => (isNew ? { front_ends: [] } : loaded.data && { front_ends: loaded.data.front_ends }), [isNew, loaded.data]);
    const { input, setInput, dirty, etag, undo } = useEdit<Input>(start, isNew ? null : loaded.etag);
    const [key, setKey] = useState("");
    const [tried, setTried] = useState(false);
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    useGuard(may && !busy && (dirty || (isNew && key !== "")));

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
    const errors = pointerErrors(error);
    const wrong = !isNew ? null : !key.trim() ? w.nameMissing : domainLike(key) ? null : w.nameInvalid;
    const conflict = error instanceof RestError && error.status === 412 && !isNew;
    const save = async (force = false) => {
        setTried(true);
        if (!may || wrong) return;
        setBusy(true);
        setError(null);
        try {
            const match = isNew ? { createOnly: true } : { ifMatch: force ? null : etag };
            await rest.put(`/domains/${segment(isNew ? key.trim().toLowerCase() : name)}`, input, match);
            go("/domains", { force: true });
        } catch (cause) {
            setError(cause);
            setBusy(false);
        }
    };
    const submit = (e: FormEvent) => {
        e.preventDefault();
        void save();
    };
    const takeTheirs = () => {
        setError(null);
        undo();
        loaded.reload();
    };
    return (
        <form className="fg-page fg-form-page" onSubmit={submit} noValidate>
            {header}
            {conflict && <Meanwhile takeTheirs={takeTheirs} keepMine={() => void save(true)} />}
            {error !== null && !conflict && <Failed title={t.common.saveFailed} error={error} />}
            <div className="fg-form">
                <div className="fg-form-main">
                    {isNew ? (
                        <TextField label={w.name} help={w.nameHelp} value={key} onChange={setKey} error={(tried && wrong) || errors["/domain"] || null} required autoFocus mono disabled={!may} />
                    ) : (
                        <TextField label={w.name} value={name} onChange={() => undefined} disabled mono />
                    )}
                    <OrderedFrontEnds
                        chosen={input.front_ends}
                        known={known}
                        onChange={(front_ends) => setInput({ front_ends })}
                        disabled={!may}
                        error={Object.entries(errors).find(([pointer]) => pointer.startsWith("/front_ends"))?.[1]}
                    />
                </div>
            </div>
            <FormFoot cancel={() => go("/domains")} busy={busy} blocked={why} />
        </form>
    );
}
