/* The flags --scope-site and --scope-partner, which limit an account or a token. */
#ifndef FG_CLI_SCOPE_FLAGS_H
#define FG_CLI_SCOPE_FLAGS_H

#include <jansson.h>

/* Comma-separated names as a scope (server/auth/scope.h), a new reference; NULL when neither is
 * given. FG_EXIT_NONE, or the exit code after having said what is wrong. */
int fg_scope_flags(const char *sites, const char *partners, json_t **out);

#endif
