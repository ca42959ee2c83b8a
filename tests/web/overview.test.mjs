// The overview: what runs, what needs somebody and where it is mended, live figures, roles.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hands, step } from "./lib/page.mjs";
import { start } from "./lib/server.mjs";
import { world } from "./lib/world.mjs";

let server, at, page, on;
before(async () => {
    server = await start();
    at = await server.signedIn({ path: "/" });
    ({ page } = at);
    on = hands(page);
});
after(() => server?.stop());

const panel = (title) => page.locator("section.fg-panel", { has: page.getByRole("heading", { level: 2, name: title }) });
const switchOn = (value) => ({ federation_enabled: true, listeners: { xmpp: ["127.0.0.1:0"], ...value } });

describe("overview", () => {
    it("of an empty gateway says what is still to be set up", () =>
        step(at, "overview-empty", async () => {
            await page.getByText("Nothing needs you.").waitFor();
            await page.getByText("No XMPP or SIP port is open").waitFor();
            await panel("Set-up").getByRole("link", { name: "Add a domain" }).waitFor();
            await page.getByText("Nothing has been committed yet.").waitFor();
        }));

    it("follows what is committed, without being loaded anew", () =>
        step(at, "overview-live", async () => {
            await server.commit(world, "the whole world");
            await page.getByRole("link", { name: "the whole world" }).waitFor();
            await page.getByText("Revision 1, the latest").waitFor();
            await page.getByText("0 connected · 7 quiet").waitFor();
            await panel("Needs you").getByRole("link", { name: "alpine.test" }).waitFor();
        }));

    it("names problems of the engine and where they are mended", () =>
        step(at, "overview-problems", async () => {
            await server.post("/commits", { comment: "on", changes: [{ op: "patch", kind: "settings", key: "settings", value: switchOn({ sip: [{ address: "127.0.0.1:15061", transport: "tls" }] }) }] });
            const remarks = page.getByRole("list", { name: "Problems of the engine" });
            await remarks.getByText(/127\.0\.0\.1:15061 is not opened: no certificate is assigned as internal/).waitFor();
            await page.getByText(/^Open: \d/).waitFor();
            await remarks.getByRole("link", { name: "Open “Certificates”" }).first().click();
            await on.heading("Certificates").waitFor();
            await page.goBack();
        }));

    it("lists partners that need somebody: review due, agreement ended or ending, nothing encrypted", () =>
        step(at, "overview-partners", async () => {
            const days = (n) => new Date(Date.now() + n * 86400000).toISOString().replace(/\.\d+Z$/, "Z");
            await server.commit({
                partners: {
                    "review.test": { review_date: "2020-01-01" },
                    "later.test": { review_date: "2099-01-01", valid_until: days(400) },
                    "ending.test": { valid_until: days(5.5) },
                    "over.test": { valid_until: "2021-01-01T00:00:00Z" },
                },
            });
            await page.reload();
            const needs = panel("Needs you");
            await needs.getByText("The review was due on").waitFor();
            await needs.getByText("The agreement ends in 5 days.").waitFor();
            await needs.getByText(/^The agreement ended on 1 Jan 2021/).waitFor();
            assert.equal(await needs.getByText("later.test").count(), 0);
            await needs.getByRole("link", { name: "review.test" }).click();
            await on.heading("review.test").waitFor();
            await page.goBack();
        }));

    it("shows commits that wait for a second person, for their time or to be kept, and drafts nobody owns", () =>
        step(at, "overview-waiting", async () => {
            await server.commit({ sites: { Rome: {} } }, "for later", { at: "2099-01-01T00:00:00Z" });
            await panel("Needs you").getByRole("link", { name: "for later" }).waitFor();
            await panel("Needs you").getByText(/is committed at/).waitFor();
            server.addAdmin("dora");
            const dora = await server.another(at.browser, { name: "dora", path: "/settings" });
            const hers = hands(dora.page);
            await hers.field("Connection limit").fill("700");
            await hers.button("Save to draft").click();
            await dora.page.getByText("Saved to your draft.").waitFor();
            await dora.context.close();
            await server.remove("/admins/dora");
            const { revision } = await server.commit({ sites: { Oslo: {} } }, "unsure", { confirm_within: 600 });
            await page.reload();
            await panel("Needs you").getByRole("link", { name: "Draft of dora" }).waitFor();
            await panel("Needs you").getByRole("link", { name: `Revision ${revision}` }).waitFor();
            await panel("Last commits").getByText(/waits to be kept/).waitFor();
            await server.post(`/revisions/${revision}/confirm`);
            await server.post("/commits", { comment: "four eyes", changes: [{ op: "patch", kind: "settings", key: "settings", value: { four_eyes: true } }] });
            await server.commit({ sites: { Bonn: {} } }, "two must agree");
            await panel("Needs you").getByText("Waits for another administrator.").waitFor();
        }));

    it("switches federation in the draft; who may not, reads why", async () => {
        await step(at, "overview-switch", async () => {
            await page.getByRole("switch", { name: "Federation is enabled" }).press("Space");
            await on.link("Your draft turns it off").waitFor();
        });
        server.addAdmin("vera", "viewer");
        const vera = await server.another(at.browser, { name: "vera" });
        await step(vera, "overview-viewer", async () => {
            const toggle = vera.page.getByRole("switch", { name: "Federation is enabled" });
            await toggle.waitFor();
            assert.ok(await toggle.isDisabled());
            await vera.page.getByLabel("Only administrator may change this.").waitFor();
        });
    });
});
