/* See users_view.h. */
#include "api/users_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/policy.h"
#include "server/model/model.h"

enum field { ADDRESS, DISPLAY_NAME, SITE, POLICY, EXCLUDED, EFFECTIVE, FIELDS };

static const char *const names[FIELDS] = {"address", "display_name",  "site",
                                          "policy",  "xmpp_excluded", "effective_policy"};

static int field_of(const char *name)
{
    int i = 0;
    while (i < FIELDS && strcmp(names[i], name) != 0) i++;
    return i;
}

bool fg_users_view_can(const struct fg_listing *l)
{
    for (size_t i = 0; i < l->n_filters; i++)
        if (field_of(l->filters[i].field) == FIELDS) return false;
    for (size_t i = 0; i < l->n_sorts; i++)
        if (field_of(l->sorts[i].field) == FIELDS) return false;
    return true;
}

/* One user, with what its fields show. */
struct row {
    const struct fg_user *user;
    struct fg_effective effective; /* only when the listing asks for it */
};

struct rows {
    struct fg_view *view;
    const struct fg_listing *listing;
    bool effective; /* is it asked for? */
    bool removed;   /* those of the running configuration that the draft does not have */
    struct row *list;
    size_t n, room;
};

/* ---- filters ---- */

static const char *text_of(const struct row *r, int field)
{
    const struct fg_user *u = r->user;
    switch (field) {
    case ADDRESS:
        return u->address;
    case DISPLAY_NAME:
        return u->display_name;
    case SITE:
        return u->site ? u->site : "";
    case POLICY:
        return u->policy ? u->policy : "";
    case EXCLUDED:
        return u->xmpp_excluded ? "true" : "false";
    default:
        return r->effective.identity;
    }
}

static bool fits(const struct row *r, int field, const char *pattern)
{
    return fg_wildcard(pattern, text_of(r, field)) ||
           (field == EFFECTIVE && fg_wildcard(pattern, r->effective.because));
}

static bool is_found(const struct row *r, const char *q)
{
    for (int i = 0; i < FIELDS; i++)
        if (strcasestr(text_of(r, i), q)) return true;
    return strcasestr(r->effective.because, q) != NULL;
}

static bool takes(const struct rows *rows, const struct row *r)
{
    const struct fg_listing *l = rows->listing;
    for (size_t i = 0; i < l->n_filters; i++)
        if (!fits(r, field_of(l->filters[i].field), l->filters[i].pattern)) return false;
    return !l->q || is_found(r, l->q);
}

static int take_entry(const struct fg_entry *e, void *arg)
{
    struct rows *rows = arg;
    const struct fg_snapshot *s = rows->view->snapshot;
    struct row r = {.user = (const struct fg_user *)(const void *)e};
    if (rows->removed && fg_snapshot_user(s, e->key)) return 0;
    if (rows->effective) r.effective = fg_effective_policy(s, e->key);
    if (!takes(rows, &r)) return 0;
    if (rows->n == rows->room) {
        size_t room = rows->room ? rows->room * 2 : 1024;
        struct row *list = realloc(rows->list, room * sizeof *list);
        if (!list) return ENOMEM;
        rows->list = list;
        rows->room = room;
    }
    rows->list[rows->n++] = r;
    return 0;
}

static bool asks_effective(const struct fg_listing *l)
{
    bool asks = l->q != NULL;
    for (size_t i = 0; i < l->n_filters; i++) asks |= field_of(l->filters[i].field) == EFFECTIVE;
    for (size_t i = 0; i < l->n_sorts; i++) asks |= field_of(l->sorts[i].field) == EFFECTIVE;
    return asks;
}

static int collect(struct fg_view *v, const struct fg_listing *l, struct rows *rows)
{
    *rows = (struct rows){.view = v, .listing = l, .effective = asks_effective(l)};
    return fg_snapshot_each(v->snapshot, FG_KIND_USERS, take_entry, rows);
}

int fg_users_view_each(struct fg_view *v, const struct fg_listing *l,
                       int (*take)(const char *address, void *arg), void *arg)
{
    struct rows rows;
    int err = collect(v, l, &rows);
    for (size_t i = 0; !err && i < rows.n; i++) err = take(rows.list[i].user->address, arg);
    free(rows.list);
    return err;
}

/* ---- order ---- */

/* As the printed values compare: null before true and false before texts. */
static int compare_field(const struct row *a, const struct row *b, int field)
{
    if (field == EXCLUDED) return a->user->xmpp_excluded - b->user->xmpp_excluded;
    if (field == SITE && (!a->user->site || !b->user->site))
        return (a->user->site != NULL) - (b->user->site != NULL);
    if (field == POLICY && (!a->user->policy || !b->user->policy))
        return (a->user->policy != NULL) - (b->user->policy != NULL);
    const char *x = text_of(a, field), *y = text_of(b, field);
    int c = strcasecmp(x, y);
    return c ? c : strcmp(x, y);
}

static int compare(const void *x, const void *y, void *arg)
{
    const struct fg_listing *l = arg;
    for (size_t i = 0; i < l->n_sorts; i++) {
        int c = compare_field(x, y, field_of(l->sorts[i].field));
        if (c) return l->sorts[i].descending ? -c : c;
    }
    const struct row *a = x, *b = y;
    return strcmp(a->user->address, b->user->address);
}

/* ---- the page ---- */

/* As it is printed; NULL when it has gone since, or with *err. */
static json_t *show(struct fg_view *v, const struct row *r, int *err)
{
    struct fg_seen seen;
    const char *address = r->user->address;
    *err = fg_view_object(v, FG_KIND_USERS, address, &seen);
    if (*err || !seen.body) return NULL;
    json_t *o = fg_view_print(v, FG_KIND_USERS, address, &seen);
    if (!o) *err = ENOMEM;
    return o;
}

/* The first row behind the cursor; the rows are in order, so half of them are left out each time.
 */
static size_t find_begin(struct rows *rows, int *err)
{
    size_t low = 0, high = rows->n;
    *err = 0;
    while (rows->listing->cursor && low < high && !*err) {
        size_t middle = low + (high - low) / 2, i = middle;
        json_t *item = NULL;
        while (!*err && i < high && !(item = show(rows->view, &rows->list[i], err))) i++;
        if (!item || fg_listing_is_behind(rows->listing, item))
            high = middle;
        else
            low = i + 1;
        json_decref(item);
    }
    return low;
}

static json_t *make_page(struct rows *rows, int *err)
{
    const struct fg_listing *l = rows->listing;
    struct fg_listing order = *l;
    if (rows->n) qsort_r(rows->list, rows->n, sizeof *rows->list, compare, &order);
    size_t i = find_begin(rows, err);
    json_t *items = json_array();
    for (; !*err && i < rows->n && json_array_size(items) < l->limit; i++) {
        json_t *o = show(rows->view, &rows->list[i], err);
        if (o) fg_json_push(items, o);
    }
    if (!*err) return fg_listing_plain_page(l, items, i < rows->n, rows->n);
    json_decref(items);
    return NULL;
}

json_t *fg_users_view_page(struct fg_view *v, const struct fg_listing *l, int *err)
{
    struct rows rows;
    struct fg_snapshot *running = NULL;
    *err = collect(v, l, &rows);
    if (!*err && v->draft) {
        running = fg_config_snapshot(v->call->api->p.config);
        rows.removed = true;
        *err = fg_snapshot_each(running, FG_KIND_USERS, take_entry, &rows);
    }
    json_t *page = *err ? NULL : make_page(&rows, err);
    free(rows.list);
    fg_snapshot_put(running);
    return page;
}
