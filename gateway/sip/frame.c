/* See frame.h. */
#include "gateway/sip/frame.h"

#include <errno.h>

int fg_sip_text_number(struct fg_sip_text t, uint64_t max, uint64_t *out)
{
    if (t.len == 0 || t.len > 19) return EBADMSG;
    uint64_t v = 0;
    for (size_t i = 0; i < t.len; i++) {
        if (t.p[i] < '0' || t.p[i] > '9') return EBADMSG;
        v = v * 10 + (uint64_t)(t.p[i] - '0');
    }
    if (v > max) return EBADMSG;
    *out = v;
    return 0;
}

/* The end of the line at `p` (its CR), or NULL. */
static const char *line_end(const char *p, const char *end)
{
    const char *lf = memchr(p, '\n', (size_t)(end - p));
    return lf && lf > p && lf[-1] == '\r' ? lf - 1 : NULL;
}

struct fg_sip_text fg_sip_lines_begin(struct fg_sip_lines *it, const char *head, size_t len)
{
    *it = (struct fg_sip_lines){head, head + len};
    const char *cr = len ? line_end(head, it->end) : NULL;
    if (!cr) return (struct fg_sip_text){head, 0};
    it->p = cr + 2;
    return (struct fg_sip_text){head, (size_t)(cr - head)};
}

bool fg_sip_lines_next(struct fg_sip_lines *it, struct fg_sip_line *out)
{
    if (it->p >= it->end) return false;
    const char *cr = line_end(it->p, it->end);
    if (!cr || cr == it->p) return false;
    const char *colon = memchr(it->p, ':', (size_t)(cr - it->p));
    if (!colon) return false;
    out->whole = (struct fg_sip_text){it->p, (size_t)(cr + 2 - it->p)};
    out->name = (struct fg_sip_text){it->p, (size_t)(colon - it->p)};
    out->name = fg_sip_text_trim(out->name);
    out->value = (struct fg_sip_text){colon + 1, (size_t)(cr - colon - 1)};
    out->value = fg_sip_text_trim(out->value);
    it->p = cr + 2;
    return true;
}

enum fg_sip_header fg_sip_header_id(struct fg_sip_text name)
{
    static const struct {
        const char *name;
        char compact;
        enum fg_sip_header id;
    } known[] = {
        {"Via", 'v', FG_SIP_VIA},
        {"From", 'f', FG_SIP_FROM},
        {"To", 't', FG_SIP_TO},
        {"Call-ID", 'i', FG_SIP_CALL_ID},
        {"CSeq", 0, FG_SIP_CSEQ},
        {"Max-Forwards", 0, FG_SIP_MAX_FORWARDS},
        {"Content-Length", 'l', FG_SIP_CONTENT_LENGTH},
        {"Content-Type", 'c', FG_SIP_CONTENT_TYPE},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (name.len == 1 && known[i].compact && (name.p[0] | 0x20) == known[i].compact)
            return known[i].id;
        if (fg_sip_text_like(name, known[i].name)) return known[i].id;
    }
    return FG_SIP_HEADERS;
}

/* Every CR before an LF and every LF behind a CR; then folds become blanks. */
static const char *check_lines(char *head, size_t len)
{
    if (memchr(head, 0, len)) return "NUL in the header";
    for (char *p = head, *end = head + len; p < end; p++) {
        p = memchr(p, '\r', (size_t)(end - p));
        if (!p) break;
        if (p + 1 == end || p[1] != '\n') return "Bare CR in the header";
    }
    for (char *p = head, *end = head + len; p < end; p++) {
        p = memchr(p, '\n', (size_t)(end - p));
        if (!p) break;
        if (p == head || p[-1] != '\r') return "Bare LF in the header";
        if (p + 1 < end && fg_sip_is_space(p[1])) p[-1] = p[0] = ' ';
    }
    return NULL;
}

static const char *count_line(const struct fg_sip_line *line, struct fg_sip_scan *out)
{
    enum fg_sip_header id = fg_sip_header_id(line->name);
    if (id == FG_SIP_HEADERS) return line->name.len ? NULL : "Header line without name";
    out->count[id]++;
    if (id != FG_SIP_CONTENT_LENGTH) return NULL;
    uint64_t v = 0;
    if (fg_sip_text_number(line->value, UINT32_MAX, &v) != 0) return "Bad Content-Length";
    out->content_length = (size_t)v;
    return NULL;
}

void fg_sip_scan(char *head, size_t len, struct fg_sip_scan *out)
{
    *out = (struct fg_sip_scan){.fault = check_lines(head, len)};
    if (out->fault) return;
    struct fg_sip_lines it;
    struct fg_sip_line line;
    if (fg_sip_lines_begin(&it, head, len).len == 0) {
        out->fault = "No start line";
        return;
    }
    unsigned lines = 0;
    while (!out->fault && fg_sip_lines_next(&it, &line)) {
        if (++lines > FG_SIP_LINES_MAX)
            out->fault = "Too many header lines";
        else
            out->fault = count_line(&line, out);
    }
    /* Lines end at the empty one, which is the last thing in the header, or at one without colon.
     */
    if (!out->fault && it.end - it.p != 2) out->fault = "Header line without colon";
    if (!out->fault && out->count[FG_SIP_CONTENT_LENGTH] > 1) out->fault = "Two Content-Length";
}

/* What stands between messages. True when `out` is decided. */
static bool between(const char *data, size_t len, struct fg_sip_frame *out)
{
    static const char ping[4] = {'\r', '\n', '\r', '\n'};
    if (len < sizeof ping && memcmp(data, ping, len) == 0) {
        out->idle = true;
        return true;
    }
    if (data[0] != '\r') return false;
    if (len >= sizeof ping && memcmp(data, ping, sizeof ping) == 0) {
        out->kind = FG_SIP_FRAME_PING;
        out->head = sizeof ping;
        return true;
    }
    if (data[1] != '\n') return false;
    out->kind = FG_SIP_FRAME_SKIP;
    out->head = 2;
    return true;
}

static void bad(struct fg_sip_frame *out, int code, const char *fault, size_t head)
{
    out->kind = FG_SIP_FRAME_BAD;
    out->code = code;
    out->fault = fault;
    out->head = head;
}

/* Finds the end of the header. True when it is known. */
static bool find_head(struct fg_sip_framer *f, char *data, size_t len, struct fg_sip_frame *out)
{
    size_t limit = len < FG_SIP_HEADER_MAX ? len : FG_SIP_HEADER_MAX;
    size_t from = f->scanned > 3 ? f->scanned - 3 : 0;
    const char *end = from < limit ? memmem(data + from, limit - from, "\r\n\r\n", 4) : NULL;
    if (!end) {
        f->scanned = limit;
        if (len >= FG_SIP_HEADER_MAX) bad(out, 513, "Header too large", limit);
        return false;
    }
    f->head = (size_t)(end - data) + 4;
    fg_sip_scan(data, f->head, &f->scan);
    return true;
}

void fg_sip_frame_next(struct fg_sip_framer *f, char *data, size_t len, struct fg_sip_frame *out)
{
    *out = (struct fg_sip_frame){.kind = FG_SIP_FRAME_MORE};
    if (f->scanned == 0 && f->head == 0 && between(data, len, out)) return;
    if (f->head == 0 && !find_head(f, data, len, out)) return;
    const struct fg_sip_scan *scan = &f->scan;
    out->scan = *scan;
    if (scan->fault) {
        bad(out, 400, scan->fault, f->head);
    } else if (scan->count[FG_SIP_CONTENT_LENGTH] != 1) {
        bad(out, 400, "Missing Content-Length", f->head);
    } else if (scan->content_length > FG_SIP_BODY_MAX) {
        bad(out, 513, "Body too large", f->head);
    } else if (len - f->head >= scan->content_length) {
        out->kind = FG_SIP_FRAME_MESSAGE;
        out->head = f->head;
        out->body = scan->content_length;
        *f = (struct fg_sip_framer){0};
    }
}
