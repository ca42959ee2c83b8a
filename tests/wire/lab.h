/* A laboratory for byte-exact peers: one XMPP side of the gateway on a loop thread of its own, with
 * a listener on loopback, and scripted peers that the test drives with blocking calls. Every wait
 * ends after LAB_PATIENCE_MS and fails the test; nothing is asserted about how long things take. */
#ifndef FG_TESTS_WIRE_LAB_H
#define FG_TESTS_WIRE_LAB_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/xmpp/s2s.h"

enum { LAB_PATIENCE_MS = 20000 };

/* ---- certificates ---- */

struct lab_ca;
struct lab_cert {
    char *chain, *key; /* PEM */
    X509 *x509;
    EVP_PKEY *pkey;
};

X509 *lab_ca_x509(struct lab_ca *ca);
struct lab_ca *lab_ca_new(const char *name);
void lab_ca_free(struct lab_ca *ca);
/* A certificate for the comma-separated dNSNames; `days` < 0: expired. */
struct lab_cert *lab_cert_new(struct lab_ca *ca, const char *names, int days);
void lab_cert_free(struct lab_cert *c);
/* A context of a peer: its certificate (or NULL); it trusts everybody. */
SSL_CTX *lab_peer_ctx(const struct lab_cert *c, bool server);

/* ---- the gateway ---- */

struct lab;

struct lab_partner {
    const char *domain;
    const char *also; /* one additional domain, or NULL */
    enum fg_need tls, sasl;
    bool dialback, keepalive;
    enum fg_partner_state state;
    uint16_t port; /* where its server listens on 127.0.0.1; 0: nowhere */
    uint32_t connection_limit;
};

struct lab_config {
    const struct lab_partner *partners;
    size_t n_partners;
    void (*tune)(struct fg_settings *s); /* or NULL */
    bool without_domain;                 /* a.example is removed */
    bool without_certificate;
};

/* Local domains: a.example and a2.example, with certificates of their own from the CA the lab
 * trusts; the one of a.example serves for whoever has none. */
struct lab *lab_new(const struct lab_config *c);
void lab_free(struct lab *l);
/* A new configuration; returns when it runs. */
void lab_apply(struct lab *l, const struct lab_config *c);
struct lab_ca *lab_ca(struct lab *l);
uint16_t lab_port(struct lab *l);
/* Port of direct TLS. */
uint16_t lab_direct_port(struct lab *l);
/* Runs `f` on the loop thread and waits for it. */
void lab_run(struct lab *l, void (*f)(struct fg_s2s *s, void *arg), void *arg);

/* Stanzas that passed the gate, as "kind from to id type method", in order; waits for the n-th
 * (from 0). The text belongs to the lab. */
const char *lab_stanza(struct lab *l, size_t n);
size_t lab_stanzas(struct lab *l);

/* Sends <message/> from `from` with this id to `to` (bare JIDs u@domain). Returns fg_s2s_send's. */
int lab_send(struct lab *l, const char *local, const char *remote, const char *id, int deadline_ms);
/* The same with a body of so many bytes. */
int lab_send_big(struct lab *l, const char *local, const char *remote, const char *id,
                 int deadline_ms, size_t body);
/* Waits for the outcome of the item with this id. */
enum fg_failure lab_outcome(struct lab *l, const char *id);
bool lab_has_outcome(struct lab *l, const char *id);
/* How many outcomes an id has had. */
unsigned lab_outcomes(struct lab *l, const char *id);
/* Waits for an event with this code. */
void lab_event(struct lab *l, const char *code);
bool lab_has_event(struct lab *l, const char *code);
/* Waits until the counters satisfy the test. */
struct fg_s2s_counters lab_counters(struct lab *l);
/* Number of streams in this state ("open", ...). */
unsigned lab_streams(struct lab *l, const char *state);
void lab_wait_streams(struct lab *l, const char *state, unsigned n);
/* Starts a graceful stop and waits until it is complete. */
void lab_shutdown(struct lab *l);
void lab_start_shutdown(struct lab *l);
bool lab_is_shut(struct lab *l);

/* ---- peers ---- */

struct peer {
    int fd;
    SSL *ssl;
    char *buf; /* received, not yet consumed; NUL-terminated */
    size_t len, cap;
    bool eof;
    char id[128]; /* of the last header seen by peer_expect_header */
};

/* A listener on 127.0.0.1. */
int peer_listen(uint16_t *port);
struct peer *peer_accept(int listener);
/* Nobody connects within a moment. */
bool peer_nobody(int listener);
struct peer *peer_connect(uint16_t port);
void peer_free(struct peer *p);
void peer_send(struct peer *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void peer_write(struct peer *p, const void *data, size_t len);
/* Reads until `text` has come and drops everything up to its end; fails the test at end of stream
 * or when patience is over. */
void peer_expect(struct peer *p, const char *text);
/* As peer_expect, and `not_before` must not stand before `text`. */
void peer_expect_without(struct peer *p, const char *text, const char *not_before);
/* Reads up to `end` and drops it; what stood before it goes to `out`. */
void peer_take(struct peer *p, char *out, size_t size, char end);
/* The name of the next element, start or end tag. */
void peer_take_element(struct peer *p, char *out, size_t size);
/* Reads a header up to its '>' and takes the id. */
void peer_expect_header(struct peer *p);
/* Reads until the end of the connection; what came is in buf. */
void peer_expect_eof(struct peer *p);
/* A stream error with this condition, the end tag, and the end of the connection. */
void peer_expect_error(struct peer *p, const char *condition);
/* The TLS handshake; true when it succeeded. */
bool peer_tls(struct peer *p, SSL_CTX *ctx, bool server, const char *sni);

/* Client side: header as an initiating server. */
void peer_open(struct peer *p, const char *from, const char *to);
/* Server side: reads the gateway's header and answers with one of ours. */
void peer_answer(struct peer *p, const char *from, const char *to, const char *id, bool dialback);
void peer_starttls(struct peer *p, SSL_CTX *ctx);

#endif
