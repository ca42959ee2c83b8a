/* What the files of gateway/sip share: the stack and its parts. Private. Engine thread only.
 *
 *   served (listeners) ─ udp ──────┐                      ┌─> server.c (transactions, their
 * answers) └ flow ─────┴─> dispatch.c ─ trust ┤ front (front ends) ─ flow ─────┘ └─> client.c
 * (requests of ours) */
#ifndef FG_SIP_STACK_H
#define FG_SIP_STACK_H

#include "gateway/base/list.h"
#include "gateway/base/map.h"
#include "gateway/net/dial.h"
#include "gateway/sip/parse.h"
#include "gateway/sip/timer.h"

#include <ev.h>
#include <netinet/in.h>

enum {
    FG_SIP_UDP_REQUEST_MAX = 1300, /* RFC 3428 8, RFC 3261 18.1.1 */
    FG_SIP_DATAGRAM_MAX = 65536,
    FG_SIP_CALLS_MAX = 10000,     /* client transactions */
    FG_SIP_ANSWERED_MAX = 262144, /* server transactions kept for Timer J */
    FG_SIP_PENDING_MAX = 20000,   /* server transactions without answer */
    FG_SIP_INVITES_MAX = 1000,
    FG_SIP_INBOUND_MAX = 4096,     /* connections */
    FG_SIP_UNTRUSTED_MAX = 256,    /* of these from addresses we do not know */
    FG_SIP_FRONTS_TRIED_MAX = 64,  /* front ends of one domain */
    FG_SIP_IDLE_MS = 900 * 1000,   /* a connection without messages */
    FG_SIP_PARTIAL_MS = 32 * 1000, /* a message that does not get finished */
    FG_SIP_HANDSHAKE_MS = 10 * 1000,
    FG_SIP_DOWN_MS = 30 * 1000, /* a front end that failed is asked last */
    FG_SIP_RESOLVE_MS = 60 * 1000,
    FG_SIP_BRANCH_LEN = 7 + 8 + 16, /* z9hG4bK, our cookie, a number nobody can guess */
    FG_SIP_VIA_MAX = 128,
};

/* RFC 3261 17: T1, T2, T4 in milliseconds; shorter in tests. */
struct fg_sip_timing {
    int64_t t1, t2, t4;
};

union fg_sip_addr {
    struct sockaddr sa;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
};

struct fg_sip {
    struct fg_net *net;
    struct ev_loop *loop;
    const struct fg_report *report;
    struct fg_sip_callbacks callbacks;
    const char *accept;
    struct fg_sip_parser parser;
    struct fg_buf out;   /* a message being built */
    struct fg_buf draft; /* its parts, before there is a place for them */
    char *datagram;      /* FG_SIP_DATAGRAM_MAX bytes */

    struct fg_snapshot *snapshot; /* NULL before the first activate */
    struct fg_resolver *resolver;
    struct fg_tls_ctx *client;
    uint64_t generation; /* counts activates and changes of addresses */

    struct fg_list served, flows, fronts;
    struct fg_list dead;         /* flows to free when nothing of them is on the stack */
    struct fg_sip_udp *spare[2]; /* sockets without listener, to send from: IPv4, IPv6 */
    uint8_t (*trusted)[16];      /* addresses of front ends, sorted */
    size_t n_trusted;

    struct fg_map requests, calls; /* by transaction key, by branch */
    struct fg_list pending;  /* server transactions without answer, their connection gone or UDP */
    struct fg_list answered; /* over UDP, in order of expiry */
    struct fg_list invites;  /* refused over UDP, waiting for their ACK */
    size_t n_pending, n_answered, n_invites, n_calls, n_inbound, n_untrusted;

    struct fg_sip_timing timing;
    struct fg_sip_timers timers;
    struct fg_sip_timer resolve, stop;
    ev_timer tick;
    int64_t armed; /* when the tick comes; INT64_MAX: not armed */

    bool stopping;
    void (*stopped)(void *arg);
    void *stopped_arg;

    uint64_t seed[2], number; /* for branches and tags */
    char cookie[9];
    int64_t events_second; /* events about strangers are limited */
    unsigned events;
    struct fg_sip_counters counters;
};

/* ---- stack.c ---- */
/* A transaction's timer, or a front end's. */
void fg_sip_set(struct fg_sip *s, struct fg_sip_timer *t, int64_t due);
int64_t fg_sip_now(void);
/* Looks at the FIFO of answered transactions, too, when arming the one timer of the loop. */
void fg_sip_arm(struct fg_sip *s, int64_t due);
/* Called when the number of running transactions went down: are we done stopping? */
void fg_sip_maybe_stopped(struct fg_sip *s);
/* A number nobody can guess; as 16 hex digits and a NUL. */
uint64_t fg_sip_unguessable(struct fg_sip *s);
void fg_sip_hex(char out[17], uint64_t v);
/* For tests: other timers than the RFC's. */
void fg_sip_set_timing(struct fg_sip *s, const struct fg_sip_timing *t);

/* ---- addr.c ---- */
void fg_sip_addr_from(union fg_sip_addr *out, const struct sockaddr *sa);
socklen_t fg_sip_addr_len(const union fg_sip_addr *a);
void fg_sip_addr_set_port(union fg_sip_addr *a, uint16_t port);
uint16_t fg_sip_addr_port(const union fg_sip_addr *a);
/* The same for a socket of `family`: IPv4 becomes mapped for an IPv6 one. */
void fg_sip_addr_for(union fg_sip_addr *a, int family);
/* 16 bytes that identify the host; IPv4 as mapped. */
void fg_sip_addr_host(const union fg_sip_addr *a, uint8_t out[16]);
/* "192.0.2.1" or "2001:db8::1", without port. */
char *fg_sip_addr_ip(const union fg_sip_addr *a, char out[INET6_ADDRSTRLEN]);
/* A literal, with or without brackets. */
bool fg_sip_addr_parse(const char *text, size_t len, uint16_t port, union fg_sip_addr *out);

/* ---- udp.c ---- */
struct fg_sip_udp {
    struct fg_sip *sip;
    int fd, family;
    uint16_t port;
    ev_io io;
};
int fg_sip_udp_new(struct fg_sip_udp **out, struct fg_sip *s, int fd);
/* Nothing refers to it any more. */
void fg_sip_udp_free(struct fg_sip_udp *u);
/* A socket that reaches this address: a listener's, else one without listener. NULL: none possible.
 */
struct fg_sip_udp *fg_sip_udp_for(struct fg_sip *s, int family);
/* 0 or errno; a full socket buffer counts as sent, since datagrams may get lost. */
int fg_sip_udp_send(struct fg_sip_udp *u, const union fg_sip_addr *to, const void *data,
                    size_t len);

/* ---- served.c: listeners ---- */
struct fg_sip_served {
    struct fg_list link; /* sip->served */
    struct fg_sip *sip;
    char *address;
    enum fg_transport transport;
    struct fg_acceptor *listener;
    struct fg_sip_udp *udp;
    struct fg_tls_ctx *tls;
    uint16_t port;
    bool keep;
};
void fg_sip_served_activate(struct fg_sip *s, const struct fg_sip_listener *l, size_t n);
void fg_sip_served_close(struct fg_sip *s);
/* Port of a listener of this transport; 0: none. */
uint16_t fg_sip_served_port(const struct fg_sip *s, enum fg_transport t);

/* ---- front.c: front ends, where they are and whom we trust ---- */
struct fg_sip_front {
    struct fg_list link; /* sip->fronts */
    struct fg_sip *sip;
    char *name, *host, *tls_name;
    uint16_t port;
    enum fg_transport transport;
    struct fg_endpoint *endpoints;
    size_t count;
    uint64_t ticket;        /* look-up under way */
    struct fg_list waiting; /* calls that wait for it */
    struct fg_sip_flow *flow;
    int64_t down_until;
    uint64_t via_made;        /* generation in which `via` was made; 0: never */
    char via[FG_SIP_VIA_MAX]; /* for UDP */
    bool keep;
};
void fg_sip_fronts_activate(struct fg_sip *s);
void fg_sip_fronts_free(struct fg_sip *s);
void fg_sip_fronts_look_up(struct fg_sip *s);
void fg_sip_fronts_cancel(struct fg_sip *s);
struct fg_sip_front *fg_sip_front_find(struct fg_sip *s, const char *name);
/* Not asked first for a while. */
void fg_sip_front_down(struct fg_sip_front *f);
bool fg_sip_address_trusted(const struct fg_sip *s, const union fg_sip_addr *a);
bool fg_sip_cert_trusted(const struct fg_sip *s, X509 *cert);

/* ---- flow.c: connections ---- */
enum fg_sip_flow_state {
    FG_FLOW_DIALING,
    FG_FLOW_HANDSHAKE,
    FG_FLOW_READY,
    FG_FLOW_LEAVING, /* refused: its last answer is on its way, nothing is read any more */
    FG_FLOW_DEAD,
};
struct fg_sip_flow {
    struct fg_list link; /* sip->flows or sip->dead */
    struct fg_sip *sip;
    enum fg_sip_flow_state state;
    enum fg_transport transport;
    struct fg_conn *conn;
    struct fg_conn *leaving; /* closed while its input was being handled: closes after that */
    struct fg_dial *dial;
    struct fg_sip_front *front; /* whom we called; NULL: accepted, or no longer wanted */
    char *tls_name;             /* outbound TLS: the name the server must prove */
    bool inbound, retired, stranger, partial;
    bool busy;               /* its input is being handled */
    struct fg_list calls;    /* of ours, on it or waiting for it */
    struct fg_list requests; /* of theirs, without answer */
    struct fg_sip_framer framer;
    int64_t last_used;
    int64_t last_heard;
    uint64_t judged; /* generation in which `trusted` was found out */
    bool trusted;
    union fg_sip_addr peer;
    char via[FG_SIP_VIA_MAX]; /* "Via: SIP/2.0/TLS 192.0.2.1:23456;branch=" */
};
void fg_sip_flow_accept(struct fg_sip *s, int fd, const struct sockaddr *peer,
                        enum fg_transport transport, struct fg_tls_ctx *tls);
/* A new connection to a front end; its `flow` from now on. 0 or errno. */
int fg_sip_flow_dial(struct fg_sip_front *f);
/* Closes and lets go: running calls on it fail over. */
void fg_sip_flow_close(struct fg_sip_flow *f, enum fg_failure why);
/* No new request over it; closes when the last transaction is gone. */
void fg_sip_flow_retire(struct fg_sip_flow *f);
/* Looks whether a retired one may close. */
void fg_sip_flow_idle(struct fg_sip_flow *f);
int fg_sip_flow_write(struct fg_sip_flow *f, const void *data, size_t len);
/* Frees what was closed; nothing of it may be on the stack. */
void fg_sip_flows_sweep(struct fg_sip *s);
bool fg_sip_flow_trusted(struct fg_sip_flow *f);

/* ---- dispatch.c: what to do with a message ---- */
struct fg_sip_source {
    struct fg_sip *sip;
    struct fg_sip_flow *flow; /* or */
    struct fg_sip_udp *udp;
    enum fg_transport transport;
    union fg_sip_addr peer;
    bool trusted;
};
/* `head` and `body` bytes at `data`; the header may be changed in place. False: close the stream.
 */
bool fg_sip_dispatch(struct fg_sip_source *src, char *data, size_t head, size_t body,
                     const struct fg_sip_scan *scan);
/* Refuses what cannot be parsed, if it looks like a request at all. */
void fg_sip_refuse_raw(struct fg_sip_source *src, const char *head, size_t len, int code,
                       const char *reason);
void fg_sip_source_text(const struct fg_sip_source *src, char out[FG_ADDR_TEXT + 8]);

/* ---- reply.c: texts of responses ---- */
const char *fg_sip_reason(int code);
/* In decimal; formatting functions cost more than the rest of a message. */
int fg_sip_add_number(struct fg_buf *out, size_t v);
/* The lines that come back as they came: Via (with received and rport), From, To with our tag,
 * Call-ID, CSeq. 0 or errno. */
int fg_sip_echo(struct fg_sip *s, struct fg_buf *out, const struct fg_sip_source *src,
                const struct fg_sip_parsed *p);
int fg_sip_response(struct fg_buf *out, const struct fg_sip_answer *a, const void *echo,
                    size_t echo_len);
/* From the raw header of something that did not parse. EBADMSG when that has not what it takes. */
int fg_sip_response_raw(struct fg_sip *s, struct fg_buf *out, const char *head, size_t len,
                        int code, const char *reason);
/* Where the response to a request over UDP goes: RFC 3261 18.2.2, RFC 3581 4. */
void fg_sip_reply_to(const struct fg_sip_source *src, const struct fg_sip_parsed *p,
                     union fg_sip_addr *out);
/* Sends what stands in `data` to where the request came from. */
void fg_sip_reply_send(const struct fg_sip_source *src, const union fg_sip_addr *to,
                       const void *data, size_t len);

/* ---- server.c: server transactions ---- */
enum { FG_SIP_KEY_MAX = 512 };
struct fg_sip_key {
    size_t len;
    char text[FG_SIP_KEY_MAX];
};
/* RFC 3261 17.2.3. False: longer than anybody sane makes it. */
bool fg_sip_key(struct fg_sip_key *out, const struct fg_sip_parsed *p, const char *method,
                size_t method_len);
struct fg_sip_request *fg_sip_request_find(struct fg_sip *s, const struct fg_sip_key *key);
/* A retransmission: answers again what was answered. */
void fg_sip_request_again(struct fg_sip_request *rq, const struct fg_sip_source *src);
/* Makes one for a request and hands it to the receiver. 0 or errno (then nothing was done). */
int fg_sip_request_new(struct fg_sip_source *src, const struct fg_sip_parsed *p,
                       const struct fg_sip_key *key, const char *data, size_t len);
/* An INVITE refused: the answer is repeated until the ACK (RFC 3261 17.2.1). */
int fg_sip_invite_refuse(struct fg_sip_source *src, const struct fg_sip_parsed *p,
                         const struct fg_sip_key *key, const struct fg_sip_answer *a);
void fg_sip_invite_ack(struct fg_sip_request *rq);
void fg_sip_requests_expire(struct fg_sip *s, int64_t now);
/* When the next one expires; only when there is one. */
int64_t fg_sip_requests_next(const struct fg_sip *s);
void fg_sip_requests_drop(struct fg_sip *s);
/* The flow, or the socket, is gone. */
void fg_sip_requests_unlink_flow(struct fg_sip_flow *f);
void fg_sip_requests_unlink_udp(struct fg_sip *s, const struct fg_sip_udp *u);

/* ---- client.c: client transactions ---- */
struct fg_sip_call;
void fg_sip_calls_response(struct fg_sip_source *src, const struct fg_sip_parsed *p);
/* The flow is ready: sends what waited. */
void fg_sip_calls_flow_ready(struct fg_sip_flow *f);
/* The flow is gone: its calls try elsewhere. */
void fg_sip_calls_flow_lost(struct fg_sip_flow *f, enum fg_failure why);
/* The look-up has ended, well or not; or the front end is gone. */
void fg_sip_calls_front_settled(struct fg_sip_front *f);
void fg_sip_calls_unlink_udp(struct fg_sip *s, const struct fg_sip_udp *u);
void fg_sip_calls_drop(struct fg_sip *s);

#endif
