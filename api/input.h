/* Bodies of requests: strict JSON (RFC 8259 in UTF-8, no duplicate keys, nesting of at most 32) and
 * the small reader by which the handlers that are no configuration objects take their fields,
 * collecting every fault. Pure; any thread. */
#ifndef FG_API_INPUT_H
#define FG_API_INPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/problem.h"

enum { FG_INPUT_DEPTH = 32 };

/* Parses a whole body; NULL with a problem at "" (code json_invalid, json_duplicate_key,
 * json_too_deep, json_not_utf8) otherwise. New reference. */
json_t *fg_input_parse(const uint8_t *data, size_t len, struct fg_problems *problems);

/* Reads the members of one object; each member may be taken once, and fg_input_rest names those
 * that nobody took. `at` is the pointer of the object, "" for a body. */
enum { FG_INPUT_FIELDS = 16 };
struct fg_input {
    json_t *object; /* only read */
    const char *at;
    struct fg_problems *problems;
    const char *known[FG_INPUT_FIELDS];
    size_t n_known;
};

/* False, with a problem, when `value` is no object. */
bool fg_input_open(struct fg_input *in, json_t *value, const char *at,
                   struct fg_problems *problems);

enum fg_presence { FG_MUST, FG_MAY }; /* FG_MAY: absent and null give the fallback */

/* A string of at most `max` characters; NULL when absent or wrong. Borrowed. */
const char *fg_input_string(struct fg_input *in, const char *name, enum fg_presence p, size_t max);
bool fg_input_bool(struct fg_input *in, const char *name, bool fallback);
int64_t fg_input_integer(struct fg_input *in, const char *name, enum fg_presence p, int64_t min,
                         int64_t max, int64_t fallback);
/* Any value, an array, or NULL when absent. Borrowed. */
const json_t *fg_input_any(struct fg_input *in, const char *name, enum fg_presence p);
const json_t *fg_input_array(struct fg_input *in, const char *name, enum fg_presence p, size_t max);
/* One of `choices` (NULL-terminated): its index, or -1 when absent or wrong. */
int fg_input_choice(struct fg_input *in, const char *name, enum fg_presence p,
                    const char *const *choices);
/* Milliseconds of an RFC 3339 time or date; 0 when absent or wrong. */
int64_t fg_input_time(struct fg_input *in, const char *name, enum fg_presence p);
/* A problem for each member that was not asked for, with the nearest known name. */
void fg_input_rest(struct fg_input *in);

/* The nearest of `names` to `word`, for "did you mean"; NULL when nothing is near. */
const char *fg_nearest(const char *word, const char *const *names, size_t n);
/* "at/name" with RFC 6901 escapes, into `out`; cut when too long. Returns `out`. */
char *fg_pointer(char *out, size_t size, const char *at, const char *name);

#endif
