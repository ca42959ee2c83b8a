/* Many objects with one request of the server's: what set, remove and granting do with --where,
 * when nothing is committed at once. Main thread only. */
#ifndef FG_CLI_BULK_H
#define FG_CLI_BULK_H

#include "server/cli/verb.h"

/* Can --where be sent as it is? False without it, with --commit, and when a field is named twice;
 * then the objects are read one by one. `*filter` is a new reference. */
bool fg_bulk_filter(const struct fg_call *c, json_t **filter);
/* Changes (`value`, taken over) or deletes (NULL) in the draft what the filter (taken over) takes;
 * with --dry-run only tells. An exit code. */
int fg_bulk_change(struct fg_call *c, const char *kind, json_t *filter, json_t *value);
/* Grants a policy (NULL: automatic again) to the users that are named, or to the filter (taken
 * over; NULL: to those named). An exit code. */
int fg_bulk_assign(struct fg_call *c, const char *policy, const char *const *users, size_t n,
                   json_t *filter);

#endif
