// Streams: every connection with a partner, live.
import { useCallback } from "react";
import { Link, useAddressState } from "../../frame/route";
import { FilterSelect } from "../../parts/Choice";
import { ChosenFilters, Pager, Search } from "../../parts/ListTools";
import { PageHeader, Panel } from "../../parts/Panel";
import { Empty, Failed, Loading, NothingFound } from "../../parts/States";
import { isOpen, StreamTable } from "../../parts/StreamTable";
import { all } from "../../rest/client";
import { useGet, useLoad } from "../../rest/useLoad";
import type { ConfigObject, Method, Page, Stream } from "../../rest/types";
import { t } from "../../words";

const pageSize = 50;
const most = 10000;

function useStreams() {
    return useLoad<Page<Stream>>(
        "streams",
        async (signal) => ({ data: await all<Stream>("/streams", {}, most, signal), etag: null }),
        { every: 3000 },
    );
}

function fits(stream: Stream, q: string, direction: string, method: string): boolean {
    const text = [stream.remote_domain, stream.local_domain, stream.peer_address, stream.partner].join(" ");
    return (
        (!q || text.includes(q.toLowerCase())) &&
        (!direction || stream.direction === direction) &&
        (!method || stream.method === (method as Method))
    );
}

export default function Streams() {
    const { data, error, at, reload } = useStreams();
    const limit = useGet<ConfigObject>("/settings").data?.connection_limit;
    const [query, set] = useAddressState();
    const search = useCallback((q: string) => set({ q, from: "" }), [set]);
    const q = query.get("q") ?? "";
    const direction = query.get("direction") ?? "";
    const method = query.get("method") ?? "";
    const fitting = (data?.items ?? []).filter((s) => fits(s, q, direction, method));
    const from = Math.min(Number(query.get("from")) || 0, Math.max(0, fitting.length - 1));
    const clear = () => set({ q: "", direction: "", method: "", from: "" });
    const options = (words: { [v: string]: string }) => Object.entries(words).map(([value, text]) => ({ value, text }));
    const chosen = [
        { name: "direction", text: t.streams.direction[direction as "in" | "out"] },
        { name: "method", text: t.method[method as Method] },
    ]
        .filter((c) => c.text)
        .map((c) => ({ name: c.name, text: c.text, clear: () => set({ [c.name]: "", from: "" }) }));
    const open = (data?.items ?? []).filter(isOpen).length;

    return (
        <div className="fg-page fg-list-page">
            <PageHeader
                title={t.streams.title}
                lead={data ? t.streams.lead(open, typeof limit === "number" ? limit : null) : undefined}
            />
            {error && <Failed error={error} at={data ? at : null} retry={reload} />}
            <div className="fg-tools">
                <Search value={q} label={t.streams.search} onSearch={search} />
                <FilterSelect
                    label={t.streams.columns.direction}
                    options={options(t.streams.direction)}
                    value={direction}
                    onChange={(value) => set({ direction: value, from: "" })}
                />
                <FilterSelect
                    label={t.streams.columns.method}
                    options={options(t.method)}
                    value={method}
                    onChange={(value) => set({ method: value, from: "" })}
                />
                <ChosenFilters chosen={chosen} clear={clear} />
            </div>
            {!data && !error && <Loading lines={6} />}
            {data && !data.items.length && (
                <Panel>
                    <Empty title={t.streams.empty} action={<Link to="/partners">{t.streams.toPartners}</Link>}>
                        {t.streams.emptyText}
                    </Empty>
                </Panel>
            )}
            {data && data.items.length > 0 && !fitting.length && (
                <NothingFound filters={[q, ...chosen.map((c) => c.text)].filter(Boolean)} clear={clear} />
            )}
            {fitting.length > 0 && <StreamTable linked streams={fitting.slice(from, from + pageSize)} />}
            {fitting.length > 0 && (
                <footer className="fg-foot">
                    <span className="fg-muted">{t.common.updates}</span>
                    <Pager
                        from={from + 1}
                        to={Math.min(from + pageSize, fitting.length)}
                        total={fitting.length}
                        previous={from > 0 ? () => set({ from: String(Math.max(0, from - pageSize) || "") }) : null}
                        next={from + pageSize < fitting.length ? () => set({ from: String(from + pageSize) }) : null}
                    />
                </footer>
            )}
        </div>
    );
}
