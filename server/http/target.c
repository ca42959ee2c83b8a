/* Takes a request target apart: the path is split before it is decoded, so that an escaped slash
 * stays inside its segment, and each piece is decoded exactly once (RFC 3986 section 2.4). */
#include "server/http/internal.h"

#include "gateway/base/quote.h"

#include <errno.h>
#include <string.h>

enum { SEGMENTS_MAX = 64, PARAMS_MAX = 256 };

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool is_utf8(const char *s, size_t len)
{
    while (len) {
        unsigned cp;
        size_t n = fg_utf8_decode(s, len, &cp);
        if (n == 0) return false;
        s += n;
        len -= n;
    }
    return true;
}

/* Decodes `len` bytes into the arena. */
static int decode(struct fg_arena *a, const char *s, size_t len, bool form, const char **out,
                  const char **why)
{
    char *to = fg_arena_alloc(a, len + 1);
    if (!to) return ENOMEM;
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        char c = s[i];
        if (form && c == '+') c = ' ';
        if (c == '%') {
            int high = i + 2 < len ? hex_digit(s[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(s[i + 2]) : -1;
            if (low < 0) {
                *why = "The address has a \"%\" that is not followed by two hexadecimal digits.";
                return EINVAL;
            }
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0') {
            *why = "The address contains a NUL character.";
            return EINVAL;
        }
        to[n++] = c;
    }
    to[n] = '\0';
    *out = to;
    if (is_utf8(to, n)) return 0;
    *why = "The address is not UTF-8.";
    return EINVAL;
}

static size_t count_char(const char *s, char c)
{
    size_t n = 0;
    for (; *s; s++) n += *s == c;
    return n;
}

static int parse_path(struct fg_arena *a, struct fg_http_target *t, const char **why)
{
    size_t room = count_char(t->path, '/');
    if (room > SEGMENTS_MAX) {
        *why = "The path has too many segments.";
        return EINVAL;
    }
    const char **segments = fg_arena_alloc(a, (room + 1) * sizeof *segments);
    if (!segments) return ENOMEM;
    t->segments = segments;
    if (!strcmp(t->path, "/") || *t->path != '/') return 0;
    for (const char *p = t->path; *p;) {
        p++; /* the slash */
        size_t len = strcspn(p, "/");
        int err = decode(a, p, len, false, &segments[t->n_segments], why);
        if (err) return err;
        t->n_segments++;
        p += len;
    }
    return 0;
}

static int parse_query(struct fg_arena *a, const char *query, struct fg_http_target *t,
                       const char **why)
{
    size_t room = count_char(query, '&') + 1;
    if (room > PARAMS_MAX) {
        *why = "The query has too many parameters.";
        return EINVAL;
    }
    struct fg_http_param *params = fg_arena_alloc(a, room * sizeof *params);
    if (!params) return ENOMEM;
    t->params = params;
    while (*query) {
        size_t len = strcspn(query, "&");
        const char *equal = memchr(query, '=', len);
        size_t name = equal ? (size_t)(equal - query) : len;
        size_t value = equal ? len - name - 1 : 0;
        if (len) {
            struct fg_http_param *p = &params[t->n_params];
            int err = decode(a, query, name, true, &p->name, why);
            if (!err) err = decode(a, equal ? equal + 1 : "", value, true, &p->value, why);
            if (err) return err;
            t->n_params++;
        }
        query += len + (query[len] == '&');
    }
    return 0;
}

/* "https://host/path" becomes "/path" (RFC 9112 section 3.2.2). NULL: no form that we serve. */
static const char *origin_form(const char *raw)
{
    if (*raw == '/' || !strcmp(raw, "*")) return raw;
    const char *rest = strstr(raw, "://");
    if (!rest || (strncasecmp(raw, "http://", 7) && strncasecmp(raw, "https://", 8))) return NULL;
    rest += 3;
    rest += strcspn(rest, "/?#");
    return *rest ? rest : "/";
}

int fg_http_target_parse(struct fg_arena *a, const char *raw, struct fg_http_target *out,
                         const char **why)
{
    *out = (struct fg_http_target){.path = "/"};
    const char *from = origin_form(raw);
    if (!from || strchr(from, '#')) {
        *why = "The request target is neither a path nor an http address.";
        return EINVAL;
    }
    size_t len = strcspn(from, "?");
    const char *path = len ? fg_arena_strndup(a, from, len) : "/";
    if (!path) return ENOMEM;
    out->path = path;
    int err = parse_path(a, out, why);
    if (!err && from[len] == '?') err = parse_query(a, from + len + 1, out, why);
    return err;
}
