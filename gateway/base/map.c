/* See map.h. Chained slots, load factor at most 1, doubled when full. */
#include "gateway/base/map.h"

#include "gateway/base/rand.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 16 };

#define ROTL(x, b) (((x) << (b)) | ((x) >> (64 - (b))))

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = ROTL(v[1], 13) ^ v[0];
    v[0] = ROTL(v[0], 32);
    v[2] += v[3];
    v[3] = ROTL(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = ROTL(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = ROTL(v[1], 17) ^ v[2];
    v[2] = ROTL(v[2], 32);
}

uint64_t fg_siphash(const uint64_t seed[2], const void *data, size_t len)
{
    uint64_t v[4] = {seed[0] ^ 0x736f6d6570736575U, seed[1] ^ 0x646f72616e646f6dU,
                     seed[0] ^ 0x6c7967656e657261U, seed[1] ^ 0x7465646279746573U};
    const uint8_t *p = data;
    size_t left = len;
    for (; left >= 8; left -= 8, p += 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        v[3] ^= word;
        sip_round(v);
        sip_round(v);
        v[0] ^= word;
    }
    uint64_t last = (uint64_t)len << 56;
    for (size_t i = 0; i < left; i++) last |= (uint64_t)p[i] << (8 * i);
    v[3] ^= last;
    sip_round(v);
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int i = 0; i < 4; i++) sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void fg_map_init(struct fg_map *m)
{
    *m = (struct fg_map){0};
    fg_random(m->seed, sizeof m->seed);
}

void fg_map_free(struct fg_map *m)
{
    free(m->slots);
    m->slots = NULL;
    m->size = 0;
    m->count = 0;
}

struct fg_map_node *fg_map_find(const struct fg_map *m, const void *key, size_t len)
{
    if (m->count == 0) return NULL;
    uint64_t hash = fg_siphash(m->seed, key, len);
    for (struct fg_map_node *n = m->slots[hash & (m->size - 1)]; n; n = n->next) {
        if (n->hash == hash && n->key_len == len && memcmp(n->key, key, len) == 0) return n;
    }
    return NULL;
}

struct fg_map_node *fg_map_finds(const struct fg_map *m, const char *key)
{
    return fg_map_find(m, key, strlen(key));
}

static int grow(struct fg_map *m)
{
    size_t size = m->size ? m->size * 2 : FIRST_SLOTS;
    struct fg_map_node **slots = calloc(size, sizeof *slots);
    if (!slots) return ENOMEM;
    for (size_t i = 0; i < m->size; i++) {
        for (struct fg_map_node *n = m->slots[i], *next; n; n = next) {
            next = n->next;
            n->next = slots[n->hash & (size - 1)];
            slots[n->hash & (size - 1)] = n;
        }
    }
    free(m->slots);
    m->slots = slots;
    m->size = size;
    return 0;
}

int fg_map_add(struct fg_map *m, struct fg_map_node *n, const void *key, size_t len)
{
    if (m->count >= m->size) {
        int err = grow(m);
        if (err) return err;
    }
    n->key = key;
    n->key_len = len;
    n->hash = fg_siphash(m->seed, key, len);
    struct fg_map_node **slot = &m->slots[n->hash & (m->size - 1)];
    n->next = *slot;
    *slot = n;
    m->count++;
    return 0;
}

int fg_map_adds(struct fg_map *m, struct fg_map_node *n, const char *key)
{
    return fg_map_add(m, n, key, strlen(key));
}

void fg_map_remove(struct fg_map *m, struct fg_map_node *n)
{
    if (m->size == 0) return;
    for (struct fg_map_node **at = &m->slots[n->hash & (m->size - 1)]; *at; at = &(*at)->next) {
        if (*at != n) continue;
        *at = n->next;
        n->next = NULL;
        m->count--;
        return;
    }
}

void fg_map_each(struct fg_map *m, void (*each)(struct fg_map_node *n, void *arg), void *arg)
{
    for (size_t i = 0; i < m->size; i++) {
        for (struct fg_map_node *n = m->slots[i], *next; n; n = next) {
            next = n->next;
            each(n, arg);
        }
    }
}
