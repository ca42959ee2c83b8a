/* API tokens and sessions: one's own, or everybody's for an administrator. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/accounts.h"
#include "api/listing.h"
#include "gateway/base/clock.h"
#include "server/auth/scope.h"
#include "server/store/accounts.h"

enum { LABEL_MAX = 50, USERNAME_MAX = 128 };

struct collecting {
    struct fg_call *c;
    json_t *items;
};

static bool sees_all(const struct fg_call *c)
{
    return c->who.role == FG_ROLE_ADMINISTRATOR;
}

/* May the caller act on what is `admin_id`'s? False after having answered. */
static bool acts_for(struct fg_call *c, int64_t admin_id)
{
    if (admin_id == c->who.admin_id || !c->who.scoped) return true;
    fg_answer_problem(c, 403, "outside_scope",
                      "This account is limited to some sites and partners, which GET /session "
                      "names; an administrator without a scope may do this.");
    return false;
}

static json_t *owner_name(struct fg_call *c, int64_t admin_id)
{
    struct fg_admin a;
    return fg_admin_get(fg_call_store(c), admin_id, &a) ? json_null() : fg_json_text(a.name);
}

static json_t *print_token(struct fg_call *c, const struct fg_token *t)
{
    json_t *o = json_object();
    fg_json_set(o, "id", json_integer(t->id));
    fg_json_set(o, "name", fg_json_text(t->label));
    fg_json_set(o, "admin", owner_name(c, t->admin_id));
    fg_json_set(o, "role", json_string(fg_role_name(t->role)));
    char *scope = NULL;
    if (t->has_scope) (void)fg_token_scope(fg_call_store(c), t->id, &scope);
    fg_json_set(o, "scope", fg_json_scope(scope));
    fg_json_set(o, "prefix", fg_json_text(t->prefix));
    fg_json_set(o, "created_at", fg_json_time(t->created_ms));
    fg_json_set(o, "expires", fg_json_time(t->expires_ms));
    fg_json_set(o, "last_used", fg_json_time(t->last_used_ms));
    return o;
}

static int take_token(const struct fg_token *t, void *arg)
{
    struct collecting *l = arg;
    if (!t->revoked_ms) fg_json_push(l->items, print_token(l->c, t));
    return 0;
}

static void answer_list(struct fg_call *c, const struct fg_listing_spec *spec,
                        int (*collect)(struct collecting *l))
{
    struct fg_listing l;
    struct fg_problems problems;
    struct collecting all = {c, json_array()};
    fg_problems_init(&problems);
    bool good = fg_listing_read(&l, c->http, spec, &problems);
    int err = good ? collect(&all) : 0;
    if (!good)
        fg_answer_bad_request(c, &problems);
    else if (err)
        fg_answer_errno(c, err, "list");
    else
        fg_answer_json(c, 200, fg_listing_page(&l, json_incref(all.items)));
    json_decref(all.items);
    fg_listing_free(&l);
}

static int collect_tokens(struct collecting *l)
{
    int64_t of = sees_all(l->c) ? 0 : l->c->who.admin_id;
    return fg_token_each(fg_call_store(l->c), of, take_token, l);
}

void fg_handle_tokens_list(struct fg_call *c)
{
    static const char *const fields[] = {"id",         "name",    "admin",     "role",
                                         "created_at", "expires", "last_used", NULL};
    static const struct fg_listing_spec spec = {"id", fields, NULL};
    answer_list(c, &spec, collect_tokens);
}

/* ---- POST /tokens ---- */

struct wanted {
    const char *label, *admin;
    enum fg_role role;
    int64_t expires_ms;
    bool scope_given;
    char *scope;
};

static bool read_wanted(struct fg_call *c, struct wanted *w, struct fg_problems *problems)
{
    struct fg_input in;
    if (fg_input_open(&in, c->body, "", problems)) {
        w->label = fg_input_string(&in, "name", FG_MUST, LABEL_MAX);
        w->admin = fg_input_string(&in, "admin", c->who.kind == FG_BY_SOCKET ? FG_MUST : FG_MAY,
                                   USERNAME_MAX);
        w->role = fg_input_role(&in, FG_MAY);
        w->expires_ms = fg_input_time(&in, "expires", FG_MAY);
        w->scope_given = fg_input_scope(&in, &w->scope);
        fg_input_rest(&in);
    }
    if (w->expires_ms && w->expires_ms <= fg_clock_wall_ms())
        fg_problem_add(problems, "/expires", "past", "expires must lie in the future.");
    return fg_problems_none(problems);
}

/* Whose token it becomes; false after having answered. */
static bool find_owner(struct fg_call *c, const struct wanted *w, struct fg_admin *out)
{
    int err = w->admin ? fg_admin_find(fg_call_store(c), w->admin, out)
                       : fg_admin_get(fg_call_store(c), c->who.admin_id, out);
    if (err == ENOENT) {
        struct fg_problems problems;
        fg_problems_init(&problems);
        fg_problem_add(&problems, "/admin", "not_found", "There is no such administrator.");
        fg_answer_invalid(c, &problems);
    } else if (err) {
        fg_answer_errno(c, err, "token");
    } else if (out->id != c->who.admin_id && !sees_all(c)) {
        fg_answer_problem(c, 403, "role", "Only an administrator makes tokens for others.");
        err = EPERM;
    }
    return err == 0;
}

/* Of {account's, token's}: the token's, NULL without one. */
static const json_t *token_limit(json_t *const outer[2])
{
    return json_is_object(outer[1]) ? outer[1] : NULL;
}

/* A token with a scope makes none that does more; without a scope in the request its own is passed
 * on. False after having answered. */
static bool within_maker(struct fg_call *c, struct wanted *w)
{
    char *account = NULL, *token = NULL;
    if (!c->who.scoped) return true;
    int err = fg_owner_scopes(fg_call_store(c), c->who.owner, &account, &token);
    json_t *outer[] = {fg_json_scope(account), fg_json_scope(token)};
    if (!err && !w->scope && token_limit(outer)) w->scope = fg_scope_text(token_limit(outer));
    json_t *inner = w->scope ? json_loads(w->scope, 0, NULL) : NULL;
    bool covered = true;
    for (size_t i = 0; inner && i < 2; i++)
        if (json_is_object(outer[i]) && !fg_scope_covers(outer[i], inner)) covered = false;
    json_decref(inner);
    json_decref(outer[0]);
    json_decref(outer[1]);
    if (err)
        fg_answer_errno(c, err, "token");
    else if (!covered)
        fg_answer_problem(c, 403, "outside_scope",
                          "The token's scope must lie within your own; GET /session shows it.");
    return !err && covered;
}

/* Nor one that lives longer: who found a token that ends soon would keep what it opens. Without
 * `expires` in the request its own end is passed on. False after having answered. */
static bool within_lifetime(struct fg_call *c, struct wanted *w)
{
    int64_t end = c->who.kind == FG_BY_TOKEN ? c->who.expires_ms : 0;
    struct fg_problems problems;
    if (end && !w->expires_ms) w->expires_ms = end;
    if (!end || w->expires_ms <= end) return true;
    fg_problems_init(&problems);
    fg_problem_add(&problems, "/expires", "too_late",
                   "A token makes none that lasts longer than itself; sign in to make one.");
    fg_answer_invalid(c, &problems);
    return false;
}

static void make_token(struct fg_call *c, const struct wanted *w, const struct fg_admin *owner,
                       enum fg_role role)
{
    struct fg_token token;
    char secret[FG_SECRET_TEXT];
    int64_t id;
    int err = fg_auth_token_new(c->api->auth, fg_call_store(c), owner->id, w->label, role, w->scope,
                                w->expires_ms, &c->who, c->http->address, fg_clock_wall_ms(),
                                secret, &id);
    if (!err) err = fg_token_get(fg_call_store(c), id, &token);
    if (err == ENOBUFS) {
        fg_answer_problem(c, 409, "too_many_tokens",
                          "This account has 100 API tokens already, which is the most. Revoke one "
                          "that is no longer used.");
        return;
    }
    if (err) {
        fg_answer_errno(c, err, "token");
        return;
    }
    json_t *o = print_token(c, &token);
    fg_json_set(o, "token", json_string(secret));
    explicit_bzero(secret, sizeof secret);
    struct fg_http_response *r = fg_reply_json(201, o);
    fg_http_response_headerf(r, "Location", "/api/v1/tokens/%lld", (long long)id);
    fg_answer(c, r);
}

static void add_token(struct fg_call *c, struct wanted *w)
{
    struct fg_admin owner;
    if (!find_owner(c, w, &owner) || !acts_for(c, owner.id) || !within_maker(c, w) ||
        !within_lifetime(c, w))
        return;
    enum fg_role role = w->role == FG_ROLE_NONE ? owner.role : w->role;
    if (fg_role_limit(role, owner.role) != role ||
        (owner.id == c->who.admin_id && fg_role_limit(role, c->who.role) != role))
        fg_answer_problem(c, 403, "role", "A token may not do more than its owner and its maker.");
    else
        make_token(c, w, &owner, role);
}

void fg_handle_tokens_add(struct fg_call *c)
{
    struct fg_problems problems;
    struct wanted w = {0};
    if (!fg_call_body(c, false)) return;
    fg_problems_init(&problems);
    if (read_wanted(c, &w, &problems))
        add_token(c, &w);
    else
        fg_answer_invalid(c, &problems);
    free(w.scope);
}

/* The token of the path, if the caller may see it; ENOENT otherwise. */
static int find_token(struct fg_call *c, uint64_t id, struct fg_token *out)
{
    int err = fg_token_get(fg_call_store(c), (int64_t)id, out);
    if (!err && (out->revoked_ms || (!sees_all(c) && out->admin_id != c->who.admin_id)))
        err = ENOENT;
    return err;
}

void fg_handle_tokens_show(struct fg_call *c)
{
    uint64_t id;
    struct fg_token t;
    if (!fg_call_number(c, c->args[0], &id)) return;
    int err = find_token(c, id, &t);
    if (err == ENOENT)
        fg_answer_problem(c, 404, "not_found", "There is no such token.");
    else if (err)
        fg_answer_errno(c, err, "token");
    else
        fg_answer_json(c, 200, print_token(c, &t));
}

void fg_handle_tokens_delete(struct fg_call *c)
{
    uint64_t id;
    struct fg_token t;
    if (!fg_call_number(c, c->args[0], &id)) return;
    int err = find_token(c, id, &t);
    if (!err && !acts_for(c, t.admin_id)) return;
    if (!err)
        err = fg_auth_token_end(c->api->auth, fg_call_store(c), (int64_t)id, &c->who,
                                c->http->address, fg_clock_wall_ms());
    if (err == ENOENT)
        fg_answer_problem(c, 404, "not_found", "There is no such token.");
    else if (err)
        fg_answer_errno(c, err, "token");
    else
        fg_answer(c, fg_reply_empty(204));
}

/* ---- sessions ---- */

static int take_session(const struct fg_session *x, void *arg)
{
    struct collecting *l = arg;
    int64_t now = fg_clock_wall_ms();
    if (!sees_all(l->c) && x->admin_id != l->c->who.admin_id) return 0;
    if (x->expires_ms <= now) return 0;
    json_t *o = json_object();
    fg_json_set(o, "id", json_integer(x->id));
    fg_json_set(o, "admin", owner_name(l->c, x->admin_id));
    fg_json_set(o, "created_at", fg_json_time(x->created_ms));
    fg_json_set(o, "last_seen", fg_json_time(x->last_seen_ms));
    fg_json_set(o, "expires", fg_json_time(x->expires_ms));
    fg_json_set(o, "address", fg_json_text(x->address));
    fg_json_set(o, "user_agent", fg_json_text(x->user_agent));
    fg_json_set(o, "current",
                json_boolean(l->c->who.kind == FG_BY_SESSION && l->c->who.id == x->id));
    fg_json_push(l->items, o);
    return 0;
}

static int collect_sessions(struct collecting *l)
{
    return fg_session_each(fg_call_store(l->c), take_session, l);
}

void fg_handle_sessions_list(struct fg_call *c)
{
    static const char *const fields[] = {"id",         "admin",   "created_at",
                                         "last_seen",  "expires", "address",
                                         "user_agent", "current", NULL};
    static const struct fg_listing_spec spec = {"id", fields, NULL};
    answer_list(c, &spec, collect_sessions);
}

struct owner_of {
    int64_t id, admin_id;
};

static int find_session(const struct fg_session *x, void *arg)
{
    struct owner_of *o = arg;
    if (x->id == o->id) o->admin_id = x->admin_id;
    return 0;
}

void fg_handle_sessions_end(struct fg_call *c)
{
    uint64_t id;
    if (!fg_call_number(c, c->args[0], &id)) return;
    struct owner_of o = {(int64_t)id, -1};
    int err = fg_session_each(fg_call_store(c), find_session, &o);
    if (!err && (o.admin_id < 0 || (!sees_all(c) && o.admin_id != c->who.admin_id))) err = ENOENT;
    if (!err && !acts_for(c, o.admin_id)) return;
    if (!err)
        err = fg_auth_sign_out(c->api->auth, fg_call_store(c), o.id, &c->who, c->http->address,
                               fg_clock_wall_ms());
    if (err == ENOENT)
        fg_answer_problem(c, 404, "not_found", "There is no such session.");
    else if (err)
        fg_answer_errno(c, err, "session");
    else
        fg_answer(c, fg_reply_empty(204));
}
