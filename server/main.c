/* fedgate: finds the subcommand and runs it. */
#include "server/cli/commands.h"
#include "server/cli/options.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct command {
    const char *group, *name; /* "admin" "add"; group NULL for a single word */
    int (*run)(int argc, char **argv);
    const char *what;
};

static const struct command commands[] = {
    {NULL, "serve", fg_cmd_serve, "panel, REST and gateway in one process, in the foreground"},
    {"admin", "add", fg_cmd_admin_add, "make an administrator"},
    {"admin", "list", fg_cmd_admin_list, "list administrators"},
    {"admin", "reset-password", fg_cmd_admin_reset_password, "set a new password"},
    {"admin", "setup-link", fg_cmd_admin_setup_link,
     "a new link for making the first administrator"},
    {"token", "create", fg_cmd_token_create, "make an API token; it is printed once"},
    {NULL, "check", fg_cmd_check, "verify the data directory and the active configuration"},
    {NULL, "export", fg_cmd_export, "the committed configuration as one JSON document"},
    {NULL, "import", fg_cmd_import, "such a document into the draft of the local user"},
    {NULL, "backup", fg_cmd_backup, "everything that is kept, as one file"},
    {NULL, "restore", fg_cmd_restore, "fill an empty data directory from a backup"},
    {NULL, "version", fg_cmd_version, "version of the program and its libraries"},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_commands(FILE *to, const char *group)
{
    fprintf(to, "usage: fedgate COMMAND [flags]; fedgate COMMAND --help tells its flags\n\n");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const struct command *c = &commands[i];
        char name[64];
        if (group && (!c->group || strcmp(c->group, group))) continue;
        snprintf(name, sizeof name, "%s%s%s", c->group ? c->group : "", c->group ? " " : "",
                 c->name);
        fprintf(to, "  %-24s %s\n", name, c->what);
    }
    fprintf(to, "\nexit code: 0 done, 1 it did not work, 2 the command line is wrong\n");
}

/* The command that `argv` begins with; `used` gets how many words it has. `group` is set when the
 * first word is at least a group. */
static const struct command *find(int argc, char **argv, int *used, bool *group)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const struct command *c = &commands[i];
        *used = c->group ? 2 : 1;
        if (c->group && !strcmp(argv[0], c->group)) *group = true;
        if (argc < *used) continue;
        if (c->group && strcmp(argv[0], c->group)) continue;
        if (!strcmp(argv[*used - 1], c->name)) return c;
    }
    return NULL;
}

static bool asks_help(const char *word)
{
    return !strcmp(word, "help") || !strcmp(word, "--help") || !strcmp(word, "-h");
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_commands(stderr, NULL);
        return FG_EXIT_USAGE;
    }
    if (asks_help(argv[1])) {
        print_commands(stdout, NULL);
        return FG_EXIT_OK;
    }
    if (!strcmp(argv[1], "--version")) return fg_cmd_version(0, NULL);
    int used = 0;
    bool group = false;
    const struct command *c = find(argc - 1, argv + 1, &used, &group);
    if (c) return c->run(argc - 1 - used, argv + 1 + used);
    if (group && argc > 2 && asks_help(argv[2])) {
        print_commands(stdout, argv[1]);
        return FG_EXIT_OK;
    }
    fprintf(stderr, "fedgate: there is no command \"%s%s%s\"\n", argv[1],
            group && argc > 2 ? " " : "", group && argc > 2 ? argv[2] : "");
    print_commands(stderr, group ? argv[1] : NULL);
    return FG_EXIT_USAGE;
}
