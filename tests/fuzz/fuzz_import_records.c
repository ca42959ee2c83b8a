/* Files of other systems in any form: what can be read becomes changes that the field tables
 * accept, each object once. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/import/lync.h"
#include "server/import/records.h"
#include "server/model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct fg_lync *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct fg_change *ch = &l->changes[i];
        struct fg_problems p;
        fg_problems_init(&p);
        json_t *before = fg_model_default(ch->kind, ch->key);
        json_t *body = fg_model_parse(ch->kind, ch->key,
                                      ch->op == FG_CHANGE_PUT ? FG_MODEL_PUT : FG_MODEL_PATCH,
                                      ch->value, before, 0, "", &p);
        if (!body) abort();
        for (size_t k = 0; k < i; k++)
            if (l->changes[k].kind == ch->kind && strcmp(l->changes[k].key, ch->key) == 0) abort();
        json_decref(body);
        json_decref(before);
        fg_problems_free(&p);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fg_problems p;
    struct fg_lync l;
    json_t *records;
    fg_problems_init(&p);
    int err = fg_records_read(data, size, &records, &p);
    if ((err == 0) != fg_problems_none(&p) || (err == 0) != json_is_array(records)) abort();
    if (!err && fg_lync_read(records, 0, size % 2, &l) == 0) {
        check(&l);
        fg_lync_free(&l);
    }
    json_decref(records);
    fg_problems_free(&p);
    return 0;
}
