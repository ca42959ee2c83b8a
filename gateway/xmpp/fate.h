/* What a configuration means for a stream that lives: it stays, it has to be set up again, or it
 * closes. The same judgement serves the commit that is only checked (fg_s2s_impact) and the one
 * that is activated (fg_s2s_activate), so that what was foretold is what happens. */
#ifndef FG_XMPP_FATE_H
#define FG_XMPP_FATE_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/snapshot.h"

enum fg_fate { FG_FATE_STAY, FG_FATE_RENEGOTIATE, FG_FATE_CLOSE };

/* Why. The names are stable; scripts and the panel rely on them.
 *
 *   closes
 *     federation_off      the global switch is off
 *     partner_removed     the partner, or this one of its domains, is listed no more
 *     partner_suspended   its state is suspended
 *     partner_expired     its valid_until has passed
 *     partner_draining    its state is draining, and the stream was still being set up
 *     own_domain_removed  our own domain of the stream is no more
 *   is set up again
 *     tls_required        the stream is not encrypted
 *     tls_forbidden       the stream is encrypted, and the partner has TLS not supported
 *     sasl_required       the stream rests on dialback
 *     sasl_forbidden      the stream rests on a certificate
 *     dialback_off        the stream rests on dialback
 *     method_not_allowed  any other reason for which its method is allowed no more
 *     domain_moved        the domain belongs to another partner, whose terms do not allow it
 *     terms_changed       it was still being set up by the old terms */
enum fg_because {
    FG_BECAUSE_NOTHING,
    FG_BECAUSE_FEDERATION_OFF,
    FG_BECAUSE_PARTNER_REMOVED,
    FG_BECAUSE_PARTNER_SUSPENDED,
    FG_BECAUSE_PARTNER_EXPIRED,
    FG_BECAUSE_PARTNER_DRAINING,
    FG_BECAUSE_OWN_DOMAIN_REMOVED,
    FG_BECAUSE_TLS_REQUIRED,
    FG_BECAUSE_TLS_FORBIDDEN,
    FG_BECAUSE_SASL_REQUIRED,
    FG_BECAUSE_SASL_FORBIDDEN,
    FG_BECAUSE_DIALBACK_OFF,
    FG_BECAUSE_METHOD_NOT_ALLOWED,
    FG_BECAUSE_DOMAIN_MOVED,
    FG_BECAUSE_TERMS_CHANGED,
};
/* NULL for FG_BECAUSE_NOTHING. Static. Any thread. */
const char *fg_because_name(enum fg_because b);

struct fg_judgement {
    enum fg_fate fate;
    enum fg_because because;
};

/* The partner of a domain if it may have streams in `s` at this time, else NULL and why not. A
 * draining one may: what it must not have is told where something new would begin. `s` may be NULL;
 * `why` too. Any thread. */
const struct fg_partner *fg_fate_partner(const struct fg_snapshot *s, const char *domain,
                                         int64_t wall_ms, enum fg_because *why);
/* Why a method is no longer allowed by these terms; FG_BECAUSE_NOTHING when it is. Any thread. */
enum fg_because fg_fate_method(const struct fg_terms *t, enum fg_method m);

#endif
