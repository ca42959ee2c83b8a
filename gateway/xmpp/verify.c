/* Asking the authoritative server whether a dialback key is its own (XEP-0220 2.1.2): on an open
 * stream to it that rests on dialback itself, or on one opened for that purpose, which follows the
 * partner's TLS settings and closes when nothing is left to ask. */
#include "gateway/xmpp/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/xmpp/ns.h"

enum {
    REQUEST_MAX = 8192,
    SHARE = 4, /* of the pending verifications: what one domain may have is one part in so many */
};

static bool usable(const struct fg_out *o)
{
    if (o->st.state == FG_S_CLOSING || o->st.state == FG_S_DEAD) return false;
    return !o->route || (o->st.state == FG_S_OPEN && o->st.method != FG_SASL_TLS);
}

static struct fg_out *existing(struct fg_s2s *s, const char *local, const char *remote)
{
    struct fg_route *r = fg_route_find(s, local, remote);
    if (r && r->out && usable(r->out)) return r->out;
    FG_LIST_EACH(&s->verifies, n, tmp)
    {
        struct fg_verify *v = FG_CONTAINER(n, struct fg_verify, node);
        if (strcmp(v->remote, remote) == 0 && strcmp(v->local, local) == 0 && usable(v->out))
            return v->out;
    }
    return NULL;
}

/* Anybody can name a partner, and one whose server does not answer keeps its keys waiting: no
 * domain gets more than a share of what may wait, so that the others are still asked. */
static bool room_for(const struct fg_s2s *s, const char *remote)
{
    uint32_t most = s->settings->limits.pending_verifications, of_remote = 0;
    uint32_t share = most >= SHARE ? most / SHARE : most;
    FG_LIST_EACH(&s->verifies, n, tmp)
    of_remote += strcmp(FG_CONTAINER(n, struct fg_verify, node)->remote, remote) == 0;
    return s->n_verifies < most && of_remote < share;
}

int fg_verify_start(struct fg_in *in, const char *local, const char *remote, const char *key)
{
    struct fg_s2s *s = in->st.s;
    if (!room_for(s, remote)) return ENOBUFS;
    struct fg_pair *p = fg_in_find_pair(in, local, remote);
    struct fg_out *o = existing(s, local, remote);
    int err = o ? 0 : fg_out_new(&o, s, p->peer, local, remote, NULL);
    if (err) return err;
    struct fg_verify *v = calloc(1, sizeof *v);
    char *copy = v ? strdup(key) : NULL;
    if (!copy) {
        free(v);
        return ENOMEM; /* a stream that was just made closes by itself: it has nothing to ask */
    }
    v->key = copy;
    v->out = o;
    v->stream = in->st.id;
    snprintf(v->stream_id, sizeof v->stream_id, "%s", in->st.stream_id);
    snprintf(v->local, sizeof v->local, "%s", local);
    snprintf(v->remote, sizeof v->remote, "%s", remote);
    /* The peer must hear of it before its own patience and the stream's set-up time end. */
    v->deadline_ms = fg_clock_mono_ms() + fg_s2s_setup_ms(s) * 3 / 4;
    fg_list_append(&s->verifies, &v->node);
    fg_list_append(&o->verifies, &v->out_node);
    s->n_verifies++;
    fg_s2s_tick_on(s);
    if (o->st.state == FG_S_OPEN || o->verify_sent) fg_verifies_send(o);
    return 0;
}

static int write_request(struct fg_buf *b, const struct fg_verify *v)
{
    char from[FG_DOMAIN_TEXT_MAX], to[FG_DOMAIN_TEXT_MAX];
    fg_domain_display(v->local, from);
    fg_domain_display(v->remote, to);
    int err =
        fg_buf_addf(b, "<db:verify xmlns:db='" FG_NS_DIALBACK "' from='%s' to='%s' id='", from, to);
    if (!err) err = fg_xml_escape(b, v->stream_id, strlen(v->stream_id));
    if (!err) err = fg_buf_adds(b, "'>");
    if (!err) err = fg_xml_escape(b, v->key, strlen(v->key));
    return err ? err : fg_buf_adds(b, "</db:verify>");
}

void fg_verifies_send(struct fg_out *o)
{
    o->verify_sent = true;
    FG_LIST_EACH(&o->verifies, n, tmp)
    {
        struct fg_verify *v = FG_CONTAINER(n, struct fg_verify, out_node);
        if (v->sent) continue;
        v->sent = true;
        struct fg_buf b;
        fg_buf_init(&b, REQUEST_MAX);
        int err = write_request(&b, v);
        fg_stream_put(&o->st, &b, err);
        if (o->st.state == FG_S_DEAD) return; /* which has answered all of them */
    }
}

void fg_verify_free(struct fg_s2s *s, struct fg_verify *v)
{
    struct fg_out *o = v->out;
    fg_list_remove(&v->node);
    fg_list_remove(&v->out_node);
    s->n_verifies--;
    free(v->key);
    free(v);
    if (!o->route && fg_list_empty(&o->verifies)) fg_stream_close(&o->st, FG_FAIL_NONE);
}

static bool says_host_unknown(const struct fg_out *o)
{
    return o->st.failure == FG_FAIL_STREAM_ERROR && strncmp(o->st.detail, "host-", 5) == 0;
}

void fg_verifies_fail(struct fg_out *o, enum fg_failure why)
{
    bool unknown = why == FG_FAIL_DNS_NOT_FOUND || why == FG_FAIL_DNS_NOT_OFFERED ||
                   why == FG_FAIL_DNS_BOGUS || says_host_unknown(o);
    while (!fg_list_empty(&o->verifies)) {
        struct fg_verify *v = FG_CONTAINER(o->verifies.next, struct fg_verify, out_node);
        fg_verify_finish(v, unknown ? "remote-server-not-found" : "remote-server-timeout");
    }
}

void fg_verifies_forget(struct fg_s2s *s, uint64_t stream)
{
    FG_LIST_EACH(&s->verifies, n, tmp)
    {
        struct fg_verify *v = FG_CONTAINER(n, struct fg_verify, node);
        if (v->stream == stream) fg_verify_free(s, v);
    }
}

void fg_verifies_tick(struct fg_s2s *s, int64_t now)
{
    /* In the order of their deadlines, since all wait equally long. */
    while (!fg_list_empty(&s->verifies)) {
        struct fg_verify *v = FG_CONTAINER(s->verifies.next, struct fg_verify, node);
        if (v->deadline_ms > now) return;
        fg_verify_finish(v, "remote-server-timeout");
    }
}

/* db:verify with a type, on a stream on which we asked. */
void fg_out_on_verify(struct fg_stream *st, const struct fg_xml *x)
{
    const char *type = fg_xml_attr(x, "type"), *id = fg_xml_attr(x, "id");
    const char *from = fg_xml_attr(x, "from"), *to = fg_xml_attr(x, "to");
    char remote[FG_DOMAIN_MAX], local[FG_DOMAIN_MAX];
    if (!type || !id || !from || !to || fg_domain_prepare(from, strlen(from), remote) ||
        fg_domain_prepare(to, strlen(to), local))
        return;
    FG_LIST_EACH(&fg_out_of(st)->verifies, n, tmp)
    {
        struct fg_verify *v = FG_CONTAINER(n, struct fg_verify, out_node);
        if (!v->sent || strcmp(v->stream_id, id) != 0 || strcmp(v->remote, remote) != 0 ||
            strcmp(v->local, local) != 0)
            continue;
        if (strcmp(type, "valid") == 0)
            fg_verify_finish(v, NULL);
        else
            fg_verify_finish(v, strcmp(type, "invalid") == 0 ? "" : "remote-server-not-found");
        return;
    }
}
