/* A persistent table of reference-counted entries, used by the snapshot for every kind of object.
 *
 * 1,024 shards by a hash of the key; a shard is an array of entries sorted by key. A copy shares
 * all shards; changing the copy replaces the one shard that is touched. Until fg_table_seal a table
 * belongs to one thread; afterwards it is immutable and any thread may read it. */
#ifndef FG_TABLE_H
#define FG_TABLE_H

#include "gateway/snapshot.h"

struct fg_table;

typedef void fg_entry_free_h(const struct fg_entry *e);

/* An empty table, not sealed; `free_entry` is called for an entry that nobody holds any more. */
struct fg_table *fg_table_new(fg_entry_free_h *free_entry);
/* An unsealed copy of a sealed table; NULL without memory. */
struct fg_table *fg_table_copy(const struct fg_table *t);
struct fg_table *fg_table_get(struct fg_table *t);
void fg_table_put(struct fg_table *t);

const struct fg_entry *fg_table_find(const struct fg_table *t, const char *key);
size_t fg_table_count(const struct fg_table *t);
const uint8_t *fg_table_hash(const struct fg_table *t); /* of a sealed table */
int fg_table_each(const struct fg_table *t, int (*each)(const struct fg_entry *e, void *arg),
                  void *arg);

/* Inserts or replaces, and takes over the caller's reference when it succeeds. 0 or ENOMEM. */
int fg_table_set(struct fg_table *t, struct fg_entry *e);
/* 0, ENOENT or ENOMEM. */
int fg_table_remove(struct fg_table *t, const char *key);
/* Computes the hashes of what changed and makes the table immutable. 0 or ENOMEM. */
int fg_table_seal(struct fg_table *t);

#endif
