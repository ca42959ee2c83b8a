/* See channel.h. */
#include "server/forward/channel.h"

#include "gateway/address.h"
#include "gateway/base/buf.h"
#include "gateway/base/clock.h"
#include "gateway/net/tls.h"
#include "server/forward/lookup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    LOOKUP_MS = 20000,
    CONNECT_MS = 10000,
    WRITE_MS = 15000,
    ICMP_MS = 30, /* how long a refusal of datagrams is waited for */
    LOOK_MS = 10, /* between two looks at what is not acknowledged yet */
    PENDING_MAX = 4 << 20,
    DATAGRAM = 2048,
};

struct fg_channel {
    enum fg_audit_syslog transport;
    int fd, stop_fd;
    struct fg_buf pending;
    struct fg_tls_ctx *ctx;
    SSL *ssl;
};

static bool is_stream(const struct fg_channel *c)
{
    return c->transport == FG_AUDIT_SYSLOG_TCP || c->transport == FG_AUDIT_SYSLOG_TLS;
}

static enum fg_forward_fault fault(const struct fg_channel *c, int err)
{
    if (err == 0) return FG_FORWARD_FINE;
    if (err == ECANCELED) return FG_FORWARD_STOPPED;
    if (err == ENOMEM || err == EMFILE || err == ENFILE) return FG_FORWARD_MEMORY;
    if (c->transport == FG_AUDIT_SYSLOG_LOCAL) return FG_FORWARD_LOCAL;
    if (err == ECONNREFUSED) return FG_FORWARD_REFUSED;
    if (err == ETIMEDOUT) return FG_FORWARD_TIMEOUT;
    if (err == ENETUNREACH || err == EHOSTUNREACH || err == EACCES || err == EPERM ||
        err == ENETDOWN || err == EADDRNOTAVAIL)
        return FG_FORWARD_UNREACHABLE;
    return FG_FORWARD_LOST;
}

/* 0, ETIMEDOUT, ECANCELED. */
static int wait_for(const struct fg_channel *c, short events, int64_t until)
{
    struct pollfd fds[] = {{.fd = c->stop_fd, .events = POLLIN}, {.fd = c->fd, .events = events}};
    for (;;) {
        int64_t left = until - fg_clock_mono_ms();
        int n = poll(fds, 2, left > 0 ? (int)left : 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        if (fds[0].revents) return ECANCELED;
        return n ? 0 : ETIMEDOUT;
    }
}

static int socket_error(int fd)
{
    int err = 0;
    socklen_t len = sizeof err;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) ? errno : err;
}

/* ---- connecting ---- */

static int connect_to(struct fg_channel *c, const struct sockaddr *sa, socklen_t len, int type)
{
    if (c->fd >= 0) close(c->fd);
    c->fd = socket(sa->sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->fd < 0) return errno;
    if (connect(c->fd, sa, len) == 0) return 0;
    if (errno != EINPROGRESS) return errno;
    int err = wait_for(c, POLLOUT, fg_clock_mono_ms() + CONNECT_MS);
    return err ? err : socket_error(c->fd);
}

static enum fg_forward_fault connect_local(struct fg_channel *c, const char *path)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n >= sizeof sa.sun_path) return FG_FORWARD_LOCAL;
    memcpy(sa.sun_path, path, n);
    return fault(c, connect_to(c, (const struct sockaddr *)&sa, sizeof sa, SOCK_DGRAM));
}

static uint16_t usual_port(enum fg_audit_syslog transport)
{
    if (transport == FG_AUDIT_SYSLOG_UDP) return 514;
    return transport == FG_AUDIT_SYSLOG_TLS ? 6514 : 601;
}

static enum fg_forward_fault connect_host(struct fg_channel *c, const char *host, uint16_t port)
{
    int type = is_stream(c) ? SOCK_STREAM : SOCK_DGRAM;
    struct addrinfo *list = NULL;
    int err = fg_forward_lookup(host, port ? port : usual_port(c->transport), type, c->stop_fd,
                                LOOKUP_MS, &list);
    if (err == ENOENT) return FG_FORWARD_NAME;
    if (err) return fault(c, err);
    err = EHOSTUNREACH;
    for (const struct addrinfo *a = list; a && err && err != ECANCELED; a = a->ai_next)
        err = connect_to(c, a->ai_addr, a->ai_addrlen, type);
    freeaddrinfo(list);
    return fault(c, err);
}

/* ---- TLS ---- */

static bool is_ip(const char *host)
{
    struct in6_addr a;
    return inet_pton(AF_INET, host, &a) == 1 || inet_pton(AF_INET6, host, &a) == 1;
}

static bool set_name(SSL *ssl, const char *host)
{
    X509_VERIFY_PARAM *v = SSL_get0_param(ssl);
    if (is_ip(host)) return X509_VERIFY_PARAM_set1_ip_asc(v, host) == 1;
    X509_VERIFY_PARAM_set_hostflags(v, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                           X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    return X509_VERIFY_PARAM_set1_host(v, host, 0) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

static enum fg_forward_fault tls_fault(SSL *ssl)
{
    switch (SSL_get_verify_result(ssl)) {
    case X509_V_OK:
        return FG_FORWARD_TLS;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return FG_FORWARD_CERTIFICATE_NAME;
    default:
        return FG_FORWARD_CERTIFICATE;
    }
}

/* What a call of OpenSSL that gave `result` waits for: 0 when the call may be made again. */
static int tls_wait(struct fg_channel *c, int result, int64_t until)
{
    switch (SSL_get_error(c->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return wait_for(c, POLLIN, until);
    case SSL_ERROR_WANT_WRITE:
        return wait_for(c, POLLOUT, until);
    default:
        return EPIPE;
    }
}

static enum fg_forward_fault handshake(struct fg_channel *c, const char *host, X509_STORE *trust)
{
    const struct fg_tls_settings s = {.role = FG_TLS_CLIENT,
                                      .trust = trust,
                                      .verify_hard = true,
                                      .min_version = "1.2",
                                      .preset = "intermediate"};
    struct fg_problems ignored;
    fg_problems_init(&ignored);
    int err = fg_tls_ctx_new(&c->ctx, &s, "", &ignored);
    fg_problems_free(&ignored);
    if (err) return FG_FORWARD_MEMORY;
    c->ssl = SSL_new(fg_tls_ctx_ssl(c->ctx));
    if (!c->ssl || !set_name(c->ssl, host) || SSL_set_fd(c->ssl, c->fd) != 1)
        return FG_FORWARD_MEMORY;
    int64_t until = fg_clock_mono_ms() + CONNECT_MS;
    while (!err) {
        ERR_clear_error();
        int result = SSL_connect(c->ssl);
        if (result == 1) return FG_FORWARD_FINE;
        err = tls_wait(c, result, until);
    }
    return err == EPIPE ? tls_fault(c->ssl) : fault(c, err);
}

/* ---- life ---- */

enum fg_forward_fault fg_channel_open(struct fg_channel **out, const struct fg_channel_target *t)
{
    struct fg_channel *c = calloc(1, sizeof *c);
    char host[FG_DOMAIN_MAX];
    uint16_t port = 0;
    enum fg_forward_fault f;
    *out = NULL;
    if (!c) return FG_FORWARD_MEMORY;
    c->transport = t->transport;
    c->fd = -1;
    c->stop_fd = t->stop_fd;
    fg_buf_init(&c->pending, PENDING_MAX);
    if (t->transport == FG_AUDIT_SYSLOG_LOCAL)
        f = connect_local(c, t->local_path);
    else if (!t->address || fg_hostport_parse(t->address, host, &port))
        f = FG_FORWARD_NAME;
    else
        f = connect_host(c, host, port);
    if (f == FG_FORWARD_FINE && t->transport == FG_AUDIT_SYSLOG_TLS)
        f = handshake(c, host, t->trust);
    if (f != FG_FORWARD_FINE) {
        fg_channel_close(c);
        return f;
    }
    *out = c;
    return FG_FORWARD_FINE;
}

void fg_channel_close(struct fg_channel *c)
{
    if (!c) return;
    if (c->ssl && SSL_is_init_finished(c->ssl)) {
        ERR_clear_error();
        (void)SSL_shutdown(c->ssl); /* says goodbye; nobody waits for the answer */
    }
    SSL_free(c->ssl);
    if (c->ctx) fg_tls_ctx_put(c->ctx);
    if (c->fd >= 0) close(c->fd);
    fg_buf_free(&c->pending);
    free(c);
}

size_t fg_channel_limit(const struct fg_channel *c)
{
    return is_stream(c) ? 4 * DATAGRAM : DATAGRAM;
}

/* ---- sending ---- */

/* Syslog servers do not answer; what comes all the same is thrown away, and the end is seen. */
enum fg_forward_fault fg_channel_alive(struct fg_channel *c)
{
    char scratch[512];
    if (!is_stream(c)) return fault(c, socket_error(c->fd));
    for (int i = 0; i < 64; i++) {
        if (c->ssl) {
            ERR_clear_error();
            int n = SSL_read(c->ssl, scratch, sizeof scratch);
            if (n > 0) continue;
            int why = SSL_get_error(c->ssl, n);
            return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? FG_FORWARD_FINE
                                                                             : FG_FORWARD_LOST;
        }
        ssize_t n = recv(c->fd, scratch, sizeof scratch, 0);
        if (n > 0) continue;
        if (n == 0) return FG_FORWARD_LOST;
        return errno == EAGAIN || errno == EINTR ? FG_FORWARD_FINE : fault(c, errno);
    }
    return FG_FORWARD_FINE;
}

static enum fg_forward_fault send_datagram(struct fg_channel *c, const void *message, size_t len)
{
    int64_t until = fg_clock_mono_ms() + WRITE_MS;
    for (;;) {
        if (send(c->fd, message, len, MSG_NOSIGNAL) >= 0) return fault(c, socket_error(c->fd));
        if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS) return fault(c, errno);
        int err = wait_for(c, POLLOUT, until);
        if (err) return fault(c, err);
    }
}

enum fg_forward_fault fg_channel_put(struct fg_channel *c, const void *message, size_t len)
{
    if (!is_stream(c)) return send_datagram(c, message, len);
    if (fg_buf_addf(&c->pending, "%zu ", len) || fg_buf_add(&c->pending, message, len))
        return FG_FORWARD_MEMORY;
    return FG_FORWARD_FINE;
}

/* Writes some of it: how much, or -1 with the reason to wait or to give up. */
static ssize_t write_some(struct fg_channel *c, int64_t until, int *err)
{
    const uint8_t *data = fg_buf_data(&c->pending);
    size_t len = fg_buf_len(&c->pending);
    if (c->ssl) {
        ERR_clear_error();
        int n = SSL_write(c->ssl, data, len > 16384 ? 16384 : (int)len);
        *err = n > 0 ? 0 : tls_wait(c, n, until);
        return n;
    }
    ssize_t n = send(c->fd, data, len, MSG_NOSIGNAL);
    *err = n >= 0 ? 0 : errno == EAGAIN ? wait_for(c, POLLOUT, until) : errno == EINTR ? 0 : errno;
    return n;
}

static enum fg_forward_fault acknowledged(struct fg_channel *c, int64_t until)
{
    for (;;) {
        int waiting = 0;
        enum fg_forward_fault f = fg_channel_alive(c);
        if (f != FG_FORWARD_FINE) return f;
        if (ioctl(c->fd, SIOCOUTQ, &waiting)) return fault(c, errno);
        if (waiting == 0) return FG_FORWARD_FINE;
        int64_t now = fg_clock_mono_ms();
        if (now >= until) return FG_FORWARD_TIMEOUT;
        struct pollfd stop = {.fd = c->stop_fd, .events = POLLIN};
        if (poll(&stop, 1, LOOK_MS) > 0) return FG_FORWARD_STOPPED;
    }
}

enum fg_forward_fault fg_channel_flush(struct fg_channel *c)
{
    int64_t now = fg_clock_mono_ms();
    if (c->transport == FG_AUDIT_SYSLOG_LOCAL) return FG_FORWARD_FINE;
    if (c->transport == FG_AUDIT_SYSLOG_UDP) {
        int err = wait_for(c, 0, now + ICMP_MS); /* POLLERR comes unasked */
        return err == ETIMEDOUT ? FG_FORWARD_FINE : fault(c, err ? err : socket_error(c->fd));
    }
    int err = 0;
    while (!err && fg_buf_len(&c->pending)) {
        ssize_t n = write_some(c, now + WRITE_MS, &err);
        if (n > 0) fg_buf_consume(&c->pending, (size_t)n);
    }
    return err ? fault(c, err) : acknowledged(c, fg_clock_mono_ms() + WRITE_MS);
}
