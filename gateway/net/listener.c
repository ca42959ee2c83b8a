/* See listener.h. */
#include "gateway/net/listener.h"

#include "gateway/net/private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BACKLOG = 1024,
    ACCEPT_BUDGET = 64, /* per turn: living connections get theirs too */
    PAUSE_MS = 200,     /* rest after running out of descriptors */
};

struct fg_acceptor {
    struct fg_net *net;
    struct ev_io io;
    struct ev_timer rest;
    int fd;
    fg_accept_h *h;
    void *arg;
    bool freed, busy; /* freed by its own handler: the end of the dispatch does it */
    uint16_t port;
    char text[FG_ADDR_TEXT];
};

static int parse_port(const char *s, uint16_t *out)
{
    if (*s < '0' || *s > '9') return EINVAL;
    char *end;
    unsigned long v = strtoul(s, &end, 10);
    if (*end || v > 65535 || end - s > 5) return EINVAL;
    *out = (uint16_t)v;
    return 0;
}

int fg_listen_address(const char *text, struct sockaddr_storage *out, socklen_t *len)
{
    const char *colon = text ? strrchr(text, ':') : NULL;
    if (!colon || colon == text) return EINVAL;
    char host[INET6_ADDRSTRLEN + 2];
    size_t n = (size_t)(colon - text);
    if (n >= sizeof host) return EINVAL;
    memcpy(host, text, n);
    host[n] = '\0';
    uint16_t port;
    if (parse_port(colon + 1, &port)) return EINVAL;
    memset(out, 0, sizeof *out);
    if (host[0] == '[' && host[n - 1] == ']') {
        struct sockaddr_in6 *v6 = (void *)out;
        host[n - 1] = '\0';
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        *len = sizeof *v6;
        return inet_pton(AF_INET6, host + 1, &v6->sin6_addr) == 1 ? 0 : EINVAL;
    }
    struct sockaddr_in *v4 = (void *)out;
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    *len = sizeof *v4;
    return inet_pton(AF_INET, host, &v4->sin_addr) == 1 ? 0 : EINVAL;
}

/* SO_REUSEPORT lets a change from all addresses to one, and back, overlap: the new socket is bound
 * before the old one closes. */
static int set_options(int fd, const struct sockaddr *sa)
{
    int one = 1, zero = 0;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one)) return errno;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one)) return errno;
    if (sa->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)sa;
        bool any = IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
        if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, any ? &zero : &one, sizeof one)) return errno;
    }
    return 0;
}

int fg_listen_open(const char *address, bool udp)
{
    struct sockaddr_storage sa;
    socklen_t len;
    if (fg_listen_address(address, &sa, &len)) return -EINVAL;
    int type = (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    int fd = socket(sa.ss_family, type, 0);
    if (fd < 0) return -errno;
    int err = set_options(fd, (const struct sockaddr *)&sa);
    if (!err && bind(fd, (const struct sockaddr *)&sa, len)) err = errno;
    if (err) {
        close(fd);
        return -err;
    }
    return fd;
}

static void acceptor_destroy(struct fg_acceptor *l)
{
    ev_io_stop(l->net->loop, &l->io);
    ev_timer_stop(l->net->loop, &l->rest);
    close(l->fd);
    free(l);
}

/* Out of descriptors: the connection stays in the backlog, so a level-triggered watcher would spin.
 */
static void take_a_rest(struct fg_acceptor *l)
{
    ev_io_stop(l->net->loop, &l->io);
    ev_timer_set(&l->rest, PAUSE_MS / 1000., 0.);
    ev_timer_start(l->net->loop, &l->rest);
}

static void on_rested(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)revents;
    struct fg_acceptor *l = w->data;
    ev_io_start(loop, &l->io);
}

static void accept_some(struct fg_acceptor *l, int budget)
{
    l->busy = true;
    for (int i = 0; i < budget && !l->freed; i++) {
        struct sockaddr_storage peer;
        socklen_t len = sizeof peer;
        int fd = accept4(l->fd, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            l->h(fd, (const struct sockaddr *)&peer, len, l->arg);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED) continue;
        if (errno != EAGAIN) take_a_rest(l);
        break;
    }
    l->busy = false;
    if (l->freed) acceptor_destroy(l);
}

static void on_accept(struct ev_loop *loop, struct ev_io *w, int revents)
{
    (void)loop;
    (void)revents;
    accept_some(w->data, ACCEPT_BUDGET);
}

/* A filter on the listening socket, which sees TCP headers: drops whatever asks for a new
 * connection (SYN without ACK) and lets handshakes under way finish. */
static void refuse_new(int fd)
{
    enum { FLAGS_AT = 13, SYN = 0x02, ACK = 0x10, ALL = 0x7fffffff };
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_AT),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SYN | ACK),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYN, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, ALL),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
    /* Should the kernel not allow it, a connection made in the next microseconds is reset. */
    (void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

void fg_acceptor_drain(struct fg_acceptor *l)
{
    refuse_new(l->fd);
    accept_some(l, BACKLOG);
}

int fg_acceptor_new(struct fg_acceptor **out, struct fg_net *n, int fd, fg_accept_h *h, void *arg)
{
    if (!out || !n || fd < 0 || !h) return EINVAL;
    if (listen(fd, BACKLOG)) return errno;
    struct fg_acceptor *l = calloc(1, sizeof *l);
    if (!l) return ENOMEM;
    l->net = n;
    l->fd = fd;
    l->h = h;
    l->arg = arg;
    struct sockaddr_storage sa = {0};
    socklen_t len = sizeof sa;
    getsockname(fd, (struct sockaddr *)&sa, &len);
    fg_addr_text(l->text, (const struct sockaddr *)&sa);
    const char *colon = strrchr(l->text, ':');
    l->port = colon ? (uint16_t)strtoul(colon + 1, NULL, 10) : 0;
    ev_io_init(&l->io, on_accept, fd, EV_READ);
    l->io.data = l;
    ev_timer_init(&l->rest, on_rested, 0., 0.);
    l->rest.data = l;
    ev_io_start(n->loop, &l->io);
    *out = l;
    return 0;
}

void fg_acceptor_free(struct fg_acceptor *l)
{
    if (!l) return;
    if (l->busy)
        l->freed = true;
    else
        acceptor_destroy(l);
}

const char *fg_acceptor_text(const struct fg_acceptor *l)
{
    return l->text;
}

uint16_t fg_acceptor_port(const struct fg_acceptor *l)
{
    return l->port;
}
