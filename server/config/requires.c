/* A selection of a draft may need other changes of the same draft: the site that a selected user
 * belongs to, the partner that gives the selected one's domain away. They are found by what the
 * faults of the selection are about: a change of the faulty object itself, or one whose object and
 * the faulty one name each other. What turns out not to be needed is left out again. */
#include "server/config/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY_MAX = 512,
    ROUNDS_MAX = 20,
    TRIED_MAX = 64,
    WORK_MAX = 100000, /* objects that are compiled only to leave something out */
};

/* ---- texts that name something ---- */

/* A text of an object, and what stands behind its colon: "user:sales" and "external:contoso.com"
 * name that too. True ends the walk. */
typedef bool text_fn(void *arg, const char *text);

static bool each_name(const char *text, text_fn *fn, void *arg)
{
    const char *colon = strchr(text, ':');
    return fn(arg, text) || (colon && fn(arg, colon + 1));
}

static bool each_text(const json_t *body, text_fn *fn, void *arg)
{
    json_t *value, *mutable = (json_t *)(uintptr_t)body; /* iterating wants it */
    size_t i;
    if (json_is_string(body)) return each_name(json_string_value(body), fn, arg);
    if (json_is_array(body)) {
        json_array_foreach(body, i, value) if (each_text(value, fn, arg)) return true;
        return false;
    }
    for (void *at = json_object_iter(mutable); at; at = json_object_iter_next(mutable, at))
        if (strcmp(json_object_iter_key(at), "description") != 0 &&
            each_text(json_object_iter_value(at), fn, arg))
            return true;
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
    struct fg_map faulty;     /* names of faulty objects, and domains they claim: struct name */
    size_t grown;             /* how many this round has taken in */
    int err;
};

struct name {
    struct fg_map_node node;
    char text[];
};

static void free_name(struct fg_map_node *n, void *arg)
{
    fg_map_remove(arg, n);
    free(FG_CONTAINER(n, struct name, node));
}

static void add_faulty(struct search *s, const char *text)
{
    size_t len = strlen(text);
    if (s->err || fg_map_finds(&s->faulty, text)) return;
    struct name *n = malloc(sizeof *n + len + 1);
    if (!n) {
        s->err = ENOMEM;
        return;
    }
    memcpy(n->text, text, len + 1);
    s->err = fg_map_adds(&s->faulty, &n->node, n->text);
    if (s->err) free(n);
}

static void take(struct search *s, struct fg_item *it)
{
    if (!it || it->in) return;
    it->in = it->needed = true;
    s->grown++;
}

/* A faulty object names it: whatever changes under that name may help. */
static bool take_named(void *arg, const char *text)
{
    struct search *s = arg;
    for (int kind = 0; kind < FG_KINDS; kind++)
        take(s, fg_changeset_find(s->all, (enum fg_kind)kind, text));
    return false;
}

/* The change of the object itself, and what the object names; notes by what others name it. Two
 * partners may claim one domain. */
static void take_for(struct search *s, enum fg_kind kind, const char *key)
{
    struct fg_item *faulty = fg_changeset_find(s->all, kind, key);
    json_t *stored = faulty ? NULL : fg_config_object(s->c->p.store, kind, key, NULL, &s->err);
    const json_t *body = faulty ? faulty->after : stored;
    const json_t *more = json_object_get(body, "additional_domains");
    take(s, faulty);
    each_text(body, take_named, s);
    add_faulty(s, key);
    for (size_t i = 0; i < json_array_size(more); i++)
        add_faulty(s, json_string_value(json_array_get(more, i)));
    json_decref(stored);
}

static bool is_faulty(void *arg, const char *text)
{
    const struct search *s = arg;
    return fg_map_finds(&s->faulty, text) != NULL;
}

/* Takes in what may mend these faults; how many. One walk over the draft for all of them: it may
 * hold a hundred thousand changes, and there may be a thousand faults. */
static size_t take_in(struct search *s, const struct fg_problems *faults)
{
    s->grown = 0;
    fg_map_init(&s->faulty);
    for (size_t i = 0; i < faults->count && !s->err; i++) {
        enum fg_kind kind;
        char key[KEY_MAX];
        if (object_of(faults->items[i].pointer, &kind, key)) take_for(s, kind, key);
    }
    for (size_t k = 0; k < s->all->n && !s->err; k++) {
        struct fg_item *it = s->all->items[k];
        if (!it->in && (each_name(it->key, is_faulty, s) || each_text(it->before, is_faulty, s) ||
                        each_text(it->after, is_faulty, s)))
            take(s, it);
    }
    fg_map_each(&s->faulty, free_name, &s->faulty);
    fg_map_free(&s->faulty);
    return s->err ? 0 : s->grown;
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
        if (s->all->items[i]->in) items[part.n++] = s->all->items[i];
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
        if (s->err) return s->err;
        if (err == EINVAL && !grown) return EINVAL;
    }
    return err;
}

static size_t count_in(const struct search *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->all->n; i++) n += s->all->items[i]->in;
    return n;
}

/* What was only thought to be needed. Each attempt compiles all that is in. */
static void leave_out(struct search *s)
{
    size_t tries = WORK_MAX / (count_in(s) + 1);
    if (tries > TRIED_MAX) tries = TRIED_MAX;
    for (size_t i = 0; i < s->all->n && tries; i++) {
        struct fg_problems faults;
        struct fg_item *it = s->all->items[i];
        if (!it->needed) continue;
        fg_problems_init(&faults);
        it->in = false;
        it->in = it->needed = try(s, &faults) != 0;
        fg_problems_free(&faults);
        tries--;
    }
}

static void mark(struct search *s, const struct fg_selection *only, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        struct fg_item *it = fg_changeset_find(s->all, only[k].kind, only[k].key);
        if (it) it->in = true;
    }
}

static json_t *list_needed(const struct search *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->all->n; i++)
        if (s->all->items[i]->needed)
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
    if (!err) {
        mark(&s, only, n_only);
        err = search(&s);
    }
    if (!err) {
        leave_out(&s);
        list = list_needed(&s);
    }
    fg_problems_free(&ignored);
    fg_changeset_free(&all);
    if (json_array_size(list)) return list;
    json_decref(list);
    return NULL;
}
