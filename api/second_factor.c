/* My second factor: GET and POST /profile/totp. Starting and switching off want the password, so
 * that a session left open is not enough; confirming wants the first code. The password is checked
 * on the hashing thread, the rest happens on the configuration thread. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/accounts.h"
#include "gateway/base/clock.h"
#include "server/auth/second_factor.h"

enum { START, CONFIRM, OFF };
static const char *const actions[] = {"start", "confirm", "off", NULL};

struct change {
    int action;
    char code[4 * FG_OTP_MAX + 1];
    char encoded[FG_PASSWORD_STRING];
};

static void forget(void *work)
{
    explicit_bzero(work, sizeof(struct change));
    free(work);
}

static void answer_state(struct fg_call *c, const char *state, json_t *more)
{
    json_t *o = json_object();
    fg_json_set(o, "state", json_string(state));
    if (more) json_object_update(o, more);
    json_decref(more);
    fg_answer_json(c, 200, o);
}

static void answer_fault(struct fg_call *c, const char *pointer, const char *code, const char *text)
{
    struct fg_problems problems;
    fg_problems_init(&problems);
    fg_problem_add(&problems, pointer, code, "%s", text);
    fg_answer_invalid(c, &problems);
}

static void answer_error(struct fg_call *c, int err)
{
    if (err == EEXIST)
        fg_answer_problem(c, 409, "totp_on", "The second factor is on; switch it off first.");
    else if (err == ENOENT)
        fg_answer_problem(c, 409, "totp_not_started",
                          "No set-up waits for a code, or it has lapsed; start again.");
    else if (err == EKEYREJECTED)
        answer_fault(c, "/code", "code_wrong",
                     "This is not the present code; does the telephone's clock go right?");
    else
        fg_answer_errno(c, err, "second factor");
}

/* Password or code were right. */
static void forgive(struct fg_call *c)
{
    fg_slowdown_success(c->api->slowdown, c->who.name, c->http->address, fg_clock_mono_ms());
}

/* ---- on the configuration thread ---- */

static void audit_refusal(struct fg_call *c, const char *detail)
{
    static const char *const names[] = {"totp_start", "totp_on", "totp_off"};
    const struct change *w = c->work;
    fg_call_audit(c, names[w->action], "admins", c->who.name, "refused", detail);
}

static void refuse_password(struct fg_call *c)
{
    audit_refusal(c, "The password was wrong.");
    answer_fault(c, "/current_password", "password_wrong", "This is not your present password.");
}

static void start(struct fg_call *c)
{
    uint8_t secret[FG_TOTP_SECRET];
    char text[FG_TOTP_SECRET_TEXT], uri[FG_TOTP_URI];
    int64_t now = fg_clock_wall_ms();
    int err = fg_factor_start(fg_call_store(c), &c->who, c->http->address, now, secret);
    if (err) {
        answer_error(c, err);
        return;
    }
    fg_totp_print(text, secret);
    fg_totp_uri(uri, c->who.name, secret);
    json_t *o = json_object();
    fg_json_set(o, "secret", json_string(text));
    fg_json_set(o, "uri", json_string(uri));
    fg_json_set(o, "expires", fg_json_time(now + FG_TOTP_SETUP_MS));
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(text, sizeof text);
    explicit_bzero(uri, sizeof uri);
    answer_state(c, "started", o);
}

static void confirm(struct fg_call *c)
{
    const struct change *w = c->work;
    char codes[FG_RECOVERY_CODES][FG_RECOVERY_TEXT];
    int err = fg_factor_confirm(fg_call_store(c), &c->who, w->code, c->http->address,
                                fg_clock_wall_ms(), codes);
    if (err == EKEYREJECTED) audit_refusal(c, "The code was wrong.");
    if (err) {
        answer_error(c, err);
        return;
    }
    forgive(c);
    fg_accounts_changed(c);
    json_t *o = json_object(), *list = json_array();
    for (int i = 0; i < FG_RECOVERY_CODES; i++) fg_json_push(list, json_string(codes[i]));
    explicit_bzero(codes, sizeof codes);
    fg_json_set(o, "recovery_codes", list);
    fg_json_set(o, "recovery_codes_left", json_integer(FG_RECOVERY_CODES));
    answer_state(c, "on", o);
}

static void off(struct fg_call *c)
{
    int err = fg_factor_off(fg_call_store(c), c->who.admin_id, c->who.name, &c->who,
                            c->http->address, fg_clock_wall_ms());
    if (err) {
        answer_error(c, err);
        return;
    }
    fg_accounts_changed(c);
    answer_state(c, "off", NULL);
}

/* ---- the way there ---- */

/* Hashing thread: the present password was tried. */
static void verified(enum fg_hash_result result, const char *encoded, void *arg)
{
    struct fg_call *c = arg;
    const struct change *w = c->work;
    (void)encoded;
    if (result != FG_HASH_OK) {
        fg_call_go(c, FG_ON_CONFIG, refuse_password);
        return;
    }
    forgive(c);
    fg_call_go(c, FG_ON_CONFIG, w->action == START ? start : off);
}

static void too_many(struct fg_call *c, int64_t wait_ms)
{
    struct fg_http_response *r =
        fg_reply_problem(429, "slow_down", "Too many attempts; wait a little and try again.");
    fg_http_response_headerf(r, "Retry-After", "%lld", (long long)(wait_ms + 999) / 1000);
    fg_answer(c, r);
}

static void check_password(struct fg_call *c, struct change *w, const char *password)
{
    int err = fg_admin_password(fg_call_store(c), c->who.admin_id, w->encoded);
    if (!err)
        err =
            fg_hasher_verify(c->api->p.hasher, w->encoded, password, strlen(password), verified, c);
    if (err == EAGAIN)
        too_many(c, 1000);
    else if (err == EINVAL) /* no password can be that long */
        fg_call_go(c, FG_ON_CONFIG, refuse_password);
    else if (err)
        fg_answer_errno(c, err, "second factor");
}

static bool read_change(struct fg_call *c, json_t *body, struct change *w, const char **password)
{
    struct fg_problems problems;
    struct fg_input in;
    const char *code = NULL;
    fg_problems_init(&problems);
    if (fg_input_open(&in, body, "", &problems)) {
        w->action = fg_input_choice(&in, "action", FG_MUST, actions);
        if (w->action == CONFIRM)
            code = fg_input_string(&in, "code", FG_MUST, FG_OTP_MAX);
        else if (w->action >= 0)
            *password = fg_input_string(&in, "current_password", FG_MUST, FG_PASSWORD_MAX);
        if (w->action >= 0) fg_input_rest(&in);
    }
    if (!fg_problems_none(&problems)) {
        fg_answer_invalid(c, &problems);
        return false;
    }
    fg_problems_free(&problems);
    snprintf(w->code, sizeof w->code, "%s", code ? code : "");
    return true;
}

void fg_handle_profile_totp(struct fg_call *c)
{
    const char *password = NULL;
    json_t *body = fg_call_body(c, false);
    if (!body) return;
    if (c->who.kind != FG_BY_SESSION) {
        fg_answer_problem(c, 403, "session_only", "The second factor is set up in a session.");
        return;
    }
    struct change *w = calloc(1, sizeof *w);
    if (!w) {
        fg_answer_errno(c, ENOMEM, "second factor");
        return;
    }
    c->work = w;
    c->free_work = forget;
    if (!read_change(c, body, w, &password)) return;
    int64_t wait =
        fg_slowdown_attempt(c->api->slowdown, c->who.name, c->http->address, fg_clock_mono_ms());
    if (wait > 0)
        too_many(c, wait);
    else if (w->action == CONFIRM)
        fg_call_go(c, FG_ON_CONFIG, confirm);
    else
        check_password(c, w, password);
}

void fg_handle_profile_totp_show(struct fg_call *c)
{
    struct fg_second_factor f = {0};
    /* The local socket's users have no account, and so no second factor. */
    int err = c->who.admin_id ? fg_second_factor_get(fg_call_store(c), c->who.admin_id, &f) : 0;
    if (err) {
        fg_answer_errno(c, err, "second factor");
        return;
    }
    bool waits = f.pending && fg_clock_wall_ms() < f.pending_until_ms;
    json_t *o = json_object();
    if (f.on) fg_json_set(o, "recovery_codes_left", json_integer(f.recovery_left));
    if (waits) fg_json_set(o, "expires", fg_json_time(f.pending_until_ms));
    explicit_bzero(&f.secret, sizeof f.secret);
    explicit_bzero(&f.pending_secret, sizeof f.pending_secret);
    answer_state(c, f.on ? "on" : waits ? "started" : "off", o);
}
