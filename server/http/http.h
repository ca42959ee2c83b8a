/* The HTTP server under the REST interface and the panel: two listeners (HTTPS, and plain HTTP on a
 * local socket) with one set of handlers. It knows nothing of resources: the application says by
 * `route` what to do with a request, and answers it by `handle`.
 *
 *   headers ──> route (HTTP thread, quick) ──> body collected ──> suspended ──> handle (executor)
 *                 └─ refusal: answered before any body is read                       │
 *                                              resumed <── fg_http_respond (any thread)
 *
 * A request lives until fg_http_respond or fg_http_respond_stream was called for it; before that
 * its fields may be read by whoever holds it, one thread at a time. Every request that reached
 * `handle` must be answered exactly once, also while the server stops. */
#ifndef FG_HTTP_H
#define FG_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fg_buf;
struct fg_executor;
struct fg_http;
struct fg_http_assets;
struct fg_http_certificate;
struct fg_http_response;
struct fg_http_stream;
struct fg_log;

enum fg_http_method {
    FG_HTTP_GET,
    FG_HTTP_HEAD,
    FG_HTTP_POST,
    FG_HTTP_PUT,
    FG_HTTP_PATCH,
    FG_HTTP_DELETE,
    FG_HTTP_OPTIONS,
    FG_HTTP_OTHER,
};

struct fg_http_param {
    /* Decoded once; "+" is a space (HTML forms); value "" when there was no "=". */
    const char *name, *value;
};

/* Read-only for the application, except `app`. Strings are NUL-terminated and live as long as the
 * request; what would decode to a NUL byte or to no UTF-8 was refused with 400 before. */
struct fg_http_request {
    enum fg_http_method method;
    const char *method_name;
    const char *path;            /* as sent, without the query: "/api/v1/partners/a%2Fb" */
    const char *const *segments; /* split at "/" first, then each decoded once: "api", "v1", … */
    size_t n_segments;
    const struct fg_http_param *params;
    size_t n_params;
    const char *address; /* "192.0.2.1", "2001:db8::1", or "local" */
    int64_t local_uid;   /* user at the other end of the local socket; -1 on HTTPS */
    const uint8_t *body; /* from `handle` on; never NULL, followed by a NUL byte */
    size_t body_len;
    /* A spooled body (fg_http_plan.spool) is in this file instead, `body_len` long, and `body` is
     * empty; closed with the request. -1: none. */
    int body_file;
    void *app; /* the application's own; see fg_http_app.release */
};

/* Value of a header (name in any case), or NULL; the first one when it was repeated. Only in
 * `route` and until the answer. */
const char *fg_http_header(const struct fg_http_request *r, const char *name);
/* Value of a cookie, or NULL. */
const char *fg_http_cookie(const struct fg_http_request *r, const char *name);
/* Value of the first query parameter of that name, or NULL. */
const char *fg_http_query(const struct fg_http_request *r, const char *name);
/* Was a body announced (Content-Length above 0, or chunked)? */
bool fg_http_has_body(const struct fg_http_request *r);
/* Content-Type equal to `type`, parameters such as charset aside? */
bool fg_http_content_type_is(const struct fg_http_request *r, const char *type);

/* ---- what the application decides ---- */

enum { FG_HTTP_LARGE_BODY = 1 << 20 }; /* above this a body counts as large: at most two at once */

/* Filled by `route`. Either `refusal` is set (401, 403, 404, 405, 413, 415 …), and it is answered
 * at once; or `handle` is. */
struct fg_http_plan {
    struct fg_http_response *refusal; /* owned by the server from now on */
    void (*handle)(void *arg, struct fg_http_request *r);
    void *arg;
    /* Where `handle` runs; NULL: on the HTTP thread, so only quick things. */
    struct fg_executor *executor;
    size_t body_limit; /* longest body in bytes; 0: none. Above it 413 */
    /* Not NULL: the body goes into the file that this opens (0 or errno; HTTP thread; `arg` as
     * above), however long it is, and never into memory. */
    int (*spool)(void *arg, int *fd);
};

struct fg_http_app {
    /* HTTP thread, after the headers and before the body. False: not a path of the application, the
     * panel's files are looked through. `plan` comes zeroed. */
    bool (*route)(void *arg, struct fg_http_request *r, struct fg_http_plan *plan);
    /* Frees r->app; called once when the request ends, if route was asked; any thread. May be NULL.
     */
    void (*release)(void *arg, struct fg_http_request *r);
    void *arg;
};

/* ---- answers ----
 * The builders accept NULL and remember failures (no memory, bad header): such an answer becomes a
 * 500 when it is given, so that handlers need not check each step. Security headers, Date and
 * "Cache-Control: no-store" (unless set) are added by the server. */

struct fg_http_response *fg_http_response_new(int status);
void fg_http_response_free(struct fg_http_response *p);
/* Adds a header; name and value are copied. CR, LF or NUL in them make the answer a 500. */
void fg_http_response_header(struct fg_http_response *p, const char *name, const char *value);
void fg_http_response_headerf(struct fg_http_response *p, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Body from malloc'd memory, taken over (freed by free()) even on failure. */
void fg_http_response_body(struct fg_http_response *p, const char *type, char *data, size_t len);
/* Body copied. */
void fg_http_response_text(struct fg_http_response *p, const char *type, const char *data,
                           size_t len);
/* Body from an open file: `len` bytes from offset 0. The descriptor is taken over (closed) even on
 * failure, and read while the answer is sent. */
void fg_http_response_file(struct fg_http_response *p, const char *type, int fd, uint64_t len);
int fg_http_response_status(const struct fg_http_response *p);
/* A problem+json body (RFC 9457) with type about:blank, the status' title and `detail` (any text).
 */
struct fg_http_response *fg_http_problem(int status, const char *detail);
/* "Not Found" for 404. */
const char *fg_http_reason(int status);

/* Answers, once, from any thread; takes `p` over; NULL answers 500. `r` must not be touched after.
 */
void fg_http_respond(struct fg_http_request *r, struct fg_http_response *p);

/* ---- server-sent events ----
 * A stream has two holders: the connection, and the application until fg_http_stream_close. */

/* Answers with an open event stream. 0; or ENOMEM: the request is then still unanswered.
 * `queue_max` bytes may wait for a slow reader. `gone` (may be NULL) is called once, on an HTTP
 * thread, when the connection ended, for whatever reason; the stream must still be closed by the
 * application. */
int fg_http_respond_stream(struct fg_http_request *r, size_t queue_max,
                           void (*gone)(void *arg, struct fg_http_stream *s), void *arg,
                           struct fg_http_stream **out);
/* Queues one event: `event` (may be NULL), `id` (may be NULL), and data, whose lines are framed
 * here. Any thread. 0; ENOBUFS when the reader is too slow; EPIPE when it is gone. */
int fg_http_stream_send(struct fg_http_stream *s, const char *event, const char *id,
                        const char *data, size_t len);
/* Appends one event as it goes over the wire to `out`: made once, then put to many streams. 0,
 * ENOBUFS or ENOMEM; on error nothing changed. */
int fg_http_event(struct fg_buf *out, const char *event, const char *id, const char *data,
                  size_t len);
/* Queues what fg_http_event made. As fg_http_stream_send. */
int fg_http_stream_put(struct fg_http_stream *s, const struct fg_buf *frame);
/* Ends the stream after what is queued and drops the application's hold. */
void fg_http_stream_close(struct fg_http_stream *s);

/* ---- the panel's certificate: load may fail, use may not ---- */

/* PEM chain (leaf first) and key. 0, EINVAL (not a matching pair) or ENOMEM; `why` (may be NULL)
 * gets a static sentence. */
int fg_http_certificate_load(struct fg_http_certificate **out, const char *chain_pem,
                             const char *key_pem, const char **why);
void fg_http_certificate_free(struct fg_http_certificate *c);
/* Serves from the next handshake on; takes `c` over. The one before lives as long as connections
 * that were shown it. Any thread. */
void fg_http_certificate_use(struct fg_http *h, struct fg_http_certificate *c);

/* ---- life cycle ---- */

struct fg_http_limits {
    unsigned connections;        /* total; 0: 4096 */
    unsigned per_address;        /* 0: 512 */
    unsigned header_deadline_ms; /* headers complete within; 0: 10,000 */
    unsigned body_rate;          /* bytes a second, on average, after a grace of 10 s; 0: 1024 */
    unsigned body_grace_ms;      /* 0: 10,000 */
    unsigned idle_ms;            /* keep-alive connection without a request; 0: 60,000 */
};

struct fg_http_params {
    const char *listen;      /* "127.0.0.1:8443", "[::]:8443"; port 0 picks one; NULL: no HTTPS */
    const char *socket_path; /* local socket, made 0600; NULL: none */
    /* Taken over when fg_http_new succeeds; needed with `listen`. */
    struct fg_http_certificate *certificate;
    struct fg_http_app app;
    const struct fg_http_assets *assets; /* the panel's files; NULL: none */
    struct fg_http_limits limits;
    struct fg_log *log; /* may be NULL */
};

/* Starts listening. Signals must be blocked and SIGPIPE ignored by then (the threads inherit it).
 * 0, EINVAL (address), EADDRINUSE, EACCES, … */
int fg_http_new(struct fg_http **out, const struct fg_http_params *p);
/* "https://127.0.0.1:8443", with the port that was picked; "" without HTTPS. */
const char *fg_http_url(const struct fg_http *h);
/* Stops: no new connections; requests before `handle` get 503; waits up to `timeout_ms` for those
 * handed out; ends all event streams. 0, or ETIMEDOUT while requests are still unanswered: the
 * server must then not be freed, only the process ended. The executors must still run. */
int fg_http_stop(struct fg_http *h, int timeout_ms);
/* After a stop that returned 0. */
void fg_http_free(struct fg_http *h);

struct fg_http_counters {
    uint64_t requests, refused, connections_total, reaped;
    unsigned connections, suspended, streams;
};
void fg_http_counters(struct fg_http *h, struct fg_http_counters *out);

/* Versions of the libraries underneath, at run time. */
const char *fg_http_library_version(void);
const char *fg_http_tls_version(void);

#endif
