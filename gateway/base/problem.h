/* A list of faults found in something that was given: where (a JSON pointer), a stable code, and a
 * sentence that names the field, the cause and the remedy. Validation collects all of them. */
#ifndef FG_PROBLEM_H
#define FG_PROBLEM_H

#include <stddef.h>

struct fg_problem {
    char *pointer; /* RFC 6901, "" for the whole */
    char *code;    /* snake_case, stable: scripts rely on it */
    char *message;
};

struct fg_problems {
    struct fg_problem *items;
    size_t count, room;
    size_t dropped; /* beyond FG_PROBLEMS_MAX, or for want of memory */
};

enum { FG_PROBLEMS_MAX = 1000 };

void fg_problems_init(struct fg_problems *p);
void fg_problems_free(struct fg_problems *p);
/* Adds one; strings are copied. Never fails visibly: what does not fit is counted in `dropped`,
 * so a list with count == 0 and dropped > 0 is still a list of faults. */
void fg_problem_add(struct fg_problems *p, const char *pointer, const char *code, const char *fmt,
                    ...) __attribute__((format(printf, 4, 5)));
/* Adds those of another list, and what that one dropped. */
void fg_problems_copy(struct fg_problems *to, const struct fg_problems *from);
/* Nothing found? */
static inline int fg_problems_none(const struct fg_problems *p)
{
    return p->count == 0 && p->dropped == 0;
}

#endif
