/* Tests of server/store: every group of functions on a database in a directory of its own. */
#include "server/store/accounts.h"
#include "server/store/audit.h"
#include "server/store/certificates.h"
#include "server/store/drafts.h"
#include "server/store/objects.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
    char path[64];
    struct fg_datadir *dir;
    struct fg_store *s; /* the writer */
};

static void close_place(struct place *p)
{
    fg_store_close(p->s);
    fg_datadir_close(p->dir);
    p->s = NULL;
    p->dir = NULL;
}

static void open_place(struct place *p)
{
    char why[FG_WHY] = "";
    if (fg_datadir_open(&p->dir, p->path, why)) fail_msg("%s", why);
    if (fg_store_open(&p->s, p->dir, FG_STORE_WRITER, why)) fail_msg("%s", why);
}

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    snprintf(p->path, sizeof p->path, "/tmp/fg-test-store-XXXXXX");
    assert_non_null(mkdtemp(p->path));
    open_place(p);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    close_place(p);
    char command[128];
    snprintf(command, sizeof command, "rm -rf -- '%s'", p->path);
    int rc = system(command);
    free(p);
    return rc;
}

/* Changes the database behind the store's back, as somebody with the file could. */
static void tamper(struct place *p, const char *sql)
{
    char file[128];
    sqlite3 *db = NULL;
    snprintf(file, sizeof file, "%s/fedgate.db", p->path);
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* --- collecting what callbacks are given
 * ------------------------------------------------------------- */

struct text {
    char s[4000];
};

static void addf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void addf(struct text *t, const char *fmt, ...)
{
    size_t used = strlen(t->s);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(t->s + used, sizeof t->s - used, fmt, ap);
    va_end(ap);
}

static int list_object(const struct fg_object *o, void *arg)
{
    addf(arg, "%s/%s=%s@%llu ", o->kind, o->key, o->body, (unsigned long long)o->since);
    return 0;
}

static int list_change(const struct fg_object_change *c, void *arg)
{
    addf(arg, "%s/%s:%s>%s ", c->kind, c->key, c->before ? c->before : "-",
         c->after ? c->after : "-");
    return 0;
}

static int list_revision(const struct fg_revision *r, void *arg)
{
    addf(arg, "%llu(%s,%s,+%u~%u-%u,by%llu,of%llu) ", (unsigned long long)r->number, r->author,
         r->comment, r->added, r->changed, r->removed, (unsigned long long)r->reverted_by,
         (unsigned long long)r->reverts);
    return 0;
}

static int list_draft(const struct fg_draft *d, void *arg)
{
    addf(arg, "%s %s/%s=%s@%llu[%lld,%lld] ", fg_draft_op_name(d->op), d->kind, d->key,
         d->body ? d->body : "-", (unsigned long long)d->base_revision, (long long)d->created_ms,
         (long long)d->updated_ms);
    return 0;
}

static int list_audit(const struct fg_audit_entry *e, void *arg)
{
    addf(arg, "%llu:%s,%s,%s/%s,%s>%s,r%llu ", (unsigned long long)e->seq, e->who, e->action,
         e->kind, e->key, e->before ? e->before : "-", e->after ? e->after : "-",
         (unsigned long long)e->revision);
    return 0;
}

static int stop(const struct fg_object *o, void *arg)
{
    (void)o;
    ++*(int *)arg;
    return ECANCELED;
}

static uint64_t commit(struct fg_store *s, const char *comment,
                       const struct fg_commit_change *changes, size_t n)
{
    uint64_t base, number = 0;
    assert_int_equal(fg_revision_current(s, &base), 0);
    struct fg_commit c = {.base = base,
                          .changes = changes,
                          .n = n,
                          .author = "admin:1",
                          .author_name = "ann",
                          .via = "session:1",
                          .comment = comment,
                          .at_ms = 1000,
                          .draft_owner = "admin:1"};
    memset(c.content_hash, 7, sizeof c.content_hash);
    if (fg_store_commit(s, &c, &number)) fail_msg("%s", fg_store_error(s));
    assert_int_equal(number, base + 1);
    return number;
}

#define COMMIT(s, comment, ...)                                                                    \
    commit((s), (comment), (const struct fg_commit_change[]){__VA_ARGS__},                         \
           sizeof((const struct fg_commit_change[]){__VA_ARGS__}) /                                \
               sizeof(struct fg_commit_change))

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

static void put_draft(struct fg_store *s, const char *owner, const char *kind, const char *key,
                      const char *body, int64_t now_ms)
{
    struct fg_draft d = {.owner = owner,
                         .kind = kind,
                         .key = key,
                         .body = body,
                         .base_revision = 4,
                         .op = body ? FG_DRAFT_PUT : FG_DRAFT_DELETE};
    assert_int_equal(fg_draft_put(s, &d, now_ms), 0);
}

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
    assert_int_equal(fg_session_expire(s, 60, 0), 0);
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
    assert_int_equal(drafts, 0);

    assert_int_equal(fg_admin_set_password(s, bob, "new", 1), 0);
    assert_int_equal(sessions(s), 0);
    assert_int_equal(fg_admin_delete(s, bob), 0); /* tokens and drafts go along */
    assert_int_equal(fg_token_get(s, t.id, &got), ENOENT);
    assert_int_equal(fg_draft_count(s, "admin:2", &drafts), 0);
    assert_int_equal(drafts, 0);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_directory),
        TEST(test_key_files),
        TEST(test_open),
        TEST(test_reader),
        TEST(test_transactions),
        TEST(test_objects),
        TEST(test_diff),
        TEST(test_commit_refused),
        TEST(test_confirm),
        TEST(test_drafts),
        TEST(test_admins),
        TEST(test_sessions_and_tokens),
        TEST(test_setup_link),
        TEST(test_setup_void),
        TEST(test_audit),
        TEST(test_audit_tampered),
        TEST(test_audit_cut_offline),
        TEST(test_audit_head_behind),
        TEST(test_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
