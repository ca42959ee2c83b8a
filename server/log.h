/* The log on standard error: one line and one write for each entry, as text (key=value) or JSON.
 * Text from outside is quoted on its way. A reader that does not keep up loses lines, which are
 * counted, and never stops the program. Thread-safe. */
#ifndef FG_LOG_H
#define FG_LOG_H

#include "gateway/report.h"

#include <stddef.h>
#include <stdint.h>

struct fg_log;
struct fg_log_ring; /* log_ring.h */

enum fg_log_format { FG_LOG_TEXT, FG_LOG_JSON };

/* `fd` stays the caller's. 0 or ENOMEM. */
int fg_log_new(struct fg_log **out, int fd, enum fg_log_format format, enum fg_level level);
void fg_log_free(struct fg_log *l);
void fg_log_set_level(struct fg_log *l, enum fg_level level);
enum fg_level fg_log_level(struct fg_log *l);
/* The newest lines, each a JSON object of its own whatever the format. Lives as long as the log. */
struct fg_log_ring *fg_log_recent(struct fg_log *l);
/* Lines lost because the reader did not keep up. */
uint64_t fg_log_dropped(struct fg_log *l);

struct fg_log_field {
    const char *key, *value; /* fields with a NULL value are left out */
};

/* `component` and `code` are ours ("http", "request_refused"); `text` is one sentence or NULL;
 * fields come behind it. A NULL log takes nothing. */
void fg_log_fields(struct fg_log *l, enum fg_level level, const char *component, const char *code,
                   const char *text, const struct fg_log_field *fields, size_t n);
/* The same with a formatted sentence and no fields. */
void fg_logf(struct fg_log *l, enum fg_level level, const char *component, const char *code,
             const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* An event of the engine; fits fg_report.event with the log as its argument. */
void fg_log_event(void *log, const struct fg_event *e);

/* "debug", "info", "warning", "error". 0 or EINVAL. */
int fg_level_parse(const char *text, enum fg_level *out);
const char *fg_level_name(enum fg_level level);

#endif
