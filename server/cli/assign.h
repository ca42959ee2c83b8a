/* FIELD=VALUE arguments, read by the field table of their kind: names, types, choices. Main thread
 * only. */
#ifndef FG_CLI_ASSIGN_H
#define FG_CLI_ASSIGN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Does it look like FIELD=VALUE, FIELD+=VALUE or FIELD-=VALUE? Fields of fields have dots. */
bool fg_assign_is(const char *text);
/* Does any of them edit a list in place, so that the present object must be known? */
bool fg_assign_needs_present(const char *const *args, size_t n);
/* Makes a merge patch (RFC 7396) of all of them: `fields` is the kind's list of fields as GET
 * /schema shows it, `present` the object that lists are edited in (NULL: a new one). 0 with a new
 * reference, or an exit code after saying why. */
int fg_assign_read(const json_t *fields, const json_t *present, const char *const *args, size_t n,
                   json_t **out);
/* The field of a dotted name, or NULL. */
const json_t *fg_assign_field(const json_t *fields, const char *name, size_t len);

#endif
