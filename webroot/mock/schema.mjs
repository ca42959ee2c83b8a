// A shortened field table, in the shape that GET /schema answers.
const f = (name, type, label, help, more = {}) => ({ name, type, label, help, ...more });
const need = [
    { value: "required", label: "Required" },
    { value: "optional", label: "Optional" },
    { value: "not_supported", label: "Not supported" },
];
const transport = [
    { value: "tls", label: "TLS" },
    { value: "tcp", label: "TCP" },
    { value: "udp", label: "UDP" },
];
const text = (name, label, help = "") => f(name, "string", label, help, { default: "", max_length: 200 });
const bool = (name, label, help, standard = false) => f(name, "bool", label, help, { default: standard });
const whole = (name, label, help, standard, min, max, unit) => f(name, "integer", label, help, { default: standard, min, max, unit });
const address = (name, label, standard) =>
    f(name, "list", label, "Address and port, such as [::]:5269.", { default: standard, items: f("", "string", "Address", "") });

const listeners = f("listeners", "object", "Listeners", "Addresses that are open while federation is enabled.", {
    fields: [
        address("xmpp", "XMPP", ["[::]:5269"]),
        address("xmpp_direct_tls", "XMPP, direct TLS", []),
        f("sip", "list", "SIP", "", {
            default: [{ address: "[::]:23456", transport: "tls", client_certificate: "required" }],
            items: f("", "object", "Listener", "", {
                fields: [
                    f("address", "string", "Address", "", { required: true }),
                    f("transport", "enum", "Transport", "", { enum: transport, default: "tls" }),
                    f("client_certificate", "enum", "Client certificate", "", {
                        enum: [
                            { value: "required", label: "Required" },
                            { value: "optional", label: "Optional" },
                            { value: "none", label: "None" },
                        ],
                        default: "required",
                    }),
                ],
            }),
        }),
    ],
    default: {
        xmpp: ["[::]:5269"],
        xmpp_direct_tls: [],
        sip: [{ address: "[::]:23456", transport: "tls", client_certificate: "required" }],
    },
});

const limits = f("limits", "object", "Limits", "All may be changed live.", {
    fields: [
        whole("unauthenticated_per_address", "Unauthenticated, per address", "", 100, 1, 100000),
        whole("attempts_per_minute_per_address", "Attempts a minute, per address", "0 switches it off.", 0, 0, 100000),
        whole("stanza_bytes", "Largest stanza", "", 262144, 10000, 10485760, "bytes"),
        whole("queue_per_partner", "Queue, per partner", "", 1000, 1, 100000),
    ],
    default: { unauthenticated_per_address: 100, attempts_per_minute_per_address: 0, stanza_bytes: 262144, queue_per_partner: 1000 },
});

export const schema = {
    kinds: {
        partners: {
            title: "XMPP Federated Partners",
            key: { name: "domain", label: "Primary domain", help: "" },
            fields: [
                text("description", "Description"),
                f("additional_domains", "list", "Additional domains", "", { default: [], items: f("", "domain", "Domain", "") }),
                f("partner_type", "enum", "Partner type", "", {
                    default: "public_unverified",
                    enum: [
                        { value: "federated", label: "Federated" },
                        { value: "public_verified", label: "Public, verified" },
                        { value: "public_unverified", label: "Public, unverified" },
                    ],
                }),
                f("tls", "enum", "TLS", "", { enum: need, default: "required" }),
                f("sasl", "enum", "SASL", "", { enum: need, default: "required" }),
                bool("dialback", "Server dialback", "", true),
                bool("keepalive", "Keep-alive", "", true),
                f("connection_limit", "integer", "Connection limit", "", { nullable: true, default: null, min: 1, max: 100000 }),
                f("proxy", "string", "Proxy", "", { nullable: true, default: null }),
                f("state", "enum", "State", "", {
                    default: "active",
                    enum: [
                        { value: "active", label: "Active" },
                        { value: "suspended", label: "Suspended" },
                        { value: "draining", label: "Draining" },
                    ],
                }),
                f("valid_until", "date", "Valid until", "", { nullable: true, default: null }),
                f("review_date", "date", "Review on", "", { nullable: true, default: null }),
                text("owner", "Owner"),
                text("ticket", "Ticket"),
                f("methods", "list", "Methods", "", { read_only: true, items: f("", "string", "", "") }),
                f("warnings", "list", "Warnings", "", { read_only: true, items: f("", "object", "", "") }),
            ],
        },
        policies: {
            title: "External Access Policy",
            key: { name: "identity", label: "Identity", help: "global, site:NAME or user:NAME." },
            fields: [
                text("description", "Description"),
                bool("federation_access", "Federated users", "Our users may communicate with other organisations."),
                bool("xmpp_access", "XMPP federated users", "Needs the one above."),
                bool("public_cloud_access", "Public users", "Kept for completeness; it gates nothing here."),
                bool("outside_access", "Remote users", "Kept for completeness; it gates nothing here."),
            ],
        },
        users: {
            title: "Users",
            key: { name: "address", label: "Address", help: "name@domain, without sip:." },
            fields: [
                text("display_name", "Display name"),
                f("site", "ref", "Site", "", { nullable: true, default: null, ref: "sites" }),
                f("policy", "ref", "Policy", "Empty: automatic.", { nullable: true, default: null, ref: "policies" }),
                bool("xmpp_excluded", "Excluded from XMPP", ""),
            ],
        },
        sites: { title: "Sites", key: { name: "name", label: "Name" }, fields: [text("description", "Description"), f("xmpp_route", "ref", "XMPP route", "An edge.", { nullable: true, default: null, ref: "edges" })] },
        edges: { title: "Edges", key: { name: "fqdn", label: "Name" }, fields: [f("site", "ref", "Site", "", { nullable: true, default: null, ref: "sites" }), whole("srv_priority", "SRV priority", "", 0, 0, 65535), whole("srv_weight", "SRV weight", "", 0, 0, 65535)] },
        front_ends: {
            title: "Front Ends",
            key: { name: "name", label: "Name", help: "What you call it." },
            fields: [
                f("host", "string", "Host", "Name or address.", { required: true, default: "" }),
                whole("port", "Port", "", 5061, 1, 65535),
                f("transport", "enum", "Transport", "", { enum: transport, default: "tls" }),
                f("tls_name", "domain", "Name in its certificate", "Empty: the host.", { nullable: true, default: null }),
                f("site", "ref", "Site", "", { nullable: true, default: null, ref: "sites" }),
            ],
        },
        domains: {
            title: "Domains",
            key: { name: "domain", label: "SIP domain", help: "The part after the @ of your users' addresses." },
            fields: [f("front_ends", "list", "Front ends", "Tried in this order.", { default: [], items: f("", "ref", "Front end", "", { ref: "front_ends" }) })],
        },
        trust_anchors: {
            title: "Trust",
            key: { name: "name", label: "Name" },
            fields: [
                f("pem", "pem", "Certificate", "", { required: true, default: "" }),
                f("usage", "list", "Used for", "", { default: ["external"], items: f("", "enum", "", "", { enum: [{ value: "external", label: "Partners" }, { value: "internal", label: "Front ends" }] }) }),
            ],
        },
        certificate_assignments: { title: "Certificate assignments", key: { name: "usage", label: "Usage" }, fields: [f("certificate", "string", "Certificate", "", { required: true })] },
        settings: {
            title: "Settings",
            key: null,
            fields: [
                bool("federation_enabled", "Federation enabled", "The global switch; while it is off no XMPP or SIP port is open."),
                whole("connection_limit", "Connection limit", "Authenticated streams in all.", 1000, 1, 100000),
                whole("partner_connection_limit", "Connection limit, per partner", "", 20, 1, 100000),
                whole("keepalive_interval", "Keep-alive interval", "After so much silence we ping.", 300, 10, 86400, "s"),
                whole("stream_inactivity_timeout", "Inactivity timeout", "", 600, 10, 86400, "s"),
                limits,
                listeners,
                f("dns", "object", "DNS", "", {
                    fields: [
                        f("servers", "list", "Servers", "Empty: the system's.", { default: [], items: f("", "string", "Server", "") }),
                        f("dnssec", "enum", "DNSSEC", "", { default: "use", enum: [{ value: "off", label: "Off" }, { value: "use", label: "Use" }, { value: "require", label: "Require" }] }),
                    ],
                    default: { servers: [], dnssec: "use" },
                }),
                f("log_message_bodies", "object", "Log message bodies", "At most 24 h ahead.", { nullable: true, default: null, fields: [f("partner", "domain", "Partner", "", { nullable: true, default: null }), f("until", "datetime", "Until", "", { required: true })] }),
                bool("four_eyes", "Four-eyes rule", "A second person approves each commit."),
            ],
        },
    },
};
