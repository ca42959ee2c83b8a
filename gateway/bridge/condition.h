/* The error tables between the two protocols (RFC 7247 section 7). Pure functions over const
 * tables. */
#ifndef FG_BRIDGE_CONDITION_H
#define FG_BRIDGE_CONDITION_H

#include "gateway/failure.h"

#include <stdbool.h>

/* A stanza error: defined condition and type (RFC 6120 8.3). Static strings. */
struct fg_condition {
    const char *name, *type;
};

/* What a final SIP status (300..699) means as a stanza error. 404 and 604 become
 * service-unavailable: a stranger is not told who exists (RFC 6121 8.5.1). */
struct fg_condition fg_condition_of_status(int status);
/* What a failure of ours on the way to the SIP side means. */
struct fg_condition fg_condition_of_sip_failure(enum fg_failure why);
/* The stanza error that describes why a stanza could not be sent to the partner. */
struct fg_condition fg_condition_of_xmpp_failure(enum fg_failure why);
/* SIP status for a stanza error; `full`: the addressee was a full JID. Unknown conditions are 400.
 * Never 401, 407, 408 or 503 (RFC 3261 22.2, RFC 4320 4.2). */
int fg_status_of_condition(const char *name, bool full);
/* SIP status for a stanza that could not be sent. */
int fg_status_of_failure(enum fg_failure why, bool full);

#endif
