/* `fedgate admin …`: accounts from the console, before the first start and beside a running server.
 */
#include "server/auth/password.h"
#include "server/auth/scope.h"
#include "server/cli/client.h"
#include "server/cli/commands.h"
#include "server/cli/local.h"
#include "server/cli/scope_flags.h"
#include "server/setup.h"
#include "server/store/accounts.h"
#include "server/store/second_factor.h"

#include "gateway/base/clock.h"
#include "gateway/base/quote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void wipe(char *password)
{
    if (password) explicit_bzero(password, strlen(password));
    free(password);
}

/* Sends a request to the running server; the answer's body goes to `out` when that is not NULL.
 * Takes `body` over. */
static int ask(const struct fg_local *l, const char *method, const char *path, json_t *body,
               json_t **out)
{
    struct fg_client_answer a;
    int err = fg_client_request(l->socket, method, path, body, &a);
    json_decref(body);
    if (err) return fg_failed("no answer from the server at %s: %s", l->socket, strerror(err));
    int rc = a.status >= 400 ? fg_client_refused(&a) : FG_EXIT_OK;
    if (!rc && out) *out = json_incref(a.body);
    fg_client_answer_free(&a);
    return rc;
}

/* ---- add ---- */

static int store_scope(struct fg_local *l, int64_t id, const json_t *scope)
{
    char *text = scope ? fg_scope_text(scope) : NULL;
    if (!scope) return 0;
    int err = text ? fg_admin_set_scope(l->store, id, text) : ENOMEM;
    free(text);
    return err;
}

static int add_offline(struct fg_local *l, const char *name, enum fg_role role, const json_t *scope,
                       const char *password)
{
    const char *problem = fg_admin_name_problem(name);
    if (!problem) problem = fg_password_problem(name, password, strlen(password));
    if (problem) return fg_failed("%s", problem);
    char encoded[FG_PASSWORD_STRING];
    int64_t id;
    int err = fg_password_hash(password, strlen(password), encoded);
    if (!err) err = fg_store_begin(l->store);
    if (!err) {
        err = fg_admin_add(l->store, name, role, encoded, fg_clock_wall_ms(), &id);
        if (!err) err = store_scope(l, id, scope);
        if (!err) err = fg_local_audit(l, "admin_add", "admins", name);
        err = fg_store_end(l->store, err);
    }
    explicit_bzero(encoded, sizeof encoded);
    if (err == EEXIST) return fg_failed("there is an administrator of that name already");
    if (err) return fg_local_failed(l, err, "the administrator could not be made");
    fg_setup_link_forget(l->dir);
    return FG_EXIT_OK;
}

int fg_cmd_admin_add(int argc, char **argv)
{
    struct fg_common c;
    struct fg_local l;
    fg_common_init(&c);
    const char *role_name = "administrator", *name, *sites = NULL, *partners = NULL;
    json_t *scope = NULL;
    bool from_stdin = false;
    const struct fg_flag flags[] = {
        {"role", NULL, "ROLE",
         "administrator (default), operator, user_administrator, help_desk or viewer", &role_name,
         NULL},
        {"scope-site", NULL, "SITE[,SITE]", "may change what belongs to these sites only", &sites,
         NULL},
        {"scope-partner", NULL, "PATTERN[,PATTERN]",
         "may change these partners only; * at either end stands for any part of a domain",
         &partners, NULL},
        {"password-stdin", NULL, NULL, "read the password from standard input", NULL, &from_stdin},
        FG_FLAG_DATA_DIR(&c),
        FG_FLAG_SOCKET(&c),
    };
    const struct fg_usage u = {"admin add", "NAME", "Makes an administrator.", flags,
                               sizeof flags / sizeof *flags};
    enum fg_role role;
    int rc = fg_options_parse(&u, argc, argv, &name, 1, 1);
    if (rc != FG_EXIT_NONE) return rc;
    if (fg_role_parse(role_name, &role))
        return fg_usage_error(&u, "there is no role %s", role_name);
    rc = fg_scope_flags(sites, partners, &scope);
    if (rc != FG_EXIT_NONE) return rc;
    char *password = fg_read_password(from_stdin);
    rc = password ? fg_local_open(&l, &c) : FG_EXIT_FAILED;
    if (!password) goto out;
    if (!rc && l.online)
        rc = ask(&l, "POST", "/api/v1/admins",
                 json_pack("{s:s,s:s,s:s,s:O*}", "username", name, "role", role_name, "password",
                           password, "scope", scope),
                 NULL);
    else if (!rc)
        rc = add_offline(&l, name, role, scope, password);
    wipe(password);
    fg_local_close(&l);
out:
    json_decref(scope);
    return rc;
}

/* ---- list ---- */

static void print_row(const char *name, const char *role, bool disabled, const char *last)
{
    char quoted[300];
    printf("%-24s %-20s %-9s %s\n", fg_quotes(quoted, sizeof quoted, name), role,
           disabled ? "disabled" : "active", last && *last ? last : "never");
}

/* A line, or an entry of `list` (not NULL with --json). */
static int take_row(json_t *list, const char *name, const char *role, bool disabled,
                    const char *last)
{
    if (!list) {
        print_row(name, role, disabled, last);
        return 0;
    }
    json_t *o = json_pack("{s:s,s:s,s:b,s:s?}", "username", name, "role", role, "disabled",
                          (int)disabled, "last_sign_in", last && *last ? last : NULL);
    return json_array_append_new(list, o) ? ENOMEM : 0;
}

static int print_admin(const struct fg_admin *a, void *arg)
{
    char last[FG_TIME_TEXT] = "";
    if (a->last_sign_in_ms) fg_time_format(last, a->last_sign_in_ms);
    return take_row(arg, a->name, fg_role_name(a->role), a->disabled, last);
}

static int list_online(const struct fg_local *l, json_t *list)
{
    json_t *answer = NULL, *item;
    size_t i;
    int err = 0, rc = ask(l, "GET", "/api/v1/admins?limit=1000", NULL, &answer);
    json_array_foreach(json_object_get(answer, "items"), i, item)
    {
        if (!err)
            err = take_row(list, json_string_value(json_object_get(item, "username")),
                           json_string_value(json_object_get(item, "role")),
                           json_is_true(json_object_get(item, "disabled")),
                           json_string_value(json_object_get(item, "last_sign_in")));
    }
    json_decref(answer);
    return err ? fg_failed("out of memory") : rc;
}

int fg_cmd_admin_list(int argc, char **argv)
{
    struct fg_common c;
    struct fg_local l;
    fg_common_init(&c);
    bool json = false;
    const struct fg_flag flags[] = {FG_FLAG_DATA_DIR(&c), FG_FLAG_SOCKET(&c), FG_FLAG_JSON(&json)};
    const struct fg_usage u = {"admin list", "",
                               "Lists administrators: name, role, state, last sign-in.", flags,
                               sizeof flags / sizeof *flags};
    const char *none[1];
    int rc = fg_options_parse(&u, argc, argv, none, 0, 0);
    if (rc != FG_EXIT_NONE) return rc;
    json_t *list = json ? json_array() : NULL;
    rc = fg_local_open(&l, &c);
    if (!rc && l.online) {
        rc = list_online(&l, list);
    } else if (!rc) {
        int err = fg_admin_each(l.store, print_admin, list);
        if (err) rc = fg_local_failed(&l, err, "the administrators could not be read");
    }
    fg_local_close(&l);
    if (json && !rc) rc = fg_local_json(json_pack("{s:O}", "items", list));
    json_decref(list);
    return rc;
}

/* ---- reset-password ---- */

/* The second factor goes with the password, so that one command lets somebody in again. */
static int totp_off(struct fg_local *l, const struct fg_admin *a)
{
    int err = fg_second_factor_off(l->store, a->id);
    return err ? err : fg_local_audit(l, "totp_off", "admins", a->name);
}

static int reset_offline(struct fg_local *l, const char *name, const char *password,
                         bool without_totp)
{
    struct fg_admin a;
    const char *problem = fg_password_problem(name, password, strlen(password));
    if (problem) return fg_failed("%s", problem);
    int err = fg_admin_find(l->store, name, &a);
    if (err == ENOENT) return fg_failed("there is no administrator %s", name);
    char encoded[FG_PASSWORD_STRING];
    if (!err) err = fg_password_hash(password, strlen(password), encoded);
    if (!err) err = fg_store_begin(l->store);
    if (!err) {
        err = fg_admin_set_password(l->store, a.id, encoded, fg_clock_wall_ms());
        if (!err) err = fg_local_audit(l, "password_reset", "admins", a.name);
        if (!err && without_totp) err = totp_off(l, &a);
        err = fg_store_end(l->store, err);
    }
    explicit_bzero(encoded, sizeof encoded);
    return err ? fg_local_failed(l, err, "the password could not be set") : FG_EXIT_OK;
}

static int reset_online(const struct fg_local *l, const char *name, const char *password,
                        bool without_totp)
{
    char *segment = fg_client_segment(name), *path = NULL;
    int rc = FG_EXIT_FAILED;
    json_t *body = json_pack("{s:s}", "password", password);
    if (without_totp) json_object_set_new(body, "totp", json_false());
    if (segment && asprintf(&path, "/api/v1/admins/%s", segment) >= 0)
        rc = ask(l, "PATCH", path, json_incref(body), NULL);
    json_decref(body);
    free(segment);
    free(path);
    return rc;
}

int fg_cmd_admin_reset_password(int argc, char **argv)
{
    struct fg_common c;
    struct fg_local l;
    fg_common_init(&c);
    const char *name;
    bool from_stdin = false, without_totp = false;
    const struct fg_flag flags[] = {
        {"password-stdin", NULL, NULL, "read the password from standard input", NULL, &from_stdin},
        {"totp-off", NULL, NULL, "switch the second factor off as well", NULL, &without_totp},
        FG_FLAG_DATA_DIR(&c),
        FG_FLAG_SOCKET(&c),
    };
    const struct fg_usage u = {"admin reset-password", "NAME",
                               "Sets a new password and ends the administrator's sessions.", flags,
                               sizeof flags / sizeof *flags};
    int rc = fg_options_parse(&u, argc, argv, &name, 1, 1);
    if (rc != FG_EXIT_NONE) return rc;
    char *password = fg_read_password(from_stdin);
    if (!password) return FG_EXIT_FAILED;
    rc = fg_local_open(&l, &c);
    if (!rc)
        rc = l.online ? reset_online(&l, name, password, without_totp)
                      : reset_offline(&l, name, password, without_totp);
    wipe(password);
    fg_local_close(&l);
    return rc;
}

/* ---- setup-link ---- */

static int link_offline(struct fg_local *l, const struct fg_common *c)
{
    char secret[FG_SECRET_TEXT];
    int err = fg_setup_link_new(l->store, secret);
    if (err == EEXIST)
        return fg_failed(
            "there is an administrator already; use admin add or admin reset-password");
    if (err) return fg_local_failed(l, err, "the setup link could not be made");
    fg_setup_link_forget(l->dir);
    printf("https://%s/setup#%s\n", c->panel, secret);
    explicit_bzero(secret, sizeof secret);
    return FG_EXIT_OK;
}

/* Where the running server's panel is: it may have picked its port. */
static void panel_url(const struct fg_common *c, char *url, size_t size)
{
    char path[4096];
    snprintf(url, size, "https://%s", c->panel);
    snprintf(path, sizeof path, "%s/panel-url", c->data_dir);
    FILE *f = fopen(path, "re");
    if (!f) return;
    char line[400];
    if (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        snprintf(url, size, "%s", line);
    }
    fclose(f);
}

static int link_online(const struct fg_local *l, const struct fg_common *c)
{
    char url[512];
    json_t *answer = NULL;
    int rc = ask(l, "POST", "/api/v1/setup/link", json_object(), &answer);
    const char *token = json_string_value(json_object_get(answer, "token"));
    if (!rc && !token) rc = fg_failed("the server gave no link");
    panel_url(c, url, sizeof url);
    if (!rc) printf("%s/setup#%s\n", url, token);
    json_decref(answer);
    return rc;
}

int fg_cmd_admin_setup_link(int argc, char **argv)
{
    struct fg_common c;
    struct fg_local l;
    fg_common_init(&c);
    const struct fg_flag flags[] = {FG_FLAG_DATA_DIR(&c), FG_FLAG_SOCKET(&c), FG_FLAG_PANEL(&c)};
    const struct fg_usage u = {"admin setup-link", "",
                               "Prints a new link for making the first administrator, valid 30 "
                               "minutes. The one before is void.",
                               flags, sizeof flags / sizeof *flags};
    const char *none[1];
    int rc = fg_options_parse(&u, argc, argv, none, 0, 0);
    if (rc != FG_EXIT_NONE) return rc;
    rc = fg_local_open(&l, &c);
    if (!rc) rc = l.online ? link_online(&l, &c) : link_offline(&l, &c);
    fg_local_close(&l);
    return rc;
}
