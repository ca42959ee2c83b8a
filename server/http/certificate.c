/* The panel's certificate: loaded from PEM and given to gnutls at each handshake, so that a new one
 * serves from the next handshake on and living connections stay. gnutls keeps pointers into it, so
 * each connection holds a reference until it is gone. */
#include "server/http/internal.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct fg_http_certificate {
    gnutls_pcert_st *chain;
    unsigned count;
    gnutls_privkey_t key;
    atomic_uint references;
};

enum { CHAIN_MAX = 16 };

void fg_http_certificate_free(struct fg_http_certificate *c)
{
    if (!c || atomic_fetch_sub(&c->references, 1) > 1) return;
    for (unsigned i = 0; i < c->count; i++) gnutls_pcert_deinit(&c->chain[i]);
    free(c->chain);
    if (c->key) gnutls_privkey_deinit(c->key);
    free(c);
}

static gnutls_datum_t datum(const char *text)
{
    union {
        const char *in;
        unsigned char *out;
    } u = {.in = text};
    return (gnutls_datum_t){.data = u.out, .size = (unsigned)strlen(text)};
}

static bool same_key(gnutls_x509_crt_t leaf, gnutls_x509_privkey_t key)
{
    unsigned char a[64], b[64];
    size_t na = sizeof a, nb = sizeof b;
    return gnutls_x509_crt_get_key_id(leaf, GNUTLS_KEYID_USE_SHA256, a, &na) == 0 &&
           gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, b, &nb) == 0 && na == nb &&
           !memcmp(a, b, na);
}

static int load_chain(struct fg_http_certificate *c, const char *pem, gnutls_x509_privkey_t key,
                      const char **why)
{
    gnutls_datum_t data = datum(pem);
    gnutls_x509_crt_t *list = NULL;
    unsigned n = 0;
    *why = "The certificate is not readable PEM.";
    if (gnutls_x509_crt_list_import2(&list, &n, &data, GNUTLS_X509_FMT_PEM, 0) < 0) return EINVAL;
    int err = EINVAL;
    c->chain = n <= CHAIN_MAX ? calloc(n, sizeof *c->chain) : NULL;
    if (!c->chain) {
        *why = "The certificate's chain is too long.";
    } else if (!same_key(list[0], key)) {
        *why = "The key does not belong to the certificate.";
    } else {
        err = 0;
    }
    while (!err && c->count < n) {
        if (gnutls_pcert_import_x509(&c->chain[c->count], list[c->count], 0) < 0)
            err = ENOMEM;
        else
            c->count++;
    }
    for (unsigned i = 0; i < n; i++) gnutls_x509_crt_deinit(list[i]);
    gnutls_free(list);
    return err;
}

static int load(struct fg_http_certificate *c, const char *chain_pem, const char *key_pem,
                const char **why)
{
    gnutls_x509_privkey_t key;
    if (gnutls_x509_privkey_init(&key) < 0) return ENOMEM;
    gnutls_datum_t data = datum(key_pem);
    *why = "The key is not a readable, unencrypted PEM key.";
    int err = EINVAL;
    if (gnutls_x509_privkey_import2(key, &data, GNUTLS_X509_FMT_PEM, NULL, 0) == 0)
        err = load_chain(c, chain_pem, key, why);
    if (!err && gnutls_privkey_init(&c->key) < 0) err = ENOMEM;
    if (!err && gnutls_privkey_import_x509(c->key, key, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE) == 0)
        return 0;
    gnutls_x509_privkey_deinit(key);
    return err ? err : ENOMEM;
}

int fg_http_certificate_load(struct fg_http_certificate **out, const char *chain_pem,
                             const char *key_pem, const char **why)
{
    const char *reason = NULL;
    if (!out || !chain_pem || !key_pem) return EINVAL;
    struct fg_http_certificate *c = calloc(1, sizeof *c);
    if (!c) return ENOMEM;
    atomic_init(&c->references, 1);
    int err = load(c, chain_pem, key_pem, &reason);
    if (err) {
        fg_http_certificate_free(c);
        if (why) *why = reason;
        return err;
    }
    *out = c;
    return 0;
}

void fg_http_certificate_use(struct fg_http *h, struct fg_http_certificate *c)
{
    pthread_mutex_lock(&h->lock);
    struct fg_http_certificate *was = h->certificate;
    h->certificate = c;
    pthread_mutex_unlock(&h->lock);
    fg_http_certificate_free(was);
}

/* The one in use, held by the connection instead of what it held before. */
static struct fg_http_certificate *hold(struct fg_http_conn *conn)
{
    struct fg_http *h = conn->http;
    pthread_mutex_lock(&h->lock);
    struct fg_http_certificate *was = conn->certificate, *c = h->certificate;
    if (c) atomic_fetch_add(&c->references, 1);
    conn->certificate = c;
    pthread_mutex_unlock(&h->lock);
    fg_http_certificate_free(was);
    return c;
}

int fg_http_certificate_retrieve(gnutls_session_t session, const gnutls_datum_t *req_ca_dn,
                                 int nreqs, const gnutls_pk_algorithm_t *pk_algos,
                                 int pk_algos_length, gnutls_pcert_st **pcert,
                                 unsigned int *pcert_length, gnutls_privkey_t *pkey)
{
    (void)req_ca_dn, (void)nreqs, (void)pk_algos, (void)pk_algos_length;
    struct MHD_Connection *connection = gnutls_session_get_ptr(session);
    struct fg_http_conn *conn = fg_http_conn_of(connection);
    struct fg_http_certificate *c = conn ? hold(conn) : NULL;
    if (!c) return -1;
    *pcert = c->chain;
    *pcert_length = c->count;
    *pkey = c->key;
    return 0;
}
