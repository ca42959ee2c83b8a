/* One-time codes: RFC 6238 with HMAC-SHA-1, steps of 30 s and six digits, which is what every
 * authenticator app reads; and recovery codes for the day the telephone is gone. Pure but for
 * fg_recovery_new; any thread. */
#ifndef FG_TOTP_H
#define FG_TOTP_H

#include "server/store/second_factor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FG_TOTP_STEP_S = 30,
    FG_TOTP_DIGITS = 6,
    FG_TOTP_WINDOW = 1,                /* steps to each side: clocks differ, people type slowly */
    FG_TOTP_SECRET_TEXT = 33,          /* 20 bytes in base32, and a NUL */
    FG_TOTP_URI = 1024,                /* of a name of 128 bytes, all of them escaped */
    FG_TOTP_SETUP_MS = 10 * 60 * 1000, /* a set-up waits so long for its first code */
    FG_RECOVERY_TEXT = 20,             /* "abcd-efgh-ijkl-mnop" and a NUL: 80 bits */
    FG_OTP_MAX = 32,                   /* longest input that can be one or the other */
};

/* HOTP of RFC 4226 section 5.3 for the counter `step`, cut to `digits` (1–9). */
uint32_t fg_totp_code(const uint8_t *secret, size_t len, uint64_t step, unsigned digits);
/* Which step has this code, among those around `now_ms` (wall clock) that are newer than
 * `last_step`? 0 when none has. Blanks in `text` do not count. */
int64_t fg_totp_match(const uint8_t secret[FG_TOTP_SECRET], const char *text, int64_t last_step,
                      int64_t now_ms);
/* Is it six digits, and so no recovery code? */
bool fg_totp_looks_like(const char *text);
/* The secret in base32 (RFC 4648, no padding), as it is typed into an app. */
void fg_totp_print(char out[FG_TOTP_SECRET_TEXT], const uint8_t secret[FG_TOTP_SECRET]);
/* otpauth://totp/fedgate:NAME?secret=…, as it stands in the picture that an app reads. */
void fg_totp_uri(char out[FG_TOTP_URI], const char *name, const uint8_t secret[FG_TOTP_SECRET]);

/* A fresh recovery code. */
void fg_recovery_new(char out[FG_RECOVERY_TEXT]);
/* SHA-256 of the code as it was meant: case, dashes and blanks do not count. */
void fg_recovery_hash(const char *text, uint8_t out[FG_SECRET_HASH]);

#endif
