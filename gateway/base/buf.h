/* A byte buffer with a hard maximum, fixed when it is made.
 *
 * Bytes are appended at the end and consumed at the front; consuming is O(1) and the space is
 * reclaimed lazily. Appending more than the maximum fails and leaves the buffer as it was, so that
 * whatever grows in the program says at its birth how far it may grow.
 *
 * Not thread-safe: one owner at a time. */
#ifndef FG_BUF_H
#define FG_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fg_buf {
    uint8_t *data; /* owned; NULL while empty */
    size_t off;    /* first unread byte */
    size_t len;    /* unread bytes, from off */
    size_t cap;    /* allocated */
    size_t max;    /* len never exceeds this */
};

/* Makes an empty buffer that may hold up to `max` bytes. Allocates nothing. */
void fg_buf_init(struct fg_buf *b, size_t max);
/* Frees the memory; the buffer is then empty and may be used again. */
void fg_buf_free(struct fg_buf *b);
/* Like fg_buf_free, and overwrites the memory first: for secrets. */
void fg_buf_wipe(struct fg_buf *b);

/* First unread byte; valid until the next append. Never NULL when len > 0. */
const uint8_t *fg_buf_data(const struct fg_buf *b);
static inline size_t fg_buf_len(const struct fg_buf *b)
{
    return b->len;
}

/* Appends. 0, ENOBUFS when the maximum would be passed, or ENOMEM; on error nothing changed. */
int fg_buf_add(struct fg_buf *b, const void *data, size_t len) __attribute__((warn_unused_result));
int fg_buf_adds(struct fg_buf *b, const char *s) __attribute__((warn_unused_result));
int fg_buf_addf(struct fg_buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), warn_unused_result));
int fg_buf_vaddf(struct fg_buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0), warn_unused_result));

/* Makes room for `want` bytes and returns where they may be written; NULL when the maximum forbids
 * it or memory is out. fg_buf_commit says how many were written. */
uint8_t *fg_buf_reserve(struct fg_buf *b, size_t want);
void fg_buf_commit(struct fg_buf *b, size_t written);

/* Drops `n` bytes (at most len) from the front. */
void fg_buf_consume(struct fg_buf *b, size_t n);
/* Cuts the buffer to `len` bytes (no more than there are) from the front end on: undoes appends. */
void fg_buf_truncate(struct fg_buf *b, size_t len);
static inline void fg_buf_reset(struct fg_buf *b)
{
    fg_buf_truncate(b, 0);
}

/* The content as a NUL-terminated string; the NUL is not counted. NULL when memory is out. */
const char *fg_buf_cstr(struct fg_buf *b);

#endif
