/* Client transactions: non-INVITE requests of ours. See stack.h. RFC 3261 17.1.2, RFC 3263 4.3.
 *
 *   send ──> waiting (for an address or a connection) ──> trying ──1xx──> proceeding
 *     ^                                                     │ final ──> done(code)
 *     └── next front end: no connection, Timer F, 503 ──────┘ none left ──> done(0, why)
 *
 * Timer K needs no state here: a call that is over is not found any more, and what finds no call is
 * dropped. A MESSAGE sent over a connection that broke before its answer is sent again; the front
 * end may then see it twice, which is better than not at all. */
#include "gateway/sip/stack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum call_state { CALL_WAITING, CALL_TRYING, CALL_PROCEEDING, CALL_GIVEN_UP };

struct fg_sip_call {
    struct fg_sip *sip;
    struct fg_sip_timer timer;
    struct fg_map_node node; /* sip->calls, by branch */
    struct fg_list link;     /* flow->calls or front->waiting */
    enum call_state state;
    struct fg_sip_flow *flow;
    struct fg_sip_udp *udp;
    union fg_sip_addr to;
    fg_sip_result_h *done;
    void *arg;
    uint64_t tried; /* front ends of the domain, a bit each */
    unsigned index; /* the one being tried */
    bool reused;    /* sent over a connection that stood already */
    bool retried;   /* once more to the same front end after such a one broke */
    bool too_large; /* for a front end over UDP */
    enum fg_failure why;
    int64_t sent_at, deadline, interval;
    char branch[FG_SIP_BRANCH_LEN + 1];
    const char *domain, *method, *text;
    size_t line_len, rest_len; /* text: request line, then all behind the Via */
    char memory[];
};

static void call_fire(struct fg_sip_timer *t);
static bool attempt(struct fg_sip_call *c);

static void detach(struct fg_sip_call *c)
{
    struct fg_sip_flow *flow = c->flow;
    c->flow = NULL;
    c->udp = NULL;
    fg_list_remove(&c->link);
    if (flow) fg_sip_flow_idle(flow);
}

static void call_free(struct fg_sip_call *c)
{
    struct fg_sip *s = c->sip;
    if (c->branch[0]) fg_map_remove(&s->calls, &c->node);
    fg_sip_timers_leave(&s->timers, &c->timer);
    s->n_calls--;
    free(c);
}

static void finish(struct fg_sip_call *c, const struct fg_sip_result *r)
{
    struct fg_sip *s = c->sip;
    fg_sip_result_h *done = c->done;
    void *arg = c->arg;
    detach(c);
    call_free(c);
    if (r->code < 200 || r->code > 299) s->counters.failed_out++;
    done(arg, r);
    fg_sip_maybe_stopped(s);
}

static void finish_failed(struct fg_sip_call *c)
{
    /* A size that turned out only when the front end's address was known. */
    if (c->too_large && c->why == FG_FAIL_NONE) {
        finish(c, &(struct fg_sip_result){.code = 513, .reason = {"Message Too Large", 17}});
        return;
    }
    finish(c, &(struct fg_sip_result){.why = c->why ? c->why : FG_FAIL_SIP_UNREACHABLE});
}

/* Ends the call in the loop's next turn, never inside a call of the owner. */
static void give_up(struct fg_sip_call *c)
{
    detach(c);
    c->state = CALL_GIVEN_UP;
    fg_sip_set(c->sip, &c->timer, fg_sip_now());
}

/* ---- building ---- */

static void new_branch(struct fg_sip_call *c)
{
    struct fg_sip *s = c->sip;
    if (c->branch[0]) fg_map_remove(&s->calls, &c->node);
    char hex[17];
    fg_sip_hex(hex, fg_sip_unguessable(s));
    memcpy(c->branch, "z9hG4bK", 7);
    memcpy(c->branch + 7, s->cookie, 8);
    memcpy(c->branch + 15, hex, 17);
    if (fg_map_add(&s->calls, &c->node, c->branch, FG_SIP_BRANCH_LEN) != 0) c->branch[0] = '\0';
}

/* The whole message in sip->out. `via` is a Via line up to its branch. 0 or errno. */
static int compose(struct fg_sip_call *c, const char *via)
{
    struct fg_buf *out = &c->sip->out;
    fg_buf_reset(out);
    int err = fg_buf_add(out, c->text, c->line_len);
    if (!err) err = fg_buf_adds(out, via);
    if (!err) err = fg_buf_add(out, c->branch, FG_SIP_BRANCH_LEN);
    if (!err) err = fg_buf_add(out, "\r\n", 2);
    return err ? err : fg_buf_add(out, c->text + c->line_len, c->rest_len);
}

/* Our address as `to` sees it: what the kernel would send from. */
static bool local_towards(const union fg_sip_addr *to, union fg_sip_addr *out)
{
    int fd = socket(to->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    socklen_t len = sizeof *out;
    bool ok =
        connect(fd, &to->sa, fg_sip_addr_len(to)) == 0 && getsockname(fd, &out->sa, &len) == 0;
    close(fd);
    return ok;
}

/* Made anew when addresses or listeners changed. */
static bool make_udp_via(struct fg_sip_front *f, const struct fg_sip_udp *u,
                         const union fg_sip_addr *to)
{
    union fg_sip_addr local, bound;
    socklen_t len = sizeof bound;
    char ip[INET6_ADDRSTRLEN];
    uint8_t host[16];
    static const uint8_t none[16], none4[16] = {[10] = 0xff, [11] = 0xff};
    if (f->via_made == f->sip->generation) return true;
    if (getsockname(u->fd, &bound.sa, &len) < 0) return false;
    fg_sip_addr_host(&bound, host);
    bool wildcard = memcmp(host, none, 16) == 0 || memcmp(host, none4, 16) == 0;
    if (!wildcard)
        local = bound;
    else if (!local_towards(to, &local))
        return false;
    fg_sip_addr_ip(&local, ip);
    bool v6 = strchr(ip, ':') != NULL;
    snprintf(f->via, sizeof f->via, "Via: SIP/2.0/UDP %s%s%s:%u;rport;branch=", v6 ? "[" : "", ip,
             v6 ? "]" : "", u->port);
    f->via_made = f->sip->generation;
    return true;
}

/* ---- placing ---- */

static void start_timers(struct fg_sip_call *c)
{
    int64_t now = fg_sip_now();
    c->deadline = now + 64 * c->sip->timing.t1;
    c->interval = c->sip->timing.t1;
    fg_sip_set(c->sip, &c->timer, c->udp ? now + c->interval : c->deadline);
}

static int place_udp(struct fg_sip_call *c, struct fg_sip_front *front)
{
    struct fg_sip *s = c->sip;
    fg_sip_addr_from(&c->to, (const struct sockaddr *)&front->endpoints[0].addr);
    struct fg_sip_udp *u = fg_sip_udp_for(s, c->to.sa.sa_family);
    if (!u || !make_udp_via(front, u, &c->to)) return ENETUNREACH;
    int err = compose(c, front->via);
    if (!err && fg_buf_len(&s->out) > FG_SIP_UDP_REQUEST_MAX) {
        c->too_large = true;
        return EMSGSIZE;
    }
    if (!err) err = fg_sip_udp_send(u, &c->to, fg_buf_data(&s->out), fg_buf_len(&s->out));
    if (err) {
        c->why = FG_FAIL_SIP_UNREACHABLE;
        return err;
    }
    c->udp = u;
    c->state = CALL_TRYING;
    return 0;
}

static int write_to_flow(struct fg_sip_call *c)
{
    int err = compose(c, c->flow->via);
    if (!err) err = fg_sip_flow_write(c->flow, fg_buf_data(&c->sip->out), fg_buf_len(&c->sip->out));
    if (err) return err;
    c->state = CALL_TRYING;
    c->sent_at = fg_sip_now();
    return 0;
}

static int place_flow(struct fg_sip_call *c, struct fg_sip_front *front)
{
    c->why = FG_FAIL_SIP_UNREACHABLE;
    if (front->transport == FG_TLS && !c->sip->client) return ENOTCONN;
    if (!front->flow && fg_sip_flow_dial(front) != 0) return ENOTCONN;
    c->flow = front->flow;
    c->state = CALL_WAITING;
    c->reused = c->flow->state == FG_FLOW_READY;
    fg_list_append(&c->flow->calls, &c->link);
    int err = c->reused ? write_to_flow(c) : 0;
    if (err) detach(c);
    return err;
}

static int place(struct fg_sip_call *c, struct fg_sip_front *front)
{
    new_branch(c);
    if (!c->branch[0]) return ENOMEM;
    int err = 0;
    if (front->count == 0) {
        c->why = FG_FAIL_SIP_UNREACHABLE;
        if (!front->ticket) return EHOSTUNREACH;
        c->state = CALL_WAITING;
        fg_list_append(&front->waiting, &c->link);
    } else {
        err = front->transport == FG_UDP ? place_udp(c, front) : place_flow(c, front);
    }
    if (!err) start_timers(c);
    return err;
}

/* The next front end: in the order of the domain, those that failed lately last. */
static struct fg_sip_front *pick(struct fg_sip_call *c)
{
    struct fg_sip *s = c->sip;
    const struct fg_domain *d = fg_snapshot_domain(s->snapshot, c->domain);
    int64_t now = fg_sip_now();
    for (int pass = 0; d && pass < 2; pass++) {
        for (unsigned i = 0; i < d->n_front_ends && i < FG_SIP_FRONTS_TRIED_MAX; i++) {
            if (c->tried & (UINT64_C(1) << i)) continue;
            struct fg_sip_front *f = fg_sip_front_find(s, d->front_ends[i]);
            if (!f || (pass == 0 && f->down_until > now)) continue;
            c->index = i;
            return f;
        }
    }
    return NULL;
}

static struct fg_sip_front *present(struct fg_sip_call *c)
{
    const struct fg_domain *d = fg_snapshot_domain(c->sip->snapshot, c->domain);
    return d && c->index < d->n_front_ends ? fg_sip_front_find(c->sip, d->front_ends[c->index])
                                           : NULL;
}

/* Tries front ends until one takes it. */
static bool attempt(struct fg_sip_call *c)
{
    for (struct fg_sip_front *f; (f = pick(c));) {
        c->tried |= UINT64_C(1) << c->index;
        c->retried = false;
        if (place(c, f) == 0) return true;
    }
    return false;
}

/* ---- timers ---- */

static void timed_out(struct fg_sip_call *c)
{
    struct fg_sip_front *front = present(c);
    struct fg_sip_flow *flow = c->flow;
    bool deaf = flow && c->state == CALL_TRYING && flow->last_heard <= c->sent_at;
    if (front) fg_sip_front_down(front);
    detach(c);
    /* A connection on which nothing came back: dead, whatever the kernel thinks. */
    if (deaf) fg_sip_flow_close(flow, FG_FAIL_SIP_TIMEOUT);
    c->why = FG_FAIL_SIP_TIMEOUT;
    if (attempt(c)) return;
    c->why = FG_FAIL_SIP_TIMEOUT;
    finish_failed(c);
}

static void call_fire(struct fg_sip_timer *t)
{
    struct fg_sip_call *c = FG_CONTAINER(t, struct fg_sip_call, timer);
    struct fg_sip *s = c->sip;
    int64_t now = fg_sip_now();
    if (c->state == CALL_GIVEN_UP) {
        finish_failed(c);
        return;
    }
    if (now >= c->deadline) {
        timed_out(c);
        return;
    }
    struct fg_sip_front *front = present(c);
    if (c->udp && front && compose(c, front->via) == 0) {
        s->counters.retransmissions++;
        fg_sip_udp_send(c->udp, &c->to, fg_buf_data(&s->out), fg_buf_len(&s->out));
    }
    /* Timer E: doubled up to T2; T2 once a provisional answer came (RFC 3261 17.1.2.2). */
    c->interval = c->interval * 2 < s->timing.t2 ? c->interval * 2 : s->timing.t2;
    if (c->state == CALL_PROCEEDING) c->interval = s->timing.t2;
    int64_t next = now + c->interval;
    fg_sip_set(s, t, next < c->deadline ? next : c->deadline);
}

/* ---- answers, connections, addresses ---- */

void fg_sip_calls_response(struct fg_sip_source *src, const struct fg_sip_parsed *p)
{
    struct fg_sip *s = src->sip;
    struct fg_map_node *n = fg_map_find(&s->calls, p->top.branch.p, p->top.branch.len);
    if (!n) return;
    struct fg_sip_call *c = FG_CONTAINER(n, struct fg_sip_call, node);
    bool same_way = src->flow ? src->flow == c->flow : c->udp != NULL;
    if (!same_way || c->state == CALL_GIVEN_UP || !fg_sip_text_is(p->cseq_method, c->method))
        return;
    if (p->status < 200) {
        c->state = CALL_PROCEEDING;
        return;
    }
    struct fg_sip_result r = {.code = p->status, .reason = p->reason};
    if (p->status >= 300 && p->status < 400) r.contact = p->contact;
    if (p->status == 503) {
        detach(c);
        fg_sip_timer_clear(&s->timers, &c->timer);
        if (attempt(c)) return;
    }
    finish(c, &r);
}

static void move_on(struct fg_sip_call *c)
{
    if (!attempt(c)) give_up(c);
}

void fg_sip_calls_flow_ready(struct fg_sip_flow *f)
{
    struct fg_list list;
    fg_list_init(&list);
    fg_list_splice(&list, &f->calls);
    while (!fg_list_empty(&list)) {
        struct fg_sip_call *c = FG_CONTAINER(list.next, struct fg_sip_call, link);
        fg_list_remove(&c->link);
        fg_list_append(&f->calls, &c->link);
        if (write_to_flow(c) == 0) continue;
        detach(c);
        move_on(c);
    }
}

void fg_sip_calls_flow_lost(struct fg_sip_flow *f, enum fg_failure why)
{
    struct fg_list list;
    fg_list_init(&list);
    fg_list_splice(&list, &f->calls);
    while (!fg_list_empty(&list)) {
        struct fg_sip_call *c = FG_CONTAINER(list.next, struct fg_sip_call, link);
        c->flow = NULL;
        detach(c);
        c->why = why == FG_FAIL_SIP_TIMEOUT ? why : FG_FAIL_SIP_UNREACHABLE;
        struct fg_sip_front *front = present(c);
        if (c->state != CALL_WAITING && c->reused && !c->retried && front) {
            /* An idle connection that broke just now says nothing about the front end. */
            c->retried = true;
            if (place(c, front) == 0) continue;
        }
        move_on(c);
    }
}

void fg_sip_calls_front_settled(struct fg_sip_front *f)
{
    struct fg_list list;
    fg_list_init(&list);
    fg_list_splice(&list, &f->waiting);
    while (!fg_list_empty(&list)) {
        struct fg_sip_call *c = FG_CONTAINER(list.next, struct fg_sip_call, link);
        detach(c);
        if (f->count) c->tried &= ~(UINT64_C(1) << c->index);
        move_on(c);
    }
}

static void lose_udp(struct fg_map_node *n, void *arg)
{
    struct fg_sip_call *c = FG_CONTAINER(n, struct fg_sip_call, node);
    if (c->udp != arg) return;
    /* Another socket of ours goes on with it: its Via asks for rport, so answers find that one. */
    struct fg_sip_udp *other = fg_sip_udp_for(c->sip, c->udp->family);
    c->udp = other == arg ? NULL : other;
    if (!c->udp) give_up(c);
}

void fg_sip_calls_unlink_udp(struct fg_sip *s, const struct fg_sip_udp *u)
{
    union {
        const void *in;
        void *out;
    } arg = {u};
    fg_map_each(&s->calls, lose_udp, arg.out);
}

static void drop(struct fg_map_node *n, void *arg)
{
    (void)arg;
    struct fg_sip_call *c = FG_CONTAINER(n, struct fg_sip_call, node);
    c->flow = NULL;
    finish(c, &(struct fg_sip_result){.why = FG_FAIL_SHUTDOWN});
}

void fg_sip_calls_drop(struct fg_sip *s)
{
    fg_map_each(&s->calls, drop, NULL);
}

/* ---- sending ---- */

static bool one_line(const char *t)
{
    return !t || !strpbrk(t, "\r\n");
}

static int add_ids(struct fg_sip *s, struct fg_buf *b, const struct fg_sip_out *o)
{
    char tag[17], id[17];
    fg_sip_hex(tag, fg_sip_unguessable(s));
    fg_sip_hex(id, fg_sip_unguessable(s));
    const char *const parts[] = {"Max-Forwards: 70\r\nFrom: <",
                                 o->from,
                                 ">;tag=",
                                 tag,
                                 "\r\nTo: <",
                                 o->to,
                                 ">\r\nCall-ID: ",
                                 o->call_id ? o->call_id : id,
                                 o->call_id ? "" : tag,
                                 "\r\nCSeq: 1 ",
                                 o->method,
                                 "\r\n",
                                 o->headers ? o->headers : ""};
    int err = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !err; i++)
        err = fg_buf_adds(b, parts[i]);
    return err;
}

/* Request line and the rest, without Via, in sip->draft. */
static int draft(struct fg_sip *s, const struct fg_sip_out *o, size_t *line_len)
{
    struct fg_buf *b = &s->draft;
    const char *const line[] = {o->method, " ", o->ruri, " SIP/2.0\r\n"};
    int err = 0;
    fg_buf_reset(b);
    for (size_t i = 0; i < sizeof line / sizeof *line && !err; i++) err = fg_buf_adds(b, line[i]);
    *line_len = fg_buf_len(b);
    if (!err) err = add_ids(s, b, o);
    if (!err && o->content_type) {
        const char *const type[] = {"Content-Type: ", o->content_type, "\r\n"};
        for (size_t i = 0; i < sizeof type / sizeof *type && !err; i++)
            err = fg_buf_adds(b, type[i]);
    }
    size_t body_len = o->content_type ? o->body_len : 0;
    if (!err) err = fg_buf_adds(b, "Content-Length: ");
    if (!err) err = fg_sip_add_number(b, body_len);
    if (!err) err = fg_buf_adds(b, "\r\n\r\n");
    if (!err && body_len) err = fg_buf_add(b, o->body, body_len);
    return err == ENOBUFS ? EMSGSIZE : err;
}

static int call_new(struct fg_sip *s, const struct fg_sip_out *o, struct fg_sip_call **out)
{
    size_t line_len, domain_len = strlen(o->domain) + 1, method_len = strlen(o->method) + 1;
    int err = draft(s, o, &line_len);
    if (err) return err;
    size_t len = fg_buf_len(&s->draft);
    struct fg_sip_call *c = malloc(sizeof *c + domain_len + method_len + len);
    if (!c) return ENOMEM;
    *c = (struct fg_sip_call){.sip = s, .done = o->done, .arg = o->arg};
    if (fg_sip_timers_join(&s->timers, &c->timer, call_fire) != 0) {
        free(c);
        return ENOMEM;
    }
    fg_list_init(&c->link);
    char *p = c->memory;
    c->domain = memcpy(p, o->domain, domain_len);
    c->method = memcpy(p + domain_len, o->method, method_len);
    c->text = memcpy(p + domain_len + method_len, fg_buf_data(&s->draft), len);
    c->line_len = line_len;
    c->rest_len = len - line_len;
    s->n_calls++;
    *out = c;
    return 0;
}

int fg_sip_send(struct fg_sip *s, const struct fg_sip_out *o)
{
    if (s->stopping) return ESHUTDOWN;
    if (!one_line(o->method) || !one_line(o->ruri) || !one_line(o->from) || !one_line(o->to) ||
        !one_line(o->call_id) || !one_line(o->content_type))
        return EINVAL;
    const struct fg_domain *d = s->snapshot ? fg_snapshot_domain(s->snapshot, o->domain) : NULL;
    if (!d || d->n_front_ends == 0) return ENETUNREACH;
    if (s->n_calls >= FG_SIP_CALLS_MAX) return ENOBUFS;
    struct fg_sip_call *c;
    int err = call_new(s, o, &c);
    if (err) return err;
    if (!attempt(c)) {
        if (c->too_large && c->why == FG_FAIL_NONE) {
            call_free(c);
            return EMSGSIZE;
        }
        if (c->tried == 0) {
            call_free(c);
            return ENETUNREACH;
        }
        give_up(c);
    }
    s->counters.requests_out++;
    return 0;
}
