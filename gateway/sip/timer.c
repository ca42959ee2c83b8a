/* See timer.h. */
#include "gateway/sip/timer.h"

#include <errno.h>
#include <stdlib.h>

enum { FIRST_ROOM = 64 };

void fg_sip_timers_free(struct fg_sip_timers *h)
{
    free(h->heap);
    *h = (struct fg_sip_timers){0};
}

int fg_sip_timers_join(struct fg_sip_timers *h, struct fg_sip_timer *t,
                       void (*fire)(struct fg_sip_timer *t))
{
    if (h->members + 1 >= h->room) {
        size_t room = h->room ? h->room * 2 : FIRST_ROOM;
        struct fg_sip_timer **heap = realloc(h->heap, room * sizeof(struct fg_sip_timer *));
        if (!heap) return ENOMEM;
        h->heap = heap;
        h->room = room;
    }
    h->members++;
    *t = (struct fg_sip_timer){.fire = fire};
    return 0;
}

void fg_sip_timers_leave(struct fg_sip_timers *h, struct fg_sip_timer *t)
{
    fg_sip_timer_clear(h, t);
    h->members--;
}

static void put(struct fg_sip_timers *h, size_t pos, struct fg_sip_timer *t)
{
    h->heap[pos] = t;
    t->pos = pos;
}

static void rise(struct fg_sip_timers *h, size_t pos, struct fg_sip_timer *t)
{
    while (pos > 1 && h->heap[pos / 2]->due > t->due) {
        put(h, pos, h->heap[pos / 2]);
        pos /= 2;
    }
    put(h, pos, t);
}

static void sink(struct fg_sip_timers *h, size_t pos, struct fg_sip_timer *t)
{
    for (size_t child = pos * 2; child <= h->count; child = pos * 2) {
        if (child < h->count && h->heap[child + 1]->due < h->heap[child]->due) child++;
        if (h->heap[child]->due >= t->due) break;
        put(h, pos, h->heap[child]);
        pos = child;
    }
    put(h, pos, t);
}

void fg_sip_timer_set(struct fg_sip_timers *h, struct fg_sip_timer *t, int64_t due)
{
    int64_t old = t->due;
    t->due = due;
    if (t->pos == 0)
        rise(h, ++h->count, t);
    else if (due < old)
        rise(h, t->pos, t);
    else
        sink(h, t->pos, t);
}

void fg_sip_timer_clear(struct fg_sip_timers *h, struct fg_sip_timer *t)
{
    if (t->pos == 0) return;
    size_t pos = t->pos;
    struct fg_sip_timer *last = h->heap[h->count--];
    t->pos = 0;
    if (last == t) return;
    if (pos > 1 && h->heap[pos / 2]->due > last->due)
        rise(h, pos, last);
    else
        sink(h, pos, last);
}

int64_t fg_sip_timers_next(const struct fg_sip_timers *h)
{
    return h->count ? h->heap[1]->due : INT64_MAX;
}

void fg_sip_timers_run(struct fg_sip_timers *h, int64_t now)
{
    while (h->count && h->heap[1]->due <= now) {
        struct fg_sip_timer *t = h->heap[1];
        fg_sip_timer_clear(h, t);
        t->fire(t);
    }
}
