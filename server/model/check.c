/* Rules between the fields of one object. */
#include <stdio.h>
#include <string.h>

#include "gateway/address.h"
#include "gateway/base/clock.h"
#include "server/model/field.h"

enum { BODY_LOG_MAX_MS = 24 * 60 * 60 * 1000, LISTENERS_MAX = 128, LISTENER_TEXT = 80 };

bool fg_model_terms(const json_t *body, struct fg_terms *out)
{
    const char *tls = fg_json_text(body, "tls"), *sasl = fg_json_text(body, "sasl");
    const json_t *dialback = json_object_get(body, "dialback");
    enum fg_need t, s;
    if (!tls || !sasl || !json_is_boolean(dialback)) return false;
    if (fg_need_parse(tls, &t) || fg_need_parse(sasl, &s)) return false;
    *out = fg_negotiation(t, s, json_is_true(dialback));
    return true;
}

static void check_partner(const char *key, const json_t *body, const struct fg_path *root,
                          struct fg_problems *problems)
{
    struct fg_terms t;
    if (fg_model_terms(body, &t) && !t.valid) {
        const struct fg_path at = {.up = root, .name = t.sasl == FG_NOT_SUPPORTED ? "sasl" : "tls"};
        fg_path_problem(&at, problems, t.problem.code, "%s", t.problem.message);
    }
    const json_t *more = json_object_get(body, "additional_domains");
    const struct fg_path list = {.up = root, .name = "additional_domains"};
    for (size_t i = 0; i < json_array_size(more); i++) {
        const struct fg_path at = {.up = &list, .index = i};
        const char *domain = json_string_value(json_array_get(more, i));
        if (domain && strcmp(domain, key) == 0)
            fg_path_problem(&at, problems, "duplicate", "This is the primary domain already.");
    }
}

static void check_policy(const json_t *body, const struct fg_path *root,
                         struct fg_problems *problems)
{
    const struct fg_path at = {.up = root, .name = "xmpp_access"};
    if (json_is_true(json_object_get(body, "xmpp_access")) &&
        json_is_false(json_object_get(body, "federation_access")))
        fg_path_problem(&at, problems, "needs_federation_access",
                        "xmpp_access works only together with federation_access. Enable both.");
}

static void check_user(const json_t *body, const struct fg_path *root, struct fg_problems *problems)
{
    const struct fg_path at = {.up = root, .name = "policy"};
    const char *policy = fg_json_text(body, "policy");
    if (policy && strncmp(policy, "user:", 5) != 0)
        fg_path_problem(
            &at, problems, "not_a_user_policy",
            "Only a policy of the form user:NAME can be assigned to a user; site and global "
            "policies apply by themselves.");
}

/* The name in the certificate is the host unless something else is said; the same said twice is
 * kept as "the host", so that it follows when the host changes. */
static void check_front_end(json_t *body, const struct fg_path *root, struct fg_problems *problems)
{
    const char *host = fg_json_text(body, "host"), *name = fg_json_text(body, "tls_name");
    const char *transport = fg_json_text(body, "transport");
    char domain[FG_DOMAIN_MAX];
    if (host && name && strcmp(host, name) == 0) {
        json_object_set_new(body, "tls_name", json_null());
        return;
    }
    if (!host || name || !transport || strcmp(transport, "tls") != 0) return;
    if (fg_domain_prepare(host, strlen(host), domain) == 0) return;
    const struct fg_path at = {.up = root, .name = "tls_name"};
    fg_path_problem(&at, problems, "required",
                    "The host is an IP address, so the name in its certificate must be given.");
}

static void check_trust_anchor(const json_t *body, const struct fg_path *root,
                               struct fg_problems *problems)
{
    const struct fg_path at = {.up = root, .name = "usage"};
    const json_t *usage = json_object_get(body, "usage");
    if (json_is_array(usage) && json_array_size(usage) == 0)
        fg_path_problem(&at, problems, "required",
                        "Give at least one usage: external or internal.");
}

/* ---- settings ---- */

struct seen {
    char text[LISTENERS_MAX][LISTENER_TEXT];
    size_t count;
};

/* The same address and port twice cannot be opened; UDP has ports of its own. */
static void check_listener(struct seen *seen, const char *address, bool udp,
                           const struct fg_path *at, struct fg_problems *problems)
{
    size_t n = address ? strlen(address) : 0;
    if (n < 2 || strcmp(address + n - 2, ":0") == 0 || seen->count == LISTENERS_MAX) return;
    char *text = seen->text[seen->count];
    snprintf(text, LISTENER_TEXT, "%s %s", udp ? "udp" : "tcp", address);
    for (size_t i = 0; i < seen->count; i++) {
        if (strcmp(seen->text[i], text) != 0) continue;
        fg_path_problem(at, problems, "duplicate", "Another listener has this address and port.");
        return;
    }
    seen->count++;
}

static void check_listeners(const json_t *listeners, const struct fg_path *root,
                            struct fg_problems *problems)
{
    static const char *const lists[] = {"xmpp", "xmpp_direct_tls", "sip"};
    struct seen seen = {.count = 0};
    for (size_t k = 0; k < sizeof lists / sizeof lists[0]; k++) {
        const struct fg_path list = {.up = root, .name = lists[k]};
        const json_t *items = json_object_get(listeners, lists[k]);
        for (size_t i = 0; i < json_array_size(items); i++) {
            const struct fg_path at = {.up = &list, .index = i};
            const json_t *item = json_array_get(items, i);
            const char *transport = fg_json_text(item, "transport");
            const char *address =
                json_is_object(item) ? fg_json_text(item, "address") : json_string_value(item);
            check_listener(&seen, address, transport && strcmp(transport, "udp") == 0, &at,
                           problems);
        }
    }
}

static void check_body_log(const json_t *log, int64_t now_ms, const struct fg_path *root,
                           struct fg_problems *problems)
{
    const struct fg_path up = {.up = root, .name = "log_message_bodies"};
    const struct fg_path at = {.up = &up, .name = "until"};
    const char *until = fg_json_text(log, "until");
    int64_t ms;
    if (until && fg_time_parse(until, &ms) == 0 && ms > now_ms + BODY_LOG_MAX_MS)
        fg_path_problem(&at, problems, "range",
                        "Message texts may be logged for 24 hours at most.");
}

/* Was a fault found at this place already? */
static bool faulty(const struct fg_problems *problems, const struct fg_path *at)
{
    char pointer[FG_POINTER_MAX];
    fg_path_print(at, pointer);
    for (size_t i = 0; i < problems->count; i++)
        if (strcmp(problems->items[i].pointer, pointer) == 0) return true;
    return false;
}

static void check_audit_syslog(const json_t *target, const struct fg_path *root,
                               struct fg_problems *problems)
{
    const struct fg_path up = {.up = root, .name = "audit_syslog"};
    const struct fg_path at = {.up = &up, .name = "address"};
    const char *transport = fg_json_text(target, "transport");
    const char *address = fg_json_text(target, "address");
    if (!transport) return;
    bool local = strcmp(transport, "local") == 0;
    if (local && address)
        fg_path_problem(&at, problems, "value",
                        "The local log service has no address. Leave it empty, or choose udp, tcp "
                        "or tls.");
    if (!local && !address && !faulty(problems, &at))
        fg_path_problem(&at, problems, "required",
                        "Give the syslog server's host, or choose the transport local.");
}

static void check_settings(const json_t *body, int64_t now_ms, const struct fg_path *root,
                           struct fg_problems *problems)
{
    const struct fg_path listeners = {.up = root, .name = "listeners"};
    check_listeners(json_object_get(body, "listeners"), &listeners, problems);
    check_body_log(json_object_get(body, "log_message_bodies"), now_ms, root, problems);
    check_audit_syslog(json_object_get(body, "audit_syslog"), root, problems);
    const struct fg_path tls = {.up = root, .name = "tls"},
                         at = {.up = &tls, .name = "min_version"};
    const json_t *t = json_object_get(body, "tls");
    const char *version = fg_json_text(t, "min_version"), *preset = fg_json_text(t, "preset");
    if (version && preset && strcmp(preset, "modern") == 0 && strcmp(version, "1.3") != 0)
        fg_path_problem(&at, problems, "value", "The modern preset needs min_version 1.3.");
}

void fg_model_check(enum fg_kind kind, const char *key, json_t *body, int64_t now_ms,
                    const struct fg_path *root, struct fg_problems *problems)
{
    switch (kind) {
    case FG_KIND_SETTINGS:
        check_settings(body, now_ms, root, problems);
        break;
    case FG_KIND_PARTNERS:
        check_partner(key, body, root, problems);
        break;
    case FG_KIND_POLICIES:
        check_policy(body, root, problems);
        break;
    case FG_KIND_USERS:
        check_user(body, root, problems);
        break;
    case FG_KIND_FRONT_ENDS:
        check_front_end(body, root, problems);
        break;
    case FG_KIND_TRUST_ANCHORS:
        check_trust_anchor(body, root, problems);
        break;
    case FG_KIND_SITES:
    case FG_KIND_EDGES:
    case FG_KIND_DOMAINS:
    case FG_KIND_CERTIFICATE_ASSIGNMENTS:
    case FG_KINDS:
        break;
    }
}
