/* The outbound queue of a (local, remote) domain pair and its one stream, which keeps the order.
 *
 *   send ── stream open, nothing waits ──> written ── flushed ──> done
 *      └──> waiting ── stream opens ──────────^            └ stream died: waits again, in front
 *
 * Every item gets its `done` exactly once: when the kernel has its bytes, when its time is over, or
 * when no stream can be had. What failed for a lasting reason is answered at once; after that, new
 * attempts keep a growing distance. */
#include "gateway/xmpp/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/rand.h"

enum {
    BACKOFF_FIRST_MS = 1000,
    BACKOFF_MAX_MS = 60000,
    QUICK_RETRIES = 2, /* after a peer closed during set-up for reasons of its own */
    QUICK_RETRY_MS = 400,
    STABLE_MS = 10000, /* a stream open for so long counts as a success */
};

size_t fg_pair_key(char out[FG_PAIR_KEY_MAX], const char *local, const char *remote)
{
    size_t l = strnlen(local, FG_DOMAIN_MAX - 1), r = strnlen(remote, FG_DOMAIN_MAX - 1);
    memcpy(out, local, l);
    out[l] = ' ';
    memcpy(out + l + 1, remote, r);
    return l + 1 + r;
}

void fg_item_done(struct fg_item *it, enum fg_failure why)
{
    fg_sent_h *done = it->done;
    void *arg = it->arg;
    fg_list_remove(&it->node);
    free(it);
    if (done) done(arg, why);
}

/* ---- the waiting list ---- */

static void busy(struct fg_route *r)
{
    if (fg_list_empty(&r->busy)) fg_list_append(&r->s->busy, &r->busy);
    fg_s2s_tick_on(r->s);
}

static void wait_at_end(struct fg_route *r, struct fg_item *it)
{
    fg_list_append(&r->waiting, &it->node);
    r->n_waiting++;
    r->peer->queue++;
    busy(r);
}

static struct fg_item *first_waiting(struct fg_route *r)
{
    return fg_list_empty(&r->waiting) ? NULL : FG_CONTAINER(r->waiting.next, struct fg_item, node);
}

static void unwait(struct fg_route *r, struct fg_item *it)
{
    fg_list_remove(&it->node);
    r->n_waiting--;
    r->peer->queue--;
}

/* Handlers may send again at once; what they add comes behind what is failed here. */
void fg_route_fail(struct fg_route *r, enum fg_failure why)
{
    for (size_t n = r->n_waiting; n > 0; n--) {
        struct fg_item *it = first_waiting(r);
        if (!it) return;
        unwait(r, it);
        fg_item_done(it, why);
    }
}

/* ---- opening ---- */

static void kick(struct fg_route *r, int64_t delay_ms)
{
    if (r->s->stopping || ev_is_active(&r->retry)) return;
    int64_t now = fg_clock_mono_ms();
    if (r->not_before_ms > now + delay_ms) delay_ms = r->not_before_ms - now;
    if (delay_ms > 0) r->peer->next_retry_ms = fg_clock_wall_ms() + delay_ms;
    ev_timer_set(&r->retry, (double)delay_ms / 1000., 0.);
    ev_timer_start(r->s->loop, &r->retry);
}

static int64_t backoff_ms(unsigned failures)
{
    int64_t most = BACKOFF_FIRST_MS;
    for (unsigned i = 1; i < failures && most < BACKOFF_MAX_MS; i++) most *= 2;
    if (most > BACKOFF_MAX_MS) most = BACKOFF_MAX_MS;
    return most / 2 + (int64_t)(fg_random_u64() % (uint64_t)(most / 2));
}

static void attempt_failed(struct fg_route *r, enum fg_failure why)
{
    r->last = why;
    r->failures++;
    r->not_before_ms = fg_clock_mono_ms() + backoff_ms(r->failures);
    fg_route_fail(r, why);
    if (r->n_waiting) kick(r, 0);
}

static void on_retry(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    struct fg_route *r = w->data;
    struct fg_s2s *s = r->s;
    r->peer->next_retry_ms = 0;
    bool wanted = r->n_waiting || r->asked;
    r->asked = false;
    if (!wanted || s->stopping) return;
    if (r->out && r->out->st.state != FG_S_CLOSING) return;
    r->out = NULL;
    const struct fg_partner *partner = fg_s2s_partner(s, r->remote);
    if (!partner || !fg_s2s_is_local(s, r->local)) {
        fg_route_fail(r, FG_FAIL_PARTNER_REMOVED);
        return;
    }
    if (fg_s2s_drains(partner)) {
        fg_route_fail(r, FG_FAIL_PARTNER_DRAINING);
        return;
    }
    if (!fg_s2s_room(s, r->peer)) {
        fg_peer_failed(r->peer, false, FG_FAIL_CONNECTION_LIMIT, "");
        fg_peer_attempt_failed(r->peer, FG_FAIL_CONNECTION_LIMIT);
        attempt_failed(r, FG_FAIL_CONNECTION_LIMIT);
        return;
    }
    struct fg_out *o;
    if (fg_out_new(&o, s, r->peer, r->local, r->remote, r)) {
        attempt_failed(r, FG_FAIL_INTERNAL);
        return;
    }
    r->out = o;
    r->refs++;
}

void fg_route_pump(struct fg_route *r)
{
    struct fg_item *it;
    while (r->out && r->out->st.state == FG_S_OPEN && (it = first_waiting(r)) != NULL) {
        unwait(r, it);
        int err = fg_out_send(r->out, it);
        if (err == 0) continue;
        fg_list_prepend(&r->waiting, &it->node);
        r->n_waiting++;
        r->peer->queue++;
        return; /* the connection is full; WRITABLE brings us back */
    }
}

void fg_route_opened(struct fg_route *r)
{
    r->last = FG_FAIL_NONE;
    r->not_before_ms = 0;
    fg_route_pump(r);
}

/* ---- the stream's reports ---- */

void fg_route_flushed(struct fg_out *o)
{
    struct fg_stream *st = &o->st;
    while (!fg_list_empty(&o->unflushed) && st->conn) {
        struct fg_item *it = FG_CONTAINER(o->unflushed.next, struct fg_item, node);
        if (it->mark > fg_conn_flushed(st->conn)) return;
        st->unflushed--;
        fg_item_done(it, FG_FAIL_NONE);
    }
}

/* Items that did not reach the kernel go back to the front, in their order. */
static void take_back(struct fg_route *r, struct fg_out *o)
{
    fg_route_flushed(o);
    while (!fg_list_empty(&o->unflushed)) {
        struct fg_list *last = o->unflushed.prev;
        fg_list_remove(last);
        fg_list_prepend(&r->waiting, last);
        r->n_waiting++;
        r->peer->queue++;
    }
    if (r->n_waiting) busy(r); /* their time goes on, also while a newer stream is being set up */
    o->st.unflushed = 0;
}

/* Ends before the stream stood that may be the peer's mood of the moment. */
static bool passing(enum fg_failure why)
{
    return why == FG_FAIL_STREAM_CLOSED || why == FG_FAIL_CONNECT_LOST;
}

static void reopen(struct fg_route *r, struct fg_out *o, enum fg_failure why)
{
    if (why == FG_FAIL_TERMS_CHANGED) {
        kick(r, 0);
        return;
    }
    if (fg_clock_mono_ms() - o->st.opened_ms >= STABLE_MS) r->failures = 0;
    r->failures++;
    kick(r, r->failures > 1 ? backoff_ms(r->failures - 1)
                            : (int64_t)(fg_random_u64() % QUICK_RETRY_MS));
}

void fg_route_down(struct fg_route *r, struct fg_out *o, enum fg_stream_state was,
                   enum fg_failure why)
{
    bool was_open = o->st.opened_ms != 0;
    (void)was;
    if (r->out == o) r->out = NULL;
    r->refs--;
    take_back(r, o);
    if (r->s->stopping) {
        fg_route_fail(r, FG_FAIL_SHUTDOWN);
    } else if (why == FG_FAIL_PARTNER_REMOVED) {
        fg_route_fail(r, why);
    } else if (r->out) {
        fg_route_pump(r); /* a newer stream has taken over already */
    } else if (was_open || why == FG_FAIL_TERMS_CHANGED) {
        if (r->n_waiting) reopen(r, o, why);
    } else if (passing(why) && r->failures < QUICK_RETRIES) {
        r->failures++;
        if (r->n_waiting) kick(r, QUICK_RETRY_MS / 2 + (int64_t)(fg_random_u64() % QUICK_RETRY_MS));
    } else {
        attempt_failed(r, why);
    }
}

/* ---- sending ---- */

struct fg_route *fg_route_find(struct fg_s2s *s, const char *local, const char *remote)
{
    char key[FG_PAIR_KEY_MAX];
    struct fg_map_node *n = fg_map_find(&s->routes, key, fg_pair_key(key, local, remote));
    return n ? FG_CONTAINER(n, struct fg_route, node) : NULL;
}

static struct fg_route *make_route(struct fg_s2s *s, const char *local, const char *remote,
                                   const struct fg_partner *partner)
{
    struct fg_route *r = calloc(1, sizeof *r);
    struct fg_peer *p = r ? fg_peer_get(s, partner) : NULL;
    if (!p) goto out;
    r->s = s;
    r->peer = p;
    fg_list_init(&r->busy);
    fg_list_init(&r->waiting);
    ev_timer_init(&r->retry, on_retry, 0., 0.);
    r->retry.data = r;
    snprintf(r->local, sizeof r->local, "%s", local);
    snprintf(r->remote, sizeof r->remote, "%s", remote);
    if (fg_map_add(&s->routes, &r->node, r->key, fg_pair_key(r->key, local, remote)) == 0) return r;
    fg_peer_put(s, p);
out:
    free(r);
    return NULL;
}

void fg_route_free(struct fg_route *r)
{
    ev_timer_stop(r->s->loop, &r->retry);
    fg_list_remove(&r->busy);
    fg_map_remove(&r->s->routes, &r->node);
    fg_peer_put(r->s, r->peer);
    free(r);
}

static struct fg_item *make_item(const struct fg_s2s *s, const struct fg_s2s_item *i)
{
    struct fg_item *it = malloc(sizeof *it + i->len);
    if (!it) return NULL;
    it->done = i->done;
    it->arg = i->arg;
    it->mark = 0;
    it->queued_ms = fg_clock_mono_ms();
    it->deadline_ms = it->queued_ms + (i->deadline_ms > 0 ? i->deadline_ms : fg_s2s_setup_ms(s));
    it->len = i->len;
    memcpy(it->bytes, i->stanza, i->len);
    return it;
}

int fg_s2s_send(struct fg_s2s *s, const struct fg_s2s_item *item)
{
    if (s->stopping) return ESHUTDOWN;
    const struct fg_partner *partner = fg_s2s_partner(s, item->remote);
    if (!partner || !fg_s2s_is_local(s, item->local)) return EHOSTUNREACH;
    struct fg_route *r = fg_route_find(s, item->local, item->remote);
    bool lives = r && r->out && r->out->st.state == FG_S_OPEN;
    if (fg_s2s_drains(partner) && !lives) return ENOTCONN;
    if (!r) r = make_route(s, item->local, item->remote, partner);
    struct fg_item *it = r ? make_item(s, item) : NULL;
    if (!it) return ENOMEM;
    bool open = r->out && r->out->st.state == FG_S_OPEN;
    if (open && r->n_waiting == 0 && fg_out_send(r->out, it) == 0) {
        busy(r);
        return 0;
    }
    if (r->peer->queue >= s->settings->limits.queue_per_partner) {
        free(it);
        return ENOBUFS;
    }
    wait_at_end(r, it);
    if (!r->out || r->out->st.state == FG_S_CLOSING) kick(r, 0);
    return 0;
}

/* ---- trying again at once ---- */

void fg_route_retry(struct fg_route *r)
{
    if (r->out && r->out->st.state != FG_S_CLOSING) return;
    r->failures = 0;
    r->not_before_ms = 0;
    r->asked = true;
    ev_timer_stop(r->s->loop, &r->retry);
    kick(r, 0);
}

struct retry {
    struct fg_s2s *s;
    const struct fg_peer *peer;
    const char *local; /* the first of our domains by name */
    unsigned n;
};

static void retry_route(struct fg_map_node *n, void *arg)
{
    struct retry *t = arg;
    struct fg_route *r = FG_CONTAINER(n, struct fg_route, node);
    if (r->peer != t->peer || !fg_s2s_is_local(t->s, r->local)) return;
    t->n++;
    fg_route_retry(r);
}

static int first_local(const struct fg_entry *e, void *arg)
{
    struct retry *t = arg;
    if (!t->local || strcmp(e->key, t->local) < 0) t->local = e->key;
    return 0;
}

int fg_s2s_retry(struct fg_s2s *s, const char *domain)
{
    struct retry t = {.s = s};
    const struct fg_partner *partner = fg_s2s_partner(s, domain);
    if (s->stopping) return ESHUTDOWN;
    if (!partner) return ENOENT;
    struct fg_map_node *n = fg_map_finds(&s->peers, partner->domain);
    t.peer = n ? FG_CONTAINER(n, struct fg_peer, node) : NULL;
    if (t.peer) fg_map_each(&s->routes, retry_route, &t);
    if (t.n) return 0;
    (void)fg_snapshot_each(s->snapshot, FG_KIND_DOMAINS, first_local, &t);
    if (!t.local) return EADDRNOTAVAIL;
    struct fg_route *r = make_route(s, t.local, partner->domain, partner);
    if (!r) return ENOMEM;
    fg_route_retry(r);
    return 0;
}

/* ---- time ---- */

static void expire_waiting(struct fg_route *r, int64_t now)
{
    for (size_t n = r->n_waiting; n > 0; n--) {
        struct fg_item *it = first_waiting(r);
        if (!it) return;
        unwait(r, it);
        if (it->deadline_ms <= now)
            fg_item_done(it, r->last ? r->last : FG_FAIL_STREAM_TIMEOUT);
        else
            wait_at_end(r, it); /* all of them go round once, so the order stays */
    }
}

static bool any_expired(struct fg_list *items, int64_t now)
{
    FG_LIST_EACH(items, n, tmp)
    if (FG_CONTAINER(n, struct fg_item, node)->deadline_ms <= now) return true;
    return false;
}

static void tick(struct fg_route *r, int64_t now)
{
    struct fg_out *o = r->out;
    /* Bytes the peer does not take cannot be called back: the connection goes, and with it the rest
     * of the item; the others are sent again on the next stream. */
    if (o && o->st.unflushed && any_expired(&o->unflushed, now))
        fg_stream_retire(&o->st, FG_FAIL_KEEPALIVE_TIMEOUT, "the peer takes no data", 0);
    if (any_expired(&r->waiting, now)) expire_waiting(r, now);
    if (r->n_waiting == 0 && !(r->out && r->out->st.unflushed)) fg_list_remove(&r->busy);
}

void fg_routes_tick(struct fg_s2s *s)
{
    int64_t now = fg_clock_mono_ms();
    struct fg_list all;
    fg_list_init(&all);
    fg_list_splice(&all, &s->busy);
    while (!fg_list_empty(&all)) {
        struct fg_list *n = all.next;
        fg_list_remove(n);
        fg_list_append(&s->busy, n);
        tick(FG_CONTAINER(n, struct fg_route, busy), now);
    }
}

static bool still_allowed(const struct fg_route *r)
{
    return fg_s2s_partner(r->s, r->remote) && fg_s2s_is_local(r->s, r->local);
}

/* Handlers run here, and may make new routes, so this must not walk the map. */
void fg_routes_drop_forbidden(struct fg_s2s *s)
{
    struct fg_list all;
    fg_list_init(&all);
    fg_list_splice(&all, &s->busy);
    while (!fg_list_empty(&all)) {
        struct fg_list *n = all.next;
        struct fg_route *r = FG_CONTAINER(n, struct fg_route, busy);
        fg_list_remove(n);
        fg_list_append(&s->busy, n);
        if (!still_allowed(r)) fg_route_fail(r, FG_FAIL_PARTNER_REMOVED);
    }
}

void fg_route_activated(struct fg_route *r)
{
    struct fg_s2s *s = r->s;
    if (!still_allowed(r)) {
        if (r->refs == 0 && r->n_waiting == 0) fg_route_free(r);
        return;
    }
    struct fg_peer *p = fg_peer_get(s, fg_s2s_partner(s, r->remote)), *old = r->peer;
    if (p) {
        old->queue -= r->n_waiting;
        p->queue += r->n_waiting;
        r->peer = p;
        fg_peer_put(s, old);
    }
    /* The change may have mended what failed: no need to wait any longer. */
    r->not_before_ms = 0;
    r->failures = 0;
    ev_timer_stop(s->loop, &r->retry);
    if (r->n_waiting && (!r->out || r->out->st.state == FG_S_CLOSING)) kick(r, 0);
}
