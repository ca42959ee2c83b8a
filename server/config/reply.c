/* See reply.h. */
#include "server/config/reply.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "gateway/base/ref.h"

enum { WAIT_S = 1 };

struct fg_reply {
    pthread_mutex_t lock;
    pthread_cond_t done;
    struct fg_ref ref;
    bool answered;
    void *data;
    void (*free_data)(void *data);
};

struct fg_reply *fg_reply_new(void *data, void (*free_data)(void *data))
{
    struct fg_reply *r = data ? calloc(1, sizeof *r) : NULL;
    if (!r) {
        if (data) free_data(data);
        return NULL;
    }
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->done, &attr);
    pthread_condattr_destroy(&attr);
    fg_ref_init(&r->ref);
    fg_ref_get(&r->ref);
    r->data = data;
    r->free_data = free_data;
    return r;
}

void *fg_reply_data(struct fg_reply *r)
{
    return r->data;
}

void fg_reply_put(struct fg_reply *r)
{
    if (!fg_ref_put(&r->ref)) return;
    r->free_data(r->data);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->done);
    free(r);
}

void fg_reply_done(struct fg_reply *r)
{
    pthread_mutex_lock(&r->lock);
    r->answered = true;
    pthread_cond_signal(&r->done);
    pthread_mutex_unlock(&r->lock);
    fg_reply_put(r);
}

bool fg_reply_wait(struct fg_reply *r)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_S;
    pthread_mutex_lock(&r->lock);
    while (!r->answered)
        if (pthread_cond_timedwait(&r->done, &r->lock, &until) == ETIMEDOUT) break;
    bool answered = r->answered;
    pthread_mutex_unlock(&r->lock);
    return answered;
}
