/* Server side of the SIP stack over real loopback sockets: who is heard, what the stack answers by
 * itself, transactions with short timers, streams and their limits. */
#include "tests/unit/sip_lab.h"

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
    int ear = bound("127.0.0.1", SOCK_DGRAM),
        mouth = connected("127.0.0.1", SOCK_DGRAM, l.udp_port);
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
    snprintf(own_via, sizeof own_via, "%s;x, SIP/2.0/UDP g;branch=z9hG4bK%s0123", UDP_VIA,
             l.sip->cookie);
    char *trap = strchr(own_via, ',');
    *trap = '\0';
    char loop_header[300];
    snprintf(loop_header, sizeof loop_header, "Via:%s\r\n", trap + 1);
    const struct {
        const char *method, *ruri, *from, *to, *more, *begin, *part;
    } cases[] = {
        {"OPTIONS", THEIRS, OURS, THEIRS, "", "SIP/2.0 200 OK",
         "Allow: MESSAGE, OPTIONS\r\nAccept: text/plain\r\n"},
        {"OPTIONS", "sip:fabrikam.test", OURS, THEIRS, "Max-Forwards: 0\r\n", "SIP/2.0 200 OK", ""},
        {"SUBSCRIBE", THEIRS, OURS, THEIRS, "", "SIP/2.0 405 ", "Allow: MESSAGE, OPTIONS\r\n"},
        {"FOO", THEIRS, OURS, THEIRS, "", "SIP/2.0 405 ", "Allow: "},
        {"CANCEL", THEIRS, OURS, THEIRS, "", "SIP/2.0 481 ", ""},
        {"MESSAGE", THEIRS, OURS, "<" THEIRS ">;tag=x", "", "SIP/2.0 481 ",
         "To: <" THEIRS ">;tag=x\r\n"},
        {"OPTIONS", THEIRS, OURS, "<" THEIRS ">;tag=x", "", "SIP/2.0 481 ", ""},
        {"MESSAGE", "sips:romeo@fabrikam.test", OURS, THEIRS, "", "SIP/2.0 480 ",
         "Warning: 380 fedgate \"SIPS Not Allowed\"\r\n"},
        {"MESSAGE", "tel:+15551234", OURS, THEIRS, "", "SIP/2.0 416 Unsupported URI Scheme", ""},
        {"MESSAGE", "http://x/y", OURS, THEIRS, "", "SIP/2.0 416 ", ""},
        {"MESSAGE", THEIRS, OURS, THEIRS, "Max-Forwards: 0\r\n", "SIP/2.0 483 Too Many Hops", ""},
        {"MESSAGE", THEIRS, OURS, THEIRS, loop_header, "SIP/2.0 482 Loop Detected", ""},
        {"MESSAGE", THEIRS, OURS, THEIRS, "Require: foo\r\nRequire: bar\r\n",
         "SIP/2.0 420 Bad Extension", "Unsupported: foo, bar\r\n"},
        {"MESSAGE", THEIRS, OURS, THEIRS, "Content-Encoding: gzip\r\n", "SIP/2.0 415 ",
         "Accept-Encoding: identity\r\n"},
        {"MESSAGE", "sip:romeo:pw@fabrikam.test", OURS, THEIRS, "", "SIP/2.0 400 ", ""},
        {"MESSAGE", THEIRS, OURS, THEIRS, "Max-Forwards: x\r\n", "SIP/2.0 400 Bad Max-Forwards",
         ""},
        {"MESSAGE", THEIRS, OURS, THEIRS, "CSeq: 7 MESSAGE\r\n", "",
         ""}, /* two: no answer can be formed */
        {"MESSAGE", THEIRS, "sip:mallory@evil.test", THEIRS, "", "SIP/2.0 403 Forbidden", ""},
        {"OPTIONS", THEIRS, "sip:mallory@evil.test", THEIRS, "", "SIP/2.0 403 Forbidden", ""},
        {"MESSAGE", THEIRS, "tel:+1", THEIRS, "", "SIP/2.0 403 Forbidden", ""},
        {"MESSAGE", THEIRS, "sip:juliet@CONTOSO.test.", THEIRS, "Content-Encoding: x\r\n",
         "SIP/2.0 415 ", ""},
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
    say(fd, "OPTIONS sip:x SIP/9.9\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: a\r\nTo: "
            "b\r\nCall-ID: c\r\n"
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
    say(fd, "MESSAGE " THEIRS " SIP/2.0\r\nVia: " TCP_VIA ";branch=z9hG4bKq\r\nFrom: <" OURS
            ">;tag=1\r\nTo: x\r\n"
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
    int n = snprintf(text, 4096,
                     "MESSAGE " THEIRS " SIP/2.0\r\nVia: %s;branch=z9hG4bKbig\r\nFrom: <" OURS
                     ">;tag=1\r\nTo: " THEIRS
                     "\r\nCall-ID: y\r\nCSeq: 1 MESSAGE\r\nContent-Length: %d\r\n\r\n",
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
    n = snprintf(text, 4096,
                 "MESSAGE " THEIRS " SIP/2.0\r\nVia: %s;branch=z9hG4bKbig\r\nFrom: <" OURS
                 ">;tag=1\r\nTo: " THEIRS "\r\nCall-ID: y\r\nCSeq: 1 MESSAGE\r\nX: ",
                 TCP_VIA);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
