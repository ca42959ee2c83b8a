/* `fedgate serve`: panel, REST and gateway in one process, in the foreground. */
#ifndef FG_SERVE_H
#define FG_SERVE_H

#include "gateway/report.h"
#include "server/log.h"

struct fg_serve_options {
    const char *data_dir;
    const char *panel;         /* "127.0.0.1:8443" */
    const char *admin_socket;  /* path */
    const char *edge;          /* which edge of the topology this process is, or NULL */
    const char *user;          /* drop to it, or NULL */
    const char *syslog_socket; /* where the local log service listens */
    enum fg_log_format log_format;
    enum fg_level log_level;
};

/* Runs until SIGTERM or SIGINT. Exit code: 0 after a graceful stop, 1 otherwise; what is wrong was
 * told on standard error. Main thread, before any other thread exists. */
int fg_serve(const struct fg_serve_options *o);

#endif
