/* What the streams, partners and counters look like right now, for whoever asks. */
#include "gateway/xmpp/internal.h"

#include <errno.h>

#include "gateway/base/clock.h"

enum { NAMES_MAX = 512 };

static const char *verdict(struct fg_stream *st)
{
    if (!st->conn || !fg_conn_peer_cert(st->conn)) return "none";
    enum fg_failure f = fg_stream_cert_failure(st, st->remote);
    return f ? fg_failure_id(f) : "valid";
}

static void fill_queue(struct fg_stream *st, struct fg_stream_info *i)
{
    if (st->inbound || !fg_out_of(st)->route) return;
    const struct fg_route *r = fg_out_of(st)->route;
    if (r->out != fg_out_of(st)) return;
    i->queue = r->n_waiting;
    if (fg_list_empty(&r->waiting)) return;
    const struct fg_item *it = FG_CONTAINER(r->waiting.next, struct fg_item, node);
    i->queue_age_ms = fg_clock_mono_ms() - it->queued_ms;
}

void fg_s2s_streams(struct fg_s2s *s, void (*each)(void *arg, const struct fg_stream_info *i),
                    void *arg)
{
    FG_LIST_EACH(&s->streams, n, tmp)
    {
        struct fg_stream *st = FG_CONTAINER(n, struct fg_stream, node);
        X509 *cert = st->conn ? fg_conn_peer_cert(st->conn) : NULL;
        char names[NAMES_MAX];
        struct fg_stream_info i = {
            .id = st->id,
            .partner = st->peer ? st->peer->domain : "",
            .local_domain = st->local,
            .remote_domain = st->remote,
            .inbound = st->inbound,
            .peer_address = st->conn ? fg_conn_peer_text(st->conn) : "",
            .tls_version = st->conn ? fg_conn_tls_version(st->conn) : NULL,
            .tls_cipher = st->conn ? fg_conn_tls_cipher(st->conn) : NULL,
            .certificate_verdict = verdict(st),
            .certificate_names = cert ? fg_cert_names(cert, names, sizeof names) : "",
            .method = st->method,
            .state = fg_stream_state_name(st->state),
            .since_ms = st->since_ms,
            .stanzas_in = st->stanzas_in,
            .stanzas_out = st->stanzas_out,
        };
        fill_queue(st, &i);
        each(arg, &i);
    }
}

int fg_s2s_close_stream(struct fg_s2s *s, uint64_t id)
{
    struct fg_stream *st = fg_s2s_stream(s, id);
    if (!st) return ENOENT;
    fg_stream_close(st, FG_FAIL_STREAM_CLOSED);
    return 0;
}

struct partners_each {
    void (*each)(void *arg, const struct fg_partner_info *i);
    void *arg;
};

static void tell_partner(struct fg_map_node *n, void *arg)
{
    const struct partners_each *e = arg;
    const struct fg_peer *p = FG_CONTAINER(n, struct fg_peer, node);
    struct fg_partner_info i = {
        .partner = p->domain,
        .last_success_ms = p->last_success_ms,
        .last_failure_ms = p->last_failure_ms,
        .failure_inbound = p->failure_inbound,
        .failure = p->failure,
        .failure_detail = p->failure_detail,
        .last_out_failure_ms = p->out_failure_ms,
        .out_failure = p->out_failure,
        .next_retry_ms = p->next_retry_ms,
        .streams = p->streams,
        .attempts = p->attempts,
        .queue = p->queue,
        .stanzas_in = p->stanzas_in,
        .stanzas_out = p->stanzas_out,
        .stanzas_refused = p->stanzas_refused,
    };
    e->each(e->arg, &i);
}

void fg_s2s_partners(struct fg_s2s *s, void (*each)(void *arg, const struct fg_partner_info *i),
                     void *arg)
{
    struct partners_each e = {each, arg};
    fg_map_each(&s->peers, tell_partner, &e);
}

void fg_s2s_counters(const struct fg_s2s *s, struct fg_s2s_counters *out)
{
    *out = s->counters;
}
