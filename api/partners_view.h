/* The list of partners with what works and what failed: filtered and ordered by live state as well,
 * without reading ten thousand objects from the store for a page of twenty. Beside the fields of
 * the objects a listing may name `status` (connected, failing …; ordered by urgency),
 * `last_success` (a time) and `last_failure` (its time, code and cause; ordered by the time). One
 * thread, with the view's connection. */
#ifndef FG_API_PARTNERS_VIEW_H
#define FG_API_PARTNERS_VIEW_H

#include "api/listing.h"
#include "api/live.h"
#include "api/view.h"

/* The names of the live fields; NULL-terminated. */
extern const char *const fg_partners_live_fields[];

/* {items, next_cursor, total}; with `with_status` items carry `status`, and `counts` says how many
 * of all that fit are connected, failing …, and have warnings. `live` may be NULL: nothing is known
 * then. NULL with *err. */
json_t *fg_partners_view_page(struct fg_view *v, const struct fg_listing *l, struct fg_live *live,
                              bool with_status, int *err);
/* Calls `take` with the domain of each partner that passes, except those that the draft removes;
 * anything but 0 stops and is returned. */
int fg_partners_view_each(struct fg_view *v, const struct fg_listing *l, struct fg_live *live,
                          int (*take)(const char *domain, void *arg), void *arg);

#endif
