/* The SIP side: transports (UDP, TCP, TLS with mutual authentication), non-INVITE transactions, and
 * the trust rule for the inner side. RFC 3261, 3428, 4320, 5922. libre parses; framing, checks and
 * transactions are ours. Engine thread. */
#ifndef FG_SIP_H
#define FG_SIP_H

#include "gateway/base/buf.h"
#include "gateway/net/conn.h"
#include "gateway/net/resolver.h"
#include "gateway/report.h"
#include "gateway/snapshot.h"

struct fg_sip;
struct fg_sip_request; /* a server transaction waiting for its answer */
struct fg_tls_ctx;

/* Parsed request: views into the transaction's own memory, valid until it was answered. */
struct fg_sip_text {
    const char *p; /* not NUL-terminated */
    size_t len;
};
struct fg_sip_uri {
    struct fg_sip_text scheme, user, password, host; /* as on the wire, user still %-encoded */
    uint16_t port;
    struct fg_sip_text params, gr; /* gr: value of the gr parameter, len 0 = none */
    bool has_gr;
};
struct fg_sip_message {
    struct fg_sip_text method;
    struct fg_sip_uri ruri, from, to;
    struct fg_sip_text call_id, content_type, content_language, subject;
    struct fg_sip_text body;
    unsigned max_forwards;
};

struct fg_sip_callbacks {
    /* A MESSAGE that passed the checks (syntax, Max-Forwards, Require, trust: it came from a
     * configured front end and its From domain is ours). OPTIONS outside a dialog is answered by
     * the stack itself. The receiver answers exactly once with fg_sip_respond, now or later. */
    void (*request)(void *arg, struct fg_sip_request *rq, const struct fg_sip_message *m);
    void *arg;
};

struct fg_sip_params {
    struct fg_net *net;
    const struct fg_report *report;
    struct fg_sip_callbacks callbacks;
    const char *accept; /* content types for the Accept of OPTIONS, static; NULL: text/plain */
};
int fg_sip_new(struct fg_sip **out, const struct fg_sip_params *p);
/* Ends running calls with FG_FAIL_SHUTDOWN (inside this call) and forgets requests without answer,
 * whose handles are dead then. The resolver of the last activate must still live. */
void fg_sip_free(struct fg_sip *s);
/* New requests are refused (503 is no answer to give to people: connections close, UDP is dropped);
 * running transactions finish; `done` when none is left. */
void fg_sip_shutdown(struct fg_sip *s, void (*done)(void *arg), void *arg);

/* One listener as prepared: an open descriptor (owned from now on) and, for TLS, its context. */
struct fg_sip_listener {
    const char *address; /* as configured: identity across activations */
    enum fg_transport transport;
    int fd;                 /* -1: keep the one already served under this address */
    struct fg_tls_ctx *tls; /* a reference is taken; renewed even when fd is kept */
};
struct fg_sip_config {
    struct fg_snapshot *snapshot;
    struct fg_resolver *resolver;
    const struct fg_sip_listener *listeners; /* those not named are closed */
    size_t n_listeners;
    struct fg_tls_ctx *client; /* for connections to front ends; NULL: none possible over TLS */
};
/* References on snapshot and contexts are taken; the resolver is not owned: the former one must
 * live until this returns, the new one until the next. Running transactions go on, connections to
 * front ends that changed close when they are idle. Not from inside a callback of the stack. */
void fg_sip_activate(struct fg_sip *s, const struct fg_sip_config *c);

struct fg_sip_answer {
    int code;
    const char *reason;  /* NULL: the usual one; cut to one line */
    const char *warning; /* text of a Warning header "399 fedgate \"...\"" or NULL */
    const char *headers; /* further complete header lines, each with CRLF, or NULL */
};
/* Answers and forgets; the transaction stays for retransmissions (Timer J). */
void fg_sip_respond(struct fg_sip_request *rq, const struct fg_sip_answer *a);
/* Where it came from, for logs: "udp 192.0.2.1:5060". */
const char *fg_sip_request_source(const struct fg_sip_request *rq);

/* Final outcome of a client transaction: status 200..699, or 0 with why (time-out, no connection).
 */
struct fg_sip_result {
    int code;
    struct fg_sip_text reason;
    struct fg_sip_text contact; /* URI of a 3xx, or empty */
    enum fg_failure why;
};
typedef void fg_sip_result_h(void *arg, const struct fg_sip_result *r);

/* A MESSAGE (or other non-INVITE) to a user of one of our domains: goes to the first front end of
 * the domain that can be reached, the next one after a transport failure, Timer F or 503 (RFC
 * 3263 4.3). */
struct fg_sip_out {
    const char *method;
    const char *domain;       /* ours: picks the front ends */
    const char *ruri;         /* "sip:juliet@contoso.test" */
    const char *from, *to;    /* URIs, put into angle brackets; the From tag is made here */
    const char *call_id;      /* NULL: a fresh one */
    const char *headers;      /* further complete header lines, each with CRLF, or NULL */
    const char *content_type; /* NULL: no body */
    const void *body;
    size_t body_len;
    fg_sip_result_h *done; /* exactly once when 0 was returned */
    void *arg;
};
/* 0; EMSGSIZE when the request would pass 1,300 bytes and the front end is reached over UDP or the
 * limit set for streams (64 kB) is passed; ENETUNREACH without a front end; ENOBUFS past the limit
 * of running transactions (10,000); ESHUTDOWN while stopping. */
int fg_sip_send(struct fg_sip *s, const struct fg_sip_out *o) __attribute__((warn_unused_result));

struct fg_sip_counters {
    uint64_t requests_in, requests_out, refused, failed_out, retransmissions;
    unsigned connections, transactions;
};
void fg_sip_counters(const struct fg_sip *s, struct fg_sip_counters *out);
/* For each listener: "tls [::]:23456", and whether it is served. */
void fg_sip_listeners(struct fg_sip *s,
                      void (*each)(void *arg, enum fg_transport t, const char *address), void *arg);

#endif
