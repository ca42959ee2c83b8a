/* See executor.h. */
#include "server/executor.h"

#include "gateway/base/mailbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS_MAX = 64 };

struct fg_executor {
    struct fg_mailbox *tasks;
    pthread_t threads[THREADS_MAX];
    unsigned n;
};

struct task {
    void (*run)(void *arg);
    void *arg;
};

static void *work(void *arg)
{
    struct fg_executor *x = arg;
    struct fg_mail mail;
    while (fg_mailbox_receive(x->tasks, &mail, -1) == 0) {
        struct task *t = mail.body;
        t->run(t->arg);
        free(t);
    }
    return NULL;
}

int fg_executor_new(struct fg_executor **out, const char *name, unsigned threads, size_t limit)
{
    if (!out || threads == 0 || threads > THREADS_MAX) return EINVAL;
    struct fg_executor *x = calloc(1, sizeof *x);
    if (!x) return ENOMEM;
    int err = fg_mailbox_new(&x->tasks, limit, NULL, NULL);
    while (!err && x->n < threads) {
        err = pthread_create(&x->threads[x->n], NULL, work, x);
        if (err) break;
        char label[16];
        snprintf(label, sizeof label, "%.15s", name);
        pthread_setname_np(x->threads[x->n++], label);
    }
    if (err) {
        fg_executor_free(x);
        return err;
    }
    *out = x;
    return 0;
}

void fg_executor_free(struct fg_executor *x)
{
    if (!x) return;
    if (x->tasks) fg_mailbox_close(x->tasks);
    for (unsigned i = 0; i < x->n; i++) pthread_join(x->threads[i], NULL);
    fg_mailbox_free(x->tasks);
    free(x);
}

int fg_executor_post(struct fg_executor *x, void (*run)(void *arg), void *arg)
{
    struct task *t = malloc(sizeof *t);
    if (!t) return ENOMEM;
    *t = (struct task){run, arg};
    int err = fg_mailbox_post(x->tasks, 0, t);
    if (err) free(t);
    return err;
}

struct call {
    void (*run)(void *arg);
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    int done;
};

static void run_call(void *arg)
{
    struct call *c = arg;
    c->run(c->arg);
    pthread_mutex_lock(&c->lock);
    c->done = 1;
    pthread_cond_signal(&c->ended);
    pthread_mutex_unlock(&c->lock);
}

int fg_executor_call(struct fg_executor *x, void (*run)(void *arg), void *arg)
{
    struct call c = {.run = run, .arg = arg};
    pthread_mutex_init(&c.lock, NULL);
    pthread_cond_init(&c.ended, NULL);
    int err = fg_executor_post(x, run_call, &c);
    if (!err) {
        pthread_mutex_lock(&c.lock);
        while (!c.done) pthread_cond_wait(&c.ended, &c.lock);
        pthread_mutex_unlock(&c.lock);
    }
    pthread_cond_destroy(&c.ended);
    pthread_mutex_destroy(&c.lock);
    return err;
}

int fg_executor_thread(const struct fg_executor *x)
{
    pthread_t self = pthread_self();
    for (unsigned i = 0; i < x->n; i++) {
        if (pthread_equal(x->threads[i], self)) return (int)i;
    }
    return -1;
}

size_t fg_executor_waiting(struct fg_executor *x)
{
    return fg_mailbox_count(x->tasks);
}
