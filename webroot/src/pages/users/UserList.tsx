// Users: the list. Search, filters, order and paging are the server's, so that 100,000 rows are as quick as ten.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { useState } from "react";
import { useAddressState, useRoute } from "../../frame/route";
import { CursorPager } from "../../parts/CursorPager";
import { SortTh } from "../../parts/ListTools";
import { useMay } from "../../parts/may";
import { MayButton } from "../../parts/MayButton";
import type { Action } from "../../parts/Menu";
import { PageHeader, Panel } from "../../parts/Panel";
import { Empty, Failed, Loading, NothingFound } from "../../parts/States";
import { useNarrow } from "../../parts/useNarrow";
import { useSelection } from "../../parts/useSelection";
import type { Target as SelectionTarget } from "../../parts/useSelection";
import { rest, segment } from "../../rest/client";
import { editPath } from "../../routes";
import { t } from "../../words";
import { ChangeUsers } from "./ChangeUsers";
import type { Target, What } from "./ChangeUsers";
import { whyPath } from "../why/question";
import { UserBlock, UserRow } from "./UserRow";
import { Bulk, filterNames, filterText, fromStart, noFilters, Tools } from "./UserTools";
import type { Set } from "./UserTools";
import { serverFilter, userPageSize, userPath, useUsers } from "./users";
import type { User } from "./users";

type Dialogue = { what: What; target: Target } | null;

export function userActions(user: User, may: boolean, go: (to: string) => void, open: (what: What) => void): Action[] {
    const edit = { text: t.common.edit, run: () => go(editPath("users", user.address)) };
    const why = { text: t.why.ask, run: () => go(whyPath({ from: user.address })) };
    if (!may) return [{ text: t.users.details, run: () => go(userPath(user.address)) }, why];
    if (user.draft === "removed") {
        return [{ text: t.common.undoRemove, run: () => void rest.remove(`/draft/changes/users/${segment(user.address)}`) }];
    }
    const actions: Action[] = [edit, { text: t.users.grant, run: () => open("grant") }];
    if (user.policy) actions.push({ text: t.users.ungrant, run: () => open("ungrant") });
    const xmpp: What = user.xmpp_excluded ? "include" : "exclude";
    actions.push({ text: t.users[xmpp], run: () => open(xmpp) }, why);
    actions.push({ text: t.users.remove, danger: true, run: () => open("delete") });
    return actions;
}

interface HeadProps {
    query: URLSearchParams;
    set: Set;
    all: boolean;
    may: boolean;
    selectAll: (on: boolean) => void;
}

function Head({ query, set, all, may, selectAll }: HeadProps) {
    const sortText = query.get("sort") ?? "address";
    const down = sortText.startsWith("-");
    const sort = sortText.replace("-", "");
    const onSort = (by: string, next: boolean) =>
        set({ sort: by === "address" && !next ? "" : `${next ? "-" : ""}${by}`, ...fromStart });
    const c = t.users.columns;
    const sortable = (by: string, text: string) => (
        <SortTh by={by} sort={sort} down={down} onSort={onSort}>
            {text}
        </SortTh>
    );
    return (
        <Thead>
            <Tr>
                <Th className="fg-check" aria-label={t.common.selectAll}>
                    <input
                        type="checkbox"
                        checked={all}
                        disabled={!may}
                        onChange={(e) => selectAll(e.target.checked)}
                        aria-label={t.common.selectAll}
                    />
                </Th>
                {sortable("address", c.address)}
                {sortable("display_name", c.name)}
                {sortable("site", c.site)}
                {sortable("policy", c.policy)}
                <Th>{c.effective}</Th>
                {sortable("xmpp_excluded", c.xmpp)}
                <Th screenReaderText={t.common.actions("")} />
            </Tr>
        </Thead>
    );
}

const targetOf = (target: SelectionTarget): Target => ("keys" in target ? { users: target.keys } : target);

function Header() {
    const { go } = useRoute();
    const rights = useMay("users");
    return (
        <PageHeader
            title={t.users.title}
            lead={rights.may ? t.users.lead : `${t.users.lead} ${rights.why}`}
            actions={
                <>
                    <MayButton may={rights} variant="secondary" onClick={() => go("/users/import")}>
                        {t.users.importFile}
                    </MayButton>
                    <MayButton may={rights} onClick={() => go("/users/new")}>
                        {t.users.add}
                    </MayButton>
                </>
            }
        />
    );
}

export default function UserList() {
    const { go } = useRoute();
    const narrow = useNarrow();
    const { may } = useMay("users");
    const [query, set] = useAddressState();
    const [dialogue, setDialogue] = useState<Dialogue>(null);
    const { data, error, at, reload } = useUsers(query);
    const filter = serverFilter(query);
    const total = data?.total ?? 0;
    const selection = useSelection(filter, total);
    const filtered = Object.keys(filter).length > 0;
    const items = data?.items ?? [];
    const selectable = items.filter((u) => u.draft !== "removed");

    const row = (user: User) => ({
        user,
        selected: user.draft !== "removed" && selection.has(user.address),
        select: (on: boolean) => selection.mark([user.address], on),
        actions: userActions(user, may, go, (what) => setDialogue({ what, target: { users: [user.address] } })),
        selectable: may && user.draft !== "removed",
    });
    const chosenTexts = [
        query.get("q") ?? "",
        ...filterNames.map((n) => (query.get(n) ? `${t.users.filters[n]}: ${filterText(n, query.get(n) ?? "")}` : "")),
    ].filter(Boolean);
    return (
        <div className="fg-page fg-list-page">
            <Header />
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {(items.length > 0 || filtered || !data) && (
                <div className="fg-tools">
                    <Tools query={query} set={set} narrow={narrow} />
                </div>
            )}
            {selection.count > 0 && (
                <Bulk
                    count={selection.count}
                    found={!selection.everything && total > selection.count ? total : null}
                    filtered={filtered}
                    selectFound={selection.markEverything}
                    clear={selection.clear}
                    run={(what) => setDialogue({ what, target: targetOf(selection.target()) })}
                />
            )}
            {!data && !error && <Loading lines={8} height="44px" />}
            {data && !items.length && !filtered && (
                <Panel>
                    <Empty
                        title={t.users.empty}
                        action={may && <Button variant="link" onClick={() => go("/users/import")}>{t.users.emptyFirst}</Button>}
                    >
                        {t.users.emptyText}
                    </Empty>
                </Panel>
            )}
            {data && !items.length && filtered && <NothingFound filters={chosenTexts} clear={() => set(noFilters)} />}
            {items.length > 0 && narrow && (
                <ul className="fg-blocks">
                    {items.map((u) => (
                        <UserBlock key={u.address} {...row(u)} />
                    ))}
                </ul>
            )}
            {items.length > 0 && !narrow && (
                <div className="fg-table-scroll">
                    <Table role="table" variant="compact" aria-label={t.users.title} className="fg-table fg-users" gridBreakPoint="">
                        <Head
                            query={query}
                            set={set}
                            may={may}
                            all={selectable.length > 0 && selectable.every((u) => selection.has(u.address))}
                            selectAll={(on) => selection.mark(selectable.map((u) => u.address), on)}
                        />
                        <Tbody>
                            {items.map((u) => (
                                <UserRow key={u.address} {...row(u)} />
                            ))}
                        </Tbody>
                    </Table>
                </div>
            )}
            {data && items.length > 0 && <CursorPager page={data} size={userPageSize} total={t.users.total(data.total)} />}
            {dialogue && (
                <ChangeUsers {...dialogue} close={() => setDialogue(null)} done={selection.clear} />
            )}
        </div>
    );
}
