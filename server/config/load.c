/* From the store to a snapshot, and from the store to the engine's certificates. */
#include "server/config/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/buf.h"

struct loading {
    struct fg_compile *compile;
    struct fg_problems *problems;
};

/* An object that cannot be read must not keep the rest from running: it is named and left out. */
static int load_object(const struct fg_object *o, void *arg)
{
    struct loading *l = arg;
    enum fg_kind kind;
    char pointer[FG_MODEL_KEY_MAX + 64];
    snprintf(pointer, sizeof pointer, "/%s/%s", o->kind, o->key);
    json_t *body = fg_kind_parse(o->kind, &kind) ? NULL : fg_body_parse(o->body);
    int err = body ? fg_compile_object(l->compile, kind, o->key, body) : EINVAL;
    json_decref(body);
    if (err != EINVAL) return err;
    fg_problem_add(l->problems, pointer, "unreadable", "The stored object cannot be read.");
    return 0;
}

int fg_config_load(struct fg_store *st, uint64_t at, uint64_t revision, struct fg_snapshot **out,
                   struct fg_problems *problems, struct fg_problems *warnings)
{
    struct loading l = {NULL, problems};
    int err = fg_compile_new(&l.compile, NULL);
    if (err) return err;
    err = fg_object_each(st, NULL, at, NULL, FG_PAGE_MAX, load_object, &l);
    if (!err) {
        struct fg_compile_checks checks = {fg_config_fit, st};
        err = fg_compile_finish(l.compile, revision, &checks, out, problems, warnings);
    }
    fg_compile_free(l.compile);
    return err;
}

static int keep_chain(const struct fg_certificate *c, void *arg)
{
    char **chain = arg;
    *chain = strdup(c->pem);
    return *chain ? 0 : ENOMEM;
}

int fg_config_credential(void *config, const char *certificate_id, struct fg_credential_pem *out)
{
    struct fg_config *c = config;
    struct fg_buf key;
    *out = (struct fg_credential_pem){0};
    int err = fg_certificate_get(c->p.store, certificate_id, keep_chain, &out->chain);
    if (err) return err;
    fg_buf_init(&key, FG_KEY_FILE_MAX);
    err = fg_certificate_key(fg_store_datadir(c->p.store), certificate_id, &key);
    if (!err) {
        const char *text = fg_buf_cstr(&key);
        out->key = text ? strdup(text) : NULL;
        if (!out->key) err = ENOMEM;
    }
    fg_buf_wipe(&key);
    if (err) {
        free(out->chain);
        *out = (struct fg_credential_pem){0};
    }
    return err;
}
