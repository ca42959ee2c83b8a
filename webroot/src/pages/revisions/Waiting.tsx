// Commits that wait: for a second administrator, or for their time. Stands above the list of revisions.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import { ago, authorName, fullTime } from "../../parts/format";
import { Mark } from "../../parts/Marks";
import { Panel } from "../../parts/Panel";
import { errorText, Failed } from "../../parts/States";
import { rest } from "../../rest/client";
import { useGet } from "../../rest/useLoad";
import type { Approval, Page } from "../../rest/types";
import { t } from "../../words";

function Row({ item, done }: { item: Approval; done: () => void }) {
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const w = t.waiting;
    const act = (what: "approve" | "reject") => {
        setBusy(true);
        setError(null);
        rest.post(`/approvals/${item.id}/${what}`, {})
            .then(done)
            .catch((cause: unknown) => {
                setError(cause);
                setBusy(false);
            });
    };
    const when = item.state === "scheduled" && item.at ? w.scheduled(fullTime(item.at)) : w.asked(ago(item.created_at), authorName(item.author));
    return (
        <li>
            <Mark mood="wait" />
            <div className="fg-waiting-text">
                <div>{item.comment || t.revisions.noComment}</div>
                <div className="fg-second">{when}</div>
                {error !== null && <div className="fg-second fg-cause">{errorText(error)}</div>}
            </div>
            {item.state === "waiting" && (
                <Button variant="secondary" size="sm" isDisabled={busy} onClick={() => act("approve")}>
                    {w.approve}
                </Button>
            )}
            <Button variant="link" size="sm" isDanger isDisabled={busy} onClick={() => act("reject")}>
                {w.reject}
            </Button>
        </li>
    );
}

/** Shown only while something waits. `decided` is called after a decision. */
export function Waiting({ decided }: { decided: () => void }) {
    const { data, error, reload } = useGet<Page<Approval>>("/approvals?limit=1000", { every: 10000 });
    const open = (data?.items ?? []).filter((a) => a.state === "waiting" || a.state === "scheduled");
    if (error && !data) return <Failed error={error} retry={reload} />;
    if (!open.length) return null;
    const done = () => {
        reload();
        decided();
    };
    return (
        <Panel title={t.waiting.title} note={t.waiting.note} ruled className="fg-waiting">
            <ul className="fg-rows">
                {open.map((item) => (
                    <Row key={item.id} item={item} done={done} />
                ))}
            </ul>
        </Panel>
    );
}
