/* See accounts.h; and the first administrator by the setup link, and one's own password. */
#include "api/accounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "server/auth/scope.h"
#include "server/store/accounts.h"
#include "server/store/audit.h"

enum { USERNAME_MAX = 128, LINK_MS = 30 * 60 * 1000 };

static void forget(void *work)
{
    free(((struct fg_new_password *)work)->scope);
    explicit_bzero(work, sizeof(struct fg_new_password));
    free(work);
}

struct fg_new_password *fg_new_password(struct fg_call *c)
{
    struct fg_new_password *w = calloc(1, sizeof *w);
    if (!w) {
        fg_answer_errno(c, ENOMEM, "accounts");
        return NULL;
    }
    w->disabled = -1;
    c->work = w;
    c->free_work = forget;
    return w;
}

void fg_check_password(const char *username, const char *password, const char *name,
                       struct fg_problems *problems)
{
    char pointer[64];
    if (!password) return;
    const char *wrong = fg_password_problem(username ? username : "", password, strlen(password));
    if (wrong)
        fg_problem_add(problems, fg_pointer(pointer, sizeof pointer, "", name), "password", "%s",
                       wrong);
}

/* Hashing thread. */
static void hashed(enum fg_hash_result result, const char *encoded, void *arg)
{
    struct fg_call *c = arg;
    struct fg_new_password *w = c->work;
    if (result != FG_HASH_OK || !encoded) {
        fg_answer(c, fg_reply_errno(ENOMEM));
        return;
    }
    snprintf(w->encoded, sizeof w->encoded, "%s", encoded);
    fg_call_go(c, FG_ON_CONFIG, w->next);
}

static void too_many(struct fg_call *c)
{
    struct fg_http_response *r =
        fg_reply_problem(429, "slow_down", "Too many passwords wait; try again.");
    fg_http_response_header(r, "Retry-After", "2");
    fg_answer(c, r);
}

void fg_hash_then(struct fg_call *c, const char *password, void (*next)(struct fg_call *c))
{
    struct fg_new_password *w = c->work;
    w->next = next;
    int err = fg_hasher_hash(c->api->p.hasher, password, strlen(password), hashed, c);
    if (err == EAGAIN)
        too_many(c);
    else if (err)
        fg_answer_errno(c, err, "hash");
}

enum fg_role fg_input_role(struct fg_input *in, enum fg_presence p)
{
    static const char *const names[] = {"administrator", "operator", "user_administrator",
                                        "help_desk",     "viewer",   NULL};
    enum fg_role role = FG_ROLE_NONE;
    int i = fg_input_choice(in, "role", p, names);
    if (i >= 0) (void)fg_role_parse(names[i], &role);
    return role;
}

bool fg_input_scope(struct fg_input *in, char **out)
{
    char pointer[64];
    *out = NULL;
    if (!json_object_get(in->object, "scope")) return false;
    const json_t *value = fg_input_any(in, "scope", FG_MAY);
    if (!value || json_is_null(value)) return true;
    json_t *scope =
        fg_scope_parse(value, fg_pointer(pointer, sizeof pointer, in->at, "scope"), in->problems);
    *out = scope ? fg_scope_text(scope) : NULL;
    if (scope && !*out) fg_problem_add(in->problems, "/scope", "internal", "Out of memory.");
    json_decref(scope);
    return true;
}

json_t *fg_json_scope(char *text)
{
    json_t *scope = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    return scope ? scope : json_null();
}

static json_t *scope_of(struct fg_call *c, int64_t admin_id)
{
    char *text;
    return fg_admin_scope(fg_call_store(c), admin_id, &text) ? json_null() : fg_json_scope(text);
}

json_t *fg_json_admin(struct fg_call *c, const struct fg_admin *a)
{
    json_t *o = json_object();
    fg_json_set(o, "username", fg_json_text(a->name));
    fg_json_set(o, "role", json_string(fg_role_name(a->role)));
    fg_json_set(o, "scope", a->has_scope ? scope_of(c, a->id) : json_null());
    fg_json_set(o, "disabled", json_boolean(a->disabled));
    fg_json_set(o, "totp", json_boolean(a->has_totp));
    fg_json_set(o, "created_at", fg_json_time(a->created_ms));
    fg_json_set(o, "last_sign_in", fg_json_time(a->last_sign_in_ms));
    fg_json_set(o, "password_changed", fg_json_time(a->password_changed_ms));
    return o;
}

void fg_accounts_changed(struct fg_call *c)
{
    if (fg_auth_reload(c->api->auth, fg_call_store(c)))
        fg_logf(c->api->p.log, FG_ERROR, "api", "accounts", "accounts could not be read again");
}

/* ---- POST /setup ---- */

static int audit_setup(struct fg_call *c, const struct fg_new_password *w)
{
    struct fg_audit_entry e = {.who = "",
                               .who_name = w->username,
                               .via = "",
                               .address = c->http->address,
                               .action = "setup",
                               .kind = "admins",
                               .key = w->username,
                               .outcome = "ok"};
    return fg_audit_add(fg_call_store(c), &e);
}

static void answer_setup_error(struct fg_call *c, int err)
{
    if (err == EEXIST)
        fg_answer_problem(c, 409, "already_set_up", "There is an administrator already; sign in.");
    else if (err == ENOENT)
        fg_answer_problem(c, 403, "setup_link_wrong", "This is not the setup link.");
    else if (err == ETIME)
        fg_answer_problem(c, 410, "setup_link_lapsed",
                          "The setup link has lapsed; fedgate admin setup-link makes a new one.");
    else
        fg_answer_errno(c, err, "set-up");
}

static void setup_claim(struct fg_call *c)
{
    struct fg_new_password *w = c->work;
    struct fg_store *st = fg_call_store(c);
    struct fg_admin admin;
    uint8_t hash[FG_SECRET_HASH];
    fg_secret_hash(w->other, hash);
    int err = fg_store_begin(st);
    if (!err) {
        err = fg_setup_claim(st, hash, w->username, w->encoded, fg_clock_wall_ms(), &w->admin_id);
        if (!err) err = audit_setup(c, w);
        err = fg_store_end(st, err);
    }
    if (!err) err = fg_admin_get(st, w->admin_id, &admin);
    if (err) {
        answer_setup_error(c, err);
        return;
    }
    fg_accounts_changed(c);
    struct fg_http_response *r = fg_reply_json(201, fg_json_admin(c, &admin));
    fg_location(r, "/api/v1/admins/", admin.name);
    fg_answer(c, r);
}

void fg_handle_setup(struct fg_call *c)
{
    struct fg_problems problems;
    struct fg_input in;
    const char *token = NULL, *name = NULL, *password = NULL;
    uint8_t hash[FG_SECRET_HASH];
    json_t *body = fg_call_body(c, false);
    if (!body) return;
    fg_problems_init(&problems);
    if (fg_input_open(&in, body, "", &problems)) {
        token = fg_input_string(&in, "token", FG_MUST, FG_SECRET_TEXT - 1);
        name = fg_input_string(&in, "username", FG_MUST, USERNAME_MAX);
        password = fg_input_string(&in, "password", FG_MUST, FG_PASSWORD_MAX);
        fg_input_rest(&in);
    }
    const char *wrong = name ? fg_admin_name_problem(name) : NULL;
    if (wrong) fg_problem_add(&problems, "/username", "username", "%s", wrong);
    fg_check_password(name, password, "password", &problems);
    /* A wrong link is told first: its holder is nobody to be helped with passwords. */
    if (token) {
        fg_secret_hash(token, hash);
        int err = fg_setup_check(fg_call_store(c), hash, fg_clock_wall_ms());
        uint64_t administrators = 0;
        if (err == ENOENT && fg_admin_count(fg_call_store(c), &administrators) == 0 &&
            administrators)
            err = EEXIST;
        if (err) {
            fg_problems_free(&problems);
            answer_setup_error(c, err);
            return;
        }
    }
    if (!fg_problems_none(&problems)) {
        fg_answer_invalid(c, &problems);
        return;
    }
    struct fg_new_password *w = fg_new_password(c);
    if (!w) return;
    snprintf(w->username, sizeof w->username, "%s", name);
    snprintf(w->other, sizeof w->other, "%s", token);
    fg_hash_then(c, password, setup_claim);
}

void fg_handle_setup_link(struct fg_call *c)
{
    char secret[FG_SECRET_TEXT];
    uint8_t hash[FG_SECRET_HASH];
    if (!fg_call_body(c, true)) return;
    if (c->who.kind != FG_BY_SOCKET) {
        fg_answer_problem(c, 403, "local_only", "Setup links are made on the console only.");
        return;
    }
    int64_t expires = fg_clock_wall_ms() + LINK_MS;
    fg_secret_new("", secret);
    fg_secret_hash(secret, hash);
    int err = fg_setup_put(fg_call_store(c), hash, expires);
    if (err) {
        answer_setup_error(c, err);
        return;
    }
    fg_call_audit(c, "setup_link", "", "", "ok", "");
    json_t *o = json_object();
    fg_json_set(o, "token", json_string(secret));
    fg_json_set(o, "expires", fg_json_time(expires));
    fg_answer_json(c, 201, o);
}

/* ---- POST /profile/password ---- */

static void store_own_password(struct fg_call *c)
{
    struct fg_new_password *w = c->work;
    struct fg_store *st = fg_call_store(c);
    struct fg_actor who = fg_call_actor(c);
    struct fg_audit_entry e = {.who = who.owner,
                               .who_name = who.name,
                               .via = who.via,
                               .address = who.address,
                               .action = "password",
                               .kind = "admins",
                               .key = who.name,
                               .outcome = "ok"};
    int err = fg_store_begin(st);
    if (!err) {
        err = fg_admin_set_password(st, w->admin_id, w->encoded, fg_clock_wall_ms());
        if (!err) err = fg_audit_add(st, &e);
        err = fg_store_end(st, err);
    }
    if (err) {
        fg_answer_errno(c, err, "password");
        return;
    }
    fg_slowdown_success(c->api->slowdown, c->who.name, c->http->address, fg_clock_mono_ms());
    fg_accounts_changed(c);
    fg_answer(c, fg_reply_empty(204));
}

/* Hashing thread: the present password was tried. */
static void own_verified(enum fg_hash_result result, const char *encoded, void *arg)
{
    struct fg_call *c = arg;
    (void)encoded;
    if (result == FG_HASH_OK) {
        fg_hash_then(c, json_string_value(json_object_get(c->body, "password")),
                     store_own_password);
        return;
    }
    struct fg_problems problems;
    fg_problems_init(&problems);
    fg_problem_add(&problems, "/current_password", "password_wrong",
                   "This is not your present password.");
    fg_answer_invalid(c, &problems);
}

void fg_handle_profile_password(struct fg_call *c)
{
    struct fg_problems problems;
    struct fg_input in;
    const char *present = NULL, *password = NULL;
    json_t *body = fg_call_body(c, false);
    if (!body) return;
    if (c->who.kind != FG_BY_SESSION) {
        fg_answer_problem(c, 403, "session_only", "Passwords are changed in a session.");
        return;
    }
    fg_problems_init(&problems);
    if (fg_input_open(&in, body, "", &problems)) {
        present = fg_input_string(&in, "current_password", FG_MUST, FG_PASSWORD_MAX);
        password = fg_input_string(&in, "password", FG_MUST, FG_PASSWORD_MAX);
        fg_input_rest(&in);
    }
    fg_check_password(c->who.name, password, "password", &problems);
    if (!fg_problems_none(&problems)) {
        fg_answer_invalid(c, &problems);
        return;
    }
    struct fg_new_password *w = fg_new_password(c);
    if (!w) return;
    w->admin_id = c->who.admin_id;
    int64_t wait =
        fg_slowdown_attempt(c->api->slowdown, c->who.name, c->http->address, fg_clock_mono_ms());
    if (wait > 0) {
        too_many(c);
        return;
    }
    int err = fg_admin_password(fg_call_store(c), w->admin_id, w->encoded);
    if (!err)
        err = fg_hasher_verify(c->api->p.hasher, w->encoded, present, strlen(present), own_verified,
                               c);
    if (err == EAGAIN)
        too_many(c);
    else if (err)
        fg_answer_errno(c, err, "password");
}
