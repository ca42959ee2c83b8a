/* A row of the audit as a syslog message: the parts of RFC 5424, escaping, and the bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/forward/message.h"

static const struct fg_syslog_origin origin = {.host = "gw1.example", .pid = 42};
static struct fg_buf out;

static struct fg_audit_entry row(void)
{
    return (struct fg_audit_entry){
        .seq = 7,
        .at_ms = 1700000000045,
        .who = "admin:3",
        .who_name = "alice",
        .via = "session:12",
        .address = "192.0.2.1",
        .action = "put",
        .kind = "partners",
        .key = "fabrikam.com",
        .outcome = "ok",
        .detail = "",
        .revision = 5,
    };
}

static const char *format(const struct fg_audit_entry *e, size_t limit)
{
    fg_buf_reset(&out);
    assert_int_equal(fg_syslog_format(&out, &origin, e, limit), 0);
    assert_true(fg_buf_len(&out) <= limit);
    assert_int_equal(strlen(fg_buf_cstr(&out)), fg_buf_len(&out));
    return fg_buf_cstr(&out);
}

static void test_whole(void **state)
{
    (void)state;
    struct fg_audit_entry e = row();
    e.before = "{\"tls\":\"required\"}";
    e.after = "{\"tls\":\"optional\"}";
    assert_string_equal(
        format(&e, FG_SYSLOG_LEAST),
        "<109>1 2023-11-14T22:13:20.045Z gw1.example fedgate 42 put [audit@32473 seq=\"7\" "
        "who=\"admin:3\" name=\"alice\" via=\"session:12\" address=\"192.0.2.1\" action=\"put\" "
        "kind=\"partners\" key=\"fabrikam.com\" outcome=\"ok\" revision=\"5\"] \xef\xbb\xbf"
        "alice: put partners fabrikam.com: ok before={\"tls\":\"required\"} "
        "after={\"tls\":\"optional\"}");
}

static void test_severity(void **state)
{
    (void)state;
    struct fg_audit_entry e = row();
    e.outcome = "refused";
    assert_memory_equal(format(&e, FG_SYSLOG_LEAST), "<108>1 ", 7);
    e.outcome = "failed";
    assert_memory_equal(format(&e, FG_SYSLOG_LEAST), "<107>1 ", 7);
}

static void test_little(void **state)
{
    (void)state;
    struct fg_audit_entry e = {
        .seq = 1, .action = "sign_in", .outcome = "refused", .who = "", .who_name = "", .kind = ""};
    assert_string_equal(format(&e, FG_SYSLOG_LEAST),
                        "<108>1 1970-01-01T00:00:00.000Z gw1.example fedgate 42 sign_in "
                        "[audit@32473 seq=\"1\" action=\"sign_in\" outcome=\"refused\"] "
                        "\xef\xbb\xbfnobody: sign_in: refused");
}

static void test_hostile(void **state)
{
    (void)state;
    struct fg_audit_entry e = row();
    e.who_name = "a\"]\\\n<13>1 x\x1b[0m\xe2\x80\xae\xff\xc3\xa9";
    e.action = "put it";
    const char *text = format(&e, FG_SYSLOG_LEAST);
    assert_non_null(strstr(text, " put?it [audit@"));
    assert_non_null(
        strstr(text, "name=\"a\\\"\\]\\\\#012<13>1 x#033[0m\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9\""));
    assert_non_null(strstr(text, "\xef\xbb\xbf"
                                 "a\"]\\#012<13>1 x#033[0m"));
    assert_null(strchr(text, '\n'));
}

static void test_bounds(void **state)
{
    (void)state;
    struct fg_audit_entry e = row();
    char longest[5000], json[3000];
    memset(longest, ']', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    memset(json, '1', sizeof json - 1);
    json[sizeof json - 1] = 0;
    e.who_name = e.key = e.detail = e.who = e.via = e.address = e.action = e.kind = longest;
    const char *text = format(&e, FG_SYSLOG_LEAST);
    assert_int_equal(strlen(text), FG_SYSLOG_LEAST);
    assert_string_equal(text + FG_SYSLOG_LEAST - 3, "\xe2\x80\xa6");
    assert_non_null(strstr(text, "outcome=\"ok\" revision=\"5\"] "));
    /* No half of an escape is left behind by a cut. */
    assert_null(strstr(text, "\\\xe2\x80\xa6"));
    e = row();
    e.before = json;
    e.after = "{}";
    assert_null(strstr(format(&e, FG_SYSLOG_LEAST), "before="));
    assert_non_null(strstr(format(&e, FG_SYSLOG_LEAST), " after={}"));
    assert_non_null(strstr(format(&e, 2 * FG_SYSLOG_LEAST), " before=111"));
}

static void test_every_cut(void **state)
{
    (void)state;
    struct fg_audit_entry e = row();
    char text[2400], body[2400];
    size_t n = 0;
    while (n + 3 < sizeof text) {
        memcpy(text + n, "\xe4\xb8\xad", 3);
        n += 3;
    }
    text[n] = 0;
    e.detail = text;
    for (size_t i = 0; i < 4; i++) format(&e, FG_SYSLOG_LEAST + i);
    e.detail = "";
    for (n = 0; n + 1 < sizeof body; n++) {
        body[n] = 'x';
        body[n + 1] = 0;
        e.before = body;
        const char *found = strstr(format(&e, FG_SYSLOG_LEAST), " before=");
        assert_true(!found || strlen(found) == 8 + n + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),  cmocka_unit_test(test_severity),
        cmocka_unit_test(test_little), cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_bounds), cmocka_unit_test(test_every_cut),
    };
    fg_buf_init(&out, 1 << 16);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fg_buf_free(&out);
    return failed;
}
