/* A few threads over one bounded queue: where work goes that must not keep an HTTP thread (reading
 * the store, parsing large bodies), and, with one thread, the owner of something (configuration).
 */
#ifndef FG_EXECUTOR_H
#define FG_EXECUTOR_H

#include <stdbool.h>
#include <stddef.h>

struct fg_executor;

/* Starts `threads` threads named `name` (15 characters); `limit` tasks may wait. 0 or errno. */
int fg_executor_new(struct fg_executor **out, const char *name, unsigned threads, size_t limit);
/* Runs what is queued, ends the threads, frees. Not from one of its own threads. */
void fg_executor_free(struct fg_executor *x);
/* Queues `run(arg)`. Any thread. 0; ENOBUFS when full, EPIPE when it is being stopped, ENOMEM. */
int fg_executor_post(struct fg_executor *x, void (*run)(void *arg), void *arg)
    __attribute__((warn_unused_result));
/* Like post, and waits until it has run; not from one of its own threads. */
int fg_executor_call(struct fg_executor *x, void (*run)(void *arg), void *arg)
    __attribute__((warn_unused_result));
/* Number (0 …) of the calling thread in `x`; -1 when it is none of its threads. For what is kept
 * once per thread, such as a connection to the store. */
int fg_executor_thread(const struct fg_executor *x);
size_t fg_executor_waiting(struct fg_executor *x);

#endif
