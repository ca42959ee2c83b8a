/* The panel's files, embedded in the program with their compressed forms. The table is made at
 * build time (cmake/embed.mjs); without the panel it is empty. */
#ifndef FG_HTTP_ASSETS_H
#define FG_HTTP_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

struct fg_http_asset_form {
    const void *data; /* NULL: this form does not exist (it was not smaller) */
    size_t len;
};

struct fg_http_asset {
    const char *path; /* "/index.html" */
    const char *type; /* Content-Type */
    const char *hash; /* of the plain form, hex; the strong ETag is made of it */
    bool immutable;   /* the name contains a hash of the content */
    struct fg_http_asset_form plain, gzip, brotli;
};

struct fg_http_assets {
    const struct fg_http_asset *items; /* sorted by path */
    size_t count;
};

/* The table that was linked in. */
extern const struct fg_http_assets fg_http_embedded_assets;

#endif
