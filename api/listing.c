/* See listing.h. */
#include "api/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/input.h"
#include "api/reply.h"
#include "gateway/base/quote.h"
#include "gateway/base/rand.h"

enum { CURSOR_MAX = 8192, NUMBER_TEXT = 32, NAME_SHOWN = 80, POINTER = 160 };

bool fg_wildcard(const char *pattern, const char *text)
{
    const char *star = NULL, *mark = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            mark = text;
        } else if (*pattern == '?' || strncasecmp(pattern, text, 1) == 0) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++mark;
        } else {
            return false;
        }
    }
    while (*pattern == '*') pattern++;
    return *pattern == 0;
}

/* ---- reading the query ---- */

/* The scalar as text; NULL for lists and objects. */
static const char *scalar(const json_t *v, char number[NUMBER_TEXT])
{
    switch (json_typeof(v)) {
    case JSON_STRING:
        return json_string_value(v);
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    case JSON_NULL:
        return "";
    case JSON_INTEGER:
        snprintf(number, NUMBER_TEXT, "%lld", (long long)json_integer_value(v));
        return number;
    case JSON_REAL:
        snprintf(number, NUMBER_TEXT, "%g", json_real_value(v));
        return number;
    default:
        return NULL;
    }
}

static bool one_of(const char *const *names, const char *name)
{
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0) return true;
    return false;
}

static void unknown(const struct fg_listing_spec *spec, const char *at, const char *what,
                    const char *name, struct fg_problems *problems)
{
    char shown[NAME_SHOWN];
    size_t n = 0;
    while (spec->fields[n]) n++;
    const char *near = fg_nearest(name, spec->fields, n);
    fg_quotes(shown, sizeof shown, name);
    if (near)
        fg_problem_add(problems, at, "query_unknown",
                       "%s %s: there is no such field; did you mean %s?", what, shown, near);
    else
        fg_problem_add(problems, at, "query_unknown", "%s %s: there is no such field.", what,
                       shown);
}

static void read_limit(struct fg_listing *l, const char *text, struct fg_problems *problems)
{
    char *end;
    long n = strtol(text, &end, 10);
    if (!*text || *end || n < 1 || n > FG_LISTING_MAX)
        fg_problem_add(problems, "", "query_invalid", "limit must be a number from 1 to %d.",
                       FG_LISTING_MAX);
    else
        l->limit = (size_t)n;
}

static void read_sort(struct fg_listing *l, const struct fg_listing_spec *spec, const char *text,
                      struct fg_problems *problems)
{
    while (*text) {
        size_t len = strcspn(text, ",");
        bool descending = *text == '-';
        const char *name = text + descending;
        size_t name_len = len - descending;
        char field[64] = "";
        if (name_len < sizeof field) {
            memcpy(field, name, name_len);
            field[name_len] = 0;
        }
        if (!one_of(spec->fields, field)) {
            unknown(spec, "", "sort", field, problems);
        } else if (l->n_sorts < FG_LISTING_SORTS) {
            memcpy(l->sorts[l->n_sorts].field, field, sizeof field);
            l->sorts[l->n_sorts++].descending = descending;
        } else {
            fg_problem_add(problems, "", "query_invalid", "sort takes at most %d fields.",
                           FG_LISTING_SORTS);
        }
        text += len;
        if (*text == ',') text++;
    }
}

static void read_cursor(struct fg_listing *l, const char *text, struct fg_problems *problems)
{
    size_t len = strlen(text);
    uint8_t *data = len % 2 == 0 && len < CURSOR_MAX ? malloc(len / 2 + 1) : NULL;
    if (data && fg_unhex(data, len / 2, text) == 0)
        l->cursor = json_loadb((const char *)data, len / 2, 0, NULL);
    free(data);
    if (json_is_array(l->cursor)) return;
    fg_problem_add(problems, "", "query_invalid", "cursor is not one that this list gave.");
}

static void read_parameter(struct fg_listing *l, const struct fg_listing_spec *spec,
                           const struct fg_http_param *p, struct fg_problems *problems)
{
    if (strcmp(p->name, "q") == 0) {
        l->q = *p->value ? p->value : NULL;
    } else if (strcmp(p->name, "limit") == 0) {
        read_limit(l, p->value, problems);
    } else if (strcmp(p->name, "sort") == 0) {
        read_sort(l, spec, p->value, problems);
    } else if (strcmp(p->name, "cursor") == 0) {
        read_cursor(l, p->value, problems);
    } else if (one_of(spec->others, p->name)) {
        return;
    } else if (!one_of(spec->fields, p->name)) {
        unknown(spec, "", "parameter", p->name, problems);
    } else if (l->n_filters < FG_LISTING_FILTERS) {
        l->filters[l->n_filters].field = p->name;
        l->filters[l->n_filters++].pattern = p->value;
    } else {
        fg_problem_add(problems, "", "query_invalid", "At most %d filters at once.",
                       FG_LISTING_FILTERS);
    }
}

/* Which of two would count is nobody's guess; filters may come again and then hold together. */
static bool comes_again(const struct fg_http_request *r, size_t i)
{
    static const char *const once[] = {"q", "limit", "sort", "cursor", "view", "include", NULL};
    const char *name = r->params[i].name;
    if (!one_of(once, name)) return false;
    for (size_t k = 0; k < i; k++)
        if (strcmp(r->params[k].name, name) == 0) return true;
    return false;
}

bool fg_listing_read(struct fg_listing *l, const struct fg_http_request *r,
                     const struct fg_listing_spec *spec, struct fg_problems *problems)
{
    *l = (struct fg_listing){.limit = FG_LISTING_DEFAULT, .key = spec->key};
    for (size_t i = 0; i < r->n_params; i++) {
        if (!comes_again(r, i))
            read_parameter(l, spec, &r->params[i], problems);
        else
            fg_problem_add(problems, "", "query_invalid", "%s is there more than once.",
                           r->params[i].name);
    }
    if (l->cursor && json_array_size(l->cursor) != l->n_sorts + 1)
        fg_problem_add(problems, "", "query_invalid", "cursor belongs to a list in another order.");
    return fg_problems_none(problems);
}

/* One pattern as text: what is no string is written as a list's parameter would be. The text is
 * kept in place of the value. */
static const char *pattern_text(json_t **value)
{
    char number[NUMBER_TEXT];
    if (json_is_string(*value)) return json_string_value(*value);
    const char *text = scalar(*value, number);
    *value = text ? json_string(text) : NULL;
    return *value ? json_string_value(*value) : NULL;
}

static void read_condition(struct fg_listing *l, const struct fg_listing_spec *spec,
                           const char *name, const char *pattern, const char *at,
                           struct fg_problems *problems)
{
    if (strcmp(name, "q") == 0) {
        l->q = *pattern ? pattern : NULL;
    } else if (!one_of(spec->fields, name)) {
        unknown(spec, at, "filter", name, problems);
    } else if (l->n_filters < FG_LISTING_FILTERS) {
        l->filters[l->n_filters].field = name;
        l->filters[l->n_filters++].pattern = pattern;
    } else {
        fg_problem_add(problems, at, "query_invalid", "At most %d filters at once.",
                       FG_LISTING_FILTERS);
    }
}

bool fg_listing_read_filter(struct fg_listing *l, json_t *filter,
                            const struct fg_listing_spec *spec, const char *pointer,
                            struct fg_problems *problems)
{
    const char *name;
    json_t *value;
    void *next;
    *l = (struct fg_listing){.limit = FG_LISTING_MAX, .key = spec->key};
    if (!json_is_object(filter)) {
        fg_problem_add(problems, pointer, "type",
                       "The filter is an object of fields and patterns; {} means all.");
        return false;
    }
    json_object_foreach_safe(filter, next, name, value)
    {
        char at[POINTER];
        snprintf(at, sizeof at, "%s/%.100s", pointer, name);
        json_t *text = value;
        const char *pattern = pattern_text(&text);
        if (!pattern) {
            fg_problem_add(problems, at, "type",
                           "A pattern is a text, a number, true, false or "
                           "null; * stands for anything.");
            continue;
        }
        if (text != value) json_object_set_new(filter, name, text);
        read_condition(l, spec, name, pattern, at, problems);
    }
    return fg_problems_none(problems);
}

void fg_listing_free(struct fg_listing *l)
{
    json_decref(l->cursor);
    l->cursor = NULL;
}

bool fg_listing_is_plain(const struct fg_listing *l)
{
    if (l->q || l->n_filters) return false;
    return l->n_sorts == 0 ||
           (l->n_sorts == 1 && !l->sorts[0].descending && strcmp(l->sorts[0].field, l->key) == 0);
}

const char *fg_listing_after(const struct fg_listing *l)
{
    size_t n = l->cursor ? json_array_size(l->cursor) : 0;
    return n ? json_string_value(json_array_get(l->cursor, n - 1)) : NULL;
}

/* ---- filters ---- */

static bool contains(const char *text, const char *part)
{
    return strcasestr(text, part) != NULL;
}

typedef bool text_test(const char *text, const char *arg);

static bool test_pattern(const char *text, const char *pattern)
{
    return fg_wildcard(pattern, text);
}

/* Does the value, or any value in it, pass? Input depth is bounded, so is the recursion. */
static bool any_text(json_t *v, text_test *test, const char *arg)
{
    char number[NUMBER_TEXT];
    if (json_is_array(v)) {
        for (size_t i = 0; i < json_array_size(v); i++)
            if (any_text(json_array_get(v, i), test, arg)) return true;
        return json_array_size(v) == 0 && test("", arg);
    }
    if (json_is_object(v)) {
        for (void *it = json_object_iter(v); it; it = json_object_iter_next(v, it))
            if (any_text(json_object_iter_value(it), test, arg)) return true;
        return false;
    }
    const char *text = scalar(v, number);
    return text && test(text, arg);
}

bool fg_listing_takes(const struct fg_listing *l, json_t *item)
{
    if (l->q && !any_text(item, contains, l->q)) return false;
    for (size_t i = 0; i < l->n_filters; i++) {
        json_t *v = json_object_get(item, l->filters[i].field);
        if (!v) v = json_null();
        if (!any_text(v, test_pattern, l->filters[i].pattern)) return false;
    }
    return true;
}

/* ---- order ---- */

static int rank(const json_t *v)
{
    if (!v || json_is_null(v)) return 0;
    if (json_is_boolean(v)) return 1;
    if (json_is_number(v) || json_is_array(v)) return 2;
    return json_is_string(v) ? 3 : 4;
}

/* Lists are ordered by their length. */
static double number(const json_t *v)
{
    return json_is_array(v) ? (double)json_array_size(v) : json_number_value(v);
}

/* Counting references and iterating want it; nothing is changed. */
static json_t *mutable(const json_t *v)
{
    return (json_t *)(uintptr_t)v;
}

/* What a value is ordered by: an object by the first of its members ({identity, because}). */
static const json_t *sorted_by(const json_t *v)
{
    if (!json_is_object(v)) return v;
    const json_t *first = json_object_iter_value(json_object_iter(mutable(v)));
    return json_is_object(first) || json_is_array(first) ? NULL : first;
}

static int compare_values(const json_t *a, const json_t *b)
{
    a = sorted_by(a);
    b = sorted_by(b);
    int ra = rank(a), rb = rank(b);
    if (ra != rb) return ra < rb ? -1 : 1;
    if (ra == 1) return json_is_true(a) - json_is_true(b);
    if (ra == 2) {
        double x = number(a), y = number(b);
        return (x > y) - (x < y);
    }
    if (ra == 3) {
        const char *x = json_string_value(a), *y = json_string_value(b);
        int c = strcasecmp(x, y);
        return c ? c : strcmp(x, y);
    }
    return 0;
}

/* Keys are compared bytewise, as the store does, so that plain pages and sorted ones agree. */
static int compare_keys(const json_t *a, const json_t *b)
{
    if (json_is_string(a) && json_is_string(b))
        return strcmp(json_string_value(a), json_string_value(b));
    return compare_values(a, b);
}

static int compare_items(const void *x, const void *y, void *arg)
{
    const struct fg_listing *l = arg;
    const json_t *a = *(json_t *const *)x, *b = *(json_t *const *)y;
    for (size_t i = 0; i < l->n_sorts; i++) {
        int c = compare_values(json_object_get(a, l->sorts[i].field),
                               json_object_get(b, l->sorts[i].field));
        if (c) return l->sorts[i].descending ? -c : c;
    }
    return compare_keys(json_object_get(a, l->key), json_object_get(b, l->key));
}

bool fg_listing_is_behind(const struct fg_listing *l, const json_t *item)
{
    for (size_t i = 0; i < l->n_sorts; i++) {
        int c =
            compare_values(json_object_get(item, l->sorts[i].field), json_array_get(l->cursor, i));
        if (c) return l->sorts[i].descending ? c < 0 : c > 0;
    }
    return compare_keys(json_object_get(item, l->key), json_array_get(l->cursor, l->n_sorts)) > 0;
}

/* The values as hex of their JSON: opaque to clients, plain in an address. Takes them over. */
json_t *fg_listing_cursor(json_t *values)
{
    char *text = json_dumps(values, JSON_COMPACT);
    json_decref(values);
    size_t len = text ? strlen(text) : 0;
    char *hex = text ? malloc(2 * len + 1) : NULL;
    json_t *out = NULL;
    if (hex) {
        fg_hex(hex, text, len);
        out = json_string(hex);
    }
    free(text);
    free(hex);
    return out;
}

json_t *fg_listing_text_cursor(const char *text)
{
    return fg_listing_cursor(json_pack("[s]", text));
}

json_t *fg_listing_number_cursor(uint64_t n)
{
    char text[NUMBER_TEXT];
    snprintf(text, sizeof text, "%llu", (unsigned long long)n);
    return fg_listing_cursor(json_pack("[s]", text));
}

static json_t *make_cursor(const struct fg_listing *l, const json_t *last)
{
    json_t *values = json_array();
    for (size_t i = 0; i < l->n_sorts; i++) {
        json_t *v = json_object_get(last, l->sorts[i].field);
        json_t *by = mutable(sorted_by(v));
        if (json_is_array(by))
            fg_json_push(values, json_integer((json_int_t)json_array_size(by)));
        else
            fg_json_push(values, by ? json_incref(by) : json_null());
    }
    fg_json_push(values, json_incref(json_object_get(last, l->key)));
    return fg_listing_cursor(values);
}

static json_t *page(const struct fg_listing *l, json_t *items, bool more, size_t total)
{
    size_t n = json_array_size(items);
    json_t *cursor = more && n ? make_cursor(l, json_array_get(items, n - 1)) : json_null();
    json_t *o = json_object();
    fg_json_set(o, "items", items);
    fg_json_set(o, "next_cursor", cursor);
    fg_json_set(o, "total", json_integer((json_int_t)total));
    return o;
}

json_t *fg_listing_plain_page(const struct fg_listing *l, json_t *items, bool more, size_t total)
{
    return page(l, items, more, total);
}

json_t *fg_listing_page(const struct fg_listing *l, json_t *all)
{
    size_t n = json_array_size(all), kept = 0, begin = 0;
    json_t **list = malloc((n ? n : 1) * sizeof(json_t *));
    json_t *items = json_array();
    if (!list || !items) {
        free(list);
        json_decref(items);
        json_decref(all);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        json_t *item = json_array_get(all, i);
        if (fg_listing_takes(l, item)) list[kept++] = item;
    }
    struct fg_listing order = *l;
    qsort_r(list, kept, sizeof(json_t *), compare_items, &order);
    if (l->cursor)
        while (begin < kept && !fg_listing_is_behind(l, list[begin])) begin++;
    size_t end = kept - begin > l->limit ? begin + l->limit : kept;
    for (size_t i = begin; i < end; i++) json_array_append(items, list[i]);
    free(list);
    json_decref(all);
    return page(l, items, end < kept, kept);
}
