/* See slowdown.h.
 *
 * An entry is a level that falls by one in each FORGET_MS and a moment before which no attempt is
 * looked at. Accounts and addresses are entries of one table, told apart by the first byte of their
 * key; keys are hashed to a fixed size, so that long names cost nothing. */
#include "server/auth/slowdown.h"

#include "gateway/base/list.h"
#include "gateway/base/map.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY = SHA256_DIGEST_LENGTH, FIRST_WAIT_MS = 1000, LEVEL_MAX = 32, TEXT = 1100 };

struct entry {
    struct fg_map_node node;
    struct fg_list used; /* in fg_slowdown.used, the longest quiet first */
    uint8_t key[KEY];
    unsigned level;        /* failures that count now */
    int64_t since_ms;      /* from when the next one is forgiven */
    int64_t not_before_ms; /* no attempt is looked at earlier */
};

struct fg_slowdown {
    pthread_mutex_t lock;
    struct fg_map map;
    struct fg_list used;
};

int fg_slowdown_new(struct fg_slowdown **out)
{
    struct fg_slowdown *s = calloc(1, sizeof *s);
    if (!s) return ENOMEM;
    pthread_mutex_init(&s->lock, NULL);
    fg_map_init(&s->map);
    fg_list_init(&s->used);
    *out = s;
    return 0;
}

static void drop(struct fg_slowdown *s, struct entry *e)
{
    fg_map_remove(&s->map, &e->node);
    fg_list_remove(&e->used);
    free(e);
}

void fg_slowdown_free(struct fg_slowdown *s)
{
    if (!s) return;
    FG_LIST_EACH(&s->used, n, tmp) drop(s, FG_CONTAINER(n, struct entry, used));
    fg_map_free(&s->map);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* --- keys
 * --------------------------------------------------------------------------------------------- */

/* Names differ without regard to ASCII case in the store, so they do here. */
static void name_key(uint8_t key[KEY], const char *name)
{
    char text[TEXT];
    size_t n = 0;
    text[n++] = 'n';
    for (; *name && n < sizeof text; name++)
        text[n++] = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;
    SHA256((const uint8_t *)text, n, key);
}

/* The address without brackets, port and zone. */
static void bare(char out[INET6_ADDRSTRLEN], const char *address)
{
    size_t skip = address[0] == '[';
    size_t len = strcspn(address + skip, skip ? "]%" : "%");
    const char *colon = strchr(address, ':');
    if (!skip && colon && !strchr(colon + 1, ':')) len = (size_t)(colon - address);
    snprintf(out, INET6_ADDRSTRLEN, "%.*s",
             (int)(len < INET6_ADDRSTRLEN ? len : INET6_ADDRSTRLEN - 1), address + skip);
}

static void address_key(uint8_t key[KEY], const char *address)
{
    char text[INET6_ADDRSTRLEN];
    uint8_t raw[1 + sizeof(struct in6_addr)] = {0};
    struct in6_addr six;
    bare(text, address);
    if (inet_pton(AF_INET, text, raw + 1) == 1) {
        raw[0] = '4';
        SHA256(raw, 5, key);
    } else if (inet_pton(AF_INET6, text, &six) == 1) {
        bool mapped = IN6_IS_ADDR_V4MAPPED(&six);
        raw[0] = mapped ? '4' : '6';
        memcpy(raw + 1, six.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 8);
        SHA256(raw, mapped ? 5 : 9, key);
    } else {
        char other[TEXT];
        int n = snprintf(other, sizeof other, "a%.1000s", address);
        SHA256((const uint8_t *)other, (size_t)n, key);
    }
}

/* --- entries
 * ------------------------------------------------------------------------------------------ */

static struct entry *find(struct fg_slowdown *s, const uint8_t key[KEY])
{
    struct fg_map_node *n = fg_map_find(&s->map, key, KEY);
    return n ? FG_CONTAINER(n, struct entry, node) : NULL;
}

/* NULL without memory: then nothing is slowed, which is better than nobody getting in. */
static struct entry *find_or_make(struct fg_slowdown *s, const uint8_t key[KEY], int64_t now_ms)
{
    struct entry *e = find(s, key);
    if (e) {
        fg_list_remove(&e->used);
        fg_list_append(&s->used, &e->used);
        return e;
    }
    if (s->map.count >= FG_SLOWDOWN_ENTRIES)
        drop(s, FG_CONTAINER(s->used.next, struct entry, used));
    e = calloc(1, sizeof *e);
    if (!e) return NULL;
    memcpy(e->key, key, KEY);
    e->since_ms = now_ms;
    e->not_before_ms = now_ms;
    if (fg_map_add(&s->map, &e->node, e->key, KEY)) {
        free(e);
        return NULL;
    }
    fg_list_append(&s->used, &e->used);
    return e;
}

static void forgive(struct entry *e, int64_t now_ms)
{
    while (e->level && now_ms - e->since_ms >= FG_SLOWDOWN_FORGET_MS) {
        e->level--;
        e->since_ms += FG_SLOWDOWN_FORGET_MS;
    }
    if (!e->level) e->since_ms = now_ms;
}

static int64_t wait_of(const struct entry *e, int64_t now_ms)
{
    return e && e->not_before_ms > now_ms ? e->not_before_ms - now_ms : 0;
}

static void count_failure(struct entry *e, int64_t now_ms)
{
    if (!e) return;
    forgive(e, now_ms);
    if (e->level < LEVEL_MAX) e->level++;
    if (e->level <= FG_SLOWDOWN_FREE) return;
    unsigned doublings = e->level - FG_SLOWDOWN_FREE - 1;
    int64_t wait = doublings < 16 ? (int64_t)FIRST_WAIT_MS << doublings : FG_SLOWDOWN_MAX_MS;
    e->not_before_ms = now_ms + (wait < FG_SLOWDOWN_MAX_MS ? wait : FG_SLOWDOWN_MAX_MS);
}

int64_t fg_slowdown_attempt(struct fg_slowdown *s, const char *name, const char *address,
                            int64_t now_ms)
{
    uint8_t by_name[KEY], by_address[KEY];
    name_key(by_name, name);
    address_key(by_address, address);
    pthread_mutex_lock(&s->lock);
    int64_t one = wait_of(find(s, by_name), now_ms), other = wait_of(find(s, by_address), now_ms);
    int64_t wait = one > other ? one : other;
    if (wait == 0) {
        count_failure(find_or_make(s, by_name, now_ms), now_ms);
        count_failure(find_or_make(s, by_address, now_ms), now_ms);
    }
    pthread_mutex_unlock(&s->lock);
    return wait;
}

static void take_back(struct entry *e, int64_t now_ms)
{
    if (e && e->level) e->level--;
    if (e && e->level <= FG_SLOWDOWN_FREE) e->not_before_ms = now_ms;
}

void fg_slowdown_success(struct fg_slowdown *s, const char *name, const char *address,
                         int64_t now_ms)
{
    uint8_t by_name[KEY], by_address[KEY];
    name_key(by_name, name);
    address_key(by_address, address);
    pthread_mutex_lock(&s->lock);
    struct entry *e = find(s, by_name);
    if (e) drop(s, e);
    take_back(find(s, by_address), now_ms);
    pthread_mutex_unlock(&s->lock);
}

void fg_slowdown_halfway(struct fg_slowdown *s, const char *address, int64_t now_ms)
{
    uint8_t by_address[KEY];
    address_key(by_address, address);
    pthread_mutex_lock(&s->lock);
    take_back(find(s, by_address), now_ms);
    pthread_mutex_unlock(&s->lock);
}
