// A policy: scope and name when it is new, the four boxes with what they mean, and whom it affects.
import { useMemo, useState } from "react";
import type { FormEvent } from "react";
import { Link, useGuard, useRoute } from "../../frame/route";
import { ToggleRow } from "../../parts/Choice";
import { FormFoot } from "../../parts/FormFoot";
import { Labelled, TextField } from "../../parts/Labelled";
import { Mark } from "../../parts/Marks";
import { useMay } from "../../parts/may";
import { KeptInput } from "../../parts/KeptInput";
import { Meanwhile } from "../../parts/Meanwhile";
import { PageHeader, Panel, WithSide } from "../../parts/Panel";
import { pointerErrors } from "../../parts/problems";
import { Failed, Loading } from "../../parts/States";
import { useEdit } from "../../parts/useEdit";
import { all, RestError, rest, segment } from "../../rest/client";
import { useGet, useLoad } from "../../rest/useLoad";
import type { ConfigObject } from "../../rest/types";
import { t } from "../../words";
import { policyName, useSiteNames } from "../users/users";
import { FederationOff } from "./PolicyList";
import { Affected } from "./PolicyRow";
import { flags, scopeOf, shortName } from "./policies";
import type { Flag, Policy } from "./policies";

type Value = { [flag in Flag]: boolean } & { description: string };

/** Scope and name are asked for when it is new. */
type Input = Value & { scope: "site" | "user"; name: string };

const fresh: Value = { description: "", federation_access: false, xmpp_access: false, public_cloud_access: false, outside_access: false };

function valueOf(policy: Policy | Input): Value {
    const { description, federation_access, xmpp_access, public_cloud_access, outside_access } = policy;
    return { description, federation_access, xmpp_access, public_cloud_access, outside_access };
}

/** Sites without a policy of their own; null while unknown. */
function useFreeSites(): string[] | null {
    const sites = useSiteNames();
    const { data } = useLoad("policies of sites", async (signal) => ({
        data: await all<Policy>("/policies", { view: "draft", identity: "site:*" }, 10000, signal),
        etag: null,
    }));
    if (!sites || !data) return null;
    const taken = new Set(data.items.filter((p) => p.draft !== "removed").map((p) => shortName(p.identity)));
    return sites.filter((name) => !taken.has(name));
}

interface ScopeProps {
    scope: "site" | "user";
    setScope: (scope: "site" | "user") => void;
    name: string;
    setName: (name: string) => void;
    error: string | null;
    disabled: boolean;
}

function ScopeFields({ scope, setScope, name, setName, error, disabled }: ScopeProps) {
    const sites = useFreeSites();
    const w = t.policyForm;
    return (
        <>
            <Labelled label={w.scope} help={w.scopeHelp[scope]} group>
                {(id, helpId) => (
                    <ToggleRow
                        name={id}
                        label={w.scope}
                        value={scope}
                        describedBy={helpId}
                        disabled={disabled}
                        onChange={setScope}
                        options={[
                            { value: "user", text: w.scopes.user },
                            { value: "site", text: w.scopes.site },
                        ]}
                    />
                )}
            </Labelled>
            {scope === "user" && <TextField label={w.name} help={w.nameHelp} value={name} onChange={setName} error={error} required disabled={disabled} autoFocus />}
            {scope === "site" && sites && !sites.length && (
                <p>
                    {w.noSites} <Link to="/sites">{w.toSites}</Link>
                </p>
            )}
            {scope === "site" && (!sites || sites.length > 0) && (
                <Labelled label={w.site} help={w.siteHelp} error={error} required>
                    {(id, helpId) => (
                        <select id={id} className="fg-select" value={name} onChange={(e) => setName(e.target.value)} aria-describedby={helpId} disabled={disabled}>
                            <option value="">{t.common.chooseOne}</option>
                            {sites?.map((site) => (
                                <option key={site} value={site}>
                                    {site}
                                </option>
                            ))}
                        </select>
                    )}
                </Labelled>
            )}
        </>
    );
}

function Boxes({ input, setInput, disabled, errors }: { input: Input; setInput: (input: Input) => void; disabled: boolean; errors: { [pointer: string]: string } }) {
    const w = t.policyForm;
    const set = (flag: Flag, on: boolean) => {
        const next = { ...input, [flag]: on };
        // XMPP is worth nothing without federation: clearing the one clears the other.
        if (flag === "federation_access" && !on) next.xmpp_access = false;
        setInput(next);
    };
    return (
        <fieldset className="fg-group">
            <legend>{w.allow}</legend>
            <div className="fg-boxes">
                {flags.map((flag) => {
                    const locked = flag === "xmpp_access" && !input.federation_access && !input.xmpp_access;
                    return (
                        <div key={flag} className="fg-tick fg-box">
                            <input
                                type="checkbox"
                                id={`box-${flag}`}
                                checked={input[flag]}
                                disabled={disabled || locked}
                                onChange={(e) => set(flag, e.target.checked)}
                                aria-describedby={`help-${flag}`}
                            />
                            <div>
                                <label htmlFor={`box-${flag}`}>{w.flags[flag]}</label>
                                <div id={`help-${flag}`} className={errors[`/${flag}`] ? "fg-second fg-error" : "fg-second"}>
                                    {errors[`/${flag}`] ?? (locked ? w.xmppNeeds : w.help[flag])}
                                </div>
                            </div>
                        </div>
                    );
                })}
            </div>
            {input.xmpp_access && !input.federation_access && <p className="fg-notice fg-notice-warn">{w.xmppAlone}</p>}
        </fieldset>
    );
}

function Meaning({ input, identity, scope }: { input: Input; identity: string | null; scope: string }) {
    const w = t.policyForm;
    const may = input.federation_access && input.xmpp_access;
    return (
        <>
            <Panel title={w.result}>
                <p className="fg-marked">
                    <Mark mood={may ? "good" : "paused"} />
                    <span>{may ? w.resultMay : w.resultMayNot}</span>
                </p>
                {scope !== "global" && <p className="fg-notice">{w.whole}</p>}
            </Panel>
            {identity && (
                <Panel title={w.affected}>
                    <Affected identity={identity} />
                    <p className="fg-second">{t.policies.groupText[scopeOf(identity)]}</p>
                </Panel>
            )}
        </>
    );
}

function useSaving(isNew: boolean, saved: (etag: string | null) => void) {
    const { go } = useRoute();
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);
    const save = async (key: string, value: ConfigObject, ifMatch: string | null) => {
        setBusy(true);
        setError(null);
        try {
            const answer = await rest.put(`/policies/${segment(key)}`, value, isNew ? { createOnly: true } : { ifMatch });
            saved(answer.etag);
            go("/policies", { force: true });
        } catch (cause) {
            setError(cause);
            setBusy(false);
        }
    };
    return { error, busy, save };
}

export default function PolicyForm({ name: identity }: { name?: string }) {
    const isNew = identity === undefined;
    const { go, query } = useRoute();
    const { may, why } = useMay("policies");
    const loaded = useGet<Policy>(isNew ? null : `/policies/${segment(identity)}?view=draft`, { afterWrites: false });
    const [asked] = useState<Pick<Input, "scope" | "name">>({
        scope: query.get("scope") === "site" ? "site" : "user",
        name: query.get("site") ?? "",
    });
    const start = useMemo(() => {
        const value = isNew ? fresh : loaded.data && valueOf(loaded.data);
        return value && { ...value, ...asked };
    }, [isNew, loaded.data, asked]);
    const { input, setInput, dirty, base, etag, meanwhile, offer, saved } = useEdit<Input>(start, isNew ? null : loaded.etag);
    const [tried, setTried] = useState(false);
    const { error, busy, save } = useSaving(isNew, saved);
    useGuard(may && !busy && dirty);

    const w = t.policyForm;
    const title = isNew ? w.add : w.edit(policyName(identity));
    const header = <PageHeader title={title} crumbs={[{ to: "/policies", text: t.policies.title }]} here={isNew ? title : policyName(identity)} />;
    if (!input) {
        return (
            <div className="fg-page">
                {header}
                {loaded.error ? <Failed error={loaded.error} retry={loaded.reload} /> : <Loading height="52px" />}
            </div>
        );
    }
    const { scope, name } = input;
    const errors = pointerErrors(error);
    const missing = isNew && !name.trim() ? (scope === "site" ? w.siteMissing : w.nameMissing) : null;
    const conflict = !isNew && !busy && (meanwhile || (error instanceof RestError && error.status === 412));
    const key = identity ?? `${scope}:${name.trim()}`;
    const submit = (e: FormEvent) => {
        e.preventDefault();
        setTried(true);
        if (may && !missing && !conflict) void save(key, valueOf(input), etag);
    };
    return (
        <form className="fg-page fg-form-page" onSubmit={submit} noValidate>
            {header}
            <KeptInput offer={may ? offer : null} />
            {conflict && (
                <Meanwhile
                    kind="policies"
                    name={identity}
                    path={`/policies/${segment(identity)}?view=draft`}
                    base={base && valueOf(base)}
                    mine={valueOf(input)}
                    save={(value, theirs) => void save(key, value, theirs)}
                />
            )}
            {error !== null && !conflict && <Failed title={t.common.saveFailed} error={error} />}
            <div className="fg-form">
                <WithSide
                    main={
                        <div className="fg-form-main">
                            {isNew && (
                                <ScopeFields
                                    scope={scope}
                                    setScope={(next) => setInput({ ...input, scope: next, name: "" })}
                                    name={name}
                                    setName={(next) => setInput({ ...input, name: next })}
                                    error={(tried && missing) || errors["/identity"] || null}
                                    disabled={!may}
                                />
                            )}
                            <TextField
                                label={w.description}
                                help={w.descriptionHelp}
                                value={input.description}
                                onChange={(description) => setInput({ ...input, description })}
                                error={errors["/description"]}
                                disabled={!may}
                            />
                            <Boxes input={input} setInput={setInput} disabled={!may} errors={errors} />
                            <FederationOff />
                        </div>
                    }
                    side={<Meaning input={input} identity={identity ?? null} scope={isNew ? scope : scopeOf(identity)} />}
                />
            </div>
            <FormFoot cancel={() => go("/policies")} busy={busy} blocked={why} />
        </form>
    );
}
