/* See snapshot.h: making snapshots. Every entry is one block of memory, the struct followed by its
 * arrays and strings, so that freeing it is one call. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/snapshot_private.h"

/* A domain that a partner took over from another one within this builder; whether the other still
 * claims it shows at the end. */
struct clash {
    char *domain, *taker, *holder;
    bool real;
};

struct fg_snapshot_builder {
    struct fg_table *tables[FG_TABLES];
    bool own[FG_TABLES]; /* a copy of ours that may be changed */
    struct clash *clashes;
    size_t n_clashes, room_clashes;
};

/* ---- entries in one block ---- */

static size_t text_size(const char *s)
{
    return s ? strlen(s) + 1 : 0;
}

static size_t list_size(const char *const *list, size_t n)
{
    size_t size = n * sizeof *list;
    for (size_t i = 0; i < n; i++) size += text_size(list[i]);
    return size;
}

/* Copies the struct into a new block with `extra` bytes behind it; `*at` is where they begin. */
static void *entry_new(const void *value, size_t size, size_t extra, char **at)
{
    char *block = malloc(size + extra);
    if (!block) return NULL;
    memcpy(block, value, size);
    *at = block + size;
    return block;
}

static const char *pack_text(char **at, const char *s)
{
    if (!s) return NULL;
    char *copy = *at;
    size_t n = strlen(s) + 1;
    memcpy(copy, s, n);
    *at += n;
    return copy;
}

/* Reserves an array; arrays come before the first text, so that they are aligned. */
static void *pack_array(char **at, size_t size)
{
    void *array = *at;
    *at += size;
    return array;
}

static void pack_list(char **at, const char **array, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) array[i] = pack_text(at, list[i]);
}

static void entry_free(const struct fg_entry *e)
{
    free((void *)(uintptr_t)e);
}

static void partner_domain_free(const struct fg_entry *e)
{
    fg_partner_put(((const struct fg_partner_domain *)e)->partner);
    entry_free(e);
}

/* ---- the builder ---- */

int fg_snapshot_builder_new(struct fg_snapshot_builder **out, const struct fg_snapshot *base)
{
    struct fg_snapshot_builder *b = calloc(1, sizeof *b);
    if (!b) return ENOMEM;
    int err = 0;
    for (size_t i = 0; i < FG_TABLES; i++) {
        b->own[i] = base == NULL;
        if (base)
            b->tables[i] = fg_table_get(base->tables[i]);
        else
            b->tables[i] = fg_table_new(i < FG_KINDS ? entry_free : partner_domain_free);
        if (!b->tables[i]) err = ENOMEM;
    }
    if (!err && !base) {
        err = fg_snapshot_remove(b, FG_KIND_SETTINGS, "settings");
        if (!err) err = fg_snapshot_remove(b, FG_KIND_POLICIES, "global");
    }
    if (err) {
        fg_snapshot_builder_free(b);
        return err;
    }
    *out = b;
    return 0;
}

void fg_snapshot_builder_free(struct fg_snapshot_builder *b)
{
    if (!b) return;
    for (size_t i = 0; i < FG_TABLES; i++) fg_table_put(b->tables[i]);
    for (size_t i = 0; i < b->n_clashes; i++) {
        free(b->clashes[i].domain);
        free(b->clashes[i].taker);
        free(b->clashes[i].holder);
    }
    free(b->clashes);
    free(b);
}

/* The table as the builder's own copy; NULL without memory. */
static struct fg_table *own_table(struct fg_snapshot_builder *b, size_t which)
{
    if (b->own[which]) return b->tables[which];
    struct fg_table *copy = fg_table_copy(b->tables[which]);
    if (!copy) return NULL;
    fg_table_put(b->tables[which]);
    b->tables[which] = copy;
    b->own[which] = true;
    return copy;
}

/* Puts a finished entry, which is freed if that fails. */
static int put_entry(struct fg_snapshot_builder *b, size_t which, struct fg_entry *e,
                     const char *key)
{
    struct fg_table *t = own_table(b, which);
    fg_ref_init(&e->ref);
    e->key = key;
    int err = t ? fg_table_set(t, e) : ENOMEM;
    if (err) {
        if (which == FG_TABLE_PARTNER_DOMAINS)
            partner_domain_free(e);
        else
            entry_free(e);
    }
    return err;
}

/* ---- partners and their domains ---- */

static int note_clash(struct fg_snapshot_builder *b, const char *domain, const char *taker,
                      const char *holder)
{
    if (b->n_clashes == b->room_clashes) {
        size_t room = b->room_clashes ? 2 * b->room_clashes : 8;
        struct clash *list = realloc(b->clashes, room * sizeof *list);
        if (!list) return ENOMEM;
        b->clashes = list;
        b->room_clashes = room;
    }
    struct clash *c = &b->clashes[b->n_clashes];
    *c = (struct clash){strdup(domain), strdup(taker), strdup(holder), false};
    b->n_clashes++;
    return c->domain && c->taker && c->holder ? 0 : ENOMEM;
}

static const struct fg_partner *holder_of(const struct fg_snapshot_builder *b, const char *domain)
{
    const struct fg_entry *e = fg_table_find(b->tables[FG_TABLE_PARTNER_DOMAINS], domain);
    return e ? ((const struct fg_partner_domain *)e)->partner : NULL;
}

static int index_domain(struct fg_snapshot_builder *b, const char *domain,
                        const struct fg_partner *p)
{
    char *at;
    struct fg_partner_domain v = {.partner = p};
    struct fg_partner_domain *e = entry_new(&v, sizeof v, text_size(domain), &at);
    if (!e) return ENOMEM;
    fg_partner_get(p);
    return put_entry(b, FG_TABLE_PARTNER_DOMAINS, &e->entry, pack_text(&at, domain));
}

/* Takes away the index entries that still lead to this version of the partner. */
static int unindex(struct fg_snapshot_builder *b, const struct fg_partner *p)
{
    struct fg_table *index = own_table(b, FG_TABLE_PARTNER_DOMAINS);
    if (!index) return ENOMEM;
    int err = 0;
    for (size_t i = 0; !err && i < p->n_domains; i++)
        if (holder_of(b, p->domains[i]) == p) err = fg_table_remove(index, p->domains[i]);
    return err;
}

static int index_partner(struct fg_snapshot_builder *b, const struct fg_partner *p)
{
    int err = 0;
    for (size_t i = 0; !err && i < p->n_domains; i++) {
        const struct fg_partner *other = holder_of(b, p->domains[i]);
        if (other == p) continue;
        if (other) err = note_clash(b, p->domains[i], p->domain, other->domain);
        if (!err) err = index_domain(b, p->domains[i], p);
    }
    return err;
}

static const struct fg_partner *find_partner(const struct fg_snapshot_builder *b,
                                             const char *domain)
{
    return (const struct fg_partner *)fg_table_find(b->tables[FG_KIND_PARTNERS], domain);
}

int fg_snapshot_put_partner(struct fg_snapshot_builder *b, const struct fg_partner *v)
{
    if (!v->domain || v->n_domains == 0) return EINVAL;
    size_t array = v->n_domains * sizeof *v->domains;
    char *at;
    struct fg_partner *p = entry_new(
        v, sizeof *v, list_size(v->domains, v->n_domains) + text_size(v->proxy_host), &at);
    if (!p) return ENOMEM;
    const char **domains = pack_array(&at, array);
    pack_list(&at, domains, v->domains, v->n_domains);
    p->domains = domains;
    p->domain = domains[0];
    p->proxy_host = pack_text(&at, v->proxy_host);
    p->terms = fg_negotiation(v->tls, v->sasl, v->dialback);
    const struct fg_partner *old = find_partner(b, p->domain);
    int err = old ? unindex(b, old) : 0;
    if (err) {
        free(p);
        return err;
    }
    err = put_entry(b, FG_KIND_PARTNERS, &p->entry, p->domain);
    return err ? err : index_partner(b, p);
}

static bool claims(const struct fg_partner *p, const char *domain)
{
    for (size_t i = 0; p && i < p->n_domains; i++)
        if (strcmp(p->domains[i], domain) == 0) return true;
    return false;
}

/* What was taken over: still claimed by both is a clash; claimed only by the former holder, because
 * the taker changed its mind, goes back to it. */
static int settle_clashes(struct fg_snapshot_builder *b)
{
    int err = 0;
    for (size_t i = 0; !err && i < b->n_clashes; i++) {
        struct clash *c = &b->clashes[i];
        const struct fg_partner *holder = find_partner(b, c->holder);
        bool taker_claims = claims(find_partner(b, c->taker), c->domain);
        bool holder_claims = claims(holder, c->domain);
        c->real = taker_claims && holder_claims;
        if (holder_claims && !holder_of(b, c->domain)) err = index_domain(b, c->domain, holder);
    }
    return err;
}

void fg_snapshot_builder_clashes(const struct fg_snapshot_builder *b,
                                 void (*clash)(const char *domain, const char *partner,
                                               const char *other, void *arg),
                                 void *arg)
{
    for (size_t i = 0; i < b->n_clashes; i++) {
        const struct clash *c = &b->clashes[i];
        if (c->real) clash(c->domain, c->taker, c->holder, arg);
    }
}

/* ---- the other kinds ---- */

static const struct fg_listener *pack_listeners(char **at, const struct fg_listener *list, size_t n)
{
    struct fg_listener *copy = pack_array(at, n * sizeof *copy);
    if (n) memcpy(copy, list, n * sizeof *copy);
    return copy;
}

static size_t listeners_size(const struct fg_listener *list, size_t n)
{
    size_t size = n * sizeof *list;
    for (size_t i = 0; i < n; i++) size += text_size(list[i].address);
    return size;
}

static void pack_addresses(char **at, const struct fg_listener *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct fg_listener *l = (struct fg_listener *)(uintptr_t)&list[i]; /* our own copy */
        l->address = pack_text(at, l->address);
    }
}

int fg_snapshot_put_settings(struct fg_snapshot_builder *b, const struct fg_settings *v)
{
    size_t extra = listeners_size(v->xmpp, v->n_xmpp) +
                   listeners_size(v->xmpp_direct_tls, v->n_xmpp_direct_tls) +
                   listeners_size(v->sip, v->n_sip) + list_size(v->dns_servers, v->n_dns_servers) +
                   text_size(v->log_message_partner) + text_size(v->audit_syslog_address);
    char *at;
    struct fg_settings *s = entry_new(v, sizeof *v, extra, &at);
    if (!s) return ENOMEM;
    s->xmpp = pack_listeners(&at, v->xmpp, v->n_xmpp);
    s->xmpp_direct_tls = pack_listeners(&at, v->xmpp_direct_tls, v->n_xmpp_direct_tls);
    s->sip = pack_listeners(&at, v->sip, v->n_sip);
    const char **servers = pack_array(&at, v->n_dns_servers * sizeof *servers);
    pack_list(&at, servers, v->dns_servers, v->n_dns_servers);
    s->dns_servers = servers;
    pack_addresses(&at, s->xmpp, s->n_xmpp);
    pack_addresses(&at, s->xmpp_direct_tls, s->n_xmpp_direct_tls);
    pack_addresses(&at, s->sip, s->n_sip);
    s->log_message_partner = pack_text(&at, v->log_message_partner);
    s->audit_syslog_address = pack_text(&at, v->audit_syslog_address);
    return put_entry(b, FG_KIND_SETTINGS, &s->entry, "settings");
}

int fg_snapshot_put_policy(struct fg_snapshot_builder *b, const struct fg_policy_entry *v)
{
    char *at;
    if (!v->identity) return EINVAL;
    struct fg_policy_entry *p = entry_new(v, sizeof *v, text_size(v->identity), &at);
    if (!p) return ENOMEM;
    p->identity = pack_text(&at, v->identity);
    return put_entry(b, FG_KIND_POLICIES, &p->entry, p->identity);
}

int fg_snapshot_put_user(struct fg_snapshot_builder *b, const struct fg_user *v)
{
    char *at;
    if (!v->address) return EINVAL;
    const char *name = v->display_name ? v->display_name : "";
    size_t extra =
        text_size(v->address) + text_size(name) + text_size(v->site) + text_size(v->policy);
    struct fg_user *u = entry_new(v, sizeof *v, extra, &at);
    if (!u) return ENOMEM;
    u->address = pack_text(&at, v->address);
    u->display_name = pack_text(&at, name);
    u->site = pack_text(&at, v->site);
    u->policy = pack_text(&at, v->policy);
    return put_entry(b, FG_KIND_USERS, &u->entry, u->address);
}

int fg_snapshot_put_site(struct fg_snapshot_builder *b, const struct fg_site *v)
{
    char *at;
    if (!v->name) return EINVAL;
    struct fg_site *s = entry_new(v, sizeof *v, text_size(v->name) + text_size(v->xmpp_route), &at);
    if (!s) return ENOMEM;
    s->name = pack_text(&at, v->name);
    s->xmpp_route = pack_text(&at, v->xmpp_route);
    return put_entry(b, FG_KIND_SITES, &s->entry, s->name);
}

int fg_snapshot_put_edge(struct fg_snapshot_builder *b, const struct fg_edge *v)
{
    char *at;
    if (!v->fqdn) return EINVAL;
    size_t extra =
        list_size(v->addresses, v->n_addresses) + text_size(v->fqdn) + text_size(v->site);
    struct fg_edge *e = entry_new(v, sizeof *v, extra, &at);
    if (!e) return ENOMEM;
    const char **addresses = pack_array(&at, v->n_addresses * sizeof *addresses);
    pack_list(&at, addresses, v->addresses, v->n_addresses);
    e->addresses = addresses;
    e->fqdn = pack_text(&at, v->fqdn);
    e->site = pack_text(&at, v->site);
    return put_entry(b, FG_KIND_EDGES, &e->entry, e->fqdn);
}

int fg_snapshot_put_front_end(struct fg_snapshot_builder *b, const struct fg_front_end *v)
{
    char *at;
    if (!v->name || !v->host) return EINVAL;
    const char *tls_name = v->tls_name ? v->tls_name : v->host;
    size_t extra =
        text_size(v->name) + text_size(v->host) + text_size(tls_name) + text_size(v->site);
    struct fg_front_end *f = entry_new(v, sizeof *v, extra, &at);
    if (!f) return ENOMEM;
    f->name = pack_text(&at, v->name);
    f->host = pack_text(&at, v->host);
    f->tls_name = pack_text(&at, tls_name);
    f->site = pack_text(&at, v->site);
    return put_entry(b, FG_KIND_FRONT_ENDS, &f->entry, f->name);
}

int fg_snapshot_put_domain(struct fg_snapshot_builder *b, const struct fg_domain *v)
{
    char *at;
    if (!v->domain) return EINVAL;
    size_t extra = list_size(v->front_ends, v->n_front_ends) + text_size(v->domain);
    struct fg_domain *d = entry_new(v, sizeof *v, extra, &at);
    if (!d) return ENOMEM;
    const char **names = pack_array(&at, v->n_front_ends * sizeof *names);
    pack_list(&at, names, v->front_ends, v->n_front_ends);
    d->front_ends = names;
    d->domain = pack_text(&at, v->domain);
    return put_entry(b, FG_KIND_DOMAINS, &d->entry, d->domain);
}

int fg_snapshot_put_trust_anchor(struct fg_snapshot_builder *b, const struct fg_trust_anchor *v)
{
    char *at;
    if (!v->name || !v->pem) return EINVAL;
    struct fg_trust_anchor *t =
        entry_new(v, sizeof *v, text_size(v->name) + text_size(v->pem), &at);
    if (!t) return ENOMEM;
    t->name = pack_text(&at, v->name);
    t->pem = pack_text(&at, v->pem);
    return put_entry(b, FG_KIND_TRUST_ANCHORS, &t->entry, t->name);
}

int fg_snapshot_put_assignment(struct fg_snapshot_builder *b, const struct fg_assignment *v)
{
    char *at;
    if (!v->usage || !v->certificate) return EINVAL;
    struct fg_assignment *a =
        entry_new(v, sizeof *v, text_size(v->usage) + text_size(v->certificate), &at);
    if (!a) return ENOMEM;
    a->usage = pack_text(&at, v->usage);
    a->certificate = pack_text(&at, v->certificate);
    return put_entry(b, FG_KIND_CERTIFICATE_ASSIGNMENTS, &a->entry, a->usage);
}

/* ---- defaults and removal ---- */

/* The same as the field tables of the model give; a test compares the two. */
static int put_default_settings(struct fg_snapshot_builder *b)
{
    static const struct fg_listener xmpp = {.address = "::", .port = 5269, .transport = FG_TCP};
    static const struct fg_listener sip = {.address = "::", .port = 23456, .transport = FG_TLS};
    const struct fg_settings s = {
        .connection_limit = 1000,
        .partner_connection_limit = 20,
        .keepalive_interval_s = 300,
        .stream_establishment_timeout_s = 60,
        .stream_inactivity_timeout_s = 600,
        .subscription_refresh_interval_s = 28800,
        .limits = {.unauthenticated_per_address = 100,
                   .unauthenticated_total = 1000,
                   .stanza_bytes = 262144,
                   .unauthenticated_bytes = 10000,
                   .depth = 64,
                   .attributes = 100,
                   .queue_per_partner = 1000,
                   .pending_verifications = 100},
        .xmpp = &xmpp,
        .n_xmpp = 1,
        .sip = &sip,
        .n_sip = 1,
        .dnssec = FG_DNSSEC_USE,
        .tls_min_version = FG_TLS_1_2,
        .tls_preset = FG_PRESET_INTERMEDIATE,
    };
    return fg_snapshot_put_settings(b, &s);
}

int fg_snapshot_remove(struct fg_snapshot_builder *b, enum fg_kind kind, const char *key)
{
    if ((unsigned)kind >= FG_KINDS) return EINVAL;
    if (kind == FG_KIND_SETTINGS) return put_default_settings(b);
    if (kind == FG_KIND_POLICIES && strcmp(key, "global") == 0)
        return fg_snapshot_put_policy(b, &(struct fg_policy_entry){.identity = "global"});
    const struct fg_partner *p = kind == FG_KIND_PARTNERS ? find_partner(b, key) : NULL;
    int err = p ? unindex(b, p) : 0;
    struct fg_table *t = err ? NULL : own_table(b, kind);
    return t ? fg_table_remove(t, key) : ENOMEM;
}

/* ---- the end ---- */

static int hash_all(struct fg_snapshot *s)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;
    for (size_t i = 0; ok && i < FG_KINDS; i++)
        ok = EVP_DigestUpdate(md, fg_table_hash(s->tables[i]), FG_HASH_LEN) == 1;
    ok = ok && EVP_DigestFinal_ex(md, s->hash, NULL) == 1;
    EVP_MD_CTX_free(md);
    return ok ? 0 : ENOMEM;
}

int fg_snapshot_builder_finish(struct fg_snapshot_builder *b, uint64_t revision,
                               struct fg_snapshot **out)
{
    int err = settle_clashes(b);
    for (size_t i = 0; !err && i < FG_TABLES; i++)
        if (b->own[i]) err = fg_table_seal(b->tables[i]);
    struct fg_snapshot *s = err ? NULL : calloc(1, sizeof *s);
    if (!s) return ENOMEM;
    fg_ref_init(&s->ref);
    s->revision = revision;
    for (size_t i = 0; i < FG_TABLES; i++) {
        s->tables[i] = b->tables[i];
        b->tables[i] = NULL;
    }
    err = hash_all(s);
    if (err)
        fg_snapshot_put(s);
    else
        *out = s;
    return err;
}
