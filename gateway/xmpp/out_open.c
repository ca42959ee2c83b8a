/* An open outbound stream: stanzas, pings, idleness. See internal.h. */
#include "gateway/xmpp/internal.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/xmpp/ns.h"

enum {
    PING_MAX = 4096,
    PONG_MS = 60000, /* a peer may have to open a stream first to answer */
};

int fg_out_send(struct fg_out *o, struct fg_item *it)
{
    struct fg_stream *st = &o->st;
    int err = fg_conn_write(st->conn, it->bytes, it->len);
    if (err) return err;
    it->mark = fg_conn_queued(st->conn);
    fg_list_append(&o->unflushed, &it->node);
    st->unflushed++;
    st->stanzas_out++;
    st->s->counters.stanzas_out++;
    st->peer->stanzas_out++;
    st->last_stanza_ms = it->queued_ms;
    return 0;
}

void fg_out_written(struct fg_stream *st)
{
    struct fg_out *o = fg_out_of(st);
    if (st->unflushed) fg_route_flushed(o);
    if (st->state == FG_S_OPEN && o->route) fg_route_pump(o->route);
}

/* The answer cannot come back on this stream, so it names the stream (XEP-0199 4.5, server to
 * server). */
static void ping(struct fg_out *o)
{
    struct fg_stream *st = &o->st;
    char from[FG_DOMAIN_TEXT_MAX], to[FG_DOMAIN_TEXT_MAX];
    struct fg_buf b;
    fg_domain_display(st->local, from);
    fg_domain_display(st->remote, to);
    fg_buf_init(&b, PING_MAX);
    int err = fg_buf_addf(
        &b, "<iq type='get' from='%s' to='%s' id='fgp-%llu-%u'><ping xmlns='" FG_NS_PING "'/></iq>",
        from, to, (unsigned long long)st->id, ++o->pings);
    st->pinged_ms = fg_clock_mono_ms();
    fg_stream_put(st, &b, err);
}

/* The number of the stream in the id of a ping of ours; 0 when it is none. */
static uint64_t pinged_stream(const char *id)
{
    char *end;
    if (strncmp(id, "fgp-", 4) != 0 || id[4] < '1' || id[4] > '9') return 0;
    uint64_t stream = strtoull(id + 4, &end, 10);
    return *end == '-' ? stream : 0;
}

bool fg_out_pong(struct fg_s2s *s, const struct fg_stanza *z)
{
    bool answer = strcmp(z->type, "result") == 0 || strcmp(z->type, "error") == 0;
    uint64_t id = answer && z->id && !z->to.local ? pinged_stream(z->id) : 0;
    if (id == 0) return false;
    struct fg_stream *st = fg_s2s_stream(s, id);
    if (!st || st->inbound || strcmp(st->remote, z->from.domain) != 0) return true;
    st->last_rx_ms = fg_clock_mono_ms();
    st->pinged_ms = 0;
    return true;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void fg_out_idle(struct fg_stream *st)
{
    const struct fg_settings *set = st->s->settings;
    int64_t now = fg_clock_mono_ms();
    int64_t interval = (int64_t)set->keepalive_interval_s * 1000;
    int64_t next = (int64_t)set->stream_inactivity_timeout_s * 1000 - (now - st->last_stanza_ms);
    if (next <= 0 && st->unflushed == 0) {
        fg_stream_close(st, FG_FAIL_STREAM_IDLE);
        return;
    }
    if (next <= 0) next = interval;
    if (st->peer && st->peer->partner && st->peer->partner->keepalive) {
        int64_t patience = smaller(interval, PONG_MS);
        if (!st->pinged_ms && now - st->last_rx_ms >= interval) ping(fg_out_of(st));
        if (st->pinged_ms && now - st->pinged_ms >= patience) {
            fg_stream_error(st, FG_COND_CONNECTION_TIMEOUT, FG_FAIL_KEEPALIVE_TIMEOUT,
                            "ping not answered");
            return;
        }
        next = smaller(next, st->pinged_ms ? st->pinged_ms + patience - now
                                           : st->last_rx_ms + interval - now);
    }
    fg_stream_arm(st, fg_stream_doze(st, now, next));
}
