/* Shared by the files of this folder only: the server, a connection, an exchange (one request with
 * its answer) and an answer.
 *
 * Locks: fg_http.lock first, then a stream's own lock, then libmicrohttpd's. Callbacks of the
 * application run without any of them. */
#ifndef FG_HTTP_INTERNAL_H
#define FG_HTTP_INTERNAL_H

#include "gateway/base/arena.h"
#include "gateway/base/buf.h"
#include "gateway/base/list.h"
#include "server/executor.h"
#include "server/http/assets.h"
#include "server/http/http.h"
#include "server/log.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
    LINGER_MAX = 64, /* refused uploads read dry at the same time */
    LINGER_MS = 2000,
    DISCARD_MAX = 1 << 20, /* bytes of a refused body that are read */
    LARGE_BODIES = 2,
    SPOOL_CHECK = 4 << 20,  /* bytes of a spooled body between two looks at the disk */
    SPOOL_SPARE = 32 << 20, /* bytes of the disk that a spooled body leaves free */
    PING_MS = 15000,
    WATCH_TICK_MS = 250,
};

/* ---- answers (response.c) ---- */

struct fg_http_field {
    char *name, *value;
    struct fg_http_field *next;
};

struct fg_http_response {
    int status;
    bool broken;
    struct fg_http_field *headers, **last;
    char *body;              /* owned, or NULL */
    const void *static_body; /* not owned; instead of body */
    size_t len;
    bool has_file; /* instead of both: */
    int file;
    uint64_t file_len;
};

/* Body that outlives every answer. */
void fg_http_response_static(struct fg_http_response *p, const char *type, const void *data,
                             size_t len);

/* ---- what a request asks for (target.c) ---- */

struct fg_http_target {
    const char *path;
    const char *const *segments;
    size_t n_segments;
    const struct fg_http_param *params;
    size_t n_params;
};
/* Takes the request target apart ("/a%20b?c=d", "*", "https://host/a"). Everything is in the arena.
 * 0, EINVAL with a sentence in `why`, or ENOMEM. */
int fg_http_target_parse(struct fg_arena *a, const char *raw, struct fg_http_target *out,
                         const char **why);

/* ---- connections and their deadlines (watch.c) ---- */

enum fg_http_phase {
    PHASE_WAITING, /* for a request */
    PHASE_BODY,
    PHASE_BUSY, /* ours to answer */
};

struct fg_http_conn {
    struct fg_list node;
    struct fg_http *http;
    int fd;
    bool local;
    int64_t uid;
    char address[INET6_ADDRSTRLEN];
    enum fg_http_phase phase;
    int64_t deadline; /* monotonic ms; 0: none */
    int64_t body_since;
    uint64_t body_bytes;
    struct fg_http_certificate *certificate; /* shown in its handshake; a reference */
};

struct fg_http_linger {
    int fd; /* -1: free */
    int64_t until;
    size_t left;
};

int fg_http_watch_start(struct fg_http *h);
void fg_http_watch_stop(struct fg_http *h);
/* libmicrohttpd's notification of connections made and gone. */
void fg_http_watch_connection(void *cls, struct MHD_Connection *c, void **socket_context,
                              enum MHD_ConnectionNotificationCode code);
struct fg_http_conn *fg_http_conn_of(struct MHD_Connection *c);
void fg_http_watch_request_line(struct fg_http_conn *c);
void fg_http_watch_phase(struct fg_http_conn *c, enum fg_http_phase phase);
void fg_http_watch_body(struct fg_http_conn *c, size_t bytes);
void fg_http_watch_discard(struct fg_http_conn *c);
/* Keeps the socket open beside libmicrohttpd for LINGER_MS and reads it dry, so that an answer
 * given before the whole body was sent is not lost to a reset. */
void fg_http_watch_linger(struct fg_http_conn *c);

/* ---- event streams (stream.c) ---- */

struct MHD_Response *fg_http_stream_start(struct fg_http_stream *s, struct MHD_Connection *c);
/* For the watch thread, with the server's lock held. */
void fg_http_streams_ping(struct fg_http *h, int64_t now);
void fg_http_streams_end(struct fg_http *h);
/* When the answer could not be given. */
void fg_http_stream_abandon(struct fg_http_stream *s);

/* ---- one request and its answer (exchange.c) ---- */

enum fg_http_round { ROUND_HEADERS, ROUND_BODY, ROUND_ANSWER, ROUND_DONE };

struct fg_http_exchange {
    struct fg_http_request pub; /* first: the application holds a pointer to it */
    struct fg_http *http;
    struct fg_http_conn *conn;
    struct MHD_Connection *mhd;
    struct fg_arena arena;
    char *raw; /* request target as sent */
    enum fg_http_round round;
    bool routed, has_body, expects_continue, large, discarding;
    size_t discarded;
    struct fg_http_plan plan;
    struct fg_buf body;
    size_t spool_checked;              /* length of the spooled body at the last look */
    struct fg_http_response *response; /* decided */
    struct fg_http_stream *stream;
    int64_t since;
    int status;
    /* Under the server's lock: */
    bool handed, answered, suspended;
};

/* libmicrohttpd's callbacks; `cls` is the server. */
void *fg_http_exchange_begin(void *cls, const char *uri, struct MHD_Connection *c);
enum MHD_Result fg_http_exchange_round(void *cls, struct MHD_Connection *c, const char *url,
                                       const char *method, const char *version,
                                       const char *upload_data, size_t *upload_size, void **ctx);
void fg_http_exchange_end(void *cls, struct MHD_Connection *c, void **ctx,
                          enum MHD_RequestTerminationCode code);
/* Gives libmicrohttpd the answer (response.c); adds what every answer carries. */
enum MHD_Result fg_http_queue(struct fg_http_exchange *x);
/* Framing and Host; NULL when in order (request.c). Sets has_body and expects_continue. */
struct fg_http_response *fg_http_check_headers(struct fg_http_exchange *x, uint64_t *length);
enum fg_http_method fg_http_method_of(const char *name);

/* The panel's files (static.c). Always an answer. */
struct fg_http_response *fg_http_static(const struct fg_http_assets *assets,
                                        const struct fg_http_request *r);

/* ---- the server (server.c) ---- */

struct fg_http {
    struct fg_http_app app;
    const struct fg_http_assets *assets;
    struct fg_http_limits limits;
    struct fg_log *log;
    struct MHD_Daemon *tls, *local;
    char *socket_path;
    char url[320];
    struct fg_http_certificate *certificate; /* under the lock */

    pthread_t watcher;
    bool watching;
    atomic_bool watch_end;

    pthread_mutex_t lock; /* everything below */
    pthread_cond_t quiet; /* handed or open changed */
    struct fg_list conns, streams;
    struct fg_http_linger linger[LINGER_MAX];
    bool stopping;
    unsigned handed; /* with the application, unanswered */
    unsigned open;   /* exchanges begun and not ended */
    unsigned large_bodies;
    struct fg_http_counters counters;
};

/* Shared with tests of this folder: reads "127.0.0.1:8443", "[::]:0", "localhost:8443". Socket
 * bound and listening, or -1 with errno. `port` gets what was picked. */
int fg_http_listen_tcp(const char *address, unsigned *port);
int fg_http_listen_local(const char *path);
/* gnutls' question for our certificate. */
int fg_http_certificate_retrieve(gnutls_session_t session, const gnutls_datum_t *req_ca_dn,
                                 int nreqs, const gnutls_pk_algorithm_t *pk_algos,
                                 int pk_algos_length, gnutls_pcert_st **pcert,
                                 unsigned int *pcert_length, gnutls_privkey_t *pkey);

#endif
