// What Why? asks and is answered, and where the objects stand that a gate looks at.
import { editPath } from "../../routes";
import { t } from "../../words";
import { policyName } from "../users/users";

export type Kind = keyof typeof t.why.kinds;

export interface Step {
    gate: string;
    verdict: "pass" | "fail" | "not_asked";
    rule?: string;
    because: string;
    object?: string | null;
}

export interface Explanation {
    verdict: "allow" | "deny";
    rule: string;
    because?: string | null;
    remedy?: string | null;
    revision: number;
    steps: Step[];
}

export interface Question {
    kind: Kind;
    from: string;
    to: string;
    /** "draft", or empty for what runs. */
    view: string;
}

export const isAddress = (text: string) => /^[^@\s]+@[^@\s]+$/.test(text.trim());
export const passed = (step: Step) => step.verdict === "pass";
export const failed = (step: Step) => step.verdict === "fail";
export const gateName = (gate: string) => t.why.gates[gate] ?? gate;

/** The request; null while an address is missing. */
export function explainPath({ kind, from, to, view }: Question): string | null {
    if (!isAddress(from) || !isAddress(to)) return null;
    const params = new URLSearchParams({ kind, from, to });
    if (view) params.set("view", view);
    return `/explain?${params.toString()}`;
}

/** The address of the page with this question. */
export function whyPath(question: Partial<Question>): string {
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries(question)) if (value) params.set(name, value);
    const text = params.toString();
    return text ? `/why?${text}` : "/why";
}

export interface Place {
    name: string;
    path: string;
    /** A name of the configuration, not a word. */
    mono: boolean;
}

/** The object that a gate looked at, "partners/litware.example": its name in words, and where it stands. */
export function placeOf(step: Step | undefined): Place | null {
    const cut = step?.object?.indexOf("/") ?? -1;
    if (!step?.object || cut < 1) return missing[step?.rule ?? ""]?.() ?? null;
    const kind = step.object.slice(0, cut);
    const key = step.object.slice(cut + 1);
    const own = encodeURIComponent(key);
    if (kind === "settings") return { name: t.nav.settings, path: "/settings#general", mono: false };
    if (kind === "partners") return { name: key, path: `/partners/${own}`, mono: true };
    if (kind === "users") return { name: key, path: `/users/${own}`, mono: true };
    if (kind === "policies") return { name: policyName(key), path: editPath(kind, key), mono: false };
    return { name: key, path: editPath(kind, key), mono: true };
}

/** Where something is added that a gate did not find. */
const missing: { [rule: string]: () => Place } = {
    partner_not_listed: () => ({ name: t.nav.partners, path: "/partners", mono: false }),
    domain_not_ours: () => ({ name: t.nav.domains, path: "/domains", mono: false }),
};

/** Of the two, the one on our side, when a gate has found out which domain is ours. */
export function innerOf(answer: Explanation, question: Question): string | null {
    const domain = answer.steps.find((s) => s.gate === "own_domain")?.object?.replace(/^domains\//, "");
    return (domain && [question.from, question.to].find((a) => a.toLowerCase().endsWith(`@${domain}`))) || null;
}
