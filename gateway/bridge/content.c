/* See content.h. */
#include "gateway/bridge/content.h"

#include "gateway/base/quote.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

struct view {
    const char *p;
    size_t len;
};

static struct view trim(struct view v)
{
    while (v.len && (*v.p == ' ' || *v.p == '\t')) {
        v.p++;
        v.len--;
    }
    while (v.len && (v.p[v.len - 1] == ' ' || v.p[v.len - 1] == '\t')) v.len--;
    return v;
}

static bool is(struct view v, const char *word)
{
    return v.len == strlen(word) && strncasecmp(v.p, word, v.len) == 0;
}

/* The part up to `separator`; what follows it stays in `*rest`. */
static struct view cut(struct view *rest, char separator)
{
    const char *end = rest->len ? memchr(rest->p, separator, rest->len) : NULL;
    struct view first = {rest->p, end ? (size_t)(end - rest->p) : rest->len};
    size_t skip = first.len + (end != NULL);
    rest->p += skip;
    rest->len -= skip;
    return trim(first);
}

enum charset { UTF8, LATIN1, UNKNOWN_CHARSET };

static enum charset charset_named(struct view name)
{
    if (name.len >= 2 && name.p[0] == '"' && name.p[name.len - 1] == '"')
        name = (struct view){name.p + 1, name.len - 2};
    if (is(name, "utf-8") || is(name, "us-ascii")) return UTF8;
    if (is(name, "iso-8859-1") || is(name, "latin1")) return LATIN1;
    return UNKNOWN_CHARSET;
}

/* The charset parameter; UTF-8 without one (RFC 3261 7.4.1). */
static enum charset charset_of(struct view params)
{
    while (params.len) {
        struct view value = cut(&params, ';');
        struct view name = cut(&value, '=');
        if (is(name, "charset")) return charset_named(trim(value));
    }
    return UTF8;
}

static int add_latin1(struct fg_buf *out, const char *text, size_t len)
{
    int err = 0;
    for (size_t i = 0; i < len && !err; i++) {
        unsigned char c = (unsigned char)text[i];
        char two[2] = {(char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f))};
        err = c < 0x80 ? fg_buf_add(out, &c, 1) : fg_buf_add(out, two, 2);
    }
    return err;
}

/* CRLF and lone CR become LF. */
static int add_lf(struct fg_buf *out, const char *text, size_t len)
{
    int err = 0;
    while (len && !err) {
        const char *cr = memchr(text, '\r', len);
        size_t plain = cr ? (size_t)(cr - text) : len;
        err = fg_buf_add(out, text, plain);
        if (err || !cr) break;
        size_t skip = plain + 1;
        if (skip >= len || text[skip] != '\n') err = fg_buf_add(out, "\n", 1);
        text += skip;
        len -= skip;
    }
    return err;
}

static int add_decoded(struct fg_buf *out, bool html, enum charset charset, const char *body,
                       size_t len)
{
    struct fg_buf utf8, shown;
    fg_buf_init(&utf8, out->max);
    fg_buf_init(&shown, out->max);
    int err = 0;
    if (charset == LATIN1) {
        err = add_latin1(&utf8, body, len);
        body = (const char *)fg_buf_data(&utf8);
        len = fg_buf_len(&utf8);
    }
    if (!err && html) {
        err = fg_html_text(&shown, body, len);
        body = (const char *)fg_buf_data(&shown);
        len = fg_buf_len(&shown);
    }
    if (!err) err = add_lf(out, body, len);
    fg_buf_free(&utf8);
    fg_buf_free(&shown);
    return err;
}

int fg_content_text(struct fg_buf *out, const char *type, size_t type_len, const char *body,
                    size_t body_len, struct fg_wrapper *wrapper)
{
    struct fg_cpim cpim;
    struct view params = trim((struct view){type, type_len});
    struct view media = cut(&params, ';');
    if (is(media, "message/cpim")) {
        int err = fg_cpim_open(&cpim, body, body_len);
        if (err) return err;
        if (wrapper) *wrapper = cpim.wrapper;
        params = trim((struct view){cpim.type, cpim.type_len});
        media = cut(&params, ';');
        body = cpim.content;
        body_len = cpim.content_len;
    }
    bool html = is(media, "text/html");
    if (!html && media.len && !is(media, "text/plain")) return ENOTSUP;
    enum charset charset = charset_of(params);
    if (charset == UNKNOWN_CHARSET) return ENOTSUP;
    return add_decoded(out, html, charset, body, body_len);
}

int fg_content_crlf(struct fg_buf *out, const char *text, size_t len)
{
    int err = 0;
    while (len && !err) {
        const char *lf = memchr(text, '\n', len);
        size_t plain = lf ? (size_t)(lf - text) : len;
        size_t skip = plain + (lf != NULL);
        bool has_cr = plain && text[plain - 1] == '\r';
        err = fg_buf_add(out, text, plain);
        if (!err && lf) err = has_cr ? fg_buf_add(out, "\n", 1) : fg_buf_add(out, "\r\n", 2);
        text += skip;
        len -= skip;
    }
    return err;
}

int fg_content_line(struct fg_buf *out, const char *text, size_t len, size_t max)
{
    struct view v = {text, len};
    while (v.len && (unsigned char)v.p[0] <= ' ') v = (struct view){v.p + 1, v.len - 1};
    while (v.len && (unsigned char)v.p[v.len - 1] <= ' ') v.len--;
    int err = 0;
    for (size_t at = 0; at < v.len && !err;) {
        unsigned cp;
        size_t n = fg_utf8_decode(v.p + at, v.len - at, &cp);
        bool bad = n == 0 || cp < 0x20 || (cp >= 0x7f && cp < 0xa0);
        if (n == 0) n = 1;
        if (at + n > max) break;
        err = bad ? fg_buf_add(out, " ", 1) : fg_buf_add(out, v.p + at, n);
        at += n;
    }
    return err;
}
