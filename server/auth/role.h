/* What an administrator may do, as one word. Pure; any thread. */
#ifndef FG_ROLE_H
#define FG_ROLE_H

/* From most to least; the order is not a ladder (see the table role x kind x verb in api/). The
 * numbers stay inside the process: files and REST carry the names. */
enum fg_role {
    FG_ROLE_NONE,               /* nobody: the value of zeroed memory may do nothing */
    FG_ROLE_VIEWER,             /* reads */
    FG_ROLE_HELP_DESK,          /* reads, tests, explains */
    FG_ROLE_USER_ADMINISTRATOR, /* users and which policy they have */
    FG_ROLE_OPERATOR,           /* service, certificates, tests, logs */
    FG_ROLE_ADMINISTRATOR,      /* everything */
};

/* "administrator", "operator", "user_administrator", "help_desk", "viewer"; "none" for anything
 * else. */
const char *fg_role_name(enum fg_role role);
/* 0, or EINVAL for a word that is no role ("none" included). */
int fg_role_parse(const char *name, enum fg_role *out);
/* The role of a token made with `wanted` while its owner has `owner`: what both may do. Of operator
 * and user_administrator, which are beside each other, that is help_desk. */
enum fg_role fg_role_limit(enum fg_role wanted, enum fg_role owner);

#endif
