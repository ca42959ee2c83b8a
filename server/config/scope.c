/* May somebody whose account is limited to sites and partners make these changes? Asked wherever
 * changes are staged, committed, kept, taken back or approved, and nowhere else; the limit is read
 * from the store each time, so that it counts from the moment it is set. */
#include "server/auth/scope.h"
#include "server/config/private.h"
#include "server/store/accounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMITS = 2, POINTER = FG_MODEL_KEY_MAX * 2 + 64 };

struct fg_limit {
    json_t *list[LIMITS]; /* the account's and the token's; NULL: none */
};

void fg_limit_free(struct fg_limit *l)
{
    if (!l) return;
    for (size_t i = 0; i < LIMITS; i++) json_decref(l->list[i]);
    free(l);
}

int fg_limit_new(struct fg_limit **out, struct fg_store *st, const char *owner)
{
    char *texts[LIMITS];
    struct fg_limit *l = calloc(1, sizeof *l);
    *out = NULL;
    if (!l) return ENOMEM;
    int err = fg_owner_scopes(st, owner, &texts[0], &texts[1]);
    if (err == ENOENT) err = 0; /* no account has this name: there is no limit to be kept */
    for (size_t i = 0; !err && i < LIMITS; i++)
        if (texts[i] && !(l->list[i] = json_loads(texts[i], 0, NULL))) err = EBADMSG;
    free(texts[0]);
    free(texts[1]);
    if (err)
        fg_limit_free(l); /* what cannot be read allows nothing */
    else
        *out = l;
    return err;
}

bool fg_limit_any(const struct fg_limit *l)
{
    return l->list[0] || l->list[1];
}

/* ---- one object ---- */

static const char *text_of(const json_t *body, const char *name)
{
    return json_string_value(json_object_get(body, name));
}

static bool partner_inside(const json_t *scope, const char *key, const json_t *body)
{
    const json_t *more = json_object_get(body, "additional_domains");
    for (size_t i = 0; i < json_array_size(more); i++)
        if (!fg_scope_partner(scope, json_string_value(json_array_get(more, i)))) return false;
    return fg_scope_partner(scope, key);
}

/* `body` NULL: there is none, before or after. */
static bool body_inside(const json_t *scope, enum fg_kind kind, const char *key, const json_t *body)
{
    switch (kind) {
    case FG_KIND_PARTNERS:
        return partner_inside(scope, key, body);
    case FG_KIND_POLICIES:
        return strncmp(key, "site:", 5) == 0 && fg_scope_site(scope, key + 5);
    case FG_KIND_SITES:
        return fg_scope_site(scope, key);
    case FG_KIND_USERS:
    case FG_KIND_EDGES:
    case FG_KIND_FRONT_ENDS:
        return !body || fg_scope_site(scope, text_of(body, "site"));
    case FG_KIND_SETTINGS:
    case FG_KIND_DOMAINS:
    case FG_KIND_TRUST_ANCHORS:
    case FG_KIND_CERTIFICATE_ASSIGNMENTS:
    case FG_KINDS:
        break;
    }
    return false;
}

static void outside(enum fg_kind kind, const char *key, const json_t *scope, const char *pointer,
                    struct fg_problems *problems)
{
    char says[FG_SCOPE_SAYS];
    fg_problem_add(problems, pointer, "outside_scope",
                   "%s %s is outside of what this account may change: %s. Have an administrator "
                   "change it, or widen the scope.",
                   fg_kind_name(kind), key, fg_scope_says(scope, says));
}

bool fg_limit_allows(const struct fg_limit *l, enum fg_kind kind, const char *key,
                     const json_t *before, const json_t *after, const char *pointer,
                     struct fg_problems *problems)
{
    for (size_t i = 0; i < LIMITS; i++) {
        const json_t *scope = l->list[i];
        if (!scope ||
            (body_inside(scope, kind, key, before) && body_inside(scope, kind, key, after)))
            continue;
        outside(kind, key, scope, pointer, problems);
        return false;
    }
    return true;
}

int fg_scope_check(struct fg_store *st, const char *owner, const struct fg_changeset *set,
                   const char *at, struct fg_problems *problems)
{
    struct fg_limit *l;
    char pointer[POINTER];
    bool allowed = true;
    int err = fg_limit_new(&l, st, owner);
    if (err) return err;
    for (size_t i = 0; i < set->n && fg_limit_any(l); i++) {
        const struct fg_item *it = set->items[i];
        if (fg_item_idle(it)) continue;
        fg_config_point(pointer, sizeof pointer, it->kind, it->key);
        if (!fg_limit_allows(l, it->kind, it->key, it->before, it->after, at ? at : pointer,
                             problems))
            allowed = false;
    }
    fg_limit_free(l);
    return allowed ? 0 : EINVAL;
}

bool fg_limit_allows_text(const struct fg_limit *l, enum fg_kind kind, const char *key,
                          const char *before, const char *after)
{
    struct fg_problems ignored;
    if (!fg_limit_any(l)) return true;
    fg_problems_init(&ignored);
    json_t *was = before ? fg_body_parse(before) : NULL, *is = after ? fg_body_parse(after) : NULL;
    bool may =
        !before == !was && !after == !is && fg_limit_allows(l, kind, key, was, is, "", &ignored);
    json_decref(was);
    json_decref(is);
    fg_problems_free(&ignored);
    return may;
}
