// Light or dark: the system's preference, unless somebody chose otherwise in this browser.
import { useEffect, useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const place = "fedgate.theme";
const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

function stored(): Theme {
    try {
        const value = localStorage.getItem(place);
        return value === "light" || value === "dark" ? value : "system";
    } catch {
        return "system";
    }
}

/** Called before the first paint, and whenever the choice or the system's preference changes. */
export function applyTheme(theme: Theme = stored()): void {
    const dark = theme === "dark" || (theme === "system" && prefersDark.matches);
    document.documentElement.classList.toggle("pf-v6-theme-dark", dark);
}

const heard = new Set<() => void>();
let shown: Theme | null = null;

const current = () => shown ?? (shown = stored());

function listen(call: () => void): () => void {
    heard.add(call);
    return () => {
        heard.delete(call);
    };
}

/** Shows a theme from now on, and the next time in this browser. */
export function showTheme(next: Theme): void {
    try {
        if (next === "system") localStorage.removeItem(place);
        else localStorage.setItem(place, next);
    } catch {
        // A browser that keeps nothing still shows the choice until it is closed.
    }
    shown = next;
    applyTheme(next);
    heard.forEach((call) => call());
}

export function useTheme(): Theme {
    const theme = useSyncExternalStore(listen, current);
    useEffect(() => {
        const follow = () => applyTheme(theme);
        follow();
        prefersDark.addEventListener("change", follow);
        return () => prefersDark.removeEventListener("change", follow);
    }, [theme]);
    return theme;
}
