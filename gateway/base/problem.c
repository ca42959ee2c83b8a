/* See problem.h. */
#include "gateway/base/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fg_problems_init(struct fg_problems *p)
{
    *p = (struct fg_problems){0};
}

static void free_one(struct fg_problem *it)
{
    free(it->pointer);
    free(it->code);
    free(it->message);
}

void fg_problems_free(struct fg_problems *p)
{
    for (size_t i = 0; i < p->count; i++) free_one(&p->items[i]);
    free(p->items);
    fg_problems_init(p);
}

static int make_room(struct fg_problems *p)
{
    if (p->count >= FG_PROBLEMS_MAX) return -1;
    if (p->count < p->room) return 0;
    size_t room = p->room ? p->room * 2 : 8;
    struct fg_problem *items = realloc(p->items, room * sizeof *items);
    if (!items) return -1;
    p->items = items;
    p->room = room;
    return 0;
}

void fg_problem_add(struct fg_problems *p, const char *pointer, const char *code, const char *fmt,
                    ...)
{
    if (make_room(p)) {
        p->dropped++;
        return;
    }
    struct fg_problem it = {.pointer = strdup(pointer), .code = strdup(code)};
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&it.message, fmt, ap);
    va_end(ap);
    if (n < 0) it.message = NULL;
    if (!it.pointer || !it.code || !it.message) {
        free_one(&it);
        p->dropped++;
        return;
    }
    p->items[p->count++] = it;
}

void fg_problems_copy(struct fg_problems *to, const struct fg_problems *from)
{
    for (size_t i = 0; i < from->count; i++)
        fg_problem_add(to, from->items[i].pointer, from->items[i].code, "%s",
                       from->items[i].message);
    to->dropped += from->dropped;
}
