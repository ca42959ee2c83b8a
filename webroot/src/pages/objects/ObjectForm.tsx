// The form of a kind, made from its field table.
import { useMemo, useState } from "react";
import type { FormEvent } from "react";
import { useGuard, useRoute } from "../../frame/route";
import { FieldInput } from "../../parts/fields/FieldInput";
import { initialObject, writable } from "../../parts/fields/values";
import { FormFoot } from "../../parts/FormFoot";
import { KeptInput } from "../../parts/KeptInput";
import { roleNames, TextField } from "../../parts/Labelled";
import { Meanwhile } from "../../parts/Meanwhile";
import { PageHeader } from "../../parts/Panel";
import { pointerErrors } from "../../parts/problems";
import { Failed, Loading } from "../../parts/States";
import { useEdit } from "../../parts/useEdit";
import { RestError, rest, segment } from "../../rest/client";
import { useSchema } from "../../rest/live";
import { useMayChange } from "../../rest/session";
import { useGet } from "../../rest/useLoad";
import type { ConfigObject, KindSchema } from "../../rest/types";
import { objectPaths } from "../../routes";
import { t } from "../../words";

interface Params {
    kind?: string;
    name?: string;
}

/** The key of a new object among its input, so that both are kept alike; no field has such a name. */
const typedKey = "@key";

function useStart(kind: string, name: string | undefined, key: string, schema: KindSchema | null) {
    const loaded = useGet<ConfigObject>(name === undefined ? null : `/${kind}/${segment(name)}?view=draft`, { afterWrites: false });
    const fresh = useMemo(() => (schema ? { ...initialObject(schema.fields), [typedKey]: key } : null), [schema, key]);
    return { loaded, start: !schema ? null : name === undefined ? fresh : loaded.data };
}

export default function ObjectForm({ kind = "", name }: Params) {
    const isNew = name === undefined;
    const { go, query } = useRoute();
    const schema = useSchema(kind);
    const { may, only } = useMayChange(kind);
    const { loaded, start } = useStart(kind, name, query.get("key") ?? "", schema);
    const { input, setInput, dirty, base, etag, meanwhile, offer, saved } = useEdit<ConfigObject>(start, isNew ? null : loaded.etag);
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);
    const [tried, setTried] = useState(false);
    const list = objectPaths[kind] ?? "/";

    useGuard(may && !busy && dirty);

    const title = isNew ? (t.objects.add[kind] ?? "") : t.objects.edit(name);
    const header = <PageHeader title={title} crumbs={[{ to: list, text: schema?.title ?? "" }]} here={isNew ? title : name} />;
    if (!input || !schema) {
        return (
            <div className="fg-page">
                {header}
                {loaded.error ? <Failed error={loaded.error} retry={loaded.reload} /> : <Loading height="52px" />}
            </div>
        );
    }
    const key = String(input[typedKey] ?? "");
    const errors = pointerErrors(error);
    const keyName = schema.key?.name ?? "";
    const keyError = tried && isNew && !key.trim() ? t.objects.keyMissing : (errors[`/${keyName}`] ?? null);
    const conflict = !isNew && !busy && (meanwhile || (error instanceof RestError && error.status === 412));
    const blocked = may ? null : t.common.onlyRoles(roleNames(only));

    const put = async (value: ConfigObject, match: { ifMatch?: string | null; createOnly?: boolean }) => {
        setBusy(true);
        setError(null);
        try {
            const answer = await rest.put(`/${kind}/${segment(isNew ? key.trim() : name)}`, value, match);
            saved(answer.etag);
            go(list, { force: true });
        } catch (cause) {
            setError(cause);
            setBusy(false);
        }
    };
    const submit = (e: FormEvent) => {
        e.preventDefault();
        setTried(true);
        if (blocked || conflict || (isNew && !key.trim())) return;
        void put(writable(schema.fields, input), isNew ? { createOnly: true } : { ifMatch: etag });
    };
    return (
        <form className="fg-page fg-form-page" onSubmit={submit} noValidate>
            {header}
            <KeptInput offer={may ? offer : null} />
            {conflict && (
                <Meanwhile
                    kind={kind}
                    name={name}
                    path={`/${kind}/${segment(name)}?view=draft`}
                    base={base}
                    mine={writable(schema.fields, input)}
                    save={(value, theirs) => void put(value, { ifMatch: theirs })}
                />
            )}
            {error !== null && !conflict && <Failed title={t.common.saveFailed} error={error} />}
            <div className="fg-form-main fg-form">
                <div className="fg-two">
                    {isNew ? (
                        <TextField label={schema.key?.label ?? ""} help={schema.key?.help} value={key} onChange={(next) => setInput({ ...input, [typedKey]: next })} error={keyError} required autoFocus mono />
                    ) : (
                        <TextField label={schema.key?.label ?? ""} value={name} onChange={() => undefined} disabled mono />
                    )}
                    {schema.fields
                        .filter((f) => f.name !== keyName && !(f.read_only && (isNew || f.type === "object")))
                        .map((field) => (
                            <FieldInput
                                key={field.name}
                                field={field}
                                value={input[field.name] ?? null}
                                onChange={(value) => setInput({ ...input, [field.name]: value })}
                                errors={errors}
                                pointer={`/${field.name}`}
                                disabled={!may}
                            />
                        ))}
                </div>
            </div>
            <FormFoot cancel={() => go(list)} busy={busy} blocked={blocked} />
        </form>
    );
}
