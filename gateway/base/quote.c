/* See quote.h. */
#include "gateway/base/quote.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

size_t fg_utf8_decode(const char *s, size_t len, unsigned *cp)
{
    const uint8_t *p = (const uint8_t *)s;
    if (len == 0) return 0;
    if (p[0] < 0x80) {
        *cp = p[0];
        return 1;
    }
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n > len) return 0;
    unsigned v = p[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) return 0;
        v = v << 6 | (p[i] & 0x3f);
    }
    if (n == 3 && (v < 0x800 || (v >= 0xd800 && v <= 0xdfff))) return 0;
    if (n == 4 && (v < 0x10000 || v > 0x10ffff)) return 0;
    *cp = v;
    return n;
}

/* Characters that change how the rest of a line is shown, or show nothing. */
static bool unsafe(unsigned cp)
{
    return cp < 0x20 || cp == '"' || cp == '\\' || (cp >= 0x7f && cp <= 0x9f) || cp == 0xad ||
           cp == 0x61c || (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
           (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xfffb) ||
           (cp >= 0xe0000 && cp <= 0xe0fff);
}

static size_t show(char out[16], const char *s, size_t n, unsigned cp)
{
    if (n == 0) return (size_t)snprintf(out, 16, "\\x%02x", (unsigned)(uint8_t)*s);
    if (!unsafe(cp)) {
        memcpy(out, s, n);
        return n;
    }
    if (cp == '"' || cp == '\\') return (size_t)snprintf(out, 16, "\\%c", (char)cp);
    if (cp == '\n') return (size_t)snprintf(out, 16, "\\n");
    if (cp == '\r') return (size_t)snprintf(out, 16, "\\r");
    if (cp == '\t') return (size_t)snprintf(out, 16, "\\t");
    return (size_t)snprintf(out, 16, "\\u{%x}", cp);
}

char *fg_quote(char *out, size_t size, const char *text, size_t len)
{
    if (size == 0) return out;
    size_t at = 0, cut = 0; /* cut: the last place from which "..." still fits */
    while (len) {
        unsigned cp = 0;
        char piece[16];
        size_t n = fg_utf8_decode(text, len, &cp);
        size_t w = show(piece, text, n, cp);
        if (at + 3 < size) cut = at;
        if (at + w >= size) {
            at = cut;
            for (int i = 0; i < 3 && at + 1 < size; i++) out[at++] = '.';
            break;
        }
        memcpy(out + at, piece, w);
        at += w;
        text += n ? n : 1;
        len -= n ? n : 1;
    }
    out[at] = '\0';
    return out;
}

char *fg_quotes(char *out, size_t size, const char *text)
{
    return fg_quote(out, size, text ? text : "", text ? strlen(text) : 0);
}
