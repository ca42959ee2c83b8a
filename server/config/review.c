/* A draft as a whole: compiled over what runs, and as people read it, a page at a time. What was
 * worked out for a large draft is kept until the draft or what runs is another one, so that paging
 * through a hundred thousand changes compiles them once. Any thread, with its own connection. */
#include "server/config/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEPT = 4,        /* large drafts at the same time */
    LARGE = 200,     /* below this compiling anew is quick */
    FRESH_MS = 60000 /* terms run out by themselves: nothing is kept longer */
};

struct kept {
    char *owner;
    uint64_t generation;
    const struct fg_snapshot *base; /* only compared; its revision makes it unique */
    uint64_t revision;
    int64_t since_ms, used_ms; /* monotonic */
    struct fg_snapshot *snapshot;
    struct fg_problems problems, warnings;
    bool no_conflicts; /* known to have none */
};

struct fg_draft_cache {
    pthread_mutex_t lock;
    struct kept list[KEPT];
};

int fg_draft_cache_new(struct fg_draft_cache **out)
{
    struct fg_draft_cache *cache = calloc(1, sizeof *cache);
    if (!cache) return ENOMEM;
    pthread_mutex_init(&cache->lock, NULL);
    *out = cache;
    return 0;
}

static void kept_free(struct kept *k)
{
    free(k->owner);
    fg_snapshot_put(k->snapshot);
    fg_problems_free(&k->problems);
    fg_problems_free(&k->warnings);
    *k = (struct kept){0};
}

void fg_draft_cache_free(struct fg_draft_cache *cache)
{
    if (!cache) return;
    for (size_t i = 0; i < KEPT; i++) kept_free(&cache->list[i]);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static void copy(struct fg_problems *to, const struct fg_problems *from)
{
    if (to) fg_problems_copy(to, from);
}

/* What a draft is known by. */
struct draft_id {
    const char *owner;
    uint64_t generation;
    const struct fg_snapshot *base;
};

/* The kept draft of that very state, with the lock held; NULL. */
static struct kept *same(struct fg_draft_cache *cache, const struct draft_id *id)
{
    for (size_t i = 0; i < KEPT; i++) {
        struct kept *k = &cache->list[i];
        if (k->owner && strcmp(k->owner, id->owner) == 0 && k->generation == id->generation &&
            k->base == id->base && k->revision == fg_snapshot_revision(id->base))
            return k;
    }
    return NULL;
}

/* The compiled draft with its faults; NULL when it is not kept, or not of this draft any more. */
static struct fg_snapshot *find(struct fg_draft_cache *cache, const struct draft_id *id,
                                struct fg_problems *problems, struct fg_problems *warnings)
{
    struct fg_snapshot *found = NULL;
    int64_t now = fg_clock_mono_ms();
    pthread_mutex_lock(&cache->lock);
    struct kept *k = same(cache, id);
    if (k && now - k->since_ms <= FRESH_MS) {
        k->used_ms = now;
        found = fg_snapshot_get(k->snapshot);
        copy(problems, &k->problems);
        copy(warnings, &k->warnings);
    }
    pthread_mutex_unlock(&cache->lock);
    return found;
}

static bool has_no_conflicts(struct fg_draft_cache *cache, const struct draft_id *id)
{
    pthread_mutex_lock(&cache->lock);
    const struct kept *k = same(cache, id);
    bool none = k && k->no_conflicts;
    pthread_mutex_unlock(&cache->lock);
    return none;
}

static void note_no_conflicts(struct fg_draft_cache *cache, const struct draft_id *id)
{
    pthread_mutex_lock(&cache->lock);
    struct kept *k = same(cache, id);
    if (k) k->no_conflicts = true;
    pthread_mutex_unlock(&cache->lock);
}

/* In place of the same owner's, of a free one, or of the one not used for longest. */
static void keep(struct fg_draft_cache *cache, const struct draft_id *id, struct fg_snapshot *s,
                 const struct fg_problems *problems, const struct fg_problems *warnings)
{
    struct kept fresh = {.owner = strdup(id->owner),
                         .generation = id->generation,
                         .base = id->base,
                         .revision = fg_snapshot_revision(id->base)};
    if (!fresh.owner) return;
    fresh.since_ms = fresh.used_ms = fg_clock_mono_ms();
    fresh.snapshot = fg_snapshot_get(s);
    copy(&fresh.problems, problems);
    copy(&fresh.warnings, warnings);
    pthread_mutex_lock(&cache->lock);
    struct kept *at = &cache->list[0];
    for (size_t i = 0; i < KEPT; i++) {
        struct kept *k = &cache->list[i];
        if (k->owner && strcmp(k->owner, id->owner) == 0) {
            at = k;
            break;
        }
        if (at->owner && (!k->owner || k->used_ms < at->used_ms)) at = k;
    }
    struct kept old = *at;
    *at = fresh;
    pthread_mutex_unlock(&cache->lock);
    kept_free(&old);
}

/* ---- compiled ---- */

static int compile(struct fg_store *st, const char *owner, const struct fg_snapshot *base,
                   struct fg_snapshot **out, struct fg_problems *problems,
                   struct fg_problems *warnings)
{
    struct fg_changeset set;
    fg_changeset_init(&set);
    int err = fg_changeset_draft(&set, st, owner, NULL, 0, problems);
    if (!err)
        err = fg_changeset_compile(&set, st, base, fg_snapshot_revision(base), out, problems,
                                   warnings);
    fg_changeset_free(&set);
    return err;
}

int fg_draft_try(struct fg_config *c, const char *owner, struct fg_snapshot **out,
                 struct fg_problems *problems)
{
    struct fg_snapshot *base = fg_config_snapshot(c);
    *out = NULL;
    int err = compile(c->p.store, owner, base, out, problems, NULL);
    fg_snapshot_put(base);
    return err;
}

struct totals {
    uint64_t all;
    bool certificates;
};

static int add_total(const char *kind, uint64_t changes, void *arg)
{
    struct totals *t = arg;
    t->all += changes;
    /* Whether an assignment fits depends on the certificates, which are no part of a draft. */
    if (strcmp(kind, fg_kind_name(FG_KIND_CERTIFICATE_ASSIGNMENTS)) == 0) t->certificates = true;
    return 0;
}

/* One reading of the draft and of the generation it has. */
static int compile_kept(struct fg_config *c, struct fg_store *st, struct draft_id *id,
                        struct fg_snapshot **out, struct fg_problems *problems,
                        struct fg_problems *warnings)
{
    struct totals totals = {0};
    int err = fg_draft_generation(st, id->owner, &id->generation);
    if (!err) err = fg_draft_totals(st, id->owner, add_total, &totals);
    if (err) return err;
    bool large = totals.all >= LARGE && !totals.certificates;
    if (large) *out = find(c->drafts, id, problems, warnings);
    if (*out) return fg_problems_none(problems) ? 0 : EINVAL;
    err = compile(st, id->owner, id->base, out, problems, warnings);
    if (large && *out && (!err || err == EINVAL)) keep(c->drafts, id, *out, problems, warnings);
    return err;
}

int fg_config_draft_snapshot(struct fg_config *c, struct fg_store *st, const char *owner,
                             struct fg_snapshot **out, struct fg_problems *problems,
                             struct fg_problems *warnings)
{
    struct fg_problems own_problems, own_warnings;
    struct fg_snapshot *base = fg_config_snapshot(c);
    struct draft_id id = {.owner = owner, .base = base};
    fg_problems_init(&own_problems);
    fg_problems_init(&own_warnings);
    *out = NULL;
    int err = fg_store_begin(st), found = 0;
    if (!err) {
        found = compile_kept(c, st, &id, out, &own_problems, &own_warnings);
        /* Faults of what was read are no failure of reading. */
        err = fg_store_end(st, found == EINVAL ? 0 : found);
        if (!err) err = found;
    }
    copy(problems, &own_problems);
    copy(warnings, &own_warnings);
    fg_problems_free(&own_problems);
    fg_problems_free(&own_warnings);
    fg_snapshot_put(base);
    return err;
}

/* ---- for people ---- */

static int take_row(const struct fg_draft *d, void *arg)
{
    return fg_changeset_keep(arg, d);
}

/* The rows that `read` finds, as a set over what is stored. */
static int read_set(struct fg_store *st, struct fg_changeset *set, const struct fg_draft_page *page,
                    const char *owner, bool conflicts)
{
    struct fg_draft_rows *rows = NULL;
    int err = fg_draft_rows_new(&rows);
    if (!err && conflicts) err = fg_draft_conflicts(st, owner, take_row, rows);
    if (!err && !conflicts)
        err = page->q ? fg_draft_find(st, owner, page->kind, page->q, page->after_kind,
                                      page->after_key, page->limit, take_row, rows)
                      : fg_draft_each(st, owner, page->kind, page->after_kind, page->after_key,
                                      page->limit, take_row, rows);
    if (!err) err = fg_changeset_rows(set, st, rows);
    fg_draft_rows_free(rows);
    return err;
}

static int count_kind(const char *kind, uint64_t changes, void *arg)
{
    struct fg_draft_view *out = arg;
    out->total += changes;
    return json_object_set_new(out->by_kind, kind, json_integer((json_int_t)changes)) ? ENOMEM : 0;
}

static int count_fitting(struct fg_store *st, const char *owner, const struct fg_draft_page *page,
                         struct fg_draft_view *out)
{
    if (page->q) return fg_draft_find_count(st, owner, page->kind, page->q, &out->fitting);
    const json_t *of = page->kind ? json_object_get(out->by_kind, page->kind) : NULL;
    out->fitting = page->kind ? (uint64_t)json_integer_value(of) : out->total;
    return 0;
}

/* Everything in one reading: a commit in between would show as a conflict. */
static int read_all(struct fg_config *c, struct fg_store *st, const char *owner,
                    const struct fg_draft_page *page, const struct fg_snapshot *now,
                    struct fg_changeset sets[2], struct fg_snapshot **draft,
                    struct fg_draft_view *out)
{
    struct draft_id id = {.owner = owner, .base = now};
    int err = fg_draft_generation(st, owner, &id.generation);
    if (!err) err = read_set(st, &sets[0], page, owner, false);
    if (!err && !has_no_conflicts(c->drafts, &id)) err = read_set(st, &sets[1], page, owner, true);
    if (!err) err = fg_draft_totals(st, owner, count_kind, out);
    if (!err) err = count_fitting(st, owner, page, out);
    if (err) return err;
    err = fg_config_draft_snapshot(c, st, owner, draft, &out->problems, &out->warnings);
    if (sets[1].n == 0) note_no_conflicts(c->drafts, &id);
    return err == EINVAL && *draft ? 0 : err;
}

int fg_config_draft_view(struct fg_config *c, struct fg_store *st, const char *owner,
                         const struct fg_draft_page *page, struct fg_draft_view *out)
{
    struct fg_changeset sets[2];
    struct fg_snapshot *now = fg_config_snapshot(c), *draft = NULL;
    *out = (struct fg_draft_view){.by_kind = json_object()};
    fg_changeset_init(&sets[0]);
    fg_changeset_init(&sets[1]);
    int err = out->by_kind ? fg_store_begin(st) : ENOMEM;
    if (!err) err = fg_store_end(st, read_all(c, st, owner, page, now, sets, &draft, out));
    if (!err) {
        fg_changeset_conflicts(&sets[0]);
        fg_changeset_conflicts(&sets[1]);
        out->changes = fg_changeset_json(&sets[0], now, draft);
        out->conflicts = fg_changeset_conflicts_json(&sets[1], st, draft);
        if (!out->changes || !out->conflicts) err = ENOMEM;
    }
    fg_snapshot_put(draft);
    fg_snapshot_put(now);
    fg_changeset_free(&sets[0]);
    fg_changeset_free(&sets[1]);
    if (err) fg_draft_view_free(out);
    return err;
}

void fg_draft_view_free(struct fg_draft_view *v)
{
    json_decref(v->changes);
    json_decref(v->conflicts);
    json_decref(v->by_kind);
    fg_problems_free(&v->problems);
    fg_problems_free(&v->warnings);
    *v = (struct fg_draft_view){0};
}
