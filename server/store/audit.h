/* The audit: one row for each change and each sign-in. Every row carries an HMAC-SHA256 over its
 * content and the HMAC of the row before it, under a key in keys/audit.key; count and newest HMAC
 * also stand in keys/audit.head. A row that was changed, removed, inserted or cut off at the end is
 * found by fg_audit_verify. */
#ifndef FG_AUDIT_H
#define FG_AUDIT_H

#include "server/store/store.h"

struct fg_audit_entry {
    uint64_t seq;    /* given by the store, from 1 without gaps; not read by fg_audit_add */
    int64_t at_ms;   /* 0 for fg_audit_add: now */
    const char *who; /* "admin:3", "token:7", "local:1000", "system"; for a failed sign-in "" */
    const char *who_name;       /* as it was called then, or the name that was tried */
    const char *via;            /* "session:12", "token:7", "socket", "" */
    const char *address;        /* of the peer, or "" */
    const char *action;         /* "sign_in", "commit", "put", "delete", "token_create" … */
    const char *kind, *key;     /* what it was about, or "" */
    const char *before, *after; /* JSON or NULL; the caller leaves secrets out */
    const char *outcome;        /* "ok", "refused", "failed" */
    const char *detail;         /* a sentence or "" */
    uint64_t revision;          /* it belongs to this revision; 0 none */
};

/* Returns 0 to go on; anything else stops and becomes the result of the call. */
typedef int fg_audit_fn(const struct fg_audit_entry *e, void *arg);

/* Appends a row, in the transaction that is open or one of its own. NULL strings count as ""
 * (before and after stay NULL); `action` and `outcome` must not be empty (EINVAL). */
int fg_audit_add(struct fg_store *s, const struct fg_audit_entry *e);

/* Zero fields and NULL strings do not restrict. */
struct fg_audit_filter {
    uint64_t before_seq; /* only older ones: the key for paging */
    int64_t since_ms, until_ms;
    const char *who, *action, *kind, *key, *outcome; /* exact */
    const char *text; /* part of who_name, key or detail, ASCII letters in either case */
    uint64_t revision;
};
/* Newest first, at most `limit`. */
int fg_audit_each(struct fg_store *s, const struct fg_audit_filter *f, size_t limit,
                  fg_audit_fn *fn, void *arg);
int fg_audit_count(struct fg_store *s, const struct fg_audit_filter *f, uint64_t *count);

/* Oldest first, at most `limit` rows behind `seq`: for those that follow the audit. */
int fg_audit_follow(struct fg_store *s, uint64_t seq, size_t limit, fg_audit_fn *fn, void *arg);
/* Number of the newest row, 0 without any; and of the first one that belongs to a revision, ENOENT
 * without one. */
int fg_audit_newest(struct fg_store *s, uint64_t *seq);
int fg_audit_of_revision(struct fg_store *s, uint64_t revision, uint64_t *seq);

struct fg_audit_report {
    uint64_t rows;    /* checked and in order */
    uint64_t bad_seq; /* the first row that is wrong or missing; 0: all in order */
    char reason[200]; /* a sentence; "" when all is in order */
};
/* Reads everything. 0 when it could be checked, whatever the outcome; errno otherwise. */
int fg_audit_verify(struct fg_store *s, struct fg_audit_report *out);

#endif
