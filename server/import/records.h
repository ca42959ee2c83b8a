/* A file of objects in whatever form it comes: CSV with a header, JSON (an array, one object, or
 * many one after the other), CLIXML; in UTF-8 or UTF-16. Pure; any thread. */
#ifndef FG_IMPORT_RECORDS_H
#define FG_IMPORT_RECORDS_H

#include <jansson.h>
#include <stdint.h>

#include "gateway/base/problem.h"

enum { FG_RECORDS_MAX = 200000 };

/* An array of JSON objects (new reference); cells of a CSV are strings. 0; EINVAL with problems;
 * ENOMEM. */
int fg_records_read(const uint8_t *data, size_t len, json_t **out, struct fg_problems *problems);

#endif
