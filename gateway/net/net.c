/* What the connections of one loop share: the list of those with work in this turn, and the graves.
 * The prepare watcher has the lowest priority, so that whatever ran in this turn has already put
 * its output into the buffers when they are written. */
#include "gateway/net/private.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* Rounds of "work made by handlers of this very flush" before other descriptors get their turn. */
enum { ROUNDS = 8 };

static void bury(struct fg_net *n)
{
    while (!fg_list_empty(&n->dead)) {
        struct fg_conn *c = FG_CONTAINER(n->dead.next, struct fg_conn, node);
        fg_list_remove(&c->node);
        fg_conn_destroy(c);
    }
}

static void on_flush(struct ev_loop *loop, struct ev_prepare *w, int revents)
{
    (void)revents;
    struct fg_net *n = w->data;
    n->raised = false;
    for (int round = 0; round < ROUNDS && !fg_list_empty(&n->dirty); round++) {
        struct fg_list work;
        fg_list_init(&work);
        fg_list_splice(&work, &n->dirty);
        while (!fg_list_empty(&work)) {
            struct fg_conn *c = FG_CONTAINER(work.next, struct fg_conn, turn);
            fg_list_remove(&c->turn);
            fg_conn_service(c, 0);
        }
    }
    bury(n);
    /* Handlers that ran here may have left work to watchers that had their turn already. */
    if ((n->raised || !fg_list_empty(&n->dirty)) && !ev_is_active(&n->again)) {
        ev_timer_set(&n->again, 0., 0.);
        ev_timer_start(loop, &n->again);
    }
}

static void on_again(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)loop;
    (void)w;
    (void)revents; /* its only purpose was that the loop does not block */
}

int fg_net_new(struct fg_net **out, struct ev_loop *loop)
{
    if (!out || !loop) return EINVAL;
    struct fg_net *n = calloc(1, sizeof *n);
    if (!n) return ENOMEM;
    n->loop = loop;
    fg_list_init(&n->dirty);
    fg_list_init(&n->lingering);
    fg_list_init(&n->dead);
    ev_prepare_init(&n->flush, on_flush);
    ev_set_priority(&n->flush, EV_MINPRI);
    n->flush.data = n;
    ev_prepare_start(loop, &n->flush);
    ev_unref(loop); /* the watcher alone keeps no loop alive */
    ev_timer_init(&n->again, on_again, 0., 0.);
    *out = n;
    return 0;
}

void fg_net_free(struct fg_net *n)
{
    if (!n) return;
    while (!fg_list_empty(&n->lingering))
        fg_conn_close(FG_CONTAINER(n->lingering.next, struct fg_conn, node));
    bury(n);
    assert(n->connections == 0);
    ev_ref(n->loop);
    ev_prepare_stop(n->loop, &n->flush);
    ev_timer_stop(n->loop, &n->again);
    free(n);
}

struct ev_loop *fg_net_loop(struct fg_net *n)
{
    return n->loop;
}
