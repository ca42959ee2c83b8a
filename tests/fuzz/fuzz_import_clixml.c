/* CLIXML: whatever comes, reading ends, and there is either a list of objects or a problem. */
#include <stdint.h>
#include <stdlib.h>

#include "server/import/clixml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fg_problems p;
    json_t *all;
    fg_problems_init(&p);
    int err = fg_clixml_read((const char *)data, size, &all, &p);
    if ((err == 0) != json_is_array(all) || (err == 0) != fg_problems_none(&p)) abort();
    free(json_dumps(all, JSON_ENCODE_ANY));
    json_decref(all);
    fg_problems_free(&p);
    return 0;
}
