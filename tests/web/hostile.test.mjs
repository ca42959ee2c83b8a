// Texts that others wrote are shown as text: what administrators, imports, browsers, certificates and servers of other
// people put into descriptions, comments, names and errors runs no script, adds no element and loads nothing.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSecureContext, TLSSocket } from "node:tls";
import { layoutFaults } from "./lib/layout.mjs";
import { hands } from "./lib/page.mjs";
import { start } from "./lib/server.mjs";
import { fill, pages, settled, world } from "./lib/world.mjs";

/** Runs or loads something when it is taken for markup; `mark` tells where it came from. */
const hostile = (mark) => `"'><img src=https://evil.test/${mark} onerror="window.hit='${mark}'"><script>window.hit='${mark}'</script>${mark}`;
/** The same for names that may have 64 characters. */
const brief = (mark) => `<img src=//evil.test/${mark} onerror=hit=1>`;
const link = "javascript:window.hit='link'";
const partnersKey = "fabrikam.test";

/** Turns what follows around (RIGHT-TO-LEFT OVERRIDE), and is longer than anybody wants to read. */
const turned = "\u202egpj.exe ";
const long = "long".repeat(2000);
/** A domain as long as domains may be. */
const longDomain = `${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}.test`;

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("'", "&apos;");
const head = (from) =>
    "<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' " +
    `xmlns:db='jabber:server:dialback' version='1.0' id='x' from='${escaped(from)}' to='contoso.test'>`;

/** A server of the partner; `talk` gets each connection. */
async function listening(talk) {
    const sockets = new Set();
    const peer = createServer((socket) => {
        sockets.add(socket);
        socket.on("error", () => undefined);
        talk(socket);
    });
    await new Promise((go) => peer.listen(0, "127.0.0.1", go));
    return {
        address: `127.0.0.1:${peer.address().port}`,
        stop: () => {
            for (const socket of sockets) socket.destroy();
            peer.close();
        },
    };
}

/** Answers each stream with a stream error full of markup. */
const rudePeer = () =>
    listening((socket) =>
        socket.once("data", () =>
            socket.end(
                `${head("rude.test")}<stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>` +
                    `<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>${escaped(turned + hostile("stream-error") + long)}</text>` +
                    "</stream:error></stream:stream>",
            ),
        ),
    );

/** Names itself in markup, and is gone. */
const namelessPeer = () => listening((socket) => socket.once("data", () => socket.end(head(hostile("from")))));

/** Shows a certificate whose names are markup, and then never says who it is: the stream stays as it is. */
const certifiedPeer = ({ certificate, key }) =>
    listening((socket) => {
        const features = (inner) => `<stream:features>${inner}</stream:features>`;
        socket.once("data", () => {
            socket.write(head("seen.test") + features("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"));
            socket.once("data", () => {
                socket.write("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
                const secured = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ cert: certificate, key }) });
                secured.on("error", () => undefined);
                secured.once("data", () => secured.write(head("seen.test") + features("<dialback xmlns='urn:xmpp:features:dialback'/>")));
            });
        });
    });

/** A certificate that somebody gave names full of markup, with one that looks like two, and a very long one. */
function rudeCertificate() {
    const subject = `/O=${brief("subject").replaceAll("/", "\\/")}/CN=rude.test`;
    const names = ["rude.test", brief("san"), "evil.test, contoso.test", `${"very".repeat(50)}.test`];
    const folder = mkdtempSync(join(tmpdir(), "fedgate-web-"));
    const config = join(folder, "request.cnf");
    const listed = names.map((name, i) => `DNS.${i}=${name}\n`).join("");
    writeFileSync(config, `[req]\ndistinguished_name=dn\n[dn]\n[v3]\nsubjectAltName=@names\n[names]\n${listed}`);
    const pem = execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
        "-subj", subject, "-config", config, "-extensions", "v3", "-keyout", "-"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    rmSync(folder, { recursive: true });
    const [key, certificate] = [/-----BEGIN PRIVATE KEY-----[^]+?-----END PRIVATE KEY-----\n/, /-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----\n/].map(
        (part) => part.exec(pem)[0],
    );
    return { key, certificate };
}

let server;
const peers = {};
const rude = rudeCertificate();

async function poison() {
    await server.commit(
        {
            partners: {
                [partnersKey]: { ...world.partners[partnersKey], description: hostile("description"), owner: hostile("owner"), ticket: hostile("ticket") },
                "rude.test": { proxy: peers.rude.address, description: link, tls: "optional", sasl: "optional" },
                "nameless.test": { proxy: peers.nameless.address, tls: "optional", sasl: "optional" },
                "seen.test": { proxy: peers.certified.address, sasl: "optional" },
                [longDomain]: { description: "long", tls: "optional", sasl: "optional" },
            },
            users: { "amy@contoso.test": { display_name: hostile("display-name"), site: "Berlin" } },
            sites: { Berlin: { description: hostile("site") } },
            policies: { "user:partners": { federation_access: true, description: hostile("policy") } },
            settings: {
                settings: { federation_enabled: true, listeners: { xmpp: ["127.0.0.1:0"], xmpp_direct_tls: [], sip: [] } },
            },
        },
        hostile("comment"),
    );
    await server.post("/certificates", { pem: rude.certificate, key: rude.key, friendly_name: brief("friendly-name") });
    await server.commit({ trust_anchors: { "rude anchor": { pem: rude.certificate } } });
    // A change of somebody else, in a draft; a sign-in that failed with such a name; a message that makes us call the peer.
    await server.patch("/partners/adatum.test", { description: hostile("draft") });
    for (const domain of ["rude.test", "nameless.test", "seen.test"]) await server.post(`/partners/${domain}/retry`);
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
    peers.rude = await rudePeer();
    peers.nameless = await namelessPeer();
    peers.certified = await certifiedPeer(rude);
    await fill(server);
    await poison();
});
after(async () => {
    for (const peer of Object.values(peers)) peer.stop();
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

    /** Asks until the answer fits. */
    const until = async (path, fits) => {
        for (let i = 0; ; i++) {
            const answer = await server.get(path);
            if (fits(answer)) return answer;
            assert.ok(i < 100, `${path}: ${JSON.stringify(answer)}`);
            await new Promise((go) => setTimeout(go, 100));
        }
    };
    const harmless = async ({ page, faults }) => {
        assert.equal(await page.evaluate(() => window.hit ?? null), null);
        assert.equal(await page.locator("img[src*=evil]").count(), 0);
        assert.deepEqual(await layoutFaults(page), []);
        assert.deepEqual([...faults], []);
    };

    it("come from a partner's server as the cause of a failure, to be read and not too long", async () => {
        const { last_failure } = await until("/partners/rude.test/status", (status) => status.last_failure);
        await until("/partners/nameless.test/status", (status) => status.last_failure);
        const someone = await server.signedIn({ path: "/partners/rude.test" });
        const { page, context } = someone;
        await hands(page).heading("rude.test").waitFor();
        await page.getByText("<img src=https://evil.test/stream-error", { exact: false }).waitFor();
        const shown = await page.locator("main").innerText();
        assert.doesNotMatch(shown, /\u202e/, "nothing is turned around");
        assert.match(shown, /\\u\{202e\}gpj\.exe/, "what would turn it is told");
        assert.doesNotMatch(shown, /(long){100}/, "it is cut");
        assert.match(last_failure.detail, /^.{20,170}$/u);
        await harmless(someone);
        await page.setViewportSize({ width: 390, height: 844 });
        await harmless(someone);
        await page.goto(`${server.url}/partners/nameless.test`);
        await settled(page);
        await harmless(someone);
        await context.close();
    });

    it("come in the names of a certificate, each of them as one", async () => {
        await server.post("/partners/seen.test/retry");
        await until("/streams?partner=seen.test", ({ items }) => items.some((s) => s.certificate?.names?.length));
        const someone = await server.signedIn({ path: "/partners/seen.test" });
        const { page, context } = someone;
        await page.getByText("<img\\u{20}src=//evil.test/san", { exact: false }).waitFor();
        await page.getByText("evil.test\\u{2c}\\u{20}contoso.test", { exact: false }).waitFor();
        await page.getByText("Does not name their domain.").waitFor();
        await harmless(someone);
        await page.setViewportSize({ width: 390, height: 844 });
        await harmless(someone);
        await context.close();
    });

    it("come with a connection, as domains that are none or have the greatest length", async () => {
        const { items } = await server.get("/status/ports");
        const port = Number(items.find((p) => /xmpp/.test(p.name)).address.split(":").at(-1));
        const callers = [hostile("caller"), turned, longDomain].map((from) => {
            const socket = connect(port, "127.0.0.1");
            socket.on("error", () => undefined);
            socket.write(head(from));
            return socket;
        });
        const someone = await server.signedIn({ path: "/streams" });
        const { page, context } = someone;
        await page.getByText(longDomain, { exact: false }).first().waitFor();
        for (const size of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
            await page.setViewportSize(size);
            await harmless(someone);
        }
        assert.doesNotMatch(await page.locator("main").innerText(), /\u202e/);
        for (const socket of callers) socket.destroy();
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
