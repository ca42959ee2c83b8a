// One change for one partner, many partners, or everything that fits a filter: delete, or set a few fields. The
// server counts first what would happen; nothing is sent one by one.
import { useEffect, useState } from "react";
import { Ask } from "../../parts/Ask";
import { Mark } from "../../parts/Marks";
import { Failed } from "../../parts/States";
import type { Target } from "../../parts/useSelection";
import { rest } from "../../rest/client";
import type { ConfigObject, Impact } from "../../rest/types";
import { t } from "../../words";
import { EditFields, objectOf, wrongOf } from "./EditFields";
import type { Chosen } from "./EditFields";

interface Outcome {
    matched: number;
    staged: number;
    unchanged: number;
    rejected: { key: string; code: string; message: string }[];
    /** The first of them. */
    items: string[];
    /** What the commit would do to the streams of these partners. */
    impact: Impact | null;
}

interface Asked {
    target: Target;
    /** Null deletes. */
    value: ConfigObject | null;
}

async function change({ target, value }: Asked, dry: boolean): Promise<Outcome> {
    const op = value ? { op: "patch", value } : { op: "delete" };
    return (await rest.post<Outcome>("/draft/bulk", { kind: "partners", ...target, ...op, dry_run: dry }, dry)).data;
}

/** What the change would do, counted by the server; asked again a moment after the last choice. */
function useCount(asked: Asked, ready: boolean): { outcome: Outcome | null; error: unknown } {
    const [state, set] = useState<{ outcome: Outcome | null; error: unknown }>({ outcome: null, error: null });
    const key = JSON.stringify(asked);
    useEffect(() => {
        set({ outcome: null, error: null });
        if (!ready) return undefined;
        let current = true;
        const timer = setTimeout(() => {
            change(JSON.parse(key) as Asked, true)
                .then((outcome) => current && set({ outcome, error: null }))
                .catch((error: unknown) => current && set({ outcome: null, error }));
        }, 250);
        return () => {
            current = false;
            clearTimeout(timer);
        };
    }, [key, ready]);
    return state;
}

function Names({ names, total }: { names: string[]; total: number }) {
    const shown = names.slice(0, 12);
    return (
        <p className="fg-mono fg-domain-list">
            {shown.join(", ")} {total > shown.length && t.common.more(total - shown.length)}
        </p>
    );
}

function Counted({ outcome, removes }: { outcome: Outcome; removes: boolean }) {
    const { staged, unchanged, rejected, items } = outcome;
    const l = t.partnerList;
    return (
        <>
            <p className="fg-marked">
                <Mark mood={staged ? (removes ? "warn" : "good") : "open"} />
                <span>{staged ? (removes ? l.willDelete(staged) : l.willChange(staged)) : l.nobody}</span>
            </p>
            {staged > 0 && items.length > 0 && <Names names={items} total={outcome.matched} />}
            {unchanged > 0 && (
                <p className="fg-marked">
                    <Mark mood="open" />
                    <span>{l.already(unchanged)}</span>
                </p>
            )}
            {rejected.length > 0 && (
                <div className="fg-marked">
                    <Mark mood="bad" />
                    <div>
                        {l.rejected(rejected.length)}
                        <ul className="fg-anywhere">
                            {rejected.slice(0, 10).map((r) => (
                                <li key={r.key}>
                                    <span className="fg-mono">{r.key}</span>: {r.message}
                                </li>
                            ))}
                        </ul>
                    </div>
                </div>
            )}
        </>
    );
}

/** What the commit cuts and keeps among the partners it is about, as the engine judges it. */
function Cut({ impact, silences }: { impact: Impact; silences: boolean }) {
    const w = t.partnerCare;
    if (impact.stay === null) return <p>{t.impact.unknown}</p>;
    const { close, queued, renegotiate } = impact;
    const rows = impact.partners ?? [];
    return (
        <>
            {(silences || !!close || !!queued) && (
                <p>
                    {w.cut(close ?? 0, silences ? (queued ?? 0) : 0)} {silences && w.noMore}
                </p>
            )}
            {!!renegotiate && <p>{w.anew(renegotiate)}</p>}
            {impact.stay > 0 && <p>{w.stay(impact.stay)}</p>}
            {rows.length > 1 && (
                <ul className="fg-second fg-anywhere">
                    {rows.slice(0, 5).map((row) => (
                        <li key={row.domain}>
                            <span className="fg-mono">{row.domain}</span>:{" "}
                            {t.impact.row(row.renegotiate, row.close, row.queued, t.impact.because[row.because] ?? row.because)}
                        </li>
                    ))}
                    {rows.length > 5 && <li>{t.impact.more(rows.length - 5 + (impact.more ?? 0))}</li>}
                </ul>
            )}
        </>
    );
}

function Whom({ target }: { target: Target }) {
    if ("filter" in target) return <p>{Object.keys(target.filter).length ? t.partnerList.whomFilter : t.partnerList.whomAll}</p>;
    if (target.keys.length === 1) return <p className="fg-mono fg-anywhere">{target.keys[0]}</p>;
    return <p>{t.partnerList.whom(target.keys.length)}</p>;
}

export type What = "edit" | "delete" | "suspend";

interface DialogueProps {
    what: What;
    target: Target;
    close: () => void;
    done?: () => void;
}

/** Title, action and first sentence. */
function wordsOf(what: What, one: string | null): { title: string; action: string; text: string } {
    const l = t.partnerList;
    const w = t.partnerCare;
    switch (what) {
        case "delete":
            return { title: one ? t.common.removeQuestion(one) : l.deleteTitle, action: t.common.removeNow, text: t.common.removeText };
        case "suspend":
            return { title: one ? w.suspendOne(one) : w.suspendMany, action: w.suspendNow, text: w.suspendText };
        default:
            return { title: l.editTitle, action: l.stage, text: t.partners.editManyText };
    }
}

export function ChangePartners({ what, target, close, done }: DialogueProps) {
    const [chosen, setChosen] = useState<Chosen>({});
    const removes = what === "delete";
    const edits = what === "edit";
    const wrong = wrongOf(chosen);
    const value = removes ? null : edits ? objectOf(chosen) : { state: "suspended" };
    const ready = !edits || (Object.keys(value ?? {}).length > 0 && !wrong);
    const asked = { target, value };
    const { outcome, error } = useCount(asked, ready);
    const one = "keys" in target && target.keys.length === 1 ? target.keys[0]! : null;
    const words = wordsOf(what, one);
    return (
        <Ask
            title={words.title}
            action={words.action}
            danger={removes}
            wide={edits}
            disabled={!ready || !outcome?.staged || outcome.rejected.length > 0}
            close={close}
            run={async () => {
                await change(asked, false);
                done?.();
            }}
        >
            {!one && <Whom target={target} />}
            <p className={edits ? "fg-second" : undefined}>{words.text}</p>
            {edits && <EditFields chosen={chosen} set={setChosen} wrong={wrong} />}
            <div role="status" className="fg-outcome">
                {ready && !outcome && error === null && <span className="fg-muted">{t.partnerList.counting}</span>}
                {outcome && (!one || edits || outcome.rejected.length > 0) && <Counted outcome={outcome} removes={removes} />}
                {outcome?.impact && outcome.staged > 0 && <Cut impact={outcome.impact} silences={removes || value?.state === "suspended"} />}
            </div>
            {error !== null && <Failed title={t.common.loadFailed} error={error} />}
        </Ask>
    );
}
