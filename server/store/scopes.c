/* Scopes of accounts and tokens: see accounts.h. Kept as text; what it means is server/auth's. */
#include "server/store/accounts.h"
#include "server/store/sql.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int take(struct fg_sql *q, char **out)
{
    const char *text = fg_sql_row(q) ? fg_sql_get_text(q, 0) : NULL;
    int err = 0;
    *out = NULL;
    if (text && !(*out = strdup(text))) err = ENOMEM;
    int ended = fg_sql_close_one(q);
    if (!ended && !err) return 0;
    free(*out);
    *out = NULL;
    return ended ? ended : err;
}

int fg_admin_scope(struct fg_store *s, int64_t id, char **scope)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT scope FROM admin WHERE id = ?");
    fg_sql_int(&q, id);
    return take(&q, scope);
}

int fg_token_scope(struct fg_store *s, int64_t id, char **scope)
{
    struct fg_sql q;
    fg_sql_open(&q, s, "SELECT scope FROM token WHERE id = ?");
    fg_sql_int(&q, id);
    return take(&q, scope);
}

int fg_admin_set_scope(struct fg_store *s, int64_t id, const char *scope)
{
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    if (scope) err = fg_admin_not_the_last(s, id);
    if (!err) {
        struct fg_sql q;
        fg_sql_open(&q, s, "UPDATE admin SET scope = ? WHERE id = ?");
        fg_sql_text(&q, scope);
        fg_sql_int(&q, id);
        err = fg_sql_run_one(&q);
    }
    if (!err) err = fg_session_delete_admin(s, id);
    return fg_store_end(s, err);
}

int fg_token_set_scope(struct fg_store *s, int64_t id, const char *scope)
{
    int err = fg_store_writable(s);
    if (err) return err;
    struct fg_sql q;
    fg_sql_open(&q, s, "UPDATE token SET scope = ? WHERE id = ?");
    fg_sql_text(&q, scope);
    fg_sql_int(&q, id);
    return fg_sql_run_one(&q);
}

int fg_owner_scopes(struct fg_store *s, const char *owner, char **account, char **token)
{
    long long id = 0;
    struct fg_token t;
    char *end = NULL;
    *account = *token = NULL;
    if (strncmp(owner, "admin:", 6) == 0) {
        id = strtoll(owner + 6, &end, 10);
        return *end ? EINVAL : fg_admin_scope(s, id, account);
    }
    if (strncmp(owner, "token:", 6) != 0) return 0;
    id = strtoll(owner + 6, &end, 10);
    int err = *end ? EINVAL : fg_token_get(s, id, &t);
    if (!err) err = fg_admin_scope(s, t.admin_id, account);
    if (!err) err = fg_token_scope(s, id, token);
    if (err) {
        free(*account);
        *account = NULL;
    }
    return err;
}
