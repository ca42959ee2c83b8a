/* From input to a body: walks the field table, fills in defaults, merges, and collects every fault.
 * A faulty field is null in the result, so that the rules between fields can still be asked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "server/model/field.h"
#include "server/model/model.h"

enum { NAME_ROOM = 64, SHOWN_KEY_MAX = 80 };

struct parser {
    struct fg_problems *problems;
    bool no_memory;
};

static json_t *parse_object(struct parser *p, const struct fg_field *fields,
                            enum fg_model_mode mode, const json_t *input, const json_t *before,
                            const struct fg_path *path, const char *ignore);

/* ---- defaults ---- */

static json_t *default_object(const struct fg_field *fields)
{
    json_t *o = json_object();
    for (const struct fg_field *f = fields; o && f->name; f++) {
        if (f->flags & FG_READ_ONLY) continue;
        if (json_object_set_new(o, f->name, fg_field_default(f)) == 0) continue;
        json_decref(o);
        o = NULL;
    }
    return o;
}

json_t *fg_field_default(const struct fg_field *f)
{
    if (f->preset) return json_loads(f->preset, JSON_DECODE_ANY, NULL);
    if (f->type == FG_T_OBJECT && !(f->flags & FG_NULLABLE)) return default_object(f->fields);
    return json_null();
}

json_t *fg_model_default(enum fg_kind kind, const char *key)
{
    (void)key; /* all objects of a kind have the same defaults */
    return default_object(fg_model_table(kind)->fields);
}

bool fg_model_is_permanent(enum fg_kind kind, const char *key)
{
    return kind == FG_KIND_SETTINGS || (kind == FG_KIND_POLICIES && strcmp(key, "global") == 0);
}

static bool is_complete(const struct fg_field *fields, const json_t *body)
{
    for (const struct fg_field *f = fields; f->name; f++) {
        if (f->flags & FG_READ_ONLY) continue;
        const json_t *v = json_object_get(body, f->name);
        if (!v) return false;
        if (f->type == FG_T_OBJECT && json_is_object(v) && !is_complete(f->fields, v)) return false;
    }
    return true;
}

json_t *fg_model_complete(enum fg_kind kind, const json_t *body)
{
    const struct fg_field *fields = fg_model_table(kind)->fields;
    if (is_complete(fields, body)) return json_incref(fg_json_mutable(body));
    json_t *full = default_object(fields);
    if (full && json_object_update_recursive(full, fg_json_mutable(body)) == 0) return full;
    json_decref(full);
    return NULL;
}

/* ---- unknown fields ---- */

static size_t distance(const char *a, const char *b)
{
    size_t row[NAME_ROOM + 1], n = strlen(b);
    if (n > NAME_ROOM || strlen(a) > NAME_ROOM) return SIZE_MAX;
    for (size_t j = 0; j <= n; j++) row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t best = diagonal + (a[i] != b[j]);
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j + 1] + 1 < best) best = row[j + 1] + 1;
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }
    return row[n];
}

static const char *nearest(const struct fg_field *fields, const char *name)
{
    const char *best = NULL;
    size_t limit = strlen(name) / 3 + 2;
    for (const struct fg_field *f = fields; f->name; f++) {
        size_t d = distance(name, f->name);
        if (d >= limit) continue;
        limit = d;
        best = f->name;
    }
    return best;
}

static void unknown_field(struct parser *p, const struct fg_field *fields, const char *name,
                          const struct fg_path *path)
{
    const struct fg_path here = {.up = path, .name = name};
    const char *best = nearest(fields, name);
    if (best)
        fg_path_problem(&here, p->problems, "unknown_field",
                        "There is no such field. Did you mean \"%s\"?", best);
    else
        fg_path_problem(&here, p->problems, "unknown_field", "There is no such field.");
}

static const struct fg_field *find_field(const struct fg_field *fields, const char *name)
{
    for (const struct fg_field *f = fields; f->name; f++)
        if (strcmp(f->name, name) == 0) return f;
    return NULL;
}

static void check_names(struct parser *p, const struct fg_field *fields, const json_t *input,
                        const struct fg_path *path, const char *ignore)
{
    const char *name;
    json_t *value;
    json_object_foreach(fg_json_mutable(input), name, value)
    {
        if (ignore && strcmp(name, ignore) == 0) continue;
        if (!find_field(fields, name)) unknown_field(p, fields, name, path);
    }
}

/* ---- values ---- */

static void wrong_type(struct parser *p, const struct fg_path *path, const char *expected)
{
    fg_path_problem(path, p->problems, "type", "Wrong type: expected %s.", expected);
}

static json_t *parse_integer(struct parser *p, const struct fg_field *f, const json_t *v,
                             const struct fg_path *path)
{
    if (!json_is_integer(v)) {
        wrong_type(p, path, "a whole number");
        return NULL;
    }
    json_int_t n = json_integer_value(v);
    if (n < f->min || n > f->max) {
        fg_path_problem(path, p->problems, "range", "Out of range: expected %lld to %lld%s%s.",
                        (long long)f->min, (long long)f->max, f->unit ? " " : "",
                        f->unit ? f->unit : "");
        return NULL;
    }
    return json_integer(n);
}

static json_t *parse_enum(struct parser *p, const struct fg_field *f, const json_t *v,
                          const struct fg_path *path)
{
    const char *s = json_string_value(v);
    char all[256] = "";
    for (const struct fg_choice *c = f->choices; c->value; c++) {
        if (s && strcmp(s, c->value) == 0) return json_string(s);
        size_t n = strlen(all);
        snprintf(all + n, sizeof all - n, "%s%s", n ? ", " : "", c->value);
    }
    fg_path_problem(path, p->problems, s ? "value" : "type", "Expected one of: %s.", all);
    return NULL;
}

static bool is_in(const json_t *list, const json_t *v)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), v)) return true;
    return false;
}

/* Long lists of strings are compared by a set. */
static bool seen_before(json_t *seen, const json_t *list, const json_t *v)
{
    if (!json_is_string(v)) return is_in(list, v);
    const char *s = json_string_value(v);
    if (json_object_get(seen, s)) return true;
    json_object_set_new(seen, s, json_true());
    return false;
}

static json_t *parse_value(struct parser *p, const struct fg_field *f, enum fg_model_mode mode,
                           const json_t *v, const json_t *before, const struct fg_path *path);

static json_t *parse_list(struct parser *p, const struct fg_field *f, const json_t *v,
                          const struct fg_path *path)
{
    if (!json_is_array(v)) {
        wrong_type(p, path, "a list");
        return NULL;
    }
    if (f->max_items && json_array_size(v) > f->max_items) {
        fg_path_problem(path, p->problems, "too_many", "%zu entries are too many; at most %zu fit.",
                        json_array_size(v), f->max_items);
        return NULL;
    }
    json_t *list = json_array(), *seen = json_object();
    for (size_t i = 0; list && seen && i < json_array_size(v); i++) {
        const struct fg_path here = {.up = path, .index = i};
        json_t *item = parse_value(p, f->items, FG_MODEL_PUT, json_array_get(v, i), NULL, &here);
        if (!item) continue;
        if ((f->flags & FG_DISTINCT) && seen_before(seen, list, item)) {
            fg_path_problem(&here, p->problems, "duplicate", "This entry is in the list already.");
            json_decref(item);
        } else if (json_array_append_new(list, item)) {
            p->no_memory = true;
        }
    }
    if (!list || !seen) p->no_memory = true;
    json_decref(seen);
    return list;
}

/* A new reference, or NULL with a problem. `v` is not null. */
static json_t *parse_value(struct parser *p, const struct fg_field *f, enum fg_model_mode mode,
                           const json_t *v, const json_t *before, const struct fg_path *path)
{
    switch (f->type) {
    case FG_T_BOOL:
        if (json_is_boolean(v)) return json_boolean(json_is_true(v));
        wrong_type(p, path, "true or false");
        return NULL;
    case FG_T_INTEGER:
        return parse_integer(p, f, v, path);
    case FG_T_ENUM:
        return parse_enum(p, f, v, path);
    case FG_T_LIST:
        return parse_list(p, f, v, path);
    case FG_T_OBJECT:
        if (json_is_object(v)) return parse_object(p, f->fields, mode, v, before, path, NULL);
        wrong_type(p, path, "an object");
        return NULL;
    default:
        if (json_is_string(v)) return fg_model_string(f, v, path, p->problems);
        wrong_type(p, path, "a string");
        return NULL;
    }
}

/* What a field that was not given is: the value before where that is kept, else the default. */
static json_t *absent_value(struct parser *p, const struct fg_field *f, enum fg_model_mode mode,
                            const json_t *before, const struct fg_path *path)
{
    bool keep = mode == FG_MODEL_PATCH || (f->flags & FG_WRITE_ONLY);
    if (keep && before) return json_incref(fg_json_mutable(before));
    if (f->flags & FG_MANDATORY) {
        fg_path_problem(path, p->problems, "required", "This field is required.");
        return NULL;
    }
    return fg_field_default(f);
}

static json_t *null_value(struct parser *p, const struct fg_field *f, enum fg_model_mode mode,
                          const struct fg_path *path)
{
    if (f->flags & FG_NULLABLE) return json_null();
    if (mode == FG_MODEL_PATCH) return absent_value(p, f, FG_MODEL_PUT, NULL, path);
    fg_path_problem(path, p->problems, "type", "This field cannot be null.");
    return NULL;
}

static json_t *parse_field(struct parser *p, const struct fg_field *f, enum fg_model_mode mode,
                           const json_t *input, const json_t *before, const struct fg_path *up)
{
    const struct fg_path path = {.up = up, .name = f->name};
    const json_t *v = json_object_get(input, f->name);
    const json_t *old = json_object_get(before, f->name);
    if (!v) return absent_value(p, f, mode, old, &path);
    if (json_is_null(v)) return null_value(p, f, mode, &path);
    return parse_value(p, f, mode, v, json_is_object(old) ? old : NULL, &path);
}

static json_t *parse_object(struct parser *p, const struct fg_field *fields,
                            enum fg_model_mode mode, const json_t *input, const json_t *before,
                            const struct fg_path *path, const char *ignore)
{
    json_t *body = json_object();
    check_names(p, fields, input, path, ignore);
    for (const struct fg_field *f = fields; f->name; f++) {
        if (f->flags & FG_READ_ONLY) continue;
        json_t *v = parse_field(p, f, mode, input, before, path);
        if (json_object_set_new(body, f->name, v ? v : json_null())) p->no_memory = true;
    }
    return body;
}

/* ---- the whole ---- */

static void check_key(struct parser *p, enum fg_kind kind, const char *key, const json_t *input,
                      const struct fg_path *root)
{
    const char *name = fg_model_key_field(kind);
    const json_t *v = name ? json_object_get(input, name) : NULL;
    if (!v) return;
    const struct fg_path path = {.up = root, .name = name};
    char given[FG_MODEL_KEY_MAX];
    if (!json_is_string(v)) {
        wrong_type(p, &path, "a string");
    } else if (fg_model_key(kind, json_string_value(v), &path, given, p->problems) == 0 &&
               strcmp(given, key) != 0) {
        fg_path_problem(
            &path, p->problems, "key",
            "This must be \"%s\", as in the address: a key cannot be changed. Create a new "
            "object and delete the old one.",
            key);
    }
}

json_t *fg_model_parse(enum fg_kind kind, const char *key, enum fg_model_mode mode,
                       const json_t *input, const json_t *before, int64_t now_ms,
                       const char *pointer, struct fg_problems *problems)
{
    struct parser p = {.problems = problems};
    const struct fg_path root = {.prefix = pointer};
    size_t count = problems->count, dropped = problems->dropped;
    if (!json_is_object(input)) {
        wrong_type(&p, &root, "an object");
        return NULL;
    }
    check_key(&p, kind, key, input, &root);
    json_t *body = parse_object(&p, fg_model_table(kind)->fields, mode, input, before, &root,
                                fg_model_key_field(kind));
    if (body) fg_model_check(kind, key, body, now_ms, &root, problems);
    if (!body || p.no_memory)
        fg_path_problem(&root, problems, "internal", "Memory ran out while reading the object.");
    if (problems->count == count && problems->dropped == dropped) return body;
    json_decref(body);
    return NULL;
}
