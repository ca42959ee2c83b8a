// Commits that wait, for a second administrator or for their time: above the revisions, each with a link to its page.
import { Link } from "../../frame/route";
import { ago, authorName, fullTime } from "../../parts/format";
import { Mark } from "../../parts/Marks";
import { Panel, Rows } from "../../parts/Panel";
import { StillLoading } from "../../parts/Together";
import { useGet } from "../../rest/useLoad";
import type { Approval, Page } from "../../rest/types";
import { t } from "../../words";

/** Shown only while something waits. */
export function Waiting() {
    const { data, error } = useGet<Page<Approval>>("/approvals?limit=1000", { every: 10000 });
    const open = (data?.items ?? []).filter((a) => a.state === "waiting" || a.state === "scheduled");
    if (!open.length) return <StillLoading when={!data && !error} />;
    return (
        <Panel title={t.waiting.title} note={t.waiting.note} ruled className="fg-waiting">
            <Rows>
                {open.map((item) => (
                    <li key={item.id}>
                        <Mark mood="wait" />
                        <div className="fg-waiting-text">
                            <Link to={`/approvals/${item.id}`}>{item.comment || t.revisions.noComment}</Link>
                            <div className="fg-second">
                                {item.state === "scheduled" && item.at
                                    ? t.waiting.scheduled(fullTime(item.at))
                                    : t.waiting.asked(ago(item.created_at), authorName(item.author))}
                            </div>
                        </div>
                    </li>
                ))}
            </Rows>
        </Panel>
    );
}
