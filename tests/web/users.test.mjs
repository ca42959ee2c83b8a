// Users: a file of many thousands by the wizard, search and paging, a policy for a selection and for a filter, what
// applies to one user and why, and names that would be scripts if they were not text.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hands, step } from "./lib/page.mjs";
import { start } from "./lib/server.mjs";

const many = 20000;
const script = '<img src=x onerror="document.title=1">';

let server, page, faults;
let button, link, field, heading;

const rows = () => page.getByRole("table", { name: "Users" }).getByRole("row");
const open = async (path) => {
    await page.goto(server.url + path);
    await page.getByRole("heading", { level: 1 }).waitFor();
};

function csv() {
    const lines = ["address,display_name,site,policy,xmpp_excluded"];
    for (let i = 0; i < many; i++) lines.push(`user${i}@contoso.test,Person ${i},${i % 4 ? "Berlin" : ""},,`);
    lines.push(`odd@contoso.test,"${script.replace(/"/g, '""')}",Berlin,,true`);
    lines.push("nobody at all,No address,,,", "lost@contoso.test,Lost,Atlantis,,");
    return lines.join("\n");
}

before(async () => {
    server = await start();
    await server.commit({
        sites: { Berlin: {} },
        policies: {
            "site:Berlin": { federation_access: true, xmpp_access: true },
            "user:FedPic": { federation_access: true, xmpp_access: true, description: script },
        },
    });
    ({ page, faults } = await server.signedIn({ path: "/users" }));
    ({ button, link, field, heading } = hands(page));
});
after(async () => server?.stop());

describe("users", () => {
    it("says what to do when nobody is listed", () =>
        step({ page, faults }, "users-empty", async () => {
            await page.getByText("No user is listed").waitFor();
            await button("Import users from a file").click();
            await heading("Import users").waitFor();
        }));

    it("shows the beginning of a file, and refuses a head that the server would refuse", () =>
        step({ page, faults }, "users-preview", async () => {
            await page.getByRole("radio", { name: "Pasted text" }).check();
            await field("Paste the lines here").fill("address,shoe_size\namy@contoso.test,41\n");
            await page.getByText("The import would be refused: the first line has unknown columns (shoe_size).").waitFor();
            assert.equal(await button("Check the file").isDisabled(), true);
            await page.getByRole("radio", { name: "A file", exact: true }).check();
            await page.locator('input[type="file"]').setInputFiles({ name: "users.csv", mimeType: "text/csv", buffer: Buffer.from(csv()) });
            await page.getByRole("cell", { name: "user0@contoso.test" }).waitFor();
            await page.getByText("The first 8 lines").waitFor();
        }));

    it("checks the file without changing anything, and lists what it refuses", () =>
        step({ page, faults }, "users-check", async () => {
            await button("Check the file").click();
            await page.getByText("Checked: nothing has been changed yet").waitFor({ timeout: 120000 });
            const table = page.getByRole("table", { name: "Rejected lines" });
            await table.getByRole("row", { name: /nobody at all/ }).waitFor();
            await page.getByText("2 of 2 shown").waitFor();
            await field("Line, address or cause").fill("Atlantis");
            await table.getByRole("row", { name: /nobody at all/ }).waitFor({ state: "detached" });
            await table.getByRole("row", { name: /lost@contoso.test/ }).waitFor();
            const [file] = await Promise.all([page.waitForEvent("download"), button("Download as CSV").click()]);
            assert.equal(file.suggestedFilename(), "rejected.csv");
            assert.equal((await server.get("/users?limit=1")).total, 0, "nothing runs");
            await page.getByText("No uncommitted changes").waitFor();
        }));

    it("imports it into the draft", () =>
        step({ page, faults }, "users-import", async () => {
            await button(`Import ${(many + 1).toLocaleString("en")} users`).click();
            await page.getByText("Imported into your draft").waitFor({ timeout: 180000 });
            await page.getByText(`${(many + 1).toLocaleString("en")} uncommitted changes`).first().waitFor();
            await page.reload();
            await page.getByText("Imported into your draft").waitFor();
            await link("Go to the users").click();
            await page.getByText(`${(many + 1).toLocaleString("en")} users`).waitFor();
        }));

    it("cancels a check and an import: the draft is as before", () =>
        step({ page, faults }, "users-cancel", async () => {
            const lines = ["address,display_name"];
            for (let i = 0; i < 90000; i++) lines.push(`other${i}@contoso.test,Other ${i}`);
            const long = { name: "long.csv", mimeType: "text/csv", buffer: Buffer.from(lines.join("\n")) };
            const draft = () => page.evaluate(() => fetch("/api/v1/draft?limit=1").then((r) => r.json()).then((d) => d.summary.count));
            assert.equal(await draft(), many + 1);
            await open("/users/import");
            await page.locator('input[type="file"]').setInputFiles(long);
            await button("Check the file").click();
            await page.getByRole("progressbar", { name: "Import of users" }).waitFor();
            await button("Cancel: Import of users").click();
            await heading("Import users").waitFor();
            await page.getByRole("heading", { name: "Cancelled" }).waitFor();
            await button("Check the file").waitFor();

            // An import that runs already: ended from the masthead of another page, found again by its address.
            await open("/streams");
            const job = await page.evaluate(async (text) => {
                const { csrf_token } = await (await fetch("/api/v1/session")).json();
                const answer = await fetch("/api/v1/users/import", {
                    method: "POST",
                    headers: { "Content-Type": "text/csv", "X-CSRF-Token": csrf_token },
                    body: text,
                });
                return (await answer.json()).id;
            }, lines.join("\n"));
            await button("1 job runs").click();
            const menu = page.getByRole("region", { name: "Work in progress" });
            await menu.getByRole("progressbar", { name: "Import of users" }).waitFor();
            await menu.getByRole("button", { name: "Cancel: Import of users" }).click();
            await menu.getByText("Cancelled").first().waitFor();
            await open(`/users/import?take=${job}`);
            await page.getByRole("heading", { name: "Cancelled" }).waitFor();
            assert.equal(await draft(), many + 1, "nothing of it is left");
            await open("/users");
            await page.getByText(`${(many + 1).toLocaleString("en")} users`).waitFor();
        }));

    it("pages, searches and filters on the server, with all of it in the address", () =>
        step({ page, faults }, "users-list", async () => {
            await button("Next page").click();
            await page.getByText("51–100 of").waitFor();
            await page.reload();
            await page.getByText("51–100 of").waitFor();
            await page.getByRole("textbox", { name: "Name, address, site or policy" }).fill("user1234");
            await page.getByText("11 users", { exact: true }).waitFor();
            assert.match(page.url(), /q=user1234/);
            await button("Site").first().click();
            await page.getByRole("option", { name: "No site" }).click();
            await page.getByText("Site: No site").waitFor();
            await page.getByText("3 users", { exact: true }).waitFor();
            assert.equal(await rows().count(), 4, "a head and three users");
            await page.getByText("nothing nearer applies").first().waitFor();
            await open("/users?q=nowhere-to-be-found");
            await page.getByText("Nothing fits these filters").waitFor();
            await button("Clear filters").click();
            await link("odd@contoso.test").waitFor();
            assert.doesNotMatch(page.url(), /q=/);
        }));

    it("shows a name that looks like a script as text", () =>
        step({ page, faults }, "users-script", async () => {
            await open("/users?q=odd");
            await page.getByText(script).first().waitFor();
            assert.equal(await page.locator('img[src="x"]').count(), 0);
            await link("odd@contoso.test").click();
            await page.getByText("The user is excluded from XMPP.").waitFor();
            await page.getByText(script).first().waitFor();
            assert.equal(await page.locator('img[src="x"]').count(), 0);
        }));

    it("grants a policy to a selection after counting", () =>
        step({ page, faults }, "users-grant", async () => {
            await open("/users?q=user1234");
            await field("Select user1234@contoso.test").check();
            await field("Select user12340@contoso.test").check();
            await page.getByText("2 users selected").waitFor();
            await button("Grant a policy…").click();
            const dialogue = page.getByRole("dialog");
            await dialogue.getByLabel("Policy").selectOption("user:FedPic");
            await dialogue.getByText("2 users will get FedPic.").waitFor();
            await dialogue.getByRole("button", { name: "Save to draft" }).click();
            await dialogue.waitFor({ state: "detached" });
            await page.getByText("assigned to the user").nth(1).waitFor();
        }));

    it("grants to everyone who fits the filter, and takes it back", () =>
        step({ page, faults }, "users-grant-filter", async () => {
            await open("/users?q=user123&site=Berlin");
            const total = Number((await page.locator(".fg-foot .fg-muted").textContent()).replace(/\D/g, ""));
            assert.ok(total > 50, `more than a page: ${total}`);
            await page.getByRole("checkbox", { name: "Select all" }).check();
            await button(`Select all ${total} that fit the filter`).click();
            await page.getByText(`${total} users selected`).waitFor();
            await button("Grant a policy…").click();
            const dialogue = page.getByRole("dialog");
            await dialogue.getByLabel("Policy").selectOption("user:FedPic");
            await dialogue.getByText(/users? will get FedPic\./).waitFor();
            await dialogue.getByRole("button", { name: "Save to draft" }).click();
            await dialogue.waitFor({ state: "detached" });
            await open("/users?effective=user%3AFedPic");
            await page.getByText("Effective policy: FedPic").waitFor();
            await page.getByRole("checkbox", { name: "Select all" }).check();
            await page.getByRole("button", { name: /^Select all \d+ that fit/ }).click();
            await button("Back to automatic…").click();
            await dialogue.getByText(/users will be automatic\./).waitFor();
            await dialogue.getByRole("button", { name: "Save to draft" }).click();
            await dialogue.waitFor({ state: "detached" });
            await page.getByText("Nothing fits these filters").waitFor();
        }));

    it("excludes and deletes a selection, saying what that means", () =>
        step({ page, faults }, "users-exclude", async () => {
            await open("/users?q=user777");
            await field("Select user777@contoso.test").check();
            await button("More for the selected users").click();
            await page.getByRole("menuitem", { name: "Exclude from XMPP…" }).click();
            const dialogue = page.getByRole("dialog");
            await dialogue.getByText("1 user will be excluded.").waitFor();
            await dialogue.getByRole("button", { name: "Save to draft" }).click();
            await dialogue.waitFor({ state: "detached" });
            await page.getByRole("row", { name: /user777@contoso\.test/ }).getByText("Excluded").waitFor();
            await field("Select user7770@contoso.test").check();
            await button("More for the selected users").click();
            await page.getByRole("menuitem", { name: "Delete…" }).click();
            await dialogue.getByText("1 user will be deleted in your draft.").waitFor();
            await dialogue.getByText(/accounts on the SIP server stay/).waitFor();
            await dialogue.getByRole("button", { name: "Delete in the draft" }).click();
            await dialogue.waitFor({ state: "detached" });
            await page.getByRole("row", { name: /user7770@contoso\.test/ }).waitFor({ state: "detached" });
        }));

    it("explains which policy applies to a user", () =>
        step({ page, faults }, "users-detail", async () => {
            await open("/users/user1%40contoso.test");
            await page.getByText("May exchange messages with XMPP partners").waitFor();
            await page.getByText("The site Berlin has a policy.").waitFor();
            await page.getByText("Federation is switched off for everyone.").waitFor();
            await open("/users/user4%40contoso.test");
            await page.getByText("May not exchange messages with XMPP partners").waitFor();
            await page.getByText("The user belongs to no site.").waitFor();
            await open("/users/stranger%40contoso.test");
            await page.getByText("This user is not listed").waitFor();
            await button("Add user").click();
            await heading("Add user").waitFor();
            assert.equal(await field("Address").inputValue(), "stranger@contoso.test");
        }));

    it("tells who may not change users why", async () => {
        server.addAdmin("vera", "viewer");
        const other = await server.another(page.context().browser(), { name: "vera", path: "/users" });
        await step(other, "users-viewer", async () => {
            await other.page.getByRole("heading", { level: 1 }).waitFor();
            await other.page.getByText(/Only administrator, user administrator may change this/).first().waitFor();
            const add = other.page.getByRole("button", { name: "Add user" });
            assert.equal(await add.getAttribute("aria-disabled"), "true");
            await other.page.goto(`${server.url}/users/import`);
            await other.page.getByRole("heading", { level: 1 }).waitFor();
            assert.equal(await other.page.getByRole("button", { name: "Check the file" }).count(), 0);
        });
    });
});
