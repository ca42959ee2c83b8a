/* The HTTPS listener: versions, headers, replacing the certificate while connections live, limits
 * per address. */
#include "server/http/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct pair {
    char chain[8192], key[8192];
};

/* A self-signed certificate for `name`. */
static void make_pair(struct pair *p, const char *name)
{
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t crt;
    size_t n;
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    assert_int_equal(gnutls_x509_privkey_generate(
                         key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
                     0);
    assert_int_equal(gnutls_x509_crt_init(&crt), 0);
    gnutls_x509_crt_set_version(crt, 3);
    gnutls_x509_crt_set_serial(crt, "\1", 1);
    gnutls_x509_crt_set_activation_time(crt, time(NULL) - 60);
    gnutls_x509_crt_set_expiration_time(crt, time(NULL) + 3600);
    gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                  (unsigned)strlen(name));
    gnutls_x509_crt_set_key(crt, key);
    assert_int_equal(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
    n = sizeof p->chain;
    assert_int_equal(gnutls_x509_crt_export(crt, GNUTLS_X509_FMT_PEM, p->chain, &n), 0);
    p->chain[n] = '\0';
    n = sizeof p->key;
    assert_int_equal(gnutls_x509_privkey_export(key, GNUTLS_X509_FMT_PEM, p->key, &n), 0);
    p->key[n] = '\0';
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(key);
}

static struct fg_http_certificate *load(const char *name)
{
    static struct pair p;
    struct fg_http_certificate *c = NULL;
    make_pair(&p, name);
    assert_int_equal(fg_http_certificate_load(&c, p.chain, p.key, NULL), 0);
    return c;
}

static void start(struct fg_http **h, unsigned per_address)
{
    signal(SIGPIPE, SIG_IGN);
    const struct fg_http_params p = {.listen = "127.0.0.1:0",
                                     .certificate = load("one"),
                                     .limits = {.per_address = per_address}};
    assert_int_equal(fg_http_new(h, &p), 0);
}

static void finish(struct fg_http *h)
{
    assert_int_equal(fg_http_stop(h, 10000), 0);
    fg_http_free(h);
}

static int dial(const struct fg_http *h)
{
    const char *colon = strrchr(fg_http_url(h), ':');
    struct sockaddr_in sa = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10))};
    inet_pton(AF_INET, "127.0.0.1", &sa.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&sa, sizeof sa), 0);
    return fd;
}

struct client {
    int fd;
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
    char peer[64]; /* the common name of the certificate that was shown */
};

/* 0 or gnutls' error. */
static int shake(struct client *c, const struct fg_http *h, const char *priorities)
{
    memset(c, 0, sizeof *c);
    c->fd = dial(h);
    gnutls_certificate_allocate_credentials(&c->credentials);
    gnutls_init(&c->session, GNUTLS_CLIENT);
    gnutls_priority_set_direct(c->session, priorities, NULL);
    gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE, c->credentials);
    gnutls_transport_set_int(c->session, c->fd);
    gnutls_handshake_set_timeout(c->session, 20000);
    int rc;
    do rc = gnutls_handshake(c->session);
    while (rc < 0 && !gnutls_error_is_fatal(rc));
    if (rc < 0) return rc;
    unsigned n;
    const gnutls_datum_t *list = gnutls_certificate_get_peers(c->session, &n);
    gnutls_x509_crt_t crt;
    size_t size = sizeof c->peer;
    gnutls_x509_crt_init(&crt);
    gnutls_x509_crt_import(crt, &list[0], GNUTLS_X509_FMT_DER);
    gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, c->peer, &size);
    gnutls_x509_crt_deinit(crt);
    return 0;
}

static void hang_up(struct client *c)
{
    gnutls_deinit(c->session);
    gnutls_certificate_free_credentials(c->credentials);
    close(c->fd);
}

/* The status and the whole answer of "GET /". */
static int get(struct client *c, char *text, size_t size)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    size_t len = 0;
    if (gnutls_record_send(c->session, request, sizeof request - 1) < 0) return -1;
    while (len + 1 < size) {
        ssize_t n = gnutls_record_recv(c->session, text + len, size - 1 - len);
        if (n <= 0) return -1;
        len += (size_t)n;
        text[len] = '\0';
        const char *end = strstr(text, "\r\n\r\n");
        const char *length = strcasestr(text, "\r\nContent-Length:");
        if (end && length && len >= (size_t)(end + 4 - text) + strtoul(length + 17, NULL, 10))
            return (int)strtol(text + 9, NULL, 10);
    }
    return -1;
}

static void versions_and_headers(void **state)
{
    (void)state;
    struct fg_http *h;
    struct client c;
    char text[4096];
    start(&h, 0);
    assert_int_equal(strncmp(fg_http_url(h), "https://127.0.0.1:", 18), 0);
    assert_int_equal(shake(&c, h, "NORMAL"), 0);
    assert_int_equal(gnutls_protocol_get_version(c.session), GNUTLS_TLS1_3);
    assert_int_equal(get(&c, text, sizeof text), 200);
    assert_non_null(strstr(text, "Strict-Transport-Security: max-age="));
    hang_up(&c);
    assert_int_equal(shake(&c, h, "NORMAL:-VERS-ALL:+VERS-TLS1.2"), 0);
    hang_up(&c);
    assert_true(shake(&c, h, "NORMAL:-VERS-ALL:+VERS-TLS1.1") < 0);
    hang_up(&c);
    finish(h);
}

static void certificate_is_replaced_live(void **state)
{
    (void)state;
    struct fg_http *h;
    struct client before, after;
    char text[4096];
    start(&h, 0);
    assert_int_equal(shake(&before, h, "NORMAL"), 0);
    assert_string_equal(before.peer, "one");
    fg_http_certificate_use(h, load("two"));
    fg_http_certificate_use(h, load("three"));
    assert_int_equal(shake(&after, h, "NORMAL"), 0);
    assert_string_equal(after.peer, "three");
    assert_int_equal(get(&before, text, sizeof text), 200);
    hang_up(&before);
    hang_up(&after);
    finish(h);
}

enum { SHAKERS = 3, SHAKES = 60, REPLACED = 400 };

struct shaker {
    const struct fg_http *h;
    pthread_t thread;
    int failed;
};

static void *shake_often(void *arg)
{
    struct shaker *s = arg;
    for (int i = 0; i < SHAKES; i++) {
        struct client c;
        s->failed += shake(&c, s->h, i % 2 ? "NORMAL" : "NORMAL:-VERS-ALL:+VERS-TLS1.2") != 0;
        hang_up(&c);
    }
    return NULL;
}

/* Handshakes in the middle of which the certificate is replaced, more than once. */
static void certificate_is_replaced_under_handshakes(void **state)
{
    (void)state;
    struct fg_http *h;
    struct shaker s[SHAKERS] = {0};
    start(&h, 0);
    for (int i = 0; i < SHAKERS; i++) {
        s[i].h = h;
        assert_int_equal(pthread_create(&s[i].thread, NULL, shake_often, &s[i]), 0);
    }
    for (int i = 0; i < REPLACED; i++) fg_http_certificate_use(h, load("next"));
    for (int i = 0; i < SHAKERS; i++) {
        pthread_join(s[i].thread, NULL);
        assert_int_equal(s[i].failed, 0);
    }
    finish(h);
}

static void bad_certificates(void **state)
{
    (void)state;
    struct fg_http_certificate *c = NULL;
    struct pair a, b;
    const char *why = NULL;
    make_pair(&a, "a");
    make_pair(&b, "b");
    assert_int_equal(fg_http_certificate_load(&c, a.chain, b.key, &why), EINVAL);
    assert_non_null(strstr(why, "does not belong"));
    assert_int_equal(fg_http_certificate_load(&c, "nonsense", a.key, &why), EINVAL);
    assert_int_equal(fg_http_certificate_load(&c, a.chain, "nonsense", &why), EINVAL);
    assert_int_equal(fg_http_certificate_load(&c, "", a.key, &why), EINVAL);
    assert_null(c);
}

static void connections_per_address(void **state)
{
    (void)state;
    struct fg_http *h;
    struct client c[3];
    start(&h, 2);
    assert_int_equal(shake(&c[0], h, "NORMAL"), 0);
    assert_int_equal(shake(&c[1], h, "NORMAL"), 0);
    assert_true(shake(&c[2], h, "NORMAL") < 0);
    for (int i = 0; i < 3; i++) hang_up(&c[i]);
    finish(h);
}

/* A port in use is told, and the certificate stays the caller's. */
static void port_in_use(void **state)
{
    (void)state;
    struct fg_http *h, *second = NULL;
    start(&h, 0);
    struct fg_http_certificate *c = load("x");
    const struct fg_http_params p = {.listen = fg_http_url(h) + strlen("https://"),
                                     .certificate = c};
    assert_int_equal(fg_http_new(&second, &p), EADDRINUSE);
    assert_null(second);
    fg_http_certificate_free(c);
    finish(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_and_headers),
        cmocka_unit_test(certificate_is_replaced_live),
        cmocka_unit_test(certificate_is_replaced_under_handshakes),
        cmocka_unit_test(bad_certificates),
        cmocka_unit_test(connections_per_address),
        cmocka_unit_test(port_in_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
