/* Commits: of the caller's draft, or of the changes of one request. */
#include "api/commit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/view.h"
#include "gateway/base/clock.h"
#include "server/model/model.h"
#include "server/store/drafts.h"

enum { COMMENT_MAX = 1000, CONFIRM_MAX_S = 86400, CHANGES_MAX = 200000, POINTER = 96 };

/* ---- answers ---- */

/* "/partners/fabrikam.com/tls" into kind, key and the pointer below the object. */
static void split_pointer(json_t *o, const char *pointer)
{
    enum fg_kind kind;
    char word[64], key[FG_MODEL_KEY_MAX];
    const char *p = *pointer == '/' ? pointer + 1 : pointer;
    size_t n = strcspn(p, "/");
    snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : 0), p);
    if (fg_kind_parse(word, &kind)) {
        fg_json_set(o, "kind", json_null());
        fg_json_set(o, "key", json_null());
        fg_json_set(o, "pointer", fg_json_text(pointer));
        return;
    }
    p += n;
    if (kind == FG_KIND_SETTINGS) {
        snprintf(key, sizeof key, "settings");
        if (strncmp(p, "/settings", 9) == 0 && (!p[9] || p[9] == '/')) p += 9;
    } else {
        size_t used = 0;
        if (*p == '/') p++;
        for (; *p && *p != '/' && used + 1 < sizeof key; p++) {
            if (*p == '~' && p[1])
                key[used++] = *++p == '0' ? '~' : '/';
            else
                key[used++] = *p;
        }
        key[used] = 0;
    }
    fg_json_set(o, "kind", json_string(word));
    fg_json_set(o, "key", fg_json_text(key));
    fg_json_set(o, "pointer", fg_json_text(p));
}

json_t *fg_json_object_problems(const struct fg_problems *problems)
{
    json_t *list = json_array();
    for (size_t i = 0; i < problems->count; i++) {
        json_t *o = json_object();
        split_pointer(o, problems->items[i].pointer);
        fg_json_set(o, "code", fg_json_text(problems->items[i].code));
        fg_json_set(o, "message", fg_json_text(problems->items[i].message));
        fg_json_push(list, o);
    }
    return list;
}

static json_t *committed(const struct fg_commit_result *r)
{
    json_t *o = json_object();
    fg_json_set(o, "revision", json_integer((json_int_t)r->revision));
    fg_json_set(o, "applied_at", fg_json_time(r->applied_at_ms));
    fg_json_set(o, "impact", r->impact ? json_incref(r->impact) : json_null());
    fg_json_set(o, "warnings", fg_json_object_problems(&r->warnings));
    if (r->changes) fg_json_set(o, "changes", json_incref(r->changes));
    if (r->requires) fg_json_set(o, "included", json_incref(r->requires));
    return o;
}

static struct fg_http_response *created(const struct fg_commit_result *r)
{
    struct fg_http_response *p = fg_reply_json(201, committed(r));
    fg_http_response_headerf(p, "Location", "/api/v1/revisions/%llu",
                             (unsigned long long)r->revision);
    return p;
}

static struct fg_http_response *not_applied(const struct fg_commit_result *r)
{
    json_t *more =
        json_pack("{s:I,s:b,s:b}", "revision", (json_int_t)r->revision, "stored", 1, "applied", 0);
    return fg_reply_problem_with(
        503, "not_applied",
        "The revision is stored, but the engine did not take it over in time; "
        "it does as soon as it can.",
        NULL, more);
}

static struct fg_http_response *reply(struct fg_call *c, const struct fg_commit_result *r)
{
    switch (r->outcome) {
    case FG_COMMIT_DONE:
        return created(r);
    case FG_COMMIT_NOTHING:
        return fg_reply_json(200, committed(r));
    case FG_COMMIT_INVALID:
        if (r->requires)
            return fg_reply_problem_with(
                422, "selection_incomplete",
                "The selected changes need others of the draft, which \"requires\" names: select "
                "them too, or send include_dependencies.",
                &r->problems, json_pack("{s:O}", "requires", r->requires));
        if (fg_problems_scope(&r->problems)) return fg_reply_outside(&r->problems);
        return fg_reply_problems(422, "invalid",
                                 "The configuration would have faults; nothing was changed.",
                                 &r->problems);
    case FG_COMMIT_CONFLICT:
        return fg_reply_problem_with(409, "conflict",
                                     "Somebody else has changed the same objects meanwhile.", NULL,
                                     json_pack("{s:O}", "conflicts", r->conflicts));
    case FG_COMMIT_PENDING_CONFIRM:
        return fg_reply_problem_with(
            409, "confirm_pending",
            "Another commit waits for its confirmation; keep or revert it first.", NULL,
            json_pack("{s:I}", "revision", (json_int_t)r->revision));
    case FG_COMMIT_NOT_APPLIED:
        return not_applied(r);
    case FG_COMMIT_NOT_FOUND:
        return fg_reply_problem(404, "not_found", "There is no such revision.");
    case FG_COMMIT_NOT_PENDING:
        return fg_reply_problem(409, "not_pending",
                                "This revision does not wait for confirmation.");
    case FG_COMMIT_WAITING:
        return fg_reply_waiting(c, r);
    case FG_COMMIT_OWN:
        return fg_reply_problem(403, "own_commit",
                                "Somebody else than its author must approve a commit.");
    case FG_COMMIT_DECIDED:
        return fg_reply_problem(409, "not_waiting", "This commit does not wait any more.");
    case FG_COMMIT_FAILED:
        if (r->err == ENOBUFS)
            return fg_reply_problem(409, "too_many_waiting",
                                    "As many commits wait as can; approve or reject some first.");
        break;
    }
    return fg_reply_errno(r->err);
}

void fg_answer_commit(struct fg_call *c, struct fg_commit_result *r)
{
    struct fg_http_response *p = reply(c, r);
    fg_commit_result_free(r);
    fg_answer(c, p);
}

/* ---- roles ---- */

static void refuse_change(struct fg_call *c, enum fg_kind kind)
{
    char detail[200];
    snprintf(detail, sizeof detail, "The role %s may not change %s.", fg_role_name(c->who.role),
             fg_kind_name(kind));
    fg_answer_problem(c, 403, "role", detail);
}

bool fg_check_changes(struct fg_call *c, const json_t *changes)
{
    for (size_t i = 0; i < json_array_size(changes); i++) {
        const json_t *ch = json_array_get(changes, i);
        enum fg_kind kind;
        const char *op = json_string_value(json_object_get(ch, "op"));
        if (fg_kind_parse(json_string_value(json_object_get(ch, "kind")), &kind)) continue;
        bool removes = op && strcmp(op, "delete") == 0;
        if (fg_role_may(c->who.role, kind, removes ? FG_CHANGE_DELETE : FG_CHANGE_PUT)) continue;
        refuse_change(c, kind);
        return false;
    }
    return true;
}

struct draft_check {
    enum fg_role role;
    enum fg_kind refused;
};

static bool check_ready(void *arg, enum fg_kind kind, enum fg_change_op op)
{
    struct draft_check *k = arg;
    k->refused = kind;
    return fg_role_may(k->role, kind, op);
}

static int check_draft_row(const struct fg_draft *d, void *arg)
{
    struct draft_check *k = arg;
    enum fg_kind kind;
    if (fg_kind_parse(d->kind, &kind) || fg_role_may(k->role, kind, (enum fg_change_op)d->op))
        return 0;
    k->refused = kind;
    return EPERM;
}

/* A role may have shrunk since the draft was made. */
static bool check_draft(struct fg_call *c)
{
    struct draft_check k = {c->who.role, FG_KIND_SETTINGS};
    int err = fg_ready_permits(c->api->p.config, c->work, c->who.owner, check_ready, &k);
    if (err == ESTALE)
        err = fg_draft_each(fg_call_store(c), c->who.owner, NULL, NULL, NULL, FG_DRAFT_MAX,
                            check_draft_row, &k);
    if (err == EPERM)
        refuse_change(c, k.refused);
    else if (err)
        fg_answer_errno(c, err, "draft");
    return err == 0;
}

/* ---- what is worked out before the configuration thread has its turn ---- */

static void free_ready(void *ready)
{
    fg_ready_free(ready);
}

/* Worker; the draft is in `c->work` if it is a large one. */
static void go_with_draft(struct fg_call *c, void (*next)(struct fg_call *c))
{
    struct fg_ready *ready;
    fg_ready_draft(c->api->p.config, fg_call_store(c), c->who.owner, &ready);
    c->work = ready;
    c->free_work = free_ready;
    fg_call_go(c, FG_ON_CONFIG, next);
}

/* ---- POST /draft/check ---- */

static void run_draft_check(struct fg_call *c)
{
    struct fg_commit_result r;
    struct fg_commit_order order = {
        .who = fg_call_actor(c), .dry_run = true, .from_draft = true, .ready = c->work};
    fg_config_commit(c->api->p.config, &order, &r);
    if (r.outcome == FG_COMMIT_FAILED) {
        fg_answer_commit(c, &r);
        return;
    }
    json_t *o = json_object();
    fg_json_set(o, "ok", json_boolean(r.outcome == FG_COMMIT_NOTHING));
    fg_json_set(o, "problems", fg_json_object_problems(&r.problems));
    fg_json_set(o, "warnings", fg_json_object_problems(&r.warnings));
    fg_json_set(o, "conflicts", r.conflicts ? json_incref(r.conflicts) : json_array());
    fg_json_set(o, "impact", r.impact ? json_incref(r.impact) : json_null());
    fg_commit_result_free(&r);
    fg_call_work_done(c);
    fg_answer_json(c, 200, o);
}

/* Worker. */
void fg_handle_draft_check(struct fg_call *c)
{
    if (fg_call_body(c, true)) go_with_draft(c, run_draft_check);
}

/* ---- a commit for later ---- */

/* A time that has passed is now: who chose it a minute ago need not choose again. */
static int64_t read_at(struct fg_input *in)
{
    int64_t at = fg_input_time(in, "at", FG_MAY);
    return at > fg_clock_wall_ms() ? at : 0;
}

/* ---- POST /draft/commit ---- */

/* The part of a draft that is to be committed, with prepared keys. */
struct picked {
    struct fg_selection *list;
    char **keys; /* what list[i].key points to */
    size_t n;
};

static void pick(struct picked *p, size_t i, json_t *value, struct fg_problems *problems)
{
    char at[POINTER], pointer[POINTER], key[FG_MODEL_KEY_MAX] = "";
    struct fg_input in;
    snprintf(at, sizeof at, "/only/%zu", i);
    if (!fg_input_open(&in, value, at, problems)) return;
    const char *kind = fg_input_string(&in, "kind", FG_MUST, 64);
    const char *raw = fg_input_string(&in, "key", FG_MUST, FG_MODEL_KEY_MAX - 1);
    fg_input_rest(&in);
    fg_pointer(pointer, sizeof pointer, at, "kind");
    if (kind && fg_kind_parse(kind, &p->list[i].kind)) {
        fg_problem_add(problems, pointer, "choice", "There is no such kind of object.");
    } else if (kind && raw) {
        fg_pointer(pointer, sizeof pointer, at, "key");
        (void)fg_model_key_prepare(p->list[i].kind, raw, pointer, key, problems);
    }
    p->keys[i] = strdup(key);
    p->list[i].key = p->keys[i];
    if (!p->keys[i]) fg_problem_add(problems, at, "internal", "Out of memory.");
}

static void read_selection(struct picked *p, const json_t *only, struct fg_problems *problems)
{
    size_t n = json_array_size(only);
    p->list = calloc(n ? n : 1, sizeof *p->list);
    p->keys = calloc(n ? n : 1, sizeof(char *));
    if (!p->list || !p->keys) {
        fg_problem_add(problems, "/only", "internal", "Out of memory.");
        return;
    }
    p->n = n;
    for (size_t i = 0; i < n; i++) pick(p, i, json_array_get(only, i), problems);
}

static void picked_free(struct picked *p)
{
    for (size_t i = 0; i < p->n; i++) free(p->keys[i]);
    free(p->keys);
    free(p->list);
}

/* Configuration thread. */
static void run_draft_commit(struct fg_call *c)
{
    struct fg_problems problems;
    struct fg_input in;
    struct fg_commit_result r;
    json_t *body = c->body;
    fg_problems_init(&problems);
    struct fg_commit_order order = {.who = fg_call_actor(c),
                                    .from_draft = true,
                                    .ready = c->work,
                                    .comment = "",
                                    .role = fg_role_name(c->who.role)};
    struct picked only = {0};
    if (fg_input_open(&in, body, "", &problems)) {
        const char *comment = fg_input_string(&in, "comment", FG_MAY, COMMENT_MAX);
        order.comment = comment ? comment : "";
        order.confirm_within_s =
            (uint32_t)fg_input_integer(&in, "confirm_within", FG_MAY, 0, CONFIRM_MAX_S, 0);
        order.at_ms = read_at(&in);
        order.include_dependencies = fg_input_bool(&in, "include_dependencies", false);
        const json_t *list = fg_input_array(&in, "only", FG_MAY, CHANGES_MAX);
        fg_input_rest(&in);
        if (list && !json_array_size(list))
            fg_problem_add(&problems, "/only", "empty",
                           "only names no change; leave it out to commit all of them.");
        else if (list)
            read_selection(&only, list, &problems);
        order.only = only.list;
        order.n_only = only.n;
    }
    if (!fg_problems_none(&problems)) {
        fg_answer_invalid(c, &problems);
    } else if (check_draft(c)) {
        fg_config_commit(c->api->p.config, &order, &r);
        fg_call_work_done(c);
        fg_answer_commit(c, &r);
    }
    picked_free(&only);
}

/* Worker. */
void fg_handle_draft_commit(struct fg_call *c)
{
    if (!fg_call_body(c, true)) return;
    if (json_object_get(c->body, "only"))
        fg_call_go(c, FG_ON_CONFIG, run_draft_commit);
    else
        go_with_draft(c, run_draft_commit);
}

/* ---- POST /commits ---- */

static void read_change(json_t *value, size_t i, struct fg_change *out,
                        struct fg_problems *problems)
{
    static const char *const ops[] = {"put", "patch", "delete", NULL};
    char at[POINTER], pointer[POINTER];
    struct fg_input in;
    snprintf(at, sizeof at, "/changes/%zu", i);
    if (!fg_input_open(&in, value, at, problems)) return;
    int op = fg_input_choice(&in, "op", FG_MUST, ops);
    const char *kind = fg_input_string(&in, "kind", FG_MUST, 64);
    if (kind && fg_kind_parse(kind, &out->kind))
        fg_problem_add(problems, fg_pointer(pointer, sizeof pointer, at, "kind"), "choice",
                       "There is no such kind of object.");
    bool is_settings = kind && strcmp(kind, "settings") == 0;
    const char *key =
        fg_input_string(&in, "key", is_settings ? FG_MAY : FG_MUST, FG_MODEL_KEY_MAX - 1);
    fg_view_strip(out->kind, json_object_get(value, "value"));
    out->value = fg_input_any(&in, "value", op == FG_CHANGE_DELETE ? FG_MAY : FG_MUST);
    fg_input_rest(&in);
    out->op = op < 0 ? FG_CHANGE_PUT : (enum fg_change_op)op;
    out->key = key ? key : "settings";
}

static struct fg_change *read_changes(const json_t *list, size_t *n, struct fg_problems *problems)
{
    *n = json_array_size(list);
    struct fg_change *changes = calloc(*n ? *n : 1, sizeof *changes);
    for (size_t i = 0; changes && i < *n; i++)
        read_change(json_array_get(list, i), i, &changes[i], problems);
    return changes;
}

static bool check_roles(struct fg_call *c, const struct fg_change *changes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (fg_role_may(c->who.role, changes[i].kind, changes[i].op)) continue;
        refuse_change(c, changes[i].kind);
        return false;
    }
    return true;
}

/* Configuration thread. */
static void run_commits(struct fg_call *c)
{
    struct fg_problems problems;
    struct fg_input in;
    struct fg_commit_result r;
    struct fg_change *changes = NULL;
    json_t *body = c->body;
    fg_problems_init(&problems);
    struct fg_commit_order order = {
        .who = fg_call_actor(c), .comment = "", .role = fg_role_name(c->who.role)};
    if (fg_input_open(&in, body, "", &problems)) {
        const char *comment = fg_input_string(&in, "comment", FG_MAY, COMMENT_MAX);
        order.comment = comment ? comment : "";
        order.confirm_within_s =
            (uint32_t)fg_input_integer(&in, "confirm_within", FG_MAY, 0, CONFIRM_MAX_S, 0);
        int64_t base = fg_input_integer(&in, "base_revision", FG_MAY, 0, INT64_MAX, -1);
        order.has_base = base >= 0;
        order.base_revision = base >= 0 ? (uint64_t)base : 0;
        order.dry_run = fg_input_bool(&in, "dry_run", false);
        order.at_ms = read_at(&in);
        const json_t *list = fg_input_array(&in, "changes", FG_MUST, CHANGES_MAX);
        fg_input_rest(&in);
        order.changes = changes = list ? read_changes(list, &order.n_changes, &problems) : NULL;
    }
    if (!fg_problems_none(&problems)) {
        fg_answer_invalid(c, &problems);
    } else if (check_roles(c, changes, order.n_changes)) {
        fg_config_commit(c->api->p.config, &order, &r);
        fg_answer_commit(c, &r);
    }
    free(changes);
}

/* A large body is parsed on a worker, where nobody waits for it. */
void fg_handle_commits(struct fg_call *c)
{
    if (fg_call_body(c, false)) fg_call_go(c, FG_ON_CONFIG, run_commits);
}
