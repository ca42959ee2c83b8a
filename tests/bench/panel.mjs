// The list of 10,000 partners in a real browser: from navigation until rows stand there and a search has been
// answered, and what a tab's memory does while thousands of live updates arrive. Figures, no test.
//
//   FEDGATE=build/release/fedgate node tests/bench/panel.mjs [--partners N] [--rounds N] [--updates N] [--json]
import { parseArgs } from "node:util";
import { start } from "../web/lib/server.mjs";

const { values } = parseArgs({
    options: {
        partners: { type: "string", default: "10000" },
        rounds: { type: "string", default: "15" },
        updates: { type: "string", default: "3000" },
        json: { type: "boolean", default: false },
    },
});
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

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

/**
 * Inside the page: `act` happens, if there is one, and the answer is how long it took until the screen is full of rows that
 * `fits` takes, drawn. Without `act` it counts from the start of the navigation.
 */
const timed = ({ act, value }) =>
    new Promise((go) => {
        const acts = {
            follow: () => document.querySelector('nav a[href="/partners"]').click(),
            type: () => {
                const input = document.querySelector(".fg-search input");
                Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, value);
                input.dispatchEvent(new Event("input", { bubbles: true }));
            },
        };
        const begin = act ? performance.now() : 0;
        acts[act]?.();
        const look = () => {
            const rows = document.querySelectorAll("table.fg-partners tbody tr");
            const there = act === "type" ? rows.length === 1 && rows[0].textContent.includes(value) : rows.length >= 20;
            requestAnimationFrame(there ? () => go(performance.now() - begin) : look);
        };
        look();
    });

async function heap(page) {
    const session = await page.context().newCDPSession(page);
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    await session.detach();
    return usedSize / 1e6;
}

async function measure(server) {
    const count = Number(values.partners);
    await fill(server, count);
    const { page } = await server.signedIn({ path: "/partners" });
    await page.evaluate(timed, {});
    const found = { server: [], load: [], move: [], search: [] };
    for (let i = 0; i < Number(values.rounds); i++) {
        await page.goto(`${server.url}/partners`, { waitUntil: "commit" });
        found.load.push(await page.evaluate(timed, {}));
        await page.waitForTimeout(500); // what else the page asks for at its start
        found.search.push(await page.evaluate(timed, { act: "type", value: `p0${String(1234 + i)}.example` }));
        await page.goto(`${server.url}/streams`);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.waitForTimeout(500);
        found.move.push(await page.evaluate(timed, { act: "follow" }));
        const asked = performance.now();
        await server.get("/partners?view=draft&include=status&limit=50&sort=status");
        found.server.push(performance.now() - asked);
    }
    const before = await heap(page);
    for (let i = 0; i < Number(values.updates); i++) {
        await server.patch(`/partners/p${String(i % count).padStart(5, "0")}.example`, { description: `round ${i}` });
    }
    return {
        partners: count,
        rounds: Number(values.rounds),
        milliseconds: Object.fromEntries(Object.entries(found).map(([what, list]) => [what, { median: median(list), best: Math.min(...list), worst: Math.max(...list) }])),
        memory: { before, after: await heap(page), updates: Number(values.updates) },
    };
}

function print({ partners, rounds, milliseconds, memory }) {
    const row = (text, { median: m, best, worst }) => console.log(`  ${text.padEnd(56)} ${m.toFixed(0).padStart(5)} ms (${best.toFixed(0)} to ${worst.toFixed(0)})`);
    console.log(`the list of ${partners} partners, median of ${rounds}, aim 300 ms`);
    row("the page alone from the server", milliseconds.server);
    row("the panel loaded anew, its files cached, rows drawn", milliseconds.load);
    row("from another page of the panel, rows drawn", milliseconds.move);
    row("a search typed, its row drawn", milliseconds.search);
    console.log(`  memory of the tab: ${memory.before.toFixed(1)} MB, after ${memory.updates} changes ${memory.after.toFixed(1)} MB`);
}

const server = await start();
try {
    const found = await measure(server);
    if (values.json) console.log(JSON.stringify(found));
    else print(found);
} finally {
    await server.stop();
}
