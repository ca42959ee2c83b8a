/* See failure.h. */
#include "gateway/failure.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *id, *cause, *remedy;
} catalogue[FG_FAIL_COUNT] = {[FG_FAIL_NONE] = {"", "", ""},
#define X(id, name, cause, remedy) [FG_FAIL_##name] = {#id, cause, remedy},
                              FG_FAILURES(X)
#undef X
};

static size_t slot(enum fg_failure f)
{
    return (unsigned)f < FG_FAIL_COUNT ? (size_t)f : FG_FAIL_NONE;
}

const char *fg_failure_id(enum fg_failure f)
{
    return catalogue[slot(f)].id;
}

const char *fg_failure_cause(enum fg_failure f)
{
    return catalogue[slot(f)].cause;
}

const char *fg_failure_remedy(enum fg_failure f)
{
    return catalogue[slot(f)].remedy;
}

enum fg_failure fg_failure_find(const char *id)
{
    for (size_t i = 1; i < FG_FAIL_COUNT; i++)
        if (strcmp(catalogue[i].id, id) == 0) return (enum fg_failure)i;
    return FG_FAIL_NONE;
}
