// External Access Policy: the global policy, then those of sites, then those of users.
import { Alert } from "../../parts/Alert";
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { useCallback, useState } from "react";
import { Link, useAddressState, useRoute } from "../../frame/route";
import { Ask } from "../../parts/Ask";
import { Search } from "../../parts/ListTools";
import { useMay } from "../../parts/may";
import { MayButton } from "../../parts/MayButton";
import type { Action } from "../../parts/Menu";
import { PageHeader, Panel } from "../../parts/Panel";
import { Failed, Loading, NothingFound } from "../../parts/States";
import { StillLoading, Together } from "../../parts/Together";
import { useNarrow } from "../../parts/useNarrow";
import { all, rest, segment } from "../../rest/client";
import { useGet, useLoad } from "../../rest/useLoad";
import type { ConfigObject } from "../../rest/types";
import { editPath } from "../../routes";
import { t } from "../../words";
import { policyName } from "../users/users";
import { GrantPolicy } from "./GrantPolicy";
import { PolicyBlock, PolicyRow } from "./PolicyRow";
import { flags, scopeOf, shortName, useCounts } from "./policies";
import type { Policy, Scope } from "./policies";

/** Each row asks how many it applies to; beyond this many the search narrows. */
const shownMost = 100;

type Dialogue = { what: "remove" | "grant"; policy: Policy } | null;

export function FederationOff() {
    const { data, error } = useGet<ConfigObject>("/settings?view=draft");
    if (!data) return <StillLoading when={!error} />;
    if (data.federation_enabled !== false) return null;
    return (
        <Alert variant="info" isInline title={t.policies.off} className="fg-alert">
            {t.policies.offText} <Link to="/settings">{t.policies.offDo}</Link>
        </Alert>
    );
}

export function RemovePolicy({ identity, close, done }: { identity: string; close: () => void; done?: () => void }) {
    const { data } = useCounts(identity);
    const scope = scopeOf(identity);
    const w = t.policies;
    const effect = !data ? "" : scope === "site" ? w.removeSite(shortName(identity), data.affected) : data.granted ? w.removeUser(data.granted) : w.removeUnused;
    return (
        <Ask
            title={scope === "global" ? w.resetQuestion : t.common.removeQuestion(policyName(identity))}
            action={scope === "global" ? w.resetNow : t.common.removeNow}
            danger
            close={close}
            run={async () => {
                await rest.remove(`/policies/${segment(identity)}`);
                done?.();
            }}
        >
            <p>{scope === "global" ? w.resetText : effect}</p>
            <p className="fg-second">{t.common.removeText}</p>
        </Ask>
    );
}

function PolicyTable({ label, policies, actions }: { label: string; policies: Policy[]; actions: (p: Policy) => Action[] }) {
    const narrow = useNarrow();
    if (narrow) {
        return (
            <ul className="fg-blocks">
                {policies.map((p) => (
                    <PolicyBlock key={p.identity} policy={p} actions={actions(p)} />
                ))}
            </ul>
        );
    }
    return (
        <Table role="table" variant="compact" aria-label={label} className="fg-table fg-wordy fg-policies" gridBreakPoint="">
            <Thead>
                <Tr>
                    <Th>{t.policies.columns.policy}</Th>
                    {flags.map((flag) => (
                        <Th key={flag}>{t.policies.flags[flag]}</Th>
                    ))}
                    <Th>{t.policies.columns.affects}</Th>
                    <Th screenReaderText={t.common.actions("")} />
                </Tr>
            </Thead>
            <Tbody>
                {policies.map((p) => (
                    <PolicyRow key={p.identity} policy={p} actions={actions(p)} />
                ))}
            </Tbody>
        </Table>
    );
}

function usePolicies(q: string) {
    return useLoad(`policies ${q}`, async (signal) => ({
        data: await all<Policy>("/policies", { view: "draft", q }, shownMost, signal),
        etag: null,
    }));
}

/** Which group a scope's policies stand in, and what stands there when there are none. */
function Group({ scope, policies, actions, filtered }: { scope: Scope; policies: Policy[]; actions: (p: Policy) => Action[]; filtered: boolean }) {
    const w = t.policies;
    if (!policies.length && (filtered || scope === "global")) return null;
    return (
        <Panel title={w.groups[scope]}>
            <p className="fg-second fg-group-text">{w.groupText[scope]}</p>
            {policies.length > 0 ? (
                <PolicyTable label={w.groups[scope]} policies={policies} actions={actions} />
            ) : (
                <p className="fg-muted">{scope !== "global" && w.none[scope]}</p>
            )}
        </Panel>
    );
}

export default function PolicyList() {
    const { go } = useRoute();
    const rights = useMay("policies");
    const users = useMay("users");
    const [query, set] = useAddressState();
    const search = useCallback((q: string) => set({ q }), [set]);
    const [dialogue, setDialogue] = useState<Dialogue>(null);
    const q = query.get("q") ?? "";
    const { data, error, at, reload } = usePolicies(q);
    const items = data?.items.slice(0, shownMost) ?? [];
    const settings = useGet<ConfigObject>("/settings?view=draft");
    // The list waits for what stands above it, so that it does not move.
    const ready = data && (settings.data || settings.error) ? data : null;

    const actions = (policy: Policy): Action[] => {
        const { identity } = policy;
        if (policy.draft === "removed" && rights.may) {
            return [{ text: t.common.undoRemove, run: () => void rest.remove(`/draft/changes/policies/${segment(identity)}`) }];
        }
        const list: Action[] = [{ text: t.common.edit, run: () => go(editPath("policies", identity)) }];
        if (scopeOf(identity) === "user") {
            list.push({ text: t.policies.grant, run: () => setDialogue({ what: "grant", policy }), disabled: users.why ?? undefined });
        }
        const remove = scopeOf(identity) === "global" ? t.policies.reset : t.common.remove;
        list.push({ text: remove, danger: true, run: () => setDialogue({ what: "remove", policy }), disabled: rights.why ?? undefined });
        return list;
    };
    const group = (scope: Scope) => (
        <Group scope={scope} policies={items.filter((p) => scopeOf(p.identity) === scope)} actions={actions} filtered={q !== ""} />
    );
    return (
        <div className="fg-page fg-tall-head">
            <PageHeader
                title={t.policies.title}
                lead={rights.may ? t.policies.lead : `${t.policies.lead} ${rights.why}`}
                actions={
                    <MayButton may={rights} onClick={() => go("/policies/new")}>
                        {t.policies.add}
                    </MayButton>
                }
            />
            {ready && <FederationOff />}
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {!ready && !error && <Loading lines={6} />}
            {(items.length > 6 || q) && (
                <div className="fg-tools">
                    <Search value={q} label={t.objects.search} onSearch={search} />
                </div>
            )}
            {data && !items.length && q && <NothingFound filters={[q]} clear={() => search("")} />}
            {ready && items.length > 0 && (
                <Together className="fg-column">
                    {group("global")}
                    {group("site")}
                    {group("user")}
                    {ready.total > items.length && <p className="fg-muted">{t.common.more(ready.total - items.length)}</p>}
                    <p className="fg-second">{t.policies.atOnce}</p>
                </Together>
            )}
            {dialogue?.what === "remove" && <RemovePolicy identity={dialogue.policy.identity} close={() => setDialogue(null)} />}
            {dialogue?.what === "grant" && <GrantPolicy identity={dialogue.policy.identity} close={() => setDialogue(null)} />}
        </div>
    );
}
