/* Commits that wait for a second administrator or for their time: list, show, approve, turn down.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/commit.h"
#include "api/listing.h"
#include "server/store/approvals.h"

enum { COMMENT_MAX = 1000 };

struct found {
    json_t *item;    /* as it is shown, without its changes */
    json_t *changes; /* as it is stored; NULL: it cannot be read */
};

static json_t *text_or_null(const char *s)
{
    return s && *s ? fg_json_text(s) : json_null();
}

/* From [{pointer, code, message}], as stored. */
static json_t *problems_of(const char *outcome)
{
    struct fg_problems problems;
    json_t *list = outcome ? json_loads(outcome, 0, NULL) : NULL;
    fg_problems_init(&problems);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        const char *pointer = json_string_value(json_object_get(o, "pointer"));
        const char *code = json_string_value(json_object_get(o, "code"));
        const char *message = json_string_value(json_object_get(o, "message"));
        if (pointer && code && message) fg_problem_add(&problems, pointer, code, "%s", message);
    }
    json_t *shown = fg_json_object_problems(&problems);
    fg_problems_free(&problems);
    json_decref(list);
    return shown;
}

static json_t *print(const struct fg_approval *a)
{
    json_t *o = json_object();
    fg_json_set(o, "id", json_integer((json_int_t)a->id));
    fg_json_set(o, "state", json_string(fg_approval_state_name(a->state)));
    fg_json_set(o, "author", fg_json_text(a->author_name));
    fg_json_set(o, "comment", fg_json_text(a->comment));
    fg_json_set(o, "created_at", fg_json_time(a->created_ms));
    fg_json_set(o, "at", fg_json_time(a->due_ms));
    fg_json_set(o, "confirm_within",
                a->confirm_within_s ? json_integer(a->confirm_within_s) : json_null());
    fg_json_set(o, "approved_by", text_or_null(a->approved_by_name));
    fg_json_set(o, "approved_at", fg_json_time(a->approved_ms));
    fg_json_set(o, "closed_by", text_or_null(a->closed_by_name));
    fg_json_set(o, "closed_at", fg_json_time(a->closed_ms));
    fg_json_set(o, "reason", text_or_null(a->closed_comment));
    fg_json_set(o, "revision", a->revision ? json_integer((json_int_t)a->revision) : json_null());
    fg_json_set(o, "problems", problems_of(a->outcome));
    return o;
}

static int take(const struct fg_approval *a, void *arg)
{
    fg_json_push(arg, print(a));
    return 0;
}

void fg_handle_approvals_list(struct fg_call *c)
{
    static const char *const fields[] = {"state", "author", "created_at", "at", NULL};
    static const struct fg_listing_spec spec = {"id", fields, NULL};
    struct fg_listing l;
    struct fg_problems problems;
    fg_problems_init(&problems);
    if (!fg_listing_read(&l, c->http, &spec, &problems)) {
        fg_listing_free(&l);
        fg_answer_bad_request(c, &problems);
        return;
    }
    json_t *all = json_array();
    int err = fg_approval_each(fg_call_store(c), take, all);
    if (err) {
        json_decref(all);
        fg_answer_errno(c, err, "approvals");
    } else {
        fg_answer_json(c, 200, fg_listing_page(&l, all));
    }
    fg_listing_free(&l);
}

/* ---- one ---- */

static int keep(const struct fg_approval *a, void *arg)
{
    struct found *f = arg;
    f->item = print(a);
    f->changes = json_loads(a->changes, 0, NULL);
    return 0;
}

/* A row that cannot be read is shown as such, and can be turned down. */
static void show_damage(json_t *item)
{
    json_t *problems = json_object_get(item, "problems");
    /* A closed one says it already. */
    if (json_is_null(json_object_get(item, "closed_at")))
        fg_json_push(problems, json_pack("{s:n,s:n,s:s,s:s,s:s}", "kind", "key", "pointer", "",
                                         "code", "damaged", "message",
                                         "What was stored of it cannot be read. Reject it, and "
                                         "commit the changes anew."));
    fg_json_set(item, "changes", json_array());
    fg_json_set(item, "conflicts", json_array());
}

/* Nobody can say what it holds, so only who may change everything decides. */
static bool may_decide(struct fg_call *c, const struct found *f)
{
    if (f->changes) return fg_check_changes(c, f->changes);
    if (c->who.role == FG_ROLE_ADMINISTRATOR) return true;
    fg_answer_problem(c, 403, "role", "Only an administrator decides on what cannot be read.");
    return false;
}

static void found_free(struct found *f)
{
    json_decref(f->item);
    json_decref(f->changes);
}

/* The one that the path names; false after having answered. */
static bool find(struct fg_call *c, uint64_t *id, struct found *f)
{
    *f = (struct found){0};
    if (!fg_call_number(c, c->args[0], id)) return false;
    int err = fg_approval_get(fg_call_store(c), *id, keep, f);
    if (!err) return true;
    found_free(f);
    if (err == ENOENT)
        fg_answer_problem(c, 404, "not_found", "There is no such approval.");
    else
        fg_answer_errno(c, err, "approval");
    return false;
}

void fg_handle_approvals_show(struct fg_call *c)
{
    uint64_t id;
    struct found f;
    json_t *changes, *conflicts;
    if (!find(c, &id, &f)) return;
    int err = f.changes ? fg_config_approval_changes(c->api->p.config, fg_call_store(c), f.changes,
                                                     &changes, &conflicts)
                        : EBADMSG;
    if (err == EBADMSG) {
        show_damage(f.item);
        fg_answer_json(c, 200, json_incref(f.item));
    } else if (err) {
        fg_answer_errno(c, err, "approval");
    } else {
        bool open = json_is_null(json_object_get(f.item, "closed_at"));
        fg_json_set(f.item, "changes", changes);
        fg_json_set(f.item, "conflicts", open ? json_incref(conflicts) : json_array());
        json_decref(conflicts);
        fg_answer_json(c, 200, json_incref(f.item));
    }
    found_free(&f);
}

struct fg_http_response *fg_reply_waiting(struct fg_call *c, const struct fg_commit_result *r)
{
    struct found f = {0};
    int err = fg_approval_get(fg_call_store(c), r->approval, keep, &f);
    if (err) {
        found_free(&f);
        return fg_reply_errno(err);
    }
    json_t *o = json_object();
    fg_json_set(o, "approval", json_incref(f.item));
    fg_json_set(o, "impact", r->impact ? json_incref(r->impact) : json_null());
    fg_json_set(o, "warnings", fg_json_object_problems(&r->warnings));
    found_free(&f);
    struct fg_http_response *p = fg_reply_json(202, o);
    fg_http_response_headerf(p, "Location", "/api/v1/approvals/%llu",
                             (unsigned long long)r->approval);
    return p;
}

/* ---- deciding ---- */

/* "" when none was given; NULL after having answered. */
static const char *comment_of(struct fg_call *c)
{
    struct fg_problems problems;
    struct fg_input in;
    const char *comment = NULL;
    json_t *body = fg_call_body(c, true);
    if (!body) return NULL;
    fg_problems_init(&problems);
    if (fg_input_open(&in, body, "", &problems)) {
        comment = fg_input_string(&in, "comment", FG_MAY, COMMENT_MAX);
        fg_input_rest(&in);
    }
    if (fg_problems_none(&problems)) return comment ? comment : "";
    fg_answer_invalid(c, &problems);
    return NULL;
}

void fg_handle_approvals_approve(struct fg_call *c)
{
    uint64_t id;
    struct found f;
    struct fg_commit_result r;
    struct fg_actor who = fg_call_actor(c);
    const char *comment = comment_of(c);
    if (!comment || !find(c, &id, &f)) return;
    if (may_decide(c, &f)) {
        fg_config_approve(c->api->p.config, &who, id, comment, &r);
        fg_answer_commit(c, &r);
    }
    found_free(&f);
}

static int keep_person(const struct fg_approval *a, void *arg)
{
    *(int64_t *)arg = a->person;
    return 0;
}

/* Its author may always take it back; others need a role that could have made it. */
void fg_handle_approvals_reject(struct fg_call *c)
{
    uint64_t id;
    int64_t person = -1;
    struct found f;
    struct fg_commit_result r;
    struct fg_actor who = fg_call_actor(c);
    const char *comment = comment_of(c);
    if (!comment || !find(c, &id, &f)) return;
    int err = fg_approval_get(fg_call_store(c), id, keep_person, &person);
    if (err) {
        fg_answer_errno(c, err, "approval");
    } else if (person == who.admin_id || may_decide(c, &f)) {
        fg_config_reject(c->api->p.config, &who, id, comment, &r);
        if (r.outcome == FG_COMMIT_NOTHING) {
            fg_commit_result_free(&r);
            fg_handle_approvals_show(c);
        } else {
            fg_answer_commit(c, &r);
        }
    }
    found_free(&f);
}
