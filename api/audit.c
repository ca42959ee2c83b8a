/* The audit: reading it, exporting it, and checking its chain. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/internal.h"
#include "api/listing.h"
#include "gateway/base/clock.h"
#include "server/store/audit.h"

struct page {
    json_t *items;
    uint64_t last;
};

/* Bodies were stored as canonical JSON; what is none is shown as text. */
static json_t *body(const char *text)
{
    if (!text) return json_null();
    json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);
    return v ? v : fg_json_text(text);
}

static json_t *entry(const struct fg_audit_entry *e)
{
    json_t *o = json_object();
    fg_json_set(o, "seq", json_integer((json_int_t)e->seq));
    fg_json_set(o, "at", fg_json_time(e->at_ms));
    fg_json_set(o, "who", fg_json_text(e->who));
    fg_json_set(o, "name", fg_json_text(e->who_name));
    fg_json_set(o, "via", fg_json_text(e->via));
    fg_json_set(o, "address", fg_json_text(e->address));
    fg_json_set(o, "action", fg_json_text(e->action));
    fg_json_set(o, "kind", fg_json_text(e->kind));
    fg_json_set(o, "key", fg_json_text(e->key));
    fg_json_set(o, "before", body(e->before));
    fg_json_set(o, "after", body(e->after));
    fg_json_set(o, "outcome", fg_json_text(e->outcome));
    fg_json_set(o, "detail", fg_json_text(e->detail));
    fg_json_set(o, "revision", e->revision ? json_integer((json_int_t)e->revision) : json_null());
    return o;
}

static int take(const struct fg_audit_entry *e, void *arg)
{
    struct page *p = arg;
    p->last = e->seq;
    fg_json_push(p->items, entry(e));
    return 0;
}

/* ---- export: every row that fits, one JSON object a line ---- */

static const char ndjson[] = "application/x-ndjson";

static bool wants_lines(struct fg_call *c)
{
    const char *format = fg_http_query(c->http, "format");
    const char *accept = fg_http_header(c->http, "Accept");
    return format ? strcmp(format, "jsonl") == 0 : accept && strstr(accept, ndjson);
}

static int write_line(const struct fg_audit_entry *e, void *arg)
{
    FILE *f = arg;
    json_t *o = entry(e);
    int err = o && json_dumpf(o, f, JSON_COMPACT) == 0 ? 0 : EIO;
    json_decref(o);
    return err || fputc('\n', f) == EOF ? EIO : 0;
}

/* Into a file without a name: an audit may be longer than memory. */
static int write_lines(struct fg_store *s, const struct fg_audit_filter *filter, size_t limit,
                       int *out, uint64_t *size)
{
    int fd, err = fg_datadir_temporary(fg_store_datadir(s), &fd);
    if (err) return err;
    int copy = dup(fd);
    FILE *f = copy < 0 ? NULL : fdopen(copy, "we");
    err = f ? fg_audit_each(s, filter, limit, write_line, f) : errno;
    if (f && fclose(f) && !err) err = errno;
    if (!f && copy >= 0) close(copy);
    off_t end = err ? 0 : lseek(fd, 0, SEEK_END);
    if (!err && end < 0) err = errno;
    if (err) {
        close(fd);
        return err;
    }
    *out = fd;
    *size = (uint64_t)end;
    return 0;
}

static void answer_lines(struct fg_call *c, const struct fg_audit_filter *filter, size_t limit)
{
    int fd;
    uint64_t size;
    int err = write_lines(fg_call_store(c), filter, limit, &fd, &size);
    if (err) {
        fg_answer_errno(c, err, "audit");
        return;
    }
    struct fg_http_response *r = fg_http_response_new(200);
    fg_http_response_header(r, "Content-Disposition", "attachment; filename=\"audit.jsonl\"");
    fg_http_response_file(r, ndjson, fd, size);
    fg_answer(c, r);
}

/* ---- the list ---- */

static void read_time(struct fg_call *c, const char *name, int64_t *out,
                      struct fg_problems *problems)
{
    const char *text = fg_http_query(c->http, name);
    if (text && *text && fg_time_parse(text, out))
        fg_problem_add(problems, "", "query_invalid", "%s must be a date or a time.", name);
}

void fg_handle_audit_list(struct fg_call *c)
{
    static const char *const none[] = {NULL};
    static const char *const others[] = {"since", "until",   "who",      "action", "kind",
                                         "key",   "outcome", "revision", "format", NULL};
    static const struct fg_listing_spec spec = {"seq", none, others};
    struct fg_listing l;
    struct fg_problems problems;
    struct page page = {.items = json_array()};
    fg_problems_init(&problems);
    (void)fg_listing_read(&l, c->http, &spec, &problems);
    struct fg_audit_filter f = {
        .who = fg_http_query(c->http, "who"),
        .action = fg_http_query(c->http, "action"),
        .kind = fg_http_query(c->http, "kind"),
        .key = fg_http_query(c->http, "key"),
        .outcome = fg_http_query(c->http, "outcome"),
        .text = l.q,
    };
    const char *after = fg_listing_after(&l), *revision = fg_http_query(c->http, "revision");
    if (after) f.before_seq = strtoull(after, NULL, 10);
    if (revision && *revision && (!fg_number_parse(revision, &f.revision) || !f.revision))
        fg_problem_add(&problems, "", "query_invalid", "revision must be a number from 1.");
    read_time(c, "since", &f.since_ms, &problems);
    read_time(c, "until", &f.until_ms, &problems);
    const char *format = fg_http_query(c->http, "format");
    if (format && strcmp(format, "json") != 0 && strcmp(format, "jsonl") != 0)
        fg_problem_add(&problems, "", "query_invalid", "format must be json or jsonl.");
    if (!fg_problems_none(&problems)) {
        fg_listing_free(&l);
        json_decref(page.items);
        fg_answer_bad_request(c, &problems);
        return;
    }
    if (wants_lines(c)) {
        answer_lines(c, &f, fg_http_query(c->http, "limit") ? l.limit : INT64_MAX);
        fg_listing_free(&l);
        json_decref(page.items);
        return;
    }
    uint64_t total = 0;
    struct fg_audit_filter all = f;
    all.before_seq = 0;
    int err = fg_audit_each(fg_call_store(c), &f, l.limit, take, &page);
    if (!err) err = fg_audit_count(fg_call_store(c), &all, &total);
    bool more = json_array_size(page.items) >= l.limit && page.last > 1;
    fg_listing_free(&l);
    json_t *o = json_object();
    fg_json_set(o, "items", page.items);
    fg_json_set(o, "next_cursor", more ? fg_listing_number_cursor(page.last) : json_null());
    fg_json_set(o, "total", json_integer((json_int_t)total));
    if (!err) {
        fg_answer_json(c, 200, o);
        return;
    }
    json_decref(o);
    fg_answer_errno(c, err, "audit");
}

void fg_handle_audit_verify(struct fg_call *c)
{
    struct fg_audit_report r;
    int err = fg_audit_verify(fg_call_store(c), &r);
    if (err) {
        fg_answer_errno(c, err, "audit");
        return;
    }
    json_t *o = json_object();
    fg_json_set(o, "ok", json_boolean(r.bad_seq == 0));
    fg_json_set(o, "rows", json_integer((json_int_t)r.rows));
    fg_json_set(o, "first_bad", r.bad_seq ? json_integer((json_int_t)r.bad_seq) : json_null());
    fg_json_set(o, "reason", *r.reason ? fg_json_text(r.reason) : json_null());
    fg_answer_json(c, 200, o);
}
