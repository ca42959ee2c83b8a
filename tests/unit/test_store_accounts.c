/* Tests of server/store: accounts and the audit. */
#include "tests/unit/store_place.h"

/* --- accounts
 * -----------------------------------------------------------------------------------------------
 */

static void test_admins(void **state)
{
    struct fg_store *s = ((struct place *)*state)->s;
    struct fg_admin a;
    char hash[FG_PASSWORD_STRING];
    int64_t ann, bob, other;
    uint64_t n;
    assert_int_equal(fg_admin_add(s, "Ann", FG_ROLE_ADMINISTRATOR, "hash", 5, &ann), 0);
    assert_int_equal(fg_admin_add(s, "aNN", FG_ROLE_VIEWER, "", 5, &other), EEXIST);
    assert_int_equal(fg_admin_add(s, "bob", FG_ROLE_VIEWER, "", 6, &bob), 0);
    assert_int_equal(fg_admin_add(s, "carl", FG_ROLE_NONE, "", 6, &other), EINVAL);
    assert_int_equal(fg_admin_add(s, "", FG_ROLE_VIEWER, "", 6, &other), EINVAL);
    assert_int_equal(fg_admin_find(s, "ANN", &a), 0);
    assert_int_equal(a.id, ann);
    assert_string_equal(a.name, "Ann");
    assert_int_equal(a.role, FG_ROLE_ADMINISTRATOR);
    assert_int_equal(a.created_ms, 5);
    assert_int_equal(fg_admin_password(s, ann, hash), 0);
    assert_string_equal(hash, "hash");
    assert_int_equal(fg_admin_find(s, "nobody", &a), ENOENT);

    assert_int_equal(fg_admin_set_role(s, ann, FG_ROLE_VIEWER), EPERM);
    assert_int_equal(fg_admin_set_disabled(s, ann, true), EPERM);
    assert_int_equal(fg_admin_delete(s, ann), EPERM);
    assert_int_equal(fg_admin_set_role(s, bob, FG_ROLE_ADMINISTRATOR), 0);
    assert_int_equal(fg_admin_set_disabled(s, ann, true), 0);
    assert_int_equal(fg_admin_count(s, &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(fg_admin_delete(s, bob), EPERM);
    assert_int_equal(fg_admin_delete(s, ann), 0);
    assert_int_equal(fg_admin_delete(s, ann), ENOENT);
    assert_int_equal(fg_admin_set_role(s, ann, FG_ROLE_ADMINISTRATOR), ENOENT);
}

static int count_session(const struct fg_session *x, void *arg)
{
    (void)x;
    ++*(int *)arg;
    return 0;
}

static int count_token(const struct fg_token *t, void *arg)
{
    (void)t;
    ++*(int *)arg;
    return 0;
}

static int sessions(struct fg_store *s)
{
    int n = 0;
    assert_int_equal(fg_session_each(s, count_session, &n), 0);
    return n;
}

static void test_sessions_and_tokens(void **state)
{
    struct fg_store *s = ((struct place *)*state)->s;
    int64_t ann, bob;
    assert_int_equal(fg_admin_add(s, "ann", FG_ROLE_ADMINISTRATOR, "", 5, &ann), 0);
    assert_int_equal(fg_admin_add(s, "bob", FG_ROLE_OPERATOR, "", 5, &bob), 0);
    struct fg_session x = {.admin_id = bob,
                           .created_ms = 1,
                           .last_seen_ms = 100,
                           .expires_ms = 1000,
                           .address = "::1"};
    assert_int_equal(fg_session_add(s, &x), 0);
    assert_int_equal(fg_session_add(s, &x), EEXIST); /* the same token */
    x.token_hash[0] = 1;
    x.admin_id = 99;
    assert_int_equal(fg_session_add(s, &x), ENOENT);
    x.admin_id = ann;
    x.expires_ms = 50;
    assert_int_equal(fg_session_add(s, &x), 0);
    assert_int_equal(sessions(s), 2);
    assert_int_equal(fg_session_expire(s, 60, 0, INT64_MAX), 0);
    assert_int_equal(sessions(s), 1);
    assert_int_equal(fg_session_delete(s, x.id), ENOENT);

    struct fg_token t = {.admin_id = bob,
                         .label = "script",
                         .role = FG_ROLE_VIEWER,
                         .prefix = "fgt_abc",
                         .created_ms = 7};
    struct fg_token got;
    assert_int_equal(fg_token_add(s, &t), 0);
    assert_int_equal(fg_token_used(s, t.id, 8), 0);
    put_draft(s, "token:1", "users", "u", "1", 1);
    put_draft(s, "admin:2", "users", "u", "1", 1);
    assert_int_equal(fg_token_revoke(s, t.id, 9), 0);
    assert_int_equal(fg_token_revoke(s, t.id, 10), ENOENT);
    assert_int_equal(fg_token_get(s, t.id, &got), 0);
    assert_string_equal(got.label, "script");
    assert_int_equal(got.role, FG_ROLE_VIEWER);
    assert_int_equal(got.last_used_ms, 8);
    assert_int_equal(got.revoked_ms, 9);
    int n = 0;
    assert_int_equal(fg_token_each(s, ann, count_token, &n), 0);
    assert_int_equal(n, 0);
    uint64_t drafts;
    assert_int_equal(fg_draft_count(s, "token:1", &drafts), 0);
    assert_int_equal(drafts, 1); /* what was staged is kept */

    assert_int_equal(fg_admin_set_password(s, bob, "new", 1), 0);
    assert_int_equal(sessions(s), 0);
    assert_int_equal(fg_admin_delete(s, bob), 0); /* tokens go along, drafts stay */
    assert_int_equal(fg_token_get(s, t.id, &got), ENOENT);
    assert_int_equal(fg_draft_count(s, "admin:2", &drafts), 0);
    assert_int_equal(drafts, 1);
}

static void test_setup_link(void **state)
{
    struct fg_store *s = ((struct place *)*state)->s;
    const uint8_t right[FG_SECRET_HASH] = {1}, wrong[FG_SECRET_HASH] = {2};
    int64_t id;
    assert_int_equal(fg_setup_check(s, right, 5), ENOENT);
    assert_int_equal(fg_setup_put(s, wrong, 100), 0);
    assert_int_equal(fg_setup_put(s, right, 100), 0); /* the newer one counts */
    assert_int_equal(fg_setup_check(s, right, 99), 0);
    assert_int_equal(fg_setup_claim(s, wrong, "ann", "hash", 5, &id), ENOENT);
    assert_int_equal(fg_setup_claim(s, right, "ann", "hash", 100, &id), ETIME);
    assert_int_equal(fg_setup_claim(s, right, "ann", "hash", 99, &id), 0);
    assert_int_equal(fg_setup_claim(s, right, "eve", "hash", 99, &id), EEXIST);
    assert_int_equal(fg_setup_check(s, right, 99), ENOENT);
    assert_int_equal(fg_setup_put(s, right, 100), EEXIST);
    struct fg_admin a;
    assert_int_equal(fg_admin_find(s, "ann", &a), 0);
    assert_int_equal(a.role, FG_ROLE_ADMINISTRATOR);
    assert_int_equal(fg_admin_find(s, "eve", &a), ENOENT);
}

/* An administrator made from the console voids the link. */
static void test_setup_void(void **state)
{
    struct fg_store *s = ((struct place *)*state)->s;
    const uint8_t hash[FG_SECRET_HASH] = {1};
    int64_t id;
    assert_int_equal(fg_setup_put(s, hash, 100), 0);
    assert_int_equal(fg_admin_add(s, "v", FG_ROLE_VIEWER, "", 1, &id), 0);
    assert_int_equal(fg_setup_check(s, hash, 1), 0);
    assert_int_equal(fg_admin_add(s, "a", FG_ROLE_ADMINISTRATOR, "", 1, &id), 0);
    assert_int_equal(fg_setup_check(s, hash, 1), ENOENT);
}

/* --- audit
 * ----------------------------------------------------------------------------------------------------
 */

static void test_audit(void **state)
{
    struct fg_store *s = ((struct place *)*state)->s;
    struct text t = {""};
    uint64_t n;
    COMMIT(s, "first", {"partners", "a", "1"}, {"partners", "b", "1"});
    COMMIT(s, "second", {"partners", "a", "2"}, {"partners", "b", NULL});
    const struct fg_audit_entry e = {
        .action = "sign_in", .outcome = "refused", .who_name = "Eve", .detail = "no"};
    assert_int_equal(fg_audit_add(s, &e), 0);
    struct fg_audit_filter f = {0};
    assert_int_equal(fg_audit_each(s, &f, 4, list_audit, &t), 0);
    assert_string_equal(
        t.s,
        "7:,sign_in,/,->-,r0 6:admin:1,delete,partners/b,1>-,r2 5:admin:1,put,partners/a,1>2,r2 "
        "4:admin:1,commit,/,->-,r2 ");
    f.before_seq = 6;
    f.kind = "partners";
    f.key = "a";
    t.s[0] = '\0';
    assert_int_equal(fg_audit_each(s, &f, 10, list_audit, &t), 0);
    assert_string_equal(t.s, "5:admin:1,put,partners/a,1>2,r2 2:admin:1,put,partners/a,->1,r1 ");
    assert_int_equal(fg_audit_count(s, &f, &n), 0);
    assert_int_equal(n, 2);
    f = (struct fg_audit_filter){.text = "eVE"};
    assert_int_equal(fg_audit_count(s, &f, &n), 0);
    assert_int_equal(n, 1);
    f = (struct fg_audit_filter){.revision = 1, .since_ms = 1000, .until_ms = 1001};
    assert_int_equal(fg_audit_count(s, &f, &n), 0);
    assert_int_equal(n, 3);
    const struct fg_audit_entry bad = {.action = "x"};
    assert_int_equal(fg_audit_add(s, &bad), EINVAL);
}

static void expect_chain(struct place *p, uint64_t rows, uint64_t bad)
{
    struct fg_audit_report r;
    assert_int_equal(fg_audit_verify(p->s, &r), 0);
    assert_int_equal(r.bad_seq, bad);
    assert_int_equal(r.rows, rows);
    assert_int_equal(r.reason[0] != '\0', bad != 0);
}

static void add_rows(struct place *p, int n)
{
    const struct fg_audit_entry e = {
        .action = "x", .outcome = "ok", .detail = "detail", .before = "1"};
    while (n--) assert_int_equal(fg_audit_add(p->s, &e), 0);
}

static void test_audit_tampered(void **state)
{
    static const struct {
        const char *sql;
        uint64_t rows, bad;
    } cases[] = {
        {"UPDATE audit SET detail = 'other' WHERE seq = 3", 2, 3},
        {"UPDATE audit SET before = NULL WHERE seq = 5", 4, 5},
        {"UPDATE audit SET at = at + 1 WHERE seq = 1", 0, 1},
        /* Text moved from one column to the next. */
        {"UPDATE audit SET who = 'ab', who_name = '' WHERE seq = 2; UPDATE audit SET mac = "
         "zeroblob(32) WHERE seq = 4",
         1, 2},
        {"DELETE FROM audit WHERE seq = 2", 1, 2},
        {"DELETE FROM audit WHERE seq > 3", 3, 4},
        {"DELETE FROM audit", 0, 1},
        {"DELETE FROM audit WHERE seq = 2; UPDATE audit SET seq = seq - 1 WHERE seq > 2", 1, 2},
    };
    struct place *p = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        add_rows(p, 6);
        expect_chain(p, 6, 0);
        tamper(p, cases[i].sql);
        expect_chain(p, cases[i].rows, cases[i].bad);
        /* Writing on and starting again hide nothing. */
        add_rows(p, 2);
        close_place(p);
        open_place(p);
        add_rows(p, 2);
        expect_chain(p, cases[i].rows, cases[i].bad);
        teardown(state);
        setup(state);
        p = *state;
    }
}

/* Cut off while the program was not running. */
static void test_audit_cut_offline(void **state)
{
    struct place *p = *state;
    add_rows(p, 5);
    close_place(p);
    tamper(p, "DELETE FROM audit WHERE seq > 3");
    open_place(p);
    add_rows(p, 3);
    expect_chain(p, 3, 4);
}

/* A crash between the commit and the head leaves the head behind: no fault, and it catches up. */
static void test_audit_head_behind(void **state)
{
    struct place *p = *state;
    struct fg_buf old;
    fg_buf_init(&old, 4096);
    add_rows(p, 3);
    assert_int_equal(fg_datadir_key_read(p->dir, "audit.head", &old), 0);
    add_rows(p, 2);
    close_place(p);
    char file[128];
    snprintf(file, sizeof file, "%s/keys/audit.head", p->path);
    FILE *f = fopen(file, "w");
    fwrite(fg_buf_data(&old), 1, fg_buf_len(&old), f);
    fclose(f);
    fg_buf_free(&old);
    open_place(p);
    expect_chain(p, 5, 0);
    add_rows(p, 1);
    close_place(p);
    tamper(p, "DELETE FROM audit WHERE seq > 4");
    open_place(p);
    expect_chain(p, 4, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_admins),
        TEST(test_sessions_and_tokens),
        TEST(test_setup_link),
        TEST(test_setup_void),
        TEST(test_audit),
        TEST(test_audit_tampered),
        TEST(test_audit_cut_offline),
        TEST(test_audit_head_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
