// Which language it is to be: without the catalogues, for the start of the panel too.

export type Language = "en" | "de" | "zh";

export const languages: readonly Language[] = ["en", "de", "zh"];

/** Where a browser keeps the choice. */
export const languagePlace = "fedgate.language";

/** The first of these tags that there is a catalogue for; English else. */
export function pickLanguage(wanted: readonly (string | null | undefined)[]): Language {
    const codes = wanted.map((tag) => tag?.slice(0, 2).toLowerCase());
    return languages.find((code) => code === codes.find((two) => languages.some((l) => l === two))) ?? "en";
}

/** What was chosen in this browser; null: as the browser wishes. */
export function storedLanguage(): Language | null {
    try {
        const value = localStorage.getItem(languagePlace);
        return value && pickLanguage([value]) === value ? value : null;
    } catch {
        return null;
    }
}
