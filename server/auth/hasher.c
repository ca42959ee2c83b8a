/* The hashing thread: see password.h. One thread, because each computation takes 64 MiB and a core;
 * a short queue, because who waits behind sixteen of them is better told to come back. */
#include "gateway/base/mailbox.h"
#include "server/auth/password.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct fg_hasher {
    struct fg_mailbox *jobs;
    pthread_t thread;
};

enum { VERIFY, HASH };

struct job {
    fg_hasher_fn *fn;
    void *arg;
    size_t len;
    char encoded[FG_PASSWORD_STRING];
    char password[FG_PASSWORD_MAX + 1];
};

static void end_job(struct job *j)
{
    explicit_bzero(j, sizeof *j);
    free(j);
}

static void verify(struct job *j)
{
    bool ok = fg_password_verify(j->encoded, j->password, j->len);
    j->fn(ok ? FG_HASH_OK : FG_HASH_MISMATCH, NULL, j->arg);
}

static void hash(struct job *j)
{
    int err = fg_password_hash(j->password, j->len, j->encoded);
    j->fn(err ? FG_HASH_FAILED : FG_HASH_OK, err ? NULL : j->encoded, j->arg);
}

static void *work(void *arg)
{
    struct fg_hasher *h = arg;
    struct fg_mail mail;
    while (fg_mailbox_receive(h->jobs, &mail, -1) == 0) {
        if (mail.type == VERIFY)
            verify(mail.body);
        else
            hash(mail.body);
        end_job(mail.body);
    }
    return NULL;
}

int fg_hasher_new(struct fg_hasher **out)
{
    struct fg_hasher *h = calloc(1, sizeof *h);
    if (!h) return ENOMEM;
    int err = fg_mailbox_new(&h->jobs, FG_HASHER_QUEUE, NULL, NULL);
    if (!err) err = pthread_create(&h->thread, NULL, work, h);
    if (err) {
        fg_mailbox_free(h->jobs);
        free(h);
        return err;
    }
    pthread_setname_np(h->thread, "hashing");
    *out = h;
    return 0;
}

void fg_hasher_free(struct fg_hasher *h)
{
    if (!h) return;
    fg_mailbox_close(h->jobs);
    pthread_join(h->thread, NULL);
    fg_mailbox_free(h->jobs);
    free(h);
}

static int post(struct fg_hasher *h, int type, const char *encoded, const char *password,
                size_t len, fg_hasher_fn *fn, void *arg)
{
    if (len > FG_PASSWORD_MAX || strlen(encoded) >= FG_PASSWORD_STRING) return EINVAL;
    struct job *j = calloc(1, sizeof *j);
    if (!j) return ENOMEM;
    j->fn = fn;
    j->arg = arg;
    j->len = len;
    memcpy(j->password, password, len);
    memcpy(j->encoded, encoded, strlen(encoded));
    int err = fg_mailbox_post(h->jobs, type, j);
    if (err) end_job(j);
    return err == ENOBUFS ? EAGAIN : err;
}

int fg_hasher_verify(struct fg_hasher *h, const char *encoded, const char *password, size_t len,
                     fg_hasher_fn *fn, void *arg)
{
    return post(h, VERIFY, encoded ? encoded : "", password, len, fn, arg);
}

int fg_hasher_hash(struct fg_hasher *h, const char *password, size_t len, fg_hasher_fn *fn,
                   void *arg)
{
    return post(h, HASH, "", password, len, fn, arg);
}
