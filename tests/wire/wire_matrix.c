/* The 13 valid rows of TLS x SASL x dialback on the wire, in both roles (wire case 61). What is
 * expected stands here in full, taken from the documented matrix and not computed by the code under
 * test. */
#include "tests/wire/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define TLS_NS   "urn:ietf:params:xml:ns:xmpp-tls"
#define SASL_NS  "urn:ietf:params:xml:ns:xmpp-sasl"
#define REQ      FG_REQUIRED
#define OPT      FG_OPTIONAL
#define NS       FG_NOT_SUPPORTED
#define EXTERNAL "<mechanisms xmlns='" SASL_NS "'><mechanism>EXTERNAL</mechanism></mechanisms>"
#define DIALBACK "<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>"

enum in_db { ACCEPTED, NOT_AUTHORIZED, POLICY }; /* what becomes of a db:result */
enum out_way { BY_EXTERNAL, BY_DB_TLS, BY_DB_CLEAR, FAILS };

static const struct row {
    int number;
    enum fg_need tls, sasl;
    bool dialback;
    /* inbound: features before TLS, inside it with a good and a bad certificate */
    const char *clear, *good, *bad; /* NULL: ended with policy-violation */
    enum in_db clear_db, tls_db;
    /* outbound */
    enum out_way good_peer, bad_peer, no_starttls, refused, no_external;
} rows[] = {
#define ST_REQ "<starttls xmlns='" TLS_NS "'><required/></starttls>"
#define ST_OPT "<starttls xmlns='" TLS_NS "'/>"
    {1, REQ, REQ, true, ST_REQ, EXTERNAL, NULL, POLICY, NOT_AUTHORIZED, BY_EXTERNAL, FAILS, FAILS,
     FAILS, FAILS},
    {2, REQ, REQ, false, ST_REQ, EXTERNAL, NULL, POLICY, NOT_AUTHORIZED, BY_EXTERNAL, FAILS, FAILS,
     FAILS, FAILS},
    {3, OPT, REQ, true, ST_OPT DIALBACK, EXTERNAL DIALBACK, DIALBACK, ACCEPTED, ACCEPTED,
     BY_EXTERNAL, BY_DB_TLS, BY_DB_CLEAR, BY_DB_TLS, BY_DB_TLS},
    {4, OPT, REQ, false, ST_OPT, EXTERNAL, NULL, NOT_AUTHORIZED, NOT_AUTHORIZED, BY_EXTERNAL, FAILS,
     FAILS, FAILS, FAILS},
    {5, NS, REQ, true, DIALBACK, NULL, NULL, ACCEPTED, ACCEPTED, BY_DB_CLEAR, BY_DB_CLEAR,
     BY_DB_CLEAR, BY_DB_CLEAR, BY_DB_CLEAR},
    {7, REQ, OPT, true, ST_REQ, EXTERNAL DIALBACK, DIALBACK, POLICY, ACCEPTED, BY_EXTERNAL,
     BY_DB_TLS, FAILS, BY_DB_TLS, BY_DB_TLS},
    {8, REQ, OPT, false, ST_REQ, EXTERNAL, NULL, POLICY, NOT_AUTHORIZED, BY_EXTERNAL, FAILS, FAILS,
     FAILS, FAILS},
    {9, OPT, OPT, true, ST_OPT DIALBACK, EXTERNAL DIALBACK, DIALBACK, ACCEPTED, ACCEPTED,
     BY_EXTERNAL, BY_DB_TLS, BY_DB_CLEAR, BY_DB_TLS, BY_DB_TLS},
    {10, OPT, OPT, false, ST_OPT, EXTERNAL, NULL, NOT_AUTHORIZED, NOT_AUTHORIZED, BY_EXTERNAL,
     FAILS, FAILS, FAILS, FAILS},
    {11, NS, OPT, true, DIALBACK, NULL, NULL, ACCEPTED, ACCEPTED, BY_DB_CLEAR, BY_DB_CLEAR,
     BY_DB_CLEAR, BY_DB_CLEAR, BY_DB_CLEAR},
    {13, REQ, NS, true, ST_REQ, DIALBACK, DIALBACK, POLICY, ACCEPTED, BY_DB_TLS, BY_DB_TLS, FAILS,
     BY_DB_TLS, BY_DB_TLS},
    {15, OPT, NS, true, ST_OPT DIALBACK, DIALBACK, DIALBACK, ACCEPTED, ACCEPTED, BY_DB_TLS,
     BY_DB_TLS, BY_DB_CLEAR, BY_DB_TLS, BY_DB_TLS},
    {17, NS, NS, true, DIALBACK, NULL, NULL, ACCEPTED, ACCEPTED, BY_DB_CLEAR, BY_DB_CLEAR,
     BY_DB_CLEAR, BY_DB_CLEAR, BY_DB_CLEAR},
};
enum { ROWS = sizeof rows / sizeof *rows };

struct fixture {
    struct lab *lab;
    int listener;
    uint16_t port;
    struct lab_cert *good, *bad;
    SSL_CTX *good_client, *bad_client, *good_server, *bad_server;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->listener = peer_listen(&f->port);
    f->lab = lab_new(&(struct lab_config){.n_partners = 0});
    f->good = lab_cert_new(lab_ca(f->lab), "b.example", 5);
    f->bad = lab_cert_new(lab_ca(f->lab), "c.example", 5);
    f->good_client = lab_peer_ctx(f->good, false);
    f->bad_client = lab_peer_ctx(f->bad, false);
    f->good_server = lab_peer_ctx(f->good, true);
    f->bad_server = lab_peer_ctx(f->bad, true);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    lab_free(f->lab);
    close(f->listener);
    SSL_CTX_free(f->good_client);
    SSL_CTX_free(f->bad_client);
    SSL_CTX_free(f->good_server);
    SSL_CTX_free(f->bad_server);
    lab_cert_free(f->good);
    lab_cert_free(f->bad);
    free(f);
    return 0;
}

/* Ends what the row before left, and starts this one with a clean slate. */
static void use(struct fixture *f, const struct row *r)
{
    struct lab_partner p = {.domain = "b.example",
                            .tls = r->tls,
                            .sasl = r->sasl,
                            .dialback = r->dialback,
                            .port = f->port};
    lab_apply(f->lab, &(struct lab_config){.n_partners = 0});
    lab_wait_streams(f->lab, NULL, 0);
    lab_apply(f->lab, &(struct lab_config){.partners = &p, .n_partners = 1});
}

static void expect_features(struct peer *p, const char *features)
{
    char want[512];
    if (!features) {
        peer_expect_error(p, "policy-violation");
        return;
    }
    snprintf(want, sizeof want, "<stream:features>%s</stream:features>", features);
    peer_expect(p, want);
}

static struct peer *dial(struct fixture *f, const struct row *r, SSL_CTX *ctx, const char *features)
{
    struct peer *p = peer_connect(lab_port(f->lab));
    peer_open(p, "b.example", "a.example");
    expect_features(p, r->clear);
    if (!ctx) return p;
    peer_starttls(p, ctx);
    peer_open(p, "b.example", "a.example");
    expect_features(p, features);
    return p;
}

static void offer_key(struct fixture *f, struct peer *p, enum in_db expected)
{
    peer_send(p, "<db:result from='b.example' to='a.example'>key</db:result>");
    if (expected == ACCEPTED) {
        struct peer *as = peer_accept(f->listener);
        peer_free(as);
        peer_expect(p, "type='error'"); /* since the authority hung up */
        return;
    }
    peer_expect(p, expected == POLICY
                       ? "<policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                       : "<not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>");
    peer_expect(p, "</db:result>");
    if (expected == NOT_AUTHORIZED) peer_expect_error(p, "policy-violation");
}

static void test_receiving(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < ROWS; i++) {
        const struct row *r = &rows[i];
        print_message("  row %d\n", r->number);
        use(f, r);
        struct peer *p = dial(f, r, NULL, NULL);
        offer_key(f, p, r->clear_db);
        peer_free(p);
        p = dial(f, r, NULL, NULL);
        peer_send(p, "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'>=</auth>");
        peer_expect(p, "<encryption-required/>");
        peer_free(p);
        if (r->tls == NS) {
            p = dial(f, r, NULL, NULL);
            peer_send(p, "<starttls xmlns='" TLS_NS "'/>");
            peer_expect(p, "<failure xmlns='" TLS_NS "'/></stream:stream>");
            peer_expect_eof(p);
            peer_free(p);
            continue;
        }
        p = dial(f, r, f->good_client, r->good);
        if (strstr(r->good, "EXTERNAL")) {
            peer_send(p, "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'>=</auth>");
            peer_expect(p, "<success ");
        } else {
            peer_send(p, "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'>=</auth>");
            peer_expect(p, "<invalid-mechanism/>");
        }
        peer_free(p);
        p = dial(f, r, f->bad_client, r->bad);
        if (r->bad) offer_key(f, p, r->tls_db);
        peer_free(p);
        p = dial(f, r, f->good_client, r->good);
        if (r->tls_db == NOT_AUTHORIZED) offer_key(f, p, NOT_AUTHORIZED);
        peer_free(p);
    }
}

/* ---- initiating ---- */

struct scene {
    const char *name;
    bool starttls, external, refuse_external, good_certificate;
    size_t expected; /* offset of the outcome in struct row */
};

#define AT(member) offsetof(struct row, member)
static const struct scene scenes[] = {
    {"good peer", true, true, false, true, AT(good_peer)},
    {"bad certificate", true, true, false, false, AT(bad_peer)},
    {"no starttls", false, true, false, true, AT(no_starttls)},
    {"EXTERNAL refused", true, true, true, true, AT(refused)},
    {"EXTERNAL not offered", true, false, false, true, AT(no_external)},
};

static void answer(struct peer *p, const char *id, const char *features)
{
    peer_answer(p, "b.example", "a.example", id, true);
    peer_send(p, "<stream:features>%s</stream:features>", features);
}

/* Plays the peer; how the gateway got through. */
static enum out_way play(struct fixture *f, const struct row *r, const struct scene *s)
{
    struct peer *p = peer_accept(f->listener);
    const char *inside = s->external ? EXTERNAL DIALBACK : DIALBACK;
    enum out_way way = FAILS;
    answer(p, "id1", s->starttls ? "<starttls xmlns='" TLS_NS "'/>" DIALBACK : DIALBACK);
    bool starttls = r->tls == REQ || (r->tls == OPT && (s->starttls || !r->dialback));
    if (starttls) {
        peer_expect_without(p, "<starttls xmlns='" TLS_NS "'/>", "db:result");
        if (!s->starttls) {
            peer_send(p, "<failure xmlns='" TLS_NS "'/></stream:stream>");
            goto out;
        }
        peer_send(p, "<proceed xmlns='" TLS_NS "'/>");
        assert_true(peer_tls(p, s->good_certificate ? f->good_server : f->bad_server, true, NULL));
        answer(p, "id2", inside);
    }
    /* What comes next shows the way: <auth, <db:result, or an error. */
    char name[64];
    peer_take_element(p, name, sizeof name);
    if (strcmp(name, "auth") == 0 && !s->refuse_external) {
        peer_send(p, "<success xmlns='" SASL_NS "'/>");
        answer(p, "id3", "");
        way = BY_EXTERNAL;
    } else if (strcmp(name, "auth") == 0) {
        peer_send(p, "<failure xmlns='" SASL_NS "'><not-authorized/></failure>");
        peer_expect(p, "</auth>");
        peer_take_element(p, name, sizeof name);
    }
    if (strcmp(name, "db:result") == 0) {
        peer_send(p, "<db:result from='b.example' to='a.example' type='valid'/>");
        way = p->ssl ? BY_DB_TLS : BY_DB_CLEAR;
    }
    if (way != FAILS) peer_expect(p, "<message ");
out:
    peer_free(p);
    return way;
}

static void test_initiating(void **state)
{
    struct fixture *f = *state;
    char id[64];
    for (int i = 0; i < ROWS; i++) {
        const struct row *r = &rows[i];
        for (size_t j = 0; j < sizeof scenes / sizeof *scenes; j++) {
            const struct scene *s = &scenes[j];
            enum out_way expected;
            memcpy(&expected, (const char *)r + s->expected, sizeof expected);
            print_message("  row %d, %s\n", r->number, s->name);
            use(f, r);
            snprintf(id, sizeof id, "m-%d-%zu", r->number, j);
            assert_int_equal(lab_send(f->lab, "a.example", "b.example", id, 15000), 0);
            assert_int_equal(play(f, r, s), expected);
            if (expected == FAILS)
                assert_int_not_equal(lab_outcome(f->lab, id), FG_FAIL_NONE);
            else
                assert_int_equal(lab_outcome(f->lab, id), FG_FAIL_NONE);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_receiving, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_initiating, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
