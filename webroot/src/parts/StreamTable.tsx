// Streams as a table: on the Streams page for all partners, on a partner's page for its own.
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import type { Stream } from "../rest/types";
import { Link } from "../frame/route";
import { t } from "../words";
import { number, since, fullTime } from "./format";
import { Marked, MethodLabel, Muted } from "./Marks";

/** A stream that has proved who it is carries traffic; its method says how. */
export const isOpen = (stream: Stream) => stream.method !== null && stream.state !== "closing";

function tlsText(stream: Stream): string {
    if (!stream.tls) return t.streams.noTls;
    return `${stream.tls.version.replace(/^TLSv?/i, "")} ${stream.tls.cipher.replace(/^TLS_/, "").split(/_(GCM|SHA|CCM|POLY)/)[0]!.replace(/_/g, "-")}`;
}

export function stateWord(stream: Stream): string {
    if (isOpen(stream)) return t.streams.state.open!;
    return t.streams.state[stream.state] ?? t.streams.settingUp;
}

function State({ stream }: { stream: Stream }) {
    return <Marked mood={isOpen(stream) ? "good" : "wait"}>{stateWord(stream)}</Marked>;
}

function Pair({ stream }: { stream: Stream }) {
    const remote = stream.remote_domain ?? "?";
    const local = stream.local_domain ?? "?";
    const theirs = stream.partner ? (
        <Link to={`/partners/${encodeURIComponent(stream.partner)}`}>{remote}</Link>
    ) : (
        remote
    );
    return (
        <span className="fg-mono">
            {stream.direction === "in" ? theirs : local} → {stream.direction === "in" ? local : theirs}
        </span>
    );
}

function Row({ stream }: { stream: Stream }) {
    const c = t.streams.columns;
    return (
        <Tr>
            <Td dataLabel={c.state} className="fg-nowrap">
                <State stream={stream} />
            </Td>
            <Td dataLabel={c.direction}>{t.streams.direction[stream.direction]}</Td>
            <Td dataLabel={c.pair}>
                <Pair stream={stream} />
            </Td>
            <Td dataLabel={c.peer} className="fg-mono">
                {stream.peer_address || <Muted>{t.none}</Muted>}
            </Td>
            <Td dataLabel={c.tls} className="fg-nowrap" title={stream.tls ? `${stream.tls.version} ${stream.tls.cipher}` : undefined}>
                {tlsText(stream)}
            </Td>
            <Td dataLabel={c.method}>{stream.method ? <MethodLabel method={stream.method} /> : <Muted>{t.streams.noMethod}</Muted>}</Td>
            <Td dataLabel={c.since} className="fg-nowrap" title={fullTime(stream.since)}>
                {since(stream.since)}
            </Td>
            <Td dataLabel={c.stanzas} className="fg-number">
                {number(stream.stanzas_in + stream.stanzas_out)}
            </Td>
            <Td dataLabel={c.queue} className={`fg-number${stream.queue ? " fg-cause" : ""}`}>
                {number(stream.queue)}
            </Td>
        </Tr>
    );
}

export function StreamTable({ streams }: { streams: Stream[] }) {
    const c = t.streams.columns;
    return (
        <Table variant="compact" aria-label={t.streams.title} className="fg-table fg-streams" gridBreakPoint="grid-md">
            <Thead>
                <Tr>
                    <Th>{c.state}</Th>
                    <Th>{c.direction}</Th>
                    <Th>{c.pair}</Th>
                    <Th>{c.peer}</Th>
                    <Th>{c.tls}</Th>
                    <Th>{c.method}</Th>
                    <Th>{c.since}</Th>
                    <Th className="fg-number">{c.stanzas}</Th>
                    <Th className="fg-number">{c.queue}</Th>
                </Tr>
            </Thead>
            <Tbody>
                {streams.map((stream) => (
                    <Row key={stream.id} stream={stream} />
                ))}
            </Tbody>
        </Table>
    );
}
