/* See xml.h. */
#include "gateway/xmpp/xml.h"

#include <stdbool.h>
#include <string.h>

#include "gateway/base/quote.h"
#include "gateway/xmpp/ns.h"
#include "gateway/xmpp/stream_parser.h"

static bool is_named(const struct fg_xml *x, const char *ns, const char *name)
{
    return x->name && strcmp(x->name, name) == 0 && (!ns || strcmp(x->ns, ns) == 0);
}

const struct fg_xml *fg_xml_child(const struct fg_xml *x, const char *ns, const char *name)
{
    for (const struct fg_xml *c = x->children; c; c = c->next)
        if (is_named(c, ns, name)) return c;
    return NULL;
}

const struct fg_xml *fg_xml_first(const struct fg_xml *x)
{
    const struct fg_xml *c = x->children;
    while (c && !c->name) c = c->next;
    return c;
}

const char *fg_xml_attr(const struct fg_xml *x, const char *name)
{
    for (const struct fg_xml_attr *a = x->attrs; a; a = a->next)
        if (a->ns[0] == '\0' && strcmp(a->name, name) == 0) return a->value;
    return NULL;
}

const char *fg_xml_lang(const struct fg_xml *x)
{
    for (const struct fg_xml_attr *a = x->attrs; a; a = a->next)
        if (strcmp(a->name, "lang") == 0 && strcmp(a->ns, FG_NS_XML) == 0) return a->value;
    return NULL;
}

int fg_xml_text(const struct fg_xml *x, struct fg_buf *out)
{
    int err = 0;
    for (const struct fg_xml *c = x->children; c && !err; c = c->next)
        if (!c->name) err = fg_buf_add(out, c->text, c->text_len);
    return err;
}

/* Char of XML 1.0 section 2.2, beyond ASCII only what UTF-8 lets through but XML does not. */
static bool xml_char(unsigned cp)
{
    if (cp < 0x20) return cp == '\t' || cp == '\n' || cp == '\r';
    return cp != 0xfffe && cp != 0xffff;
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    default:
        return NULL;
    }
}

int fg_xml_escape(struct fg_buf *out, const char *text, size_t len)
{
    size_t plain = 0, at = 0; /* text[plain..at) needs no change and is added in one piece */
    int err = 0;
    while (at < len && !err) {
        unsigned cp = (unsigned char)text[at];
        const char *instead = entity(text[at]);
        size_t n = 1;
        if (!instead && (cp >= 0x80 || cp < 0x20)) {
            n = fg_utf8_decode(text + at, len - at, &cp);
            if (n == 0 || !xml_char(cp)) instead = "\xef\xbf\xbd";
            if (n == 0) n = 1;
            /* A bare CR would be read as LF by the next parser. */
            if (cp == '\r' && !instead) instead = "&#13;";
        }
        if (instead) {
            err = fg_buf_add(out, text + plain, at - plain);
            if (!err) err = fg_buf_adds(out, instead);
            plain = at + n;
        }
        at += n;
    }
    return err ? err : fg_buf_add(out, text + plain, len - plain);
}
