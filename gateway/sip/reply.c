/* Texts of responses. See stack.h. RFC 3261 8.2.6. */
#include "gateway/sip/stack.h"

#include <errno.h>

const char *fg_sip_reason(int code)
{
    static const struct {
        int code;
        const char *reason;
    } known[] = {
        {200, "OK"},
        {202, "Accepted"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {410, "Gone"},
        {413, "Request Entity Too Large"},
        {414, "Request-URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Unsupported URI Scheme"},
        {420, "Bad Extension"},
        {480, "Temporarily Unavailable"},
        {481, "Call/Transaction Does Not Exist"},
        {482, "Loop Detected"},
        {483, "Too Many Hops"},
        {484, "Address Incomplete"},
        {488, "Not Acceptable Here"},
        {489, "Bad Event"},
        {491, "Request Pending"},
        {493, "Undecipherable"},
        {500, "Server Internal Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {504, "Server Time-out"},
        {505, "Version Not Supported"},
        {513, "Message Too Large"},
        {600, "Busy Everywhere"},
        {603, "Decline"},
        {604, "Does Not Exist Anywhere"},
        {606, "Not Acceptable"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].code == code) return known[i].reason;
    }
    return "Refused";
}

int fg_sip_add_number(struct fg_buf *out, size_t v)
{
    char digits[24], *p = digits + sizeof digits;
    do *--p = (char)('0' + v % 10);
    while (v /= 10);
    return fg_buf_add(out, p, (size_t)(digits + sizeof digits - p));
}

static int add(struct fg_buf *out, struct fg_sip_text t)
{
    return fg_buf_add(out, t.p, t.len);
}

/* The same tag for every answer to one request, also when nothing is remembered of it. */
static int add_tag(struct fg_sip *s, struct fg_buf *out, struct fg_sip_text seed)
{
    char hex[17];
    fg_sip_hex(hex, fg_siphash(s->seed, seed.p, seed.len));
    int err = fg_buf_adds(out, ";tag=");
    return err ? err : fg_buf_add(out, hex, 16);
}

/* The topmost Via: where the request really came from goes into received and rport. */
static int add_top_via(struct fg_buf *out, const struct fg_sip_source *src,
                       const struct fg_sip_parsed *p)
{
    char ip[INET6_ADDRSTRLEN];
    struct fg_sip_text via = p->via[0], rest = via;
    fg_sip_addr_ip(&src->peer, ip);
    int err = fg_buf_adds(out, "Via: ");
    if (!err && p->top.rport) {
        err = fg_buf_add(out, via.p, p->top.rport_end);
        if (!err) err = fg_buf_adds(out, "=");
        if (!err) err = fg_sip_add_number(out, fg_sip_addr_port(&src->peer));
        rest.p += p->top.rport_end;
        rest.len -= p->top.rport_end;
    }
    if (!err) err = add(out, rest);
    if (!err && (p->top.rport || !fg_sip_text_is(p->top.host, ip))) {
        err = fg_buf_adds(out, ";received=");
        if (!err) err = fg_buf_adds(out, ip);
    }
    return err ? err : fg_buf_adds(out, "\r\n");
}

int fg_sip_echo(struct fg_sip *s, struct fg_buf *out, const struct fg_sip_source *src,
                const struct fg_sip_parsed *p)
{
    int err = add_top_via(out, src, p);
    for (size_t i = 1; i < p->n_via && !err; i++) {
        err = fg_buf_adds(out, "Via: ");
        if (!err) err = add(out, p->via[i]);
        if (!err) err = fg_buf_adds(out, "\r\n");
    }
    if (!err) err = fg_buf_adds(out, "From: ");
    if (!err) err = add(out, p->from);
    if (!err) err = fg_buf_adds(out, "\r\nTo: ");
    if (!err) err = add(out, p->to);
    if (!err && p->to_tag.len == 0) err = add_tag(s, out, p->top.branch);
    if (!err) err = fg_buf_adds(out, "\r\nCall-ID: ");
    if (!err) err = add(out, p->m.call_id);
    if (!err) err = fg_buf_adds(out, "\r\nCSeq: ");
    if (!err) err = add(out, p->cseq);
    return err ? err : fg_buf_adds(out, "\r\n");
}

/* One line of plain text; for a quoted string its quotes and backslashes are escaped. */
static int add_line(struct fg_buf *out, const char *text, bool quoted)
{
    int err = 0;
    for (; *text && *text != '\r' && *text != '\n' && !err; text++) {
        unsigned char c = (unsigned char)*text;
        char one[2] = {'\\', c < 0x20 || c == 0x7f ? ' ' : *text};
        bool escape = quoted && (c == '"' || c == '\\');
        err = fg_buf_add(out, escape ? one : one + 1, escape ? 2 : 1);
    }
    return err;
}

static int add_status(struct fg_buf *out, int code, const char *reason)
{
    if (code < 200 || code > 699) code = 500;
    int err = fg_buf_adds(out, "SIP/2.0 ");
    if (!err) err = fg_sip_add_number(out, (size_t)code);
    if (!err) err = fg_buf_adds(out, " ");
    if (!err && reason) err = add_line(out, reason, false);
    if (!err && !reason) err = fg_buf_adds(out, fg_sip_reason(code));
    return err ? err : fg_buf_adds(out, "\r\n");
}

int fg_sip_response(struct fg_buf *out, const struct fg_sip_answer *a, const void *echo,
                    size_t echo_len)
{
    int err = add_status(out, a->code, a->reason);
    if (!err) err = fg_buf_add(out, echo, echo_len);
    if (!err && a->warning) {
        err = fg_buf_adds(out, "Warning: 399 fedgate \"");
        if (!err) err = add_line(out, a->warning, true);
        if (!err) err = fg_buf_adds(out, "\"\r\n");
    }
    if (!err && a->headers) err = fg_buf_adds(out, a->headers);
    return err ? err : fg_buf_adds(out, "Content-Length: 0\r\n\r\n");
}

/* Is there a tag parameter behind the address? The word alone would do for a refusal. */
static bool has_tag(struct fg_sip_text v)
{
    for (size_t i = 0; i + 5 <= v.len; i++) {
        if (v.p[i] == ';' && strncasecmp(v.p + i + 1, "tag=", 4) == 0) return true;
    }
    return false;
}

static int add_raw_lines(struct fg_sip *s, struct fg_buf *out, struct fg_sip_lines it)
{
    unsigned count[FG_SIP_HEADERS] = {0};
    struct fg_sip_line line;
    int err = 0;
    while (!err && fg_sip_lines_next(&it, &line)) {
        enum fg_sip_header id = fg_sip_header_id(line.name);
        if (id > FG_SIP_CSEQ) continue;
        count[id]++;
        struct fg_sip_text body = {line.whole.p, line.whole.len - 2};
        err = add(out, body);
        if (!err && id == FG_SIP_TO && !has_tag(line.value)) err = add_tag(s, out, line.value);
        if (!err) err = fg_buf_adds(out, "\r\n");
    }
    if (err) return err;
    bool whole = count[FG_SIP_VIA] > 0 && count[FG_SIP_VIA] <= FG_SIP_VIAS_MAX &&
                 count[FG_SIP_FROM] == 1 && count[FG_SIP_TO] == 1 && count[FG_SIP_CALL_ID] == 1 &&
                 count[FG_SIP_CSEQ] == 1;
    return whole ? 0 : EBADMSG;
}

int fg_sip_response_raw(struct fg_sip *s, struct fg_buf *out, const char *head, size_t len,
                        int code, const char *reason)
{
    struct fg_sip_lines it;
    struct fg_sip_text start = fg_sip_lines_begin(&it, head, len);
    /* Neither responses nor ACK are ever answered; a NUL or a stray CR would be passed back. */
    if (start.len < 4 || strncasecmp(start.p, "SIP/", 4) == 0) return EBADMSG;
    if (strncmp(start.p, "ACK ", 4) == 0 || memchr(head, 0, len)) return EBADMSG;
    for (const char *p = head; (p = memchr(p, '\r', (size_t)(head + len - p))); p++) {
        if (p + 1 < head + len && p[1] != '\n') return EBADMSG;
    }
    if (!memmem(start.p, start.len, " SIP/", 5)) return EBADMSG;
    int err = add_status(out, code, reason);
    if (!err) err = add_raw_lines(s, out, it);
    return err ? err : fg_buf_adds(out, "Content-Length: 0\r\n\r\n");
}

void fg_sip_reply_to(const struct fg_sip_source *src, const struct fg_sip_parsed *p,
                     union fg_sip_addr *out)
{
    *out = src->peer;
    /* maddr is not followed: answers go to where the request came from. */
    if (!p->top.rport) fg_sip_addr_set_port(out, p->top.port ? p->top.port : 5060);
}

void fg_sip_reply_send(const struct fg_sip_source *src, const union fg_sip_addr *to,
                       const void *data, size_t len)
{
    /* Whom an answer does not reach sends the request again, or gives up. */
    int err = src->flow  ? fg_sip_flow_write(src->flow, data, len)
              : src->udp ? fg_sip_udp_send(src->udp, to, data, len)
                         : ENOTCONN;
    if (!err) return;
    fg_report_event(
        src->sip->report,
        (struct fg_event){.level = FG_DEBUG, .component = "sip", .code = "answer_not_sent"},
        "An answer could not be sent: %s", strerror(err));
}
