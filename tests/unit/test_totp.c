/* Tests of the second factor: codes against the tables of RFC 4226 and RFC 6238, recovery codes,
 * and what the store keeps of them. */
#include "server/auth/second_factor.h"

#include "store_place.h"

static const uint8_t rfc[] = "12345678901234567890";

/* --- codes
 * --------------------------------------------------------------------------------------------- */

static void test_rfc4226(void **state)
{
    (void)state;
    static const uint32_t want[] = {755224, 287082, 359152, 969429, 338314,
                                    254676, 287922, 162583, 399871, 520489};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_int_equal(fg_totp_code(rfc, 20, i, 6), want[i]);
}

/* Appendix B, the rows of SHA-1. */
static void test_rfc6238(void **state)
{
    (void)state;
    static const struct {
        uint64_t seconds;
        uint32_t code;
    } rows[] = {{59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
                {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(fg_totp_code(rfc, 20, rows[i].seconds / FG_TOTP_STEP_S, 8), rows[i].code);
}

static void test_window(void **state)
{
    (void)state;
    const int64_t at = 1111111111LL * 1000, step = 1111111111 / 30;
    assert_int_equal(fg_totp_match(rfc, "050471", 0, at), step);
    assert_int_equal(fg_totp_match(rfc, " 050 471 ", 0, at), step);
    /* The telephone is a step behind or ahead, not two. */
    assert_int_equal(fg_totp_match(rfc, "050471", 0, at + 30000), step);
    assert_int_equal(fg_totp_match(rfc, "050471", 0, at - 30000), step);
    assert_int_equal(fg_totp_match(rfc, "050471", 0, at + 60000), 0);
    assert_int_equal(fg_totp_match(rfc, "050471", 0, at - 60000), 0);
    /* Once, and none before it either. */
    assert_int_equal(fg_totp_match(rfc, "050471", step, at), 0);
    assert_int_equal(fg_totp_match(rfc, "081804", step, at), 0);
    assert_int_equal(fg_totp_match(rfc, "081804", step - 2, at), step - 1);
    static const char *const wrong[] = {"",       "050472", "05047", "0504710",
                                        "-50471", "05047x", "+50471"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(fg_totp_match(rfc, wrong[i], 0, at), 0);
    assert_int_equal(fg_totp_match(rfc, "050471", 0, 0), 0);
}

static void test_uri(void **state)
{
    (void)state;
    char key[FG_TOTP_SECRET_TEXT], uri[FG_TOTP_URI], name[FG_ADMIN_NAME];
    fg_totp_print(key, rfc);
    assert_string_equal(key, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    fg_totp_uri(uri, "ann b\xc3\xa9?&", rfc);
    assert_string_equal(uri, "otpauth://totp/fedgate:ann%20b%C3%A9%3F%26"
                             "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=fedgate"
                             "&algorithm=SHA1&digits=6&period=30");
    memset(name, '&', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    fg_totp_uri(uri, name, rfc);
    assert_non_null(strstr(uri, "%26?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"));
    assert_non_null(strstr(uri, "&period=30"));
}

static void test_recovery(void **state)
{
    (void)state;
    char a[FG_RECOVERY_TEXT], b[FG_RECOVERY_TEXT];
    uint8_t one[FG_SECRET_HASH], other[FG_SECRET_HASH];
    fg_recovery_new(a);
    fg_recovery_new(b);
    assert_int_equal(strlen(a), 19);
    assert_int_equal(strspn(a, "0123456789abcdefghjkmnpqrstvwxyz-"), 19);
    assert_true(a[4] == '-' && a[9] == '-' && a[14] == '-');
    assert_string_not_equal(a, b);
    assert_false(fg_totp_looks_like(a));
    fg_recovery_hash("abcd-efgh-jkmn-pqrs", one);
    fg_recovery_hash("ABCD EFGHJKMN pqrs", other);
    assert_memory_equal(one, other, sizeof one);
    fg_recovery_hash("abcd-efgh-jkmn-pqrt", other);
    assert_memory_not_equal(one, other, sizeof one);
}

/* --- in use
 * ------------------------------------------------------------------------------------------- */

static const int64_t now = 1700000000000;

static void code_at(const uint8_t *secret, int64_t ms, char out[16])
{
    snprintf(out, 16, "%06u",
             (unsigned)fg_totp_code(secret, FG_TOTP_SECRET, (uint64_t)(ms / 30000), 6));
}

static void test_life(void **state)
{
    struct place *p = *state;
    struct fg_store *s = p->s;
    struct fg_identity me = {.kind = FG_BY_SESSION, .owner = "admin:1", .name = "ann"};
    struct fg_second_factor f;
    uint8_t secret[FG_TOTP_SECRET];
    char code[16], codes[FG_RECOVERY_CODES][FG_RECOVERY_TEXT], detail[FG_FACTOR_DETAIL];
    assert_int_equal(fg_admin_add(s, "ann", FG_ROLE_ADMINISTRATOR, "hash", now, &me.admin_id), 0);
    assert_int_equal(fg_factor_check(s, me.admin_id, NULL, now, detail), 0);
    assert_string_equal(detail, "");
    assert_int_equal(fg_factor_confirm(s, &me, "123456", "::1", now, codes), ENOENT);

    assert_int_equal(fg_factor_start(s, &me, "::1", now, secret), 0);
    code_at(secret, now, code);
    assert_int_equal(fg_factor_check(s, me.admin_id, NULL, now, detail), 0); /* not on yet */
    assert_int_equal(fg_factor_confirm(s, &me, code, "::1", now + FG_TOTP_SETUP_MS, codes), ENOENT);
    assert_int_equal(fg_factor_confirm(s, &me, "12345", "::1", now, codes), EKEYREJECTED);
    assert_int_equal(fg_factor_confirm(s, &me, code, "::1", now, codes), 0);
    assert_int_equal(fg_factor_start(s, &me, "::1", now, secret), EEXIST);

    assert_int_equal(fg_second_factor_get(s, me.admin_id, &f), 0);
    assert_true(f.on && !f.pending);
    assert_int_equal(f.recovery_left, FG_RECOVERY_CODES);
    assert_int_equal(fg_factor_check(s, me.admin_id, NULL, now, detail), ENOKEY);
    assert_int_equal(fg_factor_check(s, me.admin_id, "", now, detail), ENOKEY);
    /* The code that switched it on is used. */
    assert_int_equal(fg_factor_check(s, me.admin_id, code, now, detail), EKEYREJECTED);
    code_at(f.secret, now + 30000, code);
    assert_int_equal(fg_factor_check(s, me.admin_id, code, now, detail), 0);
    assert_int_equal(fg_factor_check(s, me.admin_id, code, now + 30000, detail), EKEYREJECTED);

    for (int i = 0; i < FG_RECOVERY_CODES; i++) {
        assert_int_equal(fg_factor_check(s, me.admin_id, codes[i], now, detail), 0);
        assert_int_equal(fg_factor_check(s, me.admin_id, codes[i], now, detail), EKEYREJECTED);
    }
    assert_string_equal(detail, "");
    assert_int_equal(fg_second_factor_get(s, me.admin_id, &f), 0);
    assert_int_equal(f.recovery_left, 0);

    assert_int_equal(fg_factor_off(s, me.admin_id, me.name, &me, "::1", now), 0);
    assert_int_equal(fg_factor_check(s, me.admin_id, NULL, now, detail), 0);
    assert_int_equal(fg_second_factor_get(s, me.admin_id, &f), 0);
    assert_false(f.on);
}

/* A clock that is set back makes no code good a second time: neither one that was used nor one of
 * the time that comes again. Recovery codes let their owner in meanwhile, and codes count again
 * from where they had come to. */
static void test_clock_set_back(void **state)
{
    struct place *p = *state;
    struct fg_identity me = {.kind = FG_BY_SESSION, .owner = "admin:1", .name = "ann"};
    uint8_t secret[FG_TOTP_SECRET];
    char code[16], codes[FG_RECOVERY_CODES][FG_RECOVERY_TEXT], detail[FG_FACTOR_DETAIL];
    const int64_t back = now - 86400000, step = 30000;
    assert_int_equal(fg_admin_add(p->s, "ann", FG_ROLE_ADMINISTRATOR, "hash", now, &me.admin_id),
                     0);
    assert_int_equal(fg_factor_start(p->s, &me, "::1", now, secret), 0);
    code_at(secret, now - step, code);
    assert_int_equal(fg_factor_confirm(p->s, &me, code, "::1", now, codes), 0);
    code_at(secret, now, code);
    assert_int_equal(fg_factor_check(p->s, me.admin_id, code, now, detail), 0);
    for (int64_t at = back - step; at <= back + step; at += step) {
        code_at(secret, at, code);
        assert_int_equal(fg_factor_check(p->s, me.admin_id, code, back, detail), EKEYREJECTED);
    }
    assert_int_equal(fg_factor_check(p->s, me.admin_id, codes[0], back, detail), 0);
    code_at(secret, now, code);
    assert_int_equal(fg_factor_check(p->s, me.admin_id, code, now, detail), EKEYREJECTED);
    code_at(secret, now + step, code);
    assert_int_equal(fg_factor_check(p->s, me.admin_id, code, now + step, detail), 0);
}

/* Sign-in and code are one transaction: a wrong code leaves no session, a right one is used up. */
static void test_sign_in(void **state)
{
    struct place *p = *state;
    struct fg_auth *a = NULL;
    struct fg_identity me = {.kind = FG_BY_SESSION, .owner = "admin:1", .name = "ann"}, who;
    uint8_t secret[FG_TOTP_SECRET];
    char code[16], codes[FG_RECOVERY_CODES][FG_RECOVERY_TEXT], cookie[FG_SECRET_TEXT];
    assert_int_equal(fg_auth_new(&a), 0);
    assert_int_equal(fg_admin_add(p->s, "ann", FG_ROLE_ADMINISTRATOR, "hash", now, &me.admin_id),
                     0);
    assert_int_equal(fg_factor_start(p->s, &me, "::1", now, secret), 0);
    code_at(secret, now - 30000, code);
    assert_int_equal(fg_factor_confirm(p->s, &me, code, "::1", now, codes), 0);
    code_at(secret, now, code);
    static const struct {
        const char *password, *otp;
        int err;
    } rows[] = {{"hash", NULL, ENOKEY}, {"hash", "12345", EKEYREJECTED}, {"old", NULL, EACCES}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(fg_auth_sign_in(a, p->s, me.admin_id, rows[i].password, rows[i].otp, "::1",
                                         "", now, cookie, &who),
                         rows[i].err);
    /* With another password the code is not used up. */
    assert_int_equal(
        fg_auth_sign_in(a, p->s, me.admin_id, "old", code, "::1", "", now, cookie, &who), EACCES);
    assert_int_equal(
        fg_auth_sign_in(a, p->s, me.admin_id, "hash", code, "::1", "", now, cookie, &who), 0);
    assert_int_equal(
        fg_auth_sign_in(a, p->s, me.admin_id, "hash", code, "::1", "", now, cookie, &who),
        EKEYREJECTED);
    struct fg_audit_report report;
    assert_int_equal(fg_audit_verify(p->s, &report), 0);
    assert_int_equal(report.bad_seq, 0);
    fg_auth_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc4226),  cmocka_unit_test(test_rfc6238),
        cmocka_unit_test(test_window),   cmocka_unit_test(test_uri),
        cmocka_unit_test(test_recovery), TEST(test_life),
        TEST(test_clock_set_back),       TEST(test_sign_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
