/* What handlers of single configuration objects share. */
#ifndef FG_API_OBJECTS_H
#define FG_API_OBJECTS_H

#include "api/internal.h"
#include "server/model/model.h"

/* The canonical key of the path, or answered 404: what cannot be a key names nothing. */
bool fg_object_key(struct fg_call *c, char key[FG_MODEL_KEY_MAX]);
/* If-Match and If-None-Match against the caller's draft view; false after having answered 412. */
bool fg_object_conditions(struct fg_call *c, enum fg_kind kind, const char *key);
/* 200 or 201 with the object as it would be, and its ETag. */
void fg_object_answer(struct fg_call *c, enum fg_kind kind, const char *key,
                      const struct fg_stage_result *staged);

#endif
