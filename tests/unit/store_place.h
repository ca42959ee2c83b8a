/* For the tests of the store: a database in a directory of its own, and callbacks that print what
 * they are given. */
#ifndef FG_TESTS_STORE_PLACE_H
#define FG_TESTS_STORE_PLACE_H

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

static inline void close_place(struct place *p)
{
    fg_store_close(p->s);
    fg_datadir_close(p->dir);
    p->s = NULL;
    p->dir = NULL;
}

static inline void open_place(struct place *p)
{
    char why[FG_WHY] = "";
    if (fg_datadir_open(&p->dir, p->path, why)) fail_msg("%s", why);
    if (fg_store_open(&p->s, p->dir, FG_STORE_WRITER, why)) fail_msg("%s", why);
}

static inline int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    snprintf(p->path, sizeof p->path, "/tmp/fg-test-store-XXXXXX");
    assert_non_null(mkdtemp(p->path));
    open_place(p);
    *state = p;
    return 0;
}

static inline int teardown(void **state)
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
static inline void tamper(struct place *p, const char *sql)
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

static inline void addf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static inline void addf(struct text *t, const char *fmt, ...)
{
    size_t used = strlen(t->s);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(t->s + used, sizeof t->s - used, fmt, ap);
    va_end(ap);
}

static inline int list_object(const struct fg_object *o, void *arg)
{
    addf(arg, "%s/%s=%s@%llu ", o->kind, o->key, o->body, (unsigned long long)o->since);
    return 0;
}

static inline int list_change(const struct fg_object_change *c, void *arg)
{
    addf(arg, "%s/%s:%s>%s ", c->kind, c->key, c->before ? c->before : "-",
         c->after ? c->after : "-");
    return 0;
}

static inline int list_revision(const struct fg_revision *r, void *arg)
{
    addf(arg, "%llu(%s,%s,+%u~%u-%u,by%llu,of%llu) ", (unsigned long long)r->number, r->author,
         r->comment, r->added, r->changed, r->removed, (unsigned long long)r->reverted_by,
         (unsigned long long)r->reverts);
    return 0;
}

static inline int list_draft(const struct fg_draft *d, void *arg)
{
    addf(arg, "%s %s/%s=%s@%llu[%lld,%lld] ", fg_draft_op_name(d->op), d->kind, d->key,
         d->body ? d->body : "-", (unsigned long long)d->base_revision, (long long)d->created_ms,
         (long long)d->updated_ms);
    return 0;
}

static inline int list_audit(const struct fg_audit_entry *e, void *arg)
{
    addf(arg, "%llu:%s,%s,%s/%s,%s>%s,r%llu ", (unsigned long long)e->seq, e->who, e->action,
         e->kind, e->key, e->before ? e->before : "-", e->after ? e->after : "-",
         (unsigned long long)e->revision);
    return 0;
}

static inline int stop(const struct fg_object *o, void *arg)
{
    (void)o;
    ++*(int *)arg;
    return ECANCELED;
}

static inline uint64_t commit(struct fg_store *s, const char *comment,
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

static inline void put_draft(struct fg_store *s, const char *owner, const char *kind,
                             const char *key, const char *body, int64_t now_ms)
{
    struct fg_draft d = {.owner = owner,
                         .kind = kind,
                         .key = key,
                         .body = body,
                         .base_revision = 4,
                         .op = body ? FG_DRAFT_PUT : FG_DRAFT_DELETE};
    assert_int_equal(fg_draft_put(s, &d, now_ms), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
