// The language of the panel: what the signed-in administrator chose, else what was chosen last in this browser, else
// what the browser asks for. Changing it draws everything anew; nothing that was typed is lost.
import { rest, tellWritten } from "../rest/client";
import { put } from "../rest/useLoad";
import { language, loadLanguage, pickLanguage } from "../words";
import type { Language } from "../words";
import { languagePlace as place, storedLanguage } from "../words/pick";

export { storedLanguage };

function store(choice: Language | null): void {
    try {
        if (choice) localStorage.setItem(place, choice);
        else localStorage.removeItem(place);
    } catch {
        // A browser that keeps nothing still shows the choice until it is closed.
    }
}

/** Before the first page. */
export function startLanguage(): Promise<void> {
    return loadLanguage(pickLanguage([storedLanguage(), ...navigator.languages]));
}

/** What the server says in a language is there before the words change, so that open forms stay. */
async function serverTexts(next: Language): Promise<void> {
    const load = async (path: string) => put(`${path}?lang=${next}`, (await rest.get(path, { lang: next })).data);
    await Promise.all([load("/schema"), load("/negotiation")]);
}

/** Shows the panel in a language, null: as the browser wishes; `signedIn`: the server's texts come along. */
export async function showLanguage(choice: Language | null, signedIn: boolean): Promise<void> {
    store(choice);
    const next = pickLanguage([choice, ...navigator.languages]);
    if (next === language) return;
    if (signedIn) await serverTexts(next).catch(() => undefined);
    await loadLanguage(next);
    if (signedIn) tellWritten(); // what the server named by codes was put into words when it came
}
