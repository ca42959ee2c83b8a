/* Inside the model: what a field is, and what its files share. The tables are in tables.c;
 * everything else walks them and knows no field by name, except check.c (rules between fields),
 * print.c (derived fields) and compile.c. */
#ifndef FG_SERVER_MODEL_FIELD_H
#define FG_SERVER_MODEL_FIELD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/problem.h"
#include "gateway/snapshot.h"

enum fg_field_type {
    FG_T_STRING, /* one line */
    FG_T_TEXT,   /* several lines */
    FG_T_BOOL,
    FG_T_INTEGER,
    FG_T_ENUM,
    FG_T_LIST,
    FG_T_OBJECT,
    FG_T_DOMAIN,
    FG_T_DATE,
    FG_T_DATETIME,
    FG_T_PEM,
    FG_T_REF /* key of an object of kind `ref` */
};

/* What a string must be beyond its type; it is stored in its canonical form. */
enum fg_field_format {
    FG_F_NONE,
    FG_F_HOSTPORT, /* host or host:port */
    FG_F_HOST,     /* domain or IP address */
    FG_F_IP,
    FG_F_IPPORT, /* IP address, with or without a port */
    FG_F_LISTEN, /* IP address and port */
    FG_F_CERT_ID /* SHA-256 as 64 hex digits */
};

enum { FG_NULLABLE = 1, FG_MANDATORY = 2, FG_READ_ONLY = 4, FG_WRITE_ONLY = 8, FG_DISTINCT = 16 };

/* The last one has no value. */
struct fg_choice {
    const char *value, *label, *help;
};

struct fg_field {
    const char *name;
    enum fg_field_type type;
    enum fg_field_format format;
    unsigned flags;
    const char *preset; /* default as JSON text; NULL: null, or the defaults of `fields` */
    int64_t min, max;   /* integers */
    size_t max_length;  /* strings, in characters */
    size_t max_items;   /* lists */
    enum fg_kind ref;
    const char *unit; /* shown beside a number */
    const struct fg_choice *choices;
    const struct fg_field *items;  /* of a list: its name is not used */
    const struct fg_field *fields; /* of an object: the last one has no name */
    const char *label, *help;
};

struct fg_kind_table {
    const char *title;
    struct fg_field key; /* name NULL: the kind has one object only */
    const struct fg_field *fields;
};

const struct fg_kind_table *fg_model_table(enum fg_kind kind);

/* Where in the input a value stands; rendered as a JSON pointer only when something is wrong there.
 */
struct fg_path {
    const struct fg_path *up;
    const char *prefix; /* the root: a pointer that is put in front as it is */
    const char *name;   /* a member */
    size_t index;       /* an item, when name and prefix are NULL */
};
enum { FG_POINTER_MAX = 2048 };
const char *fg_path_print(const struct fg_path *p, char out[FG_POINTER_MAX]);
/* A problem at this place. */
void fg_path_problem(const struct fg_path *p, struct fg_problems *problems, const char *code,
                     const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* One string value: checks type, length, characters and format, and returns its canonical form as a
 * new reference; NULL with a problem. */
json_t *fg_model_string(const struct fg_field *f, const json_t *value, const struct fg_path *path,
                        struct fg_problems *problems);
/* The same for the keys of other objects (FG_T_REF). */
int fg_model_key(enum fg_kind kind, const char *raw, const struct fg_path *path, char *out,
                 struct fg_problems *problems);

/* The default of a field as a new reference; NULL without memory. */
json_t *fg_field_default(const struct fg_field *f);
/* `body` with the defaults of fields that came later than it, as a new reference. */
json_t *fg_model_complete(enum fg_kind kind, const json_t *body);

/* Rules between the fields of one object. A faulty field is null in `body`, and rules about it are
 * left out. May put values into canonical form. */
void fg_model_check(enum fg_kind kind, const char *key, json_t *body, int64_t now_ms,
                    const struct fg_path *root, struct fg_problems *problems);

/* The negotiation of a partner's body; false when one of the three fields is faulty. */
bool fg_model_terms(const json_t *body, struct fg_terms *out);

/* jansson's iterators and counts take no const although they change nothing that is read. */
static inline json_t *fg_json_mutable(const json_t *j)
{
    return (json_t *)(uintptr_t)j;
}
/* The string member `name`, or NULL. */
static inline const char *fg_json_text(const json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

#endif
