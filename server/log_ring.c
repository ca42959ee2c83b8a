/* See log_ring.h. */
#include "server/log_ring.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct kept {
    char *text; /* NULL: there was no memory for it */
    size_t len;
};

struct fg_log_ring {
    pthread_mutex_t lock; /* guards everything below */
    uint64_t newest;
    struct kept lines[FG_LOG_KEPT]; /* line n is at n % FG_LOG_KEPT */
};

int fg_log_ring_new(struct fg_log_ring **out)
{
    struct fg_log_ring *r = calloc(1, sizeof *r);
    if (!r) return ENOMEM;
    pthread_mutex_init(&r->lock, NULL);
    *out = r;
    return 0;
}

void fg_log_ring_free(struct fg_log_ring *r)
{
    if (!r) return;
    for (size_t i = 0; i < FG_LOG_KEPT; i++) free(r->lines[i].text);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

void fg_log_ring_add(struct fg_log_ring *r, const char *line, size_t len)
{
    char *text = malloc(len ? len : 1);
    if (text) memcpy(text, line, len);
    pthread_mutex_lock(&r->lock);
    struct kept *k = &r->lines[++r->newest % FG_LOG_KEPT];
    char *old = k->text;
    *k = (struct kept){text, text ? len : 0};
    pthread_mutex_unlock(&r->lock);
    free(old);
}

uint64_t fg_log_ring_newest(struct fg_log_ring *r)
{
    pthread_mutex_lock(&r->lock);
    uint64_t n = r->newest;
    pthread_mutex_unlock(&r->lock);
    return n;
}

/* With the lock held: the first of the newest lines after `after` that fit into `room` bytes. */
static uint64_t first_that_fits(const struct fg_log_ring *r, uint64_t after, size_t room)
{
    uint64_t first = r->newest + 1;
    uint64_t oldest = r->newest > FG_LOG_KEPT ? r->newest - FG_LOG_KEPT + 1 : 1;
    if (oldest <= after) oldest = after + 1;
    while (first > oldest) {
        const struct kept *k = &r->lines[(first - 1) % FG_LOG_KEPT];
        if (!k->text || k->len + 1 > room) break;
        room -= k->len + 1;
        first--;
    }
    return first;
}

int fg_log_ring_since(struct fg_log_ring *r, uint64_t after, struct fg_buf *out, uint64_t *newest,
                      uint64_t *missed)
{
    int err = 0;
    pthread_mutex_lock(&r->lock);
    if (after > r->newest) after = r->newest;
    uint64_t first = first_that_fits(r, after, out->max - fg_buf_len(out));
    for (uint64_t n = first; !err && n <= r->newest; n++) {
        const struct kept *k = &r->lines[n % FG_LOG_KEPT];
        if (n > first) err = fg_buf_adds(out, ",");
        if (!err) err = fg_buf_add(out, k->text, k->len);
    }
    *missed = first - after - 1;
    *newest = r->newest;
    pthread_mutex_unlock(&r->lock);
    return err;
}
