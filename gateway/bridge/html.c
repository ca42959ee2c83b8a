/* The text an HTML fragment shows. Not a browser: tags end, entities are decoded, line breaks come
 * from <br> and block elements, white space is collapsed. One pass, no recursion. */
#include "gateway/bridge/content.h"

#include <string.h>
#include <strings.h>

struct html {
    struct fg_buf *out;
    const char *at, *end;
    bool space;   /* white space seen since the last text */
    bool any;     /* something was written on this line */
    bool started; /* something was written at all */
    bool no_more; /* no '>' is left, so that nobody looks for one again */
};

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static int put(struct html *h, const char *text, size_t len)
{
    if (h->space && h->any && fg_buf_add(h->out, " ", 1)) return 1;
    h->space = false;
    h->any = h->started = true;
    return fg_buf_add(h->out, text, len);
}

static int line(struct html *h)
{
    h->space = h->any = false;
    return h->started ? fg_buf_add(h->out, "\n", 1) : 0;
}

/* A block begins on a line of its own, but does not add a second break. */
static int block(struct html *h)
{
    return h->any ? line(h) : 0;
}

static int put_code_point(struct html *h, unsigned long cp)
{
    char u[4];
    if (cp == 0 || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000)) cp = 0xfffd;
    if (cp < 0x80) {
        u[0] = (char)cp;
        return put(h, u, 1);
    }
    if (cp < 0x800) {
        u[0] = (char)(0xc0 | cp >> 6);
        u[1] = (char)(0x80 | (cp & 0x3f));
        return put(h, u, 2);
    }
    if (cp < 0x10000) {
        u[0] = (char)(0xe0 | cp >> 12);
        u[1] = (char)(0x80 | (cp >> 6 & 0x3f));
        u[2] = (char)(0x80 | (cp & 0x3f));
        return put(h, u, 3);
    }
    u[0] = (char)(0xf0 | cp >> 18);
    u[1] = (char)(0x80 | (cp >> 12 & 0x3f));
    u[2] = (char)(0x80 | (cp >> 6 & 0x3f));
    u[3] = (char)(0x80 | (cp & 0x3f));
    return put(h, u, 4);
}

/* Reads the number of "#123" or "#x1F"; beyond Unicode it is pinned, the caller replaces it. */
static unsigned long number(const char *p, const char *end)
{
    unsigned base = 10;
    if (p < end && (*p == 'x' || *p == 'X')) {
        base = 16;
        p++;
    }
    unsigned long v = 0;
    for (; p < end; p++) {
        unsigned digit = *p >= '0' && *p <= '9'   ? (unsigned)(*p - '0')
                         : *p >= 'a' && *p <= 'f' ? (unsigned)(*p - 'a' + 10)
                         : *p >= 'A' && *p <= 'F' ? (unsigned)(*p - 'A' + 10)
                                                  : 99;
        if (digit >= base) return 0;
        v = v * base + digit;
        if (v > 0x110000) v = 0x110000;
    }
    return v;
}

/* At '&': a known entity is decoded, anything else is shown as it is. */
static int entity(struct html *h)
{
    static const struct {
        const char *name;
        unsigned cp;
    } known[] = {{"amp", '&'},  {"lt", '<'},    {"gt", '>'},
                 {"quot", '"'}, {"apos", '\''}, {"nbsp", ' '}};
    size_t left = (size_t)(h->end - h->at);
    const char *semi = memchr(h->at, ';', left < 12 ? left : 12);
    const char *name = h->at + 1;
    if (!semi || semi == name) {
        h->at++;
        return put(h, "&", 1);
    }
    size_t len = (size_t)(semi - name);
    if (name[0] == '#') {
        h->at = semi + 1;
        return put_code_point(h, number(name + 1, semi));
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strlen(known[i].name) != len || memcmp(known[i].name, name, len) != 0) continue;
        h->at = semi + 1;
        return put_code_point(h, known[i].cp);
    }
    h->at++;
    return put(h, "&", 1);
}

static bool named(const char *name, size_t len, const char *const *names)
{
    for (; *names; names++)
        if (strlen(*names) == len && strncasecmp(*names, name, len) == 0) return true;
    return false;
}

/* Skips to behind "</NAME>", or to the end. */
static void skip_element(struct html *h, const char *name, size_t len)
{
    for (; h->end - h->at > (ptrdiff_t)len + 2; h->at++)
        if (h->at[0] == '<' && h->at[1] == '/' && strncasecmp(h->at + 2, name, len) == 0) {
            const char *close = memchr(h->at, '>', (size_t)(h->end - h->at));
            h->at = close ? close + 1 : h->end;
            return;
        }
    h->at = h->end;
}

/* At '<': true when it was a tag or comment, which is then behind us. */
static int tag(struct html *h)
{
    static const char *const blocks[] = {"p",     "div",        "li",  "ul", "ol", "tr",
                                         "table", "h1",         "h2",  "h3", "h4", "h5",
                                         "h6",    "blockquote", "pre", NULL};
    static const char *const hidden[] = {"script", "style", "head", "title", NULL};
    const char *close = h->no_more ? NULL : memchr(h->at, '>', (size_t)(h->end - h->at));
    h->no_more = !close;
    const char *name = h->at + 1;
    bool closing = name < h->end && *name == '/';
    name += closing;
    bool letter =
        name < h->end && ((*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z'));
    bool declaration = name < h->end && (*name == '!' || *name == '?');
    if (!close || (!letter && !declaration)) {
        h->at++;
        return put(h, "<", 1);
    }
    if (h->end - h->at >= 4 && memcmp(h->at, "<!--", 4) == 0) {
        const char *over = memmem(h->at + 4, (size_t)(h->end - h->at - 4), "-->", 3);
        h->at = over ? over + 3 : h->end;
        return 0;
    }
    size_t len = 0;
    while (name + len < close && !blank(name[len]) && name[len] != '/') len++;
    h->at = close + 1;
    if (!closing && named(name, len, hidden)) {
        skip_element(h, name, len);
        return 0;
    }
    if (len == 2 && strncasecmp(name, "br", 2) == 0) return line(h);
    return named(name, len, blocks) ? block(h) : 0;
}

int fg_html_text(struct fg_buf *out, const char *html, size_t len)
{
    struct html h = {.out = out, .at = html, .end = html + len};
    int err = 0;
    while (h.at < h.end && !err) {
        if (*h.at == '<') {
            err = tag(&h);
        } else if (*h.at == '&') {
            err = entity(&h);
        } else if (blank(*h.at)) {
            h.space = true;
            h.at++;
        } else {
            const char *from = h.at;
            while (h.at < h.end && *h.at != '<' && *h.at != '&' && !blank(*h.at)) h.at++;
            err = put(&h, from, (size_t)(h.at - from));
        }
    }
    while (!err && out->len && fg_buf_data(out)[out->len - 1] == '\n')
        fg_buf_truncate(out, out->len - 1);
    return err;
}
