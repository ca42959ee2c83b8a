// What the pages of users share: their shape, what they ask the server for, names of policies.
import { rest } from "../../rest/client";
import { useGet, useLoad } from "../../rest/useLoad";
import type { ConfigObject, DraftMark, Page } from "../../rest/types";
import { t } from "../../words";

export interface User {
    address: string;
    display_name: string;
    site: string | null;
    policy: string | null;
    xmpp_excluded: boolean;
    effective_policy: { identity: string; because: string } | null;
    draft?: DraftMark;
}

export const userPageSize = 50;

export const userPath = (address: string) => `/users/${encodeURIComponent(address)}`;

/** Stands in the address where a field must be empty: no site, automatic policy. */
export const without = "-";

const fields: { [filter: string]: string } = { site: "site", policy: "policy", effective: "effective_policy" };

/** The filters of the address as the server's list knows them. */
export function serverFilter(query: URLSearchParams): { [field: string]: string } {
    const filter: { [field: string]: string } = {};
    const q = query.get("q");
    if (q) filter.q = q;
    for (const [name, field] of Object.entries(fields)) {
        const value = query.get(name);
        if (value) filter[field] = value === without ? "" : value;
    }
    const excluded = query.get("excluded");
    if (excluded) filter.xmpp_excluded = excluded === "yes" ? "true" : "false";
    return filter;
}

/** One page of the list as it would be after a commit. An empty filter value is sent: it means "nothing there". */
export function useUsers(query: URLSearchParams) {
    const params = new URLSearchParams({ view: "draft", limit: String(userPageSize), ...serverFilter(query) });
    for (const name of ["sort", "cursor"]) {
        const value = query.get(name);
        if (value) params.set(name, value);
    }
    const path = `/users?${params.toString()}`;
    return useLoad<Page<User>>(path, (signal) => rest.get<Page<User>>(path, undefined, signal));
}

/** The user policies that can be granted; null while unknown. */
export function useUserPolicies(): string[] | null {
    const { data } = useGet<Page<ConfigObject>>("/policies?view=draft&limit=1000&identity=user:*");
    return data?.items.filter((p) => p.draft !== "removed").map((p) => String(p.identity)) ?? null;
}

export function useSiteNames(): string[] | null {
    const { data } = useGet<Page<ConfigObject>>("/sites?view=draft&limit=1000");
    return data?.items.filter((s) => s.draft !== "removed").map((s) => String(s.name)) ?? null;
}

/** A policy as people call it: "Global", "Site Redmond", "FedPic". */
export function policyName(identity: string): string {
    if (identity === "global") return t.policies.global;
    if (identity.startsWith("site:")) return t.policies.ofSite(identity.slice(5));
    return identity.replace(/^user:/, "");
}
