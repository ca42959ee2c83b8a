// The audit page: filters in the address, before and after, the chain, the export; and who may see it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hands, step } from "./lib/page.mjs";
import { start } from "./lib/server.mjs";

const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

let server, at, page;
before(async () => {
    server = await start();
    await server.commit({ partners: { "fabrikam.test": { description: "first" } } });
    await server.commit({ partners: { "fabrikam.test": { description: hostile } } });
    at = await server.signedIn({ path: "/audit" });
    ({ page } = at);
});
after(() => server?.stop());

describe("audit", () => {
    it("shows what was before and after, as text", () =>
        step(at, "audit-entry", async () => {
            await hands(page).heading("Audit").waitFor();
            await page.getByRole("row").filter({ hasText: "fabrikam.test" }).first().getByRole("button", { name: "Changed" }).click();
            const details = page.locator(".fg-audit-details");
            await details.getByText("first", { exact: true }).waitFor();
            await details.getByText(hostile).waitFor();
            assert.notEqual(await page.title(), "owned");
        }));

    it("filters, and keeps the filter in the address", () =>
        step(at, "audit-filter", async () => {
            await hands(page).button("What").click();
            await page.getByRole("option", { name: "Signed in" }).click();
            await page.waitForURL(/action=sign_in/);
            await page.getByRole("row").filter({ hasText: "fabrikam.test" }).first().waitFor({ state: "detached" });
            await page.reload();
            await page.getByRole("row").filter({ hasText: "Signed in" }).first().waitFor();
            assert.equal(await page.getByRole("row").filter({ hasText: "fabrikam.test" }).count(), 0);
            await page.getByRole("button", { name: "Clear all filters" }).or(page.getByRole("button", { name: /clear/i })).first().click();
            await page.getByLabel("Name, object, detail").fill("fabrikam");
            await page.waitForURL(/q=fabrikam/);
            await page.getByRole("row").filter({ hasText: "Signed in" }).first().waitFor({ state: "detached" });
        }));

    it("verifies the chain", () =>
        step(at, "audit-verify", async () => {
            await hands(page).button("Verify the chain").click();
            await page.getByText(/^Success alert:.*rows are in order|All \d+ rows are in order/).first().waitFor();
        }));

    it("exports what the filter shows", () =>
        step(at, "audit-export", async () => {
            const [download] = await Promise.all([page.waitForEvent("download"), hands(page).link("Export").click()]);
            const stream = await download.createReadStream();
            let text = "";
            for await (const part of stream) text += part;
            const rows = text.trim().split("\n").map((line) => JSON.parse(line));
            assert.ok(rows.length >= 2);
            assert.ok(rows.every((row) => /fabrikam/.test(JSON.stringify(row))));
        }));

    it("is not for a viewer, who is told why", async () => {
        server.addAdmin("victor", "viewer");
        const other = await server.another(at.browser, { name: "victor", path: "/audit" });
        await step(other, "audit-viewer", async () => {
            await other.page.getByRole("heading", { name: "The audit is not for this role" }).waitFor();
            await other.page.getByText("Only administrator, operator may change this.").or(other.page.getByText(/Only/)).first().waitFor();
        });
    });
});
