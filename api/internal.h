/* What the files of this folder share: the call a handler works on, who makes it, and the tables.
 */
#ifndef FG_API_INTERNAL_H
#define FG_API_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/api.h"
#include "api/input.h"
#include "api/reply.h"
#include "gateway/snapshot.h"
#include "server/auth/auth.h"
#include "server/config/config.h"
#include "server/http/http.h"
#include "server/log.h"

struct fg_call;
struct fg_desk;
struct fg_events;

/* Rows of the audit about refused writes: refusal.c. */
struct fg_refusals {
    pthread_mutex_t lock;
    int64_t since_ms; /* monotonic: of the minute that is counted */
    unsigned rows, left_out;
};

struct fg_api {
    struct fg_api_params p;
    struct fg_auth *auth;
    struct fg_slowdown *slowdown;
    struct fg_jobs *jobs;
    struct fg_desk *desk;     /* questions to the engine: live.h */
    struct fg_events *events; /* events.h */
    struct fg_refusals refusals;
    int64_t started_ms; /* monotonic */
};

/* ---- routes ---- */

/* Sets of roles as bits; 0 in a route: no authentication. */
#define FG_BIT(role)        (1u << (unsigned)(role))
#define FG_BY_ADMINISTRATOR FG_BIT(FG_ROLE_ADMINISTRATOR)
#define FG_BY_OPERATOR      (FG_BY_ADMINISTRATOR | FG_BIT(FG_ROLE_OPERATOR))
#define FG_BY_EDITORS       (FG_BY_OPERATOR | FG_BIT(FG_ROLE_USER_ADMINISTRATOR))
#define FG_BY_ALL           (FG_BY_EDITORS | FG_BIT(FG_ROLE_HELP_DESK) | FG_BIT(FG_ROLE_VIEWER))
#define FG_BY_ANYBODY       0u

enum fg_where {
    FG_ON_HTTP,   /* no store, nothing long */
    FG_ON_WORKER, /* reads the store */
    FG_ON_CONFIG, /* writes it */
};

enum { FG_ARGS_MAX = 3, FG_NO_KIND = -1 };
#define FG_UNLIMITED SIZE_MAX

struct fg_route {
    enum fg_http_method method;
    const char *path; /* "/partners/{domain}"; begins with a slash, relative to the base */
    unsigned roles;
    enum fg_where where;
    size_t body_limit; /* 0: takes no body; FG_UNLIMITED: spooled into a file */
    int kind;          /* enum fg_kind, or FG_NO_KIND */
    int status;        /* of the usual answer */
    void (*handle)(struct fg_call *c);
    const char *request, *response; /* names of schemas, NULL: none */
    const char *summary;
    const char *query; /* names of query parameters, blank-separated; NULL: none */
};

extern const struct fg_route fg_routes[];
extern const size_t fg_routes_count;
extern const struct fg_route fg_metrics_route; /* outside of the base */

/* The route of a method and path below the base; NULL when there is none. `*path_known`: another
 * method has it. Fills args with the segments that stand for {…}. */
const struct fg_route *fg_api_route_find(const struct fg_http_request *r, size_t first,
                                         enum fg_http_method method, const char *args[FG_ARGS_MAX],
                                         bool *path_known);
/* The content types that a route's body may have: NULL-terminated, the first is the usual one. */
const char *const *fg_route_media(const struct fg_route *r);
/* "GET, HEAD, PUT, OPTIONS" for a path. */
void fg_route_allow(const struct fg_http_request *r, size_t first, char *out, size_t size);

/* The OpenAPI document, made from routes, field tables and schemas.c. */
json_t *fg_openapi(const char *version);

/* role × kind × verb: may the role stage or commit such a change? */
bool fg_role_may(enum fg_role role, enum fg_kind kind, enum fg_change_op op);

/* May a scoped account call this at all? What it changes is then judged where it is staged. */
bool fg_route_in_scope(const struct fg_route *route);
/* Are there objects of this kind that a scope can name? */
bool fg_kind_in_scopes(enum fg_kind kind);
/* Is one of the problems that an object is outside of the caller's scope? */
bool fg_problems_scope(const struct fg_problems *problems);
/* 403 outside_scope with these problems. */
struct fg_http_response *fg_reply_outside(const struct fg_problems *problems);

/* ---- calls ---- */

struct fg_call {
    struct fg_api *api;
    struct fg_http_request *http;
    const struct fg_route *route;
    struct fg_identity who;
    uint64_t generation; /* of the accounts when `who` was found out */
    const char *args[FG_ARGS_MAX];
    char etag_wanted[512]; /* If-Match, or "" */
    char user_agent[160];
    bool create_only; /* If-None-Match: * */
    json_t *body;     /* parsed by fg_call_body; freed with the call */
    void *work;       /* a handler's own, between its steps */
    void (*free_work)(void *work);
};

/* Answers the call; it is gone afterwards. */
void fg_answer(struct fg_call *c, struct fg_http_response *r);
void fg_answer_json(struct fg_call *c, int status, json_t *body);
void fg_answer_problem(struct fg_call *c, int status, const char *code, const char *detail);
/* 400 for faults of form (JSON, query), 422 for faults of content (403 when it is the caller's
 * scope); frees the problems. */
void fg_answer_bad_request(struct fg_call *c, struct fg_problems *problems);
void fg_answer_invalid(struct fg_call *c, struct fg_problems *problems);
void fg_answer_errno(struct fg_call *c, int err, const char *where);

/* The body as JSON; NULL after having answered 400. An absent body counts as {} when
 * `may_be_absent`. */
json_t *fg_call_body(struct fg_call *c, bool may_be_absent);
/* Connection to the store for the thread the handler runs on. */
struct fg_store *fg_call_store(struct fg_call *c);
struct fg_actor fg_call_actor(const struct fg_call *c);
/* Writes an audit row for this call; only on the configuration thread. */
void fg_call_audit(struct fg_call *c, const char *action, const char *kind, const char *key,
                   const char *outcome, const char *detail);
/* Runs `next(c)` on the configuration thread or a worker; answers 503 when that takes no more. */
void fg_call_go(struct fg_call *c, enum fg_where where, void (*next)(struct fg_call *c));
/* Frees `work` on a worker, where nobody waits for it: it may be large. Before the answer. */
void fg_call_work_done(struct fg_call *c);
/* Digits and nothing else, at most INT64_MAX. */
bool fg_number_parse(const char *text, uint64_t *out);
/* A number in a path: false after having answered 404. */
bool fg_call_number(struct fg_call *c, const char *text, uint64_t *out);

/* Adds what an administrator has chosen for the panel to the answer about a session. Any thread
 * with a store. (preferences.c) */
void fg_add_preferences(struct fg_call *c, const struct fg_identity *who, json_t *session);

/* An audit row about a write that was answered 403. Any thread. */
void fg_note_refusal(struct fg_api *a, const struct fg_http_request *r,
                     const struct fg_identity *who);

/* ---- who is it (identity.c) ---- */

/* Finds out who calls; false with the refusal (401, 403) when nobody known does. HTTP thread. */
bool fg_identify(struct fg_api *a, const struct fg_http_request *r, struct fg_identity *out,
                 struct fg_http_response **refusal);

/* 401 with WWW-Authenticate. */
struct fg_http_response *fg_unauthorized(const char *code, const char *detail);

/* ---- handlers, one file per resource ---- */

/* clang-format off */
#define FG_HANDLERS(X)                                                                             \
    X(session_create)                                                                              \
    X(session_show)                                                                                \
    X(session_end)                                                                                 \
    X(setup)                                                                                       \
    X(setup_link)                                                                                  \
    X(approvals_list)                                                                              \
    X(approvals_show)                                                                              \
    X(approvals_approve) X(approvals_reject) X(backup) X(events) X(admins_list) X(admins_add)      \
        X(admins_show) X(admins_change) X(admins_delete) X(tokens_list) X(tokens_add)              \
            X(tokens_show) X(tokens_delete) X(sessions_list) X(sessions_end) X(profile) X(profile_password)   \
                X(profile_totp) X(profile_totp_show) X(objects_list) X(objects_show)               \
                    X(objects_put) X(objects_patch) X(objects_delete) X(partner_status)            \
                        X(certificates_list) X(certificates_add) X(certificates_show)              \
                            X(certificates_delete) X(draft_show) X(draft_discard)                  \
                                X(draft_discard_one) X(drafts_list) X(drafts_take) X(drafts_discard) X(dialback_secret) X(draft_check) X(draft_commit) X(commits)     \
                                    X(revisions_list) X(revisions_show) X(revisions_diff)          \
                                        X(revisions_confirm) X(revisions_revert)                   \
                                            X(revisions_restore) X(status) X(partner_retry) X(status_ports)         \
                                                X(streams_list) X(streams_close) X(negotiation)    \
                                                    X(schema) X(explain) X(claims) X(audit_list)   \
                                                        X(audit_verify) X(openapi) X(export)       \
                                                            X(import) X(import_lync) X(jobs_list)  \
                                                                X(jobs_show)                       \
                                                                X(jobs_cancel) X(users_import)     \
                                                                    X(users_assign) X(draft_bulk)  \
                                                                        X(additional_domains) X(admins_totp_off)
/* clang-format on */
#define X(name) void fg_handle_##name(struct fg_call *c);
FG_HANDLERS(X)
#undef X

#endif
