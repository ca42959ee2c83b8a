// Partners: a list of thousands that the server filters, orders and changes together; deletion with its count; one
// partner's failure, history and steps of life; texts that would be scripts if they were not text.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hands, step } from "./lib/page.mjs";
import { PASSWORD, start } from "./lib/server.mjs";

const many = 3000;
const script = '<img src=x onerror="document.title=1">';
const name = (i) => `p${String(i).padStart(4, "0")}.example`;

let server, page, faults, browser;
let button, link, field;

const rows = () => page.locator("table.fg-partners tbody tr");
const dialogue = () => page.getByRole("dialog");
const listed = (query) => server.get(`/partners?limit=1&${query}`);
/** Alice's own draft: the local socket has another one. */
const drafted = () => page.evaluate(() => fetch("/api/v1/draft?limit=1").then((r) => r.json()).then((d) => d.summary.count));
const pick = async (label, option) => {
    await page.locator(".fg-filter", { hasText: label }).first().click();
    await page.getByRole("option", { name: option, exact: true }).click();
};

before(async () => {
    server = await start();
    const partners = {};
    for (let i = 0; i < many; i++) {
        partners[name(i)] = { partner_type: i % 2 ? "federated" : "public_verified", state: i % 100 ? "active" : "suspended", dialback: false };
    }
    partners["fabrikam.test"] = {
        tls: "optional", sasl: "not_supported", proxy: "127.0.0.1:9", description: script, owner: script, ticket: "T-1",
    };
    const front_ends = { fe: { host: "127.0.0.1", port: 5060, transport: "udp" } };
    await server.commit({ partners, front_ends, domains: { "ours.test": { front_ends: ["fe"] } } }, script);
    const listeners = { xmpp: ["127.0.0.1:0"], sip: [] };
    await server.commit({ settings: { settings: { federation_enabled: true, listeners } } });
    await server.post("/partners/fabrikam.test/retry");
    for (let i = 0; i < 600 && !(await listed("status=failing")).total; i++) await new Promise((go) => setTimeout(go, 100));
    ({ page, faults, browser } = await server.signedIn({ path: "/partners" }));
    ({ button, link, field } = hands(page));
});
after(async () => server?.stop());

describe("partners", () => {
    it("puts the failing first, counts all, and filters by what works now", () =>
        step({ page, faults }, "partners-list", async () => {
            await page.getByText("3,001 partners, 1 failing, 1 with a warning").waitFor();
            assert.match(await rows().first().innerText(), /Failing\s+fabrikam\.test/);
            await pick("State", "Suspended");
            await page.getByText("30 partners, 0 failing, 0 with a warning").waitFor();
            await pick("Type", "Public, verified");
            assert.match(page.url(), /state=suspended&type=public_verified/);
            await button("Clear filters").click();
            await pick("Warning", "With a warning");
            await page.getByText("1 partner, 1 failing").waitFor();
            await page.goto(`${server.url}/partners?type=federated&sort=-domain`);
            await page.getByText("1,500 partners").waitFor();
            assert.match(await rows().first().innerText(), /p2999\.example/);
            await button("Next page").click();
            await link("p2899.example").waitFor();
        }));

    it("sets fields of everything that fits", () =>
        step({ page, faults }, "partners-edit-many", async () => {
            await page.goto(`${server.url}/partners?state=suspended`);
            await page.getByRole("checkbox", { name: "Select all", exact: true }).check();
            await page.getByText("30 partners selected").waitFor();
            await page.goto(`${server.url}/partners?type=federated`);
            await page.getByRole("checkbox", { name: "Select all", exact: true }).check();
            await button("Select all 1,500 that fit the filter").click();
            await button("Edit together…").click();
            await dialogue().getByLabel("Owner", { exact: true }).selectOption({ label: "Set to…" });
            await dialogue().getByLabel("New value: Owner").fill("Anna Keller");
            await dialogue().getByText("1,500 partners will be changed in your draft.").waitFor();
            await button("Add to draft").click();
            await dialogue().waitFor({ state: "detached" });
            assert.equal(await drafted(), 1500);
        }));

    it("deletes what is selected, and says how much", () =>
        step({ page, faults }, "partners-delete-many", async () => {
            await page.goto(`${server.url}/partners?state=suspended&q=p00`);
            await page.getByRole("checkbox", { name: `Select ${name(0)}`, exact: true }).check();
            await button("Delete…").click();
            await dialogue().getByText("The commit closes 0 live streams and returns 0 waiting messages").waitFor();
            await button("Cancel").click();
            await page.getByRole("checkbox", { name: "Select all", exact: true }).check();
            await button("Delete…").click();
            await dialogue().getByText("The commit closes").waitFor();
            await dialogue().getByRole("button", { name: /Delete/ }).click();
            await dialogue().waitFor({ state: "detached" });
            assert.equal(await drafted(), 1501);
        }));

    it("shows why one fails, tries again, and what touched it; texts are texts", () =>
        step({ page, faults }, "partners-detail", async () => {
            await page.goto(`${server.url}/partners/fabrikam.test`);
            await page.getByRole("heading", { name: "The partner's server refused the connection." }).waitFor();
            await button("Try again now").click();
            await page.getByText(/We are trying\.|Tried again by itself/).waitFor();
            await page.getByRole("tab", { name: "Configuration" }).click();
            await page.getByText(script).first().waitFor();
            await page.getByRole("tab", { name: "History" }).click();
            await link("Revision 1").waitFor();
            assert.equal(await page.getByRole("link", { name: /^Revision 2$/ }).count(), 0, "another commit did not touch it");
            await page.getByText(script).first().waitFor();
            assert.match(page.url(), /tab=history/);
            assert.notEqual(await page.title(), "1");
        }));

    it("drains and suspends one in the draft, and makes another like it", () =>
        step({ page, faults }, "partners-life", async () => {
            await button("Actions for fabrikam.test").click();
            await page.getByRole("menuitem", { name: "Drain" }).click();
            await page.getByText("Your draft changes this partner.").waitFor();
            await button("Actions for fabrikam.test").click();
            await page.getByRole("menuitem", { name: "Suspend…" }).click();
            await dialogue().getByText("The commit closes 0 live streams").waitFor();
            await dialogue().getByText("Their contacts can write to our users no more.").waitFor();
            await dialogue().getByRole("button", { name: "Suspend", exact: true }).click();
            await dialogue().waitFor({ state: "detached" });
            await button("Actions for fabrikam.test").click();
            await page.getByRole("menuitem", { name: "Drain" }).waitFor();
            await page.getByRole("menuitem", { name: "Clone" }).click();
            await field("Primary domain").fill("twin.test");
            // Nothing written is the global limit: looking at the field and leaving it does not make a zero of it.
            const limit = field("Connection limit");
            await limit.click();
            await limit.press("Tab");
            assert.equal(await limit.inputValue(), "");
            await limit.fill("30");
            await button("One more").click();
            assert.equal(await limit.inputValue(), "31");
            await limit.fill("");
            await limit.press("Tab");
            assert.equal(await limit.inputValue(), "");
            await button("Save to draft").click();
            await page.waitForURL(/\/partners$/);
            assert.equal(await drafted(), 1503);
        }));

    it("says at the field whose a domain is, and what is wrong with it", async () => {
        const other = await server.another(browser, { path: "/partners/new" });
        const their = hands(other.page);
        const said = (text) => other.page.getByText(text).waitFor();
        await step(other, "partners-claims", async () => {
            await their.field("Primary domain").fill(name(1));
            await said(`${name(1)} belongs to the partner ${name(1)} already.`);
            await their.field("Primary domain").fill("ours.test");
            await said("ours.test is one of our own domains.");
            await their.field("Primary domain").fill("free.test");
            await their.field("Additional domains").fill(`one.test, it@two.test 10.0.0.1;${name(2)} *.three.test free.test`);
            await other.page.keyboard.press("Enter");
            await said("3 entries were not taken; correct or remove them here:");
            await said("it@two.test: an address; leave out everything up to the @");
            await said("10.0.0.1: an IP address, not a domain");
            await said("*.three.test: no pattern is possible here; name each domain");
            await said(`${name(2)} belongs to the partner ${name(2)} already.`);
            await other.page.getByRole("listitem").filter({ hasText: "free.test is the primary domain above." }).waitFor();
            assert.ok(await their.button("Save to draft").isDisabled());
            await their.choose("TLS", "Not supported");
            await said("Nothing is encrypted");
        });
        await other.context.close();
    });

    it("keeps an account with a scope to its partners, and says why", async () => {
        const scope = { partners: ["p00*"] };
        await server.post("/admins", { username: "sam", role: "administrator", password: PASSWORD, scope });
        const other = await server.another(browser, { name: "sam", path: "/partners?q=p010" });
        const their = hands(other.page);
        const box = (i) => other.page.getByRole("checkbox", { name: `Select ${name(i)}`, exact: true });
        await step(other, "partners-scope", async () => {
            await box(101).waitFor();
            assert.ok(await box(101).isDisabled());
            assert.match(await box(101).getAttribute("title"), /p00\*/);
            await their.button(`Actions for ${name(101)}`).click();
            const removal = other.page.getByRole("menuitem", { name: /^Delete/ });
            assert.ok(await removal.isDisabled());
            assert.match(await removal.innerText(), /p00\*/);
            await other.page.goto(`${server.url}/partners?q=p00`);
            await other.page.getByRole("checkbox", { name: "Select all", exact: true }).check();
            const every = their.button("Select all 100 that fit the filter");
            assert.equal(await every.getAttribute("aria-disabled"), "true");
            await every.hover();
            await other.page.getByText("select them one by one").waitFor();
            await their.button("Suspend…").click();
            await other.page.getByRole("dialog").getByText("49 partners will be changed in your draft.").waitFor();
            await other.page.getByRole("dialog").getByText("1 partner is that way already.").waitFor();
            await other.page.goto(`${server.url}/partners/new`);
            await their.field("Primary domain").fill("elsewhere.test");
            await other.page.getByText("elsewhere.test is outside of what your account may change.").waitFor();
        });
        await other.context.close();
    });
});
