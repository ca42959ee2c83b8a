/* TLS contexts of a plan: for XMPP one pair per certificate of ours, for SIP one pair. Contexts and
 * trust stores are kept from one prepare to the next, so that a commit reads only what changed. */
#include "gateway/engine_private.h"

#include "gateway/base/map.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct builder {
    struct fg_engine *engine;
    struct fg_plan *plan;
    const struct fg_settings *settings;
    struct fg_problems *problems, *warnings;
    X509_STORE *external, *internal;
    int result;
};

/* ---- trust ---- */

struct anchors {
    const struct fg_trust_anchor **list;
    size_t n;
    bool external;
    uint64_t key;
};

static int collect(const struct fg_entry *entry, void *arg)
{
    struct anchors *a = arg;
    const struct fg_trust_anchor *t = (const void *)entry;
    static const uint64_t seed[2] = {0x6665646761746531, 0x616e63686f727331};
    if (!(a->external ? t->external : t->internal)) return 0;
    a->list[a->n++] = t;
    /* Order does not matter to a store, so it must not to its key. */
    a->key += fg_siphash(seed, t->pem, strlen(t->pem)) | 1;
    return 0;
}

/* Names the anchors that are no certificates and leaves them out. */
static void drop_bad(struct builder *b, struct anchors *a)
{
    size_t good = 0;
    for (size_t i = 0; i < a->n; i++) {
        const struct fg_trust_anchor *t = a->list[i];
        struct fg_problems ignored;
        X509_STORE *store = NULL;
        char pointer[300];
        fg_problems_init(&ignored);
        if (fg_trust_new(&store, &t->pem, 1, false, &ignored) == 0) {
            a->list[good++] = t;
        } else {
            snprintf(pointer, sizeof pointer, "/trust_anchors/%s/pem", t->name);
            fg_problem_add(b->problems, pointer, "trust_anchor_unusable",
                           "This holds no readable certificate. Import it again as PEM.");
            b->result = EINVAL;
        }
        X509_STORE_free(store);
        fg_problems_free(&ignored);
    }
    a->n = good;
}

static X509_STORE *make_store(struct builder *b, struct anchors *a)
{
    struct fg_problems ignored;
    X509_STORE *store = NULL;
    fg_problems_init(&ignored);
    drop_bad(b, a);
    const char **pems = calloc(a->n + 1, sizeof *pems);
    for (size_t i = 0; pems && i < a->n; i++) pems[i] = a->list[i]->pem;
    if (!pems || fg_trust_new(&store, pems, a->n, a->external, &ignored)) b->result = ENOMEM;
    free(pems);
    fg_problems_free(&ignored);
    return store;
}

/* The store for one usage, borrowed from the cache; NULL without memory. */
static X509_STORE *trust(struct builder *b, bool external, struct cached_trust *cache)
{
    size_t n = fg_snapshot_count(b->plan->snapshot, FG_KIND_TRUST_ANCHORS);
    struct anchors a = {.list = calloc(n + 1, sizeof *a.list),
                        .external = external,
                        .key = 1 + (external ? fg_trust_system_stamp() : 0)};
    if (!a.list) {
        b->result = ENOMEM;
        return NULL;
    }
    fg_snapshot_each(b->plan->snapshot, FG_KIND_TRUST_ANCHORS, collect, &a);
    if (!cache->store || cache->key != a.key) {
        int before = b->result;
        b->result = 0;
        X509_STORE *store = make_store(b, &a);
        X509_STORE_free(cache->store);
        /* A store with something left out is used, but not kept for the next time. */
        *cache = (struct cached_trust){b->result ? 0 : a.key, store};
        if (before) b->result = before;
    }
    free(a.list);
    return cache->store;
}

/* ---- contexts ---- */

struct wish {
    const char *certificate; /* id, or NULL: none */
    const char *usage;       /* for the pointer of a fault */
    enum fg_tls_role role;
    bool sip, require_client_cert;
};

static void credential_wipe(struct fg_credential_pem *c)
{
    if (c->chain) explicit_bzero(c->chain, strlen(c->chain));
    if (c->key) explicit_bzero(c->key, strlen(c->key));
    free(c->chain);
    free(c->key);
}

static char *cache_key(const struct builder *b, const struct wish *w)
{
    char text[256];
    snprintf(text, sizeof text, "%s %d %d %d %d %d %p", w->certificate ? w->certificate : "-",
             (int)w->role, w->sip, w->require_client_cert, (int)b->settings->tls_min_version,
             (int)b->settings->tls_preset, (void *)(w->sip ? b->internal : b->external));
    return strdup(text);
}

static struct fg_tls_ctx *cached(struct fg_engine *e, const char *key)
{
    FG_LIST_EACH(&e->conf.contexts, n, tmp)
    {
        struct cached_ctx *c = FG_CONTAINER(n, struct cached_ctx, link);
        if (strcmp(c->key, key) != 0) continue;
        c->used = true;
        return fg_tls_ctx_get(c->ctx);
    }
    return NULL;
}

/* Takes over the key. */
static void remember(struct fg_engine *e, char *key, struct fg_tls_ctx *ctx)
{
    struct cached_ctx *c = calloc(1, sizeof *c);
    if (!c) {
        free(key); /* it will be built again, that is all */
        return;
    }
    *c = (struct cached_ctx){.key = key, .ctx = fg_tls_ctx_get(ctx), .used = true};
    fg_list_append(&e->conf.contexts, &c->link);
}

static int read_credential(struct builder *b, const struct wish *w, const char *pointer,
                           struct fg_credential_pem *out)
{
    struct fg_engine *e = b->engine;
    int err = e->credential ? e->credential(e->credential_arg, w->certificate, out) : ENOENT;
    if (!err) return 0;
    if (err == ENOENT)
        fg_problem_add(b->problems, pointer, "certificate_missing",
                       "The assigned certificate is not here, or has no key. Import it with its "
                       "key, or assign another.");
    else
        fg_problem_add(b->problems, pointer, "certificate_unreadable",
                       "The assigned certificate or its key cannot be read (%s). Mend the data "
                       "directory, import it again or assign another.",
                       strerror(err));
    return EINVAL;
}

static struct fg_tls_ctx *make_context(struct builder *b, const struct wish *w)
{
    struct fg_credential_pem pem = {0};
    char pointer[300];
    snprintf(pointer, sizeof pointer, "/certificate_assignments/%s", w->usage);
    int err = w->certificate ? read_credential(b, w, pointer, &pem) : 0;
    struct fg_credential credential = {pem.chain, pem.key};
    struct fg_tls_settings s = {
        .role = w->role,
        .credential = w->certificate ? &credential : NULL,
        .trust = w->sip ? b->internal : b->external,
        .require_client_cert = w->require_client_cert,
        .verify_hard = w->sip,
        /* Certificates of servers, in both directions: see gateway/net/README.md. */
        .server_purpose = true,
        .min_version = b->settings->tls_min_version == FG_TLS_1_3 ? "1.3" : "1.2",
        .preset = b->settings->tls_preset == FG_PRESET_MODERN ? "modern" : "intermediate",
        .alpn = w->sip ? NULL : "xmpp-server",
    };
    struct fg_tls_ctx *ctx = NULL;
    if (!err) err = fg_tls_ctx_new(&ctx, &s, pointer, b->problems);
    credential_wipe(&pem);
    if (err) b->result = err;
    return ctx;
}

/* A context, with a reference for the caller; NULL when it cannot be made. */
static struct fg_tls_ctx *context(struct builder *b, const struct wish *w)
{
    char *key = cache_key(b, w);
    if (!key) {
        b->result = ENOMEM;
        return NULL;
    }
    struct fg_tls_ctx *ctx = cached(b->engine, key);
    if (!ctx) {
        ctx = make_context(b, w);
        if (ctx) {
            remember(b->engine, key, ctx);
            return ctx;
        }
    }
    free(key);
    return ctx;
}

/* ---- XMPP ---- */

/* Without a certificate there is no server side: STARTTLS cannot be offered. */
static void add_pair(struct builder *b, const char *domain, const char *certificate,
                     const char *usage)
{
    struct fg_s2s_tls *t = &b->plan->tls[b->plan->n_tls++];
    struct wish w = {.certificate = certificate, .usage = usage, .role = FG_TLS_SERVER};
    t->domain = domain;
    t->server = certificate ? context(b, &w) : NULL;
    w.role = FG_TLS_CLIENT;
    if (certificate && !t->server) w.certificate = NULL; /* told once is enough */
    t->client = context(b, &w);
}

static int add_domain(const struct fg_entry *entry, void *arg)
{
    struct builder *b = arg;
    const struct fg_domain *d = (const void *)entry;
    char usage[300];
    snprintf(usage, sizeof usage, "external:%s", d->domain);
    const char *certificate = fg_snapshot_assignment(b->plan->snapshot, usage);
    if (certificate) add_pair(b, d->domain, certificate, usage);
    return 0;
}

static void build_xmpp(struct builder *b)
{
    struct fg_plan *p = b->plan;
    size_t most = fg_snapshot_count(p->snapshot, FG_KIND_DOMAINS) + 1;
    p->tls = calloc(most, sizeof *p->tls);
    if (!p->tls) {
        b->result = ENOMEM;
        return;
    }
    fg_snapshot_each(p->snapshot, FG_KIND_DOMAINS, add_domain, b);
    const char *external = fg_snapshot_assignment(p->snapshot, "external");
    add_pair(b, NULL, external, "external");
    if (!external && b->settings->federation_enabled && p->n_tls < most)
        fg_problem_add(
            b->warnings, "/certificate_assignments/external", "no_external_certificate",
            "Some domains have no certificate: partners can neither use TLS nor SASL with "
            "them. Import one under Certificates and assign it as external.");
}

/* ---- SIP ---- */

static void remove_door(struct fg_plan *p, size_t at)
{
    if (p->doors[at].fd >= 0) close(p->doors[at].fd);
    for (size_t i = at; i + 1 < p->n_doors; i++) p->doors[i] = p->doors[i + 1];
    p->n_doors--;
}

/* A TLS listener without a certificate can serve nobody and is left out. */
static void build_sip(struct builder *b)
{
    struct fg_plan *p = b->plan;
    const char *internal = fg_snapshot_assignment(p->snapshot, "internal");
    for (size_t i = 0; i < p->n_doors;) {
        struct door *d = &p->doors[i];
        struct wish w = {.certificate = internal,
                         .usage = "internal",
                         .role = FG_TLS_SERVER,
                         .sip = true,
                         .require_client_cert = d->require_client_cert};
        bool tls = d->kind == DOOR_SIP && d->transport == FG_TLS;
        d->tls = tls && internal ? context(b, &w) : NULL;
        if (!tls || d->tls) {
            i++;
            continue;
        }
        if (!internal)
            fg_problem_add(
                b->warnings, "/settings/listeners/sip", "no_internal_certificate",
                "%s is not opened: no certificate is assigned as internal. Import one under "
                "Certificates and assign it.",
                d->address);
        remove_door(p, i);
    }
    struct wish w = {
        .certificate = internal, .usage = "internal", .role = FG_TLS_CLIENT, .sip = true};
    p->sip_client = context(b, &w);
}

/* ---- the whole ---- */

static void forget_unused(struct fg_engine *e, bool all)
{
    FG_LIST_EACH(&e->conf.contexts, n, tmp)
    {
        struct cached_ctx *c = FG_CONTAINER(n, struct cached_ctx, link);
        if (c->used && !all) {
            c->used = false;
            continue;
        }
        fg_list_remove(&c->link);
        fg_tls_ctx_put(c->ctx);
        free(c->key);
        free(c);
    }
}

int fg_engine_build_tls(struct fg_engine *e, struct fg_plan *p, struct fg_problems *problems,
                        struct fg_problems *warnings)
{
    struct builder b = {.engine = e,
                        .plan = p,
                        .settings = fg_snapshot_settings(p->snapshot),
                        .problems = problems,
                        .warnings = warnings};
    b.external = trust(&b, true, &e->conf.external);
    b.internal = trust(&b, false, &e->conf.internal);
    if (!b.external || !b.internal) return ENOMEM;
    build_xmpp(&b);
    build_sip(&b);
    forget_unused(e, false);
    return b.result;
}

void fg_engine_tls_cache_free(struct fg_engine *e)
{
    forget_unused(e, true);
    X509_STORE_free(e->conf.external.store);
    X509_STORE_free(e->conf.internal.store);
    e->conf.external = e->conf.internal = (struct cached_trust){0};
}
