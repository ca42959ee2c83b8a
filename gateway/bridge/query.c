/* Stanzas that end here: queries to our domains, and presence, which this gateway does not
 * translate yet and therefore declines in the words of the protocol. */
#include "gateway/bridge/private.h"

#include <string.h>

static const char ns_ping[] = "urn:xmpp:ping";
static const char ns_info[] = "http://jabber.org/protocol/disco#info";

static bool is(const struct fg_xml *x, const char *ns, const char *name)
{
    return strcmp(x->name, name) == 0 && strcmp(x->ns, ns) == 0;
}

/* The only child element; NULL when there is none or more than one (RFC 6120 8.2.3). */
static const struct fg_xml *only_child(const struct fg_xml *x)
{
    const struct fg_xml *first = fg_xml_first(x);
    for (const struct fg_xml *n = first ? first->next : NULL; n; n = n->next)
        if (n->name) return NULL;
    return first;
}

/* `body` is markup of ours, or "". */
static void answer_result(struct fg_bridge *b, const struct fg_stanza *s, const char *body)
{
    struct fg_buf *out = &b->scratch;
    fg_buf_reset(out);
    int err = fg_stanza_open(out, "iq", &s->to, &s->from, s->id, "result");
    if (!err) err = fg_buf_addf(out, *body ? ">%s</iq>" : "/>%s", body);
    if (!err) fg_bridge_answer(b, s->to.domain, s->from.domain, out);
}

static const char info_body[] = "<query xmlns='http://jabber.org/protocol/disco#info'>"
                                "<identity category='gateway' type='simple' name='fedgate'/>"
                                "<feature var='http://jabber.org/protocol/disco#info'/>"
                                "<feature var='urn:xmpp:ping'/>"
                                "</query>";

void fg_bridge_iq(struct fg_bridge *b, const struct fg_stanza *s)
{
    static const struct fg_condition unavailable = {"service-unavailable", "cancel"};
    static const struct fg_condition bad = {"bad-request", "modify"};
    static const struct fg_condition missing = {"item-not-found", "cancel"};
    bool get = strcmp(s->type, "get") == 0, set = strcmp(s->type, "set") == 0;
    if (strcmp(s->type, "result") == 0 || strcmp(s->type, "error") == 0) return;
    const struct fg_xml *child = only_child(s->xml);
    if ((!get && !set) || !child || !s->id) {
        fg_bridge_refuse(b, s, bad, NULL);
    } else if (!get || s->to.local) {
        fg_bridge_refuse(b, s, unavailable, NULL);
    } else if (is(child, ns_ping, "ping")) {
        answer_result(b, s, "");
    } else if (is(child, ns_info, "query")) {
        if (fg_xml_attr(child, "node"))
            fg_bridge_refuse(b, s, missing, NULL);
        else
            answer_result(b, s, info_body);
    } else {
        fg_bridge_refuse(b, s, unavailable, NULL);
    }
}

/* Nobody here has granted anything: a request is declined and a probe learns the same, from bare
 * JID to bare JID (RFC 6121 3.1.3, 4.3.2). All else is dropped in silence. */
void fg_bridge_presence(struct fg_bridge *b, const struct fg_stanza *s)
{
    if (strcmp(s->type, "subscribe") != 0 && strcmp(s->type, "probe") != 0) return;
    struct fg_jid from = fg_jid_bare(&s->to), to = fg_jid_bare(&s->from);
    struct fg_buf *out = &b->scratch;
    fg_buf_reset(out);
    int err = fg_stanza_open(out, "presence", &from, &to, s->id, "unsubscribed");
    if (!err) err = fg_buf_adds(out, "/>");
    if (!err) fg_bridge_answer(b, from.domain, to.domain, out);
}
