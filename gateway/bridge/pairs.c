/* See pairs.h. */
#include "gateway/bridge/pairs.h"

#include "gateway/bridge/private.h"

#include <stdlib.h>
#include <string.h>

enum { PAIR_KEY_MAX = KEY_MAX + ADDRESS_MAX };

struct pair {
    struct fg_map_node node;
    struct fg_list recent;
    int64_t wrote_ms; /* last message of the inner user; -1: none */
    int64_t last_ms;
    char key[];
};

void fg_pairs_init(struct fg_pairs *p, size_t max)
{
    fg_map_init(&p->map);
    fg_list_init(&p->recent);
    p->max = max;
}

static void forget(struct fg_pairs *p, struct pair *pair)
{
    fg_map_remove(&p->map, &pair->node);
    fg_list_remove(&pair->recent);
    free(pair);
}

void fg_pairs_free(struct fg_pairs *p)
{
    while (!fg_list_empty(&p->recent)) forget(p, FG_CONTAINER(p->recent.next, struct pair, recent));
    fg_map_free(&p->map);
}

/* A space can stand in neither address. 0: too long. */
static size_t make_key(char key[PAIR_KEY_MAX], const char *inner, const char *outer)
{
    size_t a = strlen(inner), b = strlen(outer);
    if (a + b + 1 > PAIR_KEY_MAX) return 0;
    memcpy(key, inner, a);
    key[a] = ' ';
    memcpy(key + a + 1, outer, b);
    return a + b + 1;
}

static struct pair *find(const struct fg_pairs *p, const char *key, size_t len)
{
    struct fg_map_node *n = fg_map_find(&p->map, key, len);
    return n ? FG_CONTAINER(n, struct pair, node) : NULL;
}

static struct pair *add(struct fg_pairs *p, const char *key, size_t len)
{
    if (p->map.count >= p->max) forget(p, FG_CONTAINER(p->recent.next, struct pair, recent));
    struct pair *pair = malloc(sizeof *pair + len);
    if (!pair) return NULL;
    *pair = (struct pair){.wrote_ms = -1};
    memcpy(pair->key, key, len);
    if (fg_map_add(&p->map, &pair->node, pair->key, len)) {
        free(pair);
        return NULL;
    }
    fg_list_append(&p->recent, &pair->recent);
    return pair;
}

void fg_pairs_note(struct fg_pairs *p, const char *inner, const char *outer, bool inner_wrote,
                   int64_t now_ms)
{
    char key[PAIR_KEY_MAX];
    size_t len = make_key(key, inner, outer);
    struct pair *pair = len ? find(p, key, len) : NULL;
    if (!pair && len) pair = add(p, key, len);
    if (!pair) return;
    pair->last_ms = now_ms;
    if (inner_wrote) pair->wrote_ms = now_ms;
    fg_list_remove(&pair->recent);
    fg_list_append(&p->recent, &pair->recent);
}

struct fg_pair_facts fg_pairs_look(const struct fg_pairs *p, const char *inner, const char *outer,
                                   int64_t now_ms)
{
    char key[PAIR_KEY_MAX];
    size_t len = make_key(key, inner, outer);
    const struct pair *pair = len ? find(p, key, len) : NULL;
    struct fg_pair_facts facts = {0};
    if (!pair) return facts;
    facts.written = pair->wrote_ms >= 0 && now_ms - pair->wrote_ms < FG_PAIRS_WRITTEN_MS;
    facts.open = now_ms - pair->last_ms < FG_PAIRS_OPEN_MS;
    return facts;
}
