/* A set of objects that change, each once: made from a draft, from the changes of a request, or
 * from the difference of two revisions; and what follows from it: conflicts, a compiled snapshot,
 * the list that people read. */
#include "server/config/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTER = 96 };

const char *fg_change_op_name(enum fg_change_op op)
{
    static const char *const names[] = {"put", "patch", "delete"};
    return names[op];
}

json_t *fg_body_parse(const char *text)
{
    return json_loads(text, 0, NULL);
}

json_t *fg_effective_body(enum fg_kind kind, const char *key, json_t *body)
{
    if (body) return json_incref(body);
    return fg_model_is_permanent(kind, key) ? fg_model_default(kind, key) : NULL;
}

uint64_t fg_config_current(struct fg_store *st, int *err)
{
    uint64_t n = 0;
    *err = fg_revision_current(st, &n);
    return n;
}

/* ---- the set ---- */

void fg_changeset_init(struct fg_changeset *s)
{
    *s = (struct fg_changeset){0};
    fg_map_init(&s->map);
}

static void item_free(struct fg_item *it)
{
    json_decref(it->before);
    json_decref(it->after);
    free(it->text);
    free(it->name);
    free(it);
}

void fg_changeset_free(struct fg_changeset *s)
{
    for (size_t i = 0; i < s->n; i++) item_free(s->items[i]);
    free(s->items);
    fg_map_free(&s->map);
    *s = (struct fg_changeset){0};
}

static char *item_name(enum fg_kind kind, const char *key)
{
    char *name;
    return asprintf(&name, "%s/%s", fg_kind_name(kind), key) < 0 ? NULL : name;
}

struct fg_item *fg_changeset_find(const struct fg_changeset *s, enum fg_kind kind, const char *key)
{
    char *name = item_name(kind, key);
    struct fg_map_node *n = name ? fg_map_finds(&s->map, name) : NULL;
    free(name);
    return n ? FG_CONTAINER(n, struct fg_item, node) : NULL;
}

/* An empty item, in the set. */
static struct fg_item *add(struct fg_changeset *s, enum fg_kind kind, const char *key)
{
    if (s->n == s->room) {
        size_t room = s->room ? s->room * 2 : 16;
        struct fg_item **items = realloc(s->items, room * sizeof(struct fg_item *));
        if (!items) return NULL;
        s->items = items;
        s->room = room;
    }
    struct fg_item *it = calloc(1, sizeof *it);
    if (!it) return NULL;
    it->name = item_name(kind, key);
    if (!it->name || fg_map_adds(&s->map, &it->node, it->name)) {
        free(it->name);
        free(it);
        return NULL;
    }
    it->kind = kind;
    it->key = it->name + strlen(fg_kind_name(kind)) + 1;
    s->items[s->n++] = it;
    return it;
}

/* What is stored at the active revision. */
static int read_stored(struct fg_store *st, enum fg_kind kind, const char *key, json_t **body,
                       uint64_t *since)
{
    int err;
    char *text = NULL;
    uint64_t current = fg_config_current(st, &err);
    *body = NULL;
    *since = 0;
    if (err) return err;
    err = fg_object_get(st, fg_kind_name(kind), key, current, &text, since);
    if (err == ENOENT) return 0;
    if (err) return err;
    *body = fg_body_parse(text);
    free(text);
    return *body ? 0 : EBADMSG;
}

json_t *fg_config_object(struct fg_store *st, enum fg_kind kind, const char *key,
                         uint64_t *revision, int *err)
{
    json_t *body;
    uint64_t since;
    *err = read_stored(st, kind, key, &body, &since);
    if (revision) *revision = since;
    if (*err) return NULL;
    json_t *effective = fg_effective_body(kind, key, body);
    json_decref(body);
    return effective;
}

int fg_changeset_touch(struct fg_changeset *s, struct fg_store *st, enum fg_kind kind,
                       const char *key, struct fg_item **out)
{
    *out = fg_changeset_find(s, kind, key);
    if (*out) return 0;
    json_t *body;
    uint64_t since;
    int err = read_stored(st, kind, key, &body, &since);
    if (err) return err;
    struct fg_item *it = add(s, kind, key);
    if (!it) {
        json_decref(body);
        return ENOMEM;
    }
    it->before = body;
    it->after = json_incref(body);
    it->since = it->base = since;
    *out = it;
    return 0;
}

/* ---- from a draft ---- */

struct draft_read {
    struct fg_changeset *set;
    struct fg_store *st;
};

struct draft_row {
    char *kind, *key, *body;
    enum fg_draft_op op;
    uint64_t base;
};

struct fg_draft_rows {
    struct draft_row *rows;
    size_t n, room;
};

int fg_draft_rows_new(struct fg_draft_rows **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? 0 : ENOMEM;
}

int fg_changeset_keep(struct fg_draft_rows *r, const struct fg_draft *d)
{
    if (r->n == r->room) {
        size_t room = r->room ? r->room * 2 : 16;
        struct draft_row *rows = realloc(r->rows, room * sizeof *rows);
        if (!rows) return ENOMEM;
        r->rows = rows;
        r->room = room;
    }
    struct draft_row row = {strdup(d->kind), strdup(d->key), d->body ? strdup(d->body) : NULL,
                            d->op, d->base_revision};
    r->rows[r->n++] = row;
    return row.kind && row.key && (row.body || !d->body) ? 0 : ENOMEM;
}

static int keep_row(const struct fg_draft *d, void *arg)
{
    return fg_changeset_keep(arg, d);
}

void fg_draft_rows_free(struct fg_draft_rows *r)
{
    if (!r) return;
    for (size_t i = 0; i < r->n; i++) {
        free(r->rows[i].kind);
        free(r->rows[i].key);
        free(r->rows[i].body);
    }
    free(r->rows);
    free(r);
}

static int take_row(struct draft_read *r, const struct draft_row *row, enum fg_kind kind)
{
    struct fg_item *it;
    int err = fg_changeset_touch(r->set, r->st, kind, row->key, &it);
    if (err) return err;
    it->op = (enum fg_change_op)row->op;
    it->base = row->base;
    json_decref(it->after);
    it->after = row->body ? fg_body_parse(row->body) : NULL;
    return row->body && !it->after ? EBADMSG : 0;
}

/* The selected rows; what is not there is a problem. */
static int read_selected(struct fg_store *st, const char *owner, const struct fg_selection *only,
                         size_t n_only, struct fg_draft_rows *rows, struct fg_problems *problems)
{
    for (size_t i = 0; i < n_only; i++) {
        const char *kind = fg_kind_name(only[i].kind);
        int err = fg_draft_get(st, owner, kind, only[i].key, keep_row, rows);
        if (err && err != ENOENT) return err;
        if (!err) continue;
        char pointer[POINTER];
        snprintf(pointer, sizeof pointer, "/only/%zu", i);
        fg_problem_add(problems, pointer, "not_found", "%s %s is not in the draft.", kind,
                       only[i].key);
    }
    return 0;
}

int fg_changeset_rows(struct fg_changeset *s, struct fg_store *st, const struct fg_draft_rows *rows)
{
    struct draft_read r = {s, st};
    int err = 0;
    for (size_t i = 0; !err && i < rows->n; i++) {
        enum fg_kind kind;
        if (fg_kind_parse(rows->rows[i].kind, &kind)) continue;
        err = take_row(&r, &rows->rows[i], kind);
    }
    return err;
}

int fg_changeset_draft(struct fg_changeset *s, struct fg_store *st, const char *owner,
                       const struct fg_selection *only, size_t n_only, struct fg_problems *problems)
{
    struct fg_draft_rows *rows;
    int err = fg_draft_rows_new(&rows);
    if (err) return err;
    err = n_only ? read_selected(st, owner, only, n_only, rows, problems)
                 : fg_draft_each(st, owner, NULL, NULL, NULL, FG_DRAFT_MAX, keep_row, rows);
    if (!err) err = fg_changeset_rows(s, st, rows);
    fg_draft_rows_free(rows);
    return err;
}

/* ---- from a request ---- */

static int merge_one(struct fg_changeset *s, struct fg_store *st, const struct fg_change *ch,
                     size_t i, struct fg_problems *problems)
{
    char pointer[POINTER], key[FG_MODEL_KEY_MAX];
    snprintf(pointer, sizeof pointer, "/changes/%zu/key", i);
    if (fg_model_key_prepare(ch->kind, ch->key, pointer, key, problems)) return 0;
    struct fg_item *it;
    int err = fg_changeset_touch(s, st, ch->kind, key, &it);
    if (err) return err;
    it->op = ch->op;
    json_t *now = fg_effective_body(ch->kind, key, it->after);
    if (ch->op == FG_CHANGE_DELETE) {
        if (!now)
            fg_problem_add(problems, pointer, "not_found", "There is no such object: %s.", key);
        json_decref(now);
        json_decref(it->after);
        it->after = NULL;
        return 0;
    }
    if (ch->op == FG_CHANGE_PATCH && !now) {
        fg_problem_add(problems, pointer, "not_found", "There is no such object to patch: %s.",
                       key);
        return 0;
    }
    snprintf(pointer, sizeof pointer, "/changes/%zu/value", i);
    json_t *body =
        fg_model_parse(ch->kind, key, ch->op == FG_CHANGE_PUT ? FG_MODEL_PUT : FG_MODEL_PATCH,
                       ch->value, now, fg_clock_wall_ms(), pointer, problems);
    json_decref(now);
    if (!body) return 0;
    json_decref(it->after);
    it->after = body;
    return 0;
}

int fg_changeset_merge(struct fg_changeset *s, struct fg_store *st, const struct fg_change *changes,
                       size_t n, struct fg_problems *problems)
{
    for (size_t i = 0; i < n; i++) {
        int err = merge_one(s, st, &changes[i], i, problems);
        if (err) return err;
    }
    return 0;
}

/* ---- from two revisions ---- */

static int take_diff(const struct fg_object_change *ch, void *arg)
{
    struct fg_changeset *s = arg;
    enum fg_kind kind;
    if (fg_kind_parse(ch->kind, &kind)) return 0;
    struct fg_item *it = add(s, kind, ch->key);
    if (!it) return ENOMEM;
    it->op = ch->after ? FG_CHANGE_PUT : FG_CHANGE_DELETE;
    it->before = ch->before ? fg_body_parse(ch->before) : NULL;
    it->after = ch->after ? fg_body_parse(ch->after) : NULL;
    it->since = it->base = ch->before_since;
    return 0;
}

int fg_changeset_diff(struct fg_changeset *s, struct fg_store *st, uint64_t from, uint64_t to)
{
    return fg_object_diff(st, from, to, NULL, NULL, FG_PAGE_MAX, take_diff, s);
}

/* ---- what follows ---- */

bool fg_item_idle(const struct fg_item *it)
{
    json_t *a = fg_effective_body(it->kind, it->key, it->before);
    json_t *b = fg_effective_body(it->kind, it->key, it->after);
    bool same = (!a && !b) || (a && b && json_equal(a, b));
    json_decref(a);
    json_decref(b);
    return same;
}

void fg_changeset_drop_idle(struct fg_changeset *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (!fg_item_idle(s->items[i])) {
            s->items[kept++] = s->items[i];
            continue;
        }
        fg_map_remove(&s->map, &s->items[i]->node);
        item_free(s->items[i]);
    }
    s->n = kept;
}

size_t fg_changeset_conflicts(struct fg_changeset *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct fg_item *it = s->items[i];
        it->conflict = it->since != it->base;
        n += it->conflict;
    }
    return n;
}

int fg_changeset_conflicts_since(struct fg_changeset *s, struct fg_store *st, uint64_t base,
                                 size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct fg_item *it = s->items[i];
        it->conflict = it->since > base;
        if (!it->since) { /* no row now: was there one? */
            char *was = NULL;
            int err = fg_object_get(st, fg_kind_name(it->kind), it->key, base, &was, NULL);
            free(was);
            if (err && err != ENOENT) return err;
            it->conflict = err == 0;
        }
        if (it->conflict) it->base = base;
        *n += it->conflict;
    }
    return 0;
}

int fg_changeset_compile(const struct fg_changeset *s, struct fg_store *st,
                         const struct fg_snapshot *base, uint64_t revision,
                         struct fg_snapshot **out, struct fg_problems *problems,
                         struct fg_problems *warnings)
{
    struct fg_compile_change *changes = calloc(s->n ? s->n : 1, sizeof *changes);
    if (!changes) return ENOMEM;
    for (size_t i = 0; i < s->n; i++)
        changes[i] =
            (struct fg_compile_change){s->items[i]->kind, s->items[i]->key, s->items[i]->after};
    struct fg_compile_checks checks = {fg_config_fit, st};
    int err = fg_compile(base, changes, s->n, revision, &checks, out, problems, warnings);
    free(changes);
    return err;
}

static json_t *show(const struct fg_item *it, json_t *body, const struct fg_snapshot *snapshot)
{
    json_t *effective = fg_effective_body(it->kind, it->key, body);
    json_t *shown =
        effective ? fg_model_print(it->kind, it->key, effective, snapshot) : json_null();
    json_decref(effective);
    return shown;
}

json_t *fg_changeset_json(const struct fg_changeset *s, const struct fg_snapshot *before,
                          const struct fg_snapshot *after)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->n; i++) {
        const struct fg_item *it = s->items[i];
        json_t *o =
            json_pack("{s:s,s:s,s:s,s:I,s:o,s:o}", "op", fg_change_op_name(it->op), "kind",
                      fg_kind_name(it->kind), "key", it->key, "base_revision", (json_int_t)it->base,
                      "before", show(it, it->before, before), "after", show(it, it->after, after));
        if (o) json_array_append_new(list, o);
    }
    return list;
}

/* The object as it was when the change was made. */
static json_t *base_body(struct fg_store *st, const struct fg_item *it)
{
    char *text = NULL;
    if (!it->base || fg_object_get(st, fg_kind_name(it->kind), it->key, it->base, &text, NULL))
        return NULL;
    json_t *body = fg_body_parse(text);
    free(text);
    return body;
}

json_t *fg_changeset_conflicts_json(const struct fg_changeset *s, struct fg_store *st,
                                    const struct fg_snapshot *snapshot)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->n; i++) {
        const struct fg_item *it = s->items[i];
        if (!it->conflict) continue;
        json_t *base = base_body(st, it);
        json_t *o =
            json_pack("{s:s,s:s,s:o,s:o,s:o}", "kind", fg_kind_name(it->kind), "key", it->key,
                      "base", show(it, base, snapshot), "mine", show(it, it->after, snapshot),
                      "theirs", show(it, it->before, snapshot));
        json_decref(base);
        if (o) json_array_append_new(list, o);
    }
    return list;
}
