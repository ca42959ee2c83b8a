// One change for one partner, many partners, or everything that fits a filter: delete, or set a few fields. The
// server counts first what would happen; nothing is sent one by one.
import { useEffect, useState } from "react";
import { Ask } from "../../parts/Ask";
import { Mark } from "../../parts/Marks";
import { Failed } from "../../parts/States";
import type { Target } from "../../parts/useSelection";
import { rest, segment } from "../../rest/client";
import { useGet } from "../../rest/useLoad";
import type { ConfigObject, PartnerStatus } from "../../rest/types";
import { t } from "../../words";
import { EditFields, objectOf, wrongOf } from "./EditFields";
import type { Chosen } from "./EditFields";
import type { PartnerPage } from "./usePartners";

interface Outcome {
    matched: number;
    staged: number;
    unchanged: number;
    rejected: { key: string; code: string; message: string }[];
    /** The first of them. */
    items: string[];
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

interface FullStatus extends PartnerStatus {
    counters: { queue: number };
}

/** What ends when one partner goes: its streams, and what waits for it. */
function CutOne({ domain }: { domain: string }) {
    const { data, error } = useGet<Omit<FullStatus, "streams"> & { streams: unknown[] }>(`/partners/${segment(domain)}/status`);
    if (error?.status === 404) return <p>{t.partnerList.cutNever}</p>;
    if (!data) return null;
    return <p>{t.partnerList.cutOne(data.streams.length, data.counters.queue)}</p>;
}

/** The same of everything that fits: how many of them are connected now. */
function CutFound({ filter }: { filter: { [field: string]: string } }) {
    const params = new URLSearchParams({ include: "status", limit: "1", ...filter });
    const { data } = useGet<PartnerPage>(`/partners?${params.toString()}`);
    return data ? <p>{t.partnerList.cutMany(data.counts.connected)}</p> : null;
}

function Whom({ target }: { target: Target }) {
    if ("filter" in target) return <p>{Object.keys(target.filter).length ? t.partnerList.whomFilter : t.partnerList.whomAll}</p>;
    if (target.keys.length === 1) return <p className="fg-mono fg-anywhere">{target.keys[0]}</p>;
    return <p>{t.partnerList.whom(target.keys.length)}</p>;
}

interface DialogueProps {
    what: "edit" | "delete";
    target: Target;
    close: () => void;
    done?: () => void;
}

export function ChangePartners({ what, target, close, done }: DialogueProps) {
    const [chosen, setChosen] = useState<Chosen>({});
    const removes = what === "delete";
    const wrong = wrongOf(chosen);
    const value = removes ? null : objectOf(chosen);
    const ready = removes || (Object.keys(value ?? {}).length > 0 && !wrong);
    const asked = { target, value };
    const { outcome, error } = useCount(asked, ready);
    const one = "keys" in target && target.keys.length === 1 ? target.keys[0]! : null;
    return (
        <Ask
            title={removes ? (one ? t.common.removeQuestion(one) : t.partnerList.deleteTitle) : t.partnerList.editTitle}
            action={removes ? t.common.removeNow : t.partnerList.stage}
            danger={removes}
            wide={!removes}
            disabled={!ready || !outcome?.staged || outcome.rejected.length > 0}
            close={close}
            run={async () => {
                await change(asked, false);
                done?.();
            }}
        >
            {!one && <Whom target={target} />}
            {removes ? <p>{t.common.removeText}</p> : <p className="fg-second">{t.partners.editManyText}</p>}
            {removes && one && <CutOne domain={one} />}
            {removes && "filter" in target && <CutFound filter={target.filter} />}
            {!removes && <EditFields chosen={chosen} set={setChosen} wrong={wrong} />}
            <div role="status" className="fg-outcome">
                {ready && !outcome && error === null && <span className="fg-muted">{t.partnerList.counting}</span>}
                {outcome && !(one && removes) && <Counted outcome={outcome} removes={removes} />}
            </div>
            {error !== null && <Failed title={t.common.loadFailed} error={error} />}
        </Ask>
    );
}
