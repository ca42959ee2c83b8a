// The state of the list of partners in the address, and the request it stands for. Imports nothing that draws: the start
// of the panel asks for the list before anything else is here.
import type { Filter } from "../../parts/useSelection";

export const partnerPageSize = 50;

/** Filters of the address, and the fields of the server they stand for. */
export const filterFields = {
    state: "status",
    type: "partner_type",
    method: "methods",
    warning: "warnings",
    setting: "state",
    tls: "tls",
    sasl: "sasl",
    dialback: "dialback",
    change: "draft",
} as const;

export type FilterName = keyof typeof filterFields;
export const filterNames = Object.keys(filterFields) as FilterName[];

/** A change of filter begins at the first page again. */
export const fromStart = { cursor: "", from: "" };
export const noFilters = { ...Object.fromEntries(filterNames.map((name) => [name, ""])), ...fromStart };

const any = "?*";

function pattern(name: FilterName, value: string): string {
    if (name === "warning") return value === "with" ? any : value === "without" ? "" : value;
    if (name === "change") return value === "any" ? any : value;
    return value;
}

/** The filters of the address as the server's lists and bulk requests know them. */
export function serverFilter(query: URLSearchParams): Filter {
    const filter: Filter = {};
    const q = query.get("q");
    if (q) filter.q = q;
    for (const name of filterNames) {
        const value = query.get(name);
        if (value) filter[filterFields[name]] = pattern(name, value);
    }
    return filter;
}

export type SortBy = "state" | "domain" | "type" | "success" | "failure";

const sortFields: { [by in SortBy]: string } = {
    state: "status",
    domain: "domain",
    type: "partner_type",
    success: "last_success",
    failure: "last_failure",
};

/** Of times the newest come first. */
function serverSort(text: string): string {
    const by = text.replace("-", "") as SortBy;
    const newestFirst = by === "success" || by === "failure";
    return `${text.startsWith("-") !== newestFirst ? "-" : ""}${sortFields[by] ?? "status"}`;
}

/** The request for what the address of the list shows. */
export function partnersPath(query: URLSearchParams): string {
    const params = new URLSearchParams({
        view: "draft",
        include: "status",
        limit: String(partnerPageSize),
        sort: serverSort(query.get("sort") ?? "state"),
        ...serverFilter(query),
    });
    const cursor = query.get("cursor");
    if (cursor) params.set("cursor", cursor);
    return `/partners?${params.toString()}`;
}
