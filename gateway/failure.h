/* The catalogue of what can go wrong between us and a partner or a front end: for each a stable id
 * (scripts rely on it), the cause and the remedy in plain words. Streams, the bridge, the events
 * and the REST answers take their words from here. Thread-safe; strings are static. */
#ifndef FG_FAILURE_H
#define FG_FAILURE_H

#include <stdbool.h>

/* id, cause, remedy. The enumerator is FG_FAIL_ + the id in upper case (second column). */
#define FG_FAILURES(X)                                                                             \
    X(dns_not_found, DNS_NOT_FOUND, "The domain has no XMPP server in DNS and no address.",        \
      "Check the spelling of the domain; the partner publishes _xmpp-server._tcp SRV records, or " \
      "set a proxy for the partner.")                                                              \
    X(dns_timeout, DNS_TIMEOUT, "No name server answered in time.",                                \
      "Check the DNS servers in the settings and that port 53 is open outwards.")                  \
    X(dns_bogus, DNS_BOGUS, "The DNS answer failed DNSSEC validation.",                            \
      "The partner's zone or our resolver's trust anchor is wrong; tell the partner, or look at "  \
      "the dnssec setting.")                                                                       \
    X(dns_not_offered, DNS_NOT_OFFERED,                                                            \
      "The partner's DNS says that it offers no XMPP (SRV \".\").",                                \
      "Ask the partner whether this is meant; nothing on our side can change it.")                 \
    X(dns_loop, DNS_LOOP, "The domain resolves to this gateway itself.",                           \
      "Correct the SRV record or the partner's proxy setting.")                                    \
    X(connect_refused, CONNECT_REFUSED, "The partner's server refused the connection.",            \
      "Check that its XMPP service runs and listens on the port its DNS names.")                   \
    X(connect_unreachable, CONNECT_UNREACHABLE,                                                    \
      "There is no network route to the partner's server.",                                        \
      "Check routing, IPv6 and the firewall of this machine.")                                     \
    X(connect_timeout, CONNECT_TIMEOUT, "The partner's server did not answer the connection.",     \
      "Check that port 5269 is open outwards here and inwards at the partner.")                    \
    X(connect_lost, CONNECT_LOST, "The connection broke.",                                         \
      "It is tried again by itself; if it repeats, look at the network in between.")               \
    X(tls_not_offered, TLS_NOT_OFFERED, "The partner's server offers no TLS.",                     \
      "Ask the partner to enable STARTTLS, or allow unencrypted connections for this partner.")    \
    X(tls_required_by_peer, TLS_REQUIRED_BY_PEER,                                                  \
      "The partner's server demands TLS, which this partner's settings forbid.",                   \
      "Set TLS negotiation to optional or required.")                                              \
    X(tls_handshake, TLS_HANDSHAKE, "The TLS handshake failed.",                                   \
      "Compare TLS versions and ciphers of both sides; see the event for the alert.")              \
    X(cert_untrusted, CERT_UNTRUSTED,                                                              \
      "The partner's certificate is not signed by a trusted authority.",                           \
      "Add its authority under Trust, or allow dialback for this partner.")                        \
    X(cert_expired, CERT_EXPIRED, "The partner's certificate is not valid at this time.",          \
      "The partner must renew it; check this machine's clock.")                                    \
    X(cert_revoked, CERT_REVOKED, "The partner's certificate has been revoked.",                   \
      "The partner must install a new certificate.")                                               \
    X(cert_name_mismatch, CERT_NAME_MISMATCH,                                                      \
      "The partner's certificate does not name its domain.",                                       \
      "The partner needs a certificate whose alternative names list the XMPP domain itself.")      \
    X(cert_purpose, CERT_PURPOSE, "The partner's certificate is not meant for servers.",           \
      "The partner needs a certificate with the serverAuth purpose.")                              \
    X(cert_missing, CERT_MISSING, "The partner's server presented no certificate.",                \
      "The partner must configure one, or allow dialback for this partner.")                       \
    X(own_cert_missing, OWN_CERT_MISSING, "We have no certificate for this use.",                  \
      "Import a certificate and assign it under Certificates.")                                    \
    X(external_not_offered, EXTERNAL_NOT_OFFERED,                                                  \
      "The partner's server does not accept our certificate: it offered no SASL EXTERNAL.",        \
      "Check that our certificate is from a public authority, names our domain and has the "       \
      "clientAuth purpose the partner may insist on; or enable dialback over TLS.")                \
    X(external_refused, EXTERNAL_REFUSED, "The partner's server refused our SASL EXTERNAL.",       \
      "It saw our certificate and did not like it: check names, chain and purposes; or enable "    \
      "dialback over TLS.")                                                                        \
    X(encryption_required, ENCRYPTION_REQUIRED,                                                    \
      "The partner connected without TLS, which we require.",                                      \
      "The partner must use STARTTLS; or set TLS negotiation to optional.")                        \
    X(dialback_not_offered, DIALBACK_NOT_OFFERED,                                                  \
      "The partner's server does not support dialback.",                                           \
      "Use SASL over TLS with this partner, or ask it to enable dialback.")                        \
    X(dialback_invalid, DIALBACK_INVALID, "Dialback failed: the key was declared invalid.",        \
      "The server DNS names for the domain is not the one that connected; check SRV records, and " \
      "that all nodes share one dialback secret.")                                                 \
    X(dialback_refused, DIALBACK_REFUSED, "The other side refused dialback.",                      \
      "See the condition in the event; the partner may insist on certificates.")                   \
    X(dialback_timeout, DIALBACK_TIMEOUT, "Dialback was not answered in time.",                    \
      "The partner must be able to connect back to us on port 5269; check SRV records and "        \
      "firewalls.")                                                                                \
    X(no_method, NO_METHOD, "No authentication method is left that both sides allow.",             \
      "Compare TLS, SASL and dialback settings of this partner with what its server offers; a "    \
      "probe shows it.")                                                                           \
    X(stream_timeout, STREAM_TIMEOUT, "The stream was not set up in time.",                        \
      "The partner's server is slow or stuck; it is tried again by itself.")                       \
    X(stream_idle, STREAM_IDLE, "The stream was closed because nothing was sent for long.",        \
      "Nothing to do: the next message opens a new one.")                                          \
    X(keepalive_timeout, KEEPALIVE_TIMEOUT, "The partner's server no longer answers our pings.",   \
      "It is tried again by itself; switch keep-alive off for servers that never answer pings.")   \
    X(stream_closed, STREAM_CLOSED, "The partner's server closed the stream.",                     \
      "Nothing to do unless it repeats; then ask the partner.")                                    \
    X(stream_error, STREAM_ERROR, "The partner's server ended the stream with an error.",          \
      "The condition in the event says what it objects to.")                                       \
    X(stream_protocol, STREAM_PROTOCOL, "The other side broke the rules of XMPP.",                 \
      "The event says which; this is for the partner's software to mend.")                         \
    X(policy_closed, POLICY_CLOSED, "The stream was closed because our rules do not allow it.",    \
      "Why? shows the rule.")                                                                      \
    X(not_a_partner, NOT_A_PARTNER, "The domain is not a partner of ours.",                        \
      "Add it under XMPP Federated Partners if it should be one.")                                 \
    X(partner_removed, PARTNER_REMOVED, "The partner was removed or suspended.",                   \
      "Add or activate it again to go on.")                                                        \
    X(partner_draining, PARTNER_DRAINING,                                                          \
      "The partner is being drained: what lives may finish, no new stream begins.",                \
      "Set its state to active to go on.")                                                         \
    X(terms_changed, TERMS_CHANGED,                                                                \
      "The partner's settings no longer allow this stream's method.",                              \
      "Nothing to do: a new stream follows the new settings.")                                     \
    X(connection_limit, CONNECTION_LIMIT, "The limit on connections is reached.",                  \
      "Raise connection_limit in the settings or for the partner, or find out who opens so many.") \
    X(queue_full, QUEUE_FULL, "Too many messages wait for this partner.",                          \
      "The partner is unreachable or slow; see its last failure.")                                 \
    X(peer_refused, PEER_REFUSED, "The partner's server refused the message.",                     \
      "The error it gave is in the event; often the addressee does not exist.")                    \
    X(sip_no_front_end, SIP_NO_FRONT_END, "No front end is configured for this domain.",           \
      "Add front ends to the domain under Topology.")                                              \
    X(sip_unreachable, SIP_UNREACHABLE, "No front end of this domain can be reached.",             \
      "Check host, port and transport of the front ends, and the certificates on both sides.")     \
    X(sip_timeout, SIP_TIMEOUT, "The front end did not answer in time.",                           \
      "Check that it runs and that it trusts this gateway.")                                       \
    X(sip_rejected, SIP_REJECTED, "The front end rejected the message.",                           \
      "The SIP status in the event says why; often the user does not exist or is not signed in.")  \
    X(sip_not_trusted, SIP_NOT_TRUSTED,                                                            \
      "The SIP request did not come from a configured front end.",                                 \
      "Add the sender as a front end, or check its certificate against the internal trust "        \
      "anchors.")                                                                                  \
    X(port_in_use, PORT_IN_USE, "The address and port are already in use.",                        \
      "Stop the other program or choose another port.")                                            \
    X(listen_failed, LISTEN_FAILED, "The address could not be opened for listening.",              \
      "Check that it belongs to this machine and that the port is permitted.")                     \
    X(shutdown, SHUTDOWN, "The gateway is stopping.", "Start it again.")                           \
    X(internal, INTERNAL, "The gateway ran out of memory or met an inner error.",                  \
      "See the log; report it if it repeats.")

enum fg_failure {
    FG_FAIL_NONE,
#define X(id, name, cause, remedy) FG_FAIL_##name,
    FG_FAILURES(X)
#undef X
        FG_FAIL_COUNT
};

/* "" for FG_FAIL_NONE and for values outside the catalogue. */
const char *fg_failure_id(enum fg_failure f);
const char *fg_failure_cause(enum fg_failure f);
const char *fg_failure_remedy(enum fg_failure f);
/* The failure with this id; FG_FAIL_NONE when there is none. */
enum fg_failure fg_failure_find(const char *id);

#endif
