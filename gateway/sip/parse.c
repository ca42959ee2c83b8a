/* See parse.h. libre's decoder accepts nearly everything, so what RFC 3261 8.1.1 demands is checked
 * on its result; the URI parser lets through blanks and ports over 65535. */
#include "gateway/sip/parse.h"

#include <errno.h>
#include <re.h>

int fg_sip_parser_init(struct fg_sip_parser *ps)
{
    /* Without mbuf's own destructor: the memory behind the view is never libre's. */
    ps->view = mem_zalloc(sizeof *ps->view, NULL);
    return ps->view ? 0 : ENOMEM;
}

void fg_sip_parser_free(struct fg_sip_parser *ps)
{
    ps->view = mem_deref(ps->view);
}

static struct fg_sip_text text(struct pl pl)
{
    return (struct fg_sip_text){pl.p ? pl.p : "", pl.p ? pl.l : 0};
}

/* A parameter in a list that begins with a semicolon: its value, and where its name ends. */
static bool param(struct pl params, const char *name, struct fg_sip_text *value,
                  const char **name_end)
{
    const char *p = params.p, *end = params.p + params.l;
    *value = (struct fg_sip_text){"", 0};
    while (params.l && (p = memchr(p, ';', (size_t)(end - p)))) {
        const char *start = p + 1;
        while (start < end && fg_sip_is_space(*start)) start++;
        p = start;
        while (p < end && *p != ';' && *p != '=' && !fg_sip_is_space(*p)) p++;
        bool found = fg_sip_text_like((struct fg_sip_text){start, (size_t)(p - start)}, name);
        if (found) *name_end = p;
        while (p < end && fg_sip_is_space(*p)) p++;
        const char *v = p < end && *p == '=' ? ++p : p;
        if (p < end && *v == '"')
            while (++p < end && *p != '"') p += *p == '\\';
        while (p < end && *p != ';') p++;
        if (p > end) p = end;
        if (found) *value = fg_sip_text_trim((struct fg_sip_text){v, (size_t)(p - v)});
        if (found) return true;
    }
    return false;
}

/* No blank or control character: such a URI would change the line it is written into. */
static bool plain(struct pl pl)
{
    for (size_t i = 0; i < pl.l; i++) {
        unsigned char c = (unsigned char)pl.p[i];
        if (c <= 0x20 || c == 0x7f || c == '<' || c == '>' || c == '"') return false;
    }
    return true;
}

static bool port_in_order(struct pl uri, const struct uri *u)
{
    const char *p = u->host.p + u->host.l, *end = uri.p + uri.l;
    if (p < end && *p == ']') p++;
    if (p >= end || *p != ':') return true;
    const char *digits = ++p;
    while (p < end && *p >= '0' && *p <= '9') p++;
    uint64_t v;
    return fg_sip_text_number((struct fg_sip_text){digits, (size_t)(p - digits)}, 65535, &v) == 0;
}

static bool take_uri(struct pl raw, const struct uri *u, struct fg_sip_uri *out)
{
    *out = (struct fg_sip_uri){.scheme = text(u->scheme),
                               .user = text(u->user),
                               .password = text(u->password),
                               .host = text(u->host),
                               .port = u->port,
                               .params = text(u->params)};
    const char *name_end;
    out->has_gr = param(u->params, "gr", &out->gr, &name_end);
    bool sip = fg_sip_text_like(out->scheme, "sip") || fg_sip_text_like(out->scheme, "sips");
    if (!plain(raw) || out->host.len == 0) return false;
    return !sip || port_in_order(raw, u);
}

static bool word(struct fg_sip_text t)
{
    for (size_t i = 0; i < t.len; i++) {
        if ((unsigned char)t.p[i] <= 0x20 || (unsigned char)t.p[i] == 0x7f) return false;
    }
    return t.len > 0;
}

static bool token(struct fg_sip_text t)
{
    for (size_t i = 0; i < t.len; i++) {
        unsigned char c = (unsigned char)t.p[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alnum && !memchr("-.!%*_+`'~", c, 10)) return false;
    }
    return t.len > 0;
}

/* "number LWS method" and nothing else. */
static bool take_cseq(struct fg_sip_text v, struct fg_sip_parsed *out)
{
    size_t n = 0;
    while (n < v.len && v.p[n] >= '0' && v.p[n] <= '9') n++;
    uint64_t number;
    if (fg_sip_text_number((struct fg_sip_text){v.p, n}, INT32_MAX, &number) != 0) return false;
    if (n == v.len || !fg_sip_is_space(v.p[n])) return false;
    out->cseq = v;
    out->cseq_method = fg_sip_text_trim((struct fg_sip_text){v.p + n, v.len - n});
    return token(out->cseq_method);
}

static bool take_vias(const struct sip_msg *msg, struct fg_sip_parsed *out)
{
    for (struct le *le = list_head(&msg->hdrl); le; le = le->next) {
        const struct sip_hdr *h = le->data;
        if (h->id != SIP_HDR_VIA) continue;
        if (out->n_via == FG_SIP_VIAS_MAX) return false;
        out->via[out->n_via++] = text(h->val);
    }
    const struct sip_via *v = &msg->via;
    struct pl port = pl_null, host = pl_null;
    if (out->n_via == 0 || !pl_isset(&v->sentby)) return false;
    if (uri_decode_hostport(&v->sentby, &host, &port) != 0) return false;
    uint64_t number = 0;
    if (port.l && fg_sip_text_number(text(port), 65535, &number) != 0) return false;
    out->top.sent_by = text(v->sentby);
    out->top.host = text(host);
    out->top.port = (uint16_t)number;
    out->top.branch = text(v->branch);
    struct fg_sip_text value;
    const char *name_end;
    if (param(v->params, "rport", &value, &name_end) && value.len == 0) {
        out->top.rport = true;
        out->top.rport_end = (size_t)(name_end - out->via[0].p);
    }
    return word(out->top.branch) && word(out->top.sent_by);
}

static struct fg_sip_text header(const struct sip_msg *msg, enum sip_hdrid id)
{
    const struct sip_hdr *h = sip_msg_hdr(msg, id);
    return h ? text(h->val) : (struct fg_sip_text){"", 0};
}

static void take_requires(const struct sip_msg *msg, struct fg_sip_parsed *out)
{
    for (struct le *le = list_head(&msg->hdrl); le; le = le->next) {
        const struct sip_hdr *h = le->data;
        if (h->id != SIP_HDR_REQUIRE || out->n_require == FG_SIP_REQUIRES_MAX) continue;
        out->require[out->n_require++] = text(h->val);
    }
}

static const char *check_common(const struct sip_msg *msg, const struct fg_sip_scan *scan,
                                struct fg_sip_parsed *out)
{
    if (scan->count[FG_SIP_FROM] != 1) return "Exactly one From is needed";
    if (scan->count[FG_SIP_TO] != 1) return "Exactly one To is needed";
    if (scan->count[FG_SIP_CALL_ID] != 1) return "Exactly one Call-ID is needed";
    if (scan->count[FG_SIP_CSEQ] != 1) return "Exactly one CSeq is needed";
    if (scan->count[FG_SIP_VIA] == 0) return "Via is missing";
    if (!take_vias(msg, out)) return "Bad Via";
    if (!take_cseq(header(msg, SIP_HDR_CSEQ), out)) return "Bad CSeq";
    out->m.call_id = text(msg->callid);
    if (!word(out->m.call_id) || out->m.call_id.len > FG_SIP_CALL_ID_MAX) return "Bad Call-ID";
    if (!take_uri(msg->from.auri, &msg->from.uri, &out->m.from)) return "Bad From";
    if (!take_uri(msg->to.auri, &msg->to.uri, &out->m.to)) return "Bad To";
    out->from = text(msg->from.val);
    out->to = text(msg->to.val);
    out->from_tag = text(msg->from.tag);
    out->to_tag = text(msg->to.tag);
    if (!word(out->from_tag)) return "From has no tag";
    if (out->to_tag.len && !word(out->to_tag)) return "Bad To";
    return NULL;
}

static const char *check_request(const struct sip_msg *msg, const struct fg_sip_scan *scan,
                                 struct fg_sip_parsed *out)
{
    struct fg_sip_message *m = &out->m;
    m->method = text(msg->met);
    if (!token(m->method)) return "Bad method";
    if (out->cseq_method.len != m->method.len ||
        memcmp(out->cseq_method.p, m->method.p, m->method.len) != 0)
        return "CSeq and request name different methods";
    if (out->top.branch.len <= 7 || strncasecmp(out->top.branch.p, "z9hG4bK", 7) != 0)
        return "Via branch is missing";
    if (!take_uri(msg->ruri, &msg->uri, &m->ruri)) return "Bad Request-URI";
    m->max_forwards = 70; /* RFC 3261 16.3: one that is missing is no fault */
    uint64_t v;
    if (scan->count[FG_SIP_MAX_FORWARDS] > 1) return "Two Max-Forwards";
    if (scan->count[FG_SIP_MAX_FORWARDS] == 1) {
        if (fg_sip_text_number(fg_sip_text_trim(text(msg->maxfwd)), 255, &v) != 0)
            return "Bad Max-Forwards";
        m->max_forwards = (unsigned)v;
    }
    if (scan->count[FG_SIP_CONTENT_TYPE] > 1) return "Two Content-Type";
    m->content_type = header(msg, SIP_HDR_CONTENT_TYPE);
    m->content_language = header(msg, SIP_HDR_CONTENT_LANGUAGE);
    m->subject = header(msg, SIP_HDR_SUBJECT);
    take_requires(msg, out);
    out->content_encoding = header(msg, SIP_HDR_CONTENT_ENCODING);
    out->has_password = m->ruri.password.len || m->from.password.len || m->to.password.len;
    return NULL;
}

static const char *check_response(const struct sip_msg *msg, struct fg_sip_parsed *out)
{
    if (msg->scode < 100 || msg->scode > 699) return "Bad status";
    if (out->n_via != 1) return "A response for somebody else";
    out->status = msg->scode;
    out->reason = text(msg->reason);
    const struct sip_hdr *contact = sip_msg_hdr(msg, SIP_HDR_CONTACT);
    struct sip_addr addr;
    if (contact && sip_addr_decode(&addr, &contact->val) == 0 && plain(addr.auri))
        out->contact = text(addr.auri);
    return NULL;
}

/* libre only says no. The start line says why when it is another version or kind of URI. */
static int refusal(const char *data, size_t head, const char **why)
{
    struct fg_sip_lines it;
    struct fg_sip_text line = fg_sip_lines_begin(&it, data, head);
    const char *sp = memchr(line.p, ' ', line.len);
    *why = "Malformed";
    if (!sp) return 400;
    const char *uri = sp + 1, *end = line.p + line.len;
    const char *sp2 = memchr(uri, ' ', (size_t)(end - uri));
    if (!sp2 || sp2 == uri) return 400;
    struct fg_sip_text version = {sp2 + 1, (size_t)(end - sp2 - 1)};
    if (version.len > 4 && strncasecmp(version.p, "SIP/", 4) == 0 &&
        !fg_sip_text_like(version, "SIP/2.0") && !memchr(version.p, ' ', version.len)) {
        *why = "Version Not Supported";
        return 505;
    }
    const char *colon = memchr(uri, ':', (size_t)(sp2 - uri));
    struct fg_sip_text scheme = {uri, colon ? (size_t)(colon - uri) : 0};
    if (colon && token(scheme) && !fg_sip_text_like(scheme, "sip") &&
        !fg_sip_text_like(scheme, "sips")) {
        *why = "Unsupported URI Scheme";
        return 416;
    }
    return 400;
}

int fg_sip_parse(struct fg_sip_parser *ps, char *data, size_t head, size_t body,
                 const struct fg_sip_scan *scan, struct fg_sip_parsed *out, const char **why)
{
    memset(out, 0, offsetof(struct fg_sip_parsed, via));
    out->n_via = 0;
    memset(&out->top, 0, sizeof out->top);
    out->contact = (struct fg_sip_text){"", 0};
    *why = scan->fault;
    if (scan->fault) return 400;

    struct sip_msg *msg = NULL;
    *ps->view = (struct mbuf){.buf = (uint8_t *)data, .size = head, .end = head};
    int code = 0;
    if (sip_msg_decode(&msg, ps->view) != 0 || ps->view->pos != head) {
        code = refusal(data, head, why);
        goto out;
    }
    /* libre is not exact about what begins a response ("SIP/2>0"); everybody else here is. */
    if (msg->req == fg_sip_is_response(data, head)) {
        *why = "Malformed";
        code = 400;
        goto out;
    }
    out->request = msg->req;
    *why = check_common(msg, scan, out);
    if (!*why) *why = out->request ? check_request(msg, scan, out) : check_response(msg, out);
    if (*why) code = 400;
    out->m.body = (struct fg_sip_text){data + head, body};
out:
    mem_deref(msg);
    return code;
}

static void move(struct fg_sip_text *t, const char *from, const char *to)
{
    if (t->len) t->p = to + (t->p - from);
}

static void move_uri(struct fg_sip_uri *u, const char *from, const char *to)
{
    struct fg_sip_text *const parts[] = {&u->scheme, &u->user,   &u->password,
                                         &u->host,   &u->params, &u->gr};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) move(parts[i], from, to);
}

void fg_sip_message_rebase(struct fg_sip_message *m, const char *from, const char *to)
{
    move(&m->method, from, to);
    move_uri(&m->ruri, from, to);
    move_uri(&m->from, from, to);
    move_uri(&m->to, from, to);
    move(&m->call_id, from, to);
    move(&m->content_type, from, to);
    move(&m->content_language, from, to);
    move(&m->subject, from, to);
    move(&m->body, from, to);
}
