/* What event streams tell, as text with a serial that counts up when it changed. The producer's
 * thread only. */
#ifndef FG_API_EVENTS_STATE_H
#define FG_API_EVENTS_STATE_H

#include <stdint.h>

struct fg_api;
struct fg_engine_counters;

enum fg_topic_id { FG_TOPIC_STATUS, FG_TOPIC_STREAMS, FG_TOPIC_REVISION, FG_TOPICS };

struct fg_topic {
    char *text; /* JSON in one line; NULL before the first */
    uint64_t serial;
};

/* Name of the event. */
const char *fg_topic_name(enum fg_topic_id id);
/* Makes the texts anew; without memory a topic stays as it was. */
void fg_topics_update(struct fg_topic topics[FG_TOPICS], struct fg_api *a,
                      const struct fg_engine_counters *counters);
void fg_topics_free(struct fg_topic topics[FG_TOPICS]);

#endif
