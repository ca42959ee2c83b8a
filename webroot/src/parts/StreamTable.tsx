// Streams as a table, or as blocks on a narrow screen: on the Streams page those of all partners, on a partner's page
// its own. Rows stand still while they are pointed at.
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { useState } from "react";
import type { Stream } from "../rest/types";
import { t } from "../words";
import { CloseStream } from "./CloseStream";
import { SortTh } from "./ListTools";
import { useMay } from "./may";
import { StreamBlock, StreamRow } from "./StreamRow";
import { useNarrow } from "./useNarrow";
import { useSteady } from "./useSteady";

const columns = ["state", "pair", "peer", "method", "since", "stanzas", "queue"] as const;
export type StreamColumn = (typeof columns)[number];

interface Sorting {
    by: StreamColumn;
    down: boolean;
    set: (by: StreamColumn, down: boolean) => void;
}

interface TableProps {
    /** Null while another list is on its way. */
    streams: Stream[] | null;
    /** What was asked for. */
    scope: string;
    linked?: boolean;
    sorting?: Sorting;
}

const keyOf = (stream: Stream) => stream.id;
const numbers: StreamColumn[] = ["stanzas", "queue"];

function Head({ sorting }: { sorting?: Sorting }) {
    const c = t.streams.columns;
    const align = (by: StreamColumn) => (numbers.includes(by) ? "fg-number" : undefined);
    return (
        <Thead>
            <Tr>
                {columns.map((by) =>
                    sorting ? (
                        <SortTh key={by} by={by} sort={sorting.by} down={sorting.down} onSort={sorting.set} className={align(by)}>
                            {c[by]}
                        </SortTh>
                    ) : (
                        <Th key={by} className={align(by)}>
                            {c[by]}
                        </Th>
                    ),
                )}
                <Th screenReaderText={t.streams.close} />
            </Tr>
        </Thead>
    );
}

export function StreamTable({ streams, scope, linked = false, sorting }: TableProps) {
    const [closing, setClosing] = useState<Stream | null>(null);
    const may = useMay("operate");
    const narrow = useNarrow();
    const { rows, hold } = useSteady(streams, keyOf, scope);
    const props = rows.map(({ item, gone }) => ({ stream: item, gone, linked, may, close: setClosing }));
    return (
        <>
            {narrow ? (
                <ul className="fg-blocks" aria-label={t.streams.title} {...hold}>
                    {props.map((row) => (
                        <StreamBlock key={row.stream.id} {...row} />
                    ))}
                </ul>
            ) : (
                <div className="fg-table-scroll" {...hold}>
                    <Table role="table" variant="compact" aria-label={t.streams.title} className="fg-table fg-streams" gridBreakPoint="">
                        <Head sorting={sorting} />
                        <Tbody>
                            {props.map((row) => (
                                <StreamRow key={row.stream.id} {...row} />
                            ))}
                        </Tbody>
                    </Table>
                </div>
            )}
            {closing && <CloseStream stream={closing} close={() => setClosing(null)} />}
        </>
    );
}
