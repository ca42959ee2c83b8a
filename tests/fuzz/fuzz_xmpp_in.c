/* A whole inbound stream before authentication: header, features, STARTTLS, SASL, dialback, the
 * gate. The input is what a peer sends in clear over loopback; the program must neither crash nor
 * let a stanza through, whatever it is. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/net/conn.h"
#include "gateway/xmpp/s2s.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-aliasing"
#include <ev.h>
#pragma GCC diagnostic pop

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TURNS = 6 };

static void on_stanza(void *arg, const struct fg_stanza *s)
{
    (void)arg;
    (void)s;
    abort(); /* nobody has proved anything */
}

static void on_event(void *arg, const struct fg_event *e)
{
    (void)arg;
    if (!e->code || !e->component) abort();
}

static int put_settings(struct fg_snapshot_builder *b)
{
    struct fg_snapshot_builder *defaults;
    struct fg_snapshot *s;
    if (fg_snapshot_builder_new(&defaults, NULL)) return -1;
    int err = fg_snapshot_builder_finish(defaults, 0, &s);
    fg_snapshot_builder_free(defaults);
    if (err) return err;
    struct fg_settings set = *fg_snapshot_settings(s);
    set.federation_enabled = true;
    err = fg_snapshot_put_settings(b, &set);
    fg_snapshot_put(s);
    return err;
}

static struct fg_snapshot *configuration(void)
{
    struct fg_snapshot_builder *b;
    struct fg_snapshot *s = NULL;
    const char *domains[] = {"b.example"};
    struct fg_domain d = {.domain = "a.example"};
    struct fg_partner p = {.domain = "b.example",
                           .domains = domains,
                           .n_domains = 1,
                           .tls = FG_OPTIONAL,
                           .sasl = FG_OPTIONAL,
                           .dialback = true,
                           .proxy_host = "127.0.0.1",
                           .proxy_port = 1};
    if (fg_snapshot_builder_new(&b, NULL)) return NULL;
    if (!put_settings(b) && !fg_snapshot_put_domain(b, &d) && !fg_snapshot_put_partner(b, &p))
        (void)fg_snapshot_builder_finish(b, 1, &s);
    fg_snapshot_builder_free(b);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fds[2];
    struct fg_net *net;
    struct fg_s2s *s2s;
    struct fg_report report = {on_event, NULL, FG_DEBUG};
    struct fg_snapshot *snapshot = configuration();
    struct ev_loop *loop = ev_loop_new(EVBACKEND_POLL);
    if (!snapshot || fg_net_new(&net, loop)) abort();
    struct fg_s2s_params params = {.net = net, .report = &report, .callbacks = {on_stanza, NULL}};
    if (fg_s2s_new(&s2s, &params)) abort();
    fg_s2s_set_secret(s2s, "secret", "earlier");
    fg_s2s_activate(s2s, &(struct fg_s2s_config){.snapshot = snapshot});
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds)) abort();
    struct sockaddr_storage nobody = {.ss_family = AF_INET};
    fg_s2s_accept(s2s, fds[0], (struct sockaddr *)&nobody, false);
    if (size > 60000) size = 60000;
    if (size && write(fds[1], data, size) < 0) abort();
    for (int i = 0; i < TURNS; i++) ev_run(loop, EVRUN_NOWAIT);
    close(fds[1]);
    ev_run(loop, EVRUN_NOWAIT);
    fg_s2s_free(s2s);
    fg_net_free(net);
    ev_loop_destroy(loop);
    fg_snapshot_put(snapshot);
    return 0;
}
