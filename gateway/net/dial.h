/* Tries a list of endpoints, one after the other, until a TCP connection stands. */
#ifndef FG_DIAL_H
#define FG_DIAL_H

#include "gateway/net/conn.h"
#include "gateway/net/resolver.h"

struct fg_dial;

/* `c` is connected and the caller's (set a handler at once), or NULL with the last failure. */
typedef void fg_dialed_h(struct fg_conn *c, const struct fg_endpoint *endpoint, enum fg_failure why,
                         void *arg);

/* Copies the endpoints. Per attempt `attempt_ms` (0 = 10,000). The handler is called from the loop.
 */
int fg_dial_start(struct fg_dial **out, struct fg_net *n, const struct fg_endpoint *endpoints,
                  size_t count, int attempt_ms, const struct fg_conn_limits *limits, fg_dialed_h *h,
                  void *arg);
/* Gives up; the handler is not called. Not to be called after the handler was. */
void fg_dial_cancel(struct fg_dial *d);

#endif
