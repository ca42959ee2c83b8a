/* Domains, JIDs and the mapping between SIP URIs and JIDs, with the published vectors both ways. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/address.h"
#include "gateway/xmpp/jid.h"

static const char *domain(const char *in)
{
    static char out[FG_DOMAIN_MAX];
    return fg_domain_prepare(in, strlen(in), out) ? NULL : out;
}

static void test_domains(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } good[] = {
        {"Example.COM", "example.com"},
        {"example.com.", "example.com"},
        {"fa\xc3\x9f.example", "xn--fa-hia.example"},
        {"FA\xc3\x9f.example", "xn--fa-hia.example"},
        {"xn--fa-hia.example", "xn--fa-hia.example"},
        {"XN--FA-HIA.Example", "xn--fa-hia.example"},
        {"b\xc3\xbc"
         "cher.example",
         "xn--bcher-kva.example"},
        {"bu\xcc\x88"
         "cher.example",
         "xn--bcher-kva.example"},
        {"\xef\xbd\x85xample\xe3\x80\x82"
         "com",
         "example.com"},
        {"\xe4\xbe\x8b\xe5\xad\x90.\xe4\xb8\xad\xe5\x9b\xbd", "xn--fsqu00a.xn--fiqs8s"},
        {"localhost", "localhost"},
        {"1.2.example", "1.2.example"},
        {"a-b.example", "a-b.example"},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        const char *got = domain(good[i].in);
        assert_non_null(got);
        assert_string_equal(got, good[i].out);
    }
    static const char *const bad[] = {
        "",
        ".",
        "..",
        "a..b",
        ".a",
        "a b",
        "_sip.example",
        "a_b.example",
        "-a.example",
        "a-.example",
        "192.0.2.1",
        "2001:db8::1",
        "[::1]",
        "exa\xffmple",
        "xn--zzzzzzzz99999.example",
        "a@b",
        "a/b",
        "example.com..",
        "*.example.com",
        "xn--a.example",
        "1234",
        "a\xe2\x80\x8e.example",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (domain(bad[i])) fail_msg("%s was taken as %s", bad[i], domain(bad[i]));
    char out[FG_DOMAIN_MAX], text[300];
    assert_int_equal(fg_domain_prepare("a\0b", 3, out), EINVAL);
    memset(text, 'a', sizeof text);
    assert_int_equal(fg_domain_prepare(text, 63, out), 0);
    assert_int_equal(fg_domain_prepare(text, 64, out), EINVAL);
    for (size_t i = 60; i < sizeof text; i += 61) text[i] = '.';
    assert_int_equal(fg_domain_prepare(text, 253, out), 0);
    assert_int_equal(fg_domain_prepare(text, 254, out), EINVAL);
}

static void test_display(void **state)
{
    (void)state;
    char out[FG_DOMAIN_TEXT_MAX];
    fg_domain_display("xn--fa-hia.example", out);
    assert_string_equal(out, "fa\xc3\x9f.example");
    fg_domain_display("example.com", out);
    assert_string_equal(out, "example.com");
}

static void test_hostport(void **state)
{
    (void)state;
    char host[FG_DOMAIN_MAX];
    uint16_t port;
    assert_int_equal(fg_hostport_parse("XMPP.Example.com:5270", host, &port), 0);
    assert_string_equal(host, "xmpp.example.com");
    assert_int_equal(port, 5270);
    assert_int_equal(fg_hostport_parse("xmpp.example.com", host, &port), 0);
    assert_int_equal(port, 0);
    assert_int_equal(fg_hostport_parse("[2001:DB8::0:1]:5269", host, &port), 0);
    assert_string_equal(host, "2001:db8::1");
    assert_int_equal(port, 5269);
    assert_int_equal(fg_hostport_parse("2001:db8::1", host, &port), 0);
    assert_int_equal(port, 0);
    assert_int_equal(fg_hostport_parse("192.0.2.1:1", host, &port), 0);
    static const char *const bad[] = {
        "",       ":5269",           "a:",        "a:0",   "a:65536", "a:5x", "[::1",
        "[::1]x", "[example.com]:1", "300.1.1.1", "a b:1", "[]:1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (fg_hostport_parse(bad[i], host, &port) == 0) fail_msg("%s was taken", bad[i]);
    assert_int_equal(fg_listen_parse("[::]:5269", host, &port), 0);
    assert_string_equal(host, "::");
    assert_int_equal(fg_listen_parse("127.0.0.1:0", host, &port), 0);
    assert_int_equal(fg_listen_parse("::", host, &port), EINVAL);
    assert_int_equal(fg_listen_parse("example.com:5269", host, &port), EINVAL);
    assert_int_equal(fg_listen_parse("0.0.0.0", host, &port), EINVAL);
}

/* SIP user part, JID local part, and what comes back (NULL: the same). */
static const struct {
    const char *sip, *jid, *back;
} vectors[] = {
    {"o'malley", "o\\27malley", NULL},
    {"a%20b", "a\\20b", NULL},
    {"user%40host", "user\\40host", NULL},
    {"c%3A%5C5commas", "c\\3a\\5c5commas", NULL},
    {"50%25", "50%", NULL},
    {"%5C27", "\\5c27", NULL},
    {"tsch%C3%BCss", "tsch\xc3\xbcss", NULL},
    {"m&m", "m\\26m", NULL},
    {"here's_a_wild_&_/cr%25zy/_address", "here\\27s_a_wild_\\26_\\2fcr%zy\\2f_address", NULL},
    {"x%23y%5Bz%5D%5E%7B%7C%7D%60", "x#y[z]^{|}`", NULL},
    {"f%C3%BC%22", "f\xc3\xbc\\22", NULL},
    {"%2520", "%20", NULL},
    {"Bob", "bob", "bob"},
    {"%5C5Cx", "\\5c5cx", "%5C5cx"},
    {"bob:", "bob", "bob"},
    {"%e4%b8%ad", "\xe4\xb8\xad", "%E4%B8%AD"},
    {"Fu%C3%9Fball", "fussball", "fussball"},
};

static void test_vectors(void **state)
{
    (void)state;
    struct fg_arena a;
    fg_arena_init(&a, 1 << 20);
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct fg_jid j;
        assert_int_equal(fg_sip_to_jid(&a, vectors[i].sip, strlen(vectors[i].sip), "Example.com",
                                       11, NULL, 0, &j),
                         0);
        assert_string_equal(j.local, vectors[i].jid);
        assert_string_equal(j.domain, "example.com");
        assert_null(j.resource);
        char want[256];
        snprintf(want, sizeof want, "sip:%s@example.com",
                 vectors[i].back ? vectors[i].back : vectors[i].sip);
        struct fg_buf b;
        fg_buf_init(&b, 4096);
        assert_int_equal(fg_jid_to_sip(&b, &j, true), 0);
        assert_string_equal(fg_buf_cstr(&b), want);
        fg_buf_free(&b);
    }
    fg_arena_free(&a);
}

static void test_refused_users(void **state)
{
    (void)state;
    static const char *const bad[] = {"%ff",  "a%00b", "a%2",    "a%zz",          "bob:secret",
                                      "%20a", "a%20",  "%C0%80", "a%F0%9F%98%80", ":"};
    struct fg_arena a;
    struct fg_jid j;
    fg_arena_init(&a, 1 << 20);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (fg_sip_to_jid(&a, bad[i], strlen(bad[i]), "a.example", 9, NULL, 0, &j) != EINVAL)
            fail_msg("%s was taken", bad[i]);
    assert_int_equal(fg_sip_to_jid(&a, "bob", 3, "192.0.2.1", 9, NULL, 0, &j), EINVAL);
    char big[4000];
    memset(big, 'a', sizeof big);
    assert_int_equal(fg_sip_to_jid(&a, big, 1023, "a.example", 9, NULL, 0, &j), 0);
    assert_int_equal(fg_sip_to_jid(&a, big, 1024, "a.example", 9, NULL, 0, &j), ENAMETOOLONG);
    assert_int_equal(fg_sip_to_jid(&a, big, sizeof big, "a.example", 9, NULL, 0, &j), ENAMETOOLONG);
    fg_arena_free(&a);
}

/* Spellings that would mean the SIP user of another JID. */
static void test_aliases(void **state)
{
    (void)state;
    static const char *const bad[] = {"\\5cbob@a.example", "\\5c5@a.example", "\\20bob@a.example",
                                      "bob\\20@a.example", "\\5c@a.example"};
    struct fg_arena a;
    struct fg_jid j;
    struct fg_buf b;
    fg_arena_init(&a, 1 << 20);
    fg_buf_init(&b, 4096);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(fg_jid_parses(&a, bad[i], &j), 0);
        if (fg_jid_to_sip(&b, &j, false) != EINVAL) fail_msg("%s was taken", bad[i]);
        assert_int_equal(fg_buf_len(&b), 0);
    }
    fg_buf_free(&b);
    fg_arena_free(&a);
}

static void test_gr(void **state)
{
    (void)state;
    struct fg_arena a;
    struct fg_jid j;
    struct fg_buf b;
    fg_arena_init(&a, 1 << 20);
    fg_buf_init(&b, 4096);
    assert_int_equal(fg_sip_to_jid(&a, "juliet", 6, "example.com", 11, "yn0cl4bnw0yr3vym", 16, &j),
                     0);
    assert_string_equal(j.resource, "yn0cl4bnw0yr3vym");
    assert_int_equal(fg_jid_parses(&a, "Romeo@Example.org/My Phone;x=\xc3\xbc", &j), 0);
    assert_int_equal(fg_jid_to_sip(&b, &j, true), 0);
    assert_string_equal(fg_buf_cstr(&b), "sip:romeo@example.org;gr=My%20Phone%3Bx%3D%C3%BC");
    fg_buf_reset(&b);
    assert_int_equal(fg_jid_to_sip(&b, &j, false), 0);
    assert_string_equal(fg_buf_cstr(&b), "sip:romeo@example.org");
    struct fg_jid only = {.domain = "example.org"};
    fg_buf_reset(&b);
    assert_int_equal(fg_jid_to_sip(&b, &only, false), 0);
    assert_string_equal(fg_buf_cstr(&b), "sip:example.org");
    struct fg_buf small;
    fg_buf_init(&small, 8);
    assert_int_equal(fg_jid_to_sip(&small, &j, false), ENOBUFS);
    assert_int_equal(fg_buf_len(&small), 0);
    fg_buf_free(&small);
    fg_buf_free(&b);
    fg_arena_free(&a);
}

static void test_jids(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } good[] = {
        {"Bob@Example.COM/Home", "bob@example.com/Home"},
        {"example.com", "example.com"},
        {"example.com/a@b/c", "example.com/a@b/c"},
        {"bob@fa\xc3\x9f.example", "bob@xn--fa-hia.example"},
        {"\xef\xbc\xa1\xef\xbc\xa2@a.example", "ab@a.example"},
        {"\xce\xa3\xce\x91\xce\xa3@a.example", "\xcf\x83\xce\xb1\xcf\x83@a.example"},
        {"\xe2\x85\xa3@a.example", "iv@a.example"},
        {"a@b.example/\xf0\x9f\x98\x80", "a@b.example/\xf0\x9f\x98\x80"},
        {"a\\40b@c.example", "a\\40b@c.example"},
    };
    struct fg_arena a;
    fg_arena_init(&a, 1 << 20);
    char text[FG_JID_MAX];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct fg_jid j, again;
        assert_int_equal(fg_jid_parses(&a, good[i].in, &j), 0);
        assert_int_equal(fg_jid_text(&j, text, sizeof text), 0);
        assert_string_equal(text, good[i].out);
        assert_int_equal(fg_jid_parses(&a, text, &again), 0);
        assert_true(fg_jid_equal(&j, &again));
    }
    static const char *const bad[] = {"",
                                      "@a.example",
                                      "a@",
                                      "a@b@c.example",
                                      "a b@c.example",
                                      "a@b.example/",
                                      "/x",
                                      "a&b@c.example",
                                      "a<b@c.example",
                                      "a@192.0.2.1",
                                      "\xff@a.example",
                                      "a@b.example/\x07",
                                      "\xf0\x9f\x98\x80@a.example",
                                      "\xef\xbc\xa0@a.example"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct fg_jid j;
        if (fg_jid_parses(&a, bad[i], &j) != EINVAL) fail_msg("%s was taken", bad[i]);
    }
    struct fg_jid x, y;
    assert_int_equal(fg_jid_parses(&a, "a@b.example/1", &x), 0);
    assert_int_equal(fg_jid_parses(&a, "a@b.example/2", &y), 0);
    assert_true(fg_jid_equal_bare(&x, &y));
    assert_false(fg_jid_equal(&x, &y));
    assert_int_equal(fg_jid_text(&x, text, 5), EINVAL);
    struct fg_buf b;
    fg_buf_init(&b, 1000);
    assert_int_equal(fg_jid_parses(&a, "a@xn--fa-hia.example/1", &x), 0);
    assert_int_equal(fg_jid_print_wire(&b, &x), 0);
    assert_string_equal(fg_buf_cstr(&b), "a@fa\xc3\x9f.example/1");
    fg_buf_free(&b);
    fg_arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_domains),
        cmocka_unit_test(test_display),
        cmocka_unit_test(test_hostport),
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_refused_users),
        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_gr),
        cmocka_unit_test(test_jids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
