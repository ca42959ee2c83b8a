/* Listening sockets: opened off the loop (prepare may fail), served on it (activate cannot). */
#ifndef FG_LISTENER_H
#define FG_LISTENER_H

#include "gateway/net/conn.h"

/* Parses "[::]:5269", "192.0.2.1:5269" into a socket address. 0 or EINVAL. */
int fg_listen_address(const char *text, struct sockaddr_storage *out, socklen_t *len);

/* Opens and binds (SO_REUSEADDR, SO_REUSEPORT; "[::]" also takes IPv4) a TCP listener or UDP
 * socket, non-blocking, close-on-exec. Any thread. Returns the descriptor, or -errno. A TCP socket
 * is bound but starts listening only with fg_acceptor_new. */
int fg_listen_open(const char *address, bool udp);

struct fg_acceptor;
/* An accepted descriptor, non-blocking; the handler owns it. */
typedef void fg_accept_h(int fd, const struct sockaddr *peer, socklen_t len, void *arg);

/* Serves `fd` (owned from now on) on the loop. Engine thread. */
int fg_acceptor_new(struct fg_acceptor **out, struct fg_net *n, int fd, fg_accept_h *h, void *arg);
/* Accepts at once what waits in the backlog, and no longer anything new: before a listener closes
 * because another address takes its place. Who had connected is served; who asks in this moment
 * asks again a second later (TCP's own retry) and meets the new listener. To be followed by
 * fg_acceptor_free. */
void fg_acceptor_drain(struct fg_acceptor *l);
/* Stops serving and closes. */
void fg_acceptor_free(struct fg_acceptor *l);
/* The address it is bound to (port 0 resolved). */
const char *fg_acceptor_text(const struct fg_acceptor *l);
uint16_t fg_acceptor_port(const struct fg_acceptor *l);

#endif
