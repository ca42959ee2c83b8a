/* Drafts of others: whose there are, take one over, drop one. Their owners are named as the list
 * names them: "admin:3", "token:7". */
#include "server/cli/handlers.h"
#include "server/cli/print.h"
#include "server/cli/request.h"

#include <stdio.h>
#include <stdlib.h>

int fg_do_draft_others(struct fg_call *c)
{
    json_t *items = NULL;
    int rc = fg_request_list(c, "/drafts", "items", c->args, c->n, &items);
    if (!rc) fg_request_print(c, items, "owner,name,changes,updated_at,orphaned", "owner");
    json_decref(items);
    return rc;
}

int fg_do_draft_take(struct fg_call *c)
{
    json_t *answer = NULL, *body = json_object();
    char *path = fg_request_path("drafts", c->args[0]), *full = NULL;
    int rc = path && asprintf(&full, "%s/take", path) >= 0 ? 0 : fg_failed("out of memory");
    if (!rc) rc = fg_remote_send(c->remote, "POST", full, body, &answer);
    if (!rc && !fg_request_json(c, answer)) {
        fg_print_changes(json_object_get(answer, "changes"));
        fg_print_notes("fault", json_object_get(answer, "problems"));
        fg_print_conflicts(json_object_get(answer, "conflicts"));
        printf("it is my draft now; nothing runs yet: fedgate draft check, then fedgate commit\n");
    }
    free(path);
    free(full);
    json_decref(body);
    json_decref(answer);
    return rc;
}

int fg_do_draft_drop(struct fg_call *c)
{
    char *path = fg_request_path("drafts", c->args[0]);
    int rc =
        path ? fg_remote_send(c->remote, "DELETE", path, NULL, NULL) : fg_failed("out of memory");
    free(path);
    return rc;
}
