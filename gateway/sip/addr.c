/* Socket addresses of both families in one small union. See stack.h. */
#include "gateway/sip/stack.h"

#include <arpa/inet.h>

void fg_sip_addr_from(union fg_sip_addr *out, const struct sockaddr *sa)
{
    memset(out, 0, sizeof *out);
    memcpy(out, sa, sa->sa_family == AF_INET ? sizeof out->in : sizeof out->in6);
}

socklen_t fg_sip_addr_len(const union fg_sip_addr *a)
{
    return a->sa.sa_family == AF_INET ? sizeof a->in : sizeof a->in6;
}

void fg_sip_addr_set_port(union fg_sip_addr *a, uint16_t port)
{
    if (a->sa.sa_family == AF_INET)
        a->in.sin_port = htons(port);
    else
        a->in6.sin6_port = htons(port);
}

uint16_t fg_sip_addr_port(const union fg_sip_addr *a)
{
    return ntohs(a->sa.sa_family == AF_INET ? a->in.sin_port : a->in6.sin6_port);
}

static bool is_mapped(const union fg_sip_addr *a)
{
    return a->sa.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr);
}

void fg_sip_addr_for(union fg_sip_addr *a, int family)
{
    if (family == AF_INET6 && a->sa.sa_family == AF_INET) {
        union fg_sip_addr v6 = {.in6 = {.sin6_family = AF_INET6, .sin6_port = a->in.sin_port}};
        fg_sip_addr_host(a, v6.in6.sin6_addr.s6_addr);
        *a = v6;
    } else if (family == AF_INET && is_mapped(a)) {
        union fg_sip_addr v4 = {.in = {.sin_family = AF_INET, .sin_port = a->in6.sin6_port}};
        memcpy(&v4.in.sin_addr, a->in6.sin6_addr.s6_addr + 12, 4);
        *a = v4;
    }
}

void fg_sip_addr_host(const union fg_sip_addr *a, uint8_t out[16])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (a->sa.sa_family == AF_INET6) {
        memcpy(out, a->in6.sin6_addr.s6_addr, 16);
        return;
    }
    memcpy(out, mapped, sizeof mapped);
    memcpy(out + 12, &a->in.sin_addr, 4);
}

char *fg_sip_addr_ip(const union fg_sip_addr *a, char out[INET6_ADDRSTRLEN])
{
    union fg_sip_addr plain = *a;
    fg_sip_addr_for(&plain, AF_INET);
    const void *ip = plain.sa.sa_family == AF_INET ? (const void *)&plain.in.sin_addr
                                                   : (const void *)&plain.in6.sin6_addr;
    if (!inet_ntop(plain.sa.sa_family, ip, out, INET6_ADDRSTRLEN)) out[0] = '\0';
    return out;
}

bool fg_sip_addr_parse(const char *text, size_t len, uint16_t port, union fg_sip_addr *out)
{
    char copy[INET6_ADDRSTRLEN];
    if (len > 2 && text[0] == '[' && text[len - 1] == ']') text++, len -= 2;
    if (len >= sizeof copy) return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, copy, &out->in.sin_addr) == 1)
        out->sa.sa_family = AF_INET;
    else if (inet_pton(AF_INET6, copy, &out->in6.sin6_addr) == 1)
        out->sa.sa_family = AF_INET6;
    else
        return false;
    fg_sip_addr_set_port(out, port);
    return true;
}
