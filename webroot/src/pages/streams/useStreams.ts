// The streams that the list shows: the server searches, filters, orders, pages and counts, so that ten thousand are
// as quick as ten.
import { rest } from "../../rest/client";
import { useLoad } from "../../rest/useLoad";
import type { StreamPage } from "../../rest/types";
import type { StreamColumn } from "../../parts/StreamTable";

export const streamPageSize = 50;

/** Filters of the address, and the fields of the server they stand for. */
const filterFields = { state: "phase", direction: "direction", method: "method", partner: "partner" } as const;
export type FilterName = keyof typeof filterFields;
export const filterNames = Object.keys(filterFields) as FilterName[];

/** In the address: streams that have proved nothing yet. */
export const withoutMethod = "none";

export const fromStart = { cursor: "", from: "" };
export const noFilters = { q: "", ...Object.fromEntries(filterNames.map((name) => [name, ""])), ...fromStart };

const sortFields: { [by in StreamColumn]: string } = {
    state: "phase",
    pair: "remote_domain",
    peer: "peer_address",
    method: "method",
    since: "since",
    stanzas: "stanzas",
    queue: "queue",
};

/** The order in the address; the longest first is what the list begins with. */
export function sortOf(query: URLSearchParams): { by: StreamColumn; down: boolean } {
    const text = query.get("sort") ?? "";
    const by = text.replace("-", "");
    return by in sortFields ? { by: by as StreamColumn, down: text.startsWith("-") } : { by: "since", down: false };
}

export function streamsPath(query: URLSearchParams): string {
    const { by, down } = sortOf(query);
    const params = new URLSearchParams({ limit: String(streamPageSize), sort: `${down ? "-" : ""}${sortFields[by]}` });
    const q = query.get("q");
    if (q) params.set("q", q);
    for (const name of filterNames) {
        const value = query.get(name);
        if (value) params.set(filterFields[name], name === "method" && value === withoutMethod ? "" : value);
    }
    const cursor = query.get("cursor");
    if (cursor) params.set("cursor", cursor);
    return `/streams?${params.toString()}`;
}

export function useStreams(path: string) {
    return useLoad<StreamPage>(path, (signal) => rest.get<StreamPage>(path, undefined, signal), { every: 3000 });
}
