/* See thread.h. */
#include "gateway/bridge/thread.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum { THREAD_MAX = 200 };

static const char prefix[] = "fgt.";

static bool alnum(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* `word` of RFC 3261 25.1. */
static bool word_char(unsigned char c)
{
    return c && (alnum(c) || strchr("-.!%*_+`'~()<>:\\\"/[]?{}", c));
}

/* word ["@" word] */
static bool is_call_id(const char *s, size_t len)
{
    const char *at = memchr(s, '@', len);
    if (at && (at == s || at == s + len - 1)) return false;
    for (size_t i = 0; i < len; i++)
        if (s + i != at && !word_char((unsigned char)s[i])) return false;
    return len > 0;
}

static bool has_prefix(const char *s, size_t len)
{
    return len >= sizeof prefix - 1 && memcmp(s, prefix, sizeof prefix - 1) == 0;
}

int fg_thread_to_call_id(struct fg_buf *out, const char *thread, size_t len)
{
    static const char digits[] = "0123456789ABCDEF";
    if (len == 0 || len > THREAD_MAX) return EINVAL;
    if (is_call_id(thread, len) && !has_prefix(thread, len)) return fg_buf_add(out, thread, len);
    int err = fg_buf_adds(out, prefix);
    for (size_t i = 0; i < len && !err; i++) {
        unsigned char c = (unsigned char)thread[i];
        char hex[3] = {'%', digits[c >> 4], digits[c & 15]};
        bool plain = alnum(c) || c == '-' || c == '.';
        err = plain ? fg_buf_add(out, &c, 1) : fg_buf_add(out, hex, sizeof hex);
    }
    return err;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Undoes the encoding; false when it is not one of ours. */
static bool decode(char *to, size_t *to_len, const char *s, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        int high = s[i] == '%' && i + 2 < len ? hex_value(s[i + 1]) : -1;
        int low = high >= 0 ? hex_value(s[i + 2]) : -1;
        if (s[i] == '%' && low < 0) return false;
        if (n == THREAD_MAX) return false;
        to[n++] = s[i] == '%' ? (char)(high << 4 | low) : s[i];
        if (s[i] == '%') i += 2;
    }
    *to_len = n;
    return n > 0;
}

int fg_call_id_to_thread(struct fg_buf *out, const char *call_id, size_t len)
{
    char plain[THREAD_MAX];
    size_t n;
    size_t skip = sizeof prefix - 1;
    if (has_prefix(call_id, len) && decode(plain, &n, call_id + skip, len - skip))
        return fg_buf_add(out, plain, n);
    return fg_buf_add(out, call_id, len);
}
