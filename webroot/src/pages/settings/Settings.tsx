// Settings: every field of the one settings object, in groups, into the draft.
import { useState } from "react";
import type { FormEvent } from "react";
import { useGuard } from "../../frame/route";
import { FieldInput } from "../../parts/fields/FieldInput";
import { initial, writable } from "../../parts/fields/values";
import { FormFoot } from "../../parts/FormFoot";
import { KeptInput } from "../../parts/KeptInput";
import { same } from "../../parts/format";
import { roleNames } from "../../parts/Labelled";
import { Meanwhile } from "../../parts/Meanwhile";
import { PageHeader, Panel } from "../../parts/Panel";
import { pointerErrors } from "../../parts/problems";
import { Failed, Loading } from "../../parts/States";
import { useEdit } from "../../parts/useEdit";
import { RestError, rest } from "../../rest/client";
import { useSchema } from "../../rest/live";
import { useMayChange } from "../../rest/session";
import { useGet } from "../../rest/useLoad";
import type { ConfigObject, Field, KindSchema } from "../../rest/types";
import { t } from "../../words";

/** Fields by subject. A field that no group names stands in the last one, so that none is ever missing. */
const groups: [keyof typeof t.settings.groups, string[]][] = [
    ["general", ["federation_enabled", "connection_limit", "partner_connection_limit"]],
    ["timing", ["keepalive_interval", "stream_establishment_timeout", "stream_inactivity_timeout", "subscription_refresh_interval"]],
    ["listeners", ["listeners"]],
    ["dns", ["dns"]],
    ["tls", ["tls"]],
    ["limits", ["limits"]],
    ["logging", ["log_message_bodies", "four_eyes", "audit_syslog"]],
];

function grouped(schema: KindSchema): [string, Field[]][] {
    const named = new Set(groups.flatMap(([, names]) => names));
    const fields = (names: string[]) =>
        names.flatMap((name) => schema.fields.filter((f) => f.name === name));
    const all: [string, Field[]][] = groups.map(([group, names]) => [t.settings.groups[group], fields(names)]);
    all.push([t.settings.unknownGroup, schema.fields.filter((f) => !named.has(f.name) && !f.read_only)]);
    return all.filter(([, list]) => list.length > 0);
}

export default function Settings() {
    const schema = useSchema("settings");
    const { may, only } = useMayChange("settings");
    const loaded = useGet<ConfigObject>("/settings?view=draft");
    const running = useGet<ConfigObject>("/settings").data;
    const open = (object: ConfigObject) =>
        Object.fromEntries(Object.entries(object).filter(([name]) => schema?.fields.some((f) => f.name === name && !f.write_only)));
    const { input, setInput, dirty, base, etag, meanwhile, offer, undo, saved: accept } = useEdit<ConfigObject>(loaded.data, loaded.etag, open);
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);
    const [saved, setSaved] = useState(false);

    useGuard(dirty && may);

    const header = <PageHeader title={t.settings.title} lead={t.settings.lead} />;
    if (!schema || !input) {
        return (
            <div className="fg-page">
                {header}
                {loaded.error ? <Failed error={loaded.error} retry={loaded.reload} /> : <Loading lines={8} height="60px" />}
            </div>
        );
    }
    const errors = pointerErrors(error);
    const conflict = !busy && (meanwhile || (error instanceof RestError && error.status === 412));
    const change = (name: string, value: ConfigObject[string]) => {
        setInput({ ...input, [name]: value });
        setSaved(false);
    };
    const put = async (value: ConfigObject, ifMatch: string | null) => {
        setBusy(true);
        setError(null);
        try {
            const answer = await rest.put<ConfigObject>("/settings", value, { ifMatch });
            accept(answer.etag, answer.data);
            setSaved(true);
        } catch (cause) {
            setError(cause);
        } finally {
            setBusy(false);
        }
    };
    const submit = (e: FormEvent) => {
        e.preventDefault();
        if (!conflict) void put(writable(schema.fields, input), etag);
    };
    const giveUp = () => {
        undo();
        setError(null);
        loaded.reload();
    };
    const idle = dirty ? null : saved ? t.settings.saved : t.settings.nothing;
    return (
        <form className="fg-page fg-form-page" onSubmit={submit} noValidate>
            {header}
            {loaded.error && <Failed error={loaded.error} at={loaded.at} retry={loaded.reload} />}
            <KeptInput offer={may ? offer : null} />
            {conflict && (
                <Meanwhile
                    kind="settings"
                    name={t.settings.title}
                    path="/settings?view=draft"
                    base={base}
                    mine={writable(schema.fields, input)}
                    busy={busy}
                    save={(value, theirs) => void put(value, theirs)}
                />
            )}
            {error !== null && !conflict && <Failed title={t.common.saveFailed} error={error} />}
            <div className="fg-settings">
                {grouped(schema).map(([title, fields]) => (
                    <Panel key={title} title={title} ruled>
                        <div className="fg-two">
                            {fields.map((field) => (
                                <FieldInput
                                    key={field.name}
                                    field={field}
                                    value={input[field.name] ?? initial(field)}
                                    onChange={(value) => change(field.name, value)}
                                    errors={errors}
                                    pointer={`/${field.name}`}
                                    disabled={!may}
                                    bare={field.label === title}
                                    drafted={!!running && !same(running[field.name], input[field.name])}
                                />
                            ))}
                        </div>
                    </Panel>
                ))}
            </div>
            <FormFoot cancel={giveUp} cancelText={t.settings.reset} busy={busy} blocked={may ? null : t.common.onlyRoles(roleNames(only))} idle={idle} />
        </form>
    );
}
