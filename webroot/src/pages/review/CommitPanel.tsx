// The commit itself: a comment, and on wish a time after which it takes itself back unless confirmed.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { TextArea } from "@patternfly/react-core/dist/esm/components/TextArea/TextArea";
import { useEffect, useRef, useState } from "react";
import type { FormEvent } from "react";
import { useRoute } from "../../frame/route";
import { Labelled } from "../../parts/Labelled";
import { Panel } from "../../parts/Panel";
import { errorText, Failed } from "../../parts/States";
import { RestError, rest } from "../../rest/client";
import { useLive } from "../../rest/live";
import type { Draft, Impact } from "../../rest/types";
import { t } from "../../words";
import { problemsOf } from "./SidePanels";
import type { Checked } from "./SidePanels";

interface Committed {
    revision?: number; // none yet: it waits for a second administrator
    applied_at?: string;
    impact?: Impact;
}

function CommitFailure({ error }: { error: unknown }) {
    if (error instanceof RestError && error.problem.type?.endsWith("confirm_pending")) {
        return <Failed title={t.review.failed} error={new Error(t.review.pending)} />;
    }
    const stored = error instanceof RestError ? (error.problem as unknown as { stored?: boolean; revision?: number }) : {};
    if (stored.stored) return <Failed title={t.review.notApplied(stored.revision ?? 0)} error={new Error(errorText(error))} />;
    return <Failed title={t.review.failed} error={error} />;
}

export function CommitPanel({ draft, checked, focus }: { draft: Draft; checked: Checked | null; focus: boolean }) {
    const { go } = useRoute();
    const { status } = useLive();
    const [comment, setComment] = useState("");
    const [guarded, setGuarded] = useState(false);
    const [within, setWithin] = useState(300);
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const area = useRef<HTMLTextAreaElement>(null);

    useEffect(() => {
        if (focus) area.current?.focus();
    }, [focus]);

    const pending = !!status.data?.pending_confirmation;
    const stopped = problemsOf(draft, checked).length > 0 || draft.conflicts.length > 0;
    const why = pending ? t.review.pending : stopped ? t.review.blocked : null;

    const submit = (e: FormEvent) => {
        e.preventDefault();
        setBusy(true);
        setError(null);
        rest.post<Committed>("/draft/commit", { comment: comment.trim(), ...(guarded ? { confirm_within: within } : {}) })
            .then((answer) => go(answer.data.revision === undefined ? "/revisions" : `/revisions/${answer.data.revision}`))
            .catch((cause: unknown) => {
                setError(cause);
                setBusy(false);
            });
    };
    return (
        <Panel title={t.review.commit}>
            <form onSubmit={submit} className="fg-commit">
                {error !== null && <CommitFailure error={error} />}
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
                <label className="fg-tick">
                    <input type="checkbox" checked={guarded} onChange={(e) => setGuarded(e.target.checked)} />
                    <span>{t.review.revert}</span>
                </label>
                <div className="fg-within">
                    <select
                        className="fg-select"
                        value={within}
                        disabled={!guarded}
                        onChange={(e) => setWithin(Number(e.target.value))}
                        aria-label={t.review.withinLabel}
                    >
                        {Object.entries(t.review.within).map(([seconds, text]) => (
                            <option key={seconds} value={seconds}>
                                {text}
                            </option>
                        ))}
                    </select>
                    <span className="fg-note">{t.review.revertHelp}</span>
                </div>
                <Button type="submit" isDisabled={busy || !!why || !comment.trim()} isLoading={busy}>
                    {t.review.submit(draft.summary.count)}
                </Button>
                {why && <p className="fg-second fg-cause">{why}</p>}
            </form>
        </Panel>
    );
}
