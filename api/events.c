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

#include "api/events_own.h"
#include "api/events_state.h"
#include "api/internal.h"
#include "gateway/base/clock.h"
#include "gateway/base/list.h"
#include "gateway/base/ref.h"
#include "server/store/store.h"

enum {
    TICK_MS = 1000,
    LOOK_AGAIN = 60,       /* ticks after which idle sessions are noticed */
    QUEUE_MAX = 4 * 65536, /* bytes that a slow reader may be behind */
};

struct listener {
    struct fg_list node;
    struct fg_ref ref;
    atomic_bool gone, poke; /* poke: write something, to find out whether it is still there */
    struct fg_http_stream *stream; /* under the lock; NULL while it is being made */
    struct fg_identity who;
    unsigned events; /* bits of enum fg_event_id */
    /* The producer's: */
    bool greeted;
    uint64_t sent[FG_TOPICS];               /* serial of what it knows */
    uint64_t draft_count, draft_generation; /* as it was told last */
    uint64_t log_at;                        /* number of the log's last line it was sent */
};

struct fg_events {
    struct fg_ref ref; /* the owner's hold, and one for an open question to the engine */
    struct fg_api *api;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows, up to the blank line */
    pthread_cond_t wake;
    bool stopping, asked, came; /* came: there is somebody to greet or to poke */
    struct fg_engine_counters counters;
    struct fg_list listeners;
    size_t n;

    struct fg_store *store; /* a reader of the producer's own, opened when it is needed */
    int64_t version;        /* of the database when drafts were counted */
    uint64_t generation;    /* of the accounts when everybody was looked at */
    uint64_t jobs;          /* serial of the jobs when everybody was told */
    uint64_t ticks;
    struct fg_topic topics[FG_TOPICS];
    struct fg_own own;
    struct fg_buf poke; /* a comment */
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
    fg_topics_free(e->topics);
    fg_own_free(&e->own);
    fg_buf_free(&e->poke);
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

/* False when this one, or all together, listen often enough. A page that was left is noticed only
 * when something is written to it: whoever comes again has the streams of before looked after. */
static bool enlist(struct fg_events *e, struct listener *l)
{
    size_t own = 0;
    pthread_mutex_lock(&e->lock);
    FG_LIST_EACH(&e->listeners, n, next)
    {
        struct listener *other = FG_CONTAINER(n, struct listener, node);
        if (!same(&other->who, &l->who) || atomic_load(&other->gone)) continue;
        own++;
        atomic_store(&other->poke, true);
    }
    bool room = own < FG_EVENTS_PER_SESSION && e->n < FG_EVENTS_MAX && !e->stopping;
    if (room) {
        fg_list_append(&e->listeners, &l->node);
        e->n++;
    }
    e->came = true;
    pthread_cond_signal(&e->wake);
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
    fg_http_response_header(r, "Retry-After", "1");
    fg_answer(c, r);
}

static void answer_head(struct fg_call *c)
{
    struct fg_http_response *r = fg_reply_empty(200);
    fg_http_response_header(r, "Content-Type", "text/event-stream");
    fg_answer(c, r);
}

/* The events that are asked for and the role may hear; 0 after having answered 400. */
static unsigned wanted(struct fg_call *c)
{
    const char *list = fg_http_query(c->http, "events");
    const unsigned log_bit = 1u << FG_EVENT_LOG;
    unsigned found = list ? fg_event_names(list) : FG_ALL_EVENTS;
    if (!found) {
        struct fg_problems problems;
        fg_problems_init(&problems);
        fg_problem_add(
            &problems, "", "query_invalid",
            "events: there are the events status, streams, revision, approvals, accounts, "
            "draft, jobs and log; separate them by commas.");
        fg_answer_bad_request(c, &problems);
        return 0;
    }
    bool may_log = (FG_BY_OPERATOR & FG_BIT(c->who.role)) != 0;
    if (list && found & log_bit && !may_log) {
        fg_answer_problem(c, 403, "forbidden",
                          "Only operators and administrators may watch the log.");
        return 0;
    }
    return may_log && c->api->p.log ? found : found & ~log_bit;
}

void fg_handle_events(struct fg_call *c)
{
    struct fg_events *e = c->api->events;
    unsigned events = wanted(c);
    if (!events) return;
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
    l->events = events;
    l->log_at = fg_own_log_at(&e->own, fg_http_header(c->http, "Last-Event-ID"));
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
    e->came = true;
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

static bool hears(const struct listener *l, enum fg_event_id id)
{
    return (l->events & 1u << id) != 0;
}

static int say_hello(struct fg_events *e, struct listener *l)
{
    char text[160];
    snprintf(text, sizeof text, "{\"server\":\"%s\",\"version\":\"%.64s\"}", e->own.server,
             e->api->p.version);
    return tell(l, "hello", text);
}

static int send_topics(struct fg_events *e, struct listener *l)
{
    int err = 0;
    for (unsigned t = 0; t < FG_TOPICS && !err; t++) {
        const struct fg_topic *topic = &e->topics[t];
        if (!topic->text || l->sent[t] == topic->serial || !hears(l, (enum fg_event_id)t)) continue;
        err = fg_http_stream_put(l->stream, &topic->frame);
        l->sent[t] = topic->serial;
    }
    return err;
}

static int send_draft(struct fg_events *e, struct listener *l)
{
    const struct fg_buf *frame = fg_own_draft(&e->own, e->store, l->who.owner, e->ticks);
    if (!frame) return 0;
    const struct fg_own *own = &e->own;
    bool same = l->draft_count == own->draft_count && l->draft_generation == own->draft_generation;
    if (l->greeted && same) return 0;
    l->draft_count = own->draft_count;
    l->draft_generation = own->draft_generation;
    return fg_http_stream_put(l->stream, frame);
}

static int send_jobs(struct fg_events *e, struct listener *l)
{
    const struct fg_buf *frame = fg_own_jobs(&e->own, e->api->jobs, l->who.owner, e->ticks);
    return frame ? fg_http_stream_put(l->stream, frame) : 0;
}

static int send_log(struct fg_events *e, struct listener *l)
{
    const struct fg_buf *frame = fg_own_log(&e->own, fg_log_recent(e->api->p.log), &l->log_at);
    return frame ? fg_http_stream_put(l->stream, frame) : 0;
}

/* What may have changed since the last tick. */
struct news {
    bool accounts, stored, jobs;
};

static void serve(struct fg_events *e, struct listener *l, const struct news *news)
{
    char text[64];
    if (atomic_load(&l->gone)) {
        end(e, l);
        return;
    }
    bool first = !l->greeted;
    const char *why = news->accounts || first ? why_end(e, l) : NULL;
    if (why) {
        snprintf(text, sizeof text, "{\"reason\":\"%s\"}", why);
        (void)tell(l, "end", text); /* the stream ends, whether that was heard or not */
        end(e, l);
        return;
    }
    int err = first ? say_hello(e, l) : 0;
    if (!err) err = send_topics(e, l);
    if (!err && (news->stored || first) && hears(l, FG_EVENT_DRAFT)) err = send_draft(e, l);
    if (!err && (news->jobs || first) && hears(l, FG_EVENT_JOBS)) err = send_jobs(e, l);
    if (!err && hears(l, FG_EVENT_LOG)) err = send_log(e, l);
    l->greeted = true;
    if (err) end(e, l); /* too slow: it comes again and gets everything anew */
}

/* Has anybody else written to the database since the last tick? */
static bool stored(struct fg_events *e)
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
    e->came = false;
    pthread_mutex_unlock(&e->lock);
    uint64_t generation = fg_auth_generation(e->api->auth), jobs = fg_jobs_serial(e->api->jobs);
    struct news news = {
        .stored = stored(e),
        .accounts = generation != e->generation || e->ticks % LOOK_AGAIN == 0,
        .jobs = jobs != e->jobs,
    };
    e->ticks++;
    e->generation = generation;
    e->jobs = jobs;
    fg_topics_update(e->topics, e->api, &counters, e->store, news.stored);
    struct listener **all = everybody(e, &n);
    for (size_t i = 0; i < n; i++) serve(e, all[i], &news);
    free(all);
}

/* Between two ticks: those who came get what is known, at once; those who may have left are poked.
 */
static void greet(struct fg_events *e)
{
    size_t n;
    const struct news none = {0};
    struct listener **all = everybody(e, &n);
    for (size_t i = 0; i < n; i++) {
        if (atomic_exchange(&all[i]->poke, false) &&
            fg_http_stream_put(all[i]->stream, &e->poke) == EPIPE)
            end(e, all[i]);
        else if (!all[i]->greeted)
            serve(e, all[i], &none);
    }
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
        } else if (fg_clock_mono_ms() < next && e->came) {
            e->came = false;
            pthread_mutex_unlock(&e->lock);
            greet(e);
            pthread_mutex_lock(&e->lock);
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
    fg_topics_init(e->topics);
    fg_own_init(&e->own);
    fg_buf_init(&e->poke, 8);
    int err = fg_buf_adds(&e->poke, ":\n\n");
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->wake, &attr);
    pthread_condattr_destroy(&attr);
    if (!err) err = pthread_create(&e->thread, NULL, produce, e);
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
    e->store = NULL;
    drop(e);
}
