/* Files of other systems as UTF-8 text: byte order marks, UTF-16 in either order. Pure; any thread.
 */
#ifndef FG_IMPORT_TEXT_H
#define FG_IMPORT_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* The bytes as NUL-terminated UTF-8 without a mark, malloc'ed; UTF-16 is known by its mark or by
 * the zeros in its first characters. 0; EILSEQ (neither UTF-8 nor UTF-16, or with a NUL in it) or
 * ENOMEM. */
int fg_import_text(const uint8_t *data, size_t len, char **text, size_t *text_len);

#endif
