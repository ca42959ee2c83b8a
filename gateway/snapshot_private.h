/* What the two halves of the snapshot share: snapshot.c reads, snapshot_build.c makes. */
#ifndef FG_SNAPSHOT_PRIVATE_H
#define FG_SNAPSHOT_PRIVATE_H

#include "gateway/snapshot.h"
#include "gateway/table.h"

/* The index over all domains of all partners is a table like the others, but no kind of object. */
enum { FG_TABLE_PARTNER_DOMAINS = FG_KINDS, FG_TABLES };

struct fg_partner_domain {
    struct fg_entry entry; /* key: the domain */
    const struct fg_partner *partner;
};

struct fg_snapshot {
    struct fg_ref ref;
    uint64_t revision;
    uint8_t hash[FG_HASH_LEN];
    struct fg_table *tables[FG_TABLES];
};

#endif
