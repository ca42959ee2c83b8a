/* SASL responses and the escaping of text: whatever is accepted as identity names exactly the
 * domain, and escaped text never contains markup. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/xmpp/sasl.h"
#include "gateway/xmpp/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text) return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    enum fg_sasl a = fg_sasl_response(text, size, "example.net", true);
    enum fg_sasl b = fg_sasl_response(text, size, "example.org", true);
    /* The empty identity fits every domain; any other fits at most one. */
    if (a == FG_SASL_OK && b == FG_SASL_OK && !memchr(text, '=', size)) abort();
    struct fg_buf out;
    fg_buf_init(&out, 6 * size + 16);
    if (fg_xml_escape(&out, text, size) == 0 && fg_buf_len(&out) &&
        (memchr(fg_buf_data(&out), '<', fg_buf_len(&out)) ||
         memchr(fg_buf_data(&out), '\0', fg_buf_len(&out))))
        abort();
    fg_buf_free(&out);
    free(text);
    return 0;
}
