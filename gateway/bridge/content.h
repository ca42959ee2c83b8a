/* Bodies of SIP messages as plain UTF-8 text with LF line ends, and back. */
#ifndef FG_BRIDGE_CONTENT_H
#define FG_BRIDGE_CONTENT_H

#include "gateway/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* What we take; the value of the Accept header of a 415. */
#define FG_CONTENT_ACCEPTED "text/plain, text/html, message/cpim"

/* What a wrapper (CPIM, RFC 3862) says of its content; views into the body. */
struct fg_wrapper {
    const char *from; /* URI, or NULL when the wrapper names none */
    size_t from_len;
    const char *subject;
    size_t subject_len;
};

/* Appends the text of a body of this Content-Type (header value, may be empty: text/plain). A CPIM
 * wrapper is opened, and described in `wrapper` when it is one. 0; ENOTSUP: a type or charset we do
 * not take (415); EINVAL: the wrapper is malformed (400); ENOBUFS or ENOMEM. */
int fg_content_text(struct fg_buf *out, const char *type, size_t type_len, const char *body,
                    size_t body_len, struct fg_wrapper *wrapper);
/* Appends text with every line end as CRLF, as text/plain wants it. */
int fg_content_crlf(struct fg_buf *out, const char *text, size_t len);
/* Appends text as the value of a header: line ends and control characters become spaces, spaces
 * around are dropped, cut at `max` bytes between characters. */
int fg_content_line(struct fg_buf *out, const char *text, size_t len, size_t max);

/* html.c: appends the text an HTML fragment shows. Scripts, styles and comments show nothing. */
int fg_html_text(struct fg_buf *out, const char *html, size_t len);
/* cpim.c: opens a wrapper: where its content is and of which type. 0 or EINVAL (malformed), ENOTSUP
 * (it requires something unknown). */
struct fg_cpim {
    struct fg_wrapper wrapper;
    const char *type, *content;
    size_t type_len, content_len;
};
int fg_cpim_open(struct fg_cpim *out, const char *body, size_t len);

#endif
