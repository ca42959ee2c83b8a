// Cards of the overview: certificates by their end, the last commits.
import { Link } from "../../frame/route";
import { ago, authorName, shortDate, untilDays } from "../../parts/format";
import { Mark } from "../../parts/Marks";
import { Panel, Rows } from "../../parts/Panel";
import { useGet } from "../../rest/useLoad";
import type { Page, Revision } from "../../rest/types";
import { t } from "../../words";
import { endMood } from "../certificates/Certificates";
import type { Certificate } from "../certificates/Certificates";

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

/** What became of it, when that is not the ordinary. */
function fate(r: Revision): string {
    if (r.reverted_by) return t.overview.revertedBy(r.reverted_by);
    return r.confirmed === false ? t.overview.unkept : "";
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
                            <div className="fg-second">{[`${authorName(r.author)}, ${ago(r.created_at)}`, fate(r)].filter(Boolean).join(" · ")}</div>
                        </div>
                    </li>
                ))}
            </Rows>
        </Panel>
    );
}
