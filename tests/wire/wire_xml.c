/* Hostile XML on authenticated streams: each ends with the right stream error, in bounded memory,
 * and nobody else notices (wire case 16; RFC 6120 11.1, 13.12). */
#include "tests/wire/lab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SASL_NS "urn:ietf:params:xml:ns:xmpp-sasl"
#define HEAD    "<message from='u@b.example' to='v@a.example'>"

static const struct lab_partner partners[] = {
    {.domain = "b.example", .tls = FG_REQUIRED, .sasl = FG_REQUIRED},
};

static void tight(struct fg_settings *s)
{
    s->limits.stanza_bytes = 20000;
    s->limits.depth = 10;
    s->limits.attributes = 8;
}

static const struct lab_config config = {partners, 1, tight, false, false};

struct fixture {
    struct lab *lab;
    struct lab_cert *cert;
    SSL_CTX *ctx;
    struct peer *bystander;
};

static struct peer *dial_open(struct fixture *f)
{
    struct peer *p = peer_connect(lab_port(f->lab));
    peer_open(p, "b.example", "a.example");
    peer_expect(p, "</stream:features>");
    peer_starttls(p, f->ctx);
    peer_open(p, "b.example", "a.example");
    peer_expect(p, "</stream:features>");
    peer_send(p, "<auth xmlns='" SASL_NS "' mechanism='EXTERNAL'>=</auth>");
    peer_expect(p, "<success xmlns='" SASL_NS "'/>");
    peer_open(p, "b.example", "a.example");
    peer_expect(p, "</stream:features>");
    return p;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->lab = lab_new(&config);
    f->cert = lab_cert_new(lab_ca(f->lab), "b.example", 5);
    f->ctx = lab_peer_ctx(f->cert, false);
    f->bystander = dial_open(f);
    *state = f;
    return 0;
}

/* Whatever happened to the others, this stream still works. */
static int tear_down(void **state)
{
    struct fixture *f = *state;
    size_t n = lab_stanzas(f->lab);
    peer_send(f->bystander, "<message from='u@b.example' to='v@a.example' id='still'/>");
    assert_string_equal(lab_stanza(f->lab, n), "message u@b.example v@a.example still - sasl_tls");
    peer_free(f->bystander);
    lab_free(f->lab);
    SSL_CTX_free(f->ctx);
    lab_cert_free(f->cert);
    free(f);
    return 0;
}

struct bad {
    const char *xml, *condition;
};

static void test_restricted(void **state)
{
    static const struct bad cases[] = {
        {HEAD "<!-- comment --></message>", "restricted-xml"},
        {"<!-- between stanzas -->", "restricted-xml"},
        {HEAD "<?php echo ?></message>", "restricted-xml"},
        {HEAD "<body>&foo;</body></message>", "restricted-xml"},
        {HEAD "<body>\x01</body></message>", "not-well-formed"},
        {HEAD "<body>&#1;</body></message>", "not-well-formed"},
        {HEAD "<body>\xff\xfe</body></message>", "not-well-formed"},
        {HEAD "<body>\xed\xa0\x80</body></message>", "not-well-formed"},
        {HEAD "<body></message>", "not-well-formed"},
        {HEAD "<body x='1' x='2'/></message>", "not-well-formed"},
        {HEAD "<p:body/></message>", "not-well-formed"},
        {"</message>", "not-well-formed"},
        {"some text between stanzas", "bad-format"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct peer *p = dial_open(*state);
        peer_send(p, "%s", cases[i].xml);
        peer_expect_error(p, cases[i].condition);
        peer_free(p);
    }
    assert_int_equal(lab_stanzas(((struct fixture *)*state)->lab), 0);
}

static void test_prolog(void **state)
{
    struct fixture *f = *state;
    static const struct bad cases[] = {
        {"<?xml version='1.0'?><!DOCTYPE s [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
         "\"&a;&a;&a;&a;&a;\">]>"
         "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>&b;",
         "restricted-xml"},
        {"<!DOCTYPE s SYSTEM 'http://example.org/x.dtd'>", "restricted-xml"},
        {"<?xml version='1.0' encoding='ISO-8859-1'?>", "unsupported-encoding"},
        {"\xff\xfe<\x01", "unsupported-encoding"},
        {"GET / HTTP/1.1\r\n", "not-well-formed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct peer *p = peer_connect(lab_port(f->lab));
        peer_send(p, "%s", cases[i].xml);
        peer_expect_header(p);
        peer_expect_error(p, cases[i].condition);
        peer_free(p);
    }
}

static void send_stanza_of(struct peer *p, size_t total)
{
    static const char head[] = HEAD "<body>", tail[] = "</body></message>";
    size_t fill = total - (sizeof head - 1) - (sizeof tail - 1);
    char *text = malloc(total + 1);
    memcpy(text, head, sizeof head - 1);
    memset(text + sizeof head - 1, 'x', fill);
    memcpy(text + sizeof head - 1 + fill, tail, sizeof tail);
    peer_write(p, text, total);
    free(text);
}

/* Exactly at the limit passes, also behind white space and another stanza; one byte more does not.
 */
static void test_size(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_open(f);
    peer_send(p, "  \n  ");
    send_stanza_of(p, 20000);
    lab_stanza(f->lab, 0);
    peer_send(p, "<message from='u@b.example' to='v@a.example'/>");
    send_stanza_of(p, 20000);
    lab_stanza(f->lab, 2);
    send_stanza_of(p, 20001);
    peer_expect(p, "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>");
    peer_expect(p, "<stanza-too-big xmlns='urn:xmpp:errors'/></stream:error></stream:stream>");
    peer_expect_eof(p);
    assert_int_equal(lab_stanzas(f->lab), 3);
    peer_free(p);
}

/* A stanza that never ends, in one attribute and in text. */
static void test_endless(void **state)
{
    static const char *const heads[] = {"<message a='", HEAD "<body>", "<message "};
    for (size_t i = 0; i < 3; i++) {
        struct peer *p = dial_open(*state);
        peer_send(p, "%s", heads[i]);
        for (int n = 0; n < 30000; n += 1000) {
            char fill[1001];
            memset(fill, i == 2 ? ' ' : 'y', 1000);
            fill[1000] = '\0';
            peer_send(p, "%s", fill);
        }
        peer_expect_error(p, "policy-violation");
        peer_free(p);
    }
}

/* A long text is welcome, a tag of that size is not, though the stanza would be allowed: reading it
 * in small pieces would cost the square of its length. */
static void test_long_tag(void **state)
{
    struct fixture *f = *state;
    static char fill[19001];
    memset(fill, '>', 19000);
    struct peer *p = dial_open(f);
    peer_send(p, HEAD "<body x='%.12000s'/></message>", fill);
    lab_stanza(f->lab, 0);
    peer_send(p, HEAD "<body x='%s'/></message>", fill);
    peer_expect(p, "<stream:error><policy-violation ");
    peer_expect(p, "<stanza-too-big ");
    peer_expect_eof(p);
    assert_int_equal(lab_stanzas(f->lab), 1);
    peer_free(p);
}

static void test_depth_and_attributes(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_open(f);
    /* message and nine below it are ten */
    peer_send(p, HEAD "<a><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a></a></message>");
    lab_stanza(f->lab, 0);
    peer_send(p,
              HEAD "<a><a><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a></a></a></message>");
    peer_expect_error(p, "policy-violation");
    peer_free(p);
    p = dial_open(f);
    peer_send(p, HEAD "<a a='' b='' c='' d='' e='' f='' g='' h=''/></message>");
    lab_stanza(f->lab, 1);
    peer_send(p, HEAD "<a a='' b='' c='' d='' e='' f='' g='' h='' i=''/></message>");
    peer_expect_error(p, "policy-violation");
    peer_free(p);
}

/* A stanza in pieces of one byte is taken as soon as its last byte has come. */
static void test_dripping(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_open(f);
    static const char stanza[] = HEAD "<body>&lt;&#x20ac;\xe2\x82\xac</body></message>";
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof stanza - 1; i++) peer_write(p, stanza + i, 1);
        lab_stanza(f->lab, round);
    }
    peer_free(p);
}

/* Large stanzas make the parser start afresh behind the scenes; the stream does not notice, and its
 * namespaces hold. */
static void test_large_then_small(void **state)
{
    struct fixture *f = *state;
    struct peer *p = dial_open(f);
    for (size_t i = 0; i < 3; i++) {
        send_stanza_of(p, 19000);
        lab_stanza(f->lab, 2 * i);
        peer_send(p, "<message from='u@b.example' to='v@a.example' id='s%zu'/>", i);
        char want[64];
        snprintf(want, sizeof want, "message u@b.example v@a.example s%zu - sasl_tls", i);
        assert_string_equal(lab_stanza(f->lab, 2 * i + 1), want);
    }
    peer_send(p, "<db:result from='b.example' to='a.example'>k</db:result>");
    peer_expect(p, "type='error'");
    peer_send(p, "</stream:stream>");
    peer_expect_without(p, "</stream:stream>", "stream:error");
    peer_free(p);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_restricted), T(test_prolog),           T(test_size),
        T(test_endless),    T(test_long_tag),         T(test_depth_and_attributes),
        T(test_dripping),   T(test_large_then_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
