// The partners as the list shows them: drafted, with their live state, failing first; filtered and sorted here,
// because state and warning are no fields that the server could filter by.
import { all } from "../../rest/client";
import { useLoad } from "../../rest/useLoad";
import type { Loaded } from "../../rest/useLoad";
import type { LiveState, Method, Page, Partner } from "../../rest/types";
import { liveMood, shortWarning } from "../../parts/Marks";
import { t } from "../../words";

/** More than this is not loaded at once; searching asks the server. */
export const most = 10000;

export interface Filters {
    state: string;
    type: string;
    method: string;
    warning: string;
}

export type SortBy = "state" | "domain" | "type" | "success" | "failure";

export function usePartners(q: string): Loaded<Page<Partner>> {
    return useLoad<Page<Partner>>(
        `partners?q=${q}`,
        async (signal) => ({
            data: await all<Partner>("/partners", { view: "draft", include: "status", q }, most, signal),
            etag: null,
        }),
        { every: 10000 },
    );
}

/** What a partner does now; configuration that keeps it from connecting comes first. */
export function liveState(partner: Partner): LiveState {
    if (partner.status) return partner.status.state;
    return partner.state === "active" ? "never" : partner.state;
}

export function warned(partner: Partner): boolean {
    return shortWarning(partner) !== null;
}

const order: LiveState[] = ["failing", "connected", "draining", "suspended", "idle", "never"];

function compareBy(by: SortBy, a: Partner, b: Partner): number {
    const time = (text: string | null | undefined) => (text ? -new Date(text).getTime() : 0);
    switch (by) {
        case "state":
            return order.indexOf(liveState(a)) - order.indexOf(liveState(b));
        case "type":
            return t.partnerType[a.partner_type].localeCompare(t.partnerType[b.partner_type]);
        case "success":
            return time(a.status?.last_success) - time(b.status?.last_success);
        case "failure":
            return time(a.status?.last_failure?.at) - time(b.status?.last_failure?.at);
        default:
            return 0;
    }
}

export function arrange(partners: Partner[], filters: Filters, by: SortBy, down: boolean): Partner[] {
    const fits = (p: Partner) =>
        (!filters.state || liveState(p) === filters.state) &&
        (!filters.type || p.partner_type === filters.type) &&
        (!filters.method || p.methods.includes(filters.method as Method)) &&
        (!filters.warning || warned(p) === (filters.warning === "with"));
    const sign = down ? -1 : 1;
    return partners
        .filter(fits)
        .sort((a, b) => sign * compareBy(by, a, b) || (by === "domain" ? sign : 1) * (a.domain < b.domain ? -1 : 1));
}

export const isFailing = (partner: Partner) => liveMood[liveState(partner)] === "bad";
