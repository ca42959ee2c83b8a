/* GET /events/stream: what the panel lives on, as server-sent events. One producer thread asks the
 * engine for its counters at most once a second, and only while somebody listens; everybody gets
 * what changed since the last event of that name:
 *
 *   status    {revision, applied_revision, state, problems, pending_revision, counters}
 *   streams   {open_in, open_out, streams_in, streams_out, failed_in, failed_out}: the list of
 *             streams is another one now
 *   revision  {revision, applied_revision}
 *   draft     {count}: changes in the listener's own draft
 *   end       {reason}: signed_out or role_changed; the stream ends
 *
 * Each is sent once at the beginning. A comment every 15 s keeps the connection alive. */
#ifndef FG_API_EVENTS_H
#define FG_API_EVENTS_H

struct fg_api;
struct fg_events;

enum {
    FG_EVENTS_PER_SESSION = 4, /* a session, a token, or a user of the local socket */
    FG_EVENTS_MAX = 1000,
};

/* Starts the producer, which sleeps until somebody listens. 0 or errno. */
int fg_events_new(struct fg_events **out, struct fg_api *a);
/* After the HTTP server was stopped; before configuration and engine end. NULL does nothing. */
void fg_events_free(struct fg_events *e);

#endif
