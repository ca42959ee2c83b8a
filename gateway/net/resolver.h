/* Name look-ups through libunbound, asynchronous, with a deadline of our own. RFC 6120 3.2, RFC
 * 2782, XEP-0368. A resolver is made off the loop (prepare) and attached to it (activate). */
#ifndef FG_RESOLVER_H
#define FG_RESOLVER_H

#include "gateway/failure.h"
#include "gateway/snapshot.h" /* enum fg_dnssec */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct fg_net;
struct fg_resolver;

struct fg_resolver_settings {
    const char *const
        *servers; /* "192.0.2.53", "192.0.2.53@5353", "192.0.2.53:5353"; none: the system's */
    size_t n_servers;
    enum fg_dnssec dnssec;
    int deadline_ms; /* 0 = 5,000 */
};

int fg_resolver_new(struct fg_resolver **out, const struct fg_resolver_settings *s);
/* Engine thread: answers are delivered on this loop from now on. */
int fg_resolver_attach(struct fg_resolver *r, struct fg_net *n);
/* Engine thread: cancels what is under way (handlers are not called) and leaves the loop. What
 * remains is freed by fg_resolver_free in any thread, which may wait for libunbound's. Not from
 * inside a handler of this resolver. */
void fg_resolver_detach(struct fg_resolver *r);
/* Cancels what is under way (handlers are not called) and frees. While attached: engine thread. */
void fg_resolver_free(struct fg_resolver *r);

/* One place to connect to, in the order in which to try. */
struct fg_endpoint {
    struct sockaddr_storage addr;
    socklen_t addr_len;
    char target[256]; /* host name it came from */
    bool direct_tls;  /* XEP-0368 */
    bool secure;      /* the whole chain of records was DNSSEC-validated */
};

/* `why` is FG_FAIL_NONE when there is at least one endpoint. The array lives until the handler
 * returns. Called from the loop, never from inside the look-up call. */
typedef void fg_resolved_h(const struct fg_endpoint *endpoints, size_t count, enum fg_failure why,
                           void *arg);

/* XMPP server of `domain` (A-label): SRV _xmpp-server._tcp and, with `direct_tls`,
 * _xmpps-server._tcp merged by priority and weight; without any SRV record A/AAAA on port 5269; a
 * single "." target is FG_FAIL_DNS_NOT_OFFERED. Returns a ticket for fg_resolver_cancel; 0 without
 * memory: the handler will then not be called. */
uint64_t fg_resolve_xmpp(struct fg_resolver *r, const char *domain, bool direct_tls,
                         fg_resolved_h *h, void *arg);
/* A and AAAA of `host` (or the literal itself), with `port`. */
uint64_t fg_resolve_host(struct fg_resolver *r, const char *host, uint16_t port, fg_resolved_h *h,
                         void *arg);
/* The handler will not be called. Unknown tickets are ignored. */
void fg_resolver_cancel(struct fg_resolver *r, uint64_t ticket);

/* RFC 2782 order over `n` records, exposed for its test: `random` yields 0..max inclusive. */
struct fg_srv {
    uint16_t priority, weight, port;
    char target[256];
    bool direct_tls;
};
void fg_srv_order(struct fg_srv *records, size_t n, uint32_t (*random)(uint32_t max, void *arg),
                  void *arg);

#endif
