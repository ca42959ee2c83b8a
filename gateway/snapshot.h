/* The compiled configuration: one immutable, reference-counted root over immutable tables, one per
 * kind of object. A commit builds a new root that shares every shard it did not touch, so building
 * costs what changed, not what there is, and a reader never sees half a change.
 *
 *     fg_snapshot ── table per kind ── 1,024 shards ── sorted entries (each with its own count)
 *
 * Whoever holds a reference may read, in any thread, without locks. Entries may be held singly and
 * then outlive the snapshot (a stream holds its partner). Keys are canonical: prepared domains,
 * "name@domain", policy identities; look-ups want the prepared form. */
#ifndef FG_SNAPSHOT_H
#define FG_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/ref.h"
#include "gateway/negotiation.h"

enum { FG_HASH_LEN = 32 };

enum fg_kind {
    FG_KIND_SETTINGS,
    FG_KIND_PARTNERS,
    FG_KIND_POLICIES,
    FG_KIND_USERS,
    FG_KIND_SITES,
    FG_KIND_EDGES,
    FG_KIND_FRONT_ENDS,
    FG_KIND_DOMAINS,
    FG_KIND_TRUST_ANCHORS,
    FG_KIND_CERTIFICATE_ASSIGNMENTS,
    FG_KINDS
};

/* As in the REST interface ("partners"). Parse: 0 or EINVAL, also for NULL. */
const char *fg_kind_name(enum fg_kind k);
int fg_kind_parse(const char *name, enum fg_kind *out);

enum fg_partner_type { FG_FEDERATED, FG_PUBLIC_VERIFIED, FG_PUBLIC_UNVERIFIED };
enum fg_partner_state { FG_PARTNER_ACTIVE, FG_PARTNER_SUSPENDED, FG_PARTNER_DRAINING };
enum fg_transport { FG_TLS, FG_TCP, FG_UDP };

const char *fg_partner_type_name(enum fg_partner_type t);
const char *fg_partner_state_name(enum fg_partner_state s);
const char *fg_transport_name(enum fg_transport t);

/* What every entry begins with. Given to a put function, only `hash` counts. */
struct fg_entry {
    struct fg_ref ref;
    uint8_t hash[FG_HASH_LEN]; /* SHA-256 of the object's canonical text */
    const char *key;
};

struct fg_partner {
    struct fg_entry entry;
    const char *domain;         /* primary */
    const char *const *domains; /* primary first, then the additional ones */
    size_t n_domains;
    enum fg_partner_type type;
    enum fg_need tls, sasl;
    bool dialback, keepalive;
    uint32_t connection_limit; /* 0: partner_connection_limit of the settings */
    const char *proxy_host; /* NULL: by SRV look-up; otherwise a prepared domain or an IP address */
    uint16_t proxy_port;    /* 0: none given */
    enum fg_partner_state state;
    int64_t valid_until_ms; /* wall clock, milliseconds since 1970; 0: for ever */
    struct fg_terms terms;  /* made from tls, sasl and dialback by the builder */
};

struct fg_policy_entry {
    struct fg_entry entry;
    const char *identity; /* global, site:NAME, user:NAME */
    bool federation_access, xmpp_access, public_cloud_access, outside_access;
};

struct fg_user {
    struct fg_entry entry;
    const char *address;      /* name@domain */
    const char *display_name; /* "" when none */
    const char *site;         /* NULL: none */
    const char *policy;       /* user:NAME; NULL: automatic */
    bool xmpp_excluded;
};

struct fg_site {
    struct fg_entry entry;
    const char *name;
    const char *xmpp_route; /* an edge's FQDN; NULL: any edge */
};

struct fg_edge {
    struct fg_entry entry;
    const char *fqdn;
    const char *site; /* NULL: none */
    const char *const *addresses;
    size_t n_addresses;
    uint16_t srv_priority, srv_weight;
};

struct fg_front_end {
    struct fg_entry entry;
    const char *name, *host; /* host: a prepared domain or an IP address */
    uint16_t port;
    enum fg_transport transport;
    const char *tls_name; /* the name its certificate must carry; never NULL */
    const char *site;     /* NULL: none */
};

struct fg_domain {
    struct fg_entry entry;
    const char *domain;
    const char *const *front_ends; /* names, in the order they are tried */
    size_t n_front_ends;
};

struct fg_trust_anchor {
    struct fg_entry entry;
    const char *name, *pem;
    bool external, internal;
};

struct fg_assignment {
    struct fg_entry entry;
    const char *usage;       /* external, internal, panel, external:DOMAIN */
    const char *certificate; /* id: 64 hex digits */
};

enum fg_client_certificate { FG_CLIENT_CERT_REQUIRED, FG_CLIENT_CERT_OPTIONAL };

struct fg_listener {
    const char *address;                           /* literal IP address without brackets */
    uint16_t port;                                 /* 0: any free one */
    enum fg_transport transport;                   /* XMPP: FG_TCP, direct TLS: FG_TLS */
    enum fg_client_certificate client_certificate; /* SIP over TLS only */
};

enum fg_dnssec { FG_DNSSEC_OFF, FG_DNSSEC_USE, FG_DNSSEC_REQUIRE };
enum fg_tls_version { FG_TLS_1_2, FG_TLS_1_3 };
enum fg_tls_preset { FG_PRESET_INTERMEDIATE, FG_PRESET_MODERN };

/* Where the audit also goes; not the engine's matter. */
enum fg_audit_syslog {
    FG_AUDIT_SYSLOG_OFF,
    FG_AUDIT_SYSLOG_LOCAL,
    FG_AUDIT_SYSLOG_UDP,
    FG_AUDIT_SYSLOG_TCP,
    FG_AUDIT_SYSLOG_TLS
};

/* The settings object; names and meanings as in the REST interface, units in the names. */
struct fg_settings {
    struct fg_entry entry;
    bool federation_enabled, four_eyes;
    uint32_t connection_limit, partner_connection_limit;
    uint32_t keepalive_interval_s, stream_establishment_timeout_s, stream_inactivity_timeout_s;
    uint32_t subscription_refresh_interval_s;
    struct {
        uint32_t unauthenticated_per_address, unauthenticated_total;
        uint32_t attempts_per_minute_per_address; /* 0: not limited */
        uint32_t stanza_bytes, unauthenticated_bytes, depth, attributes;
        uint32_t queue_per_partner, pending_verifications;
    } limits;
    const struct fg_listener *xmpp, *xmpp_direct_tls, *sip;
    size_t n_xmpp, n_xmpp_direct_tls, n_sip;
    const char *const *dns_servers; /* "address" or "address:port" literals; none: the system's */
    size_t n_dns_servers;
    enum fg_dnssec dnssec;
    enum fg_tls_version tls_min_version;
    enum fg_tls_preset tls_preset;
    bool log_message_bodies;         /* only until the time below */
    const char *log_message_partner; /* NULL: every partner */
    int64_t log_message_bodies_until_ms;
    enum fg_audit_syslog audit_syslog;
    const char *audit_syslog_address; /* "host" or "host:port"; NULL: none */
};

struct fg_snapshot;

struct fg_snapshot *fg_snapshot_get(const struct fg_snapshot *s);
/* Gives a reference back; NULL does nothing. Freeing may take milliseconds: not on the loop. */
void fg_snapshot_put(struct fg_snapshot *s);

uint64_t fg_snapshot_revision(const struct fg_snapshot *s);
/* Equal content gives an equal hash, however it came about; the revision is not part of it. */
const uint8_t *fg_snapshot_hash(const struct fg_snapshot *s);
const struct fg_settings *fg_snapshot_settings(const struct fg_snapshot *s); /* never NULL */

/* Look-ups; NULL when there is none. What they return lives as long as the snapshot. */
const struct fg_partner *fg_snapshot_partner(const struct fg_snapshot *s, const char *any_domain);
const struct fg_domain *fg_snapshot_domain(const struct fg_snapshot *s, const char *domain);
const struct fg_user *fg_snapshot_user(const struct fg_snapshot *s, const char *address);
const struct fg_site *fg_snapshot_site(const struct fg_snapshot *s, const char *name);
const struct fg_edge *fg_snapshot_edge(const struct fg_snapshot *s, const char *fqdn);
const struct fg_front_end *fg_snapshot_front_end(const struct fg_snapshot *s, const char *name);
const struct fg_policy_entry *fg_snapshot_policy(const struct fg_snapshot *s, const char *identity);
const struct fg_trust_anchor *fg_snapshot_trust_anchor(const struct fg_snapshot *s,
                                                       const char *name);
/* Certificate id for exactly this usage; NULL when none is assigned. */
const char *fg_snapshot_assignment(const struct fg_snapshot *s, const char *usage);
/* Certificate id for our XMPP side as `domain`: external:DOMAIN, else external, else NULL. */
const char *fg_snapshot_certificate_for(const struct fg_snapshot *s, const char *domain);
/* Any kind by its key (for partners the primary domain only). */
const struct fg_entry *fg_snapshot_find(const struct fg_snapshot *s, enum fg_kind kind,
                                        const char *key);

size_t fg_snapshot_count(const struct fg_snapshot *s, enum fg_kind kind);
/* Calls `each` for every entry of a kind, in no particular order, until it returns other than 0,
 * which is then returned. The entry is the first member of the kind's struct: cast it. */
int fg_snapshot_each(const struct fg_snapshot *s, enum fg_kind kind,
                     int (*each)(const struct fg_entry *e, void *arg), void *arg);

/* Hold a partner beyond its snapshot; put frees with the last reference. */
const struct fg_partner *fg_partner_get(const struct fg_partner *p);
void fg_partner_put(const struct fg_partner *p);

/* ---- building; one thread per builder ---- */

struct fg_snapshot_builder;

/* Starts from `base` (a reference is taken) or from nothing: default settings, the global policy
 * that denies, no other object. 0 or ENOMEM. */
int fg_snapshot_builder_new(struct fg_snapshot_builder **out, const struct fg_snapshot *base);
void fg_snapshot_builder_free(struct fg_snapshot_builder *b);

/* Insert or replace. Everything is copied; `entry.key`, `entry.ref` and `terms` are ignored. Keys
 * must be prepared. 0, EINVAL (no key) or ENOMEM. */
int fg_snapshot_put_settings(struct fg_snapshot_builder *b, const struct fg_settings *v);
int fg_snapshot_put_partner(struct fg_snapshot_builder *b, const struct fg_partner *v);
int fg_snapshot_put_policy(struct fg_snapshot_builder *b, const struct fg_policy_entry *v);
int fg_snapshot_put_user(struct fg_snapshot_builder *b, const struct fg_user *v);
int fg_snapshot_put_site(struct fg_snapshot_builder *b, const struct fg_site *v);
int fg_snapshot_put_edge(struct fg_snapshot_builder *b, const struct fg_edge *v);
int fg_snapshot_put_front_end(struct fg_snapshot_builder *b, const struct fg_front_end *v);
int fg_snapshot_put_domain(struct fg_snapshot_builder *b, const struct fg_domain *v);
int fg_snapshot_put_trust_anchor(struct fg_snapshot_builder *b, const struct fg_trust_anchor *v);
int fg_snapshot_put_assignment(struct fg_snapshot_builder *b, const struct fg_assignment *v);
/* Removes an object; settings and the global policy return to their defaults. 0, ENOENT, ENOMEM. */
int fg_snapshot_remove(struct fg_snapshot_builder *b, enum fg_kind kind, const char *key);

/* Makes the snapshot and leaves the builder empty, fit only for fg_snapshot_builder_free. 0 or
 * ENOMEM. A domain claimed by two partners belongs to one of them (see below). */
int fg_snapshot_builder_finish(struct fg_snapshot_builder *b, uint64_t revision,
                               struct fg_snapshot **out);
/* After finish, before free: tells of each domain that two partners of the new snapshot claim. */
void fg_snapshot_builder_clashes(const struct fg_snapshot_builder *b,
                                 void (*clash)(const char *domain, const char *partner,
                                               const char *other, void *arg),
                                 void *arg);

#endif
