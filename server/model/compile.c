/* See compile.h. Objects go into the builder as they come; what they refer to is checked at the
 * end, against the finished snapshot: of the objects that were touched, and, when something was
 * removed, of all objects of the kinds that may refer to it. */
#include "server/model/compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "server/model/entries.h"
#include "server/model/field.h"
#include "server/model/model.h"

struct touched {
    enum fg_kind kind;
    char *key;
};

struct fg_compile {
    struct fg_snapshot_builder *builder;
    struct touched *touched;
    size_t count, room;
    bool over_base; /* a change of something that runs, not the load of everything */
};

static int touch(struct fg_compile *c, enum fg_kind kind, const char *key)
{
    if (c->count == c->room) {
        size_t room = c->room ? 2 * c->room : 64;
        struct touched *list = realloc(c->touched, room * sizeof *list);
        if (!list) return ENOMEM;
        c->touched = list;
        c->room = room;
    }
    char *copy = strdup(key);
    if (!copy) return ENOMEM;
    c->touched[c->count++] = (struct touched){kind, copy};
    return 0;
}

/* The default of a permanent object, with the hash its body has: so that a configuration in which
 * it was reset equals one in which it was never touched. */
static int put_default(struct fg_compile *c, enum fg_kind kind, const char *key)
{
    json_t *body = fg_model_default(kind, key);
    int err = body ? fg_model_put_entry(c->builder, kind, key, body) : ENOMEM;
    json_decref(body);
    return err;
}

int fg_compile_new(struct fg_compile **out, const struct fg_snapshot *base)
{
    struct fg_compile *c = calloc(1, sizeof *c);
    if (!c) return ENOMEM;
    int err = fg_snapshot_builder_new(&c->builder, base);
    c->over_base = base != NULL;
    if (!err && !base) err = put_default(c, FG_KIND_SETTINGS, "settings");
    if (!err && !base) err = put_default(c, FG_KIND_POLICIES, "global");
    if (err)
        fg_compile_free(c);
    else
        *out = c;
    return err;
}

void fg_compile_free(struct fg_compile *c)
{
    if (!c) return;
    for (size_t i = 0; i < c->count; i++) free(c->touched[i].key);
    free(c->touched);
    fg_snapshot_builder_free(c->builder);
    free(c);
}

int fg_compile_object(struct fg_compile *c, enum fg_kind kind, const char *key, const json_t *body)
{
    int err = touch(c, kind, key);
    if (err) return err;
    if (body) return fg_model_put_entry(c->builder, kind, key, body);
    if (fg_model_is_permanent(kind, key)) return put_default(c, kind, key);
    err = fg_snapshot_remove(c->builder, kind, key);
    return err == ENOENT ? 0 : err;
}

/* ---- what no object can know alone ---- */

struct check {
    const struct fg_snapshot *s;
    const struct fg_compile_checks *checks;
    struct fg_problems *problems, *warnings;
    bool fresh; /* what is checked was changed, not only what it refers to */
};

/* Problems are placed at /kind/key/…; the path is built from the end. */
struct place {
    struct fg_path kind, key;
};

static void set_place(struct place *p, enum fg_kind kind, const char *key)
{
    p->kind = (struct fg_path){.name = fg_kind_name(kind)};
    p->key = (struct fg_path){.up = &p->kind, .name = key};
}

static void need(const struct check *c, const struct fg_path *at, enum fg_kind kind,
                 const char *key)
{
    if (!key || fg_snapshot_find(c->s, kind, key)) return;
    fg_path_problem(at, c->problems, "unknown_reference",
                    "There is no \"%s\" among the %s. Create it, or choose another one.", key,
                    fg_kind_name(kind));
}

static void need_member(const struct check *c, const struct place *p, const char *field,
                        enum fg_kind kind, const char *key)
{
    const struct fg_path at = {.up = &p->key, .name = field};
    need(c, &at, kind, key);
}

static void warn(const struct check *c, const struct fg_path *at, const char *code,
                 const char *text)
{
    if (c->warnings) fg_path_problem(at, c->warnings, code, "%s", text);
}

static void check_partner(const struct check *c, const struct place *at, const struct fg_partner *p)
{
    const struct fg_path list = {.up = &at->key, .name = "additional_domains"};
    for (size_t i = 0; i < p->n_domains; i++) {
        const struct fg_path item = {.up = &list, .index = i - 1};
        if (!fg_snapshot_domain(c->s, p->domains[i])) continue;
        fg_path_problem(i == 0 ? &at->key : &item, c->problems, "domain_is_ours",
                        "%s is a domain of ours and cannot be a partner's.", p->domains[i]);
    }
    const struct fg_path until = {.up = &at->key, .name = "valid_until"};
    if (p->valid_until_ms && p->valid_until_ms <= fg_clock_wall_ms())
        warn(c, &until, "agreement_ended",
             "valid_until has passed: the partner is treated as suspended.");
    if (!p->terms.valid)
        fg_path_problem(&at->key, c->problems, p->terms.problem.code, "%s",
                        p->terms.problem.message);
}

static void check_domain(const struct check *c, const struct place *at, const struct fg_domain *d)
{
    const struct fg_path list = {.up = &at->key, .name = "front_ends"};
    for (size_t i = 0; i < d->n_front_ends; i++) {
        const struct fg_path item = {.up = &list, .index = i};
        need(c, &item, FG_KIND_FRONT_ENDS, d->front_ends[i]);
    }
    if (d->n_front_ends == 0)
        warn(c, &list, "no_front_end",
             "Without a front end no message can be delivered to users of this domain.");
    const struct fg_partner *p = fg_snapshot_partner(c->s, d->domain);
    if (p)
        fg_path_problem(&at->key, c->problems, "domain_is_a_partners",
                        "%s belongs to the partner %s and cannot be ours.", d->domain, p->domain);
}

static void check_user(const struct check *c, const struct place *at, const struct fg_user *u)
{
    need_member(c, at, "site", FG_KIND_SITES, u->site);
    need_member(c, at, "policy", FG_KIND_POLICIES, u->policy);
    const char *domain = strrchr(u->address, '@');
    if (domain && !fg_snapshot_domain(c->s, domain + 1))
        warn(c, &at->key, "domain_not_ours",
             "The user's domain is none of ours, so nothing can reach this user.");
}

static void check_policy(const struct check *c, const struct place *at,
                         const struct fg_policy_entry *p)
{
    if (strncmp(p->identity, "site:", 5) == 0 && !fg_snapshot_site(c->s, p->identity + 5))
        warn(c, &at->key, "no_such_site",
             "There is no such site, so this policy applies to nobody.");
}

static void check_assignment(const struct check *c, const struct place *at,
                             const struct fg_assignment *a)
{
    const struct fg_path certificate = {.up = &at->key, .name = "certificate"};
    const struct fg_compile_checks *k = c->checks;
    struct fg_fit fit = {.found = true};
    if (k && k->certificate) k->certificate(c->s, a->usage, a->certificate, &fit, k->arg);
    if (!fit.found)
        fg_path_problem(&certificate, c->problems, "unknown_reference",
                        "There is no certificate with this id and its key. Import it first.");
    if (fit.refused && c->fresh)
        fg_path_problem(&certificate, c->problems, fit.problem.code, "%s", fit.problem.text);
    else if (fit.refused)
        warn(c, &certificate, fit.problem.code, fit.problem.text);
    if (fit.warning.code) warn(c, &certificate, fit.warning.code, fit.warning.text);
    if (strncmp(a->usage, "external:", 9) == 0 && !fg_snapshot_domain(c->s, a->usage + 9))
        warn(c, &at->key, "domain_not_ours", "This domain is none of ours.");
}

static void check_settings(const struct check *c, const struct place *at,
                           const struct fg_settings *v)
{
    const struct fg_path log = {.up = &at->key, .name = "log_message_bodies"};
    const struct fg_path partner = {.up = &log, .name = "partner"};
    need(c, &partner, FG_KIND_PARTNERS, v->log_message_partner);
}

static void check_entry(const struct check *c, enum fg_kind kind, const struct fg_entry *e)
{
    struct place at;
    set_place(&at, kind, e->key);
    switch (kind) {
    case FG_KIND_SETTINGS:
        check_settings(c, &at, (const struct fg_settings *)e);
        break;
    case FG_KIND_PARTNERS:
        check_partner(c, &at, (const struct fg_partner *)e);
        break;
    case FG_KIND_POLICIES:
        check_policy(c, &at, (const struct fg_policy_entry *)e);
        break;
    case FG_KIND_USERS:
        check_user(c, &at, (const struct fg_user *)e);
        break;
    case FG_KIND_SITES:
        need_member(c, &at, "xmpp_route", FG_KIND_EDGES, ((const struct fg_site *)e)->xmpp_route);
        break;
    case FG_KIND_EDGES:
        need_member(c, &at, "site", FG_KIND_SITES, ((const struct fg_edge *)e)->site);
        break;
    case FG_KIND_FRONT_ENDS:
        need_member(c, &at, "site", FG_KIND_SITES, ((const struct fg_front_end *)e)->site);
        break;
    case FG_KIND_DOMAINS:
        check_domain(c, &at, (const struct fg_domain *)e);
        break;
    case FG_KIND_CERTIFICATE_ASSIGNMENTS:
        check_assignment(c, &at, (const struct fg_assignment *)e);
        break;
    case FG_KIND_TRUST_ANCHORS:
    case FG_KINDS:
        break;
    }
}

/* Which kinds refer to objects of a kind, as bits. */
static unsigned referring(enum fg_kind kind)
{
    switch (kind) {
    case FG_KIND_PARTNERS:
        return 1u << FG_KIND_SETTINGS;
    case FG_KIND_POLICIES:
        return 1u << FG_KIND_USERS;
    case FG_KIND_SITES:
        return 1u << FG_KIND_USERS | 1u << FG_KIND_EDGES | 1u << FG_KIND_FRONT_ENDS |
               1u << FG_KIND_POLICIES;
    case FG_KIND_EDGES:
        return 1u << FG_KIND_SITES;
    case FG_KIND_FRONT_ENDS:
        return 1u << FG_KIND_DOMAINS;
    case FG_KIND_DOMAINS:
        return 1u << FG_KIND_USERS | 1u << FG_KIND_CERTIFICATE_ASSIGNMENTS;
    default:
        return 0;
    }
}

static int by_key(const void *a, const void *b)
{
    const struct touched *x = a, *y = b;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    return strcmp(x->key, y->key);
}

struct each_arg {
    const struct fg_compile *compile;
    const struct check *c;
    enum fg_kind kind;
};

/* What was changed itself is checked by itself. */
static int check_each(const struct fg_entry *e, void *arg)
{
    const struct each_arg *a = arg;
    const struct fg_compile *c = a->compile;
    const struct touched wanted = {a->kind, (char *)(uintptr_t)e->key};
    if (!bsearch(&wanted, c->touched, c->count, sizeof *c->touched, by_key))
        check_entry(a->c, a->kind, e);
    return 0;
}

static void check_all(const struct fg_compile *c, struct check *k)
{
    unsigned whole = 0; /* kinds that are checked altogether */
    for (size_t i = 0; i < c->count; i++) {
        if (!fg_snapshot_find(k->s, c->touched[i].kind, c->touched[i].key))
            whole |= referring(c->touched[i].kind);
        /* The certificate for all our domains should name a new one too. */
        if (c->touched[i].kind == FG_KIND_DOMAINS) whole |= 1u << FG_KIND_CERTIFICATE_ASSIGNMENTS;
    }
    for (int i = 0; i < FG_KINDS; i++) {
        struct each_arg arg = {c, k, (enum fg_kind)i};
        if (whole & 1u << i) fg_snapshot_each(k->s, arg.kind, check_each, &arg);
    }
    k->fresh = c->over_base;
    for (size_t i = 0; i < c->count; i++) {
        const struct touched *t = &c->touched[i];
        bool again = i > 0 && by_key(t, t - 1) == 0;
        const struct fg_entry *e = fg_snapshot_find(k->s, t->kind, t->key);
        if (e && !again) check_entry(k, t->kind, e);
    }
}

static void report_clash(const char *domain, const char *partner, const char *other, void *arg)
{
    struct place at;
    set_place(&at, FG_KIND_PARTNERS, partner);
    fg_path_problem(&at.key, arg, "domain_taken", "%s belongs to the partner %s already.", domain,
                    other);
}

int fg_compile_finish(struct fg_compile *c, uint64_t revision,
                      const struct fg_compile_checks *checks, struct fg_snapshot **out,
                      struct fg_problems *problems, struct fg_problems *warnings)
{
    size_t count = problems->count, dropped = problems->dropped;
    struct fg_snapshot *s = NULL;
    int err = fg_snapshot_builder_finish(c->builder, revision, &s);
    if (err) return err;
    if (c->count) qsort(c->touched, c->count, sizeof *c->touched, by_key);
    struct check k = {s, checks, problems, warnings, false};
    check_all(c, &k);
    fg_snapshot_builder_clashes(c->builder, report_clash, problems);
    *out = s;
    return problems->count == count && problems->dropped == dropped ? 0 : EINVAL;
}

int fg_compile(const struct fg_snapshot *base, const struct fg_compile_change *changes, size_t n,
               uint64_t revision, const struct fg_compile_checks *checks, struct fg_snapshot **out,
               struct fg_problems *problems, struct fg_problems *warnings)
{
    struct fg_compile *c = NULL;
    int err = fg_compile_new(&c, base);
    *out = NULL;
    for (size_t i = 0; !err && i < n; i++) {
        struct place at;
        set_place(&at, changes[i].kind, changes[i].key);
        err = fg_compile_object(c, changes[i].kind, changes[i].key, changes[i].body);
        if (err == EINVAL)
            fg_path_problem(&at.key, problems, "body", "The stored object cannot be read.");
    }
    if (!err) err = fg_compile_finish(c, revision, checks, out, problems, warnings);
    fg_compile_free(c);
    return err;
}
