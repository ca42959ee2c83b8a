/* What the files of this folder share and nobody else sees. */
#ifndef FG_BRIDGE_PRIVATE_H
#define FG_BRIDGE_PRIVATE_H

#include "gateway/base/list.h"
#include "gateway/base/map.h"
#include "gateway/bridge/bridge.h"
#include "gateway/bridge/condition.h"
#include "gateway/bridge/pairs.h"
#include "gateway/policy.h"

enum {
    STANZA_MAX = 1024 * 1024, /* a stanza of ours, escaped */
    HAND_OVER_MS = 25000,     /* a SIP sender gets 504 well before its Timer F (32 s) */
    TARGET_QUEUE_MAX = 100,   /* messages waiting for one SIP target */
    WAITING_MAX = 20000,      /* for all targets together */
    QUEUE_AGE_MS = 60000,     /* a message that waited so long for its turn goes back */
    ADDRESS_MAX = 3200,       /* a SIP URI or JID as text */
    KEY_MAX = 1280,           /* "name@domain" */
};

struct fg_bridge {
    struct fg_bridge_ends ends;
    const struct fg_report *report;
    char *edge;
    const struct fg_snapshot *snapshot;
    bool stopped;
    struct fg_map targets;   /* struct target by URI: messages to the SIP side */
    struct fg_list outgoing; /* struct outgoing: messages to the XMPP side not yet answered */
    struct fg_pairs pairs;   /* who has lately talked to whom */
    struct fg_buf scratch;   /* the stanza being built */
    struct fg_bridge_counters counters;
};

/* ---- stanza.c: stanzas of ours ---- */

/* Starts "<NAME from='..' to='..'" with further attributes; `id`, `type` may be NULL. 0 or errno.
 */
int fg_stanza_open(struct fg_buf *out, const char *name, const struct fg_jid *from,
                   const struct fg_jid *to, const char *id, const char *type);
/* Appends "<NAME>escaped text</NAME>". */
int fg_stanza_child(struct fg_buf *out, const char *name, const char *text, size_t len);
/* Appends a complete <error/>; `text` and `alternate` (an address, for gone and redirect) may be
 * NULL. */
int fg_stanza_error(struct fg_buf *out, struct fg_condition c, const char *text, size_t text_len,
                    const char *alternate, size_t alternate_len);
/* Sends what stands in the buffer from one of our domains to a partner's; failures are only counted
 * by the stream: it is an answer, and nobody waits for its fate. */
void fg_bridge_answer(struct fg_bridge *b, const char *local, const char *remote,
                      const struct fg_buf *stanza);
/* Answers a stanza with an error, if it is one that may be answered. */
void fg_bridge_refuse(struct fg_bridge *b, const struct fg_stanza *s, struct fg_condition c,
                      const char *text);

/* ---- to_sip.c, query.c ---- */

void fg_bridge_message(struct fg_bridge *b, const struct fg_stanza *s);
void fg_bridge_targets_free(struct fg_bridge *b);
void fg_bridge_iq(struct fg_bridge *b, const struct fg_stanza *s);
void fg_bridge_presence(struct fg_bridge *b, const struct fg_stanza *s);

/* ---- to_xmpp.c ---- */

void fg_bridge_outgoing_free(struct fg_bridge *b);

/* ---- bridge.c ---- */

/* Asks the policy about a message between `inner` and `outer` (both with a local part). */
int fg_bridge_ask(struct fg_bridge *b, bool inbound, const struct fg_jid *inner,
                  const struct fg_jid *outer, struct fg_verdict *out);
/* An event about one message. `partner` is a domain. */
void fg_bridge_report(struct fg_bridge *b, enum fg_level level, const char *code,
                      const char *partner, const char *rule, enum fg_failure why, const char *fmt,
                      ...) __attribute__((format(printf, 7, 8)));
/* The text of a message, if the settings ask for it just now. */
void fg_bridge_log_body(struct fg_bridge *b, bool inbound, const char *partner, const char *text,
                        size_t len);

#endif
