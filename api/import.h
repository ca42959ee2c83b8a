/* What the imports share. */
#ifndef FG_API_IMPORT_H
#define FG_API_IMPORT_H

#include "api/internal.h"

/* Stages the changes and answers with what came of it, the findings (taken over) and the draft.
 * Configuration thread. */
void fg_import_stage(struct fg_call *c, const struct fg_bulk *bulk, json_t *findings);

#endif
