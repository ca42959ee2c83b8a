/* Names by the system's resolver, which cannot be stopped: a thread asks, and whoever waits may
 * leave. */
#ifndef FG_FORWARD_LOOKUP_H
#define FG_FORWARD_LOOKUP_H

#include <netdb.h>
#include <stdint.h>

/* Waits at most `ms`. `*out` is freeaddrinfo's. 0; ENOENT no such name, ETIMEDOUT, ECANCELED
 * (stop_fd is readable), ENOMEM. */
int fg_forward_lookup(const char *host, uint16_t port, int socktype, int stop_fd, int ms,
                      struct addrinfo **out);

#endif
