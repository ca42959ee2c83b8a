// The lines that an import refuses: to be searched, and to be taken away as a file.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { useCallback, useState } from "react";
import { download } from "../../parts/download";
import { number } from "../../parts/format";
import { Search } from "../../parts/ListTools";
import { Muted } from "../../parts/Marks";
import { Panel } from "../../parts/Panel";
import { t } from "../../words";
import { csvLine } from "./csv";
import type { RejectedLine } from "./job";

/** A table of more is no table anybody reads; the file has them all. */
const shownMost = 200;

function save(lines: RejectedLine[]): void {
    const c = t.userImport.rejectedColumns;
    const rows = lines.map((r) => csvLine([String(r.line), r.value, r.cause]));
    download("rejected.csv", `\uFEFF${[csvLine([c.line, c.value, c.cause]), ...rows].join("\r\n")}\r\n`, "text/csv");
}

export function Rejected({ lines, total }: { lines: RejectedLine[]; total: number }) {
    const [q, setQ] = useState("");
    const search = useCallback((text: string) => setQ(text), []);
    if (!total) return null;
    const w = t.userImport;
    const small = q.toLowerCase();
    const fitting = q ? lines.filter((r) => `${r.line} ${r.value} ${r.cause}`.toLowerCase().includes(small)) : lines;
    const shown = fitting.slice(0, shownMost);
    return (
        <Panel title={w.rejected} note={w.rejectedShown(shown.length, total)}>
            <div className="fg-tools">
                <Search value={q} label={w.rejectedFilter} onSearch={search} />
                <Button variant="secondary" onClick={() => save(lines)}>
                    {w.download}
                </Button>
            </div>
            <div className="fg-scroll-box" tabIndex={0} role="region" aria-label={w.rejected}>
                <Table role="table" variant="compact" aria-label={w.rejected} className="fg-table" gridBreakPoint="">
                    <Thead>
                        <Tr>
                            <Th className="fg-right">{w.rejectedColumns.line}</Th>
                            <Th>{w.rejectedColumns.value}</Th>
                            <Th>{w.rejectedColumns.cause}</Th>
                        </Tr>
                    </Thead>
                    <Tbody>
                        {shown.map((r) => (
                            <Tr key={`${r.line} ${r.cause}`}>
                                <Td className="fg-right fg-figures">{number(r.line)}</Td>
                                <Td className="fg-mono fg-anywhere">{r.value || <Muted>{t.none}</Muted>}</Td>
                                <Td className="fg-anywhere">{r.cause}</Td>
                            </Tr>
                        ))}
                    </Tbody>
                </Table>
            </div>
        </Panel>
    );
}
