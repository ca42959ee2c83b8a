/* See lync.h. Names of members and values on the left are those of the cmdlets. */
#include "server/import/lync.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/address.h"
#include "gateway/negotiation.h"
#include "server/model/model.h"

enum { FINDINGS_MAX = 20000, MESSAGE = 600, TEXT = 1400 };

struct lync {
    json_t *findings, *values;
    json_t *seen;    /* "kind/key" of what was taken */
    json_t *domains; /* domain → partner */
    int64_t now_ms;
    size_t record; /* from 1 */
    const char *kind;
    char key[FG_MODEL_KEY_MAX];
    bool homes_told, cut_over_told, suspended;
};

__attribute__((format(printf, 4, 5))) static void find(struct lync *l, const char *severity,
                                                       const char *code, const char *fmt, ...)
{
    char message[MESSAGE];
    va_list ap;
    if (json_array_size(l->findings) >= FINDINGS_MAX) return;
    va_start(ap, fmt);
    vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    json_t *text = json_string(message);
    if (!text) text = json_string("(a text that is cut within a character)");
    json_array_append_new(l->findings,
                          json_pack("{s:s,s:s,s:I,s:s?,s:s?,s:o}", "severity", severity, "code",
                                    code, "record", (json_int_t)l->record, "kind", l->kind, "key",
                                    *l->key ? l->key : NULL, "message", text));
}

/* ---- members, whatever form they have ---- */

static json_t *member(const json_t *record, const char *name)
{
    json_t *o = (json_t *)(uintptr_t)record, *value = json_object_get(o, name);
    const char *key;
    if (value) return value;
    json_object_foreach(o, key, value) if (strcasecmp(key, name) == 0) return value;
    return NULL;
}

/* The text of a member in `out`; false when it has none. Objects tell their name. */
static bool text_of(const json_t *value, char out[TEXT])
{
    static const char *const names[] = {"FriendlyName", "Name", "ToString", "value", "Identity"};
    *out = 0;
    if (json_is_string(value)) snprintf(out, TEXT, "%s", json_string_value(value));
    if (json_is_integer(value)) snprintf(out, TEXT, "%lld", json_integer_value(value));
    for (size_t i = 0; json_is_object(value) && !*out && i < sizeof names / sizeof *names; i++) {
        const char *s = json_string_value(json_object_get(value, names[i]));
        if (s) snprintf(out, TEXT, "%s", s);
    }
    return *out != 0;
}

static bool text(const json_t *record, const char *name, char out[TEXT])
{
    return text_of(member(record, name), out);
}

/* 1, 0, or -1 when it is not there or says something else. */
static int truth(const json_t *record, const char *name)
{
    char s[TEXT];
    const json_t *value = member(record, name);
    if (json_is_boolean(value)) return json_is_true(value);
    if (!text_of(value, s)) return -1;
    if (strcasecmp(s, "true") == 0 || strcmp(s, "1") == 0) return 1;
    return strcasecmp(s, "false") == 0 || strcmp(s, "0") == 0 ? 0 : -1;
}

static void set_truth(json_t *value, const char *name, int truth)
{
    if (truth >= 0) json_object_set_new(value, name, json_boolean(truth));
}

static void set_text(json_t *value, const char *name, const json_t *record, const char *from)
{
    char s[TEXT];
    if (text(record, from, s)) json_object_set_new(value, name, json_string(s));
}

static bool number(const json_t *record, const char *name, json_int_t *out)
{
    char s[TEXT], *end;
    if (!text(record, name, s)) return false;
    errno = 0;
    *out = strtoll(s, &end, 10);
    return !*end && !errno;
}

struct word {
    const char *theirs, *ours;
};

/* True when the member is absent or was understood. */
static bool set_word(struct lync *l, json_t *value, const char *name, const json_t *record,
                     const char *from, const struct word *words)
{
    char s[TEXT];
    if (!text(record, from, s)) return true;
    for (; words->theirs; words++) {
        if (strcasecmp(words->theirs, s)) continue;
        json_object_set_new(value, name, json_string(words->ours));
        return true;
    }
    if (strspn(s, "0123456789") == strlen(s))
        find(l, "error", "enum_number",
             "%s is the number %s: the export lost its name. Export again with Export-Csv or "
             "Export-Clixml.",
             from, s);
    else
        find(l, "error", "enum_unknown", "%s has a value that is not known: %.100s.", from, s);
    return false;
}

/* ---- taking what was read ---- */

/* Puts the change on the list when the object's own rules allow it. */
static void take(struct lync *l, enum fg_kind kind, enum fg_change_op op, json_t *value)
{
    struct fg_problems problems;
    fg_problems_init(&problems);
    json_t *before = op == FG_CHANGE_PATCH ? fg_model_default(kind, l->key) : NULL;
    json_t *body = fg_model_parse(kind, l->key, op == FG_CHANGE_PUT ? FG_MODEL_PUT : FG_MODEL_PATCH,
                                  value, before, l->now_ms, "", &problems);
    for (size_t i = 0; i < problems.count; i++)
        find(l, "error", problems.items[i].code, "%s: %s", problems.items[i].pointer,
             problems.items[i].message);
    if (body)
        json_array_append_new(l->values, json_pack("{s:i,s:i,s:s,s:O}", "kind", (int)kind, "op",
                                                   (int)op, "key", l->key, "value", value));
    fg_problems_free(&problems);
    json_decref(body);
    json_decref(before);
}

/* Names the object in `l`; false when it cannot be named or was there before. */
static bool name_object(struct lync *l, enum fg_kind kind, const char *raw)
{
    char name[TEXT + 64];
    struct fg_problems problems;
    fg_problems_init(&problems);
    l->kind = fg_kind_name(kind);
    bool good = fg_model_key_prepare(kind, raw, "", l->key, &problems) == 0;
    if (!good) {
        l->key[0] = 0;
        find(l, "error", "name", "%.200s: %s", raw,
             problems.count ? problems.items[0].message : "cannot be a name.");
    }
    fg_problems_free(&problems);
    if (!good) return false;
    snprintf(name, sizeof name, "%s/%s", l->kind, l->key);
    if (json_object_get(l->seen, name)) {
        find(l, "warning", "duplicate", "This one was there before; the first counts.");
        return false;
    }
    json_object_set_new(l->seen, name, json_true());
    return true;
}

/* ---- Get-CsXmppAllowedPartner ---- */

static void add_domain(struct lync *l, json_t *list, const char *raw)
{
    char domain[FG_DOMAIN_MAX];
    const char *owner;
    if (fg_domain_prepare(raw, strlen(raw), domain)) {
        find(l, "error", "domain", "The additional domain %.200s is no domain; it is left out.",
             raw);
        return;
    }
    owner = json_string_value(json_object_get(l->domains, domain));
    if (owner || strcmp(domain, l->key) == 0) {
        find(l, "warning", "duplicate", "The domain %s belongs to %s already; it is left out here.",
             domain, owner ? owner : l->key);
        return;
    }
    json_object_set_new(l->domains, domain, json_string(l->key));
    json_array_append_new(list, json_string(domain));
}

/* A list, a list wrapped in an object, one text, or texts joined by blanks or commas. */
static json_t *additional_domains(struct lync *l, const json_t *record)
{
    json_t *list = json_array();
    json_t *found = member(record, "AdditionalDomains"), *inner = json_object_get(found, "value");
    if (inner) found = inner;
    for (size_t i = 0; i < json_array_size(found); i++) {
        char s[TEXT];
        if (text_of(json_array_get(found, i), s)) add_domain(l, list, s);
    }
    const char *p = json_string_value(found);
    if (p && strncmp(p, "System.", 7) == 0) {
        find(l, "warning", "list_lost",
             "Export-Csv wrote the class of AdditionalDomains in place of the domains. Add them by "
             "hand, or export with Export-Clixml.");
        p = NULL;
    }
    while (p && *p) {
        char s[TEXT];
        size_t n = strcspn(p, " ,;\t{}");
        snprintf(s, sizeof s, "%.*s", (int)(n < TEXT ? n : TEXT - 1), p);
        if (*s) add_domain(l, list, s);
        p += n;
        p += strspn(p, " ,;\t{}");
    }
    return list;
}

/* What the three settings amount to; false when nothing could ever connect. */
static bool check_terms(struct lync *l, const json_t *value)
{
    static const char *const names[] = {"required", "optional", "not_supported"};
    enum fg_need need[2] = {FG_REQUIRED, FG_REQUIRED};
    const char *words[2] = {json_string_value(json_object_get(value, "tls")),
                            json_string_value(json_object_get(value, "sasl"))};
    for (int k = 0; k < 2; k++)
        for (int i = 0; words[k] && i < FG_NEEDS; i++)
            if (strcmp(names[i], words[k]) == 0) need[k] = (enum fg_need)i;
    struct fg_terms t =
        fg_negotiation(need[0], need[1], !json_is_false(json_object_get(value, "dialback")));
    if (!t.valid) {
        find(l, "error", "dead_combination", "Nothing can connect with these settings: %s",
             t.problem.message);
        return false;
    }
    for (size_t i = 0; i < t.n_warnings; i++)
        find(l, "warning", t.warnings[i].code, "%s", t.warnings[i].message);
    return true;
}

/* Two gateways for one partner: what both sides see, and in which order to change over. */
static void tell_cut_over(struct lync *l)
{
    if (l->cut_over_told) return;
    l->cut_over_told = true;
    find(l, "info", "cut_over",
         "While the old gateway serves a partner, keep that partner suspended here%s: a partner's "
         "server finds only one of the two. Cut over in this order: certificates and domains, "
         "policies and users, partners (suspended), commit; then route the partners' domains to "
         "this gateway on the SIP side, make the partners active and commit, and change the SRV "
         "records last (told once).",
         l->suspended ? ", as they are imported now" : "");
}

static void read_partner(struct lync *l, const json_t *record)
{
    static const struct word types[] = {{"Federated", "federated"},
                                        {"PublicVerified", "public_verified"},
                                        {"PublicUnverified", "public_unverified"},
                                        {NULL, NULL}};
    static const struct word needs[] = {{"Required", "required"},
                                        {"Optional", "optional"},
                                        {"NotSupported", "not_supported"},
                                        {NULL, NULL}};
    char s[TEXT];
    json_int_t limit;
    if (!text(record, "Domain", s) && !text(record, "Identity", s)) {
        l->kind = fg_kind_name(FG_KIND_PARTNERS);
        find(l, "error", "name", "A partner without Domain and Identity.");
        return;
    }
    if (!name_object(l, FG_KIND_PARTNERS, s)) return;
    const char *owner = json_string_value(json_object_get(l->domains, l->key));
    if (owner) {
        find(l, "error", "duplicate",
             "This domain is an additional domain of %s already; the partner is left out.", owner);
        return;
    }
    json_object_set_new(l->domains, l->key, json_string(l->key));
    json_t *value = json_object();
    json_object_set_new(value, "additional_domains", additional_domains(l, record));
    set_text(value, "description", record, "Description");
    set_text(value, "proxy", record, "ProxyFqdn");
    set_truth(value, "dialback", truth(record, "SupportDialbackNegotiation"));
    set_truth(value, "keepalive", truth(record, "EnableKeepAlive"));
    if (number(record, "ConnectionLimit", &limit) && limit > 0)
        json_object_set_new(value, "connection_limit", json_integer(limit));
    if (l->suspended) json_object_set_new(value, "state", json_string("suspended"));
    bool good = set_word(l, value, "partner_type", record, "PartnerType", types);
    good &= set_word(l, value, "tls", record, "TlsNegotiation", needs);
    good &= set_word(l, value, "sasl", record, "SaslNegotiation", needs);
    if (good && check_terms(l, value)) {
        take(l, FG_KIND_PARTNERS, FG_CHANGE_PUT, value);
        tell_cut_over(l);
    }
    json_decref(value);
}

/* ---- Get-CsXmppGatewayConfiguration ---- */

static void read_gateway(struct lync *l, const json_t *record)
{
    static const struct word numbers[] = {
        {"ConnectionLimit", "connection_limit"},
        {"PartnerConnectionLimit", "partner_connection_limit"},
        {"KeepAliveInterval", "keepalive_interval"},
        {"StreamEstablishmentTimeout", "stream_establishment_timeout"},
        {"StreamInactivityTimeout", "stream_inactivity_timeout"},
        {"SubscriptionRefreshInterval", "subscription_refresh_interval"},
        {NULL, NULL}};
    char s[TEXT];
    json_int_t n;
    if (!name_object(l, FG_KIND_SETTINGS, "settings")) return;
    json_t *value = json_object();
    for (const struct word *w = numbers; w->theirs; w++)
        if (number(record, w->theirs, &n)) json_object_set_new(value, w->ours, json_integer(n));
    if (text(record, "DialbackPassphrase", s))
        find(
            l, "info", "no_equivalent",
            "DialbackPassphrase is not taken over: this server makes a dialback secret of its own, "
            "and partners do not notice.");
    if (truth(record, "EnableLoggingAllMessageBodies") == 1)
        find(l, "warning", "no_equivalent",
             "EnableLoggingAllMessageBodies is not taken over: texts are logged only for a limited "
             "time, see log_message_bodies.");
    take(l, FG_KIND_SETTINGS, FG_CHANGE_PATCH, value);
    json_decref(value);
}

/* ---- Get-CsExternalAccessPolicy ---- */

/* "Global", "Site:Redmond", "Tag:FedPic" or "FedPic" as the name of a policy here. */
static void policy_name(const char *raw, char *out, size_t size)
{
    if (strcasecmp(raw, "global") == 0)
        snprintf(out, size, "global");
    else if (strncasecmp(raw, "site:", 5) == 0)
        snprintf(out, size, "site:%s", raw + 5);
    else
        snprintf(out, size, "user:%s", strncasecmp(raw, "tag:", 4) == 0 ? raw + 4 : raw);
}

/* A site policy stands beside its site. Who reads the changes leaves a site alone that exists. */
static void need_site(struct lync *l)
{
    char mark[FG_MODEL_KEY_MAX + 8], policy[FG_MODEL_KEY_MAX];
    const char *site = policy + strlen("site:");
    snprintf(policy, sizeof policy, "%s", l->key);
    snprintf(mark, sizeof mark, "sites/%s", site);
    if (json_object_get(l->seen, mark)) return;
    json_object_set_new(l->seen, mark, json_true());
    struct fg_problems problems;
    fg_problems_init(&problems);
    l->kind = fg_kind_name(FG_KIND_SITES);
    if (fg_model_key_prepare(FG_KIND_SITES, site, "", l->key, &problems) == 0) {
        json_t *nothing = json_object();
        find(l, "info", "site_needed",
             "The policy of this site needs the site: it is added unless it is there. Give it its "
             "route, and its users their site.");
        take(l, FG_KIND_SITES, FG_CHANGE_PUT, nothing);
        json_decref(nothing);
    }
    fg_problems_free(&problems);
}

static void tell_unused_access(struct lync *l, const json_t *record)
{
    static const char *const names[] = {"EnablePublicCloudAudioVideoAccess",
                                        "EnableAcsFederationAccess", "EnableTeamsConsumerAccess",
                                        "EnableTeamsConsumerInbound"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (truth(record, names[i]) == 1)
            find(l, "info", "no_equivalent", "%s has no equivalent here.", names[i]);
}

static void read_policy(struct lync *l, const json_t *record)
{
    char s[TEXT], name[TEXT + 8];
    if (!text(record, "Identity", s)) {
        l->kind = fg_kind_name(FG_KIND_POLICIES);
        find(l, "error", "name", "A policy without Identity.");
        return;
    }
    policy_name(s, name, sizeof name);
    if (!name_object(l, FG_KIND_POLICIES, name)) return;
    int federation = truth(record, "EnableFederationAccess");
    int xmpp = truth(record, "EnableXmppAccess");
    if (xmpp == 1 && federation != 1) {
        find(l, "warning", "dead_combination",
             "EnableXmppAccess without EnableFederationAccess lets nobody through; xmpp_access is "
             "left off.");
        xmpp = 0;
    }
    if (federation == 1 && xmpp != 1)
        find(l, "info", "no_xmpp",
             "Federation is on and XMPP is off: users of this policy reach no XMPP partner.");
    tell_unused_access(l, record);
    json_t *value = json_object();
    set_text(value, "description", record, "Description");
    set_truth(value, "federation_access", federation);
    set_truth(value, "xmpp_access", xmpp);
    set_truth(value, "public_cloud_access", truth(record, "EnablePublicCloudAccess"));
    set_truth(value, "outside_access", truth(record, "EnableOutsideAccess"));
    take(l, FG_KIND_POLICIES, FG_CHANGE_PUT, value);
    json_decref(value);
    if (strncmp(l->key, "site:", 5) == 0) need_site(l);
}

/* ---- Get-CsUser ---- */

static void read_user(struct lync *l, const json_t *record)
{
    char s[TEXT], policy[TEXT], name[TEXT + 8];
    if (!text(record, "SipAddress", s)) {
        l->kind = fg_kind_name(FG_KIND_USERS);
        find(l, "info", "no_address", "A user without SipAddress is left out.");
        return;
    }
    if (!name_object(l, FG_KIND_USERS, strncasecmp(s, "sip:", 4) == 0 ? s + 4 : s)) return;
    if (truth(record, "Enabled") == 0) {
        find(l, "info", "not_enabled", "The user is not enabled and is left out.");
        return;
    }
    json_t *value = json_object();
    set_text(value, "display_name", record, "DisplayName");
    if (text(record, "ExternalAccessPolicy", policy)) {
        policy_name(policy, name, sizeof name);
        if (strncmp(name, "user:", 5) == 0) json_object_set_new(value, "policy", json_string(name));
    }
    if (!l->homes_told && (text(record, "RegistrarPool", s) || text(record, "HomeServer", s))) {
        l->homes_told = true;
        find(l, "info", "no_equivalent",
             "Pools of users are not taken over: give users a site where a site policy or a route "
             "depends on it (told once).");
    }
    take(l, FG_KIND_USERS, FG_CHANGE_PUT, value);
    json_decref(value);
}

/* ---- the whole ---- */

struct form {
    void (*read)(struct lync *l, const json_t *record);
    const char *marks[5]; /* one of them is enough */
};

static const struct form forms[] = {
    {read_partner,
     {"SaslNegotiation", "TlsNegotiation", "SupportDialbackNegotiation", "PartnerType", NULL}},
    {read_gateway,
     {"PartnerConnectionLimit", "StreamEstablishmentTimeout", "StreamInactivityTimeout",
      "DialbackPassphrase", NULL}},
    {read_policy,
     {"EnableFederationAccess", "EnableXmppAccess", "EnablePublicCloudAccess",
      "EnableOutsideAccess", NULL}},
    {read_user, {"SipAddress", "ExternalAccessPolicy", NULL}},
};

static void read_record(struct lync *l, const json_t *record)
{
    l->kind = NULL;
    l->key[0] = 0;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        for (const char *const *mark = forms[i].marks; *mark; mark++)
            if (member(record, *mark)) {
                forms[i].read(l, record);
                return;
            }
    find(l, "error", "unknown_record",
         "This is neither a partner, a gateway configuration, a policy nor a user.");
}

static int make_changes(struct fg_lync *out)
{
    size_t i;
    json_t *v;
    out->changes = calloc(json_array_size(out->values) + 1, sizeof *out->changes);
    if (!out->changes) return ENOMEM;
    json_array_foreach(out->values, i, v) out->changes[out->n++] = (struct fg_change){
        (enum fg_change_op)json_integer_value(json_object_get(v, "op")),
        (enum fg_kind)json_integer_value(json_object_get(v, "kind")),
        json_string_value(json_object_get(v, "key")), json_object_get(v, "value")};
    return 0;
}

int fg_lync_read(const json_t *records, int64_t now_ms, bool suspended, struct fg_lync *out)
{
    struct lync *l = calloc(1, sizeof *l);
    *out = (struct fg_lync){0};
    if (!l) return ENOMEM;
    l->now_ms = now_ms;
    l->suspended = suspended;
    l->findings = json_array();
    l->values = json_array();
    l->seen = json_object();
    l->domains = json_object();
    bool good = l->findings && l->values && l->seen && l->domains;
    for (size_t i = 0; good && i < json_array_size(records); i++) {
        l->record = i + 1;
        read_record(l, json_array_get(records, i));
    }
    out->findings = l->findings;
    out->values = l->values;
    json_decref(l->seen);
    json_decref(l->domains);
    free(l);
    int err = good ? make_changes(out) : ENOMEM;
    if (err) fg_lync_free(out);
    return err;
}

void fg_lync_free(struct fg_lync *l)
{
    free(l->changes);
    json_decref(l->findings);
    json_decref(l->values);
    *l = (struct fg_lync){0};
}
