/* Administrators: see accounts.h. */
#include "server/store/accounts.h"

#include "server/store/sql.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS                                                                                    \
    "id, name, role, disabled, totp_secret IS NOT NULL, created_at, last_sign_in, "                \
    "password_changed_at, scope IS NOT NULL"

static void read_row(struct fg_sql *q, struct fg_admin *a)
{
    *a = (struct fg_admin){.id = fg_sql_get_int(q, 0),
                           .disabled = fg_sql_get_int(q, 3) != 0,
                           .has_totp = fg_sql_get_int(q, 4) != 0,
                           .created_ms = fg_sql_get_int(q, 5),
                           .last_sign_in_ms = fg_sql_get_int(q, 6),
                           .password_changed_ms = fg_sql_get_int(q, 7),
                           .has_scope = fg_sql_get_int(q, 8) != 0};
    fg_sql_copy(q, 1, a->name, sizeof a->name);
    if (fg_role_parse(fg_sql_get_text(q, 2), &a->role)) a->role = FG_ROLE_NONE;
}

static int insert(struct fg_store *s, const char *name, enum fg_role role, const char *password,
                  int64_t now_ms, int64_t *id)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "INSERT INTO admin (name, role, password, created_at, password_changed_at) "
                "VALUES (?, ?, ?, ?, ?) RETURNING id");
    fg_sql_text(&q, name);
    fg_sql_text(&q, fg_role_name(role));
    fg_sql_text(&q, password);
    fg_sql_int(&q, now_ms);
    fg_sql_int(&q, now_ms);
    int64_t made = 0;
    while (fg_sql_row(&q)) made = fg_sql_get_int(&q, 0);
    int err = fg_sql_close(&q);
    if (!err && id) *id = made;
    return err;
}

int fg_admin_add(struct fg_store *s, const char *name, enum fg_role role, const char *password,
                 int64_t now_ms, int64_t *id)
{
    if (!name[0] || strlen(name) >= FG_ADMIN_NAME || strlen(password) >= FG_PASSWORD_STRING)
        return fg_store_fail(s, EINVAL,
                             "the name or the password's hash is too long, or the name is empty");
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    err = insert(s, name, role, password, now_ms, id);
    if (!err && role == FG_ROLE_ADMINISTRATOR) err = fg_sql_exec(s, "DELETE FROM setup_link");
    return fg_store_end(s, err);
}

static int read_one(struct fg_sql *q, struct fg_admin *out)
{
    if (fg_sql_row(q)) read_row(q, out);
    return fg_sql_close_one(q);
}

int fg_admin_get(struct fg_store *s, int64_t id, struct fg_admin *out)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT " COLUMNS " FROM admin WHERE id = ?");
    fg_sql_int(&q, id);
    return read_one(&q, out);
}

int fg_admin_find(struct fg_store *s, const char *name, struct fg_admin *out)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT " COLUMNS " FROM admin WHERE name = ?");
    fg_sql_text(&q, name);
    return read_one(&q, out);
}

int fg_admin_password(struct fg_store *s, int64_t id, char out[FG_PASSWORD_STRING])
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT password FROM admin WHERE id = ?");
    fg_sql_int(&q, id);
    out[0] = '\0';
    if (fg_sql_row(&q)) fg_sql_copy(&q, 0, out, FG_PASSWORD_STRING);
    return fg_sql_close_one(&q);
}

int fg_admin_each(struct fg_store *s, fg_admin_fn *fn, void *arg)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT " COLUMNS " FROM admin ORDER BY name");
    int err = 0;
    while (!err && fg_sql_row(&q)) {
        struct fg_admin a;
        read_row(&q, &a);
        err = fn(&a, arg);
    }
    return fg_sql_close_each(&q, err);
}

int fg_admin_count(struct fg_store *s, uint64_t *administrators)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "SELECT count(*) FROM admin WHERE role = 'administrator' AND disabled = 0 "
                "AND scope IS NULL");
    *administrators = fg_sql_row(&q) ? fg_sql_get_u64(&q, 0) : 0;
    return fg_sql_close(&q);
}

/* --- changes
 * ------------------------------------------------------------------------------------------ */

int fg_admin_not_the_last(struct fg_store *s, int64_t id)
{
    struct fg_admin a;
    uint64_t count = 0;
    int err = fg_admin_get(s, id, &a);
    if (err || a.role != FG_ROLE_ADMINISTRATOR || a.disabled || a.has_scope) return err;
    err = fg_admin_count(s, &count);
    if (err || count > 1) return err;
    return fg_store_fail(s, EPERM, "%s is the last administrator; make another one first", a.name);
}

int fg_admin_set_role(struct fg_store *s, int64_t id, enum fg_role role)
{
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    struct fg_admin before;
    err = fg_admin_get(s, id, &before);
    if (!err && role != FG_ROLE_ADMINISTRATOR) err = fg_admin_not_the_last(s, id);
    if (!err) {
        struct fg_sql q;
        fg_sql_open(&q, s, "UPDATE admin SET role = ? WHERE id = ?");
        fg_sql_text(&q, fg_role_name(role));
        fg_sql_int(&q, id);
        err = fg_sql_run_one(&q);
    }
    if (!err && role == FG_ROLE_ADMINISTRATOR) err = fg_sql_exec(s, "DELETE FROM setup_link");
    if (!err && role != before.role) err = fg_session_delete_admin(s, id);
    return fg_store_end(s, err);
}

int fg_admin_set_disabled(struct fg_store *s, int64_t id, bool disabled)
{
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    if (disabled) err = fg_admin_not_the_last(s, id);
    if (!err) {
        struct fg_sql q;
        fg_sql_open(&q, s, "UPDATE admin SET disabled = ? WHERE id = ?");
        fg_sql_int(&q, disabled);
        fg_sql_int(&q, id);
        err = fg_sql_run_one(&q);
    }
    if (!err && disabled) err = fg_session_delete_admin(s, id);
    return fg_store_end(s, err);
}

int fg_admin_set_password(struct fg_store *s, int64_t id, const char *password, int64_t now_ms)
{
    if (strlen(password) >= FG_PASSWORD_STRING)
        return fg_store_fail(s, EINVAL, "the password's hash is too long");
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s, "UPDATE admin SET password = ?, password_changed_at = ? WHERE id = ?");
    fg_sql_text(&q, password);
    fg_sql_int(&q, now_ms);
    fg_sql_int(&q, id);
    err = fg_sql_run_one(&q);
    if (!err) err = fg_session_delete_admin(s, id);
    return fg_store_end(s, err);
}

int fg_admin_signed_in(struct fg_store *s, int64_t id, int64_t now_ms)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s, "UPDATE admin SET last_sign_in = ? WHERE id = ?");
    fg_sql_int(&q, now_ms);
    fg_sql_int(&q, id);
    return fg_sql_run_one(&q);
}

int fg_admin_delete(struct fg_store *s, int64_t id)
{
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    err = fg_admin_not_the_last(s, id);
    if (!err) {
        struct fg_sql q;
        fg_sql_open(&q, s, "DELETE FROM admin WHERE id = ?");
        fg_sql_int(&q, id);
        err = fg_sql_run_one(&q);
    }
    return fg_store_end(s, err);
}
