// What can be done with one partner, wherever it is shown. Everything but "retry" lands in the draft.
import { useRoute } from "../../frame/route";
import { useMayOf } from "../../parts/may";
import type { Action } from "../../parts/Menu";
import { rest, segment } from "../../rest/client";
import type { ConfigObject, Partner, PartnerState } from "../../rest/types";
import { t } from "../../words";
import { whyPath } from "../why/question";
import { partnerPath } from "./PartnerRow";

const path = (domain: string) => `/partners/${segment(domain)}`;

export const setPartner = (domain: string, change: ConfigObject) => rest.patch(path(domain), change);

/** Takes the drafted change of a partner back. */
export const undoPartner = (domain: string) => rest.remove(`/draft/changes/partners/${segment(domain)}`);

interface Ways {
    remove: (partner: Partner) => void;
    suspend: (partner: Partner) => void;
    fail: (error: unknown) => void;
}

/** All domains of a partner: a scope must take in each of them. */
export const domainsOf = (partner: Partner) => ({ domains: [partner.domain, ...partner.additional_domains] });

/** The steps of its life that are open to it: enable, drain, suspend. Suspending cuts, so it is asked about. */
function steps(partner: Partner, { suspend, fail }: Ways): Action[] {
    const to = (state: PartnerState) => () => void setPartner(partner.domain, { state }).catch(fail);
    const all: [PartnerState, Action][] = [
        ["active", { text: t.partners.activate, run: to("active") }],
        ["draining", { text: t.partnerList.drain, run: to("draining") }],
        ["suspended", { text: t.partnerCare.suspend, run: () => suspend(partner) }],
    ];
    return all.filter(([state]) => state !== partner.state).map(([, action]) => action);
}

export function usePartnerActions(ways: Ways): (partner: Partner) => Action[] {
    const { go } = useRoute();
    const mayOf = useMayOf("partners");
    return (p) => {
        const to = partnerPath(p.domain);
        const { may, why } = mayOf(domainsOf(p));
        const limited = (action: Action) => (may ? action : { ...action, disabled: why ?? "" });
        if (p.draft === "removed") {
            return [limited({ text: t.common.undoRemove, run: () => void undoPartner(p.domain).catch(ways.fail) })];
        }
        const first: Action[] = [{ text: t.common.edit, run: () => go(`${to}/edit`) }];
        // A copy is another partner, under a domain of its own: that one counts.
        if (mayOf().may) first.push({ text: t.common.clone, run: () => go(`${to}/clone`) });
        return [
            ...first,
            ...steps(p, ways).map(limited),
            { text: t.why.ask, run: () => go(whyPath({ to: `@${p.domain}` })) },
            limited({ text: t.common.remove, danger: true, run: () => ways.remove(p) }),
        ];
    };
}
