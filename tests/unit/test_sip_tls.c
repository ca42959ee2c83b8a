/* SIP over TLS with certificates on both sides: two stacks, each the other's front end. */
#include "gateway/net/tls.h"
#include "tests/unit/make_cert.h"
#include "tests/unit/sip_lab.h"

struct pki {
    struct made_cert ca, us, fe, other, stray_ca, stray;
    X509_STORE *trust;
};

static void pki_open(struct pki *p)
{
    p->ca = make_cert(&(struct cert_wish){.ca = true, .cn = "Inner"});
    p->us = make_cert(&(struct cert_wish){.issuer = &p->ca, .san = "DNS:gw.contoso.test"});
    p->fe = make_cert(&(struct cert_wish){.issuer = &p->ca, .san = "DNS:fe.contoso.test"});
    p->other =
        make_cert(&(struct cert_wish){.issuer = &p->ca, .san = "DNS:*.contoso.test,DNS:x.test"});
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

static struct fg_tls_ctx *context(const struct pki *p, const struct made_cert *c,
                                  enum fg_tls_role role, bool require)
{
    struct fg_credential credential = {.chain_pem = c->cert_pem, .key_pem = c->key_pem};
    struct fg_tls_settings s = {.role = role,
                                .credential = &credential,
                                .trust = p->trust,
                                .require_client_cert = require,
                                .verify_hard = role == FG_TLS_CLIENT,
                                .min_version = "1.2",
                                .preset = "intermediate"};
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
    struct fg_sip_listener listener = {
        .address = "s", .transport = FG_TLS, .fd = fd, .tls = server};
    l->snapshot = make_snapshot(&front, 1);
    fg_sip_activate(l->sip, &(struct fg_sip_config){.snapshot = l->snapshot,
                                                    .listeners = &listener,
                                                    .n_listeners = 1,
                                                    .client = client});
    fg_tls_ctx_put(server);
    fg_tls_ctx_put(client);
}

static void tls_open(struct tls_pair *t, const struct pki *p, const struct made_cert *fe,
                     bool require)
{
    lab_open(&t->us);
    lab_open(&t->fe);
    /* Handshakes take longer than the shortened timers. */
    fg_sip_set_timing(t->us.sip, &(struct fg_sip_timing){100, 400, 100});
    fg_sip_set_timing(t->fe.sip, &(struct fg_sip_timing){100, 400, 100});
    int us_fd = fg_listen_open("127.0.0.1:0", false), fe_fd = fg_listen_open("127.0.0.1:0", false);
    t->us_port = port_of(us_fd);
    t->fe_port = port_of(fe_fd);
    tls_side(&t->us, us_fd, t->fe_port, "fe.contoso.test",
             context(p, &p->us, FG_TLS_SERVER, require), context(p, &p->us, FG_TLS_CLIENT, false));
    tls_side(&t->fe, fe_fd, t->us_port, "gw.contoso.test", context(p, fe, FG_TLS_SERVER, require),
             context(p, fe, FG_TLS_CLIENT, false));
    t->us.answer_at_once = t->fe.answer_at_once = 200;
}

static void tls_close(struct tls_pair *t)
{
    lab_close(&t->us);
    lab_close(&t->fe);
}

#define BOTH(t, condition)                                                                         \
    do {                                                                                           \
        int64_t limit = fg_sip_now() + WAIT_MS;                                                    \
        while (!(condition)) {                                                                     \
            turn(&(t)->us);                                                                        \
            turn(&(t)->fe);                                                                        \
            if (fg_sip_now() > limit) fail_msg("line %d: nothing happened", __LINE__);             \
        }                                                                                          \
    } while (0)

/* From the front end's side the addresses are the other way round. */
static int send_from_fe(struct tls_pair *t)
{
    return fg_sip_send(t->fe.sip, &(struct fg_sip_out){.method = "MESSAGE",
                                                       .domain = "contoso.test",
                                                       .ruri = THEIRS,
                                                       .from = OURS,
                                                       .to = THEIRS,
                                                       .content_type = "text/plain",
                                                       .body = "in",
                                                       .body_len = 2,
                                                       .done = on_result,
                                                       .arg = &t->fe});
}

static int send_to_fe(struct tls_pair *t)
{
    return fg_sip_send(t->us.sip, &(struct fg_sip_out){.method = "MESSAGE",
                                                       .domain = "contoso.test",
                                                       .ruri = OURS,
                                                       .from = OURS,
                                                       .to = OURS,
                                                       .content_type = "text/plain",
                                                       .body = "out",
                                                       .body_len = 3,
                                                       .done = on_result,
                                                       .arg = &t->us});
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
    struct fg_sip_listener keep = {.address = "s",
                                   .transport = FG_TLS,
                                   .fd = -1,
                                   .tls = context(&p, &p.us, FG_TLS_SERVER, true)};
    struct fg_snapshot *old = t.us.snapshot;
    struct fg_tls_ctx *client = context(&p, &p.us, FG_TLS_CLIENT, false);
    t.us.snapshot = make_snapshot(&front, 1);
    fg_sip_activate(t.us.sip, &(struct fg_sip_config){.snapshot = t.us.snapshot,
                                                      .listeners = &keep,
                                                      .n_listeners = 1,
                                                      .client = client});
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

/* A wildcard is no name in SIP (RFC 5922 7.2), and another authority's certificate is none at all.
 */
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

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutual_tls),
        cmocka_unit_test(wrong_certificates),
        cmocka_unit_test(optional_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
