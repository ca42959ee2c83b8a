/* Many changes into a draft at once: imports and bulk edits. Everything is validated first; then
 * one transaction writes all draft rows, or none. */
#include "server/config/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTER = FG_MODEL_KEY_MAX * 2 + 64 };

void fg_config_point(char *out, size_t size, enum fg_kind kind, const char *key)
{
    int n = snprintf(out, size, "/%s", fg_kind_name(kind));
    if (kind == FG_KIND_SETTINGS || n < 0) return;
    size_t used = (size_t)n;
    out[used++] = '/';
    for (; *key && used + 3 < size; key++) {
        if (*key == '~' || *key == '/') out[used++] = '~';
        out[used++] = *key == '~' ? '0' : *key == '/' ? '1' : *key;
    }
    out[used] = 0;
}

/* ---- what is staged already ---- */

static int take_staged(const struct fg_draft *d, void *arg)
{
    struct fg_item *it = arg;
    it->base = d->base_revision;
    json_decref(it->after);
    it->after = d->body ? fg_body_parse(d->body) : NULL;
    return d->body && !it->after ? EBADMSG : 0;
}

/* The object as the actor sees it, in `it->after`. */
static int see(struct fg_store *st, struct fg_changeset *set, const char *owner, enum fg_kind kind,
               const char *key, struct fg_item **out)
{
    int err = fg_changeset_touch(set, st, kind, key, out);
    if (!err) err = fg_draft_get(st, owner, fg_kind_name(kind), key, take_staged, *out);
    return err == ENOENT ? 0 : err;
}

/* ---- merging ---- */

static void change_item(struct fg_item *it, const struct fg_change *ch, const char *pointer,
                        struct fg_problems *problems)
{
    json_t *now = fg_effective_body(it->kind, it->key, it->after), *body = NULL;
    if (ch->op == FG_CHANGE_PATCH && !now)
        fg_problem_add(problems, pointer, "not_found", "There is no such object to patch: %s.",
                       it->key);
    else if (ch->op != FG_CHANGE_DELETE)
        body = fg_model_parse(it->kind, it->key,
                              ch->op == FG_CHANGE_PUT ? FG_MODEL_PUT : FG_MODEL_PATCH, ch->value,
                              now, fg_clock_wall_ms(), pointer, problems);
    it->same = ch->op == FG_CHANGE_PATCH ? now && body && json_equal(now, body)
                                         : ch->op == FG_CHANGE_DELETE && !it->after;
    json_decref(now);
    json_decref(it->after);
    it->after = body;
    it->op = ch->op;
    /* What is put or deleted decides; a merge does not see what somebody else changed. */
    if (ch->op != FG_CHANGE_PATCH) it->base = it->since;
}

static int merge(struct fg_store *st, const struct fg_bulk *in, struct fg_changeset *set,
                 struct fg_problems *problems)
{
    int err = 0;
    for (size_t i = 0; !err && i < in->n; i++) {
        const struct fg_change *ch = &in->changes[i];
        char pointer[POINTER], key[FG_MODEL_KEY_MAX];
        struct fg_item *it;
        fg_config_point(pointer, sizeof pointer, ch->kind, ch->key);
        if (fg_model_key_prepare(ch->kind, ch->key, pointer, key, problems)) continue;
        if (fg_changeset_find(set, ch->kind, key)) {
            fg_problem_add(problems, pointer, "duplicate", "%s is there twice.", key);
            continue;
        }
        err = see(st, set, in->who.owner, ch->kind, key, &it);
        if (!err && (in->only_new & (1u << ch->kind)) && it->after)
            it->same = true; /* it is there: as it is */
        else if (!err)
            change_item(it, ch, pointer, problems);
    }
    return err;
}

/* ---- what is not named goes away ---- */

struct names {
    char **list;
    size_t n, room;
};

static int keep(struct names *names, const char *key)
{
    if (names->n == names->room) {
        size_t room = names->room ? names->room * 2 : 64;
        char **list = realloc(names->list, room * sizeof *list);
        if (!list) return ENOMEM;
        names->list = list;
        names->room = room;
    }
    names->list[names->n] = strdup(key);
    return names->list[names->n++] ? 0 : ENOMEM;
}

static int keep_object(const struct fg_object *o, void *arg)
{
    return keep(arg, o->key);
}

static int keep_draft(const struct fg_draft *d, void *arg)
{
    return keep(arg, d->key);
}

static int remove_others(struct fg_store *st, const struct fg_bulk *in, enum fg_kind kind,
                         struct fg_changeset *set)
{
    struct names names = {0};
    const char *word = fg_kind_name(kind);
    int err;
    uint64_t revision = fg_config_current(st, &err);
    if (!err) err = fg_object_each(st, word, revision, NULL, FG_PAGE_MAX, keep_object, &names);
    if (!err)
        err = fg_draft_each(st, in->who.owner, word, NULL, NULL, FG_DRAFT_MAX, keep_draft, &names);
    for (size_t i = 0; i < names.n; i++) {
        struct fg_item *it;
        if (!err && names.list[i] && !fg_changeset_find(set, kind, names.list[i])) {
            err = fg_changeset_touch(set, st, kind, names.list[i], &it);
            if (!err) {
                json_decref(it->after);
                it->after = NULL;
                it->op = FG_CHANGE_DELETE;
                it->base = it->since;
            }
        }
        free(names.list[i]);
    }
    free(names.list);
    return err;
}

int fg_bulk_merge(struct fg_store *st, const struct fg_bulk *in, struct fg_changeset *set,
                  struct fg_problems *problems)
{
    int err = merge(st, in, set, problems);
    for (int kind = 0; !err && kind < FG_KINDS; kind++)
        if (in->replace & 1u << kind) err = remove_others(st, in, (enum fg_kind)kind, set);
    return err;
}

/* ---- writing ---- */

static int write_item(struct fg_config *c, const char *owner, const struct fg_item *it)
{
    const char *kind = fg_kind_name(it->kind);
    if (it->same) return 0;
    if (fg_item_idle(it)) {
        int err = fg_draft_delete(c->p.store, owner, kind, it->key);
        return err == ENOENT ? 0 : err;
    }
    char *body = it->after && !it->text ? fg_model_canonical(it->after, NULL) : NULL;
    if (it->after && !it->text && !body) return ENOMEM;
    struct fg_draft d = {.owner = owner,
                         .kind = kind,
                         .key = it->key,
                         .op = it->after ? (enum fg_draft_op)it->op : FG_DRAFT_DELETE,
                         .base_revision = it->base,
                         .body = it->text ? it->text : body};
    int err = fg_draft_put(c->p.store, &d, fg_clock_wall_ms());
    free(body);
    return err;
}

/* A domain that is another's or ours is refused at once; other references may still be missing. */
static int check_domains(struct fg_config *c, const char *owner, struct fg_snapshot **draft,
                         struct fg_problems *problems)
{
    struct fg_problems found;
    fg_problems_init(&found);
    int err = fg_draft_try(c, owner, draft, &found);
    if (err == EINVAL) err = 0;
    for (size_t i = 0; !err && i < found.count; i++)
        if (strncmp(found.items[i].code, "domain_", 7) == 0)
            fg_problem_add(problems, found.items[i].pointer, found.items[i].code, "%s",
                           found.items[i].message);
    fg_problems_free(&found);
    return err ? err : fg_problems_none(problems) ? 0 : EINVAL;
}

/* `*draft`: the draft as it would be, when it was worked out; the caller's also after a failure. */
static int write_all(struct fg_config *c, const struct fg_bulk *in, const struct fg_changeset *set,
                     struct fg_bulk_result *out, struct fg_snapshot **draft,
                     struct fg_problems *problems)
{
    bool domains = false;
    int err = fg_store_begin(c->p.store);
    if (err) return err;
    for (size_t i = 0; !err && i < set->n; i++) {
        const struct fg_item *it = set->items[i];
        err = write_item(c, in->who.owner, it);
        if (it->kind == FG_KIND_PARTNERS || it->kind == FG_KIND_DOMAINS) domains = true;
        out->same += it->same;
        if (fg_item_idle(it))
            out->unchanged++;
        else
            out->staged++;
    }
    if (!err && domains) err = check_domains(c, in->who.owner, draft, problems);
    if (!err && in->dry_run) err = ECANCELED; /* and everything is undone */
    if (!err) {
        struct fg_audit_entry e = {.who = in->who.owner,
                                   .who_name = in->who.name,
                                   .via = in->who.via,
                                   .address = in->who.address,
                                   .action = in->action,
                                   .detail = in->detail,
                                   .outcome = "ok"};
        err = fg_audit_add(c->p.store, &e);
    }
    err = fg_store_end(c->p.store, err);
    return err == ECANCELED && in->dry_run ? 0 : err;
}

/* What is ready, or worked out here. */
static int read_changes(struct fg_config *c, const struct fg_bulk *in, struct fg_changeset *set,
                        struct fg_problems *problems)
{
    if (fg_ready_take(c, in->ready, in->who.owner, set, problems)) return 0;
    int err = fg_store_begin_reading(c->p.store);
    if (err) return err;
    return fg_store_end(c->p.store, fg_bulk_merge(c->p.store, in, set, problems));
}

int fg_config_stage_all(struct fg_config *c, const struct fg_bulk *in, struct fg_bulk_result *out,
                        struct fg_problems *problems)
{
    struct fg_changeset set;
    struct fg_snapshot *draft = NULL;
    *out = (struct fg_bulk_result){0};
    fg_changeset_init(&set);
    int err = read_changes(c, in, &set, problems);
    if (!err && !fg_problems_none(problems)) err = EINVAL;
    if (!err) err = fg_scope_check(c->p.store, in->who.owner, &set, NULL, problems);
    if (!err) err = write_all(c, in, &set, out, &draft, problems);
    if (!err && in->dry_run && draft) out->impact = fg_impact_among(c, draft, &set);
    fg_snapshot_put(draft);
    fg_config_forget_draft(c);
    fg_ready_return(in->ready, &set);
    return err;
}

/* ---- bodies that are ready ---- */

/* 0 when the draft has what `arg` says, else ESTALE. */
static int compare_draft(const struct fg_draft *d, void *arg)
{
    const struct fg_body *b = arg;
    if (!b->drafted || !d->body != !b->staged) return ESTALE;
    return d->body && strcmp(d->body, b->staged) != 0 ? ESTALE : 0;
}

static int check_draft(struct fg_config *c, const char *owner, const char *kind,
                       const struct fg_body *b)
{
    struct fg_body seen = *b;
    int err = fg_draft_get(c->p.store, owner, kind, b->key, compare_draft, &seen);
    return err != ENOENT ? err : b->drafted ? ESTALE : 0;
}

static int stage_body(struct fg_config *c, const struct fg_bodies *in, const struct fg_body *b,
                      const struct fg_limit *limit, struct fg_bulk_result *out)
{
    char *running = NULL;
    const char *kind = fg_kind_name(in->kind);
    int err = check_draft(c, in->who.owner, kind, b);
    if (err) return err;
    err = fg_object_get(c->p.store, kind, b->key, c->revision, &running, NULL);
    if (err && err != ENOENT) return err;
    if (running && strcmp(running, b->text) == 0) {
        err = fg_draft_delete(c->p.store, in->who.owner, kind, b->key);
        if (err == ENOENT) err = 0;
        out->unchanged++;
    } else if (!fg_limit_allows_text(limit, in->kind, b->key, running, b->text)) {
        err = EPERM;
    } else {
        struct fg_draft d = {.owner = in->who.owner,
                             .kind = kind,
                             .key = b->key,
                             .op = FG_DRAFT_PUT,
                             .base_revision = b->base,
                             .body = b->text};
        err = fg_draft_put(c->p.store, &d, fg_clock_wall_ms());
        out->staged++;
    }
    free(running);
    return err;
}

int fg_config_stage_bodies(struct fg_config *c, const struct fg_bodies *in,
                           struct fg_bulk_result *out)
{
    enum { ASK = 256 };
    *out = (struct fg_bulk_result){0};
    struct fg_limit *limit;
    int err = fg_limit_new(&limit, c->p.store, in->who.owner);
    if (!err) err = fg_store_begin(c->p.store);
    if (err) {
        fg_limit_free(limit);
        return err;
    }
    for (size_t i = 0; !err && i < in->n; i++) {
        if (i % ASK == 0 && !in->goes_on(in->arg, i)) err = ECANCELED;
        if (!err) err = stage_body(c, in, &in->list[i], limit, out);
    }
    if (!err) {
        struct fg_audit_entry e = {.who = in->who.owner,
                                   .who_name = in->who.name,
                                   .via = in->who.via,
                                   .address = in->who.address,
                                   .action = in->action,
                                   .detail = in->detail,
                                   .outcome = "ok"};
        err = fg_audit_add(c->p.store, &e);
    }
    err = fg_store_end(c->p.store, err);
    fg_limit_free(limit);
    fg_config_forget_draft(c);
    return err;
}
