/* One request and its answer, in the rounds in which libmicrohttpd calls: headers, body in pieces,
 * end of the body, and again after the connection was resumed.
 *
 *   HEADERS ──refused, body on its way──> answered at once, rest read and thrown away, closed
 *      │ └───refused, no body───────────┐
 *    BODY ──too long: discarded─────────┤
 *      │ complete                       v
 *      └──> handed to the application  DONE
 *                └── suspended ── ANSWER ──┘
 */
#include "server/http/internal.h"

#include "gateway/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { TARGET_ARENA_MAX = 512 * 1024 };

static struct fg_http_response *busy(const char *detail)
{
    struct fg_http_response *p = fg_http_problem(503, detail);
    fg_http_response_header(p, "Retry-After", "5");
    return p;
}

void *fg_http_exchange_begin(void *cls, const char *uri, struct MHD_Connection *c)
{
    struct fg_http *h = cls;
    struct fg_http_conn *conn = fg_http_conn_of(c);
    struct fg_http_exchange *x = conn ? calloc(1, sizeof *x) : NULL;
    if (!x) return NULL; /* the headers round closes the connection */
    x->http = h;
    x->conn = conn;
    x->mhd = c;
    x->raw = strdup(uri);
    x->since = fg_clock_mono_ms();
    fg_arena_init(&x->arena, TARGET_ARENA_MAX);
    fg_buf_init(&x->body, 0);
    x->pub.body_file = -1;
    fg_http_watch_request_line(conn);
    pthread_mutex_lock(&h->lock);
    h->open++;
    h->counters.requests++;
    pthread_mutex_unlock(&h->lock);
    return x;
}

static void log_request(const struct fg_http_exchange *x)
{
    struct fg_log *log = x->http->log;
    if (!log || fg_log_level(log) > FG_DEBUG || !x->pub.method_name) return;
    char status[16], ms[24];
    snprintf(status, sizeof status, "%d", x->status);
    snprintf(ms, sizeof ms, "%lld", (long long)(fg_clock_mono_ms() - x->since));
    const struct fg_log_field f[] = {
        {"method", x->pub.method_name}, {"path", x->pub.path}, {"status", status}, {"ms", ms},
        {"address", x->pub.address},
    };
    fg_log_fields(log, FG_DEBUG, "http", "request", NULL, f, sizeof f / sizeof *f);
}

void fg_http_exchange_end(void *cls, struct MHD_Connection *c, void **ctx,
                          enum MHD_RequestTerminationCode code)
{
    (void)c, (void)code;
    struct fg_http *h = cls;
    struct fg_http_exchange *x = *ctx;
    if (!x) return;
    *ctx = NULL;
    log_request(x);
    /* The client left before the answer was begun: nobody else would end the stream. */
    if (x->stream && x->round != ROUND_DONE) fg_http_stream_abandon(x->stream);
    if (x->routed && h->app.release) h->app.release(h->app.arg, &x->pub);
    fg_http_watch_phase(x->conn, PHASE_WAITING);
    fg_http_response_free(x->response);
    fg_http_response_free(x->plan.refusal);
    fg_buf_wipe(&x->body); /* a body may hold a password */
    if (x->pub.body_file >= 0) close(x->pub.body_file);
    fg_arena_free(&x->arena);
    free(x->raw);
    pthread_mutex_lock(&h->lock);
    if (x->large) h->large_bodies--;
    h->open--;
    pthread_cond_broadcast(&h->quiet);
    pthread_mutex_unlock(&h->lock);
    free(x);
}

/* ---- headers ---- */

static struct fg_http_response *read_target(struct fg_http_exchange *x, const char *method)
{
    struct fg_http_request *r = &x->pub;
    struct fg_http_target t;
    const char *why = "";
    r->method = fg_http_method_of(method);
    r->method_name = fg_arena_strdup(&x->arena, method);
    r->path = "/";
    r->address = x->conn->address;
    r->local_uid = x->conn->uid;
    r->body = (const uint8_t *)"";
    if (!x->raw || !r->method_name) return busy("Out of memory.");
    int err = fg_http_target_parse(&x->arena, x->raw, &t, &why);
    if (err) return err == EINVAL ? fg_http_problem(400, why) : busy("Out of memory.");
    r->path = t.path;
    r->segments = t.segments;
    r->n_segments = t.n_segments;
    r->params = t.params;
    r->n_params = t.n_params;
    return NULL;
}

static bool is_stopping(struct fg_http *h)
{
    pthread_mutex_lock(&h->lock);
    bool stopping = h->stopping;
    pthread_mutex_unlock(&h->lock);
    return stopping;
}

/* At most LARGE_BODIES at once, so that memory has a bound. */
static bool take_large_slot(struct fg_http_exchange *x)
{
    struct fg_http *h = x->http;
    if (x->large) return true;
    pthread_mutex_lock(&h->lock);
    x->large = h->large_bodies < LARGE_BODIES;
    if (x->large) h->large_bodies++;
    pthread_mutex_unlock(&h->lock);
    return x->large;
}

static struct fg_http_response *ask_route(struct fg_http_exchange *x)
{
    struct fg_http *h = x->http;
    if (h->app.route && h->app.route(h->app.arg, &x->pub, &x->plan)) {
        x->routed = true;
        struct fg_http_response *refusal = x->plan.refusal;
        x->plan.refusal = NULL;
        if (!refusal && !x->plan.handle) return fg_http_problem(500, "No handler.");
        return refusal;
    }
    x->routed = h->app.route != NULL;
    return fg_http_static(h->assets, &x->pub);
}

static struct fg_http_response *decide(struct fg_http_exchange *x, const char *method, bool *framed)
{
    uint64_t length = 0;
    struct fg_http_response *no = fg_http_check_headers(x, &length);
    if (no) *framed = false;
    struct fg_http_response *bad = read_target(x, method);
    if (no || bad) {
        if (no) fg_http_response_free(bad);
        return no ? no : bad;
    }
    if (is_stopping(x->http)) return busy("The server is stopping.");
    no = ask_route(x);
    if (no) return no;
    if (length > x->plan.body_limit || (x->has_body && x->plan.body_limit == 0))
        return fg_http_problem(413, "The body is longer than allowed here.");
    if (length > FG_HTTP_LARGE_BODY && !take_large_slot(x))
        return busy("Other large requests are being read; try again shortly.");
    return NULL;
}

static void count_refused(struct fg_http *h)
{
    pthread_mutex_lock(&h->lock);
    h->counters.refused++;
    pthread_mutex_unlock(&h->lock);
}

static enum MHD_Result headers_round(struct fg_http_exchange *x, const char *method)
{
    bool framed = true;
    x->round = ROUND_BODY;
    x->response = decide(x, method, &framed);
    if (!x->response) {
        fg_buf_init(&x->body, x->plan.body_limit);
        fg_http_watch_phase(x->conn, x->has_body ? PHASE_BODY : PHASE_BUSY);
        return MHD_YES;
    }
    if (x->response->status >= 400) count_refused(x->http);
    if (framed && !x->has_body)
        return MHD_YES; /* answered at the end, which keeps the connection */
    if (!x->expects_continue || !framed) fg_http_watch_linger(x->conn);
    return fg_http_queue(x);
}

/* ---- body ---- */

static void start_discarding(struct fg_http_exchange *x, struct fg_http_response *why)
{
    x->response = why;
    x->discarding = true;
    fg_buf_free(&x->body);
    if (x->pub.body_file >= 0) close(x->pub.body_file);
    x->pub.body_file = -1;
    fg_http_watch_discard(x->conn);
    count_refused(x->http);
}

static struct fg_http_response *no_room(void)
{
    return fg_http_problem(503, "The disk of the data directory has no room for such a body.");
}

/* What is left of the disk belongs to the database. */
static bool has_room(struct fg_http_exchange *x)
{
    struct statvfs v;
    size_t total = x->pub.body_len;
    if (total <= FG_HTTP_LARGE_BODY || total - x->spool_checked < SPOOL_CHECK) return true;
    x->spool_checked = total;
    return fstatvfs(x->pub.body_file, &v) != 0 ||
           (uint64_t)v.f_bavail * v.f_frsize >= (uint64_t)SPOOL_SPARE;
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n < 0 ? errno : EIO;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

static void spool(struct fg_http_exchange *x, const char *data, size_t len)
{
    int err = 0;
    if (x->pub.body_file < 0) err = x->plan.spool(x->plan.arg, &x->pub.body_file);
    x->pub.body_len += len;
    if (!err && x->pub.body_len > FG_HTTP_LARGE_BODY && !take_large_slot(x)) {
        start_discarding(x, busy("Other large requests are being read; try again shortly."));
        return;
    }
    if (!err && !has_room(x)) err = ENOSPC;
    if (!err) err = write_all(x->pub.body_file, data, len);
    if (err == ENOSPC || err == EDQUOT || err == EROFS)
        start_discarding(x, no_room());
    else if (err)
        start_discarding(x, busy("The body could not be kept."));
}

static void keep(struct fg_http_exchange *x, const char *data, size_t len)
{
    size_t total = fg_buf_len(&x->body) + len;
    if (total > x->plan.body_limit) {
        start_discarding(x, fg_http_problem(413, "The body is longer than allowed here."));
    } else if (total > FG_HTTP_LARGE_BODY && !take_large_slot(x)) {
        start_discarding(x, busy("Other large requests are being read; try again shortly."));
    } else if (fg_buf_add(&x->body, data, len)) {
        start_discarding(x, busy("Out of memory."));
    }
}

static enum MHD_Result body_round(struct fg_http_exchange *x, const char *data, size_t *len)
{
    size_t n = *len;
    *len = 0;
    fg_http_watch_body(x->conn, n);
    if (!x->discarding && !x->response) {
        if (x->plan.spool)
            spool(x, data, n);
        else
            keep(x, data, n);
    }
    if (!x->discarding) return MHD_YES;
    x->discarded += n;
    /* libmicrohttpd takes no answer in the middle of a body: beyond this we can only hang up. */
    return x->discarded <= DISCARD_MAX ? MHD_YES : MHD_NO;
}

/* ---- the application ---- */

static void run_handler(void *arg)
{
    struct fg_http_exchange *x = arg;
    x->plan.handle(x->plan.arg, &x->pub);
}

/* Suspends unless the answer is there already; true when it is. */
static bool answered_or_suspend(struct fg_http_exchange *x)
{
    pthread_mutex_lock(&x->http->lock);
    bool answered = x->answered;
    if (!answered) {
        x->suspended = true;
        x->http->counters.suspended++;
        MHD_suspend_connection(x->mhd);
    }
    pthread_mutex_unlock(&x->http->lock);
    return answered;
}

/* False while stopping: from then on the number of those handed out only falls. */
static bool mark_handed(struct fg_http_exchange *x)
{
    pthread_mutex_lock(&x->http->lock);
    x->handed = !x->http->stopping;
    if (x->handed) x->http->handed++;
    pthread_mutex_unlock(&x->http->lock);
    return x->handed;
}

static enum MHD_Result hand_over(struct fg_http_exchange *x)
{
    struct fg_executor *executor = x->plan.executor;
    x->pub.body = fg_buf_len(&x->body) ? (const uint8_t *)fg_buf_cstr(&x->body) : x->pub.body;
    if (!x->plan.spool) x->pub.body_len = fg_buf_len(&x->body);
    x->round = ROUND_ANSWER;
    fg_http_watch_phase(x->conn, PHASE_BUSY);
    if (!mark_handed(x)) {
        x->response = busy("The server is stopping.");
        return fg_http_queue(x);
    }
    if (!executor) {
        run_handler(x);
        return answered_or_suspend(x) ? fg_http_queue(x) : MHD_YES;
    }
    /* Suspended first: the answer may come before the post returns, and with it the end of x. */
    answered_or_suspend(x);
    if (fg_executor_post(executor, run_handler, x))
        fg_http_respond(&x->pub, busy("Too many requests are waiting; try again shortly."));
    return MHD_YES;
}

void fg_http_respond(struct fg_http_request *r, struct fg_http_response *p)
{
    struct fg_http_exchange *x = (struct fg_http_exchange *)(void *)r;
    struct fg_http *h = x->http;
    pthread_mutex_lock(&h->lock);
    if (x->answered || !x->handed) abort(); /* answered twice: memory would be in danger */
    x->answered = true;
    x->response = p;
    h->handed--;
    if (x->suspended) {
        x->suspended = false;
        h->counters.suspended--;
        MHD_resume_connection(x->mhd);
    }
    pthread_cond_broadcast(&h->quiet);
    pthread_mutex_unlock(&h->lock);
}

enum MHD_Result fg_http_exchange_round(void *cls, struct MHD_Connection *c, const char *url,
                                       const char *method, const char *version,
                                       const char *upload_data, size_t *upload_size, void **ctx)
{
    (void)cls, (void)c, (void)url, (void)version;
    struct fg_http_exchange *x = *ctx;
    if (!x) return MHD_NO;
    switch (x->round) {
    case ROUND_HEADERS:
        return headers_round(x, method);
    case ROUND_BODY:
        if (*upload_size) return body_round(x, upload_data, upload_size);
        return x->response ? fg_http_queue(x) : hand_over(x);
    case ROUND_ANSWER:
        return fg_http_queue(x);
    case ROUND_DONE:
        break;
    }
    return MHD_YES;
}
