// One stream: a row of the table, or a block on a narrow screen.
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { Link } from "../frame/route";
import { useFailures } from "../rest/live";
import type { Stream } from "../rest/types";
import { t } from "../words";
import { fullTime, number, since } from "./format";
import { Mark, Marked, MethodLabel, Muted } from "./Marks";
import type { Mood } from "./Marks";
import type { May } from "./may";
import { MayButton } from "./MayButton";

export interface StreamRowProps {
    stream: Stream;
    /** It closed while it was looked at. */
    gone: boolean;
    /** Leads to its partner: where the streams of several stand. */
    linked: boolean;
    may: May;
    close: (stream: Stream) => void;
}

const moods: { [phase in Stream["phase"]]: Mood } = { open: "good", setting_up: "wait", closing: "down" };

function stateOf(stream: Stream, gone: boolean): { mood: Mood; text: string; step: string } {
    if (gone) return { mood: "open", text: t.streams.gone, step: "" };
    const step = stream.phase === "setting_up" ? (t.streams.steps[stream.state] ?? "") : "";
    return { mood: moods[stream.phase], text: t.streams.phase[stream.phase], step };
}

/** "TLSv1.3" and "TLS_AES_256_GCM_SHA384" as "TLS 1.3 AES-256". */
function tlsText(stream: Stream): string {
    if (!stream.tls) return "";
    return `TLS ${stream.tls.version.replace(/^TLSv?/i, "")} ${stream.tls.cipher.replace(/^TLS_/, "").split(/_(GCM|SHA|CCM|POLY)/)[0]!.replace(/_/g, "-")}`;
}

/** What is to be said about the certificate they showed, when it is not plainly good; null otherwise. */
function useVerdict(verdict: string | undefined): string | null {
    const failures = useFailures();
    if (!verdict || verdict === "none" || verdict === "valid") return null;
    return failures?.find((failure) => failure.code === verdict)?.cause ?? verdict;
}

function Theirs({ stream, linked }: { stream: Stream; linked?: boolean }) {
    const remote = stream.remote_domain ?? "?";
    return linked && stream.partner ? <Link to={`/partners/${encodeURIComponent(stream.partner)}`}>{remote}</Link> : <>{remote}</>;
}

/** From who opens to who answers. */
export function StreamPair({ stream, linked }: { stream: Stream; linked?: boolean }) {
    const local = stream.local_domain ?? "?";
    const theirs = <Theirs stream={stream} linked={linked} />;
    return (
        <span className="fg-mono fg-anywhere">
            {stream.direction === "in" ? theirs : local} → {stream.direction === "in" ? local : theirs}
        </span>
    );
}

function Close({ stream, gone, may, close }: StreamRowProps) {
    if (gone) return null;
    const name = `${stream.remote_domain ?? "?"} ${t.streams.direction[stream.direction]}`;
    return (
        <MayButton may={may} variant="link" isInline onClick={() => close(stream)} aria-label={t.streams.closeOne(name)}>
            {t.streams.close}
        </MayButton>
    );
}

/** How it is protected: the method, TLS, and what there is to say about their certificate. */
function Protection({ stream }: { stream: Stream }) {
    const verdict = useVerdict(stream.certificate?.verdict);
    const short = verdict && (t.streams.verdicts[stream.certificate?.verdict ?? ""] ?? verdict);
    const facts = [tlsText(stream), short].filter(Boolean).join(", ");
    const names = [stream.tls && `${stream.tls.version} ${stream.tls.cipher}`, verdict, ...(stream.certificate?.names ?? [])];
    return (
        <>
            {stream.method ? <MethodLabel method={stream.method} /> : <Muted>{t.streams.noMethod}</Muted>}
            {facts && (
                <div className="fg-second" title={names.filter(Boolean).join("\n")}>
                    {facts}
                </div>
            )}
        </>
    );
}

/** Their domain, below it the way and ours. */
function Domains({ stream, linked }: { stream: Stream; linked: boolean }) {
    return (
        <div className="fg-stream-domains fg-anywhere">
            <span className="fg-mono">
                <Theirs stream={stream} linked={linked} />
            </span>
            <div className="fg-second">{t.streams.ours[stream.direction](stream.local_domain ?? "?")}</div>
        </div>
    );
}

export function StreamRow(props: StreamRowProps) {
    const { stream, gone, linked } = props;
    const c = t.streams.columns;
    const state = stateOf(stream, gone);
    return (
        <Tr className={gone ? "fg-gone" : undefined}>
            <Td dataLabel={c.state}>
                <Marked mood={state.mood}>{state.text}</Marked>
                {state.step && <div className="fg-second">{state.step}</div>}
            </Td>
            <Td dataLabel={c.pair}>
                <Domains stream={stream} linked={linked} />
            </Td>
            <Td dataLabel={c.peer}>
                {stream.peer_address ? <span className="fg-mono">{stream.peer_address}</span> : <Muted>{t.none}</Muted>}
            </Td>
            <Td dataLabel={c.method}>
                <Protection stream={stream} />
            </Td>
            <Td dataLabel={c.since} className="fg-nowrap" title={fullTime(stream.since)}>
                {since(stream.since)}
            </Td>
            <Td dataLabel={c.stanzas} className="fg-number" title={t.streams.stanzasBoth(number(stream.stanzas_in), number(stream.stanzas_out))}>
                {number(stream.stanzas_in + stream.stanzas_out)}
            </Td>
            <Td dataLabel={c.queue} className={`fg-number${stream.queue ? " fg-cause" : ""}`}>
                {number(stream.queue)}
            </Td>
            <Td className="fg-end">
                <Close {...props} />
            </Td>
        </Tr>
    );
}

export function StreamBlock(props: StreamRowProps) {
    const { stream, gone, linked } = props;
    const state = stateOf(stream, gone);
    const counted = stream.stanzas_in + stream.stanzas_out > 0;
    const facts = [
        state.step || state.text,
        t.streams.direction[stream.direction],
        since(stream.since),
        counted && t.streams.stanzasBoth(number(stream.stanzas_in), number(stream.stanzas_out)),
    ];
    return (
        <li className={`fg-block fg-stream-block${gone ? " fg-gone" : ""}`}>
            <Mark mood={state.mood} />
            <div className="fg-block-text">
                <StreamPair stream={stream} linked={linked} />
                <div className="fg-second">{facts.filter(Boolean).join(" · ")}</div>
                {stream.queue > 0 && <div className="fg-second fg-cause">{t.streams.waits(stream.queue)}</div>}
                {(stream.method || stream.tls) && <Protection stream={stream} />}
            </div>
            <Close {...props} />
        </li>
    );
}
