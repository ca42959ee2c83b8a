/* See text.h. */
#include "server/import/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LITTLE = 1, BIG = 2 };

size_t fg_text_room(int order, size_t len)
{
    return order ? len * 2 : len;
}

/* Writes one character; how many bytes. */
static size_t put(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xC0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xE0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 0x3F));
        to[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 0x3F));
    to[2] = (char)(0x80 | (c >> 6 & 0x3F));
    to[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

static uint32_t unit(const uint8_t *p, int order)
{
    return order == LITTLE ? (uint32_t)(p[0] | p[1] << 8) : (uint32_t)(p[1] | p[0] << 8);
}

/* Length of the UTF-8 character at `p`; 0: none (overlong forms, surrogates and NUL are none). */
static size_t utf8_length(const uint8_t *p, size_t left)
{
    size_t n = *p < 0x80 ? 1 : *p >= 0xC2 && *p < 0xE0 ? 2 : *p >= 0xE0 && *p < 0xF0 ? 3 : 0;
    if (*p >= 0xF0 && *p < 0xF5) n = 4;
    if (!*p || n == 0 || n > left) return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    if (*p == 0xE0 && p[1] < 0xA0) return 0;
    if (*p == 0xED && p[1] > 0x9F) return 0;
    if (*p == 0xF0 && p[1] < 0x90) return 0;
    if (*p == 0xF4 && p[1] > 0x8F) return 0;
    return n;
}

static int from_utf16(const uint8_t *p, size_t len, int order, bool last, char *to, size_t *taken,
                      size_t *used)
{
    size_t n = 0, i = 0;
    for (; i + 2 <= len; i += 2) {
        uint32_t c = unit(p + i, order);
        if (c >= 0xDC00 && c < 0xE000) return EILSEQ;
        if (c >= 0xD800 && c < 0xDC00) {
            if (i + 4 > len) break;
            uint32_t low = unit(p + i + 2, order);
            if (low < 0xDC00 || low >= 0xE000) return EILSEQ;
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            i += 2;
        }
        if (c == 0) return EILSEQ;
        n += put(to + n, c);
    }
    *taken = i;
    *used = n;
    return last && i < len ? EILSEQ : 0;
}

/* Could these few bytes be the beginning of a character? */
static bool is_cut(const uint8_t *p, size_t left)
{
    size_t n = *p >= 0xC2 && *p < 0xE0 ? 2 : *p >= 0xE0 && *p < 0xF0 ? 3 : 0;
    if (*p >= 0xF0 && *p < 0xF5) n = 4;
    return left < n;
}

static int from_utf8(const uint8_t *p, size_t len, bool last, char *to, size_t *taken, size_t *used)
{
    size_t i = 0, n;
    for (; i < len; i += n) {
        n = utf8_length(p + i, len - i);
        if (n == 0 && !last && is_cut(p + i, len - i)) break;
        if (n == 0) return EILSEQ;
    }
    if (i) memcpy(to, p, i);
    *taken = *used = i;
    return 0;
}

int fg_text_order(const uint8_t *p, size_t len, size_t *mark)
{
    *mark = 0;
    if (len >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
        *mark = 3;
        return 0;
    }
    if (len < 2) return 0;
    if ((p[0] == 0xFF && p[1] == 0xFE) || (p[0] == 0xFE && p[1] == 0xFF)) {
        *mark = 2;
        return p[0] == 0xFF ? LITTLE : BIG;
    }
    if (p[0] && !p[1]) return LITTLE;
    return !p[0] && p[1] ? BIG : 0;
}

int fg_text_convert(int order, const uint8_t *data, size_t len, bool last, char *to, size_t *taken,
                    size_t *used)
{
    return order ? from_utf16(data, len, order, last, to, taken, used)
                 : from_utf8(data, len, last, to, taken, used);
}

int fg_import_text(const uint8_t *data, size_t len, char **text, size_t *text_len)
{
    size_t mark, used = 0, taken;
    int order = fg_text_order(data, len, &mark);
    *text = NULL;
    data += mark;
    len -= mark;
    char *to = malloc(fg_text_room(order, len) + 1);
    if (!to) return ENOMEM;
    int err = fg_text_convert(order, data, len, true, to, &taken, &used);
    if (err) {
        free(to);
        return err;
    }
    to[used] = 0;
    *text = to;
    *text_len = used;
    return 0;
}
