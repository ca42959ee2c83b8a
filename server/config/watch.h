/* While a commit waits for its confirmation, it also takes itself back when a partner that worked
 * before has stopped working because of it. What that means exactly:
 *
 *   worked before   when the commit was made, an authenticated stream with the partner was open, or
 *                   the last thing that had happened with it was one that opened (which every
 *                   message that crosses needs);
 *   of the commit   it changed the partner's own object, or one that all partners rest on:
 *                   settings, domains, certificate assignments, trust anchors. Partners that it
 *                   removes, suspends or drains, and all of them when it switches federation off,
 *                   are not watched: that is what was wanted;
 *   has stopped     since the commit, an attempt of ours to open a stream to it has failed, none
 *                   has opened since that, and none is open. A failure to reach it (DNS, the
 *                   connection) counts only if the commit changed the partner's proxy or the
 *                   settings' dns; it is the network's otherwise. Only our own attempts count: of
 *                   those that come in, anybody could say that they come from the partner.
 *
 * For a partner that had a stream when the commit was made and has none after it, one is tried
 * once, so that it shows without waiting for a message. Who is watched is kept in the store, so
 * that it goes on after a restart. Configuration thread. */
#ifndef FG_SERVER_CONFIG_WATCH_H
#define FG_SERVER_CONFIG_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/xmpp/s2s.h"

struct fg_changeset;
struct fg_config;
struct fg_snapshot;
struct fg_store;

struct fg_watched {
    char *partner; /* primary domain */
    bool had;      /* a stream, when the commit was made */
    bool reach;    /* failures to reach it count */
    bool tried;    /* asked for a stream, since the one it had is gone */
};

struct fg_watch {
    struct fg_watched *list;
    size_t n;
    int64_t since_ms; /* wall clock: what failed before does not count */
};

/* Who is to be watched when `set`, which leads to `next`, is committed; before it is. */
void fg_watch_collect(struct fg_config *c, const struct fg_changeset *set,
                      const struct fg_snapshot *next, struct fg_watch *out);
void fg_watch_free(struct fg_watch *w);
/* Keeps it with the revision, in the transaction of the commit; and reads it again, empty when it
 * is of another. 0 or errno. */
int fg_watch_store(struct fg_store *st, const struct fg_watch *w, uint64_t revision);
int fg_watch_read(struct fg_store *st, uint64_t revision, struct fg_watch *out);
/* Looks at them; true when one has stopped working, with a sentence in `why`. */
enum { FG_WATCH_WHY = 512 };
bool fg_watch_look(struct fg_config *c, struct fg_watch *w, char why[FG_WATCH_WHY]);
/* The rule by itself, for one partner: has it stopped working? */
bool fg_watch_lost(const struct fg_watch *w, const struct fg_watched *p,
                   const struct fg_partner_info *i);

#endif
