// A partner's tab History: the commits that touched it, the newest first, and the way to what the audit says.
import { Link } from "../../frame/route";
import { CursorPager } from "../../parts/CursorPager";
import { ago, authorName, fullTime } from "../../parts/format";
import { Muted } from "../../parts/Marks";
import { Panel, Rows } from "../../parts/Panel";
import { Failed, Loading } from "../../parts/States";
import { useMay } from "../../parts/may";
import { useGet } from "../../rest/useLoad";
import type { Page, Revision } from "../../rest/types";
import { t } from "../../words";

const size = 20;

export function History({ domain, cursor }: { domain: string; cursor: string }) {
    const params = new URLSearchParams({ kind: "partners", key: domain, limit: String(size) });
    if (cursor) params.set("cursor", cursor);
    const { data, error, at, reload } = useGet<Page<Revision>>(`/revisions?${params.toString()}`);
    const audit = useMay("audit");
    const h = t.partnerLife;
    return (
        <Panel
            title={h.commits}
            ruled
            note={
                audit.may ? (
                    <Link to={`/audit?${new URLSearchParams({ kind: "partners", key: domain }).toString()}`}>{h.audit}</Link>
                ) : undefined
            }
        >
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {!data && !error && <Loading lines={4} />}
            {data && !data.items.length && <p className="fg-muted">{h.noCommit}</p>}
            <Rows>
                {(data?.items ?? []).map((r) => (
                    <li key={r.revision}>
                        <div>
                            <Link to={`/revisions/${r.revision}`}>{h.revision(r.revision)}</Link>{" "}
                            <span className="fg-anywhere">{r.comment || <Muted>{h.noComment}</Muted>}</span>
                            <div className="fg-second" title={fullTime(r.created_at)}>
                                {authorName(r.author)}, {ago(r.created_at)}
                            </div>
                        </div>
                    </li>
                ))}
            </Rows>
            {data && (data.next_cursor || cursor) && <CursorPager page={data} size={size} total={h.count(data.total)} />}
        </Panel>
    );
}
