// Domains: ours, each with its front ends in the order they are tried.
import { Link } from "../../frame/route";
import { Marked } from "../../parts/Marks";
import { editPath } from "../../routes";
import { t } from "../../words";
import { TopologyList } from "./TopologyList";
import type { Domain } from "./objects";

function Ways({ domain }: { domain: Domain }) {
    if (!domain.front_ends.length) return <Marked mood="warn">{t.topology.domains.noWay}</Marked>;
    return (
        <ol className="fg-ways">
            {domain.front_ends.map((name) => (
                <li key={name}>
                    <Link to={editPath("front_ends", name)}>{name}</Link>
                </li>
            ))}
        </ol>
    );
}

export default function Domains() {
    const w = t.topology.domains;
    return (
        <TopologyList<Domain>
            kind="domains"
            words={t.topology.domains}
            keyOf={(d) => d.domain}
            columns={[{ head: w.ways, cell: (d) => <Ways domain={d} /> }]}
        />
    );
}
