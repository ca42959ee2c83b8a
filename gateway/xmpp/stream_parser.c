/* See stream_parser.h.
 *
 * Input is fed in slices, because expat keeps a buffer of twice what it once was given, for ever.
 * After every event expat is suspended and the handler runs outside of it; where an element ended
 * is known to the byte, so that nothing behind a STARTTLS or SASL element is taken. Open elements
 * are chained to their parents through `next`, which turns into the link to the sibling at the end
 * tag. */
#include "gateway/xmpp/stream_parser.h"

#include <errno.h>
#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/xmpp/ns.h"

enum {
    SLICE = 2048,
    FAT = 16 * 1024,  /* after a longer stanza the parser is replaced by a slim one */
    TAG = 16 * 1024,  /* a longer tag, comment or the like need not be taken */
    ARENA_FACTOR = 8, /* a tree may take so many times the bytes of its text */
    ARENA_BASE = 64 * 1024,
    NAMESPACES_MAX = 1024, /* bytes of namespace declarations in a header, as text */
};

/* Between namespace, name and prefix in expat's names; no XML text can contain it. */
static const char SEPARATOR = '\x1f';

enum event { EV_NONE, EV_HEADER, EV_ELEMENT, EV_FOOTER };

struct fg_parser {
    XML_Parser expat;
    const struct fg_parser_events *events;
    void *arg;
    struct fg_parser_limits limits;
    struct fg_arena arena;
    struct fg_buf text;         /* character data not yet in the tree */
    struct fg_buf declarations; /* xmlns of the header, to repeat it to a slim parser */
    struct fg_xml *open;        /* innermost open element; parents through next */
    struct fg_xml *ready;       /* complete, to be delivered */
    uint64_t fed, boundary; /* offsets in this document: given to expat; end of the last event */
    unsigned depth;         /* open elements, the stream's own counted */
    enum event event;
    enum fg_condition fault;
    bool restart, stop, too_big, fat, replay, dialback, skip_space, asleep;
    char *content_ns;
    char *root; /* name of the root element as written, for its end tag */
};

static void fail(struct fg_parser *p, enum fg_condition c)
{
    if (!p->fault) p->fault = c;
    XML_StopParser(p->expat, XML_FALSE);
}

static uint64_t position(const struct fg_parser *p)
{
    return (uint64_t)XML_GetCurrentByteIndex(p->expat) +
           (uint64_t)XML_GetCurrentByteCount(p->expat);
}

static void raise_event(struct fg_parser *p, enum event e)
{
    p->boundary = position(p);
    p->event = e;
    XML_StopParser(p->expat, XML_TRUE);
}

/* ---- building the tree ---- */

static int flush_text(struct fg_parser *p)
{
    size_t len = fg_buf_len(&p->text);
    if (len == 0) return 0;
    struct fg_xml *t = fg_arena_zalloc(&p->arena, sizeof *t);
    char *copy = t ? fg_arena_strndup(&p->arena, (const char *)fg_buf_data(&p->text), len) : NULL;
    if (!copy) return ENOMEM;
    t->text = copy;
    t->text_len = len;
    if (p->open->last)
        p->open->last->next = t;
    else
        p->open->children = t;
    p->open->last = t;
    fg_buf_reset(&p->text);
    return 0;
}

/* Takes expat's "namespace SEP name SEP prefix" apart, in place. */
static void split_name(char *triplet, const char **ns, const char **name, const char **prefix)
{
    *ns = *prefix = "";
    *name = triplet;
    char *sep = strchr(triplet, SEPARATOR);
    if (!sep) return;
    *sep = '\0';
    *ns = triplet;
    *name = sep + 1;
    sep = strchr(sep + 1, SEPARATOR);
    if (!sep) return;
    *sep = '\0';
    *prefix = sep + 1;
}

static int add_attributes(struct fg_parser *p, struct fg_xml *x, const char **atts)
{
    unsigned count = 0;
    struct fg_xml_attr **to = &x->attrs;
    for (; atts[0]; atts += 2) {
        if (++count > p->limits.attributes) return E2BIG;
        size_t name_len = strlen(atts[0]) + 1, value_len = strlen(atts[1]) + 1;
        struct fg_xml_attr *a = fg_arena_alloc(&p->arena, sizeof *a + name_len + value_len);
        if (!a) return ENOMEM;
        char *name = (char *)(a + 1);
        memcpy(name, atts[0], name_len);
        memcpy(name + name_len, atts[1], value_len);
        const char *prefix;
        split_name(name, &a->ns, &a->name, &prefix);
        a->value = name + name_len;
        a->next = NULL;
        *to = a;
        to = &a->next;
    }
    return 0;
}

static struct fg_xml *make_element(struct fg_parser *p, const char *triplet, const char **atts,
                                   const char **prefix)
{
    size_t len = strlen(triplet) + 1;
    struct fg_xml *x = fg_arena_alloc(&p->arena, sizeof *x + len);
    if (!x) return NULL;
    memset(x, 0, sizeof *x);
    char *name = (char *)(x + 1);
    memcpy(name, triplet, len);
    split_name(name, &x->ns, &x->name, prefix);
    return add_attributes(p, x, atts) ? NULL : x;
}

/* ---- expat's callbacks ---- */

static void XMLCALL on_start(void *arg, const XML_Char *name, const XML_Char **atts)
{
    struct fg_parser *p = arg;
    if (p->fault) return;
    p->depth++;
    if (p->replay) return;
    if (p->depth > p->limits.depth + 1 || (p->open && flush_text(p))) {
        fail(p, FG_COND_POLICY_VIOLATION);
        return;
    }
    const char *prefix;
    struct fg_xml *x = make_element(p, name, atts, &prefix);
    if (!x) {
        fail(p, FG_COND_POLICY_VIOLATION);
        return;
    }
    if (p->depth == 1) {
        if (asprintf(&p->root, "%s%s%s", prefix, *prefix ? ":" : "", x->name) < 0) p->root = NULL;
        if (!p->root) {
            fail(p, FG_COND_RESOURCE_CONSTRAINT);
            return;
        }
        p->ready = x;
        raise_event(p, EV_HEADER);
        return;
    }
    /* RFC 6120 4.8.5: the content namespace stands without prefix. */
    if (p->depth == 2 && *prefix && strcmp(x->ns, FG_NS_SERVER) == 0) {
        fail(p, FG_COND_BAD_NAMESPACE_PREFIX);
        return;
    }
    x->next = p->open;
    p->open = x;
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
    struct fg_parser *p = arg;
    (void)name;
    if (p->fault) return;
    p->depth--;
    if (p->depth == 0) {
        raise_event(p, EV_FOOTER);
        return;
    }
    if (flush_text(p)) {
        fail(p, FG_COND_POLICY_VIOLATION);
        return;
    }
    struct fg_xml *x = p->open, *parent = x->next;
    x->next = NULL;
    p->open = parent;
    if (!parent) {
        p->ready = x;
        raise_event(p, EV_ELEMENT);
        return;
    }
    if (parent->last)
        parent->last->next = x;
    else
        parent->children = x;
    parent->last = x;
}

static void XMLCALL on_text(void *arg, const XML_Char *s, int len)
{
    struct fg_parser *p = arg;
    if (p->fault || p->replay) return;
    if (p->depth > 1) {
        if (fg_buf_add(&p->text, s, (size_t)len)) fail(p, FG_COND_POLICY_VIOLATION);
        return;
    }
    for (int i = 0; i < len; i++)
        if (!strchr(" \t\r\n", s[i])) {
            fail(p, FG_COND_BAD_FORMAT);
            return;
        }
    p->boundary = position(p); /* keep-alive, no part of any stanza */
}

static void XMLCALL on_namespace(void *arg, const XML_Char *prefix, const XML_Char *uri)
{
    struct fg_parser *p = arg;
    if (p->depth > 0 || p->replay || p->fault) return;
    if (!uri) uri = "";
    if (strcmp(uri, FG_NS_DIALBACK) == 0) p->dialback = true;
    if (!prefix && !p->content_ns) p->content_ns = strdup(uri);
    int err =
        fg_buf_addf(&p->declarations, " xmlns%s%s='", prefix ? ":" : "", prefix ? prefix : "");
    if (!err) err = fg_xml_escape(&p->declarations, uri, strlen(uri));
    if (!err) err = fg_buf_adds(&p->declarations, "'");
    if (err) fail(p, FG_COND_POLICY_VIOLATION);
}

static void XMLCALL on_declaration(void *arg, const XML_Char *version, const XML_Char *encoding,
                                   int s)
{
    (void)version;
    (void)s;
    if (encoding && strcasecmp(encoding, "UTF-8") != 0) fail(arg, FG_COND_UNSUPPORTED_ENCODING);
}

static void XMLCALL on_doctype(void *arg, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    fail(arg, FG_COND_RESTRICTED_XML);
}

static void XMLCALL on_instruction(void *arg, const XML_Char *target, const XML_Char *data)
{
    (void)target;
    (void)data;
    fail(arg, FG_COND_RESTRICTED_XML);
}

static void XMLCALL on_comment(void *arg, const XML_Char *data)
{
    (void)data;
    fail(arg, FG_COND_RESTRICTED_XML);
}

/* ---- life of the expat parser ---- */

static XML_Parser make_expat(struct fg_parser *p)
{
    XML_Parser x = XML_ParserCreateNS("UTF-8", SEPARATOR);
    if (!x) return NULL;
    XML_SetUserData(x, p);
    XML_SetReturnNSTriplet(x, 1);
    XML_SetElementHandler(x, on_start, on_end);
    XML_SetCharacterDataHandler(x, on_text);
    XML_SetStartNamespaceDeclHandler(x, on_namespace);
    XML_SetXmlDeclHandler(x, on_declaration);
    XML_SetStartDoctypeDeclHandler(x, on_doctype);
    XML_SetProcessingInstructionHandler(x, on_instruction);
    XML_SetCommentHandler(x, on_comment);
    /* Otherwise a stanza that came in pieces would wait for the bytes of the next one. */
    XML_SetReparseDeferralEnabled(x, XML_FALSE);
    return x;
}

static void forget_document(struct fg_parser *p)
{
    if (p->expat) XML_ParserFree(p->expat);
    p->expat = NULL;
    p->open = p->ready = NULL;
    p->fed = p->boundary = 0;
    p->depth = 0;
    p->event = EV_NONE;
    p->restart = p->fat = p->asleep = false;
    fg_arena_free(&p->arena);
    fg_buf_free(&p->text);
}

static int new_document(struct fg_parser *p)
{
    forget_document(p);
    fg_buf_free(&p->declarations);
    free(p->content_ns);
    free(p->root);
    p->content_ns = p->root = NULL;
    p->dialback = false;
    p->skip_space = true;
    p->expat = make_expat(p);
    return p->expat ? 0 : ENOMEM;
}

/* Between stanzas: a new parser that is told the header again, in place of one that has grown. */
static int slim_down(struct fg_parser *p)
{
    forget_document(p);
    p->expat = make_expat(p);
    if (!p->expat) return ENOMEM;
    struct fg_buf header;
    fg_buf_init(&header, NAMESPACES_MAX + strlen(p->root) + 64);
    int err = fg_buf_addf(&header, "<%s", p->root);
    if (!err)
        err = fg_buf_add(&header, fg_buf_data(&p->declarations), fg_buf_len(&p->declarations));
    if (!err) err = fg_buf_adds(&header, ">");
    size_t len = fg_buf_len(&header);
    p->replay = true;
    if (!err &&
        XML_Parse(p->expat, (const char *)fg_buf_data(&header), (int)len, 0) != XML_STATUS_OK)
        err = EINVAL;
    p->replay = false;
    p->fed = p->boundary = len;
    fg_buf_free(&header);
    return err;
}

void fg_parser_set_limits(struct fg_parser *p, const struct fg_parser_limits *limits)
{
    p->limits = *limits;
    p->arena.max = limits->stanza * ARENA_FACTOR + ARENA_BASE;
    p->text.max = limits->stanza;
}

int fg_parser_new(struct fg_parser **out, const struct fg_parser_limits *limits,
                  const struct fg_parser_events *events, void *arg)
{
    if (!out || !limits || !events) return EINVAL;
    struct fg_parser *p = calloc(1, sizeof *p);
    if (!p) return ENOMEM;
    p->events = events;
    p->arg = arg;
    fg_arena_init(&p->arena, 0);
    fg_buf_init(&p->text, 0);
    fg_buf_init(&p->declarations, NAMESPACES_MAX);
    fg_parser_set_limits(p, limits);
    int err = new_document(p);
    if (err) {
        fg_parser_free(p);
        return err;
    }
    *out = p;
    return 0;
}

void fg_parser_free(struct fg_parser *p)
{
    if (!p) return;
    forget_document(p);
    fg_buf_free(&p->declarations);
    free(p->content_ns);
    free(p->root);
    free(p);
}

/* ---- feeding ---- */

static enum fg_condition condition_of(enum XML_Error e)
{
    switch (e) {
    case XML_ERROR_UNDEFINED_ENTITY:
    case XML_ERROR_ENTITY_DECLARED_IN_PE:
    case XML_ERROR_RECURSIVE_ENTITY_REF:
        return FG_COND_RESTRICTED_XML;
    case XML_ERROR_UNKNOWN_ENCODING:
    case XML_ERROR_INCORRECT_ENCODING:
        return FG_COND_UNSUPPORTED_ENCODING;
    case XML_ERROR_NO_MEMORY:
        return FG_COND_RESOURCE_CONSTRAINT;
    default:
        return FG_COND_NOT_WELL_FORMED;
    }
}

static void deliver(struct fg_parser *p)
{
    enum event e = p->event;
    p->event = EV_NONE;
    if (e == EV_HEADER) {
        struct fg_stream_header h = {
            .root = p->ready,
            .content_ns = p->content_ns ? p->content_ns : "",
            .dialback = p->dialback,
        };
        p->events->header(p->arg, &h);
    } else if (e == EV_ELEMENT) {
        p->events->element(p->arg, p->ready);
    } else if (e == EV_FOOTER) {
        p->events->footer(p->arg);
    }
    p->ready = NULL;
    fg_arena_reset(&p->arena);
}

static void parse(struct fg_parser *p, const char *data, size_t len)
{
    enum XML_Status st = XML_Parse(p->expat, data, (int)len, 0);
    while (st == XML_STATUS_SUSPENDED) {
        deliver(p);
        if (p->restart || p->stop) return;
        st = XML_ResumeParser(p->expat);
    }
    if (st != XML_STATUS_OK && !p->fault) p->fault = condition_of(XML_GetErrorCode(p->expat));
}

/* White space between documents (a line end behind </auth>) must not stand before the XML
 * declaration of the next one. */
static size_t leading_space(struct fg_parser *p, const char *data, size_t len)
{
    size_t n = 0;
    while (n < len && data[n] && strchr(" \t\r\n", data[n])) n++;
    if (n < len) p->skip_space = false;
    return n;
}

static bool utf16(const unsigned char *data, size_t len)
{
    return len >= 2 &&
           ((data[0] == 0xff && data[1] == 0xfe) || (data[0] == 0xfe && data[1] == 0xff));
}

static bool between_stanzas(const struct fg_parser *p)
{
    return !p->open && !p->fault && p->depth == 1 && p->boundary == p->fed;
}

static void idle(struct fg_parser *p)
{
    if (!between_stanzas(p)) return;
    fg_arena_free(&p->arena);
    fg_buf_free(&p->text);
    if (p->fat && slim_down(p)) p->fault = FG_COND_RESOURCE_CONSTRAINT;
}

/* Expat reads an unfinished tag again from its beginning whenever more bytes come: a long one in
 * small pieces would cost the square of its length. Text comes out as it goes in. */
static bool endless_tag(const struct fg_parser *p)
{
    XML_Index at = XML_GetCurrentByteIndex(p->expat);
    return at >= 0 && p->fed > (uint64_t)at && p->fed - (uint64_t)at > TAG;
}

/* One slice; how many bytes of it were taken. */
static size_t feed_slice(struct fg_parser *p, const char *data, size_t len)
{
    size_t room = p->limits.stanza - (size_t)(p->fed - p->boundary);
    if (p->fed - p->boundary >= p->limits.stanza) {
        p->too_big = true;
        p->fault = FG_COND_POLICY_VIOLATION;
        return 0;
    }
    if (len > room) len = room;
    if (len > SLICE) len = SLICE;
    uint64_t before = p->fed;
    p->fed += len;
    parse(p, data, len);
    if (p->fed - p->boundary > FAT) p->fat = true;
    if (!p->restart && !p->stop && !p->fault && endless_tag(p)) {
        p->too_big = true;
        p->fault = FG_COND_POLICY_VIOLATION;
    }
    /* A handler ended the document: the rest of the slice belongs to what comes next. */
    return p->restart || p->stop ? (size_t)(p->boundary - before) : len;
}

enum fg_condition fg_parser_feed(struct fg_parser *p, const void *data, size_t len, size_t *used)
{
    const char *at = data;
    size_t done = 0;
    p->stop = false;
    if (p->asleep && !p->restart && slim_down(p)) p->fault = FG_COND_RESOURCE_CONSTRAINT;
    while (done < len && !p->fault && !p->stop) {
        if (p->restart && new_document(p)) p->fault = FG_COND_RESOURCE_CONSTRAINT;
        if (p->fault) break;
        if (p->skip_space) {
            done += leading_space(p, at + done, len - done);
            if (done == len) break;
            if (utf16((const unsigned char *)at + done, len - done))
                p->fault = FG_COND_UNSUPPORTED_ENCODING;
            if (p->fault) break;
        }
        done += feed_slice(p, at + done, len - done);
    }
    if (!p->restart && !p->stop) idle(p);
    if (p->stop) p->restart = true;
    *used = done;
    return p->fault;
}

bool fg_parser_too_big(const struct fg_parser *p)
{
    return p->too_big;
}

void fg_parser_restart(struct fg_parser *p)
{
    p->restart = true;
}

void fg_parser_stop(struct fg_parser *p)
{
    p->stop = true;
}

void fg_parser_doze(struct fg_parser *p)
{
    if (p->restart || p->stop || !p->expat || !between_stanzas(p)) return;
    forget_document(p);
    p->asleep = true;
}

bool fg_parser_asleep(const struct fg_parser *p)
{
    return p->asleep;
}

struct fg_arena *fg_parser_arena(struct fg_parser *p)
{
    return &p->arena;
}
