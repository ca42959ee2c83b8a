/* Which role may change objects of which kind: the second table of access, checked for each change
 * in a draft or a commit; the first is the column `roles` of the routes. */
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
