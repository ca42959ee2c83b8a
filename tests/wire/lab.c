/* The gateway's XMPP side on a loop thread; see lab.h. */
#include "tests/wire/lab.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "gateway/net/listener.h"
#include "gateway/net/tls.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-aliasing"
#include <ev.h>
#pragma GCC diagnostic pop

enum { LINES_MAX = 20000, LINE = 256, NAP_MS = 5 };

struct outcome {
    char id[64];
    enum fg_failure why;
    unsigned count;
    struct lab *lab;
};

struct lab {
    struct ev_loop *loop;
    struct ev_async wake;
    struct fg_net *net;
    struct fg_s2s *s2s;
    struct fg_acceptor *listener, *direct;
    struct fg_resolver *resolver;
    struct fg_report report;
    struct lab_ca *ca;
    struct lab_cert *cert, *cert2;
    X509_STORE *trust;
    struct fg_tls_ctx *server, *client, *server2, *client2;
    uint64_t revision;
    uint16_t port, direct_port;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    void (*job)(struct fg_s2s *s, void *arg);
    void *job_arg;
    bool job_waits, stop, shut;
    char (*stanzas)[LINE];
    size_t n_stanzas;
    char (*events)[LINE];
    size_t n_events;
    struct outcome *outcomes[LINES_MAX];
    size_t n_outcomes;
};

/* ---- loop thread ---- */

static void on_wake(struct ev_loop *loop, struct ev_async *w, int revents)
{
    (void)revents;
    struct lab *l = w->data;
    pthread_mutex_lock(&l->lock);
    void (*job)(struct fg_s2s * s, void *arg) = l->job_waits ? l->job : NULL;
    void *arg = l->job_arg;
    bool stop = l->stop;
    pthread_mutex_unlock(&l->lock);
    if (job) {
        job(l->s2s, arg);
        pthread_mutex_lock(&l->lock);
        l->job_waits = false;
        pthread_cond_broadcast(&l->changed);
        pthread_mutex_unlock(&l->lock);
    }
    if (stop) ev_break(loop, EVBREAK_ALL);
}

static void *loop_main(void *arg)
{
    struct lab *l = arg;
    ev_run(l->loop, 0);
    return NULL;
}

void lab_run(struct lab *l, void (*f)(struct fg_s2s *s, void *arg), void *arg)
{
    pthread_mutex_lock(&l->lock);
    l->job = f;
    l->job_arg = arg;
    l->job_waits = true;
    ev_async_send(l->loop, &l->wake);
    while (l->job_waits) pthread_cond_wait(&l->changed, &l->lock);
    pthread_mutex_unlock(&l->lock);
}

static const char *kind_name(enum fg_stanza_kind k)
{
    return k == FG_MESSAGE ? "message" : k == FG_PRESENCE ? "presence" : "iq";
}

static void on_stanza(void *arg, const struct fg_stanza *s)
{
    struct lab *l = arg;
    char from[FG_JID_MAX], to[FG_JID_MAX];
    fg_jid_text(&s->from, from, sizeof from);
    fg_jid_text(&s->to, to, sizeof to);
    pthread_mutex_lock(&l->lock);
    if (l->n_stanzas < LINES_MAX)
        snprintf(l->stanzas[l->n_stanzas++], LINE, "%s %.80s %.80s %.20s %s %s", kind_name(s->kind),
                 from, to, s->id ? s->id : "-", *s->type ? s->type : "-",
                 fg_method_name(s->method));
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

static void on_event(void *arg, const struct fg_event *e)
{
    struct lab *l = arg;
    if (getenv("LAB_VERBOSE"))
        fprintf(stderr, "%s %s stream %llu %s: %s\n", e->component, e->code,
                (unsigned long long)e->stream, e->partner ? e->partner : "",
                e->text ? e->text : "");
    pthread_mutex_lock(&l->lock);
    if (l->n_events < LINES_MAX) snprintf(l->events[l->n_events++], LINE, "%s", e->code);
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

static void on_accept(int fd, const struct sockaddr *peer, socklen_t len, void *arg)
{
    (void)len;
    struct lab *l = arg;
    fg_s2s_accept(l->s2s, fd, peer, false);
}

static void on_accept_direct(int fd, const struct sockaddr *peer, socklen_t len, void *arg)
{
    (void)len;
    struct lab *l = arg;
    fg_s2s_accept(l->s2s, fd, peer, true);
}

static uint16_t open_listener(struct lab *l, struct fg_acceptor **out, fg_accept_h *h)
{
    int fd = fg_listen_open("127.0.0.1:0", false);
    assert_true(fd >= 0);
    assert_int_equal(fg_acceptor_new(out, l->net, fd, h, l), 0);
    return fg_acceptor_port(*out);
}

/* ---- configuration ---- */

static void put_domain(struct fg_snapshot_builder *b, const char *domain)
{
    struct fg_domain d = {.domain = domain};
    assert_int_equal(fg_snapshot_put_domain(b, &d), 0);
}

static void put_partner(struct fg_snapshot_builder *b, const struct lab_partner *p)
{
    const char *domains[] = {p->domain, p->also};
    struct fg_partner partner = {
        .domain = p->domain,
        .domains = domains,
        .n_domains = p->also ? 2 : 1,
        .type = FG_FEDERATED,
        .tls = p->tls,
        .sasl = p->sasl,
        .dialback = p->dialback,
        .keepalive = p->keepalive,
        .state = p->state,
        .proxy_host = "127.0.0.1",
        .proxy_port = p->port ? p->port : 1,
        .connection_limit = p->connection_limit,
    };
    assert_int_equal(fg_snapshot_put_partner(b, &partner), 0);
}

static struct fg_snapshot *build(struct lab *l, const struct lab_config *c)
{
    struct fg_snapshot_builder *b;
    struct fg_snapshot *empty, *out;
    assert_int_equal(fg_snapshot_builder_new(&b, NULL), 0);
    assert_int_equal(fg_snapshot_builder_finish(b, 0, &empty), 0);
    fg_snapshot_builder_free(b);
    assert_int_equal(fg_snapshot_builder_new(&b, NULL), 0);
    struct fg_settings set = *fg_snapshot_settings(empty);
    set.federation_enabled = true;
    if (c->tune) c->tune(&set);
    assert_int_equal(fg_snapshot_put_settings(b, &set), 0);
    fg_snapshot_put(empty);
    if (!c->without_domain) put_domain(b, "a.example");
    put_domain(b, "a2.example");
    for (size_t i = 0; i < c->n_partners; i++) put_partner(b, &c->partners[i]);
    assert_int_equal(fg_snapshot_builder_finish(b, ++l->revision, &out), 0);
    fg_snapshot_builder_free(b);
    return out;
}

struct activation {
    struct lab *lab;
    struct fg_snapshot *snapshot;
    bool without_certificate;
};

static void activate(struct fg_s2s *s, void *arg)
{
    struct activation *a = arg;
    struct fg_s2s_tls tls[] = {
        {.server = a->lab->server, .client = a->lab->client},
        {.domain = "a2.example", .server = a->lab->server2, .client = a->lab->client2},
    };
    struct fg_s2s_config c = {
        .snapshot = a->snapshot,
        .resolver = a->lab->resolver,
        .tls = tls,
        .n_tls = a->without_certificate ? 0 : 2,
    };
    fg_s2s_activate(s, &c);
}

void lab_apply(struct lab *l, const struct lab_config *c)
{
    struct activation a = {l, build(l, c), c->without_certificate};
    lab_run(l, activate, &a);
    fg_snapshot_put(a.snapshot);
}

static void make_pair(struct lab *l, const struct lab_cert *cert, struct fg_tls_ctx **server,
                      struct fg_tls_ctx **client)
{
    struct fg_problems problems;
    fg_problems_init(&problems);
    struct fg_credential credential = {cert->chain, cert->key};
    struct fg_tls_settings set = {
        .role = FG_TLS_SERVER,
        .credential = &credential,
        .trust = l->trust,
        .server_purpose = true,
        .min_version = "1.2",
        .preset = "intermediate",
        .alpn = "xmpp-server",
    };
    assert_int_equal(fg_tls_ctx_new(server, &set, "/", &problems), 0);
    set.role = FG_TLS_CLIENT;
    set.alpn = NULL;
    assert_int_equal(fg_tls_ctx_new(client, &set, "/", &problems), 0);
    fg_problems_free(&problems);
}

static void make_tls(struct lab *l)
{
    l->ca = lab_ca_new("lab");
    l->cert = lab_cert_new(l->ca, "a.example", 10);
    l->cert2 = lab_cert_new(l->ca, "a2.example", 10);
    l->trust = X509_STORE_new();
    X509_STORE_add_cert(l->trust, lab_ca_x509(l->ca));
    make_pair(l, l->cert, &l->server, &l->client);
    make_pair(l, l->cert2, &l->server2, &l->client2);
}

struct lab *lab_new(const struct lab_config *c)
{
    signal(SIGPIPE, SIG_IGN); /* of the scripted peers */
    struct lab *l = calloc(1, sizeof *l);
    l->stanzas = calloc(LINES_MAX, LINE);
    l->events = calloc(LINES_MAX, LINE);
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->changed, NULL);
    make_tls(l);
    l->loop = ev_loop_new(EVFLAG_AUTO);
    ev_async_init(&l->wake, on_wake);
    l->wake.data = l;
    ev_async_start(l->loop, &l->wake);
    assert_int_equal(fg_net_new(&l->net, l->loop), 0);
    l->report = (struct fg_report){on_event, l, FG_DEBUG};
    struct fg_s2s_params p = {.net = l->net, .report = &l->report, .callbacks = {on_stanza, l}};
    assert_int_equal(fg_s2s_new(&l->s2s, &p), 0);
    fg_s2s_set_secret(l->s2s, "lab secret", NULL);
    struct fg_resolver_settings rs = {.deadline_ms = 2000};
    assert_int_equal(fg_resolver_new(&l->resolver, &rs), 0);
    assert_int_equal(fg_resolver_attach(l->resolver, l->net), 0);
    l->port = open_listener(l, &l->listener, on_accept);
    l->direct_port = open_listener(l, &l->direct, on_accept_direct);
    assert_int_equal(pthread_create(&l->thread, NULL, loop_main, l), 0);
    lab_apply(l, c);
    return l;
}

void lab_free(struct lab *l)
{
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    ev_async_send(l->loop, &l->wake);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->thread, NULL);
    fg_acceptor_free(l->listener);
    fg_acceptor_free(l->direct);
    fg_s2s_free(l->s2s);
    fg_resolver_free(l->resolver);
    fg_net_free(l->net);
    ev_async_stop(l->loop, &l->wake);
    ev_loop_destroy(l->loop);
    fg_tls_ctx_put(l->server);
    fg_tls_ctx_put(l->client);
    fg_tls_ctx_put(l->server2);
    fg_tls_ctx_put(l->client2);
    X509_STORE_free(l->trust);
    lab_cert_free(l->cert);
    lab_cert_free(l->cert2);
    lab_ca_free(l->ca);
    for (size_t i = 0; i < l->n_outcomes; i++) free(l->outcomes[i]);
    free(l->stanzas);
    free(l->events);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->changed);
    free(l);
}

struct lab_ca *lab_ca(struct lab *l)
{
    return l->ca;
}

uint16_t lab_port(struct lab *l)
{
    return l->port;
}

uint16_t lab_direct_port(struct lab *l)
{
    return l->direct_port;
}

/* ---- waiting ---- */

static struct timespec deadline(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += LAB_PATIENCE_MS / 1000;
    return t;
}

/* Waits, holding the lock, until `ready` says so. */
static bool wait_until(struct lab *l, bool (*ready)(struct lab *l, const void *arg),
                       const void *arg)
{
    struct timespec t = deadline();
    pthread_mutex_lock(&l->lock);
    bool ok = ready(l, arg);
    while (!ok && pthread_cond_timedwait(&l->changed, &l->lock, &t) != ETIMEDOUT)
        ok = ready(l, arg);
    pthread_mutex_unlock(&l->lock);
    return ok;
}

static bool stanza_there(struct lab *l, const void *arg)
{
    return l->n_stanzas > *(const size_t *)arg;
}

const char *lab_stanza(struct lab *l, size_t n)
{
    if (!wait_until(l, stanza_there, &n)) fail_msg("stanza %zu did not come", n);
    return l->stanzas[n];
}

size_t lab_stanzas(struct lab *l)
{
    pthread_mutex_lock(&l->lock);
    size_t n = l->n_stanzas;
    pthread_mutex_unlock(&l->lock);
    return n;
}

static bool event_there(struct lab *l, const void *code)
{
    for (size_t i = 0; i < l->n_events; i++)
        if (strcmp(l->events[i], code) == 0) return true;
    return false;
}

void lab_event(struct lab *l, const char *code)
{
    if (!wait_until(l, event_there, code)) fail_msg("no event %s", code);
}

bool lab_has_event(struct lab *l, const char *code)
{
    pthread_mutex_lock(&l->lock);
    bool there = event_there(l, code);
    pthread_mutex_unlock(&l->lock);
    return there;
}

/* ---- sending ---- */

static struct outcome *find_outcome(struct lab *l, const char *id)
{
    for (size_t i = 0; i < l->n_outcomes; i++)
        if (strcmp(l->outcomes[i]->id, id) == 0) return l->outcomes[i];
    return NULL;
}

static void on_sent(void *arg, enum fg_failure why)
{
    struct outcome *o = arg;
    pthread_mutex_lock(&o->lab->lock);
    o->why = why;
    o->count++;
    pthread_cond_broadcast(&o->lab->changed);
    pthread_mutex_unlock(&o->lab->lock);
}

struct sending {
    struct fg_s2s_item item;
    int err;
};

static void send_now(struct fg_s2s *s, void *arg)
{
    struct sending *x = arg;
    x->err = fg_s2s_send(s, &x->item);
}

int lab_send_big(struct lab *l, const char *local, const char *remote, const char *id,
                 int deadline_ms, size_t body)
{
    char *text = malloc(body + 1), *stanza;
    memset(text, 'x', body);
    text[body] = '\0';
    int len = asprintf(&stanza,
                       "<message from='juliet@%s' to='romeo@%s' id='%s'><body>%s</body></message>",
                       local, remote, id, body == 0 ? "hello" : text);
    assert_true(len > 0);
    struct outcome *o = calloc(1, sizeof *o);
    o->lab = l;
    snprintf(o->id, sizeof o->id, "%s", id);
    pthread_mutex_lock(&l->lock);
    assert_true(l->n_outcomes < LINES_MAX);
    l->outcomes[l->n_outcomes++] = o;
    pthread_mutex_unlock(&l->lock);
    struct sending x = {
        .item = {.local = local,
                 .remote = remote,
                 .stanza = stanza,
                 .len = (size_t)len,
                 .deadline_ms = deadline_ms,
                 .done = on_sent,
                 .arg = o},
    };
    lab_run(l, send_now, &x);
    free(text);
    free(stanza);
    return x.err;
}

int lab_send(struct lab *l, const char *local, const char *remote, const char *id, int deadline_ms)
{
    return lab_send_big(l, local, remote, id, deadline_ms, 0);
}

static bool outcome_there(struct lab *l, const void *id)
{
    struct outcome *o = find_outcome(l, id);
    return o && o->count > 0;
}

enum fg_failure lab_outcome(struct lab *l, const char *id)
{
    if (!wait_until(l, outcome_there, id)) fail_msg("no outcome for %s", id);
    return find_outcome(l, id)->why;
}

bool lab_has_outcome(struct lab *l, const char *id)
{
    return lab_outcomes(l, id) > 0;
}

unsigned lab_outcomes(struct lab *l, const char *id)
{
    pthread_mutex_lock(&l->lock);
    struct outcome *o = find_outcome(l, id);
    unsigned n = o ? o->count : 0;
    pthread_mutex_unlock(&l->lock);
    return n;
}

/* ---- looking ---- */

static void read_counters(struct fg_s2s *s, void *arg)
{
    fg_s2s_counters(s, arg);
}

struct fg_s2s_counters lab_counters(struct lab *l)
{
    struct fg_s2s_counters c;
    lab_run(l, read_counters, &c);
    return c;
}

struct census {
    const char *state;
    unsigned n;
};

static void count_one(void *arg, const struct fg_stream_info *i)
{
    struct census *c = arg;
    if (!c->state || strcmp(i->state, c->state) == 0) c->n++;
}

static void count(struct fg_s2s *s, void *arg)
{
    fg_s2s_streams(s, count_one, arg);
}

unsigned lab_streams(struct lab *l, const char *state)
{
    struct census c = {state, 0};
    lab_run(l, count, &c);
    return c.n;
}

void lab_wait_streams(struct lab *l, const char *state, unsigned n)
{
    struct timespec nap = {.tv_nsec = NAP_MS * 1000000L};
    for (int ms = 0; ms < LAB_PATIENCE_MS; ms += NAP_MS) {
        if (lab_streams(l, state) == n) return;
        nanosleep(&nap, NULL);
    }
    fail_msg("%u streams in state %s, expected %u", lab_streams(l, state), state ? state : "(any)",
             n);
}

static void on_shut(void *arg)
{
    struct lab *l = arg;
    pthread_mutex_lock(&l->lock);
    l->shut = true;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

static void start_shutdown(struct fg_s2s *s, void *arg)
{
    fg_s2s_shutdown(s, on_shut, arg);
}

void lab_start_shutdown(struct lab *l)
{
    lab_run(l, start_shutdown, l);
}

static bool shut(struct lab *l, const void *arg)
{
    (void)arg;
    return l->shut;
}

bool lab_is_shut(struct lab *l)
{
    pthread_mutex_lock(&l->lock);
    bool yes = l->shut;
    pthread_mutex_unlock(&l->lock);
    return yes;
}

void lab_shutdown(struct lab *l)
{
    if (!wait_until(l, shut, NULL)) fail_msg("the shutdown did not end");
}
