/* The border behind which XML from outside is data: an incremental parser for one direction of a
 * stream, with budgets for bytes per stanza, depth and attributes that hold while parsing, and
 * without all that RFC 6120 11.1 restricts (DTD, processing instructions, comments, entities).
 *
 *   feed ──> header ──> element, element, ... ──> footer
 *               └── restart: the next byte begins a new document, with a new parser
 *
 * Only first-level children are built as trees, in an arena that is reset after each. Events are
 * raised outside of the XML library's callbacks, so a handler may end or restart the stream. Idle
 * parsers own no arena. Not thread-safe. */
#ifndef FG_STREAM_PARSER_H
#define FG_STREAM_PARSER_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/arena.h"
#include "gateway/xmpp/stream_error.h"
#include "gateway/xmpp/xml.h"

struct fg_parser;

struct fg_parser_limits {
    size_t stanza;       /* bytes of one first-level element, or of the header */
    unsigned depth;      /* nested elements, the first-level one being 1 */
    unsigned attributes; /* of one element */
};

struct fg_stream_header {
    const struct fg_xml *root; /* its attributes; no children yet */
    const char *content_ns;    /* default namespace, "" when none was declared */
    bool dialback;             /* xmlns:db was declared (XEP-0220 2.4.1) */
};

/* Trees and strings live until the handler returns. */
struct fg_parser_events {
    void (*header)(void *arg, const struct fg_stream_header *h);
    void (*element)(void *arg, const struct fg_xml *x);
    void (*footer)(void *arg);
};

/* `events` must outlive the parser. 0 or ENOMEM. */
int fg_parser_new(struct fg_parser **out, const struct fg_parser_limits *limits,
                  const struct fg_parser_events *events, void *arg);
void fg_parser_free(struct fg_parser *p);
/* From the next byte on. */
void fg_parser_set_limits(struct fg_parser *p, const struct fg_parser_limits *limits);

/* Parses; `*used` bytes were taken, which is all of them unless a handler called fg_parser_stop or
 * there is a fault. FG_COND_NONE, or the condition to end the stream with; nothing may be fed after
 * that. */
enum fg_condition fg_parser_feed(struct fg_parser *p, const void *data, size_t len, size_t *used);
/* Was the fault an element beyond the budget? */
bool fg_parser_too_big(const struct fg_parser *p);

/* The next byte begins a new document; may be called from a handler or between feeds. */
void fg_parser_restart(struct fg_parser *p);
/* From a handler: feed returns at once and leaves what follows the element; the next feed begins a
 * new document. */
void fg_parser_stop(struct fg_parser *p);

/* Between stanzas: gives up nearly all memory until the next byte comes. Does nothing elsewhere. */
void fg_parser_doze(struct fg_parser *p);
bool fg_parser_asleep(const struct fg_parser *p);

/* For what an element's handler needs meanwhile. */
struct fg_arena *fg_parser_arena(struct fg_parser *p);
/* xml:lang of an element, or NULL. */
const char *fg_xml_lang(const struct fg_xml *x);

#endif
