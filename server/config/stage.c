/* Drafts: one change at a time, validated by the object's own table and against the domains that
 * are taken; references may still be missing. */
#include "server/config/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTER = 64 };

/* ---- the draft, compiled ---- */

static struct fg_staged *staged_of(struct fg_config *c, const char *owner)
{
    for (size_t i = 0; i < FG_STAGED_KEPT; i++)
        if (c->staged[i].owner && strcmp(c->staged[i].owner, owner) == 0) return &c->staged[i];
    return NULL;
}

static void forget(struct fg_staged *kept)
{
    free(kept->owner);
    fg_snapshot_put(kept->snapshot);
    *kept = (struct fg_staged){0};
}

/* The same owner's place, a free one, or that of the one not used for longest. */
static struct fg_staged *place_for(struct fg_config *c, const char *owner)
{
    struct fg_staged *at = staged_of(c, owner);
    if (at) return at;
    at = &c->staged[0];
    for (size_t i = 0; i < FG_STAGED_KEPT && at->owner; i++)
        if (!c->staged[i].owner || c->staged[i].used < at->used) at = &c->staged[i];
    return at;
}

/* `s` is taken over; NULL: nothing is kept. */
static void keep_draft(struct fg_config *c, const char *owner, struct fg_snapshot *s)
{
    char *name = s ? strdup(owner) : NULL;
    struct fg_staged *at = name ? place_for(c, owner) : staged_of(c, owner);
    if (at) forget(at);
    if (name)
        *at = (struct fg_staged){name, c->revision, ++c->staged_used, s};
    else
        fg_snapshot_put(s);
}

/* The owner's draft as a snapshot; kept from the last change, so that thousands of changes one by
 * one do not compile thousands of objects each. Borrowed. */
static int draft_snapshot(struct fg_config *c, const char *owner, struct fg_snapshot **out)
{
    struct fg_staged *kept = staged_of(c, owner);
    if (kept && kept->revision == c->revision) {
        *out = kept->snapshot;
        return 0;
    }
    struct fg_snapshot *s;
    struct fg_problems ignored;
    fg_problems_init(&ignored);
    int err = fg_config_draft_snapshot(c, c->p.store, owner, &s, &ignored, NULL);
    fg_problems_free(&ignored);
    if (err && err != EINVAL) return err;
    keep_draft(c, owner, s);
    kept = staged_of(c, owner);
    *out = kept ? kept->snapshot : NULL;
    return *out ? 0 : ENOMEM;
}

/* The kept snapshot with one more change; NULL when it is to be compiled anew. Borrowed. */
static struct fg_snapshot *advance_draft(struct fg_config *c, const char *owner, enum fg_kind kind,
                                         const char *key, const json_t *body)
{
    struct fg_compile_change change = {kind, key, body};
    struct fg_compile_checks checks = {fg_config_fit, c->p.store};
    struct fg_snapshot *next = NULL;
    struct fg_problems ignored;
    struct fg_staged *kept = staged_of(c, owner);
    if (!kept) return NULL;
    fg_problems_init(&ignored);
    int err = fg_compile(kept->snapshot, &change, 1, c->revision, &checks, &next, &ignored, NULL);
    fg_problems_free(&ignored);
    keep_draft(c, owner, err && err != EINVAL ? NULL : next);
    kept = staged_of(c, owner);
    return kept ? kept->snapshot : NULL;
}

/* ---- domains that are taken ---- */

static void check_domain(const struct fg_snapshot *s, const char *partner, const char *domain,
                         const char *pointer, struct fg_problems *problems)
{
    const struct fg_partner *p = fg_snapshot_partner(s, domain);
    if (p && strcmp(p->domain, partner) != 0)
        fg_problem_add(problems, pointer, "domain_taken", "%s belongs to the partner %s already.",
                       domain, p->domain);
    if (fg_snapshot_domain(s, domain))
        fg_problem_add(problems, pointer, "domain_ours",
                       "%s is one of our own domains; a partner cannot have it.", domain);
}

static void check_domains(const struct fg_snapshot *s, enum fg_kind kind, const char *key,
                          const json_t *body, struct fg_problems *problems)
{
    if (kind == FG_KIND_DOMAINS) {
        const struct fg_partner *p = fg_snapshot_partner(s, key);
        if (p)
            fg_problem_add(problems, "/domain", "domain_taken", "%s belongs to the partner %s.",
                           key, p->domain);
        return;
    }
    if (kind != FG_KIND_PARTNERS) return;
    check_domain(s, key, key, "/domain", problems);
    const json_t *more = json_object_get(body, "additional_domains");
    for (size_t i = 0; i < json_array_size(more); i++) {
        char pointer[POINTER];
        snprintf(pointer, sizeof pointer, "/additional_domains/%zu", i);
        check_domain(s, key, json_string_value(json_array_get(more, i)), pointer, problems);
    }
}

/* ---- staging ---- */

static int take_draft(const struct fg_draft *d, void *arg)
{
    struct fg_item *it = arg;
    it->base = d->base_revision;
    it->conflict = it->base != it->since;
    json_decref(it->after);
    it->after = d->body ? fg_body_parse(d->body) : NULL;
    return d->body && !it->after ? EBADMSG : 0;
}

/* What the actor sees now, in `it->after`. */
static int read_item(struct fg_config *c, struct fg_changeset *set, const char *owner,
                     enum fg_kind kind, const char *key, struct fg_item **out)
{
    int err = fg_changeset_touch(set, c->p.store, kind, key, out);
    if (err) return err;
    err = fg_draft_get(c->p.store, owner, fg_kind_name(kind), key, take_draft, *out);
    return err == ENOENT ? 0 : err;
}

static bool is_back(const struct fg_item *it)
{
    json_t *a = fg_effective_body(it->kind, it->key, it->before);
    json_t *b = fg_effective_body(it->kind, it->key, it->after);
    bool same = (!a && !b) || (a && b && json_equal(a, b));
    json_decref(a);
    json_decref(b);
    return same;
}

/* Row and audit in one transaction. */
static int write_item(struct fg_config *c, const struct fg_actor *who, const struct fg_item *it,
                      const json_t *seen)
{
    struct fg_store *st = c->p.store;
    const char *kind = fg_kind_name(it->kind);
    char *body = it->after ? fg_model_canonical(it->after, NULL) : NULL;
    char *before = seen ? fg_model_canonical(seen, NULL) : NULL;
    int err = (it->after && !body) || (seen && !before) ? ENOMEM : fg_store_begin(st);
    if (err) goto out;
    if (is_back(it)) {
        err = fg_draft_delete(st, who->owner, kind, it->key);
        if (err == ENOENT) err = 0;
    } else {
        struct fg_draft d = {.owner = who->owner,
                             .kind = kind,
                             .key = it->key,
                             .op = it->after ? (enum fg_draft_op)it->op : FG_DRAFT_DELETE,
                             .base_revision = it->base,
                             .body = body};
        err = fg_draft_put(st, &d, fg_clock_wall_ms());
    }
    if (!err) {
        struct fg_audit_entry e = {.who = who->owner,
                                   .who_name = who->name,
                                   .via = who->via,
                                   .address = who->address,
                                   .kind = kind,
                                   .key = it->key,
                                   .before = before,
                                   .after = body,
                                   .outcome = "ok",
                                   .action = it->after ? "draft_put" : "draft_delete"};
        err = fg_audit_add(st, &e);
    }
    err = fg_store_end(st, err);
out:
    free(body);
    free(before);
    return err;
}

/* The new body into `it->after`; 0, EINVAL with problems, ENOENT. */
static int change_item(struct fg_config *c, const struct fg_actor *who, enum fg_change_op op,
                       const json_t *value, struct fg_item *it, struct fg_problems *problems)
{
    json_t *now = fg_effective_body(it->kind, it->key, it->after);
    json_t *body = NULL;
    struct fg_snapshot *draft;
    int err = 0;
    if (op != FG_CHANGE_PUT && !now) err = ENOENT;
    if (!err && op != FG_CHANGE_DELETE) {
        body =
            fg_model_parse(it->kind, it->key, op == FG_CHANGE_PUT ? FG_MODEL_PUT : FG_MODEL_PATCH,
                           value, now, fg_clock_wall_ms(), "", problems);
        if (!body) err = EINVAL;
    }
    json_decref(now);
    if (!err) err = draft_snapshot(c, who->owner, &draft);
    if (!err && body) {
        check_domains(draft, it->kind, it->key, body, problems);
        if (!fg_problems_none(problems)) err = EINVAL;
    }
    if (err) {
        json_decref(body);
        return err;
    }
    json_decref(it->after);
    it->after = body;
    it->op = op;
    /* Putting or deleting decides: the conflict is settled as mine. A merge does not see what
     * changed. */
    if (op != FG_CHANGE_PATCH || !it->conflict) it->base = it->since;
    return 0;
}

int fg_config_stage(struct fg_config *c, const struct fg_actor *who, enum fg_change_op op,
                    enum fg_kind kind, const char *key, const json_t *value,
                    struct fg_stage_result *out, struct fg_problems *problems)
{
    struct fg_changeset set;
    struct fg_item *it;
    json_t *seen = NULL;
    *out = (struct fg_stage_result){0};
    fg_changeset_init(&set);
    int err = read_item(c, &set, who->owner, kind, key, &it);
    if (err) goto out;
    seen = fg_effective_body(kind, key, it->after);
    err = change_item(c, who, op, value, it, problems);
    if (!err) err = fg_scope_check(c->p.store, who->owner, &set, "", problems);
    if (!err) err = write_item(c, who, it, seen);
    if (!err) {
        struct fg_snapshot *now = advance_draft(c, who->owner, kind, key, it->after);
        out->created = !seen;
        out->body = fg_effective_body(kind, key, it->after);
        out->snapshot = now ? fg_snapshot_get(now) : NULL;
    }
out:
    json_decref(seen);
    fg_changeset_free(&set);
    return err;
}

void fg_stage_result_free(struct fg_stage_result *r)
{
    json_decref(r->body);
    fg_snapshot_put(r->snapshot);
    *r = (struct fg_stage_result){0};
}

int fg_config_unstage(struct fg_config *c, const struct fg_actor *who, enum fg_kind kind,
                      const char *key)
{
    struct fg_store *st = c->p.store;
    bool all = kind == FG_KINDS;
    int err = fg_store_begin(st);
    if (err) return err;
    if (all)
        err = fg_draft_clear(st, who->owner);
    else if (!key)
        err = fg_draft_clear_kind(st, who->owner, fg_kind_name(kind));
    else
        err = fg_draft_delete(st, who->owner, fg_kind_name(kind), key);
    if (!err) {
        struct fg_audit_entry e = {.who = who->owner,
                                   .who_name = who->name,
                                   .via = who->via,
                                   .address = who->address,
                                   .action = "draft_discard",
                                   .outcome = "ok",
                                   .kind = all ? "" : fg_kind_name(kind),
                                   .key = all || !key ? "" : key};
        err = fg_audit_add(st, &e);
    }
    err = fg_store_end(st, err);
    keep_draft(c, who->owner, NULL);
    return err;
}

/* ---- differences ---- */

json_t *fg_config_difference(struct fg_config *c, struct fg_store *st, uint64_t from, uint64_t to,
                             int *err)
{
    struct fg_changeset set;
    struct fg_snapshot *now = fg_config_snapshot(c);
    json_t *list = NULL;
    fg_changeset_init(&set);
    *err = fg_changeset_diff(&set, st, from, to);
    if (!*err && !(list = fg_changeset_json(&set, now, now))) *err = ENOMEM;
    fg_changeset_free(&set);
    fg_snapshot_put(now);
    return list;
}

/* The draft rows for one object of the way back. */
static int restore_item(struct fg_config *c, const struct fg_actor *who, const struct fg_item *it)
{
    char *body = it->after ? fg_model_canonical(it->after, NULL) : NULL;
    if (it->after && !body) return ENOMEM;
    struct fg_draft d = {.owner = who->owner,
                         .kind = fg_kind_name(it->kind),
                         .key = it->key,
                         .op = body ? FG_DRAFT_PUT : FG_DRAFT_DELETE,
                         .base_revision = it->since,
                         .body = body};
    int err = fg_draft_put(c->p.store, &d, fg_clock_wall_ms());
    free(body);
    return err;
}

int fg_config_restore(struct fg_config *c, const struct fg_actor *who, uint64_t to,
                      bool (*permit)(void *arg, enum fg_kind kind, enum fg_change_op op), void *arg,
                      struct fg_problems *problems)
{
    struct fg_changeset set;
    fg_changeset_init(&set);
    int err = fg_changeset_diff(&set, c->p.store, c->revision, to);
    for (size_t i = 0; !err && permit && i < set.n; i++)
        if (!permit(arg, set.items[i]->kind, set.items[i]->op)) err = EPERM;
    if (!err) err = fg_scope_check(c->p.store, who->owner, &set, NULL, problems);
    if (!err) err = fg_store_begin(c->p.store);
    if (err) goto out;
    for (size_t i = 0; !err && i < set.n; i++) err = restore_item(c, who, set.items[i]);
    if (!err) {
        struct fg_audit_entry e = {.who = who->owner,
                                   .who_name = who->name,
                                   .via = who->via,
                                   .address = who->address,
                                   .action = "draft_restore",
                                   .outcome = "ok",
                                   .revision = to};
        err = fg_audit_add(c->p.store, &e);
    }
    err = fg_store_end(c->p.store, err);
    keep_draft(c, who->owner, NULL);
out:
    fg_changeset_free(&set);
    return err;
}
