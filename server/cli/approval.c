/* Commits that wait for a second administrator or for their time. */
#include "server/cli/handlers.h"
#include "server/cli/print.h"
#include "server/cli/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int fg_do_approval_list(struct fg_call *c)
{
    json_t *items = NULL;
    int rc = fg_request_list(c, "/approvals", "items", c->args, c->n, &items);
    if (!rc)
        fg_request_print(c, items, "id,state,author,created_at,at,approved_by,revision,comment",
                         "id");
    json_decref(items);
    return rc;
}

/* One approval: `tail` is what to do with it, or "". */
static int ask(struct fg_call *c, const char *method, const char *tail, const json_t *body,
               struct fg_client_answer *out)
{
    char *path = fg_request_path("approvals", c->args[0]), *full = NULL;
    int rc = path && asprintf(&full, "%s%s", path, tail) >= 0 ? 0 : fg_failed("out of memory");
    const struct fg_client_query q = {.method = method, .path = full, .body = body};
    if (!rc) rc = fg_remote_ask(c->remote, &q, out);
    free(path);
    free(full);
    return rc;
}

int fg_do_approval_show(struct fg_call *c)
{
    struct fg_client_answer a;
    int rc = ask(c, "GET", "", NULL, &a);
    if (rc) return rc;
    if (!fg_request_json(c, a.body)) {
        json_t *changes = json_incref(json_object_get(a.body, "changes"));
        json_t *conflicts = json_incref(json_object_get(a.body, "conflicts"));
        json_t *problems = json_incref(json_object_get(a.body, "problems"));
        json_object_del(a.body, "changes");
        json_object_del(a.body, "conflicts");
        json_object_del(a.body, "problems");
        fg_print_record(a.body);
        fg_print_changes(changes);
        fg_print_notes("fault", problems);
        fg_print_conflicts(conflicts);
        json_decref(changes);
        json_decref(conflicts);
        json_decref(problems);
    }
    fg_client_answer_free(&a);
    return 0;
}

static int decide(struct fg_call *c, const char *tail, struct fg_client_answer *out)
{
    json_t *body = json_pack("{s:s*}", "comment", c->comment);
    int rc = ask(c, "POST", tail, body, out);
    json_decref(body);
    return rc;
}

int fg_do_approval_approve(struct fg_call *c)
{
    struct fg_client_answer a;
    int rc = decide(c, "/approve", &a);
    if (rc) return rc;
    fg_commit_print(c, a.status, a.body);
    fg_client_answer_free(&a);
    return 0;
}

int fg_do_approval_reject(struct fg_call *c)
{
    struct fg_client_answer a;
    int rc = decide(c, "/reject", &a);
    if (rc) return rc;
    if (!fg_request_json(c, a.body))
        printf("nothing is committed; its changes are back in the draft of their author\n");
    fg_client_answer_free(&a);
    return 0;
}
