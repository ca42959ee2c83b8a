/* See drafts.h. */
#include "server/store/drafts.h"

#include "server/store/sql.h"

#include <errno.h>
#include <string.h>

#define COLUMNS "owner, kind, key, op, base_revision, body, created_at, updated_at"

static const char *const op_names[] = {"put", "patch", "delete"};

const char *fg_draft_op_name(enum fg_draft_op op)
{
    return op_names[op];
}

static enum fg_draft_op op_of(const char *name)
{
    for (int i = 0; i < FG_DRAFT_DELETE; i++) {
        if (strcmp(name, op_names[i]) == 0) return (enum fg_draft_op)i;
    }
    return FG_DRAFT_DELETE;
}

static int each(struct fg_sql *q, fg_draft_fn *fn, void *arg)
{
    int err = 0;
    while (!err && fg_sql_row(q)) {
        struct fg_draft d = {.owner = fg_sql_get_text(q, 0),
                             .kind = fg_sql_get_text(q, 1),
                             .key = fg_sql_get_text(q, 2),
                             .op = op_of(fg_sql_get_text(q, 3)),
                             .base_revision = fg_sql_get_u64(q, 4),
                             .body = fg_sql_get_text(q, 5),
                             .created_ms = fg_sql_get_int(q, 6),
                             .updated_ms = fg_sql_get_int(q, 7)};
        err = fn(&d, arg);
    }
    return err;
}

static int upsert(struct fg_store *s, const struct fg_draft *d, int64_t now_ms)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "INSERT INTO draft (" COLUMNS
                ") VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (owner, kind, key) "
                "DO UPDATE SET op = excluded.op, base_revision = excluded.base_revision, body = "
                "excluded.body, "
                "updated_at = excluded.updated_at");
    fg_sql_text(&q, d->owner);
    fg_sql_text(&q, d->kind);
    fg_sql_text(&q, d->key);
    fg_sql_text(&q, op_names[d->op]);
    fg_sql_int(&q, (int64_t)d->base_revision);
    fg_sql_text(&q, d->body);
    fg_sql_int(&q, now_ms);
    fg_sql_int(&q, now_ms);
    return fg_sql_run(&q);
}

static int is_there(const struct fg_draft *d, void *arg)
{
    (void)d;
    (void)arg;
    return 0;
}

/* A full draft still takes another change of what it holds already. */
static int check_room(struct fg_store *s, const struct fg_draft *d)
{
    uint64_t count = 0;
    int err = fg_draft_count(s, d->owner, &count);
    if (err || count < FG_DRAFT_MAX) return err;
    err = fg_draft_get(s, d->owner, d->kind, d->key, is_there, NULL);
    return err != ENOENT
               ? err
               : fg_store_fail(s, ENOBUFS, "the draft holds %d changes, which is the most",
                               (int)FG_DRAFT_MAX);
}

int fg_draft_put(struct fg_store *s, const struct fg_draft *d, int64_t now_ms)
{
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    err = check_room(s, d);
    if (!err) err = upsert(s, d, now_ms);
    return fg_store_end(s, err);
}

int fg_draft_get(struct fg_store *s, const char *owner, const char *kind, const char *key,
                 fg_draft_fn *fn, void *arg)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT " COLUMNS " FROM draft WHERE owner = ? AND kind = ? AND key = ?");
    fg_sql_text(&q, owner);
    fg_sql_text(&q, kind);
    fg_sql_text(&q, key);
    int err = each(&q, fn, arg);
    bool none = q.rows == 0;
    err = fg_sql_close_each(&q, err);
    return err ? err : none ? ENOENT : 0;
}

int fg_draft_delete(struct fg_store *s, const char *owner, const char *kind, const char *key)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s, "DELETE FROM draft WHERE owner = ? AND kind = ? AND key = ?");
    fg_sql_text(&q, owner);
    fg_sql_text(&q, kind);
    fg_sql_text(&q, key);
    return fg_sql_run_one(&q);
}

int fg_draft_clear(struct fg_store *s, const char *owner)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s, "DELETE FROM draft WHERE owner = ?");
    fg_sql_text(&q, owner);
    return fg_sql_run(&q);
}

int fg_draft_each(struct fg_store *s, const char *owner, const char *kind, const char *after_kind,
                  const char *after_key, size_t limit, fg_draft_fn *fn, void *arg)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "SELECT " COLUMNS " FROM draft WHERE owner = ?1 AND (?2 IS NULL OR kind = ?2) "
                "AND (kind, key) > (?3, ?4) ORDER BY kind, key LIMIT ?5");
    fg_sql_text(&q, owner);
    fg_sql_text(&q, kind);
    fg_sql_text_or_empty(&q, after_kind);
    fg_sql_text_or_empty(&q, after_key);
    fg_sql_int(&q, (int64_t)limit);
    return fg_sql_close_each(&q, each(&q, fn, arg));
}

/* Of ?1, of the kind ?2 if there is one, with ?3 in the key. */
#define FITTING "owner = ?1 AND (?2 IS NULL OR kind = ?2) AND instr(lower(key), lower(?3)) > 0"

int fg_draft_find(struct fg_store *s, const char *owner, const char *kind, const char *part,
                  const char *after_kind, const char *after_key, size_t limit, fg_draft_fn *fn,
                  void *arg)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "SELECT " COLUMNS " FROM draft WHERE " FITTING " AND (kind, key) > (?4, ?5) "
                "ORDER BY kind, key LIMIT ?6");
    fg_sql_text(&q, owner);
    fg_sql_text(&q, kind);
    fg_sql_text(&q, part);
    fg_sql_text_or_empty(&q, after_kind);
    fg_sql_text_or_empty(&q, after_key);
    fg_sql_int(&q, (int64_t)limit);
    return fg_sql_close_each(&q, each(&q, fn, arg));
}

int fg_draft_find_count(struct fg_store *s, const char *owner, const char *kind, const char *part,
                        uint64_t *count)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT count(*) FROM draft WHERE " FITTING);
    fg_sql_text(&q, owner);
    fg_sql_text(&q, kind);
    fg_sql_text(&q, part);
    *count = fg_sql_row(&q) ? fg_sql_get_u64(&q, 0) : 0;
    return fg_sql_close(&q);
}

int fg_draft_clear_kind(struct fg_store *s, const char *owner, const char *kind)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s, "DELETE FROM draft WHERE owner = ? AND kind = ?");
    fg_sql_text(&q, owner);
    fg_sql_text(&q, kind);
    return fg_sql_run(&q);
}

int fg_draft_count(struct fg_store *s, const char *owner, uint64_t *count)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT coalesce(sum(changes), 0) FROM draft_total WHERE owner = ?");
    fg_sql_text(&q, owner);
    *count = fg_sql_row(&q) ? fg_sql_get_u64(&q, 0) : 0;
    return fg_sql_close(&q);
}

int fg_draft_totals(struct fg_store *s, const char *owner, fg_draft_total_fn *fn, void *arg)
{
    struct fg_sql q;
    int err = 0;
    fg_sql_open(&q, s,
                "SELECT kind, changes FROM draft_total WHERE owner = ? AND changes > 0 "
                "ORDER BY kind");
    fg_sql_text(&q, owner);
    while (!err && fg_sql_row(&q)) err = fn(fg_sql_get_text(&q, 0), fg_sql_get_u64(&q, 1), arg);
    return fg_sql_close_each(&q, err);
}

int fg_draft_generation(struct fg_store *s, const char *owner, uint64_t *generation)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT coalesce(sum(generation), 0) FROM draft_total WHERE owner = ?");
    fg_sql_text(&q, owner);
    *generation = fg_sql_row(&q) ? fg_sql_get_u64(&q, 0) : 0;
    return fg_sql_close(&q);
}

int fg_draft_conflicts(struct fg_store *s, const char *owner, fg_draft_fn *fn, void *arg)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "SELECT d.owner, d.kind, d.key, d.op, d.base_revision, d.body, d.created_at, "
                "d.updated_at FROM draft AS d LEFT JOIN object AS o ON o.kind = d.kind AND "
                "o.key = d.key AND o.to_revision IS NULL WHERE d.owner = ? AND "
                "d.base_revision <> coalesce(o.from_revision, 0) ORDER BY d.kind, d.key");
    fg_sql_text(&q, owner);
    return fg_sql_close_each(&q, each(&q, fn, arg));
}
