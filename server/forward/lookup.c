/* See lookup.h. */
#include "server/forward/lookup.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Shared by both threads; the last one frees it. */
struct query {
    pthread_mutex_t lock;
    unsigned users;
    char *host;
    char port[8];
    int socktype;
    int done_fd;
    int result; /* of getaddrinfo */
    struct addrinfo *list;
};

static void leave(struct query *q)
{
    pthread_mutex_lock(&q->lock);
    unsigned left = --q->users;
    pthread_mutex_unlock(&q->lock);
    if (left) return;
    if (q->list) freeaddrinfo(q->list);
    if (q->done_fd >= 0) close(q->done_fd);
    pthread_mutex_destroy(&q->lock);
    free(q->host);
    free(q);
}

static void *ask(void *arg)
{
    struct query *q = arg;
    const struct addrinfo hints = {.ai_socktype = q->socktype, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;
    int result = getaddrinfo(q->host, q->port, &hints, &list);
    pthread_mutex_lock(&q->lock);
    q->result = result;
    q->list = result ? NULL : list;
    pthread_mutex_unlock(&q->lock);
    (void)!write(q->done_fd, &(uint64_t){1}, sizeof(uint64_t));
    leave(q);
    return NULL;
}

static struct query *query_new(const char *host, uint16_t port, int socktype)
{
    struct query *q = calloc(1, sizeof *q);
    if (!q) return NULL;
    pthread_mutex_init(&q->lock, NULL);
    q->users = 1;
    q->host = strdup(host);
    q->socktype = socktype;
    q->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    snprintf(q->port, sizeof q->port, "%u", port);
    if (q->host && q->done_fd >= 0) return q;
    leave(q);
    return NULL;
}

static int start(struct query *q)
{
    pthread_t thread;
    q->users++;
    int err = pthread_create(&thread, NULL, ask, q);
    if (err) {
        q->users--;
        return err;
    }
    pthread_detach(thread);
    return 0;
}

static int take(struct query *q, struct addrinfo **out)
{
    pthread_mutex_lock(&q->lock);
    int result = q->result;
    *out = q->list;
    q->list = NULL;
    pthread_mutex_unlock(&q->lock);
    if (result == 0) return *out ? 0 : ENOENT;
    return result == EAI_MEMORY ? ENOMEM : ENOENT;
}

int fg_forward_lookup(const char *host, uint16_t port, int socktype, int stop_fd, int ms,
                      struct addrinfo **out)
{
    *out = NULL;
    struct query *q = query_new(host, port, socktype);
    if (!q) return ENOMEM;
    int err = start(q);
    struct pollfd fds[] = {{.fd = stop_fd, .events = POLLIN}, {.fd = q->done_fd, .events = POLLIN}};
    if (!err) {
        int n = poll(fds, 2, ms);
        err = n < 0 ? EAGAIN : n == 0 ? ETIMEDOUT : fds[0].revents ? ECANCELED : take(q, out);
    }
    leave(q);
    return err;
}
