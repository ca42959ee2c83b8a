/* What event streams tell everybody, as frames that are made once, with a serial that counts up
 * when the content changed. The producer's thread only. */
#ifndef FG_API_EVENTS_STATE_H
#define FG_API_EVENTS_STATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/buf.h"

struct fg_api;
struct fg_engine_counters;
struct fg_store;

enum fg_event_id {
    FG_EVENT_STATUS,
    FG_EVENT_STREAMS,
    FG_EVENT_REVISION,
    FG_EVENT_APPROVALS,
    FG_EVENT_ACCOUNTS,
    FG_TOPICS, /* those above are the same for everybody */
    FG_EVENT_DRAFT = FG_TOPICS,
    FG_EVENT_JOBS,
    FG_EVENT_LOG,
    FG_EVENTS,
};

enum { FG_FRAME_MAX = 65536, FG_ALL_EVENTS = (1 << FG_EVENTS) - 1 };

struct fg_topic {
    char *text;          /* JSON in one line; NULL before the first */
    struct fg_buf frame; /* the same as an event */
    uint64_t serial;
};

/* Name of the event. */
const char *fg_event_name(enum fg_event_id id);
/* The events of a comma-separated list as bits; 0 when it names another one. */
unsigned fg_event_names(const char *list);

void fg_topics_init(struct fg_topic topics[FG_TOPICS]);
/* Makes the texts anew; without memory a topic stays as it was. `store` may be NULL; what comes
 * from it is looked at only when `stored`: somebody wrote to it. */
void fg_topics_update(struct fg_topic topics[FG_TOPICS], struct fg_api *a,
                      const struct fg_engine_counters *counters, struct fg_store *store,
                      bool stored);
void fg_topics_free(struct fg_topic topics[FG_TOPICS]);

/* One event into an empty buffer; takes the value over. False without memory. */
bool fg_event_frame(struct fg_buf *out, const char *event, const char *id, json_t *value);

#endif
