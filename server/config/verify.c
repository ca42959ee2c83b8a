/* Does what is stored compile? For `fedgate check`, which looks and changes nothing. */
#include "server/config/private.h"

int fg_config_verify(struct fg_store *st, uint64_t *revision, struct fg_problems *problems,
                     struct fg_problems *warnings)
{
    struct fg_snapshot *snapshot = NULL;
    int err = 0;
    *revision = fg_config_current(st, &err);
    if (!err) err = fg_config_load(st, *revision, *revision, &snapshot, problems, warnings);
    fg_snapshot_put(snapshot);
    return err;
}
