// Commits that wait for a second administrator or for their time, and the history of what was decided.
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { Link } from "../../frame/route";
import { ago, authorName, fullTime } from "../../parts/format";
import { Muted } from "../../parts/Marks";
import { PageHeader, Panel } from "../../parts/Panel";
import { Empty, Failed, Loading } from "../../parts/States";
import { useGet } from "../../rest/useLoad";
import type { Approval, Page } from "../../rest/types";
import { t } from "../../words";
import { ApprovalMark } from "./ApprovalMark";

function Commits({ items, label }: { items: Approval[]; label: string }) {
    const a = t.approvals;
    return (
        <Table role="table" variant="compact" aria-label={label} className="fg-table" gridBreakPoint="grid-md">
            <Thead>
                <Tr>
                    <Th>{a.columns.state}</Th>
                    <Th>{a.columns.comment}</Th>
                    <Th>{a.columns.author}</Th>
                    <Th>{a.columns.created}</Th>
                    <Th>{a.columns.at}</Th>
                    <Th>{a.columns.decided}</Th>
                </Tr>
            </Thead>
            <Tbody>
                {items.map((item) => (
                    <Tr key={item.id}>
                        <Td dataLabel={a.columns.state} className="fg-nowrap">
                            <ApprovalMark state={item.state} />
                        </Td>
                        <Td dataLabel={a.columns.comment}>
                            <Link to={`/approvals/${item.id}`}>{item.comment || t.revisions.noComment}</Link>
                        </Td>
                        <Td dataLabel={a.columns.author}>{authorName(item.author)}</Td>
                        <Td dataLabel={a.columns.created} className="fg-nowrap" title={fullTime(item.created_at)}>
                            {ago(item.created_at)}
                        </Td>
                        <Td dataLabel={a.columns.at}>{item.at ? fullTime(item.at) : <Muted>{a.atOnce}</Muted>}</Td>
                        <Td dataLabel={a.columns.decided} title={fullTime(item.closed_at)}>
                            {item.closed_at ? `${ago(item.closed_at)}, ${authorName(item.closed_by)}` : <Muted>{a.undecided}</Muted>}
                        </Td>
                    </Tr>
                ))}
            </Tbody>
        </Table>
    );
}

export default function ApprovalList() {
    const { data, error, at, reload } = useGet<Page<Approval>>("/approvals?limit=1000&sort=-created_at", { every: 10000 });
    const a = t.approvals;
    const open = (data?.items ?? []).filter((item) => !item.closed_at);
    const closed = (data?.items ?? []).filter((item) => item.closed_at);
    return (
        <div className="fg-page">
            <PageHeader title={a.title} lead={a.lead} />
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {!data && !error && <Loading lines={6} />}
            {data && (
                <div className="fg-column">
                    <Panel title={a.waits} ruled={open.length > 0}>
                        {open.length ? <Commits items={open} label={a.waits} /> : <Empty title={a.emptyWaits}>{a.emptyText}</Empty>}
                    </Panel>
                    <Panel title={a.history} ruled={closed.length > 0}>
                        {closed.length ? <Commits items={closed} label={a.history} /> : <p className="fg-muted">{a.noHistory}</p>}
                    </Panel>
                </div>
            )}
        </div>
    );
}
