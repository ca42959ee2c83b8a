/* XMPP server-to-server: listeners, inbound streams, outbound streams with their queues, dialback
 * and SASL EXTERNAL in both roles (RFC 6120, XEP-0178, XEP-0220, XEP-0185). Engine thread, except
 * where said. Every inbound stanza has passed the gate (its from and to belong to a pair this
 * stream has proved) before `stanza` sees it. */
#ifndef FG_S2S_H
#define FG_S2S_H

#include "gateway/base/arena.h"
#include "gateway/negotiation.h"
#include "gateway/net/conn.h"
#include "gateway/net/resolver.h"
#include "gateway/report.h"
#include "gateway/snapshot.h"
#include "gateway/xmpp/fate.h"
#include "gateway/xmpp/jid.h"
#include "gateway/xmpp/xml.h"

struct fg_s2s;
struct fg_tls_ctx;

enum fg_stanza_kind { FG_MESSAGE, FG_PRESENCE, FG_IQ };

/* An inbound stanza; lives until the handler returns. */
struct fg_stanza {
    enum fg_stanza_kind kind;
    const char *type;       /* attribute or "" */
    const char *id;         /* attribute or NULL */
    const char *lang;       /* own xml:lang, else the stream's, else "" */
    struct fg_jid from, to; /* prepared; domains proved by the stream */
    const struct fg_xml *xml;
    uint64_t stream;
    enum fg_method method;
    struct fg_arena *arena; /* for what the handler needs meanwhile */
};

struct fg_s2s_callbacks {
    void (*stanza)(void *arg, const struct fg_stanza *s);
    void *arg;
};

struct fg_s2s_params {
    struct fg_net *net;
    const struct fg_report *report;
    struct fg_s2s_callbacks callbacks;
};

int fg_s2s_new(struct fg_s2s **out, const struct fg_s2s_params *p);
/* Closes everything at once; queued items get their answer (FG_FAIL_SHUTDOWN). */
void fg_s2s_free(struct fg_s2s *s);
/* Graceful: no new streams, closes living ones with system-shutdown; `done` when none is left. */
void fg_s2s_shutdown(struct fg_s2s *s, void (*done)(void *arg), void *arg);

/* TLS for one local domain: as server (inbound, chosen by the stream's `to`) and client. */
struct fg_s2s_tls {
    const char *domain; /* NULL: for every domain without an entry of its own */
    struct fg_tls_ctx *server, *client;
};

/* What activate hands over. Everything was made by prepare; references are taken. Streams whose
 * terms still allow them stay; those whose method is no longer allowed are closed with `reset`,
 * those of a removed or suspended partner with `policy-violation`; what they had queued waits for
 * the new stream or goes back to its sender. Cannot fail. */
struct fg_s2s_config {
    struct fg_snapshot *snapshot;
    struct fg_resolver *resolver; /* attached; owned by the engine, outlives its use here */
    const struct fg_s2s_tls *tls;
    size_t n_tls;
};
void fg_s2s_activate(struct fg_s2s *s, const struct fg_s2s_config *c);

/* An accepted descriptor from a listener of port 5269 (or of direct TLS, XEP-0368). */
void fg_s2s_accept(struct fg_s2s *s, int fd, const struct sockaddr *peer, bool direct_tls);

/* The dialback secrets: the first makes keys, both are accepted (rotation with overlap). Copied. */
void fg_s2s_set_secret(struct fg_s2s *s, const char *secret, const char *previous);

/* Outcome of a stanza: FG_FAIL_NONE once its bytes were handed to the kernel on an authenticated
 * stream; otherwise why not. Exactly one call per accepted item, from the loop. */
typedef void fg_sent_h(void *arg, enum fg_failure why);

struct fg_s2s_item {
    const char *local, *remote; /* domains, A-labels: the stream's pair */
    const void *stanza; /* complete, serialised in jabber:server as default namespace; copied */
    size_t len;
    int deadline_ms; /* how long it may wait; 0 = stream establishment timeout */
    fg_sent_h *done; /* may be NULL */
    void *arg;
};
/* Sends over the outbound stream of the pair, opening one if there is none; order per pair is kept.
 * 0; ENOBUFS when the partner's queue is full; EHOSTUNREACH when `remote` is no active partner;
 * ENOTCONN when it is draining and no stream of the pair lives; ESHUTDOWN while stopping. On error
 * `done` is not called. */
int fg_s2s_send(struct fg_s2s *s, const struct fg_s2s_item *item)
    __attribute__((warn_unused_result));

/* For status. Strings live until the callback returns. */
struct fg_stream_info {
    uint64_t id;
    const char *partner, *local_domain, *remote_domain; /* "" while unknown */
    bool inbound;
    const char *peer_address;
    const char *tls_version, *tls_cipher; /* NULL in clear */
    const char *certificate_verdict;      /* "valid", "none", or a failure id */
    const char *certificate_names;
    enum fg_method method;
    const char *state; /* name of the state machine's state */
    int64_t since_ms;  /* wall clock */
    uint64_t stanzas_in, stanzas_out;
    size_t queue;         /* stanzas waiting */
    int64_t queue_age_ms; /* of the oldest waiting one */
};
void fg_s2s_streams(struct fg_s2s *s, void (*each)(void *arg, const struct fg_stream_info *i),
                    void *arg);
/* Closes one stream; queued stanzas go to a new one. 0 or ENOENT. */
int fg_s2s_close_stream(struct fg_s2s *s, uint64_t id);

/* Tries a partner again now: its back-off is forgotten, and every pair of domains that was in use
 * gets its stream, also when nothing waits; before the first pair, one from the first of our
 * domains by name. Streams that stand or are being set up stay. 0; ENOENT: no partner that is
 * active and may be spoken to; EADDRNOTAVAIL: no domain of ours; ESHUTDOWN; ENOMEM. */
int fg_s2s_retry(struct fg_s2s *s, const char *domain);

/* Per partner, kept while the partner is listed. Wall-clock milliseconds, 0 = never. */
struct fg_partner_info {
    const char *partner;
    int64_t last_success_ms;
    int64_t last_failure_ms;
    bool failure_inbound;
    enum fg_failure failure;
    const char *failure_detail;
    int64_t last_out_failure_ms; /* of our attempts to open one, which nobody can forge */
    enum fg_failure out_failure;
    int64_t next_retry_ms; /* 0: none planned */
    unsigned streams, attempts;
    size_t queue;
    uint64_t stanzas_in, stanzas_out, stanzas_refused;
};
void fg_s2s_partners(struct fg_s2s *s, void (*each)(void *arg, const struct fg_partner_info *i),
                     void *arg);

/* What a configuration would do to what lives with one partner now. Stanzas that wait for one that
 * closes go back to their senders; for one that is set up again they wait on. */
struct fg_impact_row {
    const char *partner; /* primary domain; "" for streams of whom we do not know yet */
    unsigned stay, renegotiate, close;
    size_t queued;           /* stanzas that wait */
    enum fg_because because; /* of what closes, else of what is set up again */
};
/* Calls `each` for every partner with anything alive. */
void fg_s2s_impact(struct fg_s2s *s, const struct fg_snapshot *next,
                   void (*each)(void *arg, const struct fg_impact_row *r), void *arg);

struct fg_s2s_counters {
    uint64_t accepted, refused_connections, streams_in, streams_out, failed_in, failed_out;
    uint64_t stanzas_in, stanzas_out;
    uint64_t changes; /* of state, of all streams: the same number, the same streams */
    unsigned open_in, open_out;
};
void fg_s2s_counters(const struct fg_s2s *s, struct fg_s2s_counters *out);

#endif
