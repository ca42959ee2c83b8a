/* See second_factor.h. */
#include "server/store/second_factor.h"

#include "server/store/sql.h"

#include <errno.h>

static int count_left(struct fg_store *s, int64_t admin_id, unsigned *left)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT count(*) FROM recovery_code WHERE admin_id = ? AND used_at = 0");
    fg_sql_int(&q, admin_id);
    *left = fg_sql_row(&q) ? (unsigned)fg_sql_get_int(&q, 0) : 0;
    return fg_sql_close(&q);
}

int fg_second_factor_get(struct fg_store *s, int64_t admin_id, struct fg_second_factor *out)
{
    struct fg_sql q;
    *out = (struct fg_second_factor){0};
    fg_sql_open(&q, s,
                "SELECT totp_secret IS NOT NULL, totp_secret, totp_last_step, "
                "totp_pending IS NOT NULL, totp_pending, totp_pending_until FROM admin "
                "WHERE id = ?");
    fg_sql_int(&q, admin_id);
    if (fg_sql_row(&q)) {
        out->on = fg_sql_get_int(&q, 0) != 0;
        if (out->on) fg_sql_get_blob(&q, 1, out->secret, sizeof out->secret);
        out->last_step = fg_sql_get_int(&q, 2);
        out->pending = fg_sql_get_int(&q, 3) != 0;
        if (out->pending) fg_sql_get_blob(&q, 4, out->pending_secret, sizeof out->pending_secret);
        out->pending_until_ms = fg_sql_get_int(&q, 5);
    }
    int err = fg_sql_close_one(&q);
    return err ? err : count_left(s, admin_id, &out->recovery_left);
}

int fg_second_factor_start(struct fg_store *s, int64_t admin_id,
                           const uint8_t secret[FG_TOTP_SECRET], int64_t until_ms)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s,
                "UPDATE admin SET totp_pending = ?, totp_pending_until = ? "
                "WHERE id = ? AND totp_secret IS NULL");
    fg_sql_blob(&q, secret, FG_TOTP_SECRET);
    fg_sql_int(&q, until_ms);
    fg_sql_int(&q, admin_id);
    err = fg_sql_run_one(&q);
    return err == ENOENT ? EEXIST : err;
}

static int forget_codes(struct fg_store *s, int64_t admin_id)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "DELETE FROM recovery_code WHERE admin_id = ?");
    fg_sql_int(&q, admin_id);
    return fg_sql_run(&q);
}

static int add_code(struct fg_store *s, int64_t admin_id, const uint8_t hash[FG_SECRET_HASH])
{
    struct fg_sql q;
    fg_sql_open(&q, s, "INSERT INTO recovery_code (admin_id, hash) VALUES (?, ?)");
    fg_sql_int(&q, admin_id);
    fg_sql_blob(&q, hash, FG_SECRET_HASH);
    return fg_sql_run(&q);
}

int fg_second_factor_on(struct fg_store *s, int64_t admin_id, int64_t step,
                        uint8_t codes[FG_RECOVERY_CODES][FG_SECRET_HASH])
{
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s,
                "UPDATE admin SET totp_secret = totp_pending, totp_last_step = ?, "
                "totp_pending = NULL, totp_pending_until = 0 "
                "WHERE id = ? AND totp_pending IS NOT NULL");
    fg_sql_int(&q, step);
    fg_sql_int(&q, admin_id);
    err = fg_sql_run_one(&q);
    if (!err) err = forget_codes(s, admin_id);
    for (int i = 0; !err && i < FG_RECOVERY_CODES; i++) err = add_code(s, admin_id, codes[i]);
    return fg_store_end(s, err);
}

int fg_second_factor_off(struct fg_store *s, int64_t admin_id)
{
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s,
                "UPDATE admin SET totp_secret = NULL, totp_last_step = 0, totp_pending = NULL, "
                "totp_pending_until = 0 WHERE id = ?");
    fg_sql_int(&q, admin_id);
    err = fg_sql_run_one(&q);
    if (!err) err = forget_codes(s, admin_id);
    return fg_store_end(s, err);
}

int fg_second_factor_step(struct fg_store *s, int64_t admin_id, int64_t step)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s,
                "UPDATE admin SET totp_last_step = ?1 "
                "WHERE id = ?2 AND totp_secret IS NOT NULL AND totp_last_step < ?1");
    fg_sql_int(&q, step);
    fg_sql_int(&q, admin_id);
    return fg_sql_run_one(&q);
}

int fg_second_factor_recover(struct fg_store *s, int64_t admin_id,
                             const uint8_t hash[FG_SECRET_HASH], int64_t now_ms)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s,
                "UPDATE recovery_code SET used_at = ? "
                "WHERE admin_id = ? AND hash = ? AND used_at = 0");
    fg_sql_int(&q, now_ms);
    fg_sql_int(&q, admin_id);
    fg_sql_blob(&q, hash, FG_SECRET_HASH);
    return fg_sql_run_one(&q);
}
