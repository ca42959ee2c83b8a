/* What event streams tell one listener: the own draft, the own jobs, and the log from where it was
 * read last. Made anew only for another owner or when something changed: many panels of the same
 * person cost one rendering. The producer's thread only. */
#ifndef FG_API_EVENTS_OWN_H
#define FG_API_EVENTS_OWN_H

#include <stdbool.h>
#include <stdint.h>

#include "api/jobs.h"
#include "gateway/base/buf.h"
#include "server/log_ring.h"

struct fg_store;

enum { FG_LOG_AT_ONCE = 32768 }; /* bytes of log in one event: the newest lines */

struct fg_own {
    char server[FG_JOB_ID];                 /* of this process: begins the ids of log events */
    char draft_owner[128], jobs_owner[128]; /* whom the frames are about */
    uint64_t draft_tick, jobs_tick;         /* when they were made */
    uint64_t draft_count, draft_generation; /* what the draft's frame says */
    struct fg_buf draft, jobs, log;
    uint64_t log_from, log_to; /* the log's frame holds the lines behind `from` */
};

void fg_own_init(struct fg_own *o);
void fg_own_free(struct fg_own *o);

/* The frame of the owner's draft as of this tick; NULL when it could not be read. */
const struct fg_buf *fg_own_draft(struct fg_own *o, struct fg_store *store, const char *owner,
                                  uint64_t tick);
/* The frame of the owner's jobs as of this tick; NULL without memory. */
const struct fg_buf *fg_own_jobs(struct fg_own *o, struct fg_jobs *jobs, const char *owner,
                                 uint64_t tick);
/* The frame of the lines after *at, which moves on to the newest; NULL when there are none. */
const struct fg_buf *fg_own_log(struct fg_own *o, struct fg_log_ring *ring, uint64_t *at);
/* Where the reader of `last_id` (Last-Event-ID, or NULL) was; 0 when it is none of ours. */
uint64_t fg_own_log_at(const struct fg_own *o, const char *last_id);

#endif
