/* Scripted peers; see lab.h. */
#include "tests/wire/lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOMENT_MS = 300 };

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

int peer_listen(uint16_t *port)
{
    struct sockaddr_in a = loopback(0);
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, 64), 0);
    getsockname(fd, (struct sockaddr *)&a, &len);
    *port = ntohs(a.sin_port);
    return fd;
}

static struct peer *peer_of(int fd)
{
    struct peer *p = calloc(1, sizeof *p);
    p->fd = fd;
    p->buf = calloc(1, p->cap = 4096);
    return p;
}

static bool wait_readable(int fd, int ms)
{
    struct pollfd pfd = {.fd = fd, .events = POLLIN};
    return poll(&pfd, 1, ms) == 1;
}

struct peer *peer_accept(int listener)
{
    if (!wait_readable(listener, LAB_PATIENCE_MS)) fail_msg("nobody connected");
    return peer_of(accept(listener, NULL, NULL));
}

bool peer_nobody(int listener)
{
    return !wait_readable(listener, MOMENT_MS);
}

struct peer *peer_connect(uint16_t port)
{
    struct sockaddr_in a = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return peer_of(fd);
}

void peer_free(struct peer *p)
{
    if (!p) return;
    SSL_free(p->ssl);
    close(p->fd);
    free(p->buf);
    free(p);
}

void peer_write(struct peer *p, const void *data, size_t len)
{
    const char *at = data;
    while (len) {
        ssize_t n = p->ssl ? SSL_write(p->ssl, at, (int)len) : send(p->fd, at, len, MSG_NOSIGNAL);
        if (n <= 0) return; /* the peer's end shows in what is read */
        at += n;
        len -= (size_t)n;
    }
}

void peer_send(struct peer *p, const char *fmt, ...)
{
    va_list ap;
    char *text;
    va_start(ap, fmt);
    int n = vasprintf(&text, fmt, ap);
    va_end(ap);
    assert_true(n >= 0);
    peer_write(p, text, (size_t)n);
    free(text);
}

/* More bytes; false at the end of the stream. */
static bool more(struct peer *p)
{
    if (p->eof) return false;
    if (p->cap - p->len < 2048) p->buf = realloc(p->buf, p->cap *= 2);
    if (!(p->ssl && SSL_pending(p->ssl)) && !wait_readable(p->fd, LAB_PATIENCE_MS))
        fail_msg("nothing came; have so far: %s", p->buf);
    ssize_t n = p->ssl ? SSL_read(p->ssl, p->buf + p->len, (int)(p->cap - p->len - 1))
                       : recv(p->fd, p->buf + p->len, p->cap - p->len - 1, 0);
    if (n <= 0) {
        /* A TLS record without application data (a ticket) is no end. */
        if (p->ssl && SSL_get_error(p->ssl, (int)n) == SSL_ERROR_WANT_READ) return true;
        p->eof = true;
        return false;
    }
    p->len += (size_t)n;
    p->buf[p->len] = '\0';
    return true;
}

static void drop(struct peer *p, size_t n)
{
    memmove(p->buf, p->buf + n, p->len - n + 1);
    p->len -= n;
}

void peer_expect_without(struct peer *p, const char *text, const char *not_before)
{
    char *at;
    while (!(at = strstr(p->buf, text)))
        if (!more(p)) fail_msg("expected \"%s\", stream ended with: %s", text, p->buf);
    char *bad = not_before ? strstr(p->buf, not_before) : NULL;
    if (bad && bad < at)
        fail_msg("did not expect \"%s\" before \"%s\": %s", not_before, text, p->buf);
    drop(p, (size_t)(at - p->buf) + strlen(text));
}

void peer_expect(struct peer *p, const char *text)
{
    peer_expect_without(p, text, NULL);
}

void peer_take(struct peer *p, char *out, size_t size, char end)
{
    char *at;
    while (!(at = strchr(p->buf, end)))
        if (!more(p)) fail_msg("expected '%c', stream ended with: %s", end, p->buf);
    snprintf(out, size, "%.*s", (int)(at - p->buf), p->buf);
    drop(p, (size_t)(at - p->buf) + 1);
}

void peer_take_element(struct peer *p, char *out, size_t size)
{
    peer_expect(p, "<");
    while (!strpbrk(p->buf, " >"))
        if (!more(p)) fail_msg("expected an element, stream ended with: %s", p->buf);
    size_t len = strcspn(p->buf, " >");
    snprintf(out, size, "%.*s", (int)len, p->buf);
    drop(p, len);
}

void peer_expect_header(struct peer *p)
{
    char *start, *end;
    while (!(start = strstr(p->buf, "<stream:stream")) || !(end = strchr(start, '>')))
        if (!more(p)) fail_msg("expected a header, stream ended with: %s", p->buf);
    char *id = strstr(start, " id='");
    p->id[0] = '\0';
    if (id && id < end) snprintf(p->id, sizeof p->id, "%.*s", (int)strcspn(id + 5, "'"), id + 5);
    drop(p, (size_t)(end + 1 - p->buf));
}

void peer_expect_eof(struct peer *p)
{
    while (more(p)) continue;
}

void peer_expect_error(struct peer *p, const char *condition)
{
    char text[128];
    snprintf(text, sizeof text, "<stream:error><%s xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>",
             condition);
    peer_expect(p, text);
    peer_expect(p, "</stream:error></stream:stream>");
    peer_expect_eof(p);
}

bool peer_tls(struct peer *p, SSL_CTX *ctx, bool server, const char *sni)
{
    p->ssl = SSL_new(ctx);
    SSL_set_fd(p->ssl, p->fd);
    if (sni) SSL_set_tlsext_host_name(p->ssl, sni);
    drop(p, p->len);
    return (server ? SSL_accept(p->ssl) : SSL_connect(p->ssl)) == 1;
}

void peer_open(struct peer *p, const char *from, const char *to)
{
    peer_send(p,
              "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "
              "xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' "
              "from='%s' to='%s' version='1.0'>",
              from, to);
}

void peer_answer(struct peer *p, const char *from, const char *to, const char *id, bool dialback)
{
    peer_expect_header(p);
    peer_send(p,
              "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "
              "xmlns:stream='http://etherx.jabber.org/streams'%s from='%s' to='%s' id='%s' "
              "version='1.0'>",
              dialback ? " xmlns:db='jabber:server:dialback'" : "", from, to, id);
}

void peer_starttls(struct peer *p, SSL_CTX *ctx)
{
    peer_send(p, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    peer_expect(p, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    assert_true(peer_tls(p, ctx, false, NULL));
}
