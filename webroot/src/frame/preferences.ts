// Language and theme as the account has them: taken over at sign-in, written back when they are chosen.
import { rest } from "../rest/client";
import type { Session } from "../rest/types";
import type { Language } from "../words";
import { showLanguage, storedLanguage } from "./language";
import { showTheme } from "./theme";
import type { Theme } from "./theme";

/** A session begins or is found: what its account chose wins over what was chosen in this browser. */
export async function adopt(session: Session): Promise<void> {
    if (session.theme) showTheme(session.theme);
    if (session.language && session.language !== storedLanguage()) await showLanguage(session.language, true);
}

/** Shown at once, kept in this browser and, as far as it can be reached, in the account. */
export async function choose(chosen: { language?: Language | null; theme?: Theme }): Promise<void> {
    const { language, theme } = chosen;
    if (theme) showTheme(theme);
    if (language !== undefined) await showLanguage(language, true);
    await rest.patch("/profile", {
        ...(language === undefined ? {} : { language }),
        ...(theme ? { theme: theme === "system" ? null : theme } : {}),
    });
}
