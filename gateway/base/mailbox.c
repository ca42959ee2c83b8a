/* See mailbox.h. A ring under one mutex: messages here are few (commits, queries, events), the hot
 * path stays inside one thread. */
#include "gateway/base/mailbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct fg_mailbox {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct fg_mail *ring;
    size_t limit, head, count;
    bool closed;
    void (*wake)(void *arg);
    void *wake_arg;
};

int fg_mailbox_new(struct fg_mailbox **out, size_t limit, void (*wake)(void *arg), void *arg)
{
    if (!out || limit == 0) return EINVAL;
    struct fg_mailbox *m = calloc(1, sizeof *m);
    if (!m) return ENOMEM;
    m->ring = calloc(limit, sizeof *m->ring);
    if (!m->ring) {
        free(m);
        return ENOMEM;
    }
    m->limit = limit;
    m->wake = wake;
    m->wake_arg = arg;
    pthread_mutex_init(&m->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&m->filled, &attr);
    pthread_condattr_destroy(&attr);
    *out = m;
    return 0;
}

void fg_mailbox_free(struct fg_mailbox *m)
{
    if (!m) return;
    pthread_cond_destroy(&m->filled);
    pthread_mutex_destroy(&m->lock);
    free(m->ring);
    free(m);
}

int fg_mailbox_post(struct fg_mailbox *m, int type, void *body)
{
    pthread_mutex_lock(&m->lock);
    int err = m->closed ? EPIPE : m->count == m->limit ? ENOBUFS : 0;
    bool first = false;
    if (!err) {
        first = m->count == 0;
        m->ring[(m->head + m->count++) % m->limit] = (struct fg_mail){type, body};
        pthread_cond_signal(&m->filled);
    }
    /* Once the lock is given back a receiver may take the message and free the box. */
    void (*wake)(void *arg) = first ? m->wake : NULL;
    void *arg = m->wake_arg;
    pthread_mutex_unlock(&m->lock);
    if (wake) wake(arg);
    return err;
}

static void take(struct fg_mailbox *m, struct fg_mail *out)
{
    *out = m->ring[m->head];
    m->head = (m->head + 1) % m->limit;
    m->count--;
}

int fg_mailbox_receive(struct fg_mailbox *m, struct fg_mail *out, int timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    if (timeout_ms > 0) {
        until.tv_sec += timeout_ms / 1000;
        until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
    }
    int err = 0;
    pthread_mutex_lock(&m->lock);
    while (m->count == 0 && !m->closed && err == 0) {
        if (timeout_ms < 0)
            pthread_cond_wait(&m->filled, &m->lock);
        else
            err = pthread_cond_timedwait(&m->filled, &m->lock, &until);
    }
    if (m->count) {
        take(m, out);
        err = 0;
    } else if (err == 0) {
        err = EPIPE;
    }
    pthread_mutex_unlock(&m->lock);
    return err;
}

int fg_mailbox_try_receive(struct fg_mailbox *m, struct fg_mail *out)
{
    pthread_mutex_lock(&m->lock);
    int err = m->count ? 0 : EAGAIN;
    if (!err) take(m, out);
    pthread_mutex_unlock(&m->lock);
    return err;
}

void fg_mailbox_close(struct fg_mailbox *m)
{
    pthread_mutex_lock(&m->lock);
    m->closed = true;
    pthread_cond_broadcast(&m->filled);
    pthread_mutex_unlock(&m->lock);
}

size_t fg_mailbox_count(struct fg_mailbox *m)
{
    pthread_mutex_lock(&m->lock);
    size_t n = m->count;
    pthread_mutex_unlock(&m->lock);
    return n;
}
