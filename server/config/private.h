/* What the files of this folder share. Everything runs on the configuration thread unless it says
 * otherwise. */
#ifndef FG_SERVER_CONFIG_PRIVATE_H
#define FG_SERVER_CONFIG_PRIVATE_H

#include <pthread.h>

#include "gateway/base/clock.h"
#include "gateway/base/list.h"
#include "gateway/base/map.h"
#include "server/config/config.h"
#include "server/config/watch.h"
#include "server/executor.h"
#include "server/log.h"
#include "server/model/compile.h"
#include "server/model/model.h"
#include "server/store/approvals.h"
#include "server/store/audit.h"
#include "server/store/certificates.h"
#include "server/store/drafts.h"
#include "server/store/objects.h"
#include "server/store/store.h"

enum {
    FG_RETRY_MS = 10000, /* between attempts while degraded */
    FG_LOOK_MS = 1000,   /* between looks at the partners that a pending commit must not lose */
    FG_ACTIVATE_TIMEOUT_MS = 10000,
    FG_COMMIT_CHANGES_MAX = 200000,
    FG_STAGED_KEPT = 4, /* people who change something at the same time */
};

struct fg_config {
    struct fg_config_params p;
    struct fg_executor *executor;
    struct fg_engine
        *engine; /* set once at start, under the lock; the configuration thread reads it freely */
    pthread_t ticker;
    bool ticker_runs;

    pthread_mutex_t lock; /* guards what follows, up to the blank line */
    pthread_cond_t wake;
    bool stopping;
    bool tick_posted;
    struct fg_snapshot *snapshot;
    bool degraded;
    uint64_t revision;
    uint64_t pending_revision;
    struct fg_confirm pending; /* its deadline */
    struct fg_watch watch;     /* partners it must not lose; its list is written with the lock */
    int64_t look_at_ms;        /* monotonic: next look at them */
    int64_t dialback_until_ms; /* wall clock: the former dialback secret counts; 0: none */
    int64_t dialback_retry_ms; /* monotonic: the engine is told again; 0: it knows */
    int64_t revert_at_ms;      /* monotonic; not before, after taking back has failed */
    int64_t schedule_at_ms;    /* wall clock: the next scheduled commit; 0: none */
    int64_t schedule_retry_ms; /* monotonic; not before, after one could not be tried */
    struct fg_problems problems, warnings;
    int64_t retry_at_ms, minute_at_ms; /* monotonic; retry_at_ms 0: not due */
    void (*minute)(void *arg);
    void *minute_arg;

    struct fg_draft_cache *drafts; /* review.c */
    struct fg_http *http;
    char *panel_chain, *panel_key; /* what the panel shows when nothing is assigned */
    struct fg_staged {             /* drafts compiled last: staging one by one stays cheap */
        char *owner;               /* NULL: free */
        uint64_t revision, used;
        struct fg_snapshot *snapshot;
    } staged[FG_STAGED_KEPT];
    uint64_t staged_used;
};

/* ---- review.c ---- */

int fg_draft_cache_new(struct fg_draft_cache **out);
void fg_draft_cache_free(struct fg_draft_cache *cache); /* NULL does nothing */
/* The owner's draft compiled as it stands in a transaction that may still be undone: nothing is
 * taken from what is kept, and nothing is kept of it. 0, EINVAL with problems, errno. */
int fg_draft_try(struct fg_config *c, const char *owner, struct fg_snapshot **out,
                 struct fg_problems *problems);

/* ---- changeset.c: a set of objects that change, each once ---- */

struct fg_item {
    struct fg_map_node node; /* keyed by `name` */
    char *name;              /* "partners/fabrikam.com" */
    enum fg_kind kind;
    const char *key; /* inside name */
    enum fg_change_op op;
    json_t *before; /* as stored at the active revision; NULL: no row */
    json_t *after;  /* NULL: no row */
    char *text;     /* of `after`, canonical; NULL: not printed yet. ready.c */
    uint64_t since; /* of `before`; 0 */
    uint64_t base;  /* revision the change was made from */
    bool conflict;
    bool same;       /* bulk changes only: nothing is different from what the actor saw */
    bool in, needed; /* requires.c: selected or needed; needed */
};

struct fg_changeset {
    struct fg_map map;
    struct fg_item **items; /* in the order they came */
    size_t n, room;
};

void fg_changeset_init(struct fg_changeset *s);
void fg_changeset_free(struct fg_changeset *s);
struct fg_item *fg_changeset_find(const struct fg_changeset *s, enum fg_kind kind, const char *key);
/* The item for an object, made from what is stored when it is new. 0 or errno. */
int fg_changeset_touch(struct fg_changeset *s, struct fg_store *st, enum fg_kind kind,
                       const char *key, struct fg_item **out);
/* Adds the owner's draft, or the selected part; what was selected and is not there is a problem. */
int fg_changeset_draft(struct fg_changeset *s, struct fg_store *st, const char *owner,
                       const struct fg_selection *only, size_t n_only,
                       struct fg_problems *problems);
/* Rows of a draft, copied (`arg` of fg_changeset_keep is the rows), and what they make of what is
 * stored. */
struct fg_draft_rows;
int fg_draft_rows_new(struct fg_draft_rows **out);
void fg_draft_rows_free(struct fg_draft_rows *r); /* NULL does nothing */
int fg_changeset_keep(struct fg_draft_rows *r, const struct fg_draft *d);
int fg_changeset_rows(struct fg_changeset *s, struct fg_store *st, const struct fg_draft_rows *r);
/* Merges changes as they came in a request, with pointers below "/changes". */
int fg_changeset_merge(struct fg_changeset *s, struct fg_store *st, const struct fg_change *changes,
                       size_t n, struct fg_problems *problems);
/* Adds what leads from revision `from` to `to`. */
int fg_changeset_diff(struct fg_changeset *s, struct fg_store *st, uint64_t from, uint64_t to);
/* Does the item lead to what is stored already? */
bool fg_item_idle(const struct fg_item *it);
/* Drops what would change nothing. */
void fg_changeset_drop_idle(struct fg_changeset *s);
/* Marks items whose object is another than the one they were made from; how many. */
size_t fg_changeset_conflicts(struct fg_changeset *s);
/* Marks items whose object was made, changed or removed after revision `base`; `*n`: how many. */
int fg_changeset_conflicts_since(struct fg_changeset *s, struct fg_store *st, uint64_t base,
                                 size_t *n);
/* Compiles base + items. As fg_compile. */
int fg_changeset_compile(const struct fg_changeset *s, struct fg_store *st,
                         const struct fg_snapshot *base, uint64_t revision,
                         struct fg_snapshot **out, struct fg_problems *problems,
                         struct fg_problems *warnings);
/* [{op, kind, key, base_revision, before, after}], printed with the snapshots. */
json_t *fg_changeset_json(const struct fg_changeset *s, const struct fg_snapshot *before,
                          const struct fg_snapshot *after);
json_t *fg_changeset_conflicts_json(const struct fg_changeset *s, struct fg_store *st,
                                    const struct fg_snapshot *snapshot);

/* The body in force: itself, or the default of a permanent object, or NULL. New reference. */
json_t *fg_effective_body(enum fg_kind kind, const char *key, json_t *body);
json_t *fg_body_parse(const char *text);
/* The revision in force; 0 on failure, with *err. */
uint64_t fg_config_current(struct fg_store *st, int *err);

/* ---- scope.c ---- */

/* May `owner` make these changes (struct fg_actor.owner)? 0; EINVAL with a problem of the code
 * outside_scope for each that is none of its business, at `at` or (NULL) at "/kind/key"; errno. */
int fg_scope_check(struct fg_store *st, const char *owner, const struct fg_changeset *set,
                   const char *at, struct fg_problems *problems);

/* Is there any limit? */
bool fg_limit_any(const struct fg_limit *l);
/* The same for one object and its bodies as stored (NULL: not there). */
bool fg_limit_allows_text(const struct fg_limit *l, enum fg_kind kind, const char *key,
                          const char *before, const char *after);

/* ---- bulk.c ---- */

/* What a bulk change makes of the actor's draft, as a set. 0 or errno; faults are problems. */
int fg_bulk_merge(struct fg_store *st, const struct fg_bulk *in, struct fg_changeset *set,
                  struct fg_problems *problems);

/* "/partners/fabrikam.com"; "/settings" for the only one of its kind. */
void fg_config_point(char *out, size_t size, enum fg_kind kind, const char *key);

/* ---- load.c ---- */

/* Compiles everything stored at a revision. `*out` is set also with problems. 0, EINVAL, errno. */
int fg_config_load(struct fg_store *st, uint64_t at, uint64_t revision, struct fg_snapshot **out,
                   struct fg_problems *problems, struct fg_problems *warnings);
/* ---- fit.c ---- */

/* fg_compile_checks.certificate; `store` is any connection to the store. */
void fg_config_fit(const struct fg_snapshot *s, const char *usage, const char *id,
                   struct fg_fit *out, void *store);

/* ---- apply.c ---- */

struct fg_panel_plan; /* the panel's next certificate; NULL: stays as it is */

/* Everything that can fail, for engine and panel. 0 with plan (and panel); EINVAL with problems. */
struct fg_apply {
    struct fg_plan *plan;
    struct fg_http_certificate *panel;
    bool degraded;
    struct fg_problems problems, warnings;
};
int fg_apply_prepare(struct fg_config *c, struct fg_snapshot *s, enum fg_prepare_mode mode,
                     struct fg_apply *a);
/* Makes it run and publishes the snapshot (a reference is taken). 0 or ETIMEDOUT (published all the
 * same). Ends `a`. */
int fg_apply_activate(struct fg_config *c, struct fg_snapshot *s, struct fg_apply *a);
void fg_apply_discard(struct fg_config *c, struct fg_apply *a);
/* Tries again while degraded. */
void fg_apply_retry(struct fg_config *c);

/* ---- panel.c ---- */

/* The certificate that `s` assigns to the panel, loaded; `*out` NULL when it is the one in use by
 * default or there is no panel. 0, EINVAL with a problem, or errno. */
int fg_panel_prepare(struct fg_config *c, const struct fg_snapshot *s,
                     struct fg_http_certificate **out, struct fg_problems *problems);

/* ---- confirm.c ---- */

/* Fills the deadline for `within_s` from now. */
void fg_confirm_set(struct fg_confirm *out, uint32_t within_s);
/* Milliseconds that are left; 0 or less: lapsed. */
int64_t fg_confirm_left_ms(const struct fg_confirm *d);
/* Reads what waits for confirmation into the state. */
int fg_confirm_read(struct fg_config *c);
/* Has the time come to look at the partners that a pending commit must not lose? With the lock. */
bool fg_confirm_look_due(const struct fg_config *c);
/* Before the engine starts: takes back a revision whose deadline has passed. */
int fg_confirm_settle(struct fg_config *c);
/* The timer's work: reverts when the deadline has passed. */
void fg_confirm_tick(struct fg_config *c);

/* ---- commit.c ---- */

/* The drafts compiled last are no longer what is staged. */
void fg_config_forget_draft(struct fg_config *c);

/* The transaction that takes revision `reverts` back with these changes. */
int fg_commit_store(struct fg_config *c, const struct fg_actor *who, const struct fg_changeset *set,
                    const struct fg_snapshot *next, uint64_t reverts, const char *comment,
                    const struct fg_commit_order *order, const struct fg_watch *watch,
                    uint64_t *number);
/* Commits the way back from the newest revision; never refused for faults of the engine. */
void fg_commit_revert(struct fg_config *c, const struct fg_actor *who, uint64_t revision,
                      const char *comment, struct fg_commit_result *out);

/* Compiles, prepares and commits a set without conflicts, or lets it wait. */
void fg_commit_set(struct fg_config *c, const struct fg_commit_order *in, struct fg_changeset *set,
                   struct fg_commit_result *out);

/* ---- approve.c ---- */

/* Is the four-eyes rule on in the running configuration? */
bool fg_four_eyes(struct fg_config *c);
/* Stores a checked set for approval or for its time. */
void fg_approval_ask(struct fg_config *c, const struct fg_commit_order *in,
                     const struct fg_changeset *set, struct fg_commit_result *out);
/* Inside the transaction of the commit that an approval became. */
int fg_approval_done(struct fg_config *c, const struct fg_commit_order *in, uint64_t revision);
/* Reads the time of the next scheduled commit into the state. */
void fg_schedule_read(struct fg_config *c);
/* Has that time come? On the configuration thread, or with the lock. */
bool fg_schedule_due(const struct fg_config *c);
/* The timer's work, and at the start: makes those whose time has come. */
void fg_schedule_tick(struct fg_config *c);

/* ---- dialback.c ---- */

/* At the start: reads until when the former secret counts; the engine was made with both. */
void fg_dialback_begin(struct fg_config *c);
/* Is its time over? With the lock, or on the configuration thread. */
bool fg_dialback_due(const struct fg_config *c);
/* The timer's work: drops it. */
void fg_dialback_tick(struct fg_config *c);

/* ---- ready.c ---- */

/* Is it still of the owner's draft over what runs? NULL: no. */
bool fg_ready_holds(struct fg_config *c, const struct fg_ready *r, const char *owner);
/* Then takes its set (with the problems of a bulk change); false: to be worked out here. */
bool fg_ready_take(struct fg_config *c, struct fg_ready *r, const char *owner,
                   struct fg_changeset *set, struct fg_problems *problems);
/* The set of a commit or bulk change has served: back to where it came from, or freed. */
void fg_ready_return(struct fg_ready *r, struct fg_changeset *set);
/* The snapshot of a taken draft: 0 or EINVAL with problems; ENODATA: there is none. */
int fg_ready_next(struct fg_ready *r, struct fg_snapshot **next, struct fg_problems *problems,
                  struct fg_problems *warnings);

/* ---- requires.c ---- */

/* What else of the owner's draft a selection needs to be free of faults: [{kind, key}]; NULL when
 * nothing helps, or without memory. */
json_t *fg_requires(struct fg_config *c, const char *owner, const struct fg_selection *only,
                    size_t n_only);

/* ---- impact.c ---- */

/* What `next` would do to what lives now (see impact.c); nulls when not known. */
json_t *fg_impact(struct fg_config *c, struct fg_snapshot *next);
/* The same, told of the partners in `set` only; NULL: of all. */
json_t *fg_impact_among(struct fg_config *c, struct fg_snapshot *next,
                        const struct fg_changeset *set);

#endif
