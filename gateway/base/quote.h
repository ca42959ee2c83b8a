/* The one way by which text from outside reaches a log, a terminal or a CSV cell: control, bidi and
 * escape characters become escapes, bytes that are no UTF-8 too, and the text is cut at a limit. */
#ifndef FG_QUOTE_H
#define FG_QUOTE_H

#include <stddef.h>

/* Writes at most `size` - 1 bytes and a NUL; a cut text ends with "...". Returns `out`. */
char *fg_quote(char *out, size_t size, const char *text, size_t len);
char *fg_quotes(char *out, size_t size, const char *text);

/* Decodes one UTF-8 character of at most `len` bytes: its length, and the code point in `cp`;
 * 0 when the bytes are no UTF-8 (overlong forms and surrogates included). */
size_t fg_utf8_decode(const char *s, size_t len, unsigned *cp);

#endif
