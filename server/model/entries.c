/* See entries.h. Bodies were made by fg_model_parse, perhaps by an older version of the program;
 * what came later takes its default first, so that every getter finds its field. */
#include "server/model/entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/address.h"
#include "gateway/base/clock.h"
#include "server/model/field.h"
#include "server/model/model.h"

/* ---- reading a body; a wrong type sets `bad` ---- */

struct reader {
    const json_t *body;
    bool bad;
};

static const json_t *member(struct reader *r, const char *name)
{
    const json_t *v = json_object_get(r->body, name);
    if (!v) r->bad = true;
    return v;
}

static bool get_bool(struct reader *r, const char *name)
{
    const json_t *v = member(r, name);
    if (!json_is_boolean(v)) r->bad = true;
    return json_is_true(v);
}

static uint32_t get_u32(struct reader *r, const char *name)
{
    const json_t *v = member(r, name);
    json_int_t n = json_integer_value(v);
    if (json_is_null(v)) return 0;
    if (!json_is_integer(v) || n < 0 || n > UINT32_MAX) r->bad = true;
    return (uint32_t)n;
}

static uint16_t get_u16(struct reader *r, const char *name)
{
    uint32_t n = get_u32(r, name);
    if (n > UINT16_MAX) r->bad = true;
    return (uint16_t)n;
}

/* NULL for null. */
static const char *get_text(struct reader *r, const char *name)
{
    const json_t *v = member(r, name);
    if (!json_is_string(v) && !json_is_null(v)) r->bad = true;
    return json_string_value(v);
}

static int64_t get_time(struct reader *r, const char *name)
{
    const char *text = get_text(r, name);
    int64_t ms = 0;
    if (text && fg_time_parse(text, &ms)) r->bad = true;
    return ms;
}

/* Index of the value among the names. */
static int get_choice(struct reader *r, const char *name, const char *const *names)
{
    const char *text = get_text(r, name);
    for (int i = 0; text && names[i]; i++)
        if (strcmp(text, names[i]) == 0) return i;
    r->bad = true;
    return 0;
}

static const char *const transports[] = {"tls", "tcp", "udp", NULL};
static const char *const needs[] = {"required", "optional", "not_supported", NULL};

/* The strings of a list, with `first` in front when it is given. The array is malloc'ed, the
 * strings are the body's. Never NULL but for memory. */
static const char **get_list(struct reader *r, const char *name, const char *first, size_t *n)
{
    const json_t *list = member(r, name);
    size_t count = json_array_size(list), at = 0;
    const char **array = calloc(count + 1, sizeof *array);
    if (!array) return NULL;
    if (!json_is_array(list)) r->bad = true;
    if (first) array[at++] = first;
    for (size_t i = 0; i < count; i++) {
        array[at] = json_string_value(json_array_get(list, i));
        if (!array[at++]) r->bad = true;
    }
    *n = at;
    return array;
}

/* ---- one function per kind ---- */

static int put_partner(struct fg_snapshot_builder *b, const char *key, struct reader *r,
                       const struct fg_entry *head)
{
    static const char *const types[] = {"federated", "public_verified", "public_unverified", NULL};
    static const char *const states[] = {"active", "suspended", "draining", NULL};
    char proxy[FG_DOMAIN_MAX];
    struct fg_partner v = {
        .entry = *head,
        .domain = key,
        .type = (enum fg_partner_type)get_choice(r, "partner_type", types),
        .tls = (enum fg_need)get_choice(r, "tls", needs),
        .sasl = (enum fg_need)get_choice(r, "sasl", needs),
        .dialback = get_bool(r, "dialback"),
        .keepalive = get_bool(r, "keepalive"),
        .connection_limit = get_u32(r, "connection_limit"),
        .state = (enum fg_partner_state)get_choice(r, "state", states),
        .valid_until_ms = get_time(r, "valid_until"),
    };
    const char *text = get_text(r, "proxy");
    if (text && fg_hostport_parse(text, proxy, &v.proxy_port)) r->bad = true;
    if (text) v.proxy_host = proxy;
    const char **domains = get_list(r, "additional_domains", key, &v.n_domains);
    if (!domains) return ENOMEM;
    v.domains = domains;
    int err = r->bad ? EINVAL : fg_snapshot_put_partner(b, &v);
    free(domains);
    return err;
}

static int put_policy(struct fg_snapshot_builder *b, const char *key, struct reader *r,
                      const struct fg_entry *head)
{
    const struct fg_policy_entry v = {
        .entry = *head,
        .identity = key,
        .federation_access = get_bool(r, "federation_access"),
        .xmpp_access = get_bool(r, "xmpp_access"),
        .public_cloud_access = get_bool(r, "public_cloud_access"),
        .outside_access = get_bool(r, "outside_access"),
    };
    return r->bad ? EINVAL : fg_snapshot_put_policy(b, &v);
}

static int put_user(struct fg_snapshot_builder *b, const char *key, struct reader *r,
                    const struct fg_entry *head)
{
    const struct fg_user v = {
        .entry = *head,
        .address = key,
        .display_name = get_text(r, "display_name"),
        .site = get_text(r, "site"),
        .policy = get_text(r, "policy"),
        .xmpp_excluded = get_bool(r, "xmpp_excluded"),
    };
    return r->bad ? EINVAL : fg_snapshot_put_user(b, &v);
}

static int put_site(struct fg_snapshot_builder *b, const char *key, struct reader *r,
                    const struct fg_entry *head)
{
    const struct fg_site v = {.entry = *head, .name = key, .xmpp_route = get_text(r, "xmpp_route")};
    return r->bad ? EINVAL : fg_snapshot_put_site(b, &v);
}

static int put_edge(struct fg_snapshot_builder *b, const char *key, struct reader *r,
                    const struct fg_entry *head)
{
    struct fg_edge v = {
        .entry = *head,
        .fqdn = key,
        .site = get_text(r, "site"),
        .srv_priority = get_u16(r, "srv_priority"),
        .srv_weight = get_u16(r, "srv_weight"),
    };
    const char **addresses = get_list(r, "addresses", NULL, &v.n_addresses);
    if (!addresses) return ENOMEM;
    v.addresses = addresses;
    int err = r->bad ? EINVAL : fg_snapshot_put_edge(b, &v);
    free(addresses);
    return err;
}

static int put_front_end(struct fg_snapshot_builder *b, const char *key, struct reader *r,
                         const struct fg_entry *head)
{
    const struct fg_front_end v = {
        .entry = *head,
        .name = key,
        .host = get_text(r, "host"),
        .port = get_u16(r, "port"),
        .transport = (enum fg_transport)get_choice(r, "transport", transports),
        .tls_name = get_text(r, "tls_name"),
        .site = get_text(r, "site"),
    };
    return r->bad ? EINVAL : fg_snapshot_put_front_end(b, &v);
}

static int put_domain(struct fg_snapshot_builder *b, const char *key, struct reader *r,
                      const struct fg_entry *head)
{
    struct fg_domain v = {.entry = *head, .domain = key};
    const char **names = get_list(r, "front_ends", NULL, &v.n_front_ends);
    if (!names) return ENOMEM;
    v.front_ends = names;
    int err = r->bad ? EINVAL : fg_snapshot_put_domain(b, &v);
    free(names);
    return err;
}

static int put_trust_anchor(struct fg_snapshot_builder *b, const char *key, struct reader *r,
                            const struct fg_entry *head)
{
    struct fg_trust_anchor v = {.entry = *head, .name = key, .pem = get_text(r, "pem")};
    const json_t *usage = member(r, "usage");
    for (size_t i = 0; i < json_array_size(usage); i++) {
        const char *u = json_string_value(json_array_get(usage, i));
        if (u && strcmp(u, "external") == 0) v.external = true;
        if (u && strcmp(u, "internal") == 0) v.internal = true;
    }
    return r->bad ? EINVAL : fg_snapshot_put_trust_anchor(b, &v);
}

static int put_assignment(struct fg_snapshot_builder *b, const char *key, struct reader *r,
                          const struct fg_entry *head)
{
    const struct fg_assignment v = {
        .entry = *head, .usage = key, .certificate = get_text(r, "certificate")};
    return r->bad ? EINVAL : fg_snapshot_put_assignment(b, &v);
}

/* ---- settings ---- */

enum { ADDRESS_ROOM = 64, LIST_MAX = 32 };

/* Listeners of one list, with the memory their addresses live in while the entry is made. */
struct listeners {
    struct fg_listener list[LIST_MAX];
    char addresses[LIST_MAX][ADDRESS_ROOM];
    size_t count;
};

static void add_listener(struct listeners *l, struct reader *r, const char *text,
                         const struct fg_listener *like)
{
    char address[FG_DOMAIN_MAX];
    struct fg_listener *to = &l->list[l->count];
    *to = *like;
    if (!text || fg_listen_parse(text, address, &to->port) || strlen(address) >= ADDRESS_ROOM) {
        r->bad = true;
        return;
    }
    memcpy(l->addresses[l->count], address, strlen(address) + 1);
    to->address = l->addresses[l->count];
    l->count++;
}

static void get_xmpp_listeners(struct reader *r, const char *name, enum fg_transport transport,
                               struct listeners *l)
{
    const struct fg_listener like = {.transport = transport};
    const json_t *list = member(r, name);
    if (json_array_size(list) > LIST_MAX) r->bad = true;
    for (size_t i = 0; !r->bad && i < json_array_size(list); i++)
        add_listener(l, r, json_string_value(json_array_get(list, i)), &like);
}

static void get_sip_listeners(struct reader *r, struct listeners *l)
{
    static const char *const client[] = {"required", "optional", NULL};
    const json_t *list = member(r, "sip");
    if (json_array_size(list) > LIST_MAX) r->bad = true;
    for (size_t i = 0; !r->bad && i < json_array_size(list); i++) {
        struct reader item = {.body = json_array_get(list, i)};
        const struct fg_listener like = {
            .transport = (enum fg_transport)get_choice(&item, "transport", transports),
            .client_certificate =
                (enum fg_client_certificate)get_choice(&item, "client_certificate", client),
        };
        add_listener(l, &item, get_text(&item, "address"), &like);
        r->bad = r->bad || item.bad;
    }
}

static void get_limits(struct reader *r, struct fg_settings *v)
{
    struct reader l = {.body = member(r, "limits")};
    v->limits.unauthenticated_per_address = get_u32(&l, "unauthenticated_per_address");
    v->limits.unauthenticated_total = get_u32(&l, "unauthenticated_total");
    v->limits.attempts_per_minute_per_address = get_u32(&l, "attempts_per_minute_per_address");
    v->limits.stanza_bytes = get_u32(&l, "stanza_bytes");
    v->limits.unauthenticated_bytes = get_u32(&l, "unauthenticated_bytes");
    v->limits.depth = get_u32(&l, "depth");
    v->limits.attributes = get_u32(&l, "attributes");
    v->limits.queue_per_partner = get_u32(&l, "queue_per_partner");
    v->limits.pending_verifications = get_u32(&l, "pending_verifications");
    r->bad = r->bad || l.bad;
}

static void get_tls(struct reader *r, struct fg_settings *v)
{
    static const char *const versions[] = {"1.2", "1.3", NULL};
    static const char *const presets[] = {"intermediate", "modern", NULL};
    struct reader t = {.body = member(r, "tls")};
    v->tls_min_version = (enum fg_tls_version)get_choice(&t, "min_version", versions);
    v->tls_preset = (enum fg_tls_preset)get_choice(&t, "preset", presets);
    r->bad = r->bad || t.bad;
}

static void get_body_log(struct reader *r, struct fg_settings *v)
{
    const json_t *log = member(r, "log_message_bodies");
    if (!json_is_object(log)) return;
    struct reader l = {.body = log};
    v->log_message_bodies = true;
    v->log_message_partner = get_text(&l, "partner");
    v->log_message_bodies_until_ms = get_time(&l, "until");
    r->bad = r->bad || l.bad;
}

static void get_audit_syslog(struct reader *r, struct fg_settings *v)
{
    static const char *const ways[] = {"off", "local", "udp", "tcp", "tls", NULL};
    const json_t *target = member(r, "audit_syslog");
    if (!json_is_object(target)) return;
    struct reader t = {.body = target};
    v->audit_syslog = (enum fg_audit_syslog)get_choice(&t, "transport", ways);
    v->audit_syslog_address = get_text(&t, "address");
    r->bad = r->bad || t.bad;
}

static int put_settings(struct fg_snapshot_builder *b, struct reader *r,
                        const struct fg_entry *head)
{
    static const char *const dnssec[] = {"off", "use", "require", NULL};
    struct listeners xmpp = {.count = 0}, direct = {.count = 0}, sip = {.count = 0};
    struct fg_settings v = {
        .entry = *head,
        .federation_enabled = get_bool(r, "federation_enabled"),
        .four_eyes = get_bool(r, "four_eyes"),
        .connection_limit = get_u32(r, "connection_limit"),
        .partner_connection_limit = get_u32(r, "partner_connection_limit"),
        .keepalive_interval_s = get_u32(r, "keepalive_interval"),
        .stream_establishment_timeout_s = get_u32(r, "stream_establishment_timeout"),
        .stream_inactivity_timeout_s = get_u32(r, "stream_inactivity_timeout"),
        .subscription_refresh_interval_s = get_u32(r, "subscription_refresh_interval"),
    };
    struct reader l = {.body = member(r, "listeners")}, d = {.body = member(r, "dns")};
    get_limits(r, &v);
    get_tls(r, &v);
    get_body_log(r, &v);
    get_audit_syslog(r, &v);
    get_xmpp_listeners(&l, "xmpp", FG_TCP, &xmpp);
    get_xmpp_listeners(&l, "xmpp_direct_tls", FG_TLS, &direct);
    get_sip_listeners(&l, &sip);
    v.xmpp = xmpp.list;
    v.n_xmpp = xmpp.count;
    v.xmpp_direct_tls = direct.list;
    v.n_xmpp_direct_tls = direct.count;
    v.sip = sip.list;
    v.n_sip = sip.count;
    v.dnssec = (enum fg_dnssec)get_choice(&d, "dnssec", dnssec);
    const char **servers = get_list(&d, "servers", NULL, &v.n_dns_servers);
    if (!servers) return ENOMEM;
    v.dns_servers = servers;
    int err = r->bad || l.bad || d.bad ? EINVAL : fg_snapshot_put_settings(b, &v);
    free(servers);
    return err;
}

static int put_any(struct fg_snapshot_builder *b, enum fg_kind kind, const char *key,
                   struct reader *r, const struct fg_entry *head)
{
    switch (kind) {
    case FG_KIND_SETTINGS:
        return put_settings(b, r, head);
    case FG_KIND_PARTNERS:
        return put_partner(b, key, r, head);
    case FG_KIND_POLICIES:
        return put_policy(b, key, r, head);
    case FG_KIND_USERS:
        return put_user(b, key, r, head);
    case FG_KIND_SITES:
        return put_site(b, key, r, head);
    case FG_KIND_EDGES:
        return put_edge(b, key, r, head);
    case FG_KIND_FRONT_ENDS:
        return put_front_end(b, key, r, head);
    case FG_KIND_DOMAINS:
        return put_domain(b, key, r, head);
    case FG_KIND_TRUST_ANCHORS:
        return put_trust_anchor(b, key, r, head);
    case FG_KIND_CERTIFICATE_ASSIGNMENTS:
        return put_assignment(b, key, r, head);
    case FG_KINDS:
        break;
    }
    return EINVAL;
}

int fg_model_put_entry(struct fg_snapshot_builder *b, enum fg_kind kind, const char *key,
                       const json_t *body)
{
    struct fg_entry head = {.key = NULL};
    if (!json_is_object(body)) return EINVAL;
    json_t *full = fg_model_complete(kind, body);
    char *text = full ? fg_model_canonical(full, head.hash) : NULL;
    struct reader r = {.body = full};
    int err = text ? put_any(b, kind, key, &r, &head) : ENOMEM;
    free(text);
    json_decref(full);
    return err;
}
