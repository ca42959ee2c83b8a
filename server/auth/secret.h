/* Random secrets that are handed out once: session cookies, API tokens, setup links. 256 bits as
 * base64url; only their SHA-256 is kept. Pure; any thread. */
#ifndef FG_SECRET_H
#define FG_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FG_SECRET_BYTES = 32,
    FG_SECRET_TEXT = 64, /* room for prefix, 43 characters and a NUL */
};

#define FG_TOKEN_START "fgt_" /* so that a token found in a log or a repository is recognised */

/* A fresh secret: `start` ("" or FG_TOKEN_START) and 43 characters of A–Z a–z 0–9 - _. */
void fg_secret_new(const char *start, char out[FG_SECRET_TEXT]);
/* SHA-256 of the text. */
void fg_secret_hash(const char *text, uint8_t out[32]);
/* Takes the same time wherever they differ; the lengths are not secret. */
bool fg_secret_equal(const void *a, size_t a_len, const void *b, size_t b_len);
/* The CSRF token of a session: follows from the session's secret, tells nothing about it. */
void fg_secret_csrf(const char *session, char out[FG_SECRET_TEXT]);
bool fg_secret_csrf_ok(const char *session, const char *csrf);

#endif
