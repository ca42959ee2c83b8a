/* See dial.h. */
#include "gateway/net/dial.h"

#include "gateway/net/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ATTEMPT_MS = 10000 };

struct fg_dial {
    struct fg_net *net;
    struct ev_timer step; /* leads from the caller's stack to the loop */
    struct fg_conn *conn;
    struct fg_conn_limits limits;
    size_t count, at;
    int attempt_ms;
    enum fg_failure last;
    fg_dialed_h *h;
    void *arg;
    struct fg_endpoint endpoints[];
};

static void next_later(struct fg_dial *d)
{
    ev_timer_set(&d->step, 0., 0.);
    ev_timer_start(d->net->loop, &d->step);
}

/* The handler may start another dial; nothing of `d` is used after it. */
static void finish(struct fg_dial *d, struct fg_conn *c)
{
    if (c) {
        fg_conn_deadline(c, -1);
        fg_conn_set_handler(c, NULL, NULL);
    }
    ev_timer_stop(d->net->loop, &d->step);
    d->h(c, c ? &d->endpoints[d->at] : NULL, c ? FG_FAIL_NONE : d->last, d->arg);
    free(d);
}

static void give_up_attempt(struct fg_dial *d, enum fg_failure why)
{
    d->last = why;
    fg_conn_close(d->conn);
    d->conn = NULL;
    d->at++;
    next_later(d);
}

static void on_conn(struct fg_conn *c, enum fg_conn_event e, void *arg)
{
    struct fg_dial *d = arg;
    switch (e) {
    case FG_CONN_CONNECTED:
        d->conn = NULL;
        finish(d, c);
        return;
    case FG_CONN_TIMEOUT:
        give_up_attempt(d, FG_FAIL_CONNECT_TIMEOUT);
        return;
    case FG_CONN_ERROR:
        give_up_attempt(d, fg_conn_failure(c));
        return;
    default:
        return;
    }
}

static void on_step(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    struct fg_dial *d = w->data;
    for (; d->at < d->count; d->at++) {
        const struct fg_endpoint *ep = &d->endpoints[d->at];
        int err = fg_conn_connect(&d->conn, d->net, (const struct sockaddr *)&ep->addr,
                                  ep->addr_len, &d->limits, on_conn, d);
        if (err == 0) {
            fg_conn_deadline(d->conn, d->attempt_ms);
            return;
        }
        d->last = err == EAFNOSUPPORT ? FG_FAIL_CONNECT_UNREACHABLE : FG_FAIL_INTERNAL;
    }
    finish(d, NULL);
}

int fg_dial_start(struct fg_dial **out, struct fg_net *n, const struct fg_endpoint *endpoints,
                  size_t count, int attempt_ms, const struct fg_conn_limits *limits, fg_dialed_h *h,
                  void *arg)
{
    if (!out || !n || !h || count == 0) return EINVAL;
    struct fg_dial *d = calloc(1, sizeof *d + count * sizeof *endpoints);
    if (!d) return ENOMEM;
    d->net = n;
    d->count = count;
    d->attempt_ms = attempt_ms > 0 ? attempt_ms : ATTEMPT_MS;
    d->last = FG_FAIL_CONNECT_UNREACHABLE;
    d->h = h;
    d->arg = arg;
    if (limits) d->limits = *limits;
    memcpy(d->endpoints, endpoints, count * sizeof *endpoints);
    ev_timer_init(&d->step, on_step, 0., 0.);
    d->step.data = d;
    next_later(d);
    *out = d;
    return 0;
}

void fg_dial_cancel(struct fg_dial *d)
{
    if (!d) return;
    ev_timer_stop(d->net->loop, &d->step);
    fg_conn_close(d->conn);
    free(d);
}
