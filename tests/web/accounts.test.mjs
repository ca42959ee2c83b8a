// Accounts: administrators, tokens, my account with the second factor by QR code, sessions; what each role is told.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { hands, step } from "./lib/page.mjs";
import { ADMIN, PASSWORD, start } from "./lib/server.mjs";

const hostile = `<b onclick="x">bob</b>`;
let server, at, page, on;
before(async () => {
    server = await start();
    await server.commit({ sites: { Berlin: {} } });
    at = await server.signedIn({ path: "/administrators" });
    ({ page } = at);
    on = hands(page);
});
after(() => server?.stop());

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

const row = (name, where = page) => where.getByRole("row", { name: new RegExp(`^${name}\\b`) });
const menu = async (name, item) => {
    await row(name).locator(".fg-kebab button").click();
    await page.getByRole("menuitem", { name: item }).click();
};

describe("administrators", () => {
    it("adds one with a scope", () =>
        step(at, "admin-add", async () => {
            await on.button("Add administrator…").click();
            await on.field("Name").fill("bob");
            await on.field("First password").fill(PASSWORD);
            await page.getByLabel("Role", { exact: true }).selectOption("user_administrator");
            await on.choose("May change", "Only some");
            await page.getByRole("checkbox", { name: "Berlin" }).check();
            await page.getByLabel("Partners", { exact: true }).fill("*.example");
            await page.keyboard.press("Enter");
            await page.getByRole("dialog").getByRole("button", { name: "Add administrator", exact: true }).click();
            await row("bob").getByText("Berlin, *.example").waitFor();
        }));

    it("changes role and scope, disables and enables", () =>
        step(at, "admin-change", async () => {
            await menu("bob", "Role and scope…");
            await page.getByLabel("Role", { exact: true }).selectOption("viewer");
            await on.choose("May change", "Everything");
            await on.button("Save").click();
            await row("bob").getByText("Viewer").waitFor();
            await menu("bob", "Disable…");
            await page.getByText("They can no longer sign in").waitFor();
            await on.button("Disable now").click();
            await row("bob").getByText("disabled").waitFor();
            await menu("bob", "Enable…");
            await on.button("Enable now").click();
            await row("bob").getByText("active").waitFor();
        }));

    it("says why the last administrator stays", () =>
        step(at, "admin-last", async () => {
            await menu(ADMIN, "Role and scope…");
            await page.getByLabel("Role", { exact: true }).selectOption("viewer");
            await page.getByText("This is the last administrator who may do everything").waitFor();
            assert.ok(await on.button("Save").isDisabled());
            await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
        }));

    it("lists the sessions of somebody and ends one", async () => {
        server.addAdmin("carol", "viewer");
        const other = await server.another(at.browser, { name: "carol" });
        await step(at, "admin-sessions", async () => {
            await page.reload();
            await menu("carol", "Sessions…");
            await page.getByRole("dialog").getByRole("button", { name: /^End the session/ }).click();
            await page.getByText("No session is open.").waitFor();
            await on.button("Done").click();
        });
        other.faults.allow.push(/401/);
        await other.page.goto(`${server.url}/partners`);
        await other.page.getByRole("button", { name: "Sign in" }).waitFor();
        await other.context.close();
    });

    it("are not for other roles, who are told why", async () => {
        const other = await server.another(at.browser, { name: "carol", path: "/administrators" });
        await step(other, "admin-not-yours", async () => {
            await other.page.getByRole("heading", { name: "Accounts are not for this role" }).waitFor();
        });
        await other.context.close();
    });
});

describe("my account", () => {
    it("shows the key as a QR code that says the same as the text", () =>
        step(at, "profile-qr", async () => {
            await page.goto(`${server.url}/profile`);
            await on.button("Set up…").click();
            await on.field("Your password").fill(PASSWORD);
            await on.button("Show the key").click();
            const box = await page.getByRole("img", { name: "QR code with the key" }).boundingBox();
            assert.ok(box.width >= 180, "large enough to scan");
            const link = await page.getByRole("link", { name: "Open in the app" }).getAttribute("href");
            const { default: decodeQR } = await import("../../webroot/node_modules/qr/decode.js");
            const shown = await page.locator(".fg-qr").evaluate((svg) => ({
                size: svg.viewBox.baseVal.width,
                path: svg.querySelector("path").getAttribute("d"),
            }));
            assert.equal(decodeQR(bitmap(shown)), link, "a reader finds the link in it");
            await on.field("Code").fill(totp(await on.field("Key").inputValue()));
            await on.button("Switch on").click();
            await page.getByText("On. 10 recovery codes left.").waitFor();
            const [download] = await Promise.all([page.waitForEvent("download"), on.button("Download").click()]);
            assert.equal(download.suggestedFilename(), "fedgate-recovery-codes.txt");
        }));

    it("is switched off for somebody who lost it, by an administrator", () =>
        step(at, "profile-factor-off", async () => {
            at.faults.allow.push(/401/); // the sessions end with it
            server.addAdmin("dave", "administrator");
            const other = await server.another(at.browser, { name: "dave", path: "/administrators" });
            const their = hands(other.page);
            await row(ADMIN, other.page).locator(".fg-kebab button").click();
            await other.page.getByRole("menuitem", { name: "Switch off the second factor…" }).click();
            await their.button("Switch off now").click();
            await other.page.getByRole("dialog").waitFor({ state: "detached" });
            await other.context.close();
            const admin = await server.get(`/admins/${ADMIN}`);
            assert.equal(admin.totp, false);
        }));
});

/** The modules of the code as the picture a camera would see. */
function bitmap({ size, path }) {
    const scale = 4;
    const width = size * scale;
    const data = new Uint8Array(width * width * 4).fill(255);
    for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1/g)) {
        for (let dy = 0; dy < scale; dy++) {
            for (let dx = 0; dx < scale; dx++) {
                const i = ((Number(y) * scale + dy) * width + Number(x) * scale + dx) * 4;
                data[i] = data[i + 1] = data[i + 2] = 0;
            }
        }
    }
    return { width, height: width, data };
}

describe("tokens", () => {
    it("are made with at most the own role, shown once, revoked", async () => {
        server.addAdmin("erin", "operator");
        const other = await server.another(at.browser, { name: "erin", path: "/tokens" });
        const their = hands(other.page);
        await step(other, "tokens", async () => {
            await their.button("Make a token…").first().click();
            await their.field("Name").fill(hostile);
            const roles = await other.page.getByLabel("Role", { exact: true }).locator("option").allTextContents();
            assert.deepEqual(roles, ["Operator", "Help desk", "Viewer"]);
            await their.button("Make the token").click();
            await other.page.getByText("Copy the token now").first().waitFor();
            await other.page.getByText(hostile, { exact: true }).waitFor();
            await other.page.locator(".fg-kebab button").click();
            await other.page.getByRole("menuitem", { name: "Revoke…" }).click();
            await their.button("Revoke now").click();
            await other.page.getByRole("heading", { name: "No token yet" }).waitFor();
        });
        await other.context.close();
    });
});
