/* The secret by which dialback keys are made (XEP-0185), and the one before it while keys made with
 * that may still come back to us: all nodes of a deployment share one, and are not changed in the
 * same second.
 *
 *   keys/dialback.secret     in use
 *   keys/dialback.previous   accepted until the time in the store's meta, wall clock
 *
 * A file of printable characters is the secret itself, as it is given to other servers too; one of
 * random bytes, as made at the first start, counts as its hexadecimal text. */
#ifndef FG_SERVER_CONFIG_DIALBACK_H
#define FG_SERVER_CONFIG_DIALBACK_H

#include <stdint.h>

struct fg_store;

enum {
    FG_DIALBACK_MIN = 16, /* characters of a secret that is given */
    FG_DIALBACK_MAX = 256,
    FG_DIALBACK_OVERLAP_S = 86400,
    FG_DIALBACK_OVERLAP_MAX_S = 30 * 86400,
};

struct fg_dialback {
    char secret[2 * FG_DIALBACK_MAX + 1];
    char previous[2 * FG_DIALBACK_MAX + 1]; /* "": none, or its time is over */
    int64_t until_ms;                       /* wall clock; 0: no previous one */
};

/* Reads them as the engine takes them. 0; ENOENT without a secret; errno. Wipe it afterwards. Any
 * connection to the store; any thread. */
int fg_dialback_read(struct fg_store *st, struct fg_dialback *out);
void fg_dialback_wipe(struct fg_dialback *d);

#endif
