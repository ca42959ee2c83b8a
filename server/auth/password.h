/* Passwords: the rules, Argon2id, and the one thread that computes it. */
#ifndef FG_PASSWORD_H
#define FG_PASSWORD_H

#include "server/store/accounts.h"

#include <stdbool.h>
#include <stddef.h>

enum { FG_PASSWORD_MIN = 12, FG_PASSWORD_MAX = 1024, FG_HASHER_QUEUE = 16 };

/* NULL when `password` may be the password of `name`; otherwise a sentence that says what is wrong.
 * Any thread. */
const char *fg_password_problem(const char *name, const char *password, size_t len);
/* NULL when `name` may be the name of an account: 1–128 bytes of UTF-8, no space at the ends, no
 * control characters, no ':'; otherwise a sentence. Any thread. */
const char *fg_admin_name_problem(const char *name);

/* Argon2id with a random salt: 64 MiB, three passes, one lane; takes about 0.1 s, so not on a
 * thread that others wait for. 0, ENOMEM, EINVAL past FG_PASSWORD_MAX. */
int fg_password_hash(const char *password, size_t len, char out[FG_PASSWORD_STRING]);
/* Does it match? An `encoded` that is NULL or "" costs the same time and does not match. */
bool fg_password_verify(const char *encoded, const char *password, size_t len);

struct fg_hasher;

enum fg_hash_result {
    FG_HASH_OK,       /* verified, or hashed: `encoded` holds it */
    FG_HASH_MISMATCH, /* verify: does not match */
    FG_HASH_FAILED,   /* no memory */
};
/* Runs on the hashing thread; must not wait. `encoded` is NULL for a verification. */
typedef void fg_hasher_fn(enum fg_hash_result result, const char *encoded, void *arg);

/* Starts the thread. 0 or errno. */
int fg_hasher_new(struct fg_hasher **out);
/* Finishes what is queued (callbacks run), ends the thread, frees. */
void fg_hasher_free(struct fg_hasher *h);
/* Queue one computation; password and hash are copied, and wiped afterwards. Any thread.
 * 0: `fn` is called exactly once. EAGAIN when FG_HASHER_QUEUE computations wait (answer 429), EPIPE
 * when it is being stopped, EINVAL past FG_PASSWORD_MAX, ENOMEM: `fn` is not called. */
int fg_hasher_verify(struct fg_hasher *h, const char *encoded, const char *password, size_t len,
                     fg_hasher_fn *fn, void *arg) __attribute__((warn_unused_result));
int fg_hasher_hash(struct fg_hasher *h, const char *password, size_t len, fg_hasher_fn *fn,
                   void *arg) __attribute__((warn_unused_result));

#endif
