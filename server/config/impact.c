/* What a new configuration means for the streams that live now. Asks the engine and waits a moment:
 * a commit may do without the answer. */
#include "server/config/private.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum { WAIT_MS = 1000 };

/* Shared by the waiter and the engine; the last one frees. */
struct impact {
    pthread_mutex_t lock;
    pthread_cond_t done;
    struct fg_ref ref;
    struct fg_snapshot *next;
    bool answered;
    unsigned stay, renegotiate, close;
};

static void drop(struct impact *m)
{
    if (!fg_ref_put(&m->ref)) return;
    fg_snapshot_put(m->next);
    pthread_mutex_destroy(&m->lock);
    pthread_cond_destroy(&m->done);
    free(m);
}

/* May the stream live on under the new configuration? One that is still being set up may: it is
 * judged by the engine when it is done. */
static void judge(struct impact *m, const struct fg_stream_info *s)
{
    bool ready = s->remote_domain && *s->remote_domain && s->method != FG_METHOD_NONE;
    const struct fg_partner *p = ready ? fg_snapshot_partner(m->next, s->remote_domain) : NULL;
    bool wanted =
        fg_snapshot_settings(m->next)->federation_enabled && p && p->state != FG_PARTNER_SUSPENDED;
    if (ready && !wanted)
        m->close++;
    else if (ready && !fg_method_allowed(&p->terms, s->method))
        m->renegotiate++;
    else
        m->stay++;
}

static void on_view(void *arg, const struct fg_engine_view *v)
{
    struct impact *m = arg;
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < v->n_streams; i++) judge(m, &v->streams[i]);
    m->answered = true;
    pthread_cond_signal(&m->done);
    pthread_mutex_unlock(&m->lock);
    drop(m);
}

static void wait_for(struct impact *m)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_MS / 1000;
    pthread_mutex_lock(&m->lock);
    while (!m->answered)
        if (pthread_cond_timedwait(&m->done, &m->lock, &until) == ETIMEDOUT) break;
    pthread_mutex_unlock(&m->lock);
}

json_t *fg_impact(struct fg_config *c, struct fg_snapshot *next)
{
    struct impact *m = c->engine ? calloc(1, sizeof *m) : NULL;
    json_t *out = NULL;
    if (!m) return json_pack("{s:i,s:i,s:i}", "stay", 0, "renegotiate", 0, "close", 0);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&m->lock, NULL);
    pthread_cond_init(&m->done, &attr);
    pthread_condattr_destroy(&attr);
    fg_ref_init(&m->ref);
    m->next = fg_snapshot_get(next);
    fg_ref_get(&m->ref);
    if (fg_engine_query(c->engine, FG_VIEW_STREAMS, on_view, m))
        drop(m);
    else
        wait_for(m);
    pthread_mutex_lock(&m->lock);
    if (m->answered)
        out = json_pack("{s:i,s:i,s:i}", "stay", (int)m->stay, "renegotiate", (int)m->renegotiate,
                        "close", (int)m->close);
    pthread_mutex_unlock(&m->lock);
    drop(m);
    return out ? out : json_pack("{s:n,s:n,s:n}", "stay", "renegotiate", "close");
}
