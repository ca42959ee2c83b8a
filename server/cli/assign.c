/* See assign.h. */
#include "server/cli/assign.h"

#include "gateway/base/buf.h"
#include "server/cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FILE_MAX = 1 << 20, NAME_ROOM = 128, CHOICES = 400 };

/* One argument taken apart. */
struct assignment {
    const char *name;
    size_t len;
    char op; /* '=', '+', '-' */
    const char *value;
};

static bool split(const char *text, struct assignment *a)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_.");
    const char *p = text + n;
    *a = (struct assignment){.name = text, .len = n, .op = '='};
    if (n == 0 || !islower((unsigned char)*text)) return false;
    if (*p == '+' || *p == '-') a->op = *p++;
    if (*p != '=') return false;
    a->value = p + 1;
    return true;
}

bool fg_assign_is(const char *text)
{
    struct assignment a;
    return split(text, &a);
}

bool fg_assign_needs_present(const char *const *args, size_t n)
{
    struct assignment a;
    for (size_t i = 0; i < n; i++) {
        if (split(args[i], &a) && a.op != '=') return true;
    }
    return false;
}

static const char *text_of(const json_t *field, const char *name)
{
    const char *text = json_string_value(json_object_get(field, name));
    return text ? text : "";
}

const json_t *fg_assign_field(const json_t *fields, const char *name, size_t len)
{
    size_t n = 0, i;
    json_t *field;
    while (n < len && name[n] != '.') n++;
    json_array_foreach(fields, i, field)
    {
        const char *is = text_of(field, "name");
        if (strlen(is) != n || strncmp(is, name, n)) continue;
        if (n == len) return field;
        return fg_assign_field(json_object_get(field, "fields"), name + n + 1, len - n - 1);
    }
    return NULL;
}

/* ---- values ---- */

static int wrong(const struct assignment *a, const char *what)
{
    fg_failed("%.*s: %s", (int)a->len, a->name, what);
    return FG_EXIT_USAGE;
}

static int read_choice(const struct assignment *a, const json_t *field, const char *value)
{
    char known[CHOICES] = "one of";
    size_t i, used = strlen(known);
    json_t *choice;
    json_array_foreach(json_object_get(field, "enum"), i, choice)
    {
        const char *is = text_of(choice, "value");
        if (!strcmp(is, value)) return 0;
        if (used < sizeof known)
            used += (size_t)snprintf(known + used, sizeof known - used, " %s", is);
    }
    return wrong(a, known);
}

static json_t *read_bool(const char *value)
{
    static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no",
                                                                                "off", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (!strcmp(value, yes[i])) return json_true();
        if (!strcmp(value, no[i])) return json_false();
    }
    return NULL;
}

/* "@FILE" or "@-" in place of a PEM text. */
static int read_file(const struct assignment *a, const char *path, json_t **out)
{
    struct fg_buf b;
    fg_buf_init(&b, FILE_MAX);
    FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
    if (!f) {
        fg_failed("%.*s: %s: %s", (int)a->len, a->name, path, strerror(errno));
        return FG_EXIT_FAILED;
    }
    char part[4096];
    size_t n;
    int err = 0;
    while (!err && (n = fread(part, 1, sizeof part, f)) > 0) err = fg_buf_add(&b, part, n);
    if (f != stdin) fclose(f);
    *out = err ? NULL : json_stringn((const char *)fg_buf_data(&b), fg_buf_len(&b));
    fg_buf_free(&b);
    if (*out) return 0;
    wrong(a, err ? "the file is too large" : "the file is no text");
    return FG_EXIT_FAILED;
}

static int read_json(const struct assignment *a, const char *value, json_t **out)
{
    json_error_t e;
    *out = json_loads(value, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
    return *out ? 0 : wrong(a, "is no JSON");
}

static int read_scalar(const struct assignment *a, const json_t *field, const char *value,
                       json_t **out)
{
    const char *type = text_of(field, "type");
    char *end;
    int rc = 0;
    if (!strcmp(type, "bool")) {
        *out = read_bool(value);
        return *out ? 0 : wrong(a, "is true or false");
    }
    if (!strcmp(type, "integer")) {
        errno = 0;
        long long n = strtoll(value, &end, 10);
        if (errno || !*value || *end) return wrong(a, "is a whole number");
        *out = json_integer(n);
        return 0;
    }
    if (!strcmp(type, "pem") && *value == '@') return read_file(a, value + 1, out);
    if (!strcmp(type, "object")) return read_json(a, value, out);
    if (!strcmp(type, "enum")) rc = read_choice(a, field, value);
    if (rc) return rc;
    *out = json_string(value);
    return *out ? 0 : wrong(a, "is no UTF-8");
}

/* A list with commas between, or as JSON. */
static int read_list(const struct assignment *a, const json_t *field, json_t **out)
{
    const json_t *items = json_object_get(field, "items");
    if (*a->value == '[') return read_json(a, a->value, out);
    if (!strcmp(text_of(items, "type"), "object"))
        return wrong(a, "is a list of objects: give it as JSON, [{...}]");
    char *copy = strdup(a->value), *rest = copy, *part;
    int rc = copy ? 0 : fg_failed("out of memory");
    *out = json_array();
    while (!rc && (part = strsep(&rest, ","))) {
        json_t *item = NULL;
        part += strspn(part, " ");
        if (!*part) continue;
        rc = read_scalar(a, items, part, &item);
        if (!rc) json_array_append_new(*out, item);
    }
    free(copy);
    if (rc) json_decref(*out);
    return rc;
}

/* ---- editing lists ---- */

static size_t find(const json_t *list, const json_t *item)
{
    size_t i = 0, n = json_array_size(list);
    while (i < n) {
        const json_t *is = json_array_get(list, i);
        const char *a = json_string_value(is), *b = json_string_value(item);
        if (a && b ? !strcasecmp(a, b) : json_equal(is, item)) break;
        i++;
    }
    return i;
}

/* The present list, with what is given added or taken out. */
static int edit_list(const struct assignment *a, const json_t *was, json_t **list)
{
    json_t *given = *list, *item,
           *edited = json_is_array(was) ? json_copy((json_t *)(uintptr_t)was) : json_array();
    int rc = 0;
    size_t i;
    json_array_foreach(given, i, item)
    {
        size_t at = find(edited, item);
        bool there = at < json_array_size(edited);
        if (a->op == '+' && !there) json_array_append(edited, item);
        if (a->op == '-' && there) json_array_remove(edited, at);
        if (a->op == '-' && !there) rc = wrong(a, "what is to be taken out is not there");
        if (rc) break;
    }
    json_decref(given);
    *list = edited;
    if (!rc) return 0;
    json_decref(edited);
    return FG_EXIT_FAILED;
}

/* ---- the patch ---- */

/* Steps into `o`, making objects on the way; `name` is left with its last part. */
static json_t *inside(json_t *o, const char **name, size_t *len)
{
    const char *dot;
    while (o && (dot = memchr(*name, '.', *len))) {
        char part[NAME_ROOM];
        snprintf(part, sizeof part, "%.*s", (int)(dot - *name), *name);
        json_t *next = json_object_get(o, part);
        if (!next) json_object_set_new(o, part, next = json_object());
        o = json_is_object(next) ? next : NULL;
        *len -= (size_t)(dot + 1 - *name);
        *name = dot + 1;
    }
    return o;
}

static const json_t *present_value(const json_t *o, const char *name, size_t len)
{
    while (o) {
        size_t n = 0;
        char part[NAME_ROOM];
        while (n < len && name[n] != '.') n++;
        snprintf(part, sizeof part, "%.*s", (int)n, name);
        o = json_object_get(o, part);
        if (n == len) break;
        name += n + 1;
        len -= n + 1;
    }
    return o;
}

static int read_value(const json_t *fields, const json_t *present, const json_t *patch,
                      const struct assignment *a, json_t **out)
{
    const json_t *field = fg_assign_field(fields, a->name, a->len);
    if (!field) return wrong(a, "there is no such field; --help lists them");
    if (json_is_true(json_object_get(field, "read_only"))) return wrong(a, "can only be read");
    bool list = !strcmp(text_of(field, "type"), "list");
    bool none = !strcmp(a->value, "null") || !*a->value;
    if (!list && a->op != '=') return wrong(a, "is no list, so nothing is added or taken out");
    if (none && json_is_true(json_object_get(field, "nullable"))) {
        *out = json_null();
        return 0;
    }
    if (!list) return read_scalar(a, field, a->value, out);
    int rc = read_list(a, field, out);
    if (rc || a->op == '=') return rc;
    const json_t *was = present_value(patch, a->name, a->len); /* an edit of the same list before */
    return edit_list(a, was ? was : present_value(present, a->name, a->len), out);
}

int fg_assign_read(const json_t *fields, const json_t *present, const char *const *args, size_t n,
                   json_t **out)
{
    json_t *patch = json_object();
    int rc = patch ? 0 : fg_failed("out of memory");
    for (size_t i = 0; !rc && i < n; i++) {
        struct assignment a;
        json_t *value = NULL;
        char name[NAME_ROOM];
        if (!split(args[i], &a)) {
            fg_failed("not FIELD=VALUE: %s", args[i]);
            rc = FG_EXIT_USAGE;
            break;
        }
        rc = read_value(fields, present, patch, &a, &value);
        if (rc) break;
        json_t *at = inside(patch, &a.name, &a.len);
        snprintf(name, sizeof name, "%.*s", (int)a.len, a.name);
        if (!at || json_object_set_new(at, name, value)) rc = fg_failed("%s cannot be set", name);
    }
    if (rc)
        json_decref(patch);
    else
        *out = patch;
    return rc;
}
