/* Reading objects as of a revision: see objects.h. */
#include "server/store/objects.h"

#include "server/store/sql.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Lives at revision ?1. */
#define ALIVE "from_revision <= ?1 AND (to_revision IS NULL OR to_revision > ?1)"

int fg_object_get(struct fg_store *s, const char *kind, const char *key, uint64_t revision,
                  char **body, uint64_t *since)
{
    struct fg_sql q;
    bool memory = true;
    fg_sql_open(
        &q, s, "SELECT body, from_revision FROM object WHERE " ALIVE " AND kind = ?2 AND key = ?3");
    fg_sql_int(&q, (int64_t)revision);
    fg_sql_text(&q, kind);
    fg_sql_text(&q, key);
    *body = NULL;
    if (fg_sql_row(&q)) {
        *body = strdup(fg_sql_get_text(&q, 0));
        memory = *body != NULL;
        if (since) *since = fg_sql_get_u64(&q, 1);
    }
    int err = fg_sql_close_one(&q);
    return err ? err : memory ? 0 : ENOMEM;
}

/* Those that touched the object ?1, ?2 and, unless ?3 is null, have it in comment or author. */
#define TOUCHED                                                                                    \
    "(SELECT from_revision AS number FROM object WHERE kind = ?1 AND key = ?2 UNION "              \
    "SELECT to_revision FROM object WHERE kind = ?1 AND key = ?2 AND to_revision IS NOT NULL) "    \
    "WHERE (?3 IS NULL OR number IN (SELECT r.number FROM revision AS r WHERE "                    \
    "instr(lower(r.comment), lower(?3)) > 0 OR instr(lower(r.author_name), lower(?3)) > 0))"

int fg_object_revisions(struct fg_store *s, const char *kind, const char *key, const char *part,
                        uint64_t before, size_t limit, uint64_t *numbers, size_t *n,
                        uint64_t *total)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT count(*) FROM " TOUCHED);
    fg_sql_text(&q, kind);
    fg_sql_text(&q, key);
    fg_sql_text(&q, part);
    *n = 0;
    *total = fg_sql_row(&q) ? fg_sql_get_u64(&q, 0) : 0;
    int err = fg_sql_close(&q);
    if (err) return err;
    fg_sql_open(&q, s,
                "SELECT number FROM " TOUCHED
                " AND (?4 = 0 OR number < ?4) ORDER BY number DESC LIMIT ?5");
    fg_sql_text(&q, kind);
    fg_sql_text(&q, key);
    fg_sql_text(&q, part);
    fg_sql_int(&q, (int64_t)before);
    fg_sql_int(&q, (int64_t)limit);
    while (fg_sql_row(&q))
        if (*n < limit) numbers[(*n)++] = fg_sql_get_u64(&q, 0);
    return fg_sql_close(&q);
}

int fg_object_each(struct fg_store *s, const char *kind, uint64_t revision, const char *after,
                   size_t limit, fg_object_fn *fn, void *arg)
{
    if (!kind && after) return fg_store_fail(s, EINVAL, "a key to start from needs its kind");
    struct fg_sql q;
    if (kind) {
        fg_sql_open(&q, s,
                    "SELECT kind, key, body, from_revision FROM object WHERE " ALIVE
                    " AND kind = ?2 AND key > ?3 ORDER BY key LIMIT ?4");
        fg_sql_int(&q, (int64_t)revision);
        fg_sql_text(&q, kind);
        fg_sql_text_or_empty(&q, after);
    } else {
        fg_sql_open(&q, s,
                    "SELECT kind, key, body, from_revision FROM object WHERE " ALIVE
                    " ORDER BY kind, key LIMIT ?2");
        fg_sql_int(&q, (int64_t)revision);
    }
    fg_sql_int(&q, (int64_t)limit);
    int err = 0;
    while (!err && fg_sql_row(&q)) {
        struct fg_object o = {.kind = fg_sql_get_text(&q, 0),
                              .key = fg_sql_get_text(&q, 1),
                              .body = fg_sql_get_text(&q, 2),
                              .since = fg_sql_get_u64(&q, 3)};
        err = fn(&o, arg);
    }
    return fg_sql_close_each(&q, err);
}

int fg_object_count(struct fg_store *s, const char *kind, uint64_t revision, uint64_t *count)
{
    struct fg_sql q;
    /* Two statements: only an equality lets SQLite use the index by kind. */
    fg_sql_open(&q, s,
                kind ? "SELECT count(*) FROM object WHERE " ALIVE " AND kind = ?2"
                     : "SELECT count(*) FROM object WHERE " ALIVE);
    fg_sql_int(&q, (int64_t)revision);
    if (kind) fg_sql_text(&q, kind);
    *count = fg_sql_row(&q) ? fg_sql_get_u64(&q, 0) : 0;
    return fg_sql_close(&q);
}

/* Only what began or ended between the two can differ; the rest of the configuration is not looked
 * at. The texts decide: something removed and made again in the same form is no difference. */
static const char difference[] =
    "WITH touched (kind, key) AS ("
    " SELECT kind, key FROM object WHERE from_revision > ?1 AND from_revision <= ?2"
    " UNION"
    " SELECT kind, key FROM object WHERE to_revision > ?1 AND to_revision <= ?2)"
    "SELECT t.kind, t.key, a.body, b.body, a.from_revision, b.from_revision FROM touched AS t"
    " LEFT JOIN object AS a ON a.kind = t.kind AND a.key = t.key AND a.from_revision <= ?1"
    "  AND (a.to_revision IS NULL OR a.to_revision > ?1)"
    " LEFT JOIN object AS b ON b.kind = t.kind AND b.key = t.key AND b.from_revision <= ?2"
    "  AND (b.to_revision IS NULL OR b.to_revision > ?2)"
    " WHERE a.body IS NOT b.body AND (t.kind, t.key) > (?3, ?4)"
    " ORDER BY t.kind, t.key LIMIT ?5";

int fg_object_diff(struct fg_store *s, uint64_t from, uint64_t to, const char *after_kind,
                   const char *after_key, size_t limit, fg_object_change_fn *fn, void *arg)
{
    bool back = from > to;
    struct fg_sql q;
    fg_sql_open(&q, s, difference);
    fg_sql_int(&q, (int64_t)(back ? to : from));
    fg_sql_int(&q, (int64_t)(back ? from : to));
    fg_sql_text_or_empty(&q, after_kind);
    fg_sql_text_or_empty(&q, after_key);
    fg_sql_int(&q, (int64_t)limit);
    int err = 0;
    while (!err && fg_sql_row(&q)) {
        struct fg_object_change c = {.kind = fg_sql_get_text(&q, 0),
                                     .key = fg_sql_get_text(&q, 1),
                                     .before = fg_sql_get_text(&q, back ? 3 : 2),
                                     .after = fg_sql_get_text(&q, back ? 2 : 3),
                                     .before_since = fg_sql_get_u64(&q, back ? 5 : 4),
                                     .after_since = fg_sql_get_u64(&q, back ? 4 : 5)};
        err = fn(&c, arg);
    }
    return fg_sql_close_each(&q, err);
}
