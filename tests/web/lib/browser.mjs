// A real Chromium that notices what a person would not see: script errors, refused resources, failed requests.
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const flags = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

function executable() {
    const named = process.env.FEDGATE_CHROMIUM;
    const found = [named, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => path && existsSync(path));
    if (!found) throw new Error("no Chromium found; set FEDGATE_CHROMIUM");
    return found;
}

/** What may fail: nobody is signed in before the sign-in. */
const expected = (text) => /\/api\/v1\/session\b/.test(text);
/** Chromium gives up on connections that were kept and have ended; the panel asks once more, and says so if that fails too. */
const ended = /net::ERR_TOO_MANY_RETRIES/;

/**
 * Collects everything that went wrong on a page, as text. `faults.allow` holds patterns of what a test makes
 * go wrong on purpose: a fault that matches one is not collected.
 */
export function watch(page) {
    const faults = [];
    faults.allow = [];
    const add = (text) => {
        if (![ended, ...faults.allow].some((pattern) => pattern.test(text))) faults.push(text);
    };
    page.on("pageerror", (error) => add(`script: ${error.message}`));
    page.on("console", (message) => {
        const where = message.location().url ?? "";
        if (message.type() === "error" && !expected(where)) add(`console: ${message.text()} ${where}`);
    });
    page.on("response", (response) => {
        if (response.status() >= 400 && !expected(response.url())) {
            add(`${response.status()}: ${response.request().method()} ${response.url()}`);
        }
    });
    page.on("requestfailed", (request) => {
        const why = request.failure()?.errorText ?? "";
        // A page that is left stops its own requests.
        if (why !== "net::ERR_ABORTED") add(`failed: ${request.url()} ${why}`);
    });
    return faults;
}

/** A browser and one page; `options` are those of Playwright's newContext (viewport, colorScheme, locale …). */
export async function open(options = {}) {
    const browser = await chromium.launch({ executablePath: executable(), args: flags });
    return { browser, ...(await another(browser, options)) };
}

/** A page in a context of its own (cookies, storage) in a browser that runs already: another person. */
export async function another(browser, options = {}) {
    const context = await browser.newContext({
        ignoreHTTPSErrors: true,
        viewport: { width: 1440, height: 900 },
        locale: "en-US",
        ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    return { context, page, faults: watch(page) };
}

/** A picture for whoever looks into a failure: results/NAME.png. */
export async function picture(page, name) {
    const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), "results");
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true }).catch(() => undefined);
}
