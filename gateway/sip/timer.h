/* Timers of transactions in one binary heap, so that ten thousand of them cost what ten cost and
 * the event loop sees one. Time is milliseconds of whatever clock the owner uses. Private to
 * gateway/sip. */
#ifndef FG_SIP_TIMER_H
#define FG_SIP_TIMER_H

#include <stddef.h>
#include <stdint.h>

struct fg_sip_timer {
    int64_t due;
    size_t pos; /* place in the heap, from 1; 0: not set */
    void (*fire)(struct fg_sip_timer *t);
};

struct fg_sip_timers {
    struct fg_sip_timer **heap; /* from 1 */
    size_t count, members, room;
};

void fg_sip_timers_free(struct fg_sip_timers *h);
/* Makes room for one more timer that may be set at any time later: setting cannot fail. 0, ENOMEM.
 */
int fg_sip_timers_join(struct fg_sip_timers *h, struct fg_sip_timer *t,
                       void (*fire)(struct fg_sip_timer *t));
/* Clears it and gives the room back. */
void fg_sip_timers_leave(struct fg_sip_timers *h, struct fg_sip_timer *t);
/* Sets or moves. */
void fg_sip_timer_set(struct fg_sip_timers *h, struct fg_sip_timer *t, int64_t due);
void fg_sip_timer_clear(struct fg_sip_timers *h, struct fg_sip_timer *t);
/* When the first one is due; INT64_MAX without any. */
int64_t fg_sip_timers_next(const struct fg_sip_timers *h);
/* Fires what is due at `now`; handlers may set, clear and free timers, their own too. */
void fg_sip_timers_run(struct fg_sip_timers *h, int64_t now);

#endif
