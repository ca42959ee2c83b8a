// Accessibility: axe-core finds nothing on any page, light and dark, nor in the dialogues; and nothing goes wrong behind
// those pages, in either theme or on a phone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";
import { hands } from "./lib/page.mjs";
import { start } from "./lib/server.mjs";
import { draftSomething, fill, forgotten, pages, settled } from "./lib/world.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let server;
before(async () => {
    server = await start();
    await fill(server);
});
after(() => server?.stop());

/** What axe finds, as lines that can be read. Evaluated from outside, so that the content security policy stays as it is. */
async function findings(page, options = {}) {
    if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
    const result = await page.evaluate((more) => window.axe.run(document, { resultTypes: ["violations"], ...more }), options);
    return result.violations.flatMap((v) =>
        v.nodes.slice(0, 3).map((n) => `${v.id} (${v.impact}): ${n.target.join(" ")} — ${[...n.any, ...n.all, ...n.none][0]?.message ?? ""}`),
    );
}

const desk = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };
/** After a change of looks: it is drawn, and no colour is on its way any more. */
const drawn = (page) =>
    page.evaluate(async () => {
        await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
        await Promise.allSettled(document.getAnimations().map((a) => a.finished));
    });

describe("axe", () => {
    it("is asked about every route", () => assert.deepEqual(forgotten(), []));

    // One visit for all three: what differs in the dark is the contrast, what differs on a phone may be anything.
    it("finds nothing on any page, light, dark and on a phone", async () => {
        const { page, faults, context } = await server.signedIn({ colorScheme: "light", reducedMotion: "reduce", viewport: desk });
        await draftSomething(page);
        const found = [];
        const look = async (name, options) => found.push(...(await findings(page, options)).map((line) => `${name}: ${line}`));
        for (const { path } of pages) {
            await page.emulateMedia({ colorScheme: "light" });
            await page.setViewportSize(desk);
            await page.goto(`${server.url}${path}`);
            await settled(page);
            await look(path);
            await page.emulateMedia({ colorScheme: "dark" });
            await page.locator("html.pf-v6-theme-dark").waitFor({ state: "attached" });
            await drawn(page);
            await look(`${path}, dark`, { runOnly: ["color-contrast"] });
            await page.setViewportSize(phone);
            await drawn(page);
            await look(`${path}, on a phone`);
        }
        await page.getByRole("button", { name: "Navigation" }).click();
        await look("navigation");
        await context.close();
        assert.deepEqual([...found, ...faults], []);
    });

    it("finds nothing in dialogues and refused forms", async () => {
        const { page, context } = await server.signedIn();
        const on = hands(page);
        const found = [];
        const look = async (name) => found.push(...(await findings(page)).map((line) => `${name}: ${line}`));
        await page.goto(`${server.url}/administrators`);
        await settled(page);
        await on.button("Add administrator…").click();
        await page.getByRole("dialog").waitFor();
        await look("add administrator");
        await on.choose("May change", "Only some");
        await look("scope");
        await page.keyboard.press("Escape");
        await page.goto(`${server.url}/tokens`);
        await settled(page);
        await on.button("Make a token…").first().click();
        await page.getByRole("dialog").waitFor();
        await look("make a token");
        await page.goto(`${server.url}/partners/new`);
        await settled(page);
        await page.getByLabel("Primary domain").fill("not a domain!");
        await page.keyboard.press("Enter");
        await page.getByRole("alert").first().waitFor();
        await look("refused partner");
        await page.goto(`${server.url}/nowhere`);
        await settled(page);
        await look("no such page");
        await context.clearCookies();
        await page.goto(`${server.url}/`);
        await on.button("Sign in").waitFor();
        await look("sign-in");
        await page.goto(`${server.url}/setup#abc`);
        await settled(page);
        await look("set-up");
        await context.close();
        assert.deepEqual(found, []);
    });
});
