// Addresses of the panel: plain paths through the history interface. A page may ask to be warned before it is
// left, so that no input is lost.
import { createContext, useCallback, useContext, useEffect, useMemo, useState } from "react";
import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from "react";
import { t } from "../words";

interface Location {
    path: string;
    query: URLSearchParams;
    hash: string;
}

interface How {
    replace?: boolean;
    force?: boolean;
    /** Kept with the entry of the history. */
    state?: unknown;
}

interface Route extends Location {
    go: (to: string, how?: How) => void;
    guard: (dirty: () => boolean) => () => void;
}

const Context = createContext<Route | null>(null);

function here(): Location {
    const { pathname, search, hash } = window.location;
    return { path: pathname, query: new URLSearchParams(search), hash: hash.slice(1) };
}

let guards: (() => boolean)[] = [];
/** Address of the page that is shown. */
let shown = window.location.href;

function mayLeave(): boolean {
    return !guards.some((dirty) => dirty()) || window.confirm(t.common.leave);
}

export function RouteProvider({ children }: { children: ReactNode }) {
    const [location, setLocation] = useState(here);

    const go = useCallback((to: string, how: How = {}) => {
        const samePage = to.split(/[?#]/)[0] === window.location.pathname;
        if (!samePage && !how.force && !mayLeave()) return;
        if (how.replace) window.history.replaceState(samePage ? window.history.state : null, "", to);
        else window.history.pushState(how.state ?? null, "", to);
        shown = window.location.href;
        setLocation(here());
        if (!samePage) document.getElementById("content")?.scrollTo(0, 0);
    }, []);

    const guard = useCallback((dirty: () => boolean) => {
        guards.push(dirty);
        return () => {
            guards = guards.filter((other) => other !== dirty);
        };
    }, []);

    useEffect(() => {
        const back = () => {
            const samePage = window.location.pathname === new URL(shown).pathname;
            if (samePage || mayLeave()) {
                shown = window.location.href;
                setLocation(here());
                return;
            }
            // The browser has gone back already: the page that stays gets its address again.
            window.history.pushState(null, "", shown);
        };
        const leave = (e: BeforeUnloadEvent) => {
            if (guards.some((dirty) => dirty())) e.preventDefault();
        };
        window.addEventListener("popstate", back);
        window.addEventListener("beforeunload", leave);
        return () => {
            window.removeEventListener("popstate", back);
            window.removeEventListener("beforeunload", leave);
        };
    }, []);

    const value = useMemo(() => ({ ...location, go, guard }), [location, go, guard]);
    return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useRoute(): Route {
    const route = useContext(Context);
    if (!route) throw new Error("no route provider");
    return route;
}

/** Asks before the page is left while `dirty`. */
export function useGuard(dirty: boolean): void {
    const { guard } = useRoute();
    useEffect(() => (dirty ? guard(() => true) : undefined), [dirty, guard]);
}

/** Reads and writes the state of a list in the address; an empty value leaves no trace there. */
export function useAddressState(): [URLSearchParams, (next: { [name: string]: string }) => void] {
    const { path, query, go } = useRoute();
    const set = useCallback(
        (next: { [name: string]: string }) => {
            const params = new URLSearchParams(window.location.search);
            for (const [name, value] of Object.entries(next)) {
                if (value) params.set(name, value);
                else params.delete(name);
            }
            const text = params.toString();
            go(`${path}${text ? `?${text}` : ""}`, { replace: true });
        },
        [path, go],
    );
    return [query, set];
}

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { to: string };

/** A link within the panel: a real address, followed without loading the page anew. */
export function Link({ to, onClick, ...rest }: LinkProps) {
    const { go } = useRoute();
    const follow = (e: MouseEvent<HTMLAnchorElement>) => {
        onClick?.(e);
        if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
        e.preventDefault();
        go(to);
    };
    return <a {...rest} href={to} onClick={follow} />;
}

/** Matches `/partners/:domain/edit` against a path; null when it does not fit. */
export function match(pattern: string, path: string): { [name: string]: string } | null {
    const want = pattern.split("/");
    const have = path.replace(/\/$/, "").split("/");
    if (want.length !== have.length) return null;
    const params: { [name: string]: string } = {};
    for (let i = 0; i < want.length; i++) {
        const part = want[i]!;
        if (!part.startsWith(":")) {
            if (part !== have[i]) return null;
            continue;
        }
        try {
            params[part.slice(1)] = decodeURIComponent(have[i]!);
        } catch {
            return null;
        }
        if (!have[i]) return null;
    }
    return params;
}
