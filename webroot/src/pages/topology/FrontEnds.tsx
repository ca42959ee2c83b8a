// Front Ends: the SIP servers inside, and which domains they serve.
import { Link } from "../../frame/route";
import { Muted } from "../../parts/Marks";
import { editPath } from "../../routes";
import { t } from "../../words";
import { useAll } from "./objects";
import type { Domain, FrontEnd } from "./objects";
import { TopologyList } from "./TopologyList";

export function address(f: FrontEnd): string {
    return f.host.includes(":") ? `[${f.host}]:${f.port}` : `${f.host}:${f.port}`;
}

function Transport({ f }: { f: FrontEnd }) {
    const w = t.topology.frontEnds;
    return (
        <>
            {f.transport.toUpperCase()}
            <div className="fg-second">{f.transport === "tls" ? w.certificateName(f.tls_name ?? f.host) : w.open}</div>
        </>
    );
}

function UsedBy({ name, domains }: { name: string; domains: Domain[] | null }) {
    if (!domains) return null;
    const served = domains.filter((d) => d.front_ends.includes(name));
    if (!served.length) return <Muted>{t.topology.frontEnds.unused}</Muted>;
    return (
        <>
            {served.slice(0, 5).map((d) => (
                <div key={d.domain}>
                    <Link to={editPath("domains", d.domain)} className="fg-mono">
                        {d.domain}
                    </Link>
                </div>
            ))}
            {served.length > 5 && <Muted>{t.common.more(served.length - 5)}</Muted>}
        </>
    );
}

export default function FrontEnds() {
    const domains = useAll<Domain>("domains");
    const w = t.topology.frontEnds;
    return (
        <TopologyList<FrontEnd>
            kind="front_ends"
            words={t.topology.frontEnds}
            keyOf={(f) => f.name}
            second={(f) => f.site ?? ""}
            columns={[
                { head: w.where, cell: (f) => <span className="fg-mono">{address(f)}</span> },
                { head: w.transport, cell: (f) => <Transport f={f} /> },
                { head: w.usedBy, cell: (f) => <UsedBy name={f.name} domains={domains} /> },
            ]}
        />
    );
}
