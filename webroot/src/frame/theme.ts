// Light or dark: the system's preference, unless somebody chose otherwise in this browser.
import { useCallback, useEffect, useState } from "react";

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

export function useTheme(): [Theme, (theme: Theme) => void] {
    const [theme, setTheme] = useState(stored);

    useEffect(() => {
        const follow = () => applyTheme(theme);
        follow();
        prefersDark.addEventListener("change", follow);
        return () => prefersDark.removeEventListener("change", follow);
    }, [theme]);

    const choose = useCallback((next: Theme) => {
        try {
            if (next === "system") localStorage.removeItem(place);
            else localStorage.setItem(place, next);
        } catch {
            // A browser that keeps nothing still shows the choice until it is closed.
        }
        setTheme(next);
    }, []);
    return [theme, choose];
}
