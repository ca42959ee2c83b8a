/* See buf.h. Growth is by doubling; a front gap larger than the content is closed before growing.
 */
#include "gateway/base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256 };

void fg_buf_init(struct fg_buf *b, size_t max)
{
    *b = (struct fg_buf){.max = max};
}

void fg_buf_free(struct fg_buf *b)
{
    free(b->data);
    *b = (struct fg_buf){.max = b->max};
}

void fg_buf_wipe(struct fg_buf *b)
{
    if (b->data) explicit_bzero(b->data, b->cap);
    fg_buf_free(b);
}

const uint8_t *fg_buf_data(const struct fg_buf *b)
{
    return b->data ? b->data + b->off : (const uint8_t *)"";
}

static void close_gap(struct fg_buf *b)
{
    if (b->off == 0) return;
    if (b->len) memmove(b->data, b->data + b->off, b->len);
    b->off = 0;
}

/* One byte more than asked is always kept, so that a NUL fits behind the content. */
static int make_room(struct fg_buf *b, size_t want)
{
    if (want > b->max - b->len) return ENOBUFS;
    size_t need = b->len + want + 1;
    if (b->cap >= b->off + need) return 0;
    if (b->off >= b->len && b->cap >= need) {
        close_gap(b);
        return 0;
    }
    size_t cap = b->cap ? b->cap : FIRST_CAPACITY;
    while (cap < need) cap *= 2;
    uint8_t *data = malloc(cap);
    if (!data) return ENOMEM;
    if (b->len) memcpy(data, b->data + b->off, b->len);
    free(b->data);
    b->data = data;
    b->off = 0;
    b->cap = cap;
    return 0;
}

int fg_buf_add(struct fg_buf *b, const void *data, size_t len)
{
    if (len == 0) return 0;
    int err = make_room(b, len);
    if (err) return err;
    memcpy(b->data + b->off + b->len, data, len);
    b->len += len;
    return 0;
}

int fg_buf_adds(struct fg_buf *b, const char *s)
{
    return fg_buf_add(b, s, strlen(s));
}

int fg_buf_vaddf(struct fg_buf *b, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    char small[256];
    int n = vsnprintf(small, sizeof small, fmt, ap);
    int err = n < 0 ? EINVAL : 0;
    if (!err && (size_t)n < sizeof small) {
        err = fg_buf_add(b, small, (size_t)n);
    } else if (!err) {
        uint8_t *to = fg_buf_reserve(b, (size_t)n);
        if (!to) {
            err = ENOBUFS;
        } else {
            vsnprintf((char *)to, (size_t)n + 1, fmt, again);
            fg_buf_commit(b, (size_t)n);
        }
    }
    va_end(again);
    return err;
}

int fg_buf_addf(struct fg_buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int err = fg_buf_vaddf(b, fmt, ap);
    va_end(ap);
    return err;
}

uint8_t *fg_buf_reserve(struct fg_buf *b, size_t want)
{
    if (make_room(b, want)) return NULL;
    return b->data + b->off + b->len;
}

void fg_buf_commit(struct fg_buf *b, size_t written)
{
    b->len += written;
}

void fg_buf_consume(struct fg_buf *b, size_t n)
{
    if (n >= b->len) {
        b->off = 0;
        b->len = 0;
        return;
    }
    b->off += n;
    b->len -= n;
}

void fg_buf_truncate(struct fg_buf *b, size_t len)
{
    if (len < b->len) b->len = len;
    if (b->len == 0) b->off = 0;
}

const char *fg_buf_cstr(struct fg_buf *b)
{
    if (make_room(b, 0)) return NULL;
    b->data[b->off + b->len] = '\0';
    return (const char *)b->data + b->off;
}
