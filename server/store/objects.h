/* Configuration by revision: each object is one row for each span of revisions in which it did not
 * change, so a commit writes only what it touches, and any revision, or the difference of any two,
 * is a query.
 *
 * Revision 0 is the empty configuration before the first commit; the newest revision is the one in
 * force. */
#ifndef FG_OBJECTS_H
#define FG_OBJECTS_H

#include "server/store/audit.h"
#include "server/store/store.h"

enum { FG_CONTENT_HASH = 32, FG_BOOT_ID = 40, FG_PAGE_MAX = 1000000 };

/* A deadline until which a revision must be confirmed. Boot time with the boot's id, and wall time:
 * after a reboot the reader takes the earlier of the two readings it still has. */
struct fg_confirm {
    int64_t within_s; /* as asked for; 0: nothing to confirm */
    char boot_id[FG_BOOT_ID];
    int64_t boot_ms; /* on the boot clock, valid while boot_id is the present one */
    int64_t wall_ms;
};

struct fg_revision {
    uint64_t number;
    const char *author;      /* "admin:3", "token:7", "local:1000", "system" */
    const char *author_name; /* as it was called then */
    const char *via;         /* session, token label, socket; "" when unknown */
    const char *comment;
    int64_t created_ms;
    uint32_t added, changed, removed;
    uint8_t content_hash[FG_CONTENT_HASH];
    struct fg_confirm confirm;
    int64_t confirmed_ms; /* 0: not, or nothing to confirm */
    const char *confirmed_by;
    uint64_t reverted_by;    /* revision that took this one back; 0 none */
    uint64_t reverts;        /* revision that this one took back; 0 none */
    const char *approved_by; /* the approver's name then; "" when none was needed */
};

struct fg_object {
    const char *kind, *key;
    const char *body;
    uint64_t since; /* revision in which it took this form */
};

struct fg_object_change {
    const char *kind, *key;
    const char *before, *after;         /* NULL: absent */
    uint64_t before_since, after_since; /* 0 when absent */
};

/* A callback returns 0 to go on; anything else stops and becomes the result of the call. */
typedef int fg_object_fn(const struct fg_object *o, void *arg);
typedef int fg_object_change_fn(const struct fg_object_change *c, void *arg);
typedef int fg_revision_fn(const struct fg_revision *r, void *arg);

/* --- reading ------------------------------------------------------------------------------------
 */

/* The revision in force; 0 before the first commit. */
int fg_revision_current(struct fg_store *s, uint64_t *number);
/* Calls `fn` once. ENOENT when there is no such revision (0 included). */
int fg_revision_get(struct fg_store *s, uint64_t number, fg_revision_fn *fn, void *arg);
/* Newest first, starting below `before` (0: from the newest), at most `limit`. */
int fg_revision_each(struct fg_store *s, uint64_t before, size_t limit, fg_revision_fn *fn,
                     void *arg);
/* How many there are; with `part` those with it in the comment or the author's name, in either
 * case.
 */
int fg_revision_count(struct fg_store *s, const char *part, uint64_t *count);
/* The newest revision when it waits for confirmation (neither confirmed nor reverted); ENOENT
 * otherwise. */
int fg_revision_pending(struct fg_store *s, fg_revision_fn *fn, void *arg);

/* One object as of `revision`: `body` is malloc'ed, `since` may be NULL. ENOENT when it did not
 * exist then. */
int fg_object_get(struct fg_store *s, const char *kind, const char *key, uint64_t revision,
                  char **body, uint64_t *since);
/* Objects as of `revision`, sorted by kind and key, in bytes; `kind` NULL for all kinds; keys after
 * `after` (NULL: from the first; needs a kind); at most `limit`. */
int fg_object_each(struct fg_store *s, const char *kind, uint64_t revision, const char *after,
                   size_t limit, fg_object_fn *fn, void *arg);
/* Numbers of the revisions that added, changed or removed one object, the newest first: those
 * before `before` (0: all), at most `limit`, into `numbers`; `*n` of them, of `*total`. With `part`
 * (may be NULL) only those that fg_revision_count counts. */
int fg_object_revisions(struct fg_store *s, const char *kind, const char *key, const char *part,
                        uint64_t before, size_t limit, uint64_t *numbers, size_t *n,
                        uint64_t *total);
/* `kind` NULL counts all. */
int fg_object_count(struct fg_store *s, const char *kind, uint64_t revision, uint64_t *count);
/* What is different in `to` seen from `from` (in either order), sorted by kind and key, after the
 * given pair (NULL, NULL: from the first), at most `limit`. The changes of revision n are those
 * from n - 1 to n. */
int fg_object_diff(struct fg_store *s, uint64_t from, uint64_t to, const char *after_kind,
                   const char *after_key, size_t limit, fg_object_change_fn *fn, void *arg);

/* --- commit -------------------------------------------------------------------------------------
 */

struct fg_commit_change {
    const char *kind, *key;
    const char *body; /* the whole new body; NULL removes the object */
};

struct fg_commit {
    uint64_t base; /* the revision this was worked out on: ESTALE when another is in force */
    const struct fg_commit_change *changes;
    size_t n; /* each (kind, key) at most once */
    const char *author, *author_name, *via;
    const char *address; /* of the author, for the audit; may be NULL */
    const char *comment; /* may be NULL */
    int64_t at_ms;
    uint8_t content_hash[FG_CONTENT_HASH]; /* of the compiled snapshot */
    struct fg_confirm confirm;
    uint64_t reverts;        /* the revision that this one takes back, marked so; 0 none */
    const char *draft_owner; /* whose draft rows for these changes go away; NULL: nobody's */
};

/* One transaction: the revision base + 1, its objects, one audit row ("commit") and one for each
 * object that really changed ("put", "delete" with before and after), the draft rows. A body equal
 * to the present one and the removal of what is not there change nothing, but a commit of nothing
 * still makes a revision. After a crash at any moment there is the old revision or the new one,
 * never a part. */
int fg_store_commit(struct fg_store *s, const struct fg_commit *c, uint64_t *number);
/* Marks the newest revision as kept, with an audit row. ENOENT when it is not waiting for it. */
int fg_revision_confirm(struct fg_store *s, uint64_t number, const struct fg_audit_entry *by);

/* Does the audit, which its chain protects, tell of every object of every revision exactly what is
 * stored? 0, EBADMSG with fg_store_error naming the first object that differs, errno. Meant for
 * `fedgate check`: reads everything. */
int fg_store_check_history(struct fg_store *s);

#endif
