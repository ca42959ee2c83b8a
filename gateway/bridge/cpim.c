/* Message/CPIM, RFC 3862: message headers, an empty line, MIME headers, an empty line, content. */
#include "gateway/bridge/content.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

enum { HEADERS_MAX = 64 };

struct reader {
    const char *p;
    size_t len;
};

/* The next line without its end; false when there is none. */
static bool next_line(struct reader *r, struct reader *line)
{
    const char *lf = r->len ? memchr(r->p, '\n', r->len) : NULL;
    if (!lf) return false;
    line->p = r->p;
    line->len = (size_t)(lf - r->p);
    if (line->len && line->p[line->len - 1] == '\r') line->len--;
    size_t skip = (size_t)(lf - r->p) + 1;
    r->p += skip;
    r->len -= skip;
    return true;
}

/* "Name: value"; false when the line is none. */
static bool split(struct reader line, struct reader *name, struct reader *value)
{
    const char *colon = memchr(line.p, ':', line.len);
    if (!colon || colon == line.p) return false;
    *name = (struct reader){line.p, (size_t)(colon - line.p)};
    *value = (struct reader){colon + 1, line.len - name->len - 1};
    while (value->len && (*value->p == ' ' || *value->p == '\t')) {
        value->p++;
        value->len--;
    }
    return true;
}

static bool is(struct reader r, const char *word)
{
    return r.len == strlen(word) && strncasecmp(r.p, word, r.len) == 0;
}

/* "Formal Name <sip:user@host>" to what is between the brackets. */
static int take_from(struct fg_wrapper *w, struct reader value)
{
    const char *open = memrchr(value.p, '<', value.len);
    const char *close = open ? memchr(open, '>', value.len - (size_t)(open - value.p)) : NULL;
    if (!close || w->from) return EINVAL;
    w->from = open + 1;
    w->from_len = (size_t)(close - open - 1);
    return 0;
}

/* Reads header lines up to the empty one. `mime`: the inner ones. */
static int read_headers(struct fg_cpim *c, struct reader *r, bool mime)
{
    struct reader line, name, value;
    for (int i = 0; i < HEADERS_MAX; i++) {
        if (!next_line(r, &line)) return EINVAL;
        if (line.len == 0) return 0;
        /* A folded line continues one we have no use for. */
        if (mime && (line.p[0] == ' ' || line.p[0] == '\t')) continue;
        if (!split(line, &name, &value)) return EINVAL;
        if (mime && is(name, "Content-Type")) {
            c->type = value.p;
            c->type_len = value.len;
        } else if (!mime && is(name, "From")) {
            if (take_from(&c->wrapper, value)) return EINVAL;
        } else if (!mime && is(name, "Subject")) {
            c->wrapper.subject = value.p;
            c->wrapper.subject_len = value.len;
        } else if (!mime && is(name, "Require")) {
            return ENOTSUP; /* whatever it is, showing the message without it is wrong (3.5) */
        }
    }
    return EINVAL;
}

int fg_cpim_open(struct fg_cpim *out, const char *body, size_t len)
{
    struct reader r = {body, len};
    *out = (struct fg_cpim){.type = "", .content = ""};
    int err = read_headers(out, &r, false);
    if (!err) err = read_headers(out, &r, true);
    if (err) return err;
    out->content = r.p;
    out->content_len = r.len;
    return 0;
}
