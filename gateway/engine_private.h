/* What the files of the engine share.
 *
 * Ownership by thread: `conf` belongs to whoever calls prepare (one at a time), `run` to the engine
 * thread, `shared` to whoever holds the lock. */
#ifndef FG_ENGINE_PRIVATE_H
#define FG_ENGINE_PRIVATE_H

#include "gateway/base/list.h"
#include "gateway/base/mailbox.h"
#include "gateway/bridge/bridge.h"
#include "gateway/engine.h"
#include "gateway/net/listener.h"
#include "gateway/net/private.h"
#include "gateway/net/resolver.h"
#include "gateway/net/tls.h"

#include <pthread.h>

enum door_kind { DOOR_XMPP, DOOR_XMPP_DIRECT, DOOR_SIP };

enum { DOOR_TEXT = FG_ADDR_TEXT };

/* An address to listen on, as configured: "[::]:5269". */
struct door {
    char address[DOOR_TEXT];
    enum door_kind kind;
    enum fg_transport transport;
    bool require_client_cert; /* SIP over TLS */
    int fd;                   /* of a new socket; -1: keep the one that is open */
    struct fg_tls_ctx *tls;   /* SIP over TLS; a reference */
};

/* What is open, for prepare to know what to keep. */
struct open_door {
    char address[DOOR_TEXT];
    bool sip, udp;
};

struct fg_plan {
    struct fg_list link; /* in the engine's list of the dead */
    uint64_t serial;
    struct fg_snapshot *snapshot;
    struct door *doors;
    size_t n_doors;
    struct fg_resolver *resolver; /* NULL: the present one stays */
    char *resolver_key;
    struct fg_s2s_tls *tls; /* references; the domain strings are the snapshot's */
    size_t n_tls;
    struct fg_tls_ctx *sip_client;
    /* Memory activation will need, since it cannot fail; room for all doors. */
    struct fg_sip_listener *sip_listeners;
    struct open_door *open;
    /* What activation put in this plan's place: freed with it, off the loop. */
    struct fg_snapshot *old_snapshot;
    struct fg_resolver *old_resolver;
};

/* A TLS context made before: certificates that did not change need not be read again. */
struct cached_ctx {
    struct fg_list link;
    char *key;
    struct fg_tls_ctx *ctx;
    bool used;
};

/* A trust store made before. */
struct cached_trust {
    uint64_t key;
    X509_STORE *store;
};

/* A served XMPP address. SIP serves its own. */
struct gate {
    struct fg_list link;
    struct fg_engine *engine;
    char address[DOOR_TEXT];
    bool direct, keep;
    struct fg_acceptor *acceptor;
};

struct fg_engine {
    struct fg_report report;
    int (*credential)(void *arg, const char *certificate_id, struct fg_credential_pem *out);
    void *credential_arg;
    pthread_t thread;
    struct fg_mailbox *box;
    int stop_timeout_ms; /* set before the stop is posted */

    struct {
        struct fg_list contexts; /* struct cached_ctx */
        struct cached_trust external, internal;
        uint64_t serial;
        char *resolver_key; /* of the newest plan that was activated */
    } conf;

    struct {
        struct ev_loop *loop;
        struct ev_async wake;
        struct ev_timer stop_limit;
        struct fg_net *net;
        struct fg_s2s *s2s;
        struct fg_sip *sip;
        struct fg_bridge *bridge;
        struct fg_resolver *resolver;
        struct fg_list gates;
        bool stopping;
        unsigned unfinished; /* parts that have not stopped yet */
        uint64_t activations, activate_last_us, activate_max_us;
    } run;

    struct {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        uint64_t activated; /* serial of the newest plan that runs */
        struct fg_snapshot *snapshot;
        struct open_door *open;
        size_t n_open;
        struct fg_list dead; /* struct fg_plan: to be freed by a thread that may wait */
        unsigned queries;
    } shared;
};

/* ---- engine_plan.c: configuration thread ---- */

void fg_plan_free(struct fg_plan *p);
/* Frees the plans the engine thread has done with. */
void fg_engine_reap(struct fg_engine *e);

/* ---- engine_tls.c: configuration thread ---- */

/* Builds all TLS contexts of the plan. 0; EINVAL when there were faults (they are in `problems`;
 * the plan holds what could be made); ENOMEM. */
int fg_engine_build_tls(struct fg_engine *e, struct fg_plan *p, struct fg_problems *problems,
                        struct fg_problems *warnings);
void fg_engine_tls_cache_free(struct fg_engine *e);

/* ---- engine_run.c: engine thread ---- */

/* Makes what the loop runs. Called before the thread starts. 0 or errno. */
int fg_engine_run_init(struct fg_engine *e, const struct fg_engine_params *p);
void fg_engine_run_free(struct fg_engine *e);
void fg_engine_run_activate(struct fg_engine *e, struct fg_plan *p);
/* Begins to stop; the loop ends when all is finished or the time is over. */
void fg_engine_run_stop(struct fg_engine *e, int timeout_ms);

/* ---- engine_view.c: engine thread ---- */

void fg_engine_run_view(struct fg_engine *e, unsigned what, fg_engine_view_h *h, void *arg);
void fg_engine_run_impact(struct fg_engine *e, const struct fg_snapshot *next,
                          fg_engine_impact_h *h, void *arg);

#endif
