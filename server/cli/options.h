/* Flags of the command line: "--name value" or "--name=value", in any order with the arguments; a
 * flag wins over its environment variable, this over the default. Main thread only. */
#ifndef FG_CLI_OPTIONS_H
#define FG_CLI_OPTIONS_H

#include "server/log.h"

#include <stdbool.h>
#include <stddef.h>

struct fg_flag {
    const char *name;    /* without "--" */
    const char *env;     /* or NULL */
    const char *metavar; /* shown in the help; NULL: a switch */
    const char *help;
    const char **value; /* for a flag with a value; holds the default before */
    bool *on;           /* for a switch */
};

/* One subcommand, for its help. */
struct fg_usage {
    const char *command; /* "admin add" */
    const char *args;    /* "NAME", or "" */
    const char *what;    /* one sentence */
    const struct fg_flag *flags;
    size_t n_flags;
};

enum { FG_EXIT_OK = 0, FG_EXIT_FAILED = 1, FG_EXIT_USAGE = 2, FG_EXIT_NONE = -1 };

/* Reads everything behind the subcommand. `positional` gets at least `min` and at most `max`
 * arguments (the rest are NULL). FG_EXIT_NONE to go on; otherwise how to exit: a usage error was
 * printed, or the help that was asked for. */
int fg_options_parse(const struct fg_usage *u, int argc, char **argv, const char **positional,
                     size_t min, size_t max);
/* The help of a subcommand. */
void fg_options_help(const struct fg_usage *u);
/* Prints "fedgate COMMAND: sentence" and how to get help; returns FG_EXIT_USAGE. */
int fg_usage_error(const struct fg_usage *u, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Prints "fedgate: sentence"; returns FG_EXIT_FAILED. */
int fg_failed(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The flags that (nearly) every subcommand has. */
struct fg_common {
    const char *data_dir;
    const char *panel;
    const char *admin_socket; /* NULL: DATA/admin.sock */
};
void fg_common_init(struct fg_common *c);
#define FG_FLAG_DATA_DIR(c)                                                                        \
    {                                                                                              \
        "data-dir", "FEDGATE_DATA_DIR", "DIR",                                                     \
            "where everything is kept (default /var/lib/fedgate)", &(c)->data_dir, NULL            \
    }
#define FG_FLAG_SOCKET(c)                                                                          \
    {                                                                                              \
        "admin-socket", "FEDGATE_ADMIN_SOCKET", "PATH", "local socket (default DIR/admin.sock)",   \
            &(c)->admin_socket, NULL                                                               \
    }
/* For commands of the console; `on` is a bool. */
#define FG_FLAG_JSON(on)                                                                           \
    {                                                                                              \
        "json", NULL, NULL, "one JSON object, for scripts", NULL, (on)                             \
    }
#define FG_FLAG_PANEL(c)                                                                           \
    {                                                                                              \
        "panel", "FEDGATE_PANEL", "ADDRESS:PORT",                                                  \
            "where the panel listens, HTTPS; port 0 picks one (default 127.0.0.1:8443)",           \
            &(c)->panel, NULL                                                                      \
    }

/* The socket's path, malloc'ed. */
char *fg_common_socket(const struct fg_common *c);

#endif
