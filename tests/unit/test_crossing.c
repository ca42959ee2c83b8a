/* A message crosses two whole engines in one process: SIP front end of contoso.test, our engine, an
 * XMPP stream, a second engine, SIP front end of fabrikam.test; by each way of authenticating, and
 * the refusals. Nothing is replaced: sockets, DNS-free proxies, certificates of a test authority.
 */
#include "gateway/engine.h"
#include "tests/unit/make_cert.h"

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_MS = 40000 };

struct side {
    const char *domain, *other_domain;
    struct fg_engine *engine;
    struct made_cert cert;
    const char *ca_pem;
    uint16_t xmpp_port, sip_port;
    int front; /* the front end: a UDP socket of the test */
    uint16_t front_port;
    uint64_t revision;
    pthread_mutex_t lock;
    char rules[2048]; /* events seen: "code/rule;" */
};

struct terms {
    enum fg_need tls, sasl;
    bool dialback;
    enum fg_method method; /* expected */
    bool other_absent;     /* the receiving side has no such partner */
    bool no_access;        /* the receiving side's policy forbids */
};

static uint16_t port_of(int fd)
{
    struct sockaddr_in sa;
    socklen_t len = sizeof sa;
    getsockname(fd, (struct sockaddr *)&sa, &len);
    return ntohs(sa.sin_port);
}

static int local_socket(int type)
{
    int fd = socket(AF_INET, type, 0);
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof sa), 0);
    return fd;
}

static uint16_t free_port(int type)
{
    int fd = local_socket(type);
    uint16_t port = port_of(fd);
    close(fd);
    return port;
}

static int credential(void *arg, const char *id, struct fg_credential_pem *out)
{
    const struct side *s = arg;
    (void)id;
    out->chain = strdup(s->cert.cert_pem);
    out->key = strdup(s->cert.key_pem);
    return 0;
}

static void on_event(void *arg, const struct fg_event *e)
{
    struct side *s = arg;
    pthread_mutex_lock(&s->lock);
    size_t used = strlen(s->rules);
    snprintf(s->rules + used, sizeof s->rules - used, "%s/%s/%s;", e->code, e->rule ? e->rule : "",
             fg_failure_id(e->failure));
    pthread_mutex_unlock(&s->lock);
}

static struct fg_snapshot *configure(struct side *s, const struct side *other,
                                     const struct terms *t, bool receiving)
{
    struct fg_snapshot_builder *b;
    struct fg_snapshot *snapshot;
    const struct fg_listener xmpp = {
        .address = "127.0.0.1", .port = s->xmpp_port, .transport = FG_TCP};
    const struct fg_listener sip = {
        .address = "127.0.0.1", .port = s->sip_port, .transport = FG_UDP};
    const char *fronts[] = {"fe"}, *domains[] = {s->other_domain};
    bool access = !(receiving && t->no_access);
    assert_int_equal(fg_snapshot_builder_new(&b, NULL), 0);
    struct fg_settings settings = {.federation_enabled = true,
                                   .connection_limit = 100,
                                   .partner_connection_limit = 10,
                                   .keepalive_interval_s = 300,
                                   .stream_establishment_timeout_s = 20,
                                   .stream_inactivity_timeout_s = 600,
                                   .xmpp = &xmpp,
                                   .n_xmpp = 1,
                                   .sip = &sip,
                                   .n_sip = 1,
                                   .limits = {.unauthenticated_per_address = 1000,
                                              .unauthenticated_total = 1000,
                                              .stanza_bytes = 262144,
                                              .unauthenticated_bytes = 10000,
                                              .depth = 64,
                                              .attributes = 100,
                                              .queue_per_partner = 100,
                                              .pending_verifications = 100}};
    int err = fg_snapshot_put_settings(b, &settings);
    err |= fg_snapshot_put_front_end(b, &(struct fg_front_end){.entry.key = "fe",
                                                               .name = "fe",
                                                               .host = "127.0.0.1",
                                                               .port = s->front_port,
                                                               .transport = FG_UDP,
                                                               .tls_name = "fe.test"});
    err |= fg_snapshot_put_domain(b, &(struct fg_domain){.entry.key = s->domain,
                                                         .domain = s->domain,
                                                         .front_ends = fronts,
                                                         .n_front_ends = 1});
    err |= fg_snapshot_put_policy(b, &(struct fg_policy_entry){.entry.key = "global",
                                                               .identity = "global",
                                                               .federation_access = access,
                                                               .xmpp_access = access});
    if (!(receiving && t->other_absent))
        err |= fg_snapshot_put_partner(b, &(struct fg_partner){.entry.key = s->other_domain,
                                                               .domain = s->other_domain,
                                                               .domains = domains,
                                                               .n_domains = 1,
                                                               .type = FG_FEDERATED,
                                                               .tls = t->tls,
                                                               .sasl = t->sasl,
                                                               .dialback = t->dialback,
                                                               .keepalive = true,
                                                               .proxy_host = "127.0.0.1",
                                                               .proxy_port = other->xmpp_port});
    err |= fg_snapshot_put_trust_anchor(
        b, &(struct fg_trust_anchor){
               .entry.key = "ca", .name = "ca", .pem = s->ca_pem, .external = true});
    err |= fg_snapshot_put_assignment(
        b,
        &(struct fg_assignment){.entry.key = "external", .usage = "external", .certificate = "x"});
    assert_int_equal(err, 0);
    assert_int_equal(fg_snapshot_builder_finish(b, ++s->revision, &snapshot), 0);
    fg_snapshot_builder_free(b);
    return snapshot;
}

static void commit(struct side *s, const struct side *other, const struct terms *t, bool receiving)
{
    struct fg_problems problems, warnings;
    struct fg_plan *plan;
    fg_problems_init(&problems);
    fg_problems_init(&warnings);
    struct fg_snapshot *snapshot = configure(s, other, t, receiving);
    assert_int_equal(
        fg_engine_prepare(s->engine, snapshot, FG_PREPARE_STRICT, &plan, &problems, &warnings), 0);
    fg_snapshot_put(snapshot);
    assert_int_equal(fg_engine_activate(s->engine, plan, WAIT_MS), 0);
    fg_problems_free(&problems);
    fg_problems_free(&warnings);
}

static void side_open(struct side *s, const char *domain, const char *other,
                      const struct made_cert *ca)
{
    char san[64];
    memset(s, 0, sizeof *s);
    s->domain = domain;
    s->other_domain = other;
    s->ca_pem = ca->cert_pem;
    snprintf(san, sizeof san, "DNS:%s", domain);
    s->cert = make_cert(&(struct cert_wish){.issuer = ca, .san = san, .eku = "serverAuth"});
    s->front = local_socket(SOCK_DGRAM);
    s->front_port = port_of(s->front);
    s->xmpp_port = free_port(SOCK_STREAM);
    s->sip_port = free_port(SOCK_DGRAM);
    pthread_mutex_init(&s->lock, NULL);
    assert_int_equal(
        fg_engine_new(&s->engine, &(struct fg_engine_params){.report = {on_event, s, FG_INFO},
                                                             .credential = credential,
                                                             .credential_arg = s,
                                                             .dialback_secret = domain}),
        0);
}

static void side_close(struct side *s)
{
    fg_engine_free(s->engine, 3000);
    close(s->front);
    made_free(&s->cert);
}

/* ---- the front ends ---- */

static void sip_send_message(const struct side *s, const char *branch, const char *body)
{
    char text[2048];
    snprintf(text, sizeof text,
             "MESSAGE sip:romeo@%s SIP/2.0\r\n"
             "Via: SIP/2.0/UDP 127.0.0.1:%u;branch=z9hG4bK%s\r\n"
             "Max-Forwards: 70\r\nFrom: <sip:juliet@%s>;tag=%s\r\nTo: <sip:romeo@%s>\r\n"
             "Call-ID: thread-%s@test\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\n"
             "Content-Length: %zu\r\n\r\n%s",
             s->other_domain, s->front_port, branch, s->domain, branch, s->other_domain, branch,
             strlen(body), body);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(s->sip_port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_true(sendto(s->front, text, strlen(text), 0, (struct sockaddr *)&to, sizeof to) > 0);
}

/* The next datagram, with a NUL; false when none comes in time. */
static bool receive(const struct side *s, char *text, size_t size, struct sockaddr_in *from,
                    int wait_ms)
{
    struct pollfd p = {.fd = s->front, .events = POLLIN};
    socklen_t len = sizeof *from;
    if (poll(&p, 1, wait_ms) <= 0) return false;
    ssize_t n = recvfrom(s->front, text, size - 1, 0, (struct sockaddr *)from, &len);
    text[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/* Copies the header lines whose names begin so. */
static void copy_header(char *out, size_t size, const char *message, const char *name)
{
    const char *at = strstr(message, name);
    size_t used = strlen(out);
    if (!at) fail_msg("no %s in %s", name, message);
    snprintf(out + used, size - used, "%.*s\r\n", (int)strcspn(at, "\r"), at);
}

static void answer(const struct side *s, const char *request, const struct sockaddr_in *to,
                   const char *status)
{
    char text[2048];
    snprintf(text, sizeof text, "SIP/2.0 %s\r\n", status);
    copy_header(text, sizeof text, request, "Via:");
    copy_header(text, sizeof text, request, "From:");
    copy_header(text, sizeof text, request, "To:");
    copy_header(text, sizeof text, request, "Call-ID:");
    copy_header(text, sizeof text, request, "CSeq:");
    size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "Content-Length: 0\r\n\r\n");
    sendto(s->front, text, strlen(text), 0, (const struct sockaddr *)to, sizeof *to);
}

/* Status of the final answer to the one request we have under way. */
static int final_status(const struct side *s)
{
    char text[4096];
    struct sockaddr_in from;
    while (receive(s, text, sizeof text, &from, WAIT_MS))
        if (strncmp(text, "SIP/2.0 ", 8) == 0 && text[8] != '1')
            return (int)strtol(text + 8, NULL, 10);
    return 0;
}

/* ---- what the engines say ---- */

struct methods {
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool done;
    unsigned of[FG_DIALBACK_TCP + 1];
    struct fg_engine_counters counters;
};

static void on_view(void *arg, const struct fg_engine_view *v)
{
    struct methods *m = arg;
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < v->n_streams; i++) m->of[v->streams[i].method]++;
    m->counters = v->counters;
    m->done = true;
    pthread_cond_signal(&m->told);
    pthread_mutex_unlock(&m->lock);
}

static struct methods look(struct side *s)
{
    struct methods m = {.lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER};
    assert_int_equal(fg_engine_query(s->engine, FG_VIEW_STREAMS, on_view, &m), 0);
    pthread_mutex_lock(&m.lock);
    while (!m.done) pthread_cond_wait(&m.told, &m.lock);
    pthread_mutex_unlock(&m.lock);
    return m;
}

static bool saw(struct side *s, const char *part)
{
    pthread_mutex_lock(&s->lock);
    bool found = strstr(s->rules, part);
    pthread_mutex_unlock(&s->lock);
    return found;
}

static void await_event(struct side *s, const char *part)
{
    for (int i = 0; i < WAIT_MS / 10 && !saw(s, part); i++) usleep(10000);
    if (!saw(s, part)) fail_msg("no event %s in %s", part, s->rules);
}

/* ---- tests ---- */

struct lab {
    struct made_cert ca;
    struct side contoso, fabrikam;
};

static void lab_open(struct lab *l, const struct terms *t)
{
    l->ca = make_cert(&(struct cert_wish){.ca = true});
    side_open(&l->contoso, "contoso.test", "fabrikam.test", &l->ca);
    side_open(&l->fabrikam, "fabrikam.test", "contoso.test", &l->ca);
    commit(&l->contoso, &l->fabrikam, t, false);
    commit(&l->fabrikam, &l->contoso, t, true);
}

static void lab_close(struct lab *l)
{
    side_close(&l->contoso);
    side_close(&l->fabrikam);
    made_free(&l->ca);
}

static void cross(const struct side *from, const struct side *to, const char *branch,
                  const char *body)
{
    char text[4096];
    struct sockaddr_in peer;
    sip_send_message(from, branch, body);
    do {
        if (!receive(to, text, sizeof text, &peer, WAIT_MS)) fail_msg("nothing arrived");
    } while (strncmp(text, "MESSAGE ", 8) != 0);
    assert_non_null(strstr(text, "text/plain;charset=UTF-8"));
    char want[128];
    snprintf(want, sizeof want, "From: <sip:juliet@%s>", from->domain);
    assert_non_null(strstr(text, want));
    snprintf(want, sizeof want, "Call-ID: thread-%s@test\r\n", branch);
    assert_non_null(strstr(text, want));
    snprintf(want, sizeof want, "\r\n\r\n%s", body);
    assert_non_null(strstr(text, want));
    answer(to, text, &peer, "200 OK");
    assert_int_equal(final_status(from), 200);
}

static void every_method(void **state)
{
    (void)state;
    static const struct terms rows[] = {
        {FG_REQUIRED, FG_REQUIRED, false, FG_SASL_TLS, false, false},
        {FG_REQUIRED, FG_NOT_SUPPORTED, true, FG_DIALBACK_TLS, false, false},
        {FG_NOT_SUPPORTED, FG_NOT_SUPPORTED, true, FG_DIALBACK_TCP, false, false},
        {FG_OPTIONAL, FG_OPTIONAL, true, FG_SASL_TLS, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab l;
        lab_open(&l, &rows[i]);
        cross(&l.contoso, &l.fabrikam, "a1", "one");
        cross(&l.fabrikam, &l.contoso, "b1", "two");
        cross(&l.contoso, &l.fabrikam, "a2", "three \xf0\x9f\x98\x80 <&>");
        struct methods m = look(&l.contoso);
        if (m.of[rows[i].method] < 1) fail_msg("row %zu: no stream by that method", i);
        assert_int_equal(m.counters.messages_out, 2);
        lab_close(&l);
    }
}

static void unlisted_partner(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l, &(struct terms){FG_REQUIRED, FG_REQUIRED, false, FG_SASL_TLS, true, false});
    sip_send_message(&l.contoso, "x1", "hello");
    int status = final_status(&l.contoso);
    assert_true(status == 504 || status == 403);
    lab_close(&l);
}

/* The stanza is handed over, then refused by the other side's policy: the error comes back as an
 * event that names it, and the other side's event names the rule. */
static void policy_refuses(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l, &(struct terms){FG_REQUIRED, FG_OPTIONAL, true, FG_SASL_TLS, false, true});
    sip_send_message(&l.contoso, "p1", "hello");
    assert_int_equal(final_status(&l.contoso), 200);
    await_event(&l.fabrikam, "policy_denied/policy_federation_access/");
    await_event(&l.contoso, "message_refused_by_peer//peer_refused");
    /* The other way the sender's own policy answers at once. */
    sip_send_message(&l.fabrikam, "p2", "hello");
    assert_int_equal(final_status(&l.fabrikam), 403);
    lab_close(&l);
}

/* A commit that changes nothing for a stream leaves it; one that forbids its method closes it, and
 * the next message takes the new way. */
static void changes_under_way(void **state)
{
    (void)state;
    struct terms clear = {FG_OPTIONAL, FG_NOT_SUPPORTED, true, FG_DIALBACK_TLS, false, false};
    struct terms strict = {FG_REQUIRED, FG_REQUIRED, false, FG_SASL_TLS, false, false};
    struct lab l;
    lab_open(&l, &clear);
    cross(&l.contoso, &l.fabrikam, "c1", "one");
    uint64_t opened = look(&l.contoso).counters.xmpp.streams_out;
    commit(&l.contoso, &l.fabrikam, &clear, false);
    cross(&l.contoso, &l.fabrikam, "c2", "two");
    assert_int_equal(look(&l.contoso).counters.xmpp.streams_out, opened);
    commit(&l.contoso, &l.fabrikam, &strict, false);
    commit(&l.fabrikam, &l.contoso, &strict, true);
    cross(&l.contoso, &l.fabrikam, "c3", "three");
    struct methods m = look(&l.contoso);
    assert_int_equal(m.of[FG_DIALBACK_TLS], 0);
    assert_true(m.of[FG_SASL_TLS] > 0);
    lab_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_method),
        cmocka_unit_test(unlisted_partner),
        cmocka_unit_test(policy_refuses),
        cmocka_unit_test(changes_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
