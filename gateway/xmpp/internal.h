/* What the files of this folder share and nobody else sees.
 *
 *   fg_s2s ──┬── fg_peer    one per partner: its present entry, counters, last success and failure
 *            ├── fg_route   one per (local, remote) pair: the outbound queue and its one stream
 *            ├── fg_stream  base of fg_in and fg_out
 *            └── fg_verify  one per dialback key that is being checked
 *
 * Streams die by fg_stream_retire, which makes them inert at once; the memory goes at the end of
 * the loop's turn. What must survive a stream refers to it by number. */
#ifndef FG_XMPP_INTERNAL_H
#define FG_XMPP_INTERNAL_H

#include "gateway/address.h"
#include "gateway/base/list.h"
#include "gateway/base/map.h"
#include "gateway/net/dial.h"
#include "gateway/net/tls.h"
#include "gateway/xmpp/fate.h"
#include "gateway/xmpp/features.h"
#include "gateway/xmpp/s2s.h"
#include "gateway/xmpp/sasl.h"
#include "gateway/xmpp/stream_error.h"
#include "gateway/xmpp/stream_parser.h"

/* libev's headers declare aliasing-friendly unions that pedantic warnings dislike. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-aliasing"
#include <ev.h>
#pragma GCC diagnostic pop

enum {
    FG_STREAM_ID_MAX = 256, /* a peer's stream id, with its NUL */
    FG_DETAIL_MAX = 160,
    FG_CLOSE_WAIT_MS = 5000, /* for the peer's end tag, after ours */
    FG_FLUSH_MS = 2000,      /* for the last bytes of a stream that ends with an error */
    FG_PAIRS_MAX = 1000,     /* domain pairs proved or being proved on one stream */
    FG_PAIR_KEY_MAX = 2 * FG_DOMAIN_MAX,
};

enum fg_stream_state {
    FG_S_NEW,
    FG_S_RESOLVING,   /* out: looking up the remote domain */
    FG_S_CONNECTING,  /* out: TCP */
    FG_S_HEADER,      /* waiting for the peer's stream header */
    FG_S_NEGOTIATING, /* headers exchanged; features, TLS, authentication to come */
    FG_S_STARTTLS,    /* out: asked for TLS */
    FG_S_TLS,         /* handshake */
    FG_S_SASL,        /* EXTERNAL under way, until the header that follows success */
    FG_S_DIALBACK,    /* out: key or keys sent, waiting for the answer */
    FG_S_OPEN,        /* stanzas flow */
    FG_S_CLOSING,     /* our end tag is out */
    FG_S_DEAD,
};

/* ---- peers: what is known of each partner ---- */

struct fg_peer {
    struct fg_map_node node;          /* s->peers, by primary domain */
    const struct fg_partner *partner; /* present entry, held; NULL once it is gone */
    unsigned users;                   /* streams, pairs and routes that point here */
    unsigned streams, attempts;
    size_t queue;
    uint64_t stanzas_in, stanzas_out, stanzas_refused;
    int64_t last_success_ms, last_failure_ms, next_retry_ms;
    bool failure_inbound;
    enum fg_failure failure;
    char failure_detail[FG_DETAIL_MAX];
    int64_t out_failure_ms; /* the last of our own attempts */
    enum fg_failure out_failure;
    struct fg_impact_row impact; /* while fg_s2s_impact counts */
    char domain[FG_DOMAIN_MAX];
};

/* ---- streams ---- */

struct fg_stream;

/* What distinguishes inbound from outbound. No handler is called on a dead stream. */
struct fg_stream_ops {
    void (*header)(struct fg_stream *st, const struct fg_stream_header *h);
    void (*element)(struct fg_stream *st, const struct fg_xml *x);
    void (*tls_ready)(struct fg_stream *st);
    void (*written)(struct fg_stream *st);   /* output reached the kernel */
    void (*idle)(struct fg_stream *st);      /* timer of an open stream */
    void (*activated)(struct fg_stream *st); /* a new configuration runs */
    /* What an end for `why` really means for this kind of stream, or NULL: it means itself. */
    enum fg_failure (*meaning)(struct fg_stream *st, enum fg_failure why);
    /* The stream ends: exactly once, before its connection closes. */
    void (*down)(struct fg_stream *st, enum fg_stream_state was);
    void (*release)(struct fg_stream *st); /* frees what only this kind has */
};

struct fg_stream {
    struct fg_s2s *s;
    const struct fg_stream_ops *ops;
    struct fg_list node; /* s->streams, then s->dead */
    struct fg_map_node by_id;
    uint64_t id;
    enum fg_stream_state state;
    bool inbound;
    bool version1;    /* the peer's header said 1.0 or more */
    bool header_sent; /* ours, in the present document */
    bool start_tls;   /* once the element at hand has been consumed */
    bool deaf;        /* closing with an error: input is not looked at */
    bool counted;     /* in the peer's and the global count of open streams */
    bool sasl_done;
    struct fg_conn *conn;
    struct fg_parser *parser;
    struct ev_timer timer; /* set-up, then idle checks, then the wait for the end */
    struct fg_peer *peer;  /* by the remote domain; NULL while unknown */
    int row;               /* of the terms the negotiation followed */
    enum fg_method method;
    char local[FG_DOMAIN_MAX], remote[FG_DOMAIN_MAX]; /* "" while unknown */
    char stream_id[FG_STREAM_ID_MAX];                 /* of the receiving side's header */
    char lang[36];                                    /* xml:lang of the peer's header */
    char *address;      /* inbound: key of the address counters; owned */
    size_t early_bytes; /* input before authentication */
    unsigned unflushed; /* out: stanzas written, not yet with the kernel */
    int64_t since_ms;   /* wall clock */
    int64_t opened_ms, last_rx_ms, last_stanza_ms, pinged_ms; /* monotonic */
    int64_t cert_not_after_ms; /* of the certificate the identity rests on; 0: none */
    uint64_t stanzas_in, stanzas_out;
    enum fg_failure failure;
    char detail[FG_DETAIL_MAX];
};

/* First-level elements: which are understood, and in which states. */
struct fg_dispatch {
    const char *ns, *name;
    unsigned states; /* bits 1 << state */
    void (*handle)(struct fg_stream *st, const struct fg_xml *x);
};
#define FG_IN(state) (1u << (state))
const struct fg_dispatch *fg_dispatch_find(const struct fg_dispatch *table, size_t n,
                                           const struct fg_xml *x);

const char *fg_stream_state_name(enum fg_stream_state st);
/* The one place where states change; reports old and new. */
void fg_stream_enter(struct fg_stream *st, enum fg_stream_state to);
void fg_stream_init(struct fg_stream *st, struct fg_s2s *s, const struct fg_stream_ops *ops,
                    bool inbound);
/* Gives it a connection and a parser. 0 or ENOMEM; the connection is the caller's on error. */
int fg_stream_attach(struct fg_stream *st, struct fg_conn *c);
/* Limits of the present settings and state. */
void fg_stream_limits(struct fg_stream *st);
void fg_stream_arm(struct fg_stream *st, int64_t ms);
/* Lets the parser of a silent stream sleep; how long until the next look, `next` at most. */
int64_t fg_stream_doze(struct fg_stream *st, int64_t now, int64_t next);
/* Writes; a failure retires the stream. */
void fg_stream_write(struct fg_stream *st, const void *data, size_t len);
void fg_stream_writes(struct fg_stream *st, const char *text);
/* Writes what is in `b` (an error of building it is passed as `err`) and frees it. */
void fg_stream_put(struct fg_stream *st, struct fg_buf *b, int err);
/* Our stream header, for the present document. */
void fg_stream_header(struct fg_stream *st, bool dialback, bool version);
/* The peer's document ends here: a new one follows. */
void fg_stream_restart(struct fg_stream *st);
/* Puts TLS under the connection once the element at hand is consumed. */
void fg_stream_start_tls(struct fg_stream *st);
/* At once: direct TLS (XEP-0368). */
void fg_stream_tls_now(struct fg_stream *st, const char *alpn);
/* Now open: counted, timed, reported. */
void fg_stream_opened(struct fg_stream *st, enum fg_method method);
/* The certificate of the peer is valid and names the domain. */
bool fg_stream_cert_ok(const struct fg_stream *st, const char *domain);
/* Why not; FG_FAIL_NONE when it is. */
enum fg_failure fg_stream_cert_failure(const struct fg_stream *st, const char *domain);
/* Ends with a stream error. `why` and the text are for our reports and, the text, for the peer. */
void fg_stream_error(struct fg_stream *st, enum fg_condition c, enum fg_failure why,
                     const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Ends in peace: end tag, then waits for the peer's. */
void fg_stream_close(struct fg_stream *st, enum fg_failure why);
/* The peer has ended the stream in peace and still reads: what is written leaves first. */
void fg_stream_drain(struct fg_stream *st, enum fg_failure why);
/* Ends at once; `linger_ms` for what still has to leave. */
void fg_stream_retire(struct fg_stream *st, enum fg_failure why, const char *detail, int linger_ms);
/* The peer's <stream:error/>. */
void fg_stream_on_error(struct fg_stream *st, const struct fg_xml *x);
bool fg_stream_is_tls(const struct fg_stream *st);
/* Follows the partner of `remote` in the running configuration; false when there is none that may
 * have streams now. */
bool fg_stream_follow(struct fg_stream *st);
void fg_stream_set_peer(struct fg_stream *st, struct fg_peer *p);
/* What a configuration means for the stream; changes nothing. */
struct fg_judgement fg_stream_judge(struct fg_stream *st, const struct fg_snapshot *s,
                                    int64_t wall_ms);
/* Is it in a state in which a configuration matters? Otherwise it ends, or is judged later. */
bool fg_stream_is_judged(const struct fg_stream *st);
/* Ends it as judged; false: it stays. */
bool fg_stream_obey(struct fg_stream *st, const struct fg_judgement *j);
void fg_streams_bury(struct fg_s2s *s);

/* ---- inbound ---- */

enum fg_pair_state { FG_PAIR_PENDING, FG_PAIR_PROVED };

struct fg_pair {
    struct fg_list node;
    struct fg_peer *peer;
    enum fg_pair_state state;
    enum fg_method method;
    const char *local, *remote; /* behind the struct */
    char text[];
};

struct fg_in {
    struct fg_stream st;
    struct fg_list pairs; /* the one used last comes first */
    unsigned n_pairs, n_proved;
    unsigned failures; /* of SASL */
    unsigned failed_keys;
    bool direct_tls;
};

struct fg_in *fg_in_of(struct fg_stream *st);
/* NULL without memory or beyond FG_PAIRS_MAX. */
struct fg_pair *fg_in_add_pair(struct fg_in *in, const char *local, const char *remote,
                               struct fg_peer *peer, enum fg_pair_state state,
                               enum fg_method method);
void fg_in_drop_pair(struct fg_in *in, struct fg_pair *pair);
struct fg_pair *fg_in_find_pair(struct fg_in *in, const char *local, const char *remote);
/* A new document begins: what was asked for in the old one is not answered any more. */
void fg_in_forget(struct fg_in *in);
/* A pair has been proved: the first opens the stream. False: a limit forbids it (nothing changed).
 */
bool fg_in_proved(struct fg_in *in, struct fg_pair *pair, enum fg_method method);
void fg_in_on_starttls(struct fg_stream *st, const struct fg_xml *x);
void fg_in_on_auth(struct fg_stream *st, const struct fg_xml *x);
void fg_in_on_response(struct fg_stream *st, const struct fg_xml *x);
void fg_in_on_abort(struct fg_stream *st, const struct fg_xml *x);
void fg_in_on_result(struct fg_stream *st, const struct fg_xml *x);
void fg_in_on_verify(struct fg_stream *st, const struct fg_xml *x);
/* May a peer with this certificate and encryption open more streams? */
bool fg_in_room(struct fg_in *in, const struct fg_peer *peer);

/* The gate: checks sender and addressee against what this stream has proved and fills `out`. The
 * condition to end the stream with, or FG_COND_NONE. */
enum fg_condition fg_gate(struct fg_in *in, const struct fg_xml *x, struct fg_stanza *out,
                          struct fg_pair **pair);

/* ---- outbound ---- */

struct fg_item {
    struct fg_list node;
    fg_sent_h *done;
    void *arg;
    int64_t queued_ms, deadline_ms; /* monotonic */
    uint64_t mark;                  /* written: where it ends in the connection's output */
    size_t len;
    char bytes[];
};

struct fg_route {
    struct fg_map_node node; /* s->routes, by "local remote" */
    struct fg_list busy;     /* s->busy while anything waits or is unflushed */
    struct fg_list waiting;
    size_t n_waiting;
    struct fg_out *out; /* the stream, from its birth on */
    struct fg_peer *peer;
    struct ev_timer retry;
    struct fg_s2s *s;
    unsigned refs;         /* streams that point here */
    unsigned failures;     /* in a row */
    bool asked;            /* to open a stream although nothing waits */
    int64_t not_before_ms; /* monotonic */
    enum fg_failure last;  /* failure */
    char local[FG_DOMAIN_MAX], remote[FG_DOMAIN_MAX];
    char key[FG_PAIR_KEY_MAX];
};

struct fg_out {
    struct fg_stream st;
    struct fg_route *route; /* NULL: only verifies keys */
    struct fg_resolver *resolver;
    uint64_t ticket; /* of the resolver */
    struct fg_dial *dial;
    struct fg_peer_view view;
    struct fg_list unflushed; /* items */
    struct fg_list verifies;  /* fg_verify by out_node */
    bool verify_sent;
    bool result_pending; /* our db:result waits for its answer */
    unsigned pings;
};

struct fg_out *fg_out_of(struct fg_stream *st);
/* Starts a stream from `local` to `remote`. 0 or errno; never fails into the handlers. */
int fg_out_new(struct fg_out **out, struct fg_s2s *s, struct fg_peer *peer, const char *local,
               const char *remote, struct fg_route *route);
void fg_out_step(struct fg_out *o);
/* Writes an item; ENOBUFS when the connection takes no more now. */
int fg_out_send(struct fg_out *o, struct fg_item *it);
void fg_out_on_result(struct fg_stream *st, const struct fg_xml *x);
void fg_out_on_verify(struct fg_stream *st, const struct fg_xml *x);
void fg_out_written(struct fg_stream *st);
/* Closes an idle stream, pings a silent one, and arms the timer for the next look. */
void fg_out_idle(struct fg_stream *st);
/* An answer to one of our pings has come in. */
bool fg_out_pong(struct fg_s2s *s, const struct fg_stanza *z);

/* NULL when there is none. */
struct fg_route *fg_route_find(struct fg_s2s *s, const char *local, const char *remote);
void fg_route_opened(struct fg_route *r);
/* The route's stream is gone: what it had not handed over waits again, or fails. */
void fg_route_down(struct fg_route *r, struct fg_out *o, enum fg_stream_state was,
                   enum fg_failure why);
/* What of the stream's output has reached the kernel is done. */
void fg_route_flushed(struct fg_out *o);
/* Moves waiting items into the open stream. */
void fg_route_pump(struct fg_route *r);
void fg_route_fail(struct fg_route *r, enum fg_failure why);
/* After activate: fails what waits on pairs that are not allowed any more. */
void fg_routes_drop_forbidden(struct fg_s2s *s);
/* Then, for each route. */
void fg_route_activated(struct fg_route *r);
/* Forgets the failures so far and opens the stream now, unless it stands or is being set up. */
void fg_route_retry(struct fg_route *r);
/* Expires what waited too long; every so often while anything waits. */
void fg_routes_tick(struct fg_s2s *s);
void fg_route_free(struct fg_route *r);
void fg_item_done(struct fg_item *it, enum fg_failure why);

/* ---- dialback ---- */

struct fg_verify {
    struct fg_list node;     /* s->verifies */
    struct fg_list out_node; /* fg_out.verifies */
    uint64_t stream;         /* the inbound one */
    struct fg_out *out;
    char stream_id[FG_STREAM_ID_MAX]; /* of the inbound stream when the key came */
    char local[FG_DOMAIN_MAX], remote[FG_DOMAIN_MAX];
    char *key;
    int64_t deadline_ms;
    bool sent;
};

/* Asks the authoritative server of `remote`. 0 or errno. */
int fg_verify_start(struct fg_in *in, const char *local, const char *remote, const char *key);
void fg_verify_free(struct fg_s2s *s, struct fg_verify *v);
/* Sends what has not been sent yet on this stream. */
void fg_verifies_send(struct fg_out *o);
/* `condition`: NULL for valid, "" for invalid, else that of the error to answer with. */
void fg_verify_finish(struct fg_verify *v, const char *condition);
/* The stream on which the keys were to be checked is gone. */
void fg_verifies_fail(struct fg_out *o, enum fg_failure why);
void fg_verifies_forget(struct fg_s2s *s, uint64_t stream);
void fg_verifies_tick(struct fg_s2s *s, int64_t now);
/* The key for what we send with this stream id; false without a secret. */
bool fg_own_key(struct fg_s2s *s, const char *receiving, const char *originating, const char *id,
                char *out);

/* ---- the whole ---- */

struct fg_s2s_tls_entry {
    char domain[FG_DOMAIN_MAX]; /* "": for all without one of their own */
    struct fg_tls_ctx *server, *client;
};

struct fg_address; /* limits.c */

struct fg_s2s {
    struct fg_net *net;
    struct ev_loop *loop;
    const struct fg_report *report;
    struct fg_s2s_callbacks callbacks;
    struct fg_snapshot *snapshot;       /* NULL before the first activate */
    const struct fg_settings *settings; /* of the snapshot, or of none */
    struct fg_resolver *resolver;
    struct fg_s2s_tls_entry *tls;
    size_t n_tls;
    char *secret, *previous;
    struct fg_list streams, dead;
    struct fg_map by_id, peers, routes, addresses;
    struct fg_list busy, verifies;
    unsigned n_verifies, unauthenticated;
    uint64_t next_id;
    struct ev_timer tick;   /* while items or verifications wait */
    struct ev_timer minute; /* certificates, validity of partners, address counters */
    struct ev_timer expiry; /* the next valid_until of a partner we have to do with */
    int64_t expires_ms;     /* wall clock: when it is due; 0: none */
    struct ev_prepare bury;
    struct fg_s2s_counters counters;
    bool stopping;
    void (*stopped)(void *arg);
    void *stopped_arg;
    struct ev_timer stop_timer;
};

void fg_s2s_tick_on(struct fg_s2s *s);
/* After a stream died: a graceful stop may be complete. */
void fg_s2s_check_stopped(struct fg_s2s *s);
bool fg_s2s_is_local(const struct fg_s2s *s, const char *domain);
/* The partner of a domain if it may have streams now, else NULL. */
const struct fg_partner *fg_s2s_partner(const struct fg_s2s *s, const char *domain);
/* It may have streams, but no new ones: its state is draining. */
bool fg_s2s_drains(const struct fg_partner *p);
/* From now on the partner's valid_until is kept to the second. */
void fg_s2s_note_expiry(struct fg_s2s *s, const struct fg_partner *p);
/* TLS of a local domain; NULL when there is none. */
struct fg_tls_ctx *fg_s2s_server_tls(const struct fg_s2s *s, const char *local);
struct fg_tls_ctx *fg_s2s_client_tls(const struct fg_s2s *s, const char *local);
struct fg_stream *fg_s2s_stream(struct fg_s2s *s, uint64_t id);
/* Partner and global limits on open streams. */
bool fg_s2s_room(const struct fg_s2s *s, const struct fg_peer *p);
int64_t fg_s2s_setup_ms(const struct fg_s2s *s);
/* "local remote" as a key. */
size_t fg_pair_key(char out[FG_PAIR_KEY_MAX], const char *local, const char *remote);

/* The record of a partner, made when there is none; NULL without memory. */
struct fg_peer *fg_peer_get(struct fg_s2s *s, const struct fg_partner *partner);
void fg_peer_put(struct fg_s2s *s, struct fg_peer *p);
void fg_peer_succeeded(struct fg_peer *p);
void fg_peer_failed(struct fg_peer *p, bool inbound, enum fg_failure why, const char *detail);
/* Besides: it was an attempt of ours to open a stream. */
void fg_peer_attempt_failed(struct fg_peer *p, enum fg_failure why);
/* After activate: every record gets the entry that is in force. */
void fg_peers_activate(struct fg_s2s *s);
void fg_peers_free(struct fg_s2s *s);
const struct fg_terms *fg_peer_terms(const struct fg_peer *p);

/* Connections from one address. False: over a limit, refuse. `*key` is owned by the caller. */
bool fg_limits_accept(struct fg_s2s *s, const struct sockaddr *peer, char **key);
void fg_limits_authenticated(struct fg_s2s *s, const char *key);
void fg_limits_sweep(struct fg_s2s *s);
void fg_limits_free(struct fg_s2s *s);

void fg_report_stream(struct fg_stream *st, enum fg_level level, const char *code,
                      enum fg_failure why, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

#endif
