/* Where a subcommand works: beside a running server through its local socket; without one in the
 * data directory itself, with its lock. Main thread only. */
#ifndef FG_CLI_LOCAL_H
#define FG_CLI_LOCAL_H

#include "server/cli/options.h"
#include "server/store/audit.h"
#include "server/store/store.h"

#include <jansson.h>
#include <stdbool.h>

struct fg_local {
    bool online; /* a server runs: use `socket` */
    char *socket;
    struct fg_datadir *dir; /* otherwise these */
    struct fg_store *store;
    char who[32]; /* "local:1000" */
};

/* 0, or an exit code after saying why. */
int fg_local_open(struct fg_local *l, const struct fg_common *c);
void fg_local_close(struct fg_local *l);
/* Writes an audit row for what was done offline, in the open transaction. */
int fg_local_audit(struct fg_local *l, const char *action, const char *kind, const char *key);
/* Says what went wrong in the store; returns FG_EXIT_FAILED. */
int fg_local_failed(const struct fg_local *l, int err, const char *what);

/* Reads a password: one line of standard input when `from_stdin`, otherwise asked twice at the
 * terminal without echo. Malloc'ed, to be wiped; NULL after saying why. */
char *fg_read_password(bool from_stdin);

/* Prints an object, which is taken over (NULL: there was no memory), as a line. How to exit. */
int fg_local_json(json_t *o);

#endif
