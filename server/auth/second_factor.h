/* The second factor in use: checking a code, setting up, switching off, each with its audit row
 * and each in one transaction. On the thread that owns the writer. No secret and no code is ever
 * logged or audited. */
#ifndef FG_AUTH_SECOND_FACTOR_H
#define FG_AUTH_SECOND_FACTOR_H

#include "server/auth/auth.h"
#include "server/auth/totp.h"

enum { FG_FACTOR_DETAIL = 80 };

/* Does `otp` (NULL or "": none) open the account? 0, and the code is used up; also 0 when the
 * account has no second factor. ENOKEY: a code is wanted and none was given; EKEYREJECTED: it is
 * wrong, too old or used. On success
 * `detail` is a sentence for the audit, "" without a second factor. */
int fg_factor_check(struct fg_store *s, int64_t admin_id, const char *otp, int64_t now_ms,
                    char detail[FG_FACTOR_DETAIL]);

/* Starts a set-up ("totp_start"). EEXIST when the factor is on. The caller wipes the secret. */
int fg_factor_start(struct fg_store *s, const struct fg_identity *by, const char *address,
                    int64_t now_ms, uint8_t secret[FG_TOTP_SECRET]);
/* The first code switches it on ("totp_on"); `codes` are told only here. ENOENT: nothing was
 * started, or it has lapsed; EKEYREJECTED: the code is wrong. */
int fg_factor_confirm(struct fg_store *s, const struct fg_identity *by, const char *code,
                      const char *address, int64_t now_ms,
                      char codes[FG_RECOVERY_CODES][FG_RECOVERY_TEXT]);
/* Switches it off ("totp_off"), for oneself or for the administrator `admin_id`, `name`. */
int fg_factor_off(struct fg_store *s, int64_t admin_id, const char *name,
                  const struct fg_identity *by, const char *address, int64_t now_ms);

#endif
