// Settings: every field of the one settings object, in groups, into the draft.
import { useEffect, useState } from "react";
import type { FormEvent } from "react";
import { useAddressState, useGuard, useRoute } from "../../frame/route";
import { BodyLogWarning } from "../../parts/BodyLogWarning";
import { ToggleRow } from "../../parts/Choice";
import { writable } from "../../parts/fields/values";
import { same } from "../../parts/format";
import { FormFoot } from "../../parts/FormFoot";
import { KeptInput } from "../../parts/KeptInput";
import { roleNames } from "../../parts/Labelled";
import { Search } from "../../parts/ListTools";
import { Meanwhile } from "../../parts/Meanwhile";
import { PageHeader, WithSide } from "../../parts/Panel";
import { pointerErrors } from "../../parts/problems";
import { Failed, Loading, NothingFound } from "../../parts/States";
import { useEdit } from "../../parts/useEdit";
import { RestError, rest } from "../../rest/client";
import { useSchema } from "../../rest/live";
import { useMayChange } from "../../rest/session";
import { useGet } from "../../rest/useLoad";
import type { ConfigObject, Value } from "../../rest/types";
import { t } from "../../words";
import { DialbackSecret } from "./DialbackSecret";
import { SettingGroup, SettingIndex } from "./Groups";
import { groups, isStandard, valueAt, withValue } from "./leaves";
import type { Group, Leaf } from "./leaves";

type Show = "all" | "changed" | "draft";

/** What fits the search and the choice; a group without any is left out. */
function chosen(all: Group[], q: string, fits: (leaf: Leaf) => boolean): Group[] {
    const words = q.toLowerCase().split(/\s+/).filter(Boolean);
    const says = (leaf: Leaf, group: Group) => {
        const text = `${leaf.field.label} ${leaf.field.help ?? ""} ${leaf.path} ${group.title}`.toLowerCase();
        return words.every((word) => text.includes(word));
    };
    return all
        .map((group) => ({ ...group, leaves: group.leaves.filter((leaf) => says(leaf, group) && fits(leaf)) }))
        .filter((group) => group.leaves.length > 0);
}

/** Goes to the group or field that the address names, once it is there. */
function useJump(ready: boolean): void {
    const { hash } = useRoute();
    useEffect(() => {
        if (!ready || !hash) return;
        const there = document.getElementById(hash) ?? document.querySelector(`[data-setting^="${CSS.escape(hash)}"]`);
        there?.scrollIntoView({ block: "start" });
    }, [ready, hash]);
}

export default function Settings() {
    const schema = useSchema("settings");
    const { may, only } = useMayChange("settings");
    const [query, setQuery] = useAddressState();
    const loaded = useGet<ConfigObject>("/settings?view=draft");
    const running = useGet<ConfigObject>("/settings").data;
    const open = (object: ConfigObject) =>
        Object.fromEntries(Object.entries(object).filter(([name]) => schema?.fields.some((f) => f.name === name && !f.write_only)));
    const { input, setInput, dirty, base, etag, meanwhile, offer, undo, saved: accept } = useEdit<ConfigObject>(loaded.data, loaded.etag, open);
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);
    const [saved, setSaved] = useState(false);

    useGuard(dirty && may);
    useJump(!!schema && !!input);

    const header = <PageHeader title={t.settings.title} lead={t.settings.lead} />;
    if (!schema || !input) {
        return (
            <div className="fg-page">
                {header}
                {loaded.error ? <Failed error={loaded.error} retry={loaded.reload} /> : <Loading lines={8} height="60px" />}
            </div>
        );
    }
    const conflict = !busy && (meanwhile || (error instanceof RestError && error.status === 412));
    const change = (path: string, value: Value) => {
        setInput(withValue(input, path, value));
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
    const drafted = (leaf: Leaf) => !!running && !same(valueAt(running, leaf), valueAt(input, leaf));
    const changed = (leaf: Leaf) => !isStandard(leaf, input);
    const show: Show = query.get("show") === "changed" ? "changed" : query.get("show") === "draft" ? "draft" : "all";
    const q = query.get("q") ?? "";
    const all = groups(schema);
    const shown = chosen(all, q, (leaf) => show === "all" || (show === "draft" ? drafted(leaf) : changed(leaf)));
    const s = t.settings;
    const fields = { input, running, errors: pointerErrors(error), disabled: !may, onChange: change };
    const main = (
        <>
            <div className="fg-tools">
                <Search value={q} label={s.search} onSearch={(text) => setQuery({ q: text })} />
                <ToggleRow<Show>
                    name="show"
                    label={s.show}
                    value={show}
                    options={[
                        { value: "all", text: s.showAll },
                        { value: "changed", text: s.showChanged },
                        { value: "draft", text: s.showDraft },
                    ]}
                    onChange={(next) => setQuery({ show: next === "all" ? "" : next })}
                />
            </div>
            {!shown.length && (
                <NothingFound
                    filters={[q, show === "draft" ? s.showDraft : show === "changed" ? s.showChanged : ""].filter(Boolean)}
                    clear={() => setQuery({ q: "", show: "" })}
                />
            )}
            {shown.map((group) => (
                <SettingGroup key={group.id} group={group} {...fields} />
            ))}
            {!q && show === "all" && <DialbackSecret />}
        </>
    );
    const idle = dirty ? null : saved ? s.saved : s.nothing;
    return (
        <form className="fg-page fg-form-page" onSubmit={submit} noValidate>
            {header}
            {loaded.error && <Failed error={loaded.error} at={loaded.at} retry={loaded.reload} />}
            <BodyLogWarning running={running} drafted={loaded.data} />
            <KeptInput offer={may ? offer : null} />
            {conflict && (
                <Meanwhile
                    kind="settings"
                    name={s.title}
                    path="/settings?view=draft"
                    base={base}
                    mine={writable(schema.fields, input)}
                    busy={busy}
                    save={(value, theirs) => void put(value, theirs)}
                />
            )}
            {error !== null && !conflict && <Failed title={t.common.saveFailed} error={error} />}
            <div className="fg-settings">
                <WithSide main={main} side={<SettingIndex groups={shown} drafted={drafted} changed={changed} secret={!q && show === "all"} />} />
            </div>
            <FormFoot cancel={giveUp} cancelText={s.reset} busy={busy} blocked={may ? null : t.common.onlyRoles(roleNames(only))} idle={idle} />
        </form>
    );
}
