// Runs while the browser still reads the panel: asks at once for what the first page will need, the files and the
// data, so that all of it travels side by side instead of one after the other.
import { partnersPath } from "./pages/partners/address";
import { askEarly } from "./rest/early";
import { pickLanguage, storedLanguage } from "./words/pick";

/** Made by the build: the files of each catalogue, and of the page that each address shows. */
declare const START_FILES: {
    files: string[];
    words: { [language: string]: number[] };
    pages: [pattern: string, files: number[]][];
};

const path = window.location.pathname.replace(/\/$/, "");

function fits(pattern: string): boolean {
    const want = pattern.split("/");
    const have = path.split("/");
    return want.length === have.length && want.every((part, i) => part === have[i] || (part.startsWith(":") && have[i]));
}

function preload(files: number[]): void {
    for (const file of files) {
        const link = document.createElement("link");
        link.rel = "modulepreload";
        link.href = `/${START_FILES.files[file]}`;
        document.head.append(link);
    }
}

const asked = ["/status", "/draft?limit=1"];
if (path === "/partners") asked.push(partnersPath(new URLSearchParams(window.location.search)));
askEarly(asked);
preload(START_FILES.words[pickLanguage([storedLanguage(), ...navigator.languages])] ?? []);
preload(START_FILES.pages.find(([pattern]) => fits(pattern))?.[1] ?? []);
