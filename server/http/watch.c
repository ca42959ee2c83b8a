/* Connections and their deadlines. libmicrohttpd's own timeout is one of inactivity: a byte now and
 * then keeps a connection for ever. So one thread looks at every connection a few times a second
 * and shuts down those past their time; it also reads refused uploads dry and pings event streams.
 *
 *   made ──> WAITING ──headers──> BODY ──all of it──> BUSY ──answered──> WAITING
 *            deadline             minimum rate         none
 *
 * A closed descriptor may be reused at once, therefore shutdown happens under the same lock as the
 * notification that the connection is gone, which comes before its descriptor is closed. */
#include "server/http/internal.h"

#include "gateway/base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct fg_http_conn *fg_http_conn_of(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void name_peer(struct fg_http_conn *n, const struct sockaddr *sa)
{
    if (sa && sa->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)sa;
        inet_ntop(AF_INET, &v4->sin_addr, n->address, sizeof n->address);
    } else if (sa && sa->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)sa;
        if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
            inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], n->address, sizeof n->address);
        else
            inet_ntop(AF_INET6, &v6->sin6_addr, n->address, sizeof n->address);
    } else {
        struct ucred who;
        socklen_t len = sizeof who;
        n->local = true;
        if (getsockopt(n->fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0) n->uid = who.uid;
        memcpy(n->address, "local", sizeof "local");
    }
}

static void connection_made(struct fg_http *h, struct MHD_Connection *c, void **context)
{
    struct fg_http_conn *n = calloc(1, sizeof *n);
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *peer =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (!n || !fd) {
        free(n);
        return; /* its requests are refused: fg_http_exchange_begin finds no connection */
    }
    n->http = h;
    n->fd = fd->connect_fd;
    n->uid = -1;
    name_peer(n, peer ? peer->client_addr : NULL);
    n->deadline = fg_clock_mono_ms() + h->limits.header_deadline_ms;
    *context = n;
    pthread_mutex_lock(&h->lock);
    fg_list_append(&h->conns, &n->node);
    h->counters.connections++;
    h->counters.connections_total++;
    pthread_mutex_unlock(&h->lock);
}

static void connection_gone(struct fg_http *h, void **context)
{
    struct fg_http_conn *n = *context;
    if (!n) return;
    pthread_mutex_lock(&h->lock);
    fg_list_remove(&n->node);
    h->counters.connections--;
    pthread_mutex_unlock(&h->lock);
    fg_http_certificate_free(n->certificate);
    free(n);
    *context = NULL;
}

void fg_http_watch_connection(void *cls, struct MHD_Connection *c, void **socket_context,
                              enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        connection_made(cls, c, socket_context);
    else
        connection_gone(cls, socket_context);
}

void fg_http_watch_request_line(struct fg_http_conn *c)
{
    int64_t latest = fg_clock_mono_ms() + c->http->limits.header_deadline_ms;
    pthread_mutex_lock(&c->http->lock);
    if (c->deadline == 0 || c->deadline > latest) c->deadline = latest;
    pthread_mutex_unlock(&c->http->lock);
}

void fg_http_watch_phase(struct fg_http_conn *c, enum fg_http_phase phase)
{
    int64_t now = fg_clock_mono_ms();
    const struct fg_http_limits *l = &c->http->limits;
    pthread_mutex_lock(&c->http->lock);
    c->phase = phase;
    c->body_since = now;
    c->body_bytes = 0;
    c->deadline = phase == PHASE_WAITING ? now + l->idle_ms + l->header_deadline_ms : 0;
    pthread_mutex_unlock(&c->http->lock);
}

void fg_http_watch_body(struct fg_http_conn *c, size_t bytes)
{
    pthread_mutex_lock(&c->http->lock);
    c->body_bytes += bytes;
    pthread_mutex_unlock(&c->http->lock);
}

void fg_http_watch_discard(struct fg_http_conn *c)
{
    pthread_mutex_lock(&c->http->lock);
    c->deadline = fg_clock_mono_ms() + LINGER_MS;
    pthread_mutex_unlock(&c->http->lock);
}

void fg_http_watch_linger(struct fg_http_conn *c)
{
    struct fg_http *h = c->http;
    pthread_mutex_lock(&h->lock);
    for (size_t i = 0; i < LINGER_MAX; i++) {
        struct fg_http_linger *l = &h->linger[i];
        if (l->fd >= 0) continue;
        l->fd = fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
        l->until = fg_clock_mono_ms() + LINGER_MS;
        l->left = DISCARD_MAX;
        break;
    }
    pthread_mutex_unlock(&h->lock);
}

/* ---- the thread ---- */

static bool too_late(const struct fg_http_conn *c, int64_t now)
{
    if (c->deadline && now > c->deadline) return true;
    if (c->phase != PHASE_BODY) return false;
    const struct fg_http_limits *l = &c->http->limits;
    int64_t beyond = now - c->body_since - (int64_t)l->body_grace_ms;
    return beyond > 0 && c->body_bytes < (uint64_t)beyond * l->body_rate / 1000;
}

static void reap(struct fg_http *h, int64_t now)
{
    FG_LIST_EACH(&h->conns, n, next)
    {
        struct fg_http_conn *c = FG_CONTAINER(n, struct fg_http_conn, node);
        if (!too_late(c, now)) continue;
        shutdown(c->fd, SHUT_RDWR);
        c->deadline = 0;
        c->phase = PHASE_BUSY;
        h->counters.reaped++;
        const struct fg_log_field f[] = {{"address", c->address}};
        fg_log_fields(h->log, FG_DEBUG, "http", "connection_too_slow", NULL, f, 1);
    }
}

/* Reads what the client still sends; only this thread touches a slot once it is taken. */
static void drain(struct fg_http_linger *l, int64_t now)
{
    char waste[16384];
    bool over = now > l->until;
    for (int i = 0; i < 16 && !over; i++) {
        ssize_t n = recv(l->fd, waste, sizeof waste, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        over = n <= 0 || (size_t)n > l->left;
        if (!over) l->left -= (size_t)n;
    }
    if (!over) return;
    close(l->fd);
    l->fd = -1;
}

static size_t collect(struct fg_http *h, struct pollfd *fds)
{
    size_t n = 0;
    for (size_t i = 0; i < LINGER_MAX; i++) {
        if (h->linger[i].fd >= 0)
            fds[n++] = (struct pollfd){.fd = h->linger[i].fd, .events = POLLIN};
    }
    return n;
}

static void *watch(void *arg)
{
    struct fg_http *h = arg;
    struct pollfd fds[LINGER_MAX];
    size_t n = 0;
    while (!atomic_load(&h->watch_end)) {
        poll(fds, n, WATCH_TICK_MS);
        int64_t now = fg_clock_mono_ms();
        pthread_mutex_lock(&h->lock);
        reap(h, now);
        for (size_t i = 0; i < LINGER_MAX; i++) {
            if (h->linger[i].fd >= 0) drain(&h->linger[i], now);
        }
        fg_http_streams_ping(h, now);
        n = collect(h, fds);
        pthread_mutex_unlock(&h->lock);
    }
    return NULL;
}

int fg_http_watch_start(struct fg_http *h)
{
    for (size_t i = 0; i < LINGER_MAX; i++) h->linger[i].fd = -1;
    int err = pthread_create(&h->watcher, NULL, watch, h);
    if (err) return err;
    pthread_setname_np(h->watcher, "fg-http-watch");
    h->watching = true;
    return 0;
}

void fg_http_watch_stop(struct fg_http *h)
{
    if (!h->watching) return;
    atomic_store(&h->watch_end, true);
    pthread_join(h->watcher, NULL);
    h->watching = false;
    for (size_t i = 0; i < LINGER_MAX; i++) {
        if (h->linger[i].fd >= 0) close(h->linger[i].fd);
    }
}
