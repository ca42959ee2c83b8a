/* The configuration thread: its life, its timer, and what readers see of it. */
#include "server/config/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/http/http.h"

enum { TICK_MS = 250, MINUTE_MS = 60000, JOBS_MAX = 1024 };

/* ---- timer ---- */

static void on_tick(void *arg)
{
    struct fg_config *c = arg;
    int64_t now = fg_clock_mono_ms();
    pthread_mutex_lock(&c->lock);
    bool retry = c->degraded && c->retry_at_ms && now >= c->retry_at_ms;
    bool minute = now >= c->minute_at_ms;
    if (minute) c->minute_at_ms = now + MINUTE_MS;
    void (*each_minute)(void *) = minute ? c->minute : NULL;
    void *minute_arg = c->minute_arg;
    pthread_mutex_unlock(&c->lock);
    fg_confirm_tick(c);
    fg_dialback_tick(c);
    if (fg_schedule_due(c)) fg_schedule_tick(c);
    if (retry) fg_apply_retry(c);
    if (each_minute) each_minute(minute_arg);
    pthread_mutex_lock(&c->lock);
    c->tick_posted = false;
    pthread_mutex_unlock(&c->lock);
}

/* With the lock held. */
static bool something_due(const struct fg_config *c)
{
    int64_t now = fg_clock_mono_ms();
    if (c->tick_posted) return false;
    if (c->degraded && c->retry_at_ms && now >= c->retry_at_ms) return true;
    if (now >= c->minute_at_ms || fg_schedule_due(c)) return true;
    if (fg_confirm_look_due(c) || fg_dialback_due(c)) return true;
    return c->pending_revision && now >= c->revert_at_ms && fg_confirm_left_ms(&c->pending) <= 0;
}

static void *ticker(void *arg)
{
    struct fg_config *c = arg;
    pthread_mutex_lock(&c->lock);
    while (!c->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += (long)TICK_MS * 1000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
        pthread_cond_timedwait(&c->wake, &c->lock, &until);
        if (c->stopping || !something_due(c)) continue;
        c->tick_posted = true;
        pthread_mutex_unlock(&c->lock);
        int err = fg_executor_post(c->executor, on_tick, c);
        pthread_mutex_lock(&c->lock);
        if (err) c->tick_posted = false;
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* ---- life ---- */

int fg_config_new(struct fg_config **out, const struct fg_config_params *p)
{
    if (!p->store) return EINVAL;
    struct fg_config *c = calloc(1, sizeof *c);
    if (!c) return ENOMEM;
    c->p = *p;
    fg_problems_init(&c->problems);
    fg_problems_init(&c->warnings);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->wake, &attr);
    pthread_condattr_destroy(&attr);
    c->minute_at_ms = fg_clock_mono_ms() + MINUTE_MS;
    int err = fg_draft_cache_new(&c->drafts);
    if (!err) err = fg_executor_new(&c->executor, "config", 1, JOBS_MAX);
    if (err) {
        fg_config_free(c);
        return err;
    }
    *out = c;
    return 0;
}

static void wipe(char *s)
{
    if (s) explicit_bzero(s, strlen(s));
    free(s);
}

void fg_config_free(struct fg_config *c)
{
    if (!c) return;
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
    if (c->ticker_runs) pthread_join(c->ticker, NULL);
    if (c->executor) fg_executor_free(c->executor);
    fg_snapshot_put(c->snapshot);
    fg_config_forget_draft(c);
    fg_watch_free(&c->watch);
    fg_draft_cache_free(c->drafts);
    free(c->panel_chain);
    wipe(c->panel_key);
    fg_problems_free(&c->problems);
    fg_problems_free(&c->warnings);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->wake);
    free(c);
}

void fg_config_every_minute(struct fg_config *c, void (*run)(void *arg), void *arg)
{
    pthread_mutex_lock(&c->lock);
    c->minute = run;
    c->minute_arg = arg;
    pthread_mutex_unlock(&c->lock);
}

/* ---- start ---- */

struct start {
    struct fg_config *c;
    struct fg_engine *engine;
    char *why;
    int err;
};

static int first_apply(struct fg_config *c, struct fg_snapshot *s, struct fg_problems *found)
{
    struct fg_apply a;
    int err = fg_apply_prepare(c, s, FG_PREPARE_DEGRADE, &a);
    if (err) {
        fg_problem_add(&a.problems, "", "prepare_failed", "The engine could not be prepared: %s.",
                       strerror(err));
        a.degraded = true;
    }
    for (size_t i = 0; i < found->count; i++) {
        a.degraded = true;
        fg_problem_add(&a.problems, found->items[i].pointer, found->items[i].code, "%s",
                       found->items[i].message);
    }
    err = fg_apply_activate(c, s, &a);
    if (err) fg_logf(c->p.log, FG_ERROR, "config", "activate", "the engine does not answer");
    return 0;
}

static void start(void *arg)
{
    struct start *v = arg;
    struct fg_config *c = v->c;
    struct fg_snapshot *s = NULL;
    struct fg_problems problems;
    fg_problems_init(&problems);
    pthread_mutex_lock(&c->lock);
    c->engine = v->engine;
    pthread_mutex_unlock(&c->lock);
    fg_dialback_begin(c);
    v->err = fg_confirm_settle(c);
    uint64_t n = v->err ? 0 : fg_config_current(c->p.store, &v->err);
    if (!v->err) v->err = fg_config_load(c->p.store, n, n, &s, &problems, NULL);
    if (v->err == EINVAL && s) v->err = 0;
    if (!v->err) v->err = first_apply(c, s, &problems);
    if (!v->err) fg_schedule_tick(c);
    if (v->err)
        snprintf(v->why, FG_CONFIG_WHY, "the stored configuration cannot be read: %s",
                 problems.count ? problems.items[0].message : strerror(v->err));
    fg_problems_free(&problems);
    fg_snapshot_put(s);
}

int fg_config_start(struct fg_config *c, struct fg_engine *engine, char why[FG_CONFIG_WHY])
{
    struct start v = {c, engine, why, 0};
    *why = 0;
    int err = fg_executor_call(c->executor, start, &v);
    if (err || v.err) return err ? err : v.err;
    err = pthread_create(&c->ticker, NULL, ticker, c);
    c->ticker_runs = err == 0;
    return err;
}

/* ---- readers ---- */

struct fg_executor *fg_config_executor(struct fg_config *c)
{
    return c->executor;
}
struct fg_store *fg_config_store(struct fg_config *c)
{
    return c->p.store;
}

struct fg_snapshot *fg_config_snapshot(struct fg_config *c)
{
    pthread_mutex_lock(&c->lock);
    struct fg_snapshot *s = c->snapshot ? fg_snapshot_get(c->snapshot) : NULL;
    pthread_mutex_unlock(&c->lock);
    return s;
}

static void copy_problems(struct fg_problems *to, const struct fg_problems *from)
{
    fg_problems_init(to);
    for (size_t i = 0; i < from->count; i++)
        fg_problem_add(to, from->items[i].pointer, from->items[i].code, "%s",
                       from->items[i].message);
}

void fg_config_state(struct fg_config *c, struct fg_config_state *out)
{
    pthread_mutex_lock(&c->lock);
    *out = (struct fg_config_state){
        .degraded = c->degraded,
        .stopped = !c->engine,
        .revision = c->revision,
        .pending_revision = c->pending_revision,
        .pending_deadline_ms =
            c->pending_revision ? fg_clock_wall_ms() + fg_confirm_left_ms(&c->pending) : 0,
    };
    copy_problems(&out->problems, &c->problems);
    copy_problems(&out->warnings, &c->warnings);
    pthread_mutex_unlock(&c->lock);
}

void fg_config_state_free(struct fg_config_state *s)
{
    fg_problems_free(&s->problems);
    fg_problems_free(&s->warnings);
}

void fg_config_audit(struct fg_config *c, const struct fg_actor *who, const struct fg_audit_note *n)
{
    struct fg_audit_entry e = {
        .who = who->owner,
        .who_name = who->name,
        .via = who->via,
        .address = who->address,
        .action = n->action,
        .kind = n->kind,
        .key = n->key,
        .before = n->before,
        .after = n->after,
        .outcome = n->outcome,
        .detail = n->detail,
    };
    if (fg_audit_add(c->p.store, &e))
        fg_logf(c->p.log, FG_ERROR, "config", "audit", "%s", fg_store_error(c->p.store));
}
