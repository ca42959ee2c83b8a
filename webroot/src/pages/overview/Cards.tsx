// Cards of the overview: what needs a person, what was counted, certificates by their end, the last commits.
import { Link } from "../../frame/route";
import { ago, authorName, number, shortDate, untilDays } from "../../parts/format";
import { Mark } from "../../parts/Marks";
import { Panel, Rows } from "../../parts/Panel";
import { useGet } from "../../rest/useLoad";
import type { Page, Partner, Revision, Status } from "../../rest/types";
import { t } from "../../words";
import { endMood } from "../certificates/Certificates";
import type { Certificate } from "../certificates/Certificates";
import { partnerPath } from "../partners/PartnerRow";

const few = 6;

/** Those of a filter, the first few, and how many there are. */
function useFew(filter: string) {
    return useGet<Page<Partner>>(`/partners?include=status&limit=${few}&${filter}`, { every: 10000 }).data;
}

/** Failing partners first, then those where nothing is encrypted. */
export function NeedsCard() {
    const failing = useFew("status=failing&sort=-last_failure");
    const clear = useFew("warnings=unencrypted_always&sort=status");
    const loaded = !!failing && !!clear;
    const bare = (clear?.items ?? []).filter((p) => p.status?.state !== "failing");
    const all = [
        ...(failing?.items ?? []).map((p) => ({ p, mood: "bad" as const, text: p.status?.last_failure?.cause ?? t.liveState.failing })),
        ...bare.map((p) => ({ p, mood: "warn" as const, text: t.warning.nothing_encrypted })),
    ];
    const more = (failing?.total ?? 0) + (clear?.total ?? 0) - Math.min(all.length, few);
    return (
        <Panel title={t.overview.needs} note={all.length ? number((failing?.total ?? 0) + (clear?.total ?? 0)) : undefined} ruled>
            {loaded && !all.length && (
                <p className="fg-marked">
                    <Mark mood="good" /> {t.overview.needsNothing}
                </p>
            )}
            <Rows>
                {all.slice(0, few).map(({ p, mood, text }) => (
                    <li key={p.domain}>
                        <Mark mood={mood} />
                        <div>
                            <Link to={partnerPath(p.domain)} className="fg-mono">
                                {p.domain}
                            </Link>
                            <div className="fg-second">{text}</div>
                        </div>
                    </li>
                ))}
            </Rows>
            {more > 0 && all.length >= few && <Link to="/partners">{t.common.more(more)}</Link>}
        </Panel>
    );
}

export function CounterCard({ status }: { status: Status | null }) {
    const counters = Object.entries(t.overview.counterNames).flatMap(([name, text]) => {
        const n = status?.counters[name];
        return n === undefined ? [] : [{ text, n }];
    });
    return (
        <Panel title={t.overview.counters} note={t.common.updates} ruled>
            {status && !counters.length && <p className="fg-muted">{t.overview.countersEmpty}</p>}
            <dl className="fg-counters">
                {counters.map(({ text, n }) => (
                    <div key={text}>
                        <dt>{text}</dt>
                        <dd>{number(n)}</dd>
                    </div>
                ))}
            </dl>
        </Panel>
    );
}

export function CertificateCard() {
    const { data } = useGet<Page<Certificate>>("/certificates");
    const ending = (data?.items ?? [])
        .filter((c) => c.not_after)
        .sort((a, b) => (a.not_after! < b.not_after! ? -1 : 1))
        .slice(0, 4);
    return (
        <Panel
            title={t.overview.certificates}
            note={<Link to="/certificates">{t.overview.allCertificates}</Link>}
            ruled
        >
            {data && !ending.length && <p className="fg-muted">{t.overview.noCertificates}</p>}
            <Rows>
                {ending.map((c) => (
                    <li key={c.id}>
                        <Mark mood={endMood(c.not_after!)} />
                        <div className="fg-grow">
                            <span className="fg-mono">{c.names?.[0] ?? c.subject}</span>
                            {c.friendly_name && <div className="fg-second">{c.friendly_name}</div>}
                        </div>
                        <div className="fg-right">
                            {untilDays(c.not_after!)}
                            <div className="fg-second">{shortDate(new Date(c.not_after!))}</div>
                        </div>
                    </li>
                ))}
            </Rows>
        </Panel>
    );
}

export function CommitCard() {
    const { data } = useGet<Page<Revision>>("/revisions?limit=4", { every: 15000 });
    return (
        <Panel title={t.overview.commits} note={<Link to="/revisions">{t.overview.allRevisions}</Link>} ruled>
            {data && !data.items.length && <p className="fg-muted">{t.overview.noCommits}</p>}
            <Rows>
                {(data?.items ?? []).map((r) => (
                    <li key={r.revision}>
                        <span className="fg-muted fg-figures">{r.revision}</span>
                        <div>
                            <Link to={`/revisions/${r.revision}`}>{r.comment || t.overview.noComment}</Link>
                            <div className="fg-second">{`${authorName(r.author)}, ${ago(r.created_at)}`}</div>
                        </div>
                    </li>
                ))}
            </Rows>
        </Panel>
    );
}
