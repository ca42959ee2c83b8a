/* The whole configuration as one JSON document, in an order that does not depend on how it came
 * about, so that it can live under version control:
 *
 *   {"format": "fedgate-configuration", "version": 1, "content_hash": "…",
 *    "settings": {…}, "partners": {"fabrikam.com": {…}, …}, "policies": {…}, …}
 *
 * Keys and secrets are no part of it. Pure but for the store given; any thread. */
#ifndef FG_IMPORT_DOCUMENT_H
#define FG_IMPORT_DOCUMENT_H

#include <jansson.h>

#include "server/config/config.h"

#define FG_DOCUMENT_FORMAT "fedgate-configuration"
enum { FG_DOCUMENT_VERSION = 1, FG_DOCUMENT_INDENT = 1 };

/* What is stored at `revision`, as a new reference. 0; ENOENT when there is no such revision; or
 * errno. */
int fg_document_export(struct fg_store *st, uint64_t revision, json_t **out);
/* The document as text, with a line end; malloc'ed, NULL without memory. */
char *fg_document_text(const json_t *document);

/* A document as changes: one put for each object. Keys and values are the document's. */
struct fg_document {
    struct fg_change *changes;
    size_t n;
    unsigned kinds; /* bits 1 << kind: those that the document speaks of */
};
/* 0; EINVAL with problems; ENOMEM. Values are not looked into. */
int fg_document_read(const json_t *document, struct fg_document *out, struct fg_problems *problems);
void fg_document_free(struct fg_document *d);

#endif
