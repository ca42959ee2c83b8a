/* The engine as the configuration thread sees it: prepare, activate and discard, listeners that
 * stay, move or cannot be opened, certificates and trust, views, stopping. */
#include "gateway/engine.h"
#include "tests/unit/make_cert.h"

#include <arpa/inet.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_MS = 20000 };

/* ---- configuration ---- */

struct wish {
    bool off;
    const char *xmpp[3]; /* addresses */
    uint16_t port;       /* of all of them */
    bool sip_tls;
    uint16_t sip_port; /* 0: no SIP listener */
    const char *anchor_pem, *certificate, *internal, *dns;
    uint64_t revision;
};

static struct fg_snapshot *snapshot(const struct wish *w)
{
    struct fg_snapshot_builder *b;
    struct fg_snapshot *s;
    struct fg_listener xmpp[3], sip = {.address = "127.0.0.1",
                                       .port = w->sip_port,
                                       .transport = w->sip_tls ? FG_TLS : FG_UDP};
    size_t n = 0;
    for (; n < 3 && w->xmpp[n]; n++)
        xmpp[n] = (struct fg_listener){.address = w->xmpp[n], .port = w->port, .transport = FG_TCP};
    assert_int_equal(fg_snapshot_builder_new(&b, NULL), 0);
    struct fg_settings settings = {.federation_enabled = !w->off,
                                   .connection_limit = 100,
                                   .partner_connection_limit = 10,
                                   .keepalive_interval_s = 300,
                                   .stream_establishment_timeout_s = 60,
                                   .stream_inactivity_timeout_s = 600,
                                   .xmpp = xmpp,
                                   .n_xmpp = n,
                                   .sip = &sip,
                                   .n_sip = w->sip_port != 0,
                                   .dns_servers = &w->dns,
                                   .n_dns_servers = w->dns != NULL,
                                   .limits = {.unauthenticated_per_address = 1000,
                                              .unauthenticated_total = 1000,
                                              .stanza_bytes = 262144,
                                              .unauthenticated_bytes = 10000,
                                              .depth = 64,
                                              .attributes = 100,
                                              .queue_per_partner = 100,
                                              .pending_verifications = 100}};
    assert_int_equal(fg_snapshot_put_settings(b, &settings), 0);
    assert_int_equal(fg_snapshot_put_domain(b, &(struct fg_domain){.entry.key = "contoso.test",
                                                                   .domain = "contoso.test"}),
                     0);
    if (w->anchor_pem)
        assert_int_equal(
            fg_snapshot_put_trust_anchor(b, &(struct fg_trust_anchor){.entry.key = "ca",
                                                                      .name = "ca",
                                                                      .pem = w->anchor_pem,
                                                                      .external = true}),
            0);
    if (w->certificate)
        assert_int_equal(
            fg_snapshot_put_assignment(b, &(struct fg_assignment){.entry.key = "external",
                                                                  .usage = "external",
                                                                  .certificate = w->certificate}),
            0);
    if (w->internal)
        assert_int_equal(
            fg_snapshot_put_assignment(b, &(struct fg_assignment){.entry.key = "internal",
                                                                  .usage = "internal",
                                                                  .certificate = w->internal}),
            0);
    assert_int_equal(fg_snapshot_builder_finish(b, w->revision, &s), 0);
    fg_snapshot_builder_free(b);
    return s;
}

struct lab {
    struct fg_engine *engine;
    struct fg_problems problems, warnings;
    struct made_cert cert;
    atomic_uint reads;
};

static int credential(void *arg, const char *id, struct fg_credential_pem *out)
{
    struct lab *l = arg;
    if (strcmp(id, "good") != 0) return ENOENT;
    atomic_fetch_add(&l->reads, 1);
    out->chain = strdup(l->cert.cert_pem);
    out->key = strdup(l->cert.key_pem);
    return 0;
}

static void lab_open(struct lab *l)
{
    memset(l, 0, sizeof *l);
    l->cert = make_cert(&(struct cert_wish){.san = "DNS:contoso.test"});
    fg_problems_init(&l->problems);
    fg_problems_init(&l->warnings);
    assert_int_equal(
        fg_engine_new(&l->engine, &(struct fg_engine_params){.credential = credential,
                                                             .credential_arg = l,
                                                             .dialback_secret = "secret"}),
        0);
}

static void lab_close(struct lab *l)
{
    fg_engine_free(l->engine, 2000);
    fg_problems_free(&l->problems);
    fg_problems_free(&l->warnings);
    made_free(&l->cert);
}

static int prepare(struct lab *l, const struct wish *w, enum fg_prepare_mode mode,
                   struct fg_plan **plan)
{
    fg_problems_free(&l->problems);
    fg_problems_free(&l->warnings);
    fg_problems_init(&l->problems);
    fg_problems_init(&l->warnings);
    struct fg_snapshot *s = snapshot(w);
    int err = fg_engine_prepare(l->engine, s, mode, plan, &l->problems, &l->warnings);
    fg_snapshot_put(s);
    return err;
}

static void commit(struct lab *l, const struct wish *w)
{
    struct fg_plan *plan;
    int err = prepare(l, w, FG_PREPARE_STRICT, &plan);
    if (err) fail_msg("%d %s", err, l->problems.count ? l->problems.items[0].message : "");
    assert_int_equal(fg_engine_activate(l->engine, plan, WAIT_MS), 0);
    assert_int_equal(fg_engine_revision(l->engine), w->revision);
}

/* ---- sockets ---- */

/* A port that was free a moment ago. */
static uint16_t free_port(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in sa = {.sin_family = AF_INET};
    socklen_t len = sizeof sa;
    assert_int_equal(bind(fd, (struct sockaddr *)&sa, len), 0);
    getsockname(fd, (struct sockaddr *)&sa, &len);
    close(fd);
    return ntohs(sa.sin_port);
}

static int connect_to(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in sa = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0) return fd;
    int err = errno;
    close(fd);
    return -err;
}

static bool reachable(uint16_t port)
{
    int fd = connect_to(port);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

/* Inode of the socket that listens on the port (IPv4), 0 when there is none. */
static unsigned long listener_inode(uint16_t port)
{
    FILE *f = fopen("/proc/net/tcp", "r");
    char line[512];
    unsigned long inode = 0;
    while (fgets(line, sizeof line, f)) {
        unsigned local_port, state;
        unsigned long found;
        if (sscanf(line, " %*d: %*8x:%x %*8x:%*x %x %*s %*s %*s %*s %*s %lu", &local_port, &state,
                   &found) == 3 &&
            local_port == port && state == 0x0a)
            inode = found;
    }
    fclose(f);
    return inode;
}

static size_t open_descriptors(void)
{
    size_t n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (readdir(d)) n++;
    closedir(d);
    return n;
}

/* ---- views ---- */

struct seen {
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool done;
    uint64_t revision;
    size_t n_ports;
    char ports[512];
    int err;
};

static void seen_init(struct seen *s)
{
    memset(s, 0, sizeof *s);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->told, NULL);
}

static void tell(struct seen *s)
{
    pthread_mutex_lock(&s->lock);
    s->done = true;
    pthread_cond_signal(&s->told);
    pthread_mutex_unlock(&s->lock);
}

static void await(struct seen *s)
{
    pthread_mutex_lock(&s->lock);
    while (!s->done) pthread_cond_wait(&s->told, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

static void on_view(void *arg, const struct fg_engine_view *v)
{
    struct seen *s = arg;
    s->revision = v->revision;
    s->n_ports = v->n_ports;
    for (size_t i = 0; i < v->n_ports; i++) {
        size_t used = strlen(s->ports);
        snprintf(s->ports + used, sizeof s->ports - used, "%s;", v->ports[i]);
    }
    tell(s);
}

static struct seen view(struct lab *l, unsigned what)
{
    static struct seen s;
    seen_init(&s);
    assert_int_equal(fg_engine_query(l->engine, what, on_view, &s), 0);
    await(&s);
    return s;
}

static void on_closed(void *arg, int err)
{
    struct seen *s = arg;
    s->err = err;
    tell(s);
}

/* ---- tests ---- */

static void life(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l);
    assert_int_equal(fg_engine_revision(l.engine), 0);
    assert_null(fg_engine_snapshot(l.engine));
    uint16_t port = free_port();
    struct wish w = {.xmpp = {"127.0.0.1"}, .port = port, .revision = 3};
    struct fg_plan *plan;
    size_t before = open_descriptors();
    assert_int_equal(prepare(&l, &w, FG_PREPARE_STRICT, &plan), 0);
    assert_false(reachable(port)); /* prepared is not yet open */
    fg_engine_discard(l.engine, plan);
    assert_int_equal(open_descriptors(), before);
    commit(&l, &w);
    assert_true(reachable(port));
    struct fg_snapshot *s = fg_engine_snapshot(l.engine);
    assert_int_equal(fg_snapshot_revision(s), 3);
    fg_snapshot_put(s);
    struct seen v = view(&l, FG_VIEW_PORTS | FG_VIEW_STREAMS | FG_VIEW_PARTNERS);
    char want[64];
    snprintf(want, sizeof want, "xmpp 127.0.0.1:%u;", port);
    assert_string_equal(v.ports, want);
    assert_int_equal(v.revision, 3);
    assert_int_equal(view(&l, FG_VIEW_COUNTERS).n_ports, 0);
    struct seen c;
    seen_init(&c);
    assert_int_equal(fg_engine_close_stream(l.engine, 12345, on_closed, &c), 0);
    await(&c);
    assert_int_equal(c.err, ENOENT);
    assert_int_equal(fg_engine_set_dialback_secret(l.engine, "new", "secret"), 0);
    w.off = true;
    w.revision = 4;
    commit(&l, &w);
    assert_false(reachable(port));
    lab_close(&l);
}

/* Keeps the loop where it is until the gate opens. */
static void on_stand(void *arg, const struct fg_engine_view *v)
{
    (void)v;
    pthread_mutex_lock(arg);
    pthread_mutex_unlock(arg);
}

static void a_secret_that_finds_no_room_is_told(void **state)
{
    (void)state;
    struct lab l;
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    int err = 0, taken = 0;
    lab_open(&l);
    pthread_mutex_lock(&gate);
    assert_int_equal(fg_engine_query(l.engine, FG_VIEW_COUNTERS, on_stand, &gate), 0);
    for (; !err && taken < 5000; taken++)
        err = fg_engine_set_dialback_secret(l.engine, "new", NULL);
    pthread_mutex_unlock(&gate);
    assert_int_equal(err, ENOBUFS);
    /* Once the loop goes on, there is room again. */
    for (int i = 0; err == ENOBUFS && i < WAIT_MS; i++) {
        err = fg_engine_set_dialback_secret(l.engine, "new", NULL);
        if (err) usleep(1000);
    }
    assert_int_equal(err, 0);
    lab_close(&l);
}

static void listener_stays(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l);
    struct wish w = {.xmpp = {"127.0.0.1"}, .port = free_port(), .revision = 1};
    commit(&l, &w);
    unsigned long inode = listener_inode(w.port);
    assert_true(inode != 0);
    int living = connect_to(w.port);
    assert_true(living >= 0);
    for (w.revision = 2; w.revision < 20; w.revision++) commit(&l, &w);
    assert_int_equal(listener_inode(w.port), inode);
    char byte;
    assert_int_equal(recv(living, &byte, 1, MSG_DONTWAIT), -1);
    assert_int_equal(errno, EAGAIN); /* not closed */
    close(living);
    lab_close(&l);
}

static void port_taken(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l);
    int stranger = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof sa;
    assert_int_equal(bind(stranger, (struct sockaddr *)&sa, len), 0);
    assert_int_equal(listen(stranger, 1), 0);
    getsockname(stranger, (struct sockaddr *)&sa, &len);
    struct wish w = {.xmpp = {"127.0.0.2", "127.0.0.1"}, .port = ntohs(sa.sin_port), .revision = 1};
    struct fg_plan *plan;
    size_t before = open_descriptors();
    assert_int_equal(prepare(&l, &w, FG_PREPARE_STRICT, &plan), EINVAL);
    assert_int_equal(l.problems.count, 1);
    assert_string_equal(l.problems.items[0].pointer, "/settings/listeners/xmpp/1");
    assert_string_equal(l.problems.items[0].code, "port_in_use");
    assert_int_equal(open_descriptors(), before);
    /* What can be had is had, and the fault is told all the same. */
    assert_int_equal(prepare(&l, &w, FG_PREPARE_DEGRADE, &plan), 0);
    assert_int_equal(l.problems.count, 1);
    assert_int_equal(fg_engine_activate(l.engine, plan, WAIT_MS), 0);
    assert_int_equal(view(&l, FG_VIEW_PORTS).n_ports, 1);
    close(stranger);
    /* Tried again, it works. */
    commit(&l, &w);
    assert_int_equal(view(&l, FG_VIEW_PORTS).n_ports, 2);
    w.xmpp[1] = "127.0.0.2";
    assert_int_equal(prepare(&l, &w, FG_PREPARE_STRICT, &plan), EINVAL);
    assert_string_equal(l.problems.items[0].code, "duplicate_listener");
    lab_close(&l);
}

struct load {
    uint16_t port;
    atomic_bool stop;
    atomic_uint good, bad;
};

static void *connect_all_the_time(void *arg)
{
    struct load *load = arg;
    while (!atomic_load(&load->stop)) {
        int fd = connect_to(load->port);
        char byte;
        if (fd < 0) {
            atomic_fetch_add(&load->bad, 1);
            continue;
        }
        /* A header, so that the other side has something to answer; a reset would mean that the
         * connection died in a closing listener's queue. */
        static const char header[] =
            "<?xml version='1.0'?><stream:stream xmlns='jabber:server' "
            "xmlns:stream='http://etherx.jabber.org/streams' to='contoso.test' version='1.0'>";
        bool ok =
            send(fd, header, sizeof header - 1, MSG_NOSIGNAL) > 0 && recv(fd, &byte, 1, 0) == 1;
        atomic_fetch_add(ok ? &load->good : &load->bad, 1);
        close(fd);
    }
    return NULL;
}

static void addresses_move_under_load(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l);
    struct wish all = {.xmpp = {"::"}, .port = free_port()};
    struct wish one = {.xmpp = {"127.0.0.1"}, .port = all.port};
    all.revision = 1;
    commit(&l, &all);
    struct load load = {.port = all.port};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, connect_all_the_time, &load), 0);
    for (uint64_t r = 2; r < 40; r++) {
        struct wish *w = r % 2 ? &all : &one;
        w->revision = r;
        commit(&l, w);
        usleep(5000);
    }
    atomic_store(&load.stop, true);
    pthread_join(thread, NULL);
    assert_true(atomic_load(&load.good) > 0);
    assert_int_equal(atomic_load(&load.bad), 0);
    lab_close(&l);
}

static void certificates(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l);
    struct wish w = {.xmpp = {"127.0.0.1"},
                     .port = free_port(),
                     .sip_tls = true,
                     .sip_port = free_port(),
                     .revision = 1};
    /* Without certificates: warnings, XMPP is open, SIP over TLS is not. */
    commit(&l, &w);
    assert_int_equal(l.warnings.count, 2);
    assert_string_equal(l.warnings.items[0].code, "no_external_certificate");
    assert_string_equal(l.warnings.items[1].code, "no_internal_certificate");
    assert_int_equal(view(&l, FG_VIEW_PORTS).n_ports, 1);
    w.certificate = w.internal = "good";
    w.revision = 2;
    commit(&l, &w);
    assert_int_equal(l.warnings.count, 0);
    assert_int_equal(view(&l, FG_VIEW_PORTS).n_ports, 2);
    unsigned reads = atomic_load(&l.reads);
    w.revision = 3;
    commit(&l, &w); /* nothing changed: nothing is read */
    assert_int_equal(atomic_load(&l.reads), reads);
    w.certificate = "lost";
    struct fg_plan *plan;
    assert_int_equal(prepare(&l, &w, FG_PREPARE_STRICT, &plan), EINVAL);
    assert_string_equal(l.problems.items[0].code, "certificate_missing");
    assert_string_equal(l.problems.items[0].pointer, "/certificate_assignments/external");
    assert_int_equal(prepare(&l, &w, FG_PREPARE_DEGRADE, &plan), 0);
    assert_int_equal(l.problems.count, 1);
    fg_engine_discard(l.engine, plan);
    assert_int_equal(fg_engine_revision(l.engine), 3);
    lab_close(&l);
}

static void trust_and_names(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l);
    struct wish w = {
        .xmpp = {"127.0.0.1"}, .port = free_port(), .anchor_pem = "nothing", .revision = 1};
    struct fg_plan *plan;
    assert_int_equal(prepare(&l, &w, FG_PREPARE_STRICT, &plan), EINVAL);
    assert_string_equal(l.problems.items[0].pointer, "/trust_anchors/ca/pem");
    assert_int_equal(prepare(&l, &w, FG_PREPARE_DEGRADE, &plan), 0);
    fg_engine_discard(l.engine, plan);
    w.anchor_pem = l.cert.cert_pem;
    w.dns = "no address";
    assert_int_equal(prepare(&l, &w, FG_PREPARE_STRICT, &plan), EINVAL);
    assert_string_equal(l.problems.items[0].pointer, "/settings/dns");
    w.dns = "127.0.0.1:5353";
    commit(&l, &w);
    w.dns = "[::1]:5353";
    w.revision = 2;
    commit(&l, &w);
    lab_close(&l);
}

/* Prepared but never handed over, handed over and at once stopped: nothing is left behind. */
static void abrupt_end(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct lab l;
        lab_open(&l);
        struct wish w = {
            .xmpp = {"127.0.0.1"}, .port = free_port(), .sip_port = free_port(), .revision = 1};
        struct fg_plan *plan;
        assert_int_equal(prepare(&l, &w, FG_PREPARE_STRICT, &plan), 0);
        int err = fg_engine_activate(l.engine, plan, 0);
        assert_true(err == 0 || err == ETIMEDOUT);
        int living = connect_to(w.port);
        lab_close(&l);
        if (living >= 0) close(living);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(life),
        cmocka_unit_test(a_secret_that_finds_no_room_is_told),
        cmocka_unit_test(listener_stays),
        cmocka_unit_test(port_taken),
        cmocka_unit_test(addresses_move_under_load),
        cmocka_unit_test(certificates),
        cmocka_unit_test(trust_and_names),
        cmocka_unit_test(abrupt_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
