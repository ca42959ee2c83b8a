/* Socket addresses as text and compared. */
#include "gateway/net/conn.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* The address bytes without port; an IPv4-mapped address gives its four bytes. */
static const void *host_bytes(const struct sockaddr *sa, size_t *len, uint16_t *port)
{
    if (sa->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)sa;
        *len = sizeof v4->sin_addr;
        *port = ntohs(v4->sin_port);
        return &v4->sin_addr;
    }
    if (sa->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)sa;
        *port = ntohs(v6->sin6_port);
        bool mapped = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);
        *len = mapped ? 4 : sizeof v6->sin6_addr;
        return mapped ? v6->sin6_addr.s6_addr + 12 : v6->sin6_addr.s6_addr;
    }
    *len = 0;
    *port = 0;
    return NULL;
}

char *fg_addr_text(char out[FG_ADDR_TEXT], const struct sockaddr *sa)
{
    size_t len;
    uint16_t port;
    const void *host = host_bytes(sa, &len, &port);
    char text[INET6_ADDRSTRLEN] = "?";
    if (host) inet_ntop(len == 4 ? AF_INET : AF_INET6, host, text, sizeof text);
    snprintf(out, FG_ADDR_TEXT, len == 16 ? "[%s]:%u" : "%s:%u", text, port);
    return out;
}

bool fg_addr_same_host(const struct sockaddr *a, const struct sockaddr *b)
{
    size_t a_len, b_len;
    uint16_t port;
    const void *a_host = host_bytes(a, &a_len, &port);
    const void *b_host = host_bytes(b, &b_len, &port);
    return a_host && b_host && a_len == b_len && memcmp(a_host, b_host, a_len) == 0;
}
