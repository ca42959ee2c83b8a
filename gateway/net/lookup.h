/* One question to libunbound and its answer sorted into the few cases that matter. Private to this
 * folder. */
#ifndef FG_NET_LOOKUP_H
#define FG_NET_LOOKUP_H

#include "gateway/base/list.h"
#include "gateway/base/map.h"
#include "gateway/net/private.h"
#include "gateway/net/resolver.h"

#include <unbound.h>

enum {
    RR_A = 1,
    RR_AAAA = 28,
    RR_SRV = 33,
    TARGETS_MAX = 16,   /* SRV records looked at */
    ADDRESSES_MAX = 16, /* endpoints per target */
};

struct fg_resolver {
    struct ub_ctx *ub;
    enum fg_dnssec dnssec;
    int deadline_ms;
    struct fg_net *net;
    struct ev_io io;
    struct ev_timer again; /* leads to the loop what is finished on the caller's stack */
    struct fg_map queries; /* by ticket */
    struct fg_list finished;
    uint64_t next_ticket;
    bool delivering, doomed; /* freed by a handler: the delivery loop does it */
};

enum outcome { OUT_RECORDS, OUT_EMPTY, OUT_NO_NAME, OUT_FAILED, OUT_BOGUS };

struct query;

/* Under way while `pending`; the answer's fate is in `outcome`. */
struct question {
    struct query *query;
    int async_id;
    bool pending;
    bool secure;
    enum outcome outcome;
};

struct target {
    struct fg_srv srv;
    struct question v4, v6;
    struct fg_endpoint *found; /* owned; up to ADDRESSES_MAX */
    size_t n_found;
};

struct query {
    struct fg_resolver *resolver;
    struct fg_map_node node;
    struct fg_list finished;
    uint64_t ticket;
    struct ev_timer deadline;
    fg_resolved_h *h;
    void *arg;
    bool xmpp, direct_tls, addresses_asked;
    char domain[256];
    uint16_t port;
    struct question srv, srvs; /* _xmpp-server, _xmpps-server */
    bool srv_dot, srvs_dot, srv_secure;
    struct target targets[TARGETS_MAX];
    size_t n_targets;
    enum fg_failure why;
    struct fg_endpoint *endpoints; /* owned */
    size_t n_endpoints;
};

/* Asks; the answer comes to `done` from the loop. False when the question could not be put. */
bool fg_question_ask(struct question *qn, struct query *q, const char *name, int type,
                     ub_callback_type cb);
void fg_question_cancel(struct question *qn);
/* Sorts an answer; records of a bogus answer are not to be looked at. */
enum outcome fg_question_outcome(const struct fg_resolver *r, int err, const struct ub_result *a);

/* Adds the records of an SRV answer to the query. Returns true when the answer is the single "."
 * that says "not offered". */
bool fg_lookup_take_srv(struct query *q, const struct ub_result *a, bool direct_tls, bool secure);
/* Adds the addresses of an A or AAAA answer. 0 or ENOMEM. */
int fg_lookup_take_addresses(struct target *t, const struct ub_result *a, int type, bool secure);

#endif
