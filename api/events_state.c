/* See events_state.h. */
#include "api/events_state.h"

#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "api/live.h"

static const char *const names[FG_TOPICS] = {"status", "streams", "revision"};

const char *fg_topic_name(enum fg_topic_id id)
{
    return names[id];
}

/* Takes the value over. */
static void set(struct fg_topic *t, json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
    json_decref(value);
    if (!text || (t->text && strcmp(t->text, text) == 0)) {
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

static json_t *status(const struct fg_config_state *s, uint64_t applied,
                      const struct fg_engine_counters *counters)
{
    const char *state = s->stopped ? "stopped" : s->degraded ? "degraded" : "running";
    json_t *o = json_object();
    fg_json_set(o, "revision", number(s->revision));
    fg_json_set(o, "applied_revision", number(applied));
    fg_json_set(o, "state", json_string(state));
    fg_json_set(o, "problems", number(s->problems.count));
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
    return o;
}

static json_t *revision(const struct fg_config_state *s, uint64_t applied)
{
    json_t *o = json_object();
    fg_json_set(o, "revision", number(s->revision));
    fg_json_set(o, "applied_revision", number(applied));
    return o;
}

void fg_topics_update(struct fg_topic topics[FG_TOPICS], struct fg_api *a,
                      const struct fg_engine_counters *counters)
{
    struct fg_config_state s;
    uint64_t applied = a->p.engine ? fg_engine_revision(a->p.engine) : 0;
    fg_config_state(a->p.config, &s);
    set(&topics[FG_TOPIC_STATUS], status(&s, applied, counters));
    set(&topics[FG_TOPIC_STREAMS], streams(counters));
    set(&topics[FG_TOPIC_REVISION], revision(&s, applied));
    fg_config_state_free(&s);
}

void fg_topics_free(struct fg_topic topics[FG_TOPICS])
{
    for (int i = 0; i < FG_TOPICS; i++) free(topics[i].text);
}
