/* See partners_view.h. A row is either an entry of the compiled configuration, which costs nothing,
 * or a printed object: those that the draft changes, and all when the listing asks for a field that
 * is not compiled. */
#include "api/partners_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/base/list.h"
#include "gateway/base/map.h"
#include "gateway/failure.h"
#include "server/store/drafts.h"

const char *const fg_partners_live_fields[] = {"status", "last_success", "last_failure", NULL};

enum live_field { STATUS, SUCCESS, FAILURE, NOT_LIVE };

/* Most urgent first. */
static const char *const states[] = {"failing",   "connected", "draining",
                                     "suspended", "idle",      "never"};
enum { STATES = sizeof states / sizeof *states };

/* What a row is ordered by. */
struct key {
    enum { KEY_NULL, KEY_BOOL, KEY_NUMBER, KEY_TEXT } rank;
    double number;
    const char *text;
};

struct row {
    const char *domain;
    const struct fg_partner *partner;   /* as it runs; NULL when it does not */
    const struct fg_partner_info *info; /* NULL: nothing has happened */
    json_t *item;                       /* printed; NULL: the draft does not change it */
    struct key keys[FG_LISTING_SORTS];
};

struct rows {
    struct fg_view *view;
    const struct fg_listing *listing;
    struct fg_listing own; /* without the live fields */
    struct fg_live *live;
    struct fg_snapshot *running;
    struct fg_map changed; /* keys that the draft changes */
    struct row *list;
    size_t n, room;
};

static enum live_field live_field(const char *name)
{
    int i = 0;
    while (i < NOT_LIVE && strcmp(fg_partners_live_fields[i], name) != 0) i++;
    return (enum live_field)i;
}

/* ---- filters ---- */

static const char *state_of(const struct row *r)
{
    return fg_live_partner_state(r->info, r->partner);
}

static bool time_fits(int64_t ms, const char *pattern)
{
    json_t *text = fg_json_time(ms);
    bool fits = fg_wildcard(pattern, json_is_string(text) ? json_string_value(text) : "");
    json_decref(text);
    return fits;
}

static bool fits_live(const struct row *r, enum live_field field, const char *pattern)
{
    if (field == STATUS) return fg_wildcard(pattern, state_of(r));
    if (field == SUCCESS) return time_fits(r->info ? r->info->last_success_ms : 0, pattern);
    if (!r->info || !r->info->last_failure_ms) return fg_wildcard(pattern, "");
    return fg_wildcard(pattern, fg_failure_id(r->info->failure)) ||
           fg_wildcard(pattern, fg_failure_cause(r->info->failure)) ||
           time_fits(r->info->last_failure_ms, pattern);
}

static bool method_fits(const struct fg_partner *p, const char *pattern)
{
    for (size_t i = 0; i < p->terms.n_methods; i++)
        if (fg_wildcard(pattern, fg_method_name(p->terms.methods[i]))) return true;
    return !p->terms.n_methods && fg_wildcard(pattern, "");
}

static bool additional_fits(const struct fg_partner *p, const char *pattern)
{
    for (size_t i = 1; i < p->n_domains; i++)
        if (fg_wildcard(pattern, p->domains[i])) return true;
    return p->n_domains <= 1 && fg_wildcard(pattern, "");
}

static bool domain_fits(const struct fg_partner *p, const char *pattern)
{
    return fg_wildcard(pattern, p->domain);
}
static bool type_fits(const struct fg_partner *p, const char *pattern)
{
    return fg_wildcard(pattern, fg_partner_type_name(p->type));
}
static bool state_fits(const struct fg_partner *p, const char *pattern)
{
    return fg_wildcard(pattern, fg_partner_state_name(p->state));
}
static bool tls_fits(const struct fg_partner *p, const char *pattern)
{
    return fg_wildcard(pattern, fg_need_name(p->tls));
}
static bool sasl_fits(const struct fg_partner *p, const char *pattern)
{
    return fg_wildcard(pattern, fg_need_name(p->sasl));
}
static bool dialback_fits(const struct fg_partner *p, const char *pattern)
{
    return fg_wildcard(pattern, p->dialback ? "true" : "false");
}
/* The draft does not change what is no printed object. */
static bool draft_fits(const struct fg_partner *p, const char *pattern)
{
    (void)p;
    return fg_wildcard(pattern, "");
}

/* The fields that are compiled. Warnings are not among them: some come of dates that only the
 * object itself holds. */
static const struct compiled {
    const char *name;
    bool (*fits)(const struct fg_partner *p, const char *pattern);
    bool sorted;
} compiled[] = {
    {"domain", domain_fits, true},   {"partner_type", type_fits, true},
    {"state", state_fits, true},     {"tls", tls_fits, false},
    {"sasl", sasl_fits, false},      {"dialback", dialback_fits, false},
    {"methods", method_fits, false}, {"additional_domains", additional_fits, false},
    {"draft", draft_fits, false},
};
enum { COMPILED = sizeof compiled / sizeof *compiled };

static const struct compiled *find_compiled(const char *name)
{
    for (size_t i = 0; i < COMPILED; i++)
        if (strcmp(compiled[i].name, name) == 0) return &compiled[i];
    return NULL;
}

/* Can running partners be looked at without reading them? */
static bool is_compiled(const struct fg_listing *l)
{
    if (l->q) return false;
    for (size_t i = 0; i < l->n_filters; i++)
        if (!find_compiled(l->filters[i].field)) return false;
    for (size_t i = 0; i < l->n_sorts; i++) {
        const struct compiled *f = find_compiled(l->sorts[i].field);
        if (!(f && f->sorted) && live_field(l->sorts[i].field) == NOT_LIVE) return false;
    }
    return true;
}

/* Without the live filters; the order is ours in any case. */
static struct fg_listing without_live(const struct fg_listing *l)
{
    struct fg_listing own = *l;
    own.n_filters = 0;
    for (size_t i = 0; i < l->n_filters; i++)
        if (live_field(l->filters[i].field) == NOT_LIVE)
            own.filters[own.n_filters++] = l->filters[i];
    return own;
}

static bool takes_live(const struct rows *rows, const struct row *r)
{
    const struct fg_listing *l = rows->listing;
    for (size_t i = 0; i < l->n_filters; i++) {
        enum live_field field = live_field(l->filters[i].field);
        if (field != NOT_LIVE && !fits_live(r, field, l->filters[i].pattern)) return false;
    }
    return true;
}

static bool takes_compiled(const struct rows *rows, const struct fg_partner *p)
{
    const struct fg_listing *l = &rows->own;
    for (size_t i = 0; i < l->n_filters; i++)
        if (!find_compiled(l->filters[i].field)->fits(p, l->filters[i].pattern)) return false;
    return true;
}

/* ---- order ---- */

static struct key time_key(int64_t ms)
{
    return ms ? (struct key){.rank = KEY_NUMBER, .number = (double)ms} : (struct key){0};
}

static struct key live_key(const struct row *r, enum live_field field)
{
    int i = 0;
    if (field == SUCCESS) return time_key(r->info ? r->info->last_success_ms : 0);
    if (field == FAILURE) return time_key(r->info ? r->info->last_failure_ms : 0);
    const char *state = state_of(r);
    while (i < STATES - 1 && strcmp(states[i], state) != 0) i++;
    return (struct key){.rank = KEY_NUMBER, .number = i};
}

/* Objects are not ordered, lists by their length. */
static struct key json_key(const json_t *v)
{
    if (json_is_boolean(v)) return (struct key){.rank = KEY_BOOL, .number = json_is_true(v)};
    if (json_is_number(v)) return (struct key){.rank = KEY_NUMBER, .number = json_number_value(v)};
    if (json_is_array(v))
        return (struct key){.rank = KEY_NUMBER, .number = (double)json_array_size(v)};
    if (json_is_string(v)) return (struct key){.rank = KEY_TEXT, .text = json_string_value(v)};
    return (struct key){0};
}

static struct key text_key(const char *text)
{
    return (struct key){.rank = KEY_TEXT, .text = text};
}

static struct key row_key(const struct row *r, const char *field)
{
    enum live_field live = live_field(field);
    if (live != NOT_LIVE) return live_key(r, live);
    if (r->item) return json_key(json_object_get(r->item, field));
    if (strcmp(field, "partner_type") == 0) return text_key(fg_partner_type_name(r->partner->type));
    if (strcmp(field, "state") == 0) return text_key(fg_partner_state_name(r->partner->state));
    return text_key(r->domain);
}

static json_t *key_json(const struct key *k)
{
    switch (k->rank) {
    case KEY_BOOL:
        return json_boolean(k->number > 0);
    case KEY_NUMBER:
        return json_real(k->number);
    case KEY_TEXT:
        return json_string(k->text);
    default:
        return json_null();
    }
}

static int compare_keys(const struct key *a, const struct key *b)
{
    if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
    if (a->rank != KEY_TEXT) return (a->number > b->number) - (a->number < b->number);
    int c = strcasecmp(a->text, b->text);
    return c ? c : strcmp(a->text, b->text);
}

static int compare(const void *x, const void *y, void *arg)
{
    const struct fg_listing *l = arg;
    const struct row *a = x, *b = y;
    for (size_t i = 0; i < l->n_sorts; i++) {
        int c = compare_keys(&a->keys[i], &b->keys[i]);
        if (c) return l->sorts[i].descending ? -c : c;
    }
    return strcmp(a->domain, b->domain);
}

/* ---- collecting ---- */

static int push(struct rows *rows, struct row *r)
{
    const struct fg_listing *l = rows->listing;
    r->info = fg_live_partner(rows->live, r->domain);
    if (!takes_live(rows, r)) {
        json_decref(r->item);
        return 0;
    }
    for (size_t i = 0; i < l->n_sorts; i++) r->keys[i] = row_key(r, l->sorts[i].field);
    if (rows->n == rows->room) {
        size_t room = rows->room ? rows->room * 2 : 256;
        struct row *list = realloc(rows->list, room * sizeof *list);
        if (!list) {
            json_decref(r->item);
            return ENOMEM;
        }
        rows->list = list;
        rows->room = room;
    }
    rows->list[rows->n++] = *r;
    return 0;
}

/* Takes the printed object over. */
static int push_item(struct rows *rows, json_t *item)
{
    const char *domain = json_string_value(json_object_get(item, "domain"));
    struct row r = {.domain = domain, .item = item};
    if (!domain) {
        json_decref(item);
        return 0;
    }
    r.partner = fg_snapshot_partner(rows->running, domain);
    return push(rows, &r);
}

struct changed {
    struct fg_map_node node;
    char key[];
};

static int keep_changed(const struct fg_draft *d, void *arg)
{
    struct rows *rows = arg;
    size_t len = strlen(d->key);
    struct changed *c = calloc(1, sizeof *c + len + 1);
    if (!c) return ENOMEM;
    memcpy(c->key, d->key, len + 1);
    int err = fg_map_adds(&rows->changed, &c->node, c->key);
    if (err) free(c);
    return err;
}

static int take_entry(const struct fg_entry *e, void *arg)
{
    struct rows *rows = arg;
    const struct fg_partner *p = (const struct fg_partner *)(const void *)e;
    struct row r = {.domain = p->domain, .partner = p};
    if (fg_map_finds(&rows->changed, e->key) || !takes_compiled(rows, p)) return 0;
    return push(rows, &r);
}

struct changes {
    struct rows *rows;
    int err;
};

static void take_changed(struct fg_map_node *n, void *arg)
{
    struct changes *c = arg;
    struct fg_seen seen;
    const char *key = FG_CONTAINER(n, struct changed, node)->key;
    if (c->err) return;
    c->err = fg_view_object(c->rows->view, FG_KIND_PARTNERS, key, &seen);
    if (c->err || !seen.body) return;
    json_t *item = fg_view_print(c->rows->view, FG_KIND_PARTNERS, key, &seen);
    if (!item)
        c->err = ENOMEM;
    else if (fg_listing_takes(&c->rows->own, item))
        c->err = push_item(c->rows, item);
    else
        json_decref(item);
}

static void free_changed(struct fg_map_node *n, void *arg)
{
    (void)arg;
    free(FG_CONTAINER(n, struct changed, node));
}

static int collect_compiled(struct rows *rows)
{
    struct fg_view *v = rows->view;
    struct changes changes = {.rows = rows};
    int err = 0;
    fg_map_init(&rows->changed);
    if (v->draft)
        err = fg_draft_each(v->store, v->call->who.owner, fg_kind_name(FG_KIND_PARTNERS), NULL,
                            NULL, FG_DRAFT_MAX, keep_changed, rows);
    if (!err) err = fg_snapshot_each(rows->running, FG_KIND_PARTNERS, take_entry, rows);
    if (!err) fg_map_each(&rows->changed, take_changed, &changes);
    fg_map_each(&rows->changed, free_changed, NULL);
    fg_map_free(&rows->changed);
    return err ? err : changes.err;
}

static int collect_printed(struct rows *rows)
{
    int err = 0;
    json_t *all = fg_view_all(rows->view, FG_KIND_PARTNERS, &rows->own, &err);
    for (size_t i = 0; !err && i < json_array_size(all); i++)
        err = push_item(rows, json_incref(json_array_get(all, i)));
    json_decref(all);
    return err;
}

static int collect(struct rows *rows, struct fg_view *v, const struct fg_listing *l,
                   struct fg_live *live)
{
    *rows = (struct rows){.view = v, .listing = l, .own = without_live(l), .live = live};
    rows->running = fg_config_snapshot(v->call->api->p.config);
    fg_live_index(live);
    struct fg_listing asked = rows->own;
    return is_compiled(&asked) ? collect_compiled(rows) : collect_printed(rows);
}

static void rows_free(struct rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) json_decref(rows->list[i].item);
    free(rows->list);
    fg_snapshot_put(rows->running);
}

int fg_partners_view_each(struct fg_view *v, const struct fg_listing *l, struct fg_live *live,
                          int (*take)(const char *domain, void *arg), void *arg)
{
    struct rows rows;
    int err = collect(&rows, v, l, live);
    for (size_t i = 0; !err && i < rows.n; i++) {
        const char *mark = json_string_value(json_object_get(rows.list[i].item, "draft"));
        if (!mark || strcmp(mark, "removed") != 0) err = take(rows.list[i].domain, arg);
    }
    rows_free(&rows);
    return err;
}

/* ---- the page ---- */

static size_t find_begin(const struct rows *rows)
{
    struct fg_listing order = *rows->listing;
    const json_t *cursor = order.cursor;
    size_t low = 0, high = rows->n;
    struct row last = {.domain = json_string_value(json_array_get(cursor, order.n_sorts))};
    if (!cursor || !last.domain) return 0;
    for (size_t i = 0; i < order.n_sorts; i++) last.keys[i] = json_key(json_array_get(cursor, i));
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&rows->list[middle], &last, &order) > 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static json_t *cursor_of(const struct rows *rows, const struct row *last)
{
    json_t *values = json_array();
    for (size_t i = 0; i < rows->listing->n_sorts; i++)
        fg_json_push(values, key_json(&last->keys[i]));
    fg_json_push(values, json_string(last->domain));
    return fg_listing_cursor(values);
}

/* NULL when it has gone since, or with *err. */
static json_t *show(const struct rows *rows, const struct row *r, int *err)
{
    struct fg_seen seen;
    if (r->item) return json_incref(r->item);
    *err = fg_view_object(rows->view, FG_KIND_PARTNERS, r->domain, &seen);
    if (*err || !seen.body) return NULL;
    json_t *o = fg_view_print(rows->view, FG_KIND_PARTNERS, r->domain, &seen);
    if (!o) *err = ENOMEM;
    return o;
}

static bool has_warnings(const struct row *r)
{
    if (r->item) return json_array_size(json_object_get(r->item, "warnings")) > 0;
    return r->partner->terms.n_warnings > 0;
}

static json_t *counts(const struct rows *rows)
{
    size_t by_state[STATES] = {0}, warnings = 0;
    json_t *o = json_object();
    for (size_t i = 0; i < rows->n; i++) {
        by_state[(size_t)live_key(&rows->list[i], STATUS).number]++;
        warnings += has_warnings(&rows->list[i]);
    }
    for (size_t i = 0; i < STATES; i++)
        fg_json_set(o, states[i], json_integer((json_int_t)by_state[i]));
    fg_json_set(o, "warnings", json_integer((json_int_t)warnings));
    return o;
}

static json_t *make_page(struct rows *rows, bool with_status, int *err)
{
    struct fg_listing order = *rows->listing;
    if (rows->n) qsort_r(rows->list, rows->n, sizeof *rows->list, compare, &order);
    json_t *items = json_array();
    const struct row *last = NULL;
    size_t i = find_begin(rows);
    for (; !*err && i < rows->n && json_array_size(items) < order.limit; i++) {
        const struct row *r = &rows->list[i];
        json_t *o = show(rows, r, err);
        if (!o) continue;
        if (with_status)
            fg_json_set(o, "status", fg_live_partner_status(rows->live, r->partner, r->domain));
        fg_json_push(items, o);
        last = r;
    }
    json_t *page = json_object();
    fg_json_set(page, "items", items);
    fg_json_set(page, "next_cursor", last && i < rows->n ? cursor_of(rows, last) : json_null());
    fg_json_set(page, "total", json_integer((json_int_t)rows->n));
    if (with_status) fg_json_set(page, "counts", counts(rows));
    if (!*err) return page;
    json_decref(page);
    return NULL;
}

json_t *fg_partners_view_page(struct fg_view *v, const struct fg_listing *l, struct fg_live *live,
                              bool with_status, int *err)
{
    struct rows rows;
    *err = collect(&rows, v, l, live);
    json_t *page = *err ? NULL : make_page(&rows, with_status, err);
    rows_free(&rows);
    return page;
}
