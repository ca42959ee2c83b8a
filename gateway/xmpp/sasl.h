/* SASL EXTERNAL between servers (RFC 6120 6, XEP-0178 3): judging what an initiating server sends
 * and making what we send. Pure functions. */
#ifndef FG_XMPP_SASL_H
#define FG_XMPP_SASL_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/buf.h"

/* Outcome of a client response; everything but OK and NONE is named as its <failure/> condition. */
enum fg_sasl {
    FG_SASL_OK,
    FG_SASL_NONE, /* no initial response: ask with an empty challenge */
    FG_SASL_INVALID_AUTHZID,
    FG_SASL_INCORRECT_ENCODING,
    FG_SASL_INVALID_MECHANISM,
    FG_SASL_MALFORMED_REQUEST,
    FG_SASL_NOT_AUTHORIZED,
    FG_SASL_ENCRYPTION_REQUIRED,
    FG_SASL_ABORTED,
    FG_SASL_TEMPORARY_AUTH_FAILURE,
};

/* Judges the text of <auth/> or <response/>: "=" or base64 of an authorization identity equal to
 * `from` (a prepared domain). `initial`: an empty text means that the response is absent (6.3.10);
 * in a <response/> it is an empty identity. */
enum fg_sasl fg_sasl_response(const char *text, size_t len, const char *from, bool initial);
/* The condition's element name. */
const char *fg_sasl_name(enum fg_sasl s);
/* Appends <failure/>. 0 or errno. */
int fg_sasl_failure(struct fg_buf *out, enum fg_sasl s);
/* Appends <auth/> with the identity `from` (wire form of our domain). 0 or errno. */
int fg_sasl_auth(struct fg_buf *out, const char *from);

#endif
