/* See resolver.h. libunbound works in a thread of its own; its descriptor wakes the loop. A query
 * is one or two SRV questions, then A and AAAA of every target; it ends when all are answered or
 * its deadline passes, whichever is first.
 *
 *   asked ── SRV answered ──> addresses asked ── all answered ──> finished ── loop ──> handler */
#include "gateway/net/lookup.h"

#include "gateway/base/rand.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEADLINE_MS = 5000, XMPP_PORT = 5269 };

static const char root_key[] = "/usr/share/dns/root.key";
/* Names the public DNS does not have (RFC 6761, 8375): libunbound would answer "no such domain" by
 * itself, but private networks use them, so the servers are asked like for any other name. Nobody
 * can sign them, so DNSSEC is not expected below them. */
static const char *const special_zones[] = {"test.",  "invalid.",  "home.arpa.", "onion.",
                                            "local.", "internal.", "lan."};

/* ---- making ---- */

static int set_option(struct ub_ctx *ub, const char *name, const char *value)
{
    return ub_ctx_set_option(ub, name, value) ? EINVAL : 0;
}

/* libunbound wants "address@port". */
static int add_server(struct ub_ctx *ub, const char *text)
{
    char server[INET6_ADDRSTRLEN + 16];
    struct in6_addr v6;
    const char *colon = strrchr(text, ':');
    bool bare = inet_pton(AF_INET6, text, &v6) == 1 || strchr(text, '@') || !colon;
    if (bare) {
        snprintf(server, sizeof server, "%s", text);
    } else if (text[0] == '[' && colon > text + 1 && colon[-1] == ']') {
        snprintf(server, sizeof server, "%.*s@%s", (int)(colon - text - 2), text + 1, colon + 1);
    } else {
        snprintf(server, sizeof server, "%.*s@%s", (int)(colon - text), text, colon + 1);
    }
    return ub_ctx_set_fwd(ub, server) ? EINVAL : 0;
}

static int configure_dnssec(struct ub_ctx *ub, enum fg_dnssec dnssec)
{
    if (dnssec == FG_DNSSEC_OFF) return set_option(ub, "module-config:", "iterator");
    /* "use": behind servers that hand out no DNSSEC data names are insecure, not bogus; a signature
     * that is there and wrong is bogus all the same. */
    if (dnssec == FG_DNSSEC_USE && set_option(ub, "harden-dnssec-stripped:", "no")) return EINVAL;
    /* Without the anchor (package dns-root-data) nothing validates, and nothing is bogus. */
    if (access(root_key, R_OK) == 0 && ub_ctx_add_ta_file(ub, root_key)) return EINVAL;
    return 0;
}

static int configure(struct ub_ctx *ub, const struct fg_resolver_settings *s)
{
    int err = ub_ctx_async(ub, 1) ? EINVAL : 0;
    for (size_t i = 0; !err && i < sizeof special_zones / sizeof *special_zones; i++) {
        char zone[64];
        snprintf(zone, sizeof zone, "%s transparent", special_zones[i]);
        err = set_option(ub, "local-zone:", zone);
        if (!err && s->dnssec != FG_DNSSEC_OFF)
            err = set_option(ub, "domain-insecure:", special_zones[i]);
    }
    /* A short outage of a name server or a partner's zone must not be remembered for long. */
    if (!err) err = set_option(ub, "infra-keep-probing:", "yes");
    if (!err) err = set_option(ub, "cache-max-negative-ttl:", "60");
    if (!err) err = configure_dnssec(ub, s->dnssec);
    for (size_t i = 0; !err && i < s->n_servers; i++) err = add_server(ub, s->servers[i]);
    if (!err && s->n_servers == 0 && ub_ctx_resolvconf(ub, NULL)) err = EINVAL;
    if (!err && s->n_servers == 0) ub_ctx_hosts(ub, NULL);
    return err;
}

int fg_resolver_new(struct fg_resolver **out, const struct fg_resolver_settings *s)
{
    if (!out || !s) return EINVAL;
    struct fg_resolver *r = calloc(1, sizeof *r);
    if (!r) return ENOMEM;
    r->ub = ub_ctx_create();
    int err = r->ub ? configure(r->ub, s) : ENOMEM;
    if (err) {
        if (r->ub) ub_ctx_delete(r->ub);
        free(r);
        return err;
    }
    r->dnssec = s->dnssec;
    r->deadline_ms = s->deadline_ms > 0 ? s->deadline_ms : DEADLINE_MS;
    r->next_ticket = 1;
    fg_map_init(&r->queries);
    fg_list_init(&r->finished);
    *out = r;
    return 0;
}

/* ---- ending a query ---- */

static void query_free(struct query *q)
{
    fg_question_cancel(&q->srv);
    fg_question_cancel(&q->srvs);
    for (size_t i = 0; i < q->n_targets; i++) {
        fg_question_cancel(&q->targets[i].v4);
        fg_question_cancel(&q->targets[i].v6);
        free(q->targets[i].found);
    }
    ev_timer_stop(q->resolver->net->loop, &q->deadline);
    fg_map_remove(&q->resolver->queries, &q->node);
    fg_list_remove(&q->finished);
    free(q->endpoints);
    free(q);
}

static void free_each(struct fg_map_node *n, void *arg)
{
    (void)arg;
    query_free(FG_CONTAINER(n, struct query, node));
}

void fg_resolver_detach(struct fg_resolver *r)
{
    if (!r || !r->net) return;
    fg_map_each(&r->queries, free_each, NULL);
    ev_io_stop(r->net->loop, &r->io);
    ev_timer_stop(r->net->loop, &r->again);
    r->net = NULL;
}

static void resolver_destroy(struct fg_resolver *r)
{
    fg_resolver_detach(r);
    fg_map_free(&r->queries);
    ub_ctx_delete(r->ub);
    free(r);
}

/* Tells the owners of finished queries; each may start, cancel or free whatever it likes. */
static void deliver(struct fg_resolver *r)
{
    if (r->delivering) return;
    r->delivering = true;
    while (!r->doomed && !fg_list_empty(&r->finished)) {
        struct query *q = FG_CONTAINER(r->finished.next, struct query, finished);
        fg_list_remove(&q->finished);
        fg_resolved_h *h = q->h;
        q->h = NULL;
        if (h) h(q->endpoints, q->n_endpoints, q->why, q->arg);
        query_free(q);
    }
    r->delivering = false;
    if (r->doomed) resolver_destroy(r);
}

static void deliver_later(struct fg_resolver *r)
{
    if (ev_is_active(&r->again)) return;
    ev_timer_set(&r->again, 0., 0.);
    ev_timer_start(r->net->loop, &r->again);
}

static void finish(struct query *q, enum fg_failure why)
{
    if (!fg_list_empty(&q->finished)) return;
    q->why = q->n_endpoints ? FG_FAIL_NONE : why;
    ev_timer_stop(q->resolver->net->loop, &q->deadline);
    fg_list_append(&q->resolver->finished, &q->finished);
    deliver_later(q->resolver);
}

/* ---- addresses ---- */

static uint32_t pick(uint32_t max, void *arg)
{
    (void)arg;
    return (uint32_t)(fg_random_u64() % ((uint64_t)max + 1));
}

/* The failure that says most, over everything that was asked. */
static enum fg_failure worst(const struct query *q)
{
    bool failed = false;
    for (size_t i = 0; i < q->n_targets; i++) {
        const struct target *t = &q->targets[i];
        if (t->v4.outcome == OUT_BOGUS || t->v6.outcome == OUT_BOGUS) return FG_FAIL_DNS_BOGUS;
        failed |= t->v4.outcome == OUT_FAILED || t->v6.outcome == OUT_FAILED;
    }
    return failed ? FG_FAIL_DNS_TIMEOUT : FG_FAIL_DNS_NOT_FOUND;
}

static size_t total_found(const struct query *q)
{
    size_t total = 0;
    for (size_t i = 0; i < q->n_targets; i++) total += q->targets[i].n_found;
    return total;
}

/* Puts together what was found, in the order of the targets, and ends the query. */
static void conclude(struct query *q)
{
    size_t total = total_found(q);
    q->endpoints = total ? calloc(total, sizeof *q->endpoints) : NULL;
    if (total && !q->endpoints) {
        finish(q, FG_FAIL_INTERNAL);
        return;
    }
    for (size_t i = 0; i < q->n_targets; i++) {
        const struct target *t = &q->targets[i];
        for (size_t k = 0; k < t->n_found; k++) q->endpoints[q->n_endpoints++] = t->found[k];
    }
    finish(q, worst(q));
}

static void conclude_if_done(struct query *q)
{
    for (size_t i = 0; i < q->n_targets; i++)
        if (q->targets[i].v4.pending || q->targets[i].v6.pending) return;
    conclude(q);
}

/* Which target a question belongs to. */
static struct target *target_of(struct query *q, const struct question *qn)
{
    for (size_t i = 0; i < q->n_targets; i++)
        if (qn == &q->targets[i].v4 || qn == &q->targets[i].v6) return &q->targets[i];
    return NULL;
}

static void on_address(void *arg, int err, struct ub_result *a)
{
    struct question *qn = arg;
    struct query *q = qn->query;
    struct target *t = target_of(q, qn);
    qn->pending = false;
    qn->outcome = fg_question_outcome(q->resolver, err, a);
    if (qn->outcome == OUT_RECORDS) {
        bool secure = a->secure && q->srv_secure;
        if (fg_lookup_take_addresses(t, a, qn == &t->v4 ? RR_A : RR_AAAA, secure))
            qn->outcome = OUT_FAILED;
    }
    ub_resolve_free(a);
    conclude_if_done(q);
}

/* The questions point into the targets: from here on the targets keep their places. */
static void ask_addresses(struct query *q)
{
    q->addresses_asked = true;
    for (size_t i = 0; i < q->n_targets; i++) {
        struct target *t = &q->targets[i];
        fg_question_ask(&t->v6, q, t->srv.target, RR_AAAA, on_address);
        fg_question_ask(&t->v4, q, t->srv.target, RR_A, on_address);
    }
    conclude_if_done(q);
}

static void order_targets(struct query *q)
{
    struct fg_srv records[TARGETS_MAX];
    for (size_t i = 0; i < q->n_targets; i++) records[i] = q->targets[i].srv;
    fg_srv_order(records, q->n_targets, pick, NULL);
    for (size_t i = 0; i < q->n_targets; i++) q->targets[i].srv = records[i];
}

static void ask_host(struct query *q, uint16_t port)
{
    q->n_targets = 1;
    struct fg_srv *s = &q->targets[0].srv;
    s->port = port;
    memcpy(s->target, q->domain, sizeof s->target);
    ask_addresses(q);
}

/* ---- service records ---- */

/* All SRV answers are in: RFC 6120 3.2, XEP-0368 section 3. */
static void judge_srv(struct query *q)
{
    enum outcome clear = q->srv.outcome;
    enum outcome direct = q->direct_tls ? q->srvs.outcome : OUT_EMPTY;
    if (clear == OUT_BOGUS || (direct == OUT_BOGUS && q->n_targets == 0)) {
        finish(q, FG_FAIL_DNS_BOGUS);
    } else if (q->n_targets) {
        order_targets(q);
        ask_addresses(q);
    } else if (clear == OUT_FAILED || direct == OUT_FAILED) {
        finish(q, FG_FAIL_DNS_TIMEOUT);
    } else if (clear == OUT_RECORDS || direct == OUT_RECORDS) {
        finish(q, FG_FAIL_DNS_NOT_OFFERED);
    } else {
        ask_host(q, XMPP_PORT);
    }
}

static void on_srv(void *arg, int err, struct ub_result *a)
{
    struct question *qn = arg;
    struct query *q = qn->query;
    bool direct = qn == &q->srvs;
    qn->pending = false;
    qn->outcome = fg_question_outcome(q->resolver, err, a);
    if (qn->outcome == OUT_RECORDS) fg_lookup_take_srv(q, a, direct, a->secure);
    if (a && !a->secure) q->srv_secure = false;
    ub_resolve_free(a);
    if (!q->srv.pending && !q->srvs.pending) judge_srv(q);
}

/* ---- the loop ---- */

static void on_deadline(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    struct query *q = w->data;
    fg_question_cancel(&q->srv);
    fg_question_cancel(&q->srvs);
    for (size_t i = 0; i < q->n_targets; i++) {
        fg_question_cancel(&q->targets[i].v4);
        fg_question_cancel(&q->targets[i].v6);
    }
    /* What was found in time is better than nothing. */
    if (q->addresses_asked)
        conclude(q);
    else
        finish(q, FG_FAIL_DNS_TIMEOUT);
}

static void on_readable(struct ev_loop *loop, struct ev_io *w, int revents)
{
    (void)loop;
    (void)revents;
    struct fg_resolver *r = w->data;
    ub_process(r->ub);
    deliver(r);
}

static void on_again(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    deliver(w->data);
}

int fg_resolver_attach(struct fg_resolver *r, struct fg_net *n)
{
    if (!r || !n || r->net) return EINVAL;
    int fd = ub_fd(r->ub);
    if (fd < 0) return EINVAL;
    r->net = n;
    ev_io_init(&r->io, on_readable, fd, EV_READ);
    r->io.data = r;
    ev_timer_init(&r->again, on_again, 0., 0.);
    r->again.data = r;
    ev_io_start(n->loop, &r->io);
    return 0;
}

void fg_resolver_free(struct fg_resolver *r)
{
    if (!r) return;
    if (r->delivering)
        r->doomed = true;
    else
        resolver_destroy(r);
}

/* ---- asking ---- */

static struct query *query_new(struct fg_resolver *r, const char *domain, fg_resolved_h *h,
                               void *arg)
{
    struct query *q = calloc(1, sizeof *q);
    if (!q) return NULL;
    q->resolver = r;
    q->ticket = r->next_ticket++;
    q->h = h;
    q->arg = arg;
    q->srv_secure = true;
    fg_list_init(&q->finished);
    snprintf(q->domain, sizeof q->domain, "%s", domain);
    ev_timer_init(&q->deadline, on_deadline, r->deadline_ms / 1000., 0.);
    q->deadline.data = q;
    if (fg_map_add(&r->queries, &q->node, &q->ticket, sizeof q->ticket)) {
        free(q);
        return NULL;
    }
    ev_timer_start(r->net->loop, &q->deadline);
    return q;
}

uint64_t fg_resolve_xmpp(struct fg_resolver *r, const char *domain, bool direct_tls,
                         fg_resolved_h *h, void *arg)
{
    struct query *q = query_new(r, domain, h, arg);
    if (!q) return 0;
    q->xmpp = true;
    q->direct_tls = direct_tls;
    char name[320];
    snprintf(name, sizeof name, "_xmpp-server._tcp.%s", q->domain);
    fg_question_ask(&q->srv, q, name, RR_SRV, on_srv);
    if (direct_tls) {
        snprintf(name, sizeof name, "_xmpps-server._tcp.%s", q->domain);
        fg_question_ask(&q->srvs, q, name, RR_SRV, on_srv);
    }
    if (!q->srv.pending && !q->srvs.pending) judge_srv(q);
    return q->ticket;
}

/* A literal address needs no question. */
static bool literal(const char *host, uint16_t port, struct fg_endpoint *out)
{
    struct sockaddr_in *v4 = (void *)&out->addr;
    struct sockaddr_in6 *v6 = (void *)&out->addr;
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        out->addr_len = sizeof *v4;
        return true;
    }
    if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        out->addr_len = sizeof *v6;
        return true;
    }
    return false;
}

uint64_t fg_resolve_host(struct fg_resolver *r, const char *host, uint16_t port, fg_resolved_h *h,
                         void *arg)
{
    struct query *q = query_new(r, host, h, arg);
    if (!q) return 0;
    struct fg_endpoint ep = {.secure = false};
    if (!literal(host, port, &ep)) {
        ask_host(q, port);
        return q->ticket;
    }
    snprintf(ep.target, sizeof ep.target, "%s", host);
    q->endpoints = calloc(1, sizeof *q->endpoints);
    if (q->endpoints) {
        q->endpoints[0] = ep;
        q->n_endpoints = 1;
    }
    finish(q, FG_FAIL_INTERNAL);
    return q->ticket;
}

void fg_resolver_cancel(struct fg_resolver *r, uint64_t ticket)
{
    struct fg_map_node *n = r ? fg_map_find(&r->queries, &ticket, sizeof ticket) : NULL;
    if (!n) return;
    struct query *q = FG_CONTAINER(n, struct query, node);
    /* Cancelled from its own handler: the delivery loop frees it. */
    if (q->h) query_free(q);
}
