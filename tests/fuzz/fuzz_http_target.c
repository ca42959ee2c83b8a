/* The request target, which anybody who reaches the panel's port chooses. */
#include "server/http/internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fg_arena a;
    struct fg_http_target t;
    const char *why = NULL;
    char *raw = malloc(size + 1);
    if (!raw) return 0;
    if (size) memcpy(raw, data, size);
    raw[size] = '\0';
    fg_arena_init(&a, 1 << 20);
    if (fg_http_target_parse(&a, raw, &t, &why) == 0) {
        /* Everything is reachable, and nothing grew by decoding. */
        size_t total = strlen(t.path);
        for (size_t i = 0; i < t.n_segments; i++) total += strlen(t.segments[i]);
        for (size_t i = 0; i < t.n_params; i++)
            total += strlen(t.params[i].name) + strlen(t.params[i].value);
        if (total > 2 * size + 2) abort();
    }
    fg_arena_free(&a);
    free(raw);
    return 0;
}
