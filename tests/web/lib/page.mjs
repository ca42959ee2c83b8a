// What tests do with a page again and again, by the words that people see.
import assert from "node:assert/strict";
import { picture } from "./browser.mjs";

/** Hands on one page: `const { button, field } = hands(page)`. */
export function hands(page) {
    return {
        button: (name) => page.getByRole("button", { name, exact: true }),
        link: (name) => page.getByRole("link", { name, exact: true }),
        field: (label) => page.getByLabel(label, { exact: true }),
        heading: (name) => page.getByRole("heading", { level: 1, name }),
        choose: (group, option) =>
            page.getByRole("radiogroup", { name: group, exact: true }).getByRole("radio", { name: option, exact: true }).check(),
    };
}

/**
 * Runs one step of a test on a page: when it fails there is a picture, the address and what went wrong behind
 * the page; and what goes wrong behind the page fails it.
 */
export async function step({ page, faults }, name, run) {
    faults.length = 0;
    try {
        await run();
    } catch (error) {
        await picture(page, name);
        error.message += `\nbehind the page: ${JSON.stringify(faults)}\nat ${page.url()}`;
        throw error;
    }
    assert.deepEqual([...faults], [], "nothing goes wrong behind the page");
}

/**
 * Waits until a page has loaded what it shows: nothing more has come for a while, and nothing says it is busy. The
 * browser's own "network idle" never comes: the stream of events stays open.
 */
export async function settled(page) {
    await page.waitForFunction(
        () => {
            const loaded = performance.getEntriesByType("resource").length;
            if (loaded !== window.fgLoaded || document.querySelector("[aria-busy=true]")) {
                window.fgLoaded = loaded;
                window.fgSince = performance.now();
            }
            return performance.now() - window.fgSince > 600;
        },
        undefined,
        { polling: 100 },
    );
}
