/* See streams.h. */
#include "api/streams.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/internal.h"
#include "gateway/engine.h"

enum { SHOWN_NUMBER = 32 };

enum field {
    ID,
    PARTNER,
    LOCAL,
    REMOTE,
    DIRECTION,
    PEER,
    TLS,
    CERTIFICATE,
    METHOD,
    STATE,
    PHASE,
    SINCE,
    STANZAS,
    STANZAS_IN,
    STANZAS_OUT,
    QUEUE,
    FIELDS
};

const struct fg_stream_field fg_stream_fields[] = {
    [ID] = {"id", "the number"},
    [PARTNER] = {"partner", "the partner's domain; empty: nobody's"},
    [LOCAL] = {"local_domain", "the domain on our side; empty while it is not known"},
    [REMOTE] = {"remote_domain", "the domain on their side; empty while it is not known"},
    [DIRECTION] = {"direction", "in or out"},
    [PEER] = {"peer_address", "address and port of their side"},
    [TLS] = {"tls", "the version, such as TLSv1.3; empty: unencrypted"},
    [CERTIFICATE] = {"certificate", "the verdict on theirs; none: they showed none"},
    [METHOD] = {"method", "sasl_tls, dialback_tls or dialback_tcp; empty: not proved yet"},
    [STATE] = {"state", "the state of the protocol, such as open or starttls"},
    [PHASE] = {"phase", "setting_up, open or closing; ordered in this sequence"},
    [SINCE] = {"since", "when it began, in UTC"},
    [STANZAS] = {"stanzas", "the stanzas of both directions together"},
    [STANZAS_IN] = {"stanzas_in", "the stanzas that came"},
    [STANZAS_OUT] = {"stanzas_out", "the stanzas that went"},
    [QUEUE] = {"queue", "the stanzas that wait for it"},
    [FIELDS] = {NULL, NULL},
};

/* What a stream has in a field: a text, or a number when that is NULL. An empty text is no value.
 */
struct value {
    const char *text;
    int64_t number;
};

static struct value text_value(const char *text)
{
    return (struct value){.text = text ? text : ""};
}

static struct value number_value(uint64_t n)
{
    return (struct value){.number = (int64_t)n};
}

static struct value value_of(const struct fg_stream_info *s, enum field field)
{
    switch (field) {
    case ID:
        return number_value(s->id);
    case PARTNER:
        return text_value(s->partner);
    case LOCAL:
        return text_value(s->local_domain);
    case REMOTE:
        return text_value(s->remote_domain);
    case DIRECTION:
        return text_value(s->inbound ? "in" : "out");
    case PEER:
        return text_value(s->peer_address);
    case TLS:
        return text_value(s->tls_version);
    case CERTIFICATE:
        return text_value(s->certificate_verdict);
    case METHOD:
        return text_value(s->method == FG_METHOD_NONE ? "" : fg_method_name(s->method));
    case STATE:
        return text_value(s->state);
    case PHASE:
        return number_value(fg_live_phase(s));
    case SINCE:
        return (struct value){.number = s->since_ms};
    case STANZAS:
        return number_value(s->stanzas_in + s->stanzas_out);
    case STANZAS_IN:
        return number_value(s->stanzas_in);
    case STANZAS_OUT:
        return number_value(s->stanzas_out);
    case QUEUE:
        return number_value(s->queue);
    case FIELDS:
        break;
    }
    return text_value("");
}

static enum field field_named(const char *name)
{
    int i = 0;
    while (i < FIELDS && strcmp(fg_stream_fields[i].name, name) != 0) i++;
    return (enum field)i;
}

/* ---- filters ---- */

static bool fits(const struct fg_stream_info *s, enum field field, const char *pattern)
{
    char number[SHOWN_NUMBER];
    struct value v = value_of(s, field);
    if (field == PHASE) return fg_wildcard(pattern, fg_live_phase_name(fg_live_phase(s)));
    if (field == SINCE) {
        json_t *time = fg_json_time(v.number);
        bool good = fg_wildcard(pattern, json_is_string(time) ? json_string_value(time) : "");
        json_decref(time);
        return good;
    }
    if (v.text) return fg_wildcard(pattern, v.text);
    snprintf(number, sizeof number, "%lld", (long long)v.number);
    return fg_wildcard(pattern, number);
}

/* A search looks at names and addresses: what one would type from a log or a complaint. */
static bool found(const struct fg_stream_info *s, const char *q)
{
    const char *const texts[] = {s->remote_domain, s->local_domain, s->partner, s->peer_address,
                                 s->certificate_names};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i] && strcasestr(texts[i], q)) return true;
    return false;
}

static bool takes(const struct fg_listing *l, const struct fg_stream_info *s)
{
    if (l->q && !found(s, l->q)) return false;
    for (size_t i = 0; i < l->n_filters; i++)
        if (!fits(s, field_named(l->filters[i].field), l->filters[i].pattern)) return false;
    return true;
}

/* ---- order ---- */

struct order {
    const struct fg_listing *listing;
    enum field fields[FG_LISTING_SORTS];
};

static int compare_values(const struct value *a, const struct value *b)
{
    if (!a->text || !b->text) return (a->number > b->number) - (a->number < b->number);
    int c = strcasecmp(a->text, b->text);
    return c ? c : strcmp(a->text, b->text);
}

static int compare_ids(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare(const void *x, const void *y, void *arg)
{
    const struct order *o = arg;
    const struct fg_stream_info *a = *(const struct fg_stream_info *const *)x;
    const struct fg_stream_info *b = *(const struct fg_stream_info *const *)y;
    for (size_t i = 0; i < o->listing->n_sorts; i++) {
        struct value v = value_of(a, o->fields[i]), w = value_of(b, o->fields[i]);
        int c = compare_values(&v, &w);
        if (c) return o->listing->sorts[i].descending ? -c : c;
    }
    return compare_ids(a->id, b->id);
}

/* Does it come after the stream that the cursor names, which may be gone? */
static bool is_behind(const struct order *o, const struct fg_stream_info *s)
{
    const json_t *cursor = o->listing->cursor;
    size_t n = o->listing->n_sorts;
    for (size_t i = 0; i < n; i++) {
        const json_t *at = json_array_get(cursor, i);
        struct value v = value_of(s, o->fields[i]);
        struct value w = {.text = v.text && json_is_string(at) ? json_string_value(at) : NULL,
                          .number = json_integer_value(at)};
        if (v.text && !w.text) w.text = "";
        int c = compare_values(&v, &w);
        if (c) return o->listing->sorts[i].descending ? c < 0 : c > 0;
    }
    return compare_ids(s->id, (uint64_t)json_integer_value(json_array_get(cursor, n))) > 0;
}

static json_t *cursor_of(const struct order *o, const struct fg_stream_info *last)
{
    json_t *values = json_array();
    for (size_t i = 0; i < o->listing->n_sorts; i++) {
        struct value v = value_of(last, o->fields[i]);
        fg_json_push(values, v.text ? json_string(v.text) : json_integer(v.number));
    }
    fg_json_push(values, json_integer((json_int_t)last->id));
    return fg_listing_cursor(values);
}

/* ---- the page ---- */

static json_t *counts(const struct fg_engine_view *v)
{
    size_t n[FG_PHASES] = {0}, waiting = 0;
    json_t *o = json_object();
    for (size_t i = 0; v && i < v->n_streams; i++) {
        n[fg_live_phase(&v->streams[i])]++;
        waiting += v->streams[i].queue;
    }
    for (enum fg_phase p = 0; p < FG_PHASES; p++)
        fg_json_set(o, fg_live_phase_name(p), json_integer((json_int_t)n[p]));
    fg_json_set(o, "waiting", json_integer((json_int_t)waiting));
    return o;
}

json_t *fg_streams_page(const struct fg_listing *l, const struct fg_live *live)
{
    const struct fg_engine_view *v = live ? fg_live_view(live) : NULL;
    size_t n = v ? v->n_streams : 0, kept = 0, begin = 0;
    const struct fg_stream_info **list = calloc(n ? n : 1, sizeof *list);
    struct order order = {.listing = l};
    if (!list) return NULL;
    for (size_t i = 0; i < l->n_sorts; i++) order.fields[i] = field_named(l->sorts[i].field);
    for (size_t i = 0; i < n; i++)
        if (takes(l, &v->streams[i])) list[kept++] = &v->streams[i];
    qsort_r(list, kept, sizeof *list, compare, &order);
    if (l->cursor)
        while (begin < kept && !is_behind(&order, list[begin])) begin++;
    size_t end = kept - begin > l->limit ? begin + l->limit : kept;
    json_t *page = json_object(), *items = json_array();
    for (size_t i = begin; i < end; i++) fg_json_push(items, fg_live_stream(list[i]));
    fg_json_set(page, "items", items);
    fg_json_set(page, "next_cursor",
                end < kept && end > begin ? cursor_of(&order, list[end - 1]) : json_null());
    fg_json_set(page, "total", json_integer((json_int_t)kept));
    fg_json_set(page, "counts", counts(v));
    free(list);
    return page;
}

/* ---- GET /streams ---- */

static void answer_streams(struct fg_call *c, struct fg_live *live)
{
    if (fg_live_missing(c, live)) return;
    json_t *page = fg_streams_page(c->work, live);
    fg_live_free(live);
    fg_answer_json(c, 200, page);
}

static void free_listing(void *work)
{
    fg_listing_free(work);
    free(work);
}

void fg_handle_streams_list(struct fg_call *c)
{
    const char *names[FIELDS + 1];
    const struct fg_listing_spec spec = {"id", names, NULL};
    struct fg_problems problems;
    struct fg_listing *l = calloc(1, sizeof *l);
    if (!l) {
        fg_answer_errno(c, ENOMEM, "streams");
        return;
    }
    for (int i = 0; i <= FIELDS; i++) names[i] = fg_stream_fields[i].name;
    c->work = l;
    c->free_work = free_listing;
    fg_problems_init(&problems);
    if (fg_listing_read(l, c->http, &spec, &problems))
        fg_live_ask(c, FG_VIEW_STREAMS, answer_streams);
    else
        fg_answer_bad_request(c, &problems);
}

/* ---- POST /streams/{id}/close ---- */

/* Engine thread. */
static void stream_closed(void *arg, int err)
{
    struct fg_call *c = arg;
    if (err == ENOENT)
        fg_answer_problem(c, 404, "not_found", "There is no such stream.");
    else if (err)
        fg_answer(c, fg_reply_errno(err));
    else
        fg_answer(c, fg_reply_empty(202));
}

void fg_handle_streams_close(struct fg_call *c)
{
    uint64_t id;
    if (!fg_call_body(c, true) || !fg_call_number(c, c->args[0], &id)) return;
    fg_call_audit(c, "stream_close", "streams", c->args[0], "ok", "");
    if (!c->api->p.engine) {
        fg_answer_problem(c, 404, "not_found", "There is no such stream.");
        return;
    }
    int err = fg_engine_close_stream(c->api->p.engine, id, stream_closed, c);
    if (err) fg_answer(c, fg_reply_errno(err));
}
