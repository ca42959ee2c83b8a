/* STARTTLS and SASL EXTERNAL on inbound streams (RFC 6120 5, 6; XEP-0178 3). */
#include "gateway/xmpp/internal.h"

#include <string.h>

#include "gateway/xmpp/ns.h"

enum { ANSWER_MAX = 1024, TEXT_MAX = 4096, FAILURES_MAX = 3 };

void fg_in_on_starttls(struct fg_stream *st, const struct fg_xml *x)
{
    (void)x;
    const struct fg_terms *t = st->peer ? fg_peer_terms(st->peer) : NULL;
    bool allowed = (!t || t->tls != FG_NOT_SUPPORTED) && fg_s2s_server_tls(st->s, st->local);
    if (fg_stream_is_tls(st) || st->state != FG_S_NEGOTIATING || !allowed) {
        fg_stream_writes(st, "<failure xmlns='" FG_NS_TLS "'/></stream:stream>");
        fg_stream_retire(st, FG_FAIL_STREAM_PROTOCOL, "STARTTLS was not offered", FG_FLUSH_MS);
        return;
    }
    fg_in_forget(fg_in_of(st));
    fg_stream_writes(st, "<proceed xmlns='" FG_NS_TLS "'/>");
    if (st->state != FG_S_DEAD) fg_stream_start_tls(st);
}

static void refuse(struct fg_stream *st, enum fg_sasl why)
{
    struct fg_in *in = fg_in_of(st);
    struct fg_buf b;
    fg_buf_init(&b, ANSWER_MAX);
    int err = fg_sasl_failure(&b, why);
    fg_stream_put(st, &b, err);
    if (st->state == FG_S_DEAD) return;
    fg_stream_enter(st, FG_S_NEGOTIATING);
    fg_report_stream(st, FG_INFO, "sasl_refused", FG_FAIL_NONE, "%s", fg_sasl_name(why));
    if (++in->failures >= FAILURES_MAX)
        fg_stream_error(st, FG_COND_POLICY_VIOLATION, FG_FAIL_STREAM_PROTOCOL,
                        "too many failed attempts to authenticate");
}

static void admit(struct fg_stream *st)
{
    if (!fg_in_room(fg_in_of(st), st->peer)) {
        fg_stream_error(st, FG_COND_RESOURCE_CONSTRAINT, FG_FAIL_CONNECTION_LIMIT,
                        "too many streams");
        return;
    }
    fg_in_forget(fg_in_of(st));
    fg_stream_writes(st, "<success xmlns='" FG_NS_SASL "'/>");
    if (st->state == FG_S_DEAD) return;
    st->cert_not_after_ms = fg_cert_not_after_ms(fg_conn_peer_cert(st->conn));
    st->sasl_done = true;
    fg_stream_restart(st);
    fg_stream_enter(st, FG_S_HEADER);
}

static void judge(struct fg_stream *st, const struct fg_xml *x, bool initial)
{
    struct fg_buf text;
    fg_buf_init(&text, TEXT_MAX);
    enum fg_sasl r = FG_SASL_MALFORMED_REQUEST;
    if (fg_xml_text(x, &text) == 0)
        r = fg_sasl_response((const char *)fg_buf_data(&text), fg_buf_len(&text), st->remote,
                             initial);
    fg_buf_free(&text);
    if (r == FG_SASL_OK) {
        admit(st);
    } else if (r == FG_SASL_NONE) {
        fg_stream_writes(st, "<challenge xmlns='" FG_NS_SASL "'/>");
        fg_stream_enter(st, FG_S_SASL);
    } else {
        refuse(st, r);
    }
}

void fg_in_on_auth(struct fg_stream *st, const struct fg_xml *x)
{
    const char *mechanism = fg_xml_attr(x, "mechanism");
    if (!fg_stream_is_tls(st))
        refuse(st, FG_SASL_ENCRYPTION_REQUIRED);
    else if (!mechanism)
        refuse(st, FG_SASL_MALFORMED_REQUEST);
    else if (strcmp(mechanism, "EXTERNAL") != 0 || !st->peer ||
             !fg_method_allowed(fg_peer_terms(st->peer), FG_SASL_TLS))
        refuse(st, FG_SASL_INVALID_MECHANISM);
    else if (!fg_stream_cert_ok(st, st->remote))
        refuse(st, FG_SASL_NOT_AUTHORIZED);
    else
        judge(st, x, true);
}

void fg_in_on_response(struct fg_stream *st, const struct fg_xml *x)
{
    judge(st, x, false);
}

void fg_in_on_abort(struct fg_stream *st, const struct fg_xml *x)
{
    (void)x;
    refuse(st, FG_SASL_ABORTED);
}
