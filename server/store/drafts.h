/* Drafts: what an owner has staged and not committed. One row for each object touched. */
#ifndef FG_DRAFTS_H
#define FG_DRAFTS_H

#include "server/store/store.h"

enum fg_draft_op { FG_DRAFT_PUT, FG_DRAFT_PATCH, FG_DRAFT_DELETE };

struct fg_draft {
    const char *owner; /* "admin:3", "token:7", "local:1000" */
    const char *kind, *key;
    enum fg_draft_op op;
    uint64_t base_revision; /* `since` of the object it was made from; 0: there was none */
    const char *body;       /* JSON; NULL exactly for FG_DRAFT_DELETE */
    int64_t created_ms, updated_ms;
};

/* Returns 0 to go on; anything else stops and becomes the result of the call. */
typedef int fg_draft_fn(const struct fg_draft *d, void *arg);

const char *fg_draft_op_name(enum fg_draft_op op); /* "put", "patch", "delete" */

/* Adds or replaces the owner's row for (kind, key); what was there first keeps its created_ms.
 * `now_ms` is the time of the change (the fields created_ms and updated_ms are not read). ENOBUFS
 * past FG_DRAFT_MAX rows of one owner. */
enum { FG_DRAFT_MAX = 200000 };
int fg_draft_put(struct fg_store *s, const struct fg_draft *d, int64_t now_ms);
/* Calls `fn` once, or ENOENT. */
int fg_draft_get(struct fg_store *s, const char *owner, const char *kind, const char *key,
                 fg_draft_fn *fn, void *arg);
/* ENOENT when there was none. */
int fg_draft_delete(struct fg_store *s, const char *owner, const char *kind, const char *key);
int fg_draft_clear(struct fg_store *s, const char *owner);
/* All changes of one kind; 0 also when there was none. */
int fg_draft_clear_kind(struct fg_store *s, const char *owner, const char *kind);
/* Sorted by kind and key, after the given pair (NULL, NULL: from the first), `kind` NULL for all
 * kinds. */
int fg_draft_each(struct fg_store *s, const char *owner, const char *kind, const char *after_kind,
                  const char *after_key, size_t limit, fg_draft_fn *fn, void *arg);
/* The same, of the objects whose key contains `part`, in either case. */
int fg_draft_find(struct fg_store *s, const char *owner, const char *kind, const char *part,
                  const char *after_kind, const char *after_key, size_t limit, fg_draft_fn *fn,
                  void *arg);
/* How many fg_draft_find would find from the first. */
int fg_draft_find_count(struct fg_store *s, const char *owner, const char *kind, const char *part,
                        uint64_t *count);
/* Costs the same for any number. */
int fg_draft_count(struct fg_store *s, const char *owner, uint64_t *count);
/* The same by kind, sorted; kinds without changes are left out. */
typedef int fg_draft_total_fn(const char *kind, uint64_t changes, void *arg);
int fg_draft_totals(struct fg_store *s, const char *owner, fg_draft_total_fn *fn, void *arg);
/* A number that is another one after every change of the owner's draft; never less than before. */
int fg_draft_generation(struct fg_store *s, const char *owner, uint64_t *generation);
/* The changes whose object is another now than the one they were made from, sorted. */
int fg_draft_conflicts(struct fg_store *s, const char *owner, fg_draft_fn *fn, void *arg);

/* ---- everybody's (draft_owners.c) ---- */

struct fg_draft_owner {
    const char *owner;
    const char *name; /* the account's, also of a removed one as far as it is known */
    uint64_t changes;
    int64_t updated_ms; /* of the newest change */
    bool orphaned;      /* the account is removed; the token is removed, revoked or has expired */
};
typedef int fg_draft_owner_fn(const struct fg_draft_owner *o, void *arg);
/* By owner. */
int fg_draft_owners(struct fg_store *s, int64_t now_ms, fg_draft_owner_fn *fn, void *arg);
/* Of an administrator and of all the tokens. */
int fg_draft_count_of_admin(struct fg_store *s, int64_t id, uint64_t *count);
typedef int fg_draft_key_fn(const char *kind, const char *key, void *arg);
/* What both change. */
int fg_draft_clashes(struct fg_store *s, const char *from, const char *to, fg_draft_key_fn *fn,
                     void *arg);
/* Makes all changes of one those of another, with the revisions they are based on. ENOENT when
 * there are none, ENOBUFS past FG_DRAFT_MAX, EEXIST when both change an object; all or nothing. */
int fg_draft_move(struct fg_store *s, const char *from, const char *to);

#endif
