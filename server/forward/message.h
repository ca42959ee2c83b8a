/* One row of the audit as a message of RFC 5424: facility 13 (log audit), severity by outcome, the
 * action as MSGID, what identifies the row as structured data, a sentence for people behind it. */
#ifndef FG_FORWARD_MESSAGE_H
#define FG_FORWARD_MESSAGE_H

#include "gateway/base/buf.h"
#include "server/store/audit.h"

enum { FG_SYSLOG_HOST_MAX = 256 };

/* Who speaks: the header's HOSTNAME ("-" when the machine has no fit name) and PROCID. */
struct fg_syslog_origin {
    char host[FG_SYSLOG_HOST_MAX];
    long pid;
};
void fg_syslog_origin(struct fg_syslog_origin *out);

/* The least that any limit may be: header and structured data always fit. */
enum { FG_SYSLOG_LEAST = 2048 };

/* Appends the message, at most `limit` bytes (FG_SYSLOG_LEAST or more). Long values and the text
 * are cut and end with an ellipsis; before and after, as JSON, are there only when each fits as a
 * whole. Control characters become #ooo (octal), what is no UTF-8 or could turn text around U+FFFD,
 * so that a message is one line wherever it is stored. Thread-safe. 0 or the errno of the buffer.
 */
int fg_syslog_format(struct fg_buf *out, const struct fg_syslog_origin *origin,
                     const struct fg_audit_entry *e, size_t limit);

#endif
