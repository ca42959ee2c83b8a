/* Collections: free-text search, field filters with wildcards, sorting, and pages by a cursor that
 * names the last item seen, so that a page stays right when items come and go. Pure; any thread. */
#ifndef FG_API_LISTING_H
#define FG_API_LISTING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/problem.h"
#include "server/http/http.h"

enum {
    FG_LISTING_DEFAULT = 100,
    FG_LISTING_MAX = 1000,
    FG_LISTING_SORTS = 4,
    FG_LISTING_FILTERS = 16
};

/* What a collection's items look like to the query. */
struct fg_listing_spec {
    const char *key;           /* unique member of every item: the last word in sorting */
    const char *const *fields; /* those that may be filtered and sorted by; NULL-terminated */
    const char *const *others; /* parameters with a meaning of their own; NULL-terminated or NULL */
};

struct fg_listing {
    const char *q;
    struct {
        const char *field, *pattern;
    } filters[FG_LISTING_FILTERS];
    size_t n_filters;
    struct {
        char field[64];
        bool descending;
    } sorts[FG_LISTING_SORTS];
    size_t n_sorts;
    size_t limit;
    json_t *cursor; /* array: the values sorted by, then the key; NULL from the start */
    const char *key;
};

/* Reads the query parameters; unknown ones are faults. Free with fg_listing_free also after faults.
 */
bool fg_listing_read(struct fg_listing *l, const struct fg_http_request *r,
                     const struct fg_listing_spec *spec, struct fg_problems *problems);
/* The same from the body of a bulk request: {q?, FIELD: PATTERN …} with the names of the list
 * query. Patterns that are no texts are made ones in `filter`, which must live as long as the
 * listing. */
bool fg_listing_read_filter(struct fg_listing *l, json_t *filter,
                            const struct fg_listing_spec *spec, const char *pointer,
                            struct fg_problems *problems);
void fg_listing_free(struct fg_listing *l);
/* Neither search nor filter nor other order than by key: a page can be read by key. */
bool fg_listing_is_plain(const struct fg_listing *l);
/* Key behind which a plain page begins; NULL from the start. */
const char *fg_listing_after(const struct fg_listing *l);

/* Does one item pass search and filters? */
bool fg_listing_takes(const struct fg_listing *l, json_t *item);
/* Is the item behind the cursor, which is there? */
bool fg_listing_is_behind(const struct fg_listing *l, const json_t *item);
/* {items, next_cursor, total} from all items (taken over), which are filtered, sorted and cut. */
json_t *fg_listing_page(const struct fg_listing *l, json_t *all);
/* The same from one page that was read by key; `more` says whether items follow. */
json_t *fg_listing_plain_page(const struct fg_listing *l, json_t *items, bool more, size_t total);

/* A cursor of the values sorted by and the key, which are taken over. */
json_t *fg_listing_cursor(json_t *values);
/* A cursor for lists that are paged by a number, or by a name. */
json_t *fg_listing_number_cursor(uint64_t n);
json_t *fg_listing_text_cursor(const char *text);

/* Shell-like match, any case: `*` any characters, `?` one. Linear in time for each star. */
bool fg_wildcard(const char *pattern, const char *text);

#endif
