/* fedgate: finds the subcommand and runs it. */
#include "server/cli/commands.h"
#include "server/cli/manual.h"
#include "server/cli/options.h"
#include "server/cli/verb.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct fg_command commands[] = {
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

static void print_line(FILE *to, const char *group, const char *name, const char *what)
{
    char words[64];
    snprintf(words, sizeof words, "%s%s%s", group ? group : "", group && name ? " " : "",
             name ? name : "");
    fprintf(to, "  %-24s %s\n", words, what);
}

/* All commands, or those of a group. */
static void print_commands(FILE *to, const char *group)
{
    struct fg_verb v;
    char text[FG_VERB_TEXT];
    fprintf(to, "usage: fedgate COMMAND [flags]; fedgate COMMAND --help tells its flags\n\n");
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const struct fg_command *c = &commands[i];
        if (!group || (c->group && !strcmp(c->group, group)))
            print_line(to, c->group, c->name, c->what);
    }
    if (!group) fprintf(to, "\nclient of a running server, here or at --url:\n");
    for (size_t i = 0; fg_verb_at(i, &v, text); i++) {
        if (!group || !strcmp(v.group, group)) print_line(to, v.group, v.name, v.what);
    }
    if (!group) fprintf(to, "\nfedgate help --man: the manual page; fedgate completion bash\n");
    fprintf(to, "\nexit code: 0 done, 1 refused or failed, 2 the command line is wrong, 3 no "
                "server reached,\n4 conflict, 5 not allowed, 6 no such object\n");
}

/* The command that `argv` begins with; `used` gets how many words it has. `group` is set when the
 * first word is at least a group. */
static const struct fg_command *find(int argc, char **argv, int *used, bool *group)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        const struct fg_command *c = &commands[i];
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

/* Words that are no command of a table: help, completion; -1 when it is none of these. */
static int run_word(int argc, char **argv)
{
    const char *next = argc > 1 ? argv[1] : "";
    if (!strcmp(argv[0], "--version")) return fg_cmd_version(0, NULL);
    if (asks_help(argv[0]) && !strcmp(next, "--man")) return fg_manual_print(commands, N_COMMANDS);
    if (asks_help(argv[0])) {
        print_commands(stdout, *next ? next : NULL);
        return FG_EXIT_OK;
    }
    if (strcmp(argv[0], "completion")) return FG_EXIT_NONE;
    if (argc == 2 && !strcmp(next, "bash")) return fg_completion_bash(commands, N_COMMANDS);
    fprintf(stderr, "usage: fedgate completion bash\n");
    return asks_help(next) ? FG_EXIT_OK : FG_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_commands(stderr, NULL);
        return FG_EXIT_USAGE;
    }
    int used = 0, rc = run_word(argc - 1, argv + 1);
    if (rc != FG_EXIT_NONE) return rc;
    bool group = false;
    const struct fg_command *c = find(argc - 1, argv + 1, &used, &group);
    if (c) return c->run(argc - 1 - used, argv + 1 + used);
    struct fg_verb v;
    char text[FG_VERB_TEXT];
    if (fg_verb_find(argc - 1, argv + 1, &v, text, &used))
        return fg_verb_run(&v, argc - 1 - used, argv + 1 + used);
    group = group || fg_verb_group(argv[1]);
    if (group && argc > 2 && asks_help(argv[2])) {
        print_commands(stdout, argv[1]);
        return FG_EXIT_OK;
    }
    fprintf(stderr, "fedgate: there is no command \"%s%s%s\"\n", argv[1],
            group && argc > 2 ? " " : "", group && argc > 2 ? argv[2] : "");
    print_commands(stderr, group ? argv[1] : NULL);
    return FG_EXIT_USAGE;
}
