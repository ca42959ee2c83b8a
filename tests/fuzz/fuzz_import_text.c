/* Text in pieces: wherever a file is cut, the same text comes out as from the whole, or the same
 * refusal. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/import/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Converts up to `cut`, then the rest with what was left over. 0 or an error. */
static int in_pieces(const uint8_t *data, size_t size, size_t cut, char *to, size_t *len)
{
    size_t mark, taken = 0, used = 0;
    int order = fg_text_order(data, size, &mark);
    if (cut < mark) cut = mark;
    int err = fg_text_convert(order, data + mark, cut - mark, false, to, &taken, &used);
    if (err) return err;
    *len = used;
    size_t at = mark + taken;
    if (taken > cut - mark || used > fg_text_room(order, taken)) abort();
    err = fg_text_convert(order, data + at, size - at, true, to + used, &taken, &used);
    *len += used;
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *whole = NULL, *to;
    size_t len = 0, n = 0;
    if (size < 1) return 0;
    size_t cut = size > 1 ? data[0] % size : 0;
    data++;
    size--;
    int err = fg_import_text(data, size, &whole, &len);
    to = malloc(2 * size + 1);
    if (to) {
        int other = in_pieces(data, size, cut < size ? cut : size, to, &n);
        if ((err != 0) != (other != 0)) abort();
        if (!err && (n != len || memcmp(whole, to, n) != 0)) abort();
    }
    free(to);
    free(whole);
    return 0;
}
