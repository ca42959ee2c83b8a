/* Who is signed in, and which tokens there are. */
#include "server/cli/handlers.h"
#include "server/cli/request.h"

#include <stdlib.h>

static int list(struct fg_call *c, const char *path, const char *columns)
{
    json_t *items = NULL;
    int rc = fg_request_list(c, path, "items", c->args, c->n, &items);
    if (!rc) fg_request_print(c, items, columns, "id");
    json_decref(items);
    return rc;
}

static int remove_each(struct fg_call *c, const char *kind)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < c->n; i++) {
        char *path = fg_request_path(kind, c->args[i]);
        rc = path ? fg_remote_send(c->remote, "DELETE", path, NULL, NULL)
                  : fg_failed("out of memory");
        free(path);
    }
    return rc;
}

int fg_do_session_list(struct fg_call *c)
{
    return list(c, "/sessions", "id,admin,created_at,last_seen,expires,address,user_agent,current");
}

int fg_do_session_end(struct fg_call *c)
{
    return remove_each(c, "sessions");
}

int fg_do_token_list(struct fg_call *c)
{
    return list(c, "/tokens", "id,name,admin,role,prefix,created_at,expires,last_used");
}

int fg_do_token_revoke(struct fg_call *c)
{
    return remove_each(c, "tokens");
}
