// What can be done with one partner, wherever it is shown. Everything but "retry" lands in the draft.
import { useRoute } from "../../frame/route";
import { useMay } from "../../parts/may";
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
    fail: (error: unknown) => void;
}

/** The steps of its life that are open to it: enable, drain, suspend. */
function steps(partner: Partner, fail: (error: unknown) => void): Action[] {
    const words: { [state in PartnerState]: string } = {
        active: t.partners.activate,
        draining: t.partnerList.drain,
        suspended: t.partners.suspend,
    };
    return (Object.keys(words) as PartnerState[])
        .filter((state) => state !== partner.state)
        .map((state) => ({ text: words[state], run: () => void setPartner(partner.domain, { state }).catch(fail) }));
}

export function usePartnerActions({ remove, fail }: Ways): (partner: Partner) => Action[] {
    const { go } = useRoute();
    const { may } = useMay("partners");
    return (p) => {
        const to = partnerPath(p.domain);
        const why = { text: t.why.ask, run: () => go(whyPath({ to: `@${p.domain}` })) };
        if (!may) return [{ text: t.common.edit, run: () => go(`${to}/edit`) }, why];
        if (p.draft === "removed") {
            return [{ text: t.common.undoRemove, run: () => void undoPartner(p.domain).catch(fail) }];
        }
        return [
            { text: t.common.edit, run: () => go(`${to}/edit`) },
            { text: t.common.clone, run: () => go(`${to}/clone`) },
            ...steps(p, fail),
            why,
            { text: t.common.remove, danger: true, run: () => remove(p) },
        ];
    };
}
