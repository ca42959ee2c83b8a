/* Objects against the audit: a commit writes both in one transaction, and only the audit is
 * chained. What somebody changed in the objects behind the program's back therefore shows here. */
#include "server/store/objects.h"
#include "server/store/sql.h"

#include <errno.h>
#include <stdio.h>

enum { NAMED = 200 };

/* Each finds what the one side has and the other has not. */
static const struct {
    const char *sql, *what;
} differences[] = {
    {"SELECT kind, key, from_revision, body FROM object EXCEPT "
     "SELECT kind, key, revision, after FROM audit WHERE action = 'put' AND revision > 0",
     "is not what was committed"},
    {"SELECT kind, key, revision, after FROM audit WHERE action = 'put' AND revision > 0 EXCEPT "
     "SELECT kind, key, from_revision, body FROM object",
     "was committed and is not there"},
    {"SELECT kind, key, to_revision FROM object WHERE to_revision IS NOT NULL EXCEPT "
     "SELECT kind, key, revision FROM audit WHERE action IN ('put', 'delete') AND revision > 0",
     "ends where nobody ended it"},
    {"SELECT kind, key, revision FROM audit WHERE action = 'delete' AND revision > 0 EXCEPT "
     "SELECT kind, key, to_revision FROM object WHERE to_revision IS NOT NULL",
     "was deleted and is still there"},
};

static int look(struct fg_store *s, const char *sql, const char *what)
{
    struct fg_sql q;
    char kind[NAMED] = "", key[NAMED] = "";
    uint64_t revision = 0;
    fg_sql_open(&q, s, sql);
    bool found = fg_sql_row(&q);
    if (found) {
        fg_sql_copy(&q, 0, kind, sizeof kind);
        fg_sql_copy(&q, 1, key, sizeof key);
        revision = fg_sql_get_u64(&q, 2);
    }
    int err = fg_sql_close(&q);
    if (err || !found) return err;
    return fg_store_fail(s, EBADMSG, "/%.60s/%.150s in revision %llu %s", kind, key,
                         (unsigned long long)revision, what);
}

int fg_store_check_history(struct fg_store *s)
{
    int err = 0;
    for (size_t i = 0; !err && i < sizeof differences / sizeof *differences; i++)
        err = look(s, differences[i].sql, differences[i].what);
    return err;
}
