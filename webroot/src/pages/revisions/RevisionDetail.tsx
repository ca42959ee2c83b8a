// One revision: who, when, what it changed; and, right after its commit, what happens if nobody keeps it.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useState } from "react";
import { Link, useRoute } from "../../frame/route";
import { Ask } from "../../parts/Ask";
import { byKind, ChangeGroup } from "../../parts/ChangeGroup";
import { ago, authorName, clock } from "../../parts/format";
import { PageHeader, Panel, WithSide } from "../../parts/Panel";
import { Failed, Loading } from "../../parts/States";
import { rest } from "../../rest/client";
import { useLive } from "../../rest/live";
import { useSession } from "../../rest/session";
import { useGet } from "../../rest/useLoad";
import type { Revision } from "../../rest/types";
import { t } from "../../words";

export default function RevisionDetail({ number = "" }: { number?: string }) {
    const { status, draft } = useLive();
    const { session } = useSession();
    const { go } = useRoute();
    const [restoring, setRestoring] = useState(false);
    const { data, error, at, reload } = useGet<Revision>(`/revisions/${encodeURIComponent(number)}`);
    const r = t.revisions;
    const pending = status.data?.pending_confirmation;
    const waits = !!pending && pending.revision === data?.revision;
    const runs = status.data?.applied_revision === data?.revision;
    const name = data && runs ? r.oneRunning(data.revision) : r.one(Number(number));
    const who = authorName(data?.author);
    const changes = data?.changes ?? [];
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
                            {!runs && session?.permissions.change.length ? (
                                <Button variant="secondary" onClick={() => setRestoring(true)}>
                                    {r.restore}
                                </Button>
                            ) : null}
                        </>
                    )
                }
                lead={data && `${r.by(ago(data.created_at), who)}: ${data.comment || r.noComment}`}
            />
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {!data && !error && <Loading lines={5} height="60px" />}
            {data && (
                <WithSide
                    main={
                        changes.length ? (
                            byKind(changes).map(([kind, list]) => (
                                <ChangeGroup key={kind} kind={kind} changes={list} heads={[t.review.field, r.before, r.after]} />
                            ))
                        ) : (
                            <Panel>
                                <p className="fg-muted">{r.noDetail}</p>
                            </Panel>
                        )
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
            {restoring && data && (
                <Ask
                    title={r.restoreQuestion(data.revision)}
                    action={r.restoreNow}
                    run={async () => {
                        await rest.post(`/revisions/${data.revision}/restore`);
                        go("/draft");
                    }}
                    close={() => setRestoring(false)}
                >
                    <p>{r.restoreText}</p>
                </Ask>
            )}
        </div>
    );
}
