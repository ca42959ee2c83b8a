/* Objects as a caller sees them: the running configuration, or the same with the caller's draft
 * laid over it. For one thread, with that thread's connection to the store. */
#ifndef FG_API_VIEW_H
#define FG_API_VIEW_H

#include "api/internal.h"
#include "api/listing.h"

enum fg_mark { FG_MARK_NONE, FG_MARK_ADDED, FG_MARK_CHANGED, FG_MARK_REMOVED };

struct fg_view {
    struct fg_call *call;
    struct fg_store *store;
    bool draft;                   /* view=draft was asked for */
    struct fg_snapshot *snapshot; /* what derived fields are made from */
    uint64_t revision;
};

/* Reads the parameter `view` and opens. False after having answered. */
bool fg_view_open(struct fg_view *v, struct fg_call *c);
/* The same without asking the parameter. */
bool fg_view_open_as(struct fg_view *v, struct fg_call *c, bool draft);
void fg_view_close(struct fg_view *v);

/* One object: the body in this view (NULL: not there) and the tag of the caller's draft view. For a
 * removed object of a draft view the running body is given, with FG_MARK_REMOVED. 0 or errno. */
struct fg_seen {
    json_t *body;
    enum fg_mark mark;
    char etag[FG_ETAG_MAX]; /* "" when it is in neither */
};
int fg_view_object(struct fg_view *v, enum fg_kind kind, const char *key, struct fg_seen *out);
/* Prints it, with the mark in a draft view. Takes the body over. */
json_t *fg_view_print(struct fg_view *v, enum fg_kind kind, const char *key, struct fg_seen *seen);

/* Takes the members away that views add to an object (draft, status), so that what was read may be
 * sent back. */
void fg_view_strip(enum fg_kind kind, json_t *value);

/* All objects of a kind that are `wanted` (NULL: all), printed: an array, or NULL with *err. What
 * is stored and cannot be read is left out. */
json_t *fg_view_all(struct fg_view *v, enum fg_kind kind, const struct fg_listing *wanted,
                    int *err);
/* A page of the running objects: at most `limit` behind `after`; `*more` and `*total` are filled.
 */
json_t *fg_view_page(struct fg_view *v, enum fg_kind kind, const char *after, size_t limit,
                     bool *more, size_t *total, int *err);

#endif
