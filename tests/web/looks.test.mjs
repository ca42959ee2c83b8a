// The main pages look as they did: beside reference pictures in pictures/, light and dark, on a desk and on a phone.
// FEDGATE_UPDATE_PICTURES=1 makes new references of what is there; look at them before they are committed.
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { picture } from "./lib/browser.mjs";
import { difference } from "./lib/compare.mjs";
import { start } from "./lib/server.mjs";
import { draftSomething, fill, settled, world } from "./lib/world.mjs";

const folder = join(dirname(fileURLToPath(import.meta.url)), "pictures");
const tolerance = 0.02;
const shown = {
    partners: "/partners",
    "partner-form": "/partners/fabrikam.test/edit",
    draft: "/draft",
    "partner-status": "/partners/fabrikam.test",
    why: "/why?kind=message&from=amy@contoso.test&to=bob@fabrikam.test",
    users: "/users",
    policies: "/policies",
};
const sizes = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

let server, browser, tool;
before(async () => {
    server = await start();
    await fill(server);
    const alice = await server.signedIn();
    browser = alice.browser;
    await draftSomething(alice.page);
    tool = await (await browser.newContext()).newPage();
    await tool.goto("about:blank");
});
after(() => server?.stop());

/** What is another at every run: figures that count time, who is asked while he waits. */
const restless = (page) => [page.locator(".fg-countdown-time"), page.locator(".fg-countdown-line")];

/** A page whose clock stands three days after the commits, so that ages are the same at every run. */
async function still(options) {
    const at = await server.another(browser, { ...options, timezoneId: "UTC", reducedMotion: "reduce" });
    await at.page.clock.setFixedTime(Date.now() + 3 * 24 * 3600 * 1000);
    return at;
}

async function look(page, name, wrong) {
    await settled(page);
    await page.evaluate(() => document.activeElement?.blur());
    const taken = await page.screenshot({ animations: "disabled", caret: "hide", mask: restless(page) });
    const share = await difference(tool, taken, join(folder, `${name}.png`));
    if (share <= tolerance) return;
    await picture(page, `looks-${name}`);
    wrong.push(`${name}: ${(share * 100).toFixed(1)} % is different, see results/looks-${name}.png`);
}

describe("looks", () => {
    for (const colorScheme of ["light", "dark"]) {
        for (const [size, viewport] of Object.entries(sizes)) {
            it(`of the main pages: ${size}, ${colorScheme}`, async () => {
                const { page, context } = await still({ viewport, colorScheme });
                const wrong = [];
                for (const [name, path] of Object.entries(shown)) {
                    await page.goto(server.url + path);
                    await look(page, `${name}-${size}-${colorScheme}`, wrong);
                }
                await context.close();
                assert.deepEqual(wrong, []);
            });
        }
    }

    it("of the countdown", async () => {
        await server.commit({ partners: { "fabrikam.test": { ...world.partners["fabrikam.test"], ticket: "CHG-2301" } } }, "countdown", { confirm_within: 3600 });
        const wrong = [];
        for (const colorScheme of ["light", "dark"]) {
            for (const [size, viewport] of Object.entries(sizes)) {
                const { page, context } = await server.another(browser, { viewport, colorScheme });
                await page.goto(`${server.url}/streams`);
                await page.locator(".fg-countdown").waitFor();
                await page.locator(".fg-bar-note").evaluateAll((notes) => notes.forEach((e) => (e.hidden = true)));
                await look(page, `countdown-${size}-${colorScheme}`, wrong);
                await context.close();
            }
        }
        assert.deepEqual(wrong, []);
    });
});
