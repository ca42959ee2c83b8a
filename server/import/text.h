/* Files of other systems as UTF-8 text: byte order marks, UTF-16 in either order. Pure; any thread.
 */
#ifndef FG_IMPORT_TEXT_H
#define FG_IMPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes as NUL-terminated UTF-8 without a mark, malloc'ed; UTF-16 is known by its mark or by
 * the zeros in its first characters. 0; EILSEQ (neither UTF-8 nor UTF-16, or with a NUL in it) or
 * ENOMEM. */
int fg_import_text(const uint8_t *data, size_t len, char **text, size_t *text_len);

/* The same piece by piece. The order of UTF-16 as told by the first bytes (four are enough), 0 for
 * UTF-8; `mark` gets the length of the byte order mark to pass over. */
int fg_text_order(const uint8_t *first, size_t len, size_t *mark);
/* Bytes that `len` bytes may become. */
size_t fg_text_room(int order, size_t len);
/* Writes the whole characters of a piece to `to`; `taken` bytes of it were used, the few that are
 * left begin the next piece; with `last` nothing may be left. 0 or EILSEQ. */
int fg_text_convert(int order, const uint8_t *data, size_t len, bool last, char *to, size_t *taken,
                    size_t *used);

#endif
