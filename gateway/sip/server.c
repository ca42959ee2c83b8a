/* Server transactions. See stack.h. RFC 3261 17.2, 4320.
 *
 *   new ──> pending ──respond──> answered (UDP, Timer J) ──> gone
 *                      └ over a stream: gone at once
 *   INVITE refused ──> repeats until ACK (G, H) ──> absorbs ACKs (I) ──> gone
 *
 * Timer J is one constant, so the answered ones expire in the order in which they were answered and
 * a list is all it takes. */
#include "gateway/sip/stack.h"

#include <errno.h>
#include <stdlib.h>

/* What is only needed until the answer. */
struct work {
    struct fg_sip_message m;
    char source[FG_ADDR_TEXT + 8];
    size_t echo_len;
    char *echo;  /* behind the message */
    char data[]; /* the message */
};

struct fg_sip_request {
    struct fg_sip *sip;
    struct fg_map_node node;
    struct fg_list link; /* sip->pending, answered, invites, or flow->requests */
    struct fg_sip_flow *flow;
    struct fg_sip_udp *udp;
    union fg_sip_addr peer, to;
    struct work *work; /* NULL once answered */
    char *response;    /* kept for retransmissions */
    size_t response_len;
    int64_t expires;           /* Timer J, or H and I */
    struct fg_sip_timer timer; /* INVITE */
    int64_t interval;          /* Timer G */
    bool invite, stream, acked;
    size_t key_len;
    char key[];
};

bool fg_sip_key(struct fg_sip_key *out, const struct fg_sip_parsed *p, const char *method,
                size_t method_len)
{
    const struct fg_sip_text parts[] = {p->top.branch, p->top.sent_by, {method, method_len}};
    out->len = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].len + 1 > sizeof out->text - out->len) return false;
        memcpy(out->text + out->len, parts[i].p, parts[i].len);
        out->len += parts[i].len;
        out->text[out->len++] = ' ';
    }
    return true;
}

struct fg_sip_request *fg_sip_request_find(struct fg_sip *s, const struct fg_sip_key *key)
{
    struct fg_map_node *n = fg_map_find(&s->requests, key->text, key->len);
    return n ? FG_CONTAINER(n, struct fg_sip_request, node) : NULL;
}

static void request_free(struct fg_sip_request *rq)
{
    struct fg_sip *s = rq->sip;
    struct fg_sip_flow *flow = rq->flow;
    fg_map_remove(&s->requests, &rq->node);
    fg_list_remove(&rq->link);
    if (rq->work)
        s->n_pending--;
    else if (rq->invite)
        s->n_invites--;
    else if (!rq->stream)
        s->n_answered--;
    if (rq->invite) fg_sip_timers_leave(&s->timers, &rq->timer);
    free(rq->work);
    free(rq->response);
    free(rq);
    if (flow) fg_sip_flow_idle(flow);
    fg_sip_maybe_stopped(s);
}

static struct fg_sip_request *request_make(struct fg_sip_source *src, const struct fg_sip_parsed *p,
                                           const struct fg_sip_key *key)
{
    struct fg_sip *s = src->sip;
    struct fg_sip_request *rq = calloc(1, sizeof *rq + key->len);
    if (!rq) return NULL;
    rq->sip = s;
    rq->udp = src->udp;
    rq->peer = src->peer;
    rq->stream = src->flow != NULL;
    rq->key_len = key->len;
    memcpy(rq->key, key->text, key->len);
    fg_list_init(&rq->link);
    fg_sip_reply_to(src, p, &rq->to);
    if (fg_map_add(&s->requests, &rq->node, rq->key, rq->key_len) != 0) {
        free(rq);
        return NULL;
    }
    return rq;
}

static void send_response(struct fg_sip_request *rq, const void *data, size_t len)
{
    struct fg_sip_source src = {.sip = rq->sip, .flow = rq->flow, .udp = rq->udp};
    fg_sip_reply_send(&src, &rq->to, data, len);
}

static int keep_response(struct fg_sip_request *rq, const struct fg_buf *b)
{
    rq->response = malloc(fg_buf_len(b));
    if (!rq->response) return ENOMEM;
    rq->response_len = fg_buf_len(b);
    memcpy(rq->response, fg_buf_data(b), rq->response_len);
    return 0;
}

int fg_sip_request_new(struct fg_sip_source *src, const struct fg_sip_parsed *p,
                       const struct fg_sip_key *key, const char *data, size_t len)
{
    struct fg_sip *s = src->sip;
    if (s->n_pending >= FG_SIP_PENDING_MAX) return ENOBUFS;
    fg_buf_reset(&s->draft);
    int err = fg_sip_echo(s, &s->draft, src, p);
    if (err) return err;
    size_t echo_len = fg_buf_len(&s->draft);
    struct work *w = malloc(sizeof *w + len + echo_len);
    struct fg_sip_request *rq = w ? request_make(src, p, key) : NULL;
    if (!rq) {
        free(w);
        return ENOMEM;
    }
    w->m = p->m;
    w->source[0] = '\0';
    w->echo_len = echo_len;
    w->echo = w->data + len;
    memcpy(w->data, data, len);
    memcpy(w->echo, fg_buf_data(&s->draft), echo_len);
    fg_sip_message_rebase(&w->m, data, w->data);
    rq->work = w;
    rq->flow = src->flow;
    fg_list_append(rq->flow ? &rq->flow->requests : &s->pending, &rq->link);
    s->n_pending++;
    s->callbacks.request(s->callbacks.arg, rq, &w->m);
    return 0;
}

const char *fg_sip_request_source(const struct fg_sip_request *rq)
{
    struct work *w = rq->work;
    if (!w) return "";
    if (!w->source[0]) {
        struct fg_sip_source src = {.sip = rq->sip, .peer = rq->peer, .transport = FG_UDP};
        if (rq->flow)
            src.transport = rq->flow->transport;
        else if (rq->stream)
            src.transport = FG_TCP; /* its connection is gone */
        fg_sip_source_text(&src, w->source);
    }
    return w->source;
}

static void start_timer_j(struct fg_sip_request *rq)
{
    struct fg_sip *s = rq->sip;
    fg_list_remove(&rq->link);
    fg_list_append(&s->answered, &rq->link);
    s->n_answered++;
    rq->expires = fg_sip_now() + 64 * s->timing.t1;
    fg_sip_arm(s, rq->expires);
    /* More than memory is meant for: the oldest is the least likely to be asked for again. */
    if (s->n_answered > FG_SIP_ANSWERED_MAX)
        request_free(FG_CONTAINER(s->answered.next, struct fg_sip_request, link));
}

void fg_sip_respond(struct fg_sip_request *rq, const struct fg_sip_answer *a)
{
    struct fg_sip *s = rq->sip;
    if (!rq->work) return;
    fg_buf_reset(&s->out);
    int err = fg_sip_response(&s->out, a, rq->work->echo, rq->work->echo_len);
    if (!err && !rq->stream) err = keep_response(rq, &s->out);
    if (!err) send_response(rq, fg_buf_data(&s->out), fg_buf_len(&s->out));
    if (err || rq->stream) {
        /* A stream does not lose answers: no retransmission will come (RFC 3261 17.2.2). */
        request_free(rq);
        return;
    }
    free(rq->work);
    rq->work = NULL;
    s->n_pending--;
    start_timer_j(rq);
    fg_sip_maybe_stopped(s);
}

void fg_sip_request_again(struct fg_sip_request *rq, const struct fg_sip_source *src)
{
    /* The key does not name the connection: only who asked may have the answer. */
    if (src->flow != rq->flow) return;
    rq->sip->counters.retransmissions++;
    if (rq->response && !rq->acked) send_response(rq, rq->response, rq->response_len);
}

int64_t fg_sip_requests_next(const struct fg_sip *s)
{
    return FG_CONTAINER(s->answered.next, struct fg_sip_request, link)->expires;
}

void fg_sip_requests_expire(struct fg_sip *s, int64_t now)
{
    while (!fg_list_empty(&s->answered)) {
        struct fg_sip_request *rq = FG_CONTAINER(s->answered.next, struct fg_sip_request, link);
        if (rq->expires > now) break;
        request_free(rq);
    }
}

/* ---- INVITE ---- */

static void invite_timer(struct fg_sip_timer *t)
{
    struct fg_sip_request *rq = FG_CONTAINER(t, struct fg_sip_request, timer);
    struct fg_sip *s = rq->sip;
    int64_t now = fg_sip_now();
    if (now >= rq->expires) {
        request_free(rq);
        return;
    }
    if (!rq->acked && !rq->stream) {
        s->counters.retransmissions++;
        send_response(rq, rq->response, rq->response_len);
        rq->interval = rq->interval * 2 < s->timing.t2 ? rq->interval * 2 : s->timing.t2;
    }
    int64_t next = rq->acked || rq->stream ? rq->expires : now + rq->interval;
    fg_sip_set(s, t, next < rq->expires ? next : rq->expires);
}

int fg_sip_invite_refuse(struct fg_sip_source *src, const struct fg_sip_parsed *p,
                         const struct fg_sip_key *key, const struct fg_sip_answer *a)
{
    struct fg_sip *s = src->sip;
    if (s->n_invites >= FG_SIP_INVITES_MAX) return ENOBUFS;
    fg_buf_reset(&s->draft);
    fg_buf_reset(&s->out);
    int err = fg_sip_echo(s, &s->draft, src, p);
    if (!err) err = fg_sip_response(&s->out, a, fg_buf_data(&s->draft), fg_buf_len(&s->draft));
    if (err) return err;
    struct fg_sip_request *rq = request_make(src, p, key);
    if (!rq) return ENOMEM;
    s->n_invites++;
    rq->invite = true;
    rq->flow = src->flow;
    err = fg_sip_timers_join(&s->timers, &rq->timer, invite_timer);
    if (err) s->timers.members++; /* request_free leaves */
    if (!err) err = keep_response(rq, &s->out);
    if (err) {
        rq->flow = NULL;
        request_free(rq);
        return err;
    }
    fg_list_append(rq->flow ? &rq->flow->requests : &s->invites, &rq->link);
    send_response(rq, rq->response, rq->response_len);
    rq->interval = s->timing.t1;
    rq->expires = fg_sip_now() + 64 * s->timing.t1;
    fg_sip_set(s, &rq->timer, rq->stream ? rq->expires : fg_sip_now() + rq->interval);
    return 0;
}

void fg_sip_invite_ack(struct fg_sip_request *rq)
{
    if (!rq->invite || rq->acked) return;
    rq->acked = true;
    if (rq->stream) {
        request_free(rq);
        return;
    }
    rq->expires = fg_sip_now() + rq->sip->timing.t4;
    fg_sip_set(rq->sip, &rq->timer, rq->expires);
}

/* ---- what it stands on goes away ---- */

void fg_sip_requests_unlink_flow(struct fg_sip_flow *f)
{
    FG_LIST_EACH(&f->requests, n, tmp)
    {
        struct fg_sip_request *rq = FG_CONTAINER(n, struct fg_sip_request, link);
        rq->flow = NULL;
        fg_list_remove(n);
        fg_list_append(&f->sip->pending, n);
        if (rq->invite) request_free(rq);
    }
}

static void unlink_udp(struct fg_list *l, const struct fg_sip_udp *u)
{
    FG_LIST_EACH(l, n, tmp)
    {
        struct fg_sip_request *rq = FG_CONTAINER(n, struct fg_sip_request, link);
        if (rq->udp != u) continue;
        /* Another socket of ours will do: an answer is better than none. */
        struct fg_sip_udp *other = fg_sip_udp_for(rq->sip, u->family);
        rq->udp = other == u ? NULL : other;
    }
}

void fg_sip_requests_unlink_udp(struct fg_sip *s, const struct fg_sip_udp *u)
{
    unlink_udp(&s->pending, u);
    unlink_udp(&s->answered, u);
    unlink_udp(&s->invites, u);
}

void fg_sip_requests_drop(struct fg_sip *s)
{
    struct fg_list *const lists[] = {&s->pending, &s->answered, &s->invites};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        while (!fg_list_empty(lists[i]))
            request_free(FG_CONTAINER(lists[i]->next, struct fg_sip_request, link));
    }
}
