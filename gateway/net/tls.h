/* TLS contexts, built off the loop by prepare and shared, by reference, with the engine thread; and
 * what a certificate proves. Identity rules: RFC 6120 13.7 with RFC 6125/9525 (XMPP), RFC 5922
 * (SIP). */
#ifndef FG_TLS_H
#define FG_TLS_H

#include "gateway/base/problem.h"
#include "gateway/failure.h"

#include <openssl/ssl.h>
#include <stdbool.h>

struct fg_tls_ctx;

/* A certificate with its key, as PEM. Not owned by the context built from it. */
struct fg_credential {
    const char *chain_pem; /* leaf first */
    const char *key_pem;   /* decrypted */
};

enum fg_tls_role { FG_TLS_CLIENT, FG_TLS_SERVER };

struct fg_tls_settings {
    enum fg_tls_role role;
    const struct fg_credential *credential; /* NULL: client without certificate */
    X509_STORE *trust;        /* shared by contexts; a reference is taken. NULL: nothing trusted */
    bool require_client_cert; /* server: handshake fails without one that verifies (SIP inner side)
                               */
    bool verify_hard;    /* client: handshake fails unless the chain verifies (SIP inner side) */
    bool server_purpose; /* judge the peer by the server purpose in both roles (XMPP) */
    const char *min_version; /* "1.2" or "1.3" */
    const char *preset;      /* "intermediate" or "modern" */
    const char *alpn;        /* server: accepted protocol or NULL */
};

/* Builds a context. Faults (key does not match, PEM unreadable) go to `problems` under `pointer`.
 * Any thread. 0 or EINVAL/ENOMEM. */
int fg_tls_ctx_new(struct fg_tls_ctx **out, const struct fg_tls_settings *s, const char *pointer,
                   struct fg_problems *problems);
struct fg_tls_ctx *fg_tls_ctx_get(struct fg_tls_ctx *c);
void fg_tls_ctx_put(struct fg_tls_ctx *c);
SSL_CTX *fg_tls_ctx_ssl(struct fg_tls_ctx *c);
bool fg_tls_ctx_is_server(const struct fg_tls_ctx *c);

/* A trust store from concatenated PEM texts and, when asked, the system's store. */
int fg_trust_new(X509_STORE **out, const char *const *pems, size_t count, bool system,
                 struct fg_problems *problems);

/* Changes when the system's store does; 0 when there is none. */
uint64_t fg_trust_system_stamp(void);

/* Does this certificate name the XMPP domain (A-label, lower case)? SAN dNSName with a whole
 * left-most wildcard label, SRVName _xmpp-server, XmppAddr; never the CN. RFC 6120 13.7.1. */
bool fg_cert_names_xmpp_domain(X509 *cert, const char *domain);
/* RFC 5922 7.1-7.2: SAN URI sip:domain, else dNSName (exact, no wildcard). */
bool fg_cert_names_sip_domain(X509 *cert, const char *domain);
/* Allowed by its extended key usage to be judged at all as a server (absent or serverAuth). */
bool fg_cert_is_server(X509 *cert);
/* Names of the SAN into `out`, as many as fit as a whole: separated by ", ", quoted, and without a
 * blank or comma of their own. Returns `out`. */
char *fg_cert_names(X509 *cert, char *out, size_t size);
/* notAfter as milliseconds since 1970. */
int64_t fg_cert_not_after_ms(X509 *cert);
/* Maps an X509_V_* result to a failure of the catalogue. */
enum fg_failure fg_cert_failure(int verify_result);

#endif
