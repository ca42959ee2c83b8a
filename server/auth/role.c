/* See role.h. */
#include "server/auth/role.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const char *const names[] = {
    [FG_ROLE_NONE] = "none",           [FG_ROLE_VIEWER] = "viewer",
    [FG_ROLE_HELP_DESK] = "help_desk", [FG_ROLE_USER_ADMINISTRATOR] = "user_administrator",
    [FG_ROLE_OPERATOR] = "operator",   [FG_ROLE_ADMINISTRATOR] = "administrator",
};

enum { ROLES = sizeof names / sizeof *names };

const char *fg_role_name(enum fg_role role)
{
    return (unsigned)role < ROLES ? names[role] : names[FG_ROLE_NONE];
}

int fg_role_parse(const char *name, enum fg_role *out)
{
    for (int i = FG_ROLE_VIEWER; i < ROLES; i++) {
        if (strcmp(name, names[i]) != 0) continue;
        *out = (enum fg_role)i;
        return 0;
    }
    return EINVAL;
}

/* Does `a` include all that `b` may do? Operators and user administrators are beside each other;
 * both may do what the help desk does, which may do what a viewer does. */
static int includes(enum fg_role a, enum fg_role b)
{
    if (a == b || a == FG_ROLE_ADMINISTRATOR || b == FG_ROLE_NONE) return 1;
    if (a == FG_ROLE_OPERATOR || a == FG_ROLE_USER_ADMINISTRATOR)
        return b == FG_ROLE_HELP_DESK || b == FG_ROLE_VIEWER;
    return a == FG_ROLE_HELP_DESK && b == FG_ROLE_VIEWER;
}

/* What both may do: of two roles beside each other, the help desk is the greatest below both. */
enum fg_role fg_role_limit(enum fg_role wanted, enum fg_role owner)
{
    if (includes(owner, wanted)) return wanted;
    return includes(wanted, owner) ? owner : FG_ROLE_HELP_DESK;
}
