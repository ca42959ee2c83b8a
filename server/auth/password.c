/* See password.h: the rules and Argon2id. */
#include "server/auth/password.h"

#include "gateway/base/quote.h"
#include "gateway/base/rand.h"

#include <argon2.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

enum { PASSES = 3, MEMORY_KIB = 64 * 1024, LANES = 1, SALT = 16, HASH = 32 };

const char *fg_password_problem(const char *name, const char *password, size_t len)
{
    if (len < FG_PASSWORD_MIN)
        return "The password is shorter than 12 characters; choose a longer one.";
    if (len > FG_PASSWORD_MAX)
        return "The password is longer than 1024 bytes; choose a shorter one.";
    if (memchr(password, '\0', len)) return "The password contains a NUL character; leave it out.";
    size_t characters = 0;
    for (size_t at = 0; at < len; characters++) {
        unsigned cp;
        size_t n = fg_utf8_decode(password + at, len - at, &cp);
        if (n == 0) return "The password is not valid UTF-8; type it again.";
        at += n;
    }
    if (characters < FG_PASSWORD_MIN)
        return "The password is shorter than 12 characters; choose a longer one.";
    if (name && strlen(name) == len && strncasecmp(name, password, len) == 0)
        return "The password is the same as the name; choose another one.";
    return NULL;
}

const char *fg_admin_name_problem(const char *name)
{
    size_t len = strlen(name);
    if (len == 0) return "The name is empty; give one.";
    if (len >= FG_ADMIN_NAME) return "The name is longer than 128 bytes; choose a shorter one.";
    if (name[0] == ' ' || name[len - 1] == ' ')
        return "The name begins or ends with a space; leave it out.";
    if (!strcmp(name, ".") || !strcmp(name, ".."))
        return "A dot or two are no name, for no path could end in them; choose another one.";
    if (!strcasecmp(name, "system"))
        return "The program itself is called system in the audit; choose another name.";
    for (size_t at = 0; at < len;) {
        unsigned cp;
        size_t n = fg_utf8_decode(name + at, len - at, &cp);
        if (n == 0) return "The name is not valid UTF-8; type it again.";
        if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == ':')
            return "The name contains a control character or a colon; leave it out.";
        at += n;
    }
    return NULL;
}

int fg_password_hash(const char *password, size_t len, char out[FG_PASSWORD_STRING])
{
    if (len > FG_PASSWORD_MAX) return EINVAL;
    uint8_t salt[SALT];
    fg_random(salt, sizeof salt);
    int code = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password, len, salt, sizeof salt,
                                     HASH, out, FG_PASSWORD_STRING);
    if (code == ARGON2_OK) return 0;
    return code == ARGON2_MEMORY_ALLOCATION_ERROR ? ENOMEM : EINVAL;
}

/* The work of a check without anything to check against, so that an unknown name takes the time of
 * a known one. */
static void waste(const char *password, size_t len)
{
    static const uint8_t salt[SALT];
    uint8_t digest[HASH];
    argon2id_hash_raw(PASSES, MEMORY_KIB, LANES, password, len, salt, sizeof salt, digest,
                      sizeof digest);
    explicit_bzero(digest, sizeof digest);
}

bool fg_password_verify(const char *encoded, const char *password, size_t len)
{
    if (len > FG_PASSWORD_MAX) return false;
    if (encoded && encoded[0]) return argon2id_verify(encoded, password, len) == ARGON2_OK;
    waste(password, len);
    return false;
}
