// What a gateway needs before the first message can cross, and what of it is there, the draft included.
import { useGet } from "../../rest/useLoad";
import type { ConfigObject, DraftMark, Page } from "../../rest/types";

export type Item = ConfigObject & { draft?: DraftMark };

export interface Setup {
    loaded: boolean;
    domains: Item[];
    frontEnds: Item[];
    policies: Item[];
    assigned: Item[];
    partners: number;
    settings: ConfigObject | null;
}

const kept = (page: Page<Item> | null) => (page?.items ?? []).filter((item) => item.draft !== "removed");

export function useSetup(): Setup {
    const list = (kind: string, limit = 100) => `/${kind}?view=draft&limit=${limit}`;
    const domains = useGet<Page<Item>>(list("domains")).data;
    const frontEnds = useGet<Page<Item>>(list("front_ends")).data;
    const policies = useGet<Page<Item>>(list("policies")).data;
    const assigned = useGet<Page<Item>>(list("certificate_assignments")).data;
    const partners = useGet<Page<Item>>(list("partners", 1)).data;
    const settings = useGet<ConfigObject>("/settings?view=draft").data;
    return {
        loaded: !!(domains && frontEnds && policies && assigned && partners && settings),
        domains: kept(domains),
        frontEnds: kept(frontEnds),
        policies: kept(policies),
        assigned: kept(assigned),
        partners: partners?.total ?? 0,
        settings,
    };
}

export const allows = (policy: Item): boolean => policy.federation_access === true && policy.xmpp_access === true;
export const onlyDrafted = (items: { draft?: DraftMark }[]): boolean => items.length > 0 && items.every((i) => i.draft === "added");
