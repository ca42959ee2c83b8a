/* The panel's certificate takes part in commits: the one assigned to `panel`, else the one of the
 * first start. */
#include "server/config/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "server/http/http.h"

static void wipe(char *s)
{
    if (s) explicit_bzero(s, strlen(s));
    free(s);
}

static int load(const char *chain, const char *key, struct fg_http_certificate **out,
                struct fg_problems *problems)
{
    const char *why = NULL;
    int err = fg_http_certificate_load(out, chain, key, &why);
    if (err == EINVAL)
        fg_problem_add(problems, "/certificate_assignments/panel/certificate",
                       "certificate_unusable", "The panel cannot use this certificate: %s",
                       why ? why : "it is damaged.");
    return err;
}

int fg_panel_prepare(struct fg_config *c, const struct fg_snapshot *s,
                     struct fg_http_certificate **out, struct fg_problems *problems)
{
    *out = NULL;
    if (!c->http) return 0;
    const char *id = fg_snapshot_assignment(s, "panel");
    if (!id) return c->panel_chain ? load(c->panel_chain, c->panel_key, out, problems) : 0;
    struct fg_credential_pem pem;
    int err = fg_config_credential(c, id, &pem);
    if (err == ENOENT) {
        fg_problem_add(
            problems, "/certificate_assignments/panel/certificate", "certificate_missing",
            "The certificate assigned to the panel is not here, or has no key. Import it "
            "with its key, or assign another.");
        return EINVAL;
    }
    if (err) return err;
    err = load(pem.chain, pem.key, out, problems);
    free(pem.chain);
    wipe(pem.key);
    return err;
}

struct serve {
    struct fg_config *c;
    struct fg_http *http;
    const char *chain, *key;
    int err;
};

static void serve(void *arg)
{
    struct serve *v = arg;
    struct fg_config *c = v->c;
    free(c->panel_chain);
    wipe(c->panel_key);
    c->panel_chain = v->chain ? strdup(v->chain) : NULL;
    c->panel_key = v->key ? strdup(v->key) : NULL;
    c->http = v->http;
    if (!c->http) return;
    if (v->chain && (!c->panel_chain || !c->panel_key)) {
        v->err = ENOMEM;
        return;
    }
    struct fg_snapshot *s = fg_config_snapshot(c);
    struct fg_problems problems;
    struct fg_http_certificate *ready;
    fg_problems_init(&problems);
    if (fg_panel_prepare(c, s, &ready, &problems) == 0 && ready)
        fg_http_certificate_use(c->http, ready);
    for (size_t i = 0; i < problems.count; i++)
        fg_logf(c->p.log, FG_WARNING, "config", problems.items[i].code, "%s",
                problems.items[i].message);
    fg_problems_free(&problems);
    fg_snapshot_put(s);
}

int fg_config_serve_panel(struct fg_config *c, struct fg_http *http, const char *chain_pem,
                          const char *key_pem)
{
    struct serve v = {c, http, chain_pem, key_pem, 0};
    int err = fg_executor_call(c->executor, serve, &v);
    return err ? err : v.err;
}
