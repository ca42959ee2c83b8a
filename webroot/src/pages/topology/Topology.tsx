// The whole topology in four columns, as messages go: partners, edges and their sites, domains, front ends.
import type { ReactNode } from "react";
import { Link, useRoute } from "../../frame/route";
import { DraftLabel, Mark } from "../../parts/Marks";
import { MayButton } from "../../parts/MayButton";
import { useMay } from "../../parts/may";
import { PageHeader, Panel } from "../../parts/Panel";
import { Empty, Loading } from "../../parts/States";
import { useGet } from "../../rest/useLoad";
import type { DraftMark, Page } from "../../rest/types";
import { editPath } from "../../routes";
import { t } from "../../words";
import { address } from "./FrontEnds";
import { useAll, useProblems } from "./objects";
import type { Domain, Edge, FrontEnd, Site } from "./objects";

interface NodeProps {
    kind: string;
    name: string;
    mark?: DraftMark;
    mono?: boolean;
    children?: ReactNode;
}

/** One object as a card: its name, what it is tied to, what is wrong with it. */
function Node({ kind, name, mark, mono, children }: NodeProps) {
    const problems = useProblems()(kind, name);
    return (
        <li className={problems.length ? "fg-node fg-node-bad" : "fg-node"}>
            <Link to={editPath(kind, name)} className={mono ? "fg-mono" : undefined}>
                {name}
            </Link>{" "}
            <DraftLabel mark={mark} />
            {children}
            {problems.map((p, i) => (
                <div key={i} className="fg-second fg-cause">
                    {p.message}
                </div>
            ))}
        </li>
    );
}

function Column({ title, to, children }: { title: string; to: string; children: ReactNode }) {
    return (
        <section className="fg-lane">
            <h2>
                <Link to={to}>{title}</Link>
            </h2>
            <ul>{children}</ul>
        </section>
    );
}

/** Lines of a card that say what comes next, with an arrow for those who see it. */
function Next({ names, word }: { names: string[]; word: string }) {
    return (
        <div className="fg-second">
            <span aria-hidden="true">→ </span>
            <span className="fg-hidden">{word} </span>
            {names.join(", ")}
        </div>
    );
}

/** More than these are for the lists, not for a picture. */
const shownMost = 30;

function cut<T>(items: T[], draw: (item: T) => ReactNode, to: string): ReactNode {
    return (
        <>
            {items.slice(0, shownMost).map(draw)}
            {items.length > shownMost && (
                <li>
                    <Link to={to}>{t.common.more(items.length - shownMost)}</Link>
                </li>
            )}
        </>
    );
}

function Partners() {
    const { data } = useGet<Page<unknown>>("/partners?view=draft&limit=1");
    return <li className="fg-node">{data ? <Link to="/partners">{t.topology.picture.partners(data.total)}</Link> : "…"}</li>;
}

function Outside({ edges, sites }: { edges: Edge[]; sites: Site[] }) {
    const p = t.topology.picture;
    return (
        <>
            <Column title={p.outside} to="/partners">
                <Partners />
            </Column>
            <Column title={p.gateway} to="/edges">
                {!edges.length && <li className="fg-node">{p.thisOne}</li>}
                {cut(edges, (e) => (
                    <Node key={e.fqdn} kind="edges" name={e.fqdn} mark={e.draft} mono>
                        {e.addresses.length > 0 && <div className="fg-second fg-mono">{e.addresses.join(", ")}</div>}
                    </Node>
                ), "/edges")}
            </Column>
            <Column title={p.sites} to="/sites">
                {cut(sites, (s) => (
                    <Node key={s.name} kind="sites" name={s.name} mark={s.draft}>
                        <Next word={p.through} names={[s.xmpp_route ?? p.any]} />
                    </Node>
                ), "/sites")}
                <li className="fg-node fg-node-plain">
                    {p.anySite}
                    <Next word={p.through} names={[p.any]} />
                </li>
            </Column>
        </>
    );
}

function Inside({ domains, frontEnds }: { domains: Domain[]; frontEnds: FrontEnd[] }) {
    const p = t.topology.picture;
    return (
        <>
            <Column title={p.domains} to="/domains">
                {cut(domains, (d) => (
                    <Node key={d.domain} kind="domains" name={d.domain} mark={d.draft} mono>
                        {d.front_ends.length > 0 ? (
                            <Next word={p.to} names={d.front_ends} />
                        ) : (
                            <div className="fg-second fg-warned">
                                <Mark mood="warn" /> {t.topology.domains.noWay}
                            </div>
                        )}
                    </Node>
                ), "/domains")}
            </Column>
            <Column title={p.frontEnds} to="/front-ends">
                {cut(frontEnds, (f) => (
                    <Node key={f.name} kind="front_ends" name={f.name} mark={f.draft}>
                        <div className="fg-second fg-mono">{address(f)}</div>
                        <div className="fg-second">{f.transport === "tls" ? "TLS" : `${f.transport.toUpperCase()}, ${t.topology.frontEnds.open}`}</div>
                    </Node>
                ), "/front-ends")}
            </Column>
        </>
    );
}

export default function Topology() {
    const { go } = useRoute();
    const rights = useMay("front_ends");
    const domains = useAll<Domain>("domains");
    const frontEnds = useAll<FrontEnd>("front_ends");
    const sites = useAll<Site>("sites");
    const edges = useAll<Edge>("edges");
    const p = t.topology.picture;
    const loaded = domains && frontEnds && sites && edges;
    const nothing = loaded && !domains.length && !frontEnds.length && !sites.length && !edges.length;
    return (
        <div className="fg-page">
            <PageHeader title={t.topology.overview} lead={t.topology.overviewLead} />
            {!loaded && <Loading lines={6} />}
            {nothing && (
                <Panel>
                    <Empty
                        title={p.empty}
                        action={
                            <MayButton may={rights} onClick={() => go("/front-ends/new")}>
                                {t.topology.frontEnds.add}
                            </MayButton>
                        }
                    >
                        {p.emptyText}
                    </Empty>
                </Panel>
            )}
            {loaded && !nothing && (
                <div className="fg-lanes">
                    <Outside edges={edges} sites={sites} />
                    <Inside domains={domains} frontEnds={frontEnds} />
                </div>
            )}
        </div>
    );
}
