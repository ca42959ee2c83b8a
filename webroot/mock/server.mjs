// A development aid for the panel: see README.md in this folder.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as data from "./data.mjs";
import { schema } from "./schema.mjs";

const [port = "8900", mode = ""] = process.argv.slice(2);
const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const types = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".html": "text/html" };
const empty = mode === "empty";
const kinds = Object.keys(schema.kinds).filter((k) => k !== "settings");
const defaults = Object.fromEntries(schema.kinds.settings.fields.map((f) => [f.name, f.default]));
const running = {
    ...Object.fromEntries(kinds.map((k) => [k, empty ? {} : { ...data[k] }])),
    settings: { settings: { ...defaults, federation_enabled: !empty } },
};
if (empty) running.policies.global = { ...data.policies.global, xmpp_access: false, federation_access: false };
const revisions = empty ? [] : [...data.revisions];
const draft = new Map();
const admins = [{ username: "Anna Keller", role: "administrator", last_sign_in: new Date().toISOString() }];
const tokens = [];
let pending = null;
let signedIn = !empty;

const needs = ["required", "optional", "not_supported"];
function negotiate({ tls, sasl, dialback }) {
    const s = tls !== "not_supported" && sasl !== "not_supported";
    const l = dialback && tls !== "not_supported" && !(tls === "required" && sasl === "required");
    const c = dialback && tls !== "required";
    const methods = [s && "sasl_tls", l && "dialback_tls", c && "dialback_tcp"].filter(Boolean);
    const warnings = [];
    if (tls === "required" && sasl === "required" && dialback) warnings.push({ code: "dialback_unused", message: "Dialback is on but does nothing." });
    if (sasl !== "not_supported" && tls !== "required") warnings.push({ code: "sasl_needs_tls", message: "SASL can fail: TLS is only optional." });
    const code = sasl === "not_supported" ? "no_authentication" : "sasl_impossible_without_tls";
    return { tls, sasl, dialback, methods, valid: methods.length > 0, warnings: methods.length ? warnings : [], problem: methods.length ? null : { code, message: "No method is left." } };
}
const rows = needs.flatMap((tls) => needs.flatMap((sasl) => [true, false].map((dialback) => negotiate({ tls, sasl, dialback }))));

const now = () => revisions[0]?.revision ?? 0;
const body = (kind, key) => running[kind]?.[key] ?? null;
const drafted = (kind, key) => (draft.has(`${kind}/${key}`) ? draft.get(`${kind}/${key}`).after : body(kind, key));

function shown(kind, key, value, query) {
    const keyName = schema.kinds[kind].key?.name;
    const item = { ...(keyName ? { [keyName]: key } : {}), ...value };
    if (kind === "partners") {
        const row = negotiate(value);
        Object.assign(item, { methods: row.methods, warnings: row.warnings });
        if (query.get("include") === "status") item.status = data.live[key] ?? { state: "never", last_success: null, last_failure: null, streams: 0 };
    }
    const change = draft.get(`${kind}/${key}`);
    if (query.get("view") === "draft" && change) item.draft = !change.after ? "removed" : change.before ? "changed" : "added";
    return item;
}

function listing(kind, query) {
    const keys = new Set(Object.keys(running[kind]));
    if (query.get("view") === "draft") for (const c of draft.values()) if (c.kind === kind) keys.add(c.key);
    const filter = schema.kinds[kind].key?.name;
    const items = [...keys]
        .sort()
        .map((key) => shown(kind, key, query.get("view") === "draft" ? (drafted(kind, key) ?? body(kind, key)) : body(kind, key), query))
        .filter((i) => !query.get("q") || JSON.stringify(i).includes(query.get("q")))
        .filter((i) => !query.get(filter) || i[filter] === query.get(filter));
    const counts = { connected: 0, failing: 0, idle: 0, never: 0, suspended: 0, draining: 0, warnings: 0 };
    for (const item of items) if (item.status) counts[item.status.state]++;
    counts.warnings = items.filter((i) => i.warnings?.length).length;
    return { items, next_cursor: null, total: items.length, ...(query.get("include") === "status" ? { counts } : {}) };
}

function stage(kind, key, after) {
    const before = body(kind, key);
    draft.set(`${kind}/${key}`, { op: after ? "put" : "delete", kind, key, base_revision: now(), before, after });
    if (JSON.stringify(before) === JSON.stringify(after)) draft.delete(`${kind}/${key}`);
}

function theDraft() {
    const changes = [...draft.values()];
    const by_kind = {};
    for (const c of changes) by_kind[c.kind] = (by_kind[c.kind] ?? 0) + 1;
    const clear = changes.filter((c) => c.kind === "partners" && c.after && negotiate(c.after).methods.includes("dialback_tcp"));
    const warnings = clear.map((c) => ({ kind: c.kind, key: c.key, code: "unencrypted_possible", message: "May be reached unencrypted: TLS is optional and dialback on." }));
    return { changes, problems: [], warnings, conflicts: [], summary: { count: changes.length, by_kind } };
}

function commit({ comment, confirm_within: within }) {
    const changes = [...draft.values()];
    for (const c of changes) {
        if (c.after) running[c.kind][c.key] = c.after;
        else delete running[c.kind][c.key];
    }
    draft.clear();
    revisions.unshift({ revision: now() + 1, author: "Anna Keller", comment, created_at: new Date().toISOString(), changes });
    if (within) pending = { revision: now(), deadline: new Date(Date.now() + within * 1000).toISOString() };
    return { revision: now(), applied_at: new Date().toISOString(), impact: { stay: 42, renegotiate: 4, close: 0 } };
}

function explain(query) {
    const gates = ["federation", "own_domain", "partner", "policy", "user_and_site", "partner_type", "transport"];
    const inner = query.get("from").endsWith("contoso.com") ? query.get("from") : query.get("to");
    const outer = inner === query.get("from") ? query.get("to") : query.get("from");
    const domain = outer.split("@")[1] ?? "";
    const texts = ["It is on.", "contoso.com is ours.", `${domain} is on the list, active.`, "Federation access is on, XMPP access is off.", "Not asked.", "Not asked.", "Not asked."];
    const objects = ["settings/settings", "domains/contoso.com", `partners/${domain}`, "policies/site:Berlin", `users/${inner}`, `partners/${domain}`, `partners/${domain}`];
    const deny = inner.startsWith("mia");
    const steps = gates.map((gate, i) => ({ gate, verdict: deny && i === 3 ? "fail" : deny && i > 3 ? "not_asked" : "pass", because: deny ? texts[i] : texts[i].replace("off", "on").replace("Not asked", "Nothing against it"), object: objects[i] }));
    return { verdict: deny ? "deny" : "allow", rule: deny ? "policy_xmpp" : "allowed", revision: now(), steps };
}

const revisionItem = ({ changes, ...r }) => {
    const added = changes.filter((c) => !c.before).length;
    const removed = changes.filter((c) => !c.after).length;
    return { ...r, summary: { count: changes.length, added, removed, changed: changes.length - added - removed } };
};
const collection = (items) => ({ items, next_cursor: null, total: items.length });
const session = () => ({ username: "Anna Keller", role: "administrator", csrf_token: "example", permissions: { change: Object.keys(schema.kinds), certificates: true, audit: true, accounts: true } });

const exact = {
    "GET /session": () => (signedIn ? [200, session()] : [401, { title: "Sign in first", status: 401 }]),
    "POST /session": () => ((signedIn = true), [201, session()]),
    "GET /profile/totp": () => [200, { state: "off" }],
    "DELETE /session": () => ((signedIn = false), [204, null]),
    "POST /setup": () => [201, { username: "Anna Keller" }],
    "GET /schema": () => [200, schema],
    "GET /negotiation": () => [200, { rows }],
    "GET /draft": () => [200, theDraft()],
    "DELETE /draft": () => (draft.clear(), [204, null]),
    "POST /draft/check": () => [200, { problems: [], warnings: [], impact: { stay: 42, renegotiate: 4, close: 0 } }],
    "POST /draft/commit": (q, input) => [201, commit(input)],
    "GET /status": () => [200, { version: "0.1.0", uptime: 1036800, revision: now(), applied_revision: now(), engine: { state: "running", problems: [] }, counters: empty ? {} : { messages_in: 48210, messages_out: 39112, streams_opened: 412, streams_refused: 7 }, pending_confirmation: pending, home_domain: Object.keys(running.domains)[0] ?? null }],
    "GET /streams": (q) => [200, collection(empty ? [] : data.streams.filter((s) => !q.get("partner") || s.partner === q.get("partner")))],
    "GET /revisions": () => [200, collection(revisions.map(revisionItem))],
    "GET /explain": (q) => [200, explain(q)],
    "GET /certificates": () => [200, collection(empty ? [] : data.certificates)],
    "GET /admins": () => [200, collection(admins)],
    "POST /admins": (q, input) => (admins.push({ username: input.username, role: input.role }), [201, input]),
    "GET /tokens": () => [200, collection(tokens)],
    "POST /tokens": (q, input) => (tokens.push({ id: tokens.length + 1, admin: "Anna Keller", ...input }), [201, { token: "fgt_example" }]),
};

function answer(method, path, query, input) {
    const found = exact[`${method} ${path}`];
    if (found) return found(query, input);
    const [kind, rawKey, third] = path.slice(1).split("/").map(decodeURIComponent);
    if (kind === "revisions" && third) return (pending = null), [200, {}];
    if (kind === "revisions") {
        const r = revisions.find((x) => String(x.revision) === rawKey);
        return r ? [200, r] : [404, { title: "No such revision", status: 404 }];
    }
    if (kind === "draft") return draft.delete(path.split("/").slice(3).map(decodeURIComponent).join("/")), [204, null];
    if (!(kind in running)) return [404, { title: "Not found", status: 404 }];
    const key = kind === "settings" ? "settings" : rawKey;
    if (!key) return [200, listing(kind, query)];
    if (method === "PUT") stage(kind, key, Object.fromEntries(Object.entries(input).filter(([n]) => n !== schema.kinds[kind].key?.name)));
    if (method === "PATCH") stage(kind, key, { ...drafted(kind, key), ...input });
    if (method === "DELETE") return stage(kind, key, null), [204, null];
    const value = query.get("view") === "draft" || method !== "GET" ? (drafted(kind, key) ?? body(kind, key)) : body(kind, key);
    return value ? [200, shown(kind, key, value, query)] : [404, { title: `No such ${kind}`, status: 404 }];
}

async function file(path, res) {
    const name = path.startsWith("/assets/") ? path : "/index.html";
    try {
        const bytes = await readFile(join(dist, name));
        res.writeHead(200, { "Content-Type": types[extname(name)] ?? "application/octet-stream", "Content-Security-Policy": "default-src 'self'; style-src 'self'" });
        res.end(bytes);
    } catch {
        res.writeHead(404).end();
    }
}

createServer((req, res) => {
    const url = new URL(req.url, "http://mock");
    if (!url.pathname.startsWith("/api/v1/")) return void file(url.pathname, res);
    let text = "";
    req.on("data", (part) => (text += part));
    req.on("end", () => {
        const [status, value] = answer(req.method, url.pathname.slice(7), url.searchParams, text ? JSON.parse(text) : {});
        const type = status >= 400 ? "application/problem+json" : "application/json";
        res.writeHead(status, { "Content-Type": type, ETag: `"${now()}-${draft.size}"` });
        res.end(value === null ? undefined : JSON.stringify(value));
    });
}).listen(Number(port), "127.0.0.1", () => console.log(`mock on http://127.0.0.1:${port}`));
