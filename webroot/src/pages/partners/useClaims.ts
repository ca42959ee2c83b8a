// Whose the domains of a form are: asked while they are typed, of the draft, so that a domain that is another partner's
// or ours is said at its field at once. What was answered once is not asked again.
import { useEffect, useState } from "react";
import { useMayOf } from "../../parts/may";
import { rest } from "../../rest/client";
import { t } from "../../words";

interface Claim {
    asked: string;
    partner: string | null;
    ours: boolean;
    problem: { message: string } | null;
}

const atOnce = 50;

function ask(domains: string[]): Promise<{ data: { items: Claim[] } }> {
    const params = new URLSearchParams(domains.map((domain) => ["domain", domain]));
    params.set("view", "draft");
    return rest.get<{ items: Claim[] }>(`/claims?${params.toString()}`);
}

function useAnswers(domains: string[]): ReadonlyMap<string, Claim> {
    const [answers, setAnswers] = useState<ReadonlyMap<string, Claim>>(new Map());
    const open = domains.filter((domain) => !answers.has(domain)).slice(0, atOnce);
    const key = open.join(" ");
    useEffect(() => {
        if (!key) return undefined;
        let current = true;
        const timer = setTimeout(() => {
            ask(key.split(" "))
                .then(({ data }) => current && setAnswers((old) => new Map([...old, ...data.items.map((c): [string, Claim] => [c.asked, c])])))
                .catch(() => undefined); // saving finds it too
        }, 250);
        return () => {
            current = false;
            clearTimeout(timer);
        };
    }, [key]);
    return answers;
}

/**
 * @param primary  the form's primary domain; null while it is none
 * @param owner  the partner that is edited; null for a new one
 */
export function useClaims(primary: string | null, additional: string[], owner: string | null): ReadonlyMap<string, string> {
    const mayOf = useMayOf("partners");
    const all = primary ? [primary, ...additional] : additional;
    const answers = useAnswers(all);
    const faults = new Map<string, string>();
    const w = t.partnerCare;
    for (const domain of all) {
        const claim = answers.get(domain);
        const outside = mayOf({ domains: [domain] });
        if (claim?.problem) faults.set(domain, `${domain}: ${claim.problem.message}`);
        else if (claim?.ours) faults.set(domain, w.ours(domain));
        else if (claim?.partner && claim.partner !== owner) faults.set(domain, w.taken(domain, claim.partner));
        else if (mayOf().may && !outside.may) faults.set(domain, w.outside(domain, outside.why ?? ""));
    }
    if (primary && additional.includes(primary)) faults.set(primary, w.primary(primary));
    return faults;
}
