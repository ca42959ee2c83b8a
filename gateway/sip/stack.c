/* The stack as a whole: making, activating, stopping, the one timer of the loop. See stack.h. */
#include "gateway/sip/stack.h"

#include "gateway/base/clock.h"
#include "gateway/base/rand.h"
#include "gateway/net/tls.h"

#include <errno.h>
#include <stdlib.h>

enum { OUT_MAX = FG_SIP_HEADER_MAX + FG_SIP_BODY_MAX + 8192 };

int64_t fg_sip_now(void)
{
    return fg_clock_mono_ms();
}

/* ---- the tick ---- */

void fg_sip_arm(struct fg_sip *s, int64_t due)
{
    if (due >= s->armed) return;
    int64_t wait = due - fg_sip_now();
    s->armed = due;
    ev_timer_stop(s->loop, &s->tick);
    ev_timer_set(&s->tick, wait > 0 ? (double)wait / 1000.0 : 0.0, 0.0);
    ev_timer_start(s->loop, &s->tick);
}

void fg_sip_set(struct fg_sip *s, struct fg_sip_timer *t, int64_t due)
{
    fg_sip_timer_set(&s->timers, t, due);
    fg_sip_arm(s, due);
}

static void arm_next(struct fg_sip *s)
{
    int64_t next = fg_sip_timers_next(&s->timers);
    if (!fg_list_empty(&s->answered)) {
        int64_t expiry = fg_sip_requests_next(s);
        if (expiry < next) next = expiry;
    }
    fg_sip_arm(s, next);
}

static void ticked(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop, (void)events;
    struct fg_sip *s = w->data;
    int64_t now = fg_sip_now();
    s->armed = INT64_MIN; /* whatever is set meanwhile is looked at once, below */
    fg_sip_timers_run(&s->timers, now);
    fg_sip_requests_expire(s, now);
    s->armed = INT64_MAX;
    arm_next(s);
    fg_sip_flows_sweep(s);
}

void fg_sip_set_timing(struct fg_sip *s, const struct fg_sip_timing *t)
{
    s->timing = *t;
}

/* ---- numbers nobody can guess ---- */

uint64_t fg_sip_unguessable(struct fg_sip *s)
{
    s->number++;
    return fg_siphash(s->seed, &s->number, sizeof s->number);
}

void fg_sip_hex(char out[17], uint64_t v)
{
    for (int i = 15; i >= 0; i--, v >>= 4) out[i] = "0123456789abcdef"[v & 15];
    out[16] = '\0';
}

/* ---- life ---- */

static void look_up_later(struct fg_sip_timer *t)
{
    struct fg_sip *s = FG_CONTAINER(t, struct fg_sip, resolve);
    fg_sip_fronts_look_up(s);
    fg_sip_set(s, t, fg_sip_now() + FG_SIP_RESOLVE_MS);
}

static void stop_now(struct fg_sip_timer *t)
{
    struct fg_sip *s = FG_CONTAINER(t, struct fg_sip, stop);
    void (*stopped)(void *arg) = s->stopped;
    if (s->n_calls || s->n_pending || !stopped) return;
    s->stopped = NULL;
    stopped(s->stopped_arg);
}

void fg_sip_maybe_stopped(struct fg_sip *s)
{
    if (s->stopping && s->stopped && s->n_calls == 0 && s->n_pending == 0)
        fg_sip_set(s, &s->stop, fg_sip_now());
}

int fg_sip_new(struct fg_sip **out, const struct fg_sip_params *p)
{
    if (!p->net || !p->callbacks.request) return EINVAL;
    struct fg_sip *s = calloc(1, sizeof *s);
    if (!s) return ENOMEM;
    s->net = p->net;
    s->loop = fg_net_loop(p->net);
    s->report = p->report;
    s->callbacks = p->callbacks;
    s->accept = p->accept ? p->accept : "text/plain";
    s->timing = (struct fg_sip_timing){500, 4000, 5000};
    s->armed = INT64_MAX;
    s->generation = 1;
    fg_buf_init(&s->out, OUT_MAX);
    fg_buf_init(&s->draft, FG_SIP_BODY_MAX);
    fg_map_init(&s->requests);
    fg_map_init(&s->calls);
    struct fg_list *const lists[] = {&s->served,  &s->flows,    &s->fronts, &s->dead,
                                     &s->pending, &s->answered, &s->invites};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) fg_list_init(lists[i]);
    ev_init(&s->tick, ticked);
    s->tick.data = s;
    fg_random(s->seed, sizeof s->seed);
    char hex[17];
    fg_sip_hex(hex, fg_sip_unguessable(s));
    memcpy(s->cookie, hex, 8);
    s->datagram = malloc(FG_SIP_DATAGRAM_MAX);
    int err = s->datagram ? fg_sip_parser_init(&s->parser) : ENOMEM;
    if (!err) err = fg_sip_timers_join(&s->timers, &s->resolve, look_up_later);
    if (!err) err = fg_sip_timers_join(&s->timers, &s->stop, stop_now);
    if (err) {
        fg_sip_free(s);
        return err;
    }
    *out = s;
    return 0;
}

static void close_flows(struct fg_sip *s)
{
    while (!fg_list_empty(&s->flows))
        fg_sip_flow_close(FG_CONTAINER(s->flows.next, struct fg_sip_flow, link), FG_FAIL_SHUTDOWN);
    fg_sip_flows_sweep(s);
}

void fg_sip_free(struct fg_sip *s)
{
    if (!s) return;
    s->stopping = true;
    s->stopped = NULL;
    fg_sip_calls_drop(s);
    fg_sip_fronts_free(s);
    close_flows(s);
    fg_sip_requests_drop(s);
    fg_sip_served_close(s);
    for (int i = 0; i < 2; i++) {
        struct fg_sip_udp *u = s->spare[i];
        s->spare[i] = NULL;
        fg_sip_udp_free(u);
    }
    ev_timer_stop(s->loop, &s->tick);
    fg_map_free(&s->requests);
    fg_map_free(&s->calls);
    fg_sip_timers_free(&s->timers);
    fg_sip_parser_free(&s->parser);
    if (s->client) fg_tls_ctx_put(s->client);
    fg_snapshot_put(s->snapshot);
    fg_buf_free(&s->out);
    fg_buf_free(&s->draft);
    free(s->datagram);
    free(s);
}

void fg_sip_shutdown(struct fg_sip *s, void (*done)(void *arg), void *arg)
{
    s->stopping = true;
    s->stopped = done;
    s->stopped_arg = arg;
    FG_LIST_EACH(&s->flows, n, tmp)
    fg_sip_flow_retire(FG_CONTAINER(n, struct fg_sip_flow, link));
    fg_sip_flows_sweep(s);
    fg_sip_maybe_stopped(s);
}

void fg_sip_activate(struct fg_sip *s, const struct fg_sip_config *c)
{
    struct fg_snapshot *old = s->snapshot;
    /* Look-ups belong to the resolver that goes away. */
    fg_sip_fronts_cancel(s);
    s->snapshot = fg_snapshot_get(c->snapshot);
    s->resolver = c->resolver;
    struct fg_tls_ctx *client = c->client ? fg_tls_ctx_get(c->client) : NULL;
    if (s->client) fg_tls_ctx_put(s->client);
    s->client = client;
    s->generation++;
    fg_sip_fronts_activate(s);
    fg_sip_served_activate(s, c->listeners, c->n_listeners);
    fg_sip_set(s, &s->resolve, fg_sip_now() + FG_SIP_RESOLVE_MS);
    fg_sip_flows_sweep(s);
    fg_snapshot_put(old);
}

void fg_sip_counters(const struct fg_sip *s, struct fg_sip_counters *out)
{
    *out = s->counters;
    out->transactions = (unsigned)(s->n_calls + s->n_pending);
}
