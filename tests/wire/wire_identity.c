/* Who a peer is, by certificates that prove nothing and by names in other spellings (wire cases 29,
 * 30). */
#include "tests/wire/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define SASL_NS "urn:ietf:params:xml:ns:xmpp-sasl"

static const struct lab_partner partners[] = {
    {.domain = "b.example", .tls = FG_REQUIRED, .sasl = FG_REQUIRED},
    {.domain = "xn--bcher-kva.example", .tls = FG_REQUIRED, .sasl = FG_REQUIRED},
};

struct fixture {
    struct lab *lab;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->lab = lab_new(&(struct lab_config){.partners = partners, .n_partners = 2});
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    lab_free(f->lab);
    free(f);
    return 0;
}

static struct peer *dial_tls(struct fixture *f, const char *from, SSL_CTX *ctx)
{
    struct peer *p = peer_connect(lab_port(f->lab));
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
    peer_send(p, "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'>=</auth>");
    peer_expect(p, "<success xmlns='" SASL_NS "'/>");
    peer_open(p, from, "a.example");
    peer_expect_header(p);
    peer_expect(p, "<stream:features></stream:features>");
}

/* 30: certificates with the right name that nothing vouches for. */
static void test_unproved_certificates(void **state)
{
    struct fixture *f = *state;
    struct lab_ca *elsewhere = lab_ca_new("elsewhere");
    struct lab_cert *certs[] = {lab_cert_new(lab_ca(f->lab), "b.example", -1),
                                lab_cert_new(elsewhere, "b.example", 5)};
    for (size_t i = 0; i < 2; i++) {
        SSL_CTX *ctx = lab_peer_ctx(certs[i], false);
        struct peer *p = dial_tls(f, "b.example", ctx);
        peer_expect_without(p, "<stream:error><policy-violation ", "mechanism");
        peer_expect_eof(p);
        peer_free(p);
        SSL_CTX_free(ctx);
        lab_cert_free(certs[i]);
    }
    lab_ca_free(elsewhere);
    assert_int_equal(lab_stanzas(f->lab), 0);
}

/* 29: one domain in all its spellings, and a look-alike. */
static void test_spellings(void **state)
{
    struct fixture *f = *state;
    struct lab_cert *cert = lab_cert_new(lab_ca(f->lab), "xn--bcher-kva.example", 5);
    SSL_CTX *ctx = lab_peer_ctx(cert, false);
    struct peer *p = dial_tls(f,
                              "b\xc3\xbc"
                              "cher.example",
                              ctx);
    authenticate(p, "XN--BCHER-KVA.example");
    peer_send(p, "<message from='u@B\xc3\x9c"
                 "CHER.Example' to='v@A.EXAMPLE.' id='1'/>");
    assert_string_equal(lab_stanza(f->lab, 0),
                        "message u@xn--bcher-kva.example v@a.example 1 - sasl_tls");
    peer_send(p, "<message from='u@bucher.example' to='v@a.example' id='2'/>");
    peer_expect_error(p, "invalid-from");
    assert_int_equal(lab_stanzas(f->lab), 1);
    peer_free(p);
    SSL_CTX_free(ctx);
    lab_cert_free(cert);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {T(test_unproved_certificates), T(test_spellings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
