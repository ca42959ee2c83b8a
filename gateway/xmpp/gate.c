/* The gate: the one place where the sender and addressee of an inbound stanza are checked against
 * what its stream has proved (RFC 6120 8.1.1.2, 8.1.2.2). No handler behind it checks again, and
 * nothing reaches a handler past it. */
#include "gateway/xmpp/internal.h"

#include <string.h>

static enum fg_stanza_kind kind_of(const char *name)
{
    if (name[0] == 'm') return FG_MESSAGE;
    return name[0] == 'p' ? FG_PRESENCE : FG_IQ;
}

static bool remote_proved(struct fg_in *in, const char *remote)
{
    FG_LIST_EACH(&in->pairs, n, tmp)
    {
        struct fg_pair *p = FG_CONTAINER(n, struct fg_pair, node);
        if (p->state == FG_PAIR_PROVED && strcmp(p->remote, remote) == 0) return true;
    }
    return false;
}

enum fg_condition fg_gate(struct fg_in *in, const struct fg_xml *x, struct fg_stanza *out,
                          struct fg_pair **pair)
{
    struct fg_stream *st = &in->st;
    struct fg_arena *a = fg_parser_arena(st->parser);
    const char *from = fg_xml_attr(x, "from"), *to = fg_xml_attr(x, "to");
    if (!from || !to || fg_jid_parses(a, from, &out->from) || fg_jid_parses(a, to, &out->to))
        return FG_COND_IMPROPER_ADDRESSING;
    struct fg_pair *p = fg_in_find_pair(in, out->to.domain, out->from.domain);
    if (!p || p->state != FG_PAIR_PROVED) {
        if (remote_proved(in, out->from.domain) && !fg_s2s_is_local(st->s, out->to.domain))
            return FG_COND_HOST_UNKNOWN;
        return FG_COND_INVALID_FROM;
    }
    const char *type = fg_xml_attr(x, "type"), *lang = fg_xml_lang(x);
    out->kind = kind_of(x->name);
    out->type = type ? type : "";
    out->id = fg_xml_attr(x, "id");
    out->lang = lang ? lang : st->lang;
    out->xml = x;
    out->stream = st->id;
    out->method = p->method;
    out->arena = a;
    *pair = p;
    return FG_COND_NONE;
}
