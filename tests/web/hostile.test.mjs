// Texts that others wrote are shown as text: what administrators, imports, browsers, certificates and servers of other
// people put into descriptions, comments, names and errors runs no script, adds no element and loads nothing.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { hands } from "./lib/page.mjs";
import { start } from "./lib/server.mjs";
import { fill, pages, settled, world } from "./lib/world.mjs";

/** Runs or loads something when it is taken for markup; `mark` tells where it came from. */
const hostile = (mark) => `"'><img src=https://evil.test/${mark} onerror="window.hit='${mark}'"><script>window.hit='${mark}'</script>${mark}`;
/** The same for names that may have 64 characters. */
const brief = (mark) => `<img src=//evil.test/${mark} onerror=hit=1>`;
const link = "javascript:window.hit='link'";
const partnersKey = "fabrikam.test";

/** A server of the partner that answers each stream with a stream error full of markup. */
async function rudePeer() {
    const escaped = hostile("stream-error").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    const sockets = new Set();
    const peer = createServer((socket) => {
        sockets.add(socket);
        socket.on("error", () => undefined);
        socket.once("data", () =>
            socket.end(
                "<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' " +
                    "version='1.0' id='x' from='rude.test'><stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>" +
                    `<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>${escaped}</text></stream:error></stream:stream>`,
            ),
        );
    });
    await new Promise((go) => peer.listen(0, "127.0.0.1", go));
    return {
        port: peer.address().port,
        stop: () => {
            for (const socket of sockets) socket.destroy();
            peer.close();
        },
    };
}

/** A certificate that somebody gave a name full of markup. */
function rudeCertificate() {
    const subject = `/O=${brief("subject").replaceAll("/", "\\/")}/CN=rude.test`;
    return execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
        "-subj", subject, "-addext", "subjectAltName=DNS:rude.test", "-keyout", "-"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

let server, peer;

async function poison() {
    await server.commit(
        {
            partners: {
                [partnersKey]: { ...world.partners[partnersKey], description: hostile("description"), owner: hostile("owner"), ticket: hostile("ticket") },
                "rude.test": { proxy: `127.0.0.1:${peer.port}`, description: link, tls: "optional", sasl: "optional" },
            },
            users: { "amy@contoso.test": { display_name: hostile("display-name"), site: "Berlin" } },
            sites: { Berlin: { description: hostile("site") } },
            policies: { "user:partners": { federation_access: true, description: hostile("policy") } },
            settings: {
                settings: { federation_enabled: true, listeners: { xmpp: [], xmpp_direct_tls: [], sip: [] } },
            },
        },
        hostile("comment"),
    );
    const pem = rudeCertificate();
    const [key, certificate] = [/-----BEGIN PRIVATE KEY-----[^]+?-----END PRIVATE KEY-----\n/, /-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----\n/].map(
        (part) => part.exec(pem)[0],
    );
    await server.post("/certificates", { pem: certificate, key, friendly_name: brief("friendly-name") });
    await server.commit({ trust_anchors: { "rude anchor": { pem: certificate } } });
    // A change of somebody else, in a draft; a sign-in that failed with such a name; a message that makes us call the peer.
    await server.patch("/partners/adatum.test", { description: hostile("draft") });
    await server.request("POST", "/partners/rude.test/retry", {});
}

/** As alice, by the interface that the panel uses: a label of a token and a draft of her own. */
async function poisonAsAlice(page) {
    await page.evaluate(
        async ([label, description]) => {
            const { csrf_token } = await (await fetch("/api/v1/session")).json();
            const send = async (method, path, body) => {
                const answer = await fetch(`/api/v1${path}`, {
                    method,
                    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf_token },
                    body: JSON.stringify(body),
                });
                if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
            };
            await send("POST", "/tokens", { name: label, role: "viewer" });
            await send("PATCH", "/partners/adatum.test", { description });
        },
        [brief("token"), hostile("own-draft")],
    );
}

before(async () => {
    server = await start();
    peer = await rudePeer();
    await fill(server);
    await poison();
});
after(async () => {
    peer?.stop();
    await server?.stop();
});

/** Addresses with hostile text in them, and where a mark must be readable. */
const typed = encodeURIComponent(hostile("typed"));
const addressed = [
    `/partners?q=${typed}`, `/users?q=${typed}`, `/why?kind=message&from=${typed}&to=${typed}`, `/help?q=${typed}`,
    `/audit?object=${typed}`, `/partners/${typed}`, `/users/${typed}`, `/help/${typed}`, `/nowhere/${typed}`,
    `/revisions/${typed}`, `/start?step=${typed}`, `/partners?state=${typed}`, `/partners/new?${typed}`,
];
const readable = {
    "/partners/fabrikam.test?tab=configuration": ["description", "owner", "ticket"],
    "/partners/fabrikam.test/edit": ["description", "owner"],
    "/users": ["display-name"],
    "/users/amy@contoso.test": ["display-name"],
    "/policies": ["policy"],
    "/sites": ["site"],
    "/revisions": ["comment"],
    "/tokens": ["token"],
    "/draft": ["own-draft"],
    "/certificates": ["friendly-name"],
    "/profile": ["browser"],
};

describe("texts of others", () => {
    it("show as text on every page, run nothing and load nothing from elsewhere", async () => {
        const { page, faults, context } = await server.signedIn({ userAgent: `Mozilla/5.0 ${hostile("browser")}` });
        await server.request("POST", "/session", { username: hostile("sign-in"), password: "x" });
        await poisonAsAlice(page);
        const elsewhere = [];
        page.on("request", (request) => {
            if (!request.url().startsWith(server.url) && !request.url().startsWith("blob:")) elsewhere.push(request.url());
        });
        faults.allow.push(/\b40[04]\b/, /\b422\b/); // addresses that name nothing
        const wrong = [];
        for (const path of [...pages.map((p) => p.path), "/partners/rude.test", "/partners/rude.test?tab=configuration", ...addressed]) {
            faults.length = 0;
            await page.goto(server.url + path);
            await settled(page);
            const seen = await page.evaluate(() => ({
                hit: window.hit ?? null,
                added: document.querySelectorAll("img[src*=evil], script:not([src]), [onerror]").length,
                links: document.querySelectorAll("a[href^='javascript' i], iframe, object, embed").length,
                text: [document.body.innerText, ...[...document.querySelectorAll("input, textarea")].map((e) => e.value)].join("\n"),
            }));
            if (seen.hit || seen.added || seen.links || faults.length) {
                wrong.push(`${path}: ran ${seen.hit}, added ${seen.added}, links ${seen.links}, ${faults.join("; ")}`);
            }
            for (const mark of readable[path] ?? []) {
                if (!seen.text.includes(`evil.test/${mark}`)) wrong.push(`${path}: "${mark}" is not to be read`);
            }
        }
        await context.close();
        assert.deepEqual(wrong, []);
        assert.deepEqual(elsewhere, [], "nothing is asked of other servers");
    });

    it("come from a partner's server as the cause of a failure", async () => {
        const { page, faults, context } = await server.signedIn({ path: "/partners/rude.test" });
        await page.getByText("rude.test").first().waitFor();
        await hands(page).heading("rude.test").waitFor();
        let status;
        for (let i = 0; i < 100; i++) {
            status = await server.get("/partners/rude.test/status");
            if (status.last_failure) break;
            await page.waitForTimeout(100);
        }
        assert.ok(status.last_failure, `the failure is known: ${JSON.stringify(status)}`);
        await page.reload();
        await settled(page);
        assert.equal(await page.evaluate(() => window.hit ?? null), null);
        assert.equal(await page.locator("img[src*=evil]").count(), 0);
        assert.deepEqual([...faults], []);
        await context.close();
    });

    it("meet a content security policy without exceptions", async () => {
        const { page, context } = await server.signedIn();
        const answer = await page.goto(`${server.url}/`);
        const policy = Object.fromEntries(
            answer.headers()["content-security-policy"].split(";").map((part) => {
                const [name, ...values] = part.trim().split(/\s+/);
                return [name, values];
            }),
        );
        for (const name of ["default-src", "script-src", "style-src", "img-src", "font-src", "connect-src"]) {
            assert.deepEqual(policy[name], ["'self'"], name);
        }
        assert.deepEqual(policy["object-src"], ["'none'"]);
        assert.deepEqual(policy["base-uri"], ["'none'"]);
        assert.deepEqual(policy["frame-ancestors"], ["'none'"]);
        assert.equal(answer.headers()["x-content-type-options"], "nosniff");
        // What would get around escaping is refused by the browser all the same.
        await page.evaluate(() => {
            const added = document.createElement("script");
            added.textContent = "window.hit = 'inline'";
            document.body.append(added);
        });
        assert.equal(await page.evaluate(() => window.hit ?? null), null);
        await context.close();
    });
});
