/* See input.h. */
#include "api/input.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/quote.h"

enum { POINTER_MAX = 512, NAME_MAX_SHOWN = 80, WORD_MAX = 64, NEAR_MAX = 6 };

/* ---- parsing ---- */

/* Depth outside of strings. Done before parsing, so that no recursion depends on the sender. */
static bool too_deep(const uint8_t *p, size_t len)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < len; i++) {
        if (in_string) {
            if (p[i] == '\\')
                i++;
            else if (p[i] == '"')
                in_string = false;
        } else if (p[i] == '"') {
            in_string = true;
        } else if (p[i] == '{' || p[i] == '[') {
            if (++depth > FG_INPUT_DEPTH) return true;
        } else if (p[i] == '}' || p[i] == ']') {
            depth--;
        }
    }
    return false;
}

static bool is_utf8(const uint8_t *p, size_t len)
{
    unsigned cp;
    for (size_t i = 0; i < len;) {
        if (p[i] < 0x80) {
            i++;
            continue;
        }
        size_t n = fg_utf8_decode((const char *)p + i, len - i, &cp);
        if (!n) return false;
        i += n;
    }
    return true;
}

json_t *fg_input_parse(const uint8_t *data, size_t len, struct fg_problems *problems)
{
    if (!is_utf8(data, len)) {
        fg_problem_add(problems, "", "json_not_utf8", "The body is not UTF-8; send JSON in UTF-8.");
        return NULL;
    }
    if (too_deep(data, len)) {
        fg_problem_add(problems, "", "json_too_deep",
                       "The body is nested more than %d levels deep.", FG_INPUT_DEPTH);
        return NULL;
    }
    json_error_t error;
    json_t *v =
        json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (v) return v;
    char text[2 * JSON_ERROR_TEXT_LENGTH];
    fg_quotes(text, sizeof text, error.text);
    bool duplicate = json_error_code(&error) == json_error_duplicate_key;
    fg_problem_add(problems, "", duplicate ? "json_duplicate_key" : "json_invalid",
                   "The body is not valid JSON: %s (line %d, column %d).", text, error.line,
                   error.column);
    return NULL;
}

/* ---- fields ---- */

char *fg_pointer(char *out, size_t size, const char *at, const char *name)
{
    int n = snprintf(out, size, "%s/", at);
    size_t used = n < 0 ? 0 : (size_t)n;
    for (; *name && used + 3 < size; name++) {
        if (*name == '~' || *name == '/') {
            out[used++] = '~';
            out[used++] = *name == '~' ? '0' : '1';
        } else {
            out[used++] = *name;
        }
    }
    if (used < size) out[used] = 0;
    return out;
}

__attribute__((format(printf, 4, 5))) static void fault(struct fg_input *in, const char *name,
                                                        const char *code, const char *fmt, ...)
{
    char pointer[POINTER_MAX], text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fg_problem_add(in->problems, fg_pointer(pointer, sizeof pointer, in->at, name), code, "%s",
                   text);
}

bool fg_input_open(struct fg_input *in, json_t *value, const char *at, struct fg_problems *problems)
{
    *in = (struct fg_input){.object = value, .at = at, .problems = problems};
    if (json_is_object(value)) return true;
    fg_problem_add(problems, at, "type", "Expected a JSON object.");
    return false;
}

/* The member, noted as known; NULL when absent or null, with a problem if it must be there. */
static const json_t *take(struct fg_input *in, const char *name, enum fg_presence p)
{
    if (in->n_known < FG_INPUT_FIELDS) in->known[in->n_known++] = name;
    const json_t *v = json_object_get(in->object, name);
    if (v && !json_is_null(v)) return v;
    if (p == FG_MUST) fault(in, name, "required", "%s is required.", name);
    return NULL;
}

static size_t characters(const char *s)
{
    size_t n = 0;
    for (; *s; s++) n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

const char *fg_input_string(struct fg_input *in, const char *name, enum fg_presence p, size_t max)
{
    const json_t *v = take(in, name, p);
    if (!v) return NULL;
    if (!json_is_string(v)) {
        fault(in, name, "type", "%s must be a string.", name);
        return NULL;
    }
    const char *s = json_string_value(v);
    if (characters(s) > max) {
        fault(in, name, "too_long", "%s may have at most %zu characters.", name, max);
        return NULL;
    }
    if (!*s && p == FG_MUST) {
        fault(in, name, "required", "%s must not be empty.", name);
        return NULL;
    }
    return s;
}

bool fg_input_bool(struct fg_input *in, const char *name, bool fallback)
{
    const json_t *v = take(in, name, FG_MAY);
    if (!v) return fallback;
    if (!json_is_boolean(v)) {
        fault(in, name, "type", "%s must be true or false.", name);
        return fallback;
    }
    return json_is_true(v);
}

int64_t fg_input_integer(struct fg_input *in, const char *name, enum fg_presence p, int64_t min,
                         int64_t max, int64_t fallback)
{
    const json_t *v = take(in, name, p);
    if (!v) return fallback;
    if (!json_is_integer(v)) {
        fault(in, name, "type", "%s must be a whole number.", name);
        return fallback;
    }
    int64_t n = json_integer_value(v);
    if (n < min || n > max) {
        fault(in, name, "range", "%s must be between %lld and %lld.", name, (long long)min,
              (long long)max);
        return fallback;
    }
    return n;
}

const json_t *fg_input_any(struct fg_input *in, const char *name, enum fg_presence p)
{
    return take(in, name, p);
}

const json_t *fg_input_array(struct fg_input *in, const char *name, enum fg_presence p, size_t max)
{
    const json_t *v = take(in, name, p);
    if (!v) return NULL;
    if (!json_is_array(v)) {
        fault(in, name, "type", "%s must be a list.", name);
        return NULL;
    }
    if (json_array_size(v) > max) {
        fault(in, name, "too_many", "%s may have at most %zu entries.", name, max);
        return NULL;
    }
    return v;
}

int fg_input_choice(struct fg_input *in, const char *name, enum fg_presence p,
                    const char *const *choices)
{
    const char *s = fg_input_string(in, name, p, WORD_MAX);
    if (!s) return -1;
    for (int i = 0; choices[i]; i++)
        if (strcmp(s, choices[i]) == 0) return i;
    char list[200] = "";
    size_t used = 0;
    for (int i = 0; choices[i]; i++) {
        int n = snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", choices[i]);
        if (n < 0 || (size_t)n >= sizeof list - used) break;
        used += (size_t)n;
    }
    fault(in, name, "choice", "%s must be one of %s.", name, list);
    return -1;
}

int64_t fg_input_time(struct fg_input *in, const char *name, enum fg_presence p)
{
    const char *s = fg_input_string(in, name, p, WORD_MAX);
    int64_t ms = 0;
    if (s && fg_time_parse(s, &ms)) {
        fault(in, name, "time", "%s must be a date or a time such as 2026-01-31T12:00:00Z.", name);
        return 0;
    }
    return ms;
}

/* ---- did you mean ---- */

static size_t least(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Levenshtein distance; words longer than WORD_MAX count as far away. */
static size_t distance(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b), row[WORD_MAX + 1];
    if (la > WORD_MAX || lb > WORD_MAX) return WORD_MAX;
    for (size_t j = 0; j <= lb; j++) row[j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[lb];
}

const char *fg_nearest(const char *word, const char *const *names, size_t n)
{
    const char *best = NULL;
    size_t best_distance = strlen(word) / 3 + 2;
    if (best_distance > NEAR_MAX) best_distance = NEAR_MAX;
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(word, names[i]);
        if (d < best_distance) {
            best = names[i];
            best_distance = d;
        }
    }
    return best;
}

static bool is_known(const struct fg_input *in, const char *name)
{
    for (size_t i = 0; i < in->n_known; i++)
        if (strcmp(in->known[i], name) == 0) return true;
    return false;
}

void fg_input_rest(struct fg_input *in)
{
    void *it = json_object_iter(in->object);
    for (; it; it = json_object_iter_next(in->object, it)) {
        const char *name = json_object_iter_key(it);
        if (is_known(in, name)) continue;
        char shown[NAME_MAX_SHOWN];
        fg_quotes(shown, sizeof shown, name);
        const char *near = fg_nearest(name, in->known, in->n_known);
        if (near)
            fault(in, name, "unknown_field", "There is no field %s; did you mean %s?", shown, near);
        else
            fault(in, name, "unknown_field", "There is no field %s.", shown);
    }
}
