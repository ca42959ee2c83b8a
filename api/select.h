/* Which objects a bulk request is about: those that a filter takes in the caller's draft view, or
 * those it names. One thread, with the view's connection. */
#ifndef FG_API_SELECT_H
#define FG_API_SELECT_H

#include "api/listing.h"
#include "api/live.h"
#include "api/view.h"

struct fg_selected {
    char **keys; /* canonical, each once */
    size_t n, room;
    size_t matched;   /* keys, and those named that are not there */
    json_t *rejected; /* [{key, code, message}] of what was named and is not there */
};

/* Names that items of a kind may be filtered by: the properties of its schema (which must live as
 * long), the draft mark, and what is live of partners. NULL-terminated, to be freed; NULL without
 * memory. */
const char **fg_select_fields(enum fg_kind kind, json_t *schema);

/* Empties `out` first. `live`, which may be NULL, is what is known of partners. 0 or errno. Free
 * with fg_selected_free, also after an error. */
int fg_select_matching(struct fg_view *v, enum fg_kind kind, const struct fg_listing *filter,
                       struct fg_live *live, struct fg_selected *out);
/* `keys` is an array of texts. What cannot be a key is a problem below `pointer`. */
int fg_select_named(struct fg_view *v, enum fg_kind kind, const json_t *keys, const char *pointer,
                    struct fg_selected *out, struct fg_problems *problems);
void fg_selected_free(struct fg_selected *s);

/* {key, code, message}, at most FG_REJECTED_MAX of them in a list. */
enum { FG_REJECTED_MAX = 1000 };
void fg_reject(json_t *list, const char *key, const char *code, const char *message);

#endif
