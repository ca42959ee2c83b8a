/* What happens on the engine's loop: making its parts, activating a plan, stopping. */
#include "gateway/engine_private.h"

#include "gateway/base/clock.h"
#include "gateway/bridge/content.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the bridge's ends ---- */

static int send_stanza(void *arg, const struct fg_s2s_item *item)
{
    struct fg_engine *e = arg;
    return fg_s2s_send(e->run.s2s, item);
}

static int send_request(void *arg, const struct fg_sip_out *o)
{
    struct fg_engine *e = arg;
    return fg_sip_send(e->run.sip, o);
}

static void respond(void *arg, struct fg_sip_request *rq, const struct fg_sip_answer *a)
{
    (void)arg;
    fg_sip_respond(rq, a);
}

/* ---- making ---- */

static int init_parts(struct fg_engine *e, const struct fg_engine_params *p)
{
    struct fg_bridge_params bridge = {
        .ends = {send_stanza, send_request, respond, e}, .report = &e->report, .edge = p->edge};
    int err = fg_net_new(&e->run.net, e->run.loop);
    if (!err) err = fg_bridge_new(&e->run.bridge, &bridge);
    struct fg_s2s_params s2s = {
        .net = e->run.net, .report = &e->report, .callbacks = {fg_bridge_stanza, e->run.bridge}};
    if (!err) err = fg_s2s_new(&e->run.s2s, &s2s);
    struct fg_sip_params sip = {.net = e->run.net,
                                .report = &e->report,
                                .callbacks = {fg_bridge_request, e->run.bridge},
                                .accept = FG_CONTENT_ACCEPTED};
    if (!err) err = fg_sip_new(&e->run.sip, &sip);
    if (!err) fg_s2s_set_secret(e->run.s2s, p->dialback_secret, p->dialback_previous);
    return err;
}

int fg_engine_run_init(struct fg_engine *e, const struct fg_engine_params *p)
{
    fg_list_init(&e->run.gates);
    e->run.loop = ev_loop_new(EVFLAG_AUTO);
    if (!e->run.loop) return ENOMEM;
    ev_init(&e->run.stop_limit, NULL);
    int err = init_parts(e, p);
    if (err) fg_engine_run_free(e);
    return err;
}

static void gate_free(struct gate *g)
{
    fg_list_remove(&g->link);
    fg_acceptor_free(g->acceptor);
    free(g);
}

static void close_gates(struct fg_engine *e)
{
    FG_LIST_EACH(&e->run.gates, n, tmp) gate_free(FG_CONTAINER(n, struct gate, link));
}

/* The bridge outlives both ends, because what they still owe they answer while they are freed. */
void fg_engine_run_free(struct fg_engine *e)
{
    close_gates(e);
    if (e->run.bridge) fg_bridge_stop(e->run.bridge);
    fg_s2s_free(e->run.s2s);
    fg_sip_free(e->run.sip);
    fg_bridge_free(e->run.bridge);
    fg_resolver_free(e->run.resolver);
    fg_net_free(e->run.net);
    ev_timer_stop(e->run.loop, &e->run.stop_limit);
    ev_loop_destroy(e->run.loop);
}

/* ---- gates ---- */

static void on_accept(int fd, const struct sockaddr *peer, socklen_t len, void *arg)
{
    struct gate *g = arg;
    (void)len;
    fg_s2s_accept(g->engine->run.s2s, fd, peer, g->direct);
}

static struct gate *gate_find(struct fg_engine *e, const char *address)
{
    FG_LIST_EACH(&e->run.gates, n, tmp)
    {
        struct gate *g = FG_CONTAINER(n, struct gate, link);
        if (strcmp(g->address, address) == 0 && !g->keep) return g;
    }
    return NULL;
}

/* Takes over the descriptor. */
static struct gate *gate_open(struct fg_engine *e, const struct door *d)
{
    struct gate *g = calloc(1, sizeof *g);
    int err = g ? fg_acceptor_new(&g->acceptor, e->run.net, d->fd, on_accept, g) : ENOMEM;
    if (err) {
        close(d->fd);
        free(g);
        fg_report_event(&e->report,
                        (struct fg_event){.level = FG_ERROR,
                                          .component = "engine",
                                          .code = "listen_failed",
                                          .failure = FG_FAIL_LISTEN_FAILED},
                        "Cannot serve %s: %s", d->address, strerror(err));
        return NULL;
    }
    g->engine = e;
    memcpy(g->address, d->address, sizeof g->address);
    fg_list_init(&g->link);
    return g;
}

static void gate_activate(struct fg_engine *e, struct door *d)
{
    struct gate *g = d->fd < 0 ? gate_find(e, d->address) : gate_open(e, d);
    d->fd = -1;
    if (!g) return;
    if (fg_list_empty(&g->link)) fg_list_append(&e->run.gates, &g->link);
    g->keep = true;
    g->direct = d->kind == DOOR_XMPP_DIRECT;
}

/* New gates open before old ones close; who is already connected to an old one is let in. */
static void activate_gates(struct fg_engine *e, struct fg_plan *p)
{
    FG_LIST_EACH(&e->run.gates, n, tmp) FG_CONTAINER(n, struct gate, link)->keep = false;
    for (size_t i = 0; i < p->n_doors; i++)
        if (p->doors[i].kind != DOOR_SIP) gate_activate(e, &p->doors[i]);
    FG_LIST_EACH(&e->run.gates, n, tmp)
    {
        struct gate *g = FG_CONTAINER(n, struct gate, link);
        if (g->keep) continue;
        if (p->n_doors) fg_acceptor_drain(g->acceptor);
        gate_free(g);
    }
}

/* ---- SIP ---- */

static void count_listener(void *arg, enum fg_transport t, const char *address)
{
    (void)t;
    (void)address;
    (*(size_t *)arg)++;
}

/* Whether all SIP doors of the plan are served now. */
static bool activate_sip(struct fg_engine *e, struct fg_plan *p)
{
    size_t n = 0, served = 0;
    for (size_t i = 0; i < p->n_doors; i++) {
        struct door *d = &p->doors[i];
        if (d->kind != DOOR_SIP) continue;
        p->sip_listeners[n++] = (struct fg_sip_listener){
            .address = d->address, .transport = d->transport, .fd = d->fd, .tls = d->tls};
        d->fd = -1;
    }
    fg_sip_activate(e->run.sip, &(struct fg_sip_config){.snapshot = p->snapshot,
                                                        .resolver = e->run.resolver,
                                                        .listeners = p->sip_listeners,
                                                        .n_listeners = n,
                                                        .client = p->sip_client});
    fg_sip_listeners(e->run.sip, count_listener, &served);
    return served == n;
}

/* ---- activation ---- */

/* What prepare may count on the next time. When a SIP listener failed, none of them is listed: they
 * are then opened anew, which is always possible beside those that stand. */
static size_t list_open(struct fg_engine *e, struct fg_plan *p, bool sip_complete)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_doors; i++) {
        const struct door *d = &p->doors[i];
        bool sip = d->kind == DOOR_SIP;
        bool served = sip && sip_complete;
        FG_LIST_EACH(&e->run.gates, node, tmp)
        served |= !sip && strcmp(FG_CONTAINER(node, struct gate, link)->address, d->address) == 0;
        if (!served) continue;
        struct open_door *o = &p->open[n++];
        *o = (struct open_door){.sip = sip, .udp = d->transport == FG_UDP};
        memcpy(o->address, d->address, sizeof o->address);
    }
    return n;
}

/* Publishes what runs now, and gives the plan back with what it replaced. */
static void publish(struct fg_engine *e, struct fg_plan *p, size_t n_open)
{
    struct open_door *old = e->shared.open;
    pthread_mutex_lock(&e->shared.lock);
    p->old_snapshot = e->shared.snapshot;
    e->shared.snapshot = p->snapshot;
    p->snapshot = NULL;
    e->shared.open = p->open;
    e->shared.n_open = n_open;
    p->open = old;
    e->shared.activated = p->serial;
    fg_list_append(&e->shared.dead, &p->link);
    pthread_cond_broadcast(&e->shared.changed);
    pthread_mutex_unlock(&e->shared.lock);
}

static void abandon(struct fg_engine *e, struct fg_plan *p)
{
    pthread_mutex_lock(&e->shared.lock);
    fg_list_append(&e->shared.dead, &p->link);
    pthread_mutex_unlock(&e->shared.lock);
}

/* For so long no stream was served. */
static void note_pause(struct fg_engine *e, int64_t began_us)
{
    uint64_t us = (uint64_t)(fg_clock_mono_us() - began_us);
    e->run.activations++;
    e->run.activate_last_us = us;
    if (us > e->run.activate_max_us) e->run.activate_max_us = us;
}

void fg_engine_run_activate(struct fg_engine *e, struct fg_plan *p)
{
    if (e->run.stopping) {
        abandon(e, p);
        return;
    }
    int64_t began_us = fg_clock_mono_us();
    struct fg_resolver *replaced = NULL;
    if (p->resolver && fg_resolver_attach(p->resolver, e->run.net) == 0) {
        replaced = e->run.resolver;
        e->run.resolver = p->resolver;
        p->resolver = NULL;
    }
    fg_bridge_activate(e->run.bridge, p->snapshot);
    fg_s2s_activate(e->run.s2s, &(struct fg_s2s_config){.snapshot = p->snapshot,
                                                        .resolver = e->run.resolver,
                                                        .tls = p->tls,
                                                        .n_tls = p->n_tls});
    bool sip_complete = activate_sip(e, p);
    activate_gates(e, p);
    fg_resolver_detach(replaced);
    p->old_resolver = replaced;
    size_t n_open = list_open(e, p, sip_complete);
    uint64_t revision = fg_snapshot_revision(p->snapshot);
    fg_report_event(
        &e->report,
        (struct fg_event){
            .level = FG_INFO, .component = "engine", .code = "activated", .revision = revision},
        "Revision %llu runs, %zu ports are open.", (unsigned long long)revision, n_open);
    publish(e, p, n_open);
    note_pause(e, began_us);
}

/* ---- stopping ---- */

static void part_stopped(void *arg)
{
    struct fg_engine *e = arg;
    if (--e->run.unfinished == 0) ev_break(e->run.loop, EVBREAK_ALL);
}

static void on_stop_limit(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)w;
    (void)revents;
    ev_break(loop, EVBREAK_ALL);
}

/* Both sides stop at once: streams finish what they carry, and with it the requests that wait for
 * it. */
void fg_engine_run_stop(struct fg_engine *e, int timeout_ms)
{
    if (e->run.stopping) return;
    e->run.stopping = true;
    e->run.unfinished = 3;
    close_gates(e);
    ev_timer_init(&e->run.stop_limit, on_stop_limit, timeout_ms > 0 ? timeout_ms / 1000. : 0., 0.);
    ev_timer_start(e->run.loop, &e->run.stop_limit);
    fg_s2s_shutdown(e->run.s2s, part_stopped, e);
    fg_sip_shutdown(e->run.sip, part_stopped, e);
    part_stopped(e);
}
