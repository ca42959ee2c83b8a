/* The manual page and the bash completions: both made from the command tables and from what
 * --help prints, so that they cannot say anything else. Main thread only. */
#ifndef FG_CLI_MANUAL_H
#define FG_CLI_MANUAL_H

#include "server/cli/commands.h"

#include <stddef.h>

/* `own` are the commands that are no client of a server. To standard output; exit codes. */
int fg_manual_print(const struct fg_command *own, size_t n);
int fg_completion_bash(const struct fg_command *own, size_t n);

/* What a command prints for --help; malloc'ed, NULL when it could not be had. */
char *fg_manual_help_own(const struct fg_command *c);
struct fg_verb;
char *fg_manual_help_verb(const struct fg_verb *v);

#endif
