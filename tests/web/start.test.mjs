// The guided first start: from the setup link to a commit, each step saved, skipped or found there already.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hands, step } from "./lib/page.mjs";
import { start } from "./lib/server.mjs";

let server, at, page, on;
before(async () => {
    server = await start();
    at = await server.signedIn({ path: "/start" });
    ({ page } = at);
    at.faults.allow.push(/422/); // a domain that is none is refused, which is shown
    on = hands(page);
});
after(() => server?.stop());

const title = (text) => page.getByRole("heading", { level: 2, name: text, exact: true }).waitFor();

describe("first steps", () => {
    it("begins with the domain and says why", () =>
        step(at, "start-domain", async () => {
            await on.heading("First steps").waitFor();
            await title("Your domain");
            await page.getByText("The SIP domain your people have after the @").waitFor();
            await on.field("Domain").fill("not a domain!");
            await on.button("Save and continue").click();
            await page.getByRole("alert").first().waitFor();
            assert.equal(await on.field("Domain").inputValue(), "not a domain!", "what was typed stands");
            await on.field("Domain").fill("contoso.test");
            await on.button("Save and continue").click();
            await title("Your SIP server");
        }));

    it("adds the front end and gives it to the domain", () =>
        step(at, "start-front-end", async () => {
            await on.field("Host or address").fill("192.0.2.5");
            await on.field("Name in its certificate").fill("sip1.contoso.test");
            await on.button("Save and continue").click();
            await title("Your first partner");
            const domain = await page.evaluate(async () => (await fetch("/api/v1/domains/contoso.test?view=draft")).json());
            assert.deepEqual(domain.front_ends, ["192.0.2.5"]);
        }));

    it("shows with the partner how the servers will connect", () =>
        step(at, "start-partner", async () => {
            await on.field("Primary domain").fill("fabrikam.test");
            await page.getByText("SASL over TLS").first().waitFor();
            await on.button("Save and continue").click();
            await title("Who of your people may talk to partners?");
        }));

    it("makes the policy that was chosen", () =>
        step(at, "start-policy", async () => {
            await on.choose("Who may", "Everybody");
            await on.button("Save and continue").click();
            await title("Switch federation on");
        }));

    it("lets a step be skipped and taken up again", () =>
        step(at, "start-skip", async () => {
            await on.choose("Federation", "On");
            await on.button("Skip this step").click();
            await title("Review and commit");
            await page.getByText("Still open: Federation").waitFor();
            await page.reload();
            await title("Review and commit");
            await page.getByRole("link", { name: "Federation" }).click();
            await title("Switch federation on");
            await on.choose("Federation", "On");
            await on.button("Save and continue").click();
            await title("Review and commit");
        }));

    it("ends at the review of the draft", () =>
        step(at, "start-commit", async () => {
            await page.getByRole("button", { name: /^Review \d+ changes$/ }).click();
            await page.waitForURL(/\/draft$/);
            await page.getByText("fabrikam.test").first().waitFor();
        }));
});
