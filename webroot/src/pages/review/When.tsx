// When a commit runs, and after which time it takes itself back: the two questions beside the comment.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { TextInput } from "@patternfly/react-core/dist/esm/components/TextInput/TextInput";
import { Labelled } from "../../parts/Labelled";
import { t } from "../../words";

/** "Europe/Berlin", as the browser knows it. */
const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What stands in the field, as a time; null when it is none. */
export function localTime(text: string): Date | null {
    const at = new Date(text);
    return text && !Number.isNaN(at.getTime()) ? at : null;
}

/** What is wrong with the chosen time; null when nothing is. */
export function atProblem(text: string | null): string | null {
    if (text === null) return null;
    const at = localTime(text);
    if (!at) return t.commitForm.atMissing;
    return at.getTime() <= Date.now() ? t.commitForm.atPast : null;
}

export function ScheduleField({ at, setAt }: { at: string; setAt: (at: string | null) => void }) {
    return (
        <Labelled label={t.commitForm.at} help={t.commitForm.zone(zone())} error={at ? atProblem(at) : null} required>
            {(id, helpId) => (
                <>
                    <TextInput
                        id={id}
                        type="datetime-local"
                        value={at}
                        onChange={(_, next) => setAt(next)}
                        aria-describedby={helpId}
                        validated={at && atProblem(at) ? "error" : "default"}
                    />
                    <Button variant="link" isInline onClick={() => setAt(null)}>
                        {t.commitForm.unschedule}
                    </Button>
                </>
            )}
        </Labelled>
    );
}

/** Seconds until it reverts; 0: never. `own` holds the minutes while none of the choices was taken. */
export interface Guard {
    on: boolean;
    seconds: number;
    own: string | null;
}

const ownMinutes = (guard: Guard) => (guard.own !== null && /^\d{1,4}$/.test(guard.own.trim()) ? Number(guard.own) : 0);

export function guardSeconds(guard: Guard): number {
    if (!guard.on) return 0;
    return guard.own === null ? guard.seconds : ownMinutes(guard) * 60;
}

export function guardProblem(guard: Guard): string | null {
    if (!guard.on || guard.own === null) return null;
    const minutes = ownMinutes(guard);
    return minutes >= 1 && minutes <= 1440 ? null : t.commitForm.ownRange;
}

export function GuardField({ guard, setGuard }: { guard: Guard; setGuard: (guard: Guard) => void }) {
    const choose = (value: string) =>
        setGuard(value === "own" ? { ...guard, own: "10" } : { ...guard, own: null, seconds: Number(value) });
    return (
        <>
            <label className="fg-tick">
                <input type="checkbox" checked={guard.on} onChange={(e) => setGuard({ ...guard, on: e.target.checked })} />
                <span>{t.review.revert}</span>
            </label>
            <div className="fg-within">
                <select
                    className="fg-select"
                    value={guard.own === null ? guard.seconds : "own"}
                    disabled={!guard.on}
                    onChange={(e) => choose(e.target.value)}
                    aria-label={t.review.withinLabel}
                >
                    {Object.entries(t.review.within).map(([seconds, text]) => (
                        <option key={seconds} value={seconds}>
                            {text}
                        </option>
                    ))}
                    <option value="own">{t.commitForm.own}</option>
                </select>
                {guard.own === null && <span className="fg-note">{t.review.revertHelp}</span>}
            </div>
            {guard.on && guard.own !== null && (
                <Labelled label={t.commitForm.ownMinutes} help={t.commitForm.ownRange} error={guardProblem(guard)}>
                    {(id, helpId) => (
                        <TextInput
                            id={id}
                            value={guard.own ?? ""}
                            inputMode="numeric"
                            onChange={(_, own) => setGuard({ ...guard, own })}
                            aria-describedby={helpId}
                        />
                    )}
                </Labelled>
            )}
        </>
    );
}
