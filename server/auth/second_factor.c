/* See second_factor.h. */
#include "server/auth/second_factor.h"

#include "gateway/base/rand.h"
#include "server/store/audit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int use_recovery(struct fg_store *s, int64_t admin_id, const char *otp, int64_t now_ms,
                        unsigned left, char detail[FG_FACTOR_DETAIL])
{
    uint8_t hash[FG_SECRET_HASH];
    fg_recovery_hash(otp, hash);
    int err = fg_second_factor_recover(s, admin_id, hash, now_ms);
    if (!err)
        snprintf(detail, FG_FACTOR_DETAIL, "With a recovery code; %u are left.",
                 left ? left - 1 : 0);
    return err;
}

static int use_code(struct fg_store *s, int64_t admin_id, const struct fg_second_factor *f,
                    const char *otp, int64_t now_ms, char detail[FG_FACTOR_DETAIL])
{
    int64_t step = fg_totp_match(f->secret, otp, f->last_step, now_ms);
    if (!step) return ENOENT;
    snprintf(detail, FG_FACTOR_DETAIL, "With a one-time code.");
    return fg_second_factor_step(s, admin_id, step);
}

int fg_factor_check(struct fg_store *s, int64_t admin_id, const char *otp, int64_t now_ms,
                    char detail[FG_FACTOR_DETAIL])
{
    struct fg_second_factor f;
    detail[0] = '\0';
    int err = fg_second_factor_get(s, admin_id, &f);
    if (!err && f.on && (!otp || !*otp)) {
        err = ENOKEY;
    } else if (!err && f.on) {
        err = fg_totp_looks_like(otp)
                  ? use_code(s, admin_id, &f, otp, now_ms, detail)
                  : use_recovery(s, admin_id, otp, now_ms, f.recovery_left, detail);
        if (err == ENOENT) err = EKEYREJECTED;
    }
    explicit_bzero(&f, sizeof f);
    return err;
}

static int audit(struct fg_store *s, const struct fg_identity *by, const char *address,
                 int64_t now_ms, const char *action, const char *name)
{
    struct fg_audit_entry e = {.at_ms = now_ms,
                               .who = by->owner,
                               .who_name = by->name,
                               .via = by->via,
                               .address = address,
                               .action = action,
                               .kind = "admins",
                               .key = name,
                               .outcome = "ok"};
    return fg_audit_add(s, &e);
}

int fg_factor_start(struct fg_store *s, const struct fg_identity *by, const char *address,
                    int64_t now_ms, uint8_t secret[FG_TOTP_SECRET])
{
    fg_random(secret, FG_TOTP_SECRET);
    int err = fg_store_begin(s);
    if (err) return err;
    err = fg_second_factor_start(s, by->admin_id, secret, now_ms + FG_TOTP_SETUP_MS);
    if (!err) err = audit(s, by, address, now_ms, "totp_start", by->name);
    return fg_store_end(s, err);
}

static int turn_on(struct fg_store *s, const struct fg_identity *by, const char *code,
                   int64_t now_ms, uint8_t hashes[FG_RECOVERY_CODES][FG_SECRET_HASH])
{
    struct fg_second_factor f;
    int64_t step = 0;
    int err = fg_second_factor_get(s, by->admin_id, &f);
    if (!err && (!f.pending || now_ms >= f.pending_until_ms)) err = ENOENT;
    if (!err) {
        step = fg_totp_match(f.pending_secret, code, 0, now_ms);
        if (!step) err = EKEYREJECTED;
    }
    explicit_bzero(&f, sizeof f);
    return err ? err : fg_second_factor_on(s, by->admin_id, step, hashes);
}

int fg_factor_confirm(struct fg_store *s, const struct fg_identity *by, const char *code,
                      const char *address, int64_t now_ms,
                      char codes[FG_RECOVERY_CODES][FG_RECOVERY_TEXT])
{
    uint8_t hashes[FG_RECOVERY_CODES][FG_SECRET_HASH];
    for (int i = 0; i < FG_RECOVERY_CODES; i++) {
        fg_recovery_new(codes[i]);
        fg_recovery_hash(codes[i], hashes[i]);
    }
    int err = fg_store_begin(s);
    if (err) return err;
    err = turn_on(s, by, code, now_ms, hashes);
    if (!err) err = audit(s, by, address, now_ms, "totp_on", by->name);
    return fg_store_end(s, err);
}

int fg_factor_off(struct fg_store *s, int64_t admin_id, const char *name,
                  const struct fg_identity *by, const char *address, int64_t now_ms)
{
    int err = fg_store_begin(s);
    if (err) return err;
    err = fg_second_factor_off(s, admin_id);
    if (!err) err = audit(s, by, address, now_ms, "totp_off", name);
    return fg_store_end(s, err);
}
