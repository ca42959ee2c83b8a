/* The fields of all ten kinds. The help texts are what the panel, GET /schema and OpenAPI show. */
#include "server/model/field.h"

#define END                                                                                        \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/* ---- shared pieces ---- */

static const struct fg_field note_fields[] = {
    {.name = "code",
     .type = FG_T_STRING,
     .flags = FG_READ_ONLY,
     .label = "Code",
     .help = "Stable name of the warning."},
    {.name = "message",
     .type = FG_T_TEXT,
     .flags = FG_READ_ONLY,
     .label = "Message",
     .help = "Cause and remedy."},
    END,
};
static const struct fg_field note = {
    .type = FG_T_OBJECT, .fields = note_fields, .label = "Warning", .help = "One warning."};

#define WARNINGS                                                                                   \
    {                                                                                              \
        .name = "warnings", .type = FG_T_LIST, .flags = FG_READ_ONLY, .items = &note,              \
        .label = "Warnings", .help = "What is allowed but worth knowing about these values."       \
    }
#define DESCRIPTION(help_text)                                                                     \
    {                                                                                              \
        .name = "description", .type = FG_T_TEXT, .preset = "\"\"", .max_length = 1000,            \
        .label = "Description", .help = help_text                                                  \
    }
#define SITE_REF(help_text)                                                                        \
    {                                                                                              \
        .name = "site", .type = FG_T_REF, .ref = FG_KIND_SITES, .flags = FG_NULLABLE,              \
        .label = "Site", .help = help_text                                                         \
    }

/* ---- partners ---- */

static const struct fg_choice partner_types[] = {
    {"federated", "Federated",
     "High trust, such as a business partner: contacts may add our users, see presence and "
     "status note, and write first."},
    {"public_verified", "Public verified",
     "A provider that vouches for its users: contacts may add our users, see presence and "
     "write first, but never see the status note."},
    {"public_unverified", "Public unverified",
     "A public provider: contacts may do nothing until our user has added them, and never see the "
     "status note."},
    {NULL, NULL, NULL},
};
static const struct fg_choice needs_tls[] = {
    {"required", "Required", "Without TLS there is no connection."},
    {"optional", "Optional", "TLS is used when both sides offer it."},
    {"not_supported", "Not supported", "TLS is never used; everything travels unencrypted."},
    {NULL, NULL, NULL},
};
static const struct fg_choice needs_sasl[] = {
    {"required", "Required", "The partner proves itself by its certificate."},
    {"optional", "Optional", "Certificates are used where they serve, dialback otherwise."},
    {"not_supported", "Not supported", "Certificates are never used to authenticate."},
    {NULL, NULL, NULL},
};
static const struct fg_choice partner_states[] = {
    {"active", "Active", "Messages pass."},
    {"suspended", "Suspended", "Nothing passes; streams are closed."},
    {"draining", "Draining", "What is under way may finish, nothing new begins."},
    {NULL, NULL, NULL},
};
static const struct fg_choice methods[] = {
    {"sasl_tls", "SASL over TLS", "Authenticated by certificate inside TLS: strongest."},
    {"dialback_tls", "TLS dialback", "Encrypted; identity by DNS."},
    {"dialback_tcp", "Dialback, unencrypted", "Unencrypted; identity by DNS: weakest."},
    {NULL, NULL, NULL},
};
static const struct fg_field method = {
    .type = FG_T_ENUM, .choices = methods, .label = "Method", .help = "One way of authenticating."};
static const struct fg_field additional_domain = {
    .type = FG_T_DOMAIN, .label = "Domain", .help = "A further domain of this partner."};

static const struct fg_field partner_fields[] = {
    DESCRIPTION("For yourselves, e.g. whom to call at the partner."),
    {.name = "additional_domains",
     .type = FG_T_LIST,
     .preset = "[]",
     .items = &additional_domain,
     .max_items = 5000,
     .flags = FG_DISTINCT,
     .label = "Additional domains",
     .help = "Further domains that belong to the same partner and follow the same rules."},
    {.name = "partner_type",
     .type = FG_T_ENUM,
     .preset = "\"public_unverified\"",
     .choices = partner_types,
     .label = "Partner type",
     .help = "What the partner's users may do before our user has agreed."},
    {.name = "tls",
     .type = FG_T_ENUM,
     .preset = "\"required\"",
     .choices = needs_tls,
     .label = "TLS negotiation",
     .help = "Whether connections to this partner are encrypted."},
    {.name = "sasl",
     .type = FG_T_ENUM,
     .preset = "\"required\"",
     .choices = needs_sasl,
     .label = "SASL negotiation",
     .help = "Whether the partner authenticates with its certificate (SASL EXTERNAL)."},
    {.name = "dialback",
     .type = FG_T_BOOL,
     .preset = "true",
     .label = "Support server dialback negotiation",
     .help =
         "Whether a partner may be recognised by asking the server that DNS names for its domain."},
    {.name = "keepalive",
     .type = FG_T_BOOL,
     .preset = "true",
     .label = "Keep-alive",
     .help = "Ping the partner when it is silent. Switch it off for servers that never answer."},
    {.name = "connection_limit",
     .type = FG_T_INTEGER,
     .flags = FG_NULLABLE,
     .min = 1,
     .max = 100000,
     .unit = "connections",
     .label = "Connection limit",
     .help = "Most simultaneous connections with this partner; empty: the general limit."},
    {.name = "proxy",
     .type = FG_T_STRING,
     .format = FG_F_HOSTPORT,
     .flags = FG_NULLABLE,
     .max_length = 262,
     .label = "Proxy",
     .help = "Host, or host:port, to connect to instead of what the partner's DNS says."},
    {.name = "state",
     .type = FG_T_ENUM,
     .preset = "\"active\"",
     .choices = partner_states,
     .label = "State",
     .help = "Stop a partner for a while without losing its settings."},
    {.name = "valid_until",
     .type = FG_T_DATETIME,
     .flags = FG_NULLABLE,
     .label = "Valid until",
     .help = "From this moment nothing passes any more; empty: for ever."},
    {.name = "review_date",
     .type = FG_T_DATE,
     .flags = FG_NULLABLE,
     .label = "Review date",
     .help = "When somebody should look at this agreement again."},
    {.name = "owner",
     .type = FG_T_STRING,
     .preset = "\"\"",
     .max_length = 200,
     .label = "Owner",
     .help = "Who answers for this agreement on our side."},
    {.name = "ticket",
     .type = FG_T_STRING,
     .preset = "\"\"",
     .max_length = 200,
     .label = "Ticket",
     .help = "The request or change this goes back to."},
    {.name = "methods",
     .type = FG_T_LIST,
     .flags = FG_READ_ONLY,
     .items = &method,
     .label = "Authentication methods",
     .help = "What results from TLS, SASL and dialback, strongest first."},
    WARNINGS,
    END,
};

/* ---- policies ---- */

static const struct fg_field policy_fields[] = {
    DESCRIPTION("What this policy is for."),
    {.name = "federation_access",
     .type = FG_T_BOOL,
     .preset = "false",
     .label = "Enable communications with federated users",
     .help = "Needed before XMPP partners can be allowed."},
    {.name = "xmpp_access",
     .type = FG_T_BOOL,
     .preset = "false",
     .label = "Enable communications with XMPP federated users",
     .help = "Lets the users of this policy talk to all XMPP partners; needs federation_access."},
    {.name = "public_cloud_access",
     .type = FG_T_BOOL,
     .preset = "false",
     .label = "Enable communications with public users",
     .help = "Kept for completeness; gates nothing in this gateway."},
    {.name = "outside_access",
     .type = FG_T_BOOL,
     .preset = "false",
     .label = "Enable communications with remote users",
     .help = "Kept for completeness; gates nothing in this gateway."},
    WARNINGS,
    END,
};

/* ---- users ---- */

static const struct fg_choice policy_reasons[] = {
    {"assigned_to_user", "Assigned", "The policy is assigned to the user."},
    {"policy_of_site", "Site", "The user's site has a policy."},
    {"global", "Global", "No nearer policy exists."},
    {NULL, NULL, NULL},
};
static const struct fg_field effective_fields[] = {
    {.name = "identity",
     .type = FG_T_STRING,
     .flags = FG_READ_ONLY,
     .label = "Policy",
     .help = "The policy that applies, as a whole."},
    {.name = "because",
     .type = FG_T_ENUM,
     .flags = FG_READ_ONLY,
     .choices = policy_reasons,
     .label = "Because",
     .help = "Which scope it comes from."},
    END,
};
static const struct fg_field user_fields[] = {
    {.name = "display_name",
     .type = FG_T_STRING,
     .preset = "\"\"",
     .max_length = 200,
     .label = "Display name",
     .help = "For finding people in lists."},
    SITE_REF("The user's site: for its policy and its route."),
    {.name = "policy",
     .type = FG_T_REF,
     .ref = FG_KIND_POLICIES,
     .flags = FG_NULLABLE,
     .label = "External access policy",
     .help = "A user policy; empty: automatic, from the site or global."},
    {.name = "xmpp_excluded",
     .type = FG_T_BOOL,
     .preset = "false",
     .label = "Excluded from XMPP",
     .help = "Nothing passes for this user, whatever the policy says."},
    {.name = "effective_policy",
     .type = FG_T_OBJECT,
     .flags = FG_READ_ONLY | FG_NULLABLE,
     .fields = effective_fields,
     .label = "Effective policy",
     .help = "The policy that applies to this user, and why."},
    END,
};

/* ---- topology ---- */

static const struct fg_field site_fields[] = {
    DESCRIPTION("What this site is."),
    {.name = "xmpp_route",
     .type = FG_T_REF,
     .ref = FG_KIND_EDGES,
     .flags = FG_NULLABLE,
     .label = "XMPP federation route",
     .help = "The edge through which the users of this site reach XMPP partners; empty: any."},
    END,
};

static const struct fg_field edge_address = {.type = FG_T_STRING,
                                             .format = FG_F_IP,
                                             .max_length = 45,
                                             .label = "Address",
                                             .help = "An IP address."};
static const struct fg_field edge_fields[] = {
    SITE_REF("The site the edge stands in."),
    {.name = "addresses",
     .type = FG_T_LIST,
     .preset = "[]",
     .items = &edge_address,
     .max_items = 64,
     .flags = FG_DISTINCT,
     .label = "Addresses",
     .help = "Public IP addresses of this edge, for the DNS records it needs."},
    {.name = "srv_priority",
     .type = FG_T_INTEGER,
     .preset = "10",
     .max = 65535,
     .label = "SRV priority",
     .help = "Lower is preferred by those who connect to us."},
    {.name = "srv_weight",
     .type = FG_T_INTEGER,
     .preset = "10",
     .max = 65535,
     .label = "SRV weight",
     .help = "Share among edges of the same priority."},
    END,
};

static const struct fg_choice sip_transports[] = {
    {"tls", "TLS", "Encrypted, both sides with certificates."},
    {"tcp", "TCP", "Unencrypted; the other side is known by its address only."},
    {"udp", "UDP", "Unencrypted; the other side is known by its address only."},
    {NULL, NULL, NULL},
};
static const struct fg_field front_end_fields[] = {
    {.name = "host",
     .type = FG_T_STRING,
     .format = FG_F_HOST,
     .flags = FG_MANDATORY,
     .max_length = 253,
     .label = "Host",
     .help = "Name or IP address of the SIP server."},
    {.name = "port",
     .type = FG_T_INTEGER,
     .preset = "5061",
     .min = 1,
     .max = 65535,
     .label = "Port",
     .help = "Where it listens for SIP."},
    {.name = "transport",
     .type = FG_T_ENUM,
     .preset = "\"tls\"",
     .choices = sip_transports,
     .label = "Transport",
     .help = "How this gateway and the server talk."},
    {.name = "tls_name",
     .type = FG_T_DOMAIN,
     .flags = FG_NULLABLE,
     .label = "Name in certificate",
     .help = "The name its certificate must carry, in both directions; empty: the host."},
    SITE_REF("The site the server stands in."),
    END,
};

static const struct fg_field front_end_ref = {.type = FG_T_REF,
                                              .ref = FG_KIND_FRONT_ENDS,
                                              .label = "Front end",
                                              .help = "A front end's name."};
static const struct fg_field domain_fields[] = {
    {.name = "front_ends",
     .type = FG_T_LIST,
     .preset = "[]",
     .items = &front_end_ref,
     .max_items = 64,
     .flags = FG_DISTINCT,
     .label = "Front ends",
     .help = "SIP servers for the users of this domain, in the order they are tried."},
    END,
};

/* ---- trust and certificates ---- */

static const struct fg_choice anchor_usages[] = {
    {"external", "External", "For the certificates of XMPP partners."},
    {"internal", "Internal", "For the certificates of SIP front ends."},
    {NULL, NULL, NULL},
};
static const struct fg_field anchor_usage = {
    .type = FG_T_ENUM, .choices = anchor_usages, .label = "Usage", .help = "Whom it vouches for."};
static const struct fg_field trust_anchor_fields[] = {
    {.name = "pem",
     .type = FG_T_PEM,
     .flags = FG_MANDATORY,
     .max_length = 262144,
     .label = "Certificates",
     .help = "One or more certificates of authorities, as PEM."},
    {.name = "usage",
     .type = FG_T_LIST,
     .preset = "[\"external\"]",
     .items = &anchor_usage,
     .max_items = 2,
     .flags = FG_DISTINCT,
     .label = "Usage",
     .help = "Whom these authorities vouch for."},
    END,
};

static const struct fg_field assignment_fields[] = {
    {.name = "certificate",
     .type = FG_T_STRING,
     .format = FG_F_CERT_ID,
     .flags = FG_MANDATORY,
     .max_length = 64,
     .label = "Certificate",
     .help = "Id of a certificate with its key: its SHA-256 in hex."},
    END,
};

/* ---- settings ---- */

#define LIMIT(n, lo, hi, def, u, l, h)                                                             \
    {                                                                                              \
        .name = n, .type = FG_T_INTEGER, .preset = def, .min = lo, .max = hi, .unit = u,           \
        .label = l, .help = h                                                                      \
    }

static const struct fg_field limit_fields[] = {
    LIMIT("unauthenticated_per_address", 1, 100000, "100", "connections",
          "Unauthenticated per address",
          "Connections from one address that have not proved a domain."),
    LIMIT("unauthenticated_total", 1, 1000000, "1000", "connections", "Unauthenticated in total",
          "Connections altogether that have not proved a domain."),
    LIMIT("attempts_per_minute_per_address", 0, 100000, "0", "connections per minute",
          "Attempts per minute", "New connections from one address in a minute; 0: not limited."),
    LIMIT("stanza_bytes", 10000, 10485760, "262144", "bytes", "Stanza size",
          "Longest stanza taken from a partner; XMPP asks for at least 10,000."),
    LIMIT("unauthenticated_bytes", 4096, 1048576, "10000", "bytes", "Size before authentication",
          "Longest element taken from somebody who has proved nothing yet."),
    LIMIT("depth", 8, 1000, "64", "levels", "Nesting", "Deepest nesting of elements in a stanza."),
    LIMIT("attributes", 8, 1000, "100", "attributes", "Attributes",
          "Most attributes of one element."),
    LIMIT("queue_per_partner", 1, 100000, "1000", "messages", "Queue",
          "Messages that may wait for a partner before new ones are refused."),
    LIMIT("pending_verifications", 1, 100000, "100", "verifications", "Pending verifications",
          "Dialback verifications that may be under way at once."),
    END,
};

static const struct fg_field xmpp_listener = {.type = FG_T_STRING,
                                              .format = FG_F_LISTEN,
                                              .max_length = 64,
                                              .label = "Address",
                                              .help = "IP address and port, e.g. [::]:5269."};
static const struct fg_choice client_certificates[] = {
    {"required", "Required", "Without a certificate there is no connection."},
    {"optional", "Optional", "Asked for; a sender without one is refused request by request."},
    {NULL, NULL, NULL},
};
static const struct fg_field sip_listener_fields[] = {
    {.name = "address",
     .type = FG_T_STRING,
     .format = FG_F_LISTEN,
     .flags = FG_MANDATORY,
     .max_length = 64,
     .label = "Address",
     .help = "IP address and port, e.g. [::]:23456."},
    {.name = "transport",
     .type = FG_T_ENUM,
     .preset = "\"tls\"",
     .choices = sip_transports,
     .label = "Transport",
     .help = "What is spoken on this port."},
    {.name = "client_certificate",
     .type = FG_T_ENUM,
     .preset = "\"required\"",
     .choices = client_certificates,
     .label = "Client certificate",
     .help = "Whether a front end must show its certificate; matters for TLS only."},
    END,
};
static const struct fg_field sip_listener = {.type = FG_T_OBJECT,
                                             .fields = sip_listener_fields,
                                             .label = "Listener",
                                             .help = "One SIP port."};
static const struct fg_field listener_fields[] = {
    {.name = "xmpp",
     .type = FG_T_LIST,
     .preset = "[\"[::]:5269\"]",
     .items = &xmpp_listener,
     .max_items = 32,
     .flags = FG_DISTINCT,
     .label = "XMPP",
     .help = "Where partners connect."},
    {.name = "xmpp_direct_tls",
     .type = FG_T_LIST,
     .preset = "[]",
     .items = &xmpp_listener,
     .max_items = 32,
     .flags = FG_DISTINCT,
     .label = "XMPP with direct TLS",
     .help = "Where partners connect with TLS from the first byte (XEP-0368)."},
    {.name = "sip",
     .type = FG_T_LIST,
     .preset = "[{\"address\":\"[::]:23456\",\"transport\":\"tls\","
               "\"client_certificate\":\"required\"}]",
     .items = &sip_listener,
     .max_items = 32,
     .label = "SIP",
     .help = "Where front ends connect."},
    END,
};

static const struct fg_choice dnssec_modes[] = {
    {"off", "Off", "Signatures are not looked at."},
    {"use", "Use", "Wrong signatures are refused, missing ones accepted."},
    {"require", "Require", "Only signed answers count."},
    {NULL, NULL, NULL},
};
static const struct fg_field dns_server = {.type = FG_T_STRING,
                                           .format = FG_F_IPPORT,
                                           .max_length = 64,
                                           .label = "Server",
                                           .help = "IP address, with a port if it is not 53."};
static const struct fg_field dns_fields[] = {
    {.name = "servers",
     .type = FG_T_LIST,
     .preset = "[]",
     .items = &dns_server,
     .max_items = 16,
     .flags = FG_DISTINCT,
     .label = "Name servers",
     .help = "Empty: those of the system."},
    {.name = "dnssec",
     .type = FG_T_ENUM,
     .preset = "\"use\"",
     .choices = dnssec_modes,
     .label = "DNSSEC",
     .help = "What signatures in DNS mean for us."},
    END,
};

static const struct fg_choice tls_versions[] = {
    {"1.2", "TLS 1.2", "TLS 1.2 and later."},
    {"1.3", "TLS 1.3", "TLS 1.3 only."},
    {NULL, NULL, NULL},
};
static const struct fg_choice tls_presets[] = {
    {"intermediate", "Intermediate",
     "Forward secrecy and authenticated ciphers; fits most servers."},
    {"modern", "Modern", "TLS 1.3 ciphers only."},
    {NULL, NULL, NULL},
};
static const struct fg_field tls_fields[] = {
    {.name = "min_version",
     .type = FG_T_ENUM,
     .preset = "\"1.2\"",
     .choices = tls_versions,
     .label = "Lowest version",
     .help = "Older versions are refused."},
    {.name = "preset",
     .type = FG_T_ENUM,
     .preset = "\"intermediate\"",
     .choices = tls_presets,
     .label = "Ciphers",
     .help = "Which ciphers are offered and accepted."},
    END,
};

static const struct fg_field body_log_fields[] = {
    {.name = "partner",
     .type = FG_T_REF,
     .ref = FG_KIND_PARTNERS,
     .flags = FG_NULLABLE,
     .label = "Partner",
     .help = "Only for this partner; empty: for all."},
    {.name = "until",
     .type = FG_T_DATETIME,
     .flags = FG_MANDATORY,
     .label = "Until",
     .help = "When it ends by itself; at most 24 hours ahead."},
    END,
};

static const struct fg_choice syslog_transports[] = {
    {"local", "Local", "The system's own log service, on this machine."},
    {"udp", "UDP", "Unencrypted and unconfirmed: what is lost on the way is not noticed."},
    {"tcp", "TCP", "Unencrypted, in order."},
    {"tls", "TLS", "Encrypted; the server's certificate must be trusted and name the address."},
    {NULL, NULL, NULL},
};
static const struct fg_field audit_syslog_fields[] = {
    {.name = "transport",
     .type = FG_T_ENUM,
     .flags = FG_MANDATORY,
     .choices = syslog_transports,
     .label = "Transport",
     .help = "How the rows travel."},
    {.name = "address",
     .type = FG_T_STRING,
     .format = FG_F_HOSTPORT,
     .flags = FG_NULLABLE,
     .max_length = 262,
     .label = "Address",
     .help = "Host, or host:port, of the syslog server; the port is 514 over UDP, 601 over TCP and "
             "6514 over TLS unless given. Empty for local."},
    END,
};

static const struct fg_field settings_fields[] = {
    {.name = "federation_enabled",
     .type = FG_T_BOOL,
     .preset = "false",
     .label = "Federation enabled",
     .help = "The main switch: while it is off, no XMPP or SIP port is open."},
    LIMIT("connection_limit", 1, 100000, "1000", "connections", "Connection limit",
          "Authenticated streams altogether."),
    LIMIT("partner_connection_limit", 1, 100000, "20", "connections", "Partner connection limit",
          "Authenticated streams with one partner."),
    LIMIT("keepalive_interval", 10, 86400, "300", "seconds", "Keep-alive interval",
          "After so much silence the partner is pinged; no answer closes the stream."),
    LIMIT("stream_establishment_timeout", 5, 3600, "60", "seconds", "Stream establishment timeout",
          "How long setting up a stream may take."),
    LIMIT("stream_inactivity_timeout", 30, 604800, "600", "seconds", "Stream inactivity timeout",
          "A stream without a message either way for so long is closed."),
    LIMIT("subscription_refresh_interval", 60, 604800, "28800", "seconds",
          "Subscription refresh interval",
          "How long a presence subscription lives without refresh. No effect yet: presence does "
          "not cross."),
    {.name = "limits",
     .type = FG_T_OBJECT,
     .fields = limit_fields,
     .label = "Limits",
     .help = "What strangers and partners may use up."},
    {.name = "listeners",
     .type = FG_T_OBJECT,
     .fields = listener_fields,
     .label = "Listeners",
     .help = "Addresses and ports that are open while federation is enabled."},
    {.name = "dns",
     .type = FG_T_OBJECT,
     .fields = dns_fields,
     .label = "DNS",
     .help = "How partners are found."},
    {.name = "tls",
     .type = FG_T_OBJECT,
     .fields = tls_fields,
     .label = "TLS",
     .help = "Versions and ciphers on all ports of the gateway."},
    {.name = "log_message_bodies",
     .type = FG_T_OBJECT,
     .flags = FG_NULLABLE,
     .fields = body_log_fields,
     .label = "Log message texts",
     .help = "Writes the texts of messages to the log for a short time, to find a fault. Mind "
             "privacy."},
    {.name = "four_eyes",
     .type = FG_T_BOOL,
     .preset = "false",
     .label = "Four eyes",
     .help = "A second administrator must approve each commit."},
    {.name = "audit_syslog",
     .type = FG_T_OBJECT,
     .flags = FG_NULLABLE,
     .fields = audit_syslog_fields,
     .label = "Forward the audit",
     .help =
         "Sends each row of the audit to a syslog server as well (RFC 5424), beginning with the "
         "commit that switches it on."},
    END,
};

/* ---- the kinds ---- */

#define KEY(n, t, l, h)                                                                            \
    {                                                                                              \
        .name = n, .type = t, .flags = FG_MANDATORY, .label = l, .help = h                         \
    }

static const struct fg_kind_table tables[FG_KINDS] = {
    [FG_KIND_SETTINGS] = {"Settings", END, settings_fields},
    [FG_KIND_PARTNERS] = {"XMPP Federated Partners",
                          KEY("domain", FG_T_DOMAIN, "Primary domain",
                              "The partner's XMPP domain. It cannot be changed later."),
                          partner_fields},
    [FG_KIND_POLICIES] = {"External Access Policies",
                          KEY("identity", FG_T_STRING, "Identity",
                              "global, site:NAME or user:NAME."),
                          policy_fields},
    [FG_KIND_USERS] = {"Users",
                       KEY("address", FG_T_STRING, "Address", "name@domain, without sip:."),
                       user_fields},
    [FG_KIND_SITES] = {"Sites", KEY("name", FG_T_STRING, "Name", "Name of the site."), site_fields},
    [FG_KIND_EDGES] = {"Edges", KEY("fqdn", FG_T_DOMAIN, "Name", "Full name of the edge in DNS."),
                       edge_fields},
    [FG_KIND_FRONT_ENDS] = {"Front Ends",
                            KEY("name", FG_T_STRING, "Name", "Name of the front end."),
                            front_end_fields},
    [FG_KIND_DOMAINS] = {"Domains",
                         KEY("domain", FG_T_DOMAIN, "Domain",
                             "A domain of ours, SIP and XMPP alike."),
                         domain_fields},
    [FG_KIND_TRUST_ANCHORS] = {"Trust Anchors",
                               KEY("name", FG_T_STRING, "Name", "Name of the trust anchor."),
                               trust_anchor_fields},
    [FG_KIND_CERTIFICATE_ASSIGNMENTS] = {"Certificate Assignments",
                                         KEY("usage", FG_T_STRING, "Usage",
                                             "external, internal, panel or external:DOMAIN."),
                                         assignment_fields},
};

const struct fg_kind_table *fg_model_table(enum fg_kind kind)
{
    return &tables[kind];
}
