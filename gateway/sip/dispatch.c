/* What to do with a message: whom we listen to, which requests the stack answers by itself, and
 * which go to the receiver. See stack.h. Order of the checks: trust first, then RFC 3261 8.2. */
#include "gateway/address.h"
#include "gateway/base/quote.h"
#include "gateway/sip/stack.h"

#include <errno.h>
#include <stdio.h>

/* Events about strangers in one second; the rest is only counted. */
enum { STRANGER_EVENTS = 10 };

#define ALLOW "Allow: MESSAGE, OPTIONS\r\n"

void fg_sip_source_text(const struct fg_sip_source *src, char out[FG_ADDR_TEXT + 8])
{
    char text[FG_ADDR_TEXT];
    union fg_sip_addr plain = src->peer;
    fg_sip_addr_for(&plain, AF_INET);
    snprintf(out, FG_ADDR_TEXT + 8, "%s %s", fg_transport_name(src->transport),
             fg_addr_text(text, &plain.sa));
}

static void report_stranger(struct fg_sip_source *src, struct fg_sip_text from, const char *what)
{
    struct fg_sip *s = src->sip;
    char where[FG_ADDR_TEXT + 8], quoted[256];
    int64_t second = fg_sip_now() / 1000;
    if (second != s->events_second) s->events = 0;
    s->events_second = second;
    if (s->events++ >= STRANGER_EVENTS) return;
    fg_sip_source_text(src, where);
    fg_quote(quoted, sizeof quoted, from.p, from.len);
    fg_report_event(s->report,
                    (struct fg_event){.level = FG_WARNING,
                                      .component = "sip",
                                      .code = "sip_not_trusted",
                                      .failure = FG_FAIL_SIP_NOT_TRUSTED},
                    "Request from %s refused: %s%s", where, what, from.len ? quoted : "");
}

void fg_sip_refuse_raw(struct fg_sip_source *src, const char *head, size_t len, int code,
                       const char *reason)
{
    struct fg_sip *s = src->sip;
    s->counters.refused++;
    if (!src->trusted) {
        /* A stranger is told one thing only, whatever it did. */
        report_stranger(src, (struct fg_sip_text){"", 0}, "no front end of ours");
        code = 403;
        reason = NULL;
    }
    fg_buf_reset(&s->out);
    if (fg_sip_response_raw(s, &s->out, head, len, code, reason) != 0) return;
    fg_sip_reply_send(src, &src->peer, fg_buf_data(&s->out), fg_buf_len(&s->out));
}

/* Answers without remembering: the same request gets the same answer again. */
static void answer(struct fg_sip_source *src, const struct fg_sip_parsed *p,
                   const struct fg_sip_answer *a)
{
    struct fg_sip *s = src->sip;
    union fg_sip_addr to;
    fg_buf_reset(&s->draft);
    fg_buf_reset(&s->out);
    fg_sip_reply_to(src, p, &to);
    if (fg_sip_echo(s, &s->draft, src, p) != 0) return;
    if (fg_sip_response(&s->out, a, fg_buf_data(&s->draft), fg_buf_len(&s->draft)) != 0) return;
    fg_sip_reply_send(src, &to, fg_buf_data(&s->out), fg_buf_len(&s->out));
}

static void refuse(struct fg_sip_source *src, const struct fg_sip_parsed *p,
                   const struct fg_sip_key *key, const struct fg_sip_answer *a)
{
    src->sip->counters.refused++;
    if (fg_sip_text_is(p->m.method, "INVITE") && fg_sip_invite_refuse(src, p, key, a) == 0) return;
    answer(src, p, a);
}

static bool from_is_ours(struct fg_sip *s, const struct fg_sip_parsed *p)
{
    const struct fg_sip_uri *from = &p->m.from;
    char domain[FG_DOMAIN_MAX];
    if (!fg_sip_text_like(from->scheme, "sip") && !fg_sip_text_like(from->scheme, "sips"))
        return false;
    if (fg_domain_prepare(from->host.p, from->host.len, domain) != 0) return false;
    return fg_snapshot_domain(s->snapshot, domain) != NULL;
}

/* Has it passed through us before? */
static bool loops(const struct fg_sip *s, const struct fg_sip_parsed *p)
{
    char mark[16];
    int n = snprintf(mark, sizeof mark, "z9hG4bK%s", s->cookie);
    for (size_t i = 0; i < p->n_via; i++) {
        if (memmem(p->via[i].p, p->via[i].len, mark, (size_t)n)) return true;
    }
    return false;
}

/* What is required and we know nothing of; names that do not fit are left out. */
static void list_unsupported(const struct fg_sip_parsed *p, char *out, size_t size)
{
    size_t len = (size_t)snprintf(out, size, "Unsupported: ");
    bool first = true;
    for (size_t i = 0; i < p->n_require; i++) {
        struct fg_sip_text t = p->require[i];
        if (t.len == 0 || t.len + 5 > size - len) continue;
        len +=
            (size_t)snprintf(out + len, size - len, "%s%.*s", first ? "" : ", ", (int)t.len, t.p);
        first = false;
    }
    snprintf(out + len, size - len, "\r\n");
}

/* Checks that need no knowledge of users. `headers` is memory for what goes with the answer.
 * True when the request is refused. */
static bool judge(struct fg_sip *s, const struct fg_sip_parsed *p, char *headers, size_t size,
                  struct fg_sip_answer *a)
{
    const struct fg_sip_message *m = &p->m;
    bool options = fg_sip_text_is(m->method, "OPTIONS");
    *a = (struct fg_sip_answer){0};
    if (!options && !fg_sip_text_is(m->method, "MESSAGE")) {
        *a = (struct fg_sip_answer){.code = 405, .headers = ALLOW};
    } else if (fg_sip_text_like(m->ruri.scheme, "sips")) {
        /* RFC 5630 5.3: we cannot promise TLS to the end. */
        *a = (struct fg_sip_answer){.code = 480,
                                    .headers = "Warning: 380 fedgate \"SIPS Not Allowed\"\r\n"};
    } else if (!fg_sip_text_like(m->ruri.scheme, "sip")) {
        a->code = 416;
    } else if (p->has_password) {
        *a = (struct fg_sip_answer){.code = 400, .reason = "Password in a URI"};
    } else if (m->max_forwards == 0 && !options) {
        a->code = 483;
    } else if (loops(s, p)) {
        a->code = 482;
    } else if (p->n_require) {
        list_unsupported(p, headers, size);
        *a = (struct fg_sip_answer){.code = 420, .headers = headers};
    } else if (p->content_encoding.len && !fg_sip_text_like(p->content_encoding, "identity")) {
        *a = (struct fg_sip_answer){.code = 415, .headers = "Accept-Encoding: identity\r\n"};
    } else if (p->to_tag.len) {
        a->code = 481;
    }
    return a->code != 0;
}

/* RFC 3261 9.2: whatever a CANCEL means to stop has had its final answer. */
static void cancel(struct fg_sip_source *src, const struct fg_sip_parsed *p)
{
    struct fg_sip_key key;
    bool known = fg_sip_key(&key, p, "INVITE", 6) && fg_sip_request_find(src->sip, &key);
    if (!known) src->sip->counters.refused++;
    answer(src, p, &(struct fg_sip_answer){.code = known ? 200 : 481});
}

/* RFC 3261 11.2. */
static void options(struct fg_sip_source *src, const struct fg_sip_parsed *p)
{
    char headers[512];
    snprintf(headers, sizeof headers,
             ALLOW "Accept: %.300s\r\nAccept-Encoding: identity\r\nAccept-Language: *\r\n"
                   "Supported:\r\n",
             src->sip->accept);
    answer(src, p, &(struct fg_sip_answer){.code = 200, .headers = headers});
}

/* A request that no transaction knows yet. False: close the stream. */
static bool fresh(struct fg_sip_source *src, const struct fg_sip_parsed *p,
                  const struct fg_sip_key *key, const char *data, size_t len)
{
    struct fg_sip *s = src->sip;
    char headers[1024];
    struct fg_sip_answer a;
    if (s->stopping || !s->snapshot) return src->flow == NULL;
    if (!from_is_ours(s, p)) {
        report_stranger(src, p->m.from.host, "its From is not in a domain of ours: ");
        refuse(src, p, key, &(struct fg_sip_answer){.code = 403});
        return true;
    }
    if (fg_sip_text_is(p->m.method, "CANCEL")) {
        cancel(src, p);
    } else if (judge(s, p, headers, sizeof headers, &a)) {
        refuse(src, p, key, &a);
    } else if (fg_sip_text_is(p->m.method, "OPTIONS")) {
        options(src, p);
    } else if (fg_sip_request_new(src, p, key, data, len) != 0) {
        refuse(src, p, key, &(struct fg_sip_answer){.code = 480, .headers = "Retry-After: 5\r\n"});
    }
    return true;
}

static bool request(struct fg_sip_source *src, const struct fg_sip_parsed *p, const char *data,
                    size_t len)
{
    struct fg_sip *s = src->sip;
    struct fg_sip_key key;
    bool ack = fg_sip_text_is(p->m.method, "ACK");
    struct fg_sip_text method = ack ? (struct fg_sip_text){"INVITE", 6} : p->m.method;
    if (!fg_sip_key(&key, p, method.p, method.len)) {
        s->counters.refused++;
        if (!ack) answer(src, p, &(struct fg_sip_answer){.code = 400, .reason = "Via too long"});
        return true;
    }
    struct fg_sip_request *rq = fg_sip_request_find(s, &key);
    if (ack) {
        if (rq) fg_sip_invite_ack(rq);
        return true;
    }
    if (rq) {
        fg_sip_request_again(rq, src);
        return true;
    }
    s->counters.requests_in++;
    return fresh(src, p, &key, data, len);
}

bool fg_sip_dispatch(struct fg_sip_source *src, char *data, size_t head, size_t body,
                     const struct fg_sip_scan *scan)
{
    struct fg_sip *s = src->sip;
    struct fg_sip_parsed p;
    const char *why;
    bool response = fg_sip_is_response(data, head);
    if (!response && !src->trusted) {
        fg_sip_refuse_raw(src, data, head, 403, NULL);
        return false;
    }
    int code = fg_sip_parse(&s->parser, data, head, body, scan, &p, &why);
    if (response) {
        if (code == 0) fg_sip_calls_response(src, &p);
        return true;
    }
    if (code != 0) {
        fg_sip_refuse_raw(src, data, head, code, why);
        return true;
    }
    return request(src, &p, data, head + body);
}
