// Streams as a table: on the Streams page for all partners, on a partner's page for its own.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { useState } from "react";
import { Link } from "../frame/route";
import { rest } from "../rest/client";
import { useSession } from "../rest/session";
import type { Stream } from "../rest/types";
import { t } from "../words";
import { fullTime, number, since } from "./format";
import { Ask } from "./Ask";
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

function Pair({ stream, linked }: { stream: Stream; linked: boolean }) {
    const remote = stream.remote_domain ?? "?";
    const local = stream.local_domain ?? "?";
    const theirs = linked && stream.partner ? (
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

interface RowProps {
    stream: Stream;
    linked: boolean;
    close: ((stream: Stream) => void) | null;
}

function Row({ stream, linked, close }: RowProps) {
    const c = t.streams.columns;
    return (
        <Tr>
            <Td dataLabel={c.state} className="fg-nowrap">
                <State stream={stream} />
            </Td>
            <Td dataLabel={c.direction}>{t.streams.direction[stream.direction]}</Td>
            <Td dataLabel={c.pair}>
                <Pair stream={stream} linked={linked} />
            </Td>
            <Td dataLabel={c.peer}>
                {stream.peer_address ? <span className="fg-mono">{stream.peer_address}</span> : <Muted>{t.none}</Muted>}
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
            {close && (
                <Td>
                    <Button
                        variant="link"
                        isInline
                        onClick={() => close(stream)}
                        aria-label={t.streams.closeOne(`${stream.remote_domain ?? ""} ${t.streams.direction[stream.direction]}`)}
                    >
                        {t.streams.close}
                    </Button>
                </Td>
            )}
        </Tr>
    );
}

/** `linked` where the streams of several partners stand: each then leads to its partner. */
export function StreamTable({ streams, linked = false }: { streams: Stream[]; linked?: boolean }) {
    const c = t.streams.columns;
    const { session } = useSession();
    const [closing, setClosing] = useState<Stream | null>(null);
    const may = session?.role === "administrator" || session?.role === "operator";
    const table = (
        <Table role="table" variant="compact" aria-label={t.streams.title} className="fg-table fg-streams" gridBreakPoint="grid-md">
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
                    {may && <Th screenReaderText={t.streams.close} />}
                </Tr>
            </Thead>
            <Tbody>
                {streams.map((stream) => (
                    <Row key={stream.id} stream={stream} linked={linked} close={may ? setClosing : null} />
                ))}
            </Tbody>
        </Table>
    );
    return (
        <>
            <div className="fg-table-scroll">{table}</div>
            {closing && (
                <Ask
                    title={t.streams.closeQuestion}
                    action={t.streams.closeNow}
                    danger
                    run={async () => {
                        await rest.post(`/streams/${closing.id}/close`);
                    }}
                    close={() => setClosing(null)}
                >
                    <p>{t.streams.closeText}</p>
                </Ask>
            )}
        </>
    );
}
