/* See table.h. */
#include "gateway/table.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/map.h"

enum { SHARDS = 1024, FIRST_ROOM = 4 };

struct shard {
    struct fg_ref ref;
    uint8_t hash[FG_HASH_LEN];
    size_t count, room;
    const struct fg_entry **items;
};

struct fg_table {
    struct fg_ref ref;
    fg_entry_free_h *free_entry;
    size_t count;
    uint8_t hash[FG_HASH_LEN];
    struct shard *shards[SHARDS]; /* NULL: empty */
    bool own[SHARDS];             /* made by this table since it was copied: may be changed */
};

/* The keys are an administrator's, not a stranger's, and the same content must give the same hash
 * in every process: so the seed is fixed. */
static size_t shard_of(const char *key)
{
    static const uint64_t seed[2] = {0x6665646761746521, 0x736e617073686f74};
    return (size_t)(fg_siphash(seed, key, strlen(key)) % SHARDS);
}

static void put_entry(const struct fg_table *t, const struct fg_entry *e)
{
    struct fg_ref *r = (struct fg_ref *)(uintptr_t)&e->ref;
    if (fg_ref_put(r)) t->free_entry(e);
}

static void get_entry(const struct fg_entry *e)
{
    fg_ref_get((struct fg_ref *)(uintptr_t)&e->ref);
}

static void put_shard(const struct fg_table *t, struct shard *s)
{
    if (!s || !fg_ref_put(&s->ref)) return;
    for (size_t i = 0; i < s->count; i++) put_entry(t, s->items[i]);
    free(s->items);
    free(s);
}

struct fg_table *fg_table_new(fg_entry_free_h *free_entry)
{
    struct fg_table *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    fg_ref_init(&t->ref);
    t->free_entry = free_entry;
    return t;
}

struct fg_table *fg_table_copy(const struct fg_table *t)
{
    struct fg_table *c = fg_table_new(t->free_entry);
    if (!c) return NULL;
    c->count = t->count;
    memcpy(c->hash, t->hash, sizeof c->hash);
    for (size_t i = 0; i < SHARDS; i++) {
        c->shards[i] = t->shards[i];
        if (c->shards[i]) fg_ref_get(&c->shards[i]->ref);
    }
    return c;
}

struct fg_table *fg_table_get(struct fg_table *t)
{
    fg_ref_get(&t->ref);
    return t;
}

void fg_table_put(struct fg_table *t)
{
    if (!t || !fg_ref_put(&t->ref)) return;
    for (size_t i = 0; i < SHARDS; i++) put_shard(t, t->shards[i]);
    free(t);
}

/* Index of the key, or of the place where it belongs. */
static size_t locate(const struct shard *s, const char *key, bool *found)
{
    size_t lo = 0, hi = s ? s->count : 0;
    *found = false;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = strcmp(s->items[mid]->key, key);
        if (c == 0) {
            *found = true;
            return mid;
        }
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

const struct fg_entry *fg_table_find(const struct fg_table *t, const char *key)
{
    const struct shard *s = t->shards[shard_of(key)];
    bool found;
    size_t i = locate(s, key, &found);
    return found ? s->items[i] : NULL;
}

size_t fg_table_count(const struct fg_table *t)
{
    return t->count;
}

const uint8_t *fg_table_hash(const struct fg_table *t)
{
    return t->hash;
}

int fg_table_each(const struct fg_table *t, int (*each)(const struct fg_entry *e, void *arg),
                  void *arg)
{
    for (size_t i = 0; i < SHARDS; i++) {
        const struct shard *s = t->shards[i];
        for (size_t k = 0; s && k < s->count; k++) {
            int rc = each(s->items[k], arg);
            if (rc) return rc;
        }
    }
    return 0;
}

/* The shard as this table's own, with room for one entry more. */
static struct shard *own_shard(struct fg_table *t, size_t at)
{
    struct shard *old = t->shards[at];
    size_t count = old ? old->count : 0;
    if (old && t->own[at]) {
        if (count < old->room) return old;
        const struct fg_entry **items = realloc(old->items, 2 * old->room * sizeof(*items));
        if (!items) return NULL;
        old->items = items;
        old->room *= 2;
        return old;
    }
    struct shard *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->room = count + FIRST_ROOM;
    s->items = malloc(s->room * sizeof(*s->items));
    if (!s->items) {
        free(s);
        return NULL;
    }
    fg_ref_init(&s->ref);
    s->count = count;
    for (size_t i = 0; i < count; i++) {
        s->items[i] = old->items[i];
        get_entry(s->items[i]);
    }
    put_shard(t, old);
    t->shards[at] = s;
    t->own[at] = true;
    return s;
}

int fg_table_set(struct fg_table *t, struct fg_entry *e)
{
    struct shard *s = own_shard(t, shard_of(e->key));
    if (!s) return ENOMEM;
    bool found;
    size_t i = locate(s, e->key, &found);
    if (found) {
        put_entry(t, s->items[i]);
    } else {
        memmove(s->items + i + 1, s->items + i, (s->count - i) * sizeof(*s->items));
        s->count++;
        t->count++;
    }
    s->items[i] = e;
    return 0;
}

int fg_table_remove(struct fg_table *t, const char *key)
{
    if (!fg_table_find(t, key)) return ENOENT;
    struct shard *s = own_shard(t, shard_of(key));
    if (!s) return ENOMEM;
    bool found;
    size_t i = locate(s, key, &found);
    const struct fg_entry *e = s->items[i];
    s->count--;
    t->count--;
    memmove(s->items + i, s->items + i + 1, (s->count - i) * sizeof(*s->items));
    put_entry(t, e); /* last: `key` may be the entry's own */
    return 0;
}

static bool hash_shard(EVP_MD_CTX *md, struct shard *s)
{
    if (EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1) return false;
    for (size_t i = 0; i < s->count; i++) {
        const struct fg_entry *e = s->items[i];
        if (EVP_DigestUpdate(md, e->key, strlen(e->key) + 1) != 1) return false;
        if (EVP_DigestUpdate(md, e->hash, sizeof e->hash) != 1) return false;
    }
    return EVP_DigestFinal_ex(md, s->hash, NULL) == 1;
}

/* An emptied shard and one that never was must look alike. */
static void drop_empty(struct fg_table *t, size_t at)
{
    if (!t->shards[at] || t->shards[at]->count) return;
    put_shard(t, t->shards[at]);
    t->shards[at] = NULL;
}

static bool hash_table(EVP_MD_CTX *md, struct fg_table *t)
{
    if (EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1) return false;
    for (size_t i = 0; i < SHARDS; i++) {
        const struct shard *s = t->shards[i];
        if (!s) continue;
        const uint8_t number[2] = {(uint8_t)(i >> 8), (uint8_t)(i & 255)};
        if (EVP_DigestUpdate(md, number, sizeof number) != 1) return false;
        if (EVP_DigestUpdate(md, s->hash, sizeof s->hash) != 1) return false;
    }
    return EVP_DigestFinal_ex(md, t->hash, NULL) == 1;
}

int fg_table_seal(struct fg_table *t)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md) return ENOMEM;
    bool ok = true;
    for (size_t i = 0; ok && i < SHARDS; i++) {
        if (!t->own[i]) continue;
        drop_empty(t, i);
        if (t->shards[i]) ok = hash_shard(md, t->shards[i]);
        if (ok) t->own[i] = false;
    }
    ok = ok && hash_table(md, t);
    EVP_MD_CTX_free(md);
    return ok ? 0 : ENOMEM;
}
