// Whether the signed-in account may do something, and if not, why: for controls that stay in sight but do nothing.
import { useMayChange, useSession } from "../rest/session";
import type { Role, Scope, Session } from "../rest/types";
import { t } from "../words";
import { roleNames } from "./Labelled";

export interface May {
    may: boolean;
    /** The reason in a sentence; null when it may be done. */
    why: string | null;
}

/** What it is about, as far as a scope looks at it. */
export interface Target {
    /** Domains of a partner, all of them. */
    domains?: string[];
    site?: string | null;
}

/** Things that are no kind of the configuration, and who may do them. */
const others: { [what: string]: Role[] } = {
    accounts: ["administrator"],
    audit: ["administrator", "operator"],
    certificates: ["administrator", "operator"],
    operate: ["administrator", "operator"],
    edit: ["administrator", "operator", "user_administrator"],
};

const bySite = ["users", "sites", "edges", "front_ends", "policies"];

function fits(pattern: string, domain: string): boolean {
    const parts = pattern.toLowerCase().split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`).test(domain.toLowerCase());
}

function within(scope: Scope, what: string, target: Target | undefined): boolean {
    const { sites = [], partners = [] } = scope;
    if (what === "edit") return true;
    if (what === "partners") {
        return partners.length > 0 && (target?.domains ?? []).every((d) => partners.some((p) => fits(p, d)));
    }
    if (!bySite.includes(what)) return false;
    return sites.length > 0 && (target?.site === undefined || (target.site !== null && sites.includes(target.site)));
}

/** "the sites A, B with their users and the partners *.example.com" */
function scopeText({ sites = [], partners = [] }: Scope): string {
    const parts: string[] = [];
    if (sites.length) parts.push(t.may.scopeSites(sites.join(", ")));
    if (partners.length) parts.push(t.may.scopePartners(partners.join(", ")));
    return parts.length ? t.may.scope(parts.join(t.may.and)) : t.may.scope(t.none);
}

function decide(session: Session | null | undefined, allowed: boolean, only: Role[], what: string, target?: Target): May {
    if (!allowed) return { may: false, why: t.common.onlyRoles(roleNames(only)) };
    const scope = session?.scope;
    if (scope && !within(scope, what, target)) return { may: false, why: scopeText(scope) };
    return { may: true, why: null };
}

/**
 * @param what  a kind of the configuration ("partners", "settings" …) to change; or "accounts", "audit",
 *              "certificates", "operate" (streams, service), "edit" (a draft of one's own)
 * @param target  the object it is about; without one: whether there is any that may be changed
 */
export function useMay(what: string, target?: Target): May {
    return useMayOf(what)(target);
}

/** The same for many objects of a kind. */
export function useMayOf(what: string): (target?: Target) => May {
    const { session } = useSession();
    const kind = useMayChange(what);
    const only = others[what];
    if (only) return (target) => decide(session, !!session && only.includes(session.role), only, what, target);
    return (target) => decide(session, kind.may, kind.only, what, target);
}

/** Whether the account may change some objects only, whatever its role allows. */
export function useScoped(): boolean {
    return !!useSession().session?.scope;
}
