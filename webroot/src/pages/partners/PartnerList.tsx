// XMPP Federated Partners: the list.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { useCallback, useState } from "react";
import { useAddressState, useRoute } from "../../frame/route";
import { FilterSelect } from "../../parts/Choice";
import { ChosenFilters, Pager, Search, SortTh } from "../../parts/ListTools";
import type { Chosen } from "../../parts/ListTools";
import type { Action } from "../../parts/Menu";
import { PageHeader } from "../../parts/Panel";
import { Empty, Failed, Loading, NothingFound } from "../../parts/States";
import { useNarrow } from "../../parts/useNarrow";
import { useLive } from "../../rest/live";
import { useMayChange } from "../../rest/session";
import type { Partner } from "../../rest/types";
import { t } from "../../words";
import { DeletePartners, EditPartners, setPartner, undoPartner } from "./PartnerActions";
import { PartnerBlock, PartnerRow, partnerPath } from "./PartnerRow";
import { arrange, isFailing, usePartners, warned } from "./usePartners";
import type { Filters, SortBy } from "./usePartners";

const pageSize = 20;
type Dialogue = { what: "delete" | "edit"; partners: Partner[] } | null;
type Set = (next: { [name: string]: string }) => void;

const filterNames = ["state", "type", "method", "warning"] as const;

function filterOptions(name: (typeof filterNames)[number]): { value: string; text: string }[] {
    const words: { [value: string]: string } = {
        state: t.liveState,
        type: t.partnerType,
        method: t.method,
        warning: { with: t.partners.withWarning, without: t.partners.withoutWarning },
    }[name];
    return Object.entries(words).map(([value, text]) => ({ value, text }));
}

function Tools({ query, set, narrow }: { query: URLSearchParams; set: Set; narrow: boolean }) {
    const [open, setOpen] = useState(false);
    const search = useCallback((q: string) => set({ q, from: "" }), [set]);
    const chosen: Chosen[] = filterNames.flatMap((name) => {
        const option = filterOptions(name).find((o) => o.value === query.get(name));
        const label = `${t.partners[name]}: ${option?.text ?? ""}`;
        return option ? [{ name, text: label, clear: () => set({ [name]: "", from: "" }) }] : [];
    });
    const clear = () => set({ state: "", type: "", method: "", warning: "", from: "" });
    return (
        <>
            <Search value={query.get("q") ?? ""} label={t.partners.search} onSearch={search} />
            {narrow && (
                <Button variant="secondary" onClick={() => setOpen(!open)} aria-expanded={open}>
                    {t.common.filter}
                </Button>
            )}
            {(!narrow || open) &&
                filterNames.map((name) => (
                    <FilterSelect
                        key={name}
                        label={t.partners[name]}
                        options={filterOptions(name)}
                        value={query.get(name) ?? ""}
                        onChange={(value) => set({ [name]: value, from: "" })}
                    />
                ))}
            <ChosenFilters chosen={chosen} clear={clear} />
        </>
    );
}

function useActions(open: (d: Dialogue) => void): (p: Partner) => Action[] {
    const { go } = useRoute();
    const { may } = useMayChange("partners");
    return (p) => {
        const path = partnerPath(p.domain);
        if (!may) return [{ text: t.common.edit, run: () => go(`${path}/edit`) }];
        if (p.draft === "removed") return [{ text: t.common.undoRemove, run: () => void undoPartner(p.domain) }];
        const suspended = p.state === "suspended";
        return [
            { text: t.common.edit, run: () => go(`${path}/edit`) },
            { text: t.common.clone, run: () => go(`${path}/clone`) },
            {
                text: suspended ? t.partners.activate : t.partners.suspend,
                run: () => void setPartner(p.domain, { state: suspended ? "active" : "suspended" }),
            },
            { text: t.common.remove, danger: true, run: () => open({ what: "delete", partners: [p] }) },
        ];
    };
}

interface Heads {
    sort: SortBy;
    down: boolean;
    set: Set;
    all: boolean;
    selectAll: (on: boolean) => void;
}

function Head({ sort, down, set, all, selectAll }: Heads) {
    const onSort = (by: SortBy, next: boolean) => set({ sort: by === "state" && !next ? "" : `${next ? "-" : ""}${by}`, from: "" });
    const c = t.partners.columns;
    const sortable = (by: SortBy, text: string) => (
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
                        onChange={(e) => selectAll(e.target.checked)}
                        aria-label={t.common.selectAll}
                    />
                </Th>
                {sortable("state", c.state)}
                {sortable("domain", c.domain)}
                {sortable("type", c.type)}
                <Th>{c.methods}</Th>
                {sortable("success", c.success)}
                {sortable("failure", c.failure)}
                <Th screenReaderText={t.common.actions("")} />
            </Tr>
        </Thead>
    );
}

export default function PartnerList() {
    const { go } = useRoute();
    const narrow = useNarrow();
    const { status } = useLive();
    const { may, only } = useMayChange("partners");
    const [query, set] = useAddressState();
    const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
    const [dialogue, setDialogue] = useState<Dialogue>(null);
    const actions = useActions(setDialogue);
    const q = query.get("q") ?? "";
    const { data, error, at, reload } = usePartners(q);

    const sortText = query.get("sort") ?? "state";
    const down = sortText.startsWith("-");
    const sort = sortText.replace("-", "") as SortBy;
    const filters = Object.fromEntries(filterNames.map((n) => [n, query.get(n) ?? ""])) as unknown as Filters;
    const fitting = data ? arrange(data.items, filters, sort, down) : [];
    const from = Math.min(Number(query.get("from")) || 0, Math.max(0, fitting.length - 1));
    const shown = fitting.slice(from, from + pageSize);
    const selected = fitting.filter((p) => marked.has(p.domain));
    const failing = fitting.filter(isFailing).length;
    const mark = (domains: string[], on: boolean) => {
        const next = new Set(marked);
        domains.forEach((d) => (on ? next.add(d) : next.delete(d)));
        setMarked(next);
    };
    const close = () => {
        setDialogue(null);
        setMarked(new Set());
    };
    const row = (p: Partner) => ({
        partner: p,
        selected: marked.has(p.domain),
        select: (on: boolean) => mark([p.domain], on),
        actions: actions(p),
        selectable: p.draft !== "removed",
    });
    const filtered = q || filterNames.some((n) => filters[n]);
    const pager = (
        <Pager
            from={from + 1}
            to={Math.min(from + pageSize, fitting.length)}
            total={fitting.length}
            previous={from > 0 ? () => set({ from: String(Math.max(0, from - pageSize) || "") }) : null}
            next={from + pageSize < fitting.length ? () => set({ from: String(from + pageSize) }) : null}
        />
    );

    return (
        <div className="fg-page fg-list-page">
            <PageHeader
                title={t.partners.title}
                lead={narrow && data ? t.partners.leadShort(data.total, failing) : t.partners.lead(status.data?.home_domain ?? null)}
                actions={
                    <Button
                        onClick={() => go("/partners/new")}
                        isDisabled={!may}
                        title={may ? undefined : t.common.onlyRoles(only.map((r) => t.roles[r]).join(", "))}
                    >
                        {narrow ? t.partners.addShort : t.partners.add}
                    </Button>
                }
            />
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            <div className="fg-tools">
                <Tools query={query} set={set} narrow={narrow} />
                {selected.length > 0 && may && (
                    <span className="fg-bulk">
                        <b>{t.common.selected(selected.length)}</b>
                        <Button variant="secondary" onClick={() => setDialogue({ what: "edit", partners: selected })}>
                            {t.partners.editMany}
                        </Button>
                        <Button variant="secondary" isDanger onClick={() => setDialogue({ what: "delete", partners: selected })}>
                            {t.partners.deleteMany}
                        </Button>
                    </span>
                )}
            </div>
            {!data && !error && <Loading lines={8} height="44px" />}
            {data && !data.items.length && !filtered && <Empty title={t.partners.empty}>{t.partners.emptyText}</Empty>}
            {data && !fitting.length && filtered && (
                <NothingFound
                    filters={[q, ...filterNames.map((n) => filterOptions(n).find((o) => o.value === filters[n])?.text ?? "")].filter(Boolean)}
                    clear={() => set({ q: "", state: "", type: "", method: "", warning: "", from: "" })}
                />
            )}
            {shown.length > 0 && narrow && (
                <ul className="fg-blocks">
                    {shown.map((p) => (
                        <PartnerBlock key={p.domain} {...row(p)} />
                    ))}
                </ul>
            )}
            {shown.length > 0 && !narrow && (
                <div className="fg-table-scroll">
                    <Table role="table" variant="compact" aria-label={t.partners.title} className="fg-table fg-partners" gridBreakPoint="">
                        <Head
                            sort={sort}
                            down={down}
                            set={set}
                            all={shown.every((p) => marked.has(p.domain))}
                            selectAll={(on) => mark(shown.map((p) => p.domain), on)}
                        />
                        <Tbody>
                            {shown.map((p) => (
                                <PartnerRow key={p.domain} {...row(p)} />
                            ))}
                        </Tbody>
                    </Table>
                </div>
            )}
            {data && fitting.length > 0 && (
                <footer className="fg-foot">
                    <span className="fg-muted">
                        {data.total > data.items.length
                            ? t.partners.cut(data.items.length, data.total)
                            : t.partners.foot(fitting.length, failing, fitting.filter(warned).length)}
                    </span>
                    {pager}
                </footer>
            )}
            {dialogue?.what === "delete" && <DeletePartners partners={dialogue.partners} close={close} />}
            {dialogue?.what === "edit" && <EditPartners partners={dialogue.partners} close={close} />}
        </div>
    );
}
