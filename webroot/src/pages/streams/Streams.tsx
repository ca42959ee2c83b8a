// Streams: every connection with a partner, live. Search, filters, order, paging and counting are the server's.
import { useCallback, useEffect } from "react";
import { Link, useAddressState } from "../../frame/route";
import { FilterSelect } from "../../parts/Choice";
import { CursorPager } from "../../parts/CursorPager";
import { ChosenFilters, Search } from "../../parts/ListTools";
import { PageHeader, Panel } from "../../parts/Panel";
import { Empty, Failed, Loading, NothingFound } from "../../parts/States";
import { StreamTable } from "../../parts/StreamTable";
import type { StreamColumn } from "../../parts/StreamTable";
import { useLast } from "../../parts/useSteady";
import { useGet } from "../../rest/useLoad";
import type { ConfigObject, Method, Stream, StreamPage } from "../../rest/types";
import { t } from "../../words";
import { filterNames, fromStart, noFilters, sortOf, streamPageSize, streamsPath, useStreams, withoutMethod } from "./useStreams";
import type { FilterName } from "./useStreams";

type Set = (next: { [name: string]: string }) => void;

function lead({ counts }: StreamPage, limit: unknown): string {
    return t.streams.lead(counts.open, typeof limit === "number" ? limit : null, counts.setting_up, counts.closing);
}

function filterText(name: FilterName, value: string): string {
    const w = t.streams;
    if (name === "state") return w.phase[value as Stream["phase"]] ?? value;
    if (name === "direction") return w.directionLong[value as "in" | "out"] ?? value;
    if (name === "method") return value === withoutMethod ? w.noMethod : (t.method[value as Method] ?? value);
    return w.partner(value);
}

function Tools({ query, set, chosen }: { query: URLSearchParams; set: Set; chosen: { name: FilterName; text: string }[] }) {
    const w = t.streams;
    const search = useCallback((q: string) => set({ q, ...fromStart }), [set]);
    const select = (name: FilterName, label: string, values: string[]) => (
        <FilterSelect
            label={label}
            options={values.map((value) => ({ value, text: filterText(name, value) }))}
            value={query.get(name) ?? ""}
            onChange={(value) => set({ [name]: value, ...fromStart })}
        />
    );
    return (
        <div className="fg-tools">
            <Search value={query.get("q") ?? ""} label={w.search} onSearch={search} />
            {select("state", w.columns.state, Object.keys(w.phase))}
            {select("direction", w.columns.direction, Object.keys(w.direction))}
            {select("method", w.columns.method, [...Object.keys(t.method), withoutMethod])}
            <ChosenFilters
                chosen={chosen.map((c) => ({ ...c, clear: () => set({ [c.name]: "", ...fromStart }) }))}
                clear={() => set(noFilters)}
            />
        </div>
    );
}

export default function Streams() {
    const [query, set] = useAddressState();
    const path = streamsPath(query);
    const { data, error, at, reload } = useStreams(path);
    const page = useLast(data);
    const limit = useGet<ConfigObject>("/settings").data?.connection_limit;
    const chosen = filterNames.flatMap((name) => {
        const value = query.get(name);
        return value ? [{ name, text: filterText(name, value) }] : [];
    });
    const q = query.get("q") ?? "";
    const filtered = chosen.length > 0 || q !== "";
    const sorting = {
        ...sortOf(query),
        set: (by: StreamColumn, down: boolean) => set({ sort: by === "since" && !down ? "" : `${down ? "-" : ""}${by}`, ...fromStart }),
    };

    // All of the page that was open here have closed: what is left begins at the front.
    const lost = !!data && !data.items.length && data.total > 0;
    useEffect(() => {
        if (lost) set(fromStart);
    }, [lost, set]);

    return (
        <div className="fg-page fg-list-page">
            <PageHeader title={t.streams.title} lead={page ? lead(page, limit) : " "} />
            {error && <Failed error={error} at={page ? at : null} retry={reload} />}
            <Tools query={query} set={set} chosen={chosen} />
            {!page && !error && <Loading lines={6} height="40px" />}
            {page && page.total === 0 && !filtered && (
                <Panel>
                    <Empty title={t.streams.empty} action={<Link to="/partners">{t.streams.toPartners}</Link>}>
                        {t.streams.emptyText}
                    </Empty>
                </Panel>
            )}
            {page && page.total === 0 && filtered && (
                <NothingFound filters={[q, ...chosen.map((c) => c.text)].filter(Boolean)} clear={() => set(noFilters)} />
            )}
            {page && page.total > 0 && (
                <>
                    <StreamTable linked streams={page.items} scope={data ? path : ""} sorting={sorting} />
                    <CursorPager page={page} size={streamPageSize} total={`${t.streams.foot(page.total)} · ${t.common.updates}`} />
                </>
            )}
        </div>
    );
}
