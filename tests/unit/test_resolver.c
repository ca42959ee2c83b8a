/* Look-ups against a name server of the test's own on loopback: SRV and its fall-backs, "."
 * targets, failures kept apart, silence; and the order of SRV records. */
#include "gateway/net/conn.h"
#include "gateway/net/resolver.h"

#include <arpa/inet.h>
#include <cmocka.h>
#include <ev.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* ---- the name server: one thread, one table ---- */

enum { T_A = 1, T_CNAME = 5, T_AAAA = 28, T_SRV = 33, SERVFAIL = 2, NXDOMAIN = 3, SILENT = 100 };

struct zone_row {
    const char *name;
    int type; /* 0: every type gets rcode */
    int rcode;
    uint16_t priority, weight, port;
    const char *data; /* address, target */
};

static const struct zone_row zone[] = {
    {"_xmpp-server._tcp.good.test", T_SRV, 0, 20, 0, 5270, "b.good.test"},
    {"_xmpp-server._tcp.good.test", T_SRV, 0, 10, 5, 5269, "a.good.test"},
    {"_xmpps-server._tcp.good.test", T_SRV, 0, 15, 5, 5223, "a.good.test"},
    {"a.good.test", T_A, 0, .data = "192.0.2.1"},
    {"a.good.test", T_AAAA, 0, .data = "2001:db8::1"},
    {"b.good.test", T_A, 0, .data = "192.0.2.2"},
    {"plain.test", T_A, 0, .data = "192.0.2.3"},
    {"_xmpp-server._tcp.no.test", T_SRV, 0, 0, 0, 0, ""},
    {"no.test", T_A, 0, .data = "192.0.2.4"},
    {"_xmpps-server._tcp.direct.test", T_SRV, 0, 0, 0, 5223, "plain.test"},
    {"_xmpp-server._tcp.direct.test", T_SRV, 0, 0, 0, 0, ""},
    {"_xmpps-server._tcp.onlydot.test", T_SRV, 0, 0, 0, 0, ""},
    {"onlydot.test", T_A, 0, .data = "192.0.2.5"},
    {"_xmpp-server._tcp.gone.test", T_SRV, 0, 0, 0, 5269, "nowhere.test"},
    {"_xmpp-server._tcp.broken.test", 0, SERVFAIL, .data = ""},
    {"broken.test", T_A, 0, .data = "192.0.2.6"},
    {"_xmpp-server._tcp.silent.test", 0, SILENT, .data = ""},
    {"_xmpp-server._tcp.alias.test", T_SRV, 0, 0, 0, 5269, "cname.test"},
    {"cname.test", T_CNAME, 0, .data = "plain.test"},
    {"_xmpp-server._tcp.half.test", T_SRV, 0, 1, 0, 5269, "plain.test"},
    {"_xmpp-server._tcp.half.test", T_SRV, 0, 2, 0, 5269, "silent-target.test"},
    {"silent-target.test", 0, SILENT, .data = ""},
    {"_xmpp-server._tcp.partner.com", T_SRV, 0, 10, 5, 5269, "host.partner.com"},
    {"host.partner.com", T_A, 0, .data = "192.0.2.9"},
};

struct server {
    int fd;
    uint16_t port;
    pthread_t thread;
    atomic_bool stop;
};

static size_t put_name(uint8_t *to, const char *name)
{
    size_t n = 0;
    while (*name) {
        size_t label = strcspn(name, ".");
        to[n++] = (uint8_t)label;
        memcpy(to + n, name, label);
        n += label;
        name += label + (name[label] == '.');
    }
    to[n++] = 0;
    return n;
}

static size_t put16(uint8_t *to, unsigned v)
{
    to[0] = (uint8_t)(v >> 8);
    to[1] = (uint8_t)v;
    return 2;
}

static size_t put_record(uint8_t *to, const struct zone_row *r)
{
    uint8_t data[300];
    size_t len = 0;
    if (r->type == T_SRV) {
        len += put16(data, r->priority);
        len += put16(data + len, r->weight);
        len += put16(data + len, r->port);
        len += put_name(data + len, r->data);
    } else if (r->type == T_CNAME) {
        len = put_name(data, r->data);
    } else {
        inet_pton(r->type == T_A ? AF_INET : AF_INET6, r->data, data);
        len = r->type == T_A ? 4 : 16;
    }
    size_t n = put_name(to, r->name);
    n += put16(to + n, (unsigned)r->type);
    n += put16(to + n, 1);
    n += put16(to + n, 0);
    n += put16(to + n, 60);
    n += put16(to + n, (unsigned)len);
    memcpy(to + n, data, len);
    return n + len;
}

/* Builds the answer behind the question; 0 when nothing is to be said. */
static size_t answer(const uint8_t *q, size_t len, uint8_t *out)
{
    char name[256] = "";
    size_t at = 12;
    while (at < len && q[at]) {
        size_t used = strlen(name);
        snprintf(name + used, sizeof name - used, "%s%.*s", used ? "." : "", q[at], q + at + 1);
        at += 1u + q[at];
    }
    int type = q[at + 1] << 8 | q[at + 2];
    size_t n = at + 5;
    memcpy(out, q, n);
    unsigned count = 0, rcode = NXDOMAIN;
    for (size_t i = 0; i < sizeof zone / sizeof *zone; i++) {
        if (strcasecmp(zone[i].name, name) != 0) continue;
        if (zone[i].rcode == SILENT) return 0;
        rcode = (unsigned)zone[i].rcode;
        if (zone[i].rcode || (zone[i].type != type && zone[i].type != T_CNAME)) continue;
        n += put_record(out + n, &zone[i]);
        count++;
    }
    put16(out + 2, 0x8180u | rcode);
    put16(out + 4, 1);
    put16(out + 6, count);
    memset(out + 8, 0, 4);
    return n;
}

static void *serve(void *arg)
{
    struct server *s = arg;
    while (!atomic_load(&s->stop)) {
        uint8_t q[1500], a[1500];
        struct sockaddr_in peer;
        socklen_t len = sizeof peer;
        ssize_t n = recvfrom(s->fd, q, sizeof q, 0, (struct sockaddr *)&peer, &len);
        if (n < 17) continue;
        size_t out = answer(q, (size_t)n, a);
        if (out) sendto(s->fd, a, out, 0, (struct sockaddr *)&peer, len);
    }
    return NULL;
}

static int server_start(void **state)
{
    static struct server s;
    s.fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof sa;
    if (bind(s.fd, (struct sockaddr *)&sa, len)) return -1;
    getsockname(s.fd, (struct sockaddr *)&sa, &len);
    struct timeval tick = {.tv_usec = 100000};
    setsockopt(s.fd, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof tick);
    s.port = ntohs(sa.sin_port);
    *state = &s;
    return pthread_create(&s.thread, NULL, serve, &s);
}

static int server_stop(void **state)
{
    struct server *s = *state;
    atomic_store(&s->stop, true);
    pthread_join(s->thread, NULL);
    close(s->fd);
    return 0;
}

/* ---- asking ---- */

struct lab {
    struct ev_loop *loop;
    struct fg_net *net;
    struct fg_resolver *resolver;
};

struct result {
    bool done;
    enum fg_failure why;
    char text[1024]; /* "address[*],..." with * for direct TLS */
    struct lab *lab;
};

static void on_resolved(const struct fg_endpoint *eps, size_t n, enum fg_failure why, void *arg)
{
    struct result *r = arg;
    assert_false(r->done);
    r->done = true;
    r->why = why;
    assert_int_equal(n > 0, why == FG_FAIL_NONE);
    for (size_t i = 0; i < n; i++) {
        char a[FG_ADDR_TEXT];
        size_t used = strlen(r->text);
        snprintf(r->text + used, sizeof r->text - used, "%s%s%s", used ? "," : "",
                 fg_addr_text(a, (const struct sockaddr *)&eps[i].addr),
                 eps[i].direct_tls ? "*" : "");
        assert_false(eps[i].secure);
    }
}

static void lab_open(struct lab *l, const struct server *s, enum fg_dnssec dnssec, int deadline_ms)
{
    l->loop = ev_loop_new(EVFLAG_AUTO);
    assert_int_equal(fg_net_new(&l->net, l->loop), 0);
    char text[32];
    snprintf(text, sizeof text, "127.0.0.1:%u", s->port);
    const char *servers[] = {text};
    assert_int_equal(
        fg_resolver_new(&l->resolver, &(struct fg_resolver_settings){.servers = servers,
                                                                     .n_servers = 1,
                                                                     .dnssec = dnssec,
                                                                     .deadline_ms = deadline_ms}),
        0);
    assert_int_equal(fg_resolver_attach(l->resolver, l->net), 0);
}

static void lab_close(struct lab *l)
{
    fg_resolver_free(l->resolver);
    fg_net_free(l->net);
    ev_loop_destroy(l->loop);
}

static void until(struct lab *l, const struct result *r)
{
    while (!r->done) ev_run(l->loop, EVRUN_ONCE);
}

static void xmpp(void **state)
{
    static const struct {
        const char *domain;
        bool direct;
        enum fg_failure why;
        const char *text;
    } rows[] = {
        {"good.test", false, FG_FAIL_NONE, "[2001:db8::1]:5269,192.0.2.1:5269,192.0.2.2:5270"},
        {"good.test", true, FG_FAIL_NONE,
         "[2001:db8::1]:5269,192.0.2.1:5269,[2001:db8::1]:5223*,192.0.2.1:5223*,192.0.2.2:5270"},
        {"plain.test", true, FG_FAIL_NONE, "192.0.2.3:5269"},
        {"no.test", false, FG_FAIL_DNS_NOT_OFFERED, ""},
        {"direct.test", true, FG_FAIL_NONE, "192.0.2.3:5223*"},
        {"direct.test", false, FG_FAIL_DNS_NOT_OFFERED, ""},
        {"onlydot.test", true, FG_FAIL_DNS_NOT_OFFERED, ""},
        {"gone.test", false, FG_FAIL_DNS_NOT_FOUND, ""},
        {"absent.test", false, FG_FAIL_DNS_NOT_FOUND, ""},
        {"broken.test", false, FG_FAIL_DNS_TIMEOUT, ""},
        {"alias.test", false, FG_FAIL_NONE, "192.0.2.3:5269"},
    };
    /* With and without the validator: names below test. are never expected to be signed. */
    for (int d = 0; d < 2; d++) {
        struct lab l;
        lab_open(&l, *state, d ? FG_DNSSEC_USE : FG_DNSSEC_OFF, 20000);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            struct result r = {0};
            assert_true(
                fg_resolve_xmpp(l.resolver, rows[i].domain, rows[i].direct, on_resolved, &r) != 0);
            assert_false(r.done);
            until(&l, &r);
            if (r.why != rows[i].why || strcmp(r.text, rows[i].text) != 0)
                fail_msg("%s: %s, %s", rows[i].domain, fg_failure_id(r.why), r.text);
        }
        lab_close(&l);
    }
}

static void require_refuses_unsigned(void **state)
{
    struct lab l;
    lab_open(&l, *state, FG_DNSSEC_REQUIRE, 20000);
    struct result r = {0};
    fg_resolve_xmpp(l.resolver, "good.test", false, on_resolved, &r);
    until(&l, &r);
    assert_int_equal(r.why, FG_FAIL_DNS_BOGUS);
    lab_close(&l);
}

/* A name server that knows nothing of DNSSEC, as many do: with "use" names are found all the same,
 * and with "require" they are not. */
static void server_without_dnssec(void **state)
{
    for (int require = 0; require < 2; require++) {
        struct lab l;
        lab_open(&l, *state, require ? FG_DNSSEC_REQUIRE : FG_DNSSEC_USE, 20000);
        struct result r = {0};
        fg_resolve_xmpp(l.resolver, "partner.com", false, on_resolved, &r);
        until(&l, &r);
        assert_int_equal(r.why, require ? FG_FAIL_DNS_BOGUS : FG_FAIL_NONE);
        assert_string_equal(r.text, require ? "" : "192.0.2.9:5269");
        lab_close(&l);
    }
}

static void silence(void **state)
{
    struct lab l;
    lab_open(&l, *state, FG_DNSSEC_OFF, 1000);
    struct result r = {0}, half = {0};
    fg_resolve_xmpp(l.resolver, "silent.test", false, on_resolved, &r);
    fg_resolve_xmpp(l.resolver, "half.test", false, on_resolved, &half);
    until(&l, &r);
    until(&l, &half);
    assert_int_equal(r.why, FG_FAIL_DNS_TIMEOUT);
    assert_string_equal(half.text, "192.0.2.3:5269"); /* what came in time counts */
    lab_close(&l);
}

static void hosts(void **state)
{
    static const struct {
        const char *host, *text;
        enum fg_failure why;
    } rows[] = {
        {"192.0.2.77", "192.0.2.77:99", FG_FAIL_NONE},
        {"2001:db8::77", "[2001:db8::77]:99", FG_FAIL_NONE},
        {"a.good.test", "[2001:db8::1]:99,192.0.2.1:99", FG_FAIL_NONE},
        {"nowhere.test", "", FG_FAIL_DNS_NOT_FOUND},
    };
    struct lab l;
    lab_open(&l, *state, FG_DNSSEC_OFF, 20000);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct result r = {0};
        fg_resolve_host(l.resolver, rows[i].host, 99, on_resolved, &r);
        assert_false(r.done);
        until(&l, &r);
        assert_int_equal(r.why, rows[i].why);
        assert_string_equal(r.text, rows[i].text);
    }
    lab_close(&l);
}

static void cancel(void **state)
{
    struct lab l;
    lab_open(&l, *state, FG_DNSSEC_OFF, 20000);
    struct result never = {0}, literal = {0}, r = {0};
    uint64_t a = fg_resolve_xmpp(l.resolver, "good.test", true, on_resolved, &never);
    uint64_t b = fg_resolve_host(l.resolver, "192.0.2.1", 1, on_resolved, &literal);
    fg_resolver_cancel(l.resolver, a);
    fg_resolver_cancel(l.resolver, a);
    fg_resolver_cancel(l.resolver, b);
    fg_resolver_cancel(l.resolver, 999);
    fg_resolve_xmpp(l.resolver, "plain.test", true, on_resolved, &r);
    until(&l, &r);
    assert_false(never.done);
    assert_false(literal.done);
    fg_resolve_xmpp(l.resolver, "silent.test", true, on_resolved, &never);
    lab_close(&l); /* under way: cancelled, handler not called */
    assert_false(never.done);
}

static void free_inside(const struct fg_endpoint *eps, size_t n, enum fg_failure why, void *arg)
{
    (void)eps;
    (void)n;
    (void)why;
    struct result *r = arg;
    r->done = true;
    fg_resolver_free(r->lab->resolver);
    r->lab->resolver = NULL;
}

static void freed_by_handler(void **state)
{
    struct lab l;
    lab_open(&l, *state, FG_DNSSEC_OFF, 20000);
    struct result r = {.lab = &l};
    fg_resolve_xmpp(l.resolver, "good.test", true, free_inside, &r);
    until(&l, &r);
    lab_close(&l);
}

/* ---- RFC 2782 ---- */

static uint32_t dice(uint32_t max, void *arg)
{
    unsigned *seed = arg;
    return (uint32_t)((uint64_t)rand_r(seed) * ((uint64_t)max + 1) / ((uint64_t)RAND_MAX + 1));
}

static void srv_order(void **state)
{
    (void)state;
    enum { PICKS = 20000 };
    unsigned seed = 42, first[3] = {0};
    for (int i = 0; i < PICKS; i++) {
        struct fg_srv r[] = {{.priority = 20, .weight = 1000, .port = 9},
                             {.priority = 10, .weight = 60, .port = 0},
                             {.priority = 10, .weight = 30, .port = 1},
                             {.priority = 10, .weight = 10, .port = 2}};
        fg_srv_order(r, 4, dice, &seed);
        assert_int_equal(r[3].port, 9);
        assert_true(r[0].port < 3);
        first[r[0].port]++;
    }
    static const double share[] = {0.6, 0.3, 0.1};
    for (int i = 0; i < 3; i++) {
        double got = (double)first[i] / PICKS;
        assert_true(got > share[i] - 0.05 && got < share[i] + 0.05);
    }
}

static void srv_weightless(void **state)
{
    (void)state;
    unsigned seed = 7, zero_first = 0;
    for (int i = 0; i < 20000; i++) {
        struct fg_srv r[] = {{.priority = 1, .weight = 99, .port = 1}, {.priority = 1, .port = 2}};
        fg_srv_order(r, 2, dice, &seed);
        zero_first += r[0].port == 2;
    }
    assert_in_range(zero_first, 1, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xmpp),
        cmocka_unit_test(require_refuses_unsigned),
        cmocka_unit_test(server_without_dnssec),
        cmocka_unit_test(silence),
        cmocka_unit_test(hosts),
        cmocka_unit_test(cancel),
        cmocka_unit_test(freed_by_handler),
        cmocka_unit_test(srv_order),
        cmocka_unit_test(srv_weightless),
    };
    return cmocka_run_group_tests(tests, server_start, server_stop);
}
