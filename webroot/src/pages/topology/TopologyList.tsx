// The list that the four kinds of the topology share: what it is for, search, rows with their problems, paging.
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { useCallback, useState } from "react";
import type { ReactNode } from "react";
import { Link, useAddressState, useRoute } from "../../frame/route";
import { Ask } from "../../parts/Ask";
import { CursorPager } from "../../parts/CursorPager";
import { Search } from "../../parts/ListTools";
import { DraftLabel, Mark } from "../../parts/Marks";
import { useMay } from "../../parts/may";
import { MayButton } from "../../parts/MayButton";
import { KebabMenu } from "../../parts/Menu";
import type { Action } from "../../parts/Menu";
import { PageHeader, Panel } from "../../parts/Panel";
import { Empty, Failed, Loading, NothingFound } from "../../parts/States";
import { rest, segment } from "../../rest/client";
import type { DraftMark, DraftProblem } from "../../rest/types";
import { editPath, objectPaths } from "../../routes";
import { t } from "../../words";
import { topologySize, useList, useProblems } from "./objects";

export interface Column<T> {
    head: string;
    cell: (item: T) => ReactNode;
}

interface ListProps<T> {
    kind: string;
    words: { title: string; lead: string; add: string; empty: string; emptyText: string; name: string; foot: (n: number) => string };
    keyOf: (item: T) => string;
    second?: (item: T) => string;
    columns: Column<T>[];
    /** What else is said before an object is removed. */
    removeText?: (item: T) => ReactNode;
}

function Problems({ problems }: { problems: DraftProblem[] }) {
    return (
        <>
            {problems.map((p, i) => (
                <div key={i} className="fg-second fg-warned fg-cause">
                    <Mark mood="bad" /> {p.message}
                </div>
            ))}
        </>
    );
}

export function TopologyList<T extends { draft?: DraftMark }>({ kind, words, keyOf, second, columns, removeText }: ListProps<T>) {
    const { go } = useRoute();
    const rights = useMay(kind);
    const [query, set] = useAddressState();
    const search = useCallback((q: string) => set({ q, cursor: "", from: "" }), [set]);
    const [removing, setRemoving] = useState<T | null>(null);
    const problems = useProblems();
    const { data, error, at, reload } = useList<T>(kind, query);
    const q = query.get("q") ?? "";
    const items = data?.items ?? [];

    const actions = (item: T): Action[] => {
        const key = keyOf(item);
        const edit = { text: t.common.edit, run: () => go(editPath(kind, key)) };
        if (!rights.may) return [edit];
        if (item.draft === "removed") {
            return [{ text: t.common.undoRemove, run: () => void rest.remove(`/draft/changes/${kind}/${segment(key)}`) }];
        }
        return [edit, { text: t.common.remove, danger: true, run: () => setRemoving(item) }];
    };
    const add = (
        <MayButton may={rights} onClick={() => go(`${objectPaths[kind]}/new`)}>
            {words.add}
        </MayButton>
    );
    return (
        <div className="fg-page fg-list-page fg-tall-head">
            <PageHeader
                title={words.title}
                lead={
                    <>
                        {words.lead} <Link to="/topology">{t.topology.toOverview}</Link>
                    </>
                }
                actions={add}
            />
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {!data && !error && <Loading lines={6} height="44px" />}
            {data && (q || data.total > 8) && (
                <div className="fg-tools">
                    <Search value={q} label={t.objects.search} onSearch={search} />
                </div>
            )}
            {data && !items.length && !q && (
                <Panel>
                    <Empty title={words.empty} action={add}>
                        {words.emptyText}
                    </Empty>
                </Panel>
            )}
            {data && !items.length && q && <NothingFound filters={[q]} clear={() => search("")} />}
            {items.length > 0 && (
                <Table role="table" variant="compact" aria-label={words.title} className="fg-table fg-wordy" gridBreakPoint="grid-md">
                    <Thead>
                        <Tr>
                            <Th>{words.name}</Th>
                            {columns.map((column) => (
                                <Th key={column.head}>{column.head}</Th>
                            ))}
                            <Th screenReaderText={t.common.actions("")} />
                        </Tr>
                    </Thead>
                    <Tbody>
                        {items.map((item) => {
                            const key = keyOf(item);
                            return (
                                <Tr key={key}>
                                    <Td dataLabel={words.name} className="fg-anywhere">
                                        <div>
                                            <Link to={editPath(kind, key)} className="fg-mono">
                                                {key}
                                            </Link>{" "}
                                            <DraftLabel mark={item.draft} />
                                            {second?.(item) && <div className="fg-second">{second(item)}</div>}
                                            <Problems problems={problems(kind, key)} />
                                        </div>
                                    </Td>
                                    {columns.map((column) => (
                                        <Td key={column.head} dataLabel={column.head} className="fg-anywhere">
                                            {column.cell(item)}
                                        </Td>
                                    ))}
                                    <Td className="fg-kebab">
                                        <KebabMenu name={key} actions={actions(item)} />
                                    </Td>
                                </Tr>
                            );
                        })}
                    </Tbody>
                </Table>
            )}
            {data && items.length > 0 && <CursorPager page={data} size={topologySize} total={words.foot(data.total)} />}
            {removing !== null && (
                <Ask
                    title={t.common.removeQuestion(keyOf(removing))}
                    action={t.common.removeNow}
                    danger
                    run={async () => {
                        await rest.remove(`/${kind}/${segment(keyOf(removing))}`);
                    }}
                    close={() => setRemoving(null)}
                >
                    {removeText?.(removing)}
                    <p>{t.common.removeText}</p>
                </Ask>
            )}
        </div>
    );
}
