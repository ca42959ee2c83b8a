/* Follows the audit and sends each row to the syslog server of the settings (audit_syslog), in
 * order, from a remembered position. On a thread of its own with its own connection to the store:
 * nothing waits for it. */
#ifndef FG_FORWARD_H
#define FG_FORWARD_H

#include <stdint.h>

struct fg_config;
struct fg_datadir;
struct fg_forward;
struct fg_log;

struct fg_forward_params {
    struct fg_config *config; /* started; must outlive the object */
    const struct fg_datadir *dir;
    struct fg_log *log;     /* may be NULL */
    const char *local_path; /* the local log service's socket; NULL: /dev/log. Must outlive it. */
};

/* 0 or errno. */
int fg_forward_new(struct fg_forward **out, const struct fg_forward_params *p);
/* Ends the thread, at most a moment later, and leaves the position to the configuration thread.
 * Before fg_config_free. NULL is fine. */
void fg_forward_free(struct fg_forward *f);

enum fg_forward_condition { FG_FORWARD_IS_OFF, FG_FORWARD_IS_OK, FG_FORWARD_IS_FAILING };
const char *fg_forward_condition_name(enum fg_forward_condition c); /* off, ok, failing */
struct fg_forward_state {
    enum fg_forward_condition condition;
    uint64_t behind; /* rows that are not sent yet */
    /* While failing: stable id, cause and remedy (static), and since when (wall clock). */
    const char *code, *cause, *remedy;
    int64_t since_ms;
};
/* Any thread. NULL: off. */
void fg_forward_state(struct fg_forward *f, struct fg_forward_state *out);

#endif
