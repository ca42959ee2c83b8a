/* The second factor of an account: its TOTP secret, the newest step that was used, and recovery
 * codes as SHA-256. What makes and reads codes is server/auth/totp.h. */
#ifndef FG_SECOND_FACTOR_H
#define FG_SECOND_FACTOR_H

#include "server/store/accounts.h"

enum { FG_TOTP_SECRET = 20, FG_RECOVERY_CODES = 10 };

struct fg_second_factor {
    bool on;
    uint8_t secret[FG_TOTP_SECRET]; /* zeros when off */
    int64_t last_step;              /* the newest step whose code was accepted */
    bool pending;
    uint8_t pending_secret[FG_TOTP_SECRET]; /* of a set-up that waits for its first code */
    int64_t pending_until_ms;
    unsigned recovery_left; /* recovery codes not yet used */
};

/* ENOENT when there is no such account. The caller wipes what it got. */
int fg_second_factor_get(struct fg_store *s, int64_t admin_id, struct fg_second_factor *out);
/* A set-up begins, in place of one before. EEXIST when the factor is on. */
int fg_second_factor_start(struct fg_store *s, int64_t admin_id,
                           const uint8_t secret[FG_TOTP_SECRET], int64_t until_ms);
/* The pending secret becomes the secret, `step` counts as used, the recovery codes are these.
 * ENOENT when nothing is pending. */
int fg_second_factor_on(struct fg_store *s, int64_t admin_id, int64_t step,
                        uint8_t codes[FG_RECOVERY_CODES][FG_SECRET_HASH]);
/* Forgets secret, pending set-up and recovery codes. */
int fg_second_factor_off(struct fg_store *s, int64_t admin_id);
/* Marks the code of `step` used. ENOENT when this or a later one was already. */
int fg_second_factor_step(struct fg_store *s, int64_t admin_id, int64_t step);
/* Marks a recovery code used. ENOENT when there is none such, or it was used. */
int fg_second_factor_recover(struct fg_store *s, int64_t admin_id,
                             const uint8_t hash[FG_SECRET_HASH], int64_t now_ms);

#endif
