/* See arena.h. */
#include "gateway/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 4096 - 64 };

struct fg_arena_chunk {
    struct fg_arena_chunk *next;
    size_t size, used;
    alignas(max_align_t) uint8_t data[];
};

void fg_arena_init(struct fg_arena *a, size_t max)
{
    *a = (struct fg_arena){.max = max};
}

static void free_chunks(struct fg_arena_chunk *c)
{
    while (c) {
        struct fg_arena_chunk *next = c->next;
        free(c);
        c = next;
    }
}

void fg_arena_free(struct fg_arena *a)
{
    free_chunks(a->chunks);
    a->chunks = NULL;
    a->used = 0;
}

void fg_arena_reset(struct fg_arena *a)
{
    a->used = 0;
    if (!a->chunks) return;
    struct fg_arena_chunk *keep = a->chunks;
    while (keep->next) keep = keep->next;
    for (struct fg_arena_chunk *c = a->chunks; c != keep;) {
        struct fg_arena_chunk *next = c->next;
        free(c);
        c = next;
    }
    keep->used = 0;
    a->chunks = keep;
}

void *fg_arena_alloc(struct fg_arena *a, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > SIZE_MAX / 2) return NULL;
    size = (size + align - 1) & ~(align - 1);
    if (size > a->max || a->used > a->max - size) return NULL;
    struct fg_arena_chunk *c = a->chunks;
    if (!c || c->size - c->used < size) {
        size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
        c = malloc(sizeof *c + room);
        if (!c) return NULL;
        *c = (struct fg_arena_chunk){.next = a->chunks, .size = room};
        a->chunks = c;
    }
    void *at = c->data + c->used;
    c->used += size;
    a->used += size;
    return at;
}

void *fg_arena_zalloc(struct fg_arena *a, size_t size)
{
    void *at = fg_arena_alloc(a, size);
    return at ? memset(at, 0, size) : NULL;
}

char *fg_arena_strndup(struct fg_arena *a, const char *s, size_t len)
{
    char *at = fg_arena_alloc(a, len + 1);
    if (!at) return NULL;
    if (len) memcpy(at, s, len);
    at[len] = '\0';
    return at;
}

char *fg_arena_strdup(struct fg_arena *a, const char *s)
{
    return fg_arena_strndup(a, s, strlen(s));
}
