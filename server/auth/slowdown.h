/* Slows down who tries passwords, per account name and per address prefix (IPv4 /32, IPv6 /64), and
 * locks nobody out: after the first free failures each further one doubles the wait, up to a
 * minute, and time forgives. In memory, bounded: when full, what was quiet longest is forgotten.
 * Thread-safe. */
#ifndef FG_SLOWDOWN_H
#define FG_SLOWDOWN_H

#include <stdint.h>

struct fg_slowdown;

enum {
    FG_SLOWDOWN_FREE = 4,           /* failures without a wait */
    FG_SLOWDOWN_MAX_MS = 60000,     /* the longest wait */
    FG_SLOWDOWN_FORGET_MS = 900000, /* one failure is forgiven after so long */
    FG_SLOWDOWN_ENTRIES = 8192,
};

/* 0 or ENOMEM. */
int fg_slowdown_new(struct fg_slowdown **out);
void fg_slowdown_free(struct fg_slowdown *s);

/* Milliseconds to wait before this attempt may be looked at (0: now); 429 with Retry-After
 * otherwise. `now_ms` is on the monotonic clock. `address` is numeric text, with or without a port;
 * what is no address is taken as it stands. An attempt that may go ahead counts as failed until
 * fg_slowdown_success, so that many at once gain nothing. */
int64_t fg_slowdown_attempt(struct fg_slowdown *s, const char *name, const char *address,
                            int64_t now_ms);
/* The password was right: clears the account and takes back one failure from the address. */
void fg_slowdown_success(struct fg_slowdown *s, const char *name, const char *address,
                         int64_t now_ms);
/* The password was right, but a code is still due: takes back the failure from the address, so that
 * two steps cost what one does; the account keeps its own, so that asking again is slowed too. */
void fg_slowdown_halfway(struct fg_slowdown *s, const char *address, int64_t now_ms);

#endif
