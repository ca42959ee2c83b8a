/* Comma-separated values (RFC 4180), also with semicolons or tabs: quotes, doubled quotes, line
 * ends in quotes, CR LF; a first line "#TYPE …" is passed over. Works in place and in one pass. One
 * thread per reader. */
#ifndef FG_IMPORT_CSV_H
#define FG_IMPORT_CSV_H

#include <stddef.h>

enum { FG_CSV_CELLS = 256, FG_CSV_CELL_MAX = 65536 };

struct fg_csv {
    char *at, *end;
    char delimiter;
    size_t next_line; /* number of the line at `at`, from 1 */

    size_t line; /* where the row begins */
    size_t n;
    char *cells[FG_CSV_CELLS];
    const char *fault; /* a sentence, when a row could not be read */
};

/* `text` is NUL-terminated, `len` long, is changed, and must stay as long as cells are used. */
void fg_csv_open(struct fg_csv *c, char *text, size_t len);
/* The next row that is not empty. 0; ENOENT: there is none; EINVAL with `fault`: this row cannot be
 * read, the next call goes on behind it. */
int fg_csv_next(struct fg_csv *c);

#endif
