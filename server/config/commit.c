/* The commit: merge and validate, compile, prepare, one transaction, activate. Everything before
 * the transaction leaves nothing behind when it fails; what comes after cannot fail. */
#include "server/config/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The changed bodies as the store takes them. */
struct texts {
    struct fg_commit_change *list;
    char **bodies; /* what list[i].body points to, unless the item has its text */
    size_t n;
};

static int texts_make(struct texts *t, const struct fg_changeset *set)
{
    t->list = calloc(set->n ? set->n : 1, sizeof *t->list);
    t->bodies = calloc(set->n ? set->n : 1, sizeof(char *));
    if (!t->list || !t->bodies) return ENOMEM;
    t->n = set->n;
    for (size_t i = 0; i < set->n; i++) {
        const struct fg_item *it = set->items[i];
        t->list[i].kind = fg_kind_name(it->kind);
        t->list[i].key = it->key;
        if (!it->after) continue;
        if (!it->text) t->bodies[i] = fg_model_canonical(it->after, NULL);
        t->list[i].body = it->text ? it->text : t->bodies[i];
        if (!t->list[i].body) return ENOMEM;
    }
    return 0;
}

static void texts_free(struct texts *t)
{
    for (size_t i = 0; i < t->n; i++) free(t->bodies[i]);
    free(t->bodies);
    free(t->list);
}

int fg_commit_store(struct fg_config *c, const struct fg_actor *who, const struct fg_changeset *set,
                    const struct fg_snapshot *next, uint64_t reverts, const char *comment,
                    const struct fg_commit_order *order, const struct fg_watch *watch,
                    uint64_t *number)
{
    struct texts texts = {0};
    int err = texts_make(&texts, set);
    struct fg_commit in = {
        .changes = texts.list,
        .n = set->n,
        .author = who->owner,
        .author_name = who->name,
        .via = who->via,
        .address = who->address,
        .comment = comment,
        .at_ms = fg_clock_wall_ms(),
        .reverts = reverts,
        .draft_owner = order && order->from_draft ? who->owner : NULL,
    };
    if (!err) in.base = fg_config_current(c->p.store, &err);
    if (!err) {
        memcpy(in.content_hash, fg_snapshot_hash(next), FG_CONTENT_HASH);
        fg_confirm_set(&in.confirm, order ? order->confirm_within_s : 0);
        err = fg_store_begin(c->p.store);
    }
    if (!err) {
        err = fg_store_commit(c->p.store, &in, number);
        if (!err && order && order->approval) err = fg_approval_done(c, order, *number);
        if (!err && watch) err = fg_watch_store(c->p.store, watch, *number);
        err = fg_store_end(c->p.store, err);
    }
    if (err)
        fg_logf(c->p.log, FG_ERROR, "config", "store", "commit failed: %s",
                fg_store_error(c->p.store));
    texts_free(&texts);
    return err;
}

void fg_config_forget_draft(struct fg_config *c)
{
    for (size_t i = 0; i < FG_STAGED_KEPT; i++) {
        free(c->staged[i].owner);
        fg_snapshot_put(c->staged[i].snapshot);
        c->staged[i] = (struct fg_staged){0};
    }
}

/* Store, then activate. Ends `a`. */
static void run(struct fg_config *c, const struct fg_commit_order *in,
                const struct fg_changeset *set, struct fg_snapshot *next, uint64_t reverts,
                struct fg_apply *a, struct fg_commit_result *out)
{
    struct fg_watch watch = {0};
    out->impact = fg_impact(c, next);
    if (in->confirm_within_s) fg_watch_collect(c, set, next, &watch);
    int err = fg_commit_store(c, &in->who, set, next, reverts, in->comment, in,
                              in->confirm_within_s ? &watch : NULL, &out->revision);
    fg_watch_free(&watch);
    if (err) {
        fg_apply_discard(c, a);
        out->outcome = FG_COMMIT_FAILED;
        out->err = err;
        return;
    }
    fg_problems_copy(&out->warnings, &a->warnings);
    fg_config_forget_draft(c);
    err = fg_apply_activate(c, next, a);
    fg_confirm_read(c);
    out->applied_at_ms = fg_clock_wall_ms();
    out->outcome = err ? FG_COMMIT_NOT_APPLIED : FG_COMMIT_DONE;
}

/* The next snapshot; the one that is ready, if there is one. As fg_compile. */
static int compile(struct fg_config *c, const struct fg_changeset *set, uint64_t revision,
                   struct fg_ready *ready, struct fg_snapshot **next, struct fg_commit_result *out)
{
    int err = fg_ready_next(ready, next, &out->problems, &out->warnings);
    if (err != ENODATA) return err;
    struct fg_snapshot *base = fg_config_snapshot(c);
    err =
        fg_changeset_compile(set, c->p.store, base, revision, next, &out->problems, &out->warnings);
    fg_snapshot_put(base);
    return err;
}

/* Compiles and prepares; 0 with `next` and `a`, or the outcome is set. */
static int get_ready(struct fg_config *c, const struct fg_changeset *set, uint64_t revision,
                     enum fg_prepare_mode mode, struct fg_ready *ready, struct fg_snapshot **next,
                     struct fg_apply *a, struct fg_commit_result *out)
{
    int err = compile(c, set, revision, ready, next, out);
    if (err == EINVAL && mode == FG_PREPARE_DEGRADE) err = 0; /* a way back is never refused */
    if (!err) {
        err = fg_apply_prepare(c, *next, mode, a);
        if (err) {
            fg_problems_copy(&out->problems, &a->problems);
            fg_apply_discard(c, a);
        }
    }
    if (!err) return 0;
    fg_snapshot_put(*next);
    *next = NULL;
    out->outcome = err == EINVAL ? FG_COMMIT_INVALID : FG_COMMIT_FAILED;
    out->err = err == EINVAL ? 0 : err;
    return err;
}

/* What is to change, in one reading: many small ones would each begin and end on their own. */
static int read_changes(struct fg_config *c, const struct fg_commit_order *in,
                        struct fg_changeset *set, struct fg_problems *problems)
{
    struct fg_store *st = c->p.store;
    if (in->from_draft && in->n_only == 0 &&
        fg_ready_take(c, in->ready, in->who.owner, set, problems))
        return 0;
    int err = fg_store_begin_reading(st);
    if (err) return err;
    err = in->from_draft
              ? fg_changeset_draft(set, st, in->who.owner, in->only, in->n_only, problems)
              : fg_changeset_merge(set, st, in->changes, in->n_changes, problems);
    return fg_store_end(st, err);
}

/* Collects what is to change; true when there is something to go on with. */
static bool collect(struct fg_config *c, const struct fg_commit_order *in, struct fg_changeset *set,
                    struct fg_commit_result *out)
{
    struct fg_store *st = c->p.store;
    int err = read_changes(c, in, set, &out->problems);
    if (err) {
        out->outcome = FG_COMMIT_FAILED;
        out->err = err;
        return false;
    }
    bool by_base = in->has_base && !in->from_draft;
    if (by_base && in->base_revision > c->revision)
        fg_problem_add(&out->problems, "/base_revision", "not_found",
                       "There is no such revision yet; %llu is in force.",
                       (unsigned long long)c->revision);
    if (fg_problems_none(&out->problems))
        err = fg_scope_check(st, in->who.owner, set, NULL, &out->problems);
    if (!fg_problems_none(&out->problems)) {
        out->outcome = FG_COMMIT_INVALID;
        return false;
    }
    size_t conflicts = 0;
    if (!err && by_base)
        err = fg_changeset_conflicts_since(set, st, in->base_revision, &conflicts);
    else if (!err)
        conflicts = fg_changeset_conflicts(set);
    if (err) {
        out->outcome = FG_COMMIT_FAILED;
        out->err = err;
        return false;
    }
    if (conflicts) {
        struct fg_snapshot *now = fg_config_snapshot(c);
        out->conflicts = fg_changeset_conflicts_json(set, st, now);
        fg_snapshot_put(now);
        out->outcome = FG_COMMIT_CONFLICT;
        return false;
    }
    return true;
}

/* What is staged and leads nowhere is forgotten with the commit that found it idle. */
static void forget_idle_draft(struct fg_config *c, const struct fg_commit_order *in)
{
    if (!in->from_draft || in->dry_run) return;
    for (size_t i = 0; i < in->n_only; i++)
        (void)fg_draft_delete(c->p.store, in->who.owner, fg_kind_name(in->only[i].kind),
                              in->only[i].key);
    if (in->n_only == 0) (void)fg_draft_clear(c->p.store, in->who.owner);
}

void fg_commit_set(struct fg_config *c, const struct fg_commit_order *in, struct fg_changeset *set,
                   struct fg_commit_result *out)
{
    struct fg_snapshot *next = NULL;
    struct fg_apply a;
    fg_changeset_drop_idle(set);
    if (set->n == 0) {
        forget_idle_draft(c, in);
        return;
    }
    if (get_ready(c, set, c->revision + 1, FG_PREPARE_STRICT, in->ready, &next, &a, out)) return;
    if (in->dry_run) {
        struct fg_snapshot *now = fg_config_snapshot(c);
        out->impact = fg_impact(c, next);
        if (!in->from_draft) out->changes = fg_changeset_json(set, now, next);
        fg_problems_copy(&out->warnings, &a.warnings);
        fg_snapshot_put(now);
        fg_apply_discard(c, &a);
    } else if (!in->approval && (in->at_ms || fg_four_eyes(c))) {
        out->impact = fg_impact(c, next);
        fg_problems_copy(&out->warnings, &a.warnings);
        fg_apply_discard(c, &a);
        fg_approval_ask(c, in, set, out);
    } else {
        run(c, in, set, next, 0, &a, out);
    }
    fg_snapshot_put(next);
}

static void commit_now(struct fg_config *c, const struct fg_commit_order *in,
                       struct fg_commit_result *out);

/* Commits the selection with what it needs. */
static void commit_all(struct fg_config *c, const struct fg_commit_order *in, json_t *requires,
                       struct fg_commit_result *out)
{
    size_t more = json_array_size(requires), n = in->n_only;
    struct fg_selection *only = calloc(n + more, sizeof *only);
    if (!only) return;
    memcpy(only, in->only, n * sizeof *only);
    for (size_t i = 0; i < more; i++) {
        const json_t *o = json_array_get(requires, i);
        const char *key = json_string_value(json_object_get(o, "key"));
        if (fg_kind_parse(json_string_value(json_object_get(o, "kind")), &only[n].kind)) continue;
        only[n++].key = key;
    }
    struct fg_commit_order order = *in;
    order.only = only;
    order.n_only = n;
    order.include_dependencies = false;
    fg_commit_result_free(out);
    commit_now(c, &order, out);
    json_decref(out->requires);
    out->requires = json_incref(requires);
    free(only);
}

static void commit_now(struct fg_config *c, const struct fg_commit_order *in,
                       struct fg_commit_result *out)
{
    *out = (struct fg_commit_result){
        .outcome = FG_COMMIT_NOTHING, .revision = c->revision, .applied_at_ms = fg_clock_wall_ms()};
    if (c->pending_revision && !in->dry_run) {
        out->outcome = FG_COMMIT_PENDING_CONFIRM;
        out->revision = c->pending_revision;
        return;
    }
    struct fg_changeset set;
    fg_changeset_init(&set);
    if (collect(c, in, &set, out)) fg_commit_set(c, in, &set, out);
    fg_ready_return(in->ready, &set);
    if (out->outcome != FG_COMMIT_INVALID || !in->from_draft || in->n_only == 0) return;
    json_t *requires = fg_requires(c, in->who.owner, in->only, in->n_only);
    if (requires && in->include_dependencies)
        commit_all(c, in, requires, out);
    else if (requires)
    out->requires = json_incref(requires);
    json_decref(requires);
}

/* The audit also shows what was not done, and why. */
static void note_refusal(struct fg_config *c, const struct fg_commit_order *in,
                         const struct fg_commit_result *out)
{
    char detail[400];
    const struct fg_problem *first = out->problems.count ? out->problems.items : NULL;
    bool failed = out->outcome == FG_COMMIT_FAILED || out->outcome == FG_COMMIT_NOT_APPLIED;
    if (out->outcome == FG_COMMIT_PENDING_CONFIRM)
        snprintf(detail, sizeof detail, "confirm_pending: revision %llu waits to be confirmed.",
                 (unsigned long long)out->revision);
    else if (out->outcome == FG_COMMIT_CONFLICT)
        snprintf(detail, sizeof detail, "conflict: changed meanwhile: %zu.",
                 json_array_size(out->conflicts));
    else if (out->outcome == FG_COMMIT_INVALID)
        snprintf(detail, sizeof detail, "%s %s: %s", first ? first->code : "invalid",
                 first ? first->pointer : "", first ? first->message : "The changes have faults.");
    else if (failed)
        snprintf(detail, sizeof detail, "%s",
                 out->outcome == FG_COMMIT_FAILED ? strerror(out->err)
                                                  : "stored, but the engine does not run it");
    else
        return;
    const struct fg_audit_note n = {
        .action = "commit", .outcome = failed ? "failed" : "refused", .detail = detail};
    fg_config_audit(c, &in->who, &n);
}

void fg_config_commit(struct fg_config *c, const struct fg_commit_order *in,
                      struct fg_commit_result *out)
{
    commit_now(c, in, out);
    if (!in->dry_run) note_refusal(c, in, out);
}

void fg_commit_revert(struct fg_config *c, const struct fg_actor *who, uint64_t revision,
                      const char *comment, struct fg_commit_result *out)
{
    *out = (struct fg_commit_result){.outcome = FG_COMMIT_FAILED, .revision = revision};
    struct fg_commit_order order = {.who = *who, .comment = comment};
    struct fg_changeset back;
    struct fg_snapshot *next = NULL;
    struct fg_apply a;
    fg_changeset_init(&back);
    out->err = fg_changeset_diff(&back, c->p.store, revision, revision - 1);
    if (!out->err) out->err = fg_scope_check(c->p.store, who->owner, &back, NULL, &out->problems);
    if (out->err == EINVAL) {
        out->outcome = FG_COMMIT_INVALID;
        out->err = 0;
    } else if (!out->err &&
               !get_ready(c, &back, revision + 1, FG_PREPARE_DEGRADE, NULL, &next, &a, out)) {
        run(c, &order, &back, next, revision, &a, out);
    }
    fg_snapshot_put(next);
    fg_changeset_free(&back);
}

void fg_commit_result_free(struct fg_commit_result *r)
{
    json_decref(r->impact);
    json_decref(r->changes);
    json_decref(r->conflicts);
    json_decref(r->requires);
    fg_problems_free(&r->problems);
    fg_problems_free(&r->warnings);
    *r = (struct fg_commit_result){0};
}
