// The partners as the list shows them: drafted, with their live state. The server searches, filters, orders, pages
// and counts, by live state too, so that ten thousand are as quick as ten.
import { rest } from "../../rest/client";
import { useLoad } from "../../rest/useLoad";
import type { Loaded } from "../../rest/useLoad";
import type { LiveState, Page, Partner } from "../../rest/types";
import { partnersPath } from "./address";

export { filterFields, filterNames, fromStart, noFilters, partnerPageSize, serverFilter } from "./address";
export type { FilterName, SortBy } from "./address";

export interface PartnerPage extends Page<Partner> {
    /** Of all that fit: how many are in each state, and how many have warnings. */
    counts: { [state in LiveState | "warnings"]: number };
}

export function usePartners(query: URLSearchParams): Loaded<PartnerPage> {
    const path = partnersPath(query);
    return useLoad<PartnerPage>(path, (signal) => rest.get<PartnerPage>(path, undefined, signal), { every: 10000 });
}

/** What a partner does now; configuration that keeps it from connecting comes first. */
export function liveState(partner: Partner): LiveState {
    if (partner.status) return partner.status.state;
    return partner.state === "active" ? "never" : partner.state;
}
