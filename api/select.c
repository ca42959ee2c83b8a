/* See select.h. */
#include "api/select.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/partners_view.h"
#include "api/users_view.h"
#include "gateway/base/list.h"
#include "gateway/base/map.h"
#include "server/model/model.h"

enum { POINTER = 128, MORE = 5 };

const char **fg_select_fields(enum fg_kind kind, json_t *schema)
{
    json_t *properties = json_object_get(schema, "properties");
    const char **names = calloc(json_object_size(properties) + MORE, sizeof *names);
    size_t n = 0;
    if (!names) return NULL;
    for (void *it = json_object_iter(properties); it; it = json_object_iter_next(properties, it))
        names[n++] = json_object_iter_key(it);
    names[n++] = "draft";
    if (kind == FG_KIND_PARTNERS)
        for (size_t i = 0; fg_partners_live_fields[i]; i++) names[n++] = fg_partners_live_fields[i];
    return names;
}

void fg_reject(json_t *list, const char *key, const char *code, const char *message)
{
    if (json_array_size(list) >= FG_REJECTED_MAX) return;
    json_t *o = json_object();
    fg_json_set(o, "key", fg_json_text(key));
    fg_json_set(o, "code", fg_json_text(code));
    fg_json_set(o, "message", fg_json_text(message));
    fg_json_push(list, o);
}

void fg_selected_free(struct fg_selected *s)
{
    for (size_t i = 0; i < s->n; i++) free(s->keys[i]);
    free(s->keys);
    json_decref(s->rejected);
    *s = (struct fg_selected){0};
}

static int begin(struct fg_selected *s)
{
    *s = (struct fg_selected){.rejected = json_array()};
    return s->rejected ? 0 : ENOMEM;
}

static int add(struct fg_selected *s, const char *key)
{
    if (s->n == s->room) {
        size_t room = s->room ? s->room * 2 : 64;
        char **keys = realloc(s->keys, room * sizeof *keys);
        if (!keys) return ENOMEM;
        s->keys = keys;
        s->room = room;
    }
    s->keys[s->n] = strdup(key);
    if (!s->keys[s->n]) return ENOMEM;
    s->n++;
    s->matched++;
    return 0;
}

/* ---- by filter ---- */

static int add_entry(const struct fg_entry *e, void *arg)
{
    return add(arg, e->key);
}

static int add_key(const char *key, void *arg)
{
    return add(arg, key);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* An empty filter takes all that the draft view holds: nothing has to be printed for it. */
static int take_all(struct fg_view *v, enum fg_kind kind, struct fg_selected *out)
{
    return fg_snapshot_each(v->snapshot, kind, add_entry, out);
}

static int take_matching(struct fg_view *v, enum fg_kind kind, const struct fg_listing *filter,
                         struct fg_live *live, struct fg_selected *out)
{
    int err = 0;
    if (kind == FG_KIND_PARTNERS) return fg_partners_view_each(v, filter, live, add_key, out);
    if (kind == FG_KIND_USERS && fg_users_view_can(filter))
        return fg_users_view_each(v, filter, add_key, out);
    const char *name = fg_model_key_field(kind);
    json_t *all = fg_view_all(v, kind, filter, &err);
    for (size_t i = 0; !err && i < json_array_size(all); i++) {
        json_t *item = json_array_get(all, i);
        const char *mark = json_string_value(json_object_get(item, "draft"));
        if (mark && strcmp(mark, "removed") == 0) continue; /* is gone already */
        err = add(out, json_string_value(json_object_get(item, name)));
    }
    json_decref(all);
    return err;
}

int fg_select_matching(struct fg_view *v, enum fg_kind kind, const struct fg_listing *filter,
                       struct fg_live *live, struct fg_selected *out)
{
    int err = begin(out);
    if (err) return err;
    bool empty = !filter->q && filter->n_filters == 0;
    err = empty ? take_all(v, kind, out) : take_matching(v, kind, filter, live, out);
    if (out->n) qsort(out->keys, out->n, sizeof *out->keys, compare);
    return err;
}

/* ---- by name ---- */

/* Named before: one object counts once. */
struct named {
    struct fg_map_node node;
    char key[];
};

static void named_free(struct fg_map_node *n, void *arg)
{
    (void)arg;
    free(FG_CONTAINER(n, struct named, node));
}

/* 0; EEXIST when it was there; ENOMEM. */
static int remember(struct fg_map *seen, const char *key)
{
    if (fg_map_finds(seen, key)) return EEXIST;
    size_t len = strlen(key);
    struct named *n = calloc(1, sizeof *n + len + 1);
    if (!n) return ENOMEM;
    memcpy(n->key, key, len + 1);
    int err = fg_map_adds(seen, &n->node, n->key);
    if (err) free(n);
    return err;
}

static int take_named(struct fg_view *v, enum fg_kind kind, const char *raw, const char *at,
                      struct fg_map *seen, struct fg_selected *out, struct fg_problems *problems)
{
    char key[FG_MODEL_KEY_MAX];
    if (!raw) {
        fg_problem_add(problems, at, "type", "A key is a text.");
        return 0;
    }
    if (fg_model_key_prepare(kind, raw, at, key, problems)) return 0;
    int err = remember(seen, key);
    if (err) return err == EEXIST ? 0 : err;
    if (fg_snapshot_find(v->snapshot, kind, key)) return add(out, key);
    out->matched++;
    fg_reject(out->rejected, key, "not_found", "There is no such object; add it first.");
    return 0;
}

int fg_select_named(struct fg_view *v, enum fg_kind kind, const json_t *keys, const char *pointer,
                    struct fg_selected *out, struct fg_problems *problems)
{
    struct fg_map seen;
    int err = begin(out);
    fg_map_init(&seen);
    for (size_t i = 0; !err && i < json_array_size(keys); i++) {
        char at[POINTER];
        snprintf(at, sizeof at, "%s/%zu", pointer, i);
        const char *raw = json_string_value(json_array_get(keys, i));
        err = take_named(v, kind, raw, at, &seen, out, problems);
    }
    fg_map_each(&seen, named_free, NULL);
    fg_map_free(&seen);
    return err;
}
