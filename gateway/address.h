/* Names at the border: domains in the one form all tables are keyed by, and the mapping between SIP
 * URIs and JIDs (RFC 7247 section 6, XEP-0106). Pure functions, thread-safe.
 *
 * A prepared domain is the lower-case A-label form without trailing dot ("xn--fa-hia.example"). */
#ifndef FG_ADDRESS_H
#define FG_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/arena.h"
#include "gateway/base/buf.h"

struct fg_jid;

enum {
    FG_DOMAIN_MAX = 254,       /* 253 bytes and a NUL */
    FG_DOMAIN_TEXT_MAX = 1024, /* a domain as U-labels, with its NUL */
    FG_HOSTPORT_MAX = FG_DOMAIN_MAX + 8
};

/* Prepares a domain name: UTF-8 or ASCII, U-labels or A-labels, any case, one trailing dot dropped;
 * IDNA2008, non-transitional (RFC 5891). Refuses empty labels, labels over 63 and names over 253
 * bytes, characters other than letters, digits and hyphen, IP literals, and names whose last label
 * is all digits. A single label ("localhost") passes. `in` needs no NUL. 0 or EINVAL. */
int fg_domain_prepare(const char *in, size_t len, char out[FG_DOMAIN_MAX]);
/* The same name for people and for the XMPP wire: U-labels where they exist (RFC 7622 3.2).
 * `domain` is prepared. Falls back to the prepared form; always writes something that fits. */
void fg_domain_display(const char *domain, char out[FG_DOMAIN_TEXT_MAX]);

/* "host", "host:port", "192.0.2.1:5269" or "[2001:db8::1]:5269"; the host is prepared (an IP
 * address is printed canonically, without brackets). `*port` is 0 when none was given. 0 or EINVAL.
 */
int fg_hostport_parse(const char *in, char host[FG_DOMAIN_MAX], uint16_t *port);
/* A literal IP address and a port (0 = any free one), for listeners; same syntax, port mandatory.
 */
int fg_listen_parse(const char *in, char address[FG_DOMAIN_MAX], uint16_t *port);

/* SIP to XMPP: `user` is the user part of a sip URI as on the wire (percent-encoded, without
 * parameters), `host` its host, `gr` the raw value of the gr parameter. Empty user: a bare domain.
 * The parts of `out` live in the arena. 0; EINVAL: no such JID (a SIP 400: bad encoding, not UTF-8,
 * NUL, a password, an IP literal as host, characters that cannot be prepared); ENAMETOOLONG (414);
 * ENOMEM. */
int fg_sip_to_jid(struct fg_arena *a, const char *user, size_t user_len, const char *host,
                  size_t host_len, const char *gr, size_t gr_len, struct fg_jid *out);

/* XMPP to SIP: appends "sip:user@host", with ";gr=resource" when `with_gr` and there is a resource.
 * No local part gives "sip:host". 0; EINVAL: a local part that no SIP user maps to (an escape where
 * XEP-0106 has none); ENOBUFS or ENOMEM. On error the buffer is as before. */
int fg_jid_to_sip(struct fg_buf *out, const struct fg_jid *jid, bool with_gr);

/* Key of an inner user as in the users table, "name@domain": the prepared local part with XEP-0106
 * escapes kept, and the prepared domain. `jid` needs a local part (EINVAL otherwise). */
int fg_user_key(const struct fg_jid *jid, char *out, size_t size);

#endif
