// What the pages of the topology share: the shapes, and one way to load them.
import { useGet, useLoad } from "../../rest/useLoad";
import { all } from "../../rest/client";
import { useLive } from "../../rest/live";
import type { DraftMark, DraftProblem, Page } from "../../rest/types";

interface Marked {
    draft?: DraftMark;
}

export interface Domain extends Marked {
    domain: string;
    front_ends: string[];
}

export interface FrontEnd extends Marked {
    name: string;
    host: string;
    port: number;
    transport: "tls" | "tcp" | "udp";
    tls_name: string | null;
    site: string | null;
}

export interface Site extends Marked {
    name: string;
    description: string;
    xmpp_route: string | null;
}

export interface Edge extends Marked {
    fqdn: string;
    site: string | null;
    addresses: string[];
    srv_priority: number;
    srv_weight: number;
}

export const topologySize = 50;

/** One page of a kind, as it would be after a commit. */
export function useList<T>(kind: string, query: URLSearchParams) {
    const params = new URLSearchParams({ view: "draft", limit: String(topologySize) });
    for (const name of ["q", "cursor"]) {
        const value = query.get(name);
        if (value) params.set(name, value);
    }
    return useGet<Page<T>>(`/${kind}?${params.toString()}`);
}

/** All of a kind, up to what anybody looks at; null while unknown. */
export function useAll<T extends Marked>(kind: string): T[] | null {
    const { data } = useLoad(`all ${kind}`, async (signal) => ({
        data: await all<T>(`/${kind}`, { view: "draft" }, 5000, signal),
        etag: null,
    }));
    return data?.items.filter((item) => item.draft !== "removed") ?? null;
}

/** What must be mended in an object before a commit. */
export function useProblems(): (kind: string, key: string) => DraftProblem[] {
    const { draft } = useLive();
    const problems = draft.data?.problems ?? [];
    return (kind, key) => problems.filter((p) => p.kind === kind && p.key === key);
}
