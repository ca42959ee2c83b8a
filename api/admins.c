/* Administrators. Accounts are no part of the configuration: changes count at once. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/accounts.h"
#include "api/listing.h"
#include "gateway/base/clock.h"
#include "server/auth/second_factor.h"
#include "server/store/accounts.h"
#include "server/store/audit.h"
#include "server/store/drafts.h"

enum { USERNAME_MAX = 128 };

struct taking {
    struct fg_call *c;
    json_t *items;
};

static int take(const struct fg_admin *a, void *arg)
{
    const struct taking *t = arg;
    fg_json_push(t->items, fg_json_admin(t->c, a));
    return 0;
}

void fg_handle_admins_list(struct fg_call *c)
{
    static const char *const fields[] = {"username",     "role", "disabled", "created_at",
                                         "last_sign_in", "totp", NULL};
    static const struct fg_listing_spec spec = {"username", fields, NULL};
    struct fg_listing l;
    struct fg_problems problems;
    json_t *items = json_array();
    struct taking taking = {c, items};
    fg_problems_init(&problems);
    bool good = fg_listing_read(&l, c->http, &spec, &problems);
    int err = good ? fg_admin_each(fg_call_store(c), take, &taking) : 0;
    if (!good)
        fg_answer_bad_request(c, &problems);
    else if (err)
        fg_answer_errno(c, err, "administrators");
    else
        fg_answer_json(c, 200, fg_listing_page(&l, json_incref(items)));
    json_decref(items);
    fg_listing_free(&l);
}

/* The account of the path; false after having answered. */
static bool find(struct fg_call *c, struct fg_admin *out)
{
    int err = fg_admin_find(fg_call_store(c), c->args[0], out);
    if (err == ENOENT)
        fg_answer_problem(c, 404, "not_found", "There is no such administrator.");
    else if (err)
        fg_answer_errno(c, err, "administrator");
    return err == 0;
}

void fg_handle_admins_show(struct fg_call *c)
{
    struct fg_admin a;
    uint64_t changes;
    if (!find(c, &a)) return;
    int err = fg_draft_count_of_admin(fg_call_store(c), a.id, &changes);
    if (err) {
        fg_answer_errno(c, err, "administrator");
        return;
    }
    json_t *o = fg_json_admin(c, &a);
    fg_json_set(o, "draft_changes", json_integer((json_int_t)changes));
    fg_answer_json(c, 200, o);
}

/* `before` and `after` (may be NULL) are taken; no secret is in them. */
static int audit(struct fg_call *c, const char *action, const char *name, const char *detail,
                 json_t *before, json_t *after)
{
    struct fg_actor who = fg_call_actor(c);
    char *was = before ? json_dumps(before, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    char *is = after ? json_dumps(after, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    struct fg_audit_entry e = {.who = who.owner,
                               .who_name = who.name,
                               .via = who.via,
                               .address = who.address,
                               .action = action,
                               .kind = "admins",
                               .key = name,
                               .before = was,
                               .after = is,
                               .outcome = "ok",
                               .detail = detail};
    int err = (before && !was) || (after && !is) ? ENOMEM : fg_audit_add(fg_call_store(c), &e);
    json_decref(before);
    json_decref(after);
    free(was);
    free(is);
    return err;
}

/* What an account may do, as it stands in the store now. */
static json_t *rights(struct fg_call *c, int64_t id)
{
    struct fg_admin a;
    if (fg_admin_get(fg_call_store(c), id, &a)) return NULL;
    json_t *o = fg_json_admin(c, &a), *shown = json_object();
    json_object_set(shown, "role", json_object_get(o, "role"));
    json_object_set(shown, "scope", json_object_get(o, "scope"));
    json_object_set(shown, "disabled", json_object_get(o, "disabled"));
    json_decref(o);
    return shown;
}

static void answer_error(struct fg_call *c, int err)
{
    if (err == EPERM)
        fg_answer_problem(c, 409, "last_administrator",
                          "This is the last administrator; make another one first.");
    else if (err == EEXIST)
        fg_answer_problem(c, 409, "exists", "There is an administrator of this name already.");
    else if (err == ENOENT)
        fg_answer_problem(c, 404, "not_found", "There is no such administrator.");
    else
        fg_answer_errno(c, err, "administrator");
}

/* ---- POST /admins ---- */

static void store_new(struct fg_call *c)
{
    struct fg_new_password *w = c->work;
    struct fg_store *st = fg_call_store(c);
    struct fg_admin admin;
    int err = fg_store_begin(st);
    if (!err) {
        err = fg_admin_add(st, w->username, w->role, w->encoded, fg_clock_wall_ms(), &w->admin_id);
        if (!err && w->scope) err = fg_admin_set_scope(st, w->admin_id, w->scope);
        if (!err) err = audit(c, "admin_add", w->username, "", NULL, rights(c, w->admin_id));
        err = fg_store_end(st, err);
    }
    if (!err) err = fg_admin_get(st, w->admin_id, &admin);
    if (err) {
        answer_error(c, err);
        return;
    }
    fg_accounts_changed(c);
    struct fg_http_response *r = fg_reply_json(201, fg_json_admin(c, &admin));
    fg_location(r, "/api/v1/admins/", admin.name);
    fg_answer(c, r);
}

void fg_handle_admins_add(struct fg_call *c)
{
    struct fg_problems problems;
    struct fg_input in;
    const char *name = NULL, *password = NULL;
    char *scope = NULL;
    enum fg_role role = FG_ROLE_NONE;
    json_t *body = fg_call_body(c, false);
    if (!body) return;
    fg_problems_init(&problems);
    if (fg_input_open(&in, body, "", &problems)) {
        name = fg_input_string(&in, "username", FG_MUST, USERNAME_MAX);
        password = fg_input_string(&in, "password", FG_MUST, FG_PASSWORD_MAX);
        role = fg_input_role(&in, FG_MUST);
        (void)fg_input_scope(&in, &scope);
        fg_input_rest(&in);
    }
    const char *wrong = name ? fg_admin_name_problem(name) : NULL;
    if (wrong) fg_problem_add(&problems, "/username", "username", "%s", wrong);
    fg_check_password(name, password, "password", &problems);
    if (!fg_problems_none(&problems)) {
        free(scope);
        fg_answer_invalid(c, &problems);
        return;
    }
    struct fg_new_password *w = fg_new_password(c);
    if (!w) {
        free(scope);
        return;
    }
    snprintf(w->username, sizeof w->username, "%s", name);
    w->scope = scope;
    w->role = role;
    fg_hash_then(c, password, store_new);
}

/* ---- PATCH /admins/{username} ---- */

/* A second factor is only switched off here: on is what its owner makes it, with a code. */
static bool take_totp_off(struct fg_input *in, json_t *body, struct fg_problems *problems)
{
    if (!json_object_get(body, "totp")) return false;
    bool on = fg_input_bool(in, "totp", false);
    if (on)
        fg_problem_add(problems, "/totp", "totp",
                       "Only false: its owner switches the second factor on.");
    return !on;
}

static bool differs(const json_t *a, const json_t *b, const char *name)
{
    return !json_equal(json_object_get(a, name), json_object_get(b, name));
}

static const char *change_name(const json_t *before, const json_t *after)
{
    if (differs(before, after, "disabled"))
        return json_is_true(json_object_get(after, "disabled")) ? "admin_disable" : "admin_enable";
    return differs(before, after, "role") ? "admin_role" : "admin_scope";
}

static int apply(struct fg_call *c, const struct fg_new_password *w)
{
    struct fg_store *st = fg_call_store(c);
    int err = 0;
    json_t *before = rights(c, w->admin_id);
    if (w->scope_given) err = fg_admin_set_scope(st, w->admin_id, w->scope);
    if (!err && w->role != FG_ROLE_NONE) err = fg_admin_set_role(st, w->admin_id, w->role);
    if (!err && w->disabled >= 0) err = fg_admin_set_disabled(st, w->admin_id, w->disabled);
    json_t *after = err ? NULL : rights(c, w->admin_id);
    if (!err && !json_equal(before, after))
        err = audit(c, change_name(before, after), w->username, "", json_incref(before),
                    json_incref(after));
    json_decref(before);
    json_decref(after);
    if (!err && *w->encoded) {
        err = fg_admin_set_password(st, w->admin_id, w->encoded, fg_clock_wall_ms());
        if (!err) err = audit(c, "admin_password", w->username, "", NULL, NULL);
    }
    if (!err && w->totp_off)
        err = fg_factor_off(st, w->admin_id, w->username, &c->who, c->http->address,
                            fg_clock_wall_ms());
    if (!err && w->totp_off) err = fg_session_delete_admin(st, w->admin_id);
    return err;
}

static void store_change(struct fg_call *c)
{
    struct fg_new_password *w = c->work;
    struct fg_store *st = fg_call_store(c);
    struct fg_admin admin;
    int err = fg_store_begin(st);
    if (!err) {
        err = apply(c, w);
        err = fg_store_end(st, err);
    }
    if (!err) err = fg_admin_get(st, w->admin_id, &admin);
    if (err) {
        answer_error(c, err);
        return;
    }
    fg_accounts_changed(c);
    fg_answer_json(c, 200, fg_json_admin(c, &admin));
}

void fg_handle_admins_change(struct fg_call *c)
{
    struct fg_problems problems;
    struct fg_input in;
    struct fg_admin admin;
    const char *password = NULL;
    enum fg_role role = FG_ROLE_NONE;
    int disabled = -1;
    bool totp_off = false, scope_given = false;
    char *scope = NULL;
    json_t *body = fg_call_body(c, false);
    if (!body || !find(c, &admin)) return;
    fg_problems_init(&problems);
    if (fg_input_open(&in, body, "", &problems)) {
        password = fg_input_string(&in, "password", FG_MAY, FG_PASSWORD_MAX);
        role = fg_input_role(&in, FG_MAY);
        if (json_object_get(body, "disabled")) disabled = fg_input_bool(&in, "disabled", false);
        totp_off = take_totp_off(&in, body, &problems);
        scope_given = fg_input_scope(&in, &scope);
        fg_input_rest(&in);
    }
    if (totp_off && c->who.admin_id == admin.id)
        fg_problem_add(
            &problems, "/totp", "own_account",
            "One's own second factor is switched off in the profile, with the password.");
    fg_check_password(admin.name, password, "password", &problems);
    if (!fg_problems_none(&problems)) {
        free(scope);
        fg_answer_invalid(c, &problems);
        return;
    }
    struct fg_new_password *w = fg_new_password(c);
    if (!w) {
        free(scope);
        return;
    }
    snprintf(w->username, sizeof w->username, "%s", admin.name);
    w->scope = scope;
    w->scope_given = scope_given;
    w->admin_id = admin.id;
    w->role = role;
    w->disabled = disabled;
    w->totp_off = totp_off;
    if (password)
        fg_hash_then(c, password, store_change);
    else
        fg_call_go(c, FG_ON_CONFIG, store_change);
}

/* ---- DELETE /admins/{username} ---- */

void fg_handle_admins_delete(struct fg_call *c)
{
    struct fg_admin admin;
    struct fg_store *st = fg_call_store(c);
    char detail[64] = "";
    uint64_t changes = 0;
    if (!find(c, &admin)) return;
    int err = fg_store_begin(st);
    if (!err) {
        err = fg_draft_count_of_admin(st, admin.id, &changes);
        json_t *before = rights(c, admin.id);
        if (changes)
            snprintf(detail, sizeof detail, "%llu staged changes are kept",
                     (unsigned long long)changes);
        if (!err) err = fg_admin_delete(st, admin.id);
        if (err)
            json_decref(before);
        else
            err = audit(c, "admin_delete", admin.name, detail, before, NULL);
        err = fg_store_end(st, err);
    }
    if (err) {
        answer_error(c, err);
        return;
    }
    fg_accounts_changed(c);
    fg_answer(c, fg_reply_empty(204));
}

/* ---- DELETE /admins/{username}/totp ---- */

/* For who has lost telephone and codes; the sessions end, whoever holds them. */
void fg_handle_admins_totp_off(struct fg_call *c)
{
    struct fg_admin admin;
    struct fg_store *st = fg_call_store(c);
    if (!find(c, &admin)) return;
    if (admin.id == c->who.admin_id) {
        fg_answer_problem(c, 409, "own_account",
                          "One's own second factor is switched off in the profile, with the "
                          "password.");
        return;
    }
    if (!admin.has_totp) {
        fg_answer_problem(c, 404, "not_found", "This account has no second factor.");
        return;
    }
    int err = fg_store_begin(st);
    if (!err) {
        err =
            fg_factor_off(st, admin.id, admin.name, &c->who, c->http->address, fg_clock_wall_ms());
        if (!err) err = fg_session_delete_admin(st, admin.id);
        err = fg_store_end(st, err);
    }
    if (err) {
        answer_error(c, err);
        return;
    }
    fg_accounts_changed(c);
    fg_answer(c, fg_reply_empty(204));
}
