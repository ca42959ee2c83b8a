/* The engine's live state as a copy of our own: asked for without waiting, copied on the engine
 * thread into one block, and handed to a worker that makes the answer. */
#ifndef FG_API_LIVE_H
#define FG_API_LIVE_H

#include <jansson.h>

#include "gateway/engine.h"

struct fg_executor;
struct fg_live; /* one copy */

/* What a copy holds; valid until fg_live_free. */
const struct fg_engine_view *fg_live_view(const struct fg_live *l);
void fg_live_free(struct fg_live *l);

/* Asks the engine and runs `done(arg, copy)` on a thread of `x`; the copy is the callee's. With a
 * NULL engine, or one that does not take the question, the copy is NULL and `done` runs on the
 * calling thread; also when `x` takes no more: then on the engine thread. */
void fg_live_ask(struct fg_engine *e, struct fg_executor *x, unsigned what,
                 void (*done)(void *arg, struct fg_live *copy), void *arg);

/* One stream as GET /streams shows it. */
json_t *fg_live_stream(const struct fg_stream_info *s);
/* What is known of a partner, or NULL. */
const struct fg_partner_info *fg_live_partner(const struct fg_live *l, const char *domain);
/* {state, last_success, last_failure, streams} of a partner; `live` and `p` may be NULL. */
json_t *fg_live_partner_status(const struct fg_live *live, const struct fg_partner *p,
                               const char *domain);
json_t *fg_live_counters(const struct fg_engine_counters *c);

#endif
