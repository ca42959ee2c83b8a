/* See approvals.h. */
#include "server/store/approvals.h"

#include "server/store/sql.h"

#include <errno.h>
#include <string.h>

static const char *const states[] = {"waiting", "scheduled", "committed", "rejected", "failed"};

const char *fg_approval_state_name(enum fg_approval_state s)
{
    return states[s];
}

static enum fg_approval_state state_of(const char *name)
{
    for (int i = 0; i < FG_APPROVAL_FAILED; i++)
        if (strcmp(name, states[i]) == 0) return (enum fg_approval_state)i;
    return FG_APPROVAL_FAILED;
}

/* ---- reading ---- */

#define COLUMNS                                                                                    \
    "id, state, author, author_name, author_role, person, via, address, comment, created_at, "     \
    "due_at, confirm_within, from_draft, approved_by, approved_by_name, approved_at, closed_by, "  \
    "closed_by_name, closed_comment, closed_at, revision, outcome, "

static int each(struct fg_sql *q, fg_approval_fn *fn, void *arg)
{
    int err = 0;
    while (!err && fg_sql_row(q)) {
        struct fg_approval a = {.id = fg_sql_get_u64(q, 0),
                                .state = state_of(fg_sql_get_text(q, 1)),
                                .author = fg_sql_get_text(q, 2),
                                .author_name = fg_sql_get_text(q, 3),
                                .author_role = fg_sql_get_text(q, 4),
                                .person = fg_sql_get_int(q, 5),
                                .via = fg_sql_get_text(q, 6),
                                .address = fg_sql_get_text(q, 7),
                                .comment = fg_sql_get_text(q, 8),
                                .created_ms = fg_sql_get_int(q, 9),
                                .due_ms = fg_sql_get_int(q, 10),
                                .confirm_within_s = fg_sql_get_int(q, 11),
                                .from_draft = fg_sql_get_int(q, 12) != 0,
                                .approved_by = fg_sql_get_text(q, 13),
                                .approved_by_name = fg_sql_get_text(q, 14),
                                .approved_ms = fg_sql_get_int(q, 15),
                                .closed_by = fg_sql_get_text(q, 16),
                                .closed_by_name = fg_sql_get_text(q, 17),
                                .closed_comment = fg_sql_get_text(q, 18),
                                .closed_ms = fg_sql_get_int(q, 19),
                                .revision = fg_sql_get_u64(q, 20),
                                .outcome = fg_sql_get_text(q, 21),
                                .changes = fg_sql_get_text(q, 22)};
        err = fn(&a, arg);
    }
    return err;
}

int fg_approval_get(struct fg_store *s, uint64_t id, fg_approval_fn *fn, void *arg)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT " COLUMNS "changes FROM approval WHERE id = ?");
    fg_sql_int(&q, (int64_t)id);
    int err = each(&q, fn, arg);
    bool none = q.rows == 0;
    err = fg_sql_close_each(&q, err);
    return err ? err : none ? ENOENT : 0;
}

int fg_approval_each(struct fg_store *s, fg_approval_fn *fn, void *arg)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT " COLUMNS "NULL FROM approval ORDER BY id DESC");
    return fg_sql_close_each(&q, each(&q, fn, arg));
}

int fg_approval_next(struct fg_store *s, uint64_t *id, int64_t *due_ms)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "SELECT id, due_at FROM approval WHERE state = 'scheduled' "
                "ORDER BY due_at, id LIMIT 1");
    if (fg_sql_row(&q)) {
        *id = fg_sql_get_u64(&q, 0);
        *due_ms = fg_sql_get_int(&q, 1);
    }
    return fg_sql_close_one(&q);
}

/* ---- adding ---- */

static int check_room(struct fg_store *s)
{
    struct fg_sql q;
    int64_t open = 0;
    fg_sql_open(&q, s, "SELECT count(*) FROM approval WHERE state IN ('waiting', 'scheduled')");
    if (fg_sql_row(&q)) open = fg_sql_get_int(&q, 0);
    int err = fg_sql_close(&q);
    if (err || open < FG_APPROVALS_OPEN_MAX) return err;
    return fg_store_fail(s, ENOBUFS, "%d commits wait already, which is the most",
                         (int)FG_APPROVALS_OPEN_MAX);
}

static int forget_old(struct fg_store *s)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "DELETE FROM approval WHERE state NOT IN ('waiting', 'scheduled') AND id <= "
                "(SELECT id FROM approval WHERE state NOT IN ('waiting', 'scheduled') "
                "ORDER BY id DESC LIMIT 1 OFFSET ?)");
    fg_sql_int(&q, FG_APPROVALS_KEPT);
    return fg_sql_run(&q);
}

static int insert(struct fg_store *s, const struct fg_approval *a, uint64_t *id)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "INSERT INTO approval (state, author, author_name, author_role, person, via, "
                "address, comment, created_at, due_at, confirm_within, from_draft, changes) "
                "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) RETURNING id");
    fg_sql_text(&q, states[a->state]);
    fg_sql_text_or_empty(&q, a->author);
    fg_sql_text_or_empty(&q, a->author_name);
    fg_sql_text_or_empty(&q, a->author_role);
    fg_sql_int(&q, a->person);
    fg_sql_text_or_empty(&q, a->via);
    fg_sql_text_or_empty(&q, a->address);
    fg_sql_text_or_empty(&q, a->comment);
    fg_sql_int(&q, a->created_ms);
    fg_sql_int(&q, a->due_ms);
    fg_sql_int(&q, a->confirm_within_s);
    fg_sql_int(&q, a->from_draft);
    fg_sql_text(&q, a->changes);
    if (fg_sql_row(&q)) *id = fg_sql_get_u64(&q, 0);
    return fg_sql_run(&q);
}

int fg_approval_add(struct fg_store *s, const struct fg_approval *a, uint64_t *id)
{
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    err = check_room(s);
    if (!err) err = forget_old(s);
    if (!err) err = insert(s, a, id);
    return fg_store_end(s, err);
}

/* ---- deciding ---- */

int fg_approval_approve(struct fg_store *s, uint64_t id, const char *who, const char *name,
                        int64_t now_ms)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s,
                "UPDATE approval SET state = 'scheduled', approved_by = ?, approved_by_name = ?, "
                "approved_at = ? WHERE id = ? AND state = 'waiting'");
    fg_sql_text_or_empty(&q, who);
    fg_sql_text_or_empty(&q, name);
    fg_sql_int(&q, now_ms);
    fg_sql_int(&q, (int64_t)id);
    return fg_sql_run_one(&q);
}

static int mark_revision(struct fg_store *s, uint64_t id, uint64_t revision)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "UPDATE revision SET (approved_by, approved_by_name) = "
                "(SELECT approved_by, approved_by_name FROM approval WHERE id = ?) "
                "WHERE number = ?");
    fg_sql_int(&q, (int64_t)id);
    fg_sql_int(&q, (int64_t)revision);
    return fg_sql_run_one(&q);
}

static int mark_closed(struct fg_store *s, uint64_t id, const struct fg_approval_end *end)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "UPDATE approval SET state = ?, closed_by = ?, closed_by_name = ?, closed_comment "
                "= ?, closed_at = ?, revision = ?, outcome = ? "
                "WHERE id = ? AND state IN ('waiting', 'scheduled')");
    fg_sql_text(&q, states[end->state]);
    fg_sql_text_or_empty(&q, end->who);
    fg_sql_text_or_empty(&q, end->name);
    fg_sql_text_or_empty(&q, end->comment);
    fg_sql_int(&q, end->at_ms);
    fg_sql_int_or_null(&q, (int64_t)end->revision);
    fg_sql_text(&q, end->outcome);
    fg_sql_int(&q, (int64_t)id);
    return fg_sql_run_one(&q);
}

int fg_approval_close(struct fg_store *s, uint64_t id, const struct fg_approval_end *end)
{
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    err = mark_closed(s, id, end);
    if (!err && end->revision) err = mark_revision(s, id, end->revision);
    return fg_store_end(s, err);
}

int fg_approval_author(struct fg_store *s, const char *author, int64_t person, const char *role)
{
    struct fg_sql q;
    if (!person) return 0;
    fg_sql_open(&q, s,
                "SELECT 1 FROM admin WHERE id = ?1 AND disabled = 0 "
                "AND role IN ('administrator', ?2) AND (?3 NOT LIKE 'token:%' OR EXISTS "
                "(SELECT 1 FROM token WHERE 'token:' || token.id = ?3 AND revoked_at = 0))");
    fg_sql_int(&q, person);
    fg_sql_text_or_empty(&q, role);
    fg_sql_text_or_empty(&q, author);
    (void)fg_sql_row(&q);
    int err = fg_sql_close_one(&q);
    return err == ENOENT ? EACCES : err;
}

int fg_approvals_state(struct fg_store *s, uint64_t *waiting, uint64_t *scheduled, uint64_t *mark)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "SELECT count(*) FILTER (WHERE state = 'waiting'), "
                "count(*) FILTER (WHERE state = 'scheduled'), "
                "coalesce(max(id), 0) + count(*) FILTER (WHERE approved_at > 0) + "
                "count(*) FILTER (WHERE closed_at > 0) FROM approval");
    bool row = fg_sql_row(&q);
    *waiting = row ? fg_sql_get_u64(&q, 0) : 0;
    *scheduled = row ? fg_sql_get_u64(&q, 1) : 0;
    *mark = row ? fg_sql_get_u64(&q, 2) : 0;
    return fg_sql_close(&q);
}
