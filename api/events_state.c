/* See events_state.h. */
#include "api/events_state.h"

#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "api/live.h"
#include "server/forward/forward.h"
#include "server/store/approvals.h"

static const char *const names[FG_EVENTS] = {
    [FG_EVENT_STATUS] = "status",     [FG_EVENT_STREAMS] = "streams",
    [FG_EVENT_REVISION] = "revision", [FG_EVENT_APPROVALS] = "approvals",
    [FG_EVENT_ACCOUNTS] = "accounts", [FG_EVENT_DRAFT] = "draft",
    [FG_EVENT_JOBS] = "jobs",         [FG_EVENT_LOG] = "log",
};

const char *fg_event_name(enum fg_event_id id)
{
    return names[id];
}

unsigned fg_event_names(const char *list)
{
    unsigned found = 0;
    for (const char *p = list;; p++) {
        size_t len = strcspn(p, ",");
        unsigned bit = 0;
        for (unsigned i = 0; i < FG_EVENTS && !bit; i++)
            if (strlen(names[i]) == len && memcmp(names[i], p, len) == 0) bit = 1u << i;
        if (!bit) return 0;
        found |= bit;
        p += len;
        if (!*p) return found;
    }
}

static bool make_frame(struct fg_buf *out, const char *event, const char *id, const char *text)
{
    fg_buf_reset(out);
    return fg_http_event(out, event, id, text, strlen(text)) == 0;
}

bool fg_event_frame(struct fg_buf *out, const char *event, const char *id, json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
    bool made = text && make_frame(out, event, id, text);
    json_decref(value);
    free(text);
    return made;
}

/* Takes the value over. */
static void set(struct fg_topic topics[FG_TOPICS], enum fg_event_id id, json_t *value)
{
    struct fg_topic *t = &topics[id];
    char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
    json_decref(value);
    bool news = text && (!t->text || strcmp(t->text, text) != 0);
    if (!news || !make_frame(&t->frame, names[id], NULL, text)) {
        free(text);
        return;
    }
    free(t->text);
    t->text = text;
    t->serial++;
}

static json_t *number(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *status(struct fg_api *a, const struct fg_config_state *s, uint64_t applied,
                      const struct fg_engine_counters *counters)
{
    struct fg_forward_state forward;
    fg_forward_state(a->p.forward, &forward);
    const char *state = s->stopped ? "stopped" : s->degraded ? "degraded" : "running";
    json_t *o = json_object();
    fg_json_set(o, "revision", number(s->revision));
    fg_json_set(o, "applied_revision", number(applied));
    fg_json_set(o, "state", json_string(state));
    fg_json_set(o, "problems", number(s->problems.count));
    fg_json_set(o, "warnings", number(s->warnings.count));
    fg_json_set(o, "audit_forwarding", json_string(fg_forward_condition_name(forward.condition)));
    fg_json_set(o, "pending_revision",
                s->pending_revision ? number(s->pending_revision) : json_null());
    fg_json_set(o, "counters", fg_live_counters(counters));
    return o;
}

static json_t *streams(const struct fg_engine_counters *c)
{
    json_t *o = json_object();
    fg_json_set(o, "open_in", number(c->xmpp.open_in));
    fg_json_set(o, "open_out", number(c->xmpp.open_out));
    fg_json_set(o, "streams_in", number(c->xmpp.streams_in));
    fg_json_set(o, "streams_out", number(c->xmpp.streams_out));
    fg_json_set(o, "failed_in", number(c->xmpp.failed_in));
    fg_json_set(o, "failed_out", number(c->xmpp.failed_out));
    fg_json_set(o, "changes", number(c->xmpp.changes));
    return o;
}

static json_t *revision(const struct fg_config_state *s, uint64_t applied)
{
    json_t *o = json_object();
    fg_json_set(o, "revision", number(s->revision));
    fg_json_set(o, "applied_revision", number(applied));
    return o;
}

static json_t *approvals(struct fg_store *store)
{
    uint64_t waiting, scheduled, mark;
    if (fg_approvals_state(store, &waiting, &scheduled, &mark)) return NULL;
    json_t *o = json_object();
    fg_json_set(o, "waiting", number(waiting));
    fg_json_set(o, "scheduled", number(scheduled));
    fg_json_set(o, "mark", number(mark));
    return o;
}

void fg_topics_init(struct fg_topic topics[FG_TOPICS])
{
    for (int i = 0; i < FG_TOPICS; i++) fg_buf_init(&topics[i].frame, FG_FRAME_MAX);
}

void fg_topics_update(struct fg_topic topics[FG_TOPICS], struct fg_api *a,
                      const struct fg_engine_counters *counters, struct fg_store *store,
                      bool stored)
{
    struct fg_config_state s;
    uint64_t applied = a->p.engine ? fg_engine_revision(a->p.engine) : 0;
    json_t *accounts = json_object();
    fg_config_state(a->p.config, &s);
    set(topics, FG_EVENT_STATUS, status(a, &s, applied, counters));
    set(topics, FG_EVENT_STREAMS, streams(counters));
    set(topics, FG_EVENT_REVISION, revision(&s, applied));
    fg_json_set(accounts, "mark", number(fg_auth_generation(a->auth)));
    set(topics, FG_EVENT_ACCOUNTS, accounts);
    if (store && stored) set(topics, FG_EVENT_APPROVALS, approvals(store));
    fg_config_state_free(&s);
}

void fg_topics_free(struct fg_topic topics[FG_TOPICS])
{
    for (int i = 0; i < FG_TOPICS; i++) {
        free(topics[i].text);
        fg_buf_free(&topics[i].frame);
    }
}
