// XMPP Federated Partners: the list. Search, filters, order, paging and counting are the server's.
import { Table } from "@patternfly/react-table/dist/esm/components/Table/Table";
import { Tbody } from "@patternfly/react-table/dist/esm/components/Table/Tbody";
import { Th } from "@patternfly/react-table/dist/esm/components/Table/Th";
import { Thead } from "@patternfly/react-table/dist/esm/components/Table/Thead";
import { Tr } from "@patternfly/react-table/dist/esm/components/Table/Tr";
import { useState } from "react";
import { useAddressState, useRoute } from "../../frame/route";
import { CursorPager } from "../../parts/CursorPager";
import { SortTh } from "../../parts/ListTools";
import { useMay, useMayOf } from "../../parts/may";
import { MayButton } from "../../parts/MayButton";
import { PageHeader } from "../../parts/Panel";
import { Empty, Failed, Loading, NothingFound } from "../../parts/States";
import { useNarrow } from "../../parts/useNarrow";
import { useGradually } from "../../parts/useGradually";
import { useSelection } from "../../parts/useSelection";
import type { Target } from "../../parts/useSelection";
import { useLive } from "../../rest/live";
import type { Partner } from "../../rest/types";
import { t } from "../../words";
import { ChangePartners } from "./ChangePartners";
import type { What } from "./ChangePartners";
import { domainsOf, usePartnerActions } from "./PartnerActions";
import { PartnerBlock, PartnerRow } from "./PartnerRow";
import { Bulk, filterTexts, Tools } from "./PartnerTools";
import type { Set } from "./PartnerTools";
import { fromStart, noFilters, partnerPageSize, serverFilter, usePartners } from "./usePartners";
import type { PartnerPage, SortBy } from "./usePartners";

type Dialogue = { what: What; target: Target } | null;

interface Heads {
    sort: SortBy;
    down: boolean;
    set: Set;
    all: boolean;
    may: boolean;
    selectAll: (on: boolean) => void;
}

function Head({ sort, down, set, all, may, selectAll }: Heads) {
    const onSort = (by: SortBy, next: boolean) => set({ sort: by === "state" && !next ? "" : `${next ? "-" : ""}${by}`, ...fromStart });
    const c = t.partners.columns;
    const { why } = useMay("partners");
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
                        disabled={!may}
                        title={why ?? undefined}
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

function Header({ page, narrow }: { page: PartnerPage | null; narrow: boolean }) {
    const { go } = useRoute();
    const { status } = useLive();
    const rights = useMay("partners");
    const lead =
        narrow && page ? t.partners.leadShort(page.total, page.counts.failing) : t.partners.lead(status.data?.home_domain ?? null);
    return (
        <PageHeader
            title={t.partners.title}
            lead={lead}
            actions={
                <MayButton may={rights} onClick={() => go("/partners/new")}>
                    {narrow ? t.partners.addShort : t.partners.add}
                </MayButton>
            }
        />
    );
}

export default function PartnerList() {
    const narrow = useNarrow();
    const mayOf = useMayOf("partners");
    const { may } = mayOf();
    const [query, set] = useAddressState();
    const [dialogue, setDialogue] = useState<Dialogue>(null);
    const [failure, setFailure] = useState<unknown>(null);
    const actions = usePartnerActions({
        remove: (p) => setDialogue({ what: "delete", target: { keys: [p.domain] } }),
        suspend: (p) => setDialogue({ what: "suspend", target: { keys: [p.domain] } }),
        fail: setFailure,
    });
    const { data, error, at, reload } = usePartners(query);

    const sortText = query.get("sort") ?? "state";
    const down = sortText.startsWith("-");
    const filter = serverFilter(query);
    const total = data?.total ?? 0;
    const selection = useSelection(filter, total);
    const filtered = Object.keys(filter).length > 0;
    const items = data?.items ?? [];
    const drawn = useGradually(items, query.toString());
    const selectable = items.filter((p) => p.draft !== "removed" && mayOf(domainsOf(p)).may).map((p) => p.domain);
    const row = (p: Partner) => ({
        partner: p,
        selected: p.draft !== "removed" && selection.has(p.domain),
        select: (on: boolean) => selection.mark([p.domain], on),
        actions: actions(p),
        rights: mayOf(domainsOf(p)),
    });
    const open = (what: What) => setDialogue({ what, target: selection.target() });

    return (
        <div className="fg-page fg-list-page">
            <Header page={data} narrow={narrow} />
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {failure !== null && <Failed title={t.common.saveFailed} error={failure} />}
            <div className="fg-tools">
                <Tools query={query} set={set} narrow={narrow} />
            </div>
            {selection.count > 0 && may && (
                <Bulk
                    count={selection.count}
                    found={!selection.everything && total > selection.count ? total : null}
                    filtered={filtered}
                    selectFound={selection.markEverything}
                    clear={selection.clear}
                    open={open}
                />
            )}
            {!data && !error && <Loading lines={8} height="44px" />}
            {data && !items.length && !filtered && <Empty title={t.partners.empty}>{t.partners.emptyText}</Empty>}
            {data && !items.length && filtered && (
                <NothingFound
                    filters={[query.get("q") ?? "", ...filterTexts(query).map(({ text }) => text)].filter(Boolean)}
                    clear={() => set({ q: "", ...noFilters })}
                />
            )}
            {items.length > 0 && narrow && (
                <ul className="fg-blocks">
                    {drawn.map((p) => (
                        <PartnerBlock key={p.domain} {...row(p)} />
                    ))}
                </ul>
            )}
            {items.length > 0 && !narrow && (
                <div className="fg-table-scroll">
                    <Table role="table" variant="compact" aria-label={t.partners.title} className="fg-table fg-partners" gridBreakPoint="">
                        <Head
                            sort={sortText.replace("-", "") as SortBy}
                            down={down}
                            set={set}
                            may={may}
                            all={selectable.length > 0 && selectable.every(selection.has)}
                            selectAll={(on) => selection.mark(selectable, on)}
                        />
                        <Tbody>
                            {drawn.map((p) => (
                                <PartnerRow key={p.domain} {...row(p)} />
                            ))}
                        </Tbody>
                    </Table>
                </div>
            )}
            {data && items.length > 0 && (
                <CursorPager
                    page={data}
                    size={partnerPageSize}
                    total={t.partners.foot(data.total, data.counts.failing, data.counts.warnings)}
                />
            )}
            {dialogue && <ChangePartners {...dialogue} close={() => setDialogue(null)} done={selection.clear} />}
        </div>
    );
}
