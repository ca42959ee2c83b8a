// The settings: marks and ways back, listeners, message texts in the log, the dialback secret, roles.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hands, step } from "./lib/page.mjs";
import { start } from "./lib/server.mjs";

let server, at, page, on;
before(async () => {
    server = await start();
    at = await server.signedIn({ path: "/settings" });
    ({ page } = at);
    on = hands(page);
});
after(() => server?.stop());

const setting = (path) => page.locator(`[data-setting="${path}"]`);
const draft = () => page.evaluate(async () => (await fetch("/api/v1/settings?view=draft")).json());
const save = async () => {
    await on.button("Save to draft").click();
    await page.getByText("Saved to your draft.").waitFor();
};

describe("settings", () => {
    it("show every field with unit, range, default and help", () =>
        step(at, "settings-fields", async () => {
            await on.heading("Settings").waitFor();
            await setting("connection_limit").getByText("1 to 100,000. Default: 1,000.").waitFor();
            await setting("keepalive_interval").getByText("s = 5 min").waitFor();
            const { kinds } = await page.evaluate(async () => (await fetch("/api/v1/schema")).json());
            for (const field of kinds.settings.fields.filter((f) => !f.read_only)) {
                const some = page.locator(`[data-setting="${field.name}"], [data-setting^="${field.name}/"]`).first();
                assert.ok(await some.isVisible(), field.name);
            }
        }));

    it("mark what is not at its default and what runs otherwise, with a way back", () =>
        step(at, "settings-marks", async () => {
            await on.field("Connection limit").fill("500");
            await setting("connection_limit").getByText("Runs now: 1,000 connections").waitFor();
            await on.field("Nesting").fill("99");
            await save();
            assert.deepEqual([(await draft()).connection_limit, (await draft()).limits.depth], [500, 99]);
            await page.goto(`${server.url}/settings?show=changed`);
            await setting("limits/depth").waitFor();
            assert.equal(await page.locator("[data-setting]").count(), 2);
            await setting("limits/depth").getByRole("button", { name: "Reset to 64 levels Nesting" }).click();
            await on.field("Connection limit").waitFor();
            assert.equal(await setting("limits/depth").count(), 0, "it is at its default again");
            await save();
            assert.equal((await draft()).limits.depth, 64);
        }));

    it("are found by what they are called and what they are for", () =>
        step(at, "settings-search", async () => {
            await page.goto(`${server.url}/settings?q=dnssec`);
            await setting("dns/dnssec").waitFor();
            assert.equal(await page.locator("[data-setting]").count(), 1);
            await page.goto(`${server.url}/settings?q=nothing-like-it`);
            await page.getByText("Nothing fits these filters").waitFor();
            await on.button("Clear filters").click();
            await setting("connection_limit").waitFor();
        }));

    it("take listeners row by row and say what is wrong with one", () =>
        step(at, "settings-listeners", async () => {
            await on.button("Add an address SIP").click();
            await on.field("SIP 2: Address").fill("not an address");
            await on.choose("SIP 2: Transport", "UDP");
            assert.equal(await page.getByRole("radiogroup", { name: "SIP 2: Client certificate" }).count(), 0);
            at.faults.allow.push(/422/); // an address that is none is refused, which is shown
            await on.button("Save to draft").click();
            await setting("listeners/sip").getByRole("alert").waitFor();
            await on.field("SIP 2: Address").fill("127.0.0.1:5060");
            await on.button("Add an address XMPP with direct TLS").click();
            await on.field("XMPP with direct TLS 1").fill("127.0.0.1:5223");
            await on.button("Add an address Name servers").click();
            await on.field("Name servers 1").fill("192.0.2.53");
            await save();
            const { listeners, dns } = await draft();
            assert.deepEqual(listeners.sip[1], { address: "127.0.0.1:5060", transport: "udp", client_certificate: "required" });
            assert.deepEqual([listeners.xmpp_direct_tls, dns.servers], [["127.0.0.1:5223"], ["192.0.2.53"]]);
            await on.button("Remove SIP 2").click();
            await save();
            assert.equal((await draft()).listeners.sip.length, 1);
        }));

    it("write message texts for one partner, not longer than a day, and warn while they do", () =>
        step(at, "settings-bodies", async () => {
            await server.commit({ partners: { "fabrikam.test": {} } });
            await page.goto(`${server.url}/settings#logging`);
            await page.getByRole("switch", { name: "Log message texts" }).press("Space");
            await page.getByText("Everything that anybody writes").waitFor();
            await on.field("Until").fill("2099-01-01T00:00");
            await page.getByText("It ends within 24 hours at the latest.").waitFor();
            await on.button("24 h from now").click();
            await on.field("Partner").fill("fabri");
            await page.locator('datalist option[value="fabrikam.test"]').waitFor({ state: "attached" });
            await on.field("Partner").fill("fabrikam.test");
            await page.getByText("Everything that people write to and from fabrikam.test").waitFor();
            await save();
            const log = (await draft()).log_message_bodies;
            assert.equal(log.partner, "fabrikam.test");
            const warning = page.getByText(/Texts of messages with fabrikam\.test are being written/);
            assert.equal(await warning.count(), 0, "it does not run yet");
            await page.evaluate(async () => {
                const { csrf_token } = await (await fetch("/api/v1/session")).json();
                const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf_token };
                await fetch("/api/v1/draft/commit", { method: "POST", headers, body: "{}" });
            });
            await page.reload();
            await warning.waitFor();
            await page.goto(`${server.url}/`);
            await warning.waitFor();
            await on.link("End it in the settings").click();
            await page.getByRole("switch", { name: "Log message texts" }).press("Space");
            await save();
            await on.link("Your draft ends it: review and commit").waitFor();
        }));

    it("replace the dialback secret after a question, and never show one", () =>
        step(at, "settings-dialback", async () => {
            await page.goto(`${server.url}/settings#dialback`);
            await on.button("Replace the secret…").click();
            const dialogue = page.getByRole("dialog");
            await dialogue.getByText("Other nodes of the same domain must get the same secret").waitFor();
            await on.choose("New secret", "Enter one");
            await on.field("Secret").fill("too short");
            await dialogue.getByText("Enter 16 to 256 ASCII characters.").waitFor();
            assert.ok(await on.button("Replace it now").isDisabled());
            await on.field("Secret").fill("the same on every node");
            assert.equal(await on.field("Secret").getAttribute("type"), "password");
            await on.choose("The former secret still counts for", "1 h");
            await on.button("Replace it now").click();
            await page.getByText("The secret is replaced. Keys of the former one count until").waitFor();
            await on.button("Replace the secret…").click();
            await on.choose("The former secret still counts for", "Not at all");
            await on.button("Replace it now").click();
            await page.getByText("The secret is replaced. The former one counts no more.").waitFor();
            assert.equal((await server.get("/audit?action=dialback_secret")).items.length, 2);
            assert.ok(!(await page.content()).includes("the same on every node"));
        }));

    it("are read-only for who may not change them, and say why", async () => {
        server.addAdmin("vera", "viewer");
        const vera = await server.another(at.browser, { name: "vera", path: "/settings" });
        const hers = hands(vera.page);
        await step(vera, "settings-viewer", async () => {
            await hers.field("Connection limit").waitFor();
            assert.ok(await hers.field("Connection limit").isDisabled());
            assert.ok(await hers.button("Save to draft").isDisabled());
            assert.equal(await hers.button("Replace the secret…").getAttribute("aria-disabled"), "true");
            await vera.page.getByText("Only administrator may change this.").first().waitFor();
        });
    });
});
