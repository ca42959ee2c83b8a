/* What changes who is known: sign-in, sign-out, tokens, and keeping registry and store alike. Runs
 * on the thread that owns the writer. See auth.h. */
#include "gateway/base/quote.h"
#include "server/auth/auth.h"
#include "server/auth/registry.h"
#include "server/auth/second_factor.h"
#include "server/store/audit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the registry follows the store
 * --------------------------------------------------------------------- */

static void carry_session(struct fg_map_node *n, void *arg)
{
    struct fg_auth_session *e = FG_CONTAINER(n, struct fg_auth_session, node);
    struct fg_map_node *old = fg_map_find(arg, n->key, n->key_len);
    if (!old) return;
    long long seen = atomic_load(&FG_CONTAINER(old, struct fg_auth_session, node)->seen_ms);
    if (seen > atomic_load(&e->seen_ms)) atomic_store(&e->seen_ms, seen);
}

static void carry_token(struct fg_map_node *n, void *arg)
{
    struct fg_auth_token *e = FG_CONTAINER(n, struct fg_auth_token, node);
    struct fg_map_node *old = fg_map_find(arg, n->key, n->key_len);
    if (!old) return;
    long long used = atomic_load(&FG_CONTAINER(old, struct fg_auth_token, node)->used_ms);
    if (used > atomic_load(&e->used_ms)) atomic_store(&e->used_ms, used);
}

int fg_auth_reload(struct fg_auth *a, struct fg_store *s)
{
    struct fg_registry fresh;
    fg_registry_init(&fresh);
    int err = fg_registry_load(&fresh, s);
    if (!err) {
        pthread_rwlock_wrlock(&a->lock);
        struct fg_registry old = a->now;
        /* Uses that the store has not heard of yet are not forgotten. */
        fg_map_each(&fresh.sessions, carry_session, &old.sessions);
        fg_map_each(&fresh.tokens, carry_token, &old.tokens);
        a->now = fresh;
        fresh = old;
        pthread_rwlock_unlock(&a->lock);
        atomic_fetch_add(&a->generation, 1);
    }
    fg_registry_free(&fresh);
    return err;
}

struct flush {
    struct fg_store *s;
    int err;
};

static void flush_session(struct fg_map_node *n, void *arg)
{
    struct flush *f = arg;
    struct fg_auth_session *e = FG_CONTAINER(n, struct fg_auth_session, node);
    long long seen = atomic_load(&e->seen_ms);
    if (f->err || seen == e->stored_ms) return;
    f->err = fg_session_seen(f->s, e->x.id, seen);
    if (f->err == ENOENT) f->err = 0; /* ended meanwhile */
    if (!f->err) e->stored_ms = seen;
}

static void flush_token(struct fg_map_node *n, void *arg)
{
    struct flush *f = arg;
    struct fg_auth_token *e = FG_CONTAINER(n, struct fg_auth_token, node);
    long long used = atomic_load(&e->used_ms);
    if (f->err || used == e->stored_ms) return;
    f->err = fg_token_used(f->s, e->t.id, used);
    if (f->err == ENOENT) f->err = 0;
    if (!f->err) e->stored_ms = used;
}

struct stale {
    int64_t now_ms;
    bool any;
};

static void look_stale(struct fg_map_node *n, void *arg)
{
    struct stale *s = arg;
    struct fg_auth_session *e = FG_CONTAINER(n, struct fg_auth_session, node);
    if (s->now_ms >= e->x.expires_ms || fg_auth_idle(atomic_load(&e->seen_ms), s->now_ms))
        s->any = true;
}

/* The maps change only on this thread, so that walking them needs no lock. */
int fg_auth_flush(struct fg_auth *a, struct fg_store *s, int64_t now_ms)
{
    struct flush f = {.s = s};
    struct stale stale = {.now_ms = now_ms};
    fg_map_each(&a->now.sessions, look_stale, &stale);
    int err = fg_store_begin(s);
    if (err) return err;
    fg_map_each(&a->now.sessions, flush_session, &f);
    fg_map_each(&a->now.tokens, flush_token, &f);
    if (!f.err && stale.any)
        f.err =
            fg_session_expire(s, now_ms, now_ms - FG_SESSION_IDLE_MS, now_ms + FG_SESSION_SLACK_MS);
    err = fg_store_end(s, f.err);
    return err || !stale.any ? err : fg_auth_reload(a, s);
}

/* --- signing in and out
 * ----------------------------------------------------------------------------------- */

/* What a stranger sent is kept in a form that every reader of the store can print. */
static void keep(char *out, size_t size, const char *text)
{
    fg_quotes(out, size, text ? text : "");
}

struct count {
    int64_t admin_id, oldest, oldest_of_admin;
    size_t all, of_admin;
};

static int count_session(const struct fg_session *x, void *arg)
{
    struct count *c = arg;
    if (c->all++ == 0) c->oldest = x->id; /* they come by id */
    if (x->admin_id != c->admin_id) return 0;
    if (c->of_admin++ == 0) c->oldest_of_admin = x->id;
    return 0;
}

static int make_room(struct fg_store *s, int64_t admin_id)
{
    struct count c = {.admin_id = admin_id};
    int err = fg_session_each(s, count_session, &c);
    if (!err && c.of_admin >= FG_SESSIONS_PER_ADMIN) return fg_session_delete(s, c.oldest_of_admin);
    if (!err && c.all >= FG_SESSIONS_MAX) return fg_session_delete(s, c.oldest);
    return err;
}

/* The hash was computed a while ago on another thread: is the account still what it was? */
static int still_same(struct fg_store *s, int64_t admin_id, const char *password,
                      struct fg_admin *admin)
{
    char present[FG_PASSWORD_STRING];
    int err = fg_admin_get(s, admin_id, admin);
    if (!err) err = fg_admin_password(s, admin_id, present);
    if (!err && (admin->disabled || !present[0] || strcmp(present, password) != 0)) err = EACCES;
    explicit_bzero(present, sizeof present);
    return err == ENOENT ? EACCES : err;
}

static int store_sign_in(struct fg_store *s, struct fg_session *x, const char *password,
                         const char *otp)
{
    struct fg_admin admin;
    char who[32], via[32], detail[FG_FACTOR_DETAIL];
    int err = still_same(s, x->admin_id, password, &admin);
    if (!err) err = fg_factor_check(s, x->admin_id, otp, x->created_ms, detail);
    if (!err) err = make_room(s, x->admin_id);
    if (!err) err = fg_session_add(s, x);
    if (!err) err = fg_admin_signed_in(s, x->admin_id, x->created_ms);
    if (err) return err;
    snprintf(who, sizeof who, "admin:%lld", (long long)x->admin_id);
    snprintf(via, sizeof via, "session:%lld", (long long)x->id);
    struct fg_audit_entry e = {.at_ms = x->created_ms,
                               .who = who,
                               .who_name = admin.name,
                               .via = via,
                               .address = x->address,
                               .action = "sign_in",
                               .outcome = "ok",
                               .detail = detail};
    return fg_audit_add(s, &e);
}

int fg_auth_sign_in(struct fg_auth *a, struct fg_store *s, int64_t admin_id, const char *password,
                    const char *otp, const char *address, const char *user_agent, int64_t now_ms,
                    char secret[FG_SECRET_TEXT], struct fg_identity *out)
{
    struct fg_session x = {.admin_id = admin_id,
                           .created_ms = now_ms,
                           .last_seen_ms = now_ms,
                           .expires_ms = now_ms + FG_SESSION_LIFETIME_MS};
    keep(x.address, sizeof x.address, address);
    keep(x.user_agent, sizeof x.user_agent, user_agent);
    fg_secret_new("", secret);
    fg_secret_hash(secret, x.token_hash);
    int err = fg_store_begin(s);
    if (err) return err;
    err = fg_store_end(s, store_sign_in(s, &x, password, otp));
    if (!err) err = fg_auth_reload(a, s);
    return err ? err : fg_auth_session(a, secret, now_ms, out);
}

int fg_auth_sign_in_failed(struct fg_store *s, const char *name, const char *address,
                           const char *detail, int64_t now_ms)
{
    char shown[FG_ADMIN_NAME];
    keep(shown, sizeof shown, name);
    struct fg_audit_entry e = {.at_ms = now_ms,
                               .who_name = shown,
                               .address = address,
                               .action = "sign_in",
                               .outcome = "refused",
                               .detail = detail};
    return fg_audit_add(s, &e);
}

/* A row about a session or token with this id. */
static int audit_by(struct fg_store *s, const struct fg_identity *by, const char *address,
                    int64_t now_ms, const char *action, const char *kind, int64_t id,
                    const char *detail)
{
    char key[32];
    snprintf(key, sizeof key, "%lld", (long long)id);
    struct fg_audit_entry e = {.at_ms = now_ms,
                               .who = by->owner,
                               .who_name = by->name,
                               .via = by->via,
                               .address = address,
                               .action = action,
                               .kind = kind,
                               .key = key,
                               .outcome = "ok",
                               .detail = detail};
    return fg_audit_add(s, &e);
}

int fg_auth_sign_out(struct fg_auth *a, struct fg_store *s, int64_t session_id,
                     const struct fg_identity *by, const char *address, int64_t now_ms)
{
    int err = fg_store_begin(s);
    if (err) return err;
    err = fg_session_delete(s, session_id);
    if (!err) err = audit_by(s, by, address, now_ms, "sign_out", "session", session_id, NULL);
    err = fg_store_end(s, err);
    return err ? err : fg_auth_reload(a, s);
}

/* --- tokens
 * -------------------------------------------------------------------------------------------------
 */

int fg_auth_token_new(struct fg_auth *a, struct fg_store *s, int64_t admin_id, const char *label,
                      enum fg_role role, const char *scope, int64_t expires_ms,
                      const struct fg_identity *by, const char *address, int64_t now_ms,
                      char secret[FG_SECRET_TEXT], int64_t *id)
{
    struct fg_token t = {
        .admin_id = admin_id, .role = role, .created_ms = now_ms, .expires_ms = expires_ms};
    if (strlen(label) >= sizeof t.label) return EINVAL;
    snprintf(t.label, sizeof t.label, "%s", label);
    fg_secret_new(FG_TOKEN_START, secret);
    fg_secret_hash(secret, t.token_hash);
    snprintf(t.prefix, sizeof t.prefix, "%.10s", secret);
    int err = fg_store_begin(s);
    if (err) return err;
    uint64_t count = 0;
    err = fg_token_count(s, admin_id, now_ms, &count);
    if (!err && count >= FG_TOKENS_MAX) err = ENOBUFS;
    if (!err) err = fg_token_add(s, &t);
    if (!err && scope) err = fg_token_set_scope(s, t.id, scope);
    if (!err) err = audit_by(s, by, address, now_ms, "token_create", "token", t.id, label);
    err = fg_store_end(s, err);
    if (err) return err;
    *id = t.id;
    return fg_auth_reload(a, s);
}

int fg_auth_token_end(struct fg_auth *a, struct fg_store *s, int64_t token_id,
                      const struct fg_identity *by, const char *address, int64_t now_ms)
{
    int err = fg_store_begin(s);
    if (err) return err;
    err = fg_token_revoke(s, token_id, now_ms);
    if (!err) err = audit_by(s, by, address, now_ms, "token_revoke", "token", token_id, NULL);
    err = fg_store_end(s, err);
    return err ? err : fg_auth_reload(a, s);
}
