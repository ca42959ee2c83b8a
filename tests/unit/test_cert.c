/* What a certificate proves: identity rules as tables (RFC 6120 13.7, RFC 6125, RFC 5922),
 * purposes, and the building of TLS contexts from PEM. */
#include "gateway/net/tls.h"
#include "tests/unit/make_cert.h"

#include <cmocka.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct row {
    const char *san, *domain;
    bool matches;
};

static void run(const struct row *rows, size_t n, bool (*names)(X509 *, const char *))
{
    for (size_t i = 0; i < n; i++) {
        struct made_cert m =
            make_cert(&(struct cert_wish){.san = rows[i].san, .cn = rows[i].domain});
        if (names(m.cert, rows[i].domain) != rows[i].matches)
            fail_msg("%s for %s", rows[i].san ? rows[i].san : "(no SAN)", rows[i].domain);
        made_free(&m);
    }
}

static void xmpp_identity(void **state)
{
    (void)state;
#define SRVNAME  "otherName:1.3.6.1.5.5.7.8.7;IA5STRING:"
#define XMPPADDR "otherName:1.3.6.1.5.5.7.8.5;UTF8String:"
    static const struct row rows[] = {
        {"DNS:b.example", "b.example", true},
        {"DNS:B.Example", "b.example", true},
        {"DNS:b.example.", "b.example", true},
        {"DNS:c.example,DNS:b.example", "b.example", true},
        {"DNS:xb.example", "b.example", false},
        {"DNS:example", "b.example", false},
        {"DNS:*.example", "a.example", true},
        {"DNS:*.example", "a.b.example", false},
        {"DNS:*.example", "example", false},
        {"DNS:a*.example", "ab.example", false},
        {"DNS:*", "example", false},
        {"DNS:*.*.example", "a.b.example", false},
        {"DNS:a.*.example", "a.b.example", false},
        {NULL, "b.example", false}, /* the CN is the domain, and counts for nothing */
        {"email:b@b.example", "b.example", false},
        {"IP:192.0.2.1", "192.0.2.1", false},
        {SRVNAME "_xmpp-server.b.example", "b.example", true},
        {SRVNAME "_XMPP-Server.b.example", "b.example", true},
        {SRVNAME "_xmpp-client.b.example", "b.example", false},
        {SRVNAME "b.example", "b.example", false},
        {SRVNAME "_xmpp-server.*.example", "b.example", true},
        {XMPPADDR "b.example", "b.example", true},
        {XMPPADDR "B.EXAMPLE", "b.example", true},
        {XMPPADDR "u@b.example", "b.example", false},
        {XMPPADDR "b.example/r", "b.example", false},
        {XMPPADDR "*.example", "b.example", false},
        {"DNS:xn--bcher-kva.example", "xn--bcher-kva.example", true},
    };
    run(rows, sizeof rows / sizeof *rows, fg_cert_names_xmpp_domain);
}

static void nul_in_name(void **state)
{
    (void)state;
    static const char evil[] = "b.example\0.evil.example";
    struct made_cert m =
        make_cert(&(struct cert_wish){.raw_dns = evil, .raw_dns_len = sizeof evil - 1});
    assert_false(fg_cert_names_xmpp_domain(m.cert, "b.example"));
    assert_false(fg_cert_names_sip_domain(m.cert, "b.example"));
    char names[128];
    fg_cert_names(m.cert, names, sizeof names);
    assert_int_equal(strlen(names), strcspn(names, "\n"));
    assert_string_not_equal(names, "b.example");
    made_free(&m);
}

static void sip_identity(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"URI:sip:d.example", "d.example", true},
        {"URI:sip:D.Example", "d.example", true},
        {"DNS:d.example", "d.example", true},
        {"DNS:*.example", "d.example", false},
        {"URI:sip:other.example,DNS:d.example", "d.example", false},
        {"URI:sip:u@d.example", "d.example", false},
        {"URI:https:d.example,DNS:d.example", "d.example", true},
        {NULL, "d.example", false},
    };
    run(rows, sizeof rows / sizeof *rows, fg_cert_names_sip_domain);
}

static void purposes(void **state)
{
    (void)state;
    static const struct {
        const char *eku;
        bool server;
    } rows[] = {
        {NULL, true}, {"serverAuth", true}, {"clientAuth", false}, {"serverAuth,clientAuth", true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct made_cert m = make_cert(&(struct cert_wish){.eku = rows[i].eku});
        assert_int_equal(fg_cert_is_server(m.cert), rows[i].server);
        made_free(&m);
    }
}

static void names_are_cut_and_quoted(void **state)
{
    (void)state;
    struct made_cert m = make_cert(&(struct cert_wish){.san = "DNS:one.example,DNS:two.example"});
    char names[64], small[8];
    assert_string_equal(fg_cert_names(m.cert, names, sizeof names), "one.example, two.example");
    fg_cert_names(m.cert, small, sizeof small);
    assert_true(strlen(small) < sizeof small);
    assert_true(fg_cert_not_after_ms(m.cert) > 1500000000000);
    made_free(&m);
}

static void a_name_does_not_look_like_two(void **state)
{
    (void)state;
    static const char one[] = "evil.example, b.example";
    struct made_cert m =
        make_cert(&(struct cert_wish){.raw_dns = one, .raw_dns_len = sizeof one - 1});
    char names[64];
    assert_string_equal(fg_cert_names(m.cert, names, sizeof names),
                        "evil.example\\u{2c}\\u{20}b.example");
    made_free(&m);
}

/* What does not fit is left out as a whole: half a character would be no text any more. */
static void names_that_do_not_fit(void **state)
{
    (void)state;
    struct made_cert m = make_cert(
        &(struct cert_wish){.san = "DNS:one.example," XMPPADDR "\xc3\xbc\xc3\xbc.example"});
    char all[128];
    fg_cert_names(m.cert, all, sizeof all);
    assert_true(strlen(all) > strlen("one.example, .example"));
    for (size_t size = 1; size < sizeof all; size++) {
        char names[128];
        fg_cert_names(m.cert, names, size);
        assert_true(strlen(names) < size);
        assert_true(!*names || strcmp(names, "one.example") == 0 || strcmp(names, all) == 0);
    }
    made_free(&m);
}

static int build(const char *chain, const char *key, const char **code)
{
    static char text[64];
    struct fg_problems problems;
    fg_problems_init(&problems);
    struct fg_credential credential = {chain, key};
    struct fg_tls_ctx *ctx = NULL;
    int err = fg_tls_ctx_new(&ctx,
                             &(struct fg_tls_settings){.role = FG_TLS_SERVER,
                                                       .credential = &credential,
                                                       .min_version = "1.2",
                                                       .preset = "intermediate"},
                             "/p", &problems);
    snprintf(text, sizeof text, "%s", problems.count ? problems.items[0].code : "");
    if (problems.count) assert_string_equal(problems.items[0].pointer, "/p");
    *code = text;
    fg_tls_ctx_put(ctx);
    fg_problems_free(&problems);
    return err;
}

static void contexts(void **state)
{
    (void)state;
    struct made_cert a = make_cert(&(struct cert_wish){.san = "DNS:a.example"});
    struct made_cert b = make_cert(&(struct cert_wish){.san = "DNS:b.example"});
    const char *code;
    assert_int_equal(build(a.cert_pem, a.key_pem, &code), 0);
    assert_string_equal(code, "");
    assert_int_equal(build("no pem", a.key_pem, &code), EINVAL);
    assert_string_equal(code, "certificate_unusable");
    assert_int_equal(build(a.cert_pem, "no pem", &code), EINVAL);
    assert_string_equal(code, "key_unusable");
    assert_int_equal(build(a.cert_pem, b.key_pem, &code), EINVAL);
    assert_true(strcmp(code, "key_mismatch") == 0 || strcmp(code, "key_unusable") == 0);
    made_free(&a);
    made_free(&b);
}

static void trust(void **state)
{
    (void)state;
    struct made_cert ca = make_cert(&(struct cert_wish){.ca = true});
    struct fg_problems problems;
    fg_problems_init(&problems);
    X509_STORE *store = NULL;
    const char *good[] = {ca.cert_pem}, *bad[] = {ca.cert_pem, "nothing"};
    assert_int_equal(fg_trust_new(&store, good, 1, false, &problems), 0);
    X509_STORE_free(store);
    store = NULL;
    assert_int_equal(fg_trust_new(&store, bad, 2, false, &problems), EINVAL);
    assert_null(store);
    assert_int_equal(problems.count, 1);
    fg_problems_free(&problems);
    made_free(&ca);
}

static void verdicts(void **state)
{
    (void)state;
    assert_int_equal(fg_cert_failure(X509_V_OK), FG_FAIL_NONE);
    assert_int_equal(fg_cert_failure(X509_V_ERR_CERT_HAS_EXPIRED), FG_FAIL_CERT_EXPIRED);
    assert_int_equal(fg_cert_failure(X509_V_ERR_CERT_REVOKED), FG_FAIL_CERT_REVOKED);
    assert_int_equal(fg_cert_failure(X509_V_ERR_INVALID_PURPOSE), FG_FAIL_CERT_PURPOSE);
    assert_int_equal(fg_cert_failure(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT),
                     FG_FAIL_CERT_UNTRUSTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xmpp_identity),
        cmocka_unit_test(nul_in_name),
        cmocka_unit_test(sip_identity),
        cmocka_unit_test(purposes),
        cmocka_unit_test(names_are_cut_and_quoted),
        cmocka_unit_test(a_name_does_not_look_like_two),
        cmocka_unit_test(names_that_do_not_fit),
        cmocka_unit_test(contexts),
        cmocka_unit_test(trust),
        cmocka_unit_test(verdicts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
