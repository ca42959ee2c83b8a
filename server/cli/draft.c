/* Draft, commit and revisions. */
#include "server/cli/handlers.h"
#include "server/cli/print.h"
#include "server/cli/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_state(const json_t *o)
{
    fg_print_notes("fault", json_object_get(o, "problems"));
    fg_print_notes("warning", json_object_get(o, "warnings"));
    fg_print_conflicts(json_object_get(o, "conflicts"));
}

int fg_do_draft_show(struct fg_call *c)
{
    json_t *changes = NULL, *draft = NULL;
    int rc = fg_request_list(c, "/draft", "changes", NULL, 0, &changes);
    if (!rc) rc = fg_remote_get(c->remote, "/draft?limit=1", &draft);
    if (!rc) {
        json_object_set(draft, "changes", changes);
        json_object_del(draft, "next_cursor");
        if (!fg_request_json(c, draft)) {
            if (json_array_size(changes) == 0) printf("the draft is empty\n");
            fg_print_changes(changes);
            print_state(draft);
        }
    }
    json_decref(changes);
    json_decref(draft);
    return rc;
}

int fg_do_draft_check(struct fg_call *c)
{
    json_t *answer = NULL, *body = json_object();
    int rc = fg_remote_send(c->remote, "POST", "/draft/check", body, &answer);
    json_decref(body);
    if (rc) return rc;
    bool ok = json_is_true(json_object_get(answer, "ok"));
    if (json_array_size(json_object_get(answer, "conflicts")))
        rc = FG_EXIT_CONFLICT;
    else if (!ok)
        rc = FG_EXIT_FAILED;
    if (!fg_request_json(c, answer)) {
        print_state(answer);
        fg_print_impact(json_object_get(answer, "impact"));
        printf("%s\n", ok ? "it can be committed" : "it cannot be committed");
    }
    json_decref(answer);
    return rc;
}

/* KIND may be the word of the command line or of REST. */
static const char *kind_of(const char *word)
{
    const struct fg_noun *noun = fg_noun_find(word);
    return noun ? noun->kind : word;
}

int fg_do_draft_discard(struct fg_call *c)
{
    char *path = NULL, *tail = NULL;
    int rc;
    if (c->n == 1) return fg_call_usage(c, "nothing for the whole draft, or KIND and KEY");
    if (c->n == 0) return fg_remote_send(c->remote, "DELETE", "/draft", NULL, NULL);
    tail = fg_request_path(kind_of(c->args[0]), c->args[1]);
    if (tail && asprintf(&path, "/draft/changes%s", tail) >= 0)
        rc = fg_remote_send(c->remote, "DELETE", path, NULL, NULL);
    else
        rc = fg_failed("out of memory");
    free(tail);
    free(path);
    return rc;
}

/* Adds what KIND/KEY names; the key ends at a comma, and `rest` gets what stands behind it. */
static int add_one(struct fg_call *c, const char *word, json_t *only, const char **rest)
{
    char kind[64];
    size_t all = rest ? strcspn(word, ",") : strlen(word), n = strcspn(word, "/,");
    if (word[n] != '/' || n >= sizeof kind || n + 1 >= all)
        return fg_call_usage(c, "what to commit is named KIND/KEY");
    snprintf(kind, sizeof kind, "%.*s", (int)n, word);
    json_array_append_new(
        only, json_pack("{s:s,s:s%}", "kind", kind_of(kind), "key", word + n + 1, all - n - 1));
    if (rest) *rest = word[all] ? word + all + 1 : NULL;
    return 0;
}

/* What to commit, by arguments and --only; the rest stays in the draft. */
static int read_only(struct fg_call *c, json_t *body)
{
    json_t *only = json_array();
    int rc = 0;
    for (size_t i = 0; !rc && i < c->n; i++) rc = add_one(c, c->args[i], only, NULL);
    for (const char *p = c->only; !rc && p;) rc = add_one(c, p, only, &p);
    json_object_set_new(body, "only", only);
    return rc;
}

/* What came along because the selection needs it. */
static void print_included(const json_t *included)
{
    size_t i;
    json_t *one;
    json_array_foreach(included, i, one)
    {
        printf("included: ");
        fg_print_text(json_object_get(one, "kind"));
        printf(" ");
        fg_print_text(json_object_get(one, "key"));
        printf("\n");
    }
}

int fg_do_commit(struct fg_call *c)
{
    if (c->dry_run && (c->n || c->only))
        return fg_call_usage(c, "--dry-run looks at the whole draft, as draft check does");
    if (c->dry_run) return fg_do_draft_check(c);
    if (c->dependencies && !c->n && !c->only)
        return fg_call_usage(c, "--include-dependencies goes with a selection");
    json_t *body = json_object();
    struct fg_client_answer a;
    int rc = fg_commit_flags(c, c->comment, body);
    if (!rc && (c->n || c->only)) rc = read_only(c, body);
    if (c->dependencies) json_object_set_new(body, "include_dependencies", json_true());
    const struct fg_client_query q = {.method = "POST", .path = "/draft/commit", .body = body};
    if (!rc) rc = fg_remote_ask(c->remote, &q, &a);
    json_decref(body);
    if (rc) return rc;
    if (!c->json) print_included(json_object_get(a.body, "included"));
    fg_commit_print(c, a.status, a.body);
    fg_client_answer_free(&a);
    return 0;
}

/* ---- revisions ---- */

int fg_do_revision_list(struct fg_call *c)
{
    json_t *items = NULL;
    int rc = fg_request_list(c, "/revisions", "items", NULL, 0, &items);
    if (!rc)
        fg_request_print(c, items,
                         "revision,created_at,author,summary.added,summary.changed,"
                         "summary.removed,running,confirmed,comment",
                         "revision");
    json_decref(items);
    return rc;
}

static int numbers(const struct fg_call *c)
{
    for (size_t i = 0; i < c->n; i++) {
        if (strspn(c->args[i], "0123456789") != strlen(c->args[i]))
            return fg_call_usage(c, "a revision is a number");
    }
    return 0;
}

/* "/revisions/N" and what follows, asked with `method`; 0 with the answer. */
static int ask(struct fg_call *c, const char *method, const char *tail, const char *more,
               struct fg_client_answer *out)
{
    char path[256];
    json_t *body = strcmp(method, "POST") ? NULL : json_object();
    int rc = numbers(c);
    snprintf(path, sizeof path, "/revisions/%s%s%s", c->args[0], tail, more);
    const struct fg_client_query q = {.method = method, .path = path, .body = body};
    if (!rc) rc = fg_remote_ask(c->remote, &q, out);
    json_decref(body);
    return rc;
}

int fg_do_revision_show(struct fg_call *c)
{
    struct fg_client_answer a;
    int rc = ask(c, "GET", "", "", &a);
    if (rc) return rc;
    if (!fg_request_json(c, a.body)) {
        json_t *changes = json_incref(json_object_get(a.body, "changes"));
        json_object_del(a.body, "changes");
        fg_print_record(a.body);
        fg_print_changes(changes);
        json_decref(changes);
    }
    fg_client_answer_free(&a);
    return 0;
}

int fg_do_revision_diff(struct fg_call *c)
{
    struct fg_client_answer a;
    char against[64] = "";
    if (c->n > 1) snprintf(against, sizeof against, "?against=%.20s", c->args[1]);
    int rc = ask(c, "GET", "/diff", against, &a);
    if (rc) return rc;
    if (!fg_request_json(c, a.body)) {
        const json_t *changes = json_object_get(a.body, "changes");
        if (json_array_size(changes) == 0) printf("no difference\n");
        fg_print_changes(changes);
    }
    fg_client_answer_free(&a);
    return 0;
}

int fg_do_revision_restore(struct fg_call *c)
{
    struct fg_client_answer a;
    int rc = ask(c, "POST", "/restore", "", &a);
    if (rc) return rc;
    if (!fg_request_json(c, a.body)) {
        fg_print_changes(json_object_get(a.body, "changes"));
        print_state(a.body);
        printf("staged; nothing runs yet: fedgate draft check, then fedgate commit\n");
    }
    fg_client_answer_free(&a);
    return 0;
}

static int settle(struct fg_call *c, const char *tail)
{
    struct fg_client_answer a;
    int rc = ask(c, "POST", tail, "", &a);
    if (rc) return rc;
    if (!fg_request_json(c, a.body)) {
        printf("revision %lld runs\n",
               (long long)json_integer_value(json_object_get(a.body, "revision")));
        fg_print_impact(json_object_get(a.body, "impact"));
    }
    fg_client_answer_free(&a);
    return 0;
}

int fg_do_revision_confirm(struct fg_call *c)
{
    return settle(c, "/confirm");
}

int fg_do_revision_revert(struct fg_call *c)
{
    return settle(c, "/revert");
}
