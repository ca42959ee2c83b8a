/* The five verbs that every kind of object has, and granting policies to users. */
#include "server/cli/assign.h"
#include "server/cli/bulk.h"
#include "server/cli/handlers.h"
#include "server/cli/print.h"
#include "server/cli/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

int fg_do_list(struct fg_call *c)
{
    json_t *items = NULL, *fields = NULL;
    char key[64] = "", *path = fg_request_path(c->noun->kind, NULL);
    int rc = path ? 0 : fg_failed("out of memory");
    if (!rc && c->keys) rc = fg_request_fields(c, c->noun->kind, &fields, key);
    if (!rc) rc = fg_request_list(c, path, "items", c->args, c->n, &items);
    if (!rc) fg_request_print(c, items, c->noun->columns, key);
    json_decref(items);
    json_decref(fields);
    free(path);
    return rc;
}

/* One object and its ETag, as this command sees it. */
static int read_one(struct fg_call *c, const char *kind, const char *key,
                    struct fg_client_answer *out)
{
    char *path = fg_request_path(kind, key), *full = NULL;
    int rc = FG_EXIT_FAILED;
    if (path && asprintf(&full, "%s%s", path, c->draft ? "?view=draft" : "") >= 0) {
        const struct fg_client_query q = {.method = "GET", .path = full};
        rc = fg_remote_ask(c->remote, &q, out);
    }
    if (rc == FG_EXIT_NOT_FOUND) fprintf(stderr, "  %s %s\n", kind, key ? key : "");
    free(path);
    free(full);
    return rc;
}

static int show(struct fg_call *c, const char *kind, const char *key)
{
    struct fg_client_answer a;
    int rc = read_one(c, kind, key, &a);
    if (rc) return rc;
    if (!fg_request_json(c, a.body)) {
        json_t *warnings = json_incref(json_object_get(a.body, "warnings"));
        json_object_del(a.body, "warnings");
        fg_print_record(a.body);
        fg_print_notes("warning", warnings);
        json_decref(warnings);
    }
    fg_client_answer_free(&a);
    return 0;
}

int fg_do_show(struct fg_call *c)
{
    return show(c, c->noun->kind, c->args[0]);
}

int fg_do_settings_show(struct fg_call *c)
{
    return show(c, "settings", NULL);
}

/* ---- adding ---- */

int fg_do_add(struct fg_call *c)
{
    struct fg_changes s = {0};
    json_t *fields = NULL, *value = NULL;
    int rc = fg_changes_begin(c, &s);
    if (!rc) rc = fg_request_fields(c, c->noun->kind, &fields, NULL);
    if (!rc) rc = fg_assign_read(fields, NULL, c->args + 1, c->n - 1, &value);
    json_decref(fields);
    if (rc) {
        fg_changes_free(&s);
        return rc;
    }
    fg_changes_add(&s, "create", c->noun->kind, c->args[0], value, NULL);
    return fg_changes_send(c, &s);
}

/* ---- many at once ---- */

typedef int each_fn(struct fg_call *c, struct fg_changes *s, const char *key, const json_t *present,
                    const char *etag, void *arg);

/* Conditions with commas between, each FIELD=PATTERN; "all" is none. */
static int read_matching(struct fg_call *c, const char *kind, json_t **items)
{
    enum { CONDITIONS = 16 };
    const char *conditions[CONDITIONS];
    char *copy = strdup(c->filter), *rest = copy, *part, *path = fg_request_path(kind, NULL);
    size_t n = 0;
    int rc = copy && path ? 0 : fg_failed("out of memory");
    bool all = !strcmp(c->filter, "all");
    while (!rc && !all && (part = strsep(&rest, ","))) {
        if (n == CONDITIONS) rc = fg_call_usage(c, "too many conditions"); /* leave none out */
        if (!rc) conditions[n++] = part;
    }
    if (!rc) rc = fg_request_list(c, path, "items", conditions, n, items);
    free(copy);
    free(path);
    return rc;
}

static int each_matching(struct fg_call *c, struct fg_changes *s, const char *kind,
                         const char *key_name, each_fn *each, void *arg)
{
    json_t *items = NULL, *item;
    size_t i;
    int rc = read_matching(c, kind, &items);
    json_array_foreach(items, i, item)
    {
        const char *key = json_string_value(json_object_get(item, key_name));
        rc = key ? each(c, s, key, item, NULL, arg) : fg_failed("an item has no key");
        if (rc) break;
    }
    json_decref(items);
    return rc;
}

/* The objects that are named, or that --where picks; never both, never none. */
static int each_target(struct fg_call *c, struct fg_changes *s, const char *kind,
                       const char *key_name, const char *const *keys, size_t n, each_fn *each,
                       void *arg)
{
    int rc = 0;
    if (c->filter && n) return fg_call_usage(c, "names or --where, not both");
    if (!c->filter && !n) return fg_call_usage(c, "which? give names, or --where");
    if (c->filter) return each_matching(c, s, kind, key_name, each, arg);
    for (size_t i = 0; !rc && i < n; i++) {
        struct fg_client_answer a;
        rc = read_one(c, kind, keys[i], &a);
        if (rc) return rc;
        rc = each(c, s, keys[i], a.body, a.etag, arg);
        fg_client_answer_free(&a);
    }
    return rc;
}

/* ---- setting ---- */

struct setting {
    const char *kind;
    const json_t *fields;
    const char *const *args;
    size_t n;
};

static int set_one(struct fg_call *c, struct fg_changes *s, const char *key, const json_t *present,
                   const char *etag, void *arg)
{
    const struct setting *w = arg;
    json_t *patch = NULL;
    (void)c;
    int rc = fg_assign_read(w->fields, present, w->args, w->n, &patch);
    if (rc) return rc;
    bool edits = fg_assign_needs_present(w->args, w->n);
    fg_changes_add(s, "patch", w->kind, key, patch, edits ? etag : NULL);
    return 0;
}

int fg_do_set(struct fg_call *c)
{
    struct fg_changes s = {0};
    json_t *fields = NULL;
    char key_name[64];
    /* What is named first is a key, whatever it looks like. */
    size_t names = c->filter || c->n == 0 ? 0 : 1;
    while (names < c->n && !fg_assign_is(c->args[names])) names++;
    if (names == c->n) return fg_call_usage(c, "nothing to set: FIELD=VALUE is missing");
    int rc = fg_changes_begin(c, &s);
    if (!rc) rc = fg_request_fields(c, c->noun->kind, &fields, key_name);
    struct setting w = {c->noun->kind, fields, c->args + names, c->n - names};
    json_t *filter = NULL, *patch = NULL;
    if (!rc && names == 0 && !fg_assign_needs_present(w.args, w.n) && fg_bulk_filter(c, &filter)) {
        rc = fg_assign_read(fields, NULL, w.args, w.n, &patch);
        if (rc)
            json_decref(filter);
        else
            rc = fg_bulk_change(c, w.kind, filter, patch);
        json_decref(fields);
        fg_changes_free(&s);
        return rc;
    }
    if (!rc) rc = each_target(c, &s, c->noun->kind, key_name, c->args, names, set_one, &w);
    json_decref(fields);
    if (!rc) return fg_changes_send(c, &s);
    fg_changes_free(&s);
    return rc;
}

int fg_do_settings_set(struct fg_call *c)
{
    struct fg_changes s = {0};
    struct fg_client_answer a = {0};
    json_t *fields = NULL;
    int rc = fg_changes_begin(c, &s);
    if (!rc) rc = fg_request_fields(c, "settings", &fields, NULL);
    if (!rc) rc = read_one(c, "settings", NULL, &a);
    struct setting w = {"settings", fields, c->args, c->n};
    if (!rc) {
        rc = set_one(c, &s, "settings", a.body, a.etag, &w);
        fg_client_answer_free(&a);
    }
    json_decref(fields);
    if (!rc) return fg_changes_send(c, &s);
    fg_changes_free(&s);
    return rc;
}

/* ---- removing ---- */

static int remove_one(struct fg_call *c, struct fg_changes *s, const char *key,
                      const json_t *present, const char *etag, void *arg)
{
    (void)c;
    (void)present;
    fg_changes_add(s, "delete", arg, key, NULL, etag);
    return 0;
}

int fg_do_remove(struct fg_call *c)
{
    struct fg_changes s = {0};
    char key_name[64], kind[64];
    json_t *fields = NULL;
    snprintf(kind, sizeof kind, "%s", c->noun->kind);
    int rc = fg_changes_begin(c, &s);
    json_t *filter = NULL;
    if (!rc && c->n == 0 && fg_bulk_filter(c, &filter)) {
        fg_changes_free(&s);
        return fg_bulk_change(c, kind, filter, NULL);
    }
    if (!rc) rc = fg_request_fields(c, kind, &fields, key_name);
    json_decref(fields);
    if (!rc) rc = each_target(c, &s, kind, key_name, c->args, c->n, remove_one, kind);
    if (!rc) return fg_changes_send(c, &s);
    fg_changes_free(&s);
    return rc;
}

/* ---- policies of users ---- */

static int grant_one(struct fg_call *c, struct fg_changes *s, const char *key,
                     const json_t *present, const char *etag, void *arg)
{
    const char *policy = arg;
    (void)c;
    (void)present;
    (void)etag;
    fg_changes_add(s, "patch", "users", key,
                   json_pack("{s:o}", "policy", policy ? json_string(policy) : json_null()), NULL);
    return 0;
}

static int grant(struct fg_call *c, const char *policy, const char *const *users, size_t n)
{
    struct fg_changes s = {0};
    char key_name[64], value[300];
    json_t *fields = NULL;
    snprintf(value, sizeof value, "%s", policy ? policy : "");
    int rc = fg_changes_begin(c, &s);
    json_t *filter = NULL;
    bool by_filter = n == 0 && fg_bulk_filter(c, &filter);
    if (!rc && !c->commit && (by_filter || (n && !c->filter))) {
        fg_changes_free(&s);
        return fg_bulk_assign(c, policy, users, n, filter);
    }
    json_decref(filter);
    if (!rc) rc = fg_request_fields(c, "users", &fields, key_name);
    json_decref(fields);
    if (!rc) rc = each_target(c, &s, "users", key_name, users, n, grant_one, policy ? value : NULL);
    if (!rc) return fg_changes_send(c, &s);
    fg_changes_free(&s);
    return rc;
}

int fg_do_grant(struct fg_call *c)
{
    return grant(c, c->args[0], c->args + 1, c->n - 1);
}

int fg_do_ungrant(struct fg_call *c)
{
    return grant(c, NULL, c->args, c->n);
}
