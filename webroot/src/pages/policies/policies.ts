// What the pages of policies share: the shape, the scopes, how many users a policy applies to.
import { rest } from "../../rest/client";
import { useLoad } from "../../rest/useLoad";
import type { DraftMark, Page } from "../../rest/types";

export const flags = ["federation_access", "xmpp_access", "public_cloud_access", "outside_access"] as const;
export type Flag = (typeof flags)[number];

export type Policy = { [flag in Flag]: boolean } & {
    identity: string;
    description: string;
    draft?: DraftMark;
};

export type Scope = "global" | "site" | "user";

export function scopeOf(identity: string): Scope {
    if (identity === "global") return "global";
    return identity.startsWith("site:") ? "site" : "user";
}

/** The part behind the scope: the site's or the policy's own name. */
export const shortName = (identity: string) => identity.replace(/^(site|user):/, "");

/** Where the users stand whom a policy applies to. */
export const affectedPath = (identity: string) => `/users?effective=${encodeURIComponent(identity)}`;

interface Counts {
    /** Users whom it applies to. */
    affected: number;
    /** Users to whom it is granted. */
    granted: number;
}

async function total(filter: { [field: string]: string }, signal: AbortSignal): Promise<number> {
    return (await rest.get<Page<unknown>>("/users", { view: "draft", limit: 1, ...filter }, signal)).data.total;
}

/** How many listed users a policy applies to, as it would be after a commit. */
export function useCounts(identity: string) {
    return useLoad<Counts>(`counts ${identity}`, async (signal) => {
        const affected = await total({ effective_policy: identity }, signal);
        const granted = scopeOf(identity) === "user" ? await total({ policy: identity }, signal) : 0;
        return { data: { affected, granted }, etag: null };
    });
}
