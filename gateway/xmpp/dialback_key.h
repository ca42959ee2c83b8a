/* Dialback keys (XEP-0185): HMAC-SHA256 over the two domains and the stream id, with a secret all
 * nodes that answer for a domain share. Nothing is remembered between making and checking. */
#ifndef FG_DIALBACK_KEY_H
#define FG_DIALBACK_KEY_H

#include <stdbool.h>

enum { FG_DIALBACK_KEY_SIZE = 65 }; /* 64 hex digits and a NUL */

/* `secret` as configured; `receiving`, `originating`: prepared domains; `id`: of the stream on
 * which the key is sent. Lower-case hex into `out`. */
void fg_dialback_key(const char *secret, const char *receiving, const char *originating,
                     const char *id, char out[FG_DIALBACK_KEY_SIZE]);
/* In constant time; white space around `given` is ignored. */
bool fg_dialback_key_equal(const char *given, const char *expected);

#endif
