/* The list of users without reading them from the store: filters and orders a hundred thousand
 * entries of the compiled configuration, and reads only the page. Answers exactly as view.h would.
 * One thread, with the view's connection. */
#ifndef FG_API_USERS_VIEW_H
#define FG_API_USERS_VIEW_H

#include "api/listing.h"
#include "api/view.h"

/* Are all fields that the listing filters and sorts by known here? */
bool fg_users_view_can(const struct fg_listing *l);
/* {items, next_cursor, total}; NULL with *err. */
json_t *fg_users_view_page(struct fg_view *v, const struct fg_listing *l, int *err);
/* Calls `take` with the address of each user of the view that passes, except those that the draft
 * removes; anything but 0 stops and is returned. */
int fg_users_view_each(struct fg_view *v, const struct fg_listing *l,
                       int (*take)(const char *address, void *arg), void *arg);

#endif
