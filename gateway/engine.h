/* The gateway engine: one event loop on a thread of its own that runs every stream, every SIP
 * transaction and the bridge between them. Instance-based: two engines can live in one process.
 *
 *   configuration thread                     engine thread
 *     fg_engine_prepare (may fail) ──plan──> fg_engine_activate (cannot fail)
 *
 * Functions may be called from any thread unless a comment says otherwise; queries are answered by
 * a callback on the engine thread, which must only copy and hand on. */
#ifndef FG_ENGINE_H
#define FG_ENGINE_H

#include "gateway/base/problem.h"
#include "gateway/negotiation.h"
#include "gateway/report.h"
#include "gateway/sip/sip.h"
#include "gateway/snapshot.h"
#include "gateway/xmpp/s2s.h"

struct fg_engine;
struct fg_plan; /* everything prepare made; owned by the caller until activate or discard */

/* A certificate with its key, as the server holds it. The strings are the callee's: malloc'd, taken
 * over and wiped by the engine. */
struct fg_credential_pem {
    char *chain;
    char *key;
};

struct fg_engine_params {
    struct fg_report report; /* events; called on the engine thread */
    /* Called inside fg_engine_prepare, on the calling thread. 0, ENOENT, or errno. */
    int (*credential)(void *arg, const char *certificate_id, struct fg_credential_pem *out);
    void *credential_arg;
    const char *edge; /* which edge of the topology this process is, or NULL */
    const char *dialback_secret;
    const char *dialback_previous; /* or NULL */
};

/* Makes the engine and starts its thread; nothing is open before the first activate. */
int fg_engine_new(struct fg_engine **out, const struct fg_engine_params *p);
/* Stops gracefully within `timeout_ms`, then hard, and frees. */
void fg_engine_free(struct fg_engine *e, int timeout_ms);

enum fg_prepare_mode {
    FG_PREPARE_STRICT,  /* any fault fails the whole: a commit */
    FG_PREPARE_DEGRADE, /* what cannot be prepared is left out and listed: start, retry */
};
/* Everything that can fail: opens new listeners (keeps those unchanged), loads certificates, builds
 * TLS contexts and the resolver. Blocks; not for the engine thread, and never two at once. Faults
 * go to `problems`, e.g. pointer "/settings/listeners/xmpp/0". A warning (TLS listener without a
 * certificate) goes to `warnings`. The plan holds a reference on the snapshot. 0, EINVAL with
 * problems, or ENOMEM; in FG_PREPARE_DEGRADE faults alone do not make it fail. */
int fg_engine_prepare(struct fg_engine *e, struct fg_snapshot *snapshot, enum fg_prepare_mode mode,
                      struct fg_plan **out, struct fg_problems *problems,
                      struct fg_problems *warnings);
/* Hands the plan (owned by the engine from now on) to the loop and waits until it runs. 0, or
 * ETIMEDOUT after `timeout_ms`: it will be activated all the same as soon as the loop gets to it.
 */
int fg_engine_activate(struct fg_engine *e, struct fg_plan *plan, int timeout_ms);
/* Undoes a prepare: closes what it opened. */
void fg_engine_discard(struct fg_engine *e, struct fg_plan *plan);

/* Revision that runs; 0 before the first activate. */
uint64_t fg_engine_revision(struct fg_engine *e);
/* The running snapshot, with a reference for the caller (fg_snapshot_put); NULL before the first.
 */
struct fg_snapshot *fg_engine_snapshot(struct fg_engine *e);

/* The secret by which dialback keys are made, and the former one while it counts (or NULL). Copied;
 * used as soon as the loop gets to it. 0; ENOBUFS (too much waits for the loop) or ENOMEM: nothing
 * has changed. */
int fg_engine_set_dialback_secret(struct fg_engine *e, const char *secret, const char *previous);

/* What `next` would do to what lives now, judged by the code that activates. Rows live until the
 * callback returns, which comes exactly once, on the engine thread, when 0 is returned; the
 * reference on `next` stays the caller's and must last until then. The engine holds no presence
 * subscriptions, so none are touched. Errors as fg_engine_query. */
struct fg_engine_impact {
    const struct fg_impact_row *rows; /* of every partner with anything alive */
    size_t n;
    unsigned subscriptions; /* that the engine holds with anybody */
};
typedef void fg_engine_impact_h(void *arg, const struct fg_engine_impact *i);
int fg_engine_impact(struct fg_engine *e, const struct fg_snapshot *next, fg_engine_impact_h *h,
                     void *arg);

struct fg_engine_counters {
    uint64_t activations, activate_last_us, activate_max_us; /* how long the loop stood for them */
    struct fg_s2s_counters xmpp;
    struct fg_sip_counters sip;
    uint64_t messages_in, messages_out; /* crossed: XMPP to SIP, SIP to XMPP */
    uint64_t refused_in, refused_out;   /* by policy */
    uint64_t failed_in, failed_out;     /* accepted, then reported to the sender as failed */
};

/* A view on the live state, made on the engine thread; arrays and strings live until the callback
 * returns. */
struct fg_engine_view {
    uint64_t revision;
    struct fg_engine_counters counters;
    const struct fg_stream_info *streams;
    size_t n_streams;
    const struct fg_partner_info *partners; /* those with any activity */
    size_t n_partners;
    const char *const *ports; /* "xmpp [::]:5269", "tls [::]:23456": open now */
    size_t n_ports;
};
typedef void fg_engine_view_h(void *arg, const struct fg_engine_view *v);
enum { FG_VIEW_COUNTERS = 0, FG_VIEW_STREAMS = 1, FG_VIEW_PARTNERS = 2, FG_VIEW_PORTS = 4 };
/* Asks for a view; the callback comes exactly once when 0 is returned. ENOBUFS when too many
 * queries wait (256), EPIPE when stopped. */
int fg_engine_query(struct fg_engine *e, unsigned what, fg_engine_view_h *h, void *arg);
/* Closes a stream; `done` gets 0 or ENOENT on the engine thread. */
int fg_engine_close_stream(struct fg_engine *e, uint64_t id, void (*done)(void *arg, int err),
                           void *arg);
/* Tries a partner again now; `done` gets on the engine thread what fg_s2s_retry says. ENOBUFS and
 * EPIPE as above, ENOMEM: `done` is not called. */
int fg_engine_retry_partner(struct fg_engine *e, const char *domain,
                            void (*done)(void *arg, int err), void *arg);

#endif
