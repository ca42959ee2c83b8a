/* The commands that speak to a running server: one table of nouns (kinds of objects, each with the
 * same verbs) and one of everything else. Dispatch, --help, completion and manual page all come
 * from these two. Main thread only. */
#ifndef FG_CLI_VERB_H
#define FG_CLI_VERB_H

#include "server/cli/remote.h"

struct fg_noun {
    const char *group;            /* on the command line: "front-end" */
    const char *kind;             /* in REST: "front_ends" */
    const char *one, *many, *key; /* "a SIP front end", "SIP front ends", "NAME" */
    const char *columns;          /* of its table */
};

/* Which flags a verb takes, beside those of all. */
enum {
    FG_V_LIST = 1,   /* --search --sort --limit --columns */
    FG_V_KEYS = 2,   /* --keys */
    FG_V_VIEW = 4,   /* --draft */
    FG_V_CHANGE = 8, /* --commit --confirm-within --at --dry-run */
    FG_V_WHERE = 16,
    FG_V_COMMIT = 32, /* --comment --only --include-dependencies --confirm-within --at --dry-run */
    FG_V_FIELDS = 64, /* takes FIELD=VALUE: --help lists the fields */
    FG_V_CERTIFICATE = 128,
    FG_V_EXPLAIN = 256,
    FG_V_COMMENT = 512,    /* --comment */
    FG_V_OUT = 1024,       /* --out */
    FG_V_DRY = 2048,       /* --dry-run alone */
    FG_V_SUSPENDED = 4096, /* --suspended */
    FG_V_SECRET = 8192     /* --overlap --secret-stdin */
};

struct fg_call;
struct fg_verb {
    const char *group, *name; /* name NULL: the group alone */
    int (*run)(struct fg_call *c);
    const char *args;
    size_t min, max;
    unsigned flags;
    const char *what;
    const struct fg_noun *noun; /* what it is about, or NULL */
};

/* One command under way. */
struct fg_call {
    const struct fg_verb *verb;
    const struct fg_noun *noun;
    struct fg_remote_flags where;
    struct fg_remote *remote;
    bool json, keys, draft, dry_run, password_stdin, suspended, secret_stdin, dependencies;
    const char *search, *sort, *limit, *columns, *filter;
    const char *commit, *comment, *confirm_within, *at, *only;
    const char *key_file, *label, *kind, *out, *overlap;
    const char **args;
    size_t n;
};

/* The i-th command; false behind the last. `what` is kept in `text`. */
enum { FG_VERB_TEXT = 160 };
bool fg_verb_at(size_t i, struct fg_verb *out, char text[FG_VERB_TEXT]);
/* The command that the words begin with; `used` gets how many of them it takes. */
bool fg_verb_find(int argc, char **argv, struct fg_verb *out, char text[FG_VERB_TEXT], int *used);
/* Does any command begin with this word? */
bool fg_verb_group(const char *word);
/* Parses, connects, runs; returns the exit code. */
int fg_verb_run(const struct fg_verb *v, int argc, char **argv);
/* Its usage and flags; the fields too when `fields`. */
void fg_verb_help(const struct fg_verb *v, bool fields);
/* The noun of a group or kind, or NULL. */
const struct fg_noun *fg_noun_find(const char *word);
size_t fg_noun_count(void);
const struct fg_noun *fg_noun_at(size_t i);
/* A usage error of this call. */
int fg_call_usage(const struct fg_call *c, const char *what);

#endif
