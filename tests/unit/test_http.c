/* The HTTP server over its local socket and over TLS, by bytes: framing, limits, deadlines,
 * suspended requests, stopping, the panel's files, event streams. */
#include "gateway/base/clock.h"
#include "server/executor.h"
#include "server/http/assets.h"
#include "server/http/http.h"
#include "server/http/internal.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static const char BIG[] = "a body that compresses: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const struct fg_http_asset files[] = {
    {.path = "/assets/x-ABCDEFGH.js",
     .type = "text/javascript",
     .hash = "h1",
     .immutable = true,
     .plain = {BIG, sizeof BIG - 1},
     .gzip = {"GZ", 2},
     .brotli = {"BR!", 3}},
    {.path = "/index.html", .type = "text/html", .hash = "h2", .plain = {"<p>index", 8}},
};
static const struct fg_http_assets assets = {files, 2};

struct fixture {
    struct fg_http *http;
    struct fg_executor *workers;
    char dir[32], path[64];
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct fg_http_request *held; /* a request not answered yet */
    struct fg_http_stream *stream;
    unsigned released, gone;
    bool reached;
};

/* ---- the application under the server ---- */

static void echo(void *arg, struct fg_http_request *r)
{
    (void)arg;
    struct fg_http_response *p = fg_http_response_new(200);
    fg_http_response_headerf(p, "X-Length", "%zu", r->body_len);
    fg_http_response_text(p, "text/plain", (const char *)r->body, r->body_len);
    fg_http_respond(r, p);
}

static void tell(void *arg, struct fg_http_request *r)
{
    (void)arg;
    char text[512];
    const char *q = fg_http_query(r, "q");
    snprintf(text, sizeof text, "n=%zu last=%s q=%s uid=%lld address=%s", r->n_segments,
             r->n_segments ? r->segments[r->n_segments - 1] : "", q ? q : "-",
             (long long)r->local_uid, r->address);
    struct fg_http_response *p = fg_http_response_new(200);
    fg_http_response_text(p, "text/plain", text, strlen(text));
    fg_http_respond(r, p);
}

static void hold(void *arg, struct fg_http_request *r)
{
    struct fixture *f = arg;
    pthread_mutex_lock(&f->lock);
    f->held = r;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void stream_gone(void *arg, struct fg_http_stream *s)
{
    (void)s;
    struct fixture *f = arg;
    pthread_mutex_lock(&f->lock);
    f->gone++;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void open_stream(void *arg, struct fg_http_request *r)
{
    struct fixture *f = arg;
    struct fg_http_stream *s = NULL;
    assert_int_equal(fg_http_respond_stream(r, 1000, stream_gone, f, &s), 0);
    pthread_mutex_lock(&f->lock);
    f->stream = s;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void broken(void *arg, struct fg_http_request *r)
{
    (void)arg;
    struct fg_http_response *p = fg_http_response_new(200);
    fg_http_response_header(p, "X-Split", "a\r\nSet-Cookie: b");
    fg_http_respond(r, p);
}

static bool route(void *arg, struct fg_http_request *r, struct fg_http_plan *plan)
{
    struct fixture *f = arg;
    if (r->n_segments < 2 || strcmp(r->segments[0], "api")) return false;
    const char *what = r->segments[1];
    plan->arg = f;
    plan->body_limit = 2 * 1024 * 1024;
    plan->executor = f->workers;
    if (!strcmp(what, "echo")) plan->handle = echo;
    if (!strcmp(what, "small")) {
        plan->handle = echo;
        plan->body_limit = 10;
    }
    if (!strcmp(what, "tell")) {
        plan->handle = tell;
        plan->executor = NULL;
    }
    if (!strcmp(what, "hold")) {
        plan->handle = hold;
        plan->executor = NULL;
    }
    if (!strcmp(what, "stream")) plan->handle = open_stream;
    if (!strcmp(what, "broken")) plan->handle = broken;
    if (!plan->handle) plan->refusal = fg_http_problem(401, "Sign in \"first\".");
    return true;
}

static void release(void *arg, struct fg_http_request *r)
{
    (void)r;
    struct fixture *f = arg;
    pthread_mutex_lock(&f->lock);
    f->released++;
    pthread_mutex_unlock(&f->lock);
}

static void start(struct fixture *f, struct fg_http_limits limits)
{
    memset(f, 0, sizeof *f);
    signal(SIGPIPE, SIG_IGN);
    snprintf(f->dir, sizeof f->dir, "/tmp/fg-http-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->path, sizeof f->path, "%s/sock", f->dir);
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
    assert_int_equal(fg_executor_new(&f->workers, "work", 2, 16), 0);
    const struct fg_http_params p = {
        .socket_path = f->path,
        .app = {route, release, f},
        .assets = &assets,
        .limits = limits,
    };
    assert_int_equal(fg_http_new(&f->http, &p), 0);
}

static void finish(struct fixture *f)
{
    assert_int_equal(fg_http_stop(f->http, 10000), 0);
    fg_http_free(f->http);
    fg_executor_free(f->workers);
    assert_int_not_equal(access(f->path, F_OK), 0);
    rmdir(f->dir);
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->changed);
}

/* ---- a client of bytes ---- */

static int dial(const struct fixture *f)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    snprintf(sa.sun_path, sizeof sa.sun_path, "%s", f->path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&sa, sizeof sa), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    size_t len = strlen(text);
    assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* Sends what the server may refuse in the middle. */
static void pour(int fd, size_t bytes)
{
    static char chunk[65536];
    memset(chunk, 'x', sizeof chunk);
    while (bytes) {
        ssize_t n = send(fd, chunk, bytes < sizeof chunk ? bytes : sizeof chunk, MSG_NOSIGNAL);
        if (n <= 0) return;
        bytes -= (size_t)n;
    }
}

struct reply {
    char text[8192];
    size_t len;
    bool closed;
};

/* Until a whole answer with Content-Length is there, the other side closes, or 20 s pass. */
static void hear(int fd, struct reply *r, bool head)
{
    r->len = 0;
    r->closed = false;
    r->text[0] = '\0';
    int64_t until = fg_clock_mono_ms() + 20000;
    while (fg_clock_mono_ms() < until && r->len + 1 < sizeof r->text) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, 100) != 1) continue;
        ssize_t n = recv(fd, r->text + r->len, 1, 0);
        if (n <= 0) {
            r->closed = true;
            return;
        }
        r->len += (size_t)n;
        r->text[r->len] = '\0';
        const char *end = strstr(r->text, "\r\n\r\n");
        if (!end) continue;
        const char *length = strcasestr(r->text, "\r\nContent-Length:");
        size_t body = length && !head ? strtoul(length + 17, NULL, 10) : 0;
        if (!strncmp(r->text, "HTTP/1.1 304", 12)) body = 0;
        if (r->len >= (size_t)(end + 4 - r->text) + body) return;
    }
}

static void ask(int fd, struct reply *r, const char *request)
{
    say(fd, request);
    hear(fd, r, !strncmp(request, "HEAD", 4));
}

static int status_of(const struct reply *r)
{
    return strncmp(r->text, "HTTP/1.1 ", 9) ? 0 : (int)strtol(r->text + 9, NULL, 10);
}

static const char *body_of(const struct reply *r)
{
    const char *end = strstr(r->text, "\r\n\r\n");
    return end ? end + 4 : "";
}

#define HOST "Host: x\r\n"

static void expect_status(struct fixture *f, const char *request, int status)
{
    struct reply r;
    int fd = dial(f);
    ask(fd, &r, request);
    if (status_of(&r) != status) print_error("%s -> %s\n", request, r.text);
    assert_int_equal(status_of(&r), status);
    close(fd);
}

static struct fg_http_request *wait_held(struct fixture *f)
{
    pthread_mutex_lock(&f->lock);
    while (!f->held) pthread_cond_wait(&f->changed, &f->lock);
    struct fg_http_request *r = f->held;
    f->held = NULL;
    pthread_mutex_unlock(&f->lock);
    return r;
}

/* ---- tests ---- */

static void requests_and_answers(void **state)
{
    (void)state;
    struct fixture f;
    struct reply r;
    start(&f, (struct fg_http_limits){0});
    int fd = dial(&f);
    ask(fd, &r, "GET /api/tell/a%2Fb%20c?x=1&q=one+two%26 HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(status_of(&r), 200);
    char want[128];
    snprintf(want, sizeof want, "n=3 last=a/b c q=one two& uid=%u address=local", getuid());
    assert_string_equal(body_of(&r), want);
    assert_non_null(strstr(r.text, "Content-Security-Policy: default-src 'self'"));
    assert_non_null(strstr(r.text, "X-Content-Type-Options: nosniff"));
    assert_non_null(strstr(r.text, "Cache-Control: no-store"));
    assert_null(strstr(r.text, "Strict-Transport-Security"));
    /* The same connection serves on, refusals included. */
    ask(fd, &r, "GET /api/secret HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(status_of(&r), 401);
    assert_non_null(strstr(r.text, "application/problem+json"));
    assert_string_equal(body_of(&r),
                        "{\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401,"
                        "\"detail\":\"Sign in \\\"first\\\".\"}");
    ask(fd, &r, "POST /api/echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello");
    assert_string_equal(body_of(&r), "hello");
    ask(fd, &r,
        "PUT /api/echo HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
    assert_string_equal(body_of(&r), "abcdefg");
    ask(fd, &r, "HEAD /api/tell HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(status_of(&r), 200);
    assert_string_equal(body_of(&r), "");
    ask(fd, &r, "GET /api/broken HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(status_of(&r), 500);
    assert_null(strstr(r.text, "Set-Cookie"));
    close(fd);
    finish(&f);
    assert_int_equal(f.released, 6);
}

static void malformed_requests(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, (struct fg_http_limits){0});
    expect_status(&f, "GET /api/tell HTTP/1.1\r\n\r\n", 400);
    expect_status(&f, "GET /api/tell HTTP/1.1\r\n" HOST HOST "\r\n", 400);
    expect_status(&f, "GET /api/tell/%zz HTTP/1.1\r\n" HOST "\r\n", 400);
    expect_status(&f, "GET /api/tell/%2 HTTP/1.1\r\n" HOST "\r\n", 400);
    expect_status(&f, "GET /api/tell/%00 HTTP/1.1\r\n" HOST "\r\n", 400);
    expect_status(&f, "GET /api/tell/%ff HTTP/1.1\r\n" HOST "\r\n", 400);
    expect_status(&f, "GET ftp://x/ HTTP/1.1\r\n" HOST "\r\n", 400);
    expect_status(&f, "GET http://x/api/tell HTTP/1.1\r\n" HOST "\r\n", 200);
    expect_status(&f,
                  "POST /api/echo HTTP/1.1\r\n" HOST
                  "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
                  400);
    expect_status(&f,
                  "POST /api/echo HTTP/1.1\r\n" HOST
                  "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                  400);
    expect_status(
        &f, "POST /api/echo HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        501);
    expect_status(&f, "GET /api/tell HTTP/1.1\r\n" HOST "Expect: miracles\r\n\r\n", 417);
    finish(&f);
}

static void body_limits(void **state)
{
    (void)state;
    struct fixture f;
    struct reply r;
    start(&f, (struct fg_http_limits){0});
    expect_status(&f, "POST /api/small HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\n0123456789",
                  200);
    expect_status(&f, "POST /api/small HTTP/1.1\r\n" HOST "Content-Length: 11\r\n\r\n01234567890",
                  413);
    expect_status(&f,
                  "POST /api/small HTTP/1.1\r\n" HOST
                  "Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n",
                  413);

    /* An upload refused by its headers is still being sent when the answer comes. */
    int fd = dial(&f);
    say(fd, "POST /api/small HTTP/1.1\r\n" HOST "Content-Length: 900000\r\n\r\n");
    pour(fd, 900000);
    hear(fd, &r, false);
    assert_int_equal(status_of(&r), 413);
    close(fd);

    /* Expect: the go-ahead only where a body is wanted. */
    fd = dial(&f);
    ask(fd, &r,
        "POST /api/small HTTP/1.1\r\n" HOST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    assert_int_equal(status_of(&r), 100);
    ask(fd, &r, "hello");
    assert_int_equal(status_of(&r), 200);
    ask(fd, &r,
        "POST /api/small HTTP/1.1\r\n" HOST "Content-Length: 50\r\nExpect: 100-continue\r\n\r\n");
    assert_int_equal(status_of(&r), 413);
    close(fd);
    finish(&f);
}

static void two_large_bodies_at_once(void **state)
{
    (void)state;
    struct fixture f;
    struct reply r;
    start(&f, (struct fg_http_limits){0});
    int fd[3];
    for (int i = 0; i < 2; i++) {
        fd[i] = dial(&f);
        ask(fd[i], &r,
            "POST /api/echo HTTP/1.1\r\n" HOST
            "Content-Length: 1500000\r\nExpect: 100-continue\r\n\r\n");
        assert_int_equal(status_of(&r), 100);
    }
    fd[2] = dial(&f);
    ask(fd[2], &r,
        "POST /api/echo HTTP/1.1\r\n" HOST
        "Content-Length: 1500000\r\nExpect: 100-continue\r\n\r\n");
    assert_int_equal(status_of(&r), 503);
    assert_non_null(strstr(r.text, "Retry-After: "));
    close(fd[2]);
    /* A slot comes back with the end of its request. */
    pour(fd[0], 1500000);
    hear(fd[0], &r, true);
    assert_int_equal(status_of(&r), 200);
    assert_non_null(strstr(r.text, "X-Length: 1500000"));
    close(fd[0]);
    int status = 503;
    for (int tries = 0; tries < 200 && status == 503; tries++) {
        fd[2] = dial(&f);
        ask(fd[2], &r,
            "POST /api/echo HTTP/1.1\r\n" HOST
            "Content-Length: 1500000\r\nExpect: 100-continue\r\n\r\n");
        status = status_of(&r);
        close(fd[2]);
    }
    assert_int_equal(status, 100);
    close(fd[1]);
    finish(&f);
}

static void slow_clients_are_cut_off(void **state)
{
    (void)state;
    struct fixture f;
    struct reply r;
    start(&f, (struct fg_http_limits){
                  .header_deadline_ms = 300, .body_grace_ms = 300, .body_rate = 1000000});
    /* A header that never ends, however lively. */
    int fd = dial(&f);
    say(fd, "GET / HTTP/1.1\r\n");
    bool cut = false;
    for (int i = 0; i < 400 && !cut; i++) {
        cut = send(fd, "A", 1, MSG_NOSIGNAL) != 1;
        usleep(20000);
    }
    assert_true(cut);
    close(fd);
    /* A body below the minimum rate. */
    fd = dial(&f);
    say(fd, "POST /api/echo HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\nx");
    hear(fd, &r, false);
    assert_true(r.closed);
    assert_int_equal(r.len, 0);
    close(fd);
    /* Waiting for us is nobody's fault. */
    fd = dial(&f);
    say(fd, "GET /api/hold HTTP/1.1\r\n" HOST "\r\n");
    struct fg_http_request *held = wait_held(&f);
    usleep(900000);
    fg_http_respond(held, fg_http_response_new(204));
    hear(fd, &r, true);
    assert_int_equal(status_of(&r), 204);
    close(fd);
    struct fg_http_counters c;
    fg_http_counters(f.http, &c);
    assert_int_equal(c.reaped, 2);
    finish(&f);
}

static void *stop_server(void *arg)
{
    struct fixture *f = arg;
    static int result;
    result = fg_http_stop(f->http, 10000);
    return &result;
}

static void stop_waits_for_answers(void **state)
{
    (void)state;
    struct fixture f;
    struct reply r;
    start(&f, (struct fg_http_limits){0});
    int fd = dial(&f), other = dial(&f);
    say(fd, "GET /api/hold HTTP/1.1\r\n" HOST "\r\n");
    struct fg_http_request *held = wait_held(&f);
    /* Not answered in time: says so and leaves everything as it is. */
    assert_int_equal(fg_http_stop(f.http, 50), ETIMEDOUT);
    pthread_t stopper;
    pthread_create(&stopper, NULL, stop_server, &f);
    ask(other, &r, "GET /api/tell HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(status_of(&r), 503);
    fg_http_respond(held, fg_http_problem(409, "late"));
    hear(fd, &r, false);
    assert_int_equal(status_of(&r), 409);
    void *result;
    pthread_join(stopper, &result);
    assert_int_equal(*(int *)result, 0);
    close(fd);
    close(other);
    fg_http_free(f.http);
    fg_executor_free(f.workers);
    rmdir(f.dir);
}

static void client_leaves_while_suspended(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, (struct fg_http_limits){0});
    int fd = dial(&f);
    say(fd, "GET /api/hold HTTP/1.1\r\n" HOST "\r\n");
    struct fg_http_request *held = wait_held(&f);
    close(fd);
    fg_http_respond(held, fg_http_problem(400, "nobody reads this"));
    expect_status(&f, "GET /api/tell HTTP/1.1\r\n" HOST "\r\n", 200);
    finish(&f);
}

static void panel_files(void **state)
{
    (void)state;
    struct fixture f;
    struct reply r;
    start(&f, (struct fg_http_limits){0});
    int fd = dial(&f);
    ask(fd, &r, "GET /assets/x-ABCDEFGH.js HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(body_of(&r), BIG);
    assert_non_null(strstr(r.text, "immutable"));
    assert_non_null(strstr(r.text, "Vary: Accept-Encoding"));
    ask(fd, &r,
        "GET /assets/x-ABCDEFGH.js HTTP/1.1\r\n" HOST "Accept-Encoding: gzip, deflate, br\r\n\r\n");
    assert_string_equal(body_of(&r), "BR!");
    assert_non_null(strstr(r.text, "Content-Encoding: br"));
    ask(fd, &r,
        "GET /assets/x-ABCDEFGH.js HTTP/1.1\r\n" HOST "Accept-Encoding: br;q=0, gzip\r\n\r\n");
    assert_string_equal(body_of(&r), "GZ");
    assert_non_null(strstr(r.text, "ETag: \"h1-gz\""));
    ask(fd, &r, "GET /assets/x-ABCDEFGH.js HTTP/1.1\r\n" HOST "If-None-Match: \"h1\"\r\n\r\n");
    assert_int_equal(status_of(&r), 304);
    ask(fd, &r, "GET /partners/fabrikam HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(body_of(&r), "<p>index");
    assert_non_null(strstr(r.text, "Cache-Control: no-cache"));
    ask(fd, &r, "GET / HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(body_of(&r), "<p>index");
    ask(fd, &r, "HEAD / HTTP/1.1\r\n" HOST "\r\n");
    assert_non_null(strstr(r.text, "Content-Length: 8"));
    ask(fd, &r, "GET /assets/none.js HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(status_of(&r), 404);
    ask(fd, &r, "GET /assets/../../../etc/passwd HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(status_of(&r), 404);
    /* A domain in the address of a page has dots. */
    ask(fd, &r, "GET /partners/fabrikam.com HTTP/1.1\r\n" HOST "\r\n");
    assert_string_equal(body_of(&r), "<p>index");
    ask(fd, &r, "DELETE / HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(status_of(&r), 405);
    assert_non_null(strstr(r.text, "Allow: GET, HEAD, OPTIONS"));
    ask(fd, &r, "OPTIONS / HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(status_of(&r), 204);
    close(fd);
    finish(&f);
}

/* Reads until `want` shows up. */
static bool hear_until(int fd, const char *want)
{
    char text[4096];
    size_t len = 0;
    int64_t until = fg_clock_mono_ms() + 20000;
    while (fg_clock_mono_ms() < until && len + 1 < sizeof text) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, 100) != 1) continue;
        ssize_t n = recv(fd, text + len, 1, 0);
        if (n <= 0) return false;
        len += (size_t)n;
        text[len] = '\0';
        if (strstr(text, want)) return true;
    }
    return false;
}

static struct fg_http_stream *wait_stream(struct fixture *f)
{
    pthread_mutex_lock(&f->lock);
    while (!f->stream) pthread_cond_wait(&f->changed, &f->lock);
    struct fg_http_stream *s = f->stream;
    f->stream = NULL;
    pthread_mutex_unlock(&f->lock);
    return s;
}

static void wait_gone(struct fixture *f, unsigned n)
{
    pthread_mutex_lock(&f->lock);
    while (f->gone < n) pthread_cond_wait(&f->changed, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

static void event_streams(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, (struct fg_http_limits){0});
    int fd = dial(&f);
    say(fd, "GET /api/stream HTTP/1.1\r\n" HOST "\r\n");
    struct fg_http_stream *s = wait_stream(&f);
    assert_true(hear_until(fd, "text/event-stream"));
    assert_int_equal(fg_http_stream_send(s, "status", "7", "one\ntwo", 7), 0);
    assert_true(hear_until(fd, "event: status\nid: 7\ndata: one\ndata: two\n\n"));
    char big[2000];
    memset(big, 'x', sizeof big);
    assert_int_equal(fg_http_stream_send(s, NULL, NULL, big, sizeof big), ENOBUFS);
    fg_http_stream_close(s);
    assert_true(hear_until(fd, "0\r\n\r\n"));
    wait_gone(&f, 1);
    close(fd);
    /* A stream still open is ended by the stop. */
    fd = dial(&f);
    say(fd, "GET /api/stream HTTP/1.1\r\n" HOST "\r\n");
    s = wait_stream(&f);
    finish(&f);
    assert_int_equal(f.gone, 2);
    assert_int_equal(fg_http_stream_send(s, NULL, NULL, "x", 1), EPIPE);
    fg_http_stream_close(s);
    close(fd);
}

static void socket_is_private(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, (struct fg_http_limits){0});
    struct stat st;
    assert_int_equal(stat(f.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    /* A second server finds the path taken over: the stale socket of the first is replaced. */
    finish(&f);
}

static void listen_addresses(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "8443",    "127.0.0.1",       "::1:8443",
                                      "127.0.0.1:", "[::1]:x", "127.0.0.1:70000", ":8443"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        unsigned port = 0;
        assert_int_equal(fg_http_listen_tcp(bad[i], &port), -1);
        assert_int_equal(errno, EINVAL);
    }
    unsigned port = 0;
    int fd = fg_http_listen_tcp("127.0.0.1:0", &port);
    assert_true(fd >= 0);
    assert_true(port > 0);
    char again[32];
    snprintf(again, sizeof again, "127.0.0.1:%u", port);
    assert_int_equal(fg_http_listen_tcp(again, &port), -1);
    assert_int_equal(errno, EADDRINUSE);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_and_answers),
        cmocka_unit_test(malformed_requests),
        cmocka_unit_test(body_limits),
        cmocka_unit_test(two_large_bodies_at_once),
        cmocka_unit_test(slow_clients_are_cut_off),
        cmocka_unit_test(stop_waits_for_answers),
        cmocka_unit_test(client_leaves_while_suspended),
        cmocka_unit_test(panel_files),
        cmocka_unit_test(event_streams),
        cmocka_unit_test(socket_is_private),
        cmocka_unit_test(listen_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
