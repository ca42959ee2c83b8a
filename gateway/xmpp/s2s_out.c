/* Outbound streams: we connect to a partner's server to deliver stanzas, or to have dialback keys
 * verified (RFC 6120 3, 4; XEP-0178; XEP-0220 2.1).
 *
 *   resolving -> connecting -> header -> negotiating -> [starttls -> tls -> header -> negotiating]
 *      -> sasl -> header -> negotiating -> open          (EXTERNAL)
 *      -> dialback -> open                               (dialback, or keys of others verified)
 *
 * Which step comes next is fg_next_step's decision alone. */
#include "gateway/xmpp/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/xmpp/dialback_key.h"
#include "gateway/xmpp/ns.h"

enum {
    XMPP_PORT = 5269,
    REQUEST_MAX = 4096,
    OUTPUT_MAX = 1024 * 1024,
};

struct fg_out *fg_out_of(struct fg_stream *st)
{
    return FG_CONTAINER(st, struct fg_out, st);
}

/* ---- connecting ---- */

static bool dialback_in_header(const struct fg_out *o)
{
    const struct fg_terms *t = fg_peer_terms(o->st.peer);
    return fg_method_allowed(t, FG_DIALBACK_TLS) || fg_method_allowed(t, FG_DIALBACK_TCP);
}

static void open_document(struct fg_out *o)
{
    fg_stream_header(&o->st, dialback_in_header(o), true);
    fg_stream_enter(&o->st, FG_S_HEADER);
}

static void on_dialed(struct fg_conn *c, const struct fg_endpoint *ep, enum fg_failure why,
                      void *arg)
{
    struct fg_out *o = arg;
    struct fg_stream *st = &o->st;
    o->dial = NULL;
    if (!c) {
        fg_stream_retire(st, why, NULL, 0);
        return;
    }
    if (fg_stream_attach(st, c)) {
        fg_conn_close(c);
        fg_stream_retire(st, FG_FAIL_INTERNAL, "out of memory", 0);
        return;
    }
    if (ep->direct_tls) {
        fg_stream_enter(st, FG_S_TLS);
        fg_stream_tls_now(st, "xmpp-server");
    } else {
        open_document(o);
    }
}

static void on_resolved(const struct fg_endpoint *endpoints, size_t count, enum fg_failure why,
                        void *arg)
{
    struct fg_out *o = arg;
    struct fg_stream *st = &o->st;
    size_t stanza = st->s->settings->limits.stanza_bytes;
    struct fg_conn_limits limits = {.output = OUTPUT_MAX > 2 * stanza ? OUTPUT_MAX : 2 * stanza};
    o->ticket = 0;
    if (count == 0) {
        fg_stream_retire(st, why ? why : FG_FAIL_DNS_NOT_FOUND, NULL, 0);
        return;
    }
    fg_stream_enter(st, FG_S_CONNECTING);
    if (fg_dial_start(&o->dial, st->s->net, endpoints, count, 0, &limits, on_dialed, o))
        fg_stream_retire(st, FG_FAIL_INTERNAL, "out of memory", 0);
}

static int resolve(struct fg_out *o)
{
    struct fg_stream *st = &o->st;
    const struct fg_partner *p = st->peer->partner;
    o->resolver = st->s->resolver;
    if (!o->resolver || !p) return EINVAL;
    bool direct = p->tls != FG_NOT_SUPPORTED && fg_s2s_client_tls(st->s, st->local);
    if (p->proxy_host)
        o->ticket = fg_resolve_host(o->resolver, p->proxy_host,
                                    p->proxy_port ? p->proxy_port : XMPP_PORT, on_resolved, o);
    else
        o->ticket = fg_resolve_xmpp(o->resolver, st->remote, direct, on_resolved, o);
    return o->ticket ? 0 : ENOMEM;
}

/* ---- negotiation ---- */

static void give_up(struct fg_out *o, enum fg_failure why)
{
    struct fg_stream *st = &o->st;
    if (why == FG_FAIL_CERT_UNTRUSTED) why = fg_stream_cert_failure(st, st->remote);
    enum fg_condition c = FG_COND_POLICY_VIOLATION;
    if (why == FG_FAIL_TLS_REQUIRED_BY_PEER) c = FG_COND_UNSUPPORTED_FEATURE;
    /* The peer said no, which is no breach of rules: the stream just has no further use. */
    if (why == FG_FAIL_DIALBACK_REFUSED || why == FG_FAIL_EXTERNAL_REFUSED) {
        fg_stream_writes(st, "</stream:stream>");
        fg_stream_retire(st, why, NULL, FG_FLUSH_MS);
        return;
    }
    fg_stream_error(st, c, why, "%s", fg_failure_id(why));
}

static void ask_starttls(struct fg_out *o)
{
    if (!fg_s2s_client_tls(o->st.s, o->st.local)) {
        /* Without TLS of our own only what works in clear is left. */
        o->view.starttls_tried = true;
        o->view.starttls_offered = false;
        if (fg_method_allowed(fg_peer_terms(o->st.peer), FG_DIALBACK_TCP) &&
            !o->view.starttls_required)
            fg_out_step(o);
        else
            give_up(o, FG_FAIL_OWN_CERT_MISSING);
        return;
    }
    o->view.starttls_tried = true;
    fg_stream_enter(&o->st, FG_S_STARTTLS);
    fg_stream_writes(&o->st, "<starttls xmlns='" FG_NS_TLS "'/>");
}

static void send_external(struct fg_out *o)
{
    char from[FG_DOMAIN_TEXT_MAX];
    struct fg_buf b;
    fg_domain_display(o->st.local, from); /* as in the header */
    fg_buf_init(&b, REQUEST_MAX);
    int err = fg_sasl_auth(&b, from);
    fg_stream_enter(&o->st, FG_S_SASL);
    fg_stream_put(&o->st, &b, err);
}

static void send_key(struct fg_out *o)
{
    struct fg_stream *st = &o->st;
    char key[FG_DIALBACK_KEY_SIZE], from[FG_DOMAIN_TEXT_MAX], to[FG_DOMAIN_TEXT_MAX];
    if (!st->stream_id[0]) {
        fg_stream_error(st, FG_COND_UNDEFINED_CONDITION, FG_FAIL_STREAM_PROTOCOL,
                        "header without id");
        return;
    }
    if (!fg_own_key(st->s, st->remote, st->local, st->stream_id, key)) {
        fg_stream_retire(st, FG_FAIL_INTERNAL, "no dialback secret", 0);
        return;
    }
    fg_domain_display(st->local, from);
    fg_domain_display(st->remote, to);
    struct fg_buf b;
    fg_buf_init(&b, REQUEST_MAX);
    int err =
        fg_buf_addf(&b, "<db:result xmlns:db='" FG_NS_DIALBACK "' from='%s' to='%s'>%s</db:result>",
                    from, to, key);
    o->result_pending = true;
    fg_stream_enter(st, FG_S_DIALBACK);
    fg_stream_put(st, &b, err);
}

/* What stands between us and the goal is out of the way: authenticate, or ask for others. */
static void verify_keys(struct fg_out *o)
{
    if (fg_list_empty(&o->verifies)) {
        fg_stream_close(&o->st, FG_FAIL_NONE);
        return;
    }
    fg_stream_enter(&o->st, FG_S_DIALBACK);
    fg_verifies_send(o);
}

void fg_out_step(struct fg_out *o)
{
    enum fg_failure why = FG_FAIL_NO_METHOD;
    /* Who sent us a key to verify speaks dialback, whatever its features say. */
    if (!o->route) o->view.dialback_offered = true;
    switch (fg_next_step(fg_peer_terms(o->st.peer), &o->view, &why)) {
    case FG_STEP_STARTTLS:
        ask_starttls(o);
        return;
    case FG_STEP_EXTERNAL:
        if (o->route)
            send_external(o);
        else
            verify_keys(o);
        return;
    case FG_STEP_DIALBACK:
        if (o->route)
            send_key(o);
        else
            verify_keys(o);
        return;
    case FG_STEP_GIVE_UP:
        give_up(o, why);
        return;
    }
}

static void opened(struct fg_out *o, enum fg_method method)
{
    fg_stream_opened(&o->st, method);
    if (o->st.state == FG_S_OPEN && o->route) fg_route_opened(o->route);
}

static bool version_given(const struct fg_xml *root)
{
    const char *v = fg_xml_attr(root, "version");
    return v && *v >= '1' && *v <= '9';
}

static void out_header(struct fg_stream *st, const struct fg_stream_header *h)
{
    struct fg_out *o = fg_out_of(st);
    const char *id = fg_xml_attr(h->root, "id");
    if (strcmp(h->root->ns, FG_NS_STREAM) != 0 || strcmp(h->root->name, "stream") != 0 ||
        strcmp(h->content_ns, FG_NS_SERVER) != 0) {
        fg_stream_error(st, FG_COND_INVALID_NAMESPACE, FG_FAIL_STREAM_PROTOCOL, "stream header");
        return;
    }
    if (id && strlen(id) >= sizeof st->stream_id) {
        fg_stream_error(st, FG_COND_UNDEFINED_CONDITION, FG_FAIL_STREAM_PROTOCOL,
                        "stream id too long");
        return;
    }
    snprintf(st->stream_id, sizeof st->stream_id, "%s", id ? id : "");
    st->version1 = version_given(h->root);
    o->view.dialback_offered = h->dialback;
    o->view.starttls_offered = o->view.starttls_required = o->view.external_offered = false;
    fg_stream_enter(st, FG_S_NEGOTIATING);
    /* Before version 1.0 there are no features to wait for. */
    if (st->version1) return;
    if (st->sasl_done)
        opened(o, FG_SASL_TLS);
    else
        fg_out_step(o);
}

static void out_tls_ready(struct fg_stream *st)
{
    struct fg_out *o = fg_out_of(st);
    o->view.tls = true;
    o->view.certificate_ok = fg_stream_cert_ok(st, st->remote);
    if (o->view.certificate_ok)
        st->cert_not_after_ms = fg_cert_not_after_ms(fg_conn_peer_cert(st->conn));
    else
        fg_report_stream(st, FG_INFO, "peer_not_authenticated",
                         fg_stream_cert_failure(st, st->remote),
                         "encrypted, but the certificate does not prove the partner");
    fg_stream_restart(st);
    open_document(o);
}

/* ---- elements ---- */

static void on_features(struct fg_stream *st, const struct fg_xml *x)
{
    struct fg_out *o = fg_out_of(st);
    fg_features_read(x, &o->view);
    if (st->sasl_done)
        opened(o, FG_SASL_TLS);
    else
        fg_out_step(o);
}

static void on_proceed(struct fg_stream *st, const struct fg_xml *x)
{
    (void)x;
    fg_stream_start_tls(st);
}

static void on_tls_failure(struct fg_stream *st, const struct fg_xml *x)
{
    (void)x;
    fg_stream_retire(
        st, fg_out_of(st)->view.starttls_offered ? FG_FAIL_TLS_HANDSHAKE : FG_FAIL_TLS_NOT_OFFERED,
        "STARTTLS refused", FG_FLUSH_MS);
}

static void on_challenge(struct fg_stream *st, const struct fg_xml *x)
{
    (void)x;
    fg_stream_writes(st, "<response xmlns='" FG_NS_SASL "'>=</response>");
}

static void on_success(struct fg_stream *st, const struct fg_xml *x)
{
    (void)x;
    st->sasl_done = true;
    fg_stream_restart(st);
    open_document(fg_out_of(st));
}

static void on_sasl_failure(struct fg_stream *st, const struct fg_xml *x)
{
    struct fg_out *o = fg_out_of(st);
    const struct fg_xml *condition = fg_xml_first(x);
    snprintf(st->detail, sizeof st->detail, "%.100s", condition ? condition->name : "");
    fg_report_stream(st, FG_INFO, "external_refused", FG_FAIL_EXTERNAL_REFUSED, "%s", st->detail);
    o->view.external_failed = true;
    fg_stream_enter(st, FG_S_NEGOTIATING);
    fg_out_step(o);
}

/* The outbound stream is for delivery only; without bidi nothing may come back on it. */
static void on_stray_stanza(struct fg_stream *st, const struct fg_xml *x)
{
    fg_report_stream(st, FG_DEBUG, "stray_stanza", FG_FAIL_NONE, "%s on an outbound stream",
                     x->name);
}

static bool names_our_pair(const struct fg_stream *st, const struct fg_xml *x)
{
    const char *from = fg_xml_attr(x, "from"), *to = fg_xml_attr(x, "to");
    char remote[FG_DOMAIN_MAX], local[FG_DOMAIN_MAX];
    return from && to && fg_domain_prepare(from, strlen(from), remote) == 0 &&
           fg_domain_prepare(to, strlen(to), local) == 0 && strcmp(remote, st->remote) == 0 &&
           strcmp(local, st->local) == 0;
}

/* db:result with a type: the answer to our key. Others are not ours and are ignored (XEP-0220 3.1).
 */
void fg_out_on_result(struct fg_stream *st, const struct fg_xml *x)
{
    struct fg_out *o = fg_out_of(st);
    const char *type = fg_xml_attr(x, "type");
    if (!type || !o->result_pending || !names_our_pair(st, x)) return;
    o->result_pending = false;
    if (strcmp(type, "valid") == 0) {
        opened(o, fg_stream_is_tls(st) ? FG_DIALBACK_TLS : FG_DIALBACK_TCP);
        return;
    }
    if (strcmp(type, "invalid") == 0) {
        fg_stream_writes(st, "</stream:stream>");
        fg_stream_retire(st, FG_FAIL_DIALBACK_INVALID, NULL, FG_FLUSH_MS);
        return;
    }
    const struct fg_xml *error = fg_xml_child(x, NULL, "error");
    const struct fg_xml *condition = error ? fg_xml_first(error) : NULL;
    snprintf(st->detail, sizeof st->detail, "%.100s", condition ? condition->name : "");
    o->view.dialback_failed = true;
    fg_out_step(o);
}

enum {
    LIVE = FG_IN(FG_S_NEGOTIATING) | FG_IN(FG_S_STARTTLS) | FG_IN(FG_S_SASL) |
           FG_IN(FG_S_DIALBACK) | FG_IN(FG_S_OPEN) | FG_IN(FG_S_CLOSING)
};

static const struct fg_dispatch dispatch[] = {
    {FG_NS_STREAM, "features", FG_IN(FG_S_NEGOTIATING), on_features},
    {FG_NS_TLS, "proceed", FG_IN(FG_S_STARTTLS), on_proceed},
    {FG_NS_TLS, "failure", FG_IN(FG_S_STARTTLS), on_tls_failure},
    {FG_NS_SASL, "challenge", FG_IN(FG_S_SASL), on_challenge},
    {FG_NS_SASL, "success", FG_IN(FG_S_SASL), on_success},
    {FG_NS_SASL, "failure", FG_IN(FG_S_SASL), on_sasl_failure},
    {FG_NS_DIALBACK, "result", LIVE, fg_out_on_result},
    {FG_NS_DIALBACK, "verify", LIVE, fg_out_on_verify},
    {FG_NS_STREAM, "error", LIVE, fg_stream_on_error},
    {FG_NS_SERVER, "message", LIVE, on_stray_stanza},
    {FG_NS_SERVER, "presence", LIVE, on_stray_stanza},
    {FG_NS_SERVER, "iq", LIVE, on_stray_stanza},
};

static void out_element(struct fg_stream *st, const struct fg_xml *x)
{
    const struct fg_dispatch *d = fg_dispatch_find(dispatch, sizeof dispatch / sizeof *dispatch, x);
    if (d && (d->states & FG_IN(st->state))) {
        d->handle(st, x);
        return;
    }
    if (st->state == FG_S_CLOSING || st->state == FG_S_OPEN) return;
    fg_stream_error(st, d ? FG_COND_POLICY_VIOLATION : FG_COND_UNSUPPORTED_STANZA_TYPE,
                    FG_FAIL_STREAM_PROTOCOL, "unexpected %.100s", x->name);
}

/* ---- life ---- */

static void out_activated(struct fg_stream *st)
{
    struct fg_out *o = fg_out_of(st);
    fg_stream_limits(st);
    if (!fg_stream_is_judged(st)) return;
    struct fg_judgement j = fg_stream_judge(st, st->s->snapshot, fg_clock_wall_ms());
    if (j.fate != FG_FATE_CLOSE) (void)fg_stream_follow(st);
    if (fg_stream_obey(st, &j)) return;
    if (st->state == FG_S_OPEN) fg_out_idle(st);
    if (o->ticket && o->resolver != st->s->resolver) {
        fg_resolver_cancel(o->resolver, o->ticket);
        if (resolve(o)) fg_stream_retire(st, FG_FAIL_INTERNAL, "out of memory", 0);
    }
}

static void out_down(struct fg_stream *st, enum fg_stream_state was)
{
    struct fg_out *o = fg_out_of(st);
    if (o->ticket) fg_resolver_cancel(o->resolver, o->ticket);
    if (o->dial) fg_dial_cancel(o->dial);
    o->ticket = 0;
    o->dial = NULL;
    fg_verifies_fail(o, st->failure);
    if (o->route) fg_route_down(o->route, o, was, st->failure);
}

static void out_release(struct fg_stream *st)
{
    free(fg_out_of(st));
}

/* We asked for TLS although it was not offered (RFC 7590 3.1): however the peer says no, or goes
 * silent, that is the cause an administrator can do something about. */
static enum fg_failure out_meaning(struct fg_stream *st, enum fg_failure why)
{
    if (st->state != FG_S_STARTTLS || fg_out_of(st)->view.starttls_offered) return why;
    switch (why) {
    case FG_FAIL_STREAM_ERROR:
    case FG_FAIL_STREAM_CLOSED:
    case FG_FAIL_STREAM_TIMEOUT:
    case FG_FAIL_CONNECT_LOST:
        return FG_FAIL_TLS_NOT_OFFERED;
    default:
        return why;
    }
}

static const struct fg_stream_ops out_ops = {
    .header = out_header,
    .element = out_element,
    .tls_ready = out_tls_ready,
    .written = fg_out_written,
    .idle = fg_out_idle,
    .activated = out_activated,
    .meaning = out_meaning,
    .down = out_down,
    .release = out_release,
};

int fg_out_new(struct fg_out **out, struct fg_s2s *s, struct fg_peer *peer, const char *local,
               const char *remote, struct fg_route *route)
{
    struct fg_out *o = calloc(1, sizeof *o);
    if (!o) return ENOMEM;
    struct fg_stream *st = &o->st;
    fg_list_init(&o->unflushed);
    fg_list_init(&o->verifies);
    snprintf(st->local, sizeof st->local, "%s", local);
    snprintf(st->remote, sizeof st->remote, "%s", remote);
    fg_stream_init(st, s, &out_ops, false);
    fg_stream_set_peer(st, peer);
    st->row = fg_peer_terms(peer)->row;
    fg_stream_enter(st, FG_S_RESOLVING);
    int err = resolve(o);
    if (err) {
        fg_stream_retire(st, FG_FAIL_INTERNAL, "look-up could not be started", 0);
        return err;
    }
    o->route = route;
    if (route) peer->attempts++;
    *out = o;
    return 0;
}
