// The catalogue of the language in use. Pages take every text from here, when they draw, never while they load:
// the catalogue comes as a file of its own before the first page shows.
import type { words as english } from "./en";

export type Words = typeof english;
export type Language = "en" | "de" | "zh";

const catalogues: { [code in Language]: () => Promise<{ words: Words }> } = {
    en: () => import("./en"),
    de: () => import("./de"),
    zh: () => import("./zh"),
};

export const languages = Object.keys(catalogues) as Language[];

/** Each by its own name, so that everybody finds theirs. */
export const languageNames: { [code in Language]: string } = { en: "English", de: "Deutsch", zh: "简体中文" };

export let t: Words;
export let language: Language;

/** The first of these tags that there is a catalogue for; English else. */
export function pickLanguage(wanted: readonly (string | null | undefined)[]): Language {
    const codes = wanted.map((tag) => tag?.slice(0, 2).toLowerCase());
    return languages.find((code) => code === codes.find((two) => languages.some((l) => l === two))) ?? "en";
}

/** Loads a catalogue; what is drawn afterwards is in that language. */
export async function loadLanguage(code: Language): Promise<void> {
    t = (await catalogues[code]()).words;
    language = code;
    document.documentElement.lang = t.locale;
    heard.forEach((call) => call());
}

const heard = new Set<() => void>();

/** Calls back when the language has changed; returns what ends it. */
export function onLanguage(call: () => void): () => void {
    heard.add(call);
    return () => {
        heard.delete(call);
    };
}
