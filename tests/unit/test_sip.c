/* The SIP stack over real loopback sockets: who is heard, what the stack answers by itself, server
 * and client transactions with short timers, fail-over, TLS on both sides, activation and stopping. */
#include "gateway/sip/stack.h"

#include "gateway/net/listener.h"
#include "gateway/net/tls.h"
#include "tests/unit/make_cert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WAIT_MS = 20000, FRONTS = 4 };

/* ---- the laboratory: one stack, and peers that are bare sockets ---- */

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

static void on_report(void *arg, const struct fg_event *e)
{
    struct lab *l = arg;
    size_t used = strlen(l->codes);
    snprintf(l->codes + used, sizeof l->codes - used, "%s(%s) ", e->code, fg_failure_id(e->failure));
}

static void on_request(void *arg, struct fg_sip_request *rq, const struct fg_sip_message *m)
{
    struct lab *l = arg;
    l->requests++;
    snprintf(l->body, sizeof l->body, "%.*s", (int)m->body.len, m->body.p);
    snprintf(l->source, sizeof l->source, "%s", fg_sip_request_source(rq));
    if (l->answer_at_once) fg_sip_respond(rq, &(struct fg_sip_answer){.code = l->answer_at_once});
    else l->held = rq;
}

static void on_result(void *arg, const struct fg_sip_result *r)
{
    struct lab *l = arg;
    l->results++;
    l->code = r->code;
    l->why = r->why;
    snprintf(l->reason, sizeof l->reason, "%.*s", (int)r->reason.len, r->reason.p ? r->reason.p : "");
    snprintf(l->contact, sizeof l->contact, "%.*s", (int)r->contact.len, r->contact.p ? r->contact.p : "");
}

/* Front ends of contoso.test, in order. */
struct front {
    enum fg_transport transport;
    uint16_t port;
    const char *host, *tls_name;
};

static struct fg_snapshot *make_snapshot(const struct front *fronts, size_t n)
{
    static const char *const names[FRONTS] = {"fe0", "fe1", "fe2", "fe3"};
    struct fg_snapshot_builder *b;
    struct fg_snapshot *s;
    assert_int_equal(fg_snapshot_builder_new(&b, NULL), 0);
    for (size_t i = 0; i < n; i++) {
        struct fg_front_end e = {.name = names[i], .transport = fronts[i].transport,
                                 .host = fronts[i].host ? fronts[i].host : "127.0.0.1",
                                 .tls_name = fronts[i].tls_name ? fronts[i].tls_name : "fe.contoso.test",
                                 .port = fronts[i].port};
        assert_int_equal(fg_snapshot_put_front_end(b, &e), 0);
    }
    struct fg_domain d = {.domain = "contoso.test", .front_ends = names, .n_front_ends = n};
    assert_int_equal(fg_snapshot_put_domain(b, &d), 0);
    assert_int_equal(fg_snapshot_builder_finish(b, 1, &s), 0);
    fg_snapshot_builder_free(b);
    return s;
}

static void activate(struct lab *l, const struct front *fronts, size_t n,
                     const struct fg_sip_listener *listeners, size_t n_listeners)
{
    struct fg_snapshot *old = l->snapshot;
    l->snapshot = make_snapshot(fronts, n);
    fg_sip_activate(l->sip, &(struct fg_sip_config){.snapshot = l->snapshot, .listeners = listeners,
                                                    .n_listeners = n_listeners});
    fg_snapshot_put(old);
}

static uint16_t port_of(int fd)
{
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    return ntohs(a.sin_port);
}

static void lab_open(struct lab *l)
{
    *l = (struct lab){0};
    l->loop = ev_loop_new(EVFLAG_AUTO);
    assert_int_equal(fg_net_new(&l->net, l->loop), 0);
    l->report = (struct fg_report){.event = on_report, .arg = l, .level = FG_DEBUG};
    struct fg_sip_params p = {.net = l->net, .report = &l->report,
                              .callbacks = {.request = on_request, .arg = l}};
    assert_int_equal(fg_sip_new(&l->sip, &p), 0);
    fg_sip_set_timing(l->sip, &(struct fg_sip_timing){10, 80, 50});
}

/* With a UDP and a TCP listener on 127.0.0.1. */
static void lab_serve(struct lab *l, const struct front *fronts, size_t n)
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

static void lab_close(struct lab *l)
{
    fg_sip_free(l->sip);
    fg_net_free(l->net);
    fg_snapshot_put(l->snapshot);
    ev_loop_destroy(l->loop);
}

static void turn(struct lab *l)
{
    ev_run(l->loop, EVRUN_NOWAIT);
    poll(NULL, 0, 1);
}

#define UNTIL(l, condition)                                                              \
    do {                                                                                 \
        int64_t limit = fg_sip_now() + WAIT_MS;                                          \
        while (!(condition)) {                                                           \
            turn(l);                                                                     \
            if (fg_sip_now() > limit) fail_msg("line %d: nothing happened", __LINE__);   \
        }                                                                                \
    } while (0)

static int bound(const char *ip, int type)
{
    int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);
    struct sockaddr_in a = {.sin_family = AF_INET};
    assert_int_equal(inet_pton(AF_INET, ip, &a.sin_addr), 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

static int connected(const char *ip, int type, uint16_t port)
{
    int fd = bound(ip, type);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    fcntl(fd, F_SETFL, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void say_bytes(int fd, const char *text, size_t len)
{
    assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

static void say(int fd, const char *text)
{
    say_bytes(fd, text, strlen(text));
}

/* What comes next, as a string; "" when the peer closed. */
static char *hear(struct lab *l, int fd)
{
    static char data[70000];
    ssize_t n = -1;
    UNTIL(l, (n = recv(fd, data, sizeof data - 1, 0)) >= 0 || errno == ECONNRESET);
    data[n > 0 ? n : 0] = '\0';
    return data;
}

/* Nothing comes for a few turns. */
static void silence(struct lab *l, int fd)
{
    char data[2000];
    for (int i = 0; i < 30; i++) turn(l);
    ssize_t n = recv(fd, data, sizeof data - 1, 0);
    if (n >= 0) fail_msg("not silent: %.*s", (int)n, data);
}

static void expect(const char *got, const char *begin)
{
    if (strncmp(got, begin, strlen(begin)) != 0) fail_msg("[%s] does not begin with [%s]", got, begin);
}

static void contains(const char *got, const char *part)
{
    if (!strstr(got, part)) fail_msg("[%s] has no [%s]", got, part);
}

static unsigned next_branch;

/* A request of a front end. `more`: header lines. */
static const char *req_full(const char *method, const char *ruri, const char *from, const char *to,
                            const char *via, const char *more, const char *body)
{
    static char text[4096];
    snprintf(text, sizeof text,
             "%s %s SIP/2.0\r\nVia: %s;branch=z9hG4bKt%u\r\nFrom: <%s>;tag=a\r\nTo: %s\r\n"
             "Call-ID: c%u\r\nCSeq: 7 %s\r\n%sContent-Length: %zu\r\n\r\n%s",
             method, ruri, via, next_branch, from, to, next_branch, method, more, strlen(body), body);
    next_branch++;
    return text;
}

#define UDP_VIA "SIP/2.0/UDP front.contoso.test:9;rport"
#define TCP_VIA "SIP/2.0/TCP front.contoso.test"
#define OURS "sip:juliet@contoso.test"
#define THEIRS "sip:romeo@fabrikam.test"

static const char *req(const char *method, const char *more, const char *body)
{
    return req_full(method, THEIRS, OURS, "<" THEIRS ">", UDP_VIA, more, body);
}

static const struct front any_front = {.transport = FG_UDP, .port = 9};

/* ---- server side ---- */

static void message_over_udp(void **state)
{
    (void)state;
    struct lab l;
    lab_serve(&l, &any_front, 1);
    int fd = connected("127.0.0.1", SOCK_DGRAM, l.udp_port);
    char *text = strdup(req("MESSAGE", "Max-Forwards: 70\r\n", "hello"));
    say(fd, text);
    UNTIL(&l, l.requests == 1);
    assert_string_equal(l.body, "hello");
    contains(l.source, "udp 127.0.0.1:");
    /* A retransmission before the answer is absorbed. */
    say(fd, text);
    silence(&l, fd);
    assert_int_equal(l.requests, 1);
    fg_sip_respond(l.held, &(struct fg_sip_answer){.code = 200});
    char first[2000];
    snprintf(first, sizeof first, "%s", hear(&l, fd));
    expect(first, "SIP/2.0 200 OK\r\n");
    char port[64];
    snprintf(port, sizeof port, ";rport=%u;branch=", port_of(fd));
    contains(first, port);
    contains(first, ";received=127.0.0.1\r\n");
    contains(first, "\r\nTo: <" THEIRS ">;tag=");
    contains(first, "\r\nCSeq: 7 MESSAGE\r\n");
    contains(first, "\r\nContent-Length: 0\r\n\r\n");
    assert_null(strstr(first, "Contact"));
    /* One after the answer gets the same answer, until Timer J. */
    say(fd, text);
    assert_string_equal(hear(&l, fd), first);
    assert_int_equal(l.requests, 1);
    UNTIL(&l, l.sip->n_answered == 0);
    assert_int_equal(l.sip->requests.count, 0);
    /* After it, it is a new request. */
    l.answer_at_once = 200;
    say(fd, text);
    UNTIL(&l, l.requests == 2);
    expect(hear(&l, fd), "SIP/2.0 200 OK\r\n");
    free(text);
    close(fd);
    lab_close(&l);
}

/* Without rport the answer goes to the port of the Via. */
static void answer_without_rport(void **state)
{
    (void)state;
    struct lab l;
    lab_serve(&l, &any_front, 1);
    l.answer_at_once = 202;
    int ear = bound("127.0.0.1", SOCK_DGRAM), mouth = connected("127.0.0.1", SOCK_DGRAM, l.udp_port);
    char via[128];
    snprintf(via, sizeof via, "SIP/2.0/UDP 127.0.0.1:%u", port_of(ear));
    say(mouth, req_full("MESSAGE", THEIRS, OURS, "<" THEIRS ">", via, "", "x"));
    char *got = hear(&l, ear);
    expect(got, "SIP/2.0 202 Accepted\r\n");
    assert_null(strstr(got, "received"));
    silence(&l, mouth);
    close(ear);
    close(mouth);
    lab_close(&l);
}

static void answered_by_the_stack(void **state)
{
    (void)state;
    struct lab l;
    lab_serve(&l, &any_front, 1);
    int fd = connected("127.0.0.1", SOCK_DGRAM, l.udp_port);
    char own_via[256];
    snprintf(own_via, sizeof own_via, "%s;x, SIP/2.0/UDP g;branch=z9hG4bK%s0123", UDP_VIA, l.sip->cookie);
    char *trap = strchr(own_via, ',');
    *trap = '\0';
    char loop_header[300];
    snprintf(loop_header, sizeof loop_header, "Via:%s\r\n", trap + 1);
    const struct {
        const char *method, *ruri, *from, *to, *more, *begin, *part;
    } cases[] = {
        {"OPTIONS", THEIRS, OURS, THEIRS, "", "SIP/2.0 200 OK", "Allow: MESSAGE, OPTIONS\r\nAccept: text/plain\r\n"},
        {"OPTIONS", "sip:fabrikam.test", OURS, THEIRS, "Max-Forwards: 0\r\n", "SIP/2.0 200 OK", ""},
        {"SUBSCRIBE", THEIRS, OURS, THEIRS, "", "SIP/2.0 405 ", "Allow: MESSAGE, OPTIONS\r\n"},
        {"FOO", THEIRS, OURS, THEIRS, "", "SIP/2.0 405 ", "Allow: "},
        {"CANCEL", THEIRS, OURS, THEIRS, "", "SIP/2.0 481 ", ""},
        {"MESSAGE", THEIRS, OURS, "<" THEIRS ">;tag=x", "", "SIP/2.0 481 ", "To: <" THEIRS ">;tag=x\r\n"},
        {"OPTIONS", THEIRS, OURS, "<" THEIRS ">;tag=x", "", "SIP/2.0 481 ", ""},
        {"MESSAGE", "sips:romeo@fabrikam.test", OURS, THEIRS, "", "SIP/2.0 480 ",
         "Warning: 380 fedgate \"SIPS Not Allowed\"\r\n"},
        {"MESSAGE", "tel:+15551234", OURS, THEIRS, "", "SIP/2.0 416 Unsupported URI Scheme", ""},
        {"MESSAGE", "http://x/y", OURS, THEIRS, "", "SIP/2.0 416 ", ""},
        {"MESSAGE", THEIRS, OURS, THEIRS, "Max-Forwards: 0\r\n", "SIP/2.0 483 Too Many Hops", ""},
        {"MESSAGE", THEIRS, OURS, THEIRS, loop_header, "SIP/2.0 482 Loop Detected", ""},
        {"MESSAGE", THEIRS, OURS, THEIRS, "Require: foo\r\nRequire: bar\r\n", "SIP/2.0 420 Bad Extension",
         "Unsupported: foo, bar\r\n"},
        {"MESSAGE", THEIRS, OURS, THEIRS, "Content-Encoding: gzip\r\n", "SIP/2.0 415 ",
         "Accept-Encoding: identity\r\n"},
        {"MESSAGE", "sip:romeo:pw@fabrikam.test", OURS, THEIRS, "", "SIP/2.0 400 ", ""},
        {"MESSAGE", THEIRS, OURS, THEIRS, "Max-Forwards: x\r\n", "SIP/2.0 400 Bad Max-Forwards", ""},
        {"MESSAGE", THEIRS, OURS, THEIRS, "CSeq: 7 MESSAGE\r\n", "", ""}, /* two: no answer can be formed */
        {"MESSAGE", THEIRS, "sip:mallory@evil.test", THEIRS, "", "SIP/2.0 403 Forbidden", ""},
        {"OPTIONS", THEIRS, "sip:mallory@evil.test", THEIRS, "", "SIP/2.0 403 Forbidden", ""},
        {"MESSAGE", THEIRS, "tel:+1", THEIRS, "", "SIP/2.0 403 Forbidden", ""},
        {"MESSAGE", THEIRS, "sip:juliet@CONTOSO.test.", THEIRS, "Content-Encoding: x\r\n", "SIP/2.0 415 ", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        say(fd, req_full(cases[i].method, cases[i].ruri, cases[i].from, cases[i].to, UDP_VIA,
                         cases[i].more, ""));
        if (!*cases[i].begin) {
            silence(&l, fd);
            continue;
        }
        char *got = hear(&l, fd);
        expect(got, cases[i].begin);
        contains(got, cases[i].part);
    }
    assert_int_equal(l.requests, 0);
    assert_int_equal(l.sip->requests.count, 0);
    contains(l.codes, "sip_not_trusted(sip_not_trusted)");
    close(fd);
    lab_close(&l);
}

static void invite_until_ack(void **state)
{
    (void)state;
    struct lab l;
    lab_serve(&l, &any_front, 1);
    int fd = connected("127.0.0.1", SOCK_DGRAM, l.udp_port);
    unsigned branch = next_branch;
    say(fd, req("INVITE", "", ""));
    char first[2000];
    snprintf(first, sizeof first, "%s", hear(&l, fd));
    expect(first, "SIP/2.0 405 ");
    contains(first, "Allow: MESSAGE, OPTIONS\r\n");
    assert_string_equal(hear(&l, fd), first);
    assert_string_equal(hear(&l, fd), first);
    /* Known here: a CANCEL for it is 200, though it stops nothing any more. */
    next_branch = branch;
    say(fd, req("CANCEL", "", ""));
    char *got;
    do got = hear(&l, fd);
    while (strstr(got, "INVITE"));
    expect(got, "SIP/2.0 200 OK");
    next_branch = branch;
    say(fd, req("ACK", "", ""));
    UNTIL(&l, l.sip->n_invites == 0);
    while (recv(fd, first, sizeof first, 0) > 0) continue;
    silence(&l, fd);
    /* Without an ACK it ends by Timer H. */
    say(fd, req("INVITE", "", ""));
    UNTIL(&l, l.sip->n_invites == 1);
    UNTIL(&l, l.sip->n_invites == 0);
    assert_int_equal(l.sip->requests.count, 0);
    close(fd);
    lab_close(&l);
}

static void strangers(void **state)
{
    (void)state;
    struct lab l;
    lab_serve(&l, &any_front, 1);
    int fd = connected("127.0.0.2", SOCK_DGRAM, l.udp_port);
    /* One answer for everything, so that nothing can be learned. */
    static const char *const methods[] = {"MESSAGE", "OPTIONS", "INVITE", "FOO"};
    for (size_t i = 0; i < 4; i++) {
        say(fd, req(methods[i], "Require: x\r\n", ""));
        char *got = hear(&l, fd);
        expect(got, "SIP/2.0 403 Forbidden\r\n");
        assert_null(strstr(got, "Allow"));
        assert_null(strstr(got, "Unsupported"));
    }
    say(fd, "OPTIONS sip:x SIP/9.9\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: a\r\nTo: b\r\nCall-ID: c\r\n"
            "CSeq: d\r\n\r\n");
    expect(hear(&l, fd), "SIP/2.0 403 Forbidden\r\n");
    assert_int_equal(l.requests, 0);
    int tcp = connected("127.0.0.2", SOCK_STREAM, l.tcp_port);
    say(tcp, req_full("MESSAGE", THEIRS, OURS, THEIRS, TCP_VIA, "", "x"));
    expect(hear(&l, tcp), "SIP/2.0 403 Forbidden\r\n");
    assert_string_equal(hear(&l, tcp), "");
    assert_int_equal(l.requests, 0);
    UNTIL(&l, l.sip->n_inbound == 0);
    assert_int_equal(l.sip->n_untrusted, 0);
    /* The address becomes a front end's: now it is heard. */
    struct front two[] = {any_front, {.transport = FG_TCP, .port = 9, .host = "127.0.0.2"}};
    struct fg_sip_listener keep[] = {{.address = "u", .transport = FG_UDP, .fd = -1},
                                     {.address = "t", .transport = FG_TCP, .fd = -1}};
    activate(&l, two, 2, keep, 2);
    say(fd, req("MESSAGE", "", "now"));
    UNTIL(&l, l.requests == 1);
    /* And not any more once it is none. */
    activate(&l, &any_front, 1, keep, 2);
    say(fd, req("MESSAGE", "", "no"));
    expect(hear(&l, fd), "SIP/2.0 403 Forbidden\r\n");
    close(fd);
    close(tcp);
    lab_close(&l);
}

static void events_about_strangers_are_limited(void **state)
{
    (void)state;
    struct lab l;
    lab_serve(&l, &any_front, 1);
    int fd = connected("127.0.0.2", SOCK_DGRAM, l.udp_port);
    for (int i = 0; i < 60; i++) {
        say(fd, req("MESSAGE", "", ""));
        hear(&l, fd);
    }
    unsigned events = 0;
    for (const char *p = l.codes; (p = strstr(p, "sip_not_trusted(")); p++) events++;
    assert_in_range(events, 10, 40);
    struct fg_sip_counters c;
    fg_sip_counters(l.sip, &c);
    assert_int_equal(c.refused, 60);
    close(fd);
    lab_close(&l);
}

static void streams(void **state)
{
    (void)state;
    struct lab l;
    lab_serve(&l, &any_front, 1);
    l.answer_at_once = 200;
    int fd = connected("127.0.0.1", SOCK_STREAM, l.tcp_port);
    say(fd, "\r\n\r\n");
    assert_string_equal(hear(&l, fd), "\r\n");
    /* Three at once, the last one in pieces. */
    char all[8192] = "";
    for (int i = 0; i < 3; i++) {
        strncat(all, req_full("MESSAGE", THEIRS, OURS, THEIRS, TCP_VIA, "", i ? "two" : "one"),
                sizeof all - strlen(all) - 1);
    }
    size_t len = strlen(all);
    say_bytes(fd, all, len - 200);
    UNTIL(&l, l.requests == 2);
    for (size_t i = len - 200; i < len; i += 50) {
        say_bytes(fd, all + i, 50);
        turn(&l);
    }
    UNTIL(&l, l.requests == 3);
    contains(l.source, "tcp 127.0.0.1:");
    size_t got = 0;
    while (got < 3) {
        for (const char *p = hear(&l, fd); (p = strstr(p, "SIP/2.0 200 OK")); p++) got++;
    }
    assert_int_equal(l.sip->requests.count, 0); /* Timer J is 0 on streams */
    /* A refusal keeps the connection; one after which framing is lost does not. */
    say(fd, req_full("MESSAGE", THEIRS, OURS, THEIRS, TCP_VIA, "Max-Forwards: x\r\n", ""));
    expect(hear(&l, fd), "SIP/2.0 400 Bad Max-Forwards\r\n");
    say(fd, "MESSAGE " THEIRS " SIP/2.0\r\nVia: " TCP_VIA ";branch=z9hG4bKq\r\nFrom: <" OURS ">;tag=1\r\nTo: x\r\n"
            "Call-ID: y\r\nCSeq: 1 MESSAGE\r\n\r\n");
    expect(hear(&l, fd), "SIP/2.0 400 Missing Content-Length\r\n");
    assert_string_equal(hear(&l, fd), "");
    close(fd);
    lab_close(&l);
}

static void large_header_and_body(void **state)
{
    (void)state;
    struct lab l;
    lab_serve(&l, &any_front, 1);
    l.answer_at_once = 200;
    enum { BODY = 60000 };
    char *text = malloc(BODY + 4096);
    int n = snprintf(text, 4096, "MESSAGE " THEIRS " SIP/2.0\r\nVia: %s;branch=z9hG4bKbig\r\nFrom: <" OURS
                                 ">;tag=1\r\nTo: " THEIRS "\r\nCall-ID: y\r\nCSeq: 1 MESSAGE\r\nContent-Length: %d\r\n\r\n",
                     UDP_VIA, BODY);
    memset(text + n, 'b', BODY);
    int udp = connected("127.0.0.1", SOCK_DGRAM, l.udp_port);
    say_bytes(udp, text, (size_t)n + BODY);
    expect(hear(&l, udp), "SIP/2.0 200 OK");
    /* Another one, cut short on the way. */
    memcpy(strstr(text, "bKbig"), "bKcut", 5);
    say_bytes(udp, text, (size_t)n + 100);
    expect(hear(&l, udp), "SIP/2.0 400 Body shorter than Content-Length");
    assert_int_equal(l.requests, 1);
    int tcp = connected("127.0.0.1", SOCK_STREAM, l.tcp_port);
    n = snprintf(text, 4096, "MESSAGE " THEIRS " SIP/2.0\r\nVia: %s;branch=z9hG4bKbig\r\nFrom: <" OURS
                             ">;tag=1\r\nTo: " THEIRS "\r\nCall-ID: y\r\nCSeq: 1 MESSAGE\r\nX: ", TCP_VIA);
    memset(text + n, 'b', 17000);
    say_bytes(tcp, text, (size_t)n + 17000);
    expect(hear(&l, tcp), "SIP/2.0 513 Header too large");
    assert_string_equal(hear(&l, tcp), "");
    close(udp);
    close(tcp);
    free(text);
    lab_close(&l);
}

/* The connection of a request goes before its answer. */
static void answer_to_nobody(void **state)
{
    (void)state;
    struct lab l;
    lab_serve(&l, &any_front, 1);
    int fd = connected("127.0.0.1", SOCK_STREAM, l.tcp_port);
    say(fd, req_full("MESSAGE", THEIRS, OURS, THEIRS, TCP_VIA, "", "x"));
    UNTIL(&l, l.requests == 1);
    close(fd);
    UNTIL(&l, l.sip->n_inbound == 0);
    contains(fg_sip_request_source(l.held), "tcp 127.0.0.1:");
    fg_sip_respond(l.held, &(struct fg_sip_answer){.code = 200});
    assert_int_equal(l.sip->requests.count, 0);
    assert_int_equal(l.sip->n_pending, 0);
    lab_close(&l);
}

/* ---- client side ---- */

static int send_text(struct lab *l, const char *body)
{
    return fg_sip_send(l->sip, &(struct fg_sip_out){
                                   .method = "MESSAGE", .domain = "contoso.test",
                                   .ruri = "sip:juliet@contoso.test", .from = THEIRS, .to = OURS,
                                   .headers = "Subject: s\r\n", .content_type = "text/plain",
                                   .body = body, .body_len = strlen(body), .done = on_result, .arg = l});
}

/* An answer to the request in `request`. */
static const char *resp(const char *request, int code, const char *more)
{
    static char text[8192];
    int n = snprintf(text, sizeof text, "SIP/2.0 %d Because\r\n", code);
    static const char *const echoed[] = {"\r\nVia: ", "\r\nFrom: ", "\r\nTo: ", "\r\nCall-ID: ", "\r\nCSeq: "};
    for (size_t i = 0; i < 5; i++) {
        const char *p = strstr(request, echoed[i]);
        assert_non_null(p);
        p += 2;
        n += snprintf(text + n, sizeof text - (size_t)n, "%.*s\r\n", (int)strcspn(p, "\r"), p);
    }
    snprintf(text + n, sizeof text - (size_t)n, "%sContent-Length: 0\r\n\r\n", more);
    return text;
}

static void branch_of(const char *request, char out[64])
{
    const char *p = strstr(request, ";branch=");
    assert_non_null(p);
    snprintf(out, 64, "%.*s", (int)strcspn(p + 8, ";\r"), p + 8);
}

/* A bare UDP front end; requests come in through `hear_from`, which remembers the sender. */
static char *hear_from(struct lab *l, int fd, struct sockaddr_in *peer)
{
    static char data[70000];
    ssize_t n = -1;
    socklen_t len = sizeof *peer;
    UNTIL(l, (n = recvfrom(fd, data, sizeof data - 1, 0, (struct sockaddr *)peer, &len)) >= 0);
    data[n] = '\0';
    return data;
}

static void reply(int fd, const struct sockaddr_in *to, const char *text)
{
    assert_true(sendto(fd, text, strlen(text), 0, (const struct sockaddr *)to, sizeof *to) > 0);
}

static void send_over_udp(void **state)
{
    (void)state;
    struct lab l;
    int fd = bound("127.0.0.1", SOCK_DGRAM);
    struct front fe = {.transport = FG_UDP, .port = port_of(fd)};
    lab_serve(&l, &fe, 1);
    struct sockaddr_in peer;
    assert_int_equal(send_text(&l, "hello"), 0);
    char request[2000], via[128];
    snprintf(request, sizeof request, "%s", hear_from(&l, fd, &peer));
    expect(request, "MESSAGE sip:juliet@contoso.test SIP/2.0\r\n");
    snprintf(via, sizeof via, "\r\nVia: SIP/2.0/UDP 127.0.0.1:%u;rport;branch=z9hG4bK", l.udp_port);
    contains(request, via);
    contains(request, "\r\nMax-Forwards: 70\r\nFrom: <" THEIRS ">;tag=");
    contains(request, "\r\nTo: <" OURS ">\r\nCall-ID: ");
    contains(request, "\r\nCSeq: 1 MESSAGE\r\nSubject: s\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
    assert_null(strstr(request, "Contact"));
    assert_int_equal(ntohs(peer.sin_port), l.udp_port);
    /* Timer E: the very same again. */
    assert_string_equal(hear_from(&l, fd, &peer), request);
    assert_string_equal(hear_from(&l, fd, &peer), request);
    /* A provisional answer, answers for others, then the final one, twice. */
    reply(fd, &peer, resp(request, 100, ""));
    char *wrong = strdup(resp(request, 200, ""));
    memcpy(strstr(wrong, "1 MESSAGE"), "1 OPTIONS", 9);
    reply(fd, &peer, wrong);
    memcpy(wrong, resp(request, 200, ""), strlen(wrong));
    strstr(wrong, "branch=z9hG4bK")[20] ^= 1;
    reply(fd, &peer, wrong);
    free(wrong);
    for (int i = 0; i < 20; i++) turn(&l);
    assert_int_equal(l.results, 0);
    reply(fd, &peer, resp(request, 302, "Contact: \"J\" <sip:juliet@elsewhere.test>;q=1\r\n"));
    reply(fd, &peer, resp(request, 200, ""));
    UNTIL(&l, l.results == 1);
    for (int i = 0; i < 20; i++) turn(&l);
    assert_int_equal(l.results, 1);
    assert_int_equal(l.code, 302);
    assert_string_equal(l.reason, "Because");
    assert_string_equal(l.contact, "sip:juliet@elsewhere.test");
    assert_int_equal(l.sip->n_calls, 0);
    close(fd);
    lab_close(&l);
}

static void timer_f_and_next_front_end(void **state)
{
    (void)state;
    struct lab l;
    int one = bound("127.0.0.1", SOCK_DGRAM), two = bound("127.0.0.1", SOCK_DGRAM);
    struct front fes[] = {{.transport = FG_UDP, .port = port_of(one)},
                          {.transport = FG_UDP, .port = port_of(two)}};
    lab_serve(&l, fes, 2);
    struct sockaddr_in peer;
    char first[64], second[64], request[2000];
    assert_int_equal(send_text(&l, "hello"), 0);
    branch_of(hear_from(&l, one, &peer), first);
    snprintf(request, sizeof request, "%s", hear_from(&l, two, &peer));
    branch_of(request, second);
    assert_string_not_equal(first, second);
    assert_int_equal(l.results, 0);
    reply(two, &peer, resp(request, 200, ""));
    UNTIL(&l, l.results == 1);
    assert_int_equal(l.code, 200);
    /* A late answer of the first is no answer. Now the first is asked last. */
    while (recv(one, request, sizeof request, 0) > 0) continue;
    assert_int_equal(send_text(&l, "again"), 0);
    snprintf(request, sizeof request, "%s", hear_from(&l, two, &peer));
    silence(&l, one);
    reply(two, &peer, resp(request, 503, ""));
    /* 503: the other one after all (RFC 3263 4.3); it stays silent. */
    hear_from(&l, one, &peer);
    UNTIL(&l, l.results == 2);
    assert_int_equal(l.code, 0);
    assert_int_equal(l.why, FG_FAIL_SIP_TIMEOUT);
    close(one);
    close(two);
    lab_close(&l);
}

static void last_503_is_told(void **state)
{
    (void)state;
    struct lab l;
    int fd = bound("127.0.0.1", SOCK_DGRAM);
    struct front fe = {.transport = FG_UDP, .port = port_of(fd)};
    lab_serve(&l, &fe, 1);
    struct sockaddr_in peer;
    assert_int_equal(send_text(&l, "hello"), 0);
    char *request = hear_from(&l, fd, &peer);
    reply(fd, &peer, resp(request, 503, ""));
    UNTIL(&l, l.results == 1);
    assert_int_equal(l.code, 503);
    close(fd);
    lab_close(&l);
}

static void size_over_udp(void **state)
{
    (void)state;
    struct lab l;
    int fd = bound("127.0.0.1", SOCK_DGRAM), tcp = bound("127.0.0.1", SOCK_STREAM);
    assert_int_equal(listen(tcp, 1), 0);
    struct front fes[] = {{.transport = FG_UDP, .port = port_of(fd)},
                          {.transport = FG_TCP, .port = port_of(tcp)}};
    lab_serve(&l, fes, 1);
    struct sockaddr_in peer;
    char body[2000] = "";
    assert_int_equal(send_text(&l, body), 0);
    size_t empty = strlen(hear_from(&l, fd, &peer));
    /* Content-Length grows from one digit to three or four. */
    size_t room = FG_SIP_UDP_REQUEST_MAX - empty;
    memset(body, 'x', room - (room > 1001 ? 3 : 2));
    assert_int_equal(send_text(&l, body), 0);
    size_t full = 0;
    UNTIL(&l, (full = strlen(hear_from(&l, fd, &peer))) != empty);
    assert_int_equal(full, FG_SIP_UDP_REQUEST_MAX);
    strcat(body, "y");
    assert_int_equal(send_text(&l, body), EMSGSIZE);
    /* With a front end on a stream behind it, that one takes it. */
    struct fg_sip_listener keep = {.address = "u", .transport = FG_UDP, .fd = -1};
    activate(&l, fes, 2, &keep, 1);
    assert_int_equal(send_text(&l, body), 0);
    int conn = -1;
    UNTIL(&l, (conn = accept4(tcp, NULL, NULL, SOCK_NONBLOCK)) >= 0);
    contains(hear(&l, conn), "xxxy");
    close(conn);
    close(fd);
    close(tcp);
    lab_close(&l);
}

static void cannot_be_sent(void **state)
{
    (void)state;
    struct lab l;
    lab_serve(&l, &any_front, 1);
    struct fg_sip_out o = {.method = "MESSAGE", .domain = "nowhere.test", .ruri = "sip:a@b", .from = "sip:c@d",
                           .to = "sip:a@b", .done = on_result, .arg = &l};
    assert_int_equal(fg_sip_send(l.sip, &o), ENETUNREACH);
    o.domain = "contoso.test";
    o.to = "sip:a@b\r\nEvil: 1";
    assert_int_equal(fg_sip_send(l.sip, &o), EINVAL);
    char *large = malloc(70000);
    memset(large, 'x', 70000);
    o.to = "sip:a@b";
    o.content_type = "text/plain";
    o.body = large;
    o.body_len = 70000;
    assert_int_equal(fg_sip_send(l.sip, &o), EMSGSIZE);
    free(large);
    assert_int_equal(l.results, 0);
    assert_int_equal(l.sip->n_calls, 0);
    lab_close(&l);
}

static void stream_front_ends(void **state)
{
    (void)state;
    struct lab l;
    int nobody = bound("127.0.0.1", SOCK_STREAM), tcp = bound("127.0.0.1", SOCK_STREAM);
    assert_int_equal(listen(tcp, 5), 0);
    /* The first refuses connections. */
    struct front fes[] = {{.transport = FG_TCP, .port = port_of(nobody)},
                          {.transport = FG_TCP, .port = port_of(tcp)}};
    lab_serve(&l, fes, 2);
    assert_int_equal(send_text(&l, "one"), 0);
    assert_int_equal(send_text(&l, "two"), 0);
    int conn = -1;
    UNTIL(&l, (conn = accept4(tcp, NULL, NULL, SOCK_NONBLOCK)) >= 0);
    contains(l.codes, "connection_failed(connect_refused)");
    /* Both over one connection, in order. */
    char all[8192] = "";
    while (!strstr(all, "two")) strncat(all, hear(&l, conn), sizeof all - strlen(all) - 1);
    char via[64];
    snprintf(via, sizeof via, "Via: SIP/2.0/TCP 127.0.0.1:%u;branch=z9hG4bK", l.tcp_port);
    contains(all, via);
    char *second = strstr(all + 1, "MESSAGE sip:");
    assert_non_null(second);
    assert_true(strstr(all, "one") < second);
    say(conn, resp(second, 200, ""));
    UNTIL(&l, l.results == 1);
    assert_int_equal(l.code, 200);
    say(conn, resp(all, 404, ""));
    UNTIL(&l, l.results == 2);
    assert_int_equal(l.code, 404);
    /* The next goes over it, too; it breaks before the answer: once more over a new one. */
    assert_int_equal(send_text(&l, "three"), 0);
    contains(hear(&l, conn), "three");
    close(conn);
    UNTIL(&l, (conn = accept4(tcp, NULL, NULL, SOCK_NONBLOCK)) >= 0);
    char *request = hear(&l, conn);
    contains(request, "three");
    /* A request of the front end over our connection is heard as well. */
    l.answer_at_once = 200;
    char *copy = strdup(request);
    say(conn, req_full("MESSAGE", THEIRS, OURS, THEIRS, TCP_VIA, "", "back"));
    expect(hear(&l, conn), "SIP/2.0 200 OK");
    assert_string_equal(l.body, "back");
    say(conn, resp(copy, 200, ""));
    UNTIL(&l, l.results == 3);
    /* Broken while fresh and unanswered: no third try, the sender is told. */
    close(conn);
    UNTIL(&l, l.sip->counters.connections == 0);
    assert_int_equal(send_text(&l, "four"), 0);
    UNTIL(&l, (conn = accept4(tcp, NULL, NULL, SOCK_NONBLOCK)) >= 0);
    contains(hear(&l, conn), "four");
    close(conn);
    UNTIL(&l, l.results == 4);
    assert_int_equal(l.code, 0);
    assert_int_equal(l.why, FG_FAIL_SIP_UNREACHABLE);
    free(copy);
    close(nobody);
    close(tcp);
    lab_close(&l);
}

/* No answer within Timer F over a stream: the connection is given up with it. */
static void deaf_connection(void **state)
{
    (void)state;
    struct lab l;
    int tcp = bound("127.0.0.1", SOCK_STREAM);
    assert_int_equal(listen(tcp, 5), 0);
    struct front fe = {.transport = FG_TCP, .port = port_of(tcp)};
    lab_serve(&l, &fe, 1);
    assert_int_equal(send_text(&l, "one"), 0);
    UNTIL(&l, l.results == 1);
    assert_int_equal(l.why, FG_FAIL_SIP_TIMEOUT);
    UNTIL(&l, l.sip->counters.connections == 0);
    close(tcp);
    lab_close(&l);
}

static void unresolvable_front_end(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l);
    int silent = bound("127.0.0.1", SOCK_DGRAM);
    char server[64];
    snprintf(server, sizeof server, "127.0.0.1@%u", port_of(silent));
    const char *servers[] = {server};
    struct fg_resolver *r;
    struct fg_resolver_settings settings = {.servers = servers, .n_servers = 1, .deadline_ms = 100};
    assert_int_equal(fg_resolver_new(&r, &settings), 0);
    assert_int_equal(fg_resolver_attach(r, l.net), 0);
    struct front fe = {.transport = FG_UDP, .port = 5060, .host = "fe.contoso.test"};
    l.snapshot = make_snapshot(&fe, 1);
    struct fg_sip_config c = {.snapshot = l.snapshot, .resolver = r};
    fg_sip_activate(l.sip, &c);
    /* Waits for the look-up, and hears of its end. */
    assert_int_equal(send_text(&l, "one"), 0);
    assert_int_equal(l.results, 0);
    UNTIL(&l, l.results == 1);
    assert_int_equal(l.code, 0);
    assert_int_equal(l.why, FG_FAIL_SIP_UNREACHABLE);
    contains(l.codes, "front_end_not_resolved");
    fg_sip_free(l.sip);
    fg_resolver_free(r);
    fg_net_free(l.net);
    fg_snapshot_put(l.snapshot);
    ev_loop_destroy(l.loop);
    close(silent);
}

/* ---- TLS ---- */

struct pki {
    struct made_cert ca, us, fe, other, stray_ca, stray;
    X509_STORE *trust;
};

static void pki_open(struct pki *p)
{
    p->ca = make_cert(&(struct cert_wish){.ca = true, .cn = "Inner"});
    p->us = make_cert(&(struct cert_wish){.issuer = &p->ca, .san = "DNS:gw.contoso.test"});
    p->fe = make_cert(&(struct cert_wish){.issuer = &p->ca, .san = "DNS:fe.contoso.test"});
    p->other = make_cert(&(struct cert_wish){.issuer = &p->ca, .san = "DNS:*.contoso.test,DNS:x.test"});
    p->stray_ca = make_cert(&(struct cert_wish){.ca = true, .cn = "Stray"});
    p->stray = make_cert(&(struct cert_wish){.issuer = &p->stray_ca, .san = "DNS:fe.contoso.test"});
    const char *pems[] = {p->ca.cert_pem};
    struct fg_problems problems;
    fg_problems_init(&problems);
    assert_int_equal(fg_trust_new(&p->trust, pems, 1, false, &problems), 0);
    fg_problems_free(&problems);
}

static void pki_close(struct pki *p)
{
    struct made_cert *all[] = {&p->ca, &p->us, &p->fe, &p->other, &p->stray_ca, &p->stray};
    for (size_t i = 0; i < 6; i++) made_free(all[i]);
    X509_STORE_free(p->trust);
}

static struct fg_tls_ctx *context(const struct pki *p, const struct made_cert *c, enum fg_tls_role role,
                                  bool require)
{
    struct fg_credential credential = {.chain_pem = c->cert_pem, .key_pem = c->key_pem};
    struct fg_tls_settings s = {.role = role, .credential = &credential, .trust = p->trust,
                                .require_client_cert = require, .verify_hard = role == FG_TLS_CLIENT,
                                .min_version = "1.2", .preset = "intermediate"};
    struct fg_problems problems;
    struct fg_tls_ctx *ctx;
    fg_problems_init(&problems);
    assert_int_equal(fg_tls_ctx_new(&ctx, &s, "", &problems), 0);
    fg_problems_free(&problems);
    return ctx;
}

/* A second stack plays the front end: it thinks of the gateway as its own front end. */
struct tls_pair {
    struct lab us, fe;
    uint16_t us_port, fe_port;
};

static void tls_side(struct lab *l, int fd, uint16_t peer_port, const char *peer_name,
                     struct fg_tls_ctx *server, struct fg_tls_ctx *client)
{
    struct front front = {.transport = FG_TLS, .port = peer_port, .tls_name = peer_name};
    struct fg_sip_listener listener = {.address = "s", .transport = FG_TLS, .fd = fd, .tls = server};
    l->snapshot = make_snapshot(&front, 1);
    fg_sip_activate(l->sip, &(struct fg_sip_config){.snapshot = l->snapshot, .listeners = &listener,
                                                    .n_listeners = 1, .client = client});
    fg_tls_ctx_put(server);
    fg_tls_ctx_put(client);
}

static void tls_open(struct tls_pair *t, const struct pki *p, const struct made_cert *fe, bool require)
{
    lab_open(&t->us);
    lab_open(&t->fe);
    /* Handshakes take longer than the shortened timers. */
    fg_sip_set_timing(t->us.sip, &(struct fg_sip_timing){100, 400, 100});
    fg_sip_set_timing(t->fe.sip, &(struct fg_sip_timing){100, 400, 100});
    int us_fd = fg_listen_open("127.0.0.1:0", false), fe_fd = fg_listen_open("127.0.0.1:0", false);
    t->us_port = port_of(us_fd);
    t->fe_port = port_of(fe_fd);
    tls_side(&t->us, us_fd, t->fe_port, "fe.contoso.test", context(p, &p->us, FG_TLS_SERVER, require),
             context(p, &p->us, FG_TLS_CLIENT, false));
    tls_side(&t->fe, fe_fd, t->us_port, "gw.contoso.test", context(p, fe, FG_TLS_SERVER, require),
             context(p, fe, FG_TLS_CLIENT, false));
    t->us.answer_at_once = t->fe.answer_at_once = 200;
}

static void tls_close(struct tls_pair *t)
{
    lab_close(&t->us);
    lab_close(&t->fe);
}

#define BOTH(t, condition)                                                               \
    do {                                                                                 \
        int64_t limit = fg_sip_now() + WAIT_MS;                                          \
        while (!(condition)) {                                                           \
            turn(&(t)->us);                                                              \
            turn(&(t)->fe);                                                              \
            if (fg_sip_now() > limit) fail_msg("line %d: nothing happened", __LINE__);   \
        }                                                                                \
    } while (0)

/* From the front end's side the addresses are the other way round. */
static int send_from_fe(struct tls_pair *t)
{
    return fg_sip_send(t->fe.sip, &(struct fg_sip_out){.method = "MESSAGE", .domain = "contoso.test",
                                                       .ruri = THEIRS, .from = OURS, .to = THEIRS,
                                                       .content_type = "text/plain", .body = "in",
                                                       .body_len = 2, .done = on_result, .arg = &t->fe});
}

static int send_to_fe(struct tls_pair *t)
{
    return fg_sip_send(t->us.sip, &(struct fg_sip_out){.method = "MESSAGE", .domain = "contoso.test",
                                                       .ruri = OURS, .from = OURS, .to = OURS,
                                                       .content_type = "text/plain", .body = "out",
                                                       .body_len = 3, .done = on_result, .arg = &t->us});
}

static void mutual_tls(void **state)
{
    (void)state;
    struct pki p;
    struct tls_pair t;
    pki_open(&p);
    tls_open(&t, &p, &p.fe, true);
    for (unsigned i = 1; i <= 3; i++) {
        assert_int_equal(send_from_fe(&t), 0);
        assert_int_equal(send_to_fe(&t), 0);
        BOTH(&t, t.fe.results == i && t.us.results == i);
        assert_int_equal(t.fe.code, 200);
        assert_int_equal(t.us.code, 200);
    }
    assert_string_equal(t.us.body, "in");
    assert_string_equal(t.fe.body, "out");
    contains(t.us.source, "tls 127.0.0.1:");
    /* One connection each way carried them all. */
    assert_int_equal(t.us.sip->counters.connections, 2);
    /* The front end's name changes: its certificate is no longer the right one. */
    struct front front = {.transport = FG_TLS, .port = t.fe_port, .tls_name = "new.contoso.test"};
    struct fg_sip_listener keep = {.address = "s", .transport = FG_TLS, .fd = -1,
                                   .tls = context(&p, &p.us, FG_TLS_SERVER, true)};
    struct fg_snapshot *old = t.us.snapshot;
    struct fg_tls_ctx *client = context(&p, &p.us, FG_TLS_CLIENT, false);
    t.us.snapshot = make_snapshot(&front, 1);
    fg_sip_activate(t.us.sip, &(struct fg_sip_config){.snapshot = t.us.snapshot, .listeners = &keep,
                                                      .n_listeners = 1, .client = client});
    fg_snapshot_put(old);
    fg_tls_ctx_put(client);
    fg_tls_ctx_put(keep.tls);
    assert_int_equal(send_from_fe(&t), 0);
    assert_int_equal(send_to_fe(&t), 0);
    BOTH(&t, t.fe.results == 4 && t.us.results == 4);
    assert_int_equal(t.fe.code, 403);
    assert_int_equal(t.us.code, 0);
    contains(t.us.codes, "connection_failed(cert_name_mismatch)");
    tls_close(&t);
    pki_close(&p);
}

/* A wildcard is no name in SIP (RFC 5922 7.2), and another authority's certificate is none at all. */
static void wrong_certificates(void **state)
{
    (void)state;
    struct pki p;
    struct tls_pair t;
    pki_open(&p);
    tls_open(&t, &p, &p.other, true);
    assert_int_equal(send_from_fe(&t), 0);
    assert_int_equal(send_to_fe(&t), 0);
    BOTH(&t, t.fe.results == 1 && t.us.results == 1);
    assert_int_equal(t.fe.code, 403);
    assert_int_equal(t.us.requests, 0);
    assert_int_equal(t.us.code, 0);
    assert_int_equal(t.us.why, FG_FAIL_SIP_UNREACHABLE);
    contains(t.us.codes, "sip_not_trusted(sip_not_trusted)");
    contains(t.us.codes, "connection_failed(cert_name_mismatch)");
    tls_close(&t);

    tls_open(&t, &p, &p.stray, true);
    assert_int_equal(send_from_fe(&t), 0);
    assert_int_equal(send_to_fe(&t), 0);
    BOTH(&t, t.fe.results == 1 && t.us.results == 1);
    assert_int_equal(t.fe.code, 0);
    assert_int_equal(t.us.code, 0);
    assert_int_equal(t.us.requests, 0);
    contains(t.us.codes, "connection_failed(cert_untrusted)");
    tls_close(&t);
    pki_close(&p);
}

/* Certificates asked for but not demanded: the handshake passes, the request does not. */
static void optional_certificate(void **state)
{
    (void)state;
    struct pki p;
    struct tls_pair t;
    pki_open(&p);
    tls_open(&t, &p, &p.stray, false);
    assert_int_equal(send_from_fe(&t), 0);
    BOTH(&t, t.fe.results == 1);
    assert_int_equal(t.fe.code, 403);
    assert_int_equal(t.us.requests, 0);
    tls_close(&t);
    pki_close(&p);
}

/* ---- activation and the end ---- */

static void count_listener(void *arg, enum fg_transport t, const char *address)
{
    (void)t;
    assert_non_null(strstr(address, "127.0.0.1:"));
    ++*(unsigned *)arg;
}

static void activation(void **state)
{
    (void)state;
    struct lab l;
    lab_serve(&l, &any_front, 1);
    int fd = connected("127.0.0.1", SOCK_DGRAM, l.udp_port);
    int tcp = connected("127.0.0.1", SOCK_STREAM, l.tcp_port);
    say(fd, req("MESSAGE", "", "udp"));
    UNTIL(&l, l.requests == 1);
    struct fg_sip_request *over_udp = l.held;
    say(tcp, req_full("MESSAGE", THEIRS, OURS, THEIRS, TCP_VIA, "", "tcp"));
    UNTIL(&l, l.requests == 2);
    struct fg_sip_request *over_tcp = l.held;
    /* UDP stays, the TCP listener goes: both transactions live on. */
    struct fg_sip_listener keep = {.address = "u", .transport = FG_UDP, .fd = -1};
    activate(&l, &any_front, 1, &keep, 1);
    unsigned count = 0;
    fg_sip_listeners(l.sip, count_listener, &count);
    assert_int_equal(count, 1);
    fg_sip_respond(over_udp, &(struct fg_sip_answer){.code = 200});
    fg_sip_respond(over_tcp, &(struct fg_sip_answer){.code = 200});
    expect(hear(&l, fd), "SIP/2.0 200 OK");
    expect(hear(&l, tcp), "SIP/2.0 200 OK");
    int refused = bound("127.0.0.1", SOCK_STREAM);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(l.tcp_port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    fcntl(refused, F_SETFL, 0);
    assert_int_equal(connect(refused, (struct sockaddr *)&a, sizeof a), -1);
    close(refused);
    /* The UDP listener moves to another port with a request unanswered. */
    say(fd, req("MESSAGE", "", "moving"));
    UNTIL(&l, l.requests == 3);
    int other = fg_listen_open("127.0.0.1:0", true);
    struct fg_sip_listener moved = {.address = "elsewhere", .transport = FG_UDP, .fd = other};
    uint16_t new_port = port_of(other);
    activate(&l, &any_front, 1, &moved, 1);
    close(fd);
    fg_sip_respond(l.held, &(struct fg_sip_answer){.code = 200});
    fd = connected("127.0.0.1", SOCK_DGRAM, new_port);
    say(fd, req("OPTIONS", "", ""));
    expect(hear(&l, fd), "SIP/2.0 200 OK");
    /* A call of ours goes on over what is left. */
    int peer = bound("127.0.0.1", SOCK_DGRAM);
    struct front fe = {.transport = FG_UDP, .port = port_of(peer)};
    struct fg_sip_listener still = {.address = "elsewhere", .transport = FG_UDP, .fd = -1};
    fg_sip_set_timing(l.sip, &(struct fg_sip_timing){100, 400, 100});
    activate(&l, &fe, 1, &still, 1);
    assert_int_equal(send_text(&l, "going on"), 0);
    struct sockaddr_in from;
    hear_from(&l, peer, &from);
    assert_int_equal(ntohs(from.sin_port), new_port);
    activate(&l, &fe, 1, NULL, 0);
    char *request = strdup(hear_from(&l, peer, &from));
    assert_int_not_equal(ntohs(from.sin_port), new_port);
    reply(peer, &from, resp(request, 200, ""));
    UNTIL(&l, l.results == 1);
    assert_int_equal(l.code, 200);
    free(request);
    close(peer);
    /* No listener at all. */
    activate(&l, NULL, 0, NULL, 0);
    count = 0;
    fg_sip_listeners(l.sip, count_listener, &count);
    assert_int_equal(count, 0);
    close(fd);
    close(tcp);
    lab_close(&l);
}

/* A front end disappears while a call is on its way to it. */
static void front_end_removed(void **state)
{
    (void)state;
    struct lab l;
    int tcp = bound("127.0.0.1", SOCK_STREAM);
    assert_int_equal(listen(tcp, 5), 0);
    struct front fe = {.transport = FG_TCP, .port = port_of(tcp)};
    lab_serve(&l, &fe, 1);
    assert_int_equal(send_text(&l, "one"), 0);
    int conn = -1;
    UNTIL(&l, (conn = accept4(tcp, NULL, NULL, SOCK_NONBLOCK)) >= 0);
    char *request = strdup(hear(&l, conn));
    activate(&l, NULL, 0, NULL, 0);
    assert_int_equal(send_text(&l, "two"), ENETUNREACH);
    /* The running one gets its answer; then the connection ends. */
    say(conn, resp(request, 200, ""));
    UNTIL(&l, l.results == 1);
    assert_int_equal(l.code, 200);
    assert_string_equal(hear(&l, conn), "");
    free(request);
    close(conn);
    close(tcp);
    lab_close(&l);
}

static void on_stopped(void *arg)
{
    struct lab *l = arg;
    assert_false(l->stopped);
    l->stopped = true;
}

static void stopping(void **state)
{
    (void)state;
    struct lab l;
    int peer = bound("127.0.0.1", SOCK_DGRAM);
    struct front fe = {.transport = FG_UDP, .port = port_of(peer)};
    lab_serve(&l, &fe, 1);
    int fd = connected("127.0.0.1", SOCK_DGRAM, l.udp_port);
    int idle = connected("127.0.0.1", SOCK_STREAM, l.tcp_port);
    say(fd, req("MESSAGE", "", "one"));
    UNTIL(&l, l.requests == 1 && l.sip->n_inbound == 1);
    struct sockaddr_in from;
    assert_int_equal(send_text(&l, "out"), 0);
    char *request = strdup(hear_from(&l, peer, &from));
    fg_sip_shutdown(l.sip, on_stopped, &l);
    assert_string_equal(hear(&l, idle), "");
    assert_int_equal(send_text(&l, "late"), ESHUTDOWN);
    say(fd, req("MESSAGE", "", "late"));
    silence(&l, fd);
    assert_int_equal(l.requests, 1);
    assert_false(l.stopped);
    fg_sip_respond(l.held, &(struct fg_sip_answer){.code = 200});
    expect(hear(&l, fd), "SIP/2.0 200 OK");
    for (int i = 0; i < 10; i++) turn(&l);
    assert_false(l.stopped);
    reply(peer, &from, resp(request, 200, ""));
    UNTIL(&l, l.stopped);
    assert_int_equal(l.results, 1);
    free(request);
    close(fd);
    close(idle);
    close(peer);
    lab_close(&l);
}

/* Freed with everything under way: every call hears of it, nothing leaks. */
static void freed_in_the_middle(void **state)
{
    (void)state;
    struct lab l;
    int tcp = bound("127.0.0.1", SOCK_STREAM), udp = bound("127.0.0.1", SOCK_DGRAM);
    assert_int_equal(listen(tcp, 5), 0);
    struct front fes[] = {{.transport = FG_TCP, .port = port_of(tcp)},
                          {.transport = FG_UDP, .port = port_of(udp)}};
    lab_serve(&l, fes, 2);
    int fd = connected("127.0.0.1", SOCK_DGRAM, l.udp_port);
    int in = connected("127.0.0.1", SOCK_STREAM, l.tcp_port);
    say(fd, req("MESSAGE", "", "one"));
    say(fd, req("INVITE", "", ""));
    say(in, req_full("MESSAGE", THEIRS, OURS, THEIRS, TCP_VIA, "", "two"));
    UNTIL(&l, l.requests == 2);
    say(in, "MESSAGE half");
    for (int i = 0; i < 5; i++) assert_int_equal(send_text(&l, "x"), 0);
    turn(&l);
    fg_sip_free(l.sip);
    assert_int_equal(l.results, 5);
    assert_int_equal(l.why, FG_FAIL_SHUTDOWN);
    fg_net_free(l.net);
    fg_snapshot_put(l.snapshot);
    ev_loop_destroy(l.loop);
    close(tcp);
    close(udp);
    close(fd);
    close(in);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_over_udp),
        cmocka_unit_test(answer_without_rport),
        cmocka_unit_test(answered_by_the_stack),
        cmocka_unit_test(invite_until_ack),
        cmocka_unit_test(strangers),
        cmocka_unit_test(events_about_strangers_are_limited),
        cmocka_unit_test(streams),
        cmocka_unit_test(large_header_and_body),
        cmocka_unit_test(answer_to_nobody),
        cmocka_unit_test(send_over_udp),
        cmocka_unit_test(timer_f_and_next_front_end),
        cmocka_unit_test(last_503_is_told),
        cmocka_unit_test(size_over_udp),
        cmocka_unit_test(cannot_be_sent),
        cmocka_unit_test(stream_front_ends),
        cmocka_unit_test(deaf_connection),
        cmocka_unit_test(unresolvable_front_end),
        cmocka_unit_test(mutual_tls),
        cmocka_unit_test(wrong_certificates),
        cmocka_unit_test(optional_certificate),
        cmocka_unit_test(activation),
        cmocka_unit_test(front_end_removed),
        cmocka_unit_test(stopping),
        cmocka_unit_test(freed_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
