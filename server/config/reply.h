/* Asking the engine from the configuration thread, and waiting a moment for its answer. The answer
 * may come after nobody waits any more, so question and data are shared: whoever comes last frees
 * them.
 *
 *     struct fg_reply *r = fg_reply_new(data, free_data);
 *     if (fg_engine_query(e, what, on_view, r)) fg_reply_put(r);   the engine's share
 *     bool answered = fg_reply_wait(r);
 *     ... `data` may be read only when answered ...
 *     fg_reply_put(r);                                             ours
 */
#ifndef FG_SERVER_CONFIG_REPLY_H
#define FG_SERVER_CONFIG_REPLY_H

#include <stdbool.h>

struct fg_reply;

/* With one share for whoever asks and one for the engine. `data` is taken over, also on failure:
 * NULL without memory. */
struct fg_reply *fg_reply_new(void *data, void (*free_data)(void *data));
void *fg_reply_data(struct fg_reply *r);
/* The engine's callback has filled the data: wakes who waits and gives the engine's share back. */
void fg_reply_done(struct fg_reply *r);
/* Waits for at most a second. */
bool fg_reply_wait(struct fg_reply *r);
void fg_reply_put(struct fg_reply *r);

#endif
