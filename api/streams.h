/* The list of streams as they are at this moment: filtered, ordered and cut into pages over the
 * engine's own rows, so that ten thousand of them cost an answer of fifty. */
#ifndef FG_API_STREAMS_H
#define FG_API_STREAMS_H

#include "api/listing.h"
#include "api/live.h"

/* What streams may be filtered and ordered by; ends with a name that is NULL. */
struct fg_stream_field {
    const char *name;
    const char *what; /* what the pattern is compared with: a phrase */
};
extern const struct fg_stream_field fg_stream_fields[];

/* {items, next_cursor, total, counts}: the cursor names the last stream seen, so that nothing is
 * skipped or shown twice when others come and go; `counts` are of all streams, whatever is
 * filtered. `live` may be NULL: there are none. Any thread. */
json_t *fg_streams_page(const struct fg_listing *l, const struct fg_live *live);

#endif
