/* Client side of the SIP stack over real loopback sockets: requests of ours, retransmission,
 * fail-over between front ends, connections that break; activation and stopping with both sides
 * under way. */
#include "tests/unit/sip_lab.h"

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
    contains(request, "\r\nCSeq: 1 MESSAGE\r\nSubject: s\r\nContent-Type: "
                      "text/plain\r\nContent-Length: 5\r\n\r\nhello");
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
    body[strlen(body)] = 'y';
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
    struct fg_sip_out o = {.method = "MESSAGE",
                           .domain = "nowhere.test",
                           .ruri = "sip:a@b",
                           .from = "sip:c@d",
                           .to = "sip:a@b",
                           .done = on_result,
                           .arg = &l};
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
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(l.tcp_port),
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
        cmocka_unit_test(send_over_udp),    cmocka_unit_test(timer_f_and_next_front_end),
        cmocka_unit_test(last_503_is_told), cmocka_unit_test(size_over_udp),
        cmocka_unit_test(cannot_be_sent),   cmocka_unit_test(stream_front_ends),
        cmocka_unit_test(deaf_connection),  cmocka_unit_test(unresolvable_front_end),
        cmocka_unit_test(activation),       cmocka_unit_test(front_end_removed),
        cmocka_unit_test(stopping),         cmocka_unit_test(freed_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
