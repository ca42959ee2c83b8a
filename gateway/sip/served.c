/* Listeners: those of the present configuration, found again by their address at every activate.
 * See stack.h. */
#include "gateway/net/listener.h"
#include "gateway/net/tls.h"
#include "gateway/sip/stack.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void served_free(struct fg_sip_served *l)
{
    fg_list_remove(&l->link);
    if (l->listener) fg_acceptor_free(l->listener);
    fg_sip_udp_free(l->udp);
    if (l->tls) fg_tls_ctx_put(l->tls);
    free(l->address);
    free(l);
}

static void accepted(int fd, const struct sockaddr *peer, socklen_t len, void *arg)
{
    struct fg_sip_served *l = arg;
    (void)len;
    fg_sip_flow_accept(l->sip, fd, peer, l->transport, l->tls);
    fg_sip_flows_sweep(l->sip);
}

/* The one with this address: of the same transport, else, for a changed one, of the same kind of
 * socket. */
static struct fg_sip_served *find(struct fg_sip *s, const struct fg_sip_listener *l)
{
    struct fg_sip_served *near = NULL;
    FG_LIST_EACH(&s->served, n, tmp)
    {
        struct fg_sip_served *v = FG_CONTAINER(n, struct fg_sip_served, link);
        if (strcmp(v->address, l->address) != 0) continue;
        if (v->transport == l->transport) return v;
        if (!v->keep && (v->transport == FG_UDP) == (l->transport == FG_UDP)) near = v;
    }
    return near;
}

static uint16_t bound_port(int fd)
{
    union fg_sip_addr a;
    socklen_t len = sizeof a;
    return getsockname(fd, &a.sa, &len) == 0 ? fg_sip_addr_port(&a) : 0;
}

static int serve(struct fg_sip *s, const struct fg_sip_listener *l, struct fg_sip_served **out)
{
    struct fg_sip_served *v = calloc(1, sizeof *v);
    if (!v) return ENOMEM;
    fg_list_init(&v->link);
    v->sip = s;
    v->transport = l->transport;
    v->address = strdup(l->address);
    v->port = bound_port(l->fd);
    int err = v->address ? 0 : ENOMEM;
    if (!err) {
        err = l->transport == FG_UDP ? fg_sip_udp_new(&v->udp, s, l->fd)
                                     : fg_acceptor_new(&v->listener, s->net, l->fd, accepted, v);
    }
    if (err) {
        served_free(v);
        return err;
    }
    *out = v;
    return 0;
}

static void activate_one(struct fg_sip *s, const struct fg_sip_listener *l)
{
    struct fg_sip_served *old = find(s, l), *v = NULL;
    if (l->fd < 0) {
        v = old;
    } else {
        int err = serve(s, l, &v);
        if (err) {
            close(l->fd);
            fg_report_event(s->report,
                            (struct fg_event){.level = FG_ERROR,
                                              .component = "sip",
                                              .code = "listen_failed",
                                              .failure = FG_FAIL_LISTEN_FAILED},
                            "Cannot serve %s: %s", l->address, strerror(err));
        }
    }
    if (!v) return;
    if (v != old) fg_list_append(&s->served, &v->link);
    v->keep = true;
    v->transport = l->transport;
    if (v->tls) fg_tls_ctx_put(v->tls);
    v->tls = l->tls ? fg_tls_ctx_get(l->tls) : NULL;
}

void fg_sip_served_activate(struct fg_sip *s, const struct fg_sip_listener *l, size_t n)
{
    FG_LIST_EACH(&s->served, node, tmp)
    FG_CONTAINER(node, struct fg_sip_served, link)->keep = false;
    for (size_t i = 0; i < n; i++) activate_one(s, &l[i]);
    FG_LIST_EACH(&s->served, node, tmp)
    {
        struct fg_sip_served *v = FG_CONTAINER(node, struct fg_sip_served, link);
        if (v->keep) continue;
        /* Who has connected already is served, by whichever address. */
        if (v->listener && n) fg_acceptor_drain(v->listener);
        served_free(v);
    }
}

void fg_sip_served_close(struct fg_sip *s)
{
    FG_LIST_EACH(&s->served, n, tmp) served_free(FG_CONTAINER(n, struct fg_sip_served, link));
}

uint16_t fg_sip_served_port(const struct fg_sip *s, enum fg_transport t)
{
    for (const struct fg_list *n = s->served.next; n != &s->served; n = n->next) {
        const struct fg_sip_served *v =
            (const struct fg_sip_served *)(const void *)((const char *)n -
                                                         offsetof(struct fg_sip_served, link));
        if (v->transport == t && v->port) return v->port;
    }
    return 0;
}

void fg_sip_listeners(struct fg_sip *s,
                      void (*each)(void *arg, enum fg_transport t, const char *address), void *arg)
{
    FG_LIST_EACH(&s->served, n, tmp)
    {
        struct fg_sip_served *v = FG_CONTAINER(n, struct fg_sip_served, link);
        char text[FG_ADDR_TEXT];
        union fg_sip_addr local;
        socklen_t len = sizeof local;
        if (v->listener) {
            each(arg, v->transport, fg_acceptor_text(v->listener));
        } else if (getsockname(v->udp->fd, &local.sa, &len) == 0) {
            each(arg, v->transport, fg_addr_text(text, &local.sa));
        }
    }
}
