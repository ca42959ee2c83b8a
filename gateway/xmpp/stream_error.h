/* The conditions of RFC 6120 4.9.3, by which a stream is ended, as they are written and read. Every
 * stream error is final: error, end of stream, end of connection (4.9.1.1). Pure functions. */
#ifndef FG_STREAM_ERROR_H
#define FG_STREAM_ERROR_H

#include "gateway/xmpp/xml.h"

#define FG_CONDITIONS(X)                                                                           \
    X(BAD_FORMAT, "bad-format")                                                                    \
    X(BAD_NAMESPACE_PREFIX, "bad-namespace-prefix")                                                \
    X(CONFLICT, "conflict")                                                                        \
    X(CONNECTION_TIMEOUT, "connection-timeout")                                                    \
    X(HOST_GONE, "host-gone")                                                                      \
    X(HOST_UNKNOWN, "host-unknown")                                                                \
    X(IMPROPER_ADDRESSING, "improper-addressing")                                                  \
    X(INTERNAL_SERVER_ERROR, "internal-server-error")                                              \
    X(INVALID_FROM, "invalid-from")                                                                \
    X(INVALID_NAMESPACE, "invalid-namespace")                                                      \
    X(INVALID_XML, "invalid-xml")                                                                  \
    X(NOT_AUTHORIZED, "not-authorized")                                                            \
    X(NOT_WELL_FORMED, "not-well-formed")                                                          \
    X(POLICY_VIOLATION, "policy-violation")                                                        \
    X(REMOTE_CONNECTION_FAILED, "remote-connection-failed")                                        \
    X(RESET, "reset")                                                                              \
    X(RESOURCE_CONSTRAINT, "resource-constraint")                                                  \
    X(RESTRICTED_XML, "restricted-xml")                                                            \
    X(SEE_OTHER_HOST, "see-other-host")                                                            \
    X(SYSTEM_SHUTDOWN, "system-shutdown")                                                          \
    X(UNDEFINED_CONDITION, "undefined-condition")                                                  \
    X(UNSUPPORTED_ENCODING, "unsupported-encoding")                                                \
    X(UNSUPPORTED_FEATURE, "unsupported-feature")                                                  \
    X(UNSUPPORTED_STANZA_TYPE, "unsupported-stanza-type")                                          \
    X(UNSUPPORTED_VERSION, "unsupported-version")

enum fg_condition {
    FG_COND_NONE,
#define X(id, name) FG_COND_##id,
    FG_CONDITIONS(X)
#undef X
        FG_COND_COUNT
};

/* The element's name; "" for FG_COND_NONE. */
const char *fg_condition_name(enum fg_condition c);
/* Appends <stream:error/> and the end tag of the stream. `text` (may be NULL) is escaped;
 * `application` is a complete application-specific element or NULL. 0 or errno. */
int fg_condition_write(struct fg_buf *out, enum fg_condition c, const char *text,
                       const char *application);
/* The condition a peer's <stream:error/> names; FG_COND_UNDEFINED_CONDITION when it names none. */
enum fg_condition fg_condition_read(const struct fg_xml *error);

#endif
