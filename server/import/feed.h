/* A file of any size as UTF-8 text, a window at a time: whoever parses sees at least FG_FEED_ROW
 * bytes ahead, or the end. One thread at a time. */
#ifndef FG_IMPORT_FEED_H
#define FG_IMPORT_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FG_FEED_ROW = 1 << 20 };

struct fg_feed {
    int fd;
    uint64_t offset; /* bytes read from the file so far */
    int order;
    uint8_t *raw; /* bytes read that are no text yet */
    size_t n_raw;
    char *text;     /* the window; changed by parsers */
    char *at, *end; /* what of it is still to be read; NUL-terminated */
    bool ended;     /* nothing follows `end` */
};

/* Takes the file over (it is closed with the feed) and fills the first window. 0; EILSEQ when it is
 * no text; or errno. Close it also after an error. */
int fg_feed_open(struct fg_feed *f, int fd);
/* Moves the window forward when less than FG_FEED_ROW bytes are ahead: `at` and `end` change. */
int fg_feed_more(struct fg_feed *f);
/* Passes over everything up to and with the next line end. */
int fg_feed_skip_line(struct fg_feed *f);
void fg_feed_close(struct fg_feed *f);

#endif
