/* Sessions and API tokens: see accounts.h. */
#include "server/store/accounts.h"
#include "server/store/sql.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* --- sessions
 * ----------------------------------------------------------------------------------------- */

int fg_session_add(struct fg_store *s, struct fg_session *x)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(
        &q, s,
        "INSERT INTO session (admin_id, token_hash, created_at, last_seen, expires_at, address, "
        "user_agent) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id");
    fg_sql_int(&q, x->admin_id);
    fg_sql_blob(&q, x->token_hash, sizeof x->token_hash);
    fg_sql_int(&q, x->created_ms);
    fg_sql_int(&q, x->last_seen_ms);
    fg_sql_int(&q, x->expires_ms);
    fg_sql_text(&q, x->address);
    fg_sql_text(&q, x->user_agent);
    int64_t id = 0;
    while (fg_sql_row(&q)) id = fg_sql_get_int(&q, 0);
    err = fg_sql_close(&q);
    if (!err) x->id = id;
    return err;
}

int fg_session_each(struct fg_store *s, fg_session_fn *fn, void *arg)
{
    struct fg_sql q;
    fg_sql_open(
        &q, s,
        "SELECT id, admin_id, token_hash, created_at, last_seen, expires_at, address, user_agent "
        "FROM session ORDER BY id");
    int err = 0;
    while (!err && fg_sql_row(&q)) {
        struct fg_session x = {.id = fg_sql_get_int(&q, 0),
                               .admin_id = fg_sql_get_int(&q, 1),
                               .created_ms = fg_sql_get_int(&q, 3),
                               .last_seen_ms = fg_sql_get_int(&q, 4),
                               .expires_ms = fg_sql_get_int(&q, 5)};
        fg_sql_get_blob(&q, 2, x.token_hash, sizeof x.token_hash);
        fg_sql_copy(&q, 6, x.address, sizeof x.address);
        fg_sql_copy(&q, 7, x.user_agent, sizeof x.user_agent);
        err = fn(&x, arg);
    }
    return fg_sql_close_each(&q, err);
}

int fg_session_seen(struct fg_store *s, int64_t id, int64_t now_ms)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s, "UPDATE session SET last_seen = ? WHERE id = ?");
    fg_sql_int(&q, now_ms);
    fg_sql_int(&q, id);
    return fg_sql_run_one(&q);
}

int fg_session_delete(struct fg_store *s, int64_t id)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s, "DELETE FROM session WHERE id = ?");
    fg_sql_int(&q, id);
    return fg_sql_run_one(&q);
}

int fg_session_delete_admin(struct fg_store *s, int64_t admin_id)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s, "DELETE FROM session WHERE admin_id = ?");
    fg_sql_int(&q, admin_id);
    return fg_sql_run(&q);
}

int fg_session_expire(struct fg_store *s, int64_t now_ms, int64_t idle_before_ms,
                      int64_t seen_after_ms)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s,
                "DELETE FROM session WHERE expires_at <= ? OR last_seen < ? OR last_seen > ?");
    fg_sql_int(&q, now_ms);
    fg_sql_int(&q, idle_before_ms);
    fg_sql_int(&q, seen_after_ms);
    return fg_sql_run(&q);
}

/* --- tokens
 * ------------------------------------------------------------------------------------------- */

#define COLUMNS                                                                                    \
    "id, admin_id, label, role, token_hash, prefix, created_at, expires_at, last_used, "           \
    "revoked_at, "                                                                                 \
    "scope IS NOT NULL"

static void read_token(struct fg_sql *q, struct fg_token *t)
{
    *t = (struct fg_token){.id = fg_sql_get_int(q, 0),
                           .admin_id = fg_sql_get_int(q, 1),
                           .created_ms = fg_sql_get_int(q, 6),
                           .expires_ms = fg_sql_get_int(q, 7),
                           .last_used_ms = fg_sql_get_int(q, 8),
                           .revoked_ms = fg_sql_get_int(q, 9),
                           .has_scope = fg_sql_get_int(q, 10) != 0};
    fg_sql_copy(q, 2, t->label, sizeof t->label);
    if (fg_role_parse(fg_sql_get_text(q, 3), &t->role)) t->role = FG_ROLE_NONE;
    fg_sql_get_blob(q, 4, t->token_hash, sizeof t->token_hash);
    fg_sql_copy(q, 5, t->prefix, sizeof t->prefix);
}

int fg_token_add(struct fg_store *s, struct fg_token *t)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(
        &q, s,
        "INSERT INTO token (admin_id, label, role, token_hash, prefix, created_at, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id");
    fg_sql_int(&q, t->admin_id);
    fg_sql_text(&q, t->label);
    fg_sql_text(&q, fg_role_name(t->role));
    fg_sql_blob(&q, t->token_hash, sizeof t->token_hash);
    fg_sql_text(&q, t->prefix);
    fg_sql_int(&q, t->created_ms);
    fg_sql_int(&q, t->expires_ms);
    int64_t id = 0;
    while (fg_sql_row(&q)) id = fg_sql_get_int(&q, 0);
    err = fg_sql_close(&q);
    if (err) return err;
    t->id = id;
    t->last_used_ms = t->revoked_ms = 0;
    return 0;
}

int fg_token_count(struct fg_store *s, int64_t admin_id, int64_t now_ms, uint64_t *count)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "SELECT count(*) FROM token WHERE admin_id = ? AND revoked_at = 0 "
                "AND (expires_at = 0 OR expires_at > ?)");
    fg_sql_int(&q, admin_id);
    fg_sql_int(&q, now_ms);
    *count = fg_sql_row(&q) ? fg_sql_get_u64(&q, 0) : 0;
    return fg_sql_close(&q);
}

int fg_token_get(struct fg_store *s, int64_t id, struct fg_token *out)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT " COLUMNS " FROM token WHERE id = ?");
    fg_sql_int(&q, id);
    if (fg_sql_row(&q)) read_token(&q, out);
    return fg_sql_close_one(&q);
}

int fg_token_each(struct fg_store *s, int64_t admin_id, fg_token_fn *fn, void *arg)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "SELECT " COLUMNS " FROM token WHERE ?1 IS NULL OR admin_id = ?1 ORDER BY id DESC");
    fg_sql_int_or_null(&q, admin_id);
    int err = 0;
    while (!err && fg_sql_row(&q)) {
        struct fg_token t;
        read_token(&q, &t);
        err = fn(&t, arg);
    }
    return fg_sql_close_each(&q, err);
}

int fg_token_used(struct fg_store *s, int64_t id, int64_t now_ms)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s, "UPDATE token SET last_used = ? WHERE id = ?");
    fg_sql_int(&q, now_ms);
    fg_sql_int(&q, id);
    return fg_sql_run_one(&q);
}

int fg_token_revoke(struct fg_store *s, int64_t id, int64_t now_ms)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s, "UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at = 0");
    fg_sql_int(&q, now_ms);
    fg_sql_int(&q, id);
    return fg_sql_run_one(&q);
}
