// The panel in a real browser, from the setup link to a stream that stands. world.test.mjs goes on from there.
// The world around it comes from the environment, see README.md; without one it starts a server of its own.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { open, picture } from "./lib/browser.mjs";
import { setupLink, start } from "./lib/server.mjs";

const partner = process.env.FEDGATE_EXPECT_PARTNER ?? "fabrikam.test";
const ours = process.env.FEDGATE_DOMAIN ?? "contoso.test";
const frontEnd = process.env.FEDGATE_FRONT_END ?? "127.0.0.1";
const expectStream = !!process.env.FEDGATE_EXPECT_PARTNER;
const name = "alice";
const password = "correct horse battery 9";
const seconds = 1000;

let browser, page, faults, server, base, setup;
let broken = null; // the first step that failed: what follows builds on it

const button = (text) => page.getByRole("button", { name: text, exact: true });
const saveToDraft = async () => {
    await button("Save to draft").click();
    await page.getByText(/uncommitted change/).first().waitFor();
};
const choose = (group, option) =>
    page.getByRole("radiogroup", { name: group, exact: true }).getByRole("radio", { name: option, exact: true }).check();
const field = (label) => page.getByLabel(label, { exact: true });
const heading = (text) => page.getByRole("heading", { level: 1, name: text });

/** The present code of an authenticator app that was given this key: RFC 6238. */
function totp(key) {
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const bits = [...key].map((c) => digits.indexOf(c).toString(2).padStart(5, "0")).join("");
    const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
    const mac = createHmac("sha1", secret).update(counter).digest();
    const at = mac[mac.length - 1] & 15;
    return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, "0");
}

/** Runs a step; what went wrong behind the picture fails it too. */
async function step(label, run) {
    assert.equal(broken, null, "an earlier step failed");
    faults.length = 0;
    try {
        await run();
    } catch (error) {
        broken = label;
        await picture(page, label);
        error.message += `\nbehind the page: ${JSON.stringify(faults)}\nat ${page.url()}`;
        throw error;
    }
    assert.deepEqual([...faults], [], "nothing goes wrong behind the page");
}

before(async () => {
    if (!process.env.FEDGATE_URL) server = await start({ admin: false });
    base = (server?.url ?? process.env.FEDGATE_URL).replace(/\/$/, "");
    setup = server ? setupLink(server) : process.env.FEDGATE_SETUP_URL;
    ({ browser, page, faults } = await open());
});
after(async () => {
    await browser?.close();
    await server?.stop();
});

describe("from the setup link to a stream", () => {
    it("makes the first administrator", () =>
        step("setup", async () => {
            await page.goto(setup);
            await field("Name").fill(name);
            await field("Password").fill(password);
            await field("Password, once more").fill(password);
            await button("Make the administrator").click();
            await heading("First steps").waitFor();
            await page.getByRole("link", { name: "Later" }).click();
            await heading("Overview").waitFor();
        }));

    it("says so when the link is used again", () =>
        step("setup-again", async () => {
            const used = await browser.newContext({ ignoreHTTPSErrors: true });
            const other = await used.newPage();
            await other.goto(setup);
            await other.getByLabel("Name").fill("mallory");
            await other.getByLabel("Password", { exact: true }).fill(password);
            await other.getByLabel("Password, once more").fill(password);
            await other.getByRole("button", { name: "Make the administrator" }).click();
            await other.getByRole("heading", { name: "This link is void" }).waitFor();
            await used.close();
        }));

    it("signs out and in", () =>
        step("sign-in", async () => {
            await page.getByRole("button", { name: `Signed in as ${name}` }).click();
            await page.getByRole("menuitem", { name: "Sign out" }).click();
            await field("Name").fill(name);
            await field("Password").fill("a wrong password");
            await button("Sign in").click();
            await page.getByText("Name or password is wrong.").waitFor();
            await field("Password").fill(password);
            await button("Sign in").click();
            await heading("Overview").waitFor();
        }));

    it("switches a second factor on, signs in with it, and switches it off", () =>
        step("second-factor", async () => {
            const menu = page.getByRole("button", { name: `Signed in as ${name}` });
            await menu.click();
            await page.getByRole("menuitem", { name: "My account" }).click();
            await heading("My account").waitFor();
            await button("Set up…").click();
            await field("Your password").fill(password);
            await button("Show the key").click();
            await field("Code").fill(totp(await field("Key").inputValue()));
            await button("Switch on").click();
            const codes = page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem");
            await codes.first().waitFor();
            assert.equal(await codes.count(), 10);
            const code = await codes.first().textContent();
            await page.getByText("On. 10 recovery codes left.").waitFor();

            await menu.click();
            await page.getByRole("menuitem", { name: "Sign out" }).click();
            await field("Name").fill(name);
            await field("Password").fill(password);
            await button("Sign in").click();
            await field("Code").fill("abcd-efgh-jkmn-pqrs");
            await button("Sign in").click();
            await page.getByText("Each code counts once.").waitFor();
            await field("Code").fill(code);
            await button("Sign in").click();
            await menu.waitFor();

            await page.goto(`${base}/profile`);
            await page.getByText("On. 9 recovery codes left.").waitFor();
            await button("Switch off…").click();
            await field("Your password").fill(password);
            await button("Switch off now").click();
            await page.getByText("Off. Whoever knows your password can sign in.").waitFor();
        }));

    it("has a domain and a front end, or gets them", () =>
        step("domain", async () => {
            await page.goto(`${base}/domains`);
            await heading("Domains").waitFor();
            await page.getByRole("table").or(page.getByText("No domain yet")).first().waitFor();
            if (await page.getByRole("link", { name: ours, exact: true }).count()) return;
            await page.goto(`${base}/front-ends/new`);
            await field("Name").fill("inner");
            await field("Host").fill(frontEnd);
            await field("Port").fill("5060");
            await choose("Transport", "UDP");
            await saveToDraft();
            await page.goto(`${base}/domains/new`);
            await field("Domain").fill(ours);
            await field("Add a front end").selectOption("inner");
            await saveToDraft();
            await page.goto(`${base}/policies/edit/global`);
            await page.getByText("Enable communications with federated users").waitFor();
            for (const label of ["Enable communications with federated users", "Enable communications with XMPP federated users"]) {
                await field(label).check({ force: true });
            }
            await saveToDraft();
        }));

    it("shows what a choice leads to while it is made", () =>
        step("choices", async () => {
            await page.goto(`${base}/partners`);
            await page.getByRole("button", { name: "Add partner" }).click();
            await field("Primary domain").fill(partner);
            const panel = page.locator(".fg-connect");
            await panel.getByText("Dialback does nothing here").waitFor();
            await choose("TLS", "Optional");
            await panel.getByText("Dialback, unencrypted").waitFor();
            await panel.getByRole("button", { name: "Set TLS to Required" }).click();
            await field("Server dialback").uncheck({ force: true });
            await choose("SASL", "Not supported");
            await panel.getByText("Nothing could connect").waitFor();
            assert.equal(await button("Save to draft").isDisabled(), true, "a dead combination cannot be saved");
            await choose("SASL", "Required");
            await page.getByRole("radio", { name: /^Federated/ }).check();
            await field("Owner").fill("Alice");
            await saveToDraft();
            await page.getByRole("link", { name: partner, exact: true }).waitFor();
        }));

    it("reviews and commits with a comment", () =>
        step("commit", async () => {
            await page.getByRole("link", { name: "Review", exact: true }).click();
            await heading("Review and commit").waitFor();
            await page.getByRole("heading", { name: partner }).waitFor();
            await page.getByText("Nothing stops this commit.").waitFor();
            await field("Comment").fill("The first partner");
            await page.getByRole("button", { name: /^Commit \d+ change/ }).click();
            await page.getByRole("heading", { level: 1, name: /Revision \d+ is running/ }).waitFor();
            await page.getByText("No uncommitted changes").first().waitFor();
        }));

    it("sees the stream come up", { skip: !expectStream }, () =>
        step("stream", async () => {
            await page.getByRole("link", { name: "Streams", exact: true }).click();
            const row = page.getByRole("row").filter({ hasText: partner }).filter({ hasText: "Open" });
            await row.first().waitFor({ timeout: 60 * seconds });
            await row.first().getByText("SASL over TLS").waitFor();
            await page.getByRole("link", { name: partner }).first().click();
            await page.getByRole("heading", { level: 1, name: partner }).waitFor();
            await page.getByText("Connected").first().waitFor({ timeout: 30 * seconds });
        }));

    it("keeps a commit that had to be confirmed", () =>
        step("confirm", async () => {
            await page.goto(`${base}/partners/${partner}/edit`);
            await field("Ticket").fill("CHG-1");
            await saveToDraft();
            await page.goto(`${base}/draft`);
            await field("Comment").fill("A ticket for it");
            await field("Revert automatically unless confirmed within").check();
            await page.getByRole("button", { name: /^Commit \d+ change/ }).click();
            await page.getByRole("button", { name: /^Keep revision/ }).click();
            await page.getByRole("button", { name: /^Keep revision/ }).waitFor({ state: "detached" });
            await page.getByText(/Revision \d+ is running/).first().waitFor();
        }));
});

describe("a session that ends", () => {
    it("asks for the password again and loses no input", () =>
        step("again", async () => {
            await page.goto(`${base}/partners/${partner}/edit`);
            await field("Description").fill("Kept while signing in again");
            await page.context().clearCookies();
            // When an update asks for the sign-in first, the click waits until the dialogue is gone.
            const saving = button("Save to draft").click();
            const dialogue = page.getByRole("dialog");
            await dialogue.getByLabel("Password").fill(password);
            await dialogue.getByRole("button", { name: "Sign in", exact: true }).click();
            await saving;
            await page.getByText("Your draft changes this partner").waitFor();
            faults.length = 0; // the refused request that brought the dialogue
        }));
});
