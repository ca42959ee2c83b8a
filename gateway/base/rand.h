/* Random bytes from the kernel and their printing as hex. Thread-safe. */
#ifndef FG_RAND_H
#define FG_RAND_H

#include <stddef.h>
#include <stdint.h>

/* Fills `len` bytes from getrandom(2). Cannot fail on a booted Linux; aborts if it does. */
void fg_random(void *to, size_t len);
/* A random number. */
uint64_t fg_random_u64(void);
/* Writes `len` bytes as lower-case hex and a NUL: `out` holds 2 * len + 1. */
void fg_hex(char *out, const void *data, size_t len);
/* Reads exactly `len` bytes from 2 * len hex digits. 0 or EINVAL. */
int fg_unhex(void *out, size_t len, const char *hex);

#endif
