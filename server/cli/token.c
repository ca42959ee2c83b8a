/* `fedgate token create`: prints a new API token once, alone on standard output. */
#include "server/auth/auth.h"
#include "server/auth/scope.h"
#include "server/cli/client.h"
#include "server/cli/commands.h"
#include "server/cli/local.h"
#include "server/cli/scope_flags.h"

#include "gateway/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wanted {
    const char *admin, *label, *role, *expires;
    int64_t expires_ms;
    json_t *scope; /* NULL: none of its own */
};

static int create_online(const struct fg_local *l, const struct wanted *w)
{
    json_t *body = json_pack("{s:s,s:s,s:s*,s:s*,s:O*}", "admin", w->admin, "name", w->label,
                             "role", w->role, "expires", w->expires, "scope", w->scope);
    struct fg_client_answer a;
    int err = fg_client_request(l->socket, "POST", "/api/v1/tokens", body, &a);
    json_decref(body);
    if (err) return fg_failed("no answer from the server at %s: %s", l->socket, strerror(err));
    const char *token = json_string_value(json_object_get(a.body, "token"));
    int rc = FG_EXIT_OK;
    if (a.status >= 400)
        rc = fg_client_refused(&a);
    else if (!token)
        rc = fg_failed("the server gave no token");
    else
        printf("%s\n", token);
    fg_client_answer_free(&a);
    return rc;
}

static int make(struct fg_local *l, struct fg_auth *auth, const struct wanted *w)
{
    struct fg_admin a;
    struct fg_identity by;
    char secret[FG_SECRET_TEXT];
    int64_t id;
    int err = fg_admin_find(l->store, w->admin, &a);
    if (err == ENOENT) return fg_failed("there is no administrator %s", w->admin);
    enum fg_role role = a.role;
    if (!err && w->role) err = fg_role_parse(w->role, &role);
    fg_auth_local((long)strtoul(l->who + strlen("local:"), NULL, 10), &by);
    if (!err) err = fg_auth_reload(auth, l->store);
    char *scope = w->scope ? fg_scope_text(w->scope) : NULL;
    if (!err && w->scope && !scope) err = ENOMEM;
    if (!err)
        err = fg_auth_token_new(auth, l->store, a.id, w->label, role, scope, w->expires_ms, &by,
                                "local", fg_clock_wall_ms(), secret, &id);
    free(scope);
    if (err == ENOBUFS)
        return fg_failed("%s has %d API tokens already, which is the most; revoke one that is no "
                         "longer used",
                         w->admin, (int)FG_TOKENS_MAX);
    if (err) return fg_local_failed(l, err, "the token could not be made");
    printf("%s\n", secret);
    explicit_bzero(secret, sizeof secret);
    return FG_EXIT_OK;
}

static int create_offline(struct fg_local *l, const struct wanted *w)
{
    struct fg_auth *auth = NULL;
    if (fg_auth_new(&auth)) return fg_failed("out of memory");
    int rc = make(l, auth, w);
    fg_auth_free(auth);
    return rc;
}

int fg_cmd_token_create(int argc, char **argv)
{
    struct fg_common c;
    struct fg_local l;
    struct wanted w = {0};
    const char *sites = NULL, *partners = NULL;
    fg_common_init(&c);
    const struct fg_flag flags[] = {
        {"admin", NULL, "NAME", "whose token it is (required)", &w.admin, NULL},
        {"name", NULL, "LABEL", "what it is for (required)", &w.label, NULL},
        {"role", NULL, "ROLE", "at most the administrator's own (the default)", &w.role, NULL},
        {"expires", NULL, "DATE", "RFC 3339, e.g. 2030-01-31 (default: never)", &w.expires, NULL},
        {"scope-site", NULL, "SITE[,SITE]", "may change what belongs to these sites only", &sites,
         NULL},
        {"scope-partner", NULL, "PATTERN[,PATTERN]",
         "may change these partners only; * at either end", &partners, NULL},
        FG_FLAG_DATA_DIR(&c),
        FG_FLAG_SOCKET(&c),
    };
    const struct fg_usage u = {"token create", "", "Makes an API token and prints it, once.", flags,
                               sizeof flags / sizeof *flags};
    const char *none[1];
    enum fg_role role;
    int rc = fg_options_parse(&u, argc, argv, none, 0, 0);
    if (rc != FG_EXIT_NONE) return rc;
    if (!w.admin || !w.label) return fg_usage_error(&u, "--admin and --name are required");
    if (w.role && fg_role_parse(w.role, &role))
        return fg_usage_error(&u, "there is no role %s", w.role);
    if (w.expires && fg_time_parse(w.expires, &w.expires_ms))
        return fg_usage_error(&u, "--expires is no date: %s", w.expires);
    if (w.expires && w.expires_ms <= fg_clock_wall_ms())
        return fg_usage_error(&u, "--expires is in the past: %s", w.expires);
    rc = fg_scope_flags(sites, partners, &w.scope);
    if (rc != FG_EXIT_NONE) return rc;
    rc = fg_local_open(&l, &c);
    if (!rc) rc = l.online ? create_online(&l, &w) : create_offline(&l, &w);
    fg_local_close(&l);
    json_decref(w.scope);
    return rc;
}
