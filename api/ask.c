/* Asking the engine, with bounded patience: see live.h.
 *
 *   ask ── question ──┬── the engine's answer, copied on its thread ──┐ whoever takes the question
 *                     └── the clock, after PATIENCE_MS ───────────────┘ first has the call answered
 *
 * Both hold a reference to the question; only who has taken it may touch the call. */
#include "api/live.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "gateway/base/clock.h"
#include "gateway/base/list.h"
#include "server/executor.h"

enum { PATIENCE_MS = 2000 };

struct fg_desk {
    struct fg_engine *engine;
    struct fg_executor *workers;
    pthread_t clock;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;
    bool stopping;
    struct fg_list waiting; /* the oldest first; answered ones stay until their time */
    struct fg_engine_counters counters;
};

struct question {
    struct fg_list node;
    struct fg_desk *desk;
    int64_t until_ms; /* monotonic */
    atomic_int references;
    atomic_bool taken;
    struct fg_call *call;
    void (*done)(struct fg_call *c, struct fg_live *live);
    struct fg_live *copy;
};

static void drop(struct question *q)
{
    if (atomic_fetch_sub(&q->references, 1) == 1) free(q);
}

static bool take(struct question *q)
{
    return !atomic_exchange(&q->taken, true);
}

/* A worker, with the reference of who has taken the question. */
static void deliver(void *arg)
{
    struct question *q = arg;
    q->done(q->call, q->copy);
    drop(q);
}

/* The store is read on workers only, so that a call none of them can take is refused. */
static void hand_on(struct question *q)
{
    if (fg_executor_post(q->desk->workers, deliver, q) == 0) return;
    fg_live_free(q->copy);
    fg_answer(q->call, fg_reply_errno(EAGAIN));
    drop(q);
}

/* Engine thread. */
static void on_view(void *arg, const struct fg_engine_view *v)
{
    struct question *q = arg;
    if (!take(q)) {
        drop(q);
        return;
    }
    pthread_mutex_lock(&q->desk->lock);
    q->desk->counters = v->counters;
    pthread_mutex_unlock(&q->desk->lock);
    q->copy = fg_live_copy(v);
    hand_on(q);
}

/* ---- the clock ---- */

/* With the lock held: waits for the first question's time, or for a first question. */
static void wait_for_time(struct fg_desk *d, const struct question *first)
{
    if (!first) {
        pthread_cond_wait(&d->wake, &d->lock);
        return;
    }
    const struct timespec until = {.tv_sec = first->until_ms / 1000,
                                   .tv_nsec = first->until_ms % 1000 * 1000000};
    pthread_cond_timedwait(&d->wake, &d->lock, &until);
}

static struct question *oldest(struct fg_desk *d)
{
    return fg_list_empty(&d->waiting) ? NULL : FG_CONTAINER(d->waiting.next, struct question, node);
}

static void *run_clock(void *arg)
{
    struct fg_desk *d = arg;
    pthread_mutex_lock(&d->lock);
    while (!d->stopping) {
        struct question *q = oldest(d);
        if (!q || fg_clock_mono_ms() < q->until_ms) {
            wait_for_time(d, q);
            continue;
        }
        fg_list_remove(&q->node);
        pthread_mutex_unlock(&d->lock);
        if (take(q))
            hand_on(q);
        else
            drop(q);
        pthread_mutex_lock(&d->lock);
    }
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

/* ---- life ---- */

int fg_desk_new(struct fg_desk **out, struct fg_engine *engine, struct fg_executor *workers)
{
    struct fg_desk *d = calloc(1, sizeof *d);
    pthread_condattr_t monotonic;
    if (!d) return ENOMEM;
    d->engine = engine;
    d->workers = workers;
    fg_list_init(&d->waiting);
    pthread_mutex_init(&d->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&d->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int err = pthread_create(&d->clock, NULL, run_clock, d);
    if (err) {
        pthread_cond_destroy(&d->wake);
        pthread_mutex_destroy(&d->lock);
        free(d);
        return err;
    }
    pthread_setname_np(d->clock, "fg-patience");
    *out = d;
    return 0;
}

/* Every call is answered by now, so that the questions left are taken: what the engine still says
 * to them touches no desk. */
void fg_desk_free(struct fg_desk *d)
{
    if (!d) return;
    pthread_mutex_lock(&d->lock);
    d->stopping = true;
    pthread_cond_signal(&d->wake);
    pthread_mutex_unlock(&d->lock);
    pthread_join(d->clock, NULL);
    FG_LIST_EACH(&d->waiting, n, tmp) drop(FG_CONTAINER(n, struct question, node));
    pthread_cond_destroy(&d->wake);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

/* ---- asking ---- */

void fg_live_ask(struct fg_call *c, unsigned what,
                 void (*done)(struct fg_call *c, struct fg_live *live))
{
    struct fg_desk *d = c->api->desk;
    struct question *q = d->engine ? calloc(1, sizeof *q) : NULL;
    if (!q) {
        done(c, NULL);
        return;
    }
    *q = (struct question){
        .desk = d, .until_ms = fg_clock_mono_ms() + PATIENCE_MS, .call = c, .done = done};
    atomic_init(&q->references, 2);
    atomic_init(&q->taken, false);
    pthread_mutex_lock(&d->lock);
    fg_list_append(&d->waiting, &q->node);
    pthread_cond_signal(&d->wake);
    pthread_mutex_unlock(&d->lock);
    if (fg_engine_query(d->engine, what, on_view, q) == 0) return;
    if (take(q)) done(c, NULL);
    drop(q);
}

void fg_live_counters_last(struct fg_call *c, struct fg_engine_counters *out)
{
    struct fg_desk *d = c->api->desk;
    pthread_mutex_lock(&d->lock);
    *out = d->counters;
    pthread_mutex_unlock(&d->lock);
}

bool fg_live_missing(struct fg_call *c, const struct fg_live *live)
{
    if (live || !c->api->p.engine) return false;
    struct fg_http_response *r = fg_reply_problem(
        503, "engine_silent", "The engine does not answer at the moment; try again shortly.");
    fg_http_response_header(r, "Retry-After", "5");
    fg_answer(c, r);
    return true;
}
