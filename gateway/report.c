/* See report.h. */
#include "gateway/report.h"

#include <stdarg.h>
#include <stdio.h>

void fg_report_event(const struct fg_report *r, struct fg_event e, const char *fmt, ...)
{
    if (!r || !r->event || e.level < r->level) return;
    char text[512];
    if (fmt) {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        e.text = text;
    }
    r->event(r->arg, &e);
}
