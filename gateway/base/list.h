/* An intrusive, circular, doubly linked list. The node lives inside the object; removing is O(1)
 * and safe to repeat. Owner: whoever owns the objects. Not thread-safe. */
#ifndef FG_LIST_H
#define FG_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct fg_list {
    struct fg_list *next, *prev;
};

#define FG_CONTAINER(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

static inline void fg_list_init(struct fg_list *l)
{
    l->next = l->prev = l;
}
static inline bool fg_list_empty(const struct fg_list *l)
{
    return l->next == l;
}

static inline void fg_list_append(struct fg_list *head, struct fg_list *n)
{
    n->prev = head->prev;
    n->next = head;
    head->prev->next = n;
    head->prev = n;
}

static inline void fg_list_prepend(struct fg_list *head, struct fg_list *n)
{
    fg_list_append(head->next, n);
}

/* Unlinks `n` and leaves it an empty list of its own, so that a second removal does nothing. */
static inline void fg_list_remove(struct fg_list *n)
{
    n->prev->next = n->next;
    n->next->prev = n->prev;
    fg_list_init(n);
}

/* Moves every node of `from` to the end of `to`. */
static inline void fg_list_splice(struct fg_list *to, struct fg_list *from)
{
    if (fg_list_empty(from)) return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    fg_list_init(from);
}

/* Walks `head`; the current node `n` may be removed, no other may. */
#define FG_LIST_EACH(head, n, tmp)                                                                 \
    for (struct fg_list *n = (head)->next, *tmp = n->next; n != (head); n = tmp, tmp = n->next)

#endif
