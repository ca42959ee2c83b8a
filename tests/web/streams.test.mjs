// Streams as the server lists them, Why? and what leads to it, whether the audit is forwarded, what certificates lack,
// and a gateway that is away for a while.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hands, step } from "./lib/page.mjs";
import { caller, certificate, peer } from "./lib/peer.mjs";
import { start } from "./lib/server.mjs";
import { world } from "./lib/world.mjs";

const lax = { partner_type: "federated", tls: "optional", sasl: "not_supported" };
const branches = Array.from({ length: 60 }, (_, i) => `branch-${String(i).padStart(2, "0")}.test`);
let server, one, clear, secure;
const callers = [];

before(async () => {
    server = await start();
    server.addAdmin("eve", "viewer");
    [clear, secure] = await Promise.all([peer(), peer({ name: "safe.test" })]);
    const partners = {
        "fabrikam.test": lax,
        "safe.test": { ...lax, proxy: secure.address },
        "clear.test": { ...lax, proxy: clear.address },
        ...Object.fromEntries(branches.map((name) => [name, lax])),
    };
    const settings = {
        federation_enabled: true,
        audit_syslog: { transport: "tcp", address: clear.address },
        listeners: { xmpp: ["127.0.0.1:0"], xmpp_direct_tls: [], sip: [{ address: "127.0.0.1:1", transport: "tls" }] },
    };
    const { front_ends, sites, policies, users } = world;
    sites.Berlin = { description: "Main office" };
    await server.commit({ front_ends, domains: { "contoso.test": { front_ends: ["inner"] } }, sites, policies, users, partners, settings: { settings } });
    for (const name of ["safe.test", "clear.test"]) await server.post(`/partners/${name}/retry`);
    const { items } = await server.get("/status/ports");
    const port = Number(items.find((p) => p.name === "xmpp").address.split(":").pop());
    for (const name of branches) callers.push(caller(port, name, "contoso.test"));
    while ((await server.get("/streams?partner=branch*&limit=1")).total < 60 || (await server.get("/streams?phase=open")).total < 2);
    one = await server.signedIn({ path: "/streams" });
});
after(async () => {
    callers.forEach((hangUp) => hangUp());
    clear?.stop();
    secure?.stop();
    await server?.stop();
});

const row = (page, text) => page.getByRole("row").filter({ hasText: text });

describe("streams", () => {
    it("are counted, searched, filtered and ordered by the server, and the address keeps it", () =>
        step(one, "streams-list", async () => {
            const { page } = one;
            await page.getByText("2 of at most 1,000 are open, 60 being set up.").waitFor();
            await page.getByText("1–50 of 62").waitFor();
            await page.getByRole("button", { name: "Next page" }).click();
            await page.getByText("51–62 of 62").waitFor();
            assert.match(page.url(), /cursor=/);
            await page.locator(".fg-tools").getByRole("button", { name: "State" }).click();
            await page.getByRole("option", { name: "Open" }).click();
            await page.getByText("2 streams").waitFor();
            assert.match(page.url(), /state=open/);
            assert.doesNotMatch(page.url(), /cursor=/);
            const safe = row(page, "safe.test");
            await safe.getByText("Dialback over TLS").waitFor();
            await safe.getByText(/TLS 1\.3 AES-256, certificate not trusted/).waitFor();
            await row(page, "clear.test").getByText("Dialback, unencrypted").waitFor();
            await page.getByRole("columnheader", { name: "Domain pair" }).getByRole("button").click();
            await page.getByRole("row").nth(1).getByText("clear.test").waitFor();
            await page.getByRole("columnheader", { name: "Domain pair" }).getByRole("button").click();
            await page.getByRole("row").nth(1).getByText("safe.test").waitFor();
            await page.reload();
            await page.getByRole("row").nth(1).getByText("safe.test").waitFor();
            await page.goto(`${server.url}/streams?q=branch-07`);
            await row(page, "branch-07.test").getByText("Setting up").waitFor();
            await page.getByText("1 stream ·").waitFor();
        }));

    it("stay where they are while somebody points at them", () =>
        step(one, "streams-steady", async () => {
            const { page } = one;
            await page.goto(`${server.url}/streams?q=branch-1&sort=-pair`);
            await row(page, "branch-19.test").hover();
            callers[19]();
            await row(page, "branch-19.test").getByText("Closed").waitFor();
            assert.match(await page.getByRole("row").nth(1).innerText(), /branch-19\.test/);
            await page.getByRole("heading", { level: 1 }).hover();
            await row(page, "branch-19.test").waitFor({ state: "detached" });
            assert.match(await page.getByRole("row").nth(1).innerText(), /branch-18\.test/);
        }));

    it("are closed after saying what happens", () =>
        step(one, "streams-close", async () => {
            const { page } = one;
            await page.goto(`${server.url}/streams?state=open`);
            const before = (await server.get("/streams?partner=clear.test")).items[0].id;
            await page.getByRole("button", { name: "Close the stream clear.test Out" }).click();
            const dialogue = page.getByRole("dialog");
            await dialogue.getByText("contoso.test → clear.test").waitFor();
            await dialogue.getByText("Both servers end it in order.").waitFor();
            await dialogue.getByText("We open a new one as soon as there is something to send.").waitFor();
            await dialogue.getByRole("button", { name: "Close the stream" }).click();
            await dialogue.waitFor({ state: "detached" });
            await row(page, "clear.test").waitFor({ state: "detached" });
            assert.deepEqual((await server.get(`/streams?id=${before}`)).items, []);
        }));

    it("are not closed by a viewer, who reads why", async () => {
        const eve = await server.another(one.browser, { name: "eve", path: "/streams?state=open" });
        await step(eve, "streams-viewer", async () => {
            const close = eve.page.getByRole("button", { name: "Close the stream safe.test Out" });
            await close.focus();
            await eve.page.getByRole("tooltip").getByText("Only administrator, operator may change this.").waitFor();
            assert.equal(await close.getAttribute("aria-disabled"), "true");
        });
        await eve.context.close();
    });
});

describe("why", () => {
    it("is asked from a user's row and from a partner", () =>
        step(one, "why-from", async () => {
            const { page } = one;
            const { field, button } = hands(page);
            await page.goto(`${server.url}/partners/fabrikam.test`);
            await button("Actions for fabrikam.test").click();
            await page.getByRole("menuitem", { name: "Why?…" }).click();
            await field("From").fill("ben@contoso.test");
            assert.equal(await field("To").inputValue(), "@fabrikam.test");
            await page.goto(`${server.url}/users`);
            await button("Actions for ben@contoso.test").click();
            await page.getByRole("menuitem", { name: "Why?…" }).click();
            await page.getByText("Enter two addresses").waitFor();
            assert.equal(await field("From").inputValue(), "ben@contoso.test");
            await field("To").fill("jo@fabrikam.test");
            await button("Explain").click();
            await page.getByRole("heading", { name: "Refused by: External access policy" }).waitFor();
            assert.equal(await page.evaluate(() => document.activeElement.textContent), "Explain");
        }));

    it("names the rule, leads to what decides, and knows the draft", () =>
        step(one, "why-answer", async () => {
            const { page } = one;
            const { button } = hands(page);
            const asked = page.url();
            await page.getByText("policy_xmpp_access", { exact: true }).waitFor();
            await page.getByRole("link", { name: "ben@contoso.test" }).waitFor();
            await page.getByRole("listitem").filter({ hasText: "Rule:" }).getByRole("link", { name: "Site Berlin" }).click();
            await page.getByRole("checkbox", { name: /XMPP/ }).first().waitFor();
            await page.evaluate(async () => {
                const { csrf_token } = await (await fetch("/api/v1/session")).json();
                const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf_token };
                await fetch("/api/v1/policies/site:Berlin", { method: "PATCH", headers, body: '{"xmpp_access":true}' });
            });
            await page.goto(asked);
            await page.getByText("Your draft changes the answer").waitFor();
            await button("Explain against the draft").click();
            await page.getByRole("heading", { name: "Allowed", exact: true }).waitFor();
            await page.getByText("your draft, all 7 gates passed").waitFor();
            assert.match(page.url(), /view=draft/);
            await page.goBack();
            await page.getByRole("heading", { name: "Refused by: External access policy" }).waitFor();
        }));
});

describe("what is missing", () => {
    it("has words of its own: a certificate for partners, one for front ends", async () => {
        const { engine } = await server.get("/status");
        assert.deepEqual(engine.warnings.map((w) => w.code).filter((c) => /certificate/.test(c)).sort(), ["no_external_certificate", "no_internal_certificate"]);
        const eve = await server.another(one.browser, { name: "eve", locale: "de-DE" });
        await step(eve, "certificates-missing", async () => {
            await eve.page.getByText("Einige Domänen haben kein Zertifikat").waitFor();
            await eve.page.getByText("für Front-End-Server ist kein Zertifikat zugewiesen").waitFor();
        });
        await eve.context.close();
    });

    it("a certificate that serves cannot be deleted, and says where it serves", () =>
        step(one, "certificate-in-use", async () => {
            const { page } = one;
            const { pem, key } = certificate("contoso.test");
            const { id } = await server.post("/certificates", { pem, key, friendly_name: "For partners" });
            await server.commit({ certificate_assignments: { external: { certificate: id } } });
            await page.goto(`${server.url}/certificates`);
            await hands(page).button("Actions for For partners").click();
            await page.getByRole("menuitem", { name: /Delete/ }).getByText("It serves Partners. Assign another there first.").waitFor();
        }));
});

describe("the audit's way", () => {
    it("stands beside its setting: it works, it fails with cause and remedy", () =>
        step(one, "forwarding", async () => {
            const { page } = one;
            await page.goto(`${server.url}/settings`);
            const state = page.locator("[data-setting=audit_syslog]").getByRole("status");
            await state.getByText("Works: every entry has been sent.").waitFor();
            clear.stop();
            await server.commit({ partners: { "fabrikam.test": { ...lax, owner: "Ann" } } });
            await state.getByText(/Nothing is sent since/).waitFor();
            await state.getByText(/will be sent later, in order/).waitFor();
            await state.getByText(/syslog server (refuses|broke)|connection to the syslog server broke/).first().waitFor();
        }));
});

describe("a gateway that is away", () => {
    it("is missed, tried at once when that is wanted, and found again by itself", () =>
        step(one, "away", async () => {
            const { page } = one;
            one.faults.allow.push(/./);
            await page.goto(`${server.url}/streams`);
            const bar = page.getByRole("region", { name: "Configuration in use" });
            await bar.getByText("is running").waitFor();
            await server.down();
            await bar.getByText("The gateway does not answer").waitFor();
            await bar.getByRole("button", { name: "Try now" }).click();
            await bar.getByText("The gateway does not answer").waitFor();
            await page.getByText("No stream is open").waitFor({ state: "detached" });
            await server.up();
            await bar.getByText("is running").waitFor({ timeout: 30000 });
            await bar.getByRole("button", { name: "Try now" }).waitFor({ state: "detached" });
            one.faults.length = 0;
        }));
});
