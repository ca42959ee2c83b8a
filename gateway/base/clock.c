/* See clock.h. */
#include "gateway/base/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t fg_clock_mono_ms(void)
{
    return read_ms(CLOCK_MONOTONIC);
}
int64_t fg_clock_mono_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}
int64_t fg_clock_boot_ms(void)
{
    return read_ms(CLOCK_BOOTTIME);
}
int64_t fg_clock_wall_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

void fg_time_format(char out[FG_TIME_TEXT], int64_t wall_ms)
{
    int64_t ms = wall_ms % 1000;
    if (ms < 0) ms += 1000;
    time_t seconds = (time_t)((wall_ms - ms) / 1000);
    struct tm tm;
    if (!gmtime_r(&seconds, &tm)) {
        memcpy(out, "invalid", 8);
        return;
    }
    /* The year is printed by hand: strftime does not pad it to four digits. */
    int year = tm.tm_year + 1900;
    if (year < 0 || year > 9999) {
        memcpy(out, "invalid", 8);
        return;
    }
    size_t n = (size_t)snprintf(out, FG_TIME_TEXT, "%04d-", year);
    n += strftime(out + n, FG_TIME_TEXT - n, "%m-%dT%H:%M:%S", &tm);
    if (ms)
        snprintf(out + n, FG_TIME_TEXT - n, ".%03dZ", (int)ms);
    else
        snprintf(out + n, FG_TIME_TEXT - n, "Z");
}

/* Reads exactly `n` digits. */
static bool digits(const char **p, int n, int *out)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        char c = (*p)[i];
        if (c < '0' || c > '9') return false;
        v = v * 10 + (c - '0');
    }
    *p += n;
    *out = v;
    return true;
}

static bool literal(const char **p, char c)
{
    if (**p != c) return false;
    (*p)++;
    return true;
}

static bool parse_offset(const char **p, int *minutes)
{
    *minutes = 0;
    if (**p == 'Z' || **p == 'z') {
        (*p)++;
        return true;
    }
    int sign = **p == '-' ? -1 : 1, h, m;
    if (**p != '+' && **p != '-') return false;
    (*p)++;
    if (!digits(p, 2, &h) || !literal(p, ':') || !digits(p, 2, &m) || h > 23 || m > 59)
        return false;
    *minutes = sign * (h * 60 + m);
    return true;
}

/* ".123456": milliseconds are kept, the rest is dropped. */
static int parse_fraction(const char **p)
{
    if (**p != '.') return 0;
    (*p)++;
    int ms = 0, scale = 100;
    while (**p >= '0' && **p <= '9') {
        ms += (**p - '0') * scale;
        scale /= 10;
        (*p)++;
    }
    return ms;
}

int fg_time_parse(const char *text, int64_t *wall_ms)
{
    struct tm tm = {0};
    const char *p = text;
    if (!digits(&p, 4, &tm.tm_year) || !literal(&p, '-') || !digits(&p, 2, &tm.tm_mon) ||
        !literal(&p, '-') || !digits(&p, 2, &tm.tm_mday))
        return EINVAL;
    int ms = 0, offset = 0;
    if (*p) {
        if (*p != 'T' && *p != 't' && *p != ' ') return EINVAL;
        p++;
        if (!digits(&p, 2, &tm.tm_hour) || !literal(&p, ':') || !digits(&p, 2, &tm.tm_min) ||
            !literal(&p, ':') || !digits(&p, 2, &tm.tm_sec))
            return EINVAL;
        ms = parse_fraction(&p);
        if (!parse_offset(&p, &offset) || *p) return EINVAL;
    }
    struct tm given = tm;
    if (tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60) return EINVAL;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    time_t seconds = timegm(&tm);
    if (tm.tm_mday != given.tm_mday || tm.tm_mon != given.tm_mon - 1) return EINVAL;
    *wall_ms = ((int64_t)seconds - offset * 60) * 1000 + ms;
    return 0;
}
