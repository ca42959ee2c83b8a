/* See x509.h. */
#include "api/x509.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/base/rand.h"

enum { CHAIN_MAX = 20, TEXT_MAX = 1 << 20 };

struct reading {
    X509 *certs[CHAIN_MAX];
    size_t n;
    EVP_PKEY *key;
    bool key_damaged, password_wrong;
};

/* ---- PEM ---- */

struct password {
    const char *text;
    bool asked;
};

static int give_password(char *buf, int size, int writing, void *arg)
{
    struct password *p = arg;
    (void)writing;
    p->asked = true;
    int len = p->text ? (int)strlen(p->text) : -1;
    if (len < 0 || len > size) return -1;
    memcpy(buf, p->text, (size_t)len);
    return len;
}

static bool has_key(const char *pem)
{
    return strstr(pem, "PRIVATE KEY-----") != NULL;
}

static void read_key(struct reading *r, const char *pem, const char *password)
{
    struct password p = {password, false};
    BIO *in = BIO_new_mem_buf(pem, -1);
    r->key = in ? PEM_read_bio_PrivateKey(in, NULL, give_password, &p) : NULL;
    BIO_free(in);
    if (r->key) return;
    r->password_wrong = p.asked;
    r->key_damaged = !p.asked;
    ERR_clear_error();
}

static void read_certs(struct reading *r, const char *pem)
{
    BIO *in = BIO_new_mem_buf(pem, -1);
    X509 *x;
    struct password none = {NULL, false};
    while (in && r->n < CHAIN_MAX && (x = PEM_read_bio_X509(in, NULL, give_password, &none)))
        r->certs[r->n++] = x;
    BIO_free(in);
    ERR_clear_error();
}

/* The end certificate first, then each one's issuer; what does not belong stays behind. */
static void put_in_order(struct reading *r)
{
    for (size_t i = 0; r->key && i < r->n; i++) {
        if (X509_check_private_key(r->certs[i], r->key) != 1) continue;
        X509 *leaf = r->certs[i];
        memmove(r->certs + 1, r->certs, i * sizeof(X509 *));
        r->certs[0] = leaf;
        break;
    }
    for (size_t at = 0; at + 1 < r->n; at++)
        for (size_t i = at + 1; i < r->n; i++) {
            if (X509_check_issued(r->certs[i], r->certs[at]) != X509_V_OK) continue;
            X509 *issuer = r->certs[i];
            r->certs[i] = r->certs[at + 1];
            r->certs[at + 1] = issuer;
            break;
        }
    ERR_clear_error();
}

/* ---- describing ---- */

static char *bio_text(BIO *b)
{
    char *data;
    long len = BIO_get_mem_data(b, &data);
    return len >= 0 && len <= TEXT_MAX ? strndup(data, (size_t)len) : NULL;
}

static char *name_text(const X509_NAME *name)
{
    BIO *b = BIO_new(BIO_s_mem());
    char *text = NULL;
    if (b &&
        X509_NAME_print_ex(b, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0)
        text = bio_text(b);
    BIO_free(b);
    return text;
}

static void add_name(json_t *names, const unsigned char *p, int len)
{
    if (len <= 0 || memchr(p, 0, (size_t)len)) return;
    json_t *v = json_stringn((const char *)p, (size_t)len);
    if (!v) return;
    for (size_t i = 0; i < json_array_size(names); i++)
        if (json_equal(json_array_get(names, i), v)) {
            json_decref(v);
            return;
        }
    json_array_append_new(names, v);
}

/* otherName: the XMPP address (RFC 6120 13.7.1.4) and the SRV name (RFC 4985). */
static void add_other(json_t *names, const OTHERNAME *o)
{
    char oid[64];
    if (OBJ_obj2txt(oid, sizeof oid, o->type_id, 1) <= 0) return;
    if (strcmp(oid, "1.3.6.1.5.5.7.8.5") != 0 && strcmp(oid, "1.3.6.1.5.5.7.8.7") != 0) return;
    const ASN1_STRING *s = NULL;
    if (o->value->type == V_ASN1_UTF8STRING) s = o->value->value.utf8string;
    if (o->value->type == V_ASN1_IA5STRING) s = o->value->value.ia5string;
    if (s) add_name(names, ASN1_STRING_get0_data(s), ASN1_STRING_length(s));
}

static void add_common_name(json_t *names, const X509 *x)
{
    const X509_NAME *subject = X509_get_subject_name(x);
    int i = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (i < 0) return;
    unsigned char *utf8 = NULL;
    int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, i)));
    if (len > 0) add_name(names, utf8, len);
    OPENSSL_free(utf8);
}

static json_t *names_of(const X509 *x)
{
    json_t *names = json_array();
    GENERAL_NAMES *all = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
        const GENERAL_NAME *g = sk_GENERAL_NAME_value(all, i);
        if (g->type == GEN_DNS)
            add_name(names, ASN1_STRING_get0_data(g->d.dNSName), ASN1_STRING_length(g->d.dNSName));
        else if (g->type == GEN_OTHERNAME)
            add_other(names, g->d.otherName);
    }
    GENERAL_NAMES_free(all);
    if (json_array_size(names) == 0) add_common_name(names, x);
    ERR_clear_error();
    return names;
}

static int64_t time_ms(const ASN1_TIME *t)
{
    struct tm tm;
    return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : 0;
}

static char *chain_text(const struct reading *r)
{
    BIO *b = BIO_new(BIO_s_mem());
    char *text = NULL;
    bool good = b != NULL;
    for (size_t i = 0; good && i < r->n; i++) good = PEM_write_bio_X509(b, r->certs[i]) == 1;
    if (good) text = bio_text(b);
    BIO_free(b);
    return text;
}

static char *key_text(EVP_PKEY *key)
{
    BIO *b = BIO_new(BIO_s_secmem());
    char *text = NULL;
    if (b && PEM_write_bio_PKCS8PrivateKey(b, key, NULL, NULL, 0, NULL, NULL) == 1)
        text = bio_text(b);
    BIO_free(b);
    return text;
}

static int describe(const struct reading *r, struct fg_x509 *out)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    const X509 *x = r->certs[0];
    if (X509_digest(x, EVP_sha256(), hash, &len) != 1) return ENOMEM;
    fg_hex(out->id, hash, 32);
    out->certificates = (unsigned)r->n;
    out->chain = chain_text(r);
    out->key = r->key ? key_text(r->key) : NULL;
    out->subject = name_text(X509_get_subject_name(x));
    out->issuer = name_text(X509_get_issuer_name(x));
    out->names = names_of(x);
    out->not_before_ms = time_ms(X509_get0_notBefore(x));
    out->not_after_ms = time_ms(X509_get0_notAfter(x));
    bool good = out->chain && out->subject && out->issuer && out->names && (out->key || !r->key);
    return good ? 0 : ENOMEM;
}

/* ---- the whole ---- */

static void find_faults(const struct reading *r, const char *key, struct fg_problems *problems)
{
    const char *at = key ? "/key" : "/pem";
    if (!r->n)
        fg_problem_add(
            problems, "/pem", "pem_invalid",
            "There is no certificate in it; paste PEM, from -----BEGIN CERTIFICATE----- to "
            "-----END CERTIFICATE-----.");
    if (r->key_damaged)
        fg_problem_add(problems, at, "key_invalid",
                       "The private key cannot be read; paste PEM, from -----BEGIN to -----END.");
    if (r->password_wrong)
        fg_problem_add(problems, "/password", "password_wrong",
                       "The private key is encrypted and this password does not open it.");
    if (r->key && r->n && X509_check_private_key(r->certs[0], r->key) != 1)
        fg_problem_add(problems, at, "key_mismatch",
                       "The private key belongs to none of the certificates.");
    ERR_clear_error();
}

int fg_x509_read(const char *pem, const char *key, const char *password, struct fg_x509 *out,
                 struct fg_problems *problems)
{
    struct reading r = {.n = 0};
    size_t before = problems->count;
    int err = 0;
    *out = (struct fg_x509){.chain = NULL};
    read_certs(&r, pem);
    if (key)
        read_key(&r, key, password);
    else if (has_key(pem))
        read_key(&r, pem, password);
    put_in_order(&r);
    find_faults(&r, key, problems);
    if (problems->count != before)
        err = EINVAL;
    else
        err = describe(&r, out);
    for (size_t i = 0; i < r.n; i++) X509_free(r.certs[i]);
    EVP_PKEY_free(r.key);
    if (err) fg_x509_free(out);
    return err;
}

void fg_x509_free(struct fg_x509 *x)
{
    if (x->key) explicit_bzero(x->key, strlen(x->key));
    free(x->key);
    free(x->chain);
    free(x->subject);
    free(x->issuer);
    json_decref(x->names);
    *x = (struct fg_x509){.chain = NULL};
}
