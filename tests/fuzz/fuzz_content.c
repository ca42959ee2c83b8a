/* Bodies of SIP messages: every type through the same door, and what comes out must be bounded
 * text. The first byte chooses the Content-Type. */
#include "gateway/bridge/content.h"
#include "gateway/bridge/thread.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {"text/plain", "text/html", "message/cpim",
                                        "text/plain;charset=iso-8859-1"};
    enum { MAX = 64 * 1024 };
    if (size == 0) return 0;
    const char *type = types[data[0] % 4], *body = (const char *)data + 1;
    struct fg_buf out, id, back;
    struct fg_wrapper w = {0};
    fg_buf_init(&out, MAX);
    fg_buf_init(&id, MAX);
    fg_buf_init(&back, MAX);
    size--;
    if (fg_content_text(&out, type, strlen(type), body, size, &w) == 0 &&
        memchr(fg_buf_data(&out), '\r', fg_buf_len(&out)))
        abort();
    fg_buf_reset(&out);
    if (fg_content_line(&out, body, size, 300) == 0 &&
        (fg_buf_len(&out) > 300 || memchr(fg_buf_data(&out), '\n', fg_buf_len(&out)) ||
         memchr(fg_buf_data(&out), '\r', fg_buf_len(&out))))
        abort();
    /* A thread survives the way there and back. */
    if (fg_thread_to_call_id(&id, body, size) == 0) {
        if (memchr(fg_buf_data(&id), '\n', fg_buf_len(&id))) abort();
        if (fg_call_id_to_thread(&back, (const char *)fg_buf_data(&id), fg_buf_len(&id))) abort();
        if (fg_buf_len(&back) != size || memcmp(fg_buf_data(&back), body, size) != 0) abort();
    }
    fg_buf_free(&out);
    fg_buf_free(&id);
    fg_buf_free(&back);
    return 0;
}
