/* Tests of server/store: directory, opening, objects by revision, drafts, certificates. */
#include "tests/unit/store_place.h"

/* --- data directory
 * ----------------------------------------------------------------------------------- */

static mode_t mode_of(const char *dir, const char *name)
{
    char file[160];
    struct stat st;
    snprintf(file, sizeof file, "%s/%s", dir, name);
    assert_int_equal(stat(file, &st), 0);
    return st.st_mode & 0777;
}

static void test_directory(void **state)
{
    struct place *p = *state;
    static const char *const files[] = {"fedgate.db", "lock", "keys/audit.key", "keys/audit.head",
                                        "keys/dialback.secret"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_int_equal(mode_of(p->path, files[i]), 0600);
    assert_int_equal(mode_of(p->path, "."), 0700);
    assert_int_equal(mode_of(p->path, "keys"), 0700);

    struct fg_datadir *second = NULL;
    char why[FG_WHY] = "";
    assert_true(fg_datadir_busy(p->path));
    assert_int_equal(fg_datadir_open(&second, p->path, why), EBUSY);
    assert_non_null(strstr(why, p->path));
    assert_null(second);

    uint8_t a[32], b[32], c[16];
    assert_int_equal(fg_datadir_secret(p->dir, "dialback.secret", a, sizeof a), 0);
    close_place(p);
    assert_false(fg_datadir_busy(p->path));
    assert_int_equal(chmod(p->path, 0755), 0);
    open_place(p);
    assert_int_equal(mode_of(p->path, "."), 0700);
    assert_int_equal(fg_datadir_secret(p->dir, "dialback.secret", b, sizeof b), 0);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(fg_datadir_secret(p->dir, "dialback.secret", c, sizeof c), EBADMSG);
}

static void test_key_files(void **state)
{
    struct place *p = *state;
    struct fg_buf b;
    fg_buf_init(&b, 10);
    static const char *const bad[] = {"", ".", "..", "../x", "a/b", ".hidden"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(fg_datadir_key_write(p->dir, bad[i], "x", 1), EINVAL);
        assert_int_equal(fg_datadir_key_read(p->dir, bad[i], &b), EINVAL);
        assert_int_equal(fg_datadir_key_remove(p->dir, bad[i]), EINVAL);
    }
    assert_int_equal(fg_datadir_key_read(p->dir, "one", &b), ENOENT);
    assert_int_equal(fg_datadir_key_write(p->dir, "one", "first", 5), 0);
    assert_int_equal(fg_datadir_key_write(p->dir, "one", "second", 6), 0);
    assert_int_equal(fg_datadir_key_read(p->dir, "one", &b), 0);
    assert_string_equal(fg_buf_cstr(&b), "second");
    assert_int_equal(mode_of(p->path, "keys/one"), 0600);
    assert_int_equal(fg_datadir_key_read(p->dir, "one", &b), ENOBUFS);
    assert_int_equal(fg_datadir_key_remove(p->dir, "one"), 0);
    assert_int_equal(fg_datadir_key_remove(p->dir, "one"), 0);
    fg_buf_free(&b);
}

/* --- opening
 * -------------------------------------------------------------------------------------------- */

static long file_size(struct place *p)
{
    char file[128];
    struct stat st;
    snprintf(file, sizeof file, "%s/fedgate.db", p->path);
    assert_int_equal(stat(file, &st), 0);
    return (long)st.st_size;
}

static void expect_refused(struct place *p, enum fg_store_mode mode, int err, const char *part)
{
    char why[FG_WHY] = "";
    struct fg_store *s = NULL;
    assert_int_equal(fg_store_open(&s, p->dir, mode, why), err);
    assert_null(s);
    if (!strstr(why, part)) fail_msg("'%s' is not in '%s'", part, why);
}

static void test_open(void **state)
{
    struct place *p = *state;
    char *id = NULL, *again = NULL;
    assert_int_equal(fg_meta_get(p->s, "instance_id", &id), 0);
    assert_int_equal(strlen(id), 32);
    assert_int_equal(fg_store_check(p->s), 0);
    close_place(p);
    open_place(p);
    assert_int_equal(fg_meta_get(p->s, "instance_id", &again), 0);
    assert_string_equal(id, again);
    free(id);
    free(again);
    assert_int_equal(fg_meta_get(p->s, "unknown", &id), ENOENT);

    fg_store_close(p->s);
    p->s = NULL;
    tamper(p, "PRAGMA user_version = 99");
    long size = file_size(p);
    expect_refused(p, FG_STORE_WRITER, ENOTSUP, "schema 99");
    expect_refused(p, FG_STORE_READER, ENOTSUP, "schema 99");
    assert_int_equal(file_size(p), size);
    tamper(p, "PRAGMA user_version = 1; PRAGMA application_id = 5");
    expect_refused(p, FG_STORE_WRITER, EBADMSG, "another program");
    char file[128];
    snprintf(file, sizeof file, "%s/fedgate.db", p->path);
    FILE *f = fopen(file, "w");
    fputs("This is no database, but it is long enough to look like a file with something in it.\n",
          f);
    fclose(f);
    expect_refused(p, FG_STORE_WRITER, EBADMSG, "no database");
}

static void test_reader(void **state)
{
    struct place *p = *state;
    struct fg_store *r = NULL;
    char why[FG_WHY];
    uint64_t n = 9;
    assert_int_equal(fg_store_open(&r, p->dir, FG_STORE_READER, why), 0);
    assert_int_equal(fg_meta_set(r, "x", "y"), EROFS);
    assert_int_equal(fg_draft_clear(r, "admin:1"), EROFS);
    assert_int_equal(fg_setup_put(r, (const uint8_t *)"01234567890123456789012345678901", 5),
                     EROFS);
    COMMIT(p->s, "one", {"partners", "a.test", "{}"});
    assert_int_equal(fg_revision_current(r, &n), 0);
    assert_int_equal(n, 1);
    /* A view stays what it was. */
    assert_int_equal(fg_store_begin(r), 0);
    assert_int_equal(fg_object_count(r, NULL, 2, &n), 0);
    assert_int_equal(n, 1);
    COMMIT(p->s, "two", {"partners", "b.test", "{}"});
    assert_int_equal(fg_object_count(r, NULL, 2, &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(fg_store_end(r, 0), 0);
    assert_int_equal(fg_object_count(r, NULL, 2, &n), 0);
    assert_int_equal(n, 2);
    fg_store_close(r);
}

static void test_transactions(void **state)
{
    struct fg_store *s = ((struct place *)*state)->s;
    char *v = NULL;
    assert_int_equal(fg_store_begin(s), 0);
    assert_int_equal(fg_meta_set(s, "a", "1"), 0);
    assert_int_equal(fg_store_begin(s), 0);
    assert_int_equal(fg_meta_set(s, "b", "1"), 0);
    assert_int_equal(fg_store_end(s, ECANCELED), ECANCELED);
    assert_int_equal(fg_store_end(s, 0), ECANCELED);
    assert_int_equal(fg_meta_get(s, "a", &v), ENOENT);
    assert_int_equal(fg_meta_get(s, "b", &v), ENOENT);

    /* A row of the audit that was rolled back leaves no gap. */
    const struct fg_audit_entry e = {.action = "x", .outcome = "ok"};
    assert_int_equal(fg_store_begin(s), 0);
    assert_int_equal(fg_audit_add(s, &e), 0);
    assert_int_equal(fg_store_end(s, EIO), EIO);
    assert_int_equal(fg_audit_add(s, &e), 0);
    struct fg_audit_report report;
    assert_int_equal(fg_audit_verify(s, &report), 0);
    assert_int_equal(report.rows, 1);
    assert_int_equal(report.bad_seq, 0);
}

/* --- objects and revisions
 * -------------------------------------------------------------------------------- */

static void test_objects(void **state)
{
    struct fg_store *s = ((struct place *)*state)->s;
    uint64_t n, since;
    char *body = NULL;
    assert_int_equal(fg_revision_current(s, &n), 0);
    assert_int_equal(n, 0);
    COMMIT(s, "one", {"partners", "b", "1"}, {"partners", "a", "1"}, {"users", "u", "1"});
    COMMIT(s, "two", {"partners", "a", "2"}, {"users", "u", NULL}, {"users", "never", NULL},
           {"partners", "b", "1"});
    COMMIT(s, "three", {"users", "u", "1"}, {"sites", "s", "1"});

    struct text t = {""};
    assert_int_equal(fg_object_each(s, NULL, 1, NULL, 100, list_object, &t), 0);
    assert_string_equal(t.s, "partners/a=1@1 partners/b=1@1 users/u=1@1 ");
    t.s[0] = '\0';
    assert_int_equal(fg_object_each(s, NULL, 2, NULL, 100, list_object, &t), 0);
    assert_string_equal(t.s, "partners/a=2@2 partners/b=1@1 ");
    t.s[0] = '\0';
    assert_int_equal(fg_object_each(s, "partners", 3, "a", 100, list_object, &t), 0);
    assert_string_equal(t.s, "partners/b=1@1 ");
    t.s[0] = '\0';
    assert_int_equal(fg_object_each(s, "partners", 3, NULL, 1, list_object, &t), 0);
    assert_string_equal(t.s, "partners/a=2@2 ");
    int called = 0;
    assert_int_equal(fg_object_each(s, NULL, 3, NULL, 100, stop, &called), ECANCELED);
    assert_int_equal(called, 1);
    assert_int_equal(fg_object_each(s, NULL, 3, "a", 100, list_object, &t), EINVAL);

    assert_int_equal(fg_object_get(s, "partners", "a", 3, &body, &since), 0);
    assert_string_equal(body, "2");
    assert_int_equal(since, 2);
    free(body);
    assert_int_equal(fg_object_get(s, "users", "u", 2, &body, NULL), ENOENT);
    assert_null(body);
    assert_int_equal(fg_object_count(s, "partners", 3, &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(fg_object_count(s, NULL, 0, &n), 0);
    assert_int_equal(n, 0);

    t.s[0] = '\0';
    assert_int_equal(fg_revision_each(s, 0, 2, list_revision, &t), 0);
    assert_string_equal(t.s, "3(admin:1,three,+2~0-0,by0,of0) 2(admin:1,two,+0~1-1,by0,of0) ");
    t.s[0] = '\0';
    assert_int_equal(fg_revision_get(s, 1, list_revision, &t), 0);
    assert_string_equal(t.s, "1(admin:1,one,+3~0-0,by0,of0) ");
    assert_int_equal(fg_revision_get(s, 4, list_revision, &t), ENOENT);
    assert_int_equal(fg_revision_get(s, 0, list_revision, &t), ENOENT);
}

static void test_diff(void **state)
{
    struct fg_store *s = ((struct place *)*state)->s;
    COMMIT(s, "1", {"partners", "a", "1"}, {"partners", "b", "1"}, {"users", "u", "1"});
    COMMIT(s, "2", {"partners", "a", "2"}, {"users", "u", NULL});
    COMMIT(s, "3", {"users", "u", "1"}, {"sites", "s", "1"});
    static const struct {
        uint64_t from, to;
        const char *after_kind, *after_key, *want;
        size_t limit;
    } cases[] = {
        {0, 1, NULL, NULL, "partners/a:->1 partners/b:->1 users/u:->1 ", 10},
        {1, 2, NULL, NULL, "partners/a:1>2 users/u:1>- ", 10},
        {2, 1, NULL, NULL, "partners/a:2>1 users/u:->1 ", 10},
        {1, 3, NULL, NULL, "partners/a:1>2 sites/s:->1 ", 10}, /* u went and came back the same */
        {3, 1, NULL, NULL, "partners/a:2>1 sites/s:1>- ", 10},
        {2, 2, NULL, NULL, "", 10},
        {0, 3, NULL, NULL, "partners/a:->2 partners/b:->1 ", 2},
        {0, 3, "partners", "b", "sites/s:->1 users/u:->1 ", 10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text t = {""};
        assert_int_equal(fg_object_diff(s, cases[i].from, cases[i].to, cases[i].after_kind,
                                        cases[i].after_key, cases[i].limit, list_change, &t),
                         0);
        assert_string_equal(t.s, cases[i].want);
    }
}

static void test_commit_refused(void **state)
{
    struct fg_store *s = ((struct place *)*state)->s;
    uint64_t n = 77;
    COMMIT(s, "1", {"partners", "a", "1"});
    const struct fg_commit_change changes[] = {{"partners", "b", "1"}, {"partners", "", "1"}};
    struct fg_commit c = {.base = 0, .changes = changes, .n = 1, .author = "x", .at_ms = 1};
    assert_int_equal(fg_store_commit(s, &c, &n), ESTALE);
    c.base = 1;
    c.n = 2; /* the second breaks a rule of the table: nothing of the first stays */
    assert_int_equal(fg_store_commit(s, &c, &n), EINVAL);
    assert_int_equal(n, 77);
    assert_int_equal(fg_revision_current(s, &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(fg_object_count(s, NULL, 5, &n), 0);
    assert_int_equal(n, 1);
    c.n = 1;
    c.reverts = 9; /* no such revision */
    assert_int_equal(fg_store_commit(s, &c, &n), ENOENT);
    c.reverts = 1;
    assert_int_equal(fg_store_commit(s, &c, &n), 0);
    struct text t = {""};
    assert_int_equal(fg_revision_each(s, 0, 9, list_revision, &t), 0);
    assert_string_equal(t.s, "2(x,,+1~0-0,by0,of1) 1(admin:1,1,+1~0-0,by2,of0) ");
}

static void test_confirm(void **state)
{
    struct fg_store *s = ((struct place *)*state)->s;
    struct text t = {""};
    uint64_t n;
    const struct fg_audit_entry by = {.who = "admin:2", .at_ms = 50};
    COMMIT(s, "1", {"partners", "a", "1"});
    assert_int_equal(fg_revision_pending(s, list_revision, &t), ENOENT);
    struct fg_commit c = {
        .base = 1,
        .author = "x",
        .at_ms = 1,
        .confirm = {.within_s = 60, .boot_id = "boot", .boot_ms = 5, .wall_ms = 6}};
    assert_int_equal(fg_store_commit(s, &c, &n), 0);
    assert_int_equal(fg_revision_pending(s, list_revision, &t), 0);
    assert_int_equal(fg_revision_confirm(s, 1, &by), ENOENT);
    assert_int_equal(fg_revision_confirm(s, 2, &by), 0);
    assert_int_equal(fg_revision_confirm(s, 2, &by), ENOENT);
    assert_int_equal(fg_revision_pending(s, list_revision, &t), ENOENT);
    c.base = 2;
    assert_int_equal(fg_store_commit(s, &c, &n), 0);
    struct fg_commit back = {.base = 3, .author = "system", .at_ms = 1, .reverts = 3};
    assert_int_equal(fg_store_commit(s, &back, &n), 0);
    assert_int_equal(fg_revision_pending(s, list_revision, &t), ENOENT);
    t.s[0] = '\0';
    const struct fg_audit_filter f = {.action = "confirm"};
    assert_int_equal(fg_audit_each(s, &f, 9, list_audit, &t), 0);
    assert_string_equal(t.s, "4:admin:2,confirm,/,->-,r2 ");
}

/* --- drafts
 * ------------------------------------------------------------------------------------------------
 */

static void test_drafts(void **state)
{
    struct fg_store *s = ((struct place *)*state)->s;
    uint64_t n;
    struct text t = {""};
    put_draft(s, "admin:1", "users", "u", "1", 10);
    put_draft(s, "admin:1", "partners", "b", "1", 20);
    put_draft(s, "admin:1", "partners", "a", NULL, 30);
    put_draft(s, "admin:1", "users", "u", "2", 40);
    put_draft(s, "admin:2", "users", "u", "3", 50);
    assert_int_equal(fg_draft_each(s, "admin:1", NULL, NULL, NULL, 10, list_draft, &t), 0);
    assert_string_equal(
        t.s, "delete partners/a=-@4[30,30] put partners/b=1@4[20,20] put users/u=2@4[10,40] ");
    t.s[0] = '\0';
    assert_int_equal(fg_draft_each(s, "admin:1", "partners", "partners", "a", 10, list_draft, &t),
                     0);
    assert_string_equal(t.s, "put partners/b=1@4[20,20] ");
    t.s[0] = '\0';
    assert_int_equal(fg_draft_get(s, "admin:2", "users", "u", list_draft, &t), 0);
    assert_string_equal(t.s, "put users/u=3@4[50,50] ");
    assert_int_equal(fg_draft_get(s, "admin:2", "users", "x", list_draft, &t), ENOENT);
    /* A put has a body, a delete has none. */
    struct fg_draft bad = {.owner = "x", .kind = "users", .key = "u", .op = FG_DRAFT_PUT};
    assert_int_equal(fg_draft_put(s, &bad, 1), EINVAL);
    bad.op = FG_DRAFT_DELETE;
    bad.body = "1";
    assert_int_equal(fg_draft_put(s, &bad, 1), EINVAL);

    /* A commit takes its own rows along, and nobody else's. */
    COMMIT(s, "1", {"users", "u", "2"});
    assert_int_equal(fg_draft_count(s, "admin:1", &n), 0);
    assert_int_equal(n, 2);
    assert_int_equal(fg_draft_count(s, "admin:2", &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(fg_draft_delete(s, "admin:1", "partners", "a"), 0);
    assert_int_equal(fg_draft_delete(s, "admin:1", "partners", "a"), ENOENT);
    assert_int_equal(fg_draft_clear(s, "admin:1"), 0);
    assert_int_equal(fg_draft_count(s, "admin:1", &n), 0);
    assert_int_equal(n, 0);
}

/* --- certificates
 * ------------------------------------------------------------------------------------------------
 */

#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static int list_certificate(const struct fg_certificate *c, void *arg)
{
    addf(arg, "%.1s,%s,%s,%d,%lld ", c->id, c->friendly_name, c->names, c->has_key,
         (long long)c->not_after_ms);
    return 0;
}

static void test_certificates(void **state)
{
    struct place *p = *state;
    struct text t = {""};
    struct fg_buf key;
    fg_buf_init(&key, 100);
    struct fg_certificate a = {
        .id = ID_A, .friendly_name = "zeta", .pem = "PEM", .names = "[\"a\"]", .not_after_ms = 5};
    struct fg_certificate b = {.id = ID_B, .friendly_name = "beta", .pem = "PEM"};
    assert_int_equal(fg_certificate_put(p->s, &a, "secret", 6), 0);
    assert_int_equal(fg_certificate_put(p->s, &b, NULL, 0), 0);
    a.friendly_name = "alpha"; /* again, without the key: it stays */
    assert_int_equal(fg_certificate_put(p->s, &a, NULL, 0), 0);
    assert_int_equal(fg_certificate_each(p->s, list_certificate, &t), 0);
    assert_string_equal(t.s, "a,alpha,[\"a\"],1,5 b,beta,[],0,0 ");
    assert_int_equal(fg_certificate_key(p->dir, ID_A, &key), 0);
    assert_string_equal(fg_buf_cstr(&key), "secret");
    assert_int_equal(fg_certificate_key(p->dir, ID_B, &key), ENOENT);
    assert_int_equal(fg_certificate_key(p->dir, "../audit", &key), EINVAL);
    b.id = "short";
    assert_int_equal(fg_certificate_put(p->s, &b, NULL, 0), EINVAL);

    /* A crash between key and row leaves an orphan, which the next start removes; nothing else
     * goes. */
    assert_int_equal(fg_datadir_key_write(p->dir, ID_B ".key", "orphan", 6), 0);
    assert_int_equal(fg_datadir_key_write(p->dir, "panel.key", "panel", 5), 0);
    close_place(p);
    open_place(p);
    fg_buf_reset(&key);
    assert_int_equal(fg_certificate_key(p->dir, ID_B, &key), ENOENT);
    assert_int_equal(fg_datadir_key_read(p->dir, "panel.key", &key), 0);
    assert_int_equal(fg_certificate_key(p->dir, ID_A, &key), 0);
    assert_int_equal(fg_certificate_delete(p->s, ID_A), 0);
    assert_int_equal(fg_certificate_delete(p->s, ID_A), ENOENT);
    assert_int_equal(fg_certificate_get(p->s, ID_A, list_certificate, &t), ENOENT);
    assert_int_equal(fg_certificate_key(p->dir, ID_A, &key), ENOENT);
    fg_buf_wipe(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_directory), TEST(test_key_files),      TEST(test_open),
        TEST(test_reader),    TEST(test_transactions),   TEST(test_objects),
        TEST(test_diff),      TEST(test_commit_refused), TEST(test_confirm),
        TEST(test_drafts),    TEST(test_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
