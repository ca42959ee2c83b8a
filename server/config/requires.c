/* A selection of a draft may need other changes of the same draft: the site that a selected user
 * belongs to, the partner that gives the selected one's domain away. They are found by what the
 * faults of the selection are about: a change of the faulty object itself, or one whose object and
 * the faulty one name each other. What turns out not to be needed is left out again. */
#include "server/config/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = 512, ROUNDS_MAX = 20, TRIED_MAX = 64 };

/* ---- who names whom ---- */

/* "user:sales" and "external:contoso.com" name what stands behind the colon too. */
static bool is_key(const char *text, const char *key)
{
    const char *colon = strchr(text, ':');
    return strcmp(text, key) == 0 || (colon && strcmp(colon + 1, key) == 0);
}

static bool names(const json_t *body, const char *key)
{
    const char *field;
    json_t *value;
    size_t i;
    if (json_is_string(body)) return is_key(json_string_value(body), key);
    if (json_is_array(body)) {
        json_array_foreach(body, i, value) if (names(value, key)) return true;
        return false;
    }
    void *walk = json_object_iter((json_t *)(uintptr_t)body);
    for (; walk; walk = json_object_iter_next((json_t *)(uintptr_t)body, walk)) {
        field = json_object_iter_key(walk);
        value = json_object_iter_value(walk);
        if (strcmp(field, "description") != 0 && names(value, key)) return true;
    }
    return false;
}

static bool item_names(const struct fg_item *it, const char *key)
{
    return is_key(it->key, key) || names(it->before, key) || names(it->after, key);
}

/* Do two partners claim one domain, in what they were or shall be? */
static bool shares_domain(const struct fg_item *a, const json_t *body)
{
    const json_t *more = json_object_get(body, "additional_domains");
    for (size_t i = 0; i < json_array_size(more); i++)
        if (item_names(a, json_string_value(json_array_get(more, i)))) return true;
    return false;
}

/* ---- the faulty objects ---- */

/* "/users/amy@contoso.com/site" into kind and key. */
static bool object_of(const char *pointer, enum fg_kind *kind, char key[KEY_MAX])
{
    char word[KEY_MAX];
    size_t n = *pointer == '/' ? strcspn(pointer + 1, "/") : 0, used = 0;
    if (n == 0 || n >= sizeof word) return false;
    memcpy(word, pointer + 1, n);
    word[n] = '\0';
    if (fg_kind_parse(word, kind)) return false;
    const char *p = pointer + 1 + n;
    if (*p == '/') p++;
    for (; *p && *p != '/' && used + 1 < KEY_MAX; p++) {
        if (*p == '~' && p[1])
            key[used++] = *++p == '0' ? '~' : '/';
        else
            key[used++] = *p;
    }
    key[used] = '\0';
    return used > 0;
}

struct search {
    struct fg_config *c;
    struct fg_changeset *all; /* the whole draft */
    bool *in;                 /* by index in `all`: selected or needed */
    bool *needed;
};

static bool helps(const struct search *s, const struct fg_item *candidate, enum fg_kind kind,
                  const char *key)
{
    int err;
    if (candidate->kind == kind && strcmp(candidate->key, key) == 0) return true;
    struct fg_item *faulty = fg_changeset_find(s->all, kind, key);
    json_t *stored = faulty ? NULL : fg_config_object(s->c->p.store, kind, key, NULL, &err);
    const json_t *body = faulty ? faulty->after : stored;
    bool yes =
        names(body, candidate->key) || item_names(candidate, key) || shares_domain(candidate, body);
    json_decref(stored);
    return yes;
}

/* Takes in what may mend these faults; how many. */
static size_t take_in(struct search *s, const struct fg_problems *faults)
{
    size_t n = 0;
    for (size_t i = 0; i < faults->count; i++) {
        enum fg_kind kind;
        char key[KEY_MAX];
        if (!object_of(faults->items[i].pointer, &kind, key)) continue;
        for (size_t k = 0; k < s->all->n; k++) {
            if (s->in[k] || !helps(s, s->all->items[k], kind, key)) continue;
            s->in[k] = s->needed[k] = true;
            n++;
        }
    }
    return n;
}

/* ---- trying ---- */

/* Compiles what is in. 0, EINVAL with faults, errno. */
static int try(const struct search *s, struct fg_problems *faults)
{
    struct fg_item **items = calloc(s->all->n, sizeof(struct fg_item *));
    struct fg_changeset part = {.items = items};
    struct fg_snapshot *base = fg_config_snapshot(s->c), *made = NULL;
    int err = items ? 0 : ENOMEM;
    for (size_t i = 0; !err && i < s->all->n; i++)
        if (s->in[i]) items[part.n++] = s->all->items[i];
    if (!err)
        err = fg_changeset_compile(&part, s->c->p.store, base, s->c->revision + 1, &made, faults,
                                   NULL);
    fg_snapshot_put(made);
    fg_snapshot_put(base);
    free(items);
    return err;
}

static int search(struct search *s)
{
    int err = EINVAL;
    for (int round = 0; err == EINVAL && round < ROUNDS_MAX; round++) {
        struct fg_problems faults;
        fg_problems_init(&faults);
        err = try(s, &faults);
        bool grown = err == EINVAL && take_in(s, &faults) > 0;
        fg_problems_free(&faults);
        if (err == EINVAL && !grown) return EINVAL;
    }
    return err;
}

/* What was only thought to be needed. */
static void leave_out(struct search *s)
{
    size_t tried = 0;
    for (size_t i = 0; i < s->all->n && tried < TRIED_MAX; i++) {
        struct fg_problems faults;
        if (!s->needed[i]) continue;
        fg_problems_init(&faults);
        s->in[i] = false;
        s->needed[i] = try(s, &faults) != 0;
        s->in[i] = s->needed[i];
        fg_problems_free(&faults);
        tried++;
    }
}

static void mark(struct search *s, const struct fg_selection *only, size_t n)
{
    for (size_t i = 0; i < s->all->n; i++)
        for (size_t k = 0; k < n && !s->in[i]; k++)
            s->in[i] = s->all->items[i]->kind == only[k].kind &&
                       strcmp(s->all->items[i]->key, only[k].key) == 0;
}

static json_t *list_needed(const struct search *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->all->n; i++)
        if (s->needed[i])
            json_array_append_new(list, json_pack("{s:s,s:s}", "kind",
                                                  fg_kind_name(s->all->items[i]->kind), "key",
                                                  s->all->items[i]->key));
    return list;
}

json_t *fg_requires(struct fg_config *c, const char *owner, const struct fg_selection *only,
                    size_t n_only)
{
    struct fg_changeset all;
    struct fg_problems ignored;
    struct search s = {.c = c, .all = &all};
    json_t *list = NULL;
    fg_changeset_init(&all);
    fg_problems_init(&ignored);
    int err = fg_changeset_draft(&all, c->p.store, owner, NULL, 0, &ignored);
    s.in = calloc(all.n ? all.n : 1, sizeof *s.in);
    s.needed = calloc(all.n ? all.n : 1, sizeof *s.needed);
    if (!err && (!s.in || !s.needed)) err = ENOMEM;
    if (!err) {
        mark(&s, only, n_only);
        err = search(&s);
    }
    if (!err) {
        leave_out(&s);
        list = list_needed(&s);
    }
    free(s.in);
    free(s.needed);
    fg_problems_free(&ignored);
    fg_changeset_free(&all);
    if (json_array_size(list)) return list;
    json_decref(list);
    return NULL;
}
