/* From a request to its handler: path, method, identity, role, CSRF and content type, in this order
 * and before a body is read; and what handlers need to answer. */
#include "api/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/events.h"
#include "api/jobs.h"
#include "gateway/base/clock.h"
#include "server/executor.h"
#include "server/store/datadir.h"
#include "server/store/store.h"

/* ---- life ---- */

static void flush(void *arg)
{
    struct fg_api *a = arg;
    (void)fg_auth_flush(a->auth, fg_config_store(a->p.config), fg_clock_wall_ms());
}

struct reload {
    struct fg_api *a;
    int err;
};

static void reload(void *arg)
{
    struct reload *r = arg;
    r->err = fg_auth_reload(r->a->auth, fg_config_store(r->a->p.config));
}

int fg_api_new(struct fg_api **out, const struct fg_api_params *p)
{
    if (!p->config || !p->workers || !p->n_readers || !p->hasher) return EINVAL;
    struct fg_api *a = calloc(1, sizeof *a);
    if (!a) return ENOMEM;
    a->p = *p;
    a->started_ms = fg_clock_mono_ms();
    pthread_mutex_init(&a->refusals.lock, NULL);
    struct reload r = {a, 0};
    int err = fg_auth_new(&a->auth);
    if (!err) err = fg_slowdown_new(&a->slowdown);
    if (!err) err = fg_jobs_new(&a->jobs);
    if (!err) err = fg_executor_call(fg_config_executor(p->config), reload, &r);
    if (!err) err = r.err;
    if (!err) err = fg_desk_new(&a->desk, p->engine, p->workers);
    if (!err) err = fg_events_new(&a->events, a);
    if (err) {
        fg_events_free(a->events);
        fg_desk_free(a->desk);
        fg_auth_free(a->auth);
        fg_jobs_free(a->jobs);
        if (a->slowdown) fg_slowdown_free(a->slowdown);
        free(a);
        return err;
    }
    fg_config_every_minute(p->config, flush, a);
    *out = a;
    return 0;
}

static void unhook(void *arg)
{
    struct fg_api *a = arg;
    flush(a);
    fg_config_every_minute(a->p.config, NULL, NULL);
}

void fg_api_free(struct fg_api *a)
{
    if (!a) return;
    fg_jobs_free(a->jobs); /* the last steps are on the configuration thread */
    fg_events_free(a->events);
    if (fg_executor_call(fg_config_executor(a->p.config), unhook, a))
        fg_logf(a->p.log, FG_WARNING, "api", "unhook",
                "the configuration thread has ended already");
    fg_desk_free(a->desk);
    fg_auth_free(a->auth);
    fg_slowdown_free(a->slowdown);
    pthread_mutex_destroy(&a->refusals.lock);
    free(a);
}

/* ---- routing ---- */

/* Index of the first segment behind /api/v1; 0: not ours. */
static size_t base_segments(const struct fg_http_request *r)
{
    if (r->n_segments >= 2 && strcmp(r->segments[0], "api") == 0 &&
        strcmp(r->segments[1], "v1") == 0)
        return 2;
    return 0;
}

static bool is_api(const struct fg_http_request *r)
{
    return r->n_segments >= 1 && strcmp(r->segments[0], "api") == 0;
}

static struct fg_http_response *options(const struct fg_http_request *r)
{
    char allow[64];
    struct fg_http_response *p = fg_reply_empty(204);
    fg_route_allow(r, 2, allow, sizeof allow);
    fg_http_response_header(p, "Allow", allow);
    return p;
}

static struct fg_http_response *no_route(const struct fg_http_request *r, bool path_known)
{
    char allow[64];
    if (!path_known)
        return fg_reply_problem(404, "no_such_path",
                                "There is nothing at this path; see "
                                "/api/v1/openapi.json.");
    fg_route_allow(r, 2, allow, sizeof allow);
    struct fg_http_response *p =
        fg_reply_problem(405, "method_not_allowed", "This path does not know the method.");
    fg_http_response_header(p, "Allow", allow);
    return p;
}

static struct fg_http_response *check_role(const struct fg_route *route,
                                           const struct fg_identity *who)
{
    if (!route->roles) return NULL;
    bool may = (route->roles & FG_BIT(who->role)) != 0;
    if (may && who->scoped && !fg_route_in_scope(route))
        return fg_reply_problem(403, "outside_scope",
                                "This account is limited to some sites and partners, which GET "
                                "/session names; an administrator without a scope may do this.");
    if (may && route->kind != FG_NO_KIND && route->method != FG_HTTP_GET) {
        enum fg_change_op op = route->method == FG_HTTP_PUT     ? FG_CHANGE_PUT
                               : route->method == FG_HTTP_PATCH ? FG_CHANGE_PATCH
                                                                : FG_CHANGE_DELETE;
        may = fg_role_may(who->role, (enum fg_kind)route->kind, op);
    }
    if (may) return NULL;
    char detail[160];
    snprintf(detail, sizeof detail, "The role %s may not do this.", fg_role_name(who->role));
    return fg_reply_problem(403, "role", detail);
}

static struct fg_http_response *check_body(const struct fg_route *route,
                                           const struct fg_http_request *r)
{
    if (!fg_http_has_body(r)) return NULL;
    if (!route->body_limit) return NULL; /* the server answers 413 */
    const char *const *media = fg_route_media(route);
    for (size_t i = 0; media[i]; i++)
        if (fg_http_content_type_is(r, media[i])) return NULL;
    struct fg_http_response *p =
        fg_reply_problem(415, "content_type", "This path takes no such content type; see Accept.");
    for (size_t i = 0; media[i]; i++) fg_http_response_header(p, "Accept", media[i]);
    return p;
}

static void keep_header(char *to, size_t size, const struct fg_http_request *r, const char *name)
{
    const char *v = fg_http_header(r, name);
    if (v) snprintf(to, size, "%s", v);
}

/* Reading a body and waiting for a thread take time, in which the caller may have been demoted,
 * disabled or signed out. False after having answered. */
static bool still_may(struct fg_call *c)
{
    struct fg_auth *auth = c->api->auth;
    uint64_t generation = fg_auth_generation(auth);
    if (!c->route->roles || generation == c->generation) return true;
    struct fg_identity now;
    struct fg_http_response *refusal = NULL;
    if (fg_auth_again(auth, &c->who, fg_clock_wall_ms(), &now))
        refusal = fg_unauthorized("ended", "The session or token has ended meanwhile.");
    else
        refusal = check_role(c->route, &now);
    if (refusal) {
        fg_answer(c, refusal);
        return false;
    }
    c->who = now;
    c->generation = generation;
    return true;
}

static void run(void *arg, struct fg_http_request *r)
{
    (void)arg;
    struct fg_call *c = r->app;
    if (still_may(c)) c->route->handle(c);
}

static struct fg_executor *executor_of(struct fg_api *a, enum fg_where where)
{
    if (where == FG_ON_HTTP) return NULL;
    return where == FG_ON_WORKER ? a->p.workers : fg_config_executor(a->p.config);
}

/* Who calls, and may that be? A refusal, or the call. */
static struct fg_http_response *admit_to(struct fg_api *a, struct fg_http_request *r,
                                         const struct fg_route *route,
                                         const char *const args[FG_ARGS_MAX], struct fg_call **out)
{
    struct fg_identity who = {0};
    struct fg_http_response *refusal = NULL;
    uint64_t generation = fg_auth_generation(a->auth); /* before looking: never too new */
    bool known = !route->roles || fg_identify(a, r, &who, &refusal);
    if (known) refusal = check_role(route, &who);
    if (refusal && fg_http_response_status(refusal) == 403) fg_note_refusal(a, r, &who);
    if (!known) return refusal;
    if (!refusal) refusal = check_body(route, r);
    if (refusal) return refusal;
    struct fg_call *c = calloc(1, sizeof *c);
    if (!c) return fg_reply_errno(ENOBUFS);
    c->api = a;
    c->http = r;
    c->route = route;
    c->who = who;
    c->generation = generation;
    memcpy(c->args, args, sizeof c->args);
    keep_header(c->etag_wanted, sizeof c->etag_wanted, r, "If-Match");
    keep_header(c->user_agent, sizeof c->user_agent, r, "User-Agent");
    const char *none = fg_http_header(r, "If-None-Match");
    c->create_only = none && strcmp(none, "*") == 0;
    *out = c;
    return NULL;
}

/* Everything before the body: a refusal, or the call. */
static struct fg_http_response *admit(struct fg_api *a, struct fg_http_request *r,
                                      struct fg_call **out)
{
    bool path_known;
    const char *args[FG_ARGS_MAX] = {0};
    enum fg_http_method method = r->method == FG_HTTP_HEAD ? FG_HTTP_GET : r->method;
    const struct fg_route *route = fg_api_route_find(r, 2, method, args, &path_known);
    if (!route)
        return path_known && method == FG_HTTP_OPTIONS ? options(r) : no_route(r, path_known);
    return admit_to(a, r, route, args, out);
}

static struct fg_http_response *use_get(void)
{
    struct fg_http_response *p = fg_reply_problem(405, "method_not_allowed", "Use GET.");
    fg_http_response_header(p, "Allow", "GET, HEAD");
    return p;
}

static bool is_get(const struct fg_http_request *r)
{
    return r->method == FG_HTTP_GET || r->method == FG_HTTP_HEAD;
}

static bool is_metrics(const struct fg_http_request *r)
{
    return r->n_segments == 1 && strcmp(r->segments[0], "metrics") == 0;
}

static struct fg_http_response *admit_metrics(struct fg_api *a, struct fg_http_request *r,
                                              struct fg_call **out)
{
    static const char *const none[FG_ARGS_MAX];
    return is_get(r) ? admit_to(a, r, &fg_metrics_route, none, out) : use_get();
}

/* /healthz and /readyz: no authentication, no detail. */
static bool route_probe(struct fg_api *a, struct fg_http_request *r, struct fg_http_plan *plan)
{
    if (r->n_segments != 1) return false;
    bool ready = strcmp(r->segments[0], "readyz") == 0;
    if (!ready && strcmp(r->segments[0], "healthz") != 0) return false;
    if (!is_get(r)) {
        plan->refusal = use_get();
        return true;
    }
    bool good = true;
    if (ready) {
        struct fg_config_state s;
        fg_config_state(a->p.config, &s);
        good = !s.degraded && !s.stopped;
        fg_config_state_free(&s);
    }
    plan->refusal = fg_http_response_new(good ? 200 : 503);
    fg_http_response_text(plan->refusal, "text/plain; charset=utf-8", good ? "ok\n" : "not ready\n",
                          good ? 3 : 10);
    return true;
}

/* The store's directory is fixed when it was opened: any thread may ask. */
static int spool(void *arg, int *fd)
{
    struct fg_api *a = arg;
    return fg_datadir_temporary(fg_store_datadir(a->p.readers[0]), fd);
}

static bool route(void *arg, struct fg_http_request *r, struct fg_http_plan *plan)
{
    struct fg_api *a = arg;
    struct fg_call *c = NULL;
    if (route_probe(a, r, plan)) return true;
    if (!is_api(r) && !is_metrics(r)) return false;
    if (is_api(r) && !base_segments(r)) {
        plan->refusal = no_route(r, false);
        return true;
    }
    plan->refusal = is_api(r) ? admit(a, r, &c) : admit_metrics(a, r, &c);
    if (plan->refusal || !c) return true; /* one of the two is there */
    r->app = c;
    plan->handle = run;
    plan->arg = a;
    if (c->route->body_limit == FG_UNLIMITED) plan->spool = spool;
    plan->executor = executor_of(a, c->route->where);
    plan->body_limit = c->route->body_limit;
    return true;
}

static void release(void *arg, struct fg_http_request *r)
{
    (void)arg;
    struct fg_call *c = r->app;
    if (!c) return;
    if (c->free_work) c->free_work(c->work);
    json_decref(c->body);
    free(c);
    r->app = NULL;
}

struct fg_http_app fg_api_app(struct fg_api *a)
{
    return (struct fg_http_app){.route = route, .release = release, .arg = a};
}

/* ---- what handlers need ---- */

void fg_answer(struct fg_call *c, struct fg_http_response *r)
{
    if (fg_http_response_status(r) == 403) fg_note_refusal(c->api, c->http, &c->who);
    fg_http_respond(c->http, r);
}

void fg_answer_json(struct fg_call *c, int status, json_t *body)
{
    fg_answer(c, fg_reply_json(status, body));
}

void fg_answer_problem(struct fg_call *c, int status, const char *code, const char *detail)
{
    fg_answer(c, fg_reply_problem(status, code, detail));
}

void fg_answer_bad_request(struct fg_call *c, struct fg_problems *problems)
{
    struct fg_http_response *r =
        fg_reply_problems(400, "bad_request", "The request could not be read.", problems);
    fg_problems_free(problems);
    fg_answer(c, r);
}

void fg_answer_invalid(struct fg_call *c, struct fg_problems *problems)
{
    struct fg_http_response *r =
        fg_problems_scope(problems)
            ? fg_reply_outside(problems)
            : fg_reply_problems(422, "invalid", "The input has faults; nothing was changed.",
                                problems);
    fg_problems_free(problems);
    fg_answer(c, r);
}

void fg_answer_errno(struct fg_call *c, int err, const char *where)
{
    fg_logf(c->api->p.log, FG_ERROR, "api", "failed", "%s: %s", where, strerror(err));
    fg_answer(c, fg_reply_errno(err));
}

json_t *fg_call_body(struct fg_call *c, bool may_be_absent)
{
    struct fg_problems problems;
    if (c->body) return c->body;
    fg_problems_init(&problems);
    if (c->http->body_len == 0 && may_be_absent)
        c->body = json_object();
    else
        c->body = fg_input_parse(c->http->body, c->http->body_len, &problems);
    if (c->body) return c->body;
    fg_answer_bad_request(c, &problems); /* the call is gone now */
    return NULL;
}

struct fg_store *fg_call_store(struct fg_call *c)
{
    struct fg_api *a = c->api;
    int i = fg_executor_thread(a->p.workers);
    if (i >= 0 && (unsigned)i < a->p.n_readers) return a->p.readers[i];
    return fg_config_store(a->p.config);
}

struct fg_actor fg_call_actor(const struct fg_call *c)
{
    return (struct fg_actor){.owner = c->who.owner,
                             .name = c->who.name,
                             .via = c->who.via,
                             .address = c->http->address,
                             .admin_id = c->who.admin_id};
}

void fg_call_audit(struct fg_call *c, const char *action, const char *kind, const char *key,
                   const char *outcome, const char *detail)
{
    struct fg_actor who = fg_call_actor(c);
    struct fg_audit_note note = {
        .action = action, .kind = kind, .key = key, .outcome = outcome, .detail = detail};
    fg_config_audit(c->api->p.config, &who, &note);
}

struct step {
    struct fg_call *c;
    void (*next)(struct fg_call *c);
};

static void take_step(void *arg)
{
    struct step s = *(struct step *)arg;
    free(arg);
    if (still_may(s.c)) s.next(s.c);
}

void fg_call_go(struct fg_call *c, enum fg_where where, void (*next)(struct fg_call *c))
{
    struct step *s = malloc(sizeof *s);
    int err = ENOMEM;
    if (s) {
        *s = (struct step){c, next};
        err = fg_executor_post(executor_of(c->api, where), take_step, s);
    }
    if (!err) return;
    free(s);
    fg_answer(c, fg_reply_errno(EAGAIN));
}

struct leftover {
    void *work;
    void (*free_work)(void *work);
};

static void free_leftover(void *arg)
{
    struct leftover *l = arg;
    l->free_work(l->work);
    free(l);
}

void fg_call_work_done(struct fg_call *c)
{
    struct leftover *l = c->work ? malloc(sizeof *l) : NULL;
    if (!l) return;
    *l = (struct leftover){c->work, c->free_work};
    if (fg_executor_post(c->api->p.workers, free_leftover, l)) {
        free(l);
        return;
    }
    c->work = NULL;
    c->free_work = NULL;
}

bool fg_number_parse(const char *text, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || n > INT64_MAX) return false;
    *out = n;
    return true;
}

bool fg_call_number(struct fg_call *c, const char *text, uint64_t *out)
{
    if (fg_number_parse(text, out)) return true;
    fg_answer_problem(c, 404, "not_found", "There is nothing of that number.");
    return false;
}
