/* See events.h.
 *
 *   worker ── fg_handle_events ──> list of listeners (under the lock) <── producer: once a second
 *   engine thread ── counters ──> under the lock ──────────────────────────┘
 *
 * The producer alone takes listeners off the list and sends to them, without the lock. A listener
 * has two holders: the list, and the connection, which says that it is gone. */
#include "api/events.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/events_state.h"
#include "api/internal.h"
#include "gateway/base/clock.h"
#include "gateway/base/list.h"
#include "gateway/base/ref.h"
#include "server/store/drafts.h"
#include "server/store/store.h"

enum {
    TICK_MS = 1000,
    LOOK_AGAIN = 60,   /* ticks after which idle sessions are noticed */
    QUEUE_MAX = 65536, /* bytes that a slow reader may be behind */
};

struct listener {
    struct fg_list node;
    struct fg_ref ref;
    atomic_bool gone;
    struct fg_http_stream *stream; /* under the lock; NULL while it is being made */
    struct fg_identity who;
    /* The producer's: */
    bool greeted;
    uint64_t sent[FG_TOPICS]; /* serial of what it knows */
    uint64_t drafts;
};

struct fg_events {
    struct fg_ref ref; /* the owner's hold, and one for an open question to the engine */
    struct fg_api *api;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows, up to the blank line */
    pthread_cond_t wake;
    bool stopping, asked;
    struct fg_engine_counters counters;
    struct fg_list listeners;
    size_t n;

    struct fg_store *store; /* a reader of the producer's own, opened when it is needed */
    int64_t version;        /* of the database when drafts were counted */
    uint64_t generation;    /* of the accounts when everybody was looked at */
    unsigned ticks;
    struct fg_topic topics[FG_TOPICS];
};

static void drop_listener(struct listener *l)
{
    if (fg_ref_put(&l->ref)) free(l);
}

static void drop(struct fg_events *e)
{
    if (!fg_ref_put(&e->ref)) return;
    pthread_mutex_destroy(&e->lock);
    pthread_cond_destroy(&e->wake);
    free(e);
}

/* ---- listening ---- */

/* HTTP thread: the connection has ended. */
static void gone(void *arg, struct fg_http_stream *s)
{
    (void)s;
    struct listener *l = arg;
    atomic_store(&l->gone, true);
    drop_listener(l);
}

static bool same(const struct fg_identity *a, const struct fg_identity *b)
{
    return a->kind == b->kind && a->id == b->id;
}

/* False when this one, or all together, listen often enough. */
static bool enlist(struct fg_events *e, struct listener *l)
{
    size_t own = 0;
    pthread_mutex_lock(&e->lock);
    FG_LIST_EACH(&e->listeners, n, next)
    {
        struct listener *other = FG_CONTAINER(n, struct listener, node);
        own += same(&other->who, &l->who) && !atomic_load(&other->gone);
    }
    bool room = own < FG_EVENTS_PER_SESSION && e->n < FG_EVENTS_MAX && !e->stopping;
    if (room) {
        fg_list_append(&e->listeners, &l->node);
        e->n++;
    }
    pthread_mutex_unlock(&e->lock);
    return room;
}

static void delist(struct fg_events *e, struct listener *l)
{
    pthread_mutex_lock(&e->lock);
    fg_list_remove(&l->node);
    e->n--;
    pthread_mutex_unlock(&e->lock);
    drop_listener(l);
}

static void refuse(struct fg_call *c)
{
    struct fg_http_response *r = fg_reply_problem(
        429, "too_many_streams", "Too many event streams are open already; close one of them.");
    fg_http_response_header(r, "Retry-After", "5");
    fg_answer(c, r);
}

static void answer_head(struct fg_call *c)
{
    struct fg_http_response *r = fg_reply_empty(200);
    fg_http_response_header(r, "Content-Type", "text/event-stream");
    fg_answer(c, r);
}

void fg_handle_events(struct fg_call *c)
{
    struct fg_events *e = c->api->events;
    if (c->http->method == FG_HTTP_HEAD) {
        answer_head(c);
        return;
    }
    struct listener *l = calloc(1, sizeof *l);
    if (!l) {
        fg_answer_errno(c, ENOMEM, "events");
        return;
    }
    fg_ref_init(&l->ref);
    l->who = c->who;
    if (!enlist(e, l)) {
        free(l);
        refuse(c);
        return;
    }
    struct fg_http_stream *s = NULL;
    fg_ref_get(&l->ref); /* the connection's */
    int err = fg_http_respond_stream(c->http, QUEUE_MAX, gone, l, &s);
    if (err) {
        drop_listener(l);
        delist(e, l);
        fg_answer_errno(c, err, "events");
        return;
    }
    pthread_mutex_lock(&e->lock); /* the call is gone by now */
    l->stream = s;
    pthread_cond_signal(&e->wake);
    pthread_mutex_unlock(&e->lock);
}

/* ---- producing ---- */

static void wait_until(struct fg_events *e, int64_t ms)
{
    struct timespec until = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    pthread_cond_timedwait(&e->wake, &e->lock, &until);
}

/* Engine thread. */
static void on_view(void *arg, const struct fg_engine_view *v)
{
    struct fg_events *e = arg;
    pthread_mutex_lock(&e->lock);
    e->counters = v->counters;
    e->asked = false;
    pthread_cond_signal(&e->wake);
    pthread_mutex_unlock(&e->lock);
    drop(e);
}

/* One question at a time; an engine that is busy keeps nobody waiting longer than a tick. */
static void ask_engine(struct fg_events *e)
{
    struct fg_engine *engine = e->api->p.engine;
    pthread_mutex_lock(&e->lock);
    bool ask = engine && !e->asked;
    e->asked |= ask;
    pthread_mutex_unlock(&e->lock);
    if (ask) fg_ref_get(&e->ref);
    bool failed = ask && fg_engine_query(engine, FG_VIEW_COUNTERS, on_view, e) != 0;
    if (failed) drop(e);
    int64_t until = fg_clock_mono_ms() + TICK_MS;
    pthread_mutex_lock(&e->lock);
    if (failed) e->asked = false;
    while (e->asked && !e->stopping && fg_clock_mono_ms() < until) wait_until(e, until);
    pthread_mutex_unlock(&e->lock);
}

/* Everybody who listens now; NULL without memory. */
static struct listener **everybody(struct fg_events *e, size_t *n)
{
    *n = 0;
    pthread_mutex_lock(&e->lock);
    struct listener **all = calloc(e->n + 1, sizeof(struct listener *));
    if (all) FG_LIST_EACH(&e->listeners, node, next)
        {
            struct listener *l = FG_CONTAINER(node, struct listener, node);
            if (l->stream) all[(*n)++] = l;
        }
    pthread_mutex_unlock(&e->lock);
    return all;
}

static void end(struct fg_events *e, struct listener *l)
{
    fg_http_stream_close(l->stream);
    delist(e, l);
}

/* Signed out, lapsed, or of another role now? */
static const char *why_end(struct fg_events *e, const struct listener *l)
{
    struct fg_identity now;
    if (fg_auth_again(e->api->auth, &l->who, fg_clock_wall_ms(), &now)) return "signed_out";
    return now.role == l->who.role ? NULL : "role_changed";
}

static int tell(struct listener *l, const char *event, const char *text)
{
    return fg_http_stream_send(l->stream, event, NULL, text, strlen(text));
}

static int send_topics(struct fg_events *e, struct listener *l)
{
    int err = 0;
    for (int t = 0; t < FG_TOPICS && !err; t++) {
        const struct fg_topic *topic = &e->topics[t];
        if (!topic->text || l->sent[t] == topic->serial) continue;
        err = tell(l, fg_topic_name((enum fg_topic_id)t), topic->text);
        l->sent[t] = topic->serial;
    }
    return err;
}

static int send_drafts(struct fg_events *e, struct listener *l)
{
    char text[48];
    uint64_t count;
    if (!e->store || fg_draft_count(e->store, l->who.owner, &count)) return 0;
    if (l->greeted && l->drafts == count) return 0;
    l->drafts = count;
    snprintf(text, sizeof text, "{\"count\":%llu}", (unsigned long long)count);
    return tell(l, "draft", text);
}

static void serve(struct fg_events *e, struct listener *l, bool look, bool count)
{
    char text[64];
    if (atomic_load(&l->gone)) {
        end(e, l);
        return;
    }
    const char *why = look || !l->greeted ? why_end(e, l) : NULL;
    if (why) {
        snprintf(text, sizeof text, "{\"reason\":\"%s\"}", why);
        (void)tell(l, "end", text); /* the stream ends, whether that was heard or not */
        end(e, l);
        return;
    }
    int err = send_topics(e, l);
    if (!err && (count || !l->greeted)) err = send_drafts(e, l);
    l->greeted = true;
    if (err) end(e, l); /* too slow: it comes again and gets everything anew */
}

/* Has anybody else written to the database since the last tick? */
static bool drafts_may_differ(struct fg_events *e)
{
    int64_t version = 0;
    char why[FG_WHY];
    if (!e->store &&
        fg_store_open(&e->store, fg_store_datadir(e->api->p.readers[0]), FG_STORE_READER, why)) {
        fg_logf(e->api->p.log, FG_WARNING, "api", "events", "drafts are not counted: %s", why);
        return false;
    }
    if (fg_store_version(e->store, &version) || version == e->version) return false;
    e->version = version;
    return true;
}

static void tick(struct fg_events *e)
{
    size_t n;
    struct fg_engine_counters counters;
    ask_engine(e);
    pthread_mutex_lock(&e->lock);
    counters = e->counters;
    pthread_mutex_unlock(&e->lock);
    fg_topics_update(e->topics, e->api, &counters);
    bool count = drafts_may_differ(e);
    uint64_t generation = fg_auth_generation(e->api->auth);
    bool look = generation != e->generation || e->ticks++ % LOOK_AGAIN == 0;
    e->generation = generation;
    struct listener **all = everybody(e, &n);
    for (size_t i = 0; i < n; i++) serve(e, all[i], look, count);
    free(all);
}

static void *produce(void *arg)
{
    struct fg_events *e = arg;
    int64_t next = 0;
    pthread_mutex_lock(&e->lock);
    while (!e->stopping) {
        if (fg_list_empty(&e->listeners)) {
            pthread_cond_wait(&e->wake, &e->lock);
        } else if (fg_clock_mono_ms() < next) {
            wait_until(e, next);
        } else {
            next = fg_clock_mono_ms() + TICK_MS;
            pthread_mutex_unlock(&e->lock);
            tick(e);
            pthread_mutex_lock(&e->lock);
        }
    }
    pthread_mutex_unlock(&e->lock);
    return NULL;
}

/* ---- life ---- */

int fg_events_new(struct fg_events **out, struct fg_api *a)
{
    struct fg_events *e = calloc(1, sizeof *e);
    if (!e) return ENOMEM;
    pthread_condattr_t attr;
    fg_ref_init(&e->ref);
    e->api = a;
    fg_list_init(&e->listeners);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->wake, &attr);
    pthread_condattr_destroy(&attr);
    int err = pthread_create(&e->thread, NULL, produce, e);
    if (err) {
        drop(e);
        return err;
    }
    *out = e;
    return 0;
}

void fg_events_free(struct fg_events *e)
{
    if (!e) return;
    size_t n;
    pthread_mutex_lock(&e->lock);
    e->stopping = true;
    pthread_cond_signal(&e->wake);
    pthread_mutex_unlock(&e->lock);
    pthread_join(e->thread, NULL);
    struct listener **all = everybody(e, &n);
    for (size_t i = 0; i < n; i++) end(e, all[i]);
    free(all);
    fg_store_close(e->store);
    fg_topics_free(e->topics);
    drop(e);
}
