/* See events_own.h. */
#include "api/events_own.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/events_state.h"
#include "api/internal.h"
#include "gateway/base/rand.h"
#include "server/store/drafts.h"

void fg_own_init(struct fg_own *o)
{
    *o = (struct fg_own){0};
    snprintf(o->server, sizeof o->server, "%016" PRIx64, fg_random_u64());
    fg_buf_init(&o->draft, FG_FRAME_MAX);
    fg_buf_init(&o->jobs, FG_FRAME_MAX);
    fg_buf_init(&o->log, FG_FRAME_MAX);
}

void fg_own_free(struct fg_own *o)
{
    fg_buf_free(&o->draft);
    fg_buf_free(&o->jobs);
    fg_buf_free(&o->log);
}

static bool is_fresh(const char *made_for, uint64_t made_at, const char *owner, uint64_t tick)
{
    return made_at == tick && strcmp(made_for, owner) == 0;
}

const struct fg_buf *fg_own_draft(struct fg_own *o, struct fg_store *store, const char *owner,
                                  uint64_t tick)
{
    if (is_fresh(o->draft_owner, o->draft_tick, owner, tick)) return &o->draft;
    o->draft_tick = 0;
    if (!store || fg_draft_count(store, owner, &o->draft_count) ||
        fg_draft_generation(store, owner, &o->draft_generation))
        return NULL;
    json_t *v = json_object();
    fg_json_set(v, "count", json_integer((json_int_t)o->draft_count));
    fg_json_set(v, "generation", json_integer((json_int_t)o->draft_generation));
    if (!fg_event_frame(&o->draft, fg_event_name(FG_EVENT_DRAFT), NULL, v)) return NULL;
    snprintf(o->draft_owner, sizeof o->draft_owner, "%s", owner);
    o->draft_tick = tick;
    return &o->draft;
}

const struct fg_buf *fg_own_jobs(struct fg_own *o, struct fg_jobs *jobs, const char *owner,
                                 uint64_t tick)
{
    if (is_fresh(o->jobs_owner, o->jobs_tick, owner, tick)) return &o->jobs;
    json_t *v = json_object();
    o->jobs_tick = 0;
    fg_json_set(v, "items", fg_jobs_list(jobs, owner));
    if (!fg_event_frame(&o->jobs, fg_event_name(FG_EVENT_JOBS), NULL, v)) return NULL;
    snprintf(o->jobs_owner, sizeof o->jobs_owner, "%s", owner);
    o->jobs_tick = tick;
    return &o->jobs;
}

/* The frame of what follows `from`. False when there is nothing, or no memory. */
static bool make_log(struct fg_own *o, struct fg_log_ring *ring, uint64_t from)
{
    uint64_t missed = 0, to = 0;
    char id[48];
    struct fg_buf text;
    fg_buf_init(&text, FG_LOG_AT_ONCE);
    int err = fg_buf_adds(&text, "{\"lines\":[");
    text.max -= 48; /* for the end of the object */
    if (!err) err = fg_log_ring_since(ring, from, &text, &to, &missed);
    text.max += 48;
    if (!err) err = fg_buf_addf(&text, "],\"missed\":%" PRIu64 "}", missed);
    snprintf(id, sizeof id, "%s-%" PRIu64, o->server, to);
    fg_buf_reset(&o->log);
    if (!err)
        err = fg_http_event(&o->log, fg_event_name(FG_EVENT_LOG), id,
                            (const char *)fg_buf_data(&text), fg_buf_len(&text));
    fg_buf_free(&text);
    if (err) return false;
    o->log_from = from;
    o->log_to = to;
    return true;
}

const struct fg_buf *fg_own_log(struct fg_own *o, struct fg_log_ring *ring, uint64_t *at)
{
    uint64_t newest = fg_log_ring_newest(ring);
    if (*at >= newest) return NULL;
    bool made = o->log_from == *at && o->log_to > *at && o->log_to == newest;
    if (!made && !make_log(o, ring, *at)) return NULL;
    *at = o->log_to;
    return &o->log;
}

uint64_t fg_own_log_at(const struct fg_own *o, const char *last_id)
{
    uint64_t at;
    size_t n = strlen(o->server);
    if (!last_id || strncmp(last_id, o->server, n) != 0 || last_id[n] != '-') return 0;
    return fg_number_parse(last_id + n + 1, &at) ? at : 0;
}
