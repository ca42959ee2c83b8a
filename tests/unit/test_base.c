/* Tests of gateway/base. */
#include "gateway/base/arena.h"
#include "gateway/base/buf.h"
#include "gateway/base/clock.h"
#include "gateway/base/list.h"
#include "gateway/base/mailbox.h"
#include "gateway/base/map.h"
#include "gateway/base/problem.h"
#include "gateway/base/quote.h"
#include "gateway/base/rand.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_buf_limits(void **state)
{
    (void)state;
    struct fg_buf b;
    fg_buf_init(&b, 10);
    assert_int_equal(fg_buf_add(&b, "12345678", 8), 0);
    assert_int_equal(fg_buf_add(&b, "abc", 3), ENOBUFS);
    assert_string_equal(fg_buf_cstr(&b), "12345678");
    fg_buf_consume(&b, 6);
    assert_int_equal(fg_buf_add(&b, "abcdefgh", 8), 0);
    assert_string_equal(fg_buf_cstr(&b), "78abcdefgh");
    assert_int_equal(fg_buf_addf(&b, "%d", 1), ENOBUFS);
    fg_buf_truncate(&b, 3);
    assert_int_equal(fg_buf_addf(&b, "-%s", "xy"), 0);
    assert_string_equal(fg_buf_cstr(&b), "78a-xy");
    fg_buf_free(&b);
}

/* A long stream through a small buffer, with a long format, keeps every byte and its order. */
static void test_buf_stream(void **state)
{
    (void)state;
    struct fg_buf b;
    fg_buf_init(&b, 4096);
    unsigned in = 0, out = 0;
    for (int round = 0; round < 2000; round++) {
        for (unsigned i = 0; i < (unsigned)round % 97; i++) {
            uint8_t byte = (uint8_t)in;
            if (fg_buf_add(&b, &byte, 1) == 0) in++;
        }
        size_t take = fg_buf_len(&b) * 2 / 3;
        for (size_t i = 0; i < take; i++) assert_int_equal(fg_buf_data(&b)[i], (uint8_t)out++);
        fg_buf_consume(&b, take);
    }
    assert_true(in > 10000);
    fg_buf_reset(&b);
    assert_int_equal(fg_buf_addf(&b, "%1000d", 7), 0);
    assert_int_equal(fg_buf_len(&b), 1000);
    assert_int_equal(fg_buf_data(&b)[999], '7');
    fg_buf_free(&b);
}

static void test_arena(void **state)
{
    (void)state;
    struct fg_arena a;
    fg_arena_init(&a, 20000);
    for (int round = 0; round < 3; round++) {
        char *s = fg_arena_strdup(&a, "text");
        char *big = fg_arena_alloc(&a, 9000);
        assert_non_null(big);
        memset(big, 'x', 9000);
        assert_string_equal(s, "text");
        assert_null(fg_arena_alloc(&a, 12000));
        assert_null(fg_arena_alloc(&a, SIZE_MAX));
        assert_non_null(fg_arena_zalloc(&a, 1));
        fg_arena_reset(&a);
    }
    fg_arena_free(&a);
}

struct item {
    struct fg_map_node node;
    char key[16];
};

static void count_node(struct fg_map_node *n, void *arg)
{
    assert_non_null(n->key);
    (*(size_t *)arg)++;
}

static void test_map(void **state)
{
    (void)state;
    enum { N = 5000 };
    struct fg_map m;
    fg_map_init(&m);
    struct item *items = calloc(N, sizeof *items);
    assert_null(fg_map_finds(&m, "absent"));
    for (int i = 0; i < N; i++) {
        snprintf(items[i].key, sizeof items[i].key, "key%d", i);
        assert_int_equal(fg_map_adds(&m, &items[i].node, items[i].key), 0);
    }
    for (int i = 0; i < N; i += 2) fg_map_remove(&m, &items[i].node);
    for (int i = 0; i < N; i++) {
        struct fg_map_node *n = fg_map_finds(&m, items[i].key);
        assert_ptr_equal(n, i % 2 ? &items[i].node : NULL);
    }
    size_t seen = 0;
    fg_map_each(&m, count_node, &seen);
    assert_int_equal(seen, N / 2);
    fg_map_free(&m);
    free(items);
}

/* The vector of the SipHash paper: key 00..0f, input 00..0e. */
static void test_siphash(void **state)
{
    (void)state;
    const uint64_t seed[2] = {0x0706050403020100U, 0x0f0e0d0c0b0a0908U};
    uint8_t input[15];
    for (uint8_t i = 0; i < sizeof input; i++) input[i] = i;
    assert_true(fg_siphash(seed, input, sizeof input) == 0xa129ca6149be45e5U);
}

static void test_list(void **state)
{
    (void)state;
    struct fg_list a, b, n[3];
    fg_list_init(&a);
    fg_list_init(&b);
    for (int i = 0; i < 3; i++) fg_list_append(&a, &n[i]);
    int count = 0;
    FG_LIST_EACH(&a, it, tmp)
    {
        assert_ptr_equal(it, &n[count++]);
        fg_list_remove(it);
    }
    assert_int_equal(count, 3);
    assert_true(fg_list_empty(&a));
    fg_list_remove(&n[0]);
    fg_list_prepend(&b, &n[1]);
    fg_list_prepend(&b, &n[0]);
    fg_list_splice(&a, &b);
    assert_true(fg_list_empty(&b));
    assert_ptr_equal(a.next, &n[0]);
    assert_ptr_equal(a.prev, &n[1]);
}

static void test_clock(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
        const char *again;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"},
        {"2026-11-21T10:00:00.5+02:00", 1795248000500, "2026-11-21T08:00:00.500Z"},
        {"2026-11-21", 1795219200000, "2026-11-21T00:00:00Z"},
        {"2024-02-29T23:59:59z", 1709251199000, "2024-02-29T23:59:59Z"},
        {"2023-02-29", -1, NULL},
        {"2026-13-01", -1, NULL},
        {"2026-11-21T25:00:00Z", -1, NULL},
        {"2026-11-21T10:00:00", -1, NULL},
        {"2026-11-21T10:00:00Zx", -1, NULL},
        {"yesterday", -1, NULL},
        {"", -1, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ms = -1;
        int err = fg_time_parse(cases[i].text, &ms);
        assert_int_equal(err, cases[i].ms < 0 ? EINVAL : 0);
        if (err) continue;
        assert_true(ms == cases[i].ms);
        char text[FG_TIME_TEXT];
        fg_time_format(text, ms);
        assert_string_equal(text, cases[i].again);
    }
    char text[FG_TIME_TEXT];
    fg_time_format(text, -61000000000000);
    assert_string_equal(text, "0036-12-26T11:33:20Z");
    fg_time_format(text, INT64_MAX / 2);
    assert_string_equal(text, "invalid");
    assert_true(fg_clock_boot_ms() >= fg_clock_mono_ms() - 1000);
}

static void test_quote(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain", "plain"},
        {"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80"},
        {"a\nb\x1b[31m", "a\\nb\\u{1b}[31m"},
        {"\xe2\x80\xae"
         "evil",
         "\\u{202e}evil"},
        {"\xff\xc0\xaf", "\\xff\\xc0\\xaf"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
        {"quote\" back\\", "quote\\\" back\\\\"},
    };
    char out[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(fg_quotes(out, sizeof out, cases[i].in), cases[i].out);
    char small[8];
    assert_string_equal(fg_quotes(small, sizeof small, "1234567"), "1234567");
    assert_string_equal(fg_quotes(small, sizeof small, "12345678"), "1234...");
}

static void test_hex(void **state)
{
    (void)state;
    char text[5];
    uint8_t bytes[2];
    fg_hex(text, "\x0f\xa0", 2);
    assert_string_equal(text, "0fa0");
    assert_int_equal(fg_unhex(bytes, 2, "0FA0"), 0);
    assert_memory_equal(bytes, "\x0f\xa0", 2);
    assert_int_equal(fg_unhex(bytes, 2, "0fa"), EINVAL);
    assert_int_equal(fg_unhex(bytes, 2, "0fag"), EINVAL);
}

static void test_problems(void **state)
{
    (void)state;
    struct fg_problems p;
    fg_problems_init(&p);
    assert_true(fg_problems_none(&p));
    for (int i = 0; i < FG_PROBLEMS_MAX + 5; i++) fg_problem_add(&p, "/x", "code", "number %d", i);
    assert_int_equal(p.count, FG_PROBLEMS_MAX);
    assert_int_equal(p.dropped, 5);
    assert_string_equal(p.items[7].message, "number 7");
    assert_false(fg_problems_none(&p));
    fg_problems_free(&p);
}

enum { POSTS = 20000, POSTERS = 3 };

static void *post_many(void *arg)
{
    struct fg_mailbox *m = arg;
    for (intptr_t i = 1; i <= POSTS;) {
        int err = fg_mailbox_post(m, 1, (void *)i);
        if (err == 0) i++;
    }
    return NULL;
}

/* Three threads post through a small box: everything arrives exactly once. */
static void test_mailbox_threads(void **state)
{
    (void)state;
    struct fg_mailbox *m = NULL;
    assert_int_equal(fg_mailbox_new(&m, 64, NULL, NULL), 0);
    pthread_t threads[POSTERS];
    for (int i = 0; i < POSTERS; i++) pthread_create(&threads[i], NULL, post_many, m);
    int64_t sum = 0;
    for (int i = 0; i < POSTERS * POSTS; i++) {
        struct fg_mail mail;
        assert_int_equal(fg_mailbox_receive(m, &mail, -1), 0);
        sum += (intptr_t)mail.body;
    }
    for (int i = 0; i < POSTERS; i++) pthread_join(threads[i], NULL);
    assert_true(sum == (int64_t)POSTERS * POSTS * (POSTS + 1) / 2);
    assert_int_equal(fg_mailbox_count(m), 0);
    fg_mailbox_free(m);
}

static void count_wake(void *arg)
{
    (*(int *)arg)++;
}

static void test_mailbox_limits(void **state)
{
    (void)state;
    struct fg_mailbox *m = NULL;
    int wakes = 0;
    struct fg_mail mail;
    assert_int_equal(fg_mailbox_new(&m, 2, count_wake, &wakes), 0);
    assert_int_equal(fg_mailbox_post(m, 1, NULL), 0);
    assert_int_equal(fg_mailbox_post(m, 2, NULL), 0);
    assert_int_equal(fg_mailbox_post(m, 3, NULL), ENOBUFS);
    assert_int_equal(wakes, 1);
    assert_int_equal(fg_mailbox_try_receive(m, &mail), 0);
    assert_int_equal(mail.type, 1);
    fg_mailbox_close(m);
    assert_int_equal(fg_mailbox_post(m, 4, NULL), EPIPE);
    assert_int_equal(fg_mailbox_receive(m, &mail, 0), 0);
    assert_int_equal(mail.type, 2);
    assert_int_equal(fg_mailbox_receive(m, &mail, 10), EPIPE);
    fg_mailbox_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buf_limits),
        cmocka_unit_test(test_buf_stream),
        cmocka_unit_test(test_arena),
        cmocka_unit_test(test_map),
        cmocka_unit_test(test_siphash),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_quote),
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_problems),
        cmocka_unit_test(test_mailbox_threads),
        cmocka_unit_test(test_mailbox_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
