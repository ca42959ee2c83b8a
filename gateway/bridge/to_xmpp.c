/* Messages from our users to partners: a SIP MESSAGE becomes a stanza of type chat. The final
 * answer waits until the stanza stands on an authenticated stream; then, and only then, it is 200.
 */
#include "gateway/bridge/private.h"

#include "gateway/address.h"
#include "gateway/base/quote.h"
#include "gateway/base/rand.h"
#include "gateway/bridge/content.h"
#include "gateway/bridge/thread.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ARENA_MAX = 64 * 1024, TEXT_MAX = 256 * 1024, ID_BYTES = 8 };

/* A request whose answer is still owed. */
struct outgoing {
    struct fg_list link; /* bridge->outgoing */
    struct fg_bridge *bridge;
    struct fg_sip_request *rq;
    bool full; /* the addressee was a full JID */
    char partner[FG_DOMAIN_MAX];
};

static void respond(struct fg_bridge *b, struct fg_sip_request *rq, struct fg_sip_answer a)
{
    if (!b->stopped) b->ends.respond(b->ends.arg, rq, &a);
}

static void refuse(struct fg_bridge *b, struct fg_sip_request *rq, int code)
{
    respond(b, rq, (struct fg_sip_answer){.code = code});
}

static bool is(struct fg_sip_text t, const char *word)
{
    return t.len == strlen(word) && strncasecmp(t.p, word, t.len) == 0;
}

/* ---- hand-over ---- */

static void outgoing_free(struct outgoing *o)
{
    fg_list_remove(&o->link);
    free(o);
}

void fg_bridge_outgoing_free(struct fg_bridge *b)
{
    while (!fg_list_empty(&b->outgoing))
        outgoing_free(FG_CONTAINER(b->outgoing.next, struct outgoing, link));
}

static void answer_failure(struct fg_bridge *b, struct outgoing *o, enum fg_failure why)
{
    b->counters.failed_out++;
    fg_bridge_report(b, FG_WARNING, "message_failed", o->partner, NULL, why, "%s",
                     fg_failure_cause(why));
    respond(b, o->rq,
            (struct fg_sip_answer){.code = fg_status_of_failure(why, o->full),
                                   .warning = fg_failure_cause(why)});
}

static void handed_over(void *arg, enum fg_failure why)
{
    struct outgoing *o = arg;
    struct fg_bridge *b = o->bridge;
    if (why == FG_FAIL_NONE) {
        b->counters.messages_out++;
        respond(b, o->rq, (struct fg_sip_answer){.code = 200});
    } else {
        answer_failure(b, o, why);
    }
    outgoing_free(o);
}

static enum fg_failure send_failure(int err)
{
    switch (err) {
    case ENOBUFS:
        return FG_FAIL_QUEUE_FULL;
    case EHOSTUNREACH:
        return FG_FAIL_NOT_A_PARTNER;
    case ENOTCONN:
        return FG_FAIL_PARTNER_DRAINING;
    case ESHUTDOWN:
        return FG_FAIL_SHUTDOWN;
    default:
        return FG_FAIL_INTERNAL;
    }
}

static void send_stanza(struct fg_bridge *b, struct fg_sip_request *rq, const struct fg_jid *from,
                        const struct fg_jid *to, const struct fg_buf *stanza)
{
    struct outgoing *o = calloc(1, sizeof *o);
    if (!o) {
        refuse(b, rq, 500);
        return;
    }
    *o = (struct outgoing){.bridge = b, .rq = rq, .full = to->resource != NULL};
    snprintf(o->partner, sizeof o->partner, "%s", to->domain);
    fg_list_append(&b->outgoing, &o->link);
    struct fg_s2s_item item = {.local = from->domain,
                               .remote = to->domain,
                               .stanza = fg_buf_data(stanza),
                               .len = fg_buf_len(stanza),
                               .deadline_ms = HAND_OVER_MS,
                               .done = handed_over,
                               .arg = o};
    int err = b->ends.send_stanza(b->ends.arg, &item);
    if (!err) return;
    answer_failure(b, o, send_failure(err));
    outgoing_free(o);
}

/* ---- building the stanza ---- */

struct letter {
    struct fg_jid from, to;
    struct fg_buf text;
    struct fg_sip_text subject, language;
};

static bool is_language_tag(struct fg_sip_text t)
{
    for (size_t i = 0; i < t.len; i++) {
        char c = t.p[i];
        bool ok =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
        if (!ok) return false;
    }
    return t.len > 0 && t.len <= 35;
}

static int add_thread(struct fg_buf *out, struct fg_sip_text call_id)
{
    struct fg_buf thread;
    fg_buf_init(&thread, ARENA_MAX);
    int err = call_id.len ? fg_call_id_to_thread(&thread, call_id.p, call_id.len) : 0;
    if (!err && thread.len)
        err =
            fg_stanza_child(out, "thread", (const char *)fg_buf_data(&thread), fg_buf_len(&thread));
    fg_buf_free(&thread);
    return err;
}

static int build(struct fg_buf *out, const struct letter *l, struct fg_sip_text call_id)
{
    unsigned char random[ID_BYTES];
    char id[2 * ID_BYTES + 1];
    fg_random(random, sizeof random);
    fg_hex(id, random, sizeof random);
    fg_buf_reset(out);
    struct fg_jid from = fg_jid_bare(&l->from);
    int err = fg_stanza_open(out, "message", &from, &l->to, id, "chat");
    if (!err && is_language_tag(l->language))
        err = fg_buf_addf(out, " xml:lang='%.*s'", (int)l->language.len, l->language.p);
    if (!err) err = fg_buf_add(out, ">", 1);
    if (!err && l->subject.len) err = fg_stanza_child(out, "subject", l->subject.p, l->subject.len);
    if (!err)
        err =
            fg_stanza_child(out, "body", (const char *)fg_buf_data(&l->text), fg_buf_len(&l->text));
    if (!err) err = add_thread(out, call_id);
    return err ? err : fg_buf_adds(out, "</message>");
}

/* ---- checks, in the order in which they answer ---- */

/* 0, or the status to refuse with. */
static int read_uri(struct fg_arena *a, const struct fg_sip_uri *u, struct fg_jid *out)
{
    if (u->password.len) return 400;
    if (u->user.len == 0) return 404;
    int err =
        fg_sip_to_jid(a, u->user.p, u->user.len, u->host.p, u->host.len, u->gr.p, u->gr.len, out);
    return err == 0 ? 0 : err == ENAMETOOLONG ? 414 : err == ENOMEM ? 500 : 400;
}

static bool known_scheme(struct fg_sip_text scheme)
{
    return is(scheme, "sip") || is(scheme, "im") || is(scheme, "pres");
}

static int read_addresses(struct fg_arena *a, const struct fg_sip_message *m, struct letter *l)
{
    if (is(m->ruri.scheme, "sips")) return 480;
    if (!known_scheme(m->ruri.scheme)) return 416;
    int status = read_uri(a, &m->ruri, &l->to);
    return status ? status : read_uri(a, &m->from, &l->from);
}

/* The sender a CPIM wrapper claims must be the one SIP has proved. */
static bool same_sender(struct fg_arena *a, const struct fg_wrapper *w, const struct fg_jid *from)
{
    if (!w->from) return true;
    const char *colon = memchr(w->from, ':', w->from_len);
    const char *at = memchr(w->from, '@', w->from_len);
    if (!colon || !at || at < colon) return false;
    struct fg_sip_text scheme = {w->from, (size_t)(colon - w->from)};
    const char *host = at + 1, *end = w->from + w->from_len;
    size_t host_len = 0;
    while (host + host_len < end && !strchr(":;?", host[host_len])) host_len++;
    struct fg_jid claimed;
    return known_scheme(scheme) &&
           fg_sip_to_jid(a, colon + 1, (size_t)(at - colon - 1), host, host_len, NULL, 0,
                         &claimed) == 0 &&
           fg_jid_equal_bare(&claimed, from);
}

static int read_content(struct fg_arena *a, const struct fg_sip_message *m, struct letter *l)
{
    struct fg_wrapper w = {0};
    int err = fg_content_text(&l->text, m->content_type.p, m->content_type.len, m->body.p,
                              m->body.len, &w);
    if (err) return err == ENOTSUP ? 415 : err == EINVAL ? 400 : err == ENOBUFS ? 413 : 500;
    if (!same_sender(a, &w, &l->from)) return 403;
    l->subject = m->subject;
    if (w.subject_len) l->subject = (struct fg_sip_text){w.subject, w.subject_len};
    l->language = m->content_language;
    return 0;
}

static void answer_status(struct fg_bridge *b, struct fg_sip_request *rq, int status)
{
    struct fg_sip_answer a = {.code = status};
    if (status == 415) a.headers = "Accept: " FG_CONTENT_ACCEPTED "\r\n";
    if (status == 405) a.headers = "Allow: MESSAGE, OPTIONS\r\n";
    /* RFC 5630 5.1.2. */
    if (status == 480) a.headers = "Warning: 380 fedgate \"SIPS Not Allowed\"\r\n";
    respond(b, rq, a);
}

static bool allowed(struct fg_bridge *b, struct fg_sip_request *rq, const struct letter *l)
{
    struct fg_verdict v;
    if (fg_bridge_ask(b, false, &l->from, &l->to, &v)) {
        refuse(b, rq, 500);
        return false;
    }
    if (v.allow) return true;
    b->counters.refused_out++;
    fg_bridge_report(b, FG_INFO, "policy_denied", l->to.domain, v.rule, FG_FAIL_NONE,
                     "message out refused by %s: %s", v.object, v.because);
    char warning[128];
    snprintf(warning, sizeof warning, "Refused by rule %s", v.rule);
    respond(b, rq, (struct fg_sip_answer){.code = 403, .warning = warning});
    return false;
}

static void forward(struct fg_bridge *b, struct fg_sip_request *rq, const struct fg_sip_message *m,
                    struct letter *l, struct fg_arena *a)
{
    int status = read_addresses(a, m, l);
    if (!status) status = read_content(a, m, l);
    if (status) {
        answer_status(b, rq, status);
        return;
    }
    if (!allowed(b, rq, l)) return;
    if (l->text.len == 0) {
        /* Nothing to carry: what is empty has arrived. */
        refuse(b, rq, 200);
        return;
    }
    fg_bridge_log_body(b, false, l->to.domain, (const char *)fg_buf_data(&l->text),
                       fg_buf_len(&l->text));
    int err = build(&b->scratch, l, m->call_id);
    if (err)
        refuse(b, rq, err == ENOBUFS ? 413 : 500);
    else
        send_stanza(b, rq, &l->from, &l->to, &b->scratch);
}

void fg_bridge_request(void *bridge, struct fg_sip_request *rq, const struct fg_sip_message *m)
{
    struct fg_bridge *b = bridge;
    if (!is(m->method, "MESSAGE")) {
        answer_status(b, rq, 405);
        return;
    }
    struct fg_arena a;
    struct letter l = {0};
    fg_arena_init(&a, ARENA_MAX);
    fg_buf_init(&l.text, TEXT_MAX);
    forward(b, rq, m, &l, &a);
    fg_buf_free(&l.text);
    fg_arena_free(&a);
}
