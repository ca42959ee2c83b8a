/* Outbound streams against exact peers: negotiation as initiating server, the queue of a domain
 * pair, reconnecting, and what a new configuration does to both. */
#include "tests/wire/lab.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/x509v3.h>

#include "gateway/xmpp/dialback_key.h"

#define TLS_NS   "urn:ietf:params:xml:ns:xmpp-tls"
#define SASL_NS  "urn:ietf:params:xml:ns:xmpp-sasl"
#define STARTTLS "<starttls xmlns='" TLS_NS "'/>"
#define EXTERNAL "<mechanisms xmlns='" SASL_NS "'><mechanism>EXTERNAL</mechanism></mechanisms>"
#define DIALBACK "<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>"

struct fixture {
    struct lab *lab;
    int listener;
    struct lab_partner partner;
    struct lab_config config;
    struct lab_cert *cert, *other;
    SSL_CTX *ctx, *other_ctx;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    uint16_t port;
    f->listener = peer_listen(&port);
    f->partner = (struct lab_partner){.domain = "b.example",
                                      .tls = FG_REQUIRED,
                                      .sasl = FG_OPTIONAL,
                                      .dialback = true,
                                      .port = port};
    f->config = (struct lab_config){.partners = &f->partner, .n_partners = 1};
    f->lab = lab_new(&f->config);
    f->cert = lab_cert_new(lab_ca(f->lab), "b.example", 5);
    f->other = lab_cert_new(lab_ca(f->lab), "c.example", 5);
    f->ctx = lab_peer_ctx(f->cert, true);
    f->other_ctx = lab_peer_ctx(f->other, true);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    lab_free(f->lab);
    close(f->listener);
    SSL_CTX_free(f->ctx);
    SSL_CTX_free(f->other_ctx);
    lab_cert_free(f->cert);
    lab_cert_free(f->other);
    free(f);
    return 0;
}

static void terms(struct fixture *f, enum fg_need tls, enum fg_need sasl, bool dialback)
{
    f->partner.tls = tls;
    f->partner.sasl = sasl;
    f->partner.dialback = dialback;
    lab_apply(f->lab, &f->config);
}

static void send_id(struct fixture *f, const char *id)
{
    assert_int_equal(lab_send(f->lab, "a.example", "b.example", id, 15000), 0);
}

/* Header and features of a peer that offers `features`. */
static struct peer *serve(struct fixture *f, const char *features)
{
    struct peer *p = peer_accept(f->listener);
    peer_answer(p, "b.example", "a.example", "id1", true);
    peer_send(p, "<stream:features>%s</stream:features>", features);
    return p;
}

static void serve_tls(struct peer *p, SSL_CTX *ctx, const char *features)
{
    peer_expect(p, STARTTLS);
    peer_send(p, "<proceed xmlns='" TLS_NS "'/>");
    assert_true(peer_tls(p, ctx, true, NULL));
    peer_answer(p, "b.example", "a.example", "id2", true);
    peer_send(p, "<stream:features>%s</stream:features>", features);
}

static void serve_external(struct peer *p)
{
    peer_expect(p, "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'>YS5leGFtcGxl</auth>");
    peer_send(p, "<success xmlns='" SASL_NS "'/>");
    peer_answer(p, "b.example", "a.example", "id3", false);
    peer_send(p, "<stream:features/>");
}

static struct peer *serve_open(struct fixture *f)
{
    struct peer *p = serve(f, "<starttls xmlns='" TLS_NS "'><required/></starttls>");
    serve_tls(p, f->ctx, EXTERNAL DIALBACK);
    serve_external(p);
    return p;
}

/* Dialback in clear, up to `valid`. */
static struct peer *serve_clear(struct fixture *f)
{
    char key[FG_DIALBACK_KEY_SIZE], want[300];
    struct peer *p = serve(f, DIALBACK);
    fg_dialback_key("lab secret", "b.example", "a.example", "id1", key);
    snprintf(want, sizeof want, "from='a.example' to='b.example'>%s</db:result>", key);
    peer_expect(p, want);
    peer_send(p, "<db:result from='b.example' to='a.example' type='valid'/>");
    return p;
}

/* The whole way by EXTERNAL: SNI and certificate of ours, no `starttls` again inside TLS (14), the
 * stanza byte for byte, its outcome once the kernel has it. */
static void test_external(void **state)
{
    struct fixture *f = *state;
    send_id(f, "m1");
    struct peer *p = serve(f, "<starttls xmlns='" TLS_NS "'><required/></starttls>");
    serve_tls(p, f->ctx, "<starttls xmlns='" TLS_NS "'/>" EXTERNAL);
    assert_string_equal(SSL_get_servername(p->ssl, TLSEXT_NAMETYPE_host_name), "b.example");
    X509 *ours = SSL_get0_peer_certificate(p->ssl);
    assert_non_null(ours);
    assert_int_equal(X509_check_host(ours, "a.example", 0, 0, NULL), 1);
    serve_external(p);
    peer_expect(p, "<message from='juliet@a.example' to='romeo@b.example' "
                   "id='m1'><body>hello</body></message>");
    assert_int_equal(lab_outcome(f->lab, "m1"), FG_FAIL_NONE);
    assert_int_equal(lab_counters(f->lab).open_out, 1);
    peer_free(p);
}

static void expect_numbers(struct peer *p, int from, int to)
{
    char want[32];
    for (int i = from; i < to; i++) {
        snprintf(want, sizeof want, "id='n%d'", i);
        peer_expect(p, want);
    }
}

/* Many stanzas, before and after the stream stands, in order, each with exactly one outcome. */
static void test_order(void **state)
{
    enum { BEFORE = 20, ALL = 200 };
    struct fixture *f = *state;
    char id[32];
    struct peer *p = NULL;
    for (int i = 0; i < ALL; i++) {
        if (i == BEFORE) p = serve_open(f);
        snprintf(id, sizeof id, "n%d", i);
        send_id(f, id);
    }
    expect_numbers(p, 0, ALL);
    for (int i = 0; i < ALL; i++) {
        snprintf(id, sizeof id, "n%d", i);
        assert_int_equal(lab_outcome(f->lab, id), FG_FAIL_NONE);
        assert_int_equal(lab_outcomes(f->lab, id), 1);
    }
    peer_free(p);
}

/* 10: plaintext behind <proceed/>. */
static void test_injection(void **state)
{
    struct fixture *f = *state;
    send_id(f, "m1");
    struct peer *p = serve(f, STARTTLS DIALBACK);
    peer_expect(p, STARTTLS);
    peer_send(p, "<proceed xmlns='" TLS_NS "'/><stream:features>" DIALBACK "</stream:features>");
    peer_expect_eof(p);
    assert_null(strstr(p->buf, "db:result"));
    assert_int_equal(lab_outcome(f->lab, "m1"), FG_FAIL_STREAM_PROTOCOL);
    peer_free(p);
}

/* 13: a peer that hides STARTTLS is asked for it all the same; nothing goes in clear. */
static void test_stripped_tls(void **state)
{
    struct fixture *f = *state;
    send_id(f, "m1");
    struct peer *p = serve(f, DIALBACK);
    peer_expect_without(p, STARTTLS, "db:result");
    peer_send(p, "<failure xmlns='" TLS_NS "'/></stream:stream>");
    peer_expect_eof(p);
    assert_int_equal(lab_outcome(f->lab, "m1"), FG_FAIL_TLS_NOT_OFFERED);
    peer_free(p);
}

/* TLS is forbidden by our settings and demanded by the peer. */
static void test_tls_demanded(void **state)
{
    struct fixture *f = *state;
    terms(f, FG_NOT_SUPPORTED, FG_NOT_SUPPORTED, true);
    send_id(f, "m1");
    struct peer *p = serve(f, "<starttls xmlns='" TLS_NS "'><required/></starttls>");
    peer_expect_error(p, "unsupported-feature");
    assert_int_equal(lab_outcome(f->lab, "m1"), FG_FAIL_TLS_REQUIRED_BY_PEER);
    peer_free(p);
}

/* A handshake that fails is never followed by an attempt in clear, however optional TLS is. */
static void test_no_downgrade(void **state)
{
    struct fixture *f = *state;
    terms(f, FG_OPTIONAL, FG_OPTIONAL, true);
    send_id(f, "m1");
    struct peer *p = serve(f, STARTTLS DIALBACK);
    peer_expect(p, STARTTLS);
    peer_send(p, "<proceed xmlns='" TLS_NS "'/>");
    peer_send(p, "no TLS here, but enough bytes to look like a broken record");
    peer_expect_eof(p);
    assert_null(strstr(p->buf, "db:result"));
    assert_int_equal(lab_outcome(f->lab, "m1"), FG_FAIL_TLS_HANDSHAKE);
    peer_free(p);
    send_id(f, "m2");
    p = serve(f, STARTTLS DIALBACK);
    peer_expect_without(p, STARTTLS, "db:result");
    peer_free(p);
}

/* 32: EXTERNAL refused: row 2 ends, row 7 goes on with dialback on the same stream. */
static void test_external_refused(void **state)
{
    struct fixture *f = *state;
    send_id(f, "m1");
    struct peer *p = serve(f, STARTTLS);
    serve_tls(p, f->ctx, EXTERNAL DIALBACK);
    peer_expect(p, "<auth ");
    peer_send(p, "<failure xmlns='" SASL_NS "'><not-authorized/></failure>");
    peer_expect(p, "</db:result>");
    peer_send(p, "<db:result from='b.example' to='a.example' type='valid'/>");
    peer_expect(p, "id='m1'");
    assert_int_equal(lab_outcome(f->lab, "m1"), FG_FAIL_NONE);
    peer_free(p);
    terms(f, FG_REQUIRED, FG_REQUIRED, false);
    lab_wait_streams(f->lab, NULL, 0);
    send_id(f, "m2");
    p = serve(f, STARTTLS);
    serve_tls(p, f->ctx, EXTERNAL DIALBACK);
    peer_expect(p, "<auth ");
    peer_send(p, "<failure xmlns='" SASL_NS "'><not-authorized/></failure>");
    peer_expect_without(p, "</stream:stream>", "db:result");
    assert_int_equal(lab_outcome(f->lab, "m2"), FG_FAIL_EXTERNAL_REFUSED);
    peer_free(p);
}

/* A peer whose certificate proves nothing: strict rows end, others authenticate by dialback alone.
 */
static void test_peer_certificate(void **state)
{
    struct fixture *f = *state;
    terms(f, FG_REQUIRED, FG_REQUIRED, false);
    send_id(f, "m1");
    struct peer *p = serve(f, STARTTLS);
    serve_tls(p, f->other_ctx, EXTERNAL DIALBACK);
    peer_expect_error(p, "policy-violation");
    assert_int_equal(lab_outcome(f->lab, "m1"), FG_FAIL_CERT_NAME_MISMATCH);
    peer_free(p);
    terms(f, FG_REQUIRED, FG_OPTIONAL, true);
    send_id(f, "m2");
    p = serve(f, STARTTLS);
    serve_tls(p, f->other_ctx, EXTERNAL DIALBACK);
    peer_expect_without(p, "</db:result>", "<auth");
    peer_free(p);
}

/* 44: the answers to our key other than valid. */
static void test_dialback_answers(void **state)
{
    struct fixture *f = *state;
    terms(f, FG_NOT_SUPPORTED, FG_NOT_SUPPORTED, true);
    send_id(f, "invalid");
    struct peer *p = serve(f, DIALBACK);
    peer_expect(p, "</db:result>");
    peer_send(p, "<db:result from='c.example' to='a.example' type='valid'/>"
                 "<db:result from='b.example' to='a.example' type='invalid'/>");
    peer_expect_without(p, "</stream:stream>", "<message");
    assert_int_equal(lab_outcome(f->lab, "invalid"), FG_FAIL_DIALBACK_INVALID);
    peer_free(p);
    send_id(f, "error");
    p = serve(f, DIALBACK);
    peer_expect(p, "</db:result>");
    peer_send(p, "<db:result from='b.example' to='a.example' type='error'><error type='cancel'>"
                 "<remote-server-not-found "
                 "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:result>");
    peer_expect_without(p, "</stream:stream>", "<message");
    assert_int_equal(lab_outcome(f->lab, "error"), FG_FAIL_DIALBACK_REFUSED);
    peer_free(p);
}

static void impatient(struct fg_settings *s)
{
    s->stream_establishment_timeout_s = 1;
}

/* 44: silence. */
static void test_dialback_silence(void **state)
{
    struct fixture *f = *state;
    f->config.tune = impatient;
    terms(f, FG_NOT_SUPPORTED, FG_NOT_SUPPORTED, true);
    send_id(f, "m1");
    struct peer *p = serve(f, DIALBACK);
    peer_expect(p, "</db:result>");
    peer_expect_error(p, "connection-timeout");
    assert_int_equal(lab_outcome(f->lab, "m1"), FG_FAIL_DIALBACK_TIMEOUT);
    peer_free(p);
}

/* 46: another local domain to the same peer gets a stream of its own. */
static void test_second_pair(void **state)
{
    struct fixture *f = *state;
    terms(f, FG_NOT_SUPPORTED, FG_NOT_SUPPORTED, true);
    send_id(f, "m1");
    struct peer *p = serve_clear(f);
    peer_expect(p, "id='m1'");
    assert_int_equal(lab_send(f->lab, "a2.example", "b.example", "m2", 15000), 0);
    struct peer *q = peer_accept(f->listener);
    peer_expect(q, "from='a2.example'");
    peer_free(q);
    peer_free(p);
}

/* 58: refusal of the connection is answered at once, and is no reason to try for ever. */
static void test_refused(void **state)
{
    struct fixture *f = *state;
    f->partner.port = 1;
    lab_apply(f->lab, &f->config);
    send_id(f, "m1");
    assert_int_equal(lab_outcome(f->lab, "m1"), FG_FAIL_CONNECT_REFUSED);
}

static void retry(struct fg_s2s *s, void *arg)
{
    *(int *)arg = fg_s2s_retry(s, "b.example");
}

static int retry_now(struct fixture *f)
{
    int err = -1;
    lab_run(f->lab, retry, &err);
    return err;
}

/* After failures the next attempt waits for its time; asked for, it is made at once, and a stream
 * that stands is left alone. */
static void test_retry(void **state)
{
    struct fixture *f = *state;
    uint16_t port = f->partner.port;
    f->partner.port = 1;
    terms(f, FG_NOT_SUPPORTED, FG_NOT_SUPPORTED, true);
    assert_int_equal(retry_now(f), 0); /* before any pair: the first of our domains */
    lab_event(f->lab, "connect_refused");
    f->partner.port = port;
    lab_apply(f->lab, &f->config);
    for (int i = 0; i < 12; i++) { /* failures in a row: the distance has grown to its most */
        assert_int_equal(retry_now(f), 0);
        struct peer *p = serve(f, DIALBACK);
        peer_expect(p, "</db:result>");
        peer_send(p, "<db:result from='b.example' to='a.example' type='invalid'/>");
        peer_expect_eof(p);
        peer_free(p);
    }
    assert_int_equal(retry_now(f), 0);
    struct peer *p = serve_clear(f);
    lab_wait_streams(f->lab, "open", 1);
    assert_int_equal(retry_now(f), 0);
    send_id(f, "m1");
    peer_expect(p, "id='m1'");
    assert_true(peer_nobody(f->listener));
    peer_free(p);
    f->partner.state = FG_PARTNER_SUSPENDED;
    lab_apply(f->lab, &f->config);
    assert_int_equal(retry_now(f), ENOENT);
}

/* What waits for the end of a back-off goes at once. */
static void test_retry_with_a_queue(void **state)
{
    struct fixture *f = *state;
    terms(f, FG_NOT_SUPPORTED, FG_NOT_SUPPORTED, true);
    for (int i = 0; i < 7; i++) { /* from the fourth on at least 4 s apart, if nobody asked */
        assert_int_equal(retry_now(f), 0);
        struct peer *p = serve(f, DIALBACK);
        peer_expect(p, "</db:result>");
        peer_send(p, "<db:result from='b.example' to='a.example' type='invalid'/>");
        peer_expect_eof(p);
        peer_free(p);
    }
    send_id(f, "m1");
    assert_true(peer_nobody(f->listener));
    assert_int_equal(retry_now(f), 0);
    struct peer *p = serve_clear(f);
    peer_expect(p, "id='m1'");
    assert_int_equal(lab_outcome(f->lab, "m1"), FG_FAIL_NONE);
    peer_free(p);
}

/* Who is no partner, and whose domain is not ours, is told so at once. */
static void test_not_for_us(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(lab_send(f->lab, "a.example", "stranger.example", "x", 0), EHOSTUNREACH);
    assert_int_equal(lab_send(f->lab, "z.example", "b.example", "y", 0), EHOSTUNREACH);
    f->partner.state = FG_PARTNER_SUSPENDED;
    lab_apply(f->lab, &f->config);
    assert_int_equal(lab_send(f->lab, "a.example", "b.example", "z", 0), EHOSTUNREACH);
    assert_true(peer_nobody(f->listener));
    assert_false(lab_has_outcome(f->lab, "x"));
}

static void short_queue(struct fg_settings *s)
{
    s->limits.queue_per_partner = 3;
}

/* The queue has a maximum; a deadline ends the wait. */
static void test_queue(void **state)
{
    struct fixture *f = *state;
    f->config.tune = short_queue;
    lab_apply(f->lab, &f->config);
    assert_int_equal(lab_send(f->lab, "a.example", "b.example", "q1", 300), 0);
    assert_int_equal(lab_send(f->lab, "a.example", "b.example", "q2", 300), 0);
    assert_int_equal(lab_send(f->lab, "a.example", "b.example", "q3", 15000), 0);
    assert_int_equal(lab_send(f->lab, "a.example", "b.example", "q4", 15000), ENOBUFS);
    assert_int_equal(lab_outcome(f->lab, "q1"), FG_FAIL_STREAM_TIMEOUT);
    assert_int_equal(lab_outcome(f->lab, "q2"), FG_FAIL_STREAM_TIMEOUT);
    struct peer *p = serve_open(f);
    peer_expect_without(p, "id='q3'", "id='q1'");
    assert_int_equal(lab_outcome(f->lab, "q3"), FG_FAIL_NONE);
    assert_false(lab_has_outcome(f->lab, "q4"));
    peer_free(p);
}

/* A peer that closes during set-up, or right after it, gets what was queued on the next stream. */
static void test_moody_peer(void **state)
{
    struct fixture *f = *state;
    terms(f, FG_NOT_SUPPORTED, FG_NOT_SUPPORTED, true);
    send_id(f, "m1");
    struct peer *p = serve(f, DIALBACK);
    peer_expect(p, "</db:result>");
    peer_send(p, "</stream:stream>");
    peer_expect_eof(p);
    peer_free(p);
    p = serve_clear(f);
    peer_expect(p, "id='m1'");
    assert_int_equal(lab_outcome(f->lab, "m1"), FG_FAIL_NONE);
    peer_send(p, "</stream:stream>");
    peer_expect_eof(p);
    peer_free(p);
    send_id(f, "m2");
    p = serve_clear(f);
    peer_expect_without(p, "id='m2'", "id='m1'");
    assert_int_equal(lab_outcomes(f->lab, "m1"), 1);
    peer_free(p);
}

/* A peer that stops reading: what the kernel has taken is done; once the time of the first of the
 * others is over the connection goes, and those with time left are sent on the next stream, in
 * order. Every item has one outcome, none is lost, none comes twice. */
static void test_stalled_peer(void **state)
{
    enum { COUNT = 200, PATIENT = 120, BODY = 100000 };
    struct fixture *f = *state;
    char id[32], want[32];
    terms(f, FG_NOT_SUPPORTED, FG_NOT_SUPPORTED, true);
    send_id(f, "first");
    struct peer *p = serve_clear(f);
    peer_expect(p, "id='first'");
    for (int i = 0; i < COUNT; i++) {
        snprintf(id, sizeof id, "s%d", i);
        assert_int_equal(
            lab_send_big(f->lab, "a.example", "b.example", id, i < PATIENT ? 1500 : 60000, BODY),
            0);
    }
    struct peer *q = serve_clear(f);
    unsigned written = 0, failed = 0;
    for (int i = 0; i < PATIENT; i++) {
        snprintf(id, sizeof id, "s%d", i);
        enum fg_failure why = lab_outcome(f->lab, id);
        written += why == FG_FAIL_NONE;
        failed += why != FG_FAIL_NONE;
    }
    assert_true(written > 0 && failed > 0);
    for (int i = PATIENT; i < COUNT; i++) {
        snprintf(want, sizeof want, "id='s%d'", i);
        peer_expect_without(q, want, "id='s0'");
        snprintf(id, sizeof id, "s%d", i);
        assert_int_equal(lab_outcome(f->lab, id), FG_FAIL_NONE);
    }
    for (int i = 0; i < COUNT; i++) {
        snprintf(id, sizeof id, "s%d", i);
        assert_int_equal(lab_outcomes(f->lab, id), 1);
    }
    peer_free(p);
    peer_free(q);
}

/* A peer that ends the stream in peace while much is on its way to it: what it still takes is not
 * sent a second time on the next stream. */
static void test_peer_ends_under_load(void **state)
{
    enum { COUNT = 100, BODY = 200000 };
    struct fixture *f = *state;
    char id[32], want[32], before[32];
    terms(f, FG_NOT_SUPPORTED, FG_NOT_SUPPORTED, true);
    send_id(f, "first");
    struct peer *p = serve_clear(f);
    peer_expect(p, "id='first'");
    peer_expect(p, "</message>");
    for (int i = 0; i < COUNT; i++) {
        snprintf(id, sizeof id, "s%d", i);
        assert_int_equal(lab_send_big(f->lab, "a.example", "b.example", id, 60000, BODY), 0);
    }
    assert_false(lab_has_outcome(f->lab, id));
    peer_send(p, "</stream:stream>");
    lab_wait_streams(f->lab, "open", 0);
    peer_expect_eof(p);
    assert_non_null(strstr(p->buf, "</message></stream:stream>"));
    int here = 0;
    for (const char *at = p->buf; (at = strstr(at, "</message>")); at++) here++;
    assert_true(here < COUNT);
    struct peer *q = serve_clear(f);
    snprintf(before, sizeof before, "id='s%d'", here - 1);
    for (int i = here; i < COUNT; i++) {
        snprintf(want, sizeof want, "id='s%d'", i);
        peer_expect_without(q, want, before);
    }
    for (int i = 0; i < COUNT; i++) {
        snprintf(id, sizeof id, "s%d", i);
        assert_int_equal(lab_outcome(f->lab, id), FG_FAIL_NONE);
        assert_int_equal(lab_outcomes(f->lab, id), 1);
    }
    peer_free(p);
    peer_free(q);
}

/* 63: TLS optional -> required while a clear stream is up: reset, then a new stream with TLS, and
 * the messages arrive. */
static void test_tightened(void **state)
{
    struct fixture *f = *state;
    terms(f, FG_OPTIONAL, FG_OPTIONAL, true);
    send_id(f, "m1");
    struct peer *p = serve_clear(f);
    peer_expect(p, "id='m1'");
    terms(f, FG_REQUIRED, FG_OPTIONAL, true);
    send_id(f, "m2");
    struct peer *q = serve_open(f);
    peer_expect_without(p, "<stream:error><reset ", "id='m2'");
    peer_expect(q, "id='m2'");
    assert_int_equal(lab_outcome(f->lab, "m2"), FG_FAIL_NONE);
    peer_free(p);
    peer_free(q);
}

/* Terms that change while the stream is being set up: it starts afresh with what waits. */
static void test_changed_during_set_up(void **state)
{
    struct fixture *f = *state;
    terms(f, FG_OPTIONAL, FG_OPTIONAL, true);
    send_id(f, "m1");
    struct peer *p = serve(f, DIALBACK);
    peer_expect(p, "</db:result>");
    terms(f, FG_REQUIRED, FG_OPTIONAL, true);
    peer_expect(p, "<stream:error><reset ");
    struct peer *q = serve_open(f);
    peer_expect(q, "id='m1'");
    assert_int_equal(lab_outcome(f->lab, "m1"), FG_FAIL_NONE);
    peer_free(p);
    peer_free(q);
}

/* An edit that does not touch the terms leaves the stream alone; a removed partner ends it and
 * fails what waits. */
static void test_removed(void **state)
{
    struct fixture *f = *state;
    send_id(f, "m1");
    struct peer *p = serve_open(f);
    peer_expect(p, "id='m1'");
    f->partner.connection_limit = 7;
    lab_apply(f->lab, &f->config);
    send_id(f, "m2");
    peer_expect_without(p, "id='m2'", "stream:error");
    f->config.n_partners = 0;
    lab_apply(f->lab, &f->config);
    peer_expect_error(p, "policy-violation");
    peer_free(p);
    f->config.n_partners = 1;
    lab_apply(f->lab, &f->config);
    send_id(f, "m3");
    p = serve(f, STARTTLS);
    f->config.n_partners = 0;
    lab_apply(f->lab, &f->config);
    assert_int_equal(lab_outcome(f->lab, "m3"), FG_FAIL_PARTNER_REMOVED);
    peer_free(p);
}

static void eager(struct fg_settings *s)
{
    s->keepalive_interval_s = 1;
    s->stream_inactivity_timeout_s = 100;
}

/* 55: a ping after silence; an answer on a stream of the peer's own keeps the stream, none ends it.
 */
static void test_keepalive(void **state)
{
    struct fixture *f = *state;
    f->config.tune = eager;
    f->partner.keepalive = true;
    terms(f, FG_OPTIONAL, FG_OPTIONAL, true);
    send_id(f, "m1");
    struct peer *p = serve_open(f);
    peer_expect(p, "id='m1'");
    peer_expect(p, "<iq type='get' from='a.example' to='b.example' id='");
    char id[64];
    peer_take(p, id, sizeof id, '\'');
    SSL_CTX *ctx = lab_peer_ctx(f->cert, false);
    struct peer *in = peer_connect(lab_port(f->lab));
    peer_open(in, "b.example", "a.example");
    peer_expect(in, "</stream:features>");
    peer_starttls(in, ctx);
    peer_open(in, "b.example", "a.example");
    peer_expect(in, "</stream:features>");
    peer_send(in, "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'>=</auth>");
    peer_expect(in, "<success");
    peer_open(in, "b.example", "a.example");
    peer_expect(in, "</stream:features>");
    peer_send(in, "<iq type='result' from='b.example' to='a.example' id='%s'/>", id);
    peer_expect(p, "<iq type='get' "); /* the next one: the first was answered in time */
    peer_expect_error(p, "connection-timeout");
    assert_int_equal(lab_stanzas(f->lab), 0); /* the answer was ours, not the bridge's */
    peer_free(in);
    peer_free(p);
    SSL_CTX_free(ctx);
}

/* Graceful stop: what was written leaves, what waits is answered. */
static void test_shutdown(void **state)
{
    struct fixture *f = *state;
    send_id(f, "m1");
    struct peer *p = serve_open(f);
    peer_expect(p, "id='m1'");
    assert_int_equal(lab_send(f->lab, "a2.example", "b.example", "m2", 15000), 0);
    lab_start_shutdown(f->lab);
    assert_int_equal(lab_outcome(f->lab, "m2"), FG_FAIL_SHUTDOWN);
    assert_int_equal(lab_send(f->lab, "a.example", "b.example", "m3", 0), ESHUTDOWN);
    peer_expect(p, "<stream:error><system-shutdown ");
    peer_send(p, "</stream:stream>");
    lab_shutdown(f->lab);
    peer_free(p);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_external),
        T(test_order),
        T(test_injection),
        T(test_stripped_tls),
        T(test_tls_demanded),
        T(test_no_downgrade),
        T(test_external_refused),
        T(test_peer_certificate),
        T(test_dialback_answers),
        T(test_dialback_silence),
        T(test_second_pair),
        T(test_refused),
        T(test_retry),
        T(test_retry_with_a_queue),
        T(test_not_for_us),
        T(test_queue),
        T(test_moody_peer),
        T(test_stalled_peer),
        T(test_peer_ends_under_load),
        T(test_tightened),
        T(test_changed_during_set_up),
        T(test_removed),
        T(test_keepalive),
        T(test_shutdown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
