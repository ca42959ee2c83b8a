/* A laboratory for the SIP stack: one stack on a loop of its own, and peers that are bare sockets
 * on loopback. Everything is static: one header, no library. */
#ifndef SIP_LAB_H
#define SIP_LAB_H

#include "gateway/net/listener.h"
#include "gateway/sip/stack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 20000, FRONTS = 4 };

struct lab {
    struct ev_loop *loop;
    struct fg_net *net;
    struct fg_report report;
    struct fg_sip *sip;
    struct fg_snapshot *snapshot;
    uint16_t udp_port, tcp_port;
    /* requests that came */
    struct fg_sip_request *held;
    int answer_at_once; /* code, 0: hold */
    unsigned requests;
    char body[256], source[128];
    /* results that came */
    unsigned results;
    int code;
    enum fg_failure why;
    char reason[64], contact[64];
    /* events */
    char codes[4096];
    bool stopped;
};

static inline void on_report(void *arg, const struct fg_event *e)
{
    struct lab *l = arg;
    size_t used = strlen(l->codes);
    snprintf(l->codes + used, sizeof l->codes - used, "%s(%s) ", e->code,
             fg_failure_id(e->failure));
}

static inline void on_request(void *arg, struct fg_sip_request *rq, const struct fg_sip_message *m)
{
    struct lab *l = arg;
    l->requests++;
    snprintf(l->body, sizeof l->body, "%.*s", (int)m->body.len, m->body.p);
    snprintf(l->source, sizeof l->source, "%s", fg_sip_request_source(rq));
    if (l->answer_at_once)
        fg_sip_respond(rq, &(struct fg_sip_answer){.code = l->answer_at_once});
    else
        l->held = rq;
}

static inline void on_result(void *arg, const struct fg_sip_result *r)
{
    struct lab *l = arg;
    l->results++;
    l->code = r->code;
    l->why = r->why;
    snprintf(l->reason, sizeof l->reason, "%.*s", (int)r->reason.len,
             r->reason.p ? r->reason.p : "");
    snprintf(l->contact, sizeof l->contact, "%.*s", (int)r->contact.len,
             r->contact.p ? r->contact.p : "");
}

/* Front ends of contoso.test, in order. */
struct front {
    enum fg_transport transport;
    uint16_t port;
    const char *host, *tls_name;
};

static inline struct fg_snapshot *make_snapshot(const struct front *fronts, size_t n)
{
    static const char *const names[FRONTS] = {"fe0", "fe1", "fe2", "fe3"};
    struct fg_snapshot_builder *b;
    struct fg_snapshot *s;
    assert_int_equal(fg_snapshot_builder_new(&b, NULL), 0);
    for (size_t i = 0; i < n; i++) {
        struct fg_front_end e = {.name = names[i],
                                 .transport = fronts[i].transport,
                                 .host = fronts[i].host ? fronts[i].host : "127.0.0.1",
                                 .tls_name =
                                     fronts[i].tls_name ? fronts[i].tls_name : "fe.contoso.test",
                                 .port = fronts[i].port};
        assert_int_equal(fg_snapshot_put_front_end(b, &e), 0);
    }
    struct fg_domain d = {.domain = "contoso.test", .front_ends = names, .n_front_ends = n};
    assert_int_equal(fg_snapshot_put_domain(b, &d), 0);
    assert_int_equal(fg_snapshot_builder_finish(b, 1, &s), 0);
    fg_snapshot_builder_free(b);
    return s;
}

static inline void activate(struct lab *l, const struct front *fronts, size_t n,
                            const struct fg_sip_listener *listeners, size_t n_listeners)
{
    struct fg_snapshot *old = l->snapshot;
    l->snapshot = make_snapshot(fronts, n);
    fg_sip_activate(l->sip, &(struct fg_sip_config){.snapshot = l->snapshot,
                                                    .listeners = listeners,
                                                    .n_listeners = n_listeners});
    fg_snapshot_put(old);
}

static inline uint16_t port_of(int fd)
{
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    return ntohs(a.sin_port);
}

static inline void lab_open(struct lab *l)
{
    *l = (struct lab){0};
    l->loop = ev_loop_new(EVFLAG_AUTO);
    assert_int_equal(fg_net_new(&l->net, l->loop), 0);
    l->report = (struct fg_report){.event = on_report, .arg = l, .level = FG_DEBUG};
    struct fg_sip_params p = {
        .net = l->net, .report = &l->report, .callbacks = {.request = on_request, .arg = l}};
    assert_int_equal(fg_sip_new(&l->sip, &p), 0);
    fg_sip_set_timing(l->sip, &(struct fg_sip_timing){10, 80, 50});
}

/* With a UDP and a TCP listener on 127.0.0.1. */
static inline void lab_serve(struct lab *l, const struct front *fronts, size_t n)
{
    lab_open(l);
    int udp = fg_listen_open("127.0.0.1:0", true), tcp = fg_listen_open("127.0.0.1:0", false);
    assert_true(udp >= 0 && tcp >= 0);
    l->udp_port = port_of(udp);
    l->tcp_port = port_of(tcp);
    struct fg_sip_listener listeners[] = {{.address = "u", .transport = FG_UDP, .fd = udp},
                                          {.address = "t", .transport = FG_TCP, .fd = tcp}};
    activate(l, fronts, n, listeners, 2);
}

static inline void lab_close(struct lab *l)
{
    fg_sip_free(l->sip);
    fg_net_free(l->net);
    fg_snapshot_put(l->snapshot);
    ev_loop_destroy(l->loop);
}

static inline void turn(struct lab *l)
{
    ev_run(l->loop, EVRUN_NOWAIT);
    poll(NULL, 0, 1);
}

#define UNTIL(l, condition)                                                                        \
    do {                                                                                           \
        int64_t limit = fg_sip_now() + WAIT_MS;                                                    \
        while (!(condition)) {                                                                     \
            turn(l);                                                                               \
            if (fg_sip_now() > limit) fail_msg("line %d: nothing happened", __LINE__);             \
        }                                                                                          \
    } while (0)

static inline int bound(const char *ip, int type)
{
    int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);
    struct sockaddr_in a = {.sin_family = AF_INET};
    assert_int_equal(inet_pton(AF_INET, ip, &a.sin_addr), 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

static inline int connected(const char *ip, int type, uint16_t port)
{
    int fd = bound(ip, type);
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    fcntl(fd, F_SETFL, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static inline void say_bytes(int fd, const char *text, size_t len)
{
    assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

static inline void say(int fd, const char *text)
{
    say_bytes(fd, text, strlen(text));
}

/* What comes next, as a string; "" when the peer closed. */
static inline char *hear(struct lab *l, int fd)
{
    static char data[70000];
    ssize_t n = -1;
    UNTIL(l, (n = recv(fd, data, sizeof data - 1, 0)) >= 0 || errno == ECONNRESET);
    data[n > 0 ? n : 0] = '\0';
    return data;
}

/* Nothing comes for a few turns. */
static inline void silence(struct lab *l, int fd)
{
    char data[2000];
    for (int i = 0; i < 30; i++) turn(l);
    ssize_t n = recv(fd, data, sizeof data - 1, 0);
    if (n >= 0) fail_msg("not silent: %.*s", (int)n, data);
}

static inline void expect(const char *got, const char *begin)
{
    if (strncmp(got, begin, strlen(begin)) != 0)
        fail_msg("[%s] does not begin with [%s]", got, begin);
}

static inline void contains(const char *got, const char *part)
{
    if (!strstr(got, part)) fail_msg("[%s] has no [%s]", got, part);
}

static unsigned next_branch;

/* A request of a front end. `more`: header lines. */
static inline const char *req_full(const char *method, const char *ruri, const char *from,
                                   const char *to, const char *via, const char *more,
                                   const char *body)
{
    static char text[4096];
    snprintf(text, sizeof text,
             "%s %s SIP/2.0\r\nVia: %s;branch=z9hG4bKt%u\r\nFrom: <%s>;tag=a\r\nTo: %s\r\n"
             "Call-ID: c%u\r\nCSeq: 7 %s\r\n%sContent-Length: %zu\r\n\r\n%s",
             method, ruri, via, next_branch, from, to, next_branch, method, more, strlen(body),
             body);
    next_branch++;
    return text;
}

#define UDP_VIA "SIP/2.0/UDP front.contoso.test:9;rport"
#define TCP_VIA "SIP/2.0/TCP front.contoso.test"
#define OURS    "sip:juliet@contoso.test"
#define THEIRS  "sip:romeo@fabrikam.test"

static inline const char *req(const char *method, const char *more, const char *body)
{
    return req_full(method, THEIRS, OURS, "<" THEIRS ">", UDP_VIA, more, body);
}

static const struct front any_front = {.transport = FG_UDP, .port = 9};

/* ---- calls of ours ---- */

static inline int send_text(struct lab *l, const char *body)
{
    return fg_sip_send(l->sip, &(struct fg_sip_out){.method = "MESSAGE",
                                                    .domain = "contoso.test",
                                                    .ruri = "sip:juliet@contoso.test",
                                                    .from = THEIRS,
                                                    .to = OURS,
                                                    .headers = "Subject: s\r\n",
                                                    .content_type = "text/plain",
                                                    .body = body,
                                                    .body_len = strlen(body),
                                                    .done = on_result,
                                                    .arg = l});
}

/* An answer to the request in `request`. */
static inline const char *resp(const char *request, int code, const char *more)
{
    static char text[8192];
    int n = snprintf(text, sizeof text, "SIP/2.0 %d Because\r\n", code);
    static const char *const echoed[] = {
        "\r\nVia: ", "\r\nFrom: ", "\r\nTo: ", "\r\nCall-ID: ", "\r\nCSeq: "};
    for (size_t i = 0; i < 5; i++) {
        const char *p = strstr(request, echoed[i]);
        assert_non_null(p);
        p += 2;
        n += snprintf(text + n, sizeof text - (size_t)n, "%.*s\r\n", (int)strcspn(p, "\r"), p);
    }
    snprintf(text + n, sizeof text - (size_t)n, "%sContent-Length: 0\r\n\r\n", more);
    return text;
}

static inline void branch_of(const char *request, char out[64])
{
    const char *p = strstr(request, ";branch=");
    assert_non_null(p);
    snprintf(out, 64, "%.*s", (int)strcspn(p + 8, ";\r"), p + 8);
}

/* A bare UDP front end; requests come in through `hear_from`, which remembers the sender. */
static inline char *hear_from(struct lab *l, int fd, struct sockaddr_in *peer)
{
    static char data[70000];
    ssize_t n = -1;
    socklen_t len = sizeof *peer;
    UNTIL(l, (n = recvfrom(fd, data, sizeof data - 1, 0, (struct sockaddr *)peer, &len)) >= 0);
    data[n] = '\0';
    return data;
}

static inline void reply(int fd, const struct sockaddr_in *to, const char *text)
{
    assert_true(sendto(fd, text, strlen(text), 0, (const struct sockaddr *)to, sizeof *to) > 0);
}

#endif
