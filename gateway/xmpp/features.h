/* <stream:features/>: writing what the negotiation offers, reading what a peer offers. Pure. */
#ifndef FG_XMPP_FEATURES_H
#define FG_XMPP_FEATURES_H

#include "gateway/negotiation.h"
#include "gateway/xmpp/xml.h"

/* Appends the element; an empty offer means that nothing is left to negotiate. 0 or errno. */
int fg_features_write(struct fg_buf *out, const struct fg_offer *offer);
/* Sets the offered and required fields of `view` from the peer's element; the others stay. A peer
 * that declared dialback in its header keeps that. */
void fg_features_read(const struct fg_xml *features, struct fg_peer_view *view);

#endif
