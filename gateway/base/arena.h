/* A region of memory that is freed all at once: what belongs to one stanza or one message is taken
 * from it and never freed singly. Has a maximum. Not thread-safe. */
#ifndef FG_ARENA_H
#define FG_ARENA_H

#include <stddef.h>

struct fg_arena_chunk;

struct fg_arena {
    struct fg_arena_chunk *chunks; /* newest first; the oldest is kept by fg_arena_reset */
    size_t used;                   /* bytes handed out since the last reset */
    size_t max;
};

void fg_arena_init(struct fg_arena *a, size_t max);
/* Frees everything. */
void fg_arena_free(struct fg_arena *a);
/* Forgets all that was handed out and keeps one chunk for the next use. */
void fg_arena_reset(struct fg_arena *a);
/* `size` bytes, aligned for any type, not zeroed; NULL past the maximum or without memory. */
void *fg_arena_alloc(struct fg_arena *a, size_t size);
void *fg_arena_zalloc(struct fg_arena *a, size_t size);
/* A NUL-terminated copy of `len` bytes. */
char *fg_arena_strndup(struct fg_arena *a, const char *s, size_t len);
char *fg_arena_strdup(struct fg_arena *a, const char *s);

#endif
