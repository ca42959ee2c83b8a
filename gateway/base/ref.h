/* Reference counts for immutable objects that several threads read (snapshots, TLS contexts). */
#ifndef FG_REF_H
#define FG_REF_H

#include <stdatomic.h>
#include <stdbool.h>

struct fg_ref {
    atomic_uint count;
};

static inline void fg_ref_init(struct fg_ref *r)
{
    atomic_init(&r->count, 1);
}
static inline void fg_ref_get(struct fg_ref *r)
{
    atomic_fetch_add_explicit(&r->count, 1, memory_order_relaxed);
}
/* True when this was the last reference: the caller frees. */
static inline bool fg_ref_put(struct fg_ref *r)
{
    return atomic_fetch_sub_explicit(&r->count, 1, memory_order_acq_rel) == 1;
}

#endif
