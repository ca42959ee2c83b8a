/* See features.h. */
#include "gateway/xmpp/features.h"

#include <string.h>

#include "gateway/xmpp/ns.h"

int fg_features_write(struct fg_buf *out, const struct fg_offer *o)
{
    const char *tls = "", *sasl = "", *dialback = "";
    if (o->starttls)
        tls = o->starttls_required ? "<starttls xmlns='" FG_NS_TLS "'><required/></starttls>"
                                   : "<starttls xmlns='" FG_NS_TLS "'/>";
    if (o->external)
        sasl = "<mechanisms xmlns='" FG_NS_SASL "'><mechanism>EXTERNAL</mechanism></mechanisms>";
    if (o->dialback) dialback = "<dialback xmlns='" FG_NS_DIALBACK_FEATURE "'><errors/></dialback>";
    return fg_buf_addf(out, "<stream:features>%s%s%s</stream:features>", tls, sasl, dialback);
}

static bool mechanism_is_external(const struct fg_xml *m)
{
    struct fg_buf text;
    fg_buf_init(&text, 64);
    bool yes = false;
    if (m->name && strcmp(m->name, "mechanism") == 0 && fg_xml_text(m, &text) == 0) {
        const char *s = fg_buf_cstr(&text);
        yes = s && strcmp(s, "EXTERNAL") == 0;
    }
    fg_buf_free(&text);
    return yes;
}

void fg_features_read(const struct fg_xml *features, struct fg_peer_view *view)
{
    const struct fg_xml *tls = fg_xml_child(features, FG_NS_TLS, "starttls");
    view->starttls_offered = tls != NULL;
    /* As the only feature it is mandatory even without saying so (RFC 6120 5.3.1). */
    view->starttls_required = tls && (fg_xml_child(tls, NULL, "required") ||
                                      (fg_xml_first(features) == tls && features->last == tls));
    const struct fg_xml *mechanisms = fg_xml_child(features, FG_NS_SASL, "mechanisms");
    view->external_offered = false;
    for (const struct fg_xml *m = mechanisms ? mechanisms->children : NULL; m; m = m->next)
        if (mechanism_is_external(m)) view->external_offered = true;
    if (fg_xml_child(features, FG_NS_DIALBACK_FEATURE, "dialback")) view->dialback_offered = true;
}
