/* From objects to a snapshot: builds it, over a base or from nothing, and checks what no object can
 * know alone: references, domains claimed twice, certificates that exist. All problems are found,
 * with pointers "/kind/key/field". One thread per compiler. */
#ifndef FG_SERVER_MODEL_COMPILE_H
#define FG_SERVER_MODEL_COMPILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/base/problem.h"
#include "gateway/snapshot.h"

struct fg_compile;

/* `base` may be NULL: from nothing. 0 or ENOMEM. */
int fg_compile_new(struct fg_compile **out, const struct fg_snapshot *base);
void fg_compile_free(struct fg_compile *c);
/* One object, body as fg_model_parse made it; NULL removes it (reset, if permanent). In any order;
 * the last word on an object counts. 0, EINVAL (a body no parse could have made) or ENOMEM. */
int fg_compile_object(struct fg_compile *c, enum fg_kind kind, const char *key, const json_t *body);

/* Does a certificate fit its usage? */
enum { FG_FIT_TEXT = 600 };
struct fg_fit_note {
    const char *code; /* NULL: nothing to say */
    char text[FG_FIT_TEXT];
};
struct fg_fit {
    bool found;   /* there is such a certificate, with its key */
    bool refused; /* peers would refuse it: `problem` says why */
    struct fg_fit_note problem, warning;
};

struct fg_compile_checks {
    /* Judges certificate `id` for `usage` in the configuration `s`. NULL: not checked. What is
     * refused is a problem for an assignment that is new over a base, and otherwise a warning: a
     * certificate that has expired meanwhile must not keep the rest from running or changing. */
    void (*certificate)(const struct fg_snapshot *s, const char *usage, const char *id,
                        struct fg_fit *out, void *arg);
    void *arg;
};

/* Makes the snapshot and checks it. 0 with `*out` set: fine (warnings may have been added).
 * EINVAL: `problems` has what is wrong; `*out` is set all the same, for views of a draft, and is
 * the caller's. ENOMEM: nothing. Call once. `warnings` may be NULL. */
int fg_compile_finish(struct fg_compile *c, uint64_t revision,
                      const struct fg_compile_checks *checks, struct fg_snapshot **out,
                      struct fg_problems *problems, struct fg_problems *warnings);

/* All of the above for a list of changes. Same returns; `*out` is NULL when a body could not be
 * read (EINVAL with a problem of code "body"). */
struct fg_compile_change {
    enum fg_kind kind;
    const char *key;
    const json_t *body; /* NULL: removed */
};
int fg_compile(const struct fg_snapshot *base, const struct fg_compile_change *changes, size_t n,
               uint64_t revision, const struct fg_compile_checks *checks, struct fg_snapshot **out,
               struct fg_problems *problems, struct fg_problems *warnings);

#endif
