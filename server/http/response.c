/* Building an answer, and handing it to libmicrohttpd with the headers every answer carries. */
#include "server/http/internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char CSP[] =
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; font-src "
    "'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

static const struct {
    const char *name, *value;
} security_headers[] = {
    {"Content-Security-Policy", CSP},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
};

const char *fg_http_reason(int status)
{
    const char *reason = MHD_get_reason_phrase_for((unsigned)status);
    return reason ? reason : "Unknown";
}

struct fg_http_response *fg_http_response_new(int status)
{
    struct fg_http_response *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->status = status;
    p->last = &p->headers;
    return p;
}

static void drop_headers(struct fg_http_response *p)
{
    while (p->headers) {
        struct fg_http_field *h = p->headers;
        p->headers = h->next;
        free(h->name);
        free(h->value);
        free(h);
    }
    p->last = &p->headers;
}

static void drop_body(struct fg_http_response *p)
{
    if (p->has_file) close(p->file);
    p->has_file = false;
    free(p->body);
    p->body = NULL;
    p->static_body = NULL;
    p->len = 0;
}

void fg_http_response_free(struct fg_http_response *p)
{
    if (!p) return;
    drop_headers(p);
    drop_body(p);
    free(p);
}

int fg_http_response_status(const struct fg_http_response *p)
{
    return !p || p->broken ? 500 : p->status;
}

void fg_http_response_header(struct fg_http_response *p, const char *name, const char *value)
{
    if (!p) return;
    if (!name || !value || strpbrk(name, "\r\n: ") || strpbrk(value, "\r\n")) {
        p->broken = true;
        return;
    }
    struct fg_http_field *h = calloc(1, sizeof *h);
    if (h) {
        h->name = strdup(name);
        h->value = strdup(value);
        *p->last = h;
        p->last = &h->next;
    }
    if (!h || !h->name || !h->value) p->broken = true;
}

void fg_http_response_headerf(struct fg_http_response *p, const char *name, const char *fmt, ...)
{
    char value[2048];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(value, sizeof value, fmt, ap);
    va_end(ap);
    bool fits = n >= 0 && (size_t)n < sizeof value;
    fg_http_response_header(p, name, fits ? value : NULL);
}

void fg_http_response_body(struct fg_http_response *p, const char *type, char *data, size_t len)
{
    if (!p) {
        free(data);
        return;
    }
    drop_body(p);
    p->body = data;
    p->len = len;
    if (!data) p->broken = true;
    fg_http_response_header(p, "Content-Type", type);
}

void fg_http_response_text(struct fg_http_response *p, const char *type, const char *data,
                           size_t len)
{
    char *copy = malloc(len + 1);
    if (copy && len) memcpy(copy, data, len);
    fg_http_response_body(p, type, copy, len);
}

void fg_http_response_static(struct fg_http_response *p, const char *type, const void *data,
                             size_t len)
{
    if (!p) return;
    drop_body(p);
    p->static_body = data;
    p->len = len;
    fg_http_response_header(p, "Content-Type", type);
}

void fg_http_response_file(struct fg_http_response *p, const char *type, int fd, uint64_t len)
{
    if (!p) {
        close(fd);
        return;
    }
    drop_body(p);
    p->has_file = true;
    p->file = fd;
    p->file_len = len;
    fg_http_response_header(p, "Content-Type", type);
}

/* JSON string content; what is no ASCII is passed on as it is. */
static int add_json(struct fg_buf *b, const char *text)
{
    int err = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p && !err; p++) {
        if (*p == '"' || *p == '\\')
            err = fg_buf_addf(b, "\\%c", *p);
        else if (*p < 0x20)
            err = fg_buf_addf(b, "\\u%04x", *p);
        else
            err = fg_buf_add(b, p, 1);
    }
    return err;
}

struct fg_http_response *fg_http_problem(int status, const char *detail)
{
    struct fg_http_response *p = fg_http_response_new(status);
    struct fg_buf b;
    fg_buf_init(&b, 8192);
    int err = fg_buf_addf(&b, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d",
                          fg_http_reason(status), status);
    if (!err && detail) {
        err = fg_buf_adds(&b, ",\"detail\":\"");
        if (!err) err = add_json(&b, detail);
        if (!err) err = fg_buf_adds(&b, "\"");
    }
    if (!err) err = fg_buf_adds(&b, "}");
    if (!err)
        fg_http_response_text(p, "application/problem+json", (const char *)fg_buf_data(&b),
                              fg_buf_len(&b));
    else if (p)
        p->broken = true;
    fg_buf_free(&b);
    return p;
}

/* ---- handing over ---- */

static bool has_header(const struct fg_http_response *p, const char *name)
{
    for (const struct fg_http_field *h = p->headers; h; h = h->next) {
        if (!strcasecmp(h->name, name)) return true;
    }
    return false;
}

static bool add_headers(const struct fg_http_exchange *x, struct MHD_Response *m)
{
    bool ok = true;
    for (size_t i = 0; i < sizeof security_headers / sizeof *security_headers; i++)
        ok &= MHD_add_response_header(m, security_headers[i].name, security_headers[i].value) ==
              MHD_YES;
    /* RFC 6797 section 7.2: only where the transport is secure. */
    if (!x->conn->local)
        ok &=
            MHD_add_response_header(m, "Strict-Transport-Security", "max-age=31536000") == MHD_YES;
    const struct fg_http_response *p = x->response;
    for (const struct fg_http_field *h = p ? p->headers : NULL; h; h = h->next)
        ok &= MHD_add_response_header(m, h->name, h->value) == MHD_YES;
    if (!p || !has_header(p, "Cache-Control"))
        ok &= MHD_add_response_header(m, "Cache-Control", "no-store") == MHD_YES;
    return ok;
}

static struct MHD_Response *make(struct fg_http_exchange *x)
{
    struct fg_http_response *p = x->response;
    if (x->stream) return fg_http_stream_start(x->stream, x->mhd);
    if (p->has_file) {
        struct MHD_Response *f = MHD_create_response_from_fd64(p->file_len, p->file);
        if (f) p->has_file = false; /* closed with the answer */
        return f;
    }
    /* libmicrohttpd takes these pointers without const; PERSISTENT means that it only reads. */
    union {
        const void *in;
        void *out;
    } data = {.in = p->body ? p->body : p->static_body ? p->static_body : ""};
    struct MHD_Response *m = MHD_create_response_from_buffer(
        p->len, data.out, p->body ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
    if (m) p->body = NULL;
    return m;
}

enum MHD_Result fg_http_queue(struct fg_http_exchange *x)
{
    if (!x->stream && (!x->response || x->response->broken)) {
        fg_http_response_free(x->response);
        x->response = fg_http_problem(500, "The answer could not be built.");
        if (!x->response || x->response->broken) return MHD_NO;
    }
    x->status = x->stream ? 200 : x->response->status;
    struct MHD_Response *m = make(x);
    if (!m) {
        return MHD_NO;
    }
    enum MHD_Result result = MHD_NO;
    if (add_headers(x, m)) result = MHD_queue_response(x->mhd, (unsigned)x->status, m);
    MHD_destroy_response(m);
    x->round = ROUND_DONE;
    return result;
}
