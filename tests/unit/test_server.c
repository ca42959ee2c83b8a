/* Parts of the process that stand alone: the log, the executor, the flags of the command line. */
#include "server/cli/client.h"
#include "server/cli/options.h"
#include "server/executor.h"
#include "server/log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static size_t read_pipe(int fd, char *text, size_t size)
{
    ssize_t n = read(fd, text, size - 1);
    assert_true(n >= 0);
    text[n] = '\0';
    return (size_t)n;
}

static void log_lines(void **state)
{
    (void)state;
    struct fg_log *l;
    int p[2];
    char text[8192];
    assert_int_equal(pipe(p), 0);
    const struct fg_log_field fields[] = {{"jid", "a\n\x1b[31m\"b"}, {"none", NULL}, {"n", "7"}};

    assert_int_equal(fg_log_new(&l, p[1], FG_LOG_TEXT, FG_INFO), 0);
    fg_logf(l, FG_DEBUG, "http", "too_quiet", "below the level");
    fg_log_fields(l, FG_WARNING, "http", "refused", "Not so.", fields, 3);
    read_pipe(p[0], text, sizeof text);
    assert_non_null(strstr(text, "Z level=warning component=http code=refused text=\"Not so.\""));
    assert_non_null(strstr(text, " jid=\"a\\n\\u{1b}[31m\\\"b\" n=7\n"));
    assert_null(strstr(text, "none"));
    assert_null(strstr(text, "too_quiet"));
    fg_log_free(l);

    assert_int_equal(fg_log_new(&l, p[1], FG_LOG_JSON, FG_DEBUG), 0);
    fg_log_fields(l, FG_ERROR, "x", "y", NULL, fields, 3);
    read_pipe(p[0], text, sizeof text);
    json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(j);
    assert_string_equal(json_string_value(json_object_get(j, "level")), "error");
    assert_string_equal(json_string_value(json_object_get(j, "jid")), "a\\n\\u{1b}[31m\\\"b");
    json_decref(j);

    /* A line is one line however long its parts are. */
    char *huge = malloc(20000);
    memset(huge, 'x', 19999);
    huge[19999] = '\0';
    const struct fg_log_field many[] = {
        {"a", huge}, {"b", huge}, {"c", huge}, {"d", huge}, {"e", huge}};
    fg_log_fields(l, FG_ERROR, "x", "y", huge, many, 5);
    size_t n = read_pipe(p[0], text, sizeof text);
    assert_true(n < 4096);
    assert_ptr_equal(strchr(text, '\n'), text + n - 1);
    j = json_loads(text, 0, NULL);
    assert_non_null(j);
    json_decref(j);
    free(huge);
    fg_log_free(l);
    close(p[0]);
    close(p[1]);
}

/* Nobody reads: lines are dropped and counted, nothing waits. */
static void log_never_blocks(void **state)
{
    (void)state;
    struct fg_log *l;
    int p[2];
    assert_int_equal(pipe(p), 0);
    assert_int_equal(fg_log_new(&l, p[1], FG_LOG_TEXT, FG_INFO), 0);
    for (int i = 0; i < 5000; i++)
        fg_logf(l, FG_INFO, "x", "y", "a line of some length, number %d", i);
    assert_true(fg_log_dropped(l) > 0);
    assert_true(fg_log_dropped(l) < 5000);
    fg_log_free(l);
    close(p[0]);
    close(p[1]);
}

struct work {
    struct fg_executor *x;
    atomic_int ran;
    int thread, outside;
};

static void count(void *arg)
{
    struct work *w = arg;
    w->thread = fg_executor_thread(w->x);
    atomic_fetch_add(&w->ran, 1);
}

static void nap(void *arg)
{
    (void)arg;
    usleep(200000);
}

static void executor_runs_everything(void **state)
{
    (void)state;
    struct work w = {0};
    assert_int_equal(fg_executor_new(&w.x, "test", 1, 4), 0);
    assert_int_equal(fg_executor_thread(w.x), -1);
    assert_int_equal(fg_executor_call(w.x, count, &w), 0);
    assert_int_equal(w.thread, 0);
    assert_int_equal(atomic_load(&w.ran), 1);
    /* Full: the first sleeps, four wait, the rest are refused. */
    assert_int_equal(fg_executor_post(w.x, nap, NULL), 0);
    int refused = 0;
    for (int i = 0; i < 20; i++) {
        int err = fg_executor_post(w.x, count, &w);
        assert_true(err == 0 || err == ENOBUFS);
        refused += err == ENOBUFS;
    }
    assert_true(refused >= 15);
    fg_executor_free(w.x); /* runs what waits */
    assert_int_equal(atomic_load(&w.ran), 1 + 20 - refused);
}

struct parsed {
    const char *dir, *role;
    bool force;
    const char *args[2];
    int rc;
};

static struct parsed parse(int argc, const char *const *argv, size_t min, size_t max)
{
    struct parsed p = {.dir = "default"};
    const struct fg_flag flags[] = {
        {"data-dir", "FG_TEST_DIR", "DIR", "", &p.dir, NULL},
        {"role", NULL, "ROLE", "", &p.role, NULL},
        {"force", NULL, NULL, "", NULL, &p.force},
    };
    const struct fg_usage u = {"test", "NAME", "", flags, 3};
    char *words[8];
    for (int i = 0; i < argc; i++) words[i] = strdup(argv[i]);
    p.rc = fg_options_parse(&u, argc, words, p.args, min, max);
    /* The words live as long as the program would; only their content is looked at here. */
    static char kept[4][64];
    const char **out[] = {&p.dir, &p.role, &p.args[0], &p.args[1]};
    for (size_t i = 0; i < 4; i++) {
        if (!*out[i] || (i > 1 && i - 2 >= max)) continue;
        snprintf(kept[i], sizeof kept[i], "%s", *out[i]);
        *out[i] = kept[i];
    }
    for (int i = 0; i < argc; i++) free(words[i]);
    return p;
}
#define PARSE(min, max, ...)                                                                       \
    parse((int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)),                           \
          (const char *[]){__VA_ARGS__}, min, max)

static void flags_and_arguments(void **state)
{
    (void)state;
    unsetenv("FG_TEST_DIR");
    struct parsed p = PARSE(1, 2, "--role", "viewer", "bob", "--force", "--data-dir=/x");
    assert_int_equal(p.rc, FG_EXIT_NONE);
    assert_string_equal(p.role, "viewer");
    assert_string_equal(p.args[0], "bob");
    assert_null(p.args[1]);
    assert_true(p.force);
    assert_string_equal(p.dir, "/x");
    setenv("FG_TEST_DIR", "/env", 1);
    p = PARSE(1, 1, "bob");
    assert_string_equal(p.dir, "/env");
    p = PARSE(1, 1, "bob", "--data-dir", "/flag");
    assert_string_equal(p.dir, "/flag");
    unsetenv("FG_TEST_DIR");
    p = PARSE(1, 1, "--", "--bob");
    assert_string_equal(p.args[0], "--bob");
    assert_int_equal(PARSE(1, 1, "--force").rc, FG_EXIT_USAGE);
    assert_int_equal(PARSE(1, 1, "a", "b").rc, FG_EXIT_USAGE);
    assert_int_equal(PARSE(1, 1, "a", "--nonsense").rc, FG_EXIT_USAGE);
    assert_int_equal(PARSE(1, 1, "a", "--role").rc, FG_EXIT_USAGE);
    assert_int_equal(PARSE(1, 1, "a", "--role=").rc, FG_EXIT_USAGE);
    assert_int_equal(PARSE(1, 1, "a", "--force=yes").rc, FG_EXIT_USAGE);
    assert_int_equal(PARSE(1, 1, "a", "-x").rc, FG_EXIT_USAGE);
    assert_int_equal(PARSE(0, 1, "--help").rc, FG_EXIT_OK);
}

static void client_segments(void **state)
{
    (void)state;
    char *s = fg_client_segment("a b/ü");
    assert_string_equal(s, "a%20b%2F%C3%BC");
    free(s);
    struct fg_client_answer a;
    assert_int_equal(fg_client_request("/nonexistent/socket", "GET", "/", NULL, &a), ENOENT);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_lines),
        cmocka_unit_test(log_never_blocks),
        cmocka_unit_test(executor_runs_everything),
        cmocka_unit_test(flags_and_arguments),
        cmocka_unit_test(client_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
