/* What an object of each kind looks like: one table of fields per kind, from which parsing,
 * checking, printing, comparing, the help texts of GET /schema and the OpenAPI schemas all come.
 *
 * A body is the normalised JSON object that is stored: every writable field present, defaults
 * filled in, domains prepared; no key field and no read-only field. Functions returning json_t *
 * give a new reference. Thread-safe; json objects are the caller's as long as a call runs. */
#ifndef FG_SERVER_MODEL_MODEL_H
#define FG_SERVER_MODEL_MODEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/problem.h"
#include "gateway/snapshot.h"
#include "server/model/words.h"

enum { FG_MODEL_KEY_MAX = 1280 };

/* The canonical form of a key from a path or a change: 0, or EINVAL with a problem at `pointer`.
 * The settings' only key is "settings". */
int fg_model_key_prepare(enum fg_kind kind, const char *raw, const char *pointer,
                         char out[FG_MODEL_KEY_MAX], struct fg_problems *problems);

enum fg_model_mode { FG_MODEL_PUT, FG_MODEL_PATCH };

/* Turns input into a body. put: absent fields take their defaults, absent write-only fields are
 * kept from `before`; patch: merges into `before` (RFC 7396, null = default). `before` may be NULL.
 * All faults are added to `problems`, pointers beginning with `pointer` ("" for a request body).
 * Returns NULL when there was one, or when memory is out (a problem of code "internal"). `now_ms`
 * is the wall clock, for fields that must lie in the future. */
json_t *fg_model_parse(enum fg_kind kind, const char *key, enum fg_model_mode mode,
                       const json_t *input, const json_t *before, int64_t now_ms,
                       const char *pointer, struct fg_problems *problems);

/* The body an object has when nobody has set anything: settings and policies/global always exist.
 */
json_t *fg_model_default(enum fg_kind kind, const char *key);
/* Exists without having been made, and is reset instead of deleted? */
bool fg_model_is_permanent(enum fg_kind kind, const char *key);

/* The object as the REST interface shows it: key field first, then the fields in table order
 * without the write-only ones, then the read-only ones (methods, warnings, effective_policy …).
 * `snapshot` (may be NULL) answers what depends on other objects. */
json_t *fg_model_print(enum fg_kind kind, const char *key, const json_t *body,
                       const struct fg_snapshot *snapshot);
/* Name of the field that shows the key: "domain", "identity" …; NULL for settings. */
const char *fg_model_key_field(enum fg_kind kind);
/* The warnings an object carries by itself: an array of {code, message}, never NULL but for memory.
 */
json_t *fg_model_warnings(enum fg_kind kind, const char *key, const json_t *body);

/* Names of the top-level fields that differ: an array of strings. Either side may be NULL. */
json_t *fg_model_changed(enum fg_kind kind, const json_t *before, const json_t *after);

/* Canonical text (sorted keys, compact) and its SHA-256; `hash` may be NULL. The text is malloc'ed.
 */
char *fg_model_canonical(const json_t *body, uint8_t hash[FG_HASH_LEN]);

/* The answer of GET /schema: {lang, kinds: {partners: {title, key, fields}}}. */
json_t *fg_model_schema(enum fg_lang lang);
/* JSON Schema (2020-12) of a kind for the OpenAPI document: as read, with read-only fields marked.
 */
json_t *fg_model_openapi(enum fg_kind kind);

#endif
