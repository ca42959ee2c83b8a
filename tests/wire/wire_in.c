/* Inbound streams against exact peers: headers, STARTTLS, SASL EXTERNAL, stanza checks, limits and
 * the ways a stream ends. The numbers are those of the project's list of wire cases. */
#include "tests/wire/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/x509v3.h>

#define TLS_NS  "urn:ietf:params:xml:ns:xmpp-tls"
#define SASL_NS "urn:ietf:params:xml:ns:xmpp-sasl"
#define PROLOG                                                                                     \
    "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' "

/* One lab for each test: a partner by certificate (row 2), one that may fall back (row 7), one in
 * clear (row 17), one with everything optional (row 9). */
static const struct lab_partner partners[] = {
    {.domain = "b.example", .tls = FG_REQUIRED, .sasl = FG_REQUIRED},
    {.domain = "seven.example", .tls = FG_REQUIRED, .sasl = FG_OPTIONAL, .dialback = true},
    {.domain = "clear.example",
     .tls = FG_NOT_SUPPORTED,
     .sasl = FG_NOT_SUPPORTED,
     .dialback = true},
    {.domain = "nine.example", .tls = FG_OPTIONAL, .sasl = FG_OPTIONAL, .dialback = true},
    {.domain = "thirteen.example", .tls = FG_REQUIRED, .sasl = FG_NOT_SUPPORTED, .dialback = true},
    {.domain = "gone.example",
     .tls = FG_OPTIONAL,
     .sasl = FG_OPTIONAL,
     .dialback = true,
     .state = FG_PARTNER_SUSPENDED},
};
static const struct lab_config standard = {partners, sizeof partners / sizeof *partners, NULL,
                                           false, false};

struct fixture {
    struct lab *lab;
    struct lab_cert *cert;  /* of b.example, seven.example, nine.example, thirteen.example */
    struct lab_cert *other; /* of c.example */
    SSL_CTX *ctx, *other_ctx;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->lab = lab_new(&standard);
    f->cert =
        lab_cert_new(lab_ca(f->lab), "b.example,seven.example,nine.example,thirteen.example", 5);
    f->other = lab_cert_new(lab_ca(f->lab), "c.example", 5);
    f->ctx = lab_peer_ctx(f->cert, false);
    f->other_ctx = lab_peer_ctx(f->other, false);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    lab_free(f->lab);
    SSL_CTX_free(f->ctx);
    SSL_CTX_free(f->other_ctx);
    lab_cert_free(f->cert);
    lab_cert_free(f->other);
    free(f);
    return 0;
}

static struct peer *dial(struct fixture *f)
{
    return peer_connect(lab_port(f->lab));
}

/* Up to the features inside TLS. */
static struct peer *dial_tls(struct fixture *f, const char *from, SSL_CTX *ctx)
{
    struct peer *p = dial(f);
    peer_open(p, from, "a.example");
    peer_expect(p, "</stream:features>");
    peer_starttls(p, ctx);
    peer_open(p, from, "a.example");
    peer_expect_header(p);
    return p;
}

static void authenticate(struct peer *p, const char *from)
{
    peer_expect(p, "<mechanism>EXTERNAL</mechanism>");
    peer_expect(p, "</stream:features>");
    peer_send(p, "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'>=</auth>");
    peer_expect(p, "<success xmlns='" SASL_NS "'/>");
    peer_open(p, from, "a.example");
    peer_expect_header(p);
    peer_expect(p, "<stream:features></stream:features>");
}

static struct peer *dial_open(struct fixture *f)
{
    struct peer *p = dial_tls(f, "b.example", f->ctx);
    authenticate(p, "b.example");
    return p;
}

/* 1: our header names both sides, has an id, a language and a version; features follow. */
static void test_header(void **state)
{
    struct peer *p = dial(*state);
    peer_open(p, "b.example", "a.example");
    peer_expect(p, " from='a.example' to='b.example' id='");
    peer_expect(p, " xml:lang='en' version='1.0'>");
    peer_expect(p, "<stream:features>");
    peer_free(p);
}

/* 2: without version no features and no version of ours; only where dialback in clear is allowed.
 */
static void test_no_version(void **state)
{
    struct peer *p = dial(*state);
    peer_send(p, PROLOG "from='clear.example' to='a.example'>");
    peer_expect(p, "<stream:stream");
    peer_expect_without(p, " xml:lang='en'>", "version");
    peer_send(p, "<message/>");
    peer_expect_without(p, "<stream:error>", "features");
    peer_free(p);
    p = dial(*state);
    peer_send(p, PROLOG "from='b.example' to='a.example'>");
    peer_expect_error(p, "policy-violation");
    peer_free(p);
}

/* 3: versions are pairs of integers. */
static void test_versions(void **state)
{
    static const char *const served[] = {"1.0", "1.10", "2.0", "11.3"};
    for (size_t i = 0; i < sizeof served / sizeof *served; i++) {
        struct peer *p = dial(*state);
        peer_send(p, PROLOG "from='b.example' to='a.example' version='%s'>", served[i]);
        peer_expect(p, "version='1.0'><stream:features>");
        peer_free(p);
    }
    struct peer *p = dial(*state);
    peer_send(p, PROLOG "from='clear.example' to='a.example' version='abc'>");
    peer_expect_without(p, "xml:lang='en'>", "version='1.0'>");
    peer_free(p);
}

/* 4: unknown or absent `to`: our header first, then host-unknown. */
static void test_unknown_host(void **state)
{
    struct peer *p = dial(*state);
    peer_open(p, "b.example", "unknown.example");
    peer_expect_header(p);
    peer_expect_error(p, "host-unknown");
    peer_free(p);
    p = dial(*state);
    peer_send(p, PROLOG "from='b.example' version='1.0'>");
    peer_expect_header(p);
    peer_expect_error(p, "host-unknown");
    peer_free(p);
}

/* 5: namespaces. */
static void test_namespaces(void **state)
{
    static const char *const bad[] = {
        "<stream:stream xmlns='jabber:server' xmlns:stream='http://example.org/' from='b.example' "
        "to='a.example' version='1.0'>",
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
        "from='b.example' to='a.example' version='1.0'>",
        "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' from='b.example' "
        "to='a.example'>",
        "<stream:error xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' "
        "to='a.example'>",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct peer *p = dial(*state);
        peer_send(p, "%s", bad[i]);
        peer_expect_header(p);
        peer_expect_error(p, "invalid-namespace");
        peer_free(p);
    }
    struct peer *p = dial(*state);
    peer_send(p, "<s:stream xmlns='jabber:server' xmlns:s='http://etherx.jabber.org/streams' "
                 "from='b.example' to='a.example' version='1.0'>");
    peer_expect(p, "</stream:features>");
    peer_send(p, "<x:message xmlns:x='jabber:server' from='u@b.example' to='v@a.example'/>");
    peer_expect_error(p, "bad-namespace-prefix");
    peer_free(p);
}

/* 6: any order, either quote, unknown attributes, byte by byte. */
static void test_slow_header(void **state)
{
    static const char header[] =
        "<?xml version=\"1.0\" encoding='utf-8'?>\n<stream:stream version=\"1.0\" x:y='z' "
        "xmlns:x='urn:example:x' to=\"A.Example.\" xmlns:stream='http://etherx.jabber.org/streams' "
        "from=\"B.EXAMPLE\" xmlns=\"jabber:server\">";
    struct peer *p = dial(*state);
    for (size_t i = 0; i < sizeof header - 1; i++) peer_write(p, header + i, 1);
    peer_expect(p, " from='a.example' to='b.example' ");
    peer_expect(p, "</stream:features>");
    peer_free(p);
}

/* 7: every document has an id of its own. */
static void test_ids(void **state)
{
    struct fixture *f = *state;
    char ids[4][128];
    for (int i = 0; i < 2; i++) {
        struct peer *p = dial(f);
        peer_open(p, "b.example", "a.example");
        peer_expect_header(p);
        snprintf(ids[2 * i], sizeof ids[0], "%s", p->id);
        peer_expect(p, "</stream:features>");
        peer_starttls(p, f->ctx);
        peer_open(p, "b.example", "a.example");
        peer_expect_header(p);
        snprintf(ids[2 * i + 1], sizeof ids[0], "%s", p->id);
        peer_free(p);
    }
    for (int i = 0; i < 4; i++) {
        assert_true(strlen(ids[i]) >= 16);
        for (int j = 0; j < i; j++) assert_string_not_equal(ids[i], ids[j]);
    }
}

/* 8: TLS required: the only feature; none of it inside TLS. */
static void test_required_features(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial(f);
    peer_open(p, "b.example", "a.example");
    peer_expect(p, "<stream:features><starttls xmlns='" TLS_NS
                   "'><required/></starttls></stream:features>");
    peer_starttls(p, f->ctx);
    peer_open(p, "b.example", "a.example");
    peer_expect_without(p, "</stream:features>", "starttls");
    peer_free(p);
}

/* 9: bytes behind <starttls/> are not carried into TLS. */
static void test_injection(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial(f);
    peer_open(p, "nine.example", "a.example");
    peer_expect(p, "</stream:features>");
    peer_send(p, "<starttls xmlns='" TLS_NS "'/><db:result xmlns:db='jabber:server:dialback' "
                 "from='nine.example' to='a.example'>x</db:result>");
    peer_expect_eof(p);
    assert_null(strstr(p->buf, "db:result"));
    lab_wait_streams(f->lab, NULL, 0);
    peer_free(p);
}

/* 11: STARTTLS where TLS is not supported. */
static void test_starttls_refused(void **state)
{
    struct peer *p = dial(*state);
    peer_open(p, "clear.example", "a.example");
    peer_expect_without(p, "</stream:features>", "starttls");
    peer_send(p, "<starttls xmlns='" TLS_NS "'/>");
    peer_expect(p, "<failure xmlns='" TLS_NS "'/></stream:stream>");
    peer_expect_eof(p);
    peer_free(p);
}

/* 12: a handshake that fails ends without XML, and counts. */
static void test_handshake_failure(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial(f);
    peer_open(p, "b.example", "a.example");
    peer_expect(p, "</stream:features>");
    peer_send(p, "<starttls xmlns='" TLS_NS "'/>");
    peer_expect(p, "<proceed xmlns='" TLS_NS "'/>");
    peer_send(p, "this is no TLS at all, but long enough to be looked at");
    peer_expect_eof(p);
    assert_null(strstr(p->buf, "stream"));
    lab_event(f->lab, "tls_handshake");
    assert_int_equal(lab_counters(f->lab).failed_in, 1);
    peer_free(p);
}

/* 15: a stanza before authentication is not delivered. */
static void test_early_stanza(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial(f);
    peer_open(p, "nine.example", "a.example");
    peer_expect(p, "</stream:features>");
    peer_send(p, "<message from='u@nine.example' to='v@a.example'><body>x</body></message>");
    peer_expect_error(p, "not-authorized");
    assert_int_equal(lab_stanzas(f->lab), 0);
    peer_free(p);
}

/* 17: a lot before authentication. */
static void test_early_bytes(void **state)
{
    struct peer *p = dial(*state);
    char *fill = calloc(1, 11001);
    memset(fill, 'x', 11000);
    peer_send(p, PROLOG "from='b.example' to='a.example' y='%s' version='1.0'>", fill);
    peer_expect_error(p, "policy-violation");
    peer_free(p);
    free(fill);
}

static void impatient(struct fg_settings *s)
{
    s->stream_establishment_timeout_s = 1;
}

/* 17: nothing at all. */
static void test_establishment_timeout(void **state)
{
    struct fixture *f = *state;
    struct lab_config c = standard;
    c.tune = impatient;
    lab_apply(f->lab, &c);
    struct peer *p = dial(f);
    peer_expect_header(p);
    peer_expect_error(p, "connection-timeout");
    peer_free(p);
}

/* 18: EXTERNAL, a new stream, features without mechanisms; a stanza crosses. */
static void test_external(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_open(f);
    peer_send(p, "<message from='Romeo@b.example/x' to='juliet@A.example' id='m1' type='chat'>"
                 "<body>hi</body></message>");
    assert_string_equal(lab_stanza(f->lab, 0),
                        "message romeo@b.example/x juliet@a.example m1 chat sasl_tls");
    struct fg_s2s_counters c = lab_counters(f->lab);
    assert_int_equal(c.open_in, 1);
    assert_int_equal(c.stanzas_in, 1);
    peer_free(p);
}

struct response {
    const char *text, *failure; /* NULL: success */
};

/* 19, 20, 22: what may stand in the response. */
static void test_responses(void **state)
{
    static const struct response cases[] = {
        {"Yi5leGFtcGxl", NULL}, /* b.example */
        {"Qi5FeGFtcGxl", NULL}, /* B.Example */
        {"\n  Yi5leGFtcGxl\n", NULL},
        {"Yy5leGFtcGxl", "invalid-authzid"}, /* c.example */
        {"dUBiLmV4YW1wbGU=", "invalid-authzid"},
        {"Yi5leGFtcGxlL3I=", "invalid-authzid"},
        {"=AAA", "incorrect-encoding"},
        {"Yi5l eGFtcGxl", "incorrect-encoding"},
        {"Yi5leGFtcGxl!", "incorrect-encoding"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct peer *p = dial_tls(*state, "b.example", ((struct fixture *)*state)->ctx);
        peer_expect(p, "</stream:features>");
        peer_send(p, "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'>%s</auth>", cases[i].text);
        if (cases[i].failure) {
            char want[128];
            snprintf(want, sizeof want, "<failure xmlns='" SASL_NS "'><%s/></failure>",
                     cases[i].failure);
            peer_expect(p, want);
            /* The stream stays usable. */
            peer_send(p, "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'>=</auth>");
        }
        peer_expect(p, "<success xmlns='" SASL_NS "'/>");
        peer_free(p);
    }
}

/* 21: no initial response. */
static void test_challenge(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_tls(f, "b.example", f->ctx);
    peer_expect(p, "</stream:features>");
    peer_send(p, "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'/>");
    peer_expect(p, "<challenge xmlns='" SASL_NS "'/>");
    peer_send(p, "<response xmlns='" SASL_NS "'/>");
    peer_expect(p, "<success xmlns='" SASL_NS "'/>");
    peer_free(p);
}

/* 23: other mechanisms, none, abort; and after three failures the end (RFC 6120 6.4.5). */
static void test_mechanisms(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_tls(f, "b.example", f->ctx);
    peer_expect(p, "</stream:features>");
    peer_send(p, "<auth xmlns='" SASL_NS "' mechanism='PLAIN'>AGEAYg==</auth>");
    peer_expect(p, "<invalid-mechanism/>");
    peer_send(p, "<auth xmlns='" SASL_NS "'>=</auth>");
    peer_expect(p, "<malformed-request/>");
    peer_send(p, "<abort xmlns='" SASL_NS "'/>");
    peer_expect(p, "<aborted/>");
    peer_expect_error(p, "policy-violation");
    peer_free(p);
}

/* EXTERNAL in clear. */
static void test_auth_in_clear(void **state)
{
    struct peer *p = dial(*state);
    peer_open(p, "nine.example", "a.example");
    peer_expect(p, "</stream:features>");
    peer_send(p, "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'>=</auth>");
    peer_expect(p, "<failure xmlns='" SASL_NS "'><encryption-required/></failure>");
    peer_free(p);
}

/* 24: a certificate of somebody else: row 2 ends, row 7 offers dialback. */
static void test_wrong_certificate(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_tls(f, "b.example", f->other_ctx);
    peer_expect_error(p, "policy-violation");
    lab_event(f->lab, "cert_name_mismatch");
    peer_free(p);
    p = dial_tls(f, "seven.example", f->other_ctx);
    peer_expect_without(p, "<dialback xmlns='urn:xmpp:features:dialback'>", "mechanism");
    peer_expect(p, "</stream:features>");
    peer_send(p, "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'>=</auth>");
    peer_expect(p, "<not-authorized/>");
    peer_free(p);
}

/* 25: what the header said in clear is forgotten inside TLS. */
static void test_identity_after_tls(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial(f);
    peer_open(p, "b.example", "a.example");
    peer_expect(p, "</stream:features>");
    peer_starttls(p, f->other_ctx);
    peer_open(p, "seven.example", "a.example");
    peer_expect(p, " to='seven.example' ");
    peer_expect_without(p, "</stream:features>", "mechanism");
    peer_free(p);
}

/* 26: another `from` after success. */
static void test_other_identity_after_success(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_tls(f, "b.example", f->ctx);
    peer_expect(p, "</stream:features>");
    peer_send(p, "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'>=</auth>");
    peer_expect(p, "<success xmlns='" SASL_NS "'/>");
    peer_open(p, "seven.example", "a.example");
    peer_expect_error(p, "invalid-from");
    peer_free(p);
}

/* 33: row 13 takes no EXTERNAL. */
static void test_row_13(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_tls(f, "thirteen.example", f->ctx);
    peer_expect_without(p, "</stream:features>", "mechanism");
    peer_send(p, "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'>=</auth>");
    peer_expect(p, "<invalid-mechanism/>");
    peer_send(p, "<db:result xmlns:db='jabber:server:dialback' from='thirteen.example' "
                 "to='a.example'>key</db:result>");
    peer_expect(p, "<db:result xmlns:db='jabber:server:dialback' from='a.example' "
                   "to='thirteen.example' type='valid'/>");
    peer_free(p);
}

static void expect_refusal(struct fixture *f, const char *stanza, const char *condition)
{
    struct peer *p = dial_open(f);
    size_t before = lab_stanzas(f->lab);
    peer_send(p, "%s", stanza);
    peer_expect_error(p, condition);
    assert_int_equal(lab_stanzas(f->lab), before);
    peer_free(p);
}

/* 52: the gate. */
static void test_gate(void **state)
{
    struct fixture *f = *state;
    struct peer *bystander = dial_open(f);
    expect_refusal(f, "<message to='v@a.example'/>", "improper-addressing");
    expect_refusal(f, "<message from='u@b.example'/>", "improper-addressing");
    expect_refusal(f, "<message from='u@b.example' to='v@@a.example'/>", "improper-addressing");
    expect_refusal(f, "<message from='u@c.example' to='v@a.example'/>", "invalid-from");
    expect_refusal(f, "<presence from='u@seven.example' to='v@a.example'/>", "invalid-from");
    expect_refusal(f, "<message from='u@b.example' to='v@z.example'/>", "host-unknown");
    expect_refusal(f, "<iq from='u@b.example' to='v@a2.example'/>", "invalid-from");
    expect_refusal(f, "<foo xmlns='urn:example:foo'/>", "unsupported-stanza-type");
    peer_send(bystander, "<message from='u@b.example' to='v@a.example' id='still'/>");
    assert_string_equal(lab_stanza(f->lab, 0), "message u@b.example v@a.example still - sasl_tls");
    peer_free(bystander);
}

/* 56: after our end tag the peer's last stanzas still count. */
static void close_all(struct fg_s2s *s, void *arg)
{
    for (uint64_t id = 1; id < 10; id++) (void)fg_s2s_close_stream(s, id);
    (void)arg;
}

static void test_close(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_open(f);
    lab_wait_streams(f->lab, "open", 1);
    lab_run(f->lab, close_all, NULL);
    peer_expect(p, "</stream:stream>");
    peer_send(p, "<message from='u@b.example' to='v@a.example' id='x1'/>"
                 "<message from='u@b.example' to='v@a.example' id='x2'/></stream:stream>");
    assert_string_equal(lab_stanza(f->lab, 1), "message u@b.example v@a.example x2 - sasl_tls");
    peer_expect_eof(p);
    assert_int_equal(SSL_get_shutdown(p->ssl) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
    peer_free(p);
    /* A peer that stays silent is left after a while. */
    p = dial_open(f);
    lab_wait_streams(f->lab, "open", 1);
    lab_run(f->lab, close_all, NULL);
    peer_expect(p, "</stream:stream>");
    peer_expect_eof(p);
    peer_free(p);
}

/* The peer closes: we answer with our end tag. */
static void test_peer_closes(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_open(f);
    peer_send(p, "</stream:stream>");
    peer_expect(p, "</stream:stream>");
    peer_expect_eof(p);
    lab_wait_streams(f->lab, NULL, 0);
    assert_int_equal(lab_counters(f->lab).open_in, 0);
    peer_free(p);
}

/* Strangers and suspended partners. */
static void test_no_partner(void **state)
{
    struct peer *p = dial(*state);
    peer_open(p, "stranger.example", "a.example");
    peer_expect_header(p);
    peer_expect_error(p, "policy-violation");
    peer_free(p);
    p = dial(*state);
    peer_open(p, "gone.example", "a.example");
    peer_expect_error(p, "policy-violation");
    peer_free(p);
}

static void few(struct fg_settings *s)
{
    s->limits.unauthenticated_per_address = 3;
    s->partner_connection_limit = 2;
}

/* Limits per address and per partner. */
static void test_limits(void **state)
{
    struct fixture *f = *state;
    struct lab_config c = standard;
    c.tune = few;
    lab_apply(f->lab, &c);
    struct peer *p[4];
    for (int i = 0; i < 3; i++) p[i] = dial(f);
    for (int i = 0; i < 3; i++) {
        peer_open(p[i], "b.example", "a.example");
        peer_expect(p[i], "</stream:features>");
    }
    p[3] = dial(f);
    peer_expect_eof(p[3]);
    assert_int_equal(p[3]->len, 0);
    assert_int_equal(lab_counters(f->lab).refused_connections, 1);
    for (int i = 0; i < 4; i++) peer_free(p[i]);
    lab_wait_streams(f->lab, NULL, 0);
    p[0] = dial_open(f);
    p[1] = dial_open(f);
    p[2] = dial_tls(f, "b.example", f->ctx);
    peer_expect(p[2], "</stream:features>");
    peer_send(p[2], "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'>=</auth>");
    peer_expect_error(p[2], "resource-constraint");
    for (int i = 0; i < 3; i++) peer_free(p[i]);
}

/* Nothing to authenticate with: TLS cannot be offered without a certificate of ours. */
static void test_no_certificate(void **state)
{
    struct fixture *f = *state;
    struct lab_config c = standard;
    c.without_certificate = true;
    lab_apply(f->lab, &c);
    struct peer *p = dial(f);
    peer_open(p, "b.example", "a.example");
    peer_expect_error(p, "policy-violation");
    lab_event(f->lab, "own_cert_missing");
    peer_free(p);
}

static void short_idle(struct fg_settings *s)
{
    s->stream_inactivity_timeout_s = 1;
}

/* An idle stream is closed in peace. */
static void test_inactivity(void **state)
{
    struct fixture *f = *state;
    struct lab_config c = standard;
    c.tune = short_idle;
    lab_apply(f->lab, &c);
    struct peer *p = dial_open(f);
    peer_expect_without(p, "</stream:stream>", "error");
    peer_free(p);
}

/* Activate: unchanged terms keep the stream; a removed partner or domain ends it. */
static void test_activate(void **state)
{
    struct fixture *f = *state;
    struct lab_partner changed[sizeof partners / sizeof *partners];
    memcpy(changed, partners, sizeof partners);
    struct lab_config c = standard;
    c.partners = changed;
    struct peer *p = dial_open(f);
    lab_wait_streams(f->lab, "open", 1);
    changed[1].sasl = FG_NOT_SUPPORTED; /* another partner */
    changed[0].sasl = FG_OPTIONAL;      /* this one, and its method stays allowed */
    lab_apply(f->lab, &c);
    peer_send(p, "<message from='u@b.example' to='v@a.example' id='kept'/>");
    assert_string_equal(lab_stanza(f->lab, 0), "message u@b.example v@a.example kept - sasl_tls");
    changed[0].sasl = FG_NOT_SUPPORTED;
    changed[0].dialback = true;
    lab_apply(f->lab, &c);
    peer_expect(p, "<stream:error><reset ");
    peer_free(p);
    lab_apply(f->lab, &standard);
    p = dial_open(f);
    lab_wait_streams(f->lab, "open", 1);
    c = standard;
    c.partners++;
    c.n_partners--;
    lab_apply(f->lab, &c);
    peer_expect_error(p, "policy-violation");
    peer_free(p);
    lab_apply(f->lab, &standard);
    p = dial_open(f);
    lab_wait_streams(f->lab, "open", 1);
    c = standard;
    c.without_domain = true;
    lab_apply(f->lab, &c);
    peer_expect_error(p, "host-gone");
    peer_free(p);
}

static void expect_certificate(struct peer *p, const char *domain)
{
    X509 *cert = SSL_get0_peer_certificate(p->ssl);
    assert_non_null(cert);
    assert_int_equal(X509_check_host(cert, domain, 0, 0, NULL), 1);
}

/* Each local domain shows its own certificate: chosen by `to`, and by the name in the handshake. */
static void test_certificates_of_ours(void **state)
{
    struct fixture *f = *state;
    static const char *const domains[] = {"a.example", "a2.example"};
    for (int i = 0; i < 2; i++) {
        struct peer *p = dial(f);
        peer_open(p, "b.example", domains[i]);
        peer_expect(p, "</stream:features>");
        peer_starttls(p, f->ctx);
        expect_certificate(p, domains[i]);
        peer_free(p);
        p = peer_connect(lab_direct_port(f->lab));
        assert_true(peer_tls(p, f->ctx, false, domains[i]));
        expect_certificate(p, domains[i]);
        peer_free(p);
    }
}

/* Direct TLS (XEP-0368): as after STARTTLS, also without a name; never for a partner without TLS.
 */
static void test_direct_tls(void **state)
{
    struct fixture *f = *state;
    struct peer *p = peer_connect(lab_direct_port(f->lab));
    assert_true(peer_tls(p, f->ctx, false, NULL));
    peer_open(p, "b.example", "a.example");
    peer_expect_header(p);
    authenticate(p, "b.example");
    peer_send(p, "<message from='u@b.example' to='v@a.example' id='d'/>");
    assert_string_equal(lab_stanza(f->lab, 0), "message u@b.example v@a.example d - sasl_tls");
    peer_free(p);
    p = peer_connect(lab_direct_port(f->lab));
    assert_true(peer_tls(p, f->ctx, false, "a.example"));
    peer_open(p, "clear.example", "a.example");
    peer_expect_error(p, "policy-violation");
    peer_free(p);
    p = peer_connect(lab_direct_port(f->lab));
    peer_open(p, "b.example", "a.example");
    peer_expect_eof(p);
    assert_null(strstr(p->buf, "<stream"));
    peer_free(p);
}

/* Graceful stop: system-shutdown, what comes until the peer's end tag still counts, nobody new. */
static void test_shutdown(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_open(f);
    lab_wait_streams(f->lab, "open", 1);
    lab_start_shutdown(f->lab);
    peer_expect(p, "<stream:error><system-shutdown ");
    assert_false(lab_is_shut(f->lab));
    peer_send(p, "<message from='u@b.example' to='v@a.example' id='last'/></stream:stream>");
    assert_string_equal(lab_stanza(f->lab, 0), "message u@b.example v@a.example last - sasl_tls");
    lab_shutdown(f->lab);
    struct peer *late = dial(f);
    peer_expect_eof(late);
    peer_free(late);
    peer_free(p);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_header),
        T(test_no_version),
        T(test_versions),
        T(test_unknown_host),
        T(test_namespaces),
        T(test_slow_header),
        T(test_ids),
        T(test_required_features),
        T(test_injection),
        T(test_starttls_refused),
        T(test_handshake_failure),
        T(test_early_stanza),
        T(test_early_bytes),
        T(test_establishment_timeout),
        T(test_external),
        T(test_responses),
        T(test_challenge),
        T(test_mechanisms),
        T(test_auth_in_clear),
        T(test_wrong_certificate),
        T(test_identity_after_tls),
        T(test_other_identity_after_success),
        T(test_row_13),
        T(test_gate),
        T(test_close),
        T(test_peer_closes),
        T(test_no_partner),
        T(test_limits),
        T(test_no_certificate),
        T(test_inactivity),
        T(test_activate),
        T(test_certificates_of_ours),
        T(test_direct_tls),
        T(test_shutdown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
