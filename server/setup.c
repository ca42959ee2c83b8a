/* See setup.h. */
#include "server/setup.h"

#include "gateway/base/clock.h"
#include "server/store/accounts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CERTIFICATE_DAYS = 730, RENEW_DAYS = 30 };

static const char CERT_FILE[] = "panel.crt";
static const char KEY_FILE[] = "panel.key";

/* ---- the panel's certificate ---- */

static int add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    if (!e) return EINVAL;
    int ok = X509_add_ext(cert, e, -1);
    X509_EXTENSION_free(e);
    return ok ? 0 : ENOMEM;
}

/* "IP:…" or "DNS:…" for the host of "host:port"; nothing for a wildcard address. */
static void panel_name(const char *panel, char *out, size_t size)
{
    char host[256];
    unsigned char address[16];
    const char *colon = strrchr(panel, ':');
    int len = colon ? (int)(colon - panel) : (int)strlen(panel);
    bool brackets = *panel == '[' && len > 2;
    *out = '\0';
    if (len < 0 || (size_t)len >= sizeof host) return;
    snprintf(host, sizeof host, "%.*s", brackets ? len - 2 : len, panel + brackets);
    if (!strcmp(host, "::") || !strcmp(host, "0.0.0.0")) return;
    bool ip = inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
    if (strspn(host, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.:-") !=
        strlen(host))
        return;
    snprintf(out, size, ",%s:%s", ip ? "IP" : "DNS", host);
}

static int name_certificate(X509 *cert, const char *panel)
{
    char host[256] = "", extra[300], names[1024];
    if (gethostname(host, sizeof host - 1) || !*host || strpbrk(host, ",:;\"'\\ "))
        snprintf(host, sizeof host, "localhost");
    panel_name(panel, extra, sizeof extra);
    snprintf(names, sizeof names, "DNS:localhost,DNS:%s,IP:127.0.0.1,IP:::1%s", host, extra);
    char common[65]; /* ub-common-name */
    snprintf(common, sizeof common, "%.64s", host);
    X509_NAME *subject = X509_get_subject_name(cert);
    if (!X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)common, -1,
                                    -1, 0) ||
        !X509_set_issuer_name(cert, subject))
        return ENOMEM;
    int err = add_extension(cert, NID_subject_alt_name, names);
    if (!err) err = add_extension(cert, NID_basic_constraints, "critical,CA:FALSE");
    if (!err) err = add_extension(cert, NID_key_usage, "critical,digitalSignature");
    if (!err) err = add_extension(cert, NID_ext_key_usage, "serverAuth");
    return err;
}

static int fill(X509 *cert, EVP_PKEY *key, const char *panel)
{
    unsigned char serial[16];
    BIGNUM *number = NULL;
    if (RAND_bytes(serial, sizeof serial) != 1) return EIO;
    serial[0] &= 0x7f;
    int err = ENOMEM;
    number = BN_bin2bn(serial, sizeof serial, NULL);
    if (number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) &&
        X509_set_version(cert, X509_VERSION_3) &&
        X509_gmtime_adj(X509_getm_notBefore(cert), -3600) &&
        X509_gmtime_adj(X509_getm_notAfter(cert), (long)CERTIFICATE_DAYS * 86400) &&
        X509_set_pubkey(cert, key))
        err = name_certificate(cert, panel);
    BN_free(number);
    if (!err && !X509_sign(cert, key, EVP_sha256())) err = EIO;
    return err;
}

static int take(BIO *bio, struct fg_buf *out)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    return len > 0 ? fg_buf_add(out, data, (size_t)len) : EIO;
}

static int make_certificate(const char *panel, struct fg_buf *chain, struct fg_buf *key_pem)
{
    int err = ENOMEM;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    BIO *cert_bio = BIO_new(BIO_s_mem()), *key_bio = BIO_new(BIO_s_secmem());
    if (!key || !cert || !cert_bio || !key_bio) goto out;
    err = fill(cert, key, panel);
    if (!err && (!PEM_write_bio_X509(cert_bio, cert) ||
                 !PEM_write_bio_PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL)))
        err = EIO;
    if (!err) err = take(cert_bio, chain);
    if (!err) err = take(key_bio, key_pem);
out:
    BIO_free(key_bio);
    BIO_free(cert_bio);
    X509_free(cert);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return err;
}

/* Readable, a pair, and good for a while yet? */
static bool usable(const struct fg_buf *chain, const struct fg_buf *key_pem)
{
    BIO *c = BIO_new_mem_buf(fg_buf_data(chain), (int)fg_buf_len(chain));
    BIO *k = BIO_new_mem_buf(fg_buf_data(key_pem), (int)fg_buf_len(key_pem));
    X509 *cert = c ? PEM_read_bio_X509(c, NULL, NULL, NULL) : NULL;
    EVP_PKEY *key = k ? PEM_read_bio_PrivateKey(k, NULL, NULL, NULL) : NULL;
    time_t latest = time(NULL) + RENEW_DAYS * 86400;
    bool good = cert && key && X509_check_private_key(cert, key) == 1 &&
                X509_cmp_time(X509_get0_notAfter(cert), &latest) > 0;
    EVP_PKEY_free(key);
    X509_free(cert);
    BIO_free(k);
    BIO_free(c);
    ERR_clear_error();
    return good;
}

int fg_setup_panel_certificate(const struct fg_datadir *d, const char *panel, struct fg_buf *chain,
                               struct fg_buf *key)
{
    int err = fg_datadir_key_read(d, CERT_FILE, chain);
    if (!err) err = fg_datadir_key_read(d, KEY_FILE, key);
    if (err && err != ENOENT) return err;
    if (!err && usable(chain, key)) return 0;
    fg_buf_reset(chain);
    fg_buf_wipe(key);
    err = make_certificate(panel, chain, key);
    if (!err) err = fg_datadir_key_write(d, KEY_FILE, fg_buf_data(key), fg_buf_len(key));
    if (!err) err = fg_datadir_key_write(d, CERT_FILE, fg_buf_data(chain), fg_buf_len(chain));
    return err;
}

/* ---- the setup link ---- */

int fg_setup_link_new(struct fg_store *s, char secret[FG_SECRET_TEXT])
{
    uint8_t hash[FG_SECRET_HASH];
    fg_secret_new("", secret);
    fg_secret_hash(secret, hash);
    return fg_setup_put(s, hash, fg_clock_wall_ms() + FG_SETUP_LINK_MS);
}

static int write_line(const char *path, const char *line)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return errno;
    int err = dprintf(fd, "%s\n", line) < 0 ? errno : 0;
    if (close(fd) && !err) err = errno;
    return err;
}

int fg_setup_link_tell(const struct fg_datadir *d, const char *url, const char *secret)
{
    char link[512];
    snprintf(link, sizeof link, "%s/setup#%s", url, secret);
    int err = 0;
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "setup: no administrator yet. Open within 30 minutes: %s\n", link);
    } else {
        char *path = fg_datadir_file(d, "setup-link");
        err = path ? write_line(path, link) : ENOMEM;
        if (!err)
            fprintf(stderr, "setup: no administrator yet. The link, valid 30 minutes, is in %s\n",
                    path);
        free(path);
    }
    explicit_bzero(link, sizeof link);
    return err;
}

void fg_setup_link_forget(const struct fg_datadir *d)
{
    char *path = fg_datadir_file(d, "setup-link");
    if (path) unlink(path);
    free(path);
}

int fg_setup_panel_url(const struct fg_datadir *d, const char *url)
{
    char *path = fg_datadir_file(d, "panel-url");
    if (!path) return ENOMEM;
    int err = url ? write_line(path, url) : 0;
    if (!url) unlink(path);
    free(path);
    return err;
}
