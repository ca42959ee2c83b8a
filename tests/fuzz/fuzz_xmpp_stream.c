/* The stream parser with bytes from outside, cut at places the input chooses: no crash, no event
 * behind a fault, and everything that was not delivered is freed. The first byte is the size of the
 * pieces; the elements "starttls" and "auth" stop and restart, as in a stream. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/xmpp/features.h"
#include "gateway/xmpp/stream_parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct fg_parser *parser;
    struct fg_peer_view view;
    bool over;
};

static size_t walk(const struct fg_xml *x)
{
    size_t n = x->name ? strlen(x->name) + strlen(x->ns) : x->text_len;
    for (const struct fg_xml_attr *a = x->attrs; a; a = a->next)
        n += strlen(a->name) + strlen(a->value);
    for (const struct fg_xml *c = x->children; c; c = c->next) n += walk(c);
    return n;
}

static void on_header(void *arg, const struct fg_stream_header *h)
{
    struct run *r = arg;
    if (r->over || walk(h->root) + strlen(h->content_ns) > 1u << 30) abort();
}

static void on_element(void *arg, const struct fg_xml *x)
{
    struct run *r = arg;
    if (r->over || walk(x) > 1u << 30) abort();
    fg_features_read(x, &r->view);
    (void)fg_condition_read(x);
    (void)fg_xml_lang(x);
    if (strcmp(x->name, "starttls") == 0) fg_parser_stop(r->parser);
    if (strcmp(x->name, "auth") == 0) fg_parser_restart(r->parser);
}

static void on_footer(void *arg)
{
    struct run *r = arg;
    if (r->over) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct fg_parser_events events = {on_header, on_element, on_footer};
    struct fg_parser_limits limits = {.stanza = 10000, .depth = 16, .attributes = 16};
    struct run r = {0};
    if (size < 2 || fg_parser_new(&r.parser, &limits, &events, &r)) return 0;
    size_t step = data[0] ? data[0] : size;
    for (size_t at = 1; at < size && !r.over;) {
        size_t n = size - at < step ? size - at : step, used;
        if (step % 2) fg_parser_doze(r.parser);
        r.over = fg_parser_feed(r.parser, data + at, n, &used) != FG_COND_NONE;
        if (used > n || (used == 0 && !r.over)) abort();
        at += used;
    }
    fg_parser_free(r.parser);
    return 0;
}
