// The list of 10,000 partners in a real browser: from navigation until rows stand there and a filter has been
// answered, and what a tab's memory does while thousands of live updates arrive. Figures, no test.
//
//   FEDGATE=build/release/fedgate node tests/bench/panel.mjs [--partners N] [--rounds N] [--updates N]
import { parseArgs } from "node:util";
import { start } from "../web/lib/server.mjs";

const { values } = parseArgs({
    options: {
        partners: { type: "string", default: "10000" },
        rounds: { type: "string", default: "5" },
        updates: { type: "string", default: "3000" },
    },
});
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const ms = (n) => `${n.toFixed(0)} ms`;

async function fill(server, count) {
    const types = ["federated", "public_verified", "public_unverified"];
    for (let from = 0; from < count; from += 5000) {
        const partners = {};
        for (let i = from; i < Math.min(count, from + 5000); i++) {
            partners[`p${String(i).padStart(5, "0")}.example`] = {
                partner_type: types[i % 3],
                state: i % 50 ? "active" : "suspended",
                tls: i % 7 ? "required" : "optional",
            };
        }
        await server.commit({ partners }, "load");
    }
}

/** Milliseconds until the rows are drawn, measured inside the page from the start of its navigation. */
const rowsDrawn = () =>
    new Promise((go) => {
        const look = () =>
            document.querySelectorAll("table.fg-partners tbody tr").length >= 20 ? requestAnimationFrame(() => go(performance.now())) : requestAnimationFrame(look);
        look();
    });

async function typed(page, text) {
    const begin = Date.now();
    await page.locator(".fg-search input").fill(text);
    await page.getByRole("link", { name: text, exact: true }).waitFor();
    return Date.now() - begin;
}

async function heap(page) {
    const session = await page.context().newCDPSession(page);
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    await session.detach();
    return usedSize / 1e6;
}

const server = await start();
try {
    const count = Number(values.partners);
    await fill(server, count);
    const { page } = await server.signedIn({ path: "/partners" });
    await page.evaluate(rowsDrawn);
    const loads = [];
    const moves = [];
    const searches = [];
    const answers = [];
    for (let i = 0; i < Number(values.rounds); i++) {
        await page.goto(`${server.url}/partners`, { waitUntil: "commit" });
        loads.push(await page.evaluate(rowsDrawn));
        searches.push(await typed(page, `p0${String(1234 + i)}.example`));
        await page.goto(`${server.url}/streams`);
        await page.getByRole("heading", { level: 1 }).waitFor();
        const begin = await page.evaluate(() => {
            const now = performance.now();
            document.querySelector('nav a[href="/partners"]').click();
            return now;
        });
        moves.push((await page.evaluate(rowsDrawn)) - begin);
        const asked = performance.now();
        await server.get("/partners?view=draft&include=status&limit=50&sort=status");
        answers.push(performance.now() - asked);
    }
    console.log(`${count} partners, median of ${loads.length}`);
    console.log(`  the page alone from the server            ${ms(median(answers))}`);
    console.log(`  the whole panel loaded, rows drawn        ${ms(median(loads))}`);
    console.log(`  from another page of the panel, drawn     ${ms(median(moves))}`);
    console.log(`  a search typed, its row drawn             ${ms(median(searches))} (300 ms of it wait for the typing to pause)`);

    const before = await heap(page);
    for (let i = 0; i < Number(values.updates); i++) {
        await server.patch(`/partners/p${String(i % count).padStart(5, "0")}.example`, { description: `round ${i}` });
    }
    const after = await heap(page);
    console.log(`  memory of the tab                         ${before.toFixed(1)} MB, after ${values.updates} changes ${after.toFixed(1)} MB`);
} finally {
    await server.stop();
}
