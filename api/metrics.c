/* GET /metrics: the counters in Prometheus' text format (version 0.0.4), in total and for each
 * partner with any activity. Outside of the base path; for a token of any role, or the local
 * socket. When the engine does not answer, its series are missing and fedgate_engine_up is 0. */
#include <errno.h>
#include <string.h>

#include "api/internal.h"
#include "api/live.h"
#include "gateway/base/buf.h"
#include "gateway/base/clock.h"

enum { TEXT_MAX = 64 << 20 };

struct page {
    struct fg_buf b;
    int err;
};

__attribute__((format(printf, 2, 3))) static void put(struct page *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!p->err) p->err = fg_buf_vaddf(&p->b, fmt, ap);
    va_end(ap);
}

static void head(struct page *p, const char *name, const char *type, const char *help)
{
    put(p, "# HELP fedgate_%s %s\n# TYPE fedgate_%s %s\n", name, help, name, type);
}

static void one(struct page *p, const char *name, const char *type, const char *help, uint64_t v)
{
    head(p, name, type, help);
    put(p, "fedgate_%s %llu\n", name, (unsigned long long)v);
}

/* The same thing in both directions. */
static void both(struct page *p, const char *name, const char *type, const char *help, uint64_t in,
                 uint64_t out)
{
    head(p, name, type, help);
    put(p, "fedgate_%s{direction=\"in\"} %llu\n", name, (unsigned long long)in);
    put(p, "fedgate_%s{direction=\"out\"} %llu\n", name, (unsigned long long)out);
}

/* A label's value: backslash, quote and line end are escaped. */
static void put_label(struct page *p, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n')
            put(p, "\\n");
        else if (*text == '"' || *text == '\\')
            put(p, "\\%c", *text);
        else
            put(p, "%c", *text);
    }
}

/* ---- what is told ---- */

static void put_process(struct page *p, struct fg_api *a, bool answered)
{
    struct fg_config_state s;
    fg_config_state(a->p.config, &s);
    head(p, "build_info", "gauge", "The version that runs.");
    put(p, "fedgate_build_info{version=\"");
    put_label(p, a->p.version);
    put(p, "\"} 1\n");
    one(p, "uptime_seconds", "gauge", "Time since the start.",
        (uint64_t)(fg_clock_mono_ms() - a->started_ms) / 1000);
    one(p, "engine_up", "gauge", "1 when the engine answers.", answered);
    one(p, "engine_degraded", "gauge", "1 when something of the configuration could not be made.",
        s.degraded);
    one(p, "problems", "gauge", "What could not be made.", s.problems.count);
    one(p, "revision", "gauge", "Active revision of the configuration.", s.revision);
    one(p, "applied_revision", "gauge", "Revision that the engine runs.",
        a->p.engine ? fg_engine_revision(a->p.engine) : 0);
    one(p, "confirmation_pending", "gauge", "1 while a commit waits for its confirmation.",
        s.pending_revision != 0);
    fg_config_state_free(&s);
}

static void put_totals(struct page *p, const struct fg_engine_counters *c)
{
    both(p, "messages_total", "counter",
         "Messages that crossed; in: from XMPP to SIP, out: from SIP to XMPP.", c->messages_in,
         c->messages_out);
    both(p, "messages_refused_total", "counter", "Messages refused by policy.", c->refused_in,
         c->refused_out);
    both(p, "messages_failed_total", "counter",
         "Messages that were accepted and then reported to their sender as failed.", c->failed_in,
         c->failed_out);
    both(p, "xmpp_streams_open", "gauge", "XMPP streams that are open.", c->xmpp.open_in,
         c->xmpp.open_out);
    both(p, "xmpp_streams_total", "counter", "XMPP streams that were established.",
         c->xmpp.streams_in, c->xmpp.streams_out);
    both(p, "xmpp_streams_failed_total", "counter", "XMPP streams that came to nothing.",
         c->xmpp.failed_in, c->xmpp.failed_out);
    both(p, "xmpp_stanzas_total", "counter", "XMPP stanzas.", c->xmpp.stanzas_in,
         c->xmpp.stanzas_out);
    one(p, "xmpp_connections_accepted_total", "counter", "Connections to the XMPP listeners.",
        c->xmpp.accepted);
    one(p, "xmpp_connections_refused_total", "counter", "Of these, refused because of a limit.",
        c->xmpp.refused_connections);
    both(p, "sip_requests_total", "counter", "SIP requests.", c->sip.requests_in,
         c->sip.requests_out);
    one(p, "sip_refused_total", "counter", "SIP requests that were refused.", c->sip.refused);
    one(p, "sip_failed_total", "counter", "SIP requests of ours that failed.", c->sip.failed_out);
    one(p, "sip_retransmissions_total", "counter", "SIP retransmissions.", c->sip.retransmissions);
    one(p, "sip_connections", "gauge", "SIP connections that are open.", c->sip.connections);
    one(p, "sip_transactions", "gauge", "SIP transactions under way.", c->sip.transactions);
    one(p, "activations_total", "counter", "Configurations that the engine took over.",
        c->activations);
    one(p, "activate_last_microseconds", "gauge",
        "How long the engine stood for the last one; streams wait meanwhile.", c->activate_last_us);
    one(p, "activate_max_microseconds", "gauge", "The longest of them since the start.",
        c->activate_max_us);
}

/* One family of series: the values of one column for every partner. */
struct column {
    const char *name, *type, *help; /* type NULL: goes on with the family before */
    const char *labels;
    uint64_t (*value)(const struct fg_partner_info *i);
};

static uint64_t streams(const struct fg_partner_info *i)
{
    return i->streams;
}
static uint64_t queue(const struct fg_partner_info *i)
{
    return i->queue;
}
static uint64_t stanzas_in(const struct fg_partner_info *i)
{
    return i->stanzas_in;
}
static uint64_t stanzas_out(const struct fg_partner_info *i)
{
    return i->stanzas_out;
}
static uint64_t refused(const struct fg_partner_info *i)
{
    return i->stanzas_refused;
}
static uint64_t failing(const struct fg_partner_info *i)
{
    return !i->streams && i->last_failure_ms > i->last_success_ms;
}
static uint64_t success(const struct fg_partner_info *i)
{
    return (uint64_t)i->last_success_ms / 1000;
}

static const struct column columns[] = {
    {"partner_streams", "gauge", "Streams that are open with a partner.", "", streams},
    {"partner_queue", "gauge", "Stanzas that wait for a stream to a partner.", "", queue},
    {"partner_failing", "gauge", "1 when the last attempt failed and no stream is open.", "",
     failing},
    {"partner_last_success_timestamp_seconds", "gauge",
     "When a stream with a partner was last established; 0: never.", "", success},
    {"partner_stanzas_total", "counter", "Stanzas from and to a partner.", ",direction=\"in\"",
     stanzas_in},
    {"partner_stanzas_total", NULL, NULL, ",direction=\"out\"", stanzas_out},
    {"partner_stanzas_refused_total", "counter", "Stanzas of a partner that were refused.", "",
     refused},
};

static void put_partners(struct page *p, const struct fg_engine_view *v)
{
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
        const struct column *c = &columns[k];
        if (c->type) head(p, c->name, c->type, c->help);
        for (size_t i = 0; i < v->n_partners; i++) {
            put(p, "fedgate_%s{partner=\"", c->name);
            put_label(p, v->partners[i].partner);
            put(p, "\"%s} %llu\n", c->labels, (unsigned long long)c->value(&v->partners[i]));
        }
    }
}

/* ---- answering ---- */

static void answer(struct fg_call *c, struct fg_live *live)
{
    struct page p = {0};
    fg_buf_init(&p.b, TEXT_MAX);
    put_process(&p, c->api, live != NULL);
    if (live) put_totals(&p, &fg_live_view(live)->counters);
    if (live) put_partners(&p, fg_live_view(live));
    fg_live_free(live);
    if (p.err) {
        fg_answer_errno(c, p.err, "metrics");
    } else {
        struct fg_http_response *r = fg_http_response_new(200);
        fg_http_response_text(r, "text/plain; version=0.0.4; charset=utf-8",
                              (const char *)fg_buf_data(&p.b), fg_buf_len(&p.b));
        fg_answer(c, r);
    }
    fg_buf_free(&p.b);
}

static void handle(struct fg_call *c)
{
    if (c->who.kind == FG_BY_SESSION)
        fg_answer_problem(c, 403, "token_needed",
                          "Metrics are given to a token, or on the local socket.");
    else
        fg_live_ask(c, FG_VIEW_PARTNERS, answer);
}

const struct fg_route fg_metrics_route = {
    .method = FG_HTTP_GET,
    .path = "/metrics",
    .roles = FG_BY_ALL,
    .where = FG_ON_WORKER,
    .kind = FG_NO_KIND,
    .status = 200,
    .handle = handle,
    .summary = "Counters for Prometheus",
};
