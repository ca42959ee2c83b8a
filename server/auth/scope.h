/* A limit on what an account may change: named sites, and partners by patterns. Which role it has
 * says which kinds of objects; the scope says which of them. Pure; any thread. */
#ifndef FG_SCOPE_H
#define FG_SCOPE_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/base/problem.h"

enum { FG_SCOPE_ITEMS = 200, FG_SCOPE_SAYS = 256 };

/* {"sites": [names], "partners": [patterns with *]}; either may be left out and names nothing then.
 * Patterns match domains in their ASCII form, `*` at either end any part of one. Gives it in canonical form, or
 * NULL with problems below `pointer`. New reference. */
json_t *fg_scope_parse(const json_t *value, const char *pointer, struct fg_problems *problems);
/* The canonical form as text; NULL without memory. */
char *fg_scope_text(const json_t *scope);

bool fg_scope_site(const json_t *scope, const char *site);
/* `domain` lower-case A-labels. */
bool fg_scope_partner(const json_t *scope, const char *domain);
/* Does `outer` allow all that `inner` allows? */
bool fg_scope_covers(const json_t *outer, const json_t *inner);
/* "the sites Rome, Berlin and the partners *.example", cut when it is long. */
const char *fg_scope_says(const json_t *scope, char out[FG_SCOPE_SAYS]);

#endif
