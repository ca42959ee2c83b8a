/* The clocks, in milliseconds and seconds, and RFC 3339 text. Thread-safe. */
#ifndef FG_CLOCK_H
#define FG_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Never goes back, stands still while the machine sleeps; for intervals. Milliseconds. */
int64_t fg_clock_mono_ms(void);
/* The same in microseconds. */
int64_t fg_clock_mono_us(void);
/* Since boot, including sleep. Milliseconds. */
int64_t fg_clock_boot_ms(void);
/* Wall clock. Milliseconds since 1970 UTC. */
int64_t fg_clock_wall_ms(void);

enum { FG_TIME_TEXT = 32 };
/* "2026-01-31T12:00:00Z", or with ".123" when the milliseconds are not zero. */
void fg_time_format(char out[FG_TIME_TEXT], int64_t wall_ms);
/* Reads RFC 3339 with any offset, or a bare date (midnight UTC). 0 or EINVAL. */
int fg_time_parse(const char *text, int64_t *wall_ms);

#endif
