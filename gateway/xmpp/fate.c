/* See fate.h. Nothing here changes anything: the streams' own files do what was judged. */
#include "gateway/xmpp/fate.h"

#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/xmpp/internal.h"

const char *fg_because_name(enum fg_because b)
{
    static const char *const names[] = {
        [FG_BECAUSE_NOTHING] = NULL,
        [FG_BECAUSE_FEDERATION_OFF] = "federation_off",
        [FG_BECAUSE_PARTNER_REMOVED] = "partner_removed",
        [FG_BECAUSE_PARTNER_SUSPENDED] = "partner_suspended",
        [FG_BECAUSE_PARTNER_EXPIRED] = "partner_expired",
        [FG_BECAUSE_PARTNER_DRAINING] = "partner_draining",
        [FG_BECAUSE_OWN_DOMAIN_REMOVED] = "own_domain_removed",
        [FG_BECAUSE_TLS_REQUIRED] = "tls_required",
        [FG_BECAUSE_TLS_FORBIDDEN] = "tls_forbidden",
        [FG_BECAUSE_SASL_REQUIRED] = "sasl_required",
        [FG_BECAUSE_SASL_FORBIDDEN] = "sasl_forbidden",
        [FG_BECAUSE_DIALBACK_OFF] = "dialback_off",
        [FG_BECAUSE_METHOD_NOT_ALLOWED] = "method_not_allowed",
        [FG_BECAUSE_DOMAIN_MOVED] = "domain_moved",
        [FG_BECAUSE_TERMS_CHANGED] = "terms_changed",
    };
    return names[b];
}

static enum fg_because barred(const struct fg_snapshot *s, const struct fg_partner *p,
                              int64_t wall_ms)
{
    if (!s || !fg_snapshot_settings(s)->federation_enabled) return FG_BECAUSE_FEDERATION_OFF;
    if (!p) return FG_BECAUSE_PARTNER_REMOVED;
    if (p->state == FG_PARTNER_SUSPENDED) return FG_BECAUSE_PARTNER_SUSPENDED;
    if (p->valid_until_ms && p->valid_until_ms <= wall_ms) return FG_BECAUSE_PARTNER_EXPIRED;
    return p->terms.valid ? FG_BECAUSE_NOTHING : FG_BECAUSE_METHOD_NOT_ALLOWED;
}

const struct fg_partner *fg_fate_partner(const struct fg_snapshot *s, const char *domain,
                                         int64_t wall_ms, enum fg_because *why)
{
    const struct fg_partner *p = s ? fg_snapshot_partner(s, domain) : NULL;
    enum fg_because no = barred(s, p, wall_ms);
    if (why) *why = no;
    return no ? NULL : p;
}

enum fg_because fg_fate_method(const struct fg_terms *t, enum fg_method m)
{
    if (fg_method_allowed(t, m)) return FG_BECAUSE_NOTHING;
    if (m == FG_DIALBACK_TCP && t->tls == FG_REQUIRED) return FG_BECAUSE_TLS_REQUIRED;
    if (m != FG_DIALBACK_TCP && t->tls == FG_NOT_SUPPORTED) return FG_BECAUSE_TLS_FORBIDDEN;
    if (m != FG_SASL_TLS && t->sasl == FG_REQUIRED) return FG_BECAUSE_SASL_REQUIRED;
    if (m == FG_SASL_TLS && t->sasl == FG_NOT_SUPPORTED) return FG_BECAUSE_SASL_FORBIDDEN;
    if (m != FG_SASL_TLS && !t->dialback) return FG_BECAUSE_DIALBACK_OFF;
    return FG_BECAUSE_METHOD_NOT_ALLOWED;
}

static struct fg_judgement closes(enum fg_because why)
{
    return (struct fg_judgement){FG_FATE_CLOSE, why};
}

static struct fg_judgement again(enum fg_because why)
{
    return (struct fg_judgement){why ? FG_FATE_RENEGOTIATE : FG_FATE_STAY, why};
}

/* Is a method that was used with one partner allowed by the one that has the domain now? */
static enum fg_because method_of(const struct fg_peer *before, const struct fg_partner *now,
                                 enum fg_method m)
{
    enum fg_because why = fg_fate_method(&now->terms, m);
    if (why && before && strcmp(before->domain, now->domain) != 0) return FG_BECAUSE_DOMAIN_MOVED;
    return why;
}

/* Of the pairs on an inbound stream. `*left`: how many proved ones may go on. */
static enum fg_because judge_pairs(struct fg_in *in, const struct fg_snapshot *s, int64_t wall_ms,
                                   unsigned *left, enum fg_because *gone)
{
    enum fg_because changed = FG_BECAUSE_NOTHING;
    FG_LIST_EACH(&in->pairs, n, tmp)
    {
        const struct fg_pair *p = FG_CONTAINER(n, struct fg_pair, node);
        enum fg_because why;
        const struct fg_partner *partner = fg_fate_partner(s, p->remote, wall_ms, &why);
        if (partner && !fg_snapshot_domain(s, p->local)) why = FG_BECAUSE_OWN_DOMAIN_REMOVED;
        if (why) {
            *gone = why;
            continue;
        }
        *left += p->state == FG_PAIR_PROVED;
        if (!changed) changed = method_of(p->peer, partner, p->method);
    }
    return changed;
}

struct fg_judgement fg_stream_judge(struct fg_stream *st, const struct fg_snapshot *s,
                                    int64_t wall_ms)
{
    enum fg_because why = FG_BECAUSE_NOTHING, gone = FG_BECAUSE_NOTHING;
    if (!fg_stream_is_judged(st)) return again(FG_BECAUSE_NOTHING);
    if (st->local[0] && !fg_snapshot_domain(s, st->local))
        return closes(FG_BECAUSE_OWN_DOMAIN_REMOVED);
    const struct fg_partner *p = NULL;
    if (st->remote[0] || !st->inbound) p = fg_fate_partner(s, st->remote, wall_ms, &why);
    if (why) return closes(why);
    if (p && p->state == FG_PARTNER_DRAINING && !st->counted)
        return closes(FG_BECAUSE_PARTNER_DRAINING);
    if (!st->inbound && st->state == FG_S_OPEN) return again(method_of(st->peer, p, st->method));
    if (p && !st->counted && st->row != p->terms.row) why = FG_BECAUSE_TERMS_CHANGED;
    if (!st->inbound) return again(why);
    unsigned left = 0;
    enum fg_because pairs = judge_pairs(fg_in_of(st), s, wall_ms, &left, &gone);
    if (st->counted && left == 0) return closes(gone ? gone : FG_BECAUSE_PARTNER_REMOVED);
    return again(why ? why : pairs);
}

bool fg_stream_is_judged(const struct fg_stream *st)
{
    if (st->state == FG_S_CLOSING || st->state == FG_S_DEAD) return false;
    return !st->inbound || st->state != FG_S_TLS;
}

bool fg_stream_obey(struct fg_stream *st, const struct fg_judgement *j)
{
    if (j->fate == FG_FATE_STAY) return false;
    if (j->fate == FG_FATE_RENEGOTIATE)
        fg_stream_error(st, FG_COND_RESET, FG_FAIL_TERMS_CHANGED, "settings changed");
    else if (j->because == FG_BECAUSE_OWN_DOMAIN_REMOVED)
        fg_stream_error(st, FG_COND_HOST_GONE, FG_FAIL_PARTNER_REMOVED, "domain removed");
    else
        fg_stream_error(st, FG_COND_POLICY_VIOLATION, FG_FAIL_PARTNER_REMOVED,
                        "not a partner any more");
    return true;
}

/* ---- what it would mean ---- */

struct telling {
    struct fg_s2s *s;
    const struct fg_snapshot *next;
    int64_t wall_ms;
    void (*each)(void *arg, const struct fg_impact_row *r);
    void *arg;
};

static void count(struct fg_peer *p, const struct fg_judgement *j)
{
    struct fg_impact_row *r = &p->impact;
    if (j->fate == FG_FATE_STAY)
        r->stay++;
    else if (j->fate == FG_FATE_RENEGOTIATE)
        r->renegotiate++;
    else
        r->close++;
    /* What closes says more than what comes back. */
    if (j->because && (!r->because || j->fate == FG_FATE_CLOSE)) r->because = j->because;
}

static void clear_peer(struct fg_map_node *n, void *arg)
{
    struct fg_peer *p = FG_CONTAINER(n, struct fg_peer, node);
    (void)arg;
    p->impact = (struct fg_impact_row){.partner = p->domain};
}

static void count_route(struct fg_map_node *n, void *arg)
{
    const struct telling *t = arg;
    const struct fg_route *r = FG_CONTAINER(n, struct fg_route, node);
    struct fg_impact_row *row = &r->peer->impact;
    enum fg_because why;
    if (r->n_waiting == 0) return;
    row->queued += r->n_waiting;
    (void)fg_fate_partner(t->next, r->remote, t->wall_ms, &why);
    if (!why && !fg_snapshot_domain(t->next, r->local)) why = FG_BECAUSE_OWN_DOMAIN_REMOVED;
    if (why && !row->because) row->because = why;
}

static void tell_peer(struct fg_map_node *n, void *arg)
{
    const struct telling *t = arg;
    const struct fg_impact_row *r = &FG_CONTAINER(n, struct fg_peer, node)->impact;
    if (r->stay || r->renegotiate || r->close || r->because) t->each(t->arg, r);
}

void fg_s2s_impact(struct fg_s2s *s, const struct fg_snapshot *next,
                   void (*each)(void *arg, const struct fg_impact_row *r), void *arg)
{
    struct telling t = {s, next, fg_clock_wall_ms(), each, arg};
    struct fg_impact_row strangers = {.partner = ""};
    fg_map_each(&s->peers, clear_peer, NULL);
    FG_LIST_EACH(&s->streams, n, tmp)
    {
        struct fg_stream *st = FG_CONTAINER(n, struct fg_stream, node);
        struct fg_judgement j = fg_stream_judge(st, next, t.wall_ms);
        if (st->peer && fg_stream_is_judged(st)) count(st->peer, &j);
        if (!st->peer) strangers.stay++;
    }
    fg_map_each(&s->routes, count_route, &t);
    fg_map_each(&s->peers, tell_peer, &t);
    if (strangers.stay) each(arg, &strangers);
}
