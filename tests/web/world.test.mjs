// With a real partner's server and a real SIP side: what is done in the browser decides what crosses, what becomes of
// the streams that live, and what takes itself back. panel.test.mjs has made the administrator and the partner.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { another, open } from "./lib/browser.mjs";
import { lab } from "./lib/lab.mjs";
import { layoutFaults } from "./lib/layout.mjs";
import { hands, step } from "./lib/page.mjs";
import { ADMIN, PASSWORD } from "./lib/server.mjs";
import { settled } from "./lib/world.mjs";

const partner = process.env.FEDGATE_EXPECT_PARTNER;
const ours = process.env.FEDGATE_DOMAIN;
const base = process.env.FEDGATE_URL?.replace(/\/$/, "");
const juliet = `juliet@${ours}`;

let at, page, on;

const visit = (path) => page.goto(base + path);
const dialogue = () => page.getByRole("dialog");
const draftSays = (text) => page.getByText(text).first().waitFor();

async function saveToDraft() {
    await on.button("Save to draft").click();
    await draftSays(/uncommitted change/);
}

/** Reviews the draft and commits it; `look` sees the review before. */
async function commit(comment, look) {
    await visit("/draft");
    await page.getByText("Nothing stops this commit.").waitFor();
    await look?.();
    await on.field("Comment").fill(comment);
    await page.getByRole("button", { name: /^Commit \d+ change/ }).click();
}

const runs = () => page.getByRole("heading", { level: 1, name: /Revision \d+ is running/ }).waitFor();

/** The sentence of the review about the partner's streams. */
const impact = (text) => page.getByRole("listitem").filter({ hasText: partner }).getByText(text).waitFor();

/** One of the partner's steps of life, by its menu. */
async function life(action) {
    await visit(`/partners/${partner}`);
    await on.button(`Actions for ${partner}`).click();
    const asks = action.endsWith("…");
    await page.getByRole("menuitem", { name: action, exact: true }).click();
    if (asks) {
        const dialogue = page.getByRole("dialog");
        await dialogue.getByText("The commit closes 2 live streams and returns 0 waiting messages to the senders.").waitFor();
        await dialogue.getByRole("button", { name: action.slice(0, -1), exact: true }).click();
    }
    await draftSays("Your draft changes this partner.");
}

before(async () => {
    at = await open();
    ({ page } = at);
    on = hands(page);
    if (!lab.there) return;
    await at.context.request.post(`${base}/api/v1/session`, { data: { username: ADMIN, password: PASSWORD } });
});
after(() => at?.browser.close());

describe("with a partner's server and a SIP side", { skip: !lab.there }, () => {
    it("a user without a policy is refused; granted in the browser, the message crosses", () =>
        step(at, "world-policy", async () => {
            await visit("/policies/edit/global");
            await on.field("Enable communications with XMPP federated users").uncheck();
            await saveToDraft();
            await commit("Nobody, unless granted");
            await runs();
            assert.match(await lab.juliet("not granted", 403), /Warning: *399 .*policy_/);

            await visit("/users/new");
            await on.field("Address").fill(juliet);
            await on.button("Save to draft").click();
            await page.waitForURL(/\/users/);
            await visit("/policies/new");
            await on.field("Name").fill("Partners");
            await on.field("Enable communications with federated users").check();
            await on.field("Enable communications with XMPP federated users").check();
            await saveToDraft();
            await page.getByText("granted to nobody: does nothing").waitFor();
            await on.button("Actions for Partners").click();
            await page.getByRole("menuitem", { name: "Grant to users…" }).click();
            await dialogue().getByLabel("Addresses").fill(juliet);
            await on.button("Continue…").click();
            await dialogue().getByText("1 user will get Partners.").waitFor();
            await dialogue().getByRole("button", { name: "Save to draft" }).click();
            await dialogue().waitFor({ state: "detached" });
            await commit("Juliet may");
            await runs();
            await lab.juliet("granted");
            await lab.romeoHears("granted");
        }));

    it("a suspended partner's streams end as foretold, and come back when it is active again", () =>
        step(at, "world-suspend", async () => {
            await visit("/streams");
            await page.getByText("2 of at most", { exact: false }).waitFor();
            await life("Suspend…");
            await commit("Not now", () => impact("2 streams close because the partner is suspended."));
            await runs();
            await on.link("Streams").click();
            await page.getByText("No stream is open").waitFor();
            await visit(`/partners/${partner}`);
            await page.getByText(/^Suspended ·/).waitFor();
            assert.match(await lab.juliet("suspended", 403), /partner_suspended/);

            await life("Activate");
            await commit("Again");
            await runs();
            await visit(`/partners/${partner}`);
            await page.getByText(/^Connected ·/).waitFor({ timeout: 60000 });
            await lab.juliet("active again");
            await lab.romeoHears("active again");
        }));

    it("what would cut a partner off is foretold, shown while it waits, and takes itself back", () =>
        step(at, "world-watch", async () => {
            await visit(`/partners/${partner}/edit`);
            await on.choose("TLS", "Optional");
            await on.choose("SASL", "Optional");
            await on.field("Server dialback").check({ force: true });
            await saveToDraft();
            await commit("Also in clear", () => page.getByText("No open stream is touched.").waitFor());
            await runs();
            await lab.partnerServer("clear");
            await lab.juliet("in clear");
            await lab.romeoHears("in clear");
            await visit("/streams");
            const row = page.getByRole("row").filter({ hasText: partner }).filter({ hasText: "Dialback, unencrypted" });
            await row.nth(1).waitFor();

            await visit(`/partners/${partner}/edit`);
            await on.choose("TLS", "Required");
            await saveToDraft();
            await commit("Only encrypted", async () => {
                await impact("2 streams renegotiate because TLS is now required.");
                await page.getByText("Streams that renegotiate reconnect within seconds.", { exact: false }).waitFor();
                await on.field("Revert automatically unless confirmed within").check();
            });
            const taken = page.locator(".fg-taken");
            await taken.getByText(/Revision \d+ was taken back\./).waitFor({ timeout: 30000 });
            await taken.getByText(`${partner} worked before this commit and fails since.`, { exact: false }).waitFor();
            await taken.getByText("offers no TLS", { exact: false }).waitFor();
            await visit("/audit?action=revert");
            await page.getByText("offers no TLS", { exact: false }).first().waitFor();
            await on.button("Understood").click();
            await lab.juliet("works again");
            await lab.romeoHears("works again");
        }));

    it("a commit counts down on every page until nobody has kept it", () =>
        step(at, "world-countdown", async () => {
            await visit(`/partners/${partner}/edit`);
            await on.field("Ticket").fill("CHG-TOO-LATE");
            await saveToDraft();
            // The shortest time that the form offers is a minute; on its way to the server it becomes less.
            await page.route("**/api/v1/draft/commit", (route) =>
                route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), confirm_within: 8 }) }),
            );
            await commit("Nobody looks", async () => {
                await on.field("Revert automatically unless confirmed within").check();
                await on.field("Time to confirm").selectOption("60");
            });
            const time = page.locator(".fg-countdown-time");
            await time.waitFor();
            await page.unroute("**/api/v1/draft/commit");
            const { deadline } = (await lab.rest("GET", "/status")).pending_confirmation;
            const seen = [];
            for (const link of await page.locator(".fg-nav a").all()) {
                await link.click();
                const [text] = await time.allInnerTexts();
                if (text) seen.push(text);
                else if (Date.now() < Date.parse(deadline)) assert.fail(`no countdown at ${page.url()}`);
                else break;
            }
            assert.ok(seen.length > 1 && seen[0] > seen.at(-1), `it counts down: ${seen}`);
            await page.locator(".fg-taken").getByText("Nobody kept it in time.", { exact: false }).waitFor();
            assert.notEqual((await lab.rest("GET", `/partners/${partner}`)).ticket, "CHG-TOO-LATE");
            await on.button("Understood").click();
        }));

    it("a commit that the engine does not take over in time is stored, said so, and runs later", () =>
        step(at, "world-not-applied", async () => {
            at.faults.allow.push(/503/);
            await visit(`/partners/${partner}/edit`);
            await on.field("Ticket").fill("CHG-LATER");
            await saveToDraft();
            await visit("/draft");
            await page.getByText("Nothing stops this commit.").waitFor();
            await on.field("Comment").fill("While the engine is busy");
            await lab.engine(true);
            try {
                await page.getByRole("button", { name: /^Commit \d+ change/ }).click();
                await page.getByText("The commit is stored. The engine takes it over now.").waitFor();
                await page.locator("main").getByText(/Revision \d+ is stored, but the engine has not taken it over yet/).waitFor({ timeout: 30000 });
            } finally {
                await lab.engine(false);
            }
            await runs();
            assert.equal((await lab.rest("GET", `/partners/${partner}`)).ticket, "CHG-LATER");
            at.faults.allow.length = 0;
        }));

    for (const [label, options] of [
        ["light", { colorScheme: "light" }],
        ["dark, on a phone", { colorScheme: "dark", viewport: { width: 390, height: 844 } }],
    ]) {
        it(`pages with live traffic stand without a fault: ${label}`, async () => {
            const other = await another(at.browser, { ...options, storageState: await at.context.storageState() });
            await step(other, `world-pages-${label}`, async () => {
                for (const path of ["/", "/partners", `/partners/${partner}`, "/streams"]) {
                    await other.page.goto(base + path);
                    await settled(other.page);
                    assert.deepEqual(await layoutFaults(other.page), [], path);
                }
            });
            await other.context.close();
        });
    }
});
