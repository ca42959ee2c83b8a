/* Which role may change objects of which kind: the second table of access, checked for each change
 * in a draft or a commit; the first is the column `roles` of the routes. */
#include <string.h>

#include "api/internal.h"

#define ADMINISTRATOR FG_BIT(FG_ROLE_ADMINISTRATOR)
#define OPERATOR      FG_BIT(FG_ROLE_OPERATOR)
#define USERS         FG_BIT(FG_ROLE_USER_ADMINISTRATOR)

/* {put, patch, delete} */
static const unsigned changes[FG_KINDS][3] = {
    [FG_KIND_SETTINGS] = {ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR},
    [FG_KIND_PARTNERS] = {ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR},
    [FG_KIND_POLICIES] = {ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR},
    [FG_KIND_USERS] = {ADMINISTRATOR | USERS, ADMINISTRATOR | USERS, ADMINISTRATOR | USERS},
    [FG_KIND_SITES] = {ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR},
    [FG_KIND_EDGES] = {ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR},
    [FG_KIND_FRONT_ENDS] = {ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR},
    [FG_KIND_DOMAINS] = {ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR},
    [FG_KIND_TRUST_ANCHORS] = {ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR},
    [FG_KIND_CERTIFICATE_ASSIGNMENTS] = {ADMINISTRATOR | OPERATOR, ADMINISTRATOR | OPERATOR,
                                         ADMINISTRATOR | OPERATOR},
};

bool fg_role_may(enum fg_role role, enum fg_kind kind, enum fg_change_op op)
{
    return (changes[kind][op] & FG_BIT(role)) != 0;
}

/* Administration itself, service and certificates belong to no site and to no partner. */
bool fg_route_in_scope(const struct fg_route *route)
{
    static void (*const staged[])(struct fg_call * c) = {fg_handle_import, fg_handle_import_lync,
                                                         fg_handle_drafts_take};
    if (route->method == FG_HTTP_GET || route->kind != FG_NO_KIND) return true;
    if (route->roles & ~FG_BY_OPERATOR) return true;
    for (size_t i = 0; i < sizeof staged / sizeof *staged; i++)
        if (route->handle == staged[i]) return true;
    return false;
}

bool fg_problems_scope(const struct fg_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        if (strcmp(problems->items[i].code, "outside_scope") == 0) return true;
    return false;
}

struct fg_http_response *fg_reply_outside(const struct fg_problems *problems)
{
    return fg_reply_problems(403, "outside_scope",
                             "This is outside of what the account may change; nothing was changed.",
                             problems);
}

bool fg_kind_in_scopes(enum fg_kind kind)
{
    return kind == FG_KIND_PARTNERS || kind == FG_KIND_POLICIES || kind == FG_KIND_USERS ||
           kind == FG_KIND_SITES || kind == FG_KIND_EDGES || kind == FG_KIND_FRONT_ENDS;
}
