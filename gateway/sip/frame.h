/* Where a message begins and ends: one careful look at the raw header, before any parser sees it.
 * Private to gateway/sip. Pure, no allocation.
 *
 * Stream framing and parser must never disagree about where a message ends, so a header with bare
 * CR, bare LF or NUL is no header, and Content-Length is read here, strictly. RFC 3261 7.5, 18.3.
 */
#ifndef FG_SIP_FRAME_H
#define FG_SIP_FRAME_H

#include "gateway/sip/text.h"

enum {
    FG_SIP_HEADER_MAX = 16 * 1024,
    FG_SIP_BODY_MAX = 64 * 1024,
    FG_SIP_LINES_MAX = 256,
};

static inline bool fg_sip_is_response(const char *head, size_t len)
{
    return len >= 8 && strncasecmp(head, "SIP/2.0 ", 8) == 0;
}

/* Header lines one after the other. `p` stands behind the start line. */
struct fg_sip_lines {
    const char *p, *end;
};
struct fg_sip_line {
    struct fg_sip_text name, value, whole; /* whole: with its CRLF */
};
/* The start line, without CRLF; an empty text when there is no complete one. */
struct fg_sip_text fg_sip_lines_begin(struct fg_sip_lines *it, const char *head, size_t len);
/* The next complete line; false at the empty line, the end, or a line without colon. */
bool fg_sip_lines_next(struct fg_sip_lines *it, struct fg_sip_line *out);

enum fg_sip_header {
    FG_SIP_VIA,
    FG_SIP_FROM,
    FG_SIP_TO,
    FG_SIP_CALL_ID,
    FG_SIP_CSEQ,
    FG_SIP_MAX_FORWARDS,
    FG_SIP_CONTENT_LENGTH,
    FG_SIP_CONTENT_TYPE,
    FG_SIP_HEADERS, /* and every other */
};
/* Long and compact forms, any case. */
enum fg_sip_header fg_sip_header_id(struct fg_sip_text name);

struct fg_sip_scan {
    unsigned count[FG_SIP_HEADERS];
    size_t content_length; /* when count[FG_SIP_CONTENT_LENGTH] == 1 */
    const char *fault;     /* static text; NULL: in order */
};
/* Looks at the complete header `head` (`len` bytes up to and including the empty line) and unfolds
 * it in place: the CRLF before a continuation becomes two blanks (RFC 3261 7.3.1). */
void fg_sip_scan(char *head, size_t len, struct fg_sip_scan *out);

enum fg_sip_frame_kind {
    FG_SIP_FRAME_MORE,    /* not complete yet; idle: nothing of a message has come */
    FG_SIP_FRAME_SKIP,    /* a CRLF between messages */
    FG_SIP_FRAME_PING,    /* CRLFCRLF: answer CRLF (RFC 5626 3.5.1) */
    FG_SIP_FRAME_MESSAGE, /* head and body */
    FG_SIP_FRAME_BAD,     /* the stream cannot go on; code says why, head bytes may be answered */
};
struct fg_sip_frame {
    enum fg_sip_frame_kind kind;
    bool idle;
    size_t head, body; /* bytes; for SKIP and PING head is what to consume */
    int code;          /* BAD: 400 or 513 */
    const char *fault;
    struct fg_sip_scan scan;
};

/* What is remembered between two looks at the same unfinished message. */
struct fg_sip_framer {
    size_t scanned; /* bytes known to hold no end of header */
    size_t head;    /* known length of the header, 0: not complete */
    struct fg_sip_scan scan;
};
/* Looks at the unread bytes of a stream. The caller consumes head + body after SKIP, PING and
 * MESSAGE; the framer is then ready for the next. */
void fg_sip_frame_next(struct fg_sip_framer *f, char *data, size_t len, struct fg_sip_frame *out);

#endif
