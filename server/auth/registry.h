/* Shared inside server/auth: the registry of accounts, sessions and tokens. */
#ifndef FG_AUTH_REGISTRY_H
#define FG_AUTH_REGISTRY_H

#include "gateway/base/list.h"
#include "gateway/base/map.h"
#include "server/auth/auth.h"

#include <pthread.h>
#include <stdatomic.h>

struct fg_auth_session {
    struct fg_map_node node; /* key: x.token_hash */
    struct fg_session x;
    atomic_llong seen_ms; /* written under the read lock */
    long long stored_ms;  /* what the store has */
};

struct fg_auth_token {
    struct fg_map_node node; /* key: t.token_hash */
    struct fg_token t;
    atomic_llong used_ms;
    long long stored_ms;
};

struct fg_auth_admin {
    struct fg_map_node node; /* key: a.id */
    struct fg_admin a;
};

struct fg_registry {
    struct fg_map admins, sessions, tokens;
};

/* Look-ups take the read lock, reloading swaps the tables under the write lock. */
struct fg_auth {
    pthread_rwlock_t lock;
    struct fg_registry now;
    atomic_ullong generation;
};

/* Not used for too long; or its last use lies ahead by more than clocks differ: the clock was set
 * back, and must not give it more time than it had. */
bool fg_auth_idle(int64_t seen_ms, int64_t now_ms);

void fg_registry_init(struct fg_registry *r);
void fg_registry_free(struct fg_registry *r);
int fg_registry_load(struct fg_registry *r, struct fg_store *s);

#endif
