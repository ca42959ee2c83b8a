// One revision: who, when, what it changed; and, right after its commit, what happens if nobody keeps it.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import { Link, useRoute } from "../../frame/route";
import { Ask } from "../../parts/Ask";
import { byKind, ChangeGroup } from "../../parts/ChangeGroup";
import { useLinesReady } from "../../parts/Difference";
import { ago, authorName, clock } from "../../parts/format";
import { useMay } from "../../parts/may";
import { MayButton } from "../../parts/MayButton";
import { PageHeader, Panel, WithSide } from "../../parts/Panel";
import { Failed, Loading } from "../../parts/States";
import { rest } from "../../rest/client";
import { useLive } from "../../rest/live";
import { useGet } from "../../rest/useLoad";
import type { Revision } from "../../rest/types";
import { t } from "../../words";
import { SinceCommit } from "./SinceCommit";

/** A commit of the last hour: what became of it is still news. */
const isYoung = (revision: Revision) => Date.now() - new Date(revision.created_at).getTime() < 3600 * 1000;

export default function RevisionDetail({ number = "" }: { number?: string }) {
    const { status, draft } = useLive();
    const { go } = useRoute();
    const edit = useMay("edit");
    const [restoring, setRestoring] = useState<number | null>(null);
    const { data, error, at, reload } = useGet<Revision>(`/revisions/${encodeURIComponent(number)}`);
    const r = t.revisions;
    const pending = status.data?.pending_confirmation;
    const waits = !!pending && pending.revision === data?.revision;
    const runs = status.data?.applied_revision === data?.revision;
    const name = data && runs ? r.oneRunning(data.revision) : r.one(Number(number));
    const who = [authorName(data?.author), data?.approved_by && t.compare.approver(data.approved_by)].filter(Boolean).join(", ");
    const latest = data?.revision === status.data?.revision;
    const running = status.data?.applied_revision ?? 0;
    const changes = data?.changes ?? [];
    const ready = useLinesReady();
    return (
        <div className="fg-page">
            <PageHeader
                title={name}
                crumbs={[{ to: "/revisions", text: r.title }]}
                here={r.one(Number(number))}
                actions={
                    data && (
                        <>
                            {data.revision > 1 && (
                                <Button variant="link" onClick={() => go(`/revisions/${data.revision - 1}`)}>
                                    {r.previous(data.revision - 1)}
                                </Button>
                            )}
                            {latest && data.revision > 1 && (
                                <Button variant="secondary" onClick={() => go(`/revisions/compare?from=${data.revision - 1}&to=${data.revision}`)}>
                                    {t.compare.withPrevious(data.revision - 1)}
                                </Button>
                            )}
                            <a className="fg-download" href={`/api/v1/export?revision=${data.revision}`} download={`fedgate-${data.revision}.json`}>
                                {t.compare.export}
                            </a>
                            {!latest && (
                                <Button variant="secondary" onClick={() => go(`/revisions/compare?from=${data.revision}&to=${running}`)}>
                                    {t.compare.withRunning(running)}
                                </Button>
                            )}
                            {!runs && (
                                <MayButton may={edit} variant="secondary" onClick={() => setRestoring(data.revision)}>
                                    {r.restore}
                                </MayButton>
                            )}
                            {latest && !waits && data.revision > 1 && (
                                <MayButton may={edit} variant="secondary" onClick={() => setRestoring(data.revision - 1)}>
                                    {t.compare.takeBack}
                                </MayButton>
                            )}
                        </>
                    )
                }
                lead={data && `${r.by(ago(data.created_at), who)}: ${data.comment || r.noComment}`}
            />
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {data && latest && running < data.revision && <p className="fg-notice fg-notice-warn">{t.review.notApplied(data.revision)}</p>}
            {(!data || !ready) && !error && <Loading lines={5} height="60px" />}
            {data && ready && (
                <WithSide
                    main={
                        <>
                        {(waits || isYoung(data)) && runs && <SinceCommit revision={data} />}
                        {changes.length ? (
                            byKind(changes).map(([kind, list]) => (
                                <ChangeGroup key={kind} kind={kind} changes={list} heads={[t.review.field, r.before, r.after]} />
                            ))
                        ) : (
                            <Panel>
                                <p className="fg-muted">{r.noDetail}</p>
                            </Panel>
                        )}
                        </>
                    }
                    side={
                        <>
                            {waits && (
                                <Panel title={r.doNothing}>
                                    <p>{r.doNothingText(clock(new Date(pending.deadline)), data.revision - 1)}</p>
                                    <p className="fg-muted">{r.doNothingOthers}</p>
                                </Panel>
                            )}
                            <Panel title={t.nav.draft}>
                                {draft.data?.summary.count ? (
                                    <Link to="/draft">{t.nav.changes(draft.data.summary.count)}</Link>
                                ) : (
                                    <p className="fg-muted">
                                        {t.review.empty}. {t.review.emptyText}
                                    </p>
                                )}
                            </Panel>
                        </>
                    }
                />
            )}
            {restoring !== null && data && (
                <Ask
                    title={restoring === data.revision ? r.restoreQuestion(restoring) : t.compare.takeBackQuestion(data.revision)}
                    action={restoring === data.revision ? r.restoreNow : t.compare.takeBackNow}
                    run={async () => {
                        await rest.post(`/revisions/${restoring}/restore`);
                        go("/draft");
                    }}
                    close={() => setRestoring(null)}
                >
                    <p>{restoring === data.revision ? r.restoreText : t.compare.takeBackText(restoring)}</p>
                    {!!draft.data?.summary.count && <p>{t.compare.clash}</p>}
                </Ask>
            )}
        </div>
    );
}
