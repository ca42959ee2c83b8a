/* Commits that wait for a second administrator or for their time. A row keeps the whole change set,
 * so that neither a restart nor the author's draft can alter what is decided about. */
#ifndef FG_APPROVALS_H
#define FG_APPROVALS_H

#include "server/store/store.h"

enum fg_approval_state {
    FG_APPROVAL_WAITING,   /* for somebody else's word */
    FG_APPROVAL_SCHEDULED, /* for its time */
    FG_APPROVAL_COMMITTED,
    FG_APPROVAL_REJECTED, /* also: withdrawn */
    FG_APPROVAL_FAILED,   /* its time came and it could not be committed */
};
const char *fg_approval_state_name(enum fg_approval_state s);

enum {
    FG_APPROVALS_OPEN_MAX = 1000, /* that wait */
    FG_APPROVALS_KEPT = 1000,     /* that are decided: older ones are forgotten */
};

struct fg_approval {
    uint64_t id;
    enum fg_approval_state state;
    const char *author, *author_name; /* as in struct fg_revision */
    const char *author_role;          /* a role's name, in force when it was asked for */
    int64_t person;                   /* the author's account; 0: the local socket */
    const char *via, *address, *comment;
    int64_t created_ms;
    int64_t due_ms; /* 0: as soon as it is approved */
    int64_t confirm_within_s;
    bool from_draft;
    const char *changes; /* JSON: [{op, kind, key, base, body}] */
    const char *approved_by, *approved_by_name;
    int64_t approved_ms; /* 0: not */
    const char *closed_by, *closed_by_name, *closed_comment;
    int64_t closed_ms;
    uint64_t revision;   /* it became this one; 0 none */
    const char *outcome; /* JSON or NULL */
};

/* Returns 0 to go on; anything else stops and becomes the result of the call. */
typedef int fg_approval_fn(const struct fg_approval *a, void *arg);

/* Adds a row from the fields up to `changes`; forgets the oldest decided ones. ENOBUFS when
 * FG_APPROVALS_OPEN_MAX are open. */
int fg_approval_add(struct fg_store *s, const struct fg_approval *a, uint64_t *id);
/* Calls `fn` once, or ENOENT. */
int fg_approval_get(struct fg_store *s, uint64_t id, fg_approval_fn *fn, void *arg);
/* All, the newest first; `changes` is NULL there. */
int fg_approval_each(struct fg_store *s, fg_approval_fn *fn, void *arg);
/* The scheduled one whose time comes first; ENOENT when there is none. */
int fg_approval_next(struct fg_store *s, uint64_t *id, int64_t *due_ms);

/* Somebody approved it. ENOENT when it does not wait. */
int fg_approval_approve(struct fg_store *s, uint64_t id, const char *who, const char *name,
                        int64_t now_ms);
/* Ends it. With a revision, that revision gets its approver. ENOENT when it is not open. */
struct fg_approval_end {
    enum fg_approval_state state;
    const char *who, *name, *comment;
    int64_t at_ms;
    uint64_t revision;
    const char *outcome; /* JSON or NULL */
};
int fg_approval_close(struct fg_store *s, uint64_t id, const struct fg_approval_end *end);

/* How many wait for somebody or for their time, and a number that is another one after each
 * decision and each new row. */
int fg_approvals_state(struct fg_store *s, uint64_t *waiting, uint64_t *scheduled, uint64_t *mark);

/* May the author still ask for it: account and token are there and not disabled or revoked, and the
 * account's role is administrator or `role`? The local socket always may. 0, EACCES or errno. */
int fg_approval_author(struct fg_store *s, const char *author, int64_t person, const char *role);

#endif
