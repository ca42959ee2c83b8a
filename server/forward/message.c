/* See message.h. */
#include "server/forward/message.h"

#include "gateway/base/clock.h"
#include "gateway/base/quote.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Facility "log audit"; the private enterprise number is the one RFC 5612 sets aside for examples,
 * as this program has none of its own. */
enum { FACILITY = 13, PIECE = 16, MSGID_MAX = 32 };
static const char sd_id[] = "audit@32473";
static const char ellipsis[] = "\xe2\x80\xa6", replacement[] = "\xef\xbf\xbd",
                  bom[] = "\xef\xbb\xbf";

void fg_syslog_origin(struct fg_syslog_origin *out)
{
    char *host = out->host;
    out->pid = (long)getpid();
    if (gethostname(host, sizeof out->host)) *host = 0;
    host[sizeof out->host - 1] = 0;
    bool fit = *host != 0;
    for (const char *p = host; *p; p++) fit = fit && *p > ' ' && *p < 127;
    if (!fit) snprintf(host, sizeof out->host, "-");
}

/* ---- characters ---- */

/* Controls of C1, separators, and what sets the direction of text. */
static bool turns(unsigned cp)
{
    return (cp >= 0x80 && cp < 0xa0) || cp == 0x061c || (cp >= 0x200e && cp <= 0x200f) ||
           (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff;
}

/* The next character of `text` as it may be sent: how many bytes of `text` it took. */
static size_t piece(const char *text, size_t len, bool quoted, char out[PIECE])
{
    unsigned cp;
    size_t n = fg_utf8_decode(text, len, &cp);
    if (n == 0 || turns(cp)) {
        memcpy(out, replacement, sizeof replacement);
        return n ? n : 1;
    }
    if (cp < 0x20 || cp == 0x7f) {
        snprintf(out, PIECE, "#%03o", cp);
        return n;
    }
    bool escape = quoted && (cp == '"' || cp == '\\' || cp == ']');
    snprintf(out, PIECE, "%s%.*s", escape ? "\\" : "", (int)n, text);
    return n;
}

/* Appends at most `max` bytes; a cut text ends with an ellipsis. */
static int add_text(struct fg_buf *b, const char *text, bool quoted, size_t max)
{
    size_t len = strlen(text), start = fg_buf_len(b), fits = start;
    int err = 0;
    for (size_t at = 0; at < len && !err;) {
        char one[PIECE];
        at += piece(text + at, len - at, quoted, one);
        size_t size = fg_buf_len(b) - start + strlen(one);
        if (size > max) {
            fg_buf_truncate(b, fits);
            return fg_buf_adds(b, ellipsis);
        }
        err = fg_buf_adds(b, one);
        if (size + sizeof ellipsis - 1 <= max) fits = fg_buf_len(b);
    }
    return err;
}

/* ---- parts ---- */

static int severity(const char *outcome)
{
    if (strcmp(outcome, "ok") == 0) return 5;       /* notice */
    return strcmp(outcome, "refused") == 0 ? 4 : 3; /* warning; error */
}

/* RFC 5424 wants milliseconds or none; here they are always there. */
static int add_header(struct fg_buf *b, const struct fg_syslog_origin *o,
                      const struct fg_audit_entry *e)
{
    char at[FG_TIME_TEXT], msgid[MSGID_MAX + 1];
    size_t n = 0;
    int64_t ms = e->at_ms < 0 ? 0 : e->at_ms;
    fg_time_format(at, ms - ms % 1000);
    at[strcspn(at, "Z")] = 0;
    for (const char *p = e->action; *p && n < MSGID_MAX; p++)
        msgid[n++] = *p > ' ' && *p < 127 ? *p : '?';
    msgid[n] = 0;
    return fg_buf_addf(b, "<%d>1 %s.%03dZ %s fedgate %ld %s ", FACILITY * 8 + severity(e->outcome),
                       at, (int)(ms % 1000), o->host, o->pid, n ? msgid : "-");
}

static int add_value(struct fg_buf *b, const char *name, const char *value, size_t max)
{
    if (!value || !*value) return 0;
    int err = fg_buf_addf(b, " %s=\"", name);
    if (!err) err = add_text(b, value, true, max);
    return err ? err : fg_buf_adds(b, "\"");
}

/* Header, names and these limits together stay below FG_SYSLOG_LEAST. */
enum { SHORT = 64, NAME = 240, KEY = 480 };

static int add_data(struct fg_buf *b, const struct fg_audit_entry *e)
{
    int err = fg_buf_addf(b, "[%s seq=\"%llu\"", sd_id, (unsigned long long)e->seq);
    if (!err) err = add_value(b, "who", e->who, SHORT);
    if (!err) err = add_value(b, "name", e->who_name, NAME);
    if (!err) err = add_value(b, "via", e->via, SHORT);
    if (!err) err = add_value(b, "address", e->address, SHORT);
    if (!err) err = add_value(b, "action", e->action, SHORT);
    if (!err) err = add_value(b, "kind", e->kind, SHORT);
    if (!err) err = add_value(b, "key", e->key, KEY);
    if (!err) err = add_value(b, "outcome", e->outcome, SHORT);
    if (!err && e->revision)
        err = fg_buf_addf(b, " revision=\"%llu\"", (unsigned long long)e->revision);
    return err ? err : fg_buf_adds(b, "]");
}

static size_t room(const struct fg_buf *b, size_t end)
{
    return fg_buf_len(b) < end ? end - fg_buf_len(b) : 0;
}

/* " before={…}", or nothing when it does not fit as a whole: no character gets shorter. */
static int add_body(struct fg_buf *b, const char *name, const char *json, size_t end)
{
    size_t start = fg_buf_len(b);
    if (!json || strlen(json) + strlen(name) + 2 > room(b, end)) return 0;
    int err = fg_buf_addf(b, " %s=", name);
    if (!err) err = add_text(b, json, false, SIZE_MAX / 2);
    if (!err && fg_buf_len(b) > end) fg_buf_truncate(b, start);
    return err;
}

static int add_sentence(struct fg_buf *b, const struct fg_audit_entry *e, size_t end)
{
    const char *who = e->who_name && *e->who_name ? e->who_name : e->who;
    struct fg_buf text;
    fg_buf_init(&text, 1 << 20);
    int err = fg_buf_addf(&text, "%s: %s", who && *who ? who : "nobody", e->action);
    if (!err && e->kind && *e->kind) err = fg_buf_addf(&text, " %s", e->kind);
    if (!err && e->key && *e->key) err = fg_buf_addf(&text, " %s", e->key);
    if (!err) err = fg_buf_addf(&text, ": %s", e->outcome);
    if (!err && e->detail && *e->detail) err = fg_buf_addf(&text, ". %s", e->detail);
    if (!err) err = add_text(b, fg_buf_cstr(&text), false, room(b, end));
    fg_buf_free(&text);
    return err;
}

int fg_syslog_format(struct fg_buf *out, const struct fg_syslog_origin *origin,
                     const struct fg_audit_entry *e, size_t limit)
{
    size_t end = fg_buf_len(out) + limit;
    int err = add_header(out, origin, e);
    if (!err) err = add_data(out, e);
    if (!err) err = fg_buf_addf(out, " %s", bom);
    if (!err) err = add_sentence(out, e, end);
    if (!err) err = add_body(out, "before", e->before, end);
    return err ? err : add_body(out, "after", e->after, end);
}
