/* Bodies of requests: whatever comes, parsing ends, keeps its depth, and a problem is told for a
 * refusal. What was read as a change of a partner goes on through the field tables. */
#include <stdlib.h>

#include "api/input.h"
#include "server/model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int depth(const json_t *v)
{
    int deepest = 0;
    json_t *o = (json_t *)(uintptr_t)v;
    for (size_t i = 0; i < json_array_size(v); i++) {
        int d = depth(json_array_get(v, i));
        if (d > deepest) deepest = d;
    }
    for (void *it = json_object_iter(o); it; it = json_object_iter_next(o, it)) {
        int d = depth(json_object_iter_value(it));
        if (d > deepest) deepest = d;
    }
    return deepest + (json_is_array(v) || json_is_object(v));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fg_problems p;
    fg_problems_init(&p);
    json_t *v = fg_input_parse(data, size, &p);
    if ((v != NULL) != fg_problems_none(&p)) abort();
    if (v && depth(v) > FG_INPUT_DEPTH) abort();
    if (v) {
        json_t *body = fg_model_parse(FG_KIND_PARTNERS, "a.test", FG_MODEL_PUT, v, NULL, 0, "", &p);
        if ((body != NULL) != fg_problems_none(&p)) abort();
        json_decref(body);
        json_decref(fg_model_parse(FG_KIND_SETTINGS, "settings", FG_MODEL_PUT, v, NULL, 0, "", &p));
    }
    json_decref(v);
    fg_problems_free(&p);
    return 0;
}
