/* Views of the live state, made on the loop. The parts show their strings only while they call, so
 * all of it is copied into one arena that lives until the callback returns. */
#include "gateway/engine_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VIEW_MAX = 256 * 1024 * 1024 };

/* A growing array in the arena; elements are lost silently only when memory is out. */
struct rows {
    char *data;
    size_t n, room;
};

struct maker {
    struct fg_arena arena;
    struct rows streams, partners, ports;
};

struct impact_maker {
    struct maker maker;
    struct rows rows;
};

static void *row_add(struct maker *m, struct rows *r, size_t size)
{
    if (r->n == r->room) {
        size_t room = r->room ? 2 * r->room : 16;
        char *data = fg_arena_alloc(&m->arena, room * size);
        if (!data) return NULL;
        if (r->n) memcpy(data, r->data, r->n * size);
        r->data = data;
        r->room = room;
    }
    return r->data + size * r->n++;
}

/* Without memory: "", so that a view never holds what is gone. */
static const char *keep(struct maker *m, const char *s)
{
    const char *copy = s ? fg_arena_strdup(&m->arena, s) : NULL;
    return s && !copy ? "" : copy;
}

static void add_stream(void *arg, const struct fg_stream_info *i)
{
    struct maker *m = arg;
    struct fg_stream_info *to = row_add(m, &m->streams, sizeof *to);
    if (!to) return;
    *to = *i;
    to->partner = keep(m, i->partner);
    to->local_domain = keep(m, i->local_domain);
    to->remote_domain = keep(m, i->remote_domain);
    to->peer_address = keep(m, i->peer_address);
    to->tls_version = keep(m, i->tls_version);
    to->tls_cipher = keep(m, i->tls_cipher);
    to->certificate_verdict = keep(m, i->certificate_verdict);
    to->certificate_names = keep(m, i->certificate_names);
    to->state = keep(m, i->state);
}

static void add_partner(void *arg, const struct fg_partner_info *i)
{
    struct maker *m = arg;
    struct fg_partner_info *to = row_add(m, &m->partners, sizeof *to);
    if (!to) return;
    *to = *i;
    to->partner = keep(m, i->partner);
    to->failure_detail = keep(m, i->failure_detail);
}

static void add_port(struct maker *m, const char *kind, const char *address)
{
    char text[DOOR_TEXT + 16];
    snprintf(text, sizeof text, "%s %s", kind, address);
    const char **to = row_add(m, &m->ports, sizeof *to);
    if (to) *to = keep(m, text);
}

static void add_sip_port(void *arg, enum fg_transport t, const char *address)
{
    add_port(arg, fg_transport_name(t), address);
}

static void add_ports(struct fg_engine *e, struct maker *m)
{
    FG_LIST_EACH(&e->run.gates, n, tmp)
    {
        const struct gate *g = FG_CONTAINER(n, struct gate, link);
        add_port(m, g->direct ? "xmpps" : "xmpp", fg_acceptor_text(g->acceptor));
    }
    fg_sip_listeners(e->run.sip, add_sip_port, m);
}

static void count(struct fg_engine *e, struct fg_engine_counters *c)
{
    struct fg_bridge_counters b;
    fg_s2s_counters(e->run.s2s, &c->xmpp);
    fg_sip_counters(e->run.sip, &c->sip);
    fg_bridge_counters(e->run.bridge, &b);
    c->activations = e->run.activations;
    c->activate_last_us = e->run.activate_last_us;
    c->activate_max_us = e->run.activate_max_us;
    c->messages_in = b.messages_in;
    c->messages_out = b.messages_out;
    c->refused_in = b.refused_in;
    c->refused_out = b.refused_out;
    c->failed_in = b.failed_in;
    c->failed_out = b.failed_out;
}

void fg_engine_run_view(struct fg_engine *e, unsigned what, fg_engine_view_h *h, void *arg)
{
    struct maker m = {0};
    struct fg_engine_view v = {.revision = fg_engine_revision(e)};
    fg_arena_init(&m.arena, VIEW_MAX);
    count(e, &v.counters);
    if (what & FG_VIEW_STREAMS) fg_s2s_streams(e->run.s2s, add_stream, &m);
    if (what & FG_VIEW_PARTNERS) fg_s2s_partners(e->run.s2s, add_partner, &m);
    if (what & FG_VIEW_PORTS) add_ports(e, &m);
    v.streams = (const void *)m.streams.data;
    v.n_streams = m.streams.n;
    v.partners = (const void *)m.partners.data;
    v.n_partners = m.partners.n;
    v.ports = (const void *)m.ports.data;
    v.n_ports = m.ports.n;
    h(arg, &v);
    fg_arena_free(&m.arena);
}

/* ---- what a configuration would do ---- */

static void add_impact(void *arg, const struct fg_impact_row *r)
{
    struct impact_maker *m = arg;
    struct fg_impact_row *to = row_add(&m->maker, &m->rows, sizeof *to);
    if (!to) return;
    *to = *r;
    to->partner = keep(&m->maker, r->partner);
}

void fg_engine_run_impact(struct fg_engine *e, const struct fg_snapshot *next,
                          fg_engine_impact_h *h, void *arg)
{
    struct impact_maker m = {0};
    fg_arena_init(&m.maker.arena, VIEW_MAX);
    fg_s2s_impact(e->run.s2s, next, add_impact, &m);
    const struct fg_engine_impact i = {.rows = (const void *)m.rows.data, .n = m.rows.n};
    h(arg, &i);
    fg_arena_free(&m.maker.arena);
}
