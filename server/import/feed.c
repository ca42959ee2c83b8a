/* See feed.h. */
#include "server/import/feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/import/text.h"

enum { PIECE = 1 << 20, CARRIED = 4, MARK = 4 };

/* Room for what is left over and what one piece of the file may become. */
enum { WINDOW = FG_FEED_ROW + 2 * (PIECE + CARRIED) };

void fg_feed_close(struct fg_feed *f)
{
    if (f->fd >= 0) close(f->fd);
    free(f->raw);
    free(f->text);
    *f = (struct fg_feed){.fd = -1};
}

static int read_piece(struct fg_feed *f, bool *last)
{
    size_t want = PIECE, got = 0;
    while (got < want) {
        ssize_t n = pread(f->fd, f->raw + f->n_raw + got, want - got, (off_t)(f->offset + got));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        if (n == 0) break;
        got += (size_t)n;
    }
    f->n_raw += got;
    f->offset += got;
    *last = got < want;
    return 0;
}

static int fill(struct fg_feed *f)
{
    bool last = false;
    size_t left = (size_t)(f->end - f->at), taken = 0, used = 0, mark = 0;
    memmove(f->text, f->at, left);
    f->at = f->text;
    f->end = f->text + left;
    bool first = f->offset == 0;
    int err = read_piece(f, &last);
    if (err) return err;
    if (first) f->order = fg_text_order(f->raw, f->n_raw < MARK ? f->n_raw : MARK, &mark);
    err = fg_text_convert(f->order, f->raw + mark, f->n_raw - mark, last, f->end, &taken, &used);
    if (err) return err;
    f->n_raw -= mark + taken;
    memmove(f->raw, f->raw + mark + taken, f->n_raw);
    f->end += used;
    *f->end = 0;
    f->ended = last;
    return 0;
}

int fg_feed_open(struct fg_feed *f, int fd)
{
    *f = (struct fg_feed){.fd = fd, .raw = malloc(PIECE + CARRIED), .text = malloc(WINDOW + 1)};
    if (!f->raw || !f->text) return ENOMEM;
    f->at = f->end = f->text;
    return fg_feed_more(f);
}

int fg_feed_more(struct fg_feed *f)
{
    int err = 0;
    while (!err && !f->ended && f->end - f->at < FG_FEED_ROW) err = fill(f);
    return err;
}

int fg_feed_skip_line(struct fg_feed *f)
{
    for (;;) {
        char *stop = memchr(f->at, '\n', (size_t)(f->end - f->at));
        f->at = stop ? stop + 1 : f->end;
        if (stop || f->ended) return 0;
        int err = fg_feed_more(f);
        if (err) return err;
    }
}
