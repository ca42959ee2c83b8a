/* TLS under a connection: OpenSSL works directly on the non-blocking descriptor. Every call may
 * want the other direction, so the outcome of each is an event to wait for. */
#include "gateway/net/private.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

/* OpenSSL's own words for the last error, or the system's. */
static const char *openssl_words(char *out, size_t size, int saved_errno)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    if (reason)
        snprintf(out, size, "%s", reason);
    else if (saved_errno)
        return strerror_r(saved_errno, out, size);
    else
        snprintf(out, size, "connection closed");
    return out;
}

/* The peer went away without close_notify: the stream's own end tells whether something is missing.
 */
static bool unexpected_end(int what, int saved_errno)
{
    unsigned long code = ERR_peek_error();
    if (what == SSL_ERROR_SYSCALL) return code == 0 && saved_errno == 0;
    return what == SSL_ERROR_SSL && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

static enum fg_failure tls_failure(struct fg_conn *c, int what)
{
    int verify = fg_conn_verify_result(c);
    if (c->state == CONN_HANDSHAKE && what == SSL_ERROR_SSL && verify != X509_V_OK &&
        ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_CERTIFICATE_VERIFY_FAILED)
        return fg_cert_failure(verify);
    if (c->state == CONN_HANDSHAKE) return FG_FAIL_TLS_HANDSHAKE;
    /* With TLS 1.3 the client is through before the server has judged its certificate. */
    if (!c->tls_data && what == SSL_ERROR_SSL) return FG_FAIL_TLS_HANDSHAKE;
    return FG_FAIL_CONNECT_LOST;
}

int fg_conn_ssl_outcome(struct fg_conn *c, int n)
{
    int saved = errno;
    int what = SSL_get_error(c->ssl, n);
    if (what == SSL_ERROR_WANT_READ) return EV_READ;
    if (what == SSL_ERROR_WANT_WRITE) return EV_WRITE;
    if (what == SSL_ERROR_ZERO_RETURN) return 0;
    if (c->state != CONN_HANDSHAKE && unexpected_end(what, saved)) {
        c->failure = FG_FAIL_CONNECT_LOST;
        return 0;
    }
    char words[160];
    fg_conn_fail(c, tls_failure(c, what), openssl_words(words, sizeof words, saved));
    ERR_clear_error();
    return -1;
}

void fg_conn_handshake(struct fg_conn *c)
{
    ERR_clear_error();
    errno = 0;
    int n = SSL_do_handshake(c->ssl);
    if (n == 1) {
        c->read_wants = c->write_wants = 0;
        fg_conn_enter(c, CONN_OPEN);
        fg_conn_raise(c, FG_CONN_TLS_READY);
        return;
    }
    int wants = fg_conn_ssl_outcome(c, n);
    if (wants > 0) c->read_wants = wants;
    if (wants == 0) fg_conn_fail(c, FG_FAIL_TLS_HANDSHAKE, "closed by the peer");
}

static int offer_alpn(SSL *ssl, const char *name)
{
    unsigned char wire[64];
    size_t len = strlen(name);
    if (len == 0 || len >= sizeof wire) return EINVAL;
    wire[0] = (unsigned char)len;
    memcpy(wire + 1, name, len);
    return SSL_set_alpn_protos(ssl, wire, (unsigned)len + 1) ? ENOMEM : 0;
}

static int prepare_client(SSL *ssl, const struct fg_tls_params *p)
{
    SSL_set_connect_state(ssl);
    /* OpenSSL copies the name, but its macro for this casts const away. */
    if (p->sni && !SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                            (void *)(uintptr_t)p->sni))
        return ENOMEM;
    if (p->alpn) {
        int err = offer_alpn(ssl, p->alpn);
        if (err) return err;
    }
    if (p->session && !SSL_set_session(ssl, p->session)) return EINVAL;
    return 0;
}

int fg_conn_start_tls(struct fg_conn *c, const struct fg_tls_params *p)
{
    if (!p || !p->ctx || c->ssl || c->state != CONN_OPEN) return EINVAL;
    if (c->in.len) return EPROTO;
    ERR_clear_error();
    SSL *ssl = SSL_new(fg_tls_ctx_ssl(p->ctx));
    if (!ssl) return ENOMEM;
    int err = SSL_set_fd(ssl, c->fd) ? 0 : ENOMEM;
    if (!err && fg_tls_ctx_is_server(p->ctx))
        SSL_set_accept_state(ssl);
    else if (!err)
        err = prepare_client(ssl, p);
    if (err) {
        SSL_free(ssl);
        return err;
    }
    c->ssl = ssl;
    c->ctx = fg_tls_ctx_get(p->ctx);
    c->clear_left = c->out.len;
    c->read_wants = c->write_wants = 0;
    fg_conn_enter(c, CONN_TLS_WAIT);
    fg_conn_touch(c);
    return 0;
}

bool fg_conn_is_tls(const struct fg_conn *c)
{
    return c->ssl != NULL;
}

SSL *fg_conn_ssl(const struct fg_conn *c)
{
    return c->ssl;
}

const char *fg_conn_tls_version(const struct fg_conn *c)
{
    return c->ssl ? SSL_get_version(c->ssl) : NULL;
}

const char *fg_conn_tls_cipher(const struct fg_conn *c)
{
    return c->ssl ? SSL_get_cipher_name(c->ssl) : NULL;
}

X509 *fg_conn_peer_cert(const struct fg_conn *c)
{
    return c->ssl ? SSL_get0_peer_certificate(c->ssl) : NULL;
}

int fg_conn_verify_result(const struct fg_conn *c)
{
    if (!c->ssl) return X509_V_ERR_APPLICATION_VERIFICATION;
    int first = fg_tls_first_error(c->ssl);
    return first != X509_V_OK ? first : (int)SSL_get_verify_result(c->ssl);
}
