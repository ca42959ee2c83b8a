/* Who is asking: see auth.h. Here the look-ups, which any thread makes; what writes is in
 * auth_changes.c. */
#include "server/auth/auth.h"

#include "server/auth/registry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int fg_auth_new(struct fg_auth **out)
{
    struct fg_auth *a = calloc(1, sizeof *a);
    if (!a) return ENOMEM;
    pthread_rwlock_init(&a->lock, NULL);
    fg_registry_init(&a->now);
    atomic_init(&a->generation, 1);
    *out = a;
    return 0;
}

void fg_auth_free(struct fg_auth *a)
{
    if (!a) return;
    fg_registry_free(&a->now);
    pthread_rwlock_destroy(&a->lock);
    free(a);
}

uint64_t fg_auth_generation(struct fg_auth *a)
{
    return atomic_load(&a->generation);
}

/* --- from an entry to an identity, under the read lock
 * -------------------------------------------------- */

static const struct fg_admin *admin_of(struct fg_auth *a, int64_t id)
{
    struct fg_map_node *n = fg_map_find(&a->now.admins, &id, sizeof id);
    if (!n) return NULL;
    const struct fg_admin *admin = &FG_CONTAINER(n, struct fg_auth_admin, node)->a;
    return admin->disabled ? NULL : admin;
}

/* Clocks of two threads may differ by a little: never back. */
static void touch(atomic_llong *at, int64_t now_ms)
{
    long long old = atomic_load_explicit(at, memory_order_relaxed);
    while (old < now_ms && !atomic_compare_exchange_weak(at, &old, now_ms)) {
    }
}

bool fg_auth_idle(int64_t seen_ms, int64_t now_ms)
{
    return now_ms - seen_ms > FG_SESSION_IDLE_MS || seen_ms - now_ms > FG_SESSION_SLACK_MS;
}

static int by_session(struct fg_auth *a, struct fg_auth_session *e, int64_t now_ms,
                      struct fg_identity *out)
{
    const struct fg_session *x = &e->x;
    const struct fg_admin *admin = admin_of(a, x->admin_id);
    if (!admin || now_ms >= x->expires_ms) return EACCES;
    if (fg_auth_idle(atomic_load(&e->seen_ms), now_ms)) return EACCES;
    *out = (struct fg_identity){.kind = FG_BY_SESSION,
                                .role = admin->role,
                                .scoped = admin->has_scope,
                                .admin_id = admin->id,
                                .id = x->id,
                                .expires_ms = x->expires_ms};
    snprintf(out->owner, sizeof out->owner, "admin:%lld", (long long)admin->id);
    snprintf(out->via, sizeof out->via, "session:%lld", (long long)x->id);
    memcpy(out->name, admin->name, sizeof out->name);
    return 0;
}

static int by_token(struct fg_auth *a, struct fg_auth_token *e, int64_t now_ms,
                    struct fg_identity *out)
{
    const struct fg_token *t = &e->t;
    const struct fg_admin *admin = admin_of(a, t->admin_id);
    if (!admin || (t->expires_ms && now_ms >= t->expires_ms)) return EACCES;
    *out = (struct fg_identity){.kind = FG_BY_TOKEN,
                                .role = fg_role_limit(t->role, admin->role),
                                .scoped = admin->has_scope || t->has_scope,
                                .admin_id = admin->id,
                                .id = t->id,
                                .expires_ms = t->expires_ms};
    snprintf(out->owner, sizeof out->owner, "token:%lld", (long long)t->id);
    snprintf(out->via, sizeof out->via, "token:%lld", (long long)t->id);
    memcpy(out->name, admin->name, sizeof out->name);
    memcpy(out->label, t->label, sizeof out->label);
    return 0;
}

/* --- look-ups
 * ------------------------------------------------------------------------------------------ */

int fg_auth_session(struct fg_auth *a, const char *text, int64_t now_ms, struct fg_identity *out)
{
    uint8_t hash[FG_SECRET_HASH];
    int err = EACCES;
    *out = (struct fg_identity){0};
    fg_secret_hash(text, hash);
    pthread_rwlock_rdlock(&a->lock);
    struct fg_map_node *n = fg_map_find(&a->now.sessions, hash, sizeof hash);
    if (n) {
        struct fg_auth_session *e = FG_CONTAINER(n, struct fg_auth_session, node);
        err = by_session(a, e, now_ms, out);
        if (!err) touch(&e->seen_ms, now_ms);
    }
    pthread_rwlock_unlock(&a->lock);
    return err;
}

int fg_auth_token(struct fg_auth *a, const char *text, int64_t now_ms, struct fg_identity *out)
{
    uint8_t hash[FG_SECRET_HASH];
    int err = EACCES;
    *out = (struct fg_identity){0};
    fg_secret_hash(text, hash);
    pthread_rwlock_rdlock(&a->lock);
    struct fg_map_node *n = fg_map_find(&a->now.tokens, hash, sizeof hash);
    if (n) {
        struct fg_auth_token *e = FG_CONTAINER(n, struct fg_auth_token, node);
        err = by_token(a, e, now_ms, out);
        if (!err) touch(&e->used_ms, now_ms);
    }
    pthread_rwlock_unlock(&a->lock);
    return err;
}

void fg_auth_local(long uid, struct fg_identity *out)
{
    *out = (struct fg_identity){.kind = FG_BY_SOCKET, .role = FG_ROLE_ADMINISTRATOR, .id = uid};
    snprintf(out->owner, sizeof out->owner, "local:%ld", uid);
    snprintf(out->name, sizeof out->name, "local:%ld", uid);
    snprintf(out->via, sizeof out->via, "socket");
}

struct search {
    struct fg_auth *a;
    int64_t id, now_ms;
    int err;
    struct fg_identity *out;
};

static void match_session(struct fg_map_node *n, void *arg)
{
    struct search *s = arg;
    struct fg_auth_session *e = FG_CONTAINER(n, struct fg_auth_session, node);
    if (e->x.id == s->id) s->err = by_session(s->a, e, s->now_ms, s->out);
}

static void match_token(struct fg_map_node *n, void *arg)
{
    struct search *s = arg;
    struct fg_auth_token *e = FG_CONTAINER(n, struct fg_auth_token, node);
    if (e->t.id == s->id) s->err = by_token(s->a, e, s->now_ms, s->out);
}

int fg_auth_again(struct fg_auth *a, const struct fg_identity *old, int64_t now_ms,
                  struct fg_identity *out)
{
    struct fg_identity found = {0};
    struct search s = {.a = a, .id = old->id, .now_ms = now_ms, .err = EACCES, .out = &found};
    pthread_rwlock_rdlock(&a->lock);
    if (old->kind == FG_BY_SESSION) fg_map_each(&a->now.sessions, match_session, &s);
    if (old->kind == FG_BY_TOKEN) fg_map_each(&a->now.tokens, match_token, &s);
    pthread_rwlock_unlock(&a->lock);
    if (old->kind == FG_BY_SOCKET) {
        fg_auth_local((long)old->id, &found);
        s.err = 0;
    }
    *out = found;
    return s.err;
}
