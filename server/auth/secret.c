/* See secret.h. */
#include "server/auth/secret.h"

#include "gateway/base/rand.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_LEN = 43, START_MAX = FG_SECRET_TEXT - TEXT_LEN - 1 };

_Static_assert(SHA256_DIGEST_LENGTH == FG_SECRET_BYTES, "a digest prints as a secret does");

/* 32 bytes as base64url without padding. */
static void print(char out[TEXT_LEN + 1], const uint8_t raw[FG_SECRET_BYTES])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned bits = 0, n = 0;
    size_t at = 0;
    for (size_t i = 0; i < FG_SECRET_BYTES; i++) {
        bits = (bits << 8 | raw[i]) & 0xffffff;
        for (n += 8; n >= 6; n -= 6) out[at++] = digits[bits >> (n - 6) & 63];
    }
    out[at++] = digits[bits << (6 - n) & 63];
    out[at] = '\0';
}

void fg_secret_new(const char *start, char out[FG_SECRET_TEXT])
{
    uint8_t raw[FG_SECRET_BYTES];
    char text[TEXT_LEN + 1];
    fg_random(raw, sizeof raw);
    print(text, raw);
    snprintf(out, FG_SECRET_TEXT, "%.*s%s", (int)START_MAX, start, text);
    explicit_bzero(raw, sizeof raw);
    explicit_bzero(text, sizeof text);
}

void fg_secret_hash(const char *text, uint8_t out[32])
{
    SHA256((const uint8_t *)text, strlen(text), out);
}

bool fg_secret_equal(const void *a, size_t a_len, const void *b, size_t b_len)
{
    return a_len == b_len && CRYPTO_memcmp(a, b, a_len) == 0;
}

void fg_secret_csrf(const char *session, char out[FG_SECRET_TEXT])
{
    static const char purpose[] = "fedgate csrf\n";
    uint8_t digest[SHA256_DIGEST_LENGTH] = {0};
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    /* Without memory there is no answer that would be safe. */
    if (!c || !EVP_DigestInit_ex(c, EVP_sha256(), NULL) ||
        !EVP_DigestUpdate(c, purpose, sizeof purpose - 1) ||
        !EVP_DigestUpdate(c, session, strlen(session)) || !EVP_DigestFinal_ex(c, digest, NULL))
        abort();
    EVP_MD_CTX_free(c);
    print(out, digest);
}

bool fg_secret_csrf_ok(const char *session, const char *csrf)
{
    char due[FG_SECRET_TEXT];
    if (!csrf) return false;
    fg_secret_csrf(session, due);
    return fg_secret_equal(due, strlen(due), csrf, strlen(csrf));
}
