/* Long work that goes on after its request was answered with 202: a bounded table of jobs, each
 * with an owner, a progress and a result. Any thread. */
#ifndef FG_API_JOBS_H
#define FG_API_JOBS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fg_job;
struct fg_jobs;

enum {
    FG_JOBS_RUNNING = 2, /* at once: each may hold a large file */
    FG_JOBS_KEPT = 32, /* with those that have ended; of whoever has most, the oldest goes first */
    FG_JOB_ID = 17,
};

enum fg_job_state { FG_JOB_RUNNING, FG_JOB_DONE, FG_JOB_FAILED, FG_JOB_CANCELLED };

int fg_jobs_new(struct fg_jobs **out);
/* Cancels what runs, waits until it has ended, frees. NULL does nothing. */
void fg_jobs_free(struct fg_jobs *j);

/* A new job of `owner`, running. 0; EAGAIN when enough run; ENOMEM. The job is valid until
 * fg_job_end. */
int fg_job_start(struct fg_jobs *j, const char *owner, const char *what, struct fg_job **out);
const char *fg_job_id(const struct fg_job *job);
/* Says how far it is; false when somebody cancelled it: then end it. */
bool fg_job_goes_on(struct fg_job *job, size_t done, size_t total);
/* The end; `result` is taken over. The job must not be touched after. */
void fg_job_end(struct fg_job *job, enum fg_job_state state, json_t *result);

/* Counts up with each change of any job. */
uint64_t fg_jobs_serial(struct fg_jobs *j);
/* [{id, what, state, done, total, result: null}] of the owner's jobs, the newest first. */
json_t *fg_jobs_list(struct fg_jobs *j, const char *owner);
/* {id, what, state, done, total, result} of a job that is the owner's (`any`: anybody's); NULL when
 * there is none. */
json_t *fg_job_show(struct fg_jobs *j, const char *id, const char *owner, bool any);
/* Cancels a running job, forgets one that has ended. False when there is none. */
bool fg_job_cancel(struct fg_jobs *j, const char *id, const char *owner, bool any);

#endif
