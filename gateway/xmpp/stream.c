/* What inbound and outbound streams have in common: one connection, one parser, one state, one
 * timer, and the ways in which a stream ends. See internal.h. */
#include "gateway/xmpp/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/xmpp/ns.h"

enum { WRITE_MAX = 64 * 1024, DOZE_MS = 3000 };

static const char *const state_names[] = {
    [FG_S_NEW] = "new",
    [FG_S_RESOLVING] = "resolving",
    [FG_S_CONNECTING] = "connecting",
    [FG_S_HEADER] = "header",
    [FG_S_NEGOTIATING] = "negotiating",
    [FG_S_STARTTLS] = "starttls",
    [FG_S_TLS] = "tls",
    [FG_S_SASL] = "sasl",
    [FG_S_DIALBACK] = "dialback",
    [FG_S_OPEN] = "open",
    [FG_S_CLOSING] = "closing",
    [FG_S_DEAD] = "closed",
};

const char *fg_stream_state_name(enum fg_stream_state st)
{
    return state_names[st];
}

void fg_report_stream(struct fg_stream *st, enum fg_level level, const char *code,
                      enum fg_failure why, const char *fmt, ...)
{
    const struct fg_report *r = st->s->report;
    if (!r || !r->event || level < r->level) return;
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct fg_event e = {
        .level = level,
        .component = st->inbound ? "xmpp.in" : "xmpp.out",
        .code = code,
        .partner = st->peer        ? st->peer->domain
                   : st->remote[0] ? st->remote
                                   : NULL,
        .stream = st->id,
        .revision = st->s->snapshot ? fg_snapshot_revision(st->s->snapshot) : 0,
        .failure = why,
    };
    fg_report_event(r, e, "%s", text);
}

void fg_stream_enter(struct fg_stream *st, enum fg_stream_state to)
{
    if (st->state == to || st->state == FG_S_DEAD) return;
    enum fg_stream_state from = st->state;
    st->state = to;
    st->s->counters.changes++;
    fg_report_stream(st, FG_DEBUG, "stream_state", FG_FAIL_NONE, "%s -> %s", state_names[from],
                     state_names[to]);
}

const struct fg_dispatch *fg_dispatch_find(const struct fg_dispatch *table, size_t n,
                                           const struct fg_xml *x)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(table[i].name, x->name) == 0 && strcmp(table[i].ns, x->ns) == 0)
            return &table[i];
    return NULL;
}

/* ---- timer ---- */

static void set_up_too_slow(struct fg_stream *st)
{
    if (st->state == FG_S_CONNECTING)
        fg_stream_retire(st, FG_FAIL_CONNECT_TIMEOUT, NULL, 0);
    else if (st->state == FG_S_RESOLVING)
        fg_stream_retire(st, FG_FAIL_DNS_TIMEOUT, NULL, 0);
    else
        fg_stream_error(st, FG_COND_CONNECTION_TIMEOUT,
                        st->state == FG_S_DIALBACK ? FG_FAIL_DIALBACK_TIMEOUT
                                                   : FG_FAIL_STREAM_TIMEOUT,
                        "not set up in time");
}

static void on_timer(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    struct fg_stream *st = w->data;
    if (st->state == FG_S_CLOSING)
        fg_stream_retire(st, st->failure, NULL, 0);
    else if (st->state == FG_S_OPEN)
        st->ops->idle(st);
    else if (st->state != FG_S_DEAD)
        set_up_too_slow(st);
}

void fg_stream_arm(struct fg_stream *st, int64_t ms)
{
    if (st->state == FG_S_DEAD) return;
    ev_timer_stop(st->s->loop, &st->timer);
    ev_timer_set(&st->timer, ms > 0 ? (double)ms / 1000. : 0., 0.);
    ev_timer_start(st->s->loop, &st->timer);
}

int64_t fg_stream_doze(struct fg_stream *st, int64_t now, int64_t next)
{
    if (now - st->last_rx_ms >= DOZE_MS) fg_parser_doze(st->parser);
    return fg_parser_asleep(st->parser) || next < DOZE_MS ? next : DOZE_MS;
}

/* ---- birth ---- */

void fg_stream_init(struct fg_stream *st, struct fg_s2s *s, const struct fg_stream_ops *ops,
                    bool inbound)
{
    st->s = s;
    st->ops = ops;
    st->inbound = inbound;
    st->id = ++s->next_id;
    st->since_ms = fg_clock_wall_ms();
    st->last_rx_ms = st->last_stanza_ms = fg_clock_mono_ms();
    fg_list_init(&st->node);
    fg_list_append(&s->streams, &st->node);
    ev_timer_init(&st->timer, on_timer, 0., 0.);
    st->timer.data = st;
    /* A stream that is missing here (no memory) works, but cannot be found by its number. */
    if (fg_map_add(&s->by_id, &st->by_id, &st->id, sizeof st->id)) st->by_id.key = NULL;
    fg_stream_arm(st, fg_s2s_setup_ms(s));
}

static void on_header(void *arg, const struct fg_stream_header *h)
{
    struct fg_stream *st = arg;
    if (st->state == FG_S_DEAD || st->deaf) return;
    const char *lang = fg_xml_lang(h->root);
    snprintf(st->lang, sizeof st->lang, "%s", lang && strlen(lang) < sizeof st->lang ? lang : "");
    st->ops->header(st, h);
}

static void on_element(void *arg, const struct fg_xml *x)
{
    struct fg_stream *st = arg;
    if (st->state != FG_S_DEAD && !st->deaf) st->ops->element(st, x);
}

/* The peer's end tag: we answer with ours unless it is out already. */
static void on_footer(void *arg)
{
    struct fg_stream *st = arg;
    if (st->state == FG_S_DEAD) return;
    if (st->state == FG_S_CLOSING) {
        fg_stream_retire(st, st->failure, NULL, FG_FLUSH_MS);
        return;
    }
    if (st->header_sent) fg_stream_writes(st, "</stream:stream>");
    fg_stream_drain(st, FG_FAIL_STREAM_CLOSED);
}

static const struct fg_parser_events parser_events = {on_header, on_element, on_footer};

void fg_stream_limits(struct fg_stream *st)
{
    if (!st->parser) return;
    const struct fg_settings *set = st->s->settings;
    struct fg_parser_limits l = {
        .stanza = set->limits.stanza_bytes,
        .depth = set->limits.depth,
        .attributes = set->limits.attributes,
    };
    if (st->method == FG_METHOD_NONE && l.stanza > set->limits.unauthenticated_bytes)
        l.stanza = set->limits.unauthenticated_bytes;
    fg_parser_set_limits(st->parser, &l);
}

/* ---- connection ---- */

bool fg_stream_is_tls(const struct fg_stream *st)
{
    return st->conn && fg_conn_is_tls(st->conn);
}

void fg_stream_tls_now(struct fg_stream *st, const char *alpn)
{
    st->start_tls = false;
    struct fg_tls_params p = {
        .ctx =
            st->inbound ? fg_s2s_server_tls(st->s, st->local) : fg_s2s_client_tls(st->s, st->local),
        .sni = st->inbound ? NULL : st->remote,
        .alpn = alpn,
    };
    int err = p.ctx ? fg_conn_start_tls(st->conn, &p) : EINVAL;
    if (err == EPROTO)
        fg_stream_retire(st, FG_FAIL_STREAM_PROTOCOL, "data in clear behind the request for TLS",
                         0);
    else if (err)
        fg_stream_retire(st, FG_FAIL_INTERNAL, "TLS could not be started", 0);
}

/* Before authentication every byte counts against one budget, however it is spread over stanzas. */
static bool early_budget_spent(struct fg_stream *st, size_t len)
{
    if (!st->inbound || st->method != FG_METHOD_NONE) return false;
    st->early_bytes += len;
    return st->early_bytes > st->s->settings->limits.unauthenticated_bytes;
}

static void on_fault(struct fg_stream *st, enum fg_condition c)
{
    bool big = fg_parser_too_big(st->parser);
    fg_stream_error(st, c, FG_FAIL_STREAM_PROTOCOL, "%s", big ? "stanza too big" : "");
}

static void on_data(struct fg_stream *st)
{
    struct fg_buf *in = fg_conn_input(st->conn);
    size_t len = fg_buf_len(in), used = 0;
    if (st->deaf) {
        fg_buf_consume(in, len);
        return;
    }
    st->last_rx_ms = fg_clock_mono_ms();
    bool woken = fg_parser_asleep(st->parser);
    enum fg_condition fault = fg_parser_feed(st->parser, fg_buf_data(in), len, &used);
    if (st->state == FG_S_DEAD) return;
    fg_buf_consume(in, used);
    if (st->start_tls) {
        fg_stream_tls_now(st, NULL);
        return;
    }
    if (st->deaf) return;
    if (!fault && early_budget_spent(st, used)) {
        fg_stream_error(st, FG_COND_POLICY_VIOLATION, FG_FAIL_STREAM_PROTOCOL,
                        "too much data before authentication");
        return;
    }
    if (fault)
        on_fault(st, fault);
    else if (woken && st->state == FG_S_OPEN)
        st->ops->idle(st); /* so that it falls asleep again */
}

static void on_writable(struct fg_stream *st)
{
    if (st->ops->written) st->ops->written(st);
    if (st->state == FG_S_CLOSING && st->deaf &&
        fg_conn_flushed(st->conn) == fg_conn_queued(st->conn))
        fg_stream_retire(st, st->failure, NULL, FG_FLUSH_MS);
}

static void on_conn(struct fg_conn *c, enum fg_conn_event e, void *arg)
{
    struct fg_stream *st = arg;
    if (st->state == FG_S_DEAD) return;
    switch (e) {
    case FG_CONN_DATA:
        on_data(st);
        return;
    case FG_CONN_WRITABLE:
        on_writable(st);
        return;
    case FG_CONN_TLS_READY:
        st->ops->tls_ready(st);
        return;
    case FG_CONN_CLOSED:
        /* The peer says nothing more, but may still take what is on its way. */
        if (st->state == FG_S_CLOSING && st->deaf && st->unflushed) return;
        fg_stream_retire(st, st->state == FG_S_CLOSING ? st->failure : FG_FAIL_STREAM_CLOSED,
                         "connection closed without end of stream", FG_FLUSH_MS);
        return;
    case FG_CONN_ERROR:
        fg_stream_retire(st, st->state == FG_S_CLOSING ? st->failure : fg_conn_failure(c),
                         fg_conn_failure_detail(c), 0);
        return;
    case FG_CONN_CONNECTED:
    case FG_CONN_TIMEOUT:
        return;
    }
}

int fg_stream_attach(struct fg_stream *st, struct fg_conn *c)
{
    struct fg_parser_limits none = {.stanza = 1, .depth = 1, .attributes = 1};
    int err = fg_parser_new(&st->parser, &none, &parser_events, st);
    if (err) return err;
    fg_stream_limits(st);
    st->conn = c;
    fg_conn_set_handler(c, on_conn, st);
    return 0;
}

/* ---- output ---- */

void fg_stream_write(struct fg_stream *st, const void *data, size_t len)
{
    if (st->state == FG_S_DEAD || !st->conn) return;
    if (fg_conn_write(st->conn, data, len))
        fg_stream_retire(st, FG_FAIL_CONNECT_LOST, "the peer does not take our data", 0);
}

void fg_stream_writes(struct fg_stream *st, const char *text)
{
    fg_stream_write(st, text, strlen(text));
}

void fg_stream_put(struct fg_stream *st, struct fg_buf *b, int err)
{
    if (err)
        fg_stream_retire(st, FG_FAIL_INTERNAL, "out of memory", 0);
    else
        fg_stream_write(st, fg_buf_data(b), fg_buf_len(b));
    fg_buf_free(b);
}

static int add_domain(struct fg_buf *b, const char *name, const char *domain)
{
    char text[FG_DOMAIN_TEXT_MAX];
    text[0] = '\0';
    if (domain[0]) fg_domain_display(domain, text);
    return fg_buf_addf(b, " %s='%s'", name, text);
}

void fg_stream_header(struct fg_stream *st, bool dialback, bool version)
{
    struct fg_buf b;
    fg_buf_init(&b, WRITE_MAX);
    int err = fg_buf_adds(&b, "<?xml version='1.0'?><stream:stream xmlns='" FG_NS_SERVER
                              "' xmlns:stream='" FG_NS_STREAM "'");
    if (!err && dialback) err = fg_buf_adds(&b, " xmlns:db='" FG_NS_DIALBACK "'");
    /* An answer to an unknown `to` comes from nobody in particular (RFC 6120 4.9.1.3). */
    if (!err) err = add_domain(&b, "from", st->local);
    if (!err && st->remote[0]) err = add_domain(&b, "to", st->remote);
    if (!err && st->inbound) err = fg_buf_addf(&b, " id='%s'", st->stream_id);
    if (!err) err = fg_buf_addf(&b, " xml:lang='en'%s>", version ? " version='1.0'" : "");
    st->header_sent = true;
    fg_stream_put(st, &b, err);
}

void fg_stream_restart(struct fg_stream *st)
{
    st->header_sent = false;
    fg_parser_restart(st->parser);
}

void fg_stream_start_tls(struct fg_stream *st)
{
    st->start_tls = true;
    fg_parser_stop(st->parser);
    fg_stream_enter(st, FG_S_TLS);
}

/* ---- certificate ---- */

enum fg_failure fg_stream_cert_failure(const struct fg_stream *st, const char *domain)
{
    X509 *cert = st->conn ? fg_conn_peer_cert(st->conn) : NULL;
    if (!cert) return FG_FAIL_CERT_MISSING;
    int verify = fg_conn_verify_result(st->conn);
    if (verify != X509_V_OK) return fg_cert_failure(verify);
    return fg_cert_names_xmpp_domain(cert, domain) ? FG_FAIL_NONE : FG_FAIL_CERT_NAME_MISMATCH;
}

bool fg_stream_cert_ok(const struct fg_stream *st, const char *domain)
{
    return fg_stream_cert_failure(st, domain) == FG_FAIL_NONE;
}

/* ---- peers ---- */

void fg_stream_set_peer(struct fg_stream *st, struct fg_peer *p)
{
    if (st->peer == p) return;
    if (p) p->users++;
    if (st->counted && st->peer) st->peer->streams--;
    if (st->counted && p) p->streams++;
    struct fg_peer *old = st->peer;
    st->peer = p;
    if (old) fg_peer_put(st->s, old);
}

bool fg_stream_follow(struct fg_stream *st)
{
    const struct fg_partner *partner = fg_s2s_partner(st->s, st->remote);
    struct fg_peer *p = partner ? fg_peer_get(st->s, partner) : NULL;
    if (!p) return false;
    fg_stream_set_peer(st, p);
    fg_peer_put(st->s, p);
    return true;
}

void fg_stream_opened(struct fg_stream *st, enum fg_method method)
{
    if (st->state == FG_S_DEAD) return;
    struct fg_s2s *s = st->s;
    st->method = method;
    st->opened_ms = st->last_rx_ms = st->last_stanza_ms = fg_clock_mono_ms();
    st->counted = true;
    if (st->peer) {
        st->peer->streams++;
        fg_peer_succeeded(st->peer);
    }
    if (st->inbound) {
        s->counters.open_in++;
        s->counters.streams_in++;
        fg_limits_authenticated(s, st->address);
    } else {
        s->counters.open_out++;
        s->counters.streams_out++;
    }
    fg_stream_enter(st, FG_S_OPEN);
    fg_stream_limits(st);
    fg_report_stream(st, FG_INFO, "stream_open", FG_FAIL_NONE, "%s -> %s by %s, %s",
                     st->inbound ? st->remote : st->local, st->inbound ? st->local : st->remote,
                     fg_method_name(method),
                     fg_stream_is_tls(st) ? fg_conn_tls_version(st->conn) : "not encrypted");
    st->ops->idle(st);
}
