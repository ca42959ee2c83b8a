// The help: every topic opens in every language, the search finds, links lead somewhere, the reference names every route.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, it } from "node:test";
import { hands, step } from "./lib/page.mjs";
import { start } from "./lib/server.mjs";

const texts = join(dirname(fileURLToPath(import.meta.url)), "../../webroot/help");
const languages = { en: "en-US", de: "de-DE", zh: "zh-CN" };

const topicsOf = (language) =>
    readdirSync(join(texts, language)).map((file) => {
        const source = readFileSync(join(texts, language, file), "utf8");
        return {
            name: file.replace(/\.md$/, ""),
            title: /^# (.*)$/m.exec(source)[1],
            sections: [...source.matchAll(/^##+ .*\{#([a-z0-9-]+)\}$/gm)].map((m) => m[1]),
        };
    });

let server;
before(async () => {
    server = await start();
});
after(() => server?.stop());

describe("help", () => {
    for (const [language, locale] of Object.entries(languages)) {
        it(`opens every topic in ${language}`, async () => {
            const at = await server.signedIn({ path: "/help", locale });
            const { page } = at;
            for (const topic of topicsOf(language)) {
                await step(at, `help-${language}-${topic.name}`, async () => {
                    await page.goto(`${server.url}/help/${topic.name}`);
                    await hands(page).heading(topic.title).waitFor();
                    for (const section of topic.sections) await page.locator(`#${section}`).waitFor({ state: "attached" });
                    const text = await page.locator("main").innerText();
                    assert.doesNotMatch(text, /\{\{|\{#|undefined|NaN/, "every fact is filled in");
                    for (const link of await page.locator("main a[href^='/help/']").all()) {
                        const [path, section] = (await link.getAttribute("href")).slice("/help/".length).split("#");
                        const target = topicsOf(language).find((t) => t.name === path);
                        assert.ok(target && (!section || target.sections.includes(section)), `${path}#${section} is there`);
                    }
                });
            }
            await at.context.close();
        });
    }

    it("finds, shows where, and opens the place", async () => {
        const at = await server.signedIn({ path: "/help" });
        const { page } = at;
        await step(at, "help-search", async () => {
            await page.getByLabel("Search the help").fill("unless confirmed");
            const found = page.getByRole("link", { name: "Take back unless confirmed" });
            await found.waitFor();
            assert.match(page.url(), /q=unless/, "the search stands in the address");
            assert.ok((await page.locator("mark").count()) > 0, "what was found is marked");
            await found.click();
            await page.waitForURL(/\/help\/commit#confirm$/);
            await page.waitForFunction(() => document.activeElement?.id === "confirm");
            await page.goBack();
            await page.getByLabel("Search the help").fill("xyzzy plugh");
            await page.getByRole("heading", { name: "Nothing found" }).waitFor();
        });
        await at.context.close();
    });

    it("is one click away from each page, at the topic of that page", async () => {
        const at = await server.signedIn({ path: "/partners" });
        await step(at, "help-from-page", async () => {
            await hands(at.page).link("Help for this page").click();
            await at.page.waitForURL(/\/help\/partners$/);
        });
        await at.context.close();
    });

    it("names every failure with its cause and remedy, in the language of the panel", async () => {
        const { failures } = await server.get("/schema");
        assert.ok(failures.length > 40);
        for (const [language, locale] of Object.entries(languages)) {
            const at = await server.signedIn({ path: "/help/troubleshooting", locale });
            await step(at, `help-failures-${language}`, async () => {
                const shown = at.page.locator("#failures ~ .fg-help-fields > div");
                await shown.first().waitFor();
                const texts = await shown.allTextContents();
                assert.equal(texts.length, failures.length);
                failures.forEach((f, i) => {
                    assert.ok(texts[i].startsWith(f.code) && texts[i].length > f.code.length + 4, f.code);
                    assert.equal(texts[i].includes(f.cause), language === "en", `${f.code} is in ${language}`);
                });
            });
            await at.context.close();
        }
    });

    it("names every route of the REST interface", async () => {
        const document = await server.get("/openapi.json");
        const methods = ["get", "post", "put", "patch", "delete"];
        const routes = Object.entries(document.paths).flatMap(([path, o]) =>
            methods.filter((m) => o[m]).map((m) => `${m.toUpperCase()} ${path}`),
        );
        const at = await server.signedIn({ path: "/help/rest" });
        const { page } = at;
        await step(at, "help-rest", async () => {
            await page.locator(".fg-rest-call").first().waitFor();
            const shown = await page.locator(".fg-rest-call > summary").evaluateAll((all) =>
                all.map((s) => `${s.querySelector(".fg-rest-method").textContent} ${s.querySelector("code").textContent}`),
            );
            assert.deepEqual(shown.sort(), routes.sort());
            await page.getByLabel("Filter the calls").fill("/draft/commit");
            await page.locator(".fg-rest-call").first().locator("summary").click();
            await page.locator(".fg-rest-body").getByText("confirm_within").first().waitFor();
        });
        await at.context.close();
    });
});
