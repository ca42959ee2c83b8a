/* SIP input as a front end, or a stranger, may send it: as a stream, cut into messages, and as one
 * datagram; through decoding, checks, transactions and refusals. */
#include "gateway/sip/stack.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fg_sip *stack;

/* Views must lie inside the message that was given. */
static void touch(struct fg_sip_text t)
{
    volatile char sum = 0;
    for (size_t i = 0; i < t.len; i++) sum = (char)(sum + t.p[i]);
}

static void on_request(void *arg, struct fg_sip_request *rq, const struct fg_sip_message *m)
{
    (void)arg;
    const struct fg_sip_text all[] = {
        m->method,  m->ruri.scheme, m->ruri.user, m->ruri.host,    m->ruri.params,
        m->ruri.gr, m->from.user,   m->from.host, m->from.gr,      m->to.user,
        m->to.host, m->to.gr,       m->call_id,   m->content_type, m->content_language,
        m->subject, m->body};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) touch(all[i]);
    /* Some are left without an answer. */
    if (m->body.len % 3) fg_sip_respond(rq, &(struct fg_sip_answer){.code = 200, .warning = "x"});
}

static void start(void)
{
    static const char *const names[] = {"fe"};
    struct fg_snapshot_builder *b;
    struct fg_snapshot *snapshot;
    struct fg_net *net;
    struct fg_domain d = {.domain = "contoso.test", .front_ends = names, .n_front_ends = 1};
    if (fg_net_new(&net, ev_loop_new(EVFLAG_AUTO)) != 0) abort();
    struct fg_sip_params p = {.net = net, .callbacks = {.request = on_request}};
    if (fg_sip_new(&stack, &p) != 0 || fg_snapshot_builder_new(&b, NULL) != 0) abort();
    if (fg_snapshot_put_domain(b, &d) != 0) abort();
    if (fg_snapshot_builder_finish(b, 1, &snapshot) != 0) abort();
    fg_snapshot_builder_free(b);
    fg_sip_activate(stack, &(struct fg_sip_config){.snapshot = snapshot});
    fg_snapshot_put(snapshot);
}

static void dispatch(bool trusted, char *data, size_t head, size_t body,
                     const struct fg_sip_scan *scan)
{
    struct fg_sip_source src = {.sip = stack, .transport = FG_UDP, .trusted = trusted};
    src.peer.in.sin_family = AF_INET;
    fg_sip_dispatch(&src, data, head, body, scan);
    /* Once more: a retransmission, or the same refusal. The header is unfolded by now. */
    fg_sip_dispatch(&src, data, head, body, scan);
}

static void as_stream(bool trusted, char *data, size_t len, size_t step)
{
    struct fg_sip_framer framer = {0};
    struct fg_sip_frame f;
    size_t from = 0, have = 0;
    while (from < len) {
        fg_sip_frame_next(&framer, data + from, have - from, &f);
        if (f.kind == FG_SIP_FRAME_MORE) {
            if (have == len) return;
            have = len - have < step ? len : have + step;
            continue;
        }
        if (f.kind == FG_SIP_FRAME_BAD) {
            struct fg_sip_source src = {.sip = stack, .transport = FG_TCP, .trusted = trusted};
            src.peer.in.sin_family = AF_INET;
            fg_sip_refuse_raw(&src, data + from, f.head, f.code, f.fault);
            return;
        }
        if (f.head + f.body > have - from) abort();
        if (f.kind == FG_SIP_FRAME_MESSAGE) dispatch(trusted, data + from, f.head, f.body, &f.scan);
        from += f.head + f.body;
    }
}

static void as_datagram(bool trusted, char *data, size_t len)
{
    char *end = memmem(data, len, "\r\n\r\n", 4);
    if (!end) return;
    struct fg_sip_scan scan;
    size_t head = (size_t)(end - data) + 4;
    fg_sip_scan(data, head, &scan);
    dispatch(trusted, data, head, len - head, &scan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!stack) start();
    if (size < 1) return 0;
    uint8_t how = data[0];
    char *copy = malloc(size);
    if (!copy) return 0;
    /* Without the first byte, and not one byte more than there is. */
    memcpy(copy, data + 1, size - 1);
    char *exact = realloc(copy, size > 1 ? size - 1 : 1);
    if (!exact) exact = copy;
    if (how & 1)
        as_stream(!(how & 4), exact, size - 1, (size_t)1 << (how >> 3 & 15));
    else
        as_datagram(!(how & 4), exact, size - 1);
    fg_sip_requests_drop(stack);
    free(exact);
    return 0;
}
