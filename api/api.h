/* The REST interface: from a request of the HTTP server to its answer. One const table of routes
 * says for each path and method the roles, the longest body, where the handler runs and how it is
 * documented; authentication, role and CSRF token are checked before a body is read. */
#ifndef FG_API_H
#define FG_API_H

#include "server/http/http.h"

struct fg_api;
struct fg_config;
struct fg_engine;
struct fg_executor;
struct fg_forward;
struct fg_hasher;
struct fg_log;
struct fg_store;

struct fg_api_params {
    struct fg_config *config;        /* started */
    struct fg_engine *engine;        /* may be NULL: status then says stopped */
    struct fg_forward *forward;      /* of the audit; may be NULL: it is off */
    struct fg_executor *workers;     /* handlers that read the store */
    struct fg_store *const *readers; /* one read connection for each worker thread */
    unsigned n_readers;
    struct fg_hasher *hasher; /* passwords */
    struct fg_log *log;       /* may be NULL */
    const char *version;
    const char *edge; /* which edge this process is, or NULL */
};

/* Everything in `p` must outlive the object. 0 or errno. */
int fg_api_new(struct fg_api **out, const struct fg_api_params *p);
/* After the HTTP server was stopped. NULL does nothing. */
void fg_api_free(struct fg_api *a);
/* For fg_http_params.app. */
struct fg_http_app fg_api_app(struct fg_api *a);

#endif
