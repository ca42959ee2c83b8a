// A configuration with something on every page, and the pages themselves.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const partner = (value) => ({ partner_type: "federated", ...value });

export const world = {
    front_ends: { inner: { host: "127.0.0.1", port: 5060, transport: "udp" } },
    domains: { "contoso.test": { front_ends: ["inner"] }, "bare.test": {} },
    edges: { "edge1.contoso.test": { site: "Berlin", addresses: ["192.0.2.10"] } },
    sites: { Berlin: { description: "Main office", xmpp_route: "edge1.contoso.test" }, Paris: {} },
    policies: {
        global: { federation_access: true, xmpp_access: true },
        "site:Berlin": { federation_access: true, xmpp_access: false },
        "user:partners": { federation_access: true, xmpp_access: true, description: "People who work with partners" },
    },
    users: {
        "amy@contoso.test": { display_name: "Amy Strand", site: "Berlin", policy: "user:partners" },
        "ben@contoso.test": { display_name: "Ben Smith", site: "Berlin" },
        "cem@contoso.test": { display_name: "Cem Özdemir", xmpp_excluded: true },
    },
    partners: {
        "fabrikam.test": partner({ sasl: "optional", additional_domains: ["emea.fabrikam.test"], owner: "Li Wei", ticket: "CHG-2291" }),
        "adatum.test": partner({ dialback: false }),
        "litware.test": { partner_type: "public_verified", sasl: "optional" },
        "proseware.test": { tls: "optional", sasl: "optional" },
        "alpine.test": { tls: "not_supported", sasl: "not_supported", keepalive: false },
        "coho.test": partner({ state: "draining" }),
        "margies.test": partner({ state: "suspended", description: "On hold until the contract is signed" }),
    },
};

/** Fills a server: the world is committed, a few changes wait in the draft of the local administrator. */
export async function fill(server) {
    await server.commit(world);
    await server.commit({ partners: { "fabrikam.test": { ...world.partners["fabrikam.test"], ticket: "CHG-2300" } } });
    // One that waits for its time.
    const later = new Date(Date.now() + 30 * 86400000).toISOString();
    await server.commit({ partners: { "fabrikam.test": { ...world.partners["fabrikam.test"], owner: "Bob" } } }, "Next month", { at: later });
}

/** Changes of the person who looks, so that the pages about drafts have something to show. */
export async function draftSomething(page) {
    await page.evaluate(async () => {
        const { csrf_token } = await (await fetch("/api/v1/session")).json();
        const send = (method, path, body) =>
            fetch(`/api/v1${path}`, {
                method,
                headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf_token },
                body: JSON.stringify(body),
            });
        await send("PATCH", "/partners/fabrikam.test", { tls: "optional" });
        await send("PUT", "/partners/new.test", {});
        await send("DELETE", "/partners/coho.test");
        await send("PATCH", "/settings", { connection_limit: 500 });
    });
}

/** Addresses of pages, an example for each route. `ready` is what tells that the page has its data. */
export const pages = [
    { path: "/" },
    { path: "/partners" },
    { path: "/partners?state=never" },
    { path: "/partners/new" },
    { path: "/partners/fabrikam.test" },
    { path: "/partners/fabrikam.test?tab=configuration" },
    { path: "/partners/fabrikam.test/edit" },
    { path: "/partners/fabrikam.test/clone" },
    { path: "/policies" },
    { path: "/policies/new" },
    { path: "/policies/edit/global" },
    { path: "/users" },
    { path: "/users/import" },
    { path: "/users/new" },
    { path: "/users/amy@contoso.test" },
    { path: "/users/edit/amy@contoso.test" },
    { path: "/import" },
    { path: "/topology" },
    { path: "/domains" },
    { path: "/domains/new" },
    { path: "/domains/edit/contoso.test" },
    { path: "/sites" },
    { path: "/sites/new" },
    { path: "/sites/edit/Berlin" },
    { path: "/edges" },
    { path: "/edges/new" },
    { path: "/edges/edit/edge1.contoso.test" },
    { path: "/front-ends" },
    { path: "/front-ends/new" },
    { path: "/front-ends/edit/inner" },
    { path: "/trust" },
    { path: "/trust/new" },
    { path: "/certificates" },
    { path: "/streams" },
    { path: "/why" },
    { path: "/why?kind=message&from=amy@contoso.test&to=bob@fabrikam.test" },
    { path: "/draft" },
    { path: "/approvals" },
    { path: "/approvals/1" },
    { path: "/revisions" },
    { path: "/revisions/compare?from=1&to=2" },
    { path: "/revisions/1" },
    { path: "/settings" },
    { path: "/administrators" },
    { path: "/tokens" },
    { path: "/audit" },
    { path: "/profile" },
    { path: "/start" },
    { path: "/start?step=partner" },
    { path: "/help" },
    { path: "/help?q=policy" },
    { path: "/help/partners" },
    { path: "/help/rest" },
];

const routes = join(dirname(fileURLToPath(import.meta.url)), "../../../webroot/src/routes.tsx");

/** Routes of the panel that no page above is an example of. */
export function forgotten() {
    const source = readFileSync(routes, "utf8");
    const patterns = [...source.matchAll(/\[\s*"(\/[^"]*|)",/g)].map((m) => m[1]);
    const fits = (pattern, path) => new RegExp(`^${pattern.replace(/:\w+/g, "[^/]+")}/?$`).test(path.split("?")[0]);
    return patterns.filter((pattern) => pattern !== "" && !pages.some((page) => fits(pattern, page.path)));
}

/** Waits until a page stands: its title is there and nothing loads any more. */
export async function settled(page) {
    await page.locator("h1").first().waitFor();
    await page.evaluate(() => document.fonts.ready);
    // The network never rests (live updates); the page does, once nothing has changed for a moment.
    await page.evaluate(
        () =>
            new Promise((go) => {
                const quiet = 200;
                let timer;
                const again = () => {
                    clearTimeout(timer);
                    timer = setTimeout(() => (document.querySelector(".fg-loading") ? again() : done()), quiet);
                };
                const seen = new MutationObserver(again);
                const done = () => {
                    seen.disconnect();
                    go();
                };
                seen.observe(document.body, { childList: true, subtree: true });
                again();
            }),
    );
}
