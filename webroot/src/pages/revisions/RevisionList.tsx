// Revisions: every commit, the newest first.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { Link, useAddressState, useRoute } from "../../frame/route";
import { ago, authorName, fullTime, number } from "../../parts/format";
import { Marked, Muted } from "../../parts/Marks";
import { PageHeader, Panel } from "../../parts/Panel";
import { CursorPager } from "../../parts/CursorPager";
import { ChosenFilters, Search } from "../../parts/ListTools";
import { Empty, Failed, Loading, NothingFound } from "../../parts/States";
import { Together } from "../../parts/Together";
import { useLive } from "../../rest/live";
import { useGet } from "../../rest/useLoad";
import type { Page, Revision, Status } from "../../rest/types";
import { t } from "../../words";
import { Waiting } from "./Waiting";

/** "2 added, 1 changed". */
function summaryText(revision: Revision): string {
    const s = revision.summary;
    if (!s) return "";
    const parts: [number, string][] = [
        [s.added, t.revisions.added],
        [s.changed, t.revisions.changed],
        [s.removed, t.revisions.removed],
    ];
    return parts.filter(([n]) => n).map(([n, word]) => `${number(n)} ${word}`).join(", ");
}

function RevisionState({ revision, status }: { revision: Revision; status: Status | null }) {
    if (status?.pending_confirmation?.revision === revision.revision) {
        return <Marked mood="wait">{t.revisions.waiting}</Marked>;
    }
    if (revision.reverted_by) return <Muted>{t.revisions.revertedBy(revision.reverted_by)}</Muted>;
    if (status?.applied_revision === revision.revision) return <Marked mood="good">{t.revisions.running}</Marked>;
    return null;
}

export default function RevisionList() {
    const [query, setQuery] = useAddressState();
    const { go } = useRoute();
    const { status } = useLive();
    const cursor = query.get("cursor");
    const q = query.get("q") ?? "";
    const picked = (query.get("pick") ?? "").split(",").filter(Boolean).map(Number);
    const pick = (n: number, on: boolean) =>
        setQuery({ pick: (on ? [...picked, n].slice(-2) : picked.filter((p) => p !== n)).join(",") });
    const search = (next: string) => setQuery({ q: next, cursor: "", from: "" });
    const path = `/revisions?limit=50${q ? `&q=${encodeURIComponent(q)}` : ""}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`;
    const { data, error, at, reload } = useGet<Page<Revision>>(path, { every: 15000 });
    const r = t.revisions;
    return (
        <div className="fg-page fg-list-page">
            <PageHeader title={r.title} lead={r.lead} />
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            <Together className="fg-list-body">
                <Waiting />
                <div className="fg-toolbar fg-revision-tools">
                    <Search value={q} label={t.compare.search} onSearch={search} />
                    <span className="fg-fill" />
                    <span className="fg-note" role="status">
                        {picked.length ? t.compare.picked(picked.length) : t.compare.chooseHelp}
                    </span>
                    <Button
                        variant="secondary"
                        isDisabled={picked.length !== 2}
                        onClick={() => go(`/revisions/compare?from=${Math.min(...picked)}&to=${Math.max(...picked)}`)}
                    >
                        {t.compare.choose}
                    </Button>
                </div>
                <ChosenFilters chosen={q ? [{ name: "q", text: q, clear: () => search("") }] : []} clear={() => search("")} />
                {!data && !error && <Loading lines={8} />}
                {data && !data.items.length && q && <NothingFound filters={[q]} clear={() => search("")} />}
                {data && !data.items.length && !q && (
                    <Panel>
                        <Empty title={r.empty} action={<Link to="/draft">{t.review.title}</Link>}>
                            {r.emptyText}
                        </Empty>
                    </Panel>
                )}
                {data && data.items.length > 0 && (
                    <>
                        <Table role="table" variant="compact" aria-label={r.title} className="fg-table" gridBreakPoint="grid-md">
                            <Thead>
                                <Tr>
                                    <Th screenReaderText={t.compare.choose} className="fg-check" />
                                    <Th className="fg-number">{r.number}</Th>
                                    <Th>{r.comment}</Th>
                                    <Th>{r.changes}</Th>
                                    <Th>{r.who}</Th>
                                    <Th>{r.when}</Th>
                                    <Th screenReaderText={t.partners.columns.state} />
                                </Tr>
                            </Thead>
                            <Tbody>
                                {data.items.map((revision) => (
                                    <Tr key={revision.revision}>
                                        <Td className="fg-check">
                                            <input
                                                type="checkbox"
                                                aria-label={t.compare.pick(revision.revision)}
                                                checked={picked.includes(revision.revision)}
                                                onChange={(e) => pick(revision.revision, e.target.checked)}
                                            />
                                        </Td>
                                        <Td dataLabel={r.number} className="fg-number">
                                            {revision.revision}
                                        </Td>
                                        <Td dataLabel={r.comment}>
                                            <Link to={`/revisions/${revision.revision}`}>{revision.comment || r.noComment}</Link>
                                        </Td>
                                        <Td dataLabel={r.changes}>{summaryText(revision) || <Muted>{t.none}</Muted>}</Td>
                                        <Td dataLabel={r.who}>
                                            {authorName(revision.author)}
                                            {revision.approved_by && <div className="fg-second">{t.compare.approver(revision.approved_by)}</div>}
                                        </Td>
                                        <Td dataLabel={r.when} className="fg-nowrap" title={fullTime(revision.created_at)}>
                                            {ago(revision.created_at)}
                                        </Td>
                                        <Td className="fg-nowrap">
                                            <RevisionState revision={revision} status={status.data} />
                                        </Td>
                                    </Tr>
                                ))}
                            </Tbody>
                        </Table>
                        <CursorPager page={data} size={50} />
                    </>
                )}
            </Together>
        </div>
    );
}
