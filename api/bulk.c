/* Many objects with one request: POST /draft/bulk changes or deletes what a filter takes or what is
 * named, POST /users/assign grants a policy to users. What is meant is found on a worker; the
 * configuration thread stages it in one transaction. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "api/partners_view.h"
#include "api/select.h"
#include "server/executor.h"
#include "server/model/model.h"

enum { KEYS_MAX = 200000, SHOWN = 100, DETAIL = 160, KIND_TEXT = 32, POLICY_TEXT = 256 };

struct bulk {
    enum fg_kind kind;
    enum fg_change_op op;
    bool dry_run, assign;
    json_t *value; /* of a patch; NULL for delete */
    struct fg_selected picked;
    struct fg_change *changes; /* of them */
    struct fg_ready *ready;    /* what they make of the draft, if they are many */
    char detail[DETAIL];
};

static void bulk_free(void *work)
{
    struct bulk *b = work;
    json_decref(b->value);
    fg_ready_free(b->ready);
    free(b->changes);
    fg_selected_free(&b->picked);
    free(b);
}

/* ---- the answer ---- */

static json_t *first_keys(const struct bulk *b)
{
    json_t *list = json_array();
    for (size_t i = 0; i < b->picked.n && i < SHOWN; i++)
        fg_json_push(list, json_string(b->picked.keys[i]));
    return list;
}

/* `impact` is taken over; NULL: there is none. */
static json_t *describe(const struct bulk *b, size_t staged, size_t unchanged, json_t *impact)
{
    json_t *o = json_object();
    fg_json_set(o, "dry_run", json_boolean(b->dry_run));
    fg_json_set(o, "matched", json_integer((json_int_t)b->picked.matched));
    fg_json_set(o, "staged", json_integer((json_int_t)staged));
    fg_json_set(o, "unchanged", json_integer((json_int_t)unchanged));
    fg_json_set(o, "rejected", json_incref(b->picked.rejected));
    fg_json_set(o, "items", first_keys(b));
    fg_json_set(o, "impact", impact ? impact : json_null());
    return o;
}

/* What a refusal adds to its problem. */
static json_t *refusal(const struct bulk *b)
{
    return json_pack("{s:I,s:O}", "matched", (json_int_t)b->picked.matched, "rejected",
                     b->picked.rejected);
}

/* The key in "/kind/key/…", decoded; false when there is none. */
static bool key_of(const char *pointer, char out[FG_MODEL_KEY_MAX])
{
    const char *p = *pointer ? strchr(pointer + 1, '/') : NULL;
    size_t n = 0;
    if (!p) return false;
    for (p++; *p && *p != '/' && n + 1 < FG_MODEL_KEY_MAX; p++) {
        bool escaped = *p == '~' && (p[1] == '0' || p[1] == '1');
        out[n++] = !escaped ? *p : p[1] == '0' ? '~' : '/';
        if (escaped) p++;
    }
    out[n] = 0;
    return n > 0;
}

/* One entry for each object with faults; how many. */
static size_t reject_all(struct bulk *b, const struct fg_problems *problems)
{
    char key[FG_MODEL_KEY_MAX], last[FG_MODEL_KEY_MAX] = "";
    size_t n = 0;
    for (size_t i = 0; i < problems->count; i++) {
        const struct fg_problem *p = &problems->items[i];
        if (!key_of(p->pointer, key)) snprintf(key, sizeof key, "?");
        if (strcmp(key, last) == 0) continue;
        memcpy(last, key, sizeof last);
        fg_reject(b->picked.rejected, key, p->code, p->message);
        n++;
    }
    return n + problems->dropped;
}

static void answer_refused(struct fg_call *c, struct bulk *b, struct fg_problems *problems)
{
    size_t refused = reject_all(b, problems);
    size_t others = refused < b->picked.n ? b->picked.n - refused : 0;
    if (b->dry_run) {
        fg_problems_free(problems);
        fg_answer_json(c, 200, describe(b, others, 0, NULL));
        return;
    }
    struct fg_http_response *r =
        fg_reply_problem_with(422, "bulk_rejected",
                              "Some of the objects cannot be changed so; nothing was staged. Leave "
                              "them out, or change the value.",
                              problems, refusal(b));
    fg_problems_free(problems);
    fg_answer(c, r);
}

/* ---- staging, configuration thread ---- */

static struct fg_bulk order_of(struct fg_call *c, struct bulk *b)
{
    snprintf(b->detail, sizeof b->detail, "%s of %zu %s", fg_change_op_name(b->op), b->picked.n,
             fg_kind_name(b->kind));
    return (struct fg_bulk){.who = fg_call_actor(c),
                            .action = b->assign ? "draft_assign" : "draft_bulk",
                            .detail = b->detail,
                            .changes = b->changes,
                            .n = b->picked.n,
                            .dry_run = b->dry_run,
                            .ready = b->ready};
}

/* Worker: what they make of the draft, as far as it can be said without the configuration thread.
 */
static int make_changes(struct fg_call *c, struct bulk *b)
{
    b->changes = calloc(b->picked.n ? b->picked.n : 1, sizeof *b->changes);
    if (!b->changes) return ENOMEM;
    for (size_t i = 0; i < b->picked.n; i++)
        b->changes[i] = (struct fg_change){b->op, b->kind, b->picked.keys[i], b->value};
    struct fg_bulk bulk = order_of(c, b);
    fg_ready_bulk(c->api->p.config, fg_call_store(c), &bulk, &b->ready);
    return 0;
}

static void answer_staged(struct fg_call *c, const struct bulk *b,
                          const struct fg_bulk_result *result)
{
    json_t *o = describe(b, b->picked.n - result->same, result->same, result->impact);
    fg_call_work_done(c);
    fg_answer_json(c, 200, o);
}

static void stage(struct fg_call *c)
{
    struct bulk *b = c->work;
    struct fg_bulk_result result = {0};
    struct fg_problems problems;
    fg_problems_init(&problems);
    struct fg_bulk bulk = order_of(c, b);
    int err = b->picked.n ? fg_config_stage_all(c->api->p.config, &bulk, &result, &problems) : 0;
    if (err == EINVAL && !b->dry_run && fg_problems_scope(&problems)) {
        fg_answer_invalid(c, &problems);
        return;
    }
    if (err == EINVAL) {
        answer_refused(c, b, &problems);
        return;
    }
    fg_problems_free(&problems);
    if (err == ENOBUFS)
        fg_answer_problem(c, 422, "draft_full",
                          "The draft cannot hold so many changes; commit or discard some first.");
    else if (err)
        fg_answer_errno(c, err, "bulk");
    else
        answer_staged(c, b, &result);
}

/* ---- finding what is meant, worker ---- */

/* Exactly one of filter and names: who forgets the filter must not change everything. */
static int pick(struct fg_view *v, struct bulk *b, json_t *filter, const json_t *names,
                const char *names_field, struct fg_live *live, struct fg_problems *problems)
{
    char pointer[KIND_TEXT];
    snprintf(pointer, sizeof pointer, "/%s", names_field);
    if (!filter == !names) {
        fg_problem_add(problems, "/filter", filter ? "conflict" : "required",
                       "Give either filter, where {} means all, or %s.", names_field);
        return EINVAL;
    }
    if (names) return fg_select_named(v, b->kind, names, pointer, &b->picked, problems);
    json_t *schema = fg_model_openapi(b->kind);
    const char **fields = schema ? fg_select_fields(b->kind, schema) : NULL;
    struct fg_listing_spec spec = {fg_model_key_field(b->kind), fields, NULL};
    struct fg_listing l = {0};
    int err = fields ? 0 : ENOMEM;
    if (!err && !fg_listing_read_filter(&l, filter, &spec, "/filter", problems)) err = EINVAL;
    if (!err) err = fg_select_matching(v, b->kind, &l, live, &b->picked);
    free(fields);
    json_decref(schema);
    return err;
}

static void go_on(struct fg_call *c, struct bulk *b, struct fg_problems *problems, int err)
{
    if (!err && !fg_problems_none(problems)) err = EINVAL;
    if (!err) err = make_changes(c, b);
    if (err) bulk_free(b);
    if (err == EINVAL) {
        fg_answer_invalid(c, problems);
        return;
    }
    fg_problems_free(problems);
    if (err) {
        fg_answer_errno(c, err, "bulk");
        return;
    }
    c->work = b;
    c->free_work = bulk_free;
    fg_call_go(c, FG_ON_CONFIG, stage);
}

/* The part of a body that both requests have. */
static json_t *filter_of(struct fg_input *in)
{
    return (json_t *)(uintptr_t)fg_input_any(in, "filter", FG_MAY); /* of our own body */
}

/* ---- POST /draft/bulk ---- */

static int read_kind(struct fg_input *in, struct bulk *b)
{
    enum fg_kind kind;
    const char *name = fg_input_string(in, "kind", FG_MUST, KIND_TEXT);
    if (!name) return EINVAL;
    if (fg_kind_parse(name, &kind) || kind == FG_KIND_SETTINGS) {
        fg_problem_add(in->problems, "/kind", "choice", "kind is the name of a collection.");
        return EINVAL;
    }
    b->kind = kind;
    return 0;
}

static void read_op(struct fg_input *in, struct bulk *b)
{
    static const char *const ops[] = {"patch", "delete", NULL};
    int op = fg_input_choice(in, "op", FG_MUST, ops);
    const json_t *value = fg_input_any(in, "value", FG_MAY);
    if (op < 0) return;
    b->op = op == 0 ? FG_CHANGE_PATCH : FG_CHANGE_DELETE;
    if (op == 0 && (!json_is_object(value) || json_object_size(value) == 0))
        fg_problem_add(in->problems, "/value", "required",
                       "A patch needs a value: the fields to change.");
    else if (op == 1 && value)
        fg_problem_add(in->problems, "/value", "conflict", "A deletion takes no value.");
    else if (value)
        b->value = json_incref((json_t *)(uintptr_t)value);
    fg_view_strip(b->kind, b->value);
}

static void draft_bulk(struct fg_call *c, struct fg_live *live)
{
    json_t *body = fg_call_body(c, false);
    struct bulk *b = body ? calloc(1, sizeof *b) : NULL;
    struct fg_problems problems;
    struct fg_input in;
    struct fg_view v;
    if (!body) return;
    if (!b) {
        fg_answer_errno(c, ENOMEM, "bulk");
        return;
    }
    fg_problems_init(&problems);
    int err = fg_input_open(&in, body, "", &problems) ? read_kind(&in, b) : EINVAL;
    if (!err) read_op(&in, b);
    json_t *filter = err ? NULL : filter_of(&in);
    const json_t *keys = err ? NULL : fg_input_array(&in, "keys", FG_MAY, KEYS_MAX);
    if (!err) b->dry_run = fg_input_bool(&in, "dry_run", false);
    if (!err) fg_input_rest(&in);
    if (!fg_problems_none(&problems)) err = EINVAL;
    if (!err && !fg_role_may(c->who.role, b->kind, b->op)) {
        bulk_free(b);
        fg_problems_free(&problems);
        fg_answer_problem(c, 403, "role", "Your role may not make such changes.");
        return;
    }
    if (!err && !fg_view_open_as(&v, c, true)) { /* answered */
        bulk_free(b);
        fg_problems_free(&problems);
        return;
    }
    if (!err) {
        err = pick(&v, b, filter, keys, "keys", live, &problems);
        fg_view_close(&v);
    }
    /* All or none: what is named and is not there stops the rest. */
    if (!err && json_array_size(b->picked.rejected) && !b->dry_run) {
        struct fg_http_response *r = fg_reply_problem_with(
            422, "bulk_rejected", "Some of the objects are not there; nothing was staged.", NULL,
            refusal(b));
        bulk_free(b);
        fg_problems_free(&problems);
        fg_answer(c, r);
        return;
    }
    go_on(c, b, &problems, err);
}

static void bulk_with_live(struct fg_call *c, struct fg_live *live)
{
    if (fg_live_missing(c, live)) return;
    draft_bulk(c, live);
    fg_live_free(live);
}

/* Partners may be meant by what works and what fails. */
void fg_handle_draft_bulk(struct fg_call *c)
{
    const json_t *body = fg_call_body(c, false);
    const json_t *filter = json_object_get(body, "filter");
    bool live = false;
    if (!body) return; /* answered */
    for (size_t i = 0; fg_partners_live_fields[i]; i++)
        live |= json_object_get(filter, fg_partners_live_fields[i]) != NULL;
    if (live)
        fg_live_ask(c, FG_VIEW_PARTNERS, bulk_with_live);
    else
        draft_bulk(c, NULL);
}

/* ---- POST /users/assign ---- */

/* "user:NAME" that exists in the draft view, or null: automatic again. */
static int read_policy(struct fg_input *in, const struct fg_view *v, struct bulk *b)
{
    char key[FG_MODEL_KEY_MAX];
    json_t *policy = json_object_get(in->object, "policy");
    bool automatic = json_is_null(policy);
    if (!automatic && !fg_input_string(in, "policy", FG_MUST, POLICY_TEXT)) return EINVAL;
    if (automatic) {
        (void)fg_input_any(in, "policy", FG_MAY);
        b->value = json_pack("{s:n}", "policy");
        return b->value ? 0 : ENOMEM;
    }
    const char *raw = json_string_value(policy);
    if (fg_model_key_prepare(FG_KIND_POLICIES, raw, "/policy", key, in->problems)) return EINVAL;
    if (strncmp(key, "user:", 5) != 0)
        fg_problem_add(in->problems, "/policy", "choice",
                       "Only a policy user:NAME can be granted; null lets site or global decide.");
    else if (!fg_snapshot_find(v->snapshot, FG_KIND_POLICIES, key))
        fg_problem_add(in->problems, "/policy", "not_found",
                       "There is no policy %s; create it first.", key);
    b->value = json_pack("{s:s}", "policy", key);
    return b->value ? 0 : ENOMEM;
}

void fg_handle_users_assign(struct fg_call *c)
{
    json_t *body = fg_call_body(c, false);
    struct bulk *b = body ? calloc(1, sizeof *b) : NULL;
    struct fg_problems problems;
    struct fg_input in;
    struct fg_view v;
    if (!body) return;
    if (!b) {
        fg_answer_errno(c, ENOMEM, "assign");
        return;
    }
    if (!fg_view_open_as(&v, c, true)) { /* answered */
        bulk_free(b);
        return;
    }
    *b = (struct bulk){.kind = FG_KIND_USERS, .op = FG_CHANGE_PATCH, .assign = true};
    fg_problems_init(&problems);
    int err = fg_input_open(&in, body, "", &problems) ? read_policy(&in, &v, b) : EINVAL;
    if (err != ENOMEM && json_is_object(body)) {
        json_t *filter = filter_of(&in);
        const json_t *users = fg_input_array(&in, "users", FG_MAY, KEYS_MAX);
        b->dry_run = fg_input_bool(&in, "dry_run", false);
        fg_input_rest(&in);
        int picked = pick(&v, b, filter, users, "users", NULL, &problems);
        if (!err) err = picked;
    }
    fg_view_close(&v);
    go_on(c, b, &problems, err);
}
