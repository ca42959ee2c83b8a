/* See request.h: changes, staged or committed. */
#include "server/cli/print.h"
#include "server/cli/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool fg_changes_staged(const struct fg_call *c)
{
    return !c->commit && !c->dry_run;
}

int fg_changes_begin(struct fg_call *c, struct fg_changes *s)
{
    json_t *status = NULL;
    *s = (struct fg_changes){.list = json_array()};
    if (c->confirm_within && !c->commit)
        return fg_call_usage(c, "--confirm-within goes with --commit");
    if (c->at && !c->commit) return fg_call_usage(c, "--at goes with --commit");
    c->draft = fg_changes_staged(c);
    int rc = fg_remote_get(c->remote, "/status", &status);
    if (!rc) s->base = json_integer_value(json_object_get(status, "revision"));
    json_decref(status);
    return rc;
}

void fg_changes_free(struct fg_changes *s)
{
    json_decref(s->list);
    s->list = NULL;
}

void fg_changes_add(struct fg_changes *s, const char *op, const char *kind, const char *key,
                    json_t *value, const char *etag)
{
    json_array_append_new(s->list,
                          json_pack("{s:s,s:s,s:s,s:o*,s:s*}", "op", op, "kind", kind, "key", key,
                                    "value", value, "etag", etag && *etag ? etag : NULL));
}

static const char *text(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    return s ? s : "";
}

/* The settings are one object: kind and key are the same, and the path has one part. */
static char *path_of(const json_t *change)
{
    const char *kind = text(change, "kind");
    return fg_request_path(kind, strcmp(kind, "settings") ? text(change, "key") : NULL);
}

static int exists_already(const json_t *change)
{
    fg_failed("%s %s exists already; set changes it", text(change, "kind"), text(change, "key"));
    return FG_EXIT_CONFLICT;
}

/* ---- staged ---- */

static int stage(struct fg_call *c, const json_t *change, json_t *answers)
{
    const char *op = text(change, "op");
    bool create = !strcmp(op, "create"), exists = false;
    char *path = path_of(change), *seen = NULL;
    struct fg_client_query q = {.path = path,
                                .method = create                 ? "PUT"
                                          : !strcmp(op, "patch") ? "PATCH"
                                          : !strcmp(op, "put")   ? "PUT"
                                                                 : "DELETE",
                                .if_match = json_string_value(json_object_get(change, "etag")),
                                .only_new = create,
                                .body = json_object_get(change, "value")};
    struct fg_client_answer a;
    int rc = path ? 0 : fg_failed("out of memory");
    if (!rc && create && asprintf(&seen, "%s?view=draft", path) < 0)
        rc = fg_failed("out of memory");
    if (!rc && create) rc = fg_remote_exists(c->remote, seen, &exists);
    if (!rc && exists) rc = exists_already(change);
    if (!rc) rc = fg_remote_ask(c->remote, &q, &a);
    if (!rc) {
        if (a.body) json_array_append(answers, a.body);
        if (!c->json)
            printf("staged: %s %s %s\n",
                   !strcmp(op, "delete") ? "remove"
                   : create              ? "add"
                                         : "set",
                   text(change, "kind"), text(change, "key"));
        fg_print_notes("warning", json_object_get(a.body, "warnings"));
        fg_client_answer_free(&a);
    }
    free(path);
    free(seen);
    return rc;
}

static int stage_all(struct fg_call *c, const struct fg_changes *s)
{
    size_t i, n = json_array_size(s->list);
    json_t *change, *answers = json_array();
    int rc = 0;
    json_array_foreach(s->list, i, change)
    {
        rc = stage(c, change, answers);
        if (rc) break;
    }
    if (rc && i) fprintf(stderr, "  %zu of %zu changes are staged\n", i, n);
    if (!rc && !fg_request_json(c, answers) && n)
        printf("nothing runs yet: fedgate draft check, then fedgate commit\n");
    json_decref(answers);
    return rc;
}

/* ---- committed ---- */

static int confirm_seconds(const struct fg_call *c, json_t *body)
{
    char *end;
    if (!c->confirm_within) return 0;
    long long n = strtoll(c->confirm_within, &end, 10);
    if (*end || n <= 0) return fg_call_usage(c, "--confirm-within is a number of seconds");
    json_object_set_new(body, "confirm_within", json_integer(n));
    return 0;
}

int fg_commit_flags(const struct fg_call *c, const char *comment, json_t *body)
{
    if (comment) json_object_set_new(body, "comment", json_string(comment));
    if (c->at) json_object_set_new(body, "at", json_string(c->at));
    return confirm_seconds(c, body);
}

static void print_waiting(const json_t *approval)
{
    long long id = json_integer_value(json_object_get(approval, "id"));
    const json_t *at = json_object_get(approval, "at");
    printf("nothing runs yet: commit %lld ", id);
    if (!strcmp(text(approval, "state"), "waiting"))
        printf("waits for another administrator: fedgate approval approve %lld\n", id);
    else {
        fputs("is made at ", stdout);
        fg_print_text(at);
        printf("; fedgate approval reject %lld takes it back\n", id);
    }
}

void fg_commit_print(const struct fg_call *c, int status, const json_t *answer)
{
    long long revision = json_integer_value(json_object_get(answer, "revision"));
    if (!fg_request_json(c, answer)) {
        fg_print_changes(json_object_get(answer, "changes"));
        if (c->dry_run)
            printf("it could be committed; nothing was changed\n");
        else if (status == 200)
            printf("nothing changed; revision %lld runs\n", revision);
        else if (status == 202)
            print_waiting(json_object_get(answer, "approval"));
        else
            printf("revision %lld runs\n", revision);
        fg_print_impact(json_object_get(answer, "impact"));
        if (status == 201 && c->confirm_within)
            printf("it is taken back in %s s, unless: fedgate revision confirm %lld\n",
                   c->confirm_within, revision);
    }
    fg_print_notes("warning", json_object_get(answer, "warnings"));
}

static int check_new(struct fg_call *c, const json_t *change)
{
    bool exists = false;
    char *path = path_of(change);
    int rc = path ? fg_remote_exists(c->remote, path, &exists) : fg_failed("out of memory");
    free(path);
    if (!rc && exists) rc = exists_already(change);
    return rc;
}

static int commit_all(struct fg_call *c, const struct fg_changes *s)
{
    size_t i;
    json_t *change;
    int rc = 0;
    json_array_foreach(s->list, i, change)
    {
        json_object_del(change, "etag");
        if (strcmp(text(change, "op"), "create")) continue;
        rc = check_new(c, change);
        if (rc) return rc;
        json_object_set_new(change, "op", json_string("put"));
    }
    json_t *body = json_pack("{s:O,s:b,s:I}", "changes", s->list, "dry_run", c->dry_run,
                             "base_revision", s->base);
    rc = fg_commit_flags(c, c->commit ? c->commit : "dry run", body);
    const struct fg_client_query q = {.method = "POST", .path = "/commits", .body = body};
    struct fg_client_answer a;
    if (!rc) rc = fg_remote_ask(c->remote, &q, &a);
    json_decref(body);
    if (rc) return rc;
    fg_commit_print(c, a.status, a.body);
    fg_client_answer_free(&a);
    return 0;
}

int fg_changes_send(struct fg_call *c, struct fg_changes *s)
{
    int rc = 0;
    if (json_array_size(s->list) == 0) {
        if (!c->json) printf("nothing to change\n");
        if (c->json) printf("[]\n");
    } else {
        rc = fg_changes_staged(c) ? stage_all(c, s) : commit_all(c, s);
    }
    fg_changes_free(s);
    return rc;
}
