/* kill -9 during commits, fifty times over: what is found afterwards is the old revision or the new
 * one, whole, and the chain of the audit is in order. A child commits in a loop; revision N must
 * leave exactly N objects, all of which carry N in their body. */
#include "server/store/objects.h"

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
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROUNDS = 50, COMMITS_MAX = 400 };

static void open_store(const char *path, struct fg_datadir **d, struct fg_store **s)
{
    char why[FG_WHY] = "";
    /* The lock of a killed process is free once the kernel has closed its descriptors. */
    if (fg_datadir_open(d, path, why) || fg_store_open(s, *d, FG_STORE_WRITER, why))
        fail_msg("%s", why);
}

/* Makes revision base + 1: one object more, and every object rewritten. */
static int commit_next(struct fg_store *s, uint64_t base)
{
    struct fg_commit_change changes[COMMITS_MAX + 1];
    char keys[COMMITS_MAX + 1][24], body[32];
    uint64_t number = base + 1;
    snprintf(body, sizeof body, "%llu", (unsigned long long)number);
    for (uint64_t i = 0; i < number; i++) {
        snprintf(keys[i], sizeof keys[i], "k%llu", (unsigned long long)i);
        changes[i] = (struct fg_commit_change){"partners", keys[i], body};
    }
    struct fg_commit c = {
        .base = base, .changes = changes, .n = (size_t)number, .author = "system", .at_ms = 1};
    return fg_store_commit(s, &c, &number);
}

static void commit_for_ever(const char *path)
{
    struct fg_datadir *d = NULL;
    struct fg_store *s = NULL;
    char why[FG_WHY];
    uint64_t base;
    if (fg_datadir_open(&d, path, why) || fg_store_open(&s, d, FG_STORE_WRITER, why)) _exit(2);
    if (fg_revision_current(s, &base)) _exit(3);
    for (; base < COMMITS_MAX; base++) {
        if (commit_next(s, base)) _exit(4);
    }
    for (;;) pause();
}

struct found {
    uint64_t revision, objects, wrong;
};

static int look(const struct fg_object *o, void *arg)
{
    struct found *f = arg;
    f->objects++;
    if (strtoull(o->body, NULL, 10) != f->revision || o->since != f->revision) f->wrong++;
    return 0;
}

static uint64_t check(const char *path)
{
    struct fg_datadir *d = NULL;
    struct fg_store *s = NULL;
    struct found f = {0};
    struct fg_audit_report report;
    open_store(path, &d, &s);
    if (fg_store_check(s)) fail_msg("%s", fg_store_error(s));
    assert_int_equal(fg_revision_current(s, &f.revision), 0);
    assert_int_equal(fg_object_each(s, NULL, f.revision, NULL, FG_PAGE_MAX, look, &f), 0);
    assert_int_equal(f.objects, f.revision);
    assert_int_equal(f.wrong, 0);
    /* Older revisions are what they were, too. */
    uint64_t middle = f.revision / 2, count;
    assert_int_equal(fg_object_count(s, NULL, middle, &count), 0);
    assert_int_equal(count, middle);
    assert_int_equal(fg_audit_verify(s, &report), 0);
    assert_string_equal(report.reason, "");
    assert_int_equal(report.rows, f.revision + f.revision * (f.revision + 1) / 2);
    fg_store_close(s);
    fg_datadir_close(d);
    return f.revision;
}

static void test_kill(void **state)
{
    (void)state;
    char path[] = "/tmp/fg-test-crash-XXXXXX", command[64];
    assert_non_null(mkdtemp(path));
    uint64_t last = 0;
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srandom(seed);
    for (int round = 0; round < ROUNDS; round++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) commit_for_ever(path);
        usleep((useconds_t)(1000 + random() % 60000));
        assert_int_equal(kill(child, SIGKILL), 0);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFSIGNALED(status)) fail_msg("the child ended by itself: %d", WEXITSTATUS(status));
        uint64_t now = check(path);
        assert_true(now >= last);
        last = now;
    }
    print_message("%llu revisions over %d kills\n", (unsigned long long)last, (int)ROUNDS);
    assert_true(last > 0);
    snprintf(command, sizeof command, "rm -rf -- '%s'", path);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kill)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
