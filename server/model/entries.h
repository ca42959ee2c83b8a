/* Inside the model: from one body to one entry of a snapshot. */
#ifndef FG_SERVER_MODEL_ENTRIES_H
#define FG_SERVER_MODEL_ENTRIES_H

#include <jansson.h>

#include "gateway/snapshot.h"

/* Puts the object into the builder. 0, EINVAL (a body no parse could have made) or ENOMEM. */
int fg_model_put_entry(struct fg_snapshot_builder *b, enum fg_kind kind, const char *key,
                       const json_t *body);

#endif
