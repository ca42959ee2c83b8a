/* Messages from partners to our users: a stanza becomes a SIP MESSAGE (RFC 7572 section 4).
 *
 *   stanza ─> policy ─> target's queue ─turn─> MESSAGE ─final answer─> done, or error to the sender
 *
 * A target is one SIP URI: only one MESSAGE to it is under way at a time (RFC 3428 section 8),
 * which also keeps the order. A target lives while it has messages. */
#include "gateway/bridge/private.h"

#include "gateway/address.h"
#include "gateway/base/clock.h"
#include "gateway/base/quote.h"
#include "gateway/bridge/content.h"
#include "gateway/bridge/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SUBJECT_MAX = 300, LANG_MAX = 35, BODY_MAX = 256 * 1024 };

struct target {
    struct fg_bridge *bridge;
    struct fg_map_node node;
    struct fg_list queue; /* struct message; the first may be under way */
    size_t count;
    bool under_way;
    char uri[];
};

/* Everything a message needs until its answer, in one piece of memory. */
struct message {
    struct fg_list link;
    struct target *target;
    int64_t since;
    struct fg_jid sender, addressee; /* prepared, for the answer */
    const char *id;                  /* of the stanza, or NULL */
    const char *from, *call_id, *headers, *body;
    size_t body_len;
    struct fg_arena memory;
};

static void message_free(struct message *m)
{
    struct fg_arena memory = m->memory; /* the message lives in it */
    fg_arena_free(&memory);
}

static void pump(struct target *t);

/* ---- telling the sender ---- */

static void bounce(struct fg_bridge *b, const struct message *m, struct fg_condition c,
                   const char *text, size_t text_len, const char *alternate, size_t alternate_len)
{
    struct fg_buf *out = &b->scratch;
    b->counters.failed_in++;
    fg_buf_reset(out);
    int err = fg_stanza_open(out, "message", &m->addressee, &m->sender, m->id, "error");
    if (!err) err = fg_buf_add(out, ">", 1);
    if (!err) err = fg_stanza_error(out, c, text, text_len, alternate, alternate_len);
    if (!err) err = fg_buf_adds(out, "</message>");
    if (!err) fg_bridge_answer(b, m->addressee.domain, m->sender.domain, out);
}

static void bounce_failure(struct fg_bridge *b, const struct message *m, enum fg_failure why)
{
    const char *cause = fg_failure_cause(why);
    fg_bridge_report(b, FG_WARNING, "message_failed", m->sender.domain, NULL, why, "to %s: %s",
                     m->target->uri, cause);
    bounce(b, m, fg_condition_of_sip_failure(why), cause, strlen(cause), NULL, 0);
}

static void bounce_status(struct fg_bridge *b, const struct message *m,
                          const struct fg_sip_result *r)
{
    char reason[200];
    fg_quote(reason, sizeof reason, r->reason.p, r->reason.len);
    fg_bridge_report(b, FG_INFO, "message_rejected", m->sender.domain, NULL, FG_FAIL_SIP_REJECTED,
                     "to %s: %d %s", m->target->uri, r->code, reason);
    bool elsewhere = r->code / 100 == 3 && r->contact.len;
    bounce(b, m, fg_condition_of_status(r->code), reason, strlen(reason),
           elsewhere ? r->contact.p : NULL, r->contact.len);
}

/* ---- the queue of a target ---- */

static struct message *first(struct target *t)
{
    return FG_CONTAINER(t->queue.next, struct message, link);
}

static void drop_first(struct target *t)
{
    struct message *m = first(t);
    fg_list_remove(&m->link);
    t->count--;
    t->bridge->counters.waiting--;
    message_free(m);
}

static void target_free(struct target *t)
{
    while (!fg_list_empty(&t->queue)) drop_first(t);
    fg_map_remove(&t->bridge->targets, &t->node);
    free(t);
}

static void answered(void *arg, const struct fg_sip_result *r)
{
    struct target *t = arg;
    struct fg_bridge *b = t->bridge;
    struct message *m = first(t);
    t->under_way = false;
    if (r->code >= 200 && r->code <= 299)
        b->counters.messages_in++;
    else if (r->code)
        bounce_status(b, m, r);
    else
        bounce_failure(b, m, r->why ? r->why : FG_FAIL_SIP_UNREACHABLE);
    drop_first(t);
    pump(t);
}

static enum fg_failure send_failure(int err)
{
    switch (err) {
    case ENETUNREACH:
        return FG_FAIL_SIP_NO_FRONT_END;
    case ENOBUFS:
        return FG_FAIL_QUEUE_FULL;
    case ESHUTDOWN:
        return FG_FAIL_SHUTDOWN;
    case ENOMEM:
        return FG_FAIL_INTERNAL;
    default:
        return FG_FAIL_SIP_UNREACHABLE;
    }
}

/* 0 when the first message is under way; otherwise its sender was told. */
static int send_first(struct target *t)
{
    struct fg_bridge *b = t->bridge;
    const struct message *m = first(t);
    if (fg_clock_mono_ms() - m->since > QUEUE_AGE_MS) {
        bounce_failure(b, m, FG_FAIL_SIP_TIMEOUT);
        return ETIMEDOUT;
    }
    struct fg_sip_out o = {.method = "MESSAGE",
                           .domain = m->addressee.domain,
                           .ruri = t->uri,
                           .from = m->from,
                           .to = t->uri,
                           .call_id = m->call_id,
                           .headers = m->headers,
                           .content_type = "text/plain;charset=UTF-8",
                           .body = m->body,
                           .body_len = m->body_len,
                           .done = answered,
                           .arg = t};
    t->under_way = true;
    int err = b->ends.send_request(b->ends.arg, &o);
    if (err == 0) return 0;
    t->under_way = false;
    static const char too_large[] = "The message is too large.";
    if (err == EMSGSIZE)
        bounce(b, m, fg_condition_of_status(513), too_large, sizeof too_large - 1, NULL, 0);
    else
        bounce_failure(b, m, send_failure(err));
    return err;
}

/* Sends the next message; those that cannot be sent go back. The target may be gone afterwards. */
static void pump(struct target *t)
{
    while (!t->under_way && !t->bridge->stopped && !fg_list_empty(&t->queue)) {
        if (send_first(t) == 0) return;
        drop_first(t);
    }
    if (fg_list_empty(&t->queue)) target_free(t);
}

static struct target *target_find(struct fg_bridge *b, const char *uri)
{
    struct fg_map_node *n = fg_map_finds(&b->targets, uri);
    if (n) return FG_CONTAINER(n, struct target, node);
    size_t len = strlen(uri);
    struct target *t = calloc(1, sizeof *t + len + 1);
    if (!t) return NULL;
    t->bridge = b;
    fg_list_init(&t->queue);
    memcpy(t->uri, uri, len + 1);
    if (fg_map_add(&b->targets, &t->node, t->uri, len)) {
        free(t);
        return NULL;
    }
    return t;
}

static void free_target_node(struct fg_map_node *n, void *arg)
{
    (void)arg;
    target_free(FG_CONTAINER(n, struct target, node));
}

void fg_bridge_targets_free(struct fg_bridge *b)
{
    fg_map_each(&b->targets, free_target_node, NULL);
    fg_map_free(&b->targets);
}

/* ---- from a stanza ---- */

/* A copy in the message's memory, with a NUL. */
static int keep(struct message *m, struct fg_buf *text, const char **out)
{
    *out = fg_arena_strndup(&m->memory, (const char *)fg_buf_data(text), fg_buf_len(text));
    fg_buf_reset(text);
    return *out ? 0 : ENOMEM;
}

static int take_address(struct message *m, struct fg_buf *tmp, const struct fg_jid *jid,
                        const char **out)
{
    struct fg_jid bare = fg_jid_bare(jid);
    int err = fg_jid_to_sip(tmp, &bare, false);
    return err ? err : keep(m, tmp, out);
}

static bool is_language_tag(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
    return n > 0 && n <= LANG_MAX && s[n] == '\0';
}

static int add_subject(const struct fg_stanza *s, struct fg_buf *headers)
{
    const struct fg_xml *subject = fg_xml_child(s->xml, s->xml->ns, "subject");
    if (!subject) return 0;
    struct fg_buf raw, line;
    fg_buf_init(&raw, BODY_MAX);
    fg_buf_init(&line, SUBJECT_MAX + 8);
    int err = fg_xml_text(subject, &raw);
    if (!err)
        err =
            fg_content_line(&line, (const char *)fg_buf_data(&raw), fg_buf_len(&raw), SUBJECT_MAX);
    if (!err && line.len) {
        err = fg_buf_adds(headers, "Subject: ");
        if (!err) err = fg_buf_add(headers, fg_buf_data(&line), fg_buf_len(&line));
        if (!err) err = fg_buf_adds(headers, "\r\n");
    }
    fg_buf_free(&raw);
    fg_buf_free(&line);
    return err;
}

static int take_headers(struct message *m, struct fg_buf *tmp, const struct fg_stanza *s,
                        const struct fg_xml *body)
{
    const char *lang = NULL;
    for (const struct fg_xml_attr *a = body->attrs; a; a = a->next)
        if (strcmp(a->name, "lang") == 0 && a->ns[0]) lang = a->value;
    if (!lang) lang = s->lang;
    int err = add_subject(s, tmp);
    if (!err && lang && is_language_tag(lang))
        err = fg_buf_addf(tmp, "Content-Language: %s\r\n", lang);
    return err ? err : keep(m, tmp, &m->headers);
}

static int take_call_id(struct message *m, struct fg_buf *tmp, const struct fg_stanza *s)
{
    const struct fg_xml *thread = fg_xml_child(s->xml, s->xml->ns, "thread");
    if (!thread) return 0;
    struct fg_buf raw;
    fg_buf_init(&raw, BODY_MAX);
    int err = fg_xml_text(thread, &raw);
    if (!err && fg_thread_to_call_id(tmp, (const char *)fg_buf_data(&raw), fg_buf_len(&raw)) == 0)
        err = keep(m, tmp, &m->call_id);
    fg_buf_reset(tmp);
    fg_buf_free(&raw);
    return err;
}

static int take_body(struct message *m, struct fg_buf *tmp, const char *text, size_t len)
{
    int err = fg_content_crlf(tmp, text, len);
    m->body_len = fg_buf_len(tmp);
    return err ? err : keep(m, tmp, &m->body);
}

/* Makes the message; on success it belongs to the caller. */
static int message_new(struct message **out, const struct fg_stanza *s, const struct fg_xml *body,
                       const char *text, size_t len, const char **uri)
{
    struct fg_arena memory;
    fg_arena_init(&memory, 4 * BODY_MAX);
    struct message *m = fg_arena_zalloc(&memory, sizeof *m);
    if (!m) return ENOMEM;
    m->memory = memory;
    struct fg_buf tmp;
    fg_buf_init(&tmp, 2 * BODY_MAX);
    fg_list_init(&m->link);
    m->since = fg_clock_mono_ms();
    m->id = s->id ? fg_arena_strdup(&m->memory, s->id) : NULL;
    int err = s->id && !m->id ? ENOMEM : 0;
    if (!err) err = fg_jid_copy(&m->memory, &s->from, &m->sender);
    if (!err) err = fg_jid_copy(&m->memory, &s->to, &m->addressee);
    if (!err) err = take_address(m, &tmp, &s->to, uri);
    if (!err) err = take_address(m, &tmp, &s->from, &m->from);
    if (!err) err = take_headers(m, &tmp, s, body);
    if (!err) err = take_call_id(m, &tmp, s);
    if (!err) err = take_body(m, &tmp, text, len);
    fg_buf_free(&tmp);
    if (err) {
        message_free(m);
        return err;
    }
    *out = m;
    return 0;
}

static void enqueue(struct fg_bridge *b, const struct fg_stanza *s, const struct fg_xml *body,
                    const char *text, size_t len)
{
    static const struct fg_condition full = {"resource-constraint", "wait"};
    static const struct fg_condition broken = {"internal-server-error", "cancel"};
    static const struct fg_condition malformed = {"jid-malformed", "modify"};
    struct message *m;
    const char *uri;
    int err = message_new(&m, s, body, text, len, &uri);
    struct target *t = err ? NULL : target_find(b, uri);
    if (!t) {
        if (!err) message_free(m);
        b->counters.failed_in++;
        struct fg_condition c = err == EINVAL ? malformed : broken;
        fg_bridge_refuse(b, s, err == ENOBUFS ? fg_condition_of_status(513) : c, NULL);
        return;
    }
    if (t->count >= TARGET_QUEUE_MAX || b->counters.waiting >= WAITING_MAX) {
        message_free(m);
        b->counters.failed_in++;
        fg_bridge_refuse(b, s, full, "Too many messages wait for this user.");
        if (fg_list_empty(&t->queue)) target_free(t);
        return;
    }
    m->target = t;
    fg_list_append(&t->queue, &m->link);
    t->count++;
    b->counters.waiting++;
    if (!t->under_way) pump(t);
}

/* ---- what may pass ---- */

static bool allowed(struct fg_bridge *b, const struct fg_stanza *s)
{
    /* One answer for a user who does not exist, may not, or does not want to be reached. */
    static const struct fg_condition unavailable = {"service-unavailable", "cancel"};
    struct fg_verdict v;
    if (fg_bridge_ask(b, true, &s->to, &s->from, &v)) {
        fg_bridge_refuse(b, s, unavailable, NULL);
        return false;
    }
    if (v.allow) return true;
    b->counters.refused_in++;
    fg_bridge_report(b, FG_INFO, "policy_denied", s->from.domain, v.rule, FG_FAIL_NONE,
                     "message in refused by %s: %s", v.object, v.because);
    char text[128];
    snprintf(text, sizeof text, "Refused by rule %s.", v.rule);
    fg_bridge_refuse(b, s, unavailable, text);
    return false;
}

/* The peer says that a message of one of our users failed. It was answered long ago: SIP has no way
 * to take that back, so the event is all there is. */
static void report_error(struct fg_bridge *b, const struct fg_stanza *s)
{
    const struct fg_xml *error = fg_xml_child(s->xml, s->xml->ns, "error");
    const struct fg_xml *condition = error ? fg_xml_first(error) : NULL;
    char quoted[64];
    fg_quotes(quoted, sizeof quoted, condition ? condition->name : "no condition");
    b->counters.failed_out++;
    fg_bridge_report(b, FG_INFO, "message_refused_by_peer", s->from.domain, NULL,
                     FG_FAIL_PEER_REFUSED, "the partner's server reports: %s", quoted);
}

static bool only_blank(const struct fg_buf *text)
{
    const uint8_t *p = fg_buf_data(text);
    for (size_t i = 0; i < text->len; i++)
        if (p[i] > ' ') return false;
    return true;
}

void fg_bridge_message(struct fg_bridge *b, const struct fg_stanza *s)
{
    static const struct fg_condition unavailable = {"service-unavailable", "cancel"};
    if (strcmp(s->type, "error") == 0) {
        report_error(b, s);
        return;
    }
    if (strcmp(s->type, "groupchat") == 0) {
        fg_bridge_refuse(b, s, unavailable, NULL);
        return;
    }
    /* Receipts, chat states and other stanzas without text have nobody to go to yet, and an error
     * for them would answer what was no message. */
    const struct fg_xml *body = fg_xml_child(s->xml, s->xml->ns, "body");
    if (!body) return;
    if (!s->to.local || !s->from.local) {
        fg_bridge_refuse(b, s, unavailable, NULL);
        return;
    }
    struct fg_buf text;
    fg_buf_init(&text, BODY_MAX);
    int err = fg_xml_text(body, &text);
    if (err) {
        fg_bridge_refuse(b, s, fg_condition_of_status(513), NULL);
    } else if (!only_blank(&text) && allowed(b, s)) {
        const char *p = (const char *)fg_buf_data(&text);
        fg_bridge_log_body(b, true, s->from.domain, p, fg_buf_len(&text));
        enqueue(b, s, body, p, fg_buf_len(&text));
    }
    fg_buf_free(&text);
}
