/* The way to a syslog server: a datagram socket, or a stream with octet counting (RFC 6587), over
 * TLS if wanted (RFC 5425). Calls wait, each with a limit, and end at once when `stop_fd` becomes
 * readable; so they belong on a thread of their own. */
#ifndef FG_FORWARD_CHANNEL_H
#define FG_FORWARD_CHANNEL_H

#include "gateway/snapshot.h"

#include <openssl/ssl.h>
#include <stddef.h>

/* id, enumerator, cause, remedy: what GET /status tells. */
#define FG_FORWARD_FAULTS(X)                                                                       \
    X(syslog_name, NAME, "The name of the syslog server was not found.",                           \
      "Check audit_syslog.address in the settings and the system's name resolution.")              \
    X(syslog_refused, REFUSED, "The syslog server refuses the connection.",                        \
      "Check that it runs and listens on this port with this transport.")                          \
    X(syslog_unreachable, UNREACHABLE, "There is no way to the syslog server.",                    \
      "Check routes and firewalls between this machine and it.")                                   \
    X(syslog_timeout, TIMEOUT, "The syslog server does not answer in time.",                       \
      "Check that it runs, and the firewalls on the way to it.")                                   \
    X(syslog_lost, LOST, "The connection to the syslog server broke.",                             \
      "It is tried again by itself; if it repeats, look at the server's own log.")                 \
    X(syslog_tls, TLS, "TLS with the syslog server failed.",                                       \
      "Check that it speaks TLS 1.2 or later on this port, and asks for no client certificate.")   \
    X(syslog_certificate, CERTIFICATE,                                                             \
      "The syslog server's certificate is not trusted, or not valid now.",                         \
      "Add its authority under Trust with the usage external; check this machine's clock.")        \
    X(syslog_certificate_name, CERTIFICATE_NAME,                                                   \
      "The syslog server's certificate does not name the address.",                                \
      "Use the name that stands in the certificate as the address, or have it issued anew.")       \
    X(syslog_local, LOCAL, "The system's log service does not take messages.",                     \
      "Check that it runs and has its socket, usually /dev/log, or choose another transport.")     \
    X(syslog_store, STORE, "The audit cannot be read.",                                            \
      "See the log; fedgate check tells whether the database is damaged.")                         \
    X(syslog_memory, MEMORY, "This machine is short of memory or descriptors.",                    \
      "Free some; it is tried again by itself.")

enum fg_forward_fault {
    FG_FORWARD_FINE,
#define X(id, name, cause, remedy) FG_FORWARD_##name,
    FG_FORWARD_FAULTS(X)
#undef X
        FG_FORWARD_STOPPED /* stop_fd */
};

struct fg_channel_target {
    enum fg_audit_syslog transport;
    const char *address;    /* "host" or "host:port"; not used by local */
    const char *local_path; /* the local log service's socket */
    X509_STORE *trust;      /* TLS only; a reference is taken */
    int stop_fd;
};

struct fg_channel;
/* Connects, with the TLS handshake. What is in `t` must live during the call only. */
enum fg_forward_fault fg_channel_open(struct fg_channel **out, const struct fg_channel_target *t);
/* NULL is fine. */
void fg_channel_close(struct fg_channel *c);

/* Longest message that fits this way: what receivers of datagrams should take (RFC 5426, section
 * 3.2), or four times that. */
size_t fg_channel_limit(const struct fg_channel *c);
/* Is it still open, as far as is known without sending? */
enum fg_forward_fault fg_channel_alive(struct fg_channel *c);
/* Takes one message. A datagram is sent, a stream collects until the flush. */
enum fg_forward_fault fg_channel_put(struct fg_channel *c, const void *message, size_t len);
/* Sends what is collected. FINE: the other side's kernel has acknowledged all of it (streams), or
 * nothing was reported back (UDP), or it was taken (local). */
enum fg_forward_fault fg_channel_flush(struct fg_channel *c);

#endif
