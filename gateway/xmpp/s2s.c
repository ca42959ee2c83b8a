/* See s2s.h: the whole of the XMPP side, its configuration and its end. */
#include "gateway/xmpp/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"

enum { TICK_MS = 250, MINUTE_S = 60 };

/* ---- look-ups ---- */

bool fg_s2s_is_local(const struct fg_s2s *s, const char *domain)
{
    return s->snapshot && fg_snapshot_domain(s->snapshot, domain);
}

const struct fg_partner *fg_s2s_partner(const struct fg_s2s *s, const char *domain)
{
    return fg_fate_partner(s->snapshot, domain, fg_clock_wall_ms(), NULL);
}

bool fg_s2s_drains(const struct fg_partner *p)
{
    return p->state == FG_PARTNER_DRAINING;
}

static const struct fg_s2s_tls_entry *tls_of(const struct fg_s2s *s, const char *local)
{
    const struct fg_s2s_tls_entry *any = NULL;
    for (size_t i = 0; i < s->n_tls; i++) {
        if (strcmp(s->tls[i].domain, local) == 0 && s->tls[i].domain[0]) return &s->tls[i];
        if (!s->tls[i].domain[0]) any = &s->tls[i];
    }
    /* Direct TLS without a name: any certificate is better than none. */
    return any || local[0] || s->n_tls == 0 ? any : &s->tls[0];
}

struct fg_tls_ctx *fg_s2s_server_tls(const struct fg_s2s *s, const char *local)
{
    const struct fg_s2s_tls_entry *e = tls_of(s, local);
    return e ? e->server : NULL;
}

struct fg_tls_ctx *fg_s2s_client_tls(const struct fg_s2s *s, const char *local)
{
    const struct fg_s2s_tls_entry *e = tls_of(s, local);
    return e ? e->client : NULL;
}

struct fg_stream *fg_s2s_stream(struct fg_s2s *s, uint64_t id)
{
    struct fg_map_node *n = fg_map_find(&s->by_id, &id, sizeof id);
    return n ? FG_CONTAINER(n, struct fg_stream, by_id) : NULL;
}

bool fg_s2s_room(const struct fg_s2s *s, const struct fg_peer *p)
{
    uint32_t most = p->partner ? p->partner->connection_limit : 0;
    if (most == 0) most = s->settings->partner_connection_limit;
    return p->streams < most &&
           s->counters.open_in + s->counters.open_out < s->settings->connection_limit;
}

int64_t fg_s2s_setup_ms(const struct fg_s2s *s)
{
    return (int64_t)s->settings->stream_establishment_timeout_s * 1000;
}

/* ---- time ---- */

void fg_s2s_tick_on(struct fg_s2s *s)
{
    if (ev_is_active(&s->tick)) return;
    ev_timer_set(&s->tick, TICK_MS / 1000., TICK_MS / 1000.);
    ev_timer_start(s->loop, &s->tick);
}

static void on_tick(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)revents;
    struct fg_s2s *s = w->data;
    fg_routes_tick(s);
    fg_verifies_tick(s, fg_clock_mono_ms());
    if (fg_list_empty(&s->busy) && fg_list_empty(&s->verifies)) ev_timer_stop(loop, w);
}

/* Handlers may end any stream: each is taken off the list before it is looked at. */
static void each_stream(struct fg_s2s *s, void (*each)(struct fg_stream *st, int64_t arg),
                        int64_t arg)
{
    struct fg_list all;
    fg_list_init(&all);
    fg_list_splice(&all, &s->streams);
    while (!fg_list_empty(&all)) {
        struct fg_list *n = all.next;
        fg_list_remove(n);
        fg_list_append(&s->streams, n);
        each(FG_CONTAINER(n, struct fg_stream, node), arg);
    }
}

/* Certificates and partners whose time is over; every minute. */
static void check_stream(struct fg_stream *st, int64_t wall_ms)
{
    if (st->state != FG_S_OPEN) return;
    bool expired = st->cert_not_after_ms && st->cert_not_after_ms <= wall_ms;
    if (expired && st->method == FG_SASL_TLS)
        fg_stream_error(st, FG_COND_RESET, FG_FAIL_CERT_EXPIRED, "certificate expired");
    else
        st->ops->activated(st);
}

static void sweep_route(struct fg_map_node *n, void *arg)
{
    struct fg_route *r = FG_CONTAINER(n, struct fg_route, node);
    (void)arg;
    if (r->refs == 0 && r->n_waiting == 0 && r->not_before_ms <= fg_clock_mono_ms())
        fg_route_free(r);
}

static void on_minute(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    struct fg_s2s *s = w->data;
    each_stream(s, check_stream, fg_clock_wall_ms());
    fg_routes_drop_forbidden(s);
    fg_map_each(&s->routes, sweep_route, NULL);
    fg_limits_sweep(s);
}

/* ---- agreements that end ---- */

static void on_expiry(struct ev_loop *loop, struct ev_timer *w, int revents);

void fg_s2s_note_expiry(struct fg_s2s *s, const struct fg_partner *p)
{
    int64_t at = p->valid_until_ms, now = fg_clock_wall_ms();
    if (!at || at <= now || (s->expires_ms && s->expires_ms <= at)) return;
    s->expires_ms = at;
    /* Also when the wall clock is set: the minute looks at all of them anyway. */
    ev_timer_stop(s->loop, &s->expiry);
    ev_timer_set(&s->expiry, (double)(at - now) / 1000., 0.);
    ev_timer_start(s->loop, &s->expiry);
}

static void next_expiry(struct fg_map_node *n, void *arg)
{
    const struct fg_peer *p = FG_CONTAINER(n, struct fg_peer, node);
    struct fg_s2s *s = arg;
    if (p->partner) fg_s2s_note_expiry(s, p->partner);
}

static void on_expiry(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    struct fg_s2s *s = w->data;
    s->expires_ms = 0;
    each_stream(s, check_stream, fg_clock_wall_ms());
    fg_routes_drop_forbidden(s);
    fg_map_each(&s->peers, next_expiry, s);
}

static void on_bury(struct ev_loop *loop, struct ev_prepare *w, int revents)
{
    (void)loop;
    (void)revents;
    fg_streams_bury(w->data);
}

/* ---- configuration ---- */

static void drop_tls(struct fg_s2s_tls_entry *tls, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fg_tls_ctx_put(tls[i].server);
        fg_tls_ctx_put(tls[i].client);
    }
    free(tls);
}

/* Direct TLS has no stream header to choose the certificate by: the name in the handshake does. */
static int on_server_name(SSL *ssl, int *alert, void *arg)
{
    struct fg_s2s *s = arg;
    char domain[FG_DOMAIN_MAX];
    (void)alert;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (!name || fg_domain_prepare(name, strlen(name), domain) || !fg_s2s_is_local(s, domain))
        return SSL_TLSEXT_ERR_NOACK;
    struct fg_tls_ctx *ctx = fg_s2s_server_tls(s, domain);
    if (ctx && fg_tls_ctx_ssl(ctx) != SSL_get_SSL_CTX(ssl))
        SSL_set_SSL_CTX(ssl, fg_tls_ctx_ssl(ctx));
    return SSL_TLSEXT_ERR_OK;
}

static void choose_by_name(struct fg_tls_ctx *ctx, struct fg_s2s *s)
{
    if (!ctx) return;
    /* OpenSSL's macro for this hides the same cast, which our warnings do not like. */
    void (*callback)(void) = s ? (void (*)(void))on_server_name : NULL;
    SSL_CTX_callback_ctrl(fg_tls_ctx_ssl(ctx), SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, callback);
    SSL_CTX_set_tlsext_servername_arg(fg_tls_ctx_ssl(ctx), s);
}

static void take_tls(struct fg_s2s *s, const struct fg_s2s_config *c)
{
    struct fg_s2s_tls_entry *tls = c->n_tls ? calloc(c->n_tls, sizeof *tls) : NULL;
    if (c->n_tls && !tls) return; /* without memory the earlier certificates go on serving */
    struct fg_s2s_tls_entry *old = s->tls;
    size_t n_old = s->n_tls;
    for (size_t i = 0; i < c->n_tls; i++) {
        const struct fg_s2s_tls *from = &c->tls[i];
        snprintf(tls[i].domain, sizeof tls[i].domain, "%s", from->domain ? from->domain : "");
        tls[i].server = from->server ? fg_tls_ctx_get(from->server) : NULL;
        tls[i].client = from->client ? fg_tls_ctx_get(from->client) : NULL;
        choose_by_name(tls[i].server, s);
    }
    s->tls = tls;
    s->n_tls = c->n_tls;
    drop_tls(old, n_old);
}

static void stream_activated(struct fg_stream *st, int64_t arg)
{
    (void)arg;
    st->ops->activated(st);
}

static void route_activated(struct fg_map_node *n, void *arg)
{
    (void)arg;
    fg_route_activated(FG_CONTAINER(n, struct fg_route, node));
}

void fg_s2s_activate(struct fg_s2s *s, const struct fg_s2s_config *c)
{
    struct fg_snapshot *old = s->snapshot;
    s->snapshot = fg_snapshot_get(c->snapshot);
    s->settings = fg_snapshot_settings(s->snapshot);
    s->resolver = c->resolver;
    take_tls(s, c);
    s->expires_ms = 0;
    ev_timer_stop(s->loop, &s->expiry);
    fg_peers_activate(s);
    each_stream(s, stream_activated, 0);
    fg_routes_drop_forbidden(s);
    fg_map_each(&s->routes, route_activated, NULL);
    fg_snapshot_put(old);
}

void fg_s2s_set_secret(struct fg_s2s *s, const char *secret, const char *previous)
{
    char *a = secret ? strdup(secret) : NULL, *b = previous ? strdup(previous) : NULL;
    if (s->secret) OPENSSL_cleanse(s->secret, strlen(s->secret));
    if (s->previous) OPENSSL_cleanse(s->previous, strlen(s->previous));
    free(s->secret);
    free(s->previous);
    s->secret = a;
    s->previous = b;
}

/* ---- birth and end ---- */

int fg_s2s_new(struct fg_s2s **out, const struct fg_s2s_params *p)
{
    if (!out || !p || !p->net || !p->callbacks.stanza) return EINVAL;
    struct fg_s2s *s = calloc(1, sizeof *s);
    if (!s) return ENOMEM;
    s->net = p->net;
    s->loop = fg_net_loop(p->net);
    s->report = p->report;
    s->callbacks = p->callbacks;
    fg_list_init(&s->streams);
    fg_list_init(&s->dead);
    fg_list_init(&s->busy);
    fg_list_init(&s->verifies);
    fg_map_init(&s->by_id);
    fg_map_init(&s->peers);
    fg_map_init(&s->routes);
    fg_map_init(&s->addresses);
    ev_timer_init(&s->tick, on_tick, 0., 0.);
    ev_timer_init(&s->minute, on_minute, MINUTE_S, MINUTE_S);
    ev_timer_init(&s->expiry, on_expiry, 0., 0.);
    ev_prepare_init(&s->bury, on_bury);
    s->expiry.data = s;
    s->tick.data = s->minute.data = s->bury.data = s;
    ev_timer_start(s->loop, &s->minute);
    ev_prepare_start(s->loop, &s->bury);
    ev_unref(s->loop); /* neither of the two alone keeps a loop alive */
    ev_unref(s->loop);
    *out = s;
    return 0;
}

static void stop_stream(struct fg_stream *st, int64_t at_once)
{
    if (at_once || !st->conn)
        fg_stream_retire(st, FG_FAIL_SHUTDOWN, NULL, 0);
    else
        fg_stream_error(st, FG_COND_SYSTEM_SHUTDOWN, FG_FAIL_SHUTDOWN, "%s", "");
}

static void stop_route(struct fg_map_node *n, void *arg)
{
    (void)arg;
    fg_route_fail(FG_CONTAINER(n, struct fg_route, node), FG_FAIL_SHUTDOWN);
}

static void free_route(struct fg_map_node *n, void *arg)
{
    (void)arg;
    fg_route_free(FG_CONTAINER(n, struct fg_route, node));
}

static void on_stopped(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    struct fg_s2s *s = w->data;
    void (*stopped)(void *arg) = s->stopped;
    s->stopped = NULL;
    if (stopped) stopped(s->stopped_arg);
}

/* Told from the loop, never from inside a call. */
void fg_s2s_check_stopped(struct fg_s2s *s)
{
    if (!s->stopped || !fg_list_empty(&s->streams) || ev_is_active(&s->stop_timer)) return;
    ev_timer_init(&s->stop_timer, on_stopped, 0., 0.);
    s->stop_timer.data = s;
    ev_timer_start(s->loop, &s->stop_timer);
}

void fg_s2s_shutdown(struct fg_s2s *s, void (*done)(void *arg), void *arg)
{
    s->stopping = true;
    fg_map_each(&s->routes, stop_route, NULL);
    each_stream(s, stop_stream, false);
    s->stopped = done;
    s->stopped_arg = arg;
    fg_s2s_check_stopped(s);
}

void fg_s2s_free(struct fg_s2s *s)
{
    if (!s) return;
    s->stopping = true;
    s->stopped = NULL;
    each_stream(s, stop_stream, true);
    fg_map_each(&s->routes, stop_route, NULL);
    fg_map_each(&s->routes, free_route, NULL);
    fg_map_free(&s->routes);
    fg_streams_bury(s);
    fg_peers_free(s);
    fg_limits_free(s);
    fg_map_free(&s->by_id);
    ev_ref(s->loop);
    ev_ref(s->loop);
    ev_timer_stop(s->loop, &s->tick);
    ev_timer_stop(s->loop, &s->minute);
    ev_timer_stop(s->loop, &s->expiry);
    ev_timer_stop(s->loop, &s->stop_timer);
    ev_prepare_stop(s->loop, &s->bury);
    for (size_t i = 0; i < s->n_tls; i++) choose_by_name(s->tls[i].server, NULL);
    drop_tls(s->tls, s->n_tls);
    fg_s2s_set_secret(s, NULL, NULL);
    fg_snapshot_put(s->snapshot);
    free(s);
}
