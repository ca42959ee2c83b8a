/* Dialback as receiving and authoritative server (XEP-0220 2.2): db:result and db:verify that
 * arrive on inbound streams. Every request is judged by the partner of its own `from`, never by the
 * header of the connection it came on. */
#include "gateway/xmpp/internal.h"

#include <string.h>

#include "gateway/xmpp/dialback_key.h"
#include "gateway/xmpp/ns.h"

enum {
    ANSWER_MAX = 4096,
    KEY_MAX = 1024,
    FAILED_KEYS_MAX = 20, /* on one stream: each costs us a connection to whom the key names */
};

struct request {
    char from[FG_DOMAIN_MAX], to[FG_DOMAIN_MAX];
    const char *id;
    struct fg_buf key;
};

bool fg_own_key(struct fg_s2s *s, const char *receiving, const char *originating, const char *id,
                char *out)
{
    if (!s->secret) return false;
    fg_dialback_key(s->secret, receiving, originating, id, out);
    return true;
}

/* `condition`: of the error; NULL when there is none. */
static void answer(struct fg_stream *st, const char *name, const struct request *q,
                   const char *type, const char *condition)
{
    char from[FG_DOMAIN_TEXT_MAX], to[FG_DOMAIN_TEXT_MAX];
    struct fg_buf b;
    fg_domain_display(q->to, from);
    fg_domain_display(q->from, to);
    fg_buf_init(&b, ANSWER_MAX);
    int err = fg_buf_addf(&b, "<db:%s xmlns:db='" FG_NS_DIALBACK "' from='%s' to='%s' type='%s'",
                          name, from, to, type);
    if (!err && q->id) err = fg_buf_adds(&b, " id='");
    if (!err && q->id) err = fg_xml_escape(&b, q->id, strlen(q->id));
    if (!err && q->id) err = fg_buf_adds(&b, "'");
    if (!err && condition)
        err = fg_buf_addf(
            &b, "><error type='cancel'><%s xmlns='" FG_NS_STANZA_ERROR "'/></error></db:%s>",
            condition, name);
    if (!err && !condition) err = fg_buf_adds(&b, "/>");
    fg_stream_put(st, &b, err);
    fg_report_stream(st, FG_DEBUG, "dialback_answer", FG_FAIL_NONE, "db:%s of %s for %s: %s %s",
                     name, q->from, q->to, type, condition ? condition : "");
}

static void answer_error(struct fg_stream *st, const char *name, const struct request *q,
                         const char *condition)
{
    answer(st, name, q, "error", condition);
}

static bool read_domain(const struct fg_xml *x, const char *name, char out[FG_DOMAIN_MAX])
{
    const char *v = fg_xml_attr(x, name);
    return v && fg_domain_prepare(v, strlen(v), out) == 0;
}

/* False: ignored, or the stream has been ended. */
static bool read_request(struct fg_stream *st, const struct fg_xml *x, struct request *q,
                         bool with_id)
{
    /* An answer on a stream on which we asked nothing (XEP-0220 3.1). */
    if (fg_xml_attr(x, "type")) return false;
    q->id = with_id ? fg_xml_attr(x, "id") : NULL;
    if (!read_domain(x, "from", q->from) || !read_domain(x, "to", q->to) ||
        (with_id && (!q->id || strlen(q->id) >= FG_STREAM_ID_MAX))) {
        fg_stream_error(st, FG_COND_IMPROPER_ADDRESSING, FG_FAIL_STREAM_PROTOCOL,
                        "dialback request");
        return false;
    }
    fg_buf_init(&q->key, KEY_MAX);
    if (fg_xml_text(x, &q->key)) fg_buf_reset(&q->key);
    return true;
}

/* The key without the white space around it; "" when there is none. */
static const char *trimmed_key(struct request *q)
{
    static const char space[] = " \t\r\n";
    const char *data = fg_buf_cstr(&q->key);
    if (!data) return "";
    size_t len = strlen(data);
    while (len && strchr(space, data[len - 1])) len--;
    fg_buf_truncate(&q->key, len);
    data = fg_buf_cstr(&q->key);
    return data ? data + strspn(data, space) : "";
}

static bool in_clear_though_forbidden(struct fg_stream *st, const struct fg_terms *t)
{
    return !fg_stream_is_tls(st) && t->tls == FG_REQUIRED;
}

/* Dialback is not for this partner, or not on this connection. */
static void refuse_method(struct fg_stream *st, const struct request *q, const struct fg_terms *t)
{
    if (in_clear_though_forbidden(st, t)) {
        answer_error(st, "result", q, "policy-violation");
        return;
    }
    answer_error(st, "result", q, "not-authorized");
    if (fg_in_of(st)->n_proved == 0)
        fg_stream_error(st, FG_COND_POLICY_VIOLATION, FG_FAIL_NO_METHOD,
                        "dialback is not allowed for this partner");
}

static void prove(struct fg_in *in, struct fg_pair *p, const struct request *q,
                  enum fg_method method)
{
    if (fg_in_proved(in, p, method)) {
        answer(&in->st, "result", q, "valid", NULL);
        return;
    }
    fg_in_drop_pair(in, p);
    answer_error(&in->st, "result", q, "resource-constraint");
}

/* Everything about the names is in order: proves by certificate (XEP-0344 2.4) or asks. */
static void consider(struct fg_stream *st, struct request *q, struct fg_peer *peer)
{
    struct fg_in *in = fg_in_of(st);
    const struct fg_terms *t = fg_peer_terms(peer);
    enum fg_method method = fg_stream_is_tls(st) ? FG_DIALBACK_TLS : FG_DIALBACK_TCP;
    const char *key = trimmed_key(q);
    if (!fg_method_allowed(t, method)) {
        refuse_method(st, q, t);
        return;
    }
    if (!*key) {
        answer_error(st, "result", q, "not-acceptable");
        return;
    }
    struct fg_pair *p = fg_in_find_pair(in, q->to, q->from);
    if (p && p->state == FG_PAIR_PROVED) answer(st, "result", q, "valid", NULL);
    if (p) return; /* proved, or being proved: one answer comes for it */
    if (fg_s2s_drains(peer->partner)) {
        answer_error(st, "result", q, "policy-violation");
        return;
    }
    if (fg_in_room(in, peer)) p = fg_in_add_pair(in, q->to, q->from, peer, FG_PAIR_PENDING, method);
    if (!p) {
        answer_error(st, "result", q, "resource-constraint");
        return;
    }
    if (fg_stream_cert_ok(st, q->from)) {
        st->cert_not_after_ms = fg_cert_not_after_ms(fg_conn_peer_cert(st->conn));
        prove(in, p, q, method);
        return;
    }
    if (fg_verify_start(in, q->to, q->from, key)) {
        fg_in_drop_pair(in, p);
        answer_error(st, "result", q, "resource-constraint");
    }
}

void fg_in_on_result(struct fg_stream *st, const struct fg_xml *x)
{
    struct request q;
    if (!read_request(st, x, &q, false)) return;
    const struct fg_partner *partner = fg_s2s_partner(st->s, q.from);
    struct fg_peer *peer = partner ? fg_peer_get(st->s, partner) : NULL;
    if (!fg_s2s_is_local(st->s, q.to))
        answer_error(st, "result", &q, "item-not-found");
    else if (fg_s2s_is_local(st->s, q.from))
        answer_error(st, "result", &q, "not-acceptable");
    else if (!peer)
        answer_error(st, "result", &q, "policy-violation");
    else
        consider(st, &q, peer);
    if (peer) fg_peer_put(st->s, peer);
    fg_buf_free(&q.key);
}

static bool key_is_ours(struct fg_s2s *s, const struct request *q, const char *key)
{
    const char *secrets[] = {s->secret, s->previous};
    char expected[FG_DIALBACK_KEY_SIZE];
    bool ours = false;
    for (size_t i = 0; i < 2; i++) {
        if (!secrets[i]) continue;
        fg_dialback_key(secrets[i], q->from, q->to, q->id, expected);
        ours |= fg_dialback_key_equal(key, expected);
    }
    return ours;
}

void fg_in_on_verify(struct fg_stream *st, const struct fg_xml *x)
{
    struct request q;
    if (!read_request(st, x, &q, true)) return;
    const struct fg_partner *partner = fg_s2s_partner(st->s, q.from);
    const struct fg_terms *t = partner ? &partner->terms : NULL;
    bool issues =
        t && (fg_method_allowed(t, FG_DIALBACK_TLS) || fg_method_allowed(t, FG_DIALBACK_TCP));
    if (!fg_s2s_is_local(st->s, q.to))
        answer_error(st, "verify", &q, "item-not-found");
    else if (!t || in_clear_though_forbidden(st, t))
        answer_error(st, "verify", &q, "policy-violation");
    else
        answer(st, "verify", &q,
               issues && key_is_ours(st->s, &q, trimmed_key(&q)) ? "valid" : "invalid", NULL);
    fg_buf_free(&q.key);
}

/* ---- the answer of the authoritative server ---- */

void fg_verify_finish(struct fg_verify *v, const char *condition)
{
    struct fg_out *o = v->out;
    struct fg_s2s *s = o->st.s;
    struct fg_stream *st = fg_s2s_stream(s, v->stream);
    struct request q = {.id = NULL};
    memcpy(q.from, v->remote, sizeof q.from);
    memcpy(q.to, v->local, sizeof q.to);
    bool same_document = st && st->inbound && strcmp(st->stream_id, v->stream_id) == 0;
    fg_verify_free(s, v);
    struct fg_pair *p = same_document ? fg_in_find_pair(fg_in_of(st), q.to, q.from) : NULL;
    if (!p || p->state != FG_PAIR_PENDING) return;
    struct fg_in *in = fg_in_of(st);
    if (!condition) {
        prove(in, p, &q, p->method);
        return;
    }
    fg_in_drop_pair(in, p);
    if (*condition || in->n_proved > 0) {
        answer_error(st, "result", &q, *condition ? condition : "forbidden");
        if (++in->failed_keys >= FAILED_KEYS_MAX)
            fg_stream_error(st, FG_COND_POLICY_VIOLATION, FG_FAIL_STREAM_PROTOCOL,
                            "too many keys that nobody confirms");
        return;
    }
    answer(st, "result", &q, "invalid", NULL);
    fg_stream_writes(st, "</stream:stream>");
    fg_stream_retire(st, FG_FAIL_DIALBACK_INVALID, q.from, FG_FLUSH_MS);
}
