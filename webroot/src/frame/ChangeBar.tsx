// The bar on every page: left what runs, right what is drafted. While a commit waits for its confirmation the
// same bar is the countdown.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useEffect, useRef, useState } from "react";
import { authorName, clock } from "../parts/format";
import { Mark } from "../parts/Marks";
import { useMay } from "../parts/may";
import { MayButton } from "../parts/MayButton";
import type { Mood } from "../parts/Marks";
import { errorText } from "../parts/States";
import { rest } from "../rest/client";
import { useLive } from "../rest/live";
import type { Status } from "../rest/types";
import { t } from "../words";
import { Lost, useLost } from "./Lost";
import { Link, useRoute } from "./route";

function running(status: Status | null): { mood: Mood; text: string } | null {
    if (!status) return null;
    const { engine, revision, applied_revision: applied } = status;
    if (applied < revision) return { mood: "wait", text: t.bar.applying(revision, applied) };
    if (engine.problems.length) return { mood: "warn", text: t.bar.degradedWith(applied, engine.problems.length) };
    if (engine.state === "stopped") return { mood: "open", text: t.bar.stopped };
    if (!revision) return { mood: "open", text: t.bar.nothing };
    return { mood: "good", text: t.bar.running(applied) };
}

function useSeconds(deadline: string): number {
    const left = () => Math.max(0, Math.ceil((new Date(deadline).getTime() - Date.now()) / 1000));
    const [seconds, setSeconds] = useState(left);
    useEffect(() => {
        const timer = setInterval(() => setSeconds(left()), 500);
        return () => clearInterval(timer);
        // The timer reads the deadline through the closure and starts anew with another one.
        // eslint-disable-next-line react-hooks/exhaustive-deps
    }, [deadline]);
    return seconds;
}

/** A line that shortens from the moment the countdown was first seen. */
function Line({ seconds }: { seconds: number }) {
    const whole = useRef(Math.max(seconds, 1));
    return <progress className="fg-countdown-line" max={whole.current} value={seconds} aria-hidden="true" />;
}

function Countdown({ revision, deadline, author }: { revision: number; deadline: string; author?: string | null }) {
    const may = useMay("edit");
    const seconds = useSeconds(deadline);
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);
    const lost = useLost();
    const act = (what: "confirm" | "revert") => {
        setBusy(true);
        rest.post(`/revisions/${revision}/${what}`)
            .catch((cause: unknown) => setError(cause))
            .finally(() => setBusy(false));
    };
    const left = seconds ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : t.bar.due;
    return (
        <section className="fg-bar fg-countdown" aria-label={t.bar.label}>
            <Mark mood="wait" />
            <span className="fg-bar-text">
                <b>{t.revisions.one(revision)}</b> {t.bar.revertsIn(revision).replace(`${t.revisions.one(revision)} `, "")}{" "}
                <b className="fg-countdown-time">{left}</b> {t.bar.unlessKept}
            </span>
            <span className="fg-fill" />
            {lost && <Lost what={lost} />}
            <span className="fg-bar-note" role="status">
                {error ? errorText(error) : t.bar.otherwise(revision - 1, clock(new Date(deadline)))}
                {!error && author && ` ${t.bar.committedBy(authorName(author))}`}
            </span>
            <MayButton may={may} variant="secondary" size="sm" onClick={() => act("revert")} isDisabled={busy}>
                {t.bar.revert}
            </MayButton>
            <MayButton may={may} variant="primary" size="sm" onClick={() => act("confirm")} isDisabled={busy}>
                {t.bar.keep(revision)}
            </MayButton>
            <Line seconds={seconds} />
        </section>
    );
}

export function ChangeBar() {
    const { status, draft } = useLive();
    const { path, go } = useRoute();
    const lost = useLost();
    const pending = status.data?.pending_confirmation;
    if (pending) return <Countdown key={pending.revision} {...pending} />;
    const state = lost === "unreachable" ? null : running(status.data);
    const count = draft.data?.summary.count ?? 0;
    const reviewing = path === "/draft";
    return (
        <section className="fg-bar" aria-label={t.bar.label}>
            {state && (
                <span className="fg-bar-runs" role="status">
                    <Mark mood={state.mood} />
                    <span className="fg-bar-state">{state.text}</span>
                </span>
            )}
            {lost && <Lost what={lost} />}
            <span className="fg-fill" />
            {count > 0 ? (
                <>
                    <span className="fg-dot" aria-hidden="true" />
                    <b className="fg-bar-count">{t.bar.uncommitted(count)}</b>
                    {!reviewing && (
                        <>
                            <Link to="/draft" className="fg-bar-review">
                                {t.bar.review}
                            </Link>
                            <Button variant="secondary" size="sm" onClick={() => go("/draft#commit")}>
                                {t.bar.commit}
                            </Button>
                        </>
                    )}
                </>
            ) : (
                draft.data && <span className="fg-muted">{t.bar.clean}</span>
            )}
        </section>
    );
}
