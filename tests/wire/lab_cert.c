/* Certificates made on the spot; see lab.h. */
#include "tests/wire/lab.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct lab_ca {
    X509 *x509;
    EVP_PKEY *pkey;
    long serial;
};

static X509 *make(EVP_PKEY *key, const char *name, long serial, int days)
{
    X509 *x = X509_new();
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
    X509_gmtime_adj(X509_getm_notBefore(x), -86400L * 10);
    X509_gmtime_adj(X509_getm_notAfter(x), 86400L * days);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    return x;
}

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    assert_non_null(e);
    X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
}

static char *pem_of(BIO *bio)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    char *out = strndup(data, (size_t)len);
    BIO_free(bio);
    return out;
}

struct lab_ca *lab_ca_new(const char *name)
{
    struct lab_ca *ca = calloc(1, sizeof *ca);
    ca->pkey = EVP_EC_gen("P-256");
    ca->x509 = make(ca->pkey, name, 1, 30);
    X509_set_issuer_name(ca->x509, X509_get_subject_name(ca->x509));
    extend(ca->x509, ca->x509, NID_basic_constraints, "critical,CA:TRUE");
    extend(ca->x509, ca->x509, NID_key_usage, "critical,keyCertSign,cRLSign");
    X509_sign(ca->x509, ca->pkey, EVP_sha256());
    ca->serial = 1;
    return ca;
}

void lab_ca_free(struct lab_ca *ca)
{
    if (!ca) return;
    X509_free(ca->x509);
    EVP_PKEY_free(ca->pkey);
    free(ca);
}

X509 *lab_ca_x509(struct lab_ca *ca)
{
    return ca->x509;
}

struct lab_cert *lab_cert_new(struct lab_ca *ca, const char *names, int days)
{
    struct lab_cert *c = calloc(1, sizeof *c);
    char san[512] = "", *copy = strdup(names), *save = NULL;
    size_t len = 0;
    for (char *n = strtok_r(copy, ",", &save); n; n = strtok_r(NULL, ",", &save))
        len += (size_t)snprintf(san + len, sizeof san - len, "%sDNS:%s", len ? "," : "", n);
    free(copy);
    c->pkey = EVP_EC_gen("P-256");
    c->x509 = make(c->pkey, names, ++ca->serial, days);
    X509_set_issuer_name(c->x509, X509_get_subject_name(ca->x509));
    extend(c->x509, ca->x509, NID_subject_alt_name, san);
    X509_sign(c->x509, ca->pkey, EVP_sha256());
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, c->x509);
    c->chain = pem_of(bio);
    bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, c->pkey, NULL, NULL, 0, NULL, NULL);
    c->key = pem_of(bio);
    return c;
}

void lab_cert_free(struct lab_cert *c)
{
    if (!c) return;
    X509_free(c->x509);
    EVP_PKEY_free(c->pkey);
    free(c->chain);
    free(c->key);
    free(c);
}

static int accept_all(int ok, X509_STORE_CTX *ctx)
{
    (void)ok;
    (void)ctx;
    return 1;
}

SSL_CTX *lab_peer_ctx(const struct lab_cert *c, bool server)
{
    SSL_CTX *ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, accept_all);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    if (c) {
        SSL_CTX_use_certificate(ctx, c->x509);
        SSL_CTX_use_PrivateKey(ctx, c->pkey);
    }
    return ctx;
}
