/* See local.h. */
#include "server/cli/local.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { PASSWORD_LINE = 2048 };

int fg_local_open(struct fg_local *l, const struct fg_common *c)
{
    char why[FG_WHY] = "";
    *l = (struct fg_local){0};
    snprintf(l->who, sizeof l->who, "local:%u", (unsigned)getuid());
    l->socket = fg_common_socket(c);
    if (!l->socket) return fg_failed("out of memory");
    l->online = fg_datadir_busy(c->data_dir);
    if (l->online) return 0;
    int err = fg_datadir_open(&l->dir, c->data_dir, why);
    if (!err) err = fg_store_open(&l->store, l->dir, FG_STORE_WRITER, why);
    if (!err) return 0;
    fg_failed("%s", *why ? why : strerror(err));
    fg_local_close(l);
    return FG_EXIT_FAILED;
}

void fg_local_close(struct fg_local *l)
{
    if (l->store) fg_store_close(l->store);
    if (l->dir) fg_datadir_close(l->dir);
    free(l->socket);
    *l = (struct fg_local){0};
}

int fg_local_audit(struct fg_local *l, const char *action, const char *kind, const char *key)
{
    const struct fg_audit_entry e = {
        .who = l->who,
        .who_name = l->who,
        .via = "console",
        .address = "local",
        .action = action,
        .kind = kind,
        .key = key,
        .outcome = "ok",
    };
    return fg_audit_add(l->store, &e);
}

int fg_local_failed(const struct fg_local *l, int err, const char *what)
{
    const char *why = l->store ? fg_store_error(l->store) : "";
    return fg_failed("%s: %s", what, *why ? why : strerror(err));
}

static ssize_t read_hidden(const char *prompt, char *line, size_t size)
{
    struct termios was, hidden;
    FILE *tty = fopen("/dev/tty", "r+e");
    if (!tty) return -1;
    bool echo = tcgetattr(fileno(tty), &was) == 0;
    hidden = was;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    fputs(prompt, tty);
    fflush(tty);
    if (echo) tcsetattr(fileno(tty), TCSAFLUSH, &hidden);
    char *got = fgets(line, (int)size, tty);
    if (echo) tcsetattr(fileno(tty), TCSAFLUSH, &was);
    fputs("\n", tty);
    fclose(tty);
    return got ? (ssize_t)strlen(line) : -1;
}

static char *chomp_copy(char *line)
{
    line[strcspn(line, "\r\n")] = '\0';
    char *copy = strdup(line);
    if (!copy) fg_failed("out of memory");
    return copy;
}

static char *ask_twice(void)
{
    char first[PASSWORD_LINE], second[PASSWORD_LINE];
    char *password = NULL;
    if (read_hidden("Password: ", first, sizeof first) < 0 ||
        read_hidden("Again: ", second, sizeof second) < 0)
        fg_failed("there is no terminal to ask for the password; use --password-stdin");
    else if (strcmp(first, second))
        fg_failed("the two passwords differ");
    else
        password = chomp_copy(first);
    explicit_bzero(first, sizeof first);
    explicit_bzero(second, sizeof second);
    return password;
}

char *fg_read_password(bool from_stdin)
{
    if (!from_stdin) return ask_twice();
    char line[PASSWORD_LINE];
    char *password = NULL;
    if (fgets(line, sizeof line, stdin))
        password = chomp_copy(line);
    else
        fg_failed("no password on standard input");
    explicit_bzero(line, sizeof line);
    return password;
}

int fg_local_json(json_t *o)
{
    char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
    json_decref(o);
    if (!text) return fg_failed("out of memory");
    int rc = printf("%s\n", text) < 0 ? fg_failed("standard output cannot be written") : FG_EXIT_OK;
    free(text);
    return rc;
}
