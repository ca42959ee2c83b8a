// The catalogue of the language in use. Pages take every text from here, when they draw, never while they load:
// the catalogue comes as a file of its own before the first page shows.
import type { words as english } from "./en";
import type { Language } from "./pick";

export { languages, pickLanguage } from "./pick";
export type { Language } from "./pick";

export type Words = typeof english;

const catalogues: { [code in Language]: () => Promise<{ words: Words }> } = {
    en: () => import("./en"),
    de: () => import("./de"),
    zh: () => import("./zh"),
};

/** Each by its own name, so that everybody finds theirs. */
export const languageNames: { [code in Language]: string } = { en: "English", de: "Deutsch", zh: "简体中文" };

export let t: Words;
export let language: Language;

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
