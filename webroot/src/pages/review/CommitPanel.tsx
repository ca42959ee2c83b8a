// The commit itself: comment, selection, time, and the time after which it takes itself back unless it is kept.
// Whatever goes wrong, what was typed stays.
import { Alert } from "../../parts/Alert";
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { TextArea } from "@patternfly/react-core/dist/esm/components/TextArea/TextArea";
import { useEffect, useRef, useState } from "react";
import type { FormEvent } from "react";
import { Link, useRoute } from "../../frame/route";
import { fullTime, span } from "../../parts/format";
import { Labelled } from "../../parts/Labelled";
import { useMay } from "../../parts/may";
import { Panel } from "../../parts/Panel";
import { Failed } from "../../parts/States";
import { RestError, rest } from "../../rest/client";
import { useLive } from "../../rest/live";
import { useGet } from "../../rest/useLoad";
import type { Approval, ConfigObject, Draft } from "../../rest/types";
import { editPath } from "../../routes";
import { t } from "../../words";
import type { Selection } from "./selection";
import { problemsOf } from "./SidePanels";
import type { Checked } from "./SidePanels";
import { atProblem, GuardField, guardProblem, guardSeconds, localTime, ScheduleField } from "./When";
import type { Guard } from "./When";

interface Committed {
    revision?: number;
    approval?: Approval; // it waits: for a second administrator, or for its time
}

/** The revision that was made although the commit was answered by an error: the engine takes it over later. */
function storedAs(error: unknown): number | undefined {
    const { stored, revision } = (error instanceof RestError ? error.problem : {}) as { stored?: boolean; revision?: number };
    return stored ? revision : undefined;
}

const kept = "fedgate.comment";

/** The comment survives a reload and a look at another page; it goes with its commit. */
function useComment(): [string, (comment: string) => void] {
    const [comment, setComment] = useState(() => sessionStorage.getItem(kept) ?? "");
    useEffect(() => {
        if (comment) sessionStorage.setItem(kept, comment);
        else sessionStorage.removeItem(kept);
    }, [comment]);
    return [comment, setComment];
}

function CommitFailure({ error, include }: { error: unknown; include: () => void }) {
    const problem = error instanceof RestError ? error.problem : null;
    if (problem?.requires?.length) {
        return (
            <Alert variant="warning" isInline title={t.commitForm.requires} className="fg-alert">
                <p>{t.commitForm.requiresText}</p>
                <ul>
                    {problem.requires.map((r) => (
                        <li key={`${r.kind}/${r.key}`}>
                            <Link to={editPath(r.kind, r.key)} className="fg-mono">
                                {r.kind === "settings" ? t.nav.settings : r.key}
                            </Link>
                        </li>
                    ))}
                </ul>
                <Button variant="secondary" size="sm" onClick={include}>
                    {t.commitForm.include}
                </Button>
            </Alert>
        );
    }
    if (problem?.type?.endsWith("confirm_pending")) {
        return <Failed title={t.review.failed} error={new Error(t.review.pending)} />;
    }
    return <Failed title={t.review.failed} error={error} />;
}

/** What the commit as it stands in the form will lead to, one sentence each. */
function happens(fourEyes: boolean, at: Date | null, seconds: number, rest: number): string[] {
    const said: string[] = [];
    if (fourEyes) said.push(t.commitForm.approval);
    if (at) said.push(t.commitForm.then(fullTime(at.toISOString())));
    if (!fourEyes && !at) said.push(t.commitForm.now);
    if (seconds) said.push(t.commitForm.reverts(span(seconds)));
    if (rest) said.push(t.commitForm.rest(rest));
    return said;
}

interface CommitProps {
    draft: Draft;
    checked: Checked | null;
    focus: boolean;
    selection: Selection;
    select: (selection: Selection) => void;
    /** Told while a commit is under way: the draft may be empty before it is answered. */
    underWay: (on: boolean) => void;
}

export function CommitPanel({ draft, checked, focus, selection, select, underWay }: CommitProps) {
    const { go } = useRoute();
    const { status } = useLive();
    const edit = useMay("edit");
    const settings = useGet<ConfigObject>("/settings");
    const [comment, setComment] = useComment();
    const [guard, setGuard] = useState<Guard>({ on: false, seconds: 300, own: null });
    const [at, setAt] = useState<string | null>(null);
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const [nothing, setNothing] = useState(false);
    const area = useRef<HTMLTextAreaElement>(null);

    useEffect(() => {
        if (focus) area.current?.focus();
    }, [focus]);

    const all = draft.summary.count;
    const count = selection ? selection.size : all;
    const time = at === null ? null : localTime(at);
    const fourEyes = settings.data?.four_eyes === true;
    const pending = !!status.data?.pending_confirmation;
    const stopped = !selection && (problemsOf(draft, checked).length > 0 || draft.conflicts.length > 0);
    const why =
        edit.why ?? (pending && !time && !fourEyes ? t.review.pending : stopped ? t.review.blocked : atProblem(at) ?? guardProblem(guard));

    const commit = (more: { include_dependencies?: boolean } = {}) => {
        setBusy(true);
        underWay(true);
        setError(null);
        setNothing(false);
        const over = () => {
            setComment("");
            sessionStorage.removeItem(kept);
            select(null);
        };
        const seconds = guardSeconds(guard);
        const order = {
            comment: comment.trim(),
            ...(seconds ? { confirm_within: seconds } : {}),
            ...(time ? { at: time.toISOString() } : {}),
            ...(selection ? { only: [...selection.values()] } : {}),
            ...more,
        };
        rest.post<Committed>("/draft/commit", order)
            .then(({ data, status: code }) => {
                over();
                if (data.approval) go(`/approvals/${data.approval.id}`);
                else if (code === 200) setNothing(true);
                else go(`/revisions/${data.revision}`);
            })
            .catch((cause: unknown) => {
                const revision = storedAs(cause);
                if (revision === undefined) return setError(cause);
                over();
                go(`/revisions/${revision}`);
            })
            .finally(() => {
                setBusy(false);
                underWay(false);
            });
    };
    const submit = (e: FormEvent) => {
        e.preventDefault();
        if (!why && comment.trim() && count) commit();
    };
    const action = time
        ? t.commitForm.submitLater(count)
        : fourEyes
          ? t.commitForm.submitForApproval(count)
          : selection
            ? t.commitForm.submitSome(count, all)
            : t.review.submit(count);
    return (
        <Panel title={t.review.commit}>
            <form onSubmit={submit} className="fg-commit">
                {error !== null && <CommitFailure error={error} include={() => commit({ include_dependencies: true })} />}
                {nothing && <Alert variant="info" isInline title={t.commitForm.nothing} className="fg-alert" />}
                <Labelled label={t.review.comment} help={t.review.commentHelp} required>
                    {(id, helpId) => (
                        <TextArea
                            id={id}
                            ref={area}
                            value={comment}
                            onChange={(_, next) => setComment(next)}
                            placeholder={t.review.commentPlaceholder}
                            aria-describedby={helpId}
                            rows={2}
                            resizeOrientation="vertical"
                            maxLength={1000}
                        />
                    )}
                </Labelled>
                {selection && (
                    <div className="fg-second" role="status">
                        {t.commitForm.selected(count, all)}. {t.commitForm.selectHelp}
                    </div>
                )}
                <GuardField guard={guard} setGuard={setGuard} />
                {at !== null && <ScheduleField at={at} setAt={setAt} />}
                <div className="fg-happens">
                    <b>{t.commitForm.happens}</b>
                    <ul>
                        {happens(fourEyes, time, guardProblem(guard) ? 0 : guardSeconds(guard), all - count).map((text) => (
                            <li key={text}>{text}</li>
                        ))}
                    </ul>
                </div>
                <div className="fg-commit-foot">
                    <Button type="submit" isDisabled={busy || !!why || !comment.trim() || !count} isLoading={busy}>
                        {action}
                    </Button>
                    {at === null && (
                        <Button variant="link" isInline onClick={() => setAt("")}>
                            {t.commitForm.schedule}
                        </Button>
                    )}
                    {all > 1 && (
                        <Button variant="link" isInline onClick={() => select(selection ? null : new Map())}>
                            {selection ? t.commitForm.selectAll : t.commitForm.select}
                        </Button>
                    )}
                </div>
                {why && <p className="fg-second fg-cause">{why}</p>}
            </form>
        </Panel>
    );
}
