// Sites: what they hold, which policy applies there, and the edge their users go out through.
import { useState } from "react";
import { Link } from "../../frame/route";
import { errorText } from "../../parts/States";
import { useMay } from "../../parts/may";
import { rest, segment } from "../../rest/client";
import { useGet } from "../../rest/useLoad";
import type { ConfigObject, Page } from "../../rest/types";
import { editPath } from "../../routes";
import { t } from "../../words";
import { useAll } from "./objects";
import type { Edge, Site } from "./objects";
import { TopologyList } from "./TopologyList";

/** The route is chosen in the row: it lands in the draft at once. */
function Route({ site, edges }: { site: Site; edges: Edge[] | null }) {
    const rights = useMay("sites", { site: site.name });
    const [error, setError] = useState<unknown>(null);
    const w = t.topology.sites;
    const route = site.xmpp_route ?? "";
    const names = (edges ?? []).map((e) => e.fqdn);
    if (route && !names.includes(route)) names.unshift(route);
    const choose = (value: string) => {
        setError(null);
        rest.patch(`/sites/${segment(site.name)}`, { xmpp_route: value || null }).catch((cause: unknown) => setError(cause));
    };
    return (
        <>
            <select
                className="fg-select fg-row-select"
                aria-label={w.routeLabel(site.name)}
                value={route}
                disabled={!rights.may || site.draft === "removed"}
                title={rights.why ?? undefined}
                onChange={(e) => choose(e.target.value)}
            >
                <option value="">{w.anyEdge}</option>
                {names.map((name) => (
                    <option key={name} value={name}>
                        {name}
                    </option>
                ))}
            </select>
            <div className={error ? "fg-second fg-error" : "fg-second"}>{error ? errorText(error) : route ? w.elsewhere(route) : w.anyText}</div>
        </>
    );
}

function Users({ site }: { site: string }) {
    const name = encodeURIComponent(site);
    const { data } = useGet<Page<unknown>>(`/users?view=draft&limit=1&site=${name}`);
    if (!data) return <span className="fg-muted fg-count-space">…</span>;
    return <Link to={`/users?site=${name}`}>{t.topology.sites.users(data.total)}</Link>;
}

function Policy({ site, policies }: { site: string; policies: ConfigObject[] | null }) {
    if (!policies) return null;
    const w = t.topology.sites;
    const identity = `site:${site}`;
    if (policies.some((p) => p.identity === identity)) return <Link to={editPath("policies", identity)}>{w.ownPolicy}</Link>;
    return (
        <>
            {w.noPolicy}
            <div className="fg-second">
                <Link to={`/policies/new?scope=site&site=${encodeURIComponent(site)}`}>{w.makePolicy}</Link>
            </div>
        </>
    );
}

export default function Sites() {
    const edges = useAll<Edge>("edges");
    const policies = useAll<ConfigObject & { draft?: never }>("policies");
    const w = t.topology.sites;
    return (
        <TopologyList<Site>
            kind="sites"
            words={t.topology.sites}
            keyOf={(s) => s.name}
            second={(s) => s.description}
            columns={[
                { head: w.route, cell: (s) => <Route site={s} edges={edges} /> },
                { head: w.holds, cell: (s) => <Users site={s.name} /> },
                { head: w.policy, cell: (s) => <Policy site={s.name} policies={policies} /> },
            ]}
        />
    );
}
