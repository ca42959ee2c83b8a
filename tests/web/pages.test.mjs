// Every page, in every language, for every role, on every screen: in its words, laid out without faults, without
// jumping while it loads; what a role may not do says why.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { layoutFaults } from "./lib/layout.mjs";
import { start } from "./lib/server.mjs";
import { draftSomething, fill, pages, settled, world } from "./lib/world.mjs";

const languages = { en: "en-US", de: "de-DE", zh: "zh-CN" };
const roles = ["operator", "user_administrator", "help_desk", "viewer"];
const widths = [1440, 2560, 768, 360];
/** How wide a page is while it loads: what moves is looked for on a phone too. */
const loadedAt = { en: 1440, de: 390, zh: 1440 };

let server, browser;
before(async () => {
    server = await start();
    await fill(server);
    for (const role of roles) server.addAdmin(role.replace("_", "-"), role);
    const alice = await server.signedIn();
    browser = alice.browser;
    await draftSomething(alice.page);
});
after(() => server?.stop());

/** Sums what moved by itself while the page loaded (1: the whole screen by its whole height). */
const watchShifts = () => {
    window.shifted = 0;
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
            if (entry.hadRecentInput) continue;
            window.shifted += entry.value;
            for (const { node } of entry.sources ?? []) window.shifts.push((node?.className || node?.nodeName) ?? "?");
        }
    }).observe({ type: "layout-shift", buffered: true });
};

/** Texts of a page as people see them, without what is code or was typed by somebody. */
const textsOf = (page) =>
    page.evaluate(() => {
        const found = [];
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const e = walker.currentNode.parentElement;
            if (!e || e.closest("code, pre, script, style, noscript, textarea, .fg-mono, [lang]:not(html)")) continue;
            found.push(walker.currentNode.data.trim());
        }
        for (const e of document.querySelectorAll("[aria-label], [placeholder], [title]")) {
            for (const name of ["aria-label", "placeholder", "title"]) found.push(e.getAttribute(name)?.trim() ?? "");
        }
        return [document.title, ...found].filter((text) => /[A-Za-z]{3}/.test(text));
    });

/** What is the same in every language: names, what somebody typed, words of protocols. */
const data = JSON.stringify(world) + " alice test edge1.contoso.test local fedgate rejected CHG-2300 inner, UDP global, user:partners Next month Bob : test" + roles.map((r) => ` ${r.replace("_", "-")}`);
const sameInGerman =
    /^(Global|Proxy|Token|Tokens|Streams|Stream|Revisionen|Status|Administrator|Operator|Optional|Filter|Transport|Navigation|Text|Name|Port|Host|Ticket|Version|optional|System|Format|Import|Partner|Code|Details|Helpdesk|Modern|Export|Revision|Revision \d+|SIP \d+: Transport)$/;
const sameEverywhere =
    /^[^a-zA-Z]*((fedgate|SASL|TLS|SIP|XMPP|REST|JSON|CSV|PEM|DNS|SRV|UDP|TCP|API|DNSSEC|TOTP|IP|Chrome|Linux|Lync|Skype for Business|English|Deutsch|STARTTLS|EXTERNAL|SHA-\d+|ms|min)[^a-zA-Z]*)+$/;

function translatable(whole, language) {
    const text = whole.replace(/ · fedgate$/, "");
    if (data.includes(text) || sameEverywhere.test(text)) return false;
    if (/^\S*[@:/._]\S*$/.test(text)) return false; // addresses, codes, paths
    return !(language === "de" && sameInGerman.test(text));
}

/** Controls of a page that are off and do not say why: neither they themselves nor a text of the page. */
const withoutReason = (page) =>
    page.evaluate(() => {
        const main = document.querySelector("main");
        if (/\bOnly\b.*\bmay\b/.test(main.innerText)) return [];
        const off = [...main.querySelectorAll(":is(button, input, select, textarea):disabled")].filter((e) => !e.closest("[title], [role=note][aria-label]"));
        return [...new Set(off.map((e) => e.getAttribute("aria-label") || e.innerText || e.type))];
    });

describe("every page", () => {
    const english = {};
    const idle = {}; // off for everybody: nothing typed yet, no further page
    for (const [language, locale] of Object.entries(languages)) {
        it(`stands in its words and in its place: ${language}`, async () => {
            const { page, faults, context } = await server.another(browser, { locale });
            await page.addInitScript(watchShifts);
            const wrong = [];
            for (const { path } of pages) {
                faults.length = 0;
                await page.setViewportSize({ width: loadedAt[language], height: 900 });
                await page.goto(server.url + path);
                await settled(page);
                const add = (text) => wrong.push(`${path}: ${text}`);
                faults.forEach(add);
                const { lang, shifted, shifts } = await page.evaluate(() => ({
                    lang: document.documentElement.lang.slice(0, 2),
                    shifted: window.shifted,
                    shifts: [...new Set(window.shifts)].join(" "),
                }));
                if (lang !== language) add(`its language is said to be ${lang}`);
                if (shifted > 0.02) add(`moves while it loads, by ${shifted.toFixed(3)}: ${shifts}`);
                const texts = await textsOf(page);
                if (language === "en") {
                    english[path] = new Set(texts);
                    idle[path] = new Set(await withoutReason(page));
                } else {
                    const quoted = path === "/help/rest" || path.startsWith("/help?"); // the reference and commands are English
                    for (const text of quoted ? [] : texts) if (english[path].has(text) && translatable(text, language)) add(`in English: "${text.slice(0, 80)}"`);
                }
                for (const width of widths) {
                    await page.setViewportSize({ width, height: 900 });
                    await page.evaluate(() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go))));
                    for (const fault of await layoutFaults(page)) add(`at ${width}: ${fault}`);
                }
                if (/undefined|NaN|\[object/.test(await page.locator("body").innerText())) add("shows what is no word");
            }
            await context.close();
            assert.equal([...new Set(wrong)].join("\n"), "");
        });
    }

    for (const role of roles) {
        it(`opens for the role ${role}, and says why something cannot be done`, async () => {
            const { page, faults, context } = await server.another(browser, { name: role.replace("_", "-") });
            const wrong = [];
            let refused = 0;
            for (const { path } of pages) {
                faults.length = 0;
                await page.goto(server.url + path);
                await settled(page);
                faults.forEach((fault) => wrong.push(`${path}: ${fault}`));
                const silent = (await withoutReason(page)).filter((name) => !idle[path]?.has(name));
                if (silent.length) wrong.push(`${path}: disabled without a reason: ${silent.join(", ")}`);
                const quiet = page.locator("main button[aria-disabled=true]");
                const n = await quiet.count();
                for (let i = 0; i < Math.min(n, 2); i++) {
                    refused++;
                    await quiet.nth(i).focus();
                    const said = await page.getByRole("tooltip").first().innerText({ timeout: 3000 }).catch(() => "");
                    if (!/\S+ \S+/.test(said)) wrong.push(`${path}: "${await quiet.nth(i).innerText()}" does not say why`);
                }
            }
            await context.close();
            assert.equal(wrong.join("\n"), "");
            assert.ok(refused > 0, "something is refused to the role");
        });
    }
});
