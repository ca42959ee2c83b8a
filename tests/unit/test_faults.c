/* A process that ends between any two steps of a commit, and files that are cut short.
 *
 *   read, merge, compile ─ prepare ─ store (each write and sync of the database) ─ activate ─
 * answer ^         ^                                            ^          ^
 *
 * A child makes the commit and ends, as by SIGKILL, at the step it was told; the parent then opens
 * what is left: the revision before or the one after, whole, with the audit in order, and fit for
 * the next commit. The steps are seen by wrapping the functions at link time and by a file system
 * of SQLite that counts. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "gateway/base/clock.h"
#include "gateway/engine.h"
#include "server/config/config.h"
#include "server/config/private.h"
#include "server/executor.h"
#include "server/store/audit.h"
#include "server/store/objects.h"
#include "server/store/store.h"

enum { OBJECTS = 12, PATH = 64 };

/* ---- where to end ---- */

enum step { BEFORE_PREPARE, AFTER_PREPARE, BEFORE_STORE, IN_STORE, AFTER_STORE, AFTER_ACTIVATE };

static struct {
    enum step step;
    int writes_left; /* IN_STORE: ends before the write or sync when it is 0 */
    bool armed;
    _Atomic int64_t clock_shift_ms; /* read by the ticker too */
} fate;

static void reached(enum step s)
{
    if (fate.armed && fate.step == s) kill(getpid(), SIGKILL);
}

int __real_fg_engine_prepare(struct fg_engine *e, struct fg_snapshot *s, enum fg_prepare_mode mode,
                             struct fg_plan **out, struct fg_problems *problems,
                             struct fg_problems *warnings);
int __wrap_fg_engine_prepare(struct fg_engine *e, struct fg_snapshot *s, enum fg_prepare_mode mode,
                             struct fg_plan **out, struct fg_problems *problems,
                             struct fg_problems *warnings);
int __wrap_fg_engine_prepare(struct fg_engine *e, struct fg_snapshot *s, enum fg_prepare_mode mode,
                             struct fg_plan **out, struct fg_problems *problems,
                             struct fg_problems *warnings)
{
    reached(BEFORE_PREPARE);
    int err = __real_fg_engine_prepare(e, s, mode, out, problems, warnings);
    reached(AFTER_PREPARE);
    return err;
}

int __wrap_fg_engine_activate(struct fg_engine *e, struct fg_plan *plan, int timeout_ms);
int __real_fg_engine_activate(struct fg_engine *e, struct fg_plan *plan, int timeout_ms);
int __wrap_fg_engine_activate(struct fg_engine *e, struct fg_plan *plan, int timeout_ms)
{
    reached(AFTER_STORE);
    int err = __real_fg_engine_activate(e, plan, timeout_ms);
    reached(AFTER_ACTIVATE);
    return err;
}

int __real_fg_store_commit(struct fg_store *s, const struct fg_commit *c, uint64_t *number);
int __wrap_fg_store_commit(struct fg_store *s, const struct fg_commit *c, uint64_t *number);
int __wrap_fg_store_commit(struct fg_store *s, const struct fg_commit *c, uint64_t *number)
{
    reached(BEFORE_STORE);
    return __real_fg_store_commit(s, c, number);
}

int64_t __real_fg_clock_wall_ms(void);
int64_t __wrap_fg_clock_wall_ms(void);
int64_t __wrap_fg_clock_wall_ms(void)
{
    return __real_fg_clock_wall_ms() + fate.clock_shift_ms;
}

/* ---- a file system that counts writes and syncs ---- */

struct counted {
    sqlite3_file base;
    sqlite3_file *real;
};

static sqlite3_vfs vfs, *below;
static sqlite3_io_methods methods;

static sqlite3_file *real(sqlite3_file *f)
{
    return ((struct counted *)(void *)f)->real;
}

static void count_write(void)
{
    if (!fate.armed || fate.step != IN_STORE) return;
    if (fate.writes_left-- == 0) kill(getpid(), SIGKILL);
}

static int c_close(sqlite3_file *f)
{
    int rc = real(f)->pMethods ? real(f)->pMethods->xClose(real(f)) : SQLITE_OK;
    sqlite3_free(real(f));
    return rc;
}

static int c_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return real(f)->pMethods->xRead(real(f), p, n, at);
}

static int c_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    count_write();
    return real(f)->pMethods->xWrite(real(f), p, n, at);
}

static int c_truncate(sqlite3_file *f, sqlite3_int64 n)
{
    count_write();
    return real(f)->pMethods->xTruncate(real(f), n);
}

static int c_sync(sqlite3_file *f, int flags)
{
    count_write();
    return real(f)->pMethods->xSync(real(f), flags);
}

static int c_size(sqlite3_file *f, sqlite3_int64 *n)
{
    return real(f)->pMethods->xFileSize(real(f), n);
}

static int c_lock(sqlite3_file *f, int l)
{
    return real(f)->pMethods->xLock(real(f), l);
}

static int c_unlock(sqlite3_file *f, int l)
{
    return real(f)->pMethods->xUnlock(real(f), l);
}

static int c_reserved(sqlite3_file *f, int *out)
{
    return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

static int c_control(sqlite3_file *f, int op, void *arg)
{
    return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int c_sector(sqlite3_file *f)
{
    return real(f)->pMethods->xSectorSize(real(f));
}

static int c_device(sqlite3_file *f)
{
    return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int c_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}

static int c_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void c_shm_barrier(sqlite3_file *f)
{
    real(f)->pMethods->xShmBarrier(real(f));
}

static int c_shm_unmap(sqlite3_file *f, int drop)
{
    return real(f)->pMethods->xShmUnmap(real(f), drop);
}

static int c_open(sqlite3_vfs *v, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
    (void)v;
    struct counted *c = (struct counted *)(void *)f;
    c->base.pMethods = NULL;
    c->real = sqlite3_malloc(below->szOsFile);
    if (!c->real) return SQLITE_NOMEM;
    memset(c->real, 0, (size_t)below->szOsFile);
    int rc = below->xOpen(below, name, c->real, flags, out);
    if (rc == SQLITE_OK)
        c->base.pMethods = &methods;
    else
        sqlite3_free(c->real);
    return rc;
}

static int install(void **state)
{
    (void)state;
    below = sqlite3_vfs_find(NULL);
    assert_non_null(below);
    methods = (sqlite3_io_methods){
        2,          c_close,       c_read,      c_write,   c_truncate, c_sync,   c_size,
        c_lock,     c_unlock,      c_reserved,  c_control, c_sector,   c_device, c_shm_map,
        c_shm_lock, c_shm_barrier, c_shm_unmap, NULL,      NULL};
    vfs = *below;
    vfs.zName = "counting";
    vfs.szOsFile = sizeof(struct counted);
    vfs.xOpen = c_open;
    vfs.pNext = NULL;
    return sqlite3_vfs_register(&vfs, 1) == SQLITE_OK ? 0 : -1;
}

/* ---- a world with an engine ---- */

struct world {
    struct fg_datadir *dir;
    struct fg_store *store;
    struct fg_config *config;
    struct fg_engine *engine;
};

static const struct fg_actor console = {
    .owner = "local:0", .name = "local:0", .via = "local", .address = "local"};

static int no_credential(void *arg, const char *id, struct fg_credential_pem *out)
{
    (void)arg;
    (void)id;
    (void)out;
    return ENOENT;
}

static void open_world(struct world *w, const char *path)
{
    char why[FG_WHY] = "", config_why[FG_CONFIG_WHY] = "";
    *w = (struct world){0};
    if (fg_datadir_open(&w->dir, path, why)) fail_msg("%s", why);
    if (fg_store_open(&w->store, w->dir, FG_STORE_WRITER, why)) fail_msg("%s", why);
    const struct fg_config_params p = {.store = w->store};
    const struct fg_engine_params e = {.credential = no_credential, .dialback_secret = "secret"};
    assert_int_equal(fg_config_new(&w->config, &p), 0);
    assert_int_equal(fg_engine_new(&w->engine, &e), 0);
    if (fg_config_start(w->config, w->engine, config_why)) fail_msg("%s", config_why);
}

static void close_world(struct world *w)
{
    fg_config_free(w->config);
    fg_engine_free(w->engine, 1000);
    fg_store_close(w->store);
    fg_datadir_close(w->dir);
}

struct job {
    struct world *w;
    unsigned mark;
    struct fg_commit_result result;
};

/* Every object gets the mark, so that a mixture would show. */
static void run_commit(void *arg)
{
    struct job *j = arg;
    struct fg_change changes[OBJECTS];
    char keys[OBJECTS][24];
    char text[32];
    snprintf(text, sizeof text, "mark %u", j->mark);
    json_t *value = json_pack("{s:s}", "owner", text);
    for (unsigned i = 0; i < OBJECTS; i++) {
        snprintf(keys[i], sizeof keys[i], "p%u.example", i);
        changes[i] = (struct fg_change){FG_CHANGE_PUT, FG_KIND_PARTNERS, keys[i], value};
    }
    const struct fg_commit_order order = {
        .who = console, .comment = "marks", .changes = changes, .n_changes = OBJECTS};
    fg_config_commit(j->w->config, &order, &j->result);
    json_decref(value);
}

static uint64_t commit_mark(struct world *w, unsigned mark)
{
    struct job j = {.w = w, .mark = mark};
    assert_int_equal(fg_executor_call(fg_config_executor(w->config), run_commit, &j), 0);
    uint64_t revision = j.result.outcome == FG_COMMIT_DONE ? j.result.revision : 0;
    fg_commit_result_free(&j.result);
    return revision;
}

struct seen {
    uint64_t objects, wrong;
    char want[32];
};

static int look(const struct fg_object *o, void *arg)
{
    struct seen *s = arg;
    s->objects++;
    if (!strstr(o->body, s->want)) s->wrong++;
    return 0;
}

/* What is there is one revision, whole; the same runs. Returns its number. */
static uint64_t check_whole(struct world *w)
{
    uint64_t revision;
    struct fg_audit_report report;
    struct seen seen = {0};
    assert_int_equal(fg_revision_current(w->store, &revision), 0);
    assert_int_equal(fg_engine_revision(w->engine), revision);
    snprintf(seen.want, sizeof seen.want, "mark %llu\"", (unsigned long long)revision);
    assert_int_equal(fg_object_each(w->store, NULL, revision, NULL, FG_PAGE_MAX, look, &seen), 0);
    assert_int_equal(seen.objects, revision ? OBJECTS : 0);
    assert_int_equal(seen.wrong, 0);
    if (fg_store_check(w->store)) fail_msg("%s", fg_store_error(w->store));
    assert_int_equal(fg_audit_verify(w->store, &report), 0);
    assert_string_equal(report.reason, "");
    return revision;
}

/* Commits the next mark in a child that meets its fate; true when it died of it. */
static bool child_dies(const char *path, enum step step, int writes)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct world w;
        uint64_t base;
        open_world(&w, path);
        if (fg_revision_current(w.store, &base)) _exit(2);
        fate.step = step;
        fate.writes_left = writes;
        fate.armed = true;
        uint64_t n = commit_mark(&w, (unsigned)base + 1);
        fate.armed = false;
        _exit(n == base + 1 ? 0 : 3);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return true;
    if (!WIFEXITED(status) || WEXITSTATUS(status)) fail_msg("the child failed: %#x", status);
    return false;
}

/* In memory where there is such a place: a dead process needs no disk, and its syncs cost nothing.
 */
static void make_place(char path[PATH])
{
    snprintf(path, PATH, "%s/fg-test-faults-XXXXXX",
             access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    assert_non_null(mkdtemp(path));
}

static void remove_world(const char *path)
{
    char command[96];
    snprintf(command, sizeof command, "rm -rf -- '%s'", path);
    assert_int_equal(system(command), 0);
}

static void test_every_step(void **state)
{
    (void)state;
    static const struct {
        enum step step;
        bool done;
    } steps[] = {{BEFORE_PREPARE, false},
                 {AFTER_PREPARE, false},
                 {BEFORE_STORE, false},
                 {AFTER_STORE, true},
                 {AFTER_ACTIVATE, true}};
    char path[PATH];
    struct world w;
    make_place(path);
    uint64_t before = 0;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        assert_true(child_dies(path, steps[i].step, 0));
        open_world(&w, path);
        uint64_t after = check_whole(&w);
        assert_int_equal(after, before + (steps[i].done ? 1 : 0));
        assert_int_equal(commit_mark(&w, (unsigned)after + 1), after + 1); /* and it goes on */
        before = check_whole(&w);
        close_world(&w);
    }
    remove_world(path);
}

static void test_every_write(void **state)
{
    (void)state;
    char path[PATH];
    struct world w;
    make_place(path);
    open_world(&w, path);
    assert_int_equal(commit_mark(&w, 1), 1);
    close_world(&w);
    uint64_t before = 1;
    int writes = 0, kept = 0, lost = 0;
    for (; child_dies(path, IN_STORE, writes); writes++) {
        open_world(&w, path);
        uint64_t after = check_whole(&w);
        assert_true(after == before || after == before + 1);
        kept += after != before;
        lost += after == before;
        before = after;
        close_world(&w);
    }
    print_message("%d writes and syncs; before %d, after %d\n", writes, lost, kept);
    assert_true(lost > 5);
    remove_world(path);
}

/* ---- files that are cut ---- */

static char *slurp(const char *path, size_t *size)
{
    FILE *f = fopen(path, "re");
    if (!f) return NULL;
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    *size = (size_t)ftell(f);
    rewind(f);
    char *data = malloc(*size + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, *size, f), *size);
    fclose(f);
    return data;
}

static void spit(const char *path, const char *data, size_t size)
{
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

/* The store alone: opens, or says why not; what opens holds one revision as a whole. */
static uint64_t open_cut(const char *path)
{
    struct fg_datadir *d = NULL;
    struct fg_store *s = NULL;
    struct fg_audit_report report;
    struct seen seen = {0};
    char why[FG_WHY] = "";
    uint64_t revision = 0;
    if (fg_datadir_open(&d, path, why) || fg_store_open(&s, d, FG_STORE_WRITER, why))
        fail_msg("%s", why);
    if (fg_store_check(s)) fail_msg("%s", fg_store_error(s));
    assert_int_equal(fg_revision_current(s, &revision), 0);
    snprintf(seen.want, sizeof seen.want, "mark %llu\"", (unsigned long long)revision);
    assert_int_equal(fg_object_each(s, NULL, revision, NULL, FG_PAGE_MAX, look, &seen), 0);
    assert_int_equal(seen.objects, revision ? OBJECTS : 0);
    assert_int_equal(seen.wrong, 0);
    /* Rows that were on the disk are gone, and the audit says so; or nothing was lost. */
    assert_int_equal(fg_audit_verify(s, &report), 0);
    fg_store_close(s);
    fg_datadir_close(d);
    return revision;
}

static void test_log_cut(void **state)
{
    (void)state;
    enum { REVISIONS = 4, PART = 4096 + 24 };
    char path[PATH], db[PATH + 32], wal[PATH + 32], shm[PATH + 32], head[PATH + 32];
    make_place(path);
    snprintf(db, sizeof db, "%s/fedgate.db", path);
    snprintf(wal, sizeof wal, "%s/fedgate.db-wal", path);
    snprintf(shm, sizeof shm, "%s/fedgate.db-shm", path);
    snprintf(head, sizeof head, "%s/keys/audit.head", path);
    for (int i = 0; i < REVISIONS; i++) assert_true(child_dies(path, AFTER_ACTIVATE, 0));
    size_t db_size, wal_size, head_size;
    char *db_data = slurp(db, &db_size), *wal_data = slurp(wal, &wal_size);
    char *head_data = slurp(head, &head_size);
    assert_non_null(db_data);
    assert_non_null(wal_data);
    assert_non_null(head_data);
    uint64_t last = 0;
    int cuts = 0;
    for (size_t size = 0; size <= wal_size; size += size < 200 ? 37 : PART + 7, cuts++) {
        spit(db, db_data, db_size);
        spit(wal, wal_data, size);
        spit(head, head_data, head_size);
        unlink(shm);
        uint64_t revision = open_cut(path);
        assert_true(revision >= last);
        last = revision;
    }
    spit(db, db_data, db_size);
    spit(wal, wal_data, wal_size);
    spit(head, head_data, head_size);
    unlink(shm);
    assert_int_equal(open_cut(path), REVISIONS);
    print_message("%d cuts of %zu bytes\n", cuts, wal_size);
    free(db_data);
    free(wal_data);
    free(head_data);
    remove_world(path);
}

/* ---- the clock ---- */

struct order_job {
    struct world *w;
    const struct fg_commit_order *order;
    struct fg_commit_result result;
};

static void run_order(void *arg)
{
    struct order_job *j = arg;
    fg_config_commit(j->w->config, j->order, &j->result);
}

static enum fg_commit_outcome commit_order(struct world *w, const struct fg_commit_order *order)
{
    struct order_job j = {.w = w, .order = order};
    assert_int_equal(fg_executor_call(fg_config_executor(w->config), run_order, &j), 0);
    enum fg_commit_outcome outcome = j.result.outcome;
    fg_commit_result_free(&j.result);
    return outcome;
}

static void wait_revision(struct world *w, uint64_t revision)
{
    for (int i = 0; i < 600 && fg_engine_revision(w->engine) != revision; i++) usleep(50000);
    assert_int_equal(fg_engine_revision(w->engine), revision);
}

/* A clock that goes back by a day: a deadline for confirmation is kept all the same, and a commit
 * that waits for its time is made when the clock says so, once. */
static void test_clock_goes_back(void **state)
{
    (void)state;
    enum { DAY_MS = 86400000 };
    char path[PATH];
    struct world w;
    make_place(path);
    open_world(&w, path);
    json_t *value = json_object();
    const struct fg_change change = {FG_CHANGE_PUT, FG_KIND_PARTNERS, "a.example", value};
    struct fg_commit_order order = {.who = console,
                                    .comment = "a",
                                    .role = "administrator",
                                    .changes = &change,
                                    .n_changes = 1,
                                    .confirm_within_s = 2};
    assert_int_equal(commit_order(&w, &order), FG_COMMIT_DONE);
    fate.clock_shift_ms = -DAY_MS;
    wait_revision(&w, 2); /* taken back */
    order.confirm_within_s = 0;
    order.at_ms = fg_clock_wall_ms() + 3600000;
    assert_int_equal(commit_order(&w, &order), FG_COMMIT_WAITING);
    fate.clock_shift_ms -= DAY_MS;
    usleep(1500000);
    assert_int_equal(fg_engine_revision(w.engine), 2);
    close_world(&w);
    fate.clock_shift_ms = 0; /* its time has passed meanwhile */
    open_world(&w, path);
    wait_revision(&w, 3);
    close_world(&w);
    fate.clock_shift_ms = -DAY_MS;
    open_world(&w, path);
    usleep(500000);
    assert_int_equal(fg_engine_revision(w.engine), 3);
    /* And one that jumps forward brings what waits for a time that it has passed over. */
    const struct fg_change other = {FG_CHANGE_PUT, FG_KIND_PARTNERS, "b.example", value};
    order.changes = &other;
    order.at_ms = fg_clock_wall_ms() + 3600000;
    assert_int_equal(commit_order(&w, &order), FG_COMMIT_WAITING);
    fate.clock_shift_ms += DAY_MS;
    wait_revision(&w, 4);
    close_world(&w);
    fate.clock_shift_ms = 0;
    json_decref(value);
    remove_world(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_step),
        cmocka_unit_test(test_every_write),
        cmocka_unit_test(test_log_cut),
        cmocka_unit_test(test_clock_goes_back),
    };
    return cmocka_run_group_tests(tests, install, NULL);
}
