/* Signing in and out with a password. The check costs a tenth of a second of one thread, so
 * attempts are slowed down per account and address, and queue up behind each other. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/accounts.h"
#include "api/cookie.h"
#include "gateway/base/clock.h"
#include "server/auth/second_factor.h"
#include "server/store/accounts.h"

enum { USERNAME_MAX = 128, NAME_BYTES = 4 * USERNAME_MAX + 1 };

struct sign_in {
    char tried[NAME_BYTES];
    int64_t admin_id;
    char encoded[FG_PASSWORD_STRING];
    char otp[4 * FG_OTP_MAX + 1]; /* "": none was given */
    enum fg_hash_result result;
};

static json_t *permissions(const struct fg_identity *who)
{
    enum fg_role role = who->role;
    json_t *o = json_object(), *kinds = json_array();
    for (int k = 0; k < FG_KINDS; k++)
        if (fg_role_may(role, (enum fg_kind)k, FG_CHANGE_PUT) &&
            (!who->scoped || fg_kind_in_scopes((enum fg_kind)k)))
            fg_json_push(kinds, json_string(fg_kind_name((enum fg_kind)k)));
    fg_json_set(o, "change", kinds);
    fg_json_set(o, "certificates",
                json_boolean(!who->scoped && (FG_BY_OPERATOR & FG_BIT(role)) != 0));
    fg_json_set(o, "audit", json_boolean((FG_BY_OPERATOR & FG_BIT(role)) != 0));
    fg_json_set(o, "accounts",
                json_boolean(!who->scoped && (FG_BY_ADMINISTRATOR & FG_BIT(role)) != 0));
    return o;
}

/* The narrower limit of the two a token may have is its own. */
static json_t *scope_of(struct fg_call *c, const struct fg_identity *who)
{
    char *account, *token;
    if (fg_owner_scopes(fg_call_store(c), who->owner, &account, &token)) return json_null();
    if (!token) return fg_json_scope(account);
    free(account);
    return fg_json_scope(token);
}

static json_t *print(struct fg_call *c, const struct fg_identity *who, const char *csrf)
{
    static const char *const kinds[] = {"nobody", "session", "token", "local"};
    json_t *o = json_object();
    fg_json_set(o, "username", fg_json_text(who->name));
    fg_json_set(o, "role", json_string(fg_role_name(who->role)));
    fg_json_set(o, "scope", scope_of(c, who));
    fg_json_set(o, "kind", json_string(kinds[who->kind]));
    fg_json_set(o, "csrf_token", fg_json_text(csrf));
    fg_json_set(o, "expires", fg_json_time(who->expires_ms));
    fg_json_set(o, "permissions", permissions(who));
    fg_add_preferences(c, who, o);
    return o;
}

void fg_handle_session_show(struct fg_call *c)
{
    char csrf[FG_SECRET_TEXT] = "";
    const char *cookie = fg_http_cookie(c->http, FG_COOKIE);
    if (c->who.kind == FG_BY_SESSION && cookie) fg_secret_csrf(cookie, csrf);
    fg_answer_json(c, 200, print(c, &c->who, *csrf ? csrf : NULL));
}

static void forget_work(void *work)
{
    explicit_bzero(work, sizeof(struct sign_in));
    free(work);
}

/* With a code in the request, a wrong password and a wrong code are told alike. */
static const char *wrong(const struct sign_in *s)
{
    return *s->otp ? "The name, the password or the code is wrong."
                   : "The name or the password is wrong.";
}

/* Only who knows the password is asked for a code: to ask everybody else would tell strangers
 * which accounts exist. Asking counts against the account like any attempt that failed. */
static void refuse(struct fg_call *c, int err, int64_t now)
{
    const struct sign_in *s = c->work;
    const char *detail = "Wrong name or password.";
    if (err == ENOKEY) detail = "The password was right; a code was asked for.";
    if (err == EKEYREJECTED) detail = "The password was right, the code was not.";
    (void)fg_auth_sign_in_failed(fg_call_store(c), s->tried, c->http->address, detail, now);
    if (err != ENOKEY) {
        fg_answer_problem(c, 401, "sign_in_failed", wrong(s));
        return;
    }
    fg_slowdown_halfway(c->api->slowdown, c->http->address, fg_clock_mono_ms());
    fg_answer_problem(c, 401, "otp_required",
                      "Send the code of your authenticator app, or a recovery code, as otp.");
}

/* Configuration thread: the verdict is there. */
static void finish(struct fg_call *c)
{
    struct sign_in *s = c->work;
    struct fg_store *st = fg_call_store(c);
    int64_t now = fg_clock_wall_ms();
    char secret[FG_SECRET_TEXT], csrf[FG_SECRET_TEXT];
    struct fg_identity who;
    int err = s->result == FG_HASH_OK
                  ? fg_auth_sign_in(c->api->auth, st, s->admin_id, s->encoded, s->otp,
                                    c->http->address, c->user_agent, now, secret, &who)
                  : EACCES;
    if (err == EACCES || err == EKEYREJECTED || err == ENOKEY) {
        refuse(c, err, now);
        return;
    }
    if (err) {
        fg_answer_errno(c, err, "sign-in");
        return;
    }
    fg_slowdown_success(c->api->slowdown, s->tried, c->http->address, fg_clock_mono_ms());
    fg_secret_csrf(secret, csrf);
    struct fg_http_response *r = fg_reply_json(201, print(c, &who, csrf));
    fg_http_response_headerf(r, "Set-Cookie", "%s=%s%s", FG_COOKIE, secret, FG_COOKIE_RULES);
    fg_http_response_header(r, "Location", "/api/v1/session");
    explicit_bzero(secret, sizeof secret);
    fg_answer(c, r);
}

/* Hashing thread. */
static void verified(enum fg_hash_result result, const char *encoded, void *arg)
{
    struct fg_call *c = arg;
    (void)encoded;
    ((struct sign_in *)c->work)->result = result;
    fg_call_go(c, FG_ON_CONFIG, finish);
}

/* The account's hash; "" for unknown and disabled ones, which then cost the same. */
static int look_up(struct fg_call *c, struct sign_in *s)
{
    struct fg_admin admin;
    int err = fg_admin_find(fg_call_store(c), s->tried, &admin);
    if (err == ENOENT || (!err && admin.disabled)) return 0;
    if (err) return err;
    s->admin_id = admin.id;
    return fg_admin_password(fg_call_store(c), admin.id, s->encoded);
}

static void slow_down(struct fg_call *c, int64_t wait_ms)
{
    struct fg_http_response *r =
        fg_reply_problem(429, "slow_down", "Too many attempts; wait a little and try again.");
    fg_http_response_headerf(r, "Retry-After", "%lld", (long long)(wait_ms + 999) / 1000);
    fg_answer(c, r);
}

static void verify(struct fg_call *c, const char *password)
{
    struct sign_in *s = c->work;
    int64_t wait =
        fg_slowdown_attempt(c->api->slowdown, s->tried, c->http->address, fg_clock_mono_ms());
    if (wait > 0) {
        slow_down(c, wait);
        return;
    }
    int err = look_up(c, s);
    if (!err)
        err =
            fg_hasher_verify(c->api->p.hasher, s->encoded, password, strlen(password), verified, c);
    if (err == EAGAIN)
        slow_down(c, 1000);
    else if (err == EINVAL) /* no password can be that long */
        fg_answer_problem(c, 401, "sign_in_failed", wrong(s));
    else if (err)
        fg_answer_errno(c, err, "sign-in");
}

void fg_handle_session_create(struct fg_call *c)
{
    struct fg_problems problems;
    struct fg_input in;
    const char *name = NULL, *password = NULL, *otp = NULL;
    json_t *body = fg_call_body(c, false);
    if (!body) return;
    fg_problems_init(&problems);
    if (fg_input_open(&in, body, "", &problems)) {
        name = fg_input_string(&in, "username", FG_MUST, USERNAME_MAX);
        password = fg_input_string(&in, "password", FG_MUST, FG_PASSWORD_MAX);
        otp = fg_input_string(&in, "otp", FG_MAY, FG_OTP_MAX);
        fg_input_rest(&in);
    }
    if (!fg_problems_none(&problems)) {
        fg_answer_invalid(c, &problems);
        return;
    }
    struct sign_in *s = calloc(1, sizeof *s);
    if (!s) {
        fg_answer_errno(c, ENOMEM, "sign-in");
        return;
    }
    snprintf(s->tried, sizeof s->tried, "%s", name);
    snprintf(s->otp, sizeof s->otp, "%s", otp ? otp : "");
    c->work = s;
    c->free_work = forget_work;
    verify(c, password);
}

void fg_handle_session_end(struct fg_call *c)
{
    int err = 0;
    if (c->who.kind == FG_BY_SESSION)
        err = fg_auth_sign_out(c->api->auth, fg_call_store(c), c->who.id, &c->who, c->http->address,
                               fg_clock_wall_ms());
    if (err && err != ENOENT) {
        fg_answer_errno(c, err, "sign-out");
        return;
    }
    struct fg_http_response *r = fg_reply_empty(204);
    fg_http_response_headerf(r, "Set-Cookie", "%s=; Max-Age=0%s", FG_COOKIE, FG_COOKIE_RULES);
    fg_answer(c, r);
}
