/* Objects from outside: whatever is accepted must be stable when it is printed and sent back, and
 * must compile. The first byte chooses the kind. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "server/model/compile.h"
#include "server/model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int ok)
{
    if (!ok) abort();
}

static const char *const keys[FG_KINDS] = {
    "settings", "p.example",   "user:x", "a@own.example", "paris", "e.example",
    "fe1",      "own.example", "t",      "external",
};

static void accepted(enum fg_kind kind, const char *key, const json_t *body)
{
    struct fg_problems p;
    fg_problems_init(&p);
    json_t *shown = fg_model_print(kind, key, body, NULL);
    json_t *again = fg_model_parse(kind, key, FG_MODEL_PUT, shown, body, 0, "", &p);
    check(again && json_equal(body, again));
    const struct fg_compile_change change = {kind, key, body};
    struct fg_snapshot *s = NULL;
    int err = fg_compile(NULL, &change, 1, 1, NULL, &s, &p, NULL);
    check(s != NULL && (err == 0) == (p.count == 0));
    fg_snapshot_put(s);
    json_decref(shown);
    json_decref(again);
    fg_problems_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    enum fg_kind kind = (enum fg_kind)(data[0] % FG_KINDS);
    json_t *in = json_loadb((const char *)data + 1, size - 1,
                            JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    if (!in) return 0;
    struct fg_problems p;
    fg_problems_init(&p);
    json_t *before = fg_model_default(kind, keys[kind]);
    json_t *put = fg_model_parse(kind, keys[kind], FG_MODEL_PUT, in, NULL, 0, "", &p);
    check((put == NULL) == !fg_problems_none(&p));
    if (put) accepted(kind, keys[kind], put);
    json_t *patch =
        fg_model_parse(kind, keys[kind], FG_MODEL_PATCH, in, put ? put : before, 0, "/x", &p);
    json_decref(patch);
    json_decref(put);
    json_decref(before);
    json_decref(in);
    fg_problems_free(&p);
    return 0;
}
