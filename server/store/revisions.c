/* Revisions: see objects.h. */
#include "server/store/objects.h"
#include "server/store/sql.h"

#include <errno.h>
#include <string.h>

#define COLUMNS                                                                                    \
    "number, author, author_name, via, comment, created_at, added, changed, removed, "             \
    "content_hash, "                                                                               \
    "confirm_within, confirm_boot_id, confirm_boot_ms, confirm_wall_ms, confirmed_at, "            \
    "confirmed_by, "                                                                               \
    "reverted_by, reverts, approved_by_name"

static void read_row(struct fg_sql *q, struct fg_revision *r)
{
    *r = (struct fg_revision){
        .number = fg_sql_get_u64(q, 0),
        .author = fg_sql_get_text(q, 1),
        .author_name = fg_sql_get_text(q, 2),
        .via = fg_sql_get_text(q, 3),
        .comment = fg_sql_get_text(q, 4),
        .created_ms = fg_sql_get_int(q, 5),
        .added = (uint32_t)fg_sql_get_int(q, 6),
        .changed = (uint32_t)fg_sql_get_int(q, 7),
        .removed = (uint32_t)fg_sql_get_int(q, 8),
        .confirm = {.within_s = fg_sql_get_int(q, 10),
                    .boot_ms = fg_sql_get_int(q, 12),
                    .wall_ms = fg_sql_get_int(q, 13)},
        .confirmed_ms = fg_sql_get_int(q, 14),
        .confirmed_by = fg_sql_get_text(q, 15),
        .reverted_by = fg_sql_get_u64(q, 16),
        .reverts = fg_sql_get_u64(q, 17),
        .approved_by = fg_sql_get_text(q, 18),
    };
    fg_sql_get_blob(q, 9, r->content_hash, sizeof r->content_hash);
    fg_sql_copy(q, 11, r->confirm.boot_id, sizeof r->confirm.boot_id);
}

static int each(struct fg_sql *q, fg_revision_fn *fn, void *arg)
{
    int err = 0;
    while (!err && fg_sql_row(q)) {
        struct fg_revision r;
        read_row(q, &r);
        err = fn(&r, arg);
    }
    return err;
}

static int one(struct fg_sql *q, fg_revision_fn *fn, void *arg)
{
    int err = each(q, fn, arg);
    bool none = q->rows == 0;
    err = fg_sql_close_each(q, err);
    return err ? err : none ? ENOENT : 0;
}

int fg_revision_current(struct fg_store *s, uint64_t *number)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT coalesce(max(number), 0) FROM revision");
    *number = fg_sql_row(&q) ? fg_sql_get_u64(&q, 0) : 0;
    return fg_sql_close(&q);
}

int fg_revision_get(struct fg_store *s, uint64_t number, fg_revision_fn *fn, void *arg)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT " COLUMNS " FROM revision WHERE number = ?");
    fg_sql_int(&q, (int64_t)number);
    return one(&q, fn, arg);
}

int fg_revision_each(struct fg_store *s, uint64_t before, size_t limit, fg_revision_fn *fn,
                     void *arg)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "SELECT " COLUMNS " FROM revision WHERE number < ? ORDER BY number DESC LIMIT ?");
    fg_sql_int(&q, before ? (int64_t)before : INT64_MAX);
    fg_sql_int(&q, (int64_t)limit);
    return fg_sql_close_each(&q, each(&q, fn, arg));
}

int fg_revision_count(struct fg_store *s, const char *part, uint64_t *count)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "SELECT count(*) FROM revision WHERE ?1 IS NULL OR "
                "instr(lower(comment), lower(?1)) > 0 OR instr(lower(author_name), lower(?1)) > 0");
    fg_sql_text(&q, part);
    *count = fg_sql_row(&q) ? fg_sql_get_u64(&q, 0) : 0;
    return fg_sql_close(&q);
}

#define WAITING                                                                                    \
    "number = (SELECT max(number) FROM revision) AND confirm_within > 0 AND confirmed_at = 0 "     \
    "AND reverted_by IS NULL"

int fg_revision_pending(struct fg_store *s, fg_revision_fn *fn, void *arg)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT " COLUMNS " FROM revision WHERE " WAITING);
    return one(&q, fn, arg);
}

static int mark_confirmed(struct fg_store *s, uint64_t number, const struct fg_audit_entry *by)
{
    struct fg_sql q;
    fg_sql_open(
        &q, s,
        "UPDATE revision SET confirmed_at = ?, confirmed_by = ? WHERE number = ? AND " WAITING);
    fg_sql_int(&q, by->at_ms);
    fg_sql_text_or_empty(&q, by->who);
    fg_sql_int(&q, (int64_t)number);
    return fg_sql_run_one(&q);
}

int fg_revision_confirm(struct fg_store *s, uint64_t number, const struct fg_audit_entry *by)
{
    if (by->at_ms <= 0) return fg_store_fail(s, EINVAL, "a confirmation needs its time");
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    struct fg_audit_entry row = *by;
    row.revision = number;
    if (!row.action) row.action = "confirm";
    if (!row.outcome) row.outcome = "ok";
    err = mark_confirmed(s, number, by);
    if (!err) err = fg_audit_add(s, &row);
    return fg_store_end(s, err);
}
