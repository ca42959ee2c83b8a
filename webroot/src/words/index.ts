// The catalogue of the language in use. Pages take every text from here.
import { en } from "./en";

export type Words = typeof en;

const languages: { [code: string]: () => Promise<Words> } = {
    en: () => Promise.resolve(en),
};

export let t: Words = en;

/** Loads the first language of the browser's list that there is a catalogue for. */
export async function chooseLanguage(wanted: readonly string[]): Promise<void> {
    const code = wanted.map((tag) => tag.slice(0, 2)).find((two) => two in languages) ?? "en";
    t = await (languages[code] ?? languages.en!)();
    document.documentElement.lang = code;
}
