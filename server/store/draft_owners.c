/* Drafts of everybody: whose there are, and handing one on. See drafts.h. */
#include "server/store/drafts.h"
#include "server/store/sql.h"

#include <errno.h>
#include <string.h>

/* The account's present name, else the name under which the draft's newest change was made. */
#define OWNERS                                                                                     \
    "WITH d AS (SELECT owner, kind, key, count(*) AS n, max(updated_at) AS at FROM draft "         \
    "           GROUP BY owner), "                                                                 \
    "     o AS (SELECT d.*, a.name AS name, d.owner LIKE 'admin:%' AND a.id IS NULL AS gone "      \
    "           FROM d LEFT JOIN admin a ON d.owner = 'admin:' || a.id) "                          \
    "SELECT o.owner, coalesce(o.name, b.name || ' (token ' || t.label || ')', "                    \
    "         (SELECT who_name FROM audit WHERE kind = o.kind AND key = o.key AND who = o.owner "  \
    "          ORDER BY seq DESC LIMIT 1), o.owner), o.n, o.at, "                                  \
    "       o.gone OR (o.owner LIKE 'token:%' AND (t.id IS NULL OR t.revoked_at > 0 OR "           \
    "                  (t.expires_at > 0 AND t.expires_at <= ?1))) "                               \
    "FROM o LEFT JOIN token t ON o.owner = 'token:' || t.id "                                      \
    "       LEFT JOIN admin b ON b.id = t.admin_id ORDER BY o.owner"

int fg_draft_owners(struct fg_store *s, int64_t now_ms, fg_draft_owner_fn *fn, void *arg)
{
    struct fg_sql q;
    int err = 0;
    fg_sql_open(&q, s, OWNERS);
    fg_sql_int(&q, now_ms);
    while (!err && fg_sql_row(&q)) {
        const struct fg_draft_owner o = {.owner = fg_sql_get_text(&q, 0),
                                         .name = fg_sql_get_text(&q, 1),
                                         .changes = fg_sql_get_u64(&q, 2),
                                         .updated_ms = fg_sql_get_int(&q, 3),
                                         .orphaned = fg_sql_get_int(&q, 4) != 0};
        err = fn(&o, arg);
    }
    return fg_sql_close_each(&q, err);
}

int fg_draft_count_of_admin(struct fg_store *s, int64_t id, uint64_t *count)
{
    struct fg_sql q;
    fg_sql_open(&q, s,
                "SELECT count(*) FROM draft WHERE owner = 'admin:' || ?1 "
                "OR owner IN (SELECT 'token:' || id FROM token WHERE admin_id = ?1)");
    fg_sql_int(&q, id);
    *count = fg_sql_row(&q) ? fg_sql_get_u64(&q, 0) : 0;
    return fg_sql_close(&q);
}

int fg_draft_clashes(struct fg_store *s, const char *from, const char *to, fg_draft_key_fn *fn,
                     void *arg)
{
    struct fg_sql q;
    int err = 0;
    fg_sql_open(&q, s,
                "SELECT kind, key FROM draft WHERE owner = ?1 INTERSECT "
                "SELECT kind, key FROM draft WHERE owner = ?2 ORDER BY kind, key");
    fg_sql_text(&q, from);
    fg_sql_text(&q, to);
    while (!err && fg_sql_row(&q)) err = fn(fg_sql_get_text(&q, 0), fg_sql_get_text(&q, 1), arg);
    return fg_sql_close_each(&q, err);
}

int fg_draft_move(struct fg_store *s, const char *from, const char *to)
{
    uint64_t theirs = 0, mine = 0;
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    err = fg_draft_count(s, from, &theirs);
    if (!err) err = fg_draft_count(s, to, &mine);
    if (!err && theirs == 0) err = ENOENT;
    if (!err && theirs + mine > FG_DRAFT_MAX)
        err = fg_store_fail(s, ENOBUFS, "a draft holds %d changes at most", (int)FG_DRAFT_MAX);
    if (!err) {
        struct fg_sql q;
        fg_sql_open(&q, s, "UPDATE draft SET owner = ?2 WHERE owner = ?1");
        fg_sql_text(&q, from);
        fg_sql_text(&q, to);
        err = fg_sql_run(&q);
    }
    return fg_store_end(s, err);
}
