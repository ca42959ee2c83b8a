// The keyboard alone: every control can be reached and is seen to have the focus, the focus goes where the work goes on,
// and nothing moves for those who asked for no motion.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hands, step } from "./lib/page.mjs";
import { start } from "./lib/server.mjs";
import { draftSomething, fill, pages, settled } from "./lib/world.mjs";

let server, at, page, on;
before(async () => {
    server = await start();
    await fill(server);
    at = await server.signedIn();
    ({ page } = at);
    on = hands(page);
    await draftSomething(page);
});
after(() => server?.stop());

const focused = () =>
    page.evaluate(() => {
        const e = document.activeElement;
        return { tag: e.tagName, id: e.id, text: (e.getAttribute("aria-label") ?? e.innerText ?? "").trim().slice(0, 60) };
    });

/** Whether the focus shows: with it the element, or the frame drawn around it, looks other than without. */
const ring = () =>
    page.evaluate(() => {
        const looks = (e) => {
            const s = getComputedStyle(e);
            return [s.outlineStyle === "none" ? "" : `${s.outlineWidth} ${s.outlineColor}`, s.boxShadow, s.borderColor, s.backgroundColor, s.textDecoration];
        };
        const frames = (e) => [e, e.parentElement, e.parentElement?.parentElement, e.parentElement?.parentElement?.parentElement].filter(Boolean).map((x) => looks(x).join()).join("|");
        const e = document.activeElement;
        if (e === document.body) return true;
        const lit = frames(e);
        e.blur();
        const plain = frames(e);
        e.focus({ focusVisible: true, preventScroll: true });
        return lit !== plain;
    });

describe("keyboard", () => {
    it("reaches every control of every page, and shows where it is", async () => {
        const wrong = [];
        for (const { path } of pages) {
            await page.goto(server.url + path);
            await settled(page);
            const missed = await page.evaluate(() => {
                const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility === "visible";
                const name = (e) => e.getAttribute("aria-label") ?? (e.innerText?.trim() || e.id || e.className);
                // What reacts to a click must be something that takes the focus.
                return [...document.querySelectorAll("main [role=button], main [role=tab], main [role=link], main [role=switch], main [onclick]")]
                    .filter((e) => shown(e) && e.tabIndex < 0 && e.getAttribute("role") !== "tab")
                    .map(name)
                    .concat([...document.querySelectorAll("[tabindex]")].filter((e) => e.tabIndex > 0).map((e) => `order forced: ${name(e)}`));
            });
            missed.forEach((name) => wrong.push(`${path}: cannot be reached: ${name}`));
            await page.evaluate(() => document.getElementById("content").focus());
            const seen = new Set();
            for (let i = 0; i < 12; i++) {
                await page.keyboard.press("Tab");
                const now = await focused();
                if (now.tag === "BODY") break;
                const key = JSON.stringify(now);
                if (seen.has(key)) continue;
                seen.add(key);
                if (!(await ring())) wrong.push(`${path}: the focus cannot be seen on ${now.tag} "${now.text || now.id}"`);
            }
            const controls = await page.locator("main :is(button, a[href], input, select, textarea):visible").count();
            if (controls > 0 && seen.size === 0) wrong.push(`${path}: Tab reaches nothing`);
        }
        assert.deepEqual(wrong, []);
    });

    it("skips the navigation", () =>
        step(at, "keyboard-skip", async () => {
            await page.goto(`${server.url}/partners`);
            await settled(page);
            await page.keyboard.press("Tab");
            assert.equal((await focused()).text, "Skip to the content");
            const box = await page.locator(".fg-skip").boundingBox();
            assert.ok(box.y >= 0, "the link shows when it has the focus");
            await page.keyboard.press("Enter");
            assert.equal((await focused()).id, "content");
        }));

    it("goes on in the page that a link opened", () =>
        step(at, "keyboard-follow", async () => {
            await page.goto(`${server.url}/partners`);
            await settled(page);
            await page.getByRole("link", { name: "fabrikam.test", exact: true }).focus();
            await page.keyboard.press("Enter");
            await on.heading("fabrikam.test").waitFor();
            await page.waitForFunction(() => document.activeElement.id === "content");
            // In the navigation the focus stays where it is, for the next page.
            await page.getByRole("link", { name: "Streams", exact: true }).first().focus();
            await page.keyboard.press("Enter");
            await on.heading("Streams").waitFor();
            assert.equal((await focused()).text, "Streams");
        }));

    it("opens a dialogue, stays in it, and comes back to where it was", () =>
        step(at, "keyboard-dialogue", async () => {
            await page.goto(`${server.url}/administrators`);
            await settled(page);
            await on.button("Add administrator…").focus();
            await page.keyboard.press("Enter");
            await page.getByRole("dialog").waitFor();
            for (let i = 0; i < 15; i++) {
                await page.keyboard.press("Tab");
                assert.ok(await page.evaluate(() => !!document.activeElement.closest("[role=dialog], dialog")), "the focus stays in the dialogue");
            }
            await page.keyboard.press("Escape");
            await page.getByRole("dialog").waitFor({ state: "detached" });
            await page.waitForFunction(() => document.activeElement.innerText?.startsWith("Add administrator"));
        }));

    it("opens and closes a menu, and the menu of a row", () =>
        step(at, "keyboard-menu", async () => {
            await page.goto(`${server.url}/partners`);
            await settled(page);
            const menu = page.locator("main tbody button[aria-haspopup], main tbody .pf-v6-c-menu-toggle").first();
            await menu.focus();
            await page.keyboard.press("Enter");
            await page.getByRole("menuitem").first().waitFor();
            await page.waitForFunction(() => document.activeElement.getAttribute("role") === "menuitem");
            await page.keyboard.press("ArrowDown");
            await page.keyboard.press("Escape");
            await page.getByRole("menuitem").first().waitFor({ state: "detached" });
            assert.ok(await menu.evaluate((e) => e === document.activeElement), "the focus is back at the button");
        }));

    it("adds a partner", () =>
        step(at, "keyboard-partner", async () => {
            await page.goto(`${server.url}/partners/new`);
            await settled(page);
            assert.equal(await page.evaluate(() => document.activeElement === document.querySelector("main input")), true, "the first field has the focus");
            await page.keyboard.type("typed.example");
            await page.keyboard.press("Enter");
            await on.heading("typed.example").or(on.heading("XMPP Federated Partners")).waitFor();
            assert.ok(await server.get("/drafts").then((d) => d.items.length > 0));
        }));

    it("moves nothing for those who want no motion", () =>
        step(at, "keyboard-motion", async () => {
            await page.emulateMedia({ reducedMotion: "reduce" });
            const moving = [];
            for (const path of ["/", "/partners", "/draft", "/administrators", "/help"]) {
                await page.goto(server.url + path);
                await settled(page);
                moving.push(
                    ...(await page.evaluate(() =>
                        [...document.querySelectorAll("*")]
                            .filter((e) => {
                                const s = getComputedStyle(e);
                                const long = (v) => v.split(",").some((t) => parseFloat(t) > 0.01);
                                return (long(s.transitionDuration) && s.transitionProperty !== "none") || (s.animationName !== "none" && long(s.animationDuration));
                            })
                            .map((e) => e.className.toString().slice(0, 60) || e.tagName),
                    )),
                );
            }
            await page.emulateMedia({ reducedMotion: null });
            assert.deepEqual([...new Set(moving)], []);
        }));
});
