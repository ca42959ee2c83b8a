/* Elements of a stanza, parsed: read-only views in an arena. Names and namespaces are
 * NUL-terminated UTF-8; the tree lives as long as the arena it came from (until the stanza handler
 * returns). */
#ifndef FG_XML_H
#define FG_XML_H

#include "gateway/base/buf.h"

#include <stddef.h>

struct fg_xml_attr {
    const char *ns; /* "" for none */
    const char *name;
    const char *value;
    struct fg_xml_attr *next;
};

/* Mixed content is a list of nodes: an element has a name, a piece of text has name == NULL. */
struct fg_xml {
    const char *ns, *name;
    struct fg_xml_attr *attrs;
    struct fg_xml *children, *last; /* first and last child */
    struct fg_xml *next;            /* sibling */
    const char *text;               /* of a text node */
    size_t text_len;
};

/* First child element of that namespace and name (NULL namespace: any). */
const struct fg_xml *fg_xml_child(const struct fg_xml *x, const char *ns, const char *name);
/* First child element. */
const struct fg_xml *fg_xml_first(const struct fg_xml *x);
/* Value of an attribute without namespace, or NULL. */
const char *fg_xml_attr(const struct fg_xml *x, const char *name);
/* Appends the text directly inside (not of children). 0 or errno. */
int fg_xml_text(const struct fg_xml *x, struct fg_buf *out);
/* Appends `text` with & < > ' " escaped; characters XML 1.0 forbids and bytes that are no UTF-8
 * become U+FFFD. 0 or errno. */
int fg_xml_escape(struct fg_buf *out, const char *text, size_t len);

#endif
