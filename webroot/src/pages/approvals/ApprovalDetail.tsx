// One commit that waits, or did: its changes, what it would do to the streams, and the decision.
import { TextArea } from "@patternfly/react-core/dist/esm/components/TextArea/TextArea";
import { useState } from "react";
import { Link, useRoute } from "../../frame/route";
import { Ask } from "../../parts/Ask";
import { byKind, ChangeGroup } from "../../parts/ChangeGroup";
import { ago, authorName, fullTime, span } from "../../parts/format";
import { ImpactPanel } from "../../parts/ImpactPanel";
import { Labelled } from "../../parts/Labelled";
import { useMay } from "../../parts/may";
import type { May } from "../../parts/may";
import { MayButton } from "../../parts/MayButton";
import { Facts, PageHeader, Panel, Rows, WithSide } from "../../parts/Panel";
import { Failed, Loading } from "../../parts/States";
import { rest } from "../../rest/client";
import { useSession } from "../../rest/session";
import { useGet, useLoad } from "../../rest/useLoad";
import type { Approval, Impact } from "../../rest/types";
import { t } from "../../words";
import { ProblemRow } from "../review/SidePanels";
import { ApprovalMark } from "./ApprovalMark";

interface Decided {
    revision?: number;
}

/** What the changes would do if they ran now: the same question as of a draft. */
function useImpact(item: Approval | null, may: boolean) {
    const open = item && !item.closed_at && may;
    return useLoad<Impact | null>(open ? `impact:${item.id}` : null, async () => {
        const changes = (item?.changes ?? []).map((c) =>
            c.after ? { op: "put", kind: c.kind, key: c.key, value: c.after } : { op: "delete", kind: c.kind, key: c.key },
        );
        const answer = await rest.post<{ impact: Impact | null }>("/commits", { changes, comment: "", dry_run: true }, true);
        return { data: answer.data.impact, etag: null };
    });
}

type Decision = "approve" | "reject";

function Decide({ item, what, own, close }: { item: Approval; what: Decision; own: boolean; close: () => void }) {
    const { go } = useRoute();
    const [comment, setComment] = useState("");
    const a = t.approvals;
    const scheduled = item.state === "scheduled";
    const [title, action] =
        what === "approve"
            ? [a.approveQuestion, a.approveNow]
            : scheduled
              ? [a.cancelQuestion, a.cancelNow]
              : own
                ? [a.withdrawQuestion, a.withdrawNow]
                : [a.rejectQuestion, a.rejectNow];
    const text = what === "reject" ? a.rejectText : item.at ? a.approveLater(fullTime(item.at)) : a.approveAtOnce;
    return (
        <Ask
            title={title}
            action={action}
            danger={what === "reject"}
            run={async () => {
                const answer = await rest.post<Decided>(`/approvals/${item.id}/${what}`, comment.trim() ? { comment: comment.trim() } : {});
                if (what === "approve" && answer.status === 201 && answer.data.revision) go(`/revisions/${answer.data.revision}`);
            }}
            close={close}
        >
            <p>{text}</p>
            <Labelled label={a.reason} help={a.reasonHelp}>
                {(id, helpId) => (
                    <TextArea
                        id={id}
                        value={comment}
                        onChange={(_, next) => setComment(next)}
                        aria-describedby={helpId}
                        rows={2}
                        maxLength={1000}
                        resizeOrientation="vertical"
                    />
                )}
            </Labelled>
        </Ask>
    );
}

function facts(item: Approval): [React.ReactNode, React.ReactNode][] {
    const a = t.approvals;
    const rows: [React.ReactNode, React.ReactNode][] = [[a.columns.state, <ApprovalMark key="state" state={item.state} />]];
    if (item.at) rows.push([a.runsAt, fullTime(item.at)]);
    if (item.confirm_within) rows.push([a.confirm, span(item.confirm_within)]);
    if (item.approved_by) rows.push([a.decision, a.approvedBy(item.approved_by, ago(item.approved_at))]);
    if (item.closed_by && item.state !== "committed") rows.push([a.decision, a.closedBy(authorName(item.closed_by), ago(item.closed_at))]);
    if (item.reason) rows.push([a.reason, item.reason]);
    if (item.revision) rows.push([a.became, <Link key="revision" to={`/revisions/${item.revision}`}>{t.revisions.one(item.revision)}</Link>]);
    return rows;
}

export default function ApprovalDetail({ id = "" }: { id?: string }) {
    const { session } = useSession();
    const edit = useMay("edit");
    const [asked, setAsked] = useState<Decision | null>(null);
    const { data, error, at, reload } = useGet<Approval>(`/approvals/${encodeURIComponent(id)}`, { every: 10000 });
    const impact = useImpact(data, (data?.changes ?? []).every((c) => session?.permissions.change.includes(c.kind)));
    const a = t.approvals;
    const own = data?.author === session?.username;
    const open = !!data && !data.closed_at;
    const mayApprove: May = edit.may && own ? { may: false, why: a.own } : edit;
    const changes = data?.changes ?? [];
    const turnDown = data?.state === "scheduled" ? a.cancel : own ? a.withdraw : a.reject;
    return (
        <div className="fg-page">
            <PageHeader
                title={data ? data.comment || t.revisions.noComment : a.one(Number(id))}
                crumbs={[{ to: "/approvals", text: a.title }]}
                here={a.one(Number(id))}
                lead={data && a.by(authorName(data.author), ago(data.created_at))}
                actions={
                    open && (
                        <>
                            {data.state === "waiting" && (
                                <MayButton may={mayApprove} onClick={() => setAsked("approve")}>
                                    {a.approve}
                                </MayButton>
                            )}
                            <MayButton may={edit} variant="secondary" isDanger onClick={() => setAsked("reject")}>
                                {turnDown}
                            </MayButton>
                        </>
                    )
                }
            />
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {!data && !error && <Loading lines={5} height="60px" />}
            {data && (
                <WithSide
                    main={byKind(changes).map(([kind, list]) => (
                        <ChangeGroup key={kind} kind={kind} changes={list} heads={[t.review.field, t.review.runs, t.review.after]} />
                    ))}
                    side={
                        <>
                            <Panel title={a.decision}>
                                <Facts rows={facts(data)} />
                                {open && own && data.state === "waiting" && <p className="fg-second">{a.own}</p>}
                            </Panel>
                            {!!data.conflicts?.length && (
                                <Panel title={a.conflicts} ruled>
                                    <Rows>
                                        {data.conflicts.map((c) => (
                                            <ProblemRow
                                                key={`${c.kind}/${c.key}`}
                                                mood="bad"
                                                problem={{ kind: c.kind, key: c.key, code: "conflict", message: t.review.conflict }}
                                            />
                                        ))}
                                    </Rows>
                                    <p className="fg-second">{a.conflictsText}</p>
                                </Panel>
                            )}
                            {data.problems.length > 0 && (
                                <Panel title={a.problems} ruled>
                                    <Rows>
                                        {data.problems.map((p, i) => (
                                            <ProblemRow key={i} mood="bad" problem={p} />
                                        ))}
                                    </Rows>
                                </Panel>
                            )}
                            {open && <ImpactPanel impact={impact.at === null ? undefined : impact.data} title={a.impact} />}
                        </>
                    }
                />
            )}
            {asked && data && <Decide item={data} what={asked} own={own} close={() => setAsked(null)} />}
        </div>
    );
}
