/* GET /jobs, GET and DELETE /jobs/{id}; see jobs.h. */
#include "api/jobs.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "gateway/base/rand.h"

enum { OWNER = 128 };

struct fg_job {
    struct fg_jobs *jobs;
    uint64_t number; /* the smaller, the older */
    char id[FG_JOB_ID], owner[OWNER];
    const char *what;
    enum fg_job_state state;
    bool cancelled;
    size_t done, total;
    json_t *result;
};

struct fg_jobs {
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t ended;
    struct fg_job *list[FG_JOBS_KEPT];
    size_t running;
    uint64_t last, serial;
    bool stopping;
};

int fg_jobs_new(struct fg_jobs **out)
{
    struct fg_jobs *j = calloc(1, sizeof *j);
    if (!j) return ENOMEM;
    pthread_mutex_init(&j->lock, NULL);
    pthread_cond_init(&j->ended, NULL);
    *out = j;
    return 0;
}

static void job_free(struct fg_job *job)
{
    if (!job) return;
    json_decref(job->result);
    free(job);
}

void fg_jobs_free(struct fg_jobs *j)
{
    if (!j) return;
    pthread_mutex_lock(&j->lock);
    j->stopping = true;
    while (j->running) pthread_cond_wait(&j->ended, &j->lock);
    pthread_mutex_unlock(&j->lock);
    for (size_t i = 0; i < FG_JOBS_KEPT; i++) job_free(j->list[i]);
    pthread_cond_destroy(&j->ended);
    pthread_mutex_destroy(&j->lock);
    free(j);
}

/* How many places the job's owner has with jobs that have ended. */
static size_t ended_of(const struct fg_jobs *j, const struct fg_job *of)
{
    size_t n = 0;
    for (size_t i = 0; i < FG_JOBS_KEPT; i++)
        n += j->list[i] && j->list[i]->state != FG_JOB_RUNNING &&
             strcmp(j->list[i]->owner, of->owner) == 0;
    return n;
}

/* A free place, or that of the oldest ended job of whoever has most of them: many jobs of one do
 * not push out the report of another. With the lock held. */
static size_t place(struct fg_jobs *j)
{
    size_t found = FG_JOBS_KEPT, most = 0;
    for (size_t i = 0; i < FG_JOBS_KEPT; i++) {
        const struct fg_job *job = j->list[i];
        if (!job) return i;
        if (job->state == FG_JOB_RUNNING) continue;
        size_t n = ended_of(j, job);
        if (n > most || (n == most && job->number < j->list[found]->number)) {
            most = n;
            found = i;
        }
    }
    return found;
}

int fg_job_start(struct fg_jobs *j, const char *owner, const char *what, struct fg_job **out)
{
    struct fg_job *job = calloc(1, sizeof *job);
    if (!job) return ENOMEM;
    job->jobs = j;
    job->what = what;
    snprintf(job->id, sizeof job->id, "%016" PRIx64, fg_random_u64());
    snprintf(job->owner, sizeof job->owner, "%s", owner);
    pthread_mutex_lock(&j->lock);
    size_t i = place(j);
    bool full = j->stopping || j->running == FG_JOBS_RUNNING || i == FG_JOBS_KEPT;
    if (!full) {
        job_free(j->list[i]);
        j->list[i] = job;
        job->number = ++j->last;
        j->serial++;
        j->running++;
    }
    pthread_mutex_unlock(&j->lock);
    if (full) {
        free(job);
        return EAGAIN;
    }
    *out = job;
    return 0;
}

const char *fg_job_id(const struct fg_job *job)
{
    return job->id;
}

bool fg_job_goes_on(struct fg_job *job, size_t done, size_t total)
{
    struct fg_jobs *j = job->jobs;
    pthread_mutex_lock(&j->lock);
    j->serial += job->done != done || job->total != total;
    job->done = done;
    job->total = total;
    bool on = !job->cancelled && !j->stopping;
    pthread_mutex_unlock(&j->lock);
    return on;
}

void fg_job_end(struct fg_job *job, enum fg_job_state state, json_t *result)
{
    struct fg_jobs *j = job->jobs;
    pthread_mutex_lock(&j->lock);
    job->state = state;
    job->result = result;
    j->running--;
    j->serial++;
    pthread_cond_broadcast(&j->ended);
    pthread_mutex_unlock(&j->lock);
}

/* With the lock held: the index, or FG_JOBS_KEPT. */
static size_t find(const struct fg_jobs *j, const char *id, const char *owner, bool any)
{
    for (size_t i = 0; i < FG_JOBS_KEPT; i++) {
        const struct fg_job *job = j->list[i];
        if (job && strcmp(job->id, id) == 0 && (any || strcmp(job->owner, owner) == 0)) return i;
    }
    return FG_JOBS_KEPT;
}

/* With the lock held. */
static json_t *show(const struct fg_job *job, json_t *result)
{
    static const char *const states[] = {"running", "done", "failed", "cancelled"};
    return json_pack("{s:s,s:s,s:s,s:I,s:I,s:O?}", "id", job->id, "what", job->what, "state",
                     states[job->state], "done", (json_int_t)job->done, "total",
                     (json_int_t)job->total, "result", result);
}

uint64_t fg_jobs_serial(struct fg_jobs *j)
{
    pthread_mutex_lock(&j->lock);
    uint64_t serial = j->serial;
    pthread_mutex_unlock(&j->lock);
    return serial;
}

json_t *fg_jobs_list(struct fg_jobs *j, const char *owner)
{
    const struct fg_job *own[FG_JOBS_KEPT];
    size_t n = 0;
    json_t *list = json_array();
    pthread_mutex_lock(&j->lock);
    for (size_t i = 0; i < FG_JOBS_KEPT; i++) {
        const struct fg_job *job = j->list[i];
        if (!job || strcmp(job->owner, owner) != 0) continue;
        size_t at = n++;
        for (; at && own[at - 1]->number < job->number; at--) own[at] = own[at - 1];
        own[at] = job;
    }
    for (size_t i = 0; i < n; i++) fg_json_push(list, show(own[i], NULL));
    pthread_mutex_unlock(&j->lock);
    return list;
}

json_t *fg_job_show(struct fg_jobs *j, const char *id, const char *owner, bool any)
{
    json_t *o = NULL;
    pthread_mutex_lock(&j->lock);
    size_t i = find(j, id, owner, any);
    /* A result does not change any more, so that it may be shared. */
    if (i < FG_JOBS_KEPT) o = show(j->list[i], j->list[i]->result);
    pthread_mutex_unlock(&j->lock);
    return o;
}

bool fg_job_cancel(struct fg_jobs *j, const char *id, const char *owner, bool any)
{
    pthread_mutex_lock(&j->lock);
    size_t i = find(j, id, owner, any);
    if (i < FG_JOBS_KEPT && j->list[i]->state == FG_JOB_RUNNING) {
        j->list[i]->cancelled = true;
    } else if (i < FG_JOBS_KEPT) {
        job_free(j->list[i]);
        j->list[i] = NULL;
        j->serial++;
    }
    pthread_mutex_unlock(&j->lock);
    return i < FG_JOBS_KEPT;
}

/* ---- routes ---- */

static void answer_unknown(struct fg_call *c)
{
    fg_answer_problem(c, 404, "not_found", "There is no such job, or it is not yours.");
}

void fg_handle_jobs_list(struct fg_call *c)
{
    json_t *o = json_object(), *items = fg_jobs_list(c->api->jobs, c->who.owner);
    fg_json_set(o, "total", json_integer((json_int_t)json_array_size(items)));
    fg_json_set(o, "items", items);
    fg_json_set(o, "next_cursor", json_null());
    fg_answer_json(c, 200, o);
}

void fg_handle_jobs_show(struct fg_call *c)
{
    json_t *o =
        fg_job_show(c->api->jobs, c->args[0], c->who.owner, c->who.role == FG_ROLE_ADMINISTRATOR);
    if (o)
        fg_answer_json(c, 200, o);
    else
        answer_unknown(c);
}

void fg_handle_jobs_cancel(struct fg_call *c)
{
    bool any = c->who.role == FG_ROLE_ADMINISTRATOR && !c->who.scoped;
    if (fg_job_cancel(c->api->jobs, c->args[0], c->who.owner, any))
        fg_answer(c, fg_reply_empty(204));
    else
        answer_unknown(c);
}
