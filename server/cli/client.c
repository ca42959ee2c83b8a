/* See client.h. */
#include "server/cli/client.h"

#include "gateway/base/buf.h"
#include "gateway/base/quote.h"
#include "server/cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_MAX = 64 << 20, FAULTS_SHOWN = 20 };

static int dial(const char *path, int *out)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof sa.sun_path) return ENAMETOOLONG;
    memcpy(sa.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return errno;
    if (connect(fd, (const struct sockaddr *)&sa, sizeof sa)) {
        int err = errno;
        close(fd);
        return err;
    }
    *out = fd;
    return 0;
}

static int send_all(int fd, const void *data, size_t len)
{
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

static int send_request(int fd, const char *method, const char *path, const char *body)
{
    struct fg_buf b;
    fg_buf_init(&b, ANSWER_MAX);
    int err =
        fg_buf_addf(&b, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", method, path);
    if (!err && body)
        err = fg_buf_addf(&b, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
                          strlen(body));
    if (!err) err = fg_buf_adds(&b, "\r\n");
    if (!err && body) err = fg_buf_adds(&b, body);
    if (!err) err = send_all(fd, fg_buf_data(&b), fg_buf_len(&b));
    fg_buf_wipe(&b);
    return err;
}

/* The server closes after its answer. */
static int read_all(int fd, struct fg_buf *b)
{
    for (;;) {
        uint8_t *to = fg_buf_reserve(b, 16384);
        if (!to) return EMSGSIZE;
        ssize_t n = recv(fd, to, 16384, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        if (n == 0) return 0;
        fg_buf_commit(b, (size_t)n);
    }
}

static int parse(struct fg_buf *b, struct fg_client_answer *out)
{
    const char *text = fg_buf_cstr(b);
    const char *end = text ? strstr(text, "\r\n\r\n") : NULL;
    if (!end || strncmp(text, "HTTP/1.1 ", 9)) return EPROTO;
    out->status = (int)strtol(text + 9, NULL, 10);
    size_t head = (size_t)(end + 4 - text);
    out->body = json_loadb(text + head, fg_buf_len(b) - head, JSON_REJECT_DUPLICATES, NULL);
    return 0;
}

int fg_client_request(const char *socket_path, const char *method, const char *path,
                      const json_t *body, struct fg_client_answer *out)
{
    *out = (struct fg_client_answer){0};
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    if (body && !text) return ENOMEM;
    struct fg_buf answer;
    fg_buf_init(&answer, ANSWER_MAX);
    int fd = -1;
    int err = dial(socket_path, &fd);
    if (!err) err = send_request(fd, method, path, text);
    if (!err) err = read_all(fd, &answer);
    if (!err) err = parse(&answer, out);
    if (fd >= 0) close(fd);
    fg_buf_wipe(&answer); /* it may hold a token */
    if (text) explicit_bzero(text, strlen(text));
    free(text);
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
static int read_head(int fd, struct fg_buf *b, size_t *head)
{
    for (;;) {
        uint8_t *to = fg_buf_reserve(b, 4096);
        if (!to) return EMSGSIZE;
        ssize_t n = recv(fd, to, 4096, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n < 0 ? errno : EPROTO;
        fg_buf_commit(b, (size_t)n);
        const uint8_t *end = memmem(fg_buf_data(b), fg_buf_len(b), "\r\n\r\n", 4);
        if (!end) continue;
        *head = (size_t)(end - fg_buf_data(b)) + 4;
        return 0;
    }
}

static int pass_on(int from, struct fg_buf *b, size_t head, int to)
{
    fg_buf_consume(b, head);
    for (;;) {
        int err = write_all(to, fg_buf_data(b), fg_buf_len(b));
        fg_buf_reset(b);
        uint8_t *room = err ? NULL : fg_buf_reserve(b, 65536);
        if (!room) return err ? err : ENOMEM;
        ssize_t n = recv(from, room, 65536, 0);
        if (n < 0 && errno != EINTR) return errno;
        if (n == 0) return 0;
        if (n > 0) fg_buf_commit(b, (size_t)n);
    }
}

int fg_client_download(const char *socket_path, const char *method, const char *path, int fd,
                       struct fg_client_answer *out)
{
    struct fg_buf b;
    size_t head = 0;
    *out = (struct fg_client_answer){0};
    fg_buf_init(&b, ANSWER_MAX);
    int from = -1;
    int err = dial(socket_path, &from);
    if (!err) err = send_request(from, method, path, NULL);
    if (!err) err = read_head(from, &b, &head);
    bool good = !err && fg_buf_len(&b) > 12 && memcmp(fg_buf_data(&b), "HTTP/1.1 200", 12) == 0;
    if (good) {
        out->status = 200;
        err = pass_on(from, &b, head, fd);
    } else if (!err) {
        err = read_all(from, &b);
        if (!err) err = parse(&b, out);
    }
    if (from >= 0) close(from);
    fg_buf_wipe(&b);
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
