/* See options.h. */
#include "server/cli/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 2, 0))) static void vprint(const char *prefix, const char *fmt,
                                                         va_list ap)
{
    char text[1024];
    vsnprintf(text, sizeof text, fmt, ap);
    fprintf(stderr, "fedgate%s%s: %s\n", *prefix ? " " : "", prefix, text);
}

int fg_usage_error(const struct fg_usage *u, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vprint(u->command, fmt, ap);
    va_end(ap);
    fprintf(stderr, "usage: fedgate %s %s%s[flags]; see fedgate %s --help\n", u->command, u->args,
            *u->args ? " " : "", u->command);
    return FG_EXIT_USAGE;
}

int fg_failed(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vprint("", fmt, ap);
    va_end(ap);
    return FG_EXIT_FAILED;
}

void fg_options_help(const struct fg_usage *u)
{
    printf("usage: fedgate %s %s%s[flags]\n%s\n", u->command, u->args, *u->args ? " " : "",
           u->what);
    if (u->n_flags) printf("\nflags:\n");
    for (size_t i = 0; i < u->n_flags; i++) {
        const struct fg_flag *f = &u->flags[i];
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", f->name, f->metavar ? " " : "",
                 f->metavar ? f->metavar : "");
        printf("  %-28s %s", left, f->help);
        if (f->env) printf(" [%s]", f->env);
        printf("\n");
    }
}

static const struct fg_flag *find(const struct fg_usage *u, const char *name, size_t len)
{
    for (size_t i = 0; i < u->n_flags; i++) {
        if (strlen(u->flags[i].name) == len && !strncmp(u->flags[i].name, name, len))
            return &u->flags[i];
    }
    return NULL;
}

static void read_environment(const struct fg_usage *u)
{
    for (size_t i = 0; i < u->n_flags; i++) {
        const struct fg_flag *f = &u->flags[i];
        const char *value = f->env && f->value ? getenv(f->env) : NULL;
        if (value && *value) *f->value = value;
    }
}

/* Takes the flag at argv[*i], and its value. */
static int take_flag(const struct fg_usage *u, int argc, char **argv, int *i)
{
    const char *name = argv[*i] + 2;
    size_t len = strcspn(name, "=");
    const struct fg_flag *f = find(u, name, len);
    if (!f) return fg_usage_error(u, "there is no flag --%.*s", (int)len, name);
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    if (f->on) {
        if (value) return fg_usage_error(u, "--%s takes no value", f->name);
        *f->on = true;
        return FG_EXIT_NONE;
    }
    if (!value && *i + 1 < argc) value = argv[++*i];
    if (!value || !*value) return fg_usage_error(u, "--%s needs a value: %s", f->name, f->metavar);
    *f->value = value;
    return FG_EXIT_NONE;
}

int fg_options_parse(const struct fg_usage *u, int argc, char **argv, const char **positional,
                     size_t min, size_t max)
{
    size_t n = 0;
    bool only_arguments = false;
    for (size_t i = 0; i < max; i++) positional[i] = NULL;
    read_environment(u);
    for (int i = 0; i < argc; i++) {
        if (!only_arguments && !strcmp(argv[i], "--")) {
            only_arguments = true;
        } else if (!only_arguments && (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))) {
            fg_options_help(u);
            return FG_EXIT_OK;
        } else if (!only_arguments && !strncmp(argv[i], "--", 2)) {
            int rc = take_flag(u, argc, argv, &i);
            if (rc != FG_EXIT_NONE) return rc;
        } else if (!only_arguments && argv[i][0] == '-' && argv[i][1]) {
            return fg_usage_error(u, "flags begin with two dashes: %s", argv[i]);
        } else if (n == max) {
            return fg_usage_error(u, "too many arguments: %s", argv[i]);
        } else {
            positional[n++] = argv[i];
        }
    }
    return n < min ? fg_usage_error(u, "missing: %s", u->args) : FG_EXIT_NONE;
}

void fg_common_init(struct fg_common *c)
{
    *c = (struct fg_common){.data_dir = "/var/lib/fedgate", .panel = "127.0.0.1:8443"};
}

char *fg_common_socket(const struct fg_common *c)
{
    char *path = NULL;
    if (c->admin_socket) return strdup(c->admin_socket);
    return asprintf(&path, "%s/admin.sock", c->data_dir) < 0 ? NULL : path;
}
