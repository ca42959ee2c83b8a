/* Which ways of authenticating result from a partner's three settings, what we offer on the wire
 * because of them, and which way is tried next. Pure functions over one 18-row table; used by the
 * streams, by validation and by the panel's live preview, so that all three say the same.
 *
 * Thread-safe: nothing here keeps state. Strings returned are static. */
#ifndef FG_NEGOTIATION_H
#define FG_NEGOTIATION_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/failure.h"

enum fg_need { FG_REQUIRED, FG_OPTIONAL, FG_NOT_SUPPORTED };
enum { FG_NEEDS = 3 };

/* From nothing to strongest to weakest; printed as sasl_tls, dialback_tls, dialback_tcp. */
enum fg_method { FG_METHOD_NONE, FG_SASL_TLS, FG_DIALBACK_TLS, FG_DIALBACK_TCP };

enum { FG_TERMS_METHODS = 3, FG_TERMS_WARNINGS = 3 };

/* A stable code and a sentence with cause and remedy. */
struct fg_note {
    const char *code, *message;
};

/* What one combination of settings means. */
struct fg_terms {
    enum fg_need tls, sasl;
    bool dialback;
    int row;                                  /* 1..18, in the order of the documented matrix */
    enum fg_method methods[FG_TERMS_METHODS]; /* strongest first */
    size_t n_methods;                         /* 0 exactly when !valid */
    bool valid;
    struct fg_note problem; /* code NULL when valid */
    struct fg_note warnings[FG_TERMS_WARNINGS];
    size_t n_warnings;
    struct fg_note remark; /* worth knowing, but no warning; code NULL when there is none */
};

/* What the receiving side advertises. */
struct fg_offer {
    bool starttls, starttls_required, dialback, external;
    bool close; /* nothing left to offer: stream error policy-violation at once (RFC 6120 6.4.5) */
};

struct fg_terms fg_negotiation(enum fg_need tls, enum fg_need sasl, bool dialback);
bool fg_method_allowed(const struct fg_terms *t, enum fg_method m);

/* Features before TLS. */
struct fg_offer fg_offer_clear(const struct fg_terms *t);
/* Features inside TLS; `certificate_ok`: the peer's certificate is valid and names its domain. */
struct fg_offer fg_offer_tls(const struct fg_terms *t, bool certificate_ok);

/* What the initiating side knows when it asks what to do next. */
struct fg_peer_view {
    bool tls;            /* TLS is up on this connection */
    bool certificate_ok; /* the peer's certificate is valid and names the partner's domain */
    bool starttls_offered, starttls_required;
    bool starttls_tried; /* we sent <starttls/> on this connection */
    bool external_offered, external_failed;
    bool dialback_offered; /* the feature, or xmlns:db in the header */
    bool dialback_failed;
};

enum fg_step { FG_STEP_STARTTLS, FG_STEP_EXTERNAL, FG_STEP_DIALBACK, FG_STEP_GIVE_UP };

/* The next step, strongest first; with FG_STEP_GIVE_UP `*why` says why (otherwise untouched). */
enum fg_step fg_next_step(const struct fg_terms *t, const struct fg_peer_view *p,
                          enum fg_failure *why);

/* Names as in the REST interface; parse functions return 0 or EINVAL. */
const char *fg_need_name(enum fg_need n);
int fg_need_parse(const char *name, enum fg_need *out);
const char *fg_method_name(enum fg_method m);

#endif
