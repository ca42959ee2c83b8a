/* See csv.h. */
#include "server/import/csv.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static void skip_line(struct fg_csv *c)
{
    char *end = c->at < c->end ? memchr(c->at, '\n', (size_t)(c->end - c->at)) : NULL;
    c->at = end ? end + 1 : c->end;
    c->next_line++;
}

/* The one of comma, semicolon and tab that stands most often outside quotes in the first line. */
static char find_delimiter(const char *p, const char *end)
{
    size_t commas = 0, semicolons = 0, tabs = 0;
    bool quoted = false;
    for (; p < end && *p != '\n'; p++) {
        if (*p == '"') quoted = !quoted;
        if (quoted) continue;
        commas += *p == ',';
        semicolons += *p == ';';
        tabs += *p == '\t';
    }
    if (tabs > commas && tabs > semicolons) return '\t';
    return semicolons > commas ? ';' : ',';
}

void fg_csv_open(struct fg_csv *c, char *text, size_t len)
{
    *c = (struct fg_csv){.at = text, .end = text + len, .next_line = 1};
    if (len >= 5 && memcmp(text, "#TYPE", 5) == 0) skip_line(c);
    c->delimiter = find_delimiter(c->at, c->end);
}

/* Reads the quoted cell behind the opening quote at c->at; leaves c->at behind the closing one. */
static char *quoted_cell(struct fg_csv *c, char **close)
{
    char *cell = c->at + 1, *to = cell, *p = cell;
    for (; p < c->end; p++) {
        if (p - cell > FG_CSV_CELL_MAX) break;
        if (*p == '\n') c->next_line++;
        if (*p == '"') {
            if (p + 1 >= c->end || p[1] != '"') {
                *close = to;
                c->at = p + 1;
                return cell;
            }
            p++;
        }
        *to++ = *p;
    }
    c->at = p;
    c->fault = p < c->end ? "A quoted field is too long; is a quote missing?"
                          : "A quoted field does not end.";
    return NULL;
}

static bool ends_cell(const struct fg_csv *c, const char *p)
{
    return p >= c->end || *p == c->delimiter || *p == '\n' || *p == '\r';
}

static char *plain_cell(struct fg_csv *c, char **close)
{
    char *cell = c->at;
    while (!ends_cell(c, c->at)) c->at++;
    *close = c->at;
    if (c->at - cell <= FG_CSV_CELL_MAX) return cell;
    c->fault = "A field is too long.";
    return NULL;
}

/* One cell and what ends it: true when another follows in this row. */
static bool read_cell(struct fg_csv *c)
{
    char *close = NULL;
    bool quoted = c->at < c->end && *c->at == '"';
    char *cell = quoted ? quoted_cell(c, &close) : plain_cell(c, &close);
    if (cell && !ends_cell(c, c->at)) c->fault = "There is text behind a closing quote.";
    if (cell && !c->fault && c->n == FG_CSV_CELLS) c->fault = "There are too many fields.";
    if (c->fault) return false;
    char stop = c->at < c->end ? *c->at : '\n';
    bool crlf = stop == '\r' && c->at + 1 < c->end && c->at[1] == '\n';
    c->cells[c->n++] = cell;
    *close = 0;
    if (c->at < c->end) c->at += crlf ? 2 : 1;
    if (stop == c->delimiter) return true;
    c->next_line++;
    return false;
}

int fg_csv_next(struct fg_csv *c)
{
    for (;;) {
        if (c->at >= c->end) return ENOENT;
        c->line = c->next_line;
        c->n = 0;
        c->fault = NULL;
        while (read_cell(c)) continue;
        if (c->fault) {
            skip_line(c);
            return EINVAL;
        }
        if (c->n > 1 || *c->cells[0]) return 0;
    }
}
