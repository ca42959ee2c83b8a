/* JSON Schemas of what is no configuration object, by name, for the OpenAPI document. */
#ifndef FG_API_SCHEMAS_H
#define FG_API_SCHEMAS_H

#include <stddef.h>

struct fg_named_schema {
    const char *name, *text;
};
extern const struct fg_named_schema fg_schemas[];
extern const size_t fg_schemas_count;

#endif
