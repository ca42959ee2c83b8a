// What is looked at stands in the address: each search, filter, order, tab and page of a list is the same after a
// reload, after looking at something else and coming back, and for whoever is sent the link.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hands, step } from "./lib/page.mjs";
import { start } from "./lib/server.mjs";
import { fill, settled } from "./lib/world.mjs";

let server, at, page, sent, on;

before(async () => {
    server = await start();
    await fill(server);
    const many = (n, name, value) => Object.fromEntries(Array.from({ length: n }, (_, i) => [name(String(i).padStart(3, "0")), value]));
    await server.commit({
        sites: many(120, (i) => `Site ${i}`, {}),
        policies: many(8, (i) => `user:policy ${i}`, {}),
        partners: many(130, (i) => `p${i}.test`, { partner_type: "public_verified", owner: "Bob" }),
        users: many(60, (i) => `u${i}@contoso.test`, { site: "Berlin" }),
    });
    for (let i = 0; i < 5; i++) await server.commit({ sites: { Paris: { description: `For the ${i}. time` } } });
    at = await server.signedIn();
    ({ page } = at);
    on = hands(page);
    sent = await at.context.newPage();
});
after(() => server?.stop());

/** The texts are compared where they part: they are long. */
function same(now, before, when) {
    const [a, b] = [JSON.stringify(now), JSON.stringify(before)];
    let i = 0;
    while (i < a.length && a[i] === b[i]) i++;
    if (a !== b) assert.fail(`${when}: "${a.slice(Math.max(0, i - 80), i + 80)}" was "${b.slice(Math.max(0, i - 80), i + 80)}"`);
}

/** What a person sees of the state, once all figures are there: the texts without their age, what is chosen and typed. */
const seen = async (page) => {
    await settled(page);
    await page.waitForFunction(() => ![...document.querySelectorAll("main td, main td *")].some((e) => e.textContent.trim() === "…"));
    return page.evaluate(() => {
        const main = document.querySelector("main");
        return {
            text: main.innerText.replace(/\b(\d+ (s|min|h) ago|now)\b/g, "ago").replace(/\s+/g, " "),
            typed: [...main.querySelectorAll("input:not([type=radio]):not([type=checkbox]), select")].map((e) => e.value),
            chosen: [...main.querySelectorAll("input:checked")].map((e) => e.closest("label")?.innerText ?? e.getAttribute("aria-label")),
            tab: document.querySelector("[role=tab][aria-selected=true]")?.innerText ?? null,
        };
    });
};

/** Types into the search of a list, and waits until the pause after typing is over. */
const search = async (label, text) => {
    await page.getByRole("textbox", { name: label }).or(page.getByRole("searchbox", { name: label })).first().fill(text);
    await page.waitForURL(new RegExp(`[?&]q=${encodeURIComponent(text).replace(/%20/g, "[+]")}`));
};
const pick = async (label, option) => {
    await page.locator(".fg-filter", { hasText: label }).first().click();
    await page.getByRole("option", { name: option, exact: true }).click();
};

/** Where, what is done there, and what the address says of it. */
const states = [
    ["/partners", async () => { await search("Domain, owner, ticket", "test"); await pick("State", "Suspended"); await pick("Type", "Federated"); }, /q=test&state=.*type=/],
    ["/partners", async () => { await on.button("Domain").click(); await on.button("Domain").click(); await on.button("Next page").click(); }, /sort=-domain.*cursor=/],
    ["/partners/fabrikam.test", () => page.getByRole("tab", { name: "History" }).click(), /tab=history/],
    ["/policies", () => search("Search", "policy 00"), /q=policy/],
    ["/users", async () => { await search("Name, address, site or policy", "u0"); await pick("Site", "Berlin"); }, /q=u0/],
    ["/sites", async () => { await search("Search", "Site"); await on.button("Next page").click(); }, /cursor=/],
    ["/why", async () => { await on.field("From").fill("amy@contoso.test"); await on.field("To").fill("bob@fabrikam.test"); await on.choose("What", "Presence"); await on.button("Explain").click(); }, /kind=presence.*from=amy/],
    ["/draft", async () => { await search("Search the changes", "d0"); await on.button("Next page").click(); }, /users.cursor=/],
    ["/revisions", async () => { await search("Comment or person", "test"); await on.field("Choose revision 5 to compare").check(); await on.field("Choose revision 7 to compare").check(); }, /pick=/],
    ["/revisions/compare?from=1&to=2", () => on.button("Swap").click(), /from=2&to=1/],
    ["/import", () => page.getByRole("radio").nth(1).check(), /from=lync/],
    ["/settings", async () => { await search("Find a setting", "limit"); await page.locator("main").getByRole("radio").nth(1).check(); }, /show=changed/],
    ["/audit", async () => { await pick("What", "Committed"); await pick("Outcome", "Done"); await on.field("From").fill("2020-02-03"); }, /since=2020-02-03/],
    ["/help", () => search("Search", "policy"), /q=policy/],
    ["/help/rest", () => page.getByRole("searchbox").fill("revisions"), /call=revisions/],
];

/** A draft of the person in the browser, of more than a page. */
async function draft() {
    const { csrf_token } = await (await at.context.request.get(`${server.url}/api/v1/session`)).json();
    for (let i = 0; i < 27; i++) {
        await at.context.request.put(`${server.url}/api/v1/users/d${String(i).padStart(3, "0")}@contoso.test`, { headers: { "X-CSRF-Token": csrf_token }, data: {} });
    }
}

describe("the address", () => {
    before(draft);

    states.forEach(([path, act, says], i) =>
        it(`${path}, ${says.source}`, () =>
            step(at, `address-${i}`, async () => {
                await page.goto(server.url + path);
                await settled(page);
                await act();
                await page.waitForURL(says);
                const url = page.url();
                const before = await seen(page);

                await page.reload();
                same(await seen(page), before, "after a reload");

                await page.getByRole("link", { name: "Certificates", exact: true }).click();
                await on.heading("Certificates").waitFor();
                await page.goBack();
                await page.waitForURL(url);
                same(await seen(page), before, "after coming back");

                await sent.goto(url);
                same(await seen(sent), before, "for whoever is sent the link");
            })),
    );

    it("of a later page leads to the first, where there is no way back", () =>
        step(at, "address-first-page", async () => {
            await page.goto(`${server.url}/partners`);
            await on.button("Next page").click();
            await page.waitForURL(/from=/);
            const url = new URL(page.url());
            await on.button("Previous page").click();
            await page.waitForURL(`${server.url}/partners`);
            for (const [from, name] of [[null, "Previous page"], ["5000", "First page"]]) {
                if (from) url.searchParams.set("from", from);
                await sent.goto(url.href);
                await hands(sent).button(name).click();
                await sent.waitForURL(`${server.url}/partners`);
            }
        }));
});
