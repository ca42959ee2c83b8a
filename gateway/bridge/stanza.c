/* Stanzas of ours as text. On the wire a domain is written with U-labels (RFC 7622 3.2). */
#include "gateway/bridge/private.h"

#include <errno.h>
#include <string.h>

static int add_jid(struct fg_buf *out, const char *name, const struct fg_jid *jid)
{
    struct fg_buf text;
    fg_buf_init(&text, ADDRESS_MAX);
    int err = fg_jid_print_wire(&text, jid);
    if (!err) err = fg_buf_addf(out, " %s='", name);
    if (!err) err = fg_xml_escape(out, (const char *)fg_buf_data(&text), fg_buf_len(&text));
    if (!err) err = fg_buf_add(out, "'", 1);
    fg_buf_free(&text);
    return err;
}

static int add_attribute(struct fg_buf *out, const char *name, const char *value)
{
    int err = fg_buf_addf(out, " %s='", name);
    if (!err) err = fg_xml_escape(out, value, strlen(value));
    return err ? err : fg_buf_add(out, "'", 1);
}

int fg_stanza_open(struct fg_buf *out, const char *name, const struct fg_jid *from,
                   const struct fg_jid *to, const char *id, const char *type)
{
    int err = fg_buf_addf(out, "<%s", name);
    if (!err) err = add_jid(out, "from", from);
    if (!err) err = add_jid(out, "to", to);
    if (!err && id) err = add_attribute(out, "id", id);
    if (!err && type) err = add_attribute(out, "type", type);
    return err;
}

int fg_stanza_child(struct fg_buf *out, const char *name, const char *text, size_t len)
{
    int err = fg_buf_addf(out, "<%s>", name);
    if (!err) err = fg_xml_escape(out, text, len);
    return err ? err : fg_buf_addf(out, "</%s>", name);
}

int fg_stanza_error(struct fg_buf *out, struct fg_condition c, const char *text, size_t text_len,
                    const char *alternate, size_t alternate_len)
{
    static const char ns[] = "urn:ietf:params:xml:ns:xmpp-stanzas";
    int err = fg_buf_addf(out, "<error type='%s'><%s xmlns='%s'>", c.type, c.name, ns);
    if (!err && alternate) err = fg_xml_escape(out, alternate, alternate_len);
    if (!err) err = fg_buf_addf(out, "</%s>", c.name);
    if (!err && text_len) {
        err = fg_buf_addf(out, "<text xmlns='%s' xml:lang='en'>", ns);
        if (!err) err = fg_xml_escape(out, text, text_len);
        if (!err) err = fg_buf_adds(out, "</text>");
    }
    return err ? err : fg_buf_adds(out, "</error>");
}

void fg_bridge_answer(struct fg_bridge *b, const char *local, const char *remote,
                      const struct fg_buf *stanza)
{
    if (b->stopped) return;
    struct fg_s2s_item item = {
        .local = local, .remote = remote, .stanza = fg_buf_data(stanza), .len = fg_buf_len(stanza)};
    int err = b->ends.send_stanza(b->ends.arg, &item);
    if (err)
        fg_bridge_report(b, FG_INFO, "answer_dropped", remote, NULL, FG_FAIL_NONE,
                         "an answer could not be sent: %s", strerror(err));
}

static const char *kind_name(enum fg_stanza_kind k)
{
    return k == FG_MESSAGE ? "message" : k == FG_PRESENCE ? "presence" : "iq";
}

/* Errors and results are never answered (RFC 6120 8.3.1). */
static bool may_be_answered(const struct fg_stanza *s)
{
    if (strcmp(s->type, "error") == 0) return false;
    return s->kind != FG_IQ || strcmp(s->type, "result") != 0;
}

void fg_bridge_refuse(struct fg_bridge *b, const struct fg_stanza *s, struct fg_condition c,
                      const char *text)
{
    if (!may_be_answered(s)) return;
    struct fg_buf *out = &b->scratch;
    fg_buf_reset(out);
    const char *name = kind_name(s->kind);
    int err = fg_stanza_open(out, name, &s->to, &s->from, s->id, "error");
    if (!err) err = fg_buf_add(out, ">", 1);
    if (!err) err = fg_stanza_error(out, c, text, text ? strlen(text) : 0, NULL, 0);
    if (!err) err = fg_buf_addf(out, "</%s>", name);
    if (!err) fg_bridge_answer(b, s->to.domain, s->from.domain, out);
}
