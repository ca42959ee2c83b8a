/* The setup link of the first start: see accounts.h. */
#include "server/store/accounts.h"
#include "server/store/sql.h"

#include <errno.h>
#include <openssl/crypto.h>

/* A disabled administrator is one too: nobody may get in by a link while there is an owner. */
static int nobody_yet(struct fg_store *s)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT 1 FROM admin WHERE role = 'administrator' LIMIT 1");
    bool any = fg_sql_row(&q);
    int err = fg_sql_close(&q);
    if (err || !any) return err;
    return fg_store_fail(s, EEXIST, "there is an administrator already");
}

int fg_setup_put(struct fg_store *s, const uint8_t hash[FG_SECRET_HASH], int64_t expires_ms)
{
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    err = nobody_yet(s);
    if (!err) {
        struct fg_sql q;
        fg_sql_open(&q, s,
                    "INSERT OR REPLACE INTO setup_link (only, hash, expires_at) VALUES (1, ?, ?)");
        fg_sql_blob(&q, hash, FG_SECRET_HASH);
        fg_sql_int(&q, expires_ms);
        err = fg_sql_run(&q);
    }
    return fg_store_end(s, err);
}

int fg_setup_check(struct fg_store *s, const uint8_t hash[FG_SECRET_HASH], int64_t now_ms)
{
    uint8_t stored[FG_SECRET_HASH];
    int64_t expires = 0;
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT hash, expires_at FROM setup_link");
    if (fg_sql_row(&q)) {
        fg_sql_get_blob(&q, 0, stored, sizeof stored);
        expires = fg_sql_get_int(&q, 1);
    }
    int err = fg_sql_close_one(&q);
    if (err) return err;
    if (CRYPTO_memcmp(stored, hash, sizeof stored) != 0)
        return fg_store_fail(s, ENOENT, "this is not the setup link");
    return expires > now_ms ? 0 : fg_store_fail(s, ETIME, "the setup link has lapsed");
}

int fg_setup_claim(struct fg_store *s, const uint8_t hash[FG_SECRET_HASH], const char *name,
                   const char *password, int64_t now_ms, int64_t *admin_id)
{
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    err = nobody_yet(s);
    if (!err) err = fg_setup_check(s, hash, now_ms);
    if (!err) err = fg_admin_add(s, name, FG_ROLE_ADMINISTRATOR, password, now_ms, admin_id);
    return fg_store_end(s, err);
}
