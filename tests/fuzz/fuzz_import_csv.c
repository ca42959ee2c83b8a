/* CSV: whatever comes, reading ends, every cell is a text within the input, and lines only grow. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/import/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct fg_csv csv;
    size_t line = 0;
    int err;
    if (!text) return 0;
    if (size) memcpy(text, data, size);
    text[size] = 0;
    fg_csv_open(&csv, text, size);
    while ((err = fg_csv_next(&csv)) != ENOENT) {
        if (csv.line <= line || (err == EINVAL) != (csv.fault != NULL)) abort();
        line = csv.line;
        for (size_t i = 0; !err && i < csv.n; i++)
            if (csv.cells[i] < text || csv.cells[i] + strlen(csv.cells[i]) > text + size) abort();
    }
    free(text);
    return 0;
}
