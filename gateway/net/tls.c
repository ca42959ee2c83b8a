/* See tls.h. One context per local domain or listener; a context never changes, reload builds a new
 * one. The verify callback records the first error and, where the protocol decides later what a bad
 * certificate means, lets the handshake go on. */
#include "gateway/net/tls.h"

#include "gateway/base/ref.h"
#include "gateway/net/private.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fg_tls_ctx {
    struct fg_ref ref;
    SSL_CTX *ssl;
    bool server;
    unsigned char alpn[64]; /* wire form; first byte 0: none */
    unsigned alpn_len;
};

/* Mozilla's "intermediate" list for TLS 1.2; "modern" is TLS 1.3 alone, whose suites are all good.
 */
static const char intermediate_ciphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384";

static pthread_once_t index_once = PTHREAD_ONCE_INIT;
static int first_error_index;

static void make_index(void)
{
    first_error_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

/* The number itself is stored where OpenSSL keeps a pointer: nothing to free. */
int fg_tls_first_error(SSL *ssl)
{
    pthread_once(&index_once, make_index);
    return (int)(intptr_t)SSL_get_ex_data(ssl, first_error_index);
}

static void record(X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    int error = X509_STORE_CTX_get_error(store);
    if (ssl && fg_tls_first_error(ssl) == X509_V_OK)
        SSL_set_ex_data(ssl, first_error_index, (void *)(intptr_t)error);
}

static int verify_and_record(int ok, X509_STORE_CTX *store)
{
    if (!ok) record(store);
    return ok;
}

static int record_only(int ok, X509_STORE_CTX *store)
{
    if (!ok) record(store);
    return 1;
}

static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                       const unsigned char *in, unsigned in_len, void *arg)
{
    (void)ssl;
    const struct fg_tls_ctx *c = arg;
    unsigned char *choice = NULL;
    int r = SSL_select_next_proto(&choice, out_len, c->alpn, c->alpn_len, in, in_len);
    if (r != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
    *out = choice;
    return SSL_TLSEXT_ERR_OK;
}

/* Never ask on a terminal: a key that needs a password is a fault. */
static int no_password(char *buf, int size, int rw, void *arg)
{
    (void)buf;
    (void)size;
    (void)rw;
    (void)arg;
    return -1;
}

static const char *last_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason ? reason : "not readable";
}

static int use_chain(SSL_CTX *ssl, const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    if (!bio) return ENOMEM;
    int err = EINVAL;
    X509 *cert = PEM_read_bio_X509(bio, NULL, no_password, NULL);
    if (!cert || !SSL_CTX_use_certificate(ssl, cert)) goto out;
    err = 0;
    for (;;) {
        X509_free(cert);
        cert = PEM_read_bio_X509(bio, NULL, no_password, NULL);
        if (!cert) break;
        if (!SSL_CTX_add1_chain_cert(ssl, cert)) {
            err = EINVAL;
            break;
        }
    }
out:
    X509_free(cert);
    BIO_free(bio);
    return err;
}

static int use_key(SSL_CTX *ssl, const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    if (!bio) return ENOMEM;
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    int err = key && SSL_CTX_use_PrivateKey(ssl, key) ? 0 : EINVAL;
    EVP_PKEY_free(key);
    BIO_free(bio);
    return err;
}

static int use_credential(SSL_CTX *ssl, const struct fg_credential *c, const char *pointer,
                          struct fg_problems *problems)
{
    ERR_clear_error();
    if (use_chain(ssl, c->chain_pem)) {
        fg_problem_add(problems, pointer, "certificate_unusable",
                       "The certificate cannot be used: %s. Import it again as PEM.",
                       last_reason());
        return EINVAL;
    }
    if (use_key(ssl, c->key_pem)) {
        fg_problem_add(problems, pointer, "key_unusable",
                       "The private key cannot be used: %s. Import it again, with its password.",
                       last_reason());
        return EINVAL;
    }
    if (!SSL_CTX_check_private_key(ssl)) {
        fg_problem_add(
            problems, pointer, "key_mismatch",
            "The private key does not belong to the certificate. Import the matching one.");
        return EINVAL;
    }
    ERR_clear_error(); /* reading past the last certificate leaves "no start line" behind */
    return 0;
}

static void set_modes(SSL_CTX *ssl)
{
    SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_options(ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_read_ahead(ssl, 1); /* a record costs one system call instead of two */
}

static int set_strength(SSL_CTX *ssl, const struct fg_tls_settings *s)
{
    bool modern = s->preset && strcmp(s->preset, "modern") == 0;
    bool only13 = modern || (s->min_version && strcmp(s->min_version, "1.3") == 0);
    if (!SSL_CTX_set_min_proto_version(ssl, only13 ? TLS1_3_VERSION : TLS1_2_VERSION))
        return EINVAL;
    if (!SSL_CTX_set_cipher_list(ssl, intermediate_ciphers)) return EINVAL;
    SSL_CTX_set_dh_auto(ssl, 1);
    return 0;
}

/* Sessions are not resumed on the server side: a resumed one has no certificate chain to judge
 * again, and its verdict would outlive a change of trust. The session id context must be set all
 * the same, or a client that tries fails fatally. */
static void set_sessions(SSL_CTX *ssl, bool server)
{
    static const unsigned char name[] = "fedgate";
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    if (!server) return;
    SSL_CTX_set_session_id_context(ssl, name, sizeof name - 1);
    SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(ssl, 0);
}

static void set_verification(SSL_CTX *ssl, const struct fg_tls_settings *s)
{
    bool server = s->role == FG_TLS_SERVER;
    bool hard = server ? s->require_client_cert : s->verify_hard;
    int mode = SSL_VERIFY_PEER;
    if (server && s->require_client_cert) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(ssl, mode, hard ? verify_and_record : record_only);
    if (s->trust) SSL_CTX_set1_cert_store(ssl, s->trust);
    /* Public authorities no longer issue clientAuth; between servers the server purpose is the
     * meaningful one in both directions. */
    if (server && s->server_purpose) {
        SSL_CTX_set_purpose(ssl, X509_PURPOSE_SSL_SERVER);
        SSL_CTX_set_trust(ssl, X509_TRUST_SSL_SERVER);
    }
}

static int set_alpn(struct fg_tls_ctx *c, const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len >= sizeof c->alpn) return EINVAL;
    c->alpn[0] = (unsigned char)len;
    memcpy(c->alpn + 1, name, len);
    c->alpn_len = (unsigned)len + 1;
    SSL_CTX_set_alpn_select_cb(c->ssl, select_alpn, c);
    return 0;
}

int fg_tls_ctx_new(struct fg_tls_ctx **out, const struct fg_tls_settings *s, const char *pointer,
                   struct fg_problems *problems)
{
    if (!out || !s) return EINVAL;
    pthread_once(&index_once, make_index);
    struct fg_tls_ctx *c = calloc(1, sizeof *c);
    if (!c) return ENOMEM;
    fg_ref_init(&c->ref);
    c->server = s->role == FG_TLS_SERVER;
    c->ssl = SSL_CTX_new(c->server ? TLS_server_method() : TLS_client_method());
    int err = c->ssl ? 0 : ENOMEM;
    if (!err) err = set_strength(c->ssl, s);
    if (!err) {
        set_modes(c->ssl);
        set_sessions(c->ssl, c->server);
        set_verification(c->ssl, s);
    }
    if (!err && s->credential) err = use_credential(c->ssl, s->credential, pointer, problems);
    if (!err && c->server && s->alpn) err = set_alpn(c, s->alpn);
    if (err) {
        fg_tls_ctx_put(c);
        return err;
    }
    *out = c;
    return 0;
}

struct fg_tls_ctx *fg_tls_ctx_get(struct fg_tls_ctx *c)
{
    if (c) fg_ref_get(&c->ref);
    return c;
}

void fg_tls_ctx_put(struct fg_tls_ctx *c)
{
    if (!c || !fg_ref_put(&c->ref)) return;
    SSL_CTX_free(c->ssl);
    free(c);
}

SSL_CTX *fg_tls_ctx_ssl(struct fg_tls_ctx *c)
{
    return c->ssl;
}

bool fg_tls_ctx_is_server(const struct fg_tls_ctx *c)
{
    return c->server;
}

/* All certificates of one PEM text; how many were added. */
static size_t add_anchors(X509_STORE *store, const char *pem)
{
    size_t n = 0;
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *cert;
    while (bio && (cert = PEM_read_bio_X509(bio, NULL, no_password, NULL)) != NULL) {
        n += X509_STORE_add_cert(store, cert) == 1;
        X509_free(cert);
    }
    BIO_free(bio);
    ERR_clear_error();
    return n;
}

/* The bundle as one file: the folder of hashed files beside it would be read while verifying, on
 * the loop. */
static const char *system_bundle(void)
{
    static const char debian[] = "/etc/ssl/certs/ca-certificates.crt";
    const char *chosen = getenv(X509_get_default_cert_file_env());
    if (chosen && *chosen) return chosen;
    return access(debian, R_OK) == 0 ? debian : X509_get_default_cert_file();
}

uint64_t fg_trust_system_stamp(void)
{
    struct stat st;
    if (stat(system_bundle(), &st)) return 0;
    return (uint64_t)st.st_mtim.tv_sec * 1000000007u ^ (uint64_t)st.st_mtim.tv_nsec ^
           (uint64_t)st.st_size << 40;
}

int fg_trust_new(X509_STORE **out, const char *const *pems, size_t count, bool system,
                 struct fg_problems *problems)
{
    X509_STORE *store = X509_STORE_new();
    if (!store) return ENOMEM;
    /* An anchor need not be self-signed: an administrator may trust an intermediate alone. */
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
    if (system) X509_STORE_load_file(store, system_bundle()); /* a machine may have none */
    int err = 0;
    for (size_t i = 0; i < count; i++) {
        if (add_anchors(store, pems[i])) continue;
        fg_problem_add(
            problems, "/trust_anchors", "trust_anchor_unusable",
            "Trust anchor number %zu holds no readable certificate. Import it again as PEM.",
            i + 1);
        err = EINVAL;
    }
    ERR_clear_error();
    if (err) {
        X509_STORE_free(store);
        return err;
    }
    *out = store;
    return 0;
}
