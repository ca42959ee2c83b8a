/* What handlers ask of a request, and the checks of its framing that libmicrohttpd does not make.
 */
#include "server/http/internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct fg_http_exchange *exchange_of(const struct fg_http_request *r)
{
    return (const struct fg_http_exchange *)(const void *)r;
}

const char *fg_http_header(const struct fg_http_request *r, const char *name)
{
    return MHD_lookup_connection_value(exchange_of(r)->mhd, MHD_HEADER_KIND, name);
}

const char *fg_http_cookie(const struct fg_http_request *r, const char *name)
{
    return MHD_lookup_connection_value(exchange_of(r)->mhd, MHD_COOKIE_KIND, name);
}

const char *fg_http_query(const struct fg_http_request *r, const char *name)
{
    for (size_t i = 0; i < r->n_params; i++) {
        if (!strcmp(r->params[i].name, name)) return r->params[i].value;
    }
    return NULL;
}

bool fg_http_has_body(const struct fg_http_request *r)
{
    return exchange_of(r)->has_body;
}

bool fg_http_content_type_is(const struct fg_http_request *r, const char *type)
{
    const char *given = fg_http_header(r, "Content-Type");
    if (!given) return false;
    size_t len = strcspn(given, "; \t");
    return len == strlen(type) && !strncasecmp(given, type, len);
}

enum fg_http_method fg_http_method_of(const char *name)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!strcmp(name, names[i])) return (enum fg_http_method)i;
    }
    return FG_HTTP_OTHER;
}

/* The headers that decide where a request ends and whom it is for. */
struct framing {
    unsigned lengths, encodings, hosts;
    const char *length, *encoding;
};

static enum MHD_Result count_header(void *cls, enum MHD_ValueKind kind, const char *key,
                                    const char *value)
{
    (void)kind;
    struct framing *f = cls;
    if (!strcasecmp(key, "Content-Length")) {
        f->lengths++;
        f->length = value;
    } else if (!strcasecmp(key, "Transfer-Encoding")) {
        f->encodings++;
        f->encoding = value;
    } else if (!strcasecmp(key, "Host")) {
        f->hosts++;
    }
    return MHD_YES;
}

static bool parse_length(const char *text, uint64_t *out)
{
    if (!text || !*text || strspn(text, "0123456789") != strlen(text) || strlen(text) > 18)
        return false;
    *out = strtoull(text, NULL, 10);
    return true;
}

/* libmicrohttpd accepts two lengths, and a length beside an encoding: behind a proxy that reads
 * them otherwise, one request would become two (RFC 9112 section 6.3). */
struct fg_http_response *fg_http_check_headers(struct fg_http_exchange *x, uint64_t *length)
{
    struct framing f = {0};
    MHD_get_connection_values(x->mhd, MHD_HEADER_KIND, count_header, &f);
    *length = 0;
    x->has_body = f.lengths || f.encodings;
    if (f.hosts > 1) return fg_http_problem(400, "More than one Host header.");
    if (f.lengths && f.encodings)
        return fg_http_problem(400, "Content-Length together with Transfer-Encoding.");
    if (f.lengths > 1) return fg_http_problem(400, "More than one Content-Length header.");
    if (f.encodings && (f.encodings > 1 || !f.encoding || strcasecmp(f.encoding, "chunked")))
        return fg_http_problem(501, "Only the transfer encoding \"chunked\" is understood.");
    if (f.lengths && !parse_length(f.length, length))
        return fg_http_problem(400, "Content-Length is not a number.");
    x->has_body = f.encodings || *length > 0;
    const char *expect = fg_http_header(&x->pub, "Expect");
    if (expect && strcasecmp(expect, "100-continue"))
        return fg_http_problem(417, "Only \"100-continue\" may be expected.");
    x->expects_continue = expect != NULL;
    return NULL;
}
