// The list of a kind, made from its field table. Search, order and paging are the server's.
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Td } from "@patternfly/react-table/dist/esm/components/Table/Td";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { useCallback, useState } from "react";
import { Link, useAddressState, useRoute } from "../../frame/route";
import { Ask } from "../../parts/Ask";
import { CursorPager } from "../../parts/CursorPager";
import { Search } from "../../parts/ListTools";
import { DraftLabel, Muted } from "../../parts/Marks";
import { useMay } from "../../parts/may";
import { MayButton } from "../../parts/MayButton";
import { KebabMenu } from "../../parts/Menu";
import type { Action } from "../../parts/Menu";
import { PageHeader, Panel } from "../../parts/Panel";
import { Empty, Failed, Loading, NothingFound } from "../../parts/States";
import { rest, segment } from "../../rest/client";
import { useSchema } from "../../rest/live";
import { useGet } from "../../rest/useLoad";
import type { KindSchema, Page } from "../../rest/types";
import { editPath, objectPaths } from "../../routes";
import { t } from "../../words";
import { cellText, columns, isNone, keyOf } from "./kind";
import type { Item } from "./kind";

const size = 50;

function useItems(kind: string, query: URLSearchParams) {
    const params = new URLSearchParams({ view: "draft", limit: String(size) });
    for (const name of ["q", "cursor"]) {
        const value = query.get(name);
        if (value) params.set(name, value);
    }
    return useGet<Page<Item>>(`/${kind}?${params.toString()}`);
}

interface RowsProps {
    kind: string;
    schema: KindSchema;
    items: Item[];
    actions: (name: string, item: Item) => Action[];
}

function ItemTable({ kind, schema, items, actions }: RowsProps) {
    const fields = columns(schema);
    return (
        <Table role="table" variant="compact" aria-label={schema.title} className="fg-table fg-wordy" gridBreakPoint="grid-md">
            <Thead>
                <Tr>
                    <Th>{schema.key?.label ?? ""}</Th>
                    {fields.map((field) => (
                        <Th key={field.name}>{t.objects.heads[kind]?.[field.name] ?? field.label}</Th>
                    ))}
                    <Th screenReaderText={t.common.actions("")} />
                </Tr>
            </Thead>
            <Tbody>
                {items.map((item) => {
                    const name = keyOf(schema, item);
                    return (
                        <Tr key={name}>
                            <Td dataLabel={schema.key?.label}>
                                <Link to={editPath(kind, name)} className="fg-mono">
                                    {name}
                                </Link>{" "}
                                <DraftLabel mark={item.draft} />
                            </Td>
                            {fields.map((field) => {
                                const text = cellText(field, item[field.name]);
                                return (
                                    <Td key={field.name} dataLabel={field.label}>
                                        {isNone(field, item[field.name]) ? <Muted>{text}</Muted> : text}
                                    </Td>
                                );
                            })}
                            <Td className="fg-kebab">
                                <KebabMenu name={name} actions={actions(name, item)} />
                            </Td>
                        </Tr>
                    );
                })}
            </Tbody>
        </Table>
    );
}

export default function ObjectList({ kind = "" }: { kind?: string }) {
    const { go } = useRoute();
    const schema = useSchema(kind);
    const rights = useMay(kind);
    const { may } = rights;
    const [query, set] = useAddressState();
    const search = useCallback((q: string) => set({ q, cursor: "", from: "" }), [set]);
    const [removing, setRemoving] = useState<string | null>(null);
    const { data, error, at, reload } = useItems(kind, query);
    const q = query.get("q") ?? "";

    const actions = (name: string, item: Item): Action[] => {
        const edit = { text: t.common.edit, run: () => go(editPath(kind, name)) };
        if (!may) return [edit];
        if (item.draft === "removed") {
            return [{ text: t.common.undoRemove, run: () => void rest.remove(`/draft/changes/${kind}/${segment(name)}`) }];
        }
        return [edit, { text: t.common.remove, danger: true, run: () => setRemoving(name) }];
    };
    const add = (
        <MayButton may={rights} onClick={() => go(`${objectPaths[kind]}/new`)}>
            {t.objects.add[kind]}
        </MayButton>
    );
    return (
        <div className="fg-page fg-list-page">
            <PageHeader title={schema?.title ?? ""} lead={t.objects.lead[kind]} actions={add} />
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {(!data || !schema) && !error && <Loading lines={6} />}
            {data && (q || data.items.length > 0) && (
                <div className="fg-tools">
                    <Search value={q} label={t.objects.search} onSearch={search} />
                </div>
            )}
            {data && schema && !data.items.length && !q && (
                <Panel>
                    <Empty title={t.objects.emptyTitle[kind] ?? ""}>{t.objects.empty[kind]}</Empty>
                </Panel>
            )}
            {data && !data.items.length && q && <NothingFound filters={[q]} clear={() => search("")} />}
            {data && schema && data.items.length > 0 && (
                <>
                    <ItemTable kind={kind} schema={schema} items={data.items} actions={actions} />
                    <CursorPager page={data} size={size} />
                </>
            )}
            {removing !== null && (
                <Ask
                    title={t.common.removeQuestion(removing)}
                    action={t.common.removeNow}
                    danger
                    run={async () => {
                        await rest.remove(`/${kind}/${segment(removing)}`);
                    }}
                    close={() => setRemoving(null)}
                >
                    <p>{kind === "policies" && removing === "global" ? t.objects.resetsGlobal : t.common.removeText}</p>
                </Ask>
            )}
        </div>
    );
}
