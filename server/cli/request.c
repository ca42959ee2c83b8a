/* See request.h: paths and lists. */
#include "server/cli/request.h"

#include "gateway/base/buf.h"
#include "server/cli/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_MAX_LEN = 65536, PAGE = 1000 };

char *fg_request_path(const char *kind, const char *key)
{
    char *path = NULL, *a = fg_client_segment(kind), *b = key ? fg_client_segment(key) : NULL;
    if (!a || (key && !b) || asprintf(&path, "/%s%s%s", a, key ? "/" : "", key ? b : "") < 0)
        path = NULL;
    free(a);
    free(b);
    return path;
}

static int add_parameter(struct fg_buf *b, const char *name, const char *value)
{
    char *n = fg_client_segment(name), *v = fg_client_segment(value);
    int err = n && v ? fg_buf_addf(b, "&%s=%s", n, v) : 1;
    free(n);
    free(v);
    return err;
}

static int add_filter(struct fg_buf *b, const char *filter)
{
    char *copy = strdup(filter), *eq = copy ? strchr(copy, '=') : NULL;
    int err = 1;
    if (eq && eq != copy) {
        *eq = '\0';
        err = add_parameter(b, copy, eq + 1);
    }
    free(copy);
    return err;
}

static int build(const struct fg_call *c, const char *path, const char *const *filters, size_t n,
                 size_t page, struct fg_buf *b)
{
    int err = fg_buf_addf(b, "%s?limit=%zu", path, page);
    for (size_t i = 0; i < n; i++) {
        if (!err && add_filter(b, filters[i])) {
            fg_failed("not FIELD=PATTERN: %s", filters[i]);
            return FG_EXIT_USAGE;
        }
    }
    if (!err && c->search) err = add_parameter(b, "q", c->search);
    if (!err && c->sort) err = add_parameter(b, "sort", c->sort);
    if (!err && c->draft) err = fg_buf_adds(b, "&view=draft");
    return err ? fg_failed("the request is too long") : 0;
}

static int next_page(struct fg_call *c, struct fg_buf *b, const char *cursor, json_t **answer)
{
    size_t len = fg_buf_len(b);
    if (cursor && add_parameter(b, "cursor", cursor)) return fg_failed("the request is too long");
    const char *path = fg_buf_cstr(b);
    int rc = path ? fg_remote_get(c->remote, path, answer) : fg_failed("out of memory");
    fg_buf_truncate(b, len);
    return rc;
}

static int limit_of(const struct fg_call *c, size_t *limit)
{
    char *end;
    *limit = SIZE_MAX;
    if (!c->limit) return 0;
    unsigned long n = strtoul(c->limit, &end, 10);
    if (*end || n == 0 || *c->limit == '-') return fg_call_usage(c, "--limit is a number above 0");
    *limit = n;
    return 0;
}

int fg_request_list(struct fg_call *c, const char *path, const char *name,
                    const char *const *filters, size_t n, json_t **out)
{
    size_t limit;
    struct fg_buf b;
    int rc = limit_of(c, &limit);
    if (rc) return rc;
    fg_buf_init(&b, PATH_MAX_LEN);
    json_t *all = json_array(), *answer = NULL;
    rc = build(c, path, filters, n, limit < PAGE ? limit : PAGE, &b);
    const char *cursor = NULL;
    while (!rc) {
        json_t *page = NULL;
        rc = next_page(c, &b, cursor, &page);
        json_decref(answer);
        answer = page;
        if (rc) break;
        json_array_extend(all, json_object_get(answer, name));
        cursor = json_string_value(json_object_get(answer, "next_cursor"));
        if (!cursor || json_array_size(all) >= limit) break;
    }
    while (json_array_size(all) > limit) json_array_remove(all, json_array_size(all) - 1);
    json_decref(answer);
    fg_buf_free(&b);
    if (rc)
        json_decref(all);
    else
        *out = all;
    return rc;
}

bool fg_request_json(const struct fg_call *c, const json_t *answer)
{
    if (c->json && answer) fg_print_json(answer);
    return c->json;
}

void fg_request_print(const struct fg_call *c, const json_t *items, const char *columns,
                      const char *key)
{
    size_t i;
    json_t *item;
    if (fg_request_json(c, items)) return;
    if (!c->keys) {
        fg_print_table(items, c->columns ? c->columns : columns);
        return;
    }
    json_array_foreach(items, i, item)
    {
        fg_print_text(json_object_get(item, key));
        fputs("\n", stdout);
    }
}

int fg_request_fields(struct fg_call *c, const char *kind, json_t **fields, char key_name[64])
{
    json_t *answer = NULL;
    int rc = fg_remote_get(c->remote, "/schema", &answer);
    if (rc) return rc;
    json_t *table = json_object_get(json_object_get(answer, "kinds"), kind);
    const char *key = json_string_value(json_object_get(json_object_get(table, "key"), "name"));
    if (key_name) snprintf(key_name, 64, "%s", key ? key : "");
    *fields = json_incref(json_object_get(table, "fields"));
    json_decref(answer);
    return *fields ? 0 : fg_failed("this server knows no %s", kind);
}
