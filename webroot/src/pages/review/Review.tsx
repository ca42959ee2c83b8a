// Review and commit: the draft as before and after, what stands in its way, what becomes of living streams.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useEffect, useState } from "react";
import { Link, useRoute } from "../../frame/route";
import { Ask } from "../../parts/Ask";
import { byKind, ChangeGroup } from "../../parts/ChangeGroup";
import { PageHeader, Panel, WithSide } from "../../parts/Panel";
import { Empty, Failed, Loading } from "../../parts/States";
import { RestError, rest, segment } from "../../rest/client";
import { useLive } from "../../rest/live";
import { useSession } from "../../rest/session";
import { useLoad } from "../../rest/useLoad";
import type { Change, Conflict, Draft } from "../../rest/types";
import { editPath } from "../../routes";
import { t } from "../../words";
import { CommitPanel } from "./CommitPanel";
import { ProblemsPanel, StreamsPanel } from "./SidePanels";
import type { Checked } from "./SidePanels";

/** Asks the server what a commit would meet. Anew whenever the draft has become another one. */
function useCheck(draft: Draft | null) {
    const mark = draft ? draft.changes.map((c) => [c.kind, c.key, c.op, JSON.stringify(c.after)].join("\u0000")).join("\n") : "";
    return useLoad<Checked>(
        draft && draft.summary.count ? `check:${mark}` : null,
        async () => {
            try {
                return { data: (await rest.post<Checked>("/draft/check", {}, true)).data, etag: null };
            } catch (e) {
                // A draft that would be refused is an answer too: the problem names everything in the way.
                if (e instanceof RestError && (e.status === 422 || e.status === 409)) return { data: {}, etag: null };
                throw e;
            }
        },
        { afterWrites: false },
    );
}

function discard(change: Change): void {
    void rest.remove(`/draft/changes/${change.kind}/${segment(change.key)}`);
}

/** Mine, put again, counts as based on what runs now. */
function keepMine(conflict: Conflict): void {
    const path = conflict.kind === "settings" ? "/settings" : `/${conflict.kind}/${segment(conflict.key)}`;
    if (conflict.mine) void rest.put(path, conflict.mine);
    else void rest.remove(path);
}

function Actions({ change }: { change: Change }) {
    return (
        <span className="fg-change-actions">
            {change.after && (
                <>
                    <Link to={editPath(change.kind, change.key)} aria-label={t.review.editOne(change.key)}>
                        {t.common.edit}
                    </Link>
                    <span aria-hidden="true"> · </span>
                </>
            )}
            <Button
                variant="link"
                isInline
                onClick={() => discard(change)}
                aria-label={t.review.discardOne(change.key)}
            >
                {t.common.discard}
            </Button>
        </span>
    );
}

function ConflictNotice({ conflict, change }: { conflict: Conflict; change: Change }) {
    return (
        <div className="fg-notice fg-notice-bad">
            <b>{t.review.conflict}</b>
            <div className="fg-notice-mends">
                <Button variant="link" isInline onClick={() => discard(change)}>
                    {t.review.conflictTheirs}
                </Button>
                <Button variant="link" isInline onClick={() => keepMine(conflict)}>
                    {t.review.conflictMine}
                </Button>
            </div>
        </div>
    );
}

export default function Review() {
    const { draft, status } = useLive();
    const { session } = useSession();
    const { hash } = useRoute();
    const [discarding, setDiscarding] = useState(false);
    const data = draft.data;
    const check = useCheck(data);
    const count = data?.summary.count ?? 0;

    const reload = draft.reload;
    useEffect(reload, [reload]);

    const conflictOf = (c: Change) => data?.conflicts.find((x) => x.kind === c.kind && x.key === c.key);
    const header = (
        <PageHeader
            title={t.review.title}
            lead={count ? t.review.lead(session?.username ?? "", status.data?.revision ?? 0) : undefined}
            actions={
                count ? (
                    <>
                        <Button variant="secondary" onClick={check.reload}>
                            {t.review.check}
                        </Button>
                        <Button variant="link" isDanger onClick={() => setDiscarding(true)}>
                            {t.review.discardAll}
                        </Button>
                    </>
                ) : undefined
            }
        />
    );
    return (
        <div className="fg-page">
            {header}
            {draft.error && <Failed error={draft.error} at={data ? draft.at : null} retry={draft.reload} />}
            {!data && !draft.error && <Loading lines={6} height="60px" />}
            {data && !count && (
                <Panel>
                    <Empty title={t.review.empty} action={<Link to="/revisions">{t.nav.revisions}</Link>}>
                        {t.review.emptyText}
                    </Empty>
                </Panel>
            )}
            {data && count > 0 && (
                <WithSide
                    main={byKind(data.changes).map(([kind, changes]) => (
                        <ChangeGroup
                            key={kind}
                            kind={kind}
                            changes={changes}
                            actions={(change) => <Actions change={change} />}
                            extra={(change) => {
                                const conflict = conflictOf(change);
                                return conflict && <ConflictNotice conflict={conflict} change={change} />;
                            }}
                        />
                    ))}
                    side={
                        <>
                            <ProblemsPanel draft={data} checked={check.data} at={check.at} />
                            <StreamsPanel impact={check.data?.impact} />
                            <CommitPanel draft={data} checked={check.data} focus={hash === "commit"} />
                        </>
                    }
                />
            )}
            {discarding && (
                <Ask
                    title={t.review.discardAllQuestion(count)}
                    action={t.review.discardAll}
                    danger
                    run={async () => {
                        await rest.remove("/draft");
                    }}
                    close={() => setDiscarding(false)}
                >
                    <p>{t.review.discardAllText}</p>
                </Ask>
            )}
        </div>
    );
}
