/* Order of SRV records, RFC 2782: by priority, and within one by weighted chance. */
#include "gateway/net/resolver.h"

#include <stdlib.h>

/* Within a priority the weightless ones come first, so that they have a small chance at all. */
static int by_priority(const void *a, const void *b)
{
    const struct fg_srv *x = a, *y = b;
    if (x->priority != y->priority) return x->priority < y->priority ? -1 : 1;
    return (x->weight != 0) - (y->weight != 0);
}

static void swap_to_front(struct fg_srv *records, size_t at, size_t from)
{
    struct fg_srv chosen = records[from];
    /* The others keep their order, as the algorithm wants it. */
    for (size_t i = from; i > at; i--) records[i] = records[i - 1];
    records[at] = chosen;
}

void fg_srv_order(struct fg_srv *records, size_t n, uint32_t (*random)(uint32_t max, void *arg),
                  void *arg)
{
    if (n < 2) return;
    qsort(records, n, sizeof *records, by_priority);
    for (size_t at = 0; at < n; at++) {
        uint32_t sum = 0, running = 0;
        size_t end = at;
        for (; end < n && records[end].priority == records[at].priority; end++)
            sum += records[end].weight;
        uint32_t pick = random(sum, arg);
        for (size_t i = at; i < end; i++) {
            running += records[i].weight;
            if (running < pick) continue;
            swap_to_front(records, at, i);
            break;
        }
    }
}
