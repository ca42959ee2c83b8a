/* What the engine tells the world: events, through one callback. It never prints. */
#ifndef FG_REPORT_H
#define FG_REPORT_H

#include "gateway/failure.h"

#include <stdint.h>

enum fg_level { FG_DEBUG, FG_INFO, FG_WARNING, FG_ERROR };

/* Valid during the callback; strings from outside are quoted already. NULL or 0 where nothing fits.
 */
struct fg_event {
    enum fg_level level;
    const char *component; /* "xmpp.in", "xmpp.out", "sip", "bridge", "dns", "engine" */
    const char *code;      /* stable snake_case id: "stream_open", "policy_denied", a failure id */
    const char *partner;   /* domain */
    const char *rule;      /* id of the rule that decided */
    uint64_t stream;       /* stream or connection number */
    uint64_t revision;
    enum fg_failure failure;
    const char *text; /* one sentence, may be NULL */
};

/* Engine thread; must not block. */
struct fg_report {
    void (*event)(void *arg, const struct fg_event *e);
    void *arg;
    enum fg_level level; /* below this the engine does not even build events */
};

/* Formats `text` and reports; a NULL report or one without callback drops it. */
void fg_report_event(const struct fg_report *r, struct fg_event e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
