/* UDP sockets: each datagram is one message. See stack.h. RFC 3261 18. */
#include "gateway/sip/stack.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Datagrams taken in one turn of the loop, so that a flood over UDP does not starve streams. */
enum { BATCH = 64 };

static bool is_keepalive(const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (data[i] != '\r' && data[i] != '\n' && data[i] != '\0') return false;
    }
    return true;
}

static void take(struct fg_sip_udp *u, char *data, size_t len, const union fg_sip_addr *peer)
{
    struct fg_sip *s = u->sip;
    struct fg_sip_source src = {.sip = s, .udp = u, .transport = FG_UDP, .peer = *peer};
    if (is_keepalive(data, len)) return;
    src.trusted = fg_sip_address_trusted(s, peer);
    const char *end =
        memmem(data, len < FG_SIP_HEADER_MAX ? len : FG_SIP_HEADER_MAX, "\r\n\r\n", 4);
    if (!end) {
        bool large = len > FG_SIP_HEADER_MAX;
        fg_sip_refuse_raw(&src, data, large ? FG_SIP_HEADER_MAX : len, large ? 513 : 400,
                          large ? "Header too large" : "No end of header");
        return;
    }
    struct fg_sip_scan scan;
    size_t head = (size_t)(end - data) + 4, body = len - head;
    fg_sip_scan(data, head, &scan);
    if (!scan.fault && scan.count[FG_SIP_CONTENT_LENGTH] == 1) {
        /* RFC 3261 18.3: too short is an error, what follows is thrown away. */
        if (scan.content_length > body)
            scan.fault = "Body shorter than Content-Length";
        else
            body = scan.content_length;
    }
    fg_sip_dispatch(&src, data, head, body, &scan);
}

static void readable(struct ev_loop *loop, ev_io *w, int events)
{
    (void)loop, (void)events;
    struct fg_sip_udp *u = w->data;
    struct fg_sip *s = u->sip;
    for (int i = 0; i < BATCH; i++) {
        union fg_sip_addr peer;
        socklen_t peer_len = sizeof peer;
        ssize_t n = recvfrom(u->fd, s->datagram, FG_SIP_DATAGRAM_MAX, 0, &peer.sa, &peer_len);
        if (n < 0) break;
        if (peer.sa.sa_family != AF_INET && peer.sa.sa_family != AF_INET6) continue;
        if (fg_sip_addr_port(&peer)) take(u, s->datagram, (size_t)n, &peer);
    }
    fg_sip_flows_sweep(s);
}

int fg_sip_udp_new(struct fg_sip_udp **out, struct fg_sip *s, int fd)
{
    union fg_sip_addr local;
    socklen_t len = sizeof local;
    if (getsockname(fd, &local.sa, &len) < 0) return errno;
    struct fg_sip_udp *u = calloc(1, sizeof *u);
    if (!u) return ENOMEM;
    u->sip = s;
    u->fd = fd;
    u->family = local.sa.sa_family;
    u->port = fg_sip_addr_port(&local);
    ev_io_init(&u->io, readable, fd, EV_READ);
    u->io.data = u;
    ev_io_start(s->loop, &u->io);
    *out = u;
    return 0;
}

void fg_sip_udp_free(struct fg_sip_udp *u)
{
    if (!u) return;
    fg_sip_requests_unlink_udp(u->sip, u);
    fg_sip_calls_unlink_udp(u->sip, u);
    ev_io_stop(u->sip->loop, &u->io);
    close(u->fd);
    free(u);
}

static int open_spare(int family)
{
    union fg_sip_addr any = {.sa.sa_family = (sa_family_t)family};
    int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, &any.sa, fg_sip_addr_len(&any)) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

struct fg_sip_udp *fg_sip_udp_for(struct fg_sip *s, int family)
{
    struct fg_sip_udp *other = NULL;
    FG_LIST_EACH(&s->served, n, tmp)
    {
        struct fg_sip_served *l = FG_CONTAINER(n, struct fg_sip_served, link);
        if (!l->udp) continue;
        if (l->udp->family == family) return l->udp;
        if (l->udp->family == AF_INET6) other = l->udp;
    }
    int v6only = 1;
    socklen_t len = sizeof v6only;
    if (other && getsockopt(other->fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, &len) == 0 && !v6only)
        return other;
    struct fg_sip_udp **spare = &s->spare[family == AF_INET6];
    if (*spare) return *spare;
    int fd = open_spare(family);
    if (fd >= 0 && fg_sip_udp_new(spare, s, fd) != 0) close(fd);
    return *spare;
}

int fg_sip_udp_send(struct fg_sip_udp *u, const union fg_sip_addr *to, const void *data, size_t len)
{
    union fg_sip_addr addr = *to;
    fg_sip_addr_for(&addr, u->family);
    if (addr.sa.sa_family != u->family) return EAFNOSUPPORT;
    ssize_t n = sendto(u->fd, data, len, MSG_NOSIGNAL, &addr.sa, fg_sip_addr_len(&addr));
    if (n >= 0 || errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return 0;
    return errno;
}
