/* The ways in which a stream ends: with an error, in peace, at once. See internal.h. */
#include "gateway/xmpp/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/quote.h"
#include "gateway/xmpp/ns.h"

enum { WRITE_MAX = 64 * 1024 };

static void note_failure(struct fg_stream *st, enum fg_failure why, const char *detail)
{
    st->failure = why;
    if (detail && *detail) fg_quotes(st->detail, sizeof st->detail, detail);
}

void fg_stream_error(struct fg_stream *st, enum fg_condition c, enum fg_failure why,
                     const char *fmt, ...)
{
    if (st->state == FG_S_DEAD || st->deaf) return;
    char text[FG_DETAIL_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    char detail[FG_DETAIL_MAX + 64]; /* with the condition's name before it */
    snprintf(detail, sizeof detail, "%s%s%s", fg_condition_name(c), *text ? ": " : "", text);
    note_failure(st, why, detail);
    /* TLS failing or not there yet: no XML can be sent (RFC 6120 5.4.3.2). */
    if (!st->conn || st->state == FG_S_TLS || st->state == FG_S_CLOSING) {
        fg_stream_retire(st, why, NULL, 0);
        return;
    }
    if (!st->header_sent) fg_stream_header(st, false, true);
    if (st->state == FG_S_DEAD) return;
    struct fg_buf b;
    fg_buf_init(&b, WRITE_MAX);
    bool big = fg_parser_too_big(st->parser);
    int err =
        fg_condition_write(&b, c, text, big ? "<stanza-too-big xmlns='" FG_NS_ERRORS "'/>" : NULL);
    fg_stream_put(st, &b, err);
    if (st->state == FG_S_DEAD) return;
    /* What the peer has under way when we end without its fault is still taken. */
    bool gentle = st->state == FG_S_OPEN && (c == FG_COND_RESET || c == FG_COND_SYSTEM_SHUTDOWN);
    fg_stream_enter(st, FG_S_CLOSING);
    st->deaf = !gentle;
    if (st->deaf && st->unflushed == 0) {
        fg_stream_retire(st, why, NULL, FG_FLUSH_MS);
        return;
    }
    if (st->deaf) fg_parser_stop(st->parser);
    fg_stream_arm(st, gentle ? FG_CLOSE_WAIT_MS : FG_FLUSH_MS);
}

void fg_stream_close(struct fg_stream *st, enum fg_failure why)
{
    if (st->state == FG_S_DEAD || st->state == FG_S_CLOSING) return;
    note_failure(st, why, NULL);
    if (!st->conn || !st->header_sent || st->state == FG_S_TLS) {
        fg_stream_retire(st, why, NULL, 0);
        return;
    }
    fg_stream_writes(st, "</stream:stream>");
    fg_stream_enter(st, FG_S_CLOSING);
    fg_stream_arm(st, FG_CLOSE_WAIT_MS);
}

void fg_stream_drain(struct fg_stream *st, enum fg_failure why)
{
    if (st->state == FG_S_DEAD) return;
    if (st->unflushed == 0) {
        fg_stream_retire(st, why, NULL, FG_FLUSH_MS);
        return;
    }
    note_failure(st, why, NULL);
    fg_stream_enter(st, FG_S_CLOSING);
    st->deaf = true;
    fg_parser_stop(st->parser);
    fg_stream_arm(st, FG_FLUSH_MS);
}

/* Ends that are nobody's fault. */
static bool peaceful(enum fg_failure f)
{
    return f == FG_FAIL_NONE || f == FG_FAIL_STREAM_IDLE || f == FG_FAIL_STREAM_CLOSED ||
           f == FG_FAIL_SHUTDOWN || f == FG_FAIL_TERMS_CHANGED || f == FG_FAIL_PARTNER_REMOVED;
}

static void report_end(struct fg_stream *st)
{
    struct fg_s2s *s = st->s;
    bool opened = st->counted;
    if (opened && peaceful(st->failure)) {
        fg_report_stream(st, FG_INFO, "stream_closed", st->failure, "%s", st->detail);
        return;
    }
    if (!opened && st->inbound) s->counters.failed_in++;
    if (!opened && !st->inbound) s->counters.failed_out++;
    if (st->failure == FG_FAIL_NONE || st->failure == FG_FAIL_SHUTDOWN) return;
    /* An inbound stream that ends before it proved anything says nothing of the partner it named,
     * but helps whoever looks for the cause. */
    if (st->peer) fg_peer_failed(st->peer, st->inbound, st->failure, st->detail);
    if (st->peer && !opened && !st->inbound) fg_peer_attempt_failed(st->peer, st->failure);
    fg_report_stream(st, FG_WARNING, fg_failure_id(st->failure), st->failure, "%s%s%s",
                     fg_failure_cause(st->failure), st->detail[0] ? " " : "", st->detail);
}

static void uncount(struct fg_stream *st)
{
    struct fg_s2s *s = st->s;
    if (st->inbound && !st->counted) {
        fg_limits_authenticated(s, st->address);
    }
    if (!st->counted) return;
    if (st->inbound)
        s->counters.open_in--;
    else
        s->counters.open_out--;
}

void fg_stream_retire(struct fg_stream *st, enum fg_failure why, const char *detail, int linger_ms)
{
    if (st->state == FG_S_DEAD) return;
    struct fg_s2s *s = st->s;
    enum fg_stream_state was = st->state;
    if (st->ops->meaning) why = st->ops->meaning(st, why);
    note_failure(st, why, st->detail[0] ? NULL : detail);
    ev_timer_stop(s->loop, &st->timer);
    if (st->parser) fg_parser_stop(st->parser);
    report_end(st);
    uncount(st);
    fg_stream_enter(st, FG_S_DEAD);
    if (st->by_id.key) fg_map_remove(&s->by_id, &st->by_id);
    fg_list_remove(&st->node);
    fg_list_append(&s->dead, &st->node);
    st->ops->down(st, was);
    fg_stream_set_peer(st, NULL);
    st->counted = false;
    if (st->conn && linger_ms > 0)
        fg_conn_close_flush(st->conn, linger_ms);
    else if (st->conn)
        fg_conn_close(st->conn);
    st->conn = NULL;
    fg_s2s_check_stopped(s);
}

void fg_streams_bury(struct fg_s2s *s)
{
    FG_LIST_EACH(&s->dead, n, tmp)
    {
        struct fg_stream *st = FG_CONTAINER(n, struct fg_stream, node);
        fg_list_remove(n);
        fg_parser_free(st->parser);
        free(st->address);
        st->ops->release(st);
    }
}

void fg_stream_on_error(struct fg_stream *st, const struct fg_xml *x)
{
    enum fg_condition c = fg_condition_read(x);
    struct fg_buf text;
    fg_buf_init(&text, WRITE_MAX);
    const struct fg_xml *t = fg_xml_child(x, FG_NS_STREAM_ERROR, "text");
    if (t && fg_xml_text(t, &text)) fg_buf_reset(&text);
    const char *words = fg_buf_cstr(&text);
    char detail[FG_DETAIL_MAX];
    snprintf(detail, sizeof detail, "%s%s%s", fg_condition_name(c), words && *words ? ": " : "",
             words ? words : "");
    fg_buf_free(&text);
    fg_stream_writes(st, "</stream:stream>");
    fg_stream_retire(st, FG_FAIL_STREAM_ERROR, detail, FG_FLUSH_MS);
}
