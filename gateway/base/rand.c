/* See rand.h. */
#include "gateway/base/rand.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void fg_random(void *to, size_t len)
{
    uint8_t *p = to;
    while (len) {
        ssize_t n = getrandom(p, len, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) abort();
        p += n;
        len -= (size_t)n;
    }
}

uint64_t fg_random_u64(void)
{
    uint64_t v;
    fg_random(&v, sizeof v);
    return v;
}

void fg_hex(char *out, const void *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *p = data;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[p[i] >> 4];
        out[2 * i + 1] = digits[p[i] & 15];
    }
    out[2 * len] = '\0';
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

int fg_unhex(void *out, size_t len, const char *hex)
{
    if (strlen(hex) != 2 * len) return EINVAL;
    uint8_t *to = out;
    for (size_t i = 0; i < len; i++) {
        int hi = digit(hex[2 * i]), lo = digit(hex[2 * i + 1]);
        if (hi < 0 || lo < 0) return EINVAL;
        to[i] = (uint8_t)(hi << 4 | lo);
    }
    return 0;
}
