/* See client.h. */
#include "server/cli/client.h"

#include "gateway/base/buf.h"
#include "gateway/base/quote.h"
#include "server/cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_MAX = 64 << 20, FAULTS_SHOWN = 20 };

/* ---- the local socket ---- */

struct local_wire {
    struct fg_wire wire;
    int fd;
};

static int local_send(struct fg_wire *w, const void *data, size_t len)
{
    int fd = ((struct local_wire *)w)->fd;
    const char *p = data;
    while (len) {
        ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

static int local_receive(struct fg_wire *w, void *data, size_t size, size_t *got)
{
    for (;;) {
        ssize_t n = recv(((struct local_wire *)w)->fd, data, size, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        *got = (size_t)n;
        return 0;
    }
}

static void local_close(struct fg_wire *w)
{
    close(((struct local_wire *)w)->fd);
    free(w);
}

int fg_wire_local(struct fg_wire **out, const char *path)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof sa.sun_path) return ENAMETOOLONG;
    memcpy(sa.sun_path, path, strlen(path));
    struct local_wire *w = malloc(sizeof *w);
    if (!w) return ENOMEM;
    w->wire = (struct fg_wire){local_send, local_receive, local_close};
    w->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (w->fd >= 0 && !connect(w->fd, (const struct sockaddr *)&sa, sizeof sa)) {
        *out = &w->wire;
        return 0;
    }
    int err = errno;
    if (w->fd >= 0) close(w->fd);
    free(w);
    return err;
}

/* ---- one request ---- */

/* `body` is what q->body came to as text. */
static int send_request(struct fg_wire *w, const struct fg_client_query *q, const char *body)
{
    const char *type = q->data ? "application/octet-stream" : "application/json";
    size_t len = q->data ? q->data_len : body ? strlen(body) : 0;
    if (q->data) body = q->data;
    struct fg_buf b;
    fg_buf_init(&b, ANSWER_MAX);
    int err = fg_buf_addf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", q->method,
                          q->path, q->host ? q->host : "localhost");
    if (!err && q->token) err = fg_buf_addf(&b, "Authorization: Bearer %s\r\n", q->token);
    if (!err && q->if_match) err = fg_buf_addf(&b, "If-Match: %s\r\n", q->if_match);
    if (!err && q->only_new) err = fg_buf_adds(&b, "If-None-Match: *\r\n");
    if (!err && body)
        err = fg_buf_addf(&b, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, len);
    if (!err) err = fg_buf_adds(&b, "\r\n");
    if (!err) err = w->send(w, fg_buf_data(&b), fg_buf_len(&b));
    if (!err && body) err = w->send(w, body, len);
    fg_buf_wipe(&b);
    return err;
}

/* The server closes after its answer. */
static int read_all(struct fg_wire *w, struct fg_buf *b)
{
    for (;;) {
        size_t got = 0;
        uint8_t *to = fg_buf_reserve(b, 16384);
        if (!to) return EMSGSIZE;
        int err = w->receive(w, to, 16384, &got);
        if (err || got == 0) return err;
        fg_buf_commit(b, got);
    }
}

/* The value of a header between `head` and `end`, cut to `size`; false when it is not there. */
static bool header(const char *head, const char *end, const char *name, char *out, size_t size)
{
    size_t n = strlen(name);
    for (const char *p = head; p < end;) {
        const char *line_end = strstr(p, "\r\n");
        if (!line_end) return false;
        if ((size_t)(line_end - p) > n && p[n] == ':' && !strncasecmp(p, name, n)) {
            p += n + 1;
            p += strspn(p, " \t");
            snprintf(out, size, "%.*s", (int)(line_end - p), p);
            return true;
        }
        p = line_end + 2;
    }
    return false;
}

/* Joins the chunks of a body (RFC 9112 section 7.1) in place; EPROTO when one is cut. */
static int join_chunks(char *body, size_t len, size_t *joined)
{
    size_t at = 0, to = 0;
    for (;;) {
        char *end;
        unsigned long n = strtoul(body + at, &end, 16);
        const char *line_end = strstr(body + at, "\r\n");
        if (end == body + at || !line_end || n > len) return EPROTO;
        at = (size_t)(line_end + 2 - body);
        if (n == 0) break;
        if (n > len - at || len - at - n < 2) return EPROTO;
        memmove(body + to, body + at, n);
        to += n;
        at += n + 2;
    }
    *joined = to;
    return 0;
}

/* An answer that was cut on its way is none. */
static int parse(struct fg_buf *b, struct fg_client_answer *out)
{
    char value[64];
    if (!fg_buf_cstr(b)) return ENOMEM;
    char *text = (char *)b->data + b->off, *end = strstr(text, "\r\n\r\n");
    if (!end || strncmp(text, "HTTP/1.1 ", 9)) return EPROTO;
    out->status = (int)strtol(text + 9, NULL, 10);
    char *body = end + 4;
    size_t len = fg_buf_len(b) - (size_t)(body - text);
    end += 2;
    header(text, end, "ETag", out->etag, sizeof out->etag);
    if (header(text, end, "Transfer-Encoding", value, sizeof value)) {
        int err = join_chunks(body, len, &len);
        if (err) return err;
    } else if (header(text, end, "Content-Length", value, sizeof value)) {
        if (strtoull(value, NULL, 10) != len) return EPROTO;
    } else if (len) {
        return EPROTO;
    }
    out->body = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
    return 0;
}

int fg_client_exchange(struct fg_wire *w, const struct fg_client_query *q,
                       struct fg_client_answer *out)
{
    *out = (struct fg_client_answer){0};
    char *text = q->body ? json_dumps(q->body, JSON_COMPACT) : NULL;
    if (q->body && !text) return ENOMEM;
    struct fg_buf answer;
    fg_buf_init(&answer, ANSWER_MAX);
    int err = send_request(w, q, text);
    if (!err) err = read_all(w, &answer);
    if (!err) err = parse(&answer, out);
    fg_buf_wipe(&answer); /* it may hold a token */
    if (text) explicit_bzero(text, strlen(text));
    free(text);
    return err;
}

int fg_client_request(const char *socket_path, const char *method, const char *path,
                      const json_t *body, struct fg_client_answer *out)
{
    const struct fg_client_query q = {.method = method, .path = path, .body = body};
    struct fg_wire *w;
    *out = (struct fg_client_answer){0};
    int err = fg_wire_local(&w, socket_path);
    if (err) return err;
    err = fg_client_exchange(w, &q, out);
    w->close(w);
    return err;
}

static int write_all(int fd, const uint8_t *p, size_t len)
{
    while (len) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Reads up to the end of the headers; what came of the body stays in `b`. */
static int read_head(struct fg_wire *w, struct fg_buf *b, size_t *head)
{
    for (;;) {
        size_t got = 0;
        uint8_t *to = fg_buf_reserve(b, 4096);
        if (!to) return EMSGSIZE;
        int err = w->receive(w, to, 4096, &got);
        if (err || got == 0) return err ? err : EPROTO;
        fg_buf_commit(b, got);
        const uint8_t *end = memmem(fg_buf_data(b), fg_buf_len(b), "\r\n\r\n", 4);
        if (!end) continue;
        *head = (size_t)(end - fg_buf_data(b)) + 4;
        return 0;
    }
}

/* What the headers say of the body's length; UINT64_MAX when they do not. */
static uint64_t length_of(struct fg_buf *b)
{
    char value[32];
    const char *text = fg_buf_cstr(b), *end = text ? strstr(text, "\r\n\r\n") : NULL;
    bool said = end && header(text, end + 2, "Content-Length", value, sizeof value);
    return said ? strtoull(value, NULL, 10) : UINT64_MAX;
}

static int pass_on(struct fg_wire *from, struct fg_buf *b, size_t head, int to)
{
    uint64_t wanted = length_of(b), passed = 0;
    fg_buf_consume(b, head);
    for (;;) {
        size_t got = 0;
        passed += fg_buf_len(b);
        int err = write_all(to, fg_buf_data(b), fg_buf_len(b));
        fg_buf_reset(b);
        uint8_t *room = err ? NULL : fg_buf_reserve(b, 65536);
        if (!room) return err ? err : ENOMEM;
        err = from->receive(from, room, 65536, &got);
        if (err) return err;
        if (got == 0) return wanted != UINT64_MAX && passed != wanted ? EPROTO : 0;
        fg_buf_commit(b, got);
    }
}

int fg_client_fetch(struct fg_wire *w, const struct fg_client_query *q, int fd,
                    struct fg_client_answer *out)
{
    struct fg_buf b;
    size_t head = 0;
    *out = (struct fg_client_answer){0};
    fg_buf_init(&b, ANSWER_MAX);
    int err = send_request(w, q, NULL);
    if (!err) err = read_head(w, &b, &head);
    bool good = !err && fg_buf_len(&b) > 12 && memcmp(fg_buf_data(&b), "HTTP/1.1 200", 12) == 0;
    if (good) {
        out->status = 200;
        err = pass_on(w, &b, head, fd);
    } else if (!err) {
        err = read_all(w, &b);
        if (!err) err = parse(&b, out);
    }
    fg_buf_wipe(&b);
    return err;
}

int fg_client_download(const char *socket_path, const char *method, const char *path, int fd,
                       struct fg_client_answer *out)
{
    const struct fg_client_query q = {.method = method, .path = path};
    struct fg_wire *w = NULL;
    *out = (struct fg_client_answer){0};
    int err = fg_wire_local(&w, socket_path);
    if (!err) err = fg_client_fetch(w, &q, fd, out);
    if (w) w->close(w);
    return err;
}

void fg_client_answer_free(struct fg_client_answer *a)
{
    json_decref(a->body);
    a->body = NULL;
}

int fg_client_refused(const struct fg_client_answer *a)
{
    char quoted[512];
    const char *detail = json_string_value(json_object_get(a->body, "detail"));
    const char *title = json_string_value(json_object_get(a->body, "title"));
    fg_failed("the server refused (%d): %s", a->status,
              fg_quotes(quoted, sizeof quoted,
                        detail  ? detail
                        : title ? title
                                : "no reason given"));
    size_t i;
    json_t *fault;
    json_array_foreach(json_object_get(a->body, "errors"), i, fault)
    {
        const char *message = json_string_value(json_object_get(fault, "message"));
        const char *pointer = json_string_value(json_object_get(fault, "pointer"));
        char where[128];
        fg_quotes(where, sizeof where, pointer);
        fg_quotes(quoted, sizeof quoted, message);
        fprintf(stderr, "  %s%s%s\n", where, *where ? ": " : "", quoted);
        if (i == FAULTS_SHOWN) break;
    }
    return FG_EXIT_FAILED;
}

char *fg_client_segment(const char *text)
{
    char *out = malloc(3 * strlen(text) + 1), *to = out;
    for (const unsigned char *p = (const unsigned char *)text; out && *p; p++) {
        if (isalnum(*p) || strchr("-._~", *p))
            *to++ = (char)*p;
        else
            to += snprintf(to, 4, "%%%02X", *p);
    }
    if (out) *to = '\0';
    return out;
}
