/* Who has lately talked to whom: an answer to a message of our user is not unsolicited, and an
 * exchange that is going on may be finished while its partner is being drained. Kept in memory only
 * and bounded: the pair that was silent longest is forgotten first. */
#ifndef FG_BRIDGE_PAIRS_H
#define FG_BRIDGE_PAIRS_H

#include "gateway/base/list.h"
#include "gateway/base/map.h"

#include <stdbool.h>

enum {
    FG_PAIRS_MAX = 50000,
    FG_PAIRS_WRITTEN_MS = 7 * 24 * 3600 * 1000, /* so long our user's message invites an answer */
    FG_PAIRS_OPEN_MS = 15 * 60 * 1000,          /* so long a pause does not end an exchange */
};

struct fg_pairs {
    struct fg_map map;
    struct fg_list recent; /* least recent first */
    size_t max;
};

void fg_pairs_init(struct fg_pairs *p, size_t max);
void fg_pairs_free(struct fg_pairs *p);
/* A message passed between the inner user and the outer one; monotonic milliseconds. Without memory
 * the pair is not remembered. */
void fg_pairs_note(struct fg_pairs *p, const char *inner, const char *outer, bool inner_wrote,
                   int64_t now_ms);
/* What is known of the pair: our user has written to it; the exchange is going on. */
struct fg_pair_facts {
    bool written, open;
};
struct fg_pair_facts fg_pairs_look(const struct fg_pairs *p, const char *inner, const char *outer,
                                   int64_t now_ms);

#endif
