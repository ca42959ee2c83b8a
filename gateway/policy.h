/* May this pass, and because of which rule: seven gates in a fixed order, each with one question.
 * Pure and free of allocation; called for every stanza and message, and by GET /explain with a
 * trace.
 *
 *   federation → own_domain → partner → policy → user_and_site → partner_type → transport
 *
 * The rule id of the verdict is what the log line, the stanza error, the SIP Warning and the answer
 * to "why?" carry. Thread-safe. */
#ifndef FG_POLICY_H
#define FG_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/snapshot.h"

enum fg_ask { FG_ASK_MESSAGE, FG_ASK_PRESENCE, FG_ASK_SUBSCRIBE };

enum fg_gate {
    FG_GATE_FEDERATION,
    FG_GATE_OWN_DOMAIN,
    FG_GATE_PARTNER,
    FG_GATE_POLICY,
    FG_GATE_USER_AND_SITE,
    FG_GATE_PARTNER_TYPE,
    FG_GATE_TRANSPORT,
    FG_GATES
};

/* All strings prepared and NUL-terminated; `inner` as fg_user_key writes it. The gates are the same
 * for all three kinds of asking: the partner type opens or closes them together. */
struct fg_policy_query {
    enum fg_ask ask;
    bool inbound;      /* from the partner to us; false: from us to the partner */
    const char *inner; /* name@domain */
    const char *inner_domain;
    const char *outer; /* bare JID */
    const char *outer_domain;
    const char *edge;   /* FQDN of the edge this process is; NULL: not told, so every edge */
    int64_t now_ms;     /* wall clock */
    bool contact_known; /* the inner user has added the outer one (or has written first) */
    bool established;   /* part of an exchange that was open before (a draining partner) */
};

enum { FG_OBJECT_MAX = 320, FG_BECAUSE_MAX = 400 };

struct fg_verdict {
    bool allow;
    enum fg_gate gate;          /* that refused; FG_GATES when allowed */
    const char *rule;           /* static id: "allowed", "partner_not_listed" … */
    const char *because;        /* static sentence with the cause */
    const char *remedy;         /* static sentence; "" when allowed */
    char object[FG_OBJECT_MAX]; /* kind/key of the object that decided, cut if need be; or "" */
    uint64_t revision;
};

enum fg_gate_verdict { FG_GATE_PASS, FG_GATE_FAIL, FG_GATE_NOT_ASKED };

struct fg_gate_trace {
    enum fg_gate gate;
    enum fg_gate_verdict verdict;
    const char *rule;             /* static; of the gate's answer, "" when not asked */
    char because[FG_BECAUSE_MAX]; /* a sentence with the names filled in */
    char object[FG_OBJECT_MAX];
};

/* Asks the gates in order, up to the first refusal. `trace` may be NULL; otherwise it gets all
 * FG_GATES steps, those behind a refusal as FG_GATE_NOT_ASKED. Outer text goes into the trace as it
 * is: quote before printing. */
void fg_policy_ask(const struct fg_snapshot *s, const struct fg_policy_query *q,
                   struct fg_verdict *out, struct fg_gate_trace trace[FG_GATES]);

/* The policy that applies to an inner user as a whole: the user's own, else the site's, else the
 * global one. Lives as long as the snapshot. */
struct fg_effective {
    const struct fg_policy_entry *policy; /* never NULL */
    const char *identity;
    const char *because; /* static: assigned_to_user, policy_of_site, global */
};
struct fg_effective fg_effective_policy(const struct fg_snapshot *s, const char *user);

/* May contacts of such a partner see our users' status note? */
bool fg_sees_note(enum fg_partner_type t);

const char *fg_ask_name(enum fg_ask a);                   /* message, presence, subscribe */
const char *fg_gate_name(enum fg_gate g);                 /* federation, own_domain … */
const char *fg_gate_verdict_name(enum fg_gate_verdict v); /* pass, fail, not_asked */

#endif
