// What was counted since the start, and how much of it within the last minute.
import { useEffect, useState } from "react";
import { number } from "../../parts/format";
import { Panel } from "../../parts/Panel";
import type { Status } from "../../rest/types";
import { t } from "../../words";

type Counters = Status["counters"];

interface Sample {
    at: number;
    counters: Counters;
}

const minute = 60000;

/** The counters as they were a minute ago, or when the page was opened; a server that started anew begins again. */
function useEarlier(counters: Counters | undefined): Counters | null {
    const [samples, setSamples] = useState<Sample[]>([]);
    useEffect(() => {
        if (!counters) return;
        setSamples((old) => {
            const restarted = (old[old.length - 1]?.counters.activations ?? 0) > (counters.activations ?? 0);
            const from = Date.now() - minute;
            const kept = restarted ? [] : old.filter((s, i) => s.at >= from || (old[i + 1]?.at ?? Infinity) > from);
            return [...kept, { at: Date.now(), counters }];
        });
    }, [counters]);
    return samples[0]?.counters ?? null;
}

const rows: [keyof typeof t.overview.rows, string][] = [
    ["messages", "messages"],
    ["refused", "refused"],
    ["failed", "failed"],
    ["open", "streams_open"],
    ["streams", "streams"],
    ["streamsFailed", "streams_failed"],
    ["sip", "sip_requests"],
];

export function CounterCard({ status }: { status: Status | null }) {
    const counters = status?.counters;
    const earlier = useEarlier(counters);
    const o = t.overview;
    const cell = (name: string, gauge: boolean) => {
        const n = counters?.[name];
        const more = gauge || n === undefined ? 0 : n - (earlier?.[name] ?? n);
        return (
            <td>
                <span className="fg-second">{more > 0 && o.lastMinute(number(more))}</span> {n === undefined ? "" : number(n)}
            </td>
        );
    };
    return (
        <Panel title={o.sinceStart} note={o.lastMinuteNote} ruled>
            <table className="fg-counts">
                <thead>
                    <tr>
                        <th scope="col">
                            <span className="fg-hidden">{o.sinceStart}</span>
                        </th>
                        <th scope="col">{o.way.in}</th>
                        <th scope="col">{o.way.out}</th>
                    </tr>
                </thead>
                <tbody>
                    {rows.map(([row, name]) => (
                        <tr key={row}>
                            <th scope="row">{o.rows[row]}</th>
                            {cell(`${name}_in`, row === "open")}
                            {cell(`${name}_out`, row === "open")}
                        </tr>
                    ))}
                </tbody>
            </table>
        </Panel>
    );
}
