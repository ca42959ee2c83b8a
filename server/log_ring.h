/* The newest lines of the log, in memory, for whoever watches. Thread-safe. */
#ifndef FG_LOG_RING_H
#define FG_LOG_RING_H

#include "gateway/base/buf.h"

struct fg_log_ring;

enum { FG_LOG_KEPT = 256 };

int fg_log_ring_new(struct fg_log_ring **out);
/* NULL does nothing. */
void fg_log_ring_free(struct fg_log_ring *r);
/* Keeps a copy of a line, a JSON object; the oldest goes. Without memory the line is one of those
 * that are missed. */
void fg_log_ring_add(struct fg_log_ring *r, const char *line, size_t len);
/* The number of the newest line; they count from 1. */
uint64_t fg_log_ring_newest(struct fg_log_ring *r);
/* Appends the lines after number `after` to `out`, oldest first, separated by commas: the newest
 * ones that fit its maximum. *missed: how many after `after` are not among them; *newest: the
 * number to ask from the next time. 0 or ENOMEM. */
int fg_log_ring_since(struct fg_log_ring *r, uint64_t after, struct fg_buf *out, uint64_t *newest,
                      uint64_t *missed);

#endif
