// Edges: the gateways, where they stand, and which sites go out through them.
import { Link } from "../../frame/route";
import { number } from "../../parts/format";
import { Muted } from "../../parts/Marks";
import { editPath } from "../../routes";
import { t } from "../../words";
import { useAll } from "./objects";
import type { Edge, Site } from "./objects";
import { TopologyList } from "./TopologyList";

function Routes({ fqdn, sites }: { fqdn: string; sites: Site[] | null }) {
    if (!sites) return null;
    const routed = sites.filter((s) => s.xmpp_route === fqdn);
    if (!routed.length) return <Muted>{t.topology.edges.noRoutes}</Muted>;
    return (
        <>
            {routed.slice(0, 5).map((s) => (
                <div key={s.name}>
                    <Link to={editPath("sites", s.name)}>{s.name}</Link>
                </div>
            ))}
            {routed.length > 5 && <Muted>{t.common.more(routed.length - 5)}</Muted>}
        </>
    );
}

export default function Edges() {
    const sites = useAll<Site>("sites");
    const w = t.topology.edges;
    return (
        <TopologyList<Edge>
            kind="edges"
            words={t.topology.edges}
            keyOf={(e) => e.fqdn}
            columns={[
                {
                    head: w.addresses,
                    cell: (e) => (e.addresses.length ? <span className="fg-mono">{e.addresses.join(", ")}</span> : <Muted>{w.noAddresses}</Muted>),
                },
                { head: w.srv, cell: (e) => w.srvText(number(e.srv_priority), number(e.srv_weight)) },
                { head: w.site, cell: (e) => (e.site ? <Link to={editPath("sites", e.site)}>{e.site}</Link> : <Muted>{t.none}</Muted>) },
                { head: w.routes, cell: (e) => <Routes fqdn={e.fqdn} sites={sites} /> },
            ]}
        />
    );
}
