/* Limits on strangers: connections that have not authenticated yet, and attempts per minute,
 * counted by address. Beyond a limit a connection is closed without a word (RFC 6120 13.12,
 * XEP-0205). */
#include "gateway/xmpp/internal.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"

enum { ADDRESSES_MAX = 65536, WINDOW_MS = 60000 };

struct fg_address {
    struct fg_map_node node;
    unsigned unauthenticated, attempts;
    int64_t window_ms;
    char key[FG_ADDR_TEXT];
};

/* The host part alone: an IPv6 neighbour counts as a whole /64, which is what one customer gets. */
static void host_key(char out[FG_ADDR_TEXT], const struct sockaddr *sa)
{
    struct sockaddr_storage host = {0};
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&host;
        memcpy(in6, sa, sizeof *in6);
        in6->sin6_port = 0;
        if (!IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) memset(in6->sin6_addr.s6_addr + 8, 0, 8);
    } else {
        memcpy(&host, sa, sizeof(struct sockaddr_in));
        ((struct sockaddr_in *)&host)->sin_port = 0;
    }
    fg_addr_text(out, (struct sockaddr *)&host);
}

static struct fg_address *find(struct fg_s2s *s, const char *key)
{
    struct fg_map_node *n = fg_map_finds(&s->addresses, key);
    return n ? FG_CONTAINER(n, struct fg_address, node) : NULL;
}

static struct fg_address *find_or_make(struct fg_s2s *s, const char *key)
{
    struct fg_address *a = find(s, key);
    if (a || s->addresses.count >= ADDRESSES_MAX) return a;
    a = calloc(1, sizeof *a);
    if (!a) return NULL;
    memcpy(a->key, key, strlen(key) + 1);
    if (fg_map_adds(&s->addresses, &a->node, a->key)) {
        free(a);
        return NULL;
    }
    return a;
}

bool fg_limits_accept(struct fg_s2s *s, const struct sockaddr *peer, char **key)
{
    const struct fg_settings *set = s->settings;
    char text[FG_ADDR_TEXT];
    host_key(text, peer);
    struct fg_address *a = find_or_make(s, text);
    if (!a || s->unauthenticated >= set->limits.unauthenticated_total) return false;
    int64_t now = fg_clock_mono_ms();
    if (now - a->window_ms >= WINDOW_MS) {
        a->window_ms = now;
        a->attempts = 0;
    }
    uint32_t attempts = set->limits.attempts_per_minute_per_address;
    if (attempts && a->attempts >= attempts) return false;
    if (a->unauthenticated >= set->limits.unauthenticated_per_address) return false;
    *key = strdup(text);
    if (!*key) return false;
    a->attempts++;
    a->unauthenticated++;
    s->unauthenticated++;
    return true;
}

void fg_limits_authenticated(struct fg_s2s *s, const char *key)
{
    s->unauthenticated--;
    struct fg_address *a = key ? find(s, key) : NULL;
    if (a && a->unauthenticated) a->unauthenticated--;
}

static void sweep(struct fg_map_node *n, void *arg)
{
    struct fg_s2s *s = arg;
    struct fg_address *a = FG_CONTAINER(n, struct fg_address, node);
    if (a->unauthenticated || fg_clock_mono_ms() - a->window_ms < WINDOW_MS) return;
    fg_map_remove(&s->addresses, n);
    free(a);
}

void fg_limits_sweep(struct fg_s2s *s)
{
    fg_map_each(&s->addresses, sweep, s);
}

static void free_address(struct fg_map_node *n, void *arg)
{
    struct fg_s2s *s = arg;
    fg_map_remove(&s->addresses, n);
    free(FG_CONTAINER(n, struct fg_address, node));
}

void fg_limits_free(struct fg_s2s *s)
{
    fg_map_each(&s->addresses, free_address, s);
    fg_map_free(&s->addresses);
}
