// Audit: every change and every sign-in, the newest first. Filters stand in the address; the chain can be verified here.
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { useCallback } from "react";
import { useAddressState } from "../../frame/route";
import { FilterSelect } from "../../parts/Choice";
import { CursorPager } from "../../parts/CursorPager";
import { ChosenFilters, Search } from "../../parts/ListTools";
import { useMay } from "../../parts/may";
import { PageHeader, Panel } from "../../parts/Panel";
import { Empty, Failed, Loading, NothingFound } from "../../parts/States";
import { useGet } from "../../rest/useLoad";
import type { Page } from "../../rest/types";
import { t } from "../../words";
import { DateFilter } from "./DateFilter";
import { EntryList } from "./EntryList";
import type { AuditEntry } from "./EntryList";
import { Verify } from "./Verify";

const pageSize = 50;
const filters = ["q", "who", "action", "outcome", "kind", "key", "since", "until"] as const;

/** The filter of the page as the server takes it. Days are those of the browser's time zone. */
function queryOf(state: URLSearchParams): URLSearchParams {
    const query = new URLSearchParams();
    for (const name of filters) {
        const value = state.get(name);
        if (!value) continue;
        const day = name === "since" || name === "until";
        query.set(name, day ? new Date(`${value}T${name === "since" ? "00:00:00" : "23:59:59.999"}`).toISOString() : value);
    }
    return query;
}

function textOf(name: (typeof filters)[number], value: string): string {
    const a = t.audit;
    if (name === "action") return (a.actions as { [id: string]: string })[value] ?? value;
    if (name === "outcome") return (a.outcomes as { [id: string]: string })[value] ?? value;
    return `${a.filter[name]}: ${value}`;
}

function Tools({ state, set, exportPath }: { state: URLSearchParams; set: (next: { [n: string]: string }) => void; exportPath: string }) {
    const a = t.audit;
    const search = useCallback((q: string) => set({ q, cursor: "", from: "" }), [set]);
    const change = (name: string) => (value: string) => set({ [name]: value, cursor: "", from: "" });
    const options = (words: { [id: string]: string }) => Object.entries(words).map(([value, text]) => ({ value, text }));
    const chosen = filters
        .filter((name) => name !== "q" && state.get(name))
        .map((name) => ({ name, text: textOf(name, state.get(name) ?? ""), clear: () => change(name)("") }));
    const clear = () => set({ ...Object.fromEntries(filters.map((name) => [name, ""])), cursor: "", from: "" });
    return (
        <div className="fg-tools">
            <Search value={state.get("q") ?? ""} label={a.search} onSearch={search} />
            <FilterSelect label={a.filter.action} options={options(a.actions)} value={state.get("action") ?? ""} onChange={change("action")} />
            <FilterSelect label={a.filter.outcome} options={options(a.outcomes)} value={state.get("outcome") ?? ""} onChange={change("outcome")} />
            <DateFilter label={a.filter.since} value={state.get("since") ?? ""} onChange={change("since")} />
            <DateFilter label={a.filter.until} value={state.get("until") ?? ""} onChange={change("until")} />
            <Button variant="secondary" component="a" href={exportPath} download="audit.jsonl">
                {a.export}
            </Button>
            <ChosenFilters chosen={chosen} clear={clear} />
        </div>
    );
}

export default function Audit() {
    const a = t.audit;
    const may = useMay("audit");
    const [state, set] = useAddressState();
    const query = queryOf(state);
    const filtered = query.size > 0;
    const exported = new URLSearchParams(query);
    exported.set("format", "jsonl");
    query.set("limit", String(pageSize));
    if (state.get("cursor")) query.set("cursor", state.get("cursor") ?? "");
    const { data, error, at, reload } = useGet<Page<AuditEntry>>(may.may ? `/audit?${query.toString()}` : null, { every: 15000 });
    const clear = () => set({ ...Object.fromEntries(filters.map((name) => [name, ""])), cursor: "", from: "" });
    return (
        <div className="fg-page fg-list-page">
            <PageHeader title={a.title} lead={a.lead} actions={may.may && <Verify />} />
            {!may.may && (
                <Panel>
                    <Empty title={a.notYours}>{may.why}</Empty>
                </Panel>
            )}
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            {may.may && <Tools state={state} set={set} exportPath={`/api/v1/audit?${exported.toString()}`} />}
            {may.may && !data && !error && <Loading lines={10} />}
            {data && !data.items.length && (filtered ? <NothingFound filters={[]} clear={clear} /> : <Empty title={a.empty} />)}
            {data && data.items.length > 0 && (
                <>
                    <EntryList entries={data.items} filter={(name, value) => set({ [name]: value, cursor: "", from: "" })} />
                    <CursorPager page={data} size={pageSize} />
                </>
            )}
        </div>
    );
}
