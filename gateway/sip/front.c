/* Front ends: where they are (looked up at activate and every minute), and who may speak to us:
 * an address one of them resolves to, or a certificate that names one. See stack.h. */
#include "gateway/net/tls.h"
#include "gateway/sip/stack.h"

#include <errno.h>
#include <stdlib.h>

static void front_free(struct fg_sip_front *f)
{
    struct fg_sip *s = f->sip;
    if (f->ticket && s->resolver) fg_resolver_cancel(s->resolver, f->ticket);
    fg_list_remove(&f->link);
    if (f->flow) {
        struct fg_sip_flow *flow = f->flow;
        flow->front = NULL;
        f->flow = NULL;
        fg_sip_flow_retire(flow);
    }
    f->ticket = 0;
    f->count = 0;
    fg_sip_calls_front_settled(f);
    free(f->endpoints);
    free(f->name);
    free(f->host);
    free(f->tls_name);
    free(f);
}

struct fg_sip_front *fg_sip_front_find(struct fg_sip *s, const char *name)
{
    FG_LIST_EACH(&s->fronts, n, tmp)
    {
        struct fg_sip_front *f = FG_CONTAINER(n, struct fg_sip_front, link);
        if (strcmp(f->name, name) == 0) return f;
    }
    return NULL;
}

void fg_sip_front_down(struct fg_sip_front *f)
{
    f->down_until = fg_sip_now() + FG_SIP_DOWN_MS;
}

/* ---- trust ---- */

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

static void rebuild_trusted(struct fg_sip *s)
{
    size_t count = 0;
    FG_LIST_EACH(&s->fronts, n, tmp) count += FG_CONTAINER(n, struct fg_sip_front, link)->count;
    uint8_t(*trusted)[16] = count ? malloc(count * sizeof *trusted) : NULL;
    if (count && !trusted) return; /* the last known set stays */
    size_t i = 0;
    FG_LIST_EACH(&s->fronts, n, tmp)
    {
        struct fg_sip_front *f = FG_CONTAINER(n, struct fg_sip_front, link);
        for (size_t k = 0; k < f->count; k++) {
            union fg_sip_addr a;
            fg_sip_addr_from(&a, (const struct sockaddr *)&f->endpoints[k].addr);
            fg_sip_addr_host(&a, trusted[i++]);
        }
    }
    if (count) qsort(trusted, count, sizeof *trusted, by_bytes);
    free(s->trusted);
    s->trusted = trusted;
    s->n_trusted = count;
    s->generation++;
}

bool fg_sip_address_trusted(const struct fg_sip *s, const union fg_sip_addr *a)
{
    uint8_t host[16];
    if (s->n_trusted == 0) return false;
    fg_sip_addr_host(a, host);
    return bsearch(host, s->trusted, s->n_trusted, sizeof *s->trusted, by_bytes) != NULL;
}

bool fg_sip_cert_trusted(const struct fg_sip *s, X509 *cert)
{
    for (const struct fg_list *n = s->fronts.next; n != &s->fronts; n = n->next) {
        const struct fg_sip_front *f =
            (const struct fg_sip_front *)(const void *)((const char *)n -
                                                        offsetof(struct fg_sip_front, link));
        if (fg_cert_names_sip_domain(cert, f->tls_name)) return true;
    }
    return false;
}

/* ---- where they are ---- */

static void resolved(const struct fg_endpoint *endpoints, size_t count, enum fg_failure why,
                     void *arg)
{
    struct fg_sip_front *f = arg;
    struct fg_sip *s = f->sip;
    f->ticket = 0;
    struct fg_endpoint *copy = count ? malloc(count * sizeof *copy) : NULL;
    if (copy) {
        memcpy(copy, endpoints, count * sizeof *copy);
        free(f->endpoints);
        f->endpoints = copy;
        f->count = count;
        rebuild_trusted(s);
    } else {
        /* What was known before stays in use: a name server's bad minute cuts nobody off. */
        fg_report_event(s->report,
                        (struct fg_event){.level = FG_WARNING,
                                          .component = "sip",
                                          .code = "front_end_not_resolved",
                                          .failure = why},
                        "Front end %s: %s cannot be resolved%s", f->name, f->host,
                        f->count ? "; its last addresses stay in use" : "");
    }
    fg_sip_calls_front_settled(f);
    fg_sip_flows_sweep(s);
}

static void look_up(struct fg_sip_front *f)
{
    union fg_sip_addr a;
    if (fg_sip_addr_parse(f->host, strlen(f->host), f->port, &a)) {
        if (f->count || !(f->endpoints = calloc(1, sizeof *f->endpoints))) return;
        memcpy(&f->endpoints->addr, &a, sizeof a);
        f->endpoints->addr_len = fg_sip_addr_len(&a);
        f->count = 1;
        return;
    }
    if (f->ticket || !f->sip->resolver) return;
    f->ticket = fg_resolve_host(f->sip->resolver, f->host, f->port, resolved, f);
}

void fg_sip_fronts_look_up(struct fg_sip *s)
{
    FG_LIST_EACH(&s->fronts, n, tmp) look_up(FG_CONTAINER(n, struct fg_sip_front, link));
}

static int front_new(struct fg_sip *s, const struct fg_front_end *e, struct fg_sip_front **out)
{
    struct fg_sip_front *f = calloc(1, sizeof *f);
    if (!f) return ENOMEM;
    f->sip = s;
    fg_list_init(&f->link);
    fg_list_init(&f->waiting);
    f->port = e->port;
    f->transport = e->transport;
    f->name = strdup(e->name);
    f->host = strdup(e->host);
    f->tls_name = strdup(e->tls_name ? e->tls_name : e->host);
    if (!f->name || !f->host || !f->tls_name) {
        front_free(f);
        return ENOMEM;
    }
    *out = f;
    return 0;
}

static bool unchanged(const struct fg_sip_front *f, const struct fg_front_end *e)
{
    return f->port == e->port && f->transport == e->transport && strcmp(f->host, e->host) == 0 &&
           strcmp(f->tls_name, e->tls_name ? e->tls_name : e->host) == 0;
}

/* Addresses of the same host stay known, so that trust does not lapse over a change. */
static void inherit(struct fg_sip_front *to, struct fg_sip_front *from)
{
    if (strcmp(to->host, from->host) != 0) return;
    to->endpoints = from->endpoints;
    to->count = from->count;
    from->endpoints = NULL;
    from->count = 0;
    for (size_t i = 0; i < to->count; i++) {
        union fg_sip_addr a;
        fg_sip_addr_from(&a, (struct sockaddr *)&to->endpoints[i].addr);
        fg_sip_addr_set_port(&a, to->port);
        memcpy(&to->endpoints[i].addr, &a, sizeof a);
    }
}

static int activate_one(const struct fg_entry *entry, void *arg)
{
    struct fg_sip *s = arg;
    const struct fg_front_end *e = (const struct fg_front_end *)(const void *)entry;
    struct fg_sip_front *old = fg_sip_front_find(s, e->name), *f = NULL;
    if (old && unchanged(old, e)) {
        old->keep = true;
        return 0;
    }
    if (front_new(s, e, &f) != 0) return 0;
    if (old) inherit(f, old);
    f->keep = true;
    /* In front of the old one, which goes away at the end. */
    fg_list_prepend(&s->fronts, &f->link);
    return 0;
}

void fg_sip_fronts_activate(struct fg_sip *s)
{
    FG_LIST_EACH(&s->fronts, n, tmp) FG_CONTAINER(n, struct fg_sip_front, link)->keep = false;
    fg_snapshot_each(s->snapshot, FG_KIND_FRONT_ENDS, activate_one, s);
    struct fg_list gone;
    fg_list_init(&gone);
    FG_LIST_EACH(&s->fronts, n, tmp)
    {
        if (FG_CONTAINER(n, struct fg_sip_front, link)->keep) continue;
        fg_list_remove(n);
        fg_list_append(&gone, n);
    }
    fg_sip_fronts_look_up(s);
    rebuild_trusted(s);
    while (!fg_list_empty(&gone)) front_free(FG_CONTAINER(gone.next, struct fg_sip_front, link));
}

void fg_sip_fronts_cancel(struct fg_sip *s)
{
    FG_LIST_EACH(&s->fronts, n, tmp)
    {
        struct fg_sip_front *f = FG_CONTAINER(n, struct fg_sip_front, link);
        if (f->ticket && s->resolver) fg_resolver_cancel(s->resolver, f->ticket);
        f->ticket = 0;
    }
}

void fg_sip_fronts_free(struct fg_sip *s)
{
    fg_sip_fronts_cancel(s);
    while (!fg_list_empty(&s->fronts))
        front_free(FG_CONTAINER(s->fronts.next, struct fg_sip_front, link));
    free(s->trusted);
    s->trusted = NULL;
    s->n_trusted = 0;
}
