/* Dialback as receiving and as authoritative server (wire cases 35 to 50). The scripted peers play
 * the initiating server and, behind the partner's proxy setting, the authoritative one. */
#include "tests/wire/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateway/xmpp/dialback_key.h"

#define DB "<db:result xmlns:db='jabber:server:dialback' "

enum { CLEAR, STRICT, FALLBACK, TLS_ONLY, REFUSING, EITHER, PARTNERS };

struct fixture {
    struct lab *lab;
    int listener; /* the authoritative server of clear.example and seven.example */
    struct lab_partner partners[PARTNERS];
    struct lab_config config;
    struct lab_cert *cert, *other;
    SSL_CTX *ctx, *other_ctx, *server_ctx;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    uint16_t port;
    f->listener = peer_listen(&port);
    f->partners[CLEAR] = (struct lab_partner){.domain = "clear.example",
                                              .also = "clear2.example",
                                              .tls = FG_NOT_SUPPORTED,
                                              .sasl = FG_NOT_SUPPORTED,
                                              .dialback = true,
                                              .port = port};
    f->partners[STRICT] = (struct lab_partner){
        .domain = "strict.example", .tls = FG_REQUIRED, .sasl = FG_REQUIRED, .port = port};
    f->partners[FALLBACK] = (struct lab_partner){.domain = "seven.example",
                                                 .tls = FG_REQUIRED,
                                                 .sasl = FG_OPTIONAL,
                                                 .dialback = true,
                                                 .port = port};
    f->partners[TLS_ONLY] = (struct lab_partner){
        .domain = "four.example", .tls = FG_OPTIONAL, .sasl = FG_REQUIRED, .port = port};
    f->partners[REFUSING] = (struct lab_partner){.domain = "refusing.example",
                                                 .tls = FG_NOT_SUPPORTED,
                                                 .sasl = FG_NOT_SUPPORTED,
                                                 .dialback = true,
                                                 .port = 1};
    f->partners[EITHER] = (struct lab_partner){.domain = "either.example",
                                               .tls = FG_OPTIONAL,
                                               .sasl = FG_OPTIONAL,
                                               .dialback = true,
                                               .port = port};
    f->config = (struct lab_config){.partners = f->partners, .n_partners = PARTNERS};
    f->lab = lab_new(&f->config);
    f->cert = lab_cert_new(lab_ca(f->lab), "seven.example,four.example", 5);
    f->other = lab_cert_new(lab_ca(f->lab), "c.example", 5);
    f->ctx = lab_peer_ctx(f->cert, false);
    f->other_ctx = lab_peer_ctx(f->other, false);
    f->server_ctx = lab_peer_ctx(f->cert, true);
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
    SSL_CTX_free(f->server_ctx);
    lab_cert_free(f->cert);
    lab_cert_free(f->other);
    free(f);
    return 0;
}

static struct peer *dial(struct fixture *f, const char *from)
{
    struct peer *p = peer_connect(lab_port(f->lab));
    peer_open(p, from, "a.example");
    peer_expect_header(p);
    peer_expect(p, "</stream:features>");
    return p;
}

static struct peer *dial_tls(struct fixture *f, const char *from, SSL_CTX *ctx)
{
    struct peer *p = dial(f, from);
    peer_starttls(p, ctx);
    peer_open(p, from, "a.example");
    peer_expect_header(p);
    peer_expect(p, "</stream:features>");
    return p;
}

static void result(struct peer *p, const char *from, const char *to, const char *key)
{
    peer_send(p, DB "from='%s' to='%s'>%s</db:result>", from, to, key);
}

static void expect_result(struct peer *p, const char *remote, const char *type,
                          const char *condition)
{
    char want[256];
    snprintf(want, sizeof want, DB "from='a.example' to='%s' type='%s'%s", remote, type,
             condition ? "><error type='cancel'>" : "/>");
    peer_expect(p, want);
    if (!condition) return;
    snprintf(want, sizeof want,
             "<%s xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:result>", condition);
    peer_expect(p, want);
}

/* The authoritative server up to the db:verify, which must name this stream id and key. */
static struct peer *authority(struct fixture *f, const char *domain, const char *id,
                              const char *key)
{
    char want[400];
    struct peer *as = peer_accept(f->listener);
    peer_answer(as, domain, "a.example", "authority", true);
    peer_send(as,
              "<stream:features><dialback xmlns='urn:xmpp:features:dialback'/></stream:features>");
    snprintf(want, sizeof want,
             "<db:verify xmlns:db='jabber:server:dialback' from='a.example' to='%s' "
             "id='%s'>%s</db:verify>",
             domain, id, key);
    peer_expect(as, want);
    return as;
}

static void verdict(struct peer *as, const char *domain, const char *id, const char *type)
{
    peer_send(as, "<db:verify from='%s' to='a.example' id='%s' type='%s'/>", domain, id, type);
}

/* 37: valid opens exactly that pair; the verifying stream closes. */
static void test_valid(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial(f, "clear.example");
    result(p, "clear.example", "a.example", " \n key1 ");
    struct peer *as = authority(f, "clear.example", p->id, "key1");
    verdict(as, "clear.example", p->id, "valid");
    expect_result(p, "clear.example", "valid", NULL);
    peer_expect(as, "</stream:stream>");
    peer_send(as, "</stream:stream>");
    peer_expect_eof(as);
    peer_send(p, "<message from='u@clear.example' to='v@a.example' id='1'/>");
    assert_string_equal(lab_stanza(f->lab, 0),
                        "message u@clear.example v@a.example 1 - dialback_tcp");
    peer_send(p, "<message from='u@clear.example' to='v@a2.example' id='2'/>");
    peer_expect_error(p, "invalid-from");
    peer_free(as);
    peer_free(p);
}

/* 36: inside TLS the id is that of the stream after TLS. */
static void test_over_tls(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_tls(f, "seven.example", f->other_ctx);
    result(p, "seven.example", "a.example", "tlskey");
    struct peer *as = peer_accept(f->listener);
    peer_answer(as, "seven.example", "a.example", "as1", true);
    peer_send(
        as,
        "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>");
    peer_expect(as, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    peer_send(as, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    assert_true(peer_tls(as, f->server_ctx, true, NULL));
    peer_answer(as, "seven.example", "a.example", "as2", true);
    peer_send(as, "<stream:features/>");
    char want[256];
    snprintf(want, sizeof want, "to='seven.example' id='%s'>tlskey</db:verify>", p->id);
    peer_expect(as, want);
    verdict(as, "seven.example", p->id, "valid");
    expect_result(p, "seven.example", "valid", NULL);
    peer_send(p, "<message from='u@seven.example' to='v@a.example' id='1'/>");
    assert_string_equal(lab_stanza(f->lab, 0),
                        "message u@seven.example v@a.example 1 - dialback_tls");
    peer_free(as);
    peer_free(p);
}

/* 38: invalid closes; with another pair alive it is forbidden and the stream stays. */
static void test_invalid(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial(f, "clear.example");
    result(p, "clear.example", "a.example", "bad");
    struct peer *as = authority(f, "clear.example", p->id, "bad");
    verdict(as, "clear.example", p->id, "invalid");
    expect_result(p, "clear.example", "invalid", NULL);
    peer_expect(p, "</stream:stream>");
    peer_expect_eof(p);
    peer_free(as);
    peer_free(p);
    p = dial(f, "clear.example");
    result(p, "clear.example", "a.example", "good");
    as = authority(f, "clear.example", p->id, "good");
    verdict(as, "clear.example", p->id, "valid");
    expect_result(p, "clear.example", "valid", NULL);
    peer_free(as);
    result(p, "clear2.example", "a.example", "bad");
    as = authority(f, "clear2.example", p->id, "bad");
    verdict(as, "clear2.example", p->id, "invalid");
    expect_result(p, "clear2.example", "error", "forbidden");
    peer_send(p, "<message from='u@clear.example' to='v@a.example' id='1'/>");
    lab_stanza(f->lab, 0);
    peer_free(as);
    peer_free(p);
}

/* 39: no authority to ask; the stream stays and may try again. */
static void test_no_authority(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial(f, "refusing.example");
    for (int i = 0; i < 2; i++) {
        result(p, "refusing.example", "a.example", "k");
        expect_result(p, "refusing.example", "error", "remote-server-timeout");
    }
    result(p, "clear.example", "a.example", "k");
    struct peer *as = peer_accept(f->listener);
    peer_answer(as, "clear.example", "a.example", "x", true);
    peer_send(
        as,
        "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
        "</stream:stream>");
    expect_result(p, "clear.example", "error", "remote-server-not-found");
    peer_free(as);
    result(p, "clear.example", "a.example", "k");
    as = authority(f, "clear.example", p->id, "k");
    peer_send(
        as,
        "<db:verify from='clear.example' to='a.example' id='%s' type='error'><error type='cancel'>"
        "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></db:verify>",
        p->id);
    expect_result(p, "clear.example", "error", "remote-server-not-found");
    peer_free(as);
    peer_free(p);
}

/* 40, 41: targets and senders that are none; nothing is asked of anybody. */
static void test_refused_names(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial(f, "clear.example");
    result(p, "clear.example", "unknown.example", "k");
    peer_expect(p, "from='unknown.example' to='clear.example' type='error'>");
    peer_expect(p, "<item-not-found ");
    result(p, "a2.example", "a.example", "k");
    expect_result(p, "a2.example", "error", "not-acceptable");
    result(p, "clear.example", "a.example", "  ");
    expect_result(p, "clear.example", "error", "not-acceptable");
    result(p, "stranger.example", "a.example", "k");
    expect_result(p, "stranger.example", "error", "policy-violation");
    peer_send(p, "<db:result xmlns:db='jabber:server:dialback' to='a.example'>k</db:result>");
    peer_expect_error(p, "improper-addressing");
    assert_true(peer_nobody(f->listener));
    peer_free(p);
}

/* 42: answers nobody asked for. */
static void test_unsolicited(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial(f, "clear.example");
    peer_send(p, DB "from='clear.example' to='a.example' type='valid'/>");
    peer_send(p,
              "<db:verify xmlns:db='jabber:server:dialback' from='clear.example' to='a.example' "
              "id='%s' type='valid'/>",
              p->id);
    result(p, "clear.example", "a.example", "k");
    struct peer *as = authority(f, "clear.example", p->id, "k");
    verdict(as, "clear.example", "another-id", "valid");
    verdict(as, "clear2.example", p->id, "valid");
    peer_send(as, "<db:verify from='a.example' to='clear.example' id='%s' type='valid'/>", p->id);
    peer_send(as, DB "from='clear.example' to='a.example' type='valid'/>");
    peer_send(p, "<message from='u@clear.example' to='v@a.example'/>");
    peer_expect_error(p, "not-authorized");
    assert_int_equal(lab_stanzas(f->lab), 0);
    peer_free(as);
    peer_free(p);
}

/* 43, 49: as authoritative server. */
static void test_authority(void **state)
{
    struct fixture *f = *state;
    char key[FG_DIALBACK_KEY_SIZE];
    struct peer *p = dial(f, "clear.example");
    fg_dialback_key("lab secret", "clear.example", "a.example", "D60000229F", key);
    peer_send(p,
              "<db:verify from='clear.example' to='a.example' id='D60000229F'>\n%s\n</db:verify>",
              key);
    peer_expect(p, "from='a.example' to='clear.example' type='valid' id='D60000229F'/>");
    key[10] = key[10] == '0' ? '1' : '0';
    peer_send(p, "<db:verify from='clear.example' to='a.example' id='D60000229F'>%s</db:verify>",
              key);
    peer_expect(p, "type='invalid' id='D60000229F'/>");
    peer_send(p, "<db:verify from='clear.example' to='unknown.example' id='x'>%s</db:verify>", key);
    peer_expect(p, "type='error' id='x'><error type='cancel'><item-not-found ");
    peer_send(p, "<db:verify from='seven.example' to='a.example' id='y'>%s</db:verify>", key);
    peer_expect(p, "type='error' id='y'><error type='cancel'><policy-violation ");
    fg_dialback_key("lab secret", "four.example", "a.example", "z", key);
    peer_send(p, "<db:verify from='four.example' to='a.example' id='z'>%s</db:verify>", key);
    peer_expect(p,
                "type='invalid' id='z'/>"); /* we never issue keys to a partner without dialback */
    peer_free(p);
}

static void rotate(struct fg_s2s *s, void *arg)
{
    fg_s2s_set_secret(s, "another secret", arg);
}

static void ask(struct peer *p, const char *secret, const char *id, const char *answer)
{
    char key[FG_DIALBACK_KEY_SIZE], want[128];
    fg_dialback_key(secret, "clear.example", "a.example", id, key);
    peer_send(p, "<db:verify from='clear.example' to='a.example' id='%s'>%s</db:verify>", id, key);
    snprintf(want, sizeof want, "type='%s' id='%s'/>", answer, id);
    peer_expect(p, want);
}

/* Keys made with the former secret are confirmed while it counts, and not any more after that. */
static void test_rotation(void **state)
{
    struct fixture *f = *state;
    char former[] = "lab secret";
    struct peer *p = dial(f, "clear.example");
    ask(p, former, "r1", "valid");
    lab_run(f->lab, rotate, former);
    ask(p, former, "r2", "valid");
    ask(p, "another secret", "r3", "valid");
    lab_run(f->lab, rotate, NULL);
    ask(p, former, "r4", "invalid");
    ask(p, "another secret", "r5", "valid");
    peer_free(p);
}

/* 45: three sender domains on one clear connection, each judged by its own partner. */
static void test_piggyback(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial(f, "clear.example");
    result(p, "seven.example", "a.example", "k");
    expect_result(p, "seven.example", "error", "policy-violation");
    result(p, "stranger.example", "a.example", "k");
    expect_result(p, "stranger.example", "error", "policy-violation");
    result(p, "clear.example", "a.example", "k");
    struct peer *as = authority(f, "clear.example", p->id, "k");
    verdict(as, "clear.example", p->id, "valid");
    expect_result(p, "clear.example", "valid", NULL);
    peer_free(as);
    peer_free(p);
}

/* 47: a certificate that names the sender proves it without asking; for others it is asked. */
static void test_by_certificate(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_tls(f, "seven.example", f->ctx);
    result(p, "seven.example", "a.example", "whatever");
    expect_result(p, "seven.example", "valid", NULL);
    assert_true(peer_nobody(f->listener));
    peer_send(p, "<message from='u@seven.example' to='v@a.example' id='1'/>");
    assert_string_equal(lab_stanza(f->lab, 0),
                        "message u@seven.example v@a.example 1 - dialback_tls");
    peer_free(p);
}

/* 48: dialback switched off. */
static void test_switched_off(void **state)
{
    struct fixture *f = *state;
    struct peer *p = peer_connect(lab_port(f->lab));
    peer_open(p, "four.example", "a.example");
    peer_expect_without(p, "</stream:features>", "dialback");
    result(p, "four.example", "a.example", "k");
    expect_result(p, "four.example", "error", "not-authorized");
    peer_expect_error(p, "policy-violation");
    peer_free(p);
    p = peer_connect(lab_port(f->lab));
    peer_open(p, "strict.example", "a.example");
    peer_expect_without(p, "</stream:features>", "dialback");
    result(p, "strict.example", "a.example", "k");
    expect_result(p, "strict.example", "error", "policy-violation");
    peer_send(p, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    peer_expect(p, "<proceed ");
    peer_free(p);
    p = dial_tls(f, "four.example", f->ctx);
    result(p, "four.example", "a.example", "k");
    expect_result(p, "four.example", "error", "not-authorized");
    peer_expect_error(p, "policy-violation");
    peer_free(p);
}

static void few_verifications(struct fg_settings *s)
{
    s->limits.pending_verifications = 1;
    s->limits.unauthenticated_bytes = 250000;
}

/* 50: many requests: a bounded number is asked at a time, the others hear that at once, and
 * strangers cause nothing. */
static void test_flood(void **state)
{
    struct fixture *f = *state;
    f->config.tune = few_verifications;
    lab_apply(f->lab, &f->config);
    struct peer *p = dial(f, "clear.example");
    result(p, "clear.example", "a.example", "k");
    struct peer *as = authority(f, "clear.example", p->id, "k");
    result(p, "clear2.example", "a.example", "k");
    expect_result(p, "clear2.example", "error", "resource-constraint");
    for (int i = 0; i < 1000; i++) {
        char from[64];
        snprintf(from, sizeof from, "s%d.example", i);
        result(p, from, "a.example", "k");
    }
    expect_result(p, "s999.example", "error", "policy-violation");
    assert_true(peer_nobody(f->listener));
    verdict(as, "clear.example", p->id, "valid");
    expect_result(p, "clear.example", "valid", NULL);
    peer_free(as);
    peer_free(p);
}

/* A key is being verified when the peer begins TLS, or authenticates by certificate: the question
 * is dropped, an answer to it opens nothing, and the new stream asks for itself. */
static void test_overtaken(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial(f, "either.example");
    result(p, "either.example", "a.example", "early");
    struct peer *as = authority(f, "either.example", p->id, "early");
    char old[sizeof p->id];
    memcpy(old, p->id, sizeof old);
    peer_starttls(p, f->other_ctx);
    peer_expect(as, "</stream:stream>");
    verdict(as, "either.example", old, "valid");
    peer_free(as);
    peer_open(p, "either.example", "a.example");
    peer_expect_header(p);
    peer_expect(p, "</stream:features>");
    result(p, "either.example", "a.example", "late");
    as = authority(f, "either.example", p->id, "late");
    verdict(as, "either.example", p->id, "valid");
    expect_result(p, "either.example", "valid", NULL);
    peer_send(p, "<message from='u@either.example' to='v@a.example' id='1'/>");
    assert_string_equal(lab_stanza(f->lab, 0),
                        "message u@either.example v@a.example 1 - dialback_tls");
    peer_free(as);
    peer_free(p);
    p = dial_tls(f, "seven.example", f->ctx);
    result(p, "either.example", "a.example", "early");
    as = authority(f, "either.example", p->id, "early");
    peer_send(p, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
    peer_expect(p, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    peer_expect(as, "</stream:stream>");
    peer_free(as);
    peer_open(p, "seven.example", "a.example");
    peer_expect(p, "<stream:features>");
    peer_send(p, "<message from='u@either.example' to='v@a.example' id='2'/>");
    peer_expect_error(p, "invalid-from");
    assert_int_equal(lab_stanzas(f->lab), 1);
    peer_free(p);
}

static void eight_verifications(struct fg_settings *s)
{
    s->limits.pending_verifications = 8;
}

/* A domain whose server is silent takes its share of what may wait, and no more. */
static void test_share(void **state)
{
    struct fixture *f = *state;
    f->config.tune = eight_verifications;
    lab_apply(f->lab, &f->config);
    struct peer *p[3];
    struct peer *as = NULL;
    for (int i = 0; i < 3; i++) {
        p[i] = dial(f, "clear.example");
        result(p[i], "clear.example", "a.example", "k");
        if (i == 0) as = authority(f, "clear.example", p[i]->id, "k");
        if (i == 1) peer_expect(as, p[i]->id);
    }
    expect_result(p[2], "clear.example", "error", "resource-constraint");
    result(p[2], "clear2.example", "a.example", "k");
    struct peer *other = authority(f, "clear2.example", p[2]->id, "k");
    verdict(other, "clear2.example", p[2]->id, "valid");
    expect_result(p[2], "clear2.example", "valid", NULL);
    for (int i = 0; i < 3; i++) peer_free(p[i]);
    peer_free(other);
    peer_free(as);
}

/* Keys are not asked for in clear where TLS is required, whatever the authority offers or refuses.
 */
static void test_never_in_clear(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_tls(f, "seven.example", f->other_ctx);
    result(p, "seven.example", "a.example", "k");
    struct peer *as = peer_accept(f->listener);
    peer_answer(as, "seven.example", "a.example", "x", true);
    peer_send(as,
              "<stream:features><dialback xmlns='urn:xmpp:features:dialback'/></stream:features>");
    peer_expect_without(as, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "db:verify");
    verdict(as, "seven.example", p->id, "valid");
    peer_send(as, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>");
    peer_expect_eof(as);
    assert_null(strstr(as->buf, "db:verify"));
    peer_free(as);
    expect_result(p, "seven.example", "error", "remote-server-timeout");
    peer_free(p);
}

/* Keys that nobody confirms make us connect to others: not for ever. */
static void test_failed_keys(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial(f, "refusing.example");
    for (int i = 0; i < 20; i++) {
        result(p, "refusing.example", "a.example", "k");
        expect_result(p, "refusing.example", "error", "remote-server-timeout");
    }
    peer_expect_error(p, "policy-violation");
    peer_free(p);
}

/* Whom the header names is a claim: streams are counted for who has proved itself. */
static void test_account(void **state)
{
    struct fixture *f = *state;
    f->partners[CLEAR].connection_limit = 1;
    lab_apply(f->lab, &f->config);
    struct peer *p = dial(f, "refusing.example"), *q = dial(f, "refusing.example");
    result(p, "clear.example", "a.example", "k");
    struct peer *as = authority(f, "clear.example", p->id, "k");
    verdict(as, "clear.example", p->id, "valid");
    expect_result(p, "clear.example", "valid", NULL);
    result(q, "clear.example", "a.example", "k");
    expect_result(q, "clear.example", "error", "resource-constraint");
    f->partners[REFUSING].state = FG_PARTNER_SUSPENDED;
    lab_apply(f->lab, &f->config);
    peer_expect_error(q, "policy-violation");
    peer_send(p, "<message from='u@clear.example' to='v@a.example' id='1'/>");
    lab_stanza(f->lab, 0);
    peer_free(as);
    peer_free(q);
    peer_free(p);
}

/* The inbound stream dies while its key is being verified. */
static void test_stream_dies(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial(f, "clear.example");
    result(p, "clear.example", "a.example", "k");
    struct peer *as = authority(f, "clear.example", p->id, "k");
    peer_free(p);
    peer_expect(as, "</stream:stream>");
    peer_free(as);
    lab_wait_streams(f->lab, NULL, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_valid),         T(test_over_tls),       T(test_invalid),        T(test_no_authority),
        T(test_refused_names), T(test_unsolicited),    T(test_authority),      T(test_rotation),
        T(test_piggyback),     T(test_by_certificate), T(test_switched_off),   T(test_flood),
        T(test_overtaken),     T(test_account),        T(test_never_in_clear), T(test_failed_keys),
        T(test_share),         T(test_stream_dies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
