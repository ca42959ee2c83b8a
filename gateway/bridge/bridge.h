/* The only place where XMPP and SIP meet: what comes in on one side is checked against the policy,
 * translated and sent out on the other; what fails is told to its sender in the sender's own words.
 * RFC 7572 (messages), RFC 7247 (addresses and errors). Engine thread.
 *
 *   stanza ─> policy ─> queue of its SIP target ─> MESSAGE ─final answer─> nothing, or stanza error
 *   MESSAGE ─> policy ─> stanza ─handed over, or why not─> final answer
 */
#ifndef FG_BRIDGE_H
#define FG_BRIDGE_H

#include "gateway/report.h"
#include "gateway/sip/sip.h"
#include "gateway/snapshot.h"
#include "gateway/xmpp/s2s.h"

struct fg_bridge;

/* The two ends, as functions, so that the bridge can be tried without them. They behave as
 * fg_s2s_send, fg_sip_send and fg_sip_respond do; `arg` is the first argument of each. */
struct fg_bridge_ends {
    int (*send_stanza)(void *arg, const struct fg_s2s_item *item);
    int (*send_request)(void *arg, const struct fg_sip_out *o);
    void (*respond)(void *arg, struct fg_sip_request *rq, const struct fg_sip_answer *a);
    void *arg;
};

struct fg_bridge_params {
    struct fg_bridge_ends ends;
    const struct fg_report *report; /* outlives the bridge; may be NULL */
    const char *edge;               /* copied; which edge this process is, or NULL */
};

int fg_bridge_new(struct fg_bridge **out, const struct fg_bridge_params *p);
/* From now on nothing is sent; answers that still come are taken and forgotten. Before the ends are
 * freed. */
void fg_bridge_stop(struct fg_bridge *b);
/* After the ends were freed: whatever they had not answered is forgotten. */
void fg_bridge_free(struct fg_bridge *b);

/* The configuration from now on; borrowed, must outlive its use here. */
void fg_bridge_activate(struct fg_bridge *b, const struct fg_snapshot *s);

/* The callbacks to give to the two ends, with the bridge as argument. */
void fg_bridge_stanza(void *bridge, const struct fg_stanza *s);
void fg_bridge_request(void *bridge, struct fg_sip_request *rq, const struct fg_sip_message *m);

struct fg_bridge_counters {
    uint64_t messages_in, messages_out; /* crossed: XMPP to SIP, SIP to XMPP */
    uint64_t refused_in, refused_out;   /* by policy */
    uint64_t failed_in, failed_out;     /* accepted, then told to the sender as failed */
    size_t waiting;                     /* messages queued for or being answered by SIP targets */
};
void fg_bridge_counters(const struct fg_bridge *b, struct fg_bridge_counters *out);

#endif
