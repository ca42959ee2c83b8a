/* The configuration thread: owner of the writing connection to the store, of every commit and of
 * the start. Everything that writes fedgate.db runs on its executor, one job at a time.
 *
 *   commit = merge + validate → compile → prepare → one transaction → activate
 *            (a refusal before the transaction leaves nothing behind; activate cannot fail)
 *
 * What runs is told to readers by a published snapshot and a small state record; both may be read
 * from any thread without waiting for a commit. */
#ifndef FG_SERVER_CONFIG_H
#define FG_SERVER_CONFIG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/problem.h"
#include "gateway/engine.h"
#include "gateway/snapshot.h"

struct fg_config;
struct fg_executor;
struct fg_http;
struct fg_log;
struct fg_store;

struct fg_config_params {
    struct fg_store
        *store;         /* the writer; stays the caller's, used only by the configuration thread */
    struct fg_log *log; /* may be NULL */
};
/* Makes the object and its thread; nothing is read yet. 0, EINVAL or ENOMEM. */
int fg_config_new(struct fg_config **out, const struct fg_config_params *p);
/* Ends the thread after the jobs that wait, then frees. The engine must outlive it. */
void fg_config_free(struct fg_config *c);

/* For fg_engine_params.credential, with the configuration as argument. Reads the certificate and
 * its key from the store. 0, ENOENT (none of that id, or it has no key), or errno. */
int fg_config_credential(void *config, const char *certificate_id, struct fg_credential_pem *out);

/* Start: settles a lapsed confirmation, compiles the active revision, prepares what can be prepared
 * and activates it. Faults of the engine make the state degraded and are tried again every 10 s.
 * Call once, before the HTTP server listens; waits until it is done. `engine` may be NULL (a
 * program that only looks at the configuration). 0; EINVAL when the stored configuration cannot be
 * compiled (`why`, FG_CONFIG_WHY bytes, says what); or errno. */
enum { FG_CONFIG_WHY = 256 };
int fg_config_start(struct fg_config *c, struct fg_engine *engine, char why[FG_CONFIG_WHY]);

/* Runs `run(arg)` on the configuration thread about once a minute; one only, NULL for none. */
void fg_config_every_minute(struct fg_config *c, void (*run)(void *arg), void *arg);

/* From now on commits also serve the panel: the certificate assigned to `panel`, or the given one
 * when none is assigned, is used for the next handshake. Call after the HTTP server listens, and
 * with NULL before it is freed; waits for its turn. */
int fg_config_serve_panel(struct fg_config *c, struct fg_http *http, const char *chain_pem,
                          const char *key_pem);

/* The thread, as an executor for jobs that write the store. */
struct fg_executor *fg_config_executor(struct fg_config *c);
/* The store's writer; only on the configuration thread. */
struct fg_store *fg_config_store(struct fg_config *c);
/* Compiled configuration of the active revision, with a reference for the caller; never NULL after
 * fg_config_start. Any thread. */
struct fg_snapshot *fg_config_snapshot(struct fg_config *c);

/* ---- state, any thread ---- */

struct fg_config_state {
    bool degraded, stopped;
    uint64_t revision;           /* active in the store */
    uint64_t pending_revision;   /* waits for confirmation; 0: none */
    int64_t pending_deadline_ms; /* wall clock */
    struct fg_problems problems; /* a copy; free with fg_config_state_free */
    struct fg_problems warnings; /* of the last prepare */
};
void fg_config_state(struct fg_config *c, struct fg_config_state *out);
void fg_config_state_free(struct fg_config_state *s);

/* ---- changes; everything below runs on the configuration thread ---- */

/* Whoever makes, keeps, takes back or approves changes may be limited to sites and partners
 * (server/auth/scope.h). What is outside is a problem of the code outside_scope, and nothing
 * happens; no caller has to ask. */

/* Who does it, for the revision and the audit. Strings are the caller's during the call. */
struct fg_actor {
    const char *owner;   /* of the draft: "admin:3", "token:7", "local:0" */
    const char *name;    /* shown: "alice", "local:0", "alice (token ci)" */
    const char *via;     /* "session:12", "token:7", "socket"; "" for the system */
    const char *address; /* "192.0.2.1" or "local"; "" for the system */
    int64_t admin_id;    /* the person behind it, for the four-eyes rule; 0: the local socket */
};

/* The limit of an owner ("admin:3", "token:7"; none for others), to ask before: for a dry run.
 * `st` may be a reader; any thread. 0 or errno. */
struct fg_limit;
int fg_limit_new(struct fg_limit **out, struct fg_store *st, const char *owner);
void fg_limit_free(struct fg_limit *l);
/* May it change the object from `before` to `after` (NULL: not there)? False with a problem of the
 * code outside_scope at `pointer`. */
bool fg_limit_allows(const struct fg_limit *l, enum fg_kind kind, const char *key,
                     const json_t *before, const json_t *after, const char *pointer,
                     struct fg_problems *problems);

enum fg_change_op { FG_CHANGE_PUT, FG_CHANGE_PATCH, FG_CHANGE_DELETE };
const char *fg_change_op_name(enum fg_change_op op);

struct fg_change {
    enum fg_change_op op;
    enum fg_kind kind;
    const char *key;     /* as it came; prepared by the commit */
    const json_t *value; /* put, patch; borrowed */
};

/* The object as it is at the active revision, or its default when permanent; NULL when there is
 * none
 * (*err 0) or on failure (*err errno). `revision` (may be NULL) gets the revision that last changed
 * it; 0 for a default. `st` may be any connection to the store. */
json_t *fg_config_object(struct fg_store *st, enum fg_kind kind, const char *key,
                         uint64_t *revision, int *err);

struct fg_stage_result {
    json_t *body;                 /* what the object would be; NULL after a delete */
    bool created;                 /* was not there in the caller's view */
    struct fg_snapshot *snapshot; /* the draft as it is now, for printing; may be NULL */
};
/* Puts one change into the actor's draft: validates the object by its own table and refuses a
 * domain that is another's or ours, in the running configuration or in the draft. References may be
 * missing. A change that leads back to what runs takes the object out of the draft. `key` is
 * prepared. 0; EINVAL with `problems`; ENOENT (delete of what is not there); or errno. Free with
 * fg_stage_result_free. */
int fg_config_stage(struct fg_config *c, const struct fg_actor *who, enum fg_change_op op,
                    enum fg_kind kind, const char *key, const json_t *value,
                    struct fg_stage_result *out, struct fg_problems *problems);
void fg_stage_result_free(struct fg_stage_result *r);

/* A large draft, or many changes for one, worked out on any other thread with a reader of its own,
 * so that the configuration thread is not kept from others meanwhile. It takes what is ready if
 * neither the draft nor what runs has changed since, else it does without. `*out` NULL: there is
 * little to gain. Free it where nobody waits, after the call that it was given to; NULL is fine. */
struct fg_ready;
struct fg_bulk;
void fg_ready_draft(struct fg_config *c, struct fg_store *st, const char *owner,
                    struct fg_ready **out);
void fg_ready_bulk(struct fg_config *c, struct fg_store *st, const struct fg_bulk *in,
                   struct fg_ready **out);
void fg_ready_free(struct fg_ready *r);
/* Asks for each change of a draft that is ready, on the configuration thread: 0 when all are
 * permitted, EPERM, or ESTALE: nothing is ready, or not any more. */
int fg_ready_permits(struct fg_config *c, const struct fg_ready *r, const char *owner,
                     bool (*permit)(void *arg, enum fg_kind kind, enum fg_change_op op), void *arg);

/* Many changes into the actor's draft, in one transaction: all of them or none. */
struct fg_bulk {
    struct fg_actor who;
    const char *action; /* for the audit: one row for all */
    const char *detail;
    const struct fg_change *changes; /* an object at most once */
    size_t n;
    bool dry_run;     /* checks everything and stages nothing */
    unsigned replace; /* bits 1 << kind: of these kinds, what `changes` does not name is deleted */
    unsigned
        only_new; /* bits 1 << kind: of these kinds, what the actor sees already stays as it is */
    struct fg_ready *ready; /* of these changes, or NULL */
};
struct fg_bulk_result {
    size_t staged, unchanged; /* unchanged: is that way already, and is not in the draft */
    size_t same;              /* patches and deletions that leave what the actor sees as it is */
    json_t *impact; /* dry runs that touch partners: what committing the draft with these changes
                       would do to those partners (see impact.c); else NULL. The caller's */
};
/* Validates as fg_config_stage does. Pointers of problems begin with "/kind/key". 0; EINVAL with
 * problems; or errno, nothing staged. */
int fg_config_stage_all(struct fg_config *c, const struct fg_bulk *in, struct fg_bulk_result *out,
                        struct fg_problems *problems);

/* Many whole bodies of one kind, made by fg_model_parse elsewhere, into the actor's draft in one
 * transaction: all of them or none. What is that way already leaves the draft. Each says what it
 * was made from: what somebody else has committed since shows as a conflict, and what the actor has
 * staged since stops them. */
struct fg_bodies {
    struct fg_actor who;
    const char *action, *detail; /* for the audit: one row for all */
    enum fg_kind kind;
    const struct fg_body {
        char *key, *text;   /* prepared; canonical */
        uint64_t base;      /* revision since which the object ran, or the draft's base; 0: none */
        bool drafted;       /* the draft had a change of it, */
        const char *staged; /* to this; NULL: deleted. Borrowed */
    } * list;               /* an object at most once */
    size_t n;
    bool (*goes_on)(void *arg, size_t done); /* asked now and then; false undoes everything */
    void *arg;
};
/* 0, ECANCELED, ENOBUFS (the draft is full), EPERM (outside of the actor's scope), ESTALE (the
 * draft has changed), or errno: nothing staged. */
int fg_config_stage_bodies(struct fg_config *c, const struct fg_bodies *in,
                           struct fg_bulk_result *out);

struct fg_selection {
    enum fg_kind kind;
    const char *key;
};

struct fg_commit_order {
    struct fg_actor who;
    const char *comment;
    uint32_t confirm_within_s;       /* 0: no confirmation */
    bool dry_run;                    /* everything up to and with prepare; stores nothing */
    bool from_draft;                 /* the actor's draft instead of `changes` */
    const struct fg_selection *only; /* of the draft; n_only 0 = all */
    size_t n_only;
    bool include_dependencies; /* what the selection needs of the draft comes along */
    struct fg_ready *ready;    /* of the whole draft, or NULL */
    const struct fg_change *changes;
    size_t n_changes;
    bool has_base; /* base_revision was given: objects changed since are conflicts */
    uint64_t base_revision;
    const char *role; /* of the actor, by name: what waits is only done while it still holds */
    int64_t at_ms;    /* wall clock: not before; 0: now */
    /* Set by the approvals: the row this is, who approved it (NULL: its time has come), and the
     * approver's words. */
    uint64_t approval;
    const struct fg_actor *approver;
    const char *decision;
};

enum fg_commit_outcome {
    FG_COMMIT_DONE,            /* 201 */
    FG_COMMIT_NOTHING,         /* 200: nothing changes; or a dry run that would succeed */
    FG_COMMIT_INVALID,         /* 422, problems */
    FG_COMMIT_CONFLICT,        /* 409, conflicts */
    FG_COMMIT_PENDING_CONFIRM, /* 409 confirm_pending */
    FG_COMMIT_NOT_APPLIED,     /* 503 {stored: true, applied: false} */
    FG_COMMIT_NOT_FOUND,       /* 404: no such revision */
    FG_COMMIT_NOT_PENDING,     /* 409: that revision does not wait for confirmation */
    FG_COMMIT_FAILED,          /* 503, nothing stored: `err` */
    FG_COMMIT_WAITING,         /* 202: for approval or its time, as `approval` */
    FG_COMMIT_OWN,             /* 403: the author cannot approve */
    FG_COMMIT_DECIDED,         /* 409: it does not wait any more */
};

struct fg_commit_result {
    enum fg_commit_outcome outcome;
    uint64_t revision;
    int64_t applied_at_ms;
    json_t *impact;    /* {stay, renegotiate, close, partners …}: see impact.c */
    json_t *changes;   /* [{op, kind, key, base_revision, before, after}] as in GET /draft; dry runs
                          of `changes` only */
    json_t *conflicts; /* [{kind, key, base, mine, theirs}] */
    json_t *requires;  /* [{kind, key}]: what the selection lacks; or what came along with it */
    struct fg_problems problems, warnings;
    uint64_t approval;
    int err;
};
/* Does it; with the four-eyes rule on in the running configuration, or with `at_ms`, checks it and
 * lets it wait. The result is always filled; free with fg_commit_result_free. */
void fg_config_commit(struct fg_config *c, const struct fg_commit_order *in,
                      struct fg_commit_result *out);
void fg_commit_result_free(struct fg_commit_result *r);

/* Keeps or takes back the newest commit while it waits for confirmation. Taking back commits the
 * content before it as a new revision. */
void fg_config_confirm(struct fg_config *c, const struct fg_actor *who, uint64_t revision,
                       struct fg_commit_result *out);
void fg_config_revert(struct fg_config *c, const struct fg_actor *who, uint64_t revision,
                      struct fg_commit_result *out);

/* A commit that waits (server/store/approvals.h). approve: by another person than the author; it is
 * checked again and committed under its author's name, or waits for its time. reject: turns it
 * down, or takes it back; what came from a draft returns there. The role is the caller's to check.
 */
void fg_config_approve(struct fg_config *c, const struct fg_actor *who, uint64_t id,
                       const char *comment, struct fg_commit_result *out);
void fg_config_reject(struct fg_config *c, const struct fg_actor *who, uint64_t id,
                      const char *comment, struct fg_commit_result *out);
/* Its changes as in GET /draft, and its conflicts with what runs now; from the column `changes`,
 * parsed. `st` may be a reader: then any thread. 0 or errno. */
int fg_config_approval_changes(struct fg_config *c, struct fg_store *st, const json_t *stored,
                               json_t **changes, json_t **conflicts);

/* Forgets the actor's draft (kind FG_KINDS), what it holds of one kind (`key` NULL), or one object
 * of it (`key` prepared). 0, ENOENT,
 * errno. */
int fg_config_unstage(struct fg_config *c, const struct fg_actor *who, enum fg_kind kind,
                      const char *key);

/* Puts a dialback secret (FG_DIALBACK_MIN to _MAX printable characters) into use, NULL for one that
 * is made; keys made with the one before are accepted for so many seconds more, 0: not at all. The
 * engine uses it at once. `*until_ms`: wall clock, 0 without overlap. Audited, never shown. 0;
 * EBUSY: a former one still counts, until `*until_ms`, and only one is kept: refused unless
 * `overlap_s` is 0; EINPROGRESS: it is kept, and the engine, which is too busy, is told again in a
 * moment; errno: then the former one goes on being used. */
int fg_config_dialback(struct fg_config *c, const struct fg_actor *who, const char *secret,
                       uint32_t overlap_s, int64_t *until_ms);

/* Makes somebody else's draft part of the actor's own, or drops it, with an audit row. The role is
 * the caller's to check. 0; ENOENT when there is none; EEXIST when both change an object; ENOBUFS;
 * EINVAL with problems: some of it is outside of the actor's scope; errno. */
int fg_config_take_draft(struct fg_config *c, const struct fg_actor *who, const char *owner,
                         struct fg_problems *problems);
int fg_config_drop_draft(struct fg_config *c, const struct fg_actor *who, const char *owner);

/* Compiles the running configuration with the actor's draft laid over it. `*out` is set also when
 * there are problems (EINVAL). 0, EINVAL, ENOMEM. `st` may be a reader: then any thread. */
int fg_config_draft_snapshot(struct fg_config *c, struct fg_store *st, const char *owner,
                             struct fg_snapshot **out, struct fg_problems *problems,
                             struct fg_problems *warnings);

/* Compiles what is stored at the active revision and keeps nothing. `st` may be a reader; any
 * thread. 0; EINVAL with problems; errno. */
int fg_config_verify(struct fg_store *st, uint64_t *revision, struct fg_problems *problems,
                     struct fg_problems *warnings);

/* Which part of a draft: `limit` changes behind (after_kind, after_key); NULL, NULL: from the
 * first; `kind` NULL: of all kinds. */
struct fg_draft_page {
    const char *kind, *after_kind, *after_key;
    const char *q; /* part of the key, NULL for all */
    size_t limit;
};
/* A draft as people read it. `st` may be a reader: then any thread. 0 or errno; free it. */
struct fg_draft_view {
    json_t *changes;   /* [{op, kind, key, base_revision, before, after}] of the page, sorted */
    json_t *conflicts; /* [{kind, key, base, mine, theirs}] of the whole draft */
    json_t *by_kind;   /* {kind: how many changes} */
    uint64_t total;    /* changes of the whole draft */
    uint64_t fitting;  /* those that the page's kind and search take, on all pages */
    struct fg_problems problems, warnings; /* pointers "/kind/key/field" */
};
int fg_config_draft_view(struct fg_config *c, struct fg_store *st, const char *owner,
                         const struct fg_draft_page *page, struct fg_draft_view *out);
void fg_draft_view_free(struct fg_draft_view *v);

/* [{op, kind, key, base_revision, before, after}] that leads from one revision to another. `st` may
 * be a reader. NULL with *err. */
json_t *fg_config_difference(struct fg_config *c, struct fg_store *st, uint64_t from, uint64_t to,
                             int *err);
/* Stages the way back to the content of revision `to` in the actor's draft, in place of what is in
 * it for these objects. `permit` (may be NULL) is asked for each change first; EPERM when it
 * refuses one; EINVAL with problems when the actor's scope does. */
int fg_config_restore(struct fg_config *c, const struct fg_actor *who, uint64_t to,
                      bool (*permit)(void *arg, enum fg_kind kind, enum fg_change_op op), void *arg,
                      struct fg_problems *problems);

/* Writes an audit row for something outside a commit (sign-in, accounts, drafts, certificates).
 * Failure is logged. */
struct fg_audit_note {
    const char *action; /* "sign_in", "draft.put", "admin.add" … */
    const char *kind, *key;
    const char *before, *after; /* JSON text without secrets, or NULL */
    const char *outcome;        /* "ok", "refused", "failed" */
    const char *detail;
};
void fg_config_audit(struct fg_config *c, const struct fg_actor *who,
                     const struct fg_audit_note *n);

#endif
