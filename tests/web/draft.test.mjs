// The draft up to its commit: selection with what it needs, schedule, confirmation, a port that is taken, conflicts
// of two administrators, approval by a second one, difference and restore of revisions, drafts of others.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import { hands, step } from "./lib/page.mjs";
import { ADMIN, PASSWORD, start } from "./lib/server.mjs";
import { picture } from "./lib/browser.mjs";
import { settled } from "./lib/world.mjs";

const partner = "fabrikam.test";
let server, first, second;

/** As a person at the REST interface: the browser's cookie, so that it lands in that person's draft. */
async function stage(person, method, path, data) {
    const session = await (await person.context.request.get(`${server.url}/api/v1/session`)).json();
    const done = await person.context.request.fetch(`${server.url}/api/v1${path}`, {
        method,
        headers: { "X-CSRF-Token": session.csrf_token },
        data,
    });
    assert.ok(done.ok(), `${method} ${path}: ${done.status()} ${await done.text()}`);
}

const visit = (person, path) => person.page.goto(server.url + path);
const commitButton = (page) => page.getByRole("button", { name: /^(Commit|Schedule|Submit) \d+/ });
const revision = async () => (await server.get("/status")).revision;

async function commitDraft({ page }, comment) {
    await page.goto(`${server.url}/draft`);
    await hands(page).field("Comment").fill(comment);
    await commitButton(page).click();
}

before(async () => {
    server = await start();
    server.addAdmin("bob");
    await server.commit({
        front_ends: { inner: { host: "127.0.0.1", port: 5060, transport: "udp" } },
        domains: { "contoso.test": { front_ends: ["inner"] } },
        partners: { [partner]: { description: "As it was" } },
    }, "The beginning");
    first = await server.signedIn({ name: ADMIN, password: PASSWORD });
    second = await server.another(first.browser, { name: "bob" });
});
after(async () => server?.stop());

describe("the draft", () => {
    beforeEach(async () => {
        for (const person of [first, second]) await stage(person, "DELETE", "/draft");
    });

    it("shows before and after, and says which of its changes a selection needs", () =>
        step(first, "draft-selection", async () => {
            const { page } = first;
            const { field, button } = hands(page);
            first.faults.allow.push(/422/);
            await stage(first, "PUT", "/sites/berlin", { description: "Berlin" });
            await stage(first, "PUT", "/users/romeo@contoso.test", { site: "berlin" });
            await stage(first, "PATCH", `/partners/${partner}`, { description: "As it will be" });
            await visit(first, "/draft");
            const row = page.getByRole("table", { name: partner }).getByRole("row").filter({ hasText: "Description" });
            await row.getByText("As it was").waitFor();
            await row.getByText("As it will be").waitFor();
            await button("Commit only some…").click();
            await field("Commit the change of romeo@contoso.test").check();
            await page.getByText("1 of 3 changes selected").waitFor();
            await page.getByText("2 changes stay in your draft.").waitFor();
            await field("Comment").fill("Romeo sits in Berlin");
            await button("Commit 1 of 3 changes").click();
            await page.getByText("The selection needs more of your draft").waitFor();
            await page.locator(".fg-alert").getByRole("link", { name: "berlin" }).waitFor();
            assert.equal(await field("Comment").inputValue(), "Romeo sits in Berlin", "nothing is lost");
            await button("Include them and commit").click();
            await page.getByRole("heading", { level: 1, name: /is running/ }).waitFor();
            await page.getByText("1 uncommitted change", { exact: true }).first().waitFor();
            const users = await server.get("/users/romeo@contoso.test");
            assert.equal(users.site, "berlin");
        }));

    it("discards one change, all of a kind and everything, and asks before", () =>
        step(first, "draft-discard", async () => {
            const { page } = first;
            const { button } = hands(page);
            for (let i = 1; i <= 30; i++) await stage(first, "PUT", `/users/u${String(i).padStart(2, "0")}@contoso.test`, {});
            await stage(first, "PATCH", `/partners/${partner}`, { description: "Other" });
            await visit(first, "/draft");
            await page.getByText("30 changes").waitFor();
            await page.getByRole("heading", { level: 3, name: "u25@contoso.test" }).waitFor();
            await page.getByRole("heading", { level: 3, name: partner }).waitFor();
            assert.equal(await page.getByRole("heading", { level: 3 }).count(), 26, "a page of users, and the partner");
            await button("Next page").click();
            await page.getByRole("heading", { level: 3, name: "u30@contoso.test" }).waitFor();
            await page.getByLabel("Search the changes").first().fill("u07");
            await page.getByRole("heading", { level: 3, name: "u07@contoso.test" }).waitFor();
            await page.getByText("No change fits this search.").waitFor();
            assert.match(page.url(), /q=u07/);
            await page.getByRole("button", { name: "Discard the change of u07@contoso.test" }).click();
            await page.getByRole("dialog").getByRole("button", { name: "Discard", exact: true }).click();
            await page.getByText("29 changes").waitFor();
            await button("Discard these…").click();
            await page.getByRole("dialog").getByText(/Discard 29 changes of/).waitFor();
            await page.getByRole("dialog").getByRole("button", { name: "Discard", exact: true }).click();
            await page.getByText("1 uncommitted change", { exact: true }).first().waitFor();
            await button("Discard all").click();
            await page.getByRole("dialog").getByRole("button", { name: "Discard all" }).click();
            await page.getByRole("heading", { name: "No uncommitted changes" }).waitFor();
        }));

    it("keeps a commit from the bar of any page, and takes back what nobody keeps", () =>
        step(first, "draft-countdown", async () => {
            const { page } = first;
            const { field, button } = hands(page);
            await stage(first, "PATCH", `/partners/${partner}`, { ticket: "CHG-1" });
            await visit(first, "/draft");
            await field("Comment").fill("Kept");
            await field("Revert automatically unless confirmed within").check();
            await field("Time to confirm").selectOption("own");
            await field("Minutes until it reverts").fill("0");
            await page.getByText("1 to 1440 minutes.").first().waitFor();
            assert.equal(await commitButton(page).isDisabled(), true);
            await field("Minutes until it reverts").fill("3");
            await page.getByText(/takes itself back after 3 min/).waitFor();
            await commitButton(page).click();
            await page.getByRole("heading", { name: "If you do nothing" }).waitFor();
            await visit(first, "/streams");
            await page.getByRole("button", { name: /^Keep revision/ }).click();
            await page.getByRole("button", { name: /^Keep revision/ }).waitFor({ state: "detached" });
            const kept = await revision();

            await server.commit({ partners: { [partner]: { ticket: "CHG-2" } } }, "Nobody keeps it", { confirm_within: 2 });
            await visit(first, "/partners");
            await page.getByText(`Revision ${kept + 1} was taken back.`).waitFor();
            await page.getByText("Nobody kept it in time.").waitFor();
            assert.equal((await server.get(`/partners/${partner}`)).ticket, "CHG-1");
            await visit(first, "/settings");
            await button("Understood").click();
            await page.getByText(`Revision ${kept + 1} was taken back.`).waitFor({ state: "detached" });
            await visit(first, "/partners");
            await page.getByRole("heading", { level: 1 }).waitFor();
            assert.equal(await button("Understood").count(), 0, "read is read");
        }));

    it("keeps the input when a commit fails: the port is taken", () =>
        step(first, "draft-port", async () => {
            const { page } = first;
            const { field } = hands(page);
            const taken = net.createServer().listen(0, "127.0.0.1");
            await new Promise((go) => taken.once("listening", go));
            const address = `127.0.0.1:${taken.address().port}`;
            try {
                await stage(first, "PATCH", "/settings", { federation_enabled: true, listeners: { xmpp: [address], sip: [] } });
                await visit(first, "/draft");
                await page.locator(".fg-side").getByText(address).first().waitFor();
                assert.equal(await revision(), (await server.get("/status")).applied_revision);
                await field("Comment").fill("Open the port");
                await page.getByText("Solve the problems first.").waitFor();
                assert.equal(await commitButton(page).isDisabled(), true);
                await page.reload();
                assert.equal(await field("Comment").inputValue(), "Open the port", "the comment outlives a reload");
                // Free while it is checked, taken again when it is committed: the engine cannot open it.
                await new Promise((go) => taken.close(go));
                await page.getByRole("button", { name: "Check again" }).click();
                await page.getByText("Nothing stops this commit.").waitFor();
                const before = await revision();
                taken.listen(Number(address.split(":")[1]), "127.0.0.1");
                await new Promise((go) => taken.once("listening", go));
                first.faults.allow.push(/422/);
                await commitButton(page).click();
                const failure = page.locator(".fg-commit .fg-alert");
                await failure.getByText("Nothing was committed").waitFor();
                await failure.getByText(address, { exact: false }).first().waitFor();
                assert.equal(await field("Comment").inputValue(), "Open the port", "nothing is lost");
                assert.deepEqual([await revision(), (await server.get("/status")).applied_revision], [before, before], "what runs is untouched");
                await field("Comment").fill("");
            } finally {
                taken.close();
                first.faults.allow.length = 0;
            }
        }));

    it("settles a conflict of two administrators field by field", () =>
        step(first, "draft-conflict", async () => {
            const { page } = first;
            await stage(first, "PATCH", `/partners/${partner}`, { description: "Mine", owner: "Alice" });
            await stage(second, "PATCH", `/partners/${partner}`, { description: "Theirs", ticket: "CHG-9" });
            await commitDraft(second, "Bob was faster");
            await second.page.getByRole("heading", { level: 1, name: /is running/ }).waitFor();
            await visit(first, "/draft");
            const choice = page.getByRole("radiogroup", { name: /^Description/ });
            await choice.waitFor();
            assert.equal(await page.getByRole("button", { name: "Settle the conflict" }).isDisabled(), true);
            await choice.getByRole("radio").first().check();
            await page.getByRole("button", { name: "Settle the conflict" }).click();
            await choice.waitFor({ state: "detached" });
            await commitDraft(first, "Both of us");
            await page.getByRole("heading", { level: 1, name: /is running/ }).waitFor();
            const now = await server.get(`/partners/${partner}`);
            assert.deepEqual([now.description, now.owner, now.ticket], ["Mine", "Alice", "CHG-9"]);
        }));

    it("schedules a commit and cancels it", () =>
        step(first, "draft-schedule", async () => {
            const { page } = first;
            const { field, button } = hands(page);
            const from = await revision();
            await stage(first, "PATCH", `/partners/${partner}`, { ticket: "CHG-LATER" });
            await visit(first, "/draft");
            await field("Comment").fill("Tonight");
            await button("Schedule…").click();
            await page.getByText(/^Local time, /).waitFor();
            await field("Commit at").fill("2020-01-01T00:00");
            await page.getByText("Choose a time that is still to come.").first().waitFor();
            const tomorrow = new Date(Date.now() + 86400000 - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 16);
            await field("Commit at").fill(tomorrow);
            await page.getByText(/Until then nothing changes/).waitFor();
            await button("Schedule 1 change").click();
            await page.getByRole("heading", { level: 1, name: "Tonight" }).waitFor();
            await page.getByText("Scheduled").first().waitFor();
            assert.equal(await revision(), from, "nothing runs yet");
            await button("Cancel…").click();
            await page.getByRole("dialog").getByRole("button", { name: "Cancel the commit" }).click();
            await page.getByText("Rejected").first().waitFor();
            await visit(first, "/approvals");
            await page.getByRole("table", { name: "Decided" }).getByRole("link", { name: "Tonight" }).waitFor();
        }));

    it("offers what a removed account left behind", () =>
        step(first, "draft-others", async () => {
            const { page } = first;
            server.addAdmin("carol");
            const third = await server.another(first.browser, { name: "carol" });
            await stage(third, "PUT", "/partners/northwind.test", {});
            await third.context.close();
            await server.remove("/admins/carol");
            await visit(first, "/draft");
            await page.getByText("The account or token is no more").waitFor();
            await page.getByRole("button", { name: "Take over…" }).click();
            await page.getByRole("dialog").getByText(/1 change moves into your draft/).waitFor();
            await page.getByRole("dialog").getByRole("button", { name: "Take it over" }).click();
            await page.getByRole("heading", { level: 3, name: "northwind.test" }).waitFor();
            await page.getByText("The account or token is no more").waitFor({ state: "detached" });
        }));
});

describe("revisions", () => {
    it("compares two, restores one, exports one", () =>
        step(first, "revisions", async () => {
            const { page } = first;
            const { field, button } = hands(page);
            await stage(first, "DELETE", "/draft");
            await visit(first, "/revisions");
            await page.getByLabel("Comment or person").first().fill("beginning");
            await page.getByRole("link", { name: "The beginning" }).waitFor();
            await page.getByRole("link", { name: "Bob was faster" }).waitFor({ state: "detached" });
            await page.goto(`${server.url}/revisions`);
            const last = await revision();
            await field("Choose revision 1 to compare").check();
            await field(`Choose revision ${last} to compare`).check();
            await button("Compare").click();
            await page.waitForURL(new RegExp(`compare\\?from=1&to=${last}`));
            const row = page.getByRole("table", { name: partner }).getByRole("row").filter({ hasText: "Description" });
            await row.getByText("As it was").waitFor();
            await row.getByText("Mine").waitFor();
            await button("Swap").click();
            await page.waitForURL(new RegExp(`from=${last}&to=1`));

            await visit(first, "/revisions/1");
            const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export", exact: true }).click()]);
            assert.equal(download.suggestedFilename(), "fedgate-1.json");
            await button("Restore…").click();
            await page.getByRole("dialog").getByRole("button", { name: "Put it into my draft" }).click();
            await page.getByRole("heading", { level: 1, name: "Review and commit" }).waitFor();
            await commitDraft(first, "As in the beginning");
            await page.getByRole("heading", { level: 1, name: /is running/ }).waitFor();
            assert.equal((await server.get(`/partners/${partner}`)).description, "As it was");
        }));
});

describe("since a commit", () => {
    it("the revision says what became of the partners it touched", async () => {
        await server.commit({ partners: { "since.test": { tls: "optional", sasl: "optional", proxy: "127.0.0.1:9" } } }, "since");
        const { revision } = await server.get("/status");
        const at = await server.signedIn({ path: `/revisions/${revision}` });
        await step(at, "since-commit", async () => {
            const row = at.page.getByRole("table", { name: "Since the commit" }).getByRole("row", { name: /^since\.test/ });
            await row.getByText("No traffic yet.").waitFor();
            await at.page.getByText("No new failure since the commit.").waitFor();
            at.faults.allow.push(/409/); // federation may be off here: then trying is refused, in words
            await row.getByRole("button", { name: "Try now" }).click();
            await row.getByRole("status").or(row.getByText(/refused/)).first().waitFor();
        });
        await at.context.close();
    });
});

describe("a second pair of eyes", () => {
    it("waits for another administrator, who approves", () =>
        step(first, "approval", async () => {
            const { page } = first;
            const { field, button } = hands(page);
            const current = await server.get("/settings");
            await server.commit({ settings: { settings: { ...current, four_eyes: true } } }, "Two of us");
            await stage(first, "PATCH", `/partners/${partner}`, { description: "Seen by two" });
            await visit(first, "/draft");
            await page.getByText("Another administrator must approve it first.").waitFor();
            await field("Comment").fill("Please look");
            await button("Submit 1 change").click();
            await page.getByRole("heading", { level: 1, name: "Please look" }).waitFor();
            assert.equal(await button("Approve…").getAttribute("aria-disabled"), "true", "not one's own");
            await page.getByText("Your own commit must be approved by another administrator.").first().waitFor();

            await visit(second, "/approvals");
            await second.page.getByRole("link", { name: "Please look" }).click();
            await second.page.getByRole("row").filter({ hasText: "Seen by two" }).waitFor();
            await second.page.getByText("If it ran now").waitFor();
            await second.page.getByRole("button", { name: "Approve…" }).click();
            await second.page.getByRole("dialog").getByLabel("Comment").fill("Looks good");
            await second.page.getByRole("dialog").getByRole("button", { name: "Approve and commit" }).click();
            await second.page.getByRole("heading", { level: 1, name: /is running/ }).waitFor();
            await second.page.getByText(/approved by bob/).waitFor();
            assert.equal((await server.get(`/partners/${partner}`)).description, "Seen by two");
            assert.deepEqual([...second.faults], []);
        }));

    it("fits every page, light, dark and 390 px wide", async () => {
        await stage(first, "PATCH", `/partners/${partner}`, { description: "Once more", tls: "optional" });
        const last = await revision();
        for (const [label, options] of [
            ["light", { colorScheme: "light" }],
            ["dark", { colorScheme: "dark" }],
            ["phone", { viewport: { width: 390, height: 844 } }],
            ["german", { viewport: { width: 390, height: 844 }, locale: "de-DE" }],
        ]) {
            const other = await server.another(first.browser, options);
            for (const path of ["/draft", "/approvals", "/approvals/2", "/revisions", `/revisions/compare?from=1&to=${last}`, `/revisions/${last}`]) {
                await other.page.goto(server.url + path);
                await other.page.getByRole("heading", { level: 1 }).waitFor();
                await settled(other.page);
                if (process.env.FEDGATE_PICTURES) await picture(other.page, `draft-${label}${path.replace(/\W+/g, "-")}`);
                const wide = await other.page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
                assert.equal(wide, false, `${path} fits the screen (${label})`);
            }
            assert.deepEqual([...other.faults], []);
            await other.context.close();
        }
    });
});
