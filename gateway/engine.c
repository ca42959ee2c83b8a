/* See engine.h. This file is the engine as other threads see it: its life, its mailbox, and what it
 * publishes under its lock. The rest:
 *
 *   engine_plan.c  prepare and discard     engine_run.c   activate and stop, on the loop
 *   engine_tls.c   contexts for prepare    engine_view.c  views, on the loop
 */
#include "gateway/engine.h"

#include "gateway/base/clock.h"
#include "gateway/engine_private.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MAIL_ACTIVATE,
    MAIL_QUERY,
    MAIL_CLOSE_STREAM,
    MAIL_RETRY,
    MAIL_SECRET,
    MAIL_IMPACT,
    MAIL_STOP
};
enum { MAILBOX_SIZE = 1024, QUERIES_MAX = 256 };

struct query {
    unsigned what;
    fg_engine_view_h *h;
    void *arg;
};

struct impact {
    const struct fg_snapshot *next;
    fg_engine_impact_h *h;
    void *arg;
};

struct close_stream {
    uint64_t id;
    void (*done)(void *arg, int err);
    void *arg;
};

struct retry {
    void (*done)(void *arg, int err);
    void *arg;
    char domain[];
};

struct secret {
    char *secret, *previous;
};

static void wipe(char *s)
{
    if (!s) return;
    explicit_bzero(s, strlen(s));
    free(s);
}

static void secret_free(struct secret *s)
{
    if (!s) return;
    wipe(s->secret);
    wipe(s->previous);
    free(s);
}

/* ---- the engine thread ---- */

static void answered_query(struct fg_engine *e)
{
    pthread_mutex_lock(&e->shared.lock);
    e->shared.queries--;
    pthread_mutex_unlock(&e->shared.lock);
}

static void handle(struct fg_engine *e, const struct fg_mail *m)
{
    switch (m->type) {
    case MAIL_ACTIVATE:
        fg_engine_run_activate(e, m->body);
        return;
    case MAIL_QUERY: {
        struct query *q = m->body;
        answered_query(e);
        fg_engine_run_view(e, q->what, q->h, q->arg);
        free(q);
        return;
    }
    case MAIL_CLOSE_STREAM: {
        struct close_stream *c = m->body;
        answered_query(e);
        int err = fg_s2s_close_stream(e->run.s2s, c->id);
        if (c->done) c->done(c->arg, err);
        free(c);
        return;
    }
    case MAIL_RETRY: {
        struct retry *r = m->body;
        answered_query(e);
        int err = fg_s2s_retry(e->run.s2s, r->domain);
        if (r->done) r->done(r->arg, err);
        free(r);
        return;
    }
    case MAIL_IMPACT: {
        struct impact *i = m->body;
        answered_query(e);
        fg_engine_run_impact(e, i->next, i->h, i->arg);
        free(i);
        return;
    }
    case MAIL_SECRET: {
        struct secret *s = m->body;
        fg_s2s_set_secret(e->run.s2s, s->secret, s->previous);
        secret_free(s);
        return;
    }
    default:
        fg_engine_run_stop(e, e->stop_timeout_ms);
    }
}

static void on_wake(struct ev_loop *loop, struct ev_async *w, int revents)
{
    (void)loop;
    (void)revents;
    struct fg_engine *e = w->data;
    struct fg_mail m;
    while (fg_mailbox_try_receive(e->box, &m) == 0) handle(e, &m);
}

static void wake(void *arg)
{
    struct fg_engine *e = arg;
    ev_async_send(e->run.loop, &e->run.wake);
}

static void *run(void *arg)
{
    struct fg_engine *e = arg;
    ev_run(e->run.loop, 0);
    /* Questions that came too late are answered all the same; the rest is freed. */
    fg_mailbox_close(e->box);
    on_wake(e->run.loop, &e->run.wake, 0);
    fg_engine_run_free(e);
    return NULL;
}

/* Signals are the main thread's; SIGPIPE, which OpenSSL's writes may raise, nobody's. */
static int start_thread(struct fg_engine *e)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int err = pthread_create(&e->thread, NULL, run, e);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!err) pthread_setname_np(e->thread, "engine");
    return err;
}

/* ---- life ---- */

static int shared_init(struct fg_engine *e)
{
    pthread_condattr_t attr;
    fg_list_init(&e->shared.dead);
    fg_list_init(&e->conf.contexts);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    int err = pthread_mutex_init(&e->shared.lock, NULL);
    if (!err) err = pthread_cond_init(&e->shared.changed, &attr);
    pthread_condattr_destroy(&attr);
    return err;
}

/* Everything but the thread and what it ran. */
static void engine_destroy(struct fg_engine *e)
{
    fg_engine_reap(e);
    fg_engine_tls_cache_free(e);
    fg_snapshot_put(e->shared.snapshot);
    fg_mailbox_free(e->box);
    pthread_cond_destroy(&e->shared.changed);
    pthread_mutex_destroy(&e->shared.lock);
    free(e->shared.open);
    free(e->conf.resolver_key);
    free(e);
}

int fg_engine_new(struct fg_engine **out, const struct fg_engine_params *p)
{
    if (!out || !p) return EINVAL;
    struct fg_engine *e = calloc(1, sizeof *e);
    if (!e) return ENOMEM;
    int err = shared_init(e);
    if (err) {
        free(e);
        return err;
    }
    e->report = p->report;
    e->credential = p->credential;
    e->credential_arg = p->credential_arg;
    err = fg_mailbox_new(&e->box, MAILBOX_SIZE, wake, e);
    if (!err) err = fg_engine_run_init(e, p);
    if (!err) {
        ev_async_init(&e->run.wake, on_wake);
        e->run.wake.data = e;
        ev_async_start(e->run.loop, &e->run.wake);
        err = start_thread(e);
        if (err) fg_engine_run_free(e);
    }
    if (err) {
        engine_destroy(e);
        return err;
    }
    *out = e;
    return 0;
}

void fg_engine_free(struct fg_engine *e, int timeout_ms)
{
    if (!e) return;
    e->stop_timeout_ms = timeout_ms;
    /* Stopping cannot be refused: without room it is tried again. */
    while (fg_mailbox_post(e->box, MAIL_STOP, NULL) == ENOBUFS)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    pthread_join(e->thread, NULL);
    engine_destroy(e);
}

/* ---- activation ---- */

static struct timespec later(int ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

int fg_engine_activate(struct fg_engine *e, struct fg_plan *plan, int timeout_ms)
{
    struct timespec until = later(timeout_ms);
    uint64_t serial = plan->serial;
    if (plan->resolver) {
        free(e->conf.resolver_key);
        e->conf.resolver_key = plan->resolver_key;
        plan->resolver_key = NULL;
    }
    /* Queries are counted and cannot fill the box, so there is room for this. */
    int err;
    while ((err = fg_mailbox_post(e->box, MAIL_ACTIVATE, plan)) == ENOBUFS)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    if (err) fg_plan_free(plan);
    pthread_mutex_lock(&e->shared.lock);
    while (!err && e->shared.activated < serial)
        err = pthread_cond_timedwait(&e->shared.changed, &e->shared.lock, &until);
    pthread_mutex_unlock(&e->shared.lock);
    fg_engine_reap(e);
    return err;
}

uint64_t fg_engine_revision(struct fg_engine *e)
{
    pthread_mutex_lock(&e->shared.lock);
    uint64_t revision = e->shared.snapshot ? fg_snapshot_revision(e->shared.snapshot) : 0;
    pthread_mutex_unlock(&e->shared.lock);
    return revision;
}

struct fg_snapshot *fg_engine_snapshot(struct fg_engine *e)
{
    pthread_mutex_lock(&e->shared.lock);
    struct fg_snapshot *s = e->shared.snapshot ? fg_snapshot_get(e->shared.snapshot) : NULL;
    pthread_mutex_unlock(&e->shared.lock);
    return s;
}

/* ---- questions ---- */

/* Posts something that counts as a query. The body is the caller's when it fails. */
static int ask(struct fg_engine *e, int type, void *body)
{
    pthread_mutex_lock(&e->shared.lock);
    int err = e->shared.queries < QUERIES_MAX ? 0 : ENOBUFS;
    if (!err) e->shared.queries++;
    pthread_mutex_unlock(&e->shared.lock);
    if (err) return err;
    err = fg_mailbox_post(e->box, type, body);
    if (err) answered_query(e);
    return err;
}

int fg_engine_query(struct fg_engine *e, unsigned what, fg_engine_view_h *h, void *arg)
{
    if (!h) return EINVAL;
    struct query *q = malloc(sizeof *q);
    if (!q) return ENOMEM;
    *q = (struct query){what, h, arg};
    int err = ask(e, MAIL_QUERY, q);
    if (err) free(q);
    return err;
}

int fg_engine_impact(struct fg_engine *e, const struct fg_snapshot *next, fg_engine_impact_h *h,
                     void *arg)
{
    if (!h || !next) return EINVAL;
    struct impact *i = malloc(sizeof *i);
    if (!i) return ENOMEM;
    *i = (struct impact){next, h, arg};
    int err = ask(e, MAIL_IMPACT, i);
    if (err) free(i);
    return err;
}

int fg_engine_close_stream(struct fg_engine *e, uint64_t id, void (*done)(void *arg, int err),
                           void *arg)
{
    struct close_stream *c = malloc(sizeof *c);
    if (!c) return ENOMEM;
    *c = (struct close_stream){id, done, arg};
    int err = ask(e, MAIL_CLOSE_STREAM, c);
    if (err) free(c);
    return err;
}

int fg_engine_retry_partner(struct fg_engine *e, const char *domain,
                            void (*done)(void *arg, int err), void *arg)
{
    size_t size = strlen(domain) + 1;
    struct retry *r = malloc(sizeof *r + size);
    if (!r) return ENOMEM;
    r->done = done;
    r->arg = arg;
    memcpy(r->domain, domain, size);
    int err = ask(e, MAIL_RETRY, r);
    if (err) free(r);
    return err;
}

int fg_engine_set_dialback_secret(struct fg_engine *e, const char *secret, const char *previous)
{
    struct secret *s = calloc(1, sizeof *s);
    if (!s) return ENOMEM;
    s->secret = secret ? strdup(secret) : NULL;
    s->previous = previous ? strdup(previous) : NULL;
    int err = (secret && !s->secret) || (previous && !s->previous) ? ENOMEM : 0;
    if (!err) err = fg_mailbox_post(e->box, MAIL_SECRET, s);
    if (err) secret_free(s);
    return err;
}
