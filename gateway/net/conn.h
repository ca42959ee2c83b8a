/* A non-blocking stream connection (TCP, and TLS on top when asked) with seven events. It knows
 * nothing of XML or SIP. Everything here belongs to the engine thread.
 *
 *   dial / accept ──> CONNECTED ──> DATA, WRITABLE ... ──> CLOSED | ERROR | TIMEOUT
 *                          └ fg_conn_start_tls ──> TLS_READY
 *
 * Output is collected and written once per turn of the event loop, so that many small writes become
 * one record and one system call. TCP_NODELAY is always set. */
#ifndef FG_CONN_H
#define FG_CONN_H

#include "gateway/base/buf.h"
#include "gateway/failure.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct ev_loop;
struct fg_net; /* what all connections of one loop share */
struct fg_conn;
struct fg_tls_ctx; /* tls.h */

enum fg_conn_event {
    FG_CONN_CONNECTED, /* outbound connect finished (not raised for accepted connections) */
    FG_CONN_TLS_READY, /* the handshake is finished; look at fg_conn_peer_cert */
    FG_CONN_DATA,      /* fg_conn_input has new bytes */
    FG_CONN_WRITABLE,  /* some output reached the kernel, and less than the low mark waits */
    FG_CONN_CLOSED,    /* the peer closed its direction; the input is complete */
    FG_CONN_TIMEOUT,   /* the deadline set by fg_conn_deadline passed */
    FG_CONN_ERROR,     /* the connection is dead; fg_conn_failure says why */
};

/* Called from the loop; never from inside a call of the owner into this module. The handler may
 * close the connection. After fg_conn_close no event is raised. */
typedef void fg_conn_h(struct fg_conn *c, enum fg_conn_event event, void *arg);

int fg_net_new(struct fg_net **out, struct ev_loop *loop);
/* All connections must be closed before; those still flushing after fg_conn_close_flush are ended.
 */
void fg_net_free(struct fg_net *n);
struct ev_loop *fg_net_loop(struct fg_net *n);

struct fg_conn_limits {
    size_t input;  /* bytes kept unread before reading pauses; 0 = 64 kB */
    size_t output; /* bytes waiting to be written before fg_conn_write refuses; 0 = 4 MB */
};

/* Starts connecting to `peer`; CONNECTED or ERROR follows. 0 or errno. */
int fg_conn_connect(struct fg_conn **out, struct fg_net *n, const struct sockaddr *peer,
                    socklen_t peer_len, const struct fg_conn_limits *limits, fg_conn_h *h,
                    void *arg);
/* Takes over an accepted, non-blocking descriptor. */
int fg_conn_accept(struct fg_conn **out, struct fg_net *n, int fd,
                   const struct fg_conn_limits *limits, fg_conn_h *h, void *arg);
/* Replaces handler and argument: a connection passes from one owner to another. */
void fg_conn_set_handler(struct fg_conn *c, fg_conn_h *h, void *arg);

/* Sends what is buffered if the kernel takes it at once, then close_notify, then closes. The object
 * is freed at the end of the loop's turn; no event is raised any more. */
void fg_conn_close(struct fg_conn *c);
/* Closes after all output has been written or `linger_ms` passed. No further events. */
void fg_conn_close_flush(struct fg_conn *c, int linger_ms);

/* Unread input. The handler consumes with fg_buf_consume; what it leaves stays. */
struct fg_buf *fg_conn_input(struct fg_conn *c);
/* Stops and resumes reading (back-pressure). */
void fg_conn_pause(struct fg_conn *c, bool pause);

/* Appends to the output. 0; ENOBUFS past the limit (nothing was taken); EPIPE when closed. */
int fg_conn_write(struct fg_conn *c, const void *data, size_t len)
    __attribute__((warn_unused_result));
/* Bytes ever accepted by fg_conn_write, and of these the bytes the kernel has taken. A write is
 * handed over once flushed >= the value of queued right after it. */
uint64_t fg_conn_queued(const struct fg_conn *c);
uint64_t fg_conn_flushed(const struct fg_conn *c);

/* One deadline; a new one replaces it, -1 clears it. */
void fg_conn_deadline(struct fg_conn *c, int64_t ms);

struct fg_tls_params {
    struct fg_tls_ctx *ctx; /* a reference is taken */
    const char *sni;        /* client: server name (A-label) or NULL */
    const char *alpn;       /* one protocol, "xmpp-server", or NULL */
    SSL_SESSION *session;   /* client: resume, or NULL */
};
/* Puts TLS under the connection, as client or server according to the context. Unread plaintext in
 * the input makes it fail with EPROTO (protocol injection, RFC 6120 5.3.3). TLS_READY or ERROR
 * follows. */
int fg_conn_start_tls(struct fg_conn *c, const struct fg_tls_params *p);

bool fg_conn_is_tls(const struct fg_conn *c);
SSL *fg_conn_ssl(const struct fg_conn *c);                /* NULL in clear */
const char *fg_conn_tls_version(const struct fg_conn *c); /* "TLSv1.3" or NULL */
const char *fg_conn_tls_cipher(const struct fg_conn *c);
/* The peer's leaf certificate, borrowed, or NULL; and what chain verification said of it. */
X509 *fg_conn_peer_cert(const struct fg_conn *c);
int fg_conn_verify_result(const struct fg_conn *c); /* X509_V_OK, or the first error */

const struct sockaddr *fg_conn_peer_addr(const struct fg_conn *c, socklen_t *len);
const struct sockaddr *fg_conn_local_addr(const struct fg_conn *c, socklen_t *len);
/* "192.0.2.1:5269" or "[2001:db8::1]:5269". */
const char *fg_conn_peer_text(const struct fg_conn *c);
/* Why the last ERROR or CLOSED came; FG_FAIL_NONE before. `detail` is OpenSSL's or the system's
 * words, quoted, or "". */
enum fg_failure fg_conn_failure(const struct fg_conn *c);
const char *fg_conn_failure_detail(const struct fg_conn *c);
/* Number for logs, unique in the process. */
uint64_t fg_conn_id(const struct fg_conn *c);

enum { FG_ADDR_TEXT = 64 };
char *fg_addr_text(char out[FG_ADDR_TEXT], const struct sockaddr *sa);
/* Same address, port not looked at (an IPv4-mapped address equals its IPv4 form). */
bool fg_addr_same_host(const struct sockaddr *a, const struct sockaddr *b);

#endif
