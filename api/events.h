/* GET /events/stream: what the panel lives on, as server-sent events. One producer thread asks the
 * engine for its counters at most once a second, and only while somebody listens; everybody gets
 * what changed since the last event of that name. What is the same for all is put into words once.
 *
 *   hello      {server, version}: first; another `server` means that it was started anew
 *   status     {revision, applied_revision, state, problems, warnings, audit_forwarding,
 *              pending_revision, counters}
 *   streams    {open_in, open_out, streams_in, streams_out, failed_in, failed_out, changes}: the
 *              list of streams, or the state of one, is another now
 *   revision   {revision, applied_revision}
 *   approvals  {waiting, scheduled, mark}: commits that wait; another mark: one was decided or came
 *   accounts   {mark}: accounts, tokens or sessions are others now
 *   draft      {count, generation}: the listener's own draft; another generation: it changed
 *   jobs       {items}: the listener's jobs without their results
 *   log        {lines, missed}: lines of the process's log, for operators and administrators
 *   end        {reason}: signed_out or role_changed; the stream ends
 *
 * Each tells the present state at the beginning, so that whoever comes again has missed nothing; of
 * the log, what is kept and follows Last-Event-ID. `?events=status,draft` asks for those alone. A
 * comment every 15 s keeps the connection alive. */
#ifndef FG_API_EVENTS_H
#define FG_API_EVENTS_H

struct fg_api;
struct fg_events;

enum {
    FG_EVENTS_PER_SESSION = 8, /* a session, a token, or a user of the local socket */
    FG_EVENTS_MAX = 1000,
};

/* Starts the producer, which sleeps until somebody listens. 0 or errno. */
int fg_events_new(struct fg_events **out, struct fg_api *a);
/* After the HTTP server was stopped; before configuration and engine end. NULL does nothing. */
void fg_events_free(struct fg_events *e);

#endif
