/* See totp.h. */
#include "server/auth/totp.h"

#include "gateway/base/rand.h"
#include "server/auth/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHA1_LEN = 20, RECOVERY_BYTES = 10, RECOVERY_CHARS = 16 };

/* Five bits to a character; `len` is a multiple of five, so that nothing is left over. */
static void base32(char *out, const uint8_t *raw, size_t len, const char digits[33])
{
    uint32_t bits = 0;
    unsigned n = 0;
    for (size_t i = 0; i < len; i++) {
        bits = (bits << 8 | raw[i]) & 0xffff;
        for (n += 8; n >= 5; n -= 5) *out++ = digits[bits >> (n - 5) & 31];
    }
    *out = '\0';
}

uint32_t fg_totp_code(const uint8_t *secret, size_t len, uint64_t step, unsigned digits)
{
    uint8_t counter[8], mac[SHA1_LEN];
    unsigned mac_len = sizeof mac;
    uint32_t limit = 1;
    for (size_t i = 0; i < sizeof counter; i++) counter[i] = (uint8_t)(step >> (56 - 8 * i));
    /* Without memory there is no answer that would be safe. */
    if (!HMAC(EVP_sha1(), secret, (int)len, counter, sizeof counter, mac, &mac_len)) abort();
    const uint8_t *at = mac + (mac[SHA1_LEN - 1] & 15);
    uint32_t code =
        (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    while (digits--) limit *= 10;
    explicit_bzero(mac, sizeof mac);
    return code % limit;
}

/* The six digits without blanks; false when it is anything else. */
static bool six_digits(const char *text, char out[FG_TOTP_DIGITS + 1])
{
    size_t n = 0;
    for (; *text; text++) {
        if (*text == ' ') continue;
        if (*text < '0' || *text > '9' || n == FG_TOTP_DIGITS) return false;
        out[n++] = *text;
    }
    out[n] = '\0';
    return n == FG_TOTP_DIGITS;
}

bool fg_totp_looks_like(const char *text)
{
    char digits[FG_TOTP_DIGITS + 1];
    return six_digits(text, digits);
}

int64_t fg_totp_match(const uint8_t secret[FG_TOTP_SECRET], const char *text, int64_t last_step,
                      int64_t now_ms)
{
    char given[FG_TOTP_DIGITS + 1], due[16];
    int64_t now = now_ms / 1000 / FG_TOTP_STEP_S, found = 0;
    if (!six_digits(text, given)) return 0;
    for (int64_t step = now - FG_TOTP_WINDOW; step <= now + FG_TOTP_WINDOW; step++) {
        if (step <= 0) continue;
        uint32_t code = fg_totp_code(secret, FG_TOTP_SECRET, (uint64_t)step, FG_TOTP_DIGITS);
        snprintf(due, sizeof due, "%06u", code);
        bool same = CRYPTO_memcmp(given, due, FG_TOTP_DIGITS) == 0;
        if (same && step > last_step && !found) found = step;
    }
    explicit_bzero(due, sizeof due);
    return found;
}

void fg_totp_print(char out[FG_TOTP_SECRET_TEXT], const uint8_t secret[FG_TOTP_SECRET])
{
    base32(out, secret, FG_TOTP_SECRET, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
}

void fg_totp_uri(char out[FG_TOTP_URI], const char *name, const uint8_t secret[FG_TOTP_SECRET])
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    char key[FG_TOTP_SECRET_TEXT], label[3 * FG_ADMIN_NAME];
    size_t n = 0;
    for (; *name && n + 4 < sizeof label; name++) {
        if (strchr(plain, *name))
            label[n++] = *name;
        else
            n += (size_t)snprintf(label + n, 4, "%%%02X", (unsigned char)*name);
    }
    label[n] = '\0';
    fg_totp_print(key, secret);
    snprintf(out, FG_TOTP_URI,
             "otpauth://totp/fedgate:%s?secret=%s&issuer=fedgate&algorithm=SHA1&digits=%d"
             "&period=%d",
             label, key, FG_TOTP_DIGITS, FG_TOTP_STEP_S);
    explicit_bzero(key, sizeof key);
}

/* --- recovery codes
 * ------------------------------------------------------------------------------------------- */

void fg_recovery_new(char out[FG_RECOVERY_TEXT])
{
    uint8_t raw[RECOVERY_BYTES];
    char text[RECOVERY_CHARS + 1];
    fg_random(raw, sizeof raw);
    /* No i, l, o, u: they look like others on paper. */
    base32(text, raw, sizeof raw, "0123456789abcdefghjkmnpqrstvwxyz");
    snprintf(out, FG_RECOVERY_TEXT, "%.4s-%.4s-%.4s-%.4s", text, text + 4, text + 8, text + 12);
    explicit_bzero(raw, sizeof raw);
    explicit_bzero(text, sizeof text);
}

void fg_recovery_hash(const char *text, uint8_t out[FG_SECRET_HASH])
{
    char meant[FG_OTP_MAX + 1];
    size_t n = 0;
    for (; *text && n < FG_OTP_MAX; text++) {
        if (*text == '-' || *text == ' ') continue;
        meant[n++] = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
    }
    meant[n] = '\0';
    fg_secret_hash(meant, out);
    explicit_bzero(meant, sizeof meant);
}
