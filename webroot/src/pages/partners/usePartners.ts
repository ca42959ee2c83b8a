// The partners as the list shows them: drafted, with their live state. The server searches, filters, orders, pages
// and counts, by live state too, so that ten thousand are as quick as ten.
import { rest } from "../../rest/client";
import { useLoad } from "../../rest/useLoad";
import type { Loaded } from "../../rest/useLoad";
import type { LiveState, Page, Partner } from "../../rest/types";
import type { Filter } from "../../parts/useSelection";

export const partnerPageSize = 50;

export interface PartnerPage extends Page<Partner> {
    /** Of all that fit: how many are in each state, and how many have warnings. */
    counts: { [state in LiveState | "warnings"]: number };
}

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

export function usePartners(query: URLSearchParams): Loaded<PartnerPage> {
    const params = new URLSearchParams({
        view: "draft",
        include: "status",
        limit: String(partnerPageSize),
        sort: serverSort(query.get("sort") ?? "state"),
        ...serverFilter(query),
    });
    const cursor = query.get("cursor");
    if (cursor) params.set("cursor", cursor);
    const path = `/partners?${params.toString()}`;
    return useLoad<PartnerPage>(path, (signal) => rest.get<PartnerPage>(path, undefined, signal), { every: 10000 });
}

/** What a partner does now; configuration that keeps it from connecting comes first. */
export function liveState(partner: Partner): LiveState {
    if (partner.status) return partner.status.state;
    return partner.state === "active" ? "never" : partner.state;
}
