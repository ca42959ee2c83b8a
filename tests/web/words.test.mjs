// Three languages: by the browser, by choice, by the account; nothing that was typed is lost when one changes.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { open } from "./lib/browser.mjs";
import { hands, step } from "./lib/page.mjs";
import { start } from "./lib/server.mjs";

const said = {
    en: { locale: "en-US", overview: "Overview", signIn: "Sign in", language: "Language", browser: "As the browser" },
    de: { locale: "de-AT", overview: "Übersicht", signIn: "Anmelden", language: "Sprache", browser: "Wie im Browser" },
    zh: { locale: "zh-CN", overview: "概述", signIn: "登录", language: "语言", browser: "跟随浏览器" },
};

let server;
before(async () => {
    server = await start();
    await server.commit({
        domains: { "contoso.com": {} },
        partners: {
            "fabrikam.com": { tls: "optional", sasl: "optional", additional_domains: ["eu.fabrikam.com"], owner: "Anna Keller" },
            "nwtraders.com": { tls: "not_supported", sasl: "not_supported" },
        },
        users: { "amy@contoso.com": { display_name: "Amy Rusko" } },
        sites: { Berlin: {} },
    });
    await server.patch("/settings", { connection_limit: 900 });
});
after(() => server?.stop());

const langOf = (page) => page.evaluate(() => document.documentElement.lang.slice(0, 2));

describe("languages", () => {
    for (const [language, words] of Object.entries(said)) {
        it(`follows the browser: ${language}`, async () => {
            const { browser, page, faults } = await open({ locale: words.locale });
            await step({ page, faults }, `words-sign-in-${language}`, async () => {
                await page.goto(server.url);
                await hands(page).heading(words.signIn).waitFor();
                assert.equal(await langOf(page), language);
            });
            await browser.close();
        });
    }

    it("is chosen before sign-in, and the browser remembers it", async () => {
        const { browser, page, faults } = await open();
        await step({ page, faults }, "words-choose-sign-in", async () => {
            await page.goto(server.url);
            await hands(page).button("Deutsch").click();
            await hands(page).heading("Anmelden").waitFor();
            await page.reload();
            await hands(page).heading("Anmelden").waitFor();
        });
        await browser.close();
    });

    it("changes in place, keeps what was typed, and goes with the account", async () => {
        server.addAdmin("carla");
        const at = await server.signedIn({ name: "carla", path: "/partners/new" });
        const { page } = at;
        await step(at, "words-switch", async () => {
            await hands(page).field("Primary domain").fill("half-typed.example");
            await page.getByRole("button", { name: "Signed in as carla" }).click();
            const saved = page.waitForResponse((r) => r.url().endsWith("/profile") && r.request().method() === "PATCH");
            await page.getByRole("menuitem", { name: "Deutsch" }).click();
            await hands(page).heading("Partner hinzufügen").waitFor();
            assert.equal(await hands(page).field("Primäre Domäne").inputValue(), "half-typed.example");
            assert.equal((await saved).status(), 200);
        });
        // Another browser, in English: the account's choice wins after the sign-in.
        const elsewhere = await server.signedIn({ name: "carla", path: "/" });
        await step(elsewhere, "words-account", async () => {
            await hands(elsewhere.page).heading("Übersicht").waitFor();
            await elsewhere.page.getByRole("button", { name: "Angemeldet als carla" }).click();
            await elsewhere.page.getByRole("menuitem", { name: "Dunkel" }).click();
            await elsewhere.page.waitForFunction(() => document.documentElement.classList.contains("pf-v6-theme-dark"));
        });
        await step(at, "words-theme", async () => {
            await page.goto(`${server.url}/`);
            await page.waitForFunction(() => document.documentElement.classList.contains("pf-v6-theme-dark"));
            await page.getByRole("button", { name: "Angemeldet als carla" }).click();
            await page.getByRole("menuitem", { name: "Wie im Browser" }).click();
            await hands(page).heading("Overview").waitFor();
        });
        await at.browser.close();
        await elsewhere.browser.close();
    });

    it("shows the server's labels and helps in it", async () => {
        const at = await server.signedIn({ path: "/settings", locale: "de-DE" });
        await step(at, "words-fields", async () => {
            await at.page.getByText("Keep-Alive-Intervall").first().waitFor();
            await at.page.getByText("Authentifizierte Streams insgesamt.").first().waitFor();
        });
        await at.browser.close();
    });

    it("puts the server's codes into words: rules, problems, failures", async () => {
        const at = await server.signedIn({ path: "/why?kind=message&from=amy@contoso.com&to=bob@nobody.example", locale: "de-DE" });
        const { page } = at;
        await step(at, "words-rules", async () => {
            await page.getByText("Der Partnerverbund ist für das ganze Gateway ausgeschaltet.").first().waitFor();
            await page.getByText("Schalten Sie den Partnerverbund in den Einstellungen ein.").waitFor();
        });
        at.faults.allow.push(/422/);
        await step(at, "words-problems", async () => {
            await page.goto(`${server.url}/partners/new`);
            await hands(page).field("Primäre Domäne").fill("contoso.com");
            await page.getByText("contoso.com ist eine unserer eigenen Domänen.").first().waitFor();
            await page.goto(`${server.url}/domains/new`);
            await hands(page).field("Domäne").fill("fabrikam.com");
            await hands(page).button("Im Entwurf speichern").click();
            await page.getByText(/Diese Domäne gehört bereits einem Partner: fabrikam\.com$/).first().waitFor();
        });
        await at.browser.close();
    });

    it("says in each why a commit was taken back by itself", async () => {
        const comment = "Taken back by itself: fabrikam.com worked before this commit and fails since. The server offers no TLS.";
        const taken = { revision: 9, reverts: 8, author: "system", time: new Date().toISOString(), comment, changes: 1 };
        for (const [locale, text] of [
            ["en-US", "fails since. The server offers no TLS."],
            ["de-DE", "Mit fabrikam.com bestand vor dieser Übernahme eine Verbindung"],
            ["zh-CN", "fabrikam.com 在此次提交之前连接正常"],
        ]) {
            const at = await server.signedIn({ path: "/help", locale });
            await step(at, `words-taken-${locale}`, async () => {
                await at.page.route(/revisions\?(.*&)?limit=1\b/, (route) => route.fulfill({ json: { items: [taken], total: 9 } }));
                await at.page.reload();
                await at.page.locator(".fg-taken").getByText(text, { exact: false }).waitFor();
            });
            await at.browser.close();
        }
    });
});
