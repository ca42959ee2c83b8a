/* The flags of `fedgate serve`. */
#include "server/serve.h"
#include "server/cli/commands.h"
#include "server/cli/options.h"

#include <stdlib.h>
#include <string.h>

static int read_format(const struct fg_usage *u, const char *text, enum fg_log_format *out)
{
    if (strcmp(text, "text") && strcmp(text, "json"))
        return fg_usage_error(u, "--log-format is text or json, not %s", text);
    *out = strcmp(text, "json") ? FG_LOG_TEXT : FG_LOG_JSON;
    return FG_EXIT_NONE;
}

int fg_cmd_serve(int argc, char **argv)
{
    struct fg_common c;
    fg_common_init(&c);
    const char *edge = NULL, *user = NULL, *syslog_socket = "/dev/log", *format = "text",
               *level = "info";
    const struct fg_flag flags[] = {
        FG_FLAG_DATA_DIR(&c),
        FG_FLAG_PANEL(&c),
        FG_FLAG_SOCKET(&c),
        {"edge", "FEDGATE_EDGE", "FQDN", "which edge of the topology this process is", &edge, NULL},
        {"user", "FEDGATE_USER", "NAME", "drop to this user", &user, NULL},
        {"syslog-socket", "FEDGATE_SYSLOG_SOCKET", "PATH",
         "where the local log service listens, for audit_syslog (default /dev/log)", &syslog_socket,
         NULL},
        {"log-format", "FEDGATE_LOG_FORMAT", "FORMAT", "text or json (default text)", &format,
         NULL},
        {"log-level", "FEDGATE_LOG_LEVEL", "LEVEL", "debug, info, warning or error (default info)",
         &level, NULL},
    };
    const struct fg_usage u = {"serve", "", "Runs the panel, the REST interface and the gateway.",
                               flags, sizeof flags / sizeof *flags};
    const char *none[1];
    int rc = fg_options_parse(&u, argc, argv, none, 0, 0);
    if (rc != FG_EXIT_NONE) return rc;
    struct fg_serve_options o = {.data_dir = c.data_dir,
                                 .panel = c.panel,
                                 .edge = edge,
                                 .user = user,
                                 .syslog_socket = syslog_socket};
    rc = read_format(&u, format, &o.log_format);
    if (rc != FG_EXIT_NONE) return rc;
    if (fg_level_parse(level, &o.log_level))
        return fg_usage_error(&u, "--log-level is debug, info, warning or error, not %s", level);
    char *path = fg_common_socket(&c);
    if (!path) return fg_failed("out of memory");
    o.admin_socket = path;
    rc = fg_serve(&o);
    free(path);
    return rc;
}
