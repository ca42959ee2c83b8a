/* Connections over loopback, both ends in one loop: clear, TLS with both certificates, STARTTLS
 * with left-over plaintext, back-pressure, close inside a handler, refused connections, dialling.
 */
#include "gateway/net/conn.h"
#include "gateway/net/dial.h"
#include "gateway/net/listener.h"
#include "gateway/net/tls.h"
#include "tests/unit/make_cert.h"

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <ev.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum { WAIT_MS = 20000 };

struct end {
    struct fg_conn *conn;
    unsigned seen[FG_CONN_ERROR + 1];
    struct fg_buf got;
    bool keep; /* leaves the input where it is */
    void (*on)(struct end *e, enum fg_conn_event ev);
    struct pair *pair;
    enum fg_failure failure;
};

struct pair {
    struct ev_loop *loop;
    struct fg_net *net;
    struct fg_acceptor *acceptor;
    struct end client, server;
    struct fg_conn_limits limits;
    ev_timer limit;
};

static void on_event(struct fg_conn *c, enum fg_conn_event e, void *arg)
{
    struct end *end = arg;
    end->seen[e]++;
    if (e == FG_CONN_DATA && !end->keep) {
        struct fg_buf *in = fg_conn_input(c);
        assert_int_equal(fg_buf_add(&end->got, fg_buf_data(in), fg_buf_len(in)), 0);
        fg_buf_consume(in, fg_buf_len(in));
    }
    if (e == FG_CONN_ERROR || e == FG_CONN_CLOSED) end->failure = fg_conn_failure(c);
    if (end->on) end->on(end, e);
}

static void on_accept(int fd, const struct sockaddr *peer, socklen_t len, void *arg)
{
    (void)peer;
    (void)len;
    struct pair *p = arg;
    assert_null(p->server.conn);
    assert_int_equal(fg_conn_accept(&p->server.conn, p->net, fd, &p->limits, on_event, &p->server),
                     0);
}

static void too_long(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)loop;
    (void)w;
    (void)revents;
    fail_msg("nothing happened for too long");
}

/* Runs the loop until the condition holds. */
#define UNTIL(p, condition)                                                                        \
    do {                                                                                           \
        ev_timer_set(&(p)->limit, WAIT_MS / 1000., 0.);                                            \
        ev_timer_start((p)->loop, &(p)->limit);                                                    \
        while (!(condition)) ev_run((p)->loop, EVRUN_ONCE);                                        \
        ev_timer_stop((p)->loop, &(p)->limit);                                                     \
    } while (0)

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void pair_open(struct pair *p)
{
    p->loop = ev_loop_new(EVFLAG_AUTO);
    assert_int_equal(fg_net_new(&p->net, p->loop), 0);
    ev_timer_init(&p->limit, too_long, 0., 0.);
    fg_buf_init(&p->client.got, 64 << 20);
    fg_buf_init(&p->server.got, 64 << 20);
    p->client.pair = p->server.pair = p;
    int fd = fg_listen_open("127.0.0.1:0", false);
    assert_true(fd >= 0);
    assert_int_equal(fg_acceptor_new(&p->acceptor, p->net, fd, on_accept, p), 0);
    struct sockaddr_in sa = loopback(fg_acceptor_port(p->acceptor));
    assert_int_equal(fg_conn_connect(&p->client.conn, p->net, (struct sockaddr *)&sa, sizeof sa,
                                     NULL, on_event, &p->client),
                     0);
    UNTIL(p, p->client.seen[FG_CONN_CONNECTED] && p->server.conn);
}

static void pair_close(struct pair *p)
{
    if (p->client.conn) fg_conn_close(p->client.conn);
    if (p->server.conn) fg_conn_close(p->server.conn);
    fg_acceptor_free(p->acceptor);
    fg_net_free(p->net);
    fg_buf_free(&p->client.got);
    fg_buf_free(&p->server.got);
    ev_loop_destroy(p->loop);
}

static void clear(void **state)
{
    (void)state;
    struct pair p = {0};
    pair_open(&p);
    assert_int_equal(fg_conn_write(p.client.conn, "hel", 3), 0);
    assert_int_equal(fg_conn_write(p.client.conn, "lo", 2), 0);
    assert_int_equal(fg_conn_queued(p.client.conn), 5);
    assert_int_equal(fg_conn_flushed(p.client.conn), 0);
    UNTIL(&p, p.server.got.len == 5);
    assert_memory_equal(fg_buf_data(&p.server.got), "hello", 5);
    assert_int_equal(fg_conn_flushed(p.client.conn), 5);
    assert_true(p.client.seen[FG_CONN_WRITABLE] > 0);
    assert_false(fg_conn_is_tls(p.client.conn));
    assert_null(fg_conn_tls_version(p.client.conn));
    assert_memory_equal(fg_conn_peer_text(p.client.conn), "127.0.0.1:", 10);
    /* What was written before the close arrives, then the end. */
    assert_int_equal(fg_conn_write(p.server.conn, "bye", 3), 0);
    fg_conn_close(p.server.conn);
    p.server.conn = NULL;
    UNTIL(&p, p.client.seen[FG_CONN_CLOSED]);
    assert_memory_equal(fg_buf_data(&p.client.got), "bye", 3);
    assert_int_equal(p.client.failure, FG_FAIL_NONE);
    pair_close(&p);
}

static void deadline(void **state)
{
    (void)state;
    struct pair p = {0};
    pair_open(&p);
    fg_conn_deadline(p.client.conn, 1);
    UNTIL(&p, p.client.seen[FG_CONN_TIMEOUT]);
    assert_int_equal(p.client.seen[FG_CONN_TIMEOUT], 1);
    pair_close(&p);
}

static void refused(void **state)
{
    (void)state;
    struct pair p = {0};
    pair_open(&p);
    uint16_t port = fg_acceptor_port(p.acceptor);
    fg_acceptor_free(p.acceptor);
    p.acceptor = NULL;
    struct sockaddr_in sa = loopback(port);
    struct end other = {.pair = &p};
    assert_int_equal(fg_conn_connect(&other.conn, p.net, (struct sockaddr *)&sa, sizeof sa, NULL,
                                     on_event, &other),
                     0);
    assert_int_equal(other.seen[FG_CONN_ERROR], 0); /* never inside the call */
    UNTIL(&p, other.seen[FG_CONN_ERROR]);
    assert_int_equal(other.failure, FG_FAIL_CONNECT_REFUSED);
    assert_string_not_equal(fg_conn_failure_detail(other.conn), "");
    assert_int_equal(fg_conn_write(other.conn, "x", 1), EPIPE);
    fg_conn_close(other.conn);
    pair_close(&p);
}

static void close_in_handler(struct end *e, enum fg_conn_event ev)
{
    if (ev != FG_CONN_DATA) return;
    fg_conn_close(e->conn);
    e->conn = NULL;
}

static void close_inside_data(void **state)
{
    (void)state;
    struct pair p = {0};
    pair_open(&p);
    p.server.on = close_in_handler;
    assert_int_equal(fg_conn_write(p.client.conn, "x", 1), 0);
    UNTIL(&p, p.client.seen[FG_CONN_CLOSED]);
    assert_int_equal(p.server.seen[FG_CONN_DATA], 1);
    assert_int_equal(p.server.seen[FG_CONN_CLOSED] + p.server.seen[FG_CONN_ERROR], 0);
    pair_close(&p);
}

/* The reader pauses: the writer is stopped by its own limit, then everything arrives in order. */
static void back_pressure(void **state)
{
    (void)state;
    struct pair p = {0};
    pair_open(&p);
    fg_conn_pause(p.server.conn, true);
    uint32_t block[4096];
    uint32_t counter = 0;
    int err = 0;
    unsigned rounds = 0;
    while (!err && rounds++ < 10000) {
        for (size_t i = 0; i < 4096; i++) block[i] = counter++;
        err = fg_conn_write(p.client.conn, block, sizeof block);
        if (err) counter -= 4096;
        ev_run(p.loop, EVRUN_NOWAIT);
    }
    assert_int_equal(err, ENOBUFS);
    assert_int_equal(p.server.got.len, 0);
    assert_true(fg_conn_flushed(p.client.conn) < fg_conn_queued(p.client.conn));
    fg_conn_pause(p.server.conn, false);
    UNTIL(&p, p.server.got.len == counter * sizeof(uint32_t));
    const uint8_t *data = fg_buf_data(&p.server.got);
    for (uint32_t i = 0; i < counter; i++) {
        uint32_t v;
        memcpy(&v, data + i * sizeof v, sizeof v);
        assert_int_equal(v, i);
    }
    assert_int_equal(fg_conn_flushed(p.client.conn), fg_conn_queued(p.client.conn));
    pair_close(&p);
}

/* Input that the owner leaves is bounded, and comes again when reading is resumed. */
static void input_limit(void **state)
{
    (void)state;
    struct pair p = {.limits = {.input = 1000}};
    pair_open(&p);
    p.server.keep = true;
    char block[5000];
    memset(block, 'x', sizeof block);
    assert_int_equal(fg_conn_write(p.client.conn, block, sizeof block), 0);
    UNTIL(&p, fg_buf_len(fg_conn_input(p.server.conn)) == 1000);
    for (int i = 0; i < 5; i++) ev_run(p.loop, EVRUN_NOWAIT);
    assert_int_equal(fg_buf_len(fg_conn_input(p.server.conn)), 1000);
    p.server.keep = false;
    fg_conn_pause(p.server.conn, true);
    fg_conn_pause(p.server.conn, false);
    UNTIL(&p, p.server.got.len == sizeof block);
    pair_close(&p);
}

static void flush_close(void **state)
{
    (void)state;
    struct pair p = {0};
    pair_open(&p);
    size_t size = 2 << 20;
    char *big = calloc(1, size);
    assert_int_equal(fg_conn_write(p.server.conn, big, size), 0);
    fg_conn_close_flush(p.server.conn, WAIT_MS);
    p.server.conn = NULL;
    UNTIL(&p, p.client.seen[FG_CONN_CLOSED]);
    assert_int_equal(p.client.got.len, size);
    fg_conn_close(p.client.conn);
    p.client.conn = NULL;
    free(big);
    for (int i = 0; i < 20; i++) {
        usleep(1000);
        ev_run(p.loop, EVRUN_NOWAIT);
    }
    pair_close(&p); /* fg_net_free asserts that the lingering end is gone */
}

/* ---- TLS ---- */

struct tls_kit {
    struct made_cert ca, other_ca, server, client;
    X509_STORE *store;
    struct fg_tls_ctx *server_ctx, *client_ctx;
};

struct kit_wish {
    const char *client_eku;
    bool client_other_ca, client_expired, no_client_cert, require, verify_hard, server_other_ca;
    const char *client_preset;
};

static struct fg_tls_ctx *context(const struct tls_kit *k, const struct made_cert *m,
                                  enum fg_tls_role role, const struct kit_wish *w)
{
    struct fg_problems problems;
    fg_problems_init(&problems);
    struct fg_credential credential = {m ? m->cert_pem : NULL, m ? m->key_pem : NULL};
    struct fg_tls_ctx *ctx = NULL;
    const char *preset =
        role == FG_TLS_CLIENT && w->client_preset ? w->client_preset : "intermediate";
    assert_int_equal(fg_tls_ctx_new(&ctx,
                                    &(struct fg_tls_settings){.role = role,
                                                              .credential = m ? &credential : NULL,
                                                              .trust = k->store,
                                                              .require_client_cert = w->require,
                                                              .verify_hard = w->verify_hard,
                                                              .server_purpose = !w->require,
                                                              .min_version = "1.2",
                                                              .preset = preset,
                                                              .alpn = "xmpp-server"},
                                    "", &problems),
                     0);
    fg_problems_free(&problems);
    return ctx;
}

static void kit_open(struct tls_kit *k, const struct kit_wish *w)
{
    k->ca = make_cert(&(struct cert_wish){.ca = true});
    k->other_ca = make_cert(&(struct cert_wish){.ca = true, .cn = "Other"});
    k->server = make_cert(&(struct cert_wish){.issuer = w->server_other_ca ? &k->other_ca : &k->ca,
                                              .san = "DNS:a.example",
                                              .eku = "serverAuth"});
    k->client = make_cert(&(struct cert_wish){.issuer = w->client_other_ca ? &k->other_ca : &k->ca,
                                              .san = "DNS:b.example",
                                              .eku = w->client_eku,
                                              .from_s = w->client_expired ? -7200 : -3600,
                                              .to_s = w->client_expired ? -3600 : 3600});
    const char *pems[] = {k->ca.cert_pem};
    struct fg_problems problems;
    fg_problems_init(&problems);
    assert_int_equal(fg_trust_new(&k->store, pems, 1, false, &problems), 0);
    fg_problems_free(&problems);
    k->server_ctx = context(k, &k->server, FG_TLS_SERVER, w);
    k->client_ctx = context(k, w->no_client_cert ? NULL : &k->client, FG_TLS_CLIENT, w);
}

static void kit_close(struct tls_kit *k)
{
    fg_tls_ctx_put(k->server_ctx);
    fg_tls_ctx_put(k->client_ctx);
    X509_STORE_free(k->store);
    made_free(&k->ca);
    made_free(&k->other_ca);
    made_free(&k->server);
    made_free(&k->client);
}

static void both_start(struct pair *p, const struct tls_kit *k)
{
    assert_int_equal(
        fg_conn_start_tls(p->server.conn, &(struct fg_tls_params){.ctx = k->server_ctx}), 0);
    assert_int_equal(
        fg_conn_start_tls(p->client.conn, &(struct fg_tls_params){.ctx = k->client_ctx,
                                                                  .sni = "a.example",
                                                                  .alpn = "xmpp-server"}),
        0);
}

static void tls_mutual(void **state)
{
    (void)state;
    struct tls_kit k;
    kit_open(&k, &(struct kit_wish){.client_eku = "serverAuth"});
    struct pair p = {0};
    pair_open(&p);
    both_start(&p, &k);
    /* Written before the handshake is through: goes inside it. */
    assert_int_equal(fg_conn_write(p.client.conn, "early", 5), 0);
    UNTIL(&p, p.client.seen[FG_CONN_TLS_READY] && p.server.seen[FG_CONN_TLS_READY]);
    assert_string_equal(fg_conn_tls_version(p.client.conn), "TLSv1.3");
    assert_non_null(fg_conn_tls_cipher(p.client.conn));
    assert_int_equal(fg_conn_verify_result(p.client.conn), X509_V_OK);
    assert_int_equal(fg_conn_verify_result(p.server.conn), X509_V_OK);
    assert_true(fg_cert_names_xmpp_domain(fg_conn_peer_cert(p.server.conn), "b.example"));
    assert_true(fg_cert_names_xmpp_domain(fg_conn_peer_cert(p.client.conn), "a.example"));
    const unsigned char *alpn;
    unsigned alpn_len;
    SSL_get0_alpn_selected(fg_conn_ssl(p.client.conn), &alpn, &alpn_len);
    assert_int_equal(alpn_len, strlen("xmpp-server"));
    assert_string_equal(SSL_get_servername(fg_conn_ssl(p.server.conn), TLSEXT_NAMETYPE_host_name),
                        "a.example");
    UNTIL(&p, p.server.got.len == 5);
    size_t size = 3 << 20;
    char *big = malloc(size);
    for (size_t i = 0; i < size; i++) big[i] = (char)(i * 7);
    assert_int_equal(fg_conn_write(p.server.conn, big, size), 0);
    UNTIL(&p, p.client.got.len == size);
    assert_memory_equal(fg_buf_data(&p.client.got), big, size);
    free(big);
    fg_conn_close(p.client.conn);
    p.client.conn = NULL;
    UNTIL(&p, p.server.seen[FG_CONN_CLOSED]);
    assert_int_equal(p.server.failure, FG_FAIL_NONE);
    pair_close(&p);
    kit_close(&k);
}

/* The handshake goes through, and the verdict on the certificate is there to be asked. */
static void tls_verdicts(void **state)
{
    (void)state;
    static const struct {
        struct kit_wish wish;
        enum fg_failure verdict;
        bool present;
    } rows[] = {
        {{.client_eku = NULL}, FG_FAIL_NONE, true},
        {{.client_eku = "serverAuth"}, FG_FAIL_NONE, true},
        {{.client_eku = "clientAuth"}, FG_FAIL_CERT_PURPOSE, true},
        {{.client_eku = "serverAuth", .client_expired = true}, FG_FAIL_CERT_EXPIRED, true},
        {{.client_eku = "serverAuth", .client_other_ca = true}, FG_FAIL_CERT_UNTRUSTED, true},
        {{.no_client_cert = true}, FG_FAIL_NONE, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tls_kit k;
        kit_open(&k, &rows[i].wish);
        struct pair p = {0};
        pair_open(&p);
        both_start(&p, &k);
        UNTIL(&p, p.client.seen[FG_CONN_TLS_READY] && p.server.seen[FG_CONN_TLS_READY]);
        assert_int_equal(fg_conn_peer_cert(p.server.conn) != NULL, rows[i].present);
        if (fg_cert_failure(fg_conn_verify_result(p.server.conn)) != rows[i].verdict)
            fail_msg("row %zu: %d", i, fg_conn_verify_result(p.server.conn));
        pair_close(&p);
        kit_close(&k);
    }
}

/* The inner side: no certificate or a wrong one ends the handshake. */
static void tls_required(void **state)
{
    (void)state;
    static const struct kit_wish rows[] = {
        {.require = true, .no_client_cert = true},
        {.require = true, .client_eku = "clientAuth", .client_other_ca = true},
        {.require = true, .client_eku = "clientAuth", .client_expired = true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tls_kit k;
        kit_open(&k, &rows[i]);
        struct pair p = {0};
        pair_open(&p);
        both_start(&p, &k);
        UNTIL(&p, p.server.seen[FG_CONN_ERROR] && p.client.seen[FG_CONN_ERROR]);
        assert_int_equal(p.server.seen[FG_CONN_TLS_READY], 0);
        assert_int_equal(p.client.failure, FG_FAIL_TLS_HANDSHAKE);
        assert_true(p.server.failure != FG_FAIL_NONE);
        pair_close(&p);
        kit_close(&k);
    }
}

static void tls_server_unverified(void **state)
{
    (void)state;
    struct tls_kit k;
    kit_open(&k, &(struct kit_wish){.server_other_ca = true, .verify_hard = true});
    struct pair p = {0};
    pair_open(&p);
    both_start(&p, &k);
    UNTIL(&p, p.client.seen[FG_CONN_ERROR]);
    assert_int_equal(p.client.failure, FG_FAIL_CERT_UNTRUSTED);
    pair_close(&p);
    kit_close(&k);
}

static void tls_version(void **state)
{
    (void)state;
    struct tls_kit k;
    kit_open(&k, &(struct kit_wish){.client_preset = "modern"});
    SSL_CTX_set_max_proto_version(fg_tls_ctx_ssl(k.server_ctx), TLS1_2_VERSION);
    struct pair p = {0};
    pair_open(&p);
    both_start(&p, &k);
    UNTIL(&p, p.client.seen[FG_CONN_ERROR] && p.server.seen[FG_CONN_ERROR]);
    assert_int_equal(p.client.failure, FG_FAIL_TLS_HANDSHAKE);
    assert_int_equal(p.server.failure, FG_FAIL_TLS_HANDSHAKE);
    pair_close(&p);
    kit_close(&k);
}

static void answer_proceed(struct end *e, enum fg_conn_event ev);
static const struct tls_kit *proceed_kit;

static void starttls(void **state)
{
    (void)state;
    struct tls_kit k;
    kit_open(&k, &(struct kit_wish){0});
    proceed_kit = &k;
    struct pair p = {0};
    pair_open(&p);
    p.server.on = answer_proceed;
    assert_int_equal(fg_conn_write(p.client.conn, "start", 5), 0);
    UNTIL(&p, p.client.got.len == 7);
    assert_int_equal(fg_conn_start_tls(p.client.conn, &(struct fg_tls_params){.ctx = k.client_ctx}),
                     0);
    UNTIL(&p, p.client.seen[FG_CONN_TLS_READY] && p.server.seen[FG_CONN_TLS_READY]);
    UNTIL(&p, p.client.got.len == 13);
    assert_memory_equal(fg_buf_data(&p.client.got), "proceedinside", 13);
    pair_close(&p);
    kit_close(&k);
}

/* "proceed" leaves in clear, what is written after fg_conn_start_tls leaves inside. */
static void answer_proceed(struct end *e, enum fg_conn_event ev)
{
    if (ev != FG_CONN_DATA || e->got.len != 5) return;
    assert_int_equal(fg_conn_write(e->conn, "proceed", 7), 0);
    assert_int_equal(
        fg_conn_start_tls(e->conn, &(struct fg_tls_params){.ctx = proceed_kit->server_ctx}), 0);
    assert_int_equal(fg_conn_write(e->conn, "inside", 6), 0);
}

static void leftover_plaintext(void **state)
{
    (void)state;
    struct tls_kit k;
    kit_open(&k, &(struct kit_wish){0});
    struct pair p = {0};
    pair_open(&p);
    p.server.keep = true;
    assert_int_equal(fg_conn_write(p.client.conn, "<starttls/><evil/>", 18), 0);
    UNTIL(&p, p.server.seen[FG_CONN_DATA]);
    fg_buf_consume(fg_conn_input(p.server.conn), 11);
    assert_int_equal(fg_conn_start_tls(p.server.conn, &(struct fg_tls_params){.ctx = k.server_ctx}),
                     EPROTO);
    assert_false(fg_conn_is_tls(p.server.conn));
    /* Plaintext in place of a handshake fails it. */
    fg_buf_reset(fg_conn_input(p.server.conn));
    assert_int_equal(fg_conn_start_tls(p.server.conn, &(struct fg_tls_params){.ctx = k.server_ctx}),
                     0);
    assert_int_equal(fg_conn_write(p.client.conn, "<message/>", 10), 0);
    UNTIL(&p, p.server.seen[FG_CONN_ERROR]);
    assert_int_equal(p.server.failure, FG_FAIL_TLS_HANDSHAKE);
    pair_close(&p);
    kit_close(&k);
}

/* ---- dialling and addresses ---- */

struct dialed {
    struct fg_conn *conn;
    enum fg_failure why;
    bool done;
};

static void on_dialed(struct fg_conn *c, const struct fg_endpoint *ep, enum fg_failure why,
                      void *arg)
{
    struct dialed *d = arg;
    assert_int_equal(c != NULL, ep != NULL);
    d->conn = c;
    d->why = why;
    d->done = true;
}

static struct fg_endpoint endpoint(uint16_t port)
{
    struct fg_endpoint ep = {.addr_len = sizeof(struct sockaddr_in)};
    struct sockaddr_in sa = loopback(port);
    memcpy(&ep.addr, &sa, sizeof sa);
    return ep;
}

static void dialling(void **state)
{
    (void)state;
    struct pair p = {0};
    pair_open(&p);
    fg_conn_close(p.server.conn);
    p.server.conn = NULL;
    int closed = fg_listen_open("127.0.0.1:0", false);
    struct sockaddr_in sa;
    socklen_t len = sizeof sa;
    getsockname(closed, (struct sockaddr *)&sa, &len); /* bound, not listening: refuses */
    struct fg_endpoint list[] = {endpoint(ntohs(sa.sin_port)),
                                 endpoint(fg_acceptor_port(p.acceptor))};
    struct dialed d = {0};
    struct fg_dial *dial;
    assert_int_equal(fg_dial_start(&dial, p.net, list, 2, 0, NULL, on_dialed, &d), 0);
    assert_false(d.done);
    UNTIL(&p, d.done);
    assert_non_null(d.conn);
    fg_conn_close(d.conn);
    d = (struct dialed){0};
    assert_int_equal(fg_dial_start(&dial, p.net, list, 1, 0, NULL, on_dialed, &d), 0);
    UNTIL(&p, d.done);
    assert_null(d.conn);
    assert_int_equal(d.why, FG_FAIL_CONNECT_REFUSED);
    assert_int_equal(fg_dial_start(&dial, p.net, list, 1, 0, NULL, on_dialed, &d), 0);
    fg_dial_cancel(dial);
    close(closed);
    pair_close(&p);
}

static void addresses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int err;
    } rows[] = {
        {"127.0.0.1:5269", 0},    {"[::]:5269", 0},        {"[2001:db8::1]:0", 0},
        {"::1:5269", EINVAL},     {"localhost:1", EINVAL}, {"127.0.0.1", EINVAL},
        {"127.0.0.1:", EINVAL},   {":5269", EINVAL},       {"127.0.0.1:65536", EINVAL},
        {"127.0.0.1:-1", EINVAL}, {"[::]:5269x", EINVAL},  {"[]:1", EINVAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sockaddr_storage sa;
        socklen_t len;
        assert_int_equal(fg_listen_address(rows[i].text, &sa, &len), rows[i].err);
        char text[FG_ADDR_TEXT];
        if (!rows[i].err)
            assert_string_equal(fg_addr_text(text, (struct sockaddr *)&sa), rows[i].text);
    }
    struct sockaddr_in v4 = loopback(1);
    struct sockaddr_in6 mapped = {.sin6_family = AF_INET6, .sin6_port = htons(2)};
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
    assert_true(fg_addr_same_host((struct sockaddr *)&v4, (struct sockaddr *)&mapped));
    v4.sin_addr.s_addr ^= 1;
    assert_false(fg_addr_same_host((struct sockaddr *)&v4, (struct sockaddr *)&mapped));
}

/* All addresses and one of them at once, in both orders; a stranger's port is refused. */
static void overlapping_listeners(void **state)
{
    (void)state;
    struct pair p = {0};
    pair_open(&p);
    char all[32], one[32];
    snprintf(all, sizeof all, "[::]:%u", fg_acceptor_port(p.acceptor));
    snprintf(one, sizeof one, "127.0.0.2:%u", fg_acceptor_port(p.acceptor));
    int a = fg_listen_open(all, false), b = fg_listen_open(one, false);
    assert_true(a >= 0);
    assert_true(b >= 0);
    close(a);
    close(b);
    int stranger = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in sa = loopback(0);
    socklen_t len = sizeof sa;
    assert_int_equal(bind(stranger, (struct sockaddr *)&sa, len), 0);
    assert_int_equal(listen(stranger, 1), 0);
    getsockname(stranger, (struct sockaddr *)&sa, &len);
    snprintf(one, sizeof one, "127.0.0.1:%u", ntohs(sa.sin_port));
    assert_int_equal(fg_listen_open(one, false), -EADDRINUSE);
    assert_int_equal(fg_listen_open("nonsense", false), -EINVAL);
    close(stranger);
    pair_close(&p);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clear),
        cmocka_unit_test(deadline),
        cmocka_unit_test(refused),
        cmocka_unit_test(close_inside_data),
        cmocka_unit_test(back_pressure),
        cmocka_unit_test(input_limit),
        cmocka_unit_test(flush_close),
        cmocka_unit_test(tls_mutual),
        cmocka_unit_test(tls_verdicts),
        cmocka_unit_test(tls_required),
        cmocka_unit_test(tls_server_unverified),
        cmocka_unit_test(tls_version),
        cmocka_unit_test(starttls),
        cmocka_unit_test(leftover_plaintext),
        cmocka_unit_test(dialling),
        cmocka_unit_test(addresses),
        cmocka_unit_test(overlapping_listeners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
