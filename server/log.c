/* See log.h. A line is built on the stack of the thread that logs; the lock covers only the check
 * that the reader has room and the one write. */
#include "server/log.h"

#include "gateway/base/clock.h"
#include "gateway/base/quote.h"
#include "server/log_ring.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = 4000, /* below PIPE_BUF, so that a line is never torn */
    VALUE_MAX_BYTES = 1000,
};

struct fg_log {
    int fd;
    bool is_socket; /* the journal's: written without blocking */
    enum fg_log_format format;
    atomic_int level;
    atomic_uint_fast64_t dropped;
    pthread_mutex_t lock;
    struct fg_log_ring *recent;
};

struct line {
    char text[LINE_MAX_BYTES + 2];
    size_t len;
};

static const char *const level_names[] = {"debug", "info", "warning", "error"};

const char *fg_level_name(enum fg_level level)
{
    return level_names[level];
}

int fg_level_parse(const char *text, enum fg_level *out)
{
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++) {
        if (strcmp(text, level_names[i])) continue;
        *out = (enum fg_level)i;
        return 0;
    }
    return EINVAL;
}

int fg_log_new(struct fg_log **out, int fd, enum fg_log_format format, enum fg_level level)
{
    struct fg_log *l = calloc(1, sizeof *l);
    if (!l) return ENOMEM;
    int err = fg_log_ring_new(&l->recent);
    if (err) {
        free(l);
        return err;
    }
    struct stat st;
    l->fd = fd;
    l->is_socket = fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
    l->format = format;
    atomic_init(&l->level, (int)level);
    pthread_mutex_init(&l->lock, NULL);
    *out = l;
    return 0;
}

void fg_log_free(struct fg_log *l)
{
    if (!l) return;
    fg_log_ring_free(l->recent);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

void fg_log_set_level(struct fg_log *l, enum fg_level level)
{
    atomic_store(&l->level, (int)level);
}

enum fg_level fg_log_level(struct fg_log *l)
{
    return (enum fg_level)atomic_load(&l->level);
}

struct fg_log_ring *fg_log_recent(struct fg_log *l)
{
    return l->recent;
}

uint64_t fg_log_dropped(struct fg_log *l)
{
    return atomic_load(&l->dropped);
}

/* Appends all of `s` or nothing, so that a full line stays well-formed. */
static void put(struct line *l, const char *s, size_t len)
{
    if (len > LINE_MAX_BYTES - l->len) return;
    memcpy(l->text + l->len, s, len);
    l->len += len;
}

static void put_text_field(struct line *l, const char *key, const char *value)
{
    char quoted[VALUE_MAX_BYTES], piece[VALUE_MAX_BYTES + 64];
    fg_quotes(quoted, sizeof quoted, value);
    bool bare = *quoted && !strpbrk(quoted, " =\\\"");
    int n = snprintf(piece, sizeof piece, bare ? " %s=%s" : " %s=\"%s\"", key, quoted);
    if (n > 0 && (size_t)n < sizeof piece) put(l, piece, (size_t)n);
}

static void put_json_field(struct line *l, const char *key, const char *value)
{
    char quoted[VALUE_MAX_BYTES], piece[2 * VALUE_MAX_BYTES + 64];
    fg_quotes(quoted, sizeof quoted, value);
    int n = snprintf(piece, 64, ",\"%.40s\":\"", key);
    size_t at = n > 0 ? (size_t)n : 0;
    for (const char *p = quoted; *p; p++) {
        if (*p == '"' || *p == '\\') piece[at++] = '\\';
        piece[at++] = *p;
    }
    piece[at++] = '"';
    put(l, piece, at);
}

static void build(bool json, struct line *l, enum fg_level level, const char *component,
                  const char *code, const char *text, const struct fg_log_field *fields, size_t n)
{
    char time[FG_TIME_TEXT];
    fg_time_format(time, fg_clock_wall_ms());
    void (*field)(struct line *, const char *, const char *) =
        json ? put_json_field : put_text_field;
    put(l, json ? "{\"time\":\"" : "", json ? 9 : 0);
    put(l, time, strlen(time));
    put(l, "\"", json ? 1 : 0);
    field(l, "level", fg_level_name(level));
    field(l, "component", component);
    field(l, "code", code);
    if (text) field(l, "text", text);
    for (size_t i = 0; i < n; i++) {
        if (fields[i].value) field(l, fields[i].key, fields[i].value);
    }
    /* put() keeps within LINE_MAX_BYTES; these two bytes are beyond it. */
    if (json) l->text[l->len++] = '}';
    l->text[l->len++] = '\n';
}

static bool write_line(struct fg_log *log, const struct line *l)
{
    if (log->is_socket)
        return send(log->fd, l->text, l->len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)l->len;
    struct pollfd room = {.fd = log->fd, .events = POLLOUT};
    if (poll(&room, 1, 0) != 1 || !(room.revents & POLLOUT)) return false;
    return write(log->fd, l->text, l->len) == (ssize_t)l->len;
}

void fg_log_fields(struct fg_log *log, enum fg_level level, const char *component, const char *code,
                   const char *text, const struct fg_log_field *fields, size_t n)
{
    if (!log || (int)level < atomic_load(&log->level)) return;
    int was = errno;
    struct line l = {.len = 0};
    build(true, &l, level, component, code, text, fields, n);
    fg_log_ring_add(log->recent, l.text, l.len - 1); /* without the end of the line */
    if (log->format != FG_LOG_JSON) {
        l.len = 0;
        build(false, &l, level, component, code, text, fields, n);
    }
    pthread_mutex_lock(&log->lock);
    bool written = write_line(log, &l);
    pthread_mutex_unlock(&log->lock);
    if (!written) atomic_fetch_add(&log->dropped, 1);
    errno = was;
}

void fg_logf(struct fg_log *log, enum fg_level level, const char *component, const char *code,
             const char *fmt, ...)
{
    if (!log || (int)level < atomic_load(&log->level)) return;
    char text[VALUE_MAX_BYTES];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fg_log_fields(log, level, component, code, text, NULL, 0);
}

void fg_log_event(void *log, const struct fg_event *e)
{
    char stream[24] = "", revision[24] = "";
    if (e->stream) snprintf(stream, sizeof stream, "%llu", (unsigned long long)e->stream);
    if (e->revision) snprintf(revision, sizeof revision, "%llu", (unsigned long long)e->revision);
    const struct fg_log_field fields[] = {
        {"partner", e->partner},
        {"stream", *stream ? stream : NULL},
        {"rule", e->rule},
        {"revision", *revision ? revision : NULL},
        {"failure", e->failure ? fg_failure_id(e->failure) : NULL},
    };
    fg_log_fields(log, e->level, e->component, e->code, e->text, fields,
                  sizeof fields / sizeof *fields);
}
