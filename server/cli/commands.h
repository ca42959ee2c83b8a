/* The subcommands; each reads its own flags from what stands behind its name and returns the exit
 * code: 0 done, 1 it did not work (said why), 2 the command line is wrong. Main thread. */
#ifndef FG_CLI_COMMANDS_H
#define FG_CLI_COMMANDS_H

struct fg_command {
    const char *group, *name; /* "admin" "add"; group NULL for a single word */
    int (*run)(int argc, char **argv);
    const char *what;
};

int fg_cmd_serve(int argc, char **argv);
int fg_cmd_admin_add(int argc, char **argv);
int fg_cmd_admin_list(int argc, char **argv);
int fg_cmd_admin_reset_password(int argc, char **argv);
int fg_cmd_admin_setup_link(int argc, char **argv);
int fg_cmd_token_create(int argc, char **argv);
int fg_cmd_export(int argc, char **argv);
int fg_cmd_import(int argc, char **argv);
int fg_cmd_check(int argc, char **argv);
int fg_cmd_backup(int argc, char **argv);
int fg_cmd_restore(int argc, char **argv);
int fg_cmd_version(int argc, char **argv);

#endif
