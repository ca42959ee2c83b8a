/* See view.h. */
#include "api/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/list.h"
#include "gateway/base/map.h"
#include "server/model/model.h"
#include "server/store/drafts.h"
#include "server/store/objects.h"

bool fg_view_open(struct fg_view *v, struct fg_call *c)
{
    const char *name = fg_http_query(c->http, "view");
    bool draft = name && strcmp(name, "draft") == 0;
    if (!draft && name && *name && strcmp(name, "running") != 0) {
        fg_answer_problem(c, 400, "query_invalid", "view must be running or draft.");
        return false;
    }
    return fg_view_open_as(v, c, draft);
}

bool fg_view_open_as(struct fg_view *v, struct fg_call *c, bool draft)
{
    *v = (struct fg_view){.call = c, .store = fg_call_store(c), .draft = draft};
    int err = fg_revision_current(v->store, &v->revision);
    if (!err && v->draft) {
        struct fg_problems ignored;
        fg_problems_init(&ignored);
        err = fg_config_draft_snapshot(c->api->p.config, v->store, c->who.owner, &v->snapshot,
                                       &ignored, NULL);
        fg_problems_free(&ignored);
        if (err == EINVAL && v->snapshot) err = 0;
    } else if (!err) {
        v->snapshot = fg_config_snapshot(c->api->p.config);
    }
    if (!err) return true;
    fg_answer_errno(c, err, "view");
    return false;
}

void fg_view_close(struct fg_view *v)
{
    fg_snapshot_put(v->snapshot);
    v->snapshot = NULL;
}

/* ---- one object ---- */

struct drafted {
    bool found;
    json_t *body; /* NULL: deleted */
};

static int take_draft(const struct fg_draft *d, void *arg)
{
    struct drafted *out = arg;
    out->found = true;
    out->body = d->body ? json_loads(d->body, 0, NULL) : NULL;
    return d->body && !out->body ? EBADMSG : 0;
}

static json_t *reset_body(enum fg_kind kind, const char *key)
{
    return fg_model_is_permanent(kind, key) ? fg_model_default(kind, key) : NULL;
}

static enum fg_mark mark_of(const json_t *running, const json_t *mine)
{
    if (!running) return mine ? FG_MARK_ADDED : FG_MARK_NONE;
    if (!mine) return FG_MARK_REMOVED;
    return json_equal(running, mine) ? FG_MARK_NONE : FG_MARK_CHANGED;
}

int fg_view_object(struct fg_view *v, enum fg_kind kind, const char *key, struct fg_seen *out)
{
    int err;
    struct drafted d = {0};
    *out = (struct fg_seen){0};
    json_t *running = fg_config_object(v->store, kind, key, NULL, &err);
    if (err) return err;
    err = fg_draft_get(v->store, v->call->who.owner, fg_kind_name(kind), key, take_draft, &d);
    if (err && err != ENOENT) {
        json_decref(running);
        return err;
    }
    json_t *mine = d.found ? (d.body ? d.body : reset_body(kind, key)) : json_incref(running);
    if (mine) fg_etag(out->etag, mine);
    if (v->draft) {
        out->mark = mark_of(running, mine);
        out->body = json_incref(mine ? mine : running);
    } else {
        out->body = json_incref(running);
    }
    json_decref(running);
    json_decref(mine);
    return 0;
}

static const char *const marks[] = {NULL, "added", "changed", "removed"};

static json_t *print(struct fg_view *v, enum fg_kind kind, const char *key, const json_t *body,
                     enum fg_mark mark)
{
    json_t *o = fg_model_print(kind, key, body, v->snapshot);
    if (o && v->draft && mark != FG_MARK_NONE) fg_json_set(o, "draft", json_string(marks[mark]));
    return o;
}

json_t *fg_view_print(struct fg_view *v, enum fg_kind kind, const char *key, struct fg_seen *seen)
{
    json_t *o = print(v, kind, key, seen->body, seen->mark);
    json_decref(seen->body);
    seen->body = NULL;
    return o;
}

void fg_view_strip(enum fg_kind kind, json_t *value)
{
    if (!json_is_object(value)) return;
    json_object_del(value, "draft");
    if (kind == FG_KIND_PARTNERS) json_object_del(value, "status");
}

/* ---- many ---- */

/* The caller's drafted changes of one kind, by key. */
struct change {
    struct fg_map_node node;
    char *key, *body;
    bool used;
};

struct listing {
    struct fg_view *view;
    enum fg_kind kind;
    struct fg_map changes;
    const struct fg_listing *wanted; /* NULL: everything */
    json_t *items;
    bool permanent_seen;
    bool by_text; /* what lacks the text searched for in key and body cannot pass */
    size_t limit;
    bool more;
};

static int keep_change(const struct fg_draft *d, void *arg)
{
    struct listing *l = arg;
    struct change *ch = calloc(1, sizeof *ch);
    if (!ch) return ENOMEM;
    ch->key = strdup(d->key);
    ch->body = d->body ? strdup(d->body) : NULL;
    if (!ch->key || (d->body && !ch->body) || fg_map_adds(&l->changes, &ch->node, ch->key)) {
        free(ch->key);
        free(ch->body);
        free(ch);
        return ENOMEM;
    }
    return 0;
}

static void free_change(struct fg_map_node *n, void *arg)
{
    struct change *ch = FG_CONTAINER(n, struct change, node);
    (void)arg;
    free(ch->key);
    free(ch->body);
    free(ch);
}

static int push(struct listing *l, const char *key, json_t *body, enum fg_mark mark)
{
    json_t *o = body ? print(l->view, l->kind, key, body, mark) : NULL;
    json_decref(body);
    if (!o) return ENOMEM;
    /* What is not asked for goes at once: thousands kept to be thrown away cost more than they. */
    if (l->wanted && !fg_listing_takes(l->wanted, o))
        json_decref(o);
    else
        fg_json_push(l->items, o);
    return 0;
}

/* The running body with the caller's change over it, if there is one. */
static int push_over(struct listing *l, const char *key, json_t *running)
{
    if (fg_model_is_permanent(l->kind, key)) l->permanent_seen = true;
    struct fg_map_node *n = l->view->draft ? fg_map_finds(&l->changes, key) : NULL;
    if (!n) return push(l, key, running, FG_MARK_NONE);
    struct change *ch = FG_CONTAINER(n, struct change, node);
    ch->used = true;
    json_t *mine = ch->body ? json_loads(ch->body, 0, NULL) : reset_body(l->kind, key);
    enum fg_mark mark = mark_of(running, mine);
    if (!mine) return push(l, key, running, mark);
    json_decref(running);
    return push(l, key, mine, mark);
}

/* ---- searching without printing ----
 *
 * Parsing and printing ten thousand partners to find one costs ten times what reading them does. An
 * object that the draft leaves alone shows its key, its body, and what printing adds: where the
 * text can stand in neither, it is passed over. */

enum { SAMPLES_NEEDS = 3 };

/* Could a partner's defaults, methods or warnings hold the text? Every combination is printed. */
static bool printing_adds(const struct fg_listing *wanted)
{
    static const char *const needs[SAMPLES_NEEDS] = {"required", "optional", "not_supported"};
    struct fg_listing search = {.q = wanted->q};
    bool found = false;
    for (int i = 0; !found && i < SAMPLES_NEEDS * SAMPLES_NEEDS * 2; i++) {
        json_t *body = json_pack("{s:s,s:s,s:b,s:s,s:s}", "tls", needs[i % SAMPLES_NEEDS], "sasl",
                                 needs[i / SAMPLES_NEEDS % SAMPLES_NEEDS], "dialback",
                                 i >= SAMPLES_NEEDS * SAMPLES_NEEDS, "valid_until",
                                 "1970-01-01T00:00:00Z", "review_date", "1970-01-01");
        json_t *shown = body ? fg_model_print(FG_KIND_PARTNERS, "", body, NULL) : NULL;
        found = !shown || fg_listing_takes(&search, shown);
        json_decref(shown);
        json_decref(body);
    }
    return found;
}

/* Does the text stand in stored JSON as it is written? */
static bool is_unescaped(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == '"' || *text == '\\') return false;
    return true;
}

static bool lacks_text(const struct listing *l, const struct fg_object *o)
{
    const char *q = l->wanted->q;
    if (strcasestr(o->key, q) || strcasestr(o->body, q)) return false;
    return !(l->view->draft && fg_map_finds(&l->changes, o->key));
}

static int take_object(const struct fg_object *o, void *arg)
{
    struct listing *l = arg;
    if (l->limit && json_array_size(l->items) >= l->limit) {
        l->more = true;
        return 0;
    }
    if (l->by_text && lacks_text(l, o)) return 0;
    json_t *running = json_loads(o->body, 0, NULL);
    return running ? push_over(l, o->key, running) : 0;
}

static void push_new(struct fg_map_node *n, void *arg)
{
    struct listing *l = arg;
    struct change *ch = FG_CONTAINER(n, struct change, node);
    if (ch->used || !ch->body) return;
    (void)push(l, ch->key, json_loads(ch->body, 0, NULL), FG_MARK_ADDED);
}

/* Only the global policy exists in a collection without having been made. */
static const char *permanent_key(enum fg_kind kind)
{
    return kind == FG_KIND_POLICIES ? "global" : NULL;
}

json_t *fg_view_all(struct fg_view *v, enum fg_kind kind, const struct fg_listing *wanted, int *err)
{
    struct listing l = {.view = v, .kind = kind, .wanted = wanted, .items = json_array()};
    const char *name = fg_kind_name(kind), *permanent = permanent_key(kind);
    fg_map_init(&l.changes);
    *err = 0;
    l.by_text = kind == FG_KIND_PARTNERS && wanted && wanted->q && is_unescaped(wanted->q) &&
                !printing_adds(wanted);
    if (v->draft)
        *err = fg_draft_each(v->store, v->call->who.owner, name, NULL, NULL, FG_DRAFT_MAX,
                             keep_change, &l);
    if (!*err)
        *err = fg_object_each(v->store, name, v->revision, NULL, FG_PAGE_MAX, take_object, &l);
    if (!*err && permanent && !l.permanent_seen)
        *err = push_over(&l, permanent, fg_model_default(kind, permanent));
    fg_map_each(&l.changes, push_new, &l);
    fg_map_each(&l.changes, free_change, NULL);
    fg_map_free(&l.changes);
    if (!*err) return l.items;
    json_decref(l.items);
    return NULL;
}

json_t *fg_view_page(struct fg_view *v, enum fg_kind kind, const char *after, size_t limit,
                     bool *more, size_t *total, int *err)
{
    struct listing l = {.view = v, .kind = kind, .items = json_array(), .limit = limit};
    uint64_t count = 0;
    fg_map_init(&l.changes);
    /* The published snapshot has counted already, unless a commit came in between. */
    if (v->snapshot && fg_snapshot_revision(v->snapshot) == v->revision)
        count = fg_snapshot_count(v->snapshot, kind);
    else
        *err = fg_object_count(v->store, fg_kind_name(kind), v->revision, &count);
    if (!*err)
        *err = fg_object_each(v->store, fg_kind_name(kind), v->revision, after, limit + 1,
                              take_object, &l);
    fg_map_free(&l.changes);
    *more = l.more;
    *total = (size_t)count;
    if (!*err) return l.items;
    json_decref(l.items);
    return NULL;
}
