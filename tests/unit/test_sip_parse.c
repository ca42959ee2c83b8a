/* SIP below transactions: framing of streams, the checks on messages, raw refusals, the timer heap.
 */
#include "gateway/sip/stack.h"

#include "gateway/base/rand.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define START   "MESSAGE sip:romeo@contoso.test SIP/2.0\r\n"
#define VIA     "Via: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bKabc\r\n"
#define FROM    "From: <sip:juliet@contoso.test>;tag=one\r\n"
#define TO      "To: <sip:romeo@fabrikam.test>\r\n"
#define ID      "Call-ID: id-1\r\n"
#define SEQ     "CSeq: 1 MESSAGE\r\n"
#define HOPS    "Max-Forwards: 70\r\n"
#define LENGTH0 "Content-Length: 0\r\n"
#define WHOLE   START VIA FROM TO ID SEQ HOPS LENGTH0 "\r\n"

/* ---- framing ---- */

/* Feeds `text` as a stream in steps of `step` bytes and writes what is found, one letter each. */
static void frames(const char *text, size_t len, size_t step, char *out)
{
    struct fg_sip_framer framer = {0};
    struct fg_sip_frame f;
    char *data = malloc(len);
    size_t from = 0, have = 0;
    memcpy(data, text, len);
    for (;;) {
        fg_sip_frame_next(&framer, data + from, have - from, &f);
        if (f.kind == FG_SIP_FRAME_BAD) {
            *out++ = f.code == 513 ? 'L' : 'B';
            break;
        }
        if (f.kind == FG_SIP_FRAME_MORE) {
            if (have == len) {
                if (!f.idle) *out++ = '+';
                break;
            }
            have = have + step < len ? have + step : len;
            continue;
        }
        *out++ = f.kind == FG_SIP_FRAME_MESSAGE ? 'M' : f.kind == FG_SIP_FRAME_PING ? 'P' : 's';
        from += f.head + f.body;
    }
    *out = '\0';
    free(data);
}

static void framing(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", ""},
        {"\r\n", ""},
        {"\r\n\r\n", "P"},
        {"\r\n\r\n\r\n\r\n", "PP"},
        {"\r\n" WHOLE, "sM"},
        {"\r\n\r\n" WHOLE "\r\n\r\n", "PMP"},
        {WHOLE, "M"},
        {WHOLE WHOLE WHOLE, "MMM"},
        {START, "+"},
        {START VIA "l: 5\r\n\r\nhello" WHOLE, "MM"},
        {START VIA "L :5\r\n\r\nhello", "M"},
        {START VIA "content-LENGTH:  5 \r\n\r\nhel", "+"},
        {START VIA "\r\n", "B"},                          /* none */
        {START "Content-Length: 0\r\nl: 0\r\n\r\n", "B"}, /* two */
        {START "Content-Length: -1\r\n\r\n", "B"},
        {START "Content-Length: +1\r\n\r\n", "B"},
        {START "Content-Length: 1x\r\n\r\n", "B"},
        {START "Content-Length:\r\n\r\n", "B"},
        {START "Content-Length: 0, 0\r\n\r\n", "B"},
        {START "Content-Length: 99999999999999999999\r\n\r\n", "B"},
        {START "Content-Length: 65537\r\n\r\n", "L"},
        {START "Content-Length: 65536\r\n\r\n", "+"},
        {START "Content-Length:\r\n 2\r\n\r\nhi", "M"},     /* folded */
        {START VIA "X: a\nContent-Length: 0\r\n\r\n", "B"}, /* bare LF */
        {START VIA "X: a\rContent-Length: 0\r\n\r\n", "B"}, /* bare CR */
        {START VIA "no colon\r\nContent-Length: 0\r\n\r\n", "B"},
        {"X\r\n\r\n", "B"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static const size_t steps[] = {1, 2, 3, 7, 4096};
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            char got[64];
            frames(cases[i].text, strlen(cases[i].text), steps[k], got);
            if (strcmp(got, cases[i].want) != 0)
                fail_msg("case %zu step %zu: %s, not %s", i, steps[k], got, cases[i].want);
        }
    }
}

static void framing_limits(void **state)
{
    (void)state;
    enum { SIZE = FG_SIP_HEADER_MAX + 100 };
    char *data = malloc(SIZE), got[8];
    memset(data, 'a', SIZE);
    memcpy(data, START "X: ", strlen(START "X: "));
    frames(data, SIZE, 1000, got);
    assert_string_equal(got, "L");
    /* One byte under the limit is still waited for. */
    frames(data, FG_SIP_HEADER_MAX - 1, 1000, got);
    assert_string_equal(got, "+");
    /* A NUL anywhere in the header. */
    static const char nul[] = START "X: \0\r\nContent-Length: 0\r\n\r\n";
    frames(nul, sizeof nul - 1, 100, got);
    assert_string_equal(got, "B");
    free(data);
}

/* ---- checks ---- */

struct outcome {
    int code;
    const char *why;
    struct fg_sip_parsed p;
    char *data;
};

static struct fg_sip_parser parser;

static void decode_bytes(struct outcome *o, const char *text, size_t len)
{
    /* Exactly as large as the message, so that a sanitizer sees every step too far. */
    o->data = malloc(len);
    memcpy(o->data, text, len);
    const char *end = memmem(o->data, len, "\r\n\r\n", 4);
    assert_non_null(end);
    size_t head = (size_t)(end - o->data) + 4;
    struct fg_sip_scan scan;
    fg_sip_scan(o->data, head, &scan);
    o->code = fg_sip_parse(&parser, o->data, head, len - head, &scan, &o->p, &o->why);
}

static void decode(struct outcome *o, const char *text)
{
    decode_bytes(o, text, strlen(text));
}

static void malformed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int code;
    } cases[] = {
        {WHOLE, 0},
        {START "v: SIP/2.0/TCP h;branch=z9hG4bKa\r\nf: <sip:a@b>;tag=1\r\nt: sip:a@b\r\ni: x\r\n"
               "CSeq: 1 MESSAGE\r\n\r\n",
         0},
        {START VIA FROM TO ID SEQ "\r\n", 0}, /* Max-Forwards may be missing (16.3) */
        {START FROM TO ID SEQ HOPS "\r\n", 400},
        {START VIA TO ID SEQ HOPS "\r\n", 400},
        {START VIA FROM ID SEQ HOPS "\r\n", 400},
        {START VIA FROM TO SEQ HOPS "\r\n", 400},
        {START VIA FROM TO ID HOPS "\r\n", 400},
        {START VIA FROM FROM TO ID SEQ HOPS "\r\n", 400},
        {START VIA FROM TO TO ID SEQ HOPS "\r\n", 400},
        {START VIA FROM TO ID ID SEQ HOPS "\r\n", 400},
        {START VIA FROM TO ID "i: other\r\n" SEQ HOPS "\r\n", 400},
        {START VIA FROM TO ID SEQ SEQ HOPS "\r\n", 400},
        {START VIA FROM TO ID SEQ HOPS HOPS "\r\n", 400},
        {START VIA FROM TO ID SEQ "Max-Forwards: x\r\n\r\n", 400},
        {START VIA FROM TO ID SEQ "Max-Forwards: 256\r\n\r\n", 400},
        {START VIA FROM TO ID SEQ "Max-Forwards: -1\r\n\r\n", 400},
        {START VIA FROM TO ID SEQ "Max-Forwards: 255\r\n\r\n", 0},
        {START VIA FROM TO ID "CSeq: 1 INVITE\r\n\r\n", 400},
        {START VIA FROM TO ID "CSeq: 1 message\r\n\r\n", 400},
        {START VIA FROM TO ID "CSeq: x MESSAGE\r\n\r\n", 400},
        {START VIA FROM TO ID "CSeq: MESSAGE\r\n\r\n", 400},
        {START VIA FROM TO ID "CSeq: 1\r\n\r\n", 400},
        {START VIA FROM TO ID "CSeq: 99999999999 MESSAGE\r\n\r\n", 400},
        {START VIA FROM TO ID "CSeq: 1 MESSAGE x\r\n\r\n", 400},
        {START VIA FROM TO "Call-ID: a b\r\n" SEQ "\r\n", 400},
        {START VIA FROM TO "Call-ID:\r\n" SEQ "\r\n", 400},
        {START VIA "From: <sip:a@b>\r\n" TO ID SEQ "\r\n", 400}, /* no tag */
        {START VIA "From: <sip:a@b>;tag=\r\n" TO ID SEQ "\r\n", 400},
        {START VIA "From: nothing\r\n" TO ID SEQ "\r\n", 400},
        {START VIA "From: <sip:a@b\r\n" TO ID SEQ "\r\n", 400},
        {START VIA FROM "To: <sip:>\r\n" ID SEQ "\r\n", 400},
        {START "Via: nonsense\r\n" FROM TO ID SEQ "\r\n", 400},
        {START "Via: SIP/2.0/TCP h\r\n" FROM TO ID SEQ "\r\n", 400},
        {START "Via: SIP/2.0/TCP h;branch=1234\r\n" FROM TO ID SEQ "\r\n", 400},
        {START "Via: SIP/2.0/TCP h;branch=z9hG4bK\r\n" FROM TO ID SEQ "\r\n", 400},
        {START "Via: SIP/2.0/TCP h:99999;branch=z9hG4bKa\r\n" FROM TO ID SEQ "\r\n", 400},
        {"MESSAGE romeo SIP/2.0\r\n" VIA FROM TO ID SEQ "\r\n", 400},
        {"MESSAGE sip:a@b:99999 SIP/2.0\r\n" VIA FROM TO ID SEQ "\r\n", 400},
        {"MESSAGE sip:a@b SIP/3.0\r\n" VIA FROM TO ID SEQ "\r\n", 505},
        {"MESSAGE sip:a@b SIP/2.0 x\r\n" VIA FROM TO ID SEQ "\r\n", 400},
        {"MESSAGE  sip:a@b SIP/2.0\r\n" VIA FROM TO ID SEQ "\r\n", 400},
        {"ME(SSAGE sip:a@b SIP/2.0\r\n" VIA FROM TO ID "CSeq: 1 ME(SSAGE\r\n\r\n", 400},
        {"MESSAGE http://a/b SIP/2.0\r\n" VIA FROM TO ID SEQ "\r\n", 416},
        {"MESSAGE tel:+1;phone-context=x SIP/2.0\r\n" VIA FROM TO ID SEQ "\r\n", 0},
        {START VIA FROM TO ID SEQ "c: text/plain\r\nContent-Type: text/html\r\n\r\n", 400},
        {START VIA FROM TO ID SEQ "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
        {"GARBAGE\r\n\r\n", 400},
        {"SIP/2.0 200 OK\r\n" VIA FROM TO ID SEQ "\r\n", 0},
        {"SIP/2.0 200 OK\r\n" VIA VIA FROM TO ID SEQ "\r\n", 400}, /* 18.1.2 */
        {"SIP/2>0 200 OK\r\n" VIA FROM TO ID SEQ "\r\n", 400},
        {"SIP/2.0 99 OK\r\n" VIA FROM TO ID SEQ "\r\n", 400},
        {"SIP/2.0 700 OK\r\n" VIA FROM TO ID SEQ "\r\n", 400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct outcome o;
        decode(&o, cases[i].text);
        if (o.code != cases[i].code)
            fail_msg("case %zu: %d (%s), not %d", i, o.code, o.why ? o.why : "", cases[i].code);
        free(o.data);
    }
}

static void assert_text(struct fg_sip_text t, const char *want)
{
    if (!fg_sip_text_is(t, want)) fail_msg("[%.*s], not [%s]", (int)t.len, t.p, want);
}

static void views(void **state)
{
    (void)state;
    struct outcome o;
    decode(&o,
           "MESSAGE sip:rom%20eo@fabrikam.test:5070;gr=balcony;x=1 SIP/2.0\r\n"
           "Via: SIP/2.0/UDP [2001:db8::1]:5062;rport;branch=z9hG4bKa, SIP/2.0/TCP "
           "b;branch=z9hG4bKb\r\n"
           "v: SIP/2.0/UDP c;branch=z9hG4bKc\r\n"
           "From: \"J, Capulet\" <sip:juliet@contoso.test;gr>;tag=one\r\n"
           "To: sip:romeo:secret@fabrikam.test;tag=two\r\n" ID SEQ "Max-Forwards: 5\r\n"
           "Content-Type: text/plain;charset=UTF-8\r\nContent-Language: en\r\n"
           "Subject: first\r\n second\r\nRequire: a,\r\n b\r\nContent-Encoding: gzip\r\n\r\nhello");
    assert_int_equal(o.code, 0);
    const struct fg_sip_message *m = &o.p.m;
    assert_true(o.p.request);
    assert_text(m->method, "MESSAGE");
    assert_text(m->ruri.scheme, "sip");
    assert_text(m->ruri.user, "rom%20eo");
    assert_text(m->ruri.host, "fabrikam.test");
    assert_int_equal(m->ruri.port, 5070);
    assert_text(m->ruri.gr, "balcony");
    assert_true(m->ruri.has_gr);
    assert_true(m->from.has_gr);
    assert_text(m->from.gr, "");
    assert_false(m->to.has_gr);
    assert_text(m->from.user, "juliet");
    assert_text(m->to.password, "secret");
    assert_true(o.p.has_password);
    assert_text(m->call_id, "id-1");
    assert_text(m->content_type, "text/plain;charset=UTF-8");
    assert_text(m->content_language, "en");
    assert_text(m->subject, "first   second");
    assert_text(m->body, "hello");
    assert_int_equal(m->max_forwards, 5);
    assert_true(o.p.n_require >= 1);
    assert_text((struct fg_sip_text){o.p.require[0].p, 1}, "a");
    assert_text(o.p.content_encoding, "gzip");
    assert_text(o.p.from_tag, "one");
    assert_text(o.p.to_tag, "two");
    assert_int_equal(o.p.n_via, 3);
    assert_text(o.p.via[2], "SIP/2.0/UDP c;branch=z9hG4bKc");
    assert_text(o.p.top.branch, "z9hG4bKa");
    assert_text(o.p.top.sent_by, "[2001:db8::1]:5062");
    assert_text(o.p.top.host, "2001:db8::1");
    assert_int_equal(o.p.top.port, 5062);
    assert_true(o.p.top.rport);
    /* A copy elsewhere keeps its views in the copy. */
    struct fg_sip_message copy = *m;
    size_t len = (size_t)(m->body.p + m->body.len - o.data);
    char *elsewhere = malloc(len);
    memcpy(elsewhere, o.data, len);
    fg_sip_message_rebase(&copy, o.data, elsewhere);
    free(o.data);
    assert_text(copy.ruri.gr, "balcony");
    assert_text(copy.subject, "first   second");
    assert_text(copy.from.gr, "");
    free(elsewhere);
}

static void too_many_vias(void **state)
{
    (void)state;
    char text[32768];
    struct outcome o;
    for (int n = FG_SIP_VIAS_MAX; n <= FG_SIP_VIAS_MAX + 1; n++) {
        size_t len = (size_t)snprintf(text, sizeof text, START FROM TO ID SEQ "Via: ");
        for (int i = 0; i < n; i++)
            len += (size_t)snprintf(text + len, sizeof text - len,
                                    "%sSIP/2.0/UDP h;branch=z9hG4bK%d", i ? "," : "", i);
        snprintf(text + len, sizeof text - len, "\r\n\r\n");
        decode(&o, text);
        assert_int_equal(o.code, n > FG_SIP_VIAS_MAX ? 400 : 0);
        free(o.data);
    }
}

/* ---- raw refusals ---- */

static void raw_refusal(void **state)
{
    (void)state;
    struct fg_sip s = {.seed = {1, 2}};
    struct fg_buf out;
    fg_buf_init(&out, 65536);
    static const struct {
        const char *text;
        bool answered;
    } cases[] = {
        {WHOLE, true},
        {START VIA FROM TO ID "CSeq: junk\r\n\r\n", true},
        {START VIA FROM TO ID SEQ "Content-Length: x\r\n\r\n", true},
        {START FROM TO ID SEQ "\r\n", false},
        {START VIA TO ID SEQ "\r\n", false},
        {START VIA FROM TO ID SEQ SEQ "\r\n", false},
        {START VIA FROM TO ID SEQ "X: a\rb\r\n\r\n", false},
        {"ACK sip:a@b SIP/2.0\r\n" VIA FROM TO ID "CSeq: 1 ACK\r\n\r\n", false},
        {"SIP/2.0 200 OK\r\n" VIA FROM TO ID SEQ "\r\n", false},
        {"GET / HTTP/1.1\r\n" VIA FROM TO ID SEQ "\r\n", false},
        {"", false},
        {"\r\n\r\n", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fg_buf_reset(&out);
        int err =
            fg_sip_response_raw(&s, &out, cases[i].text, strlen(cases[i].text), 400, "No\r\nX: y");
        if ((err == 0) != cases[i].answered) fail_msg("case %zu: %d", i, err);
    }
    fg_buf_reset(&out);
    assert_int_equal(fg_sip_response_raw(&s, &out, WHOLE, strlen(WHOLE), 400, "No\r\nX: y"), 0);
    const char *text = fg_buf_cstr(&out);
    assert_memory_equal(text, "SIP/2.0 400 No\r\nVia: ", 21);
    assert_non_null(strstr(text, "To: <sip:romeo@fabrikam.test>;tag="));
    assert_null(strstr(text, "X: y"));
    assert_non_null(strstr(text, "Content-Length: 0\r\n\r\n"));
    fg_buf_free(&out);
}

static void response_text(void **state)
{
    (void)state;
    struct fg_buf out;
    fg_buf_init(&out, 65536);
    struct fg_sip_answer a = {.code = 403,
                              .reason = "No\r\nInjected: yes",
                              .warning = "say \"no\" \\ \t",
                              .headers = "Allow: MESSAGE\r\n"};
    assert_int_equal(fg_sip_response(&out, &a, "Via: x\r\n", 8), 0);
    assert_string_equal(
        fg_buf_cstr(&out),
        "SIP/2.0 403 No\r\nVia: x\r\nWarning: 399 fedgate \"say \\\"no\\\" \\\\  \"\r\n"
        "Allow: MESSAGE\r\nContent-Length: 0\r\n\r\n");
    fg_buf_reset(&out);
    assert_int_equal(fg_sip_response(&out, &(struct fg_sip_answer){.code = 180}, "", 0), 0);
    assert_memory_equal(fg_buf_cstr(&out), "SIP/2.0 500 ", 12);
    fg_buf_free(&out);
}

static void addresses(void **state)
{
    (void)state;
    union fg_sip_addr v4, v6, mapped;
    uint8_t a[16], b[16];
    char ip[INET6_ADDRSTRLEN];
    assert_true(fg_sip_addr_parse("192.0.2.7", 9, 5060, &v4));
    assert_true(fg_sip_addr_parse("[2001:db8::7]", 13, 5061, &v6));
    assert_false(fg_sip_addr_parse("front.contoso.test", 18, 5061, &mapped));
    assert_false(fg_sip_addr_parse("192.0.2.256", 11, 5061, &mapped));
    mapped = v4;
    fg_sip_addr_for(&mapped, AF_INET6);
    assert_int_equal(mapped.sa.sa_family, AF_INET6);
    assert_int_equal(fg_sip_addr_port(&mapped), 5060);
    fg_sip_addr_host(&v4, a);
    fg_sip_addr_host(&mapped, b);
    assert_memory_equal(a, b, 16);
    assert_string_equal(fg_sip_addr_ip(&mapped, ip), "192.0.2.7");
    fg_sip_addr_for(&mapped, AF_INET);
    assert_memory_equal(&mapped.in.sin_addr, &v4.in.sin_addr, 4);
    fg_sip_addr_for(&v6, AF_INET);
    assert_int_equal(v6.sa.sa_family, AF_INET6);
}

/* ---- timers ---- */

enum { TIMERS = 500 };
static struct fg_sip_timers heap;
static struct fg_sip_timer timers[TIMERS];
static int64_t last_due;
static size_t fired;

static void fire(struct fg_sip_timer *t)
{
    assert_true(t->due >= last_due);
    last_due = t->due;
    fired++;
    /* Every fifth sets itself once more, and every seventh stops a neighbour. */
    size_t i = (size_t)(t - timers);
    if (i % 5 == 0 && t->due < 1000) fg_sip_timer_set(&heap, t, t->due + 1000);
    if (i % 7 == 0 && i + 1 < TIMERS) fg_sip_timer_clear(&heap, &timers[i + 1]);
}

static void timer_heap(void **state)
{
    (void)state;
    assert_true(fg_sip_timers_next(&heap) == INT64_MAX);
    for (size_t i = 0; i < TIMERS; i++) {
        assert_int_equal(fg_sip_timers_join(&heap, &timers[i], fire), 0);
        fg_sip_timer_set(&heap, &timers[i], (int64_t)(fg_random_u64() % 1000));
    }
    for (size_t i = 0; i < TIMERS; i += 3)
        fg_sip_timer_set(&heap, &timers[i], (int64_t)(i * 7 % 1000));
    for (size_t i = 1; i < TIMERS; i += 11) fg_sip_timer_clear(&heap, &timers[i]);
    size_t set = heap.count;
    assert_int_equal(set, TIMERS - (TIMERS - 1 + 10) / 11);
    for (int64_t now = 0; now < 1000; now += 10) {
        fg_sip_timers_run(&heap, now);
        assert_true(fg_sip_timers_next(&heap) > now);
    }
    fg_sip_timers_run(&heap, 5000);
    assert_int_equal(heap.count, 0);
    assert_true(fired > set / 2);
    for (size_t i = 0; i < TIMERS; i++) fg_sip_timers_leave(&heap, &timers[i]);
    assert_int_equal(heap.members, 0);
    fg_sip_timers_free(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(framing),       cmocka_unit_test(framing_limits),
        cmocka_unit_test(malformed),     cmocka_unit_test(views),
        cmocka_unit_test(too_many_vias), cmocka_unit_test(raw_refusal),
        cmocka_unit_test(response_text), cmocka_unit_test(addresses),
        cmocka_unit_test(timer_heap),
    };
    if (fg_sip_parser_init(&parser) != 0) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fg_sip_parser_free(&parser);
    return failed;
}
