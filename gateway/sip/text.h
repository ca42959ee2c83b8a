/* Small functions on views into a message: pieces of text that end nowhere but by their length.
 * Private to gateway/sip. Pure. */
#ifndef FG_SIP_TEXT_H
#define FG_SIP_TEXT_H

#include "gateway/sip/sip.h"

#include <string.h>
#include <strings.h>

/* Equal, case as given (methods, tags). */
static inline bool fg_sip_text_is(struct fg_sip_text t, const char *s)
{
    return t.len == strlen(s) && (t.len == 0 || memcmp(t.p, s, t.len) == 0);
}

/* Equal but for ASCII case (header names, URI schemes). */
static inline bool fg_sip_text_like(struct fg_sip_text t, const char *s)
{
    return t.len == strlen(s) && (t.len == 0 || strncasecmp(t.p, s, t.len) == 0);
}

static inline bool fg_sip_is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* Without blanks and line ends at both ends. */
static inline struct fg_sip_text fg_sip_text_trim(struct fg_sip_text t)
{
    while (t.len && (fg_sip_is_space(t.p[0]) || t.p[0] == '\r' || t.p[0] == '\n')) t.p++, t.len--;
    while (t.len &&
           (fg_sip_is_space(t.p[t.len - 1]) || t.p[t.len - 1] == '\r' || t.p[t.len - 1] == '\n'))
        t.len--;
    return t;
}

/* Decimal digits only, at most `max`. 0 or EBADMSG. */
int fg_sip_text_number(struct fg_sip_text t, uint64_t max, uint64_t *out);

#endif
