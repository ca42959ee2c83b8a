/* Certificates made on the spot by OpenSSL, for tests of TLS: an authority, and leaves of any
 * names, purposes and dates. Everything is static: one header, no library. */
#ifndef MAKE_CERT_H
#define MAKE_CERT_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct made_cert {
    X509 *cert;
    EVP_PKEY *key;
    char *cert_pem, *key_pem;
};

struct cert_wish {
    const struct made_cert *issuer; /* NULL: self-signed */
    bool ca;
    const char *cn;      /* NULL: "test" */
    const char *san;     /* as in OpenSSL configuration, or NULL */
    const char *eku;     /* "serverAuth", "clientAuth", or NULL */
    long from_s, to_s;   /* validity relative to now; both 0: from an hour ago to tomorrow */
    const char *raw_dns; /* a dNSName of raw_dns_len bytes, which may contain NUL */
    size_t raw_dns_len;
};

static inline char *made_pem(BIO *bio)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    char *text = strndup(data, (size_t)len);
    BIO_free(bio);
    return text;
}

static inline void made_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    if (!ext || !X509_add_ext(cert, ext, -1)) abort();
    X509_EXTENSION_free(ext);
}

static inline void made_raw_dns(X509 *cert, const char *bytes, size_t len)
{
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, bytes, (int)len);
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    sk_GENERAL_NAME_push(names, name);
    if (!X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT)) abort();
    GENERAL_NAMES_free(names);
}

static inline struct made_cert make_cert(const struct cert_wish *w)
{
    static long serial = 1000;
    struct made_cert m = {.key = EVP_EC_gen("P-256"), .cert = X509_new()};
    X509 *issuer = w->issuer ? w->issuer->cert : m.cert;
    X509_set_version(m.cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(m.cert), ++serial);
    bool dated = w->from_s || w->to_s;
    X509_gmtime_adj(X509_getm_notBefore(m.cert), dated ? w->from_s : -3600);
    X509_gmtime_adj(X509_getm_notAfter(m.cert), dated ? w->to_s : 86400);
    X509_NAME *name = X509_get_subject_name(m.cert);
    const char *cn = w->cn ? w->cn : w->ca ? "Test Authority" : "test";
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
    X509_set_issuer_name(m.cert, X509_get_subject_name(issuer));
    X509_set_pubkey(m.cert, m.key);
    made_extension(m.cert, issuer, NID_basic_constraints, w->ca ? "critical,CA:TRUE" : "CA:FALSE");
    if (w->san) made_extension(m.cert, issuer, NID_subject_alt_name, w->san);
    if (w->raw_dns) made_raw_dns(m.cert, w->raw_dns, w->raw_dns_len);
    if (w->eku) made_extension(m.cert, issuer, NID_ext_key_usage, w->eku);
    if (!X509_sign(m.cert, w->issuer ? w->issuer->key : m.key, EVP_sha256())) abort();
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, m.cert);
    m.cert_pem = made_pem(bio);
    bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, m.key, NULL, NULL, 0, NULL, NULL);
    m.key_pem = made_pem(bio);
    return m;
}

static inline void made_free(struct made_cert *m)
{
    X509_free(m->cert);
    EVP_PKEY_free(m->key);
    free(m->cert_pem);
    free(m->key_pem);
    *m = (struct made_cert){0};
}

#endif
