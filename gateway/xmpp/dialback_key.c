/* See dialback_key.h. The key of the HMAC is the hex text of the digest, not the digest itself
 * (XEP-0185 section 2). */
#include "gateway/xmpp/dialback_key.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/rand.h"

enum { INPUT_MAX = 2048 };

void fg_dialback_key(const char *secret, const char *receiving, const char *originating,
                     const char *id, char out[FG_DIALBACK_KEY_SIZE])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    char key[FG_DIALBACK_KEY_SIZE], input[INPUT_MAX];
    SHA256((const unsigned char *)secret, strlen(secret), digest);
    fg_hex(key, digest, sizeof digest);
    int n = snprintf(input, sizeof input, "%s %s %s", receiving, originating, id);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof input ? (size_t)n : sizeof input - 1;
    unsigned digest_len = sizeof digest;
    HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)input, len, digest,
         &digest_len);
    fg_hex(out, digest, sizeof digest);
    OPENSSL_cleanse(key, sizeof key);
}

bool fg_dialback_key_equal(const char *given, const char *expected)
{
    given += strspn(given, " \t\r\n");
    size_t len = strlen(given);
    while (len && strchr(" \t\r\n", given[len - 1])) len--;
    return len == strlen(expected) && CRYPTO_memcmp(given, expected, len) == 0;
}
