// What an import has to say about single entries.
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { useCallback, useState } from "react";
import { Link } from "../../frame/route";
import { Search } from "../../parts/ListTools";
import { Marked } from "../../parts/Marks";
import type { Mood } from "../../parts/Marks";
import { Panel } from "../../parts/Panel";
import { editPath } from "../../routes";
import { t } from "../../words";
import type { Finding, Result } from "./read";

const moods: { [severity in Finding["severity"]]: Mood } = { error: "bad", warning: "warn", info: "open" };
const rank = { error: 0, warning: 1, info: 2 };

const shownMost = 500;

export function Findings({ result }: { result: Result }) {
    const [q, setQ] = useState("");
    const search = useCallback((text: string) => setQ(text), []);
    const w = t.imports;
    const all = [...result.findings].sort((a, b) => rank[a.severity] - rank[b.severity]);
    const small = q.toLowerCase();
    const fitting = all.filter((f) => `${f.file} ${f.kind ?? ""} ${f.key ?? ""} ${f.message}`.toLowerCase().includes(small));
    if (!all.length) return <p className="fg-muted">{w.noFindings}</p>;
    return (
        <Panel title={w.findings} note={w.finding(all.length)}>
            {all.length > 8 && (
                <div className="fg-tools">
                    <Search value={q} label={w.filter} onSearch={search} />
                </div>
            )}
            <div className="fg-scroll-box" tabIndex={0} role="region" aria-label={w.findings}>
                <Table role="table" variant="compact" aria-label={w.findings} className="fg-table" gridBreakPoint="grid-md">
                    <Thead>
                        <Tr>
                            <Th>{w.columns.severity}</Th>
                            <Th>{w.columns.what}</Th>
                            <Th>{w.columns.message}</Th>
                            <Th>{w.columns.file}</Th>
                        </Tr>
                    </Thead>
                    <Tbody>
                        {fitting.slice(0, shownMost).map((f, i) => (
                            <Tr key={i}>
                                <Td dataLabel={w.columns.severity} className="fg-nowrap">
                                    <Marked mood={moods[f.severity]}>{w.severity[f.severity]}</Marked>
                                </Td>
                                <Td dataLabel={w.columns.what} className="fg-anywhere">
                                    {f.kind && f.key ? <Link to={editPath(f.kind, f.key)}>{f.key}</Link> : (f.key ?? w.record(f.record))}
                                </Td>
                                <Td dataLabel={w.columns.message} className="fg-anywhere">
                                    {f.message}
                                </Td>
                                <Td dataLabel={w.columns.file} className="fg-anywhere fg-muted">
                                    {f.file}
                                </Td>
                            </Tr>
                        ))}
                    </Tbody>
                </Table>
            </div>
            {fitting.length > shownMost && <p className="fg-muted">{t.common.more(fitting.length - shownMost)}</p>}
        </Panel>
    );
}
