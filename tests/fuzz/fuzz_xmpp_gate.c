/* The gate with stanzas of an authenticated but hostile partner: whatever passes comes from the
 * proved domain and goes to the proved one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/xmpp/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_header(void *arg, const struct fg_stream_header *h)
{
    (void)arg;
    (void)h;
}

static void on_element(void *arg, const struct fg_xml *x)
{
    struct fg_in *in = arg;
    struct fg_stanza z;
    struct fg_pair *pair = NULL;
    if (fg_gate(in, x, &z, &pair)) return;
    if (!pair || strcmp(z.from.domain, "b.example") != 0 || strcmp(z.to.domain, "a.example") != 0)
        abort();
    if (!z.type || !z.lang || z.xml != x) abort();
}

static void on_footer(void *arg)
{
    (void)arg;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct fg_parser_events events = {on_header, on_element, on_footer};
    static const char head[] = "<stream:stream xmlns='jabber:server' "
                               "xmlns:stream='http://etherx.jabber.org/streams'>";
    struct fg_parser_limits limits = {.stanza = 10000, .depth = 16, .attributes = 16};
    struct fg_s2s s = {.snapshot = NULL};
    struct fg_peer peer = {.users = 1};
    struct fg_in in = {.st = {.s = &s}};
    size_t used;
    fg_list_init(&in.pairs);
    if (fg_parser_new(&in.st.parser, &limits, &events, &in)) return 0;
    struct fg_pair *p =
        fg_in_add_pair(&in, "a.example", "b.example", &peer, FG_PAIR_PROVED, FG_SASL_TLS);
    if (p && !fg_parser_feed(in.st.parser, head, sizeof head - 1, &used))
        (void)fg_parser_feed(in.st.parser, data, size, &used);
    if (p) fg_in_drop_pair(&in, p);
    fg_parser_free(in.st.parser);
    return 0;
}
