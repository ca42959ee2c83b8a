/* See reply.h. */
#include "api/reply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/quote.h"
#include "gateway/base/rand.h"
#include "server/model/model.h"

static struct fg_http_response *with_json(int status, const char *type, json_t *body)
{
    struct fg_http_response *r = fg_http_response_new(status);
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    if (!text) {
        fg_http_response_free(r);
        return NULL;
    }
    fg_http_response_body(r, type, text, strlen(text));
    return r;
}

struct fg_http_response *fg_reply_json(int status, json_t *body)
{
    return with_json(status, "application/json", body);
}

struct fg_http_response *fg_reply_empty(int status)
{
    return fg_http_response_new(status);
}

json_t *fg_json_problems(const struct fg_problems *problems)
{
    json_t *list = json_array();
    for (size_t i = 0; i < problems->count; i++) {
        const struct fg_problem *p = &problems->items[i];
        json_t *o = json_object();
        fg_json_set(o, "pointer", fg_json_text(p->pointer));
        fg_json_set(o, "code", fg_json_text(p->code));
        fg_json_set(o, "message", fg_json_text(p->message));
        fg_json_push(list, o);
    }
    return list;
}

struct fg_http_response *fg_reply_problem_with(int status, const char *code, const char *detail,
                                               const struct fg_problems *problems, json_t *more)
{
    json_t *o = json_object();
    char type[96] = "about:blank";
    if (code) snprintf(type, sizeof type, "urn:fedgate:problem:%s", code);
    fg_json_set(o, "type", json_string(type));
    fg_json_set(o, "title", json_string(fg_http_reason(status)));
    fg_json_set(o, "status", json_integer(status));
    if (code) fg_json_set(o, "code", json_string(code));
    fg_json_set(o, "detail", fg_json_text(detail));
    if (problems) {
        fg_json_set(o, "errors", fg_json_problems(problems));
        if (problems->dropped)
            fg_json_set(o, "errors_left_out", json_integer((json_int_t)problems->dropped));
    }
    if (more) {
        json_object_update(o, more);
        json_decref(more);
    }
    return with_json(status, "application/problem+json", o);
}

struct fg_http_response *fg_reply_problems(int status, const char *code, const char *detail,
                                           const struct fg_problems *problems)
{
    return fg_reply_problem_with(status, code, detail, problems, NULL);
}

struct fg_http_response *fg_reply_problem(int status, const char *code, const char *detail)
{
    return fg_reply_problem_with(status, code, detail, NULL, NULL);
}

struct fg_http_response *fg_reply_errno(int err)
{
    switch (err) {
    case ENOBUFS:
    case EAGAIN:
    case EPIPE: {
        struct fg_http_response *r =
            fg_reply_problem(503, "busy", "The server is busy or stopping; try again.");
        fg_http_response_header(r, "Retry-After", "1");
        return r;
    }
    case ENOSPC:
    case EDQUOT:
        return fg_reply_problem(503, "no_space", "The disk of the data directory is full.");
    case EROFS:
        return fg_reply_problem(503, "read_only",
                                "The data directory cannot be written; nothing was changed. Make "
                                "its file system writable again.");
    case EIO:
        return fg_reply_problem(503, "disk",
                                "The disk of the data directory reports an error; nothing was "
                                "changed. The server's log says more.");
    default:
        return fg_reply_problem(500, "internal",
                                "The server met an inner error; its log says more.");
    }
}

json_t *fg_json_time(int64_t ms)
{
    char text[FG_TIME_TEXT];
    if (ms == 0) return json_null();
    fg_time_format(text, ms);
    return json_string(text);
}

json_t *fg_json_text(const char *s)
{
    if (!s) return json_null();
    json_t *v = json_string(s);
    if (v) return v;
    char quoted[1024];
    return json_string(fg_quotes(quoted, sizeof quoted, s));
}

void fg_json_set(json_t *object, const char *name, json_t *value)
{
    if (object)
        json_object_set_new(object, name, value);
    else
        json_decref(value);
}

void fg_json_push(json_t *array, json_t *value)
{
    if (array)
        json_array_append_new(array, value);
    else
        json_decref(value);
}

void fg_etag(char out[FG_ETAG_MAX], const json_t *body)
{
    uint8_t hash[FG_HASH_LEN] = {0};
    char hex[33];
    free(fg_model_canonical(body, hash));
    fg_hex(hex, hash, 16);
    out[0] = '"';
    memcpy(out + 1, hex, 32);
    memcpy(out + 33, "\"", 2);
}

bool fg_etag_matches(const char *header, const char *etag)
{
    size_t len = strlen(etag);
    for (const char *p = header; *p;) {
        while (*p == ' ' || *p == '\t' || *p == ',') p++;
        if (*p == '*') return true;
        if (strncmp(p, etag, len) == 0 && (!p[len] || p[len] == ',' || p[len] == ' ')) return true;
        /* The next tag: behind this one's closing quote (tags may hold commas). */
        if (strncmp(p, "W/", 2) == 0) p += 2;
        if (*p == '"') {
            p++;
            while (*p && *p != '"') p++;
            if (*p) p++;
        } else {
            while (*p && *p != ',') p++;
        }
    }
    return false;
}

void fg_location(struct fg_http_response *r, const char *path, const char *segment)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    char text[2048];
    int n = snprintf(text, sizeof text, "%s", path);
    size_t used = n < 0 ? 0 : (size_t)n;
    for (; *segment && used + 4 < sizeof text; segment++) {
        if (strchr(plain, *segment))
            text[used++] = *segment;
        else
            used += (size_t)snprintf(text + used, 4, "%%%02X", (unsigned char)*segment);
    }
    text[used] = 0;
    fg_http_response_header(r, "Location", text);
}
