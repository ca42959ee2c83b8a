/* How the panel looks for an administrator: its language and theme. Thread: the store's own. */
#ifndef FG_PREFERENCES_H
#define FG_PREFERENCES_H

#include "server/store/store.h"

enum { FG_PREFERENCE = 8 };

struct fg_preferences {
    char language[FG_PREFERENCE]; /* "en", "de", "zh"; "": as the browser wishes */
    char theme[FG_PREFERENCE];    /* "light", "dark"; "": as the system has it */
};

/* Of an account; all empty when it has chosen nothing, or does not exist. */
int fg_preferences_get(struct fg_store *s, int64_t admin_id, struct fg_preferences *out);
/* Replaces both. The store refuses other values (EINVAL). */
int fg_preferences_put(struct fg_store *s, int64_t admin_id, const struct fg_preferences *p);

#endif
