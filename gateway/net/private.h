/* What the files of this folder share and nobody else sees. */
#ifndef FG_NET_PRIVATE_H
#define FG_NET_PRIVATE_H

#include "gateway/base/list.h"
#include "gateway/net/conn.h"
#include "gateway/net/tls.h"

/* libev's headers declare aliasing-friendly unions that pedantic warnings dislike. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-aliasing"
#include <ev.h>
#pragma GCC diagnostic pop

enum {
    SCRATCH_SIZE = 16384, /* one TLS record */
    READ_BUDGET = 4,      /* scratch buffers read per connection and turn: the others get theirs */
};

struct fg_net {
    struct ev_loop *loop;
    struct ev_prepare flush;  /* runs last before the loop blocks */
    struct ev_timer again;    /* keeps the loop from blocking while work is left */
    struct fg_list dirty;     /* connections that have something to do this turn */
    struct fg_list lingering; /* flushing, without an owner */
    struct fg_list dead;      /* closed ones, freed when nobody can hold them any more */
    size_t connections;
    bool raised; /* a handler was called since the flush began */
    unsigned char scratch[SCRATCH_SIZE];
};

enum conn_state {
    CONN_CONNECTING, /* TCP handshake under way */
    CONN_OPEN,       /* data may flow, in clear or inside TLS */
    CONN_TLS_WAIT,   /* clear output written before fg_conn_start_tls is still leaving */
    CONN_HANDSHAKE,  /* TLS handshake under way */
    CONN_FLUSHING,   /* the owner is gone; output leaves, then the peer may close first */
    CONN_FAILED,     /* ERROR was or will be raised; waits for the owner's close */
    CONN_DEAD,       /* closed; freed at the end of the turn */
};

struct fg_conn {
    struct fg_net *net;
    struct fg_list node; /* in net->lingering or net->dead */
    struct fg_list turn; /* in net->dirty */
    struct ev_io io;
    struct ev_timer deadline;
    fg_conn_h *h;
    void *arg;
    enum conn_state state;
    int fd;
    bool paused, eof, eof_told, error_due, resumed, shut;
    struct fg_buf in, out;
    uint64_t queued, flushed, id;
    /* TLS */
    SSL *ssl;
    struct fg_tls_ctx *ctx;
    size_t clear_left;           /* bytes at the front of `out` that still go in clear */
    int read_wants, write_wants; /* EV_READ or EV_WRITE: what the last SSL call waits for */
    bool tls_data;               /* something was read inside TLS: the peer liked our certificate */
    enum fg_failure failure;
    char *detail;
    struct sockaddr_storage peer, local;
    socklen_t peer_len, local_len;
    char peer_text[FG_ADDR_TEXT];
};

/* Puts the connection on the list of this turn. */
void fg_conn_touch(struct fg_conn *c);
/* Changes the state; the one place that does. */
void fg_conn_enter(struct fg_conn *c, enum conn_state s);
/* Marks it as failed; ERROR is raised by the caller's way back to the loop. */
void fg_conn_fail(struct fg_conn *c, enum fg_failure why, const char *detail);
/* One step of the TLS handshake. */
void fg_conn_handshake(struct fg_conn *c);
/* What an OpenSSL call that returned `n` wants: EV_READ, EV_WRITE, 0 = end of stream, -1 = failed
 * (fg_conn_fail was called). */
int fg_conn_ssl_outcome(struct fg_conn *c, int n);
/* Called once per turn, and for ready descriptors: does what can be done. */
void fg_conn_service(struct fg_conn *c, int revents);
void fg_conn_destroy(struct fg_conn *c);
/* Tells the owner. */
void fg_conn_raise(struct fg_conn *c, enum fg_conn_event e);

/* First error the verify callback saw on this connection; X509_V_OK when none. */
int fg_tls_first_error(SSL *ssl);

#endif
