/* An intrusive hash map keyed by bytes, with SipHash-like keyed hashing so that keys chosen by a
 * stranger cannot pile up in one slot. The node lives inside the object, the key is the object's
 * own memory and must not change while it is in the map. Not thread-safe. */
#ifndef FG_MAP_H
#define FG_MAP_H

#include <stddef.h>
#include <stdint.h>

struct fg_map_node {
    struct fg_map_node *next;
    const void *key;
    size_t key_len;
    uint64_t hash;
};

struct fg_map {
    struct fg_map_node **slots;
    size_t size;  /* slots, a power of two; 0 before the first insert */
    size_t count; /* nodes */
    uint64_t seed[2];
};

/* Empty map with a random seed. Allocates nothing yet. */
void fg_map_init(struct fg_map *m);
/* Frees the slots; the nodes are the caller's. */
void fg_map_free(struct fg_map *m);
struct fg_map_node *fg_map_find(const struct fg_map *m, const void *key, size_t len);
struct fg_map_node *fg_map_finds(const struct fg_map *m, const char *key);
/* Inserts; the caller has made sure that the key is not there. 0 or ENOMEM. */
int fg_map_add(struct fg_map *m, struct fg_map_node *n, const void *key, size_t len)
    __attribute__((warn_unused_result));
int fg_map_adds(struct fg_map *m, struct fg_map_node *n, const char *key)
    __attribute__((warn_unused_result));
void fg_map_remove(struct fg_map *m, struct fg_map_node *n);
/* Calls `each` for every node; `each` may remove (and free) the node it is given, nothing else. */
void fg_map_each(struct fg_map *m, void (*each)(struct fg_map_node *n, void *arg), void *arg);

/* SipHash-2-4 of `len` bytes under a 128-bit seed. */
uint64_t fg_siphash(const uint64_t seed[2], const void *data, size_t len);

#endif
