/* The panel's files, from memory, in the form the browser takes. Any other path outside /assets/ is
 * a page of the panel, which finds its own way, and gets index.html: domains in it have dots, so an
 * extension says nothing. */
#include "server/http/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum form { PLAIN, GZIP, BROTLI };
static const char *const form_names[] = {"identity", "gzip", "br"};
static const char *const etag_suffix[] = {"", "-gz", "-br"};

static const char NO_PANEL[] =
    "fedgate runs, but this build has no panel. The REST interface is at /api/v1.\n";

static int by_path(const void *key, const void *item)
{
    return strcmp(key, ((const struct fg_http_asset *)item)->path);
}

static const struct fg_http_asset *find(const struct fg_http_assets *assets, const char *path)
{
    if (!assets || assets->count == 0) return NULL;
    return bsearch(path, assets->items, assets->count, sizeof *assets->items, by_path);
}

static bool is_page(const char *path)
{
    return strncmp(path, "/assets/", 8) != 0;
}

/* Does "gzip, br;q=0.5, *;q=0" take `name`? (RFC 9110 section 12.5.3, without ranking: smallest
 * wins) */
static bool accepts(const char *header, const char *name)
{
    size_t len = strlen(name);
    for (const char *p = header; p && *p;) {
        p += strspn(p, " \t,");
        size_t item = strcspn(p, ",");
        size_t token = strcspn(p, ",; \t");
        if (token == len && !strncasecmp(p, name, len)) {
            const char *q = memmem(p, item, "q=", 2);
            return !q || strtod(q + 2, NULL) > 0;
        }
        p += item;
    }
    return false;
}

static enum form choose(const struct fg_http_asset *a, const char *accept)
{
    if (a->brotli.data && accepts(accept, "br")) return BROTLI;
    if (a->gzip.data && accepts(accept, "gzip")) return GZIP;
    return PLAIN;
}

static const struct fg_http_asset_form *form_of(const struct fg_http_asset *a, enum form f)
{
    return f == BROTLI ? &a->brotli : f == GZIP ? &a->gzip : &a->plain;
}

/* If-None-Match: "*" or a list with our tag, weak or not. */
static bool matches(const char *header, const char *etag)
{
    return header && (!strcmp(header, "*") || strstr(header, etag));
}

static struct fg_http_response *serve(const struct fg_http_asset *a,
                                      const struct fg_http_request *r)
{
    enum form f = choose(a, fg_http_header(r, "Accept-Encoding"));
    char etag[96];
    snprintf(etag, sizeof etag, "\"%s%s\"", a->hash, etag_suffix[f]);
    bool same = matches(fg_http_header(r, "If-None-Match"), etag);
    struct fg_http_response *p = fg_http_response_new(same ? 304 : 200);
    fg_http_response_header(p, "ETag", etag);
    fg_http_response_header(p, "Vary", "Accept-Encoding");
    fg_http_response_header(p, "Cache-Control",
                            a->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (same) return p;
    if (f != PLAIN) fg_http_response_header(p, "Content-Encoding", form_names[f]);
    const struct fg_http_asset_form *body = form_of(a, f);
    fg_http_response_static(p, a->type, body->data, body->len);
    return p;
}

struct fg_http_response *fg_http_static(const struct fg_http_assets *assets,
                                        const struct fg_http_request *r)
{
    if (r->method == FG_HTTP_OPTIONS || (r->method != FG_HTTP_GET && r->method != FG_HTTP_HEAD)) {
        bool options = r->method == FG_HTTP_OPTIONS;
        struct fg_http_response *p =
            options ? fg_http_response_new(204)
                    : fg_http_problem(405, "Only GET and HEAD are possible here.");
        fg_http_response_header(p, "Allow", "GET, HEAD, OPTIONS");
        return p;
    }
    const struct fg_http_asset *a = find(assets, r->path);
    if (!a && is_page(r->path)) {
        a = find(assets, "/index.html");
        if (!a) {
            struct fg_http_response *p = fg_http_response_new(200);
            fg_http_response_static(p, "text/plain; charset=utf-8", NO_PANEL, sizeof NO_PANEL - 1);
            return p;
        }
    }
    return a ? serve(a, r) : fg_http_problem(404, "There is nothing at this address.");
}
