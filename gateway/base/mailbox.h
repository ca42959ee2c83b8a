/* A bounded, typed queue between threads: where two threads of the program meet.
 *
 * Any thread posts; one thread receives. Two kinds of receivers: a thread that waits in
 * fg_mailbox_receive, or an event loop that is woken through `wake` (an ev_async, say) and then
 * drains with fg_mailbox_try_receive. Messages are a type number and a pointer whose ownership
 * passes with a successful post. */
#ifndef FG_MAILBOX_H
#define FG_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>

struct fg_mailbox;

struct fg_mail {
    int type;
    void *body;
};

/* `limit` messages at most; `wake` may be NULL and is called, from the posting thread, when the
 * queue changes from empty to not empty. 0, EINVAL or ENOMEM. */
int fg_mailbox_new(struct fg_mailbox **out, size_t limit, void (*wake)(void *arg), void *arg);
/* Frees the box; messages still in it are the caller's loss: drain first. */
void fg_mailbox_free(struct fg_mailbox *m);
/* 0; ENOBUFS when full, EPIPE when closed: the body is then still the caller's. */
int fg_mailbox_post(struct fg_mailbox *m, int type, void *body) __attribute__((warn_unused_result));
/* Waits up to `timeout_ms` (-1 = for ever). 0, ETIMEDOUT, or EPIPE when closed and empty. */
int fg_mailbox_receive(struct fg_mailbox *m, struct fg_mail *out, int timeout_ms);
/* 0 or EAGAIN. */
int fg_mailbox_try_receive(struct fg_mailbox *m, struct fg_mail *out);
/* No more posts; receivers get what is left and then EPIPE. */
void fg_mailbox_close(struct fg_mailbox *m);
size_t fg_mailbox_count(struct fg_mailbox *m);

#endif
