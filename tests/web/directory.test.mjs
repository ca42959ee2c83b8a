// External access policy, topology, import and export: from an empty gateway to who may write to whom, through which
// edge, behind which front end; and what two other sources of a configuration bring into the draft.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { hands, step } from "./lib/page.mjs";
import { start } from "./lib/server.mjs";

const script = '<img src=x onerror="document.title=1">';
const sample = (name) => fileURLToPath(new URL(`../rest/samples/${name}`, import.meta.url));

let server, page, faults;
let button, link, field, heading, choose;

const open = async (path) => {
    await page.goto(server.url + path);
    await page.getByRole("heading", { level: 1 }).waitFor();
};
const dialogue = () => page.getByRole("dialog");
const saveToDraft = async () => {
    const before = page.url();
    await button("Save to draft").click();
    await page.waitForURL((url) => url.href !== before);
};
const inDraft = (path) => server.context.request.get(`${server.url}/api/v1${path}?view=draft`).then((r) => r.json());

before(async () => {
    server = await start();
    const opened = await server.signedIn({ path: "/topology" });
    ({ page, faults } = opened);
    server.context = opened.context;
    ({ button, link, field, heading, choose } = hands(page));
});
after(async () => server?.stop());

describe("topology", () => {
    it("begins with what to do first", () =>
        step({ page, faults }, "topology-empty", async () => {
            await page.getByText("Nothing is defined yet").waitFor();
            for (const [path, text] of [
                ["/domains", "No domain yet"],
                ["/sites", "No site"],
                ["/edges", "No edge"],
                ["/front-ends", "No front end yet"],
            ]) {
                await open(path);
                await page.getByText(text, { exact: true }).waitFor();
            }
        }));

    it("adds two front ends, and a domain that tries them in order", () =>
        step({ page, faults }, "topology-domain", async () => {
            for (const name of ["inner1", "inner2"]) {
                await open("/front-ends/new");
                await field("Name").fill(name);
                await field("Host").fill(`${name}.contoso.test`);
                await saveToDraft();
            }
            await open("/domains/new");
            await field("Domain").fill("not a domain");
            await button("Save to draft").click();
            await page.getByText("This is no domain name.").waitFor();
            await field("Domain").fill("contoso.test");
            await field("Add a front end").selectOption("inner1");
            await field("Add a front end").selectOption("inner2");
            await button("Move inner2 up").focus();
            await page.keyboard.press("Enter");
            await page.getByText("inner2 is now 1 of 2.").waitFor({ state: "attached" });
            assert.equal(await button("Move inner2 down").evaluate((b) => b === document.activeElement), true, "the focus stays with it");
            await saveToDraft();
            await link("contoso.test").waitFor();
            assert.deepEqual((await inDraft("/domains/contoso.test")).front_ends, ["inner2", "inner1"]);
        }));

    it("routes a site to an edge in its row", () =>
        step({ page, faults }, "topology-site", async () => {
            await open("/edges/new");
            await page.getByLabel(/^Name|^FQDN|^Edge/).first().fill("edge1.contoso.test");
            await saveToDraft();
            await open("/sites/new");
            await field("Name").fill("Berlin");
            await field("Description").fill(script);
            await saveToDraft();
            await field("XMPP federation route of Berlin").selectOption("edge1.contoso.test");
            await page.getByText("Its users pass at edge1.contoso.test only; other edges refuse them.").waitFor();
            assert.equal((await inDraft("/sites/Berlin")).xmpp_route, "edge1.contoso.test");
            await page.getByText(script).waitFor();
            assert.equal(await page.locator('img[src="x"]').count(), 0);
            await open("/edges");
            await link("Berlin").waitFor();
        }));

    it("shows in place what a deletion breaks", () =>
        step({ page, faults }, "topology-problem", async () => {
            await open("/front-ends");
            await button("Actions for inner2").click();
            await page.getByRole("menuitem", { name: "Delete…" }).click();
            await button("Delete in the draft").click();
            await dialogue().waitFor({ state: "detached" });
            await open("/domains");
            await page.locator(".fg-cause", { hasText: "inner2" }).waitFor();
            await open("/domains/edit/contoso.test");
            await page.getByText("does not exist").waitFor();
            await button("Remove inner2").click();
            await saveToDraft();
            await page.locator(".fg-cause").waitFor({ state: "detached" });
            await open("/topology");
            await page.locator(".fg-lanes").getByRole("link", { name: "contoso.test", exact: true }).waitFor();
        }));
});

describe("external access policy", () => {
    it("says that federation is off, and that policies can be prepared", () =>
        step({ page, faults }, "policy-off", async () => {
            await open("/policies");
            await page.getByText("Federation is switched off").waitFor();
            await page.getByText("No site has a policy of its own.").waitFor();
        }));

    it("lets XMPP be ticked only with federated users", () =>
        step({ page, faults }, "policy-boxes", async () => {
            await open("/policies/new");
            await page.getByText("Does nothing until you grant it to users.").waitFor();
            await button("Save to draft").click();
            await page.getByText("Enter a name.").waitFor();
            await field("Name").fill("FedPic");
            await field("Description").fill(script);
            const xmpp = field("Enable communications with XMPP federated users");
            assert.equal(await xmpp.isDisabled(), true);
            await field("Enable communications with federated users").check();
            await xmpp.check();
            await page.getByText("These users may exchange messages with all XMPP partners.").waitFor();
            await field("Enable communications with federated users").uncheck();
            assert.equal(await xmpp.isChecked(), false, "clearing the one clears the other");
            await field("Enable communications with federated users").check();
            await xmpp.check();
            await saveToDraft();
            await page.getByText("granted to nobody: does nothing").waitFor();
            await page.getByText(script).waitFor();
            assert.equal(await page.locator('img[src="x"]').count(), 0);
        }));

    it("gives a site its policy, at most one", () =>
        step({ page, faults }, "policy-site", async () => {
            await open("/policies/new");
            await choose("Scope", "Site");
            await page.getByText("Effective for all users of the site as soon as it is committed. At most one per site.").waitFor();
            await page.getByRole("combobox", { name: "Site" }).selectOption("Berlin");
            await saveToDraft();
            await page.getByRole("table", { name: "Site policies" }).getByRole("link", { name: "Berlin" }).waitFor();
            await open("/policies/new?scope=site");
            await page.getByText("There is no site without a policy.").waitFor();
        }));

    it("grants a policy from here, and shows whom it applies to", () =>
        step({ page, faults }, "policy-grant", async () => {
            await server.commit({ users: { "amy@contoso.test": { display_name: "Amy" }, "bob@contoso.test": {} } });
            await open("/policies");
            await button("Actions for FedPic").click();
            await page.getByRole("menuitem", { name: "Grant to users…" }).click();
            await dialogue().getByLabel("Addresses").fill("sip:amy@contoso.test, bob@contoso.test\nnobody@contoso.test");
            await button("Continue…").click();
            await dialogue().getByText("1 user cannot be changed:").waitFor();
            assert.equal(await dialogue().getByRole("button", { name: "Save to draft" }).isDisabled(), true, "all or none");
            await button("Leave them out").click();
            await dialogue().getByText("2 users will get FedPic.").waitFor();
            await dialogue().getByRole("button", { name: "Save to draft" }).click();
            await dialogue().waitFor({ state: "detached" });
            await link("2 listed users").click();
            await page.getByText("Effective policy: FedPic").waitFor();
            await link("amy@contoso.test").waitFor();
        }));

    it("resets the global policy, saying what that means", () =>
        step({ page, faults }, "policy-reset", async () => {
            await open("/policies/edit/global");
            await field("Enable communications with federated users").check();
            await saveToDraft();
            assert.equal((await inDraft("/policies/global")).federation_access, true);
            await button("Actions for Global").click();
            await page.getByRole("menuitem", { name: "Reset…" }).click();
            await dialogue().getByText(/All four boxes are cleared/).waitFor();
            await button("Reset in the draft").click();
            await dialogue().waitFor({ state: "detached" });
            await page.getByRole("table", { name: "Global policy" }).getByText("not allowed").nth(3).waitFor();
            assert.equal((await inDraft("/policies/global")).federation_access, false);
        }));
});

describe("import and export", () => {
    it("brings in what another product exported, with findings", () =>
        step({ page, faults }, "import-lync", async () => {
            await open("/import?from=lync");
            await page.getByText("Get-CsXmppAllowedPartner | Export-Clixml").waitFor();
            await page
                .locator('input[type="file"]')
                .setInputFiles(["users.csv", "partners.clixml", "policies.json", "gateway.json"].map(sample));
            await button("Import into the draft").click();
            await page.getByRole("heading", { name: "Imported into your draft" }).waitFor();
            await page.getByRole("table", { name: "Findings" }).getByRole("row").nth(1).waitFor();
            await page.getByText("Now in your draft").waitFor();
            const { items } = await inDraft("/partners");
            assert.ok(items.length > 0 && items.every((p) => p.state === "suspended"), "partners wait until they are moved");
            await link("Review the draft").click();
            await heading(/./).waitFor();
        }));

    it("exports the running configuration, and takes it back as a document", () =>
        step({ page, faults }, "import-own", async () => {
            await open("/import");
            const [file] = await Promise.all([page.waitForEvent("download"), button("Download").click()]);
            const document = JSON.parse(readFileSync(await file.path(), "utf8"));
            assert.ok(document.users["amy@contoso.test"], "the document holds what runs");
            document.partners = { "fabrikam.test": { description: script } };
            await page
                .locator('input[type="file"]')
                .setInputFiles({ name: "more.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(document)) });
            await choose("What happens with what is there", "Replace");
            await page.getByText(/are deleted\./).waitFor();
            await choose("What happens with what is there", "Merge");
            await button("Import into the draft").click();
            await page.getByText(/staged ·/).waitFor();
            assert.equal((await inDraft("/partners/fabrikam.test")).description, script);
        }));

    it("says what is wrong with a file that is none", async () => {
        faults.allow.push(/400|422/);
        await step({ page, faults }, "import-bad", async () => {
            await open("/import");
            await page.locator('input[type="file"]').setInputFiles({ name: "bad.json", mimeType: "application/json", buffer: Buffer.from('{"format": 1') });
            await button("Import into the draft").click();
            await page.getByText("It was not imported").waitFor();
        });
    });
});
