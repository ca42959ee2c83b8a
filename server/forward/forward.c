/* See forward.h. The position is the number of the last row that was delivered. It is kept in
 * memory, and in the store's table meta every other second while it moves, and at the end: after a
 * crash the rows of the last seconds come twice, and none is left out. */
#include "server/forward/forward.h"

#include "gateway/base/clock.h"
#include "gateway/net/tls.h"
#include "server/config/config.h"
#include "server/executor.h"
#include "server/forward/channel.h"
#include "server/forward/message.h"
#include "server/log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    BATCH = 64,
    LOOK_MS = 300,   /* between two looks for new rows */
    KEEP_MS = 2000,  /* between two writes of the position */
    RETRY_MS = 1000, /* after the first failure; doubled each time up to … */
    RETRY_MAX_MS = 30000,
    ROW_MAX = 1 << 20,
    ADDRESS_MAX = 320,
};

static const char meta_name[] = "audit_forwarded", off_value[] = "off";

struct fg_forward {
    struct fg_forward_params p;
    struct fg_store *store; /* a reader */
    struct fg_syslog_origin origin;
    pthread_t thread;
    int stop_fd;

    /* Of the thread alone. */
    enum fg_audit_syslog transport;
    char address[ADDRESS_MAX];
    uint64_t revision; /* of the settings looked at last */
    struct fg_channel *channel;
    bool begun;    /* `position` counts */
    bool told_off; /* "off" stands in the store */
    uint64_t position, kept;
    int64_t kept_ms, retry_ms, retry_at_ms;
    struct fg_buf row;

    pthread_mutex_t lock;
    struct fg_forward_state state;
};

/* ---- the position ---- */

struct keep {
    struct fg_config *config;
    struct fg_log *log;
    char value[24];
};

/* Configuration thread. */
static void keep(void *arg)
{
    struct keep *k = arg;
    struct fg_store *st = fg_config_store(k->config);
    if (fg_meta_set(st, meta_name, k->value))
        fg_logf(k->log, FG_WARNING, "audit", "forward_position", "%s", fg_store_error(st));
    free(k);
}

/* Nothing waits for it: when it cannot be written now, later. */
static bool keep_value(struct fg_forward *f, const char *value)
{
    struct keep *k = malloc(sizeof *k);
    if (!k) return false;
    *k = (struct keep){.config = f->p.config, .log = f->p.log};
    snprintf(k->value, sizeof k->value, "%s", value);
    if (fg_executor_post(fg_config_executor(f->p.config), keep, k) == 0) return true;
    free(k);
    return false;
}

static void keep_position(struct fg_forward *f, bool now)
{
    int64_t at = fg_clock_mono_ms();
    char value[24];
    if (!f->begun || f->position == f->kept || (!now && at - f->kept_ms < KEEP_MS)) return;
    snprintf(value, sizeof value, "%" PRIu64, f->position);
    if (!keep_value(f, value)) return;
    f->kept = f->position;
    f->kept_ms = at;
}

static int read_position(struct fg_forward *f)
{
    char *text = NULL, *end;
    int err = fg_meta_get(f->store, meta_name, &text);
    if (err == ENOENT) return 0;
    if (err) return err;
    f->told_off = strcmp(text, off_value) == 0;
    uint64_t seq = strtoull(text, &end, 10);
    f->begun = !f->told_off && end != text && !*end;
    if (f->begun) f->position = f->kept = seq;
    free(text);
    return 0;
}

/* Where it begins when it is switched on: with the commit that did it. */
static int begin(struct fg_forward *f)
{
    uint64_t revision = 0, first = 0, newest = 0;
    int err = 0;
    json_t *settings = fg_config_object(f->store, FG_KIND_SETTINGS, "settings", &revision, &err);
    json_decref(settings);
    if (!err) err = fg_audit_newest(f->store, &newest);
    if (!err) err = fg_audit_of_revision(f->store, revision, &first);
    if (err && err != ENOENT) return err;
    f->position = first ? first - 1 : newest;
    f->kept = f->position + 1; /* so that it is written */
    f->begun = true;
    f->told_off = false;
    keep_position(f, true);
    return 0;
}

static void switched_off(struct fg_forward *f)
{
    fg_channel_close(f->channel);
    f->channel = NULL;
    f->begun = false;
    if (!f->told_off) f->told_off = keep_value(f, off_value);
    pthread_mutex_lock(&f->lock);
    f->state = (struct fg_forward_state){.condition = FG_FORWARD_IS_OFF};
    pthread_mutex_unlock(&f->lock);
}

/* ---- what is told ---- */

static void describe(enum fg_forward_fault fault, struct fg_forward_state *s)
{
    switch (fault) {
#define X(id, name, c, r)                                                                          \
    case FG_FORWARD_##name:                                                                        \
        s->code = #id;                                                                             \
        s->cause = c;                                                                              \
        s->remedy = r;                                                                             \
        break;
        FG_FORWARD_FAULTS(X)
#undef X
    case FG_FORWARD_FINE:
    case FG_FORWARD_STOPPED:
        break;
    }
}

static void tell(struct fg_forward *f, enum fg_forward_fault fault)
{
    uint64_t newest = f->position;
    (void)fg_audit_newest(f->store, &newest);
    struct fg_forward_state s = {.condition = FG_FORWARD_IS_OK,
                                 .behind = newest > f->position ? newest - f->position : 0};
    describe(fault, &s);
    if (s.code) s.condition = FG_FORWARD_IS_FAILING;
    s.since_ms = s.code ? fg_clock_wall_ms() : 0;
    pthread_mutex_lock(&f->lock);
    struct fg_forward_state was = f->state;
    if (s.code && was.condition == FG_FORWARD_IS_FAILING) s.since_ms = was.since_ms;
    f->state = s;
    pthread_mutex_unlock(&f->lock);
    if (s.code && (!was.code || strcmp(was.code, s.code) != 0))
        fg_logf(f->p.log, FG_WARNING, "audit", s.code, "the audit is not forwarded: %s %s", s.cause,
                s.remedy);
    if (!s.code && was.code)
        fg_logf(f->p.log, FG_INFO, "audit", "forward_ok", "the audit is forwarded again");
}

const char *fg_forward_condition_name(enum fg_forward_condition c)
{
    static const char *const names[] = {"off", "ok", "failing"};
    return names[c];
}

void fg_forward_state(struct fg_forward *f, struct fg_forward_state *out)
{
    *out = (struct fg_forward_state){.condition = FG_FORWARD_IS_OFF};
    if (!f) return;
    pthread_mutex_lock(&f->lock);
    *out = f->state;
    pthread_mutex_unlock(&f->lock);
}

/* ---- connecting ---- */

struct pems {
    const char **list;
    size_t n;
};

/* An anchor that cannot be read is left out: the engine reports it. */
static int collect(const struct fg_entry *entry, void *arg)
{
    struct pems *p = arg;
    const struct fg_trust_anchor *t = (const void *)entry;
    X509_STORE *store = NULL;
    struct fg_problems ignored;
    if (!t->external) return 0;
    fg_problems_init(&ignored);
    if (fg_trust_new(&store, &t->pem, 1, false, &ignored) == 0) p->list[p->n++] = t->pem;
    X509_STORE_free(store);
    fg_problems_free(&ignored);
    return 0;
}

/* What the running configuration trusts outside; NULL without memory. */
static X509_STORE *trust(struct fg_forward *f)
{
    struct fg_snapshot *s = fg_config_snapshot(f->p.config);
    size_t n = fg_snapshot_count(s, FG_KIND_TRUST_ANCHORS);
    struct pems pems = {.list = calloc(n + 1, sizeof *pems.list)};
    X509_STORE *store = NULL;
    struct fg_problems ignored;
    fg_problems_init(&ignored);
    if (pems.list) {
        (void)fg_snapshot_each(s, FG_KIND_TRUST_ANCHORS, collect, &pems);
        (void)fg_trust_new(&store, pems.list, pems.n, true, &ignored);
    }
    fg_problems_free(&ignored);
    free(pems.list);
    fg_snapshot_put(s);
    return store;
}

static enum fg_forward_fault connected(struct fg_forward *f)
{
    if (f->channel && fg_channel_alive(f->channel) != FG_FORWARD_FINE) {
        fg_channel_close(f->channel);
        f->channel = NULL;
    }
    if (f->channel) return FG_FORWARD_FINE;
    struct fg_channel_target t = {.transport = f->transport,
                                  .address = f->address,
                                  .local_path = f->p.local_path ? f->p.local_path : "/dev/log",
                                  .stop_fd = f->stop_fd};
    if (t.transport == FG_AUDIT_SYSLOG_TLS && !(t.trust = trust(f))) return FG_FORWARD_MEMORY;
    enum fg_forward_fault fault = fg_channel_open(&f->channel, &t);
    X509_STORE_free(t.trust);
    return fault;
}

/* ---- sending ---- */

struct batch {
    struct fg_forward *f;
    enum fg_forward_fault fault;
    size_t rows;
    uint64_t last;
};

static int send_row(const struct fg_audit_entry *e, void *arg)
{
    struct batch *b = arg;
    struct fg_forward *f = b->f;
    fg_buf_reset(&f->row);
    if (fg_syslog_format(&f->row, &f->origin, e, fg_channel_limit(f->channel)))
        b->fault = FG_FORWARD_MEMORY;
    else
        b->fault = fg_channel_put(f->channel, fg_buf_data(&f->row), fg_buf_len(&f->row));
    b->rows++;
    b->last = e->seq;
    return b->fault == FG_FORWARD_FINE ? 0 : ECANCELED;
}

/* One batch: how many rows went out. The connection is there before the store is read: a reading
 * that lasts keeps its log from being written back. */
static enum fg_forward_fault send_batch(struct fg_forward *f, size_t *rows)
{
    struct batch b = {.f = f, .fault = connected(f)};
    if (b.fault != FG_FORWARD_FINE) return b.fault;
    int err = fg_audit_follow(f->store, f->position, BATCH, send_row, &b);
    if (err && b.fault == FG_FORWARD_FINE) return FG_FORWARD_STORE;
    if (b.fault == FG_FORWARD_FINE && b.rows) b.fault = fg_channel_flush(f->channel);
    if (b.fault != FG_FORWARD_FINE) {
        fg_channel_close(f->channel);
        f->channel = NULL;
        return b.fault;
    }
    if (b.rows) f->position = b.last;
    *rows = b.rows;
    return FG_FORWARD_FINE;
}

/* True: there may be more. */
static bool forward(struct fg_forward *f)
{
    size_t rows = 0;
    uint64_t newest = 0;
    if (fg_clock_mono_ms() < f->retry_at_ms) return false;
    enum fg_forward_fault fault = FG_FORWARD_FINE;
    if (!f->begun && begin(f)) fault = FG_FORWARD_STORE;
    if (fault == FG_FORWARD_FINE && fg_audit_newest(f->store, &newest)) fault = FG_FORWARD_STORE;
    if (fault == FG_FORWARD_FINE && f->position > newest) f->position = newest; /* another store */
    if (fault == FG_FORWARD_FINE && f->position < newest) fault = send_batch(f, &rows);
    if (fault == FG_FORWARD_STOPPED) return false;
    tell(f, fault);
    keep_position(f, false);
    if (fault == FG_FORWARD_FINE) {
        f->retry_ms = f->retry_at_ms = 0;
        return rows == BATCH;
    }
    f->retry_ms = f->retry_ms ? 2 * f->retry_ms : RETRY_MS;
    if (f->retry_ms > RETRY_MAX_MS) f->retry_ms = RETRY_MAX_MS;
    f->retry_at_ms = fg_clock_mono_ms() + f->retry_ms;
    return false;
}

/* A commit may bring another server, or what was missing to reach it. */
static void look_at_settings(struct fg_forward *f)
{
    struct fg_snapshot *s = fg_config_snapshot(f->p.config);
    const struct fg_settings *v = fg_snapshot_settings(s);
    const char *address = v->audit_syslog_address ? v->audit_syslog_address : "";
    if (f->revision != fg_snapshot_revision(s)) f->retry_at_ms = 0;
    f->revision = fg_snapshot_revision(s);
    if (f->transport != v->audit_syslog || strcmp(f->address, address) != 0) {
        fg_channel_close(f->channel);
        f->channel = NULL;
        f->transport = v->audit_syslog;
        snprintf(f->address, sizeof f->address, "%s", address);
        f->retry_ms = 0;
    }
    fg_snapshot_put(s);
}

static bool stopped(struct fg_forward *f, int ms)
{
    struct pollfd p = {.fd = f->stop_fd, .events = POLLIN};
    return poll(&p, 1, ms) > 0;
}

static void *run(void *arg)
{
    struct fg_forward *f = arg;
    bool more = false;
    while (!stopped(f, more ? 0 : LOOK_MS)) {
        more = false;
        look_at_settings(f);
        if (f->transport == FG_AUDIT_SYSLOG_OFF)
            switched_off(f);
        else
            more = forward(f);
    }
    fg_channel_close(f->channel);
    keep_position(f, true);
    return NULL;
}

/* ---- life ---- */

static void release(struct fg_forward *f)
{
    fg_store_close(f->store);
    if (f->stop_fd >= 0) close(f->stop_fd);
    fg_buf_free(&f->row);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

int fg_forward_new(struct fg_forward **out, const struct fg_forward_params *p)
{
    char why[FG_WHY] = "";
    struct fg_forward *f = calloc(1, sizeof *f);
    if (!f) return ENOMEM;
    f->p = *p;
    pthread_mutex_init(&f->lock, NULL);
    fg_buf_init(&f->row, ROW_MAX);
    fg_syslog_origin(&f->origin);
    f->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int err = f->stop_fd < 0 ? errno : fg_store_open(&f->store, p->dir, FG_STORE_READER, why);
    if (!err) err = read_position(f);
    if (!err) err = pthread_create(&f->thread, NULL, run, f);
    if (err) {
        release(f);
        return err;
    }
    *out = f;
    return 0;
}

void fg_forward_free(struct fg_forward *f)
{
    if (!f) return;
    (void)!write(f->stop_fd, &(uint64_t){1}, sizeof(uint64_t));
    pthread_join(f->thread, NULL);
    release(f);
}
