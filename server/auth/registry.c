/* See registry.h: filling the tables from the store. */
#include "server/auth/registry.h"

#include <errno.h>
#include <stdlib.h>

void fg_registry_init(struct fg_registry *r)
{
    fg_map_init(&r->admins);
    fg_map_init(&r->sessions);
    fg_map_init(&r->tokens);
}

/* The node stands first in each of the three. */
_Static_assert(offsetof(struct fg_auth_session, node) == 0, "freed through its node");
_Static_assert(offsetof(struct fg_auth_token, node) == 0, "freed through its node");
_Static_assert(offsetof(struct fg_auth_admin, node) == 0, "freed through its node");

static void drop(struct fg_map_node *n, void *arg)
{
    fg_map_remove(arg, n);
    free(n);
}

static void empty(struct fg_map *m)
{
    fg_map_each(m, drop, m);
    fg_map_free(m);
}

void fg_registry_free(struct fg_registry *r)
{
    empty(&r->sessions);
    empty(&r->tokens);
    empty(&r->admins);
}

static int add(struct fg_map *m, struct fg_map_node *n, const void *key, size_t len)
{
    int err = fg_map_add(m, n, key, len);
    if (err) free(n);
    return err;
}

static int load_admin(const struct fg_admin *a, void *arg)
{
    struct fg_registry *r = arg;
    struct fg_auth_admin *x = calloc(1, sizeof *x);
    if (!x) return ENOMEM;
    x->a = *a;
    return add(&r->admins, &x->node, &x->a.id, sizeof x->a.id);
}

static int load_session(const struct fg_session *s, void *arg)
{
    struct fg_registry *r = arg;
    struct fg_auth_session *x = calloc(1, sizeof *x);
    if (!x) return ENOMEM;
    x->x = *s;
    x->stored_ms = s->last_seen_ms;
    atomic_init(&x->seen_ms, s->last_seen_ms);
    return add(&r->sessions, &x->node, x->x.token_hash, sizeof x->x.token_hash);
}

static int load_token(const struct fg_token *t, void *arg)
{
    struct fg_registry *r = arg;
    if (t->revoked_ms) return 0;
    struct fg_auth_token *x = calloc(1, sizeof *x);
    if (!x) return ENOMEM;
    x->t = *t;
    x->stored_ms = t->last_used_ms;
    atomic_init(&x->used_ms, t->last_used_ms);
    return add(&r->tokens, &x->node, x->t.token_hash, sizeof x->t.token_hash);
}

int fg_registry_load(struct fg_registry *r, struct fg_store *s)
{
    int err = fg_store_begin(s);
    if (err) return err;
    err = fg_admin_each(s, load_admin, r);
    if (!err) err = fg_session_each(s, load_session, r);
    if (!err) err = fg_token_each(s, 0, load_token, r);
    return fg_store_end(s, err);
}
