/* Thread of a conversation (XEP-0201) to SIP Call-ID and back, RFC 7572 section 4. Stateless: what
 * is no Call-ID by itself is written percent-encoded behind a prefix. */
#ifndef FG_BRIDGE_THREAD_H
#define FG_BRIDGE_THREAD_H

#include "gateway/base/buf.h"

#include <stddef.h>

/* Appends the Call-ID for a thread. 0; EINVAL when there is none (empty or too long): use a fresh
 * one. */
int fg_thread_to_call_id(struct fg_buf *out, const char *thread, size_t len);
/* Appends the thread for a Call-ID. 0 or errno. */
int fg_call_id_to_thread(struct fg_buf *out, const char *call_id, size_t len);

#endif
