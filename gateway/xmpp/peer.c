/* What is known of each partner: the entry in force and what happened last. See internal.h. */
#include "gateway/xmpp/internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/base/clock.h"

struct fg_peer *fg_peer_get(struct fg_s2s *s, const struct fg_partner *partner)
{
    struct fg_map_node *n = fg_map_finds(&s->peers, partner->domain);
    struct fg_peer *p = n ? FG_CONTAINER(n, struct fg_peer, node) : NULL;
    if (!p) {
        p = calloc(1, sizeof *p);
        if (!p) return NULL;
        snprintf(p->domain, sizeof p->domain, "%s", partner->domain);
        if (fg_map_adds(&s->peers, &p->node, p->domain)) {
            free(p);
            return NULL;
        }
    }
    if (!p->partner) p->partner = fg_partner_get(partner);
    fg_s2s_note_expiry(s, p->partner);
    p->users++;
    return p;
}

static void drop(struct fg_s2s *s, struct fg_peer *p)
{
    fg_map_remove(&s->peers, &p->node);
    fg_partner_put(p->partner);
    free(p);
}

void fg_peer_put(struct fg_s2s *s, struct fg_peer *p)
{
    if (--p->users == 0 && !p->partner) drop(s, p);
}

void fg_peer_succeeded(struct fg_peer *p)
{
    p->last_success_ms = fg_clock_wall_ms();
    p->attempts = 0;
    p->next_retry_ms = 0;
}

void fg_peer_failed(struct fg_peer *p, bool inbound, enum fg_failure why, const char *detail)
{
    p->last_failure_ms = fg_clock_wall_ms();
    p->failure_inbound = inbound;
    p->failure = why;
    snprintf(p->failure_detail, sizeof p->failure_detail, "%s", detail ? detail : "");
}

void fg_peer_attempt_failed(struct fg_peer *p, enum fg_failure why)
{
    p->out_failure_ms = fg_clock_wall_ms();
    p->out_failure = why;
}

const struct fg_terms *fg_peer_terms(const struct fg_peer *p)
{
    static const struct fg_terms nothing = {.valid = false};
    return p && p->partner ? &p->partner->terms : &nothing;
}

static void activate(struct fg_map_node *n, void *arg)
{
    struct fg_s2s *s = arg;
    struct fg_peer *p = FG_CONTAINER(n, struct fg_peer, node);
    const struct fg_partner *now = fg_s2s_partner(s, p->domain), *before = p->partner;
    /* An additional domain may have become another partner's. */
    bool listed = now && now->domain && fg_snapshot_find(s->snapshot, FG_KIND_PARTNERS, p->domain);
    p->partner = listed ? fg_partner_get(now) : NULL;
    if (listed) fg_s2s_note_expiry(s, now);
    if (before) fg_partner_put(before);
    if (p->users == 0 && !p->partner) drop(s, p);
}

void fg_peers_activate(struct fg_s2s *s)
{
    fg_map_each(&s->peers, activate, s);
}

static void free_peer(struct fg_map_node *n, void *arg)
{
    drop(arg, FG_CONTAINER(n, struct fg_peer, node));
}

void fg_peers_free(struct fg_s2s *s)
{
    fg_map_each(&s->peers, free_peer, s);
    fg_map_free(&s->peers);
}
