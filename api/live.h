/* The engine's live state as a copy of our own: asked for without blocking, copied on the engine
 * thread into one block, and handed to a worker that makes the answer. An engine that is busy for
 * long keeps no request waiting: see fg_live_ask. */
#ifndef FG_API_LIVE_H
#define FG_API_LIVE_H

#include <jansson.h>

#include "api/internal.h"
#include "gateway/engine.h"

struct fg_live; /* one copy */

/* What a copy holds; valid until fg_live_free. */
const struct fg_engine_view *fg_live_view(const struct fg_live *l);
void fg_live_free(struct fg_live *l);

/* NULL without memory. Engine thread. */
struct fg_live *fg_live_copy(const struct fg_engine_view *v);

/* Who keeps the questions that are open, and a thread that knows when to wait no longer. `engine`
 * may be NULL. 0 or errno. Freed when every call is answered, before the engine. */
int fg_desk_new(struct fg_desk **out, struct fg_engine *engine, struct fg_executor *workers);
void fg_desk_free(struct fg_desk *d);

/* Asks the engine and runs `done(c, live)` on a worker; the copy is the callee's. `live` is NULL
 * when the engine has not answered within 2 s, or takes no question (then `done` runs on the
 * calling thread, which must be a worker). */
void fg_live_ask(struct fg_call *c, unsigned what,
                 void (*done)(struct fg_call *c, struct fg_live *live));
/* What the engine counted when it answered last; zero before it ever did. */
void fg_live_counters_last(struct fg_call *c, struct fg_engine_counters *out);
/* True after having answered 503, because there is an engine and it said nothing. */
bool fg_live_missing(struct fg_call *c, const struct fg_live *live);

/* How far a stream is, for people: the states of the protocol are many. */
enum fg_phase { FG_PHASE_SETTING_UP, FG_PHASE_OPEN, FG_PHASE_CLOSING, FG_PHASES };
enum fg_phase fg_live_phase(const struct fg_stream_info *s);
const char *fg_live_phase_name(enum fg_phase p); /* setting_up, open, closing */
/* One stream as GET /streams shows it. */
json_t *fg_live_stream(const struct fg_stream_info *s);
/* Makes fg_live_partner quick for many questions; `l` may be NULL. */
void fg_live_index(struct fg_live *l);
/* What is known of a partner, or NULL. */
const struct fg_partner_info *fg_live_partner(const struct fg_live *l, const char *domain);
/* {state, last_success, last_failure, streams} of a partner; `live` and `p` may be NULL. */
json_t *fg_live_partner_status(const struct fg_live *live, const struct fg_partner *p,
                               const char *domain);
/* connected, failing, idle, never, suspended or draining; both may be NULL. */
const char *fg_live_partner_state(const struct fg_partner_info *i, const struct fg_partner *p);
json_t *fg_live_counters(const struct fg_engine_counters *c);

#endif
