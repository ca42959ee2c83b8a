/* See http.h: starting and stopping the two libmicrohttpd daemons. */
#include "server/http/internal.h"

#include "gateway/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    TLS_THREADS = 2,
    LOCAL_CONNECTIONS = 256,
    CONNECTION_MEMORY = 32 * 1024, /* request line and headers must fit */
    FLUSH_MS = 2000,               /* for answers already given to reach their clients at a stop */
};

static const char PRIORITIES[] = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

static void set_limits(struct fg_http_limits *to, const struct fg_http_limits *from)
{
    *to = *from;
    if (!to->connections) to->connections = 4096;
    if (!to->per_address) to->per_address = 512;
    if (!to->header_deadline_ms) to->header_deadline_ms = 10000;
    if (!to->body_rate) to->body_rate = 1024;
    if (!to->body_grace_ms) to->body_grace_ms = 10000;
    if (!to->idle_ms) to->idle_ms = 60000;
}

/* libmicrohttpd's own messages; nearly all tell of clients that misbehave. */
__attribute__((format(printf, 2, 0))) static void library_log(void *arg, const char *fmt,
                                                              va_list ap)
{
    struct fg_http *h = arg;
    if (!h->log || fg_log_level(h->log) > FG_DEBUG) return;
    char text[512];
    vsnprintf(text, sizeof text, fmt, ap);
    text[strcspn(text, "\n")] = '\0';
    fg_logf(h->log, FG_DEBUG, "http", "library", "%s", text);
}

static struct MHD_Daemon *start(struct fg_http *h, int fd, bool tls)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
                     MHD_USE_ERROR_LOG | (tls ? MHD_USE_TLS : 0);
    /* A missing Host is refused by libmicrohttpd itself when it is strict. */
    return MHD_start_daemon(
        flags, 0, NULL, NULL, fg_http_exchange_round, h, MHD_OPTION_EXTERNAL_LOGGER, library_log, h,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_LIMIT, tls ? h->limits.connections : (unsigned)LOCAL_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (h->limits.idle_ms + 999) / 1000,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_CONNECTION, fg_http_watch_connection, h,
        MHD_OPTION_URI_LOG_CALLBACK, fg_http_exchange_begin, h, MHD_OPTION_NOTIFY_COMPLETED,
        fg_http_exchange_end, h,
        /* The local socket's list of options ends here. */
        tls ? MHD_OPTION_HTTPS_PRIORITIES : MHD_OPTION_END, PRIORITIES,
        MHD_OPTION_HTTPS_CERT_CALLBACK, fg_http_certificate_retrieve, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)TLS_THREADS, MHD_OPTION_PER_IP_CONNECTION_LIMIT, h->limits.per_address,
        MHD_OPTION_END);
}

static int open_tls(struct fg_http *h, const struct fg_http_params *p)
{
    unsigned port = 0;
    int fd = fg_http_listen_tcp(p->listen, &port);
    if (fd < 0) return errno;
    const char *colon = strrchr(p->listen, ':');
    snprintf(h->url, sizeof h->url, "https://%.*s:%u", (int)(colon - p->listen), p->listen, port);
    h->tls = start(h, fd, true);
    if (h->tls) return 0;
    close(fd);
    return EIO;
}

static int open_local(struct fg_http *h, const struct fg_http_params *p)
{
    int fd = fg_http_listen_local(p->socket_path);
    if (fd < 0) return errno;
    h->socket_path = strdup(p->socket_path);
    h->local = h->socket_path ? start(h, fd, false) : NULL;
    if (h->local) return 0;
    close(fd);
    unlink(p->socket_path);
    return EIO;
}

static void prepare(struct fg_http *h, const struct fg_http_params *p)
{
    h->app = p->app;
    h->assets = p->assets;
    h->log = p->log;
    set_limits(&h->limits, &p->limits);
    fg_list_init(&h->conns);
    fg_list_init(&h->streams);
    pthread_mutex_init(&h->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&h->quiet, &monotonic);
    pthread_condattr_destroy(&monotonic);
    h->certificate = p->certificate;
}

int fg_http_new(struct fg_http **out, const struct fg_http_params *p)
{
    if (!out || (p->listen && !p->certificate)) return EINVAL;
    struct fg_http *h = calloc(1, sizeof *h);
    if (!h) return ENOMEM;
    prepare(h, p);
    int err = fg_http_watch_start(h);
    if (!err && p->socket_path) err = open_local(h, p);
    if (!err && p->listen) err = open_tls(h, p);
    if (err) {
        h->certificate = NULL; /* still the caller's */
        fg_http_stop(h, 1000);
        fg_http_free(h);
        return err;
    }
    *out = h;
    return 0;
}

const char *fg_http_url(const struct fg_http *h)
{
    return h->url;
}

void fg_http_counters(struct fg_http *h, struct fg_http_counters *out)
{
    pthread_mutex_lock(&h->lock);
    *out = h->counters;
    pthread_mutex_unlock(&h->lock);
}

const char *fg_http_library_version(void)
{
    return MHD_get_version();
}

const char *fg_http_tls_version(void)
{
    return gnutls_check_version(NULL);
}

/* Waits, with the lock held, until *count is 0 or the time is over. */
static bool wait_zero(struct fg_http *h, const unsigned *count, int64_t until_ms)
{
    const struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    while (*count) {
        if (pthread_cond_timedwait(&h->quiet, &h->lock, &until) == ETIMEDOUT) break;
    }
    return *count == 0;
}

int fg_http_stop(struct fg_http *h, int timeout_ms)
{
    int64_t until = fg_clock_mono_ms() + timeout_ms;
    pthread_mutex_lock(&h->lock);
    h->stopping = true;
    fg_http_streams_end(h);
    bool quiet = wait_zero(h, &h->handed, until);
    if (quiet) {
        int64_t flush = fg_clock_mono_ms() + FLUSH_MS;
        wait_zero(h, &h->open, flush < until ? flush : until);
    }
    pthread_mutex_unlock(&h->lock);
    /* Stopping libmicrohttpd with a suspended connection would abort the process. */
    if (!quiet) return ETIMEDOUT;
    if (h->tls) MHD_stop_daemon(h->tls);
    if (h->local) MHD_stop_daemon(h->local);
    h->tls = h->local = NULL;
    fg_http_watch_stop(h);
    if (h->socket_path) unlink(h->socket_path);
    return 0;
}

void fg_http_free(struct fg_http *h)
{
    if (!h) return;
    fg_http_certificate_free(h->certificate);
    pthread_cond_destroy(&h->quiet);
    pthread_mutex_destroy(&h->lock);
    free(h->socket_path);
    free(h);
}
