/* The namespaces of XMPP between servers. */
#ifndef FG_XMPP_NS_H
#define FG_XMPP_NS_H

#define FG_NS_STREAM           "http://etherx.jabber.org/streams"
#define FG_NS_SERVER           "jabber:server"
#define FG_NS_DIALBACK         "jabber:server:dialback"
#define FG_NS_DIALBACK_FEATURE "urn:xmpp:features:dialback"
#define FG_NS_TLS              "urn:ietf:params:xml:ns:xmpp-tls"
#define FG_NS_SASL             "urn:ietf:params:xml:ns:xmpp-sasl"
#define FG_NS_STREAM_ERROR     "urn:ietf:params:xml:ns:xmpp-streams"
#define FG_NS_STANZA_ERROR     "urn:ietf:params:xml:ns:xmpp-stanzas"
#define FG_NS_PING             "urn:xmpp:ping"
#define FG_NS_ERRORS           "urn:xmpp:errors"
#define FG_NS_XML              "http://www.w3.org/XML/1998/namespace"

#endif
