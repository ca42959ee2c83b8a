/* See tls.h. */
#include "server/cli/tls.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { CONNECT_S = 15, ANSWER_S = 120, DIGEST_HEX = 64 };

struct tls_wire {
    struct fg_wire wire;
    SSL_CTX *context;
    SSL *ssl;
    int fd;
};

/* ---- bytes ---- */

static int reason(const struct tls_wire *w, int ret)
{
    int kind = SSL_get_error(w->ssl, ret);
    if (kind == SSL_ERROR_ZERO_RETURN) return 0;
    if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) return ETIMEDOUT;
    return kind == SSL_ERROR_SYSCALL && errno ? errno : EPROTO;
}

static int tls_send(struct fg_wire *base, const void *data, size_t len)
{
    struct tls_wire *w = (struct tls_wire *)base;
    size_t done = 0;
    int ret = SSL_write_ex(w->ssl, data, len, &done);
    if (ret == 1 && done == len) return 0;
    int err = reason(w, ret);
    return err ? err : EPIPE;
}

static int tls_receive(struct fg_wire *base, void *data, size_t size, size_t *got)
{
    struct tls_wire *w = (struct tls_wire *)base;
    *got = 0;
    int ret = SSL_read_ex(w->ssl, data, size, got);
    return ret == 1 ? 0 : reason(w, ret);
}

static void tls_close(struct fg_wire *base)
{
    struct tls_wire *w = (struct tls_wire *)base;
    if (w->ssl) SSL_shutdown(w->ssl);
    SSL_free(w->ssl);
    SSL_CTX_free(w->context);
    if (w->fd >= 0) close(w->fd);
    free(w);
    ERR_clear_error();
}

/* ---- connecting ---- */

static void limit(int fd, int seconds)
{
    const struct timeval tv = {.tv_sec = seconds};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
}

static int dial(const char *host, const char *port, int *out, char why[FG_TLS_WHY])
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int err = ECONNREFUSED, rc = getaddrinfo(host, port, &hints, &list);
    if (rc) {
        snprintf(why, FG_TLS_WHY, "%s: %s", host, gai_strerror(rc));
        return EHOSTUNREACH;
    }
    for (const struct addrinfo *a = list; a; a = a->ai_next) {
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd < 0) continue;
        limit(fd, CONNECT_S); /* Linux applies it to connect too */
        if (!connect(fd, a->ai_addr, a->ai_addrlen)) {
            *out = fd;
            err = 0;
            break;
        }
        err = errno == EINPROGRESS ? ETIMEDOUT : errno;
        close(fd);
    }
    freeaddrinfo(list);
    if (err) snprintf(why, FG_TLS_WHY, "%s port %s: %s", host, port, strerror(err));
    return err;
}

/* ---- the certificate ---- */

/* Takes colons out and lowers; false when it is no SHA-256. */
static bool pin_digits(const char *pin, char out[DIGEST_HEX + 1])
{
    size_t n = 0;
    for (const char *p = pin; *p; p++) {
        if (*p == ':') continue;
        if (!isxdigit((unsigned char)*p) || n == DIGEST_HEX) return false;
        out[n++] = (char)tolower((unsigned char)*p);
    }
    out[n] = '\0';
    return n == DIGEST_HEX;
}

bool fg_tls_pin_valid(const char *pin)
{
    char digits[DIGEST_HEX + 1];
    return pin_digits(pin, digits);
}

static bool fingerprint(const SSL *ssl, char out[DIGEST_HEX + 1])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    X509 *cert = SSL_get1_peer_certificate(ssl);
    bool ok = cert && X509_digest(cert, EVP_sha256(), digest, &len) == 1 && len * 2 == DIGEST_HEX;
    for (unsigned i = 0; ok && i < len; i++) snprintf(out + (size_t)2 * i, 3, "%02x", digest[i]);
    X509_free(cert);
    return ok;
}

/* After a handshake that did not verify by itself. */
static int judge(const SSL *ssl, const struct fg_tls_trust *trust, char why[FG_TLS_WHY])
{
    char is[DIGEST_HEX + 1] = "", wanted[DIGEST_HEX + 1];
    if (!fingerprint(ssl, is)) {
        snprintf(why, FG_TLS_WHY, "the server showed no certificate");
        return EPROTO;
    }
    if (trust->pin) {
        if (pin_digits(trust->pin, wanted) && !strcmp(is, wanted)) return 0;
        snprintf(why, FG_TLS_WHY, "the server's certificate is another than the pinned one: %s",
                 is);
        return EACCES;
    }
    long verdict = SSL_get_verify_result(ssl);
    if (verdict == X509_V_OK) return 0;
    snprintf(why, FG_TLS_WHY,
             "the server's certificate cannot be trusted: %s. Give its authority by --ca; or, when "
             "its SHA-256 on the server is the same, give --pin %s",
             X509_verify_cert_error_string(verdict), is);
    return EACCES;
}

static bool prepare(struct tls_wire *w, const char *host, const struct fg_tls_trust *trust)
{
    unsigned char address[16];
    w->context = SSL_CTX_new(TLS_client_method());
    if (!w->context || !SSL_CTX_set_min_proto_version(w->context, TLS1_2_VERSION)) return false;
    /* A cut answer is found by its length. */
    SSL_CTX_set_options(w->context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (trust->ca ? !SSL_CTX_load_verify_file(w->context, trust->ca)
                  : !SSL_CTX_set_default_verify_paths(w->context))
        return false;
    w->ssl = SSL_new(w->context);
    if (!w->ssl || !SSL_set_fd(w->ssl, w->fd)) return false;
    X509_VERIFY_PARAM *p = SSL_get0_param(w->ssl);
    X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_PARTIAL_CHAIN);
    if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(p, host) == 1;
    return SSL_set1_host(w->ssl, host) == 1 && SSL_set_tlsext_host_name(w->ssl, host) == 1;
}

static int shake_hands(struct tls_wire *w, const char *host, const struct fg_tls_trust *trust,
                       char why[FG_TLS_WHY])
{
    if (!prepare(w, host, trust)) {
        snprintf(why, FG_TLS_WHY, "%s%sTLS cannot be set up", trust->ca ? trust->ca : "",
                 trust->ca ? ": " : "");
        return EINVAL;
    }
    /* Verification records its verdict, and judge() looks at it before a byte is sent. */
    SSL_set_verify(w->ssl, SSL_VERIFY_NONE, NULL);
    errno = 0;
    int ret = SSL_connect(w->ssl);
    if (ret == 1) return judge(w->ssl, trust, why);
    const char *said = ERR_reason_error_string(ERR_peek_last_error());
    int err = reason(w, ret);
    snprintf(why, FG_TLS_WHY, "TLS with %s: %s", host, said ? said : strerror(err ? err : EPROTO));
    return err ? err : EPROTO;
}

int fg_wire_tls(struct fg_wire **out, const char *host, const char *port,
                const struct fg_tls_trust *trust, char why[FG_TLS_WHY])
{
    struct tls_wire *w = calloc(1, sizeof *w);
    if (!w) return ENOMEM;
    w->wire = (struct fg_wire){tls_send, tls_receive, tls_close};
    w->fd = -1;
    int err = dial(host, port, &w->fd, why);
    if (!err) err = shake_hands(w, host, trust, why);
    if (err) {
        tls_close(&w->wire);
        return err;
    }
    limit(w->fd, ANSWER_S);
    *out = &w->wire;
    return 0;
}
