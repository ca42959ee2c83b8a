// How the panel behaves: live updates, input that is never lost, two people at the same object, the countdown.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hands, step } from "./lib/page.mjs";
import { PASSWORD, start } from "./lib/server.mjs";

const partner = "fabrikam.test";
let server, one;

before(async () => {
    server = await start();
    server.addAdmin("bob");
    server.addAdmin("eve", "viewer");
    await server.commit({
        front_ends: { inner: { host: "127.0.0.1", port: 5060, transport: "udp" } },
        partners: { [partner]: { description: "as it was", owner: "Ann", ticket: "T-1" } },
    });
    one = await server.signedIn();
});
after(async () => server?.stop());

const edit = async ({ page }) => {
    await page.goto(`${server.url}/partners/${partner}/edit`);
    await hands(page).field("Description").waitFor();
};

describe("live", () => {
    it("shows a commit of somebody else at once, and its countdown until it is kept", () =>
        step(one, "live-commit", async () => {
            const { page } = one;
            await page.goto(`${server.url}/streams`);
            await page.getByText("Revision 1 is running").first().waitFor();
            await server.commit({ partners: { "live.test": {} } }, "seen live", { confirm_within: 600 });
            const keep = page.getByRole("button", { name: "Keep revision 2" });
            await keep.waitFor();
            await page.getByText("Committed by").first().waitFor();
            await page.goto(`${server.url}/partners`);
            await keep.click();
            await page.getByText("Revision 2 is running").first().waitFor();
        }));

    it("follows the own draft from elsewhere", () =>
        step(one, "live-draft", async () => {
            const { page, context } = one;
            await page.goto(`${server.url}/streams`);
            await page.getByText("No uncommitted changes").first().waitFor();
            const other = await context.newPage();
            await other.goto(`${server.url}/partners/live.test/edit`);
            await hands(other).field("Description").fill("by another tab");
            await hands(other).button("Save to draft").click();
            await page.getByText("1 uncommitted change").first().waitFor();
            await other.close();
            await page.goto(`${server.url}/draft`);
        }));

    it("asks nothing by itself while events arrive, and one stream serves all tabs", async () => {
        const { page } = one;
        await page.goto(`${server.url}/streams`);
        await hands(page).heading("Streams").waitFor();
        await page.waitForTimeout(2500);
        const asked = [];
        page.on("request", (request) => asked.push(request.url()));
        await page.waitForTimeout(7000);
        assert.deepEqual(asked.filter((url) => /\/(status|streams|draft)\b/.test(url)), []);
    });
});

describe("input", () => {
    it("stands beside what the server finds wrong", () =>
        step(one, "input-wrong", async () => {
            one.faults.allow.push(/422/);
            await edit(one);
            const { page } = one;
            const { field, button } = hands(page);
            await field("Description").fill("kept beside a fault");
            await page.getByText("Advanced").first().click().catch(() => undefined);
            await field("Connection limit").fill("0");
            await button("Save to draft").click();
            await page.locator(".fg-error").first().waitFor();
            assert.equal(await field("Description").inputValue(), "kept beside a fault");
        }));

    it("is asked for once more where no answer came", () =>
        step(one, "once-more", async () => {
            const { page, faults } = one;
            faults.allow.push(/ERR_FAILED/);
            let asked = 0;
            const cut = /\/api\/v1\/users\?/;
            await page.route(cut, (route) => (++asked === 1 ? route.abort() : route.continue()));
            await page.goto(`${server.url}/users`);
            await page.getByText("No user is listed").waitFor();
            assert.ok(asked >= 2, `asked ${asked} times`);
            faults.allow.length = 0;
            await page.unroute(cut);
        }));

    it("is offered back after a reload, and discarded when that is wanted", () =>
        step(one, "input-reload", async () => {
            const { page } = one;
            const { field } = hands(page);
            page.on("dialog", (dialog) => dialog.accept());
            await edit(one);
            const discard = page.getByRole("button", { name: "Discard it" });
            if (await discard.count()) await discard.click();
            await field("Description").fill("typed before the reload");
            await page.waitForTimeout(500);
            await page.reload();
            await page.getByRole("button", { name: "Restore what you typed" }).click();
            assert.equal(await field("Description").inputValue(), "typed before the reload");
            await page.waitForTimeout(500);
            await page.reload();
            await page.getByRole("button", { name: "Discard it" }).click();
            assert.equal(await field("Description").inputValue(), "as it was");
        }));

    it("is not offered to the next person at the same browser", async () => {
        const at = await server.signedIn({ path: `/partners/${partner}/edit` });
        const { page } = at;
        const { button, field } = hands(page);
        page.on("dialog", (dialog) => dialog.accept());
        await step(at, "input-of-another", async () => {
            await field("Description").fill("not for everybody");
            await page.waitForTimeout(500);
            await at.context.clearCookies();
            await page.goto(`${server.url}/partners/${partner}/edit`);
            await field("Name").fill("bob");
            await field("Password").fill(PASSWORD);
            await button("Sign in").click();
            await field("Description").waitFor();
            assert.equal(await field("Description").inputValue(), "as it was");
            assert.equal(await page.getByRole("button", { name: "Restore what you typed" }).count(), 0);
        });
        await at.context.close();
    });

    it("outlives a restart of the server and an expired sign-in", () =>
        step(one, "input-restart", async () => {
            const { page, context } = one;
            one.faults.allow.push(/./); // a server that is away fails everything for a while
            await edit(one);
            const { field, button } = hands(page);
            await field("Description").fill("typed across a restart");
            await server.down();
            await button("Save to draft").click();
            await page.getByText("The gateway does not answer").first().waitFor();
            assert.equal(await field("Description").inputValue(), "typed across a restart");
            await server.up();
            await context.clearCookies();
            // When an update asks for the sign-in first, the click waits until the dialogue is gone.
            const saving = button("Save to draft").click();
            const dialogue = page.getByRole("dialog");
            await dialogue.getByLabel("Password").fill(PASSWORD);
            await dialogue.getByRole("button", { name: "Sign in", exact: true }).click();
            await saving;
            await page.getByText("Your draft changes this partner").waitFor();
            const mine = await page.evaluate(() => fetch("/api/v1/partners/fabrikam.test?view=draft").then((r) => r.json()));
            assert.equal(mine.description, "typed across a restart");
            one.faults.allow.length = 0;
            one.faults.length = 0;
        }));
});

describe("input of forms and dialogues outlives a mistake, a lost connection, a reload and an expired sign-in", () => {
    /** The way to the server is cut for what `act` does; the page says so. */
    const without = async (path, act) => {
        const { page } = one;
        await page.route(path, (route) => route.abort());
        await act();
        await page.getByText("The gateway does not answer. Check that it runs", { exact: false }).first().waitFor();
        await page.unroute(path);
    };
    /** The session ends; what `act` does is done once the password is given again. */
    const signedOut = async (act, stays = () => undefined) => {
        const { page, context } = one;
        await context.clearCookies();
        // When an update asks for the sign-in first, the click waits until the dialogue is gone.
        const acting = act();
        const again = page.getByRole("dialog", { name: "Sign in again" });
        await again.waitFor();
        await page.keyboard.press("Escape");
        await stays();
        await again.getByLabel("Password").fill(PASSWORD);
        await again.getByRole("button", { name: "Sign in", exact: true }).click();
        await again.waitFor({ state: "detached" });
        await acting;
    };
    /** Reloads once `typed` is kept, and takes it back. */
    const reload = async (typed) => {
        const { page } = one;
        const place = `fedgate.input:${new URL(page.url()).pathname}`;
        await page.waitForFunction(([name, text]) => sessionStorage.getItem(name)?.includes(text), [place, JSON.stringify(typed)]);
        await page.reload();
        await page.getByRole("button", { name: "Restore what you typed" }).click();
    };
    const allow = () => one.faults.allow.push(/401/, /409/, /ERR_FAILED/, /422/);
    after(() => (one.faults.allow.length = 0));

    it("in a dialogue", () =>
        step(one, "input-dialogue", async () => {
            allow();
            const { page } = one;
            await page.goto(`${server.url}/administrators`);
            await hands(page).button("Add administrator…").click();
            const dialogue = page.getByRole("dialog", { name: "Add an administrator" });
            const field = (name) => dialogue.getByLabel(name, { exact: true });
            const add = () => dialogue.locator("button[type=submit]").click();
            await field("Name").fill("bob");
            await field("First password").fill("a long enough secret 7");
            await add();
            await dialogue.getByText("There is an administrator of this name already.").waitFor();
            await field("Name").fill("grace");
            await without("**/api/v1/admins", add);
            await signedOut(add, async () => assert.equal(await page.locator("#ask-form input").first().inputValue(), "grace", "Escape closes nothing"));
            await dialogue.waitFor({ state: "detached" });
            await page.getByRole("row", { name: /grace/ }).waitFor();
            await server.remove("/admins/grace");
        }));

    it("in the form of a policy", () =>
        step(one, "input-policy", async () => {
            allow();
            const { page } = one;
            const { field, button } = hands(page);
            await page.goto(`${server.url}/policies/new`);
            await field("Description").fill("typed once");
            await field("Enable communications with federated users").check();
            await button("Save to draft").click();
            await page.getByText("Enter a name.").waitFor();
            await field("Name").fill("Kept");
            await reload("Kept");
            assert.deepEqual(
                [await field("Name").inputValue(), await field("Description").inputValue(), await field("Enable communications with federated users").isChecked()],
                ["Kept", "typed once", true],
            );
            await without("**/api/v1/policies/**", () => button("Save to draft").click());
            await signedOut(() => button("Save to draft").click());
            await page.getByRole("link", { name: "Kept" }).waitFor();
        }));

    it("in the form of a domain, and of a site", () =>
        step(one, "input-domain", async () => {
            allow();
            const { page } = one;
            const { field, button } = hands(page);
            await page.goto(`${server.url}/domains/new`);
            await field("Add a front end").selectOption("inner");
            await field("Domain").fill("no domain");
            await button("Save to draft").click();
            await page.getByText("This is no domain name.").waitFor();
            await field("Domain").fill("kept.test");
            await reload("kept.test");
            assert.equal(await field("Domain").inputValue(), "kept.test");
            await page.getByRole("button", { name: "Remove inner" }).waitFor();
            await without("**/api/v1/domains/**", () => button("Save to draft").click());
            await signedOut(() => button("Save to draft").click());
            await page.getByRole("link", { name: "kept.test" }).waitFor();

            await page.goto(`${server.url}/sites/new`);
            await field("Name").fill("Kept site");
            await field("Description").fill("and this");
            await reload("and this");
            assert.deepEqual([await field("Name").inputValue(), await field("Description").inputValue()], ["Kept site", "and this"]);
            await button("Save to draft").click();
            await page.getByRole("link", { name: "Kept site" }).waitFor();
        }));
});

describe("two people at one object", () => {
    it("are told, and solve it field by field", async () => {
        const bob = await server.another(one.browser, { name: "bob" });
        await step(bob, "conflict", async () => {
            const { page } = bob;
            const { field } = hands(page);
            await edit(bob);
            await field("Description").fill("as Bob wants it");
            await server.commit({
        front_ends: { inner: { host: "127.0.0.1", port: 5060, transport: "udp" } },
        partners: { [partner]: { description: "as somebody else wants it", owner: "Zoe", ticket: "T-1" } } });
            const description = page.getByRole("radiogroup", { name: /^Description/ });
            await description.waitFor();
            assert.equal(await page.getByRole("button", { name: "Save what is chosen" }).isDisabled(), true);
            await page.getByText("changed only by them").waitFor();
            await description.getByRole("radio", { name: /Yours/ }).check();
            await page.getByRole("button", { name: "Save what is chosen" }).click();
            await page.getByText("Your draft changes this partner").waitFor();
            const mine = await page.evaluate(() => fetch("/api/v1/partners/fabrikam.test?view=draft").then((r) => r.json()));
            assert.deepEqual([mine.description, mine.owner], ["as Bob wants it", "Zoe"]);
        });
        await bob.context.close();
    });
});

describe("roles", () => {
    it("a viewer sees the countdown, and why it is not theirs to end", async () => {
        const eve = await server.another(one.browser, { name: "eve" });
        const { revision } = await server.commit({ partners: { "eve.test": {} } }, "for Eve", { confirm_within: 600 });
        await step(eve, "role-viewer", async () => {
            const keep = eve.page.getByRole("button", { name: `Keep revision ${revision}` });
            await keep.waitFor();
            assert.equal(await keep.getAttribute("aria-disabled"), "true");
            await keep.focus();
            await eve.page.getByRole("tooltip").getByText(/^Only/).waitFor();
        });
        await server.post(`/revisions/${revision}/confirm`);
        await eve.context.close();
    });
});
