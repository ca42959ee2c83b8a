// A real Chromium that notices what a person would not see: script errors, refused resources, failed requests.
import { existsSync, mkdirSync } from "node:fs";
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

/** Collects everything that went wrong on a page. */
export function watch(page) {
    const faults = [];
    page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
    page.on("console", (message) => {
        const where = message.location().url ?? "";
        if (message.type() === "error" && !expected(where)) faults.push(`console: ${message.text()} ${where}`);
    });
    page.on("response", (response) => {
        if (response.status() >= 400 && !expected(response.url())) {
            faults.push(`${response.status()}: ${response.request().method()} ${response.url()}`);
        }
    });
    page.on("requestfailed", (request) => {
        const why = request.failure()?.errorText ?? "";
        // A page that is left stops its own requests.
        if (why !== "net::ERR_ABORTED") faults.push(`failed: ${request.url()} ${why}`);
    });
    return faults;
}

export async function open(options = {}) {
    const browser = await chromium.launch({ executablePath: executable(), args: flags });
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    return { browser, page, faults: watch(page) };
}

/** A picture for whoever looks into a failure. */
export async function picture(page, name) {
    mkdirSync("results", { recursive: true });
    await page.screenshot({ path: `results/${name}.png`, fullPage: true }).catch(() => undefined);
}
