// Example data, invented.
const ago = (s) => new Date(Date.now() - s * 1000).toISOString();
const inDays = (d) => new Date(Date.now() + d * 86400000).toISOString();

const base = { description: "", additional_domains: [], partner_type: "public_unverified", tls: "required", sasl: "required", dialback: false, keepalive: true, connection_limit: null, proxy: null, state: "active", valid_until: null, review_date: null, owner: "", ticket: "" };
const fail = (s, direction, cause, remedy) => ({ at: ago(s), direction, code: "cert_name_mismatch", cause, remedy });
const name = (d) => fail(120, "out", `Certificate has no name for ${d}`, "Ask them to add the bare domain to the certificate. Until then, dialback over TLS keeps the link encrypted.");

export const partners = {
    "northwind.example": { ...base, owner: "Li Wei", ticket: "CHG-2291" },
    "adatum.example": { ...base, partner_type: "federated", additional_domains: ["lists.adatum.example"] },
    "fabrikam.com": { ...base, description: "Fabrikam IT, +49 30 5550 114", partner_type: "federated", additional_domains: ["emea.fabrikam.com", "apac.fabrikam.com"], sasl: "optional", dialback: true, owner: "Anna Keller" },
    "wingtip.example": { ...base, partner_type: "federated", dialback: true },
    "litware.example": { ...base, partner_type: "public_verified", additional_domains: ["im.litware.example"], sasl: "optional", dialback: true },
    "proseware.example": { ...base, tls: "optional", dialback: true },
    "alpine-ski.example": { ...base, tls: "not_supported", sasl: "not_supported", dialback: true },
    "coho.example": { ...base, partner_type: "federated", state: "draining" },
    "margies.example": { ...base, sasl: "not_supported", dialback: true, additional_domains: ["travel.margies.example"] },
};

export const live = {
    "northwind.example": { state: "failing", last_success: ago(2280), last_failure: name("northwind.example"), streams: 3 },
    "adatum.example": { state: "failing", last_success: ago(90000), last_failure: fail(360, "in", "Refuses ours: certificate has no name for contoso.com", "Import a certificate that names contoso.com."), streams: 0 },
    "fabrikam.com": { state: "connected", last_success: ago(4), last_failure: null, streams: 4 },
    "wingtip.example": { state: "connected", last_success: ago(11), last_failure: fail(260000, "in", "Stream timed out", "Nothing to do."), streams: 2 },
    "litware.example": { state: "connected", last_success: ago(26), last_failure: null, streams: 2 },
    "proseware.example": { state: "connected", last_success: ago(70), last_failure: fail(18000, "out", "Fell back to unencrypted", "Set TLS to Required."), streams: 2 },
    "alpine-ski.example": { state: "connected", last_success: ago(130), last_failure: null, streams: 1 },
    "coho.example": { state: "draining", last_success: ago(540), last_failure: null, streams: 1 },
    "margies.example": { state: "idle", last_success: ago(7300), last_failure: null, streams: 0 },
};

const stream = (id, partner, direction, method, seconds, more = {}) => ({
    id, partner, remote_domain: partner, local_domain: "contoso.com", direction,
    peer_address: `198.51.100.${20 + id}:${direction === "in" ? 48112 + id : 5269}`,
    tls: method === "dialback_tcp" ? null : { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" },
    certificate: method === "dialback_tcp" ? null : { verdict: "trusted", names: [partner] },
    method, state: "open", since: ago(seconds), stanzas_in: 1204 - id * 7, stanzas_out: 88 + id, queue: 0, ...more,
});

export const streams = [
    stream(1, "northwind.example", "in", "sasl_tls", 11520),
    stream(2, "northwind.example", "in", "sasl_tls", 11460, { local_domain: "emea.contoso.com" }),
    stream(3, "northwind.example", "out", null, 120, { state: "negotiating", queue: 14, certificate: { verdict: "name mismatch", names: ["xmpp.northwind.example"] } }),
    stream(4, "fabrikam.com", "in", "sasl_tls", 80000),
    stream(5, "fabrikam.com", "out", "sasl_tls", 80000),
    stream(6, "litware.example", "out", "dialback_tls", 5000),
    stream(7, "alpine-ski.example", "in", "dialback_tcp", 400),
];

export const policies = {
    global: { description: "Everyone", federation_access: true, xmpp_access: true, public_cloud_access: false, outside_access: false },
    "site:Berlin": { description: "", federation_access: true, xmpp_access: false, public_cloud_access: false, outside_access: false },
};
export const users = { "mia.lang@contoso.com": { display_name: "Mia Lang", site: "Berlin", policy: null, xmpp_excluded: false } };
export const sites = { Berlin: { description: "Headquarters", xmpp_route: null } };
export const front_ends = { fe1: { host: "fe1.contoso.com", port: 5061, transport: "tls", tls_name: null, site: null } };
export const domains = { "contoso.com": { front_ends: ["fe1"] } };
export const certificates = [
    { id: "9f2c41d07be3".padEnd(64, "a"), friendly_name: "external", subject: "CN=sip.contoso.com", issuer: "R11, Let's Encrypt", names: ["sip.contoso.com", "contoso.com"], not_before: ago(7000000), not_after: inDays(6), has_key: true },
    { id: "77ab10c2".padEnd(64, "b"), friendly_name: "panel", subject: "CN=panel.contoso.com", issuer: "Contoso CA", names: ["panel.contoso.com"], not_before: ago(7000000), not_after: inDays(24), has_key: true },
    { id: "0c9d1e".padEnd(64, "c"), friendly_name: "internal", subject: "CN=edge1.contoso.com", issuer: "Contoso CA", names: ["edge1.contoso.com"], not_before: ago(7000000), not_after: inDays(211), has_key: true },
];
export const certificate_assignments = { external: { certificate: certificates[0].id }, panel: { certificate: certificates[1].id }, internal: { certificate: certificates[2].id } };
export const revisions = [
    { revision: 41, author: "Anna Keller", comment: "Draining coho.example, contract ends 30 Nov", created_at: ago(7200), changes: [{ op: "put", kind: "partners", key: "coho.example", before: base, after: { ...base, state: "draining" } }] },
    { revision: 40, author: "Tomás Ruiz", comment: "Site Berlin: own policy, XMPP still off", created_at: ago(90000), changes: [{ op: "put", kind: "policies", key: "site:Berlin", before: null, after: policies["site:Berlin"] }] },
    { revision: 39, author: "Anna Keller", comment: "proseware.example: TLS optional until they upgrade", created_at: ago(400000), changes: [] },
    { revision: 38, author: "Li Wei", comment: "Northwind added, ticket CHG-2291", created_at: ago(640000), changes: [] },
];
