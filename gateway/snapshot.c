/* See snapshot.h: names, look-ups and references. */
#include "gateway/snapshot_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/address.h"

static const char *const kind_names[FG_KINDS] = {
    [FG_KIND_SETTINGS] = "settings",
    [FG_KIND_PARTNERS] = "partners",
    [FG_KIND_POLICIES] = "policies",
    [FG_KIND_USERS] = "users",
    [FG_KIND_SITES] = "sites",
    [FG_KIND_EDGES] = "edges",
    [FG_KIND_FRONT_ENDS] = "front_ends",
    [FG_KIND_DOMAINS] = "domains",
    [FG_KIND_TRUST_ANCHORS] = "trust_anchors",
    [FG_KIND_CERTIFICATE_ASSIGNMENTS] = "certificate_assignments",
};

const char *fg_kind_name(enum fg_kind k)
{
    return (unsigned)k < FG_KINDS ? kind_names[k] : "";
}

int fg_kind_parse(const char *name, enum fg_kind *out)
{
    if (!name) return EINVAL;
    for (size_t i = 0; i < FG_KINDS; i++) {
        if (strcmp(name, kind_names[i]) != 0) continue;
        *out = (enum fg_kind)i;
        return 0;
    }
    return EINVAL;
}

const char *fg_partner_type_name(enum fg_partner_type t)
{
    static const char *const names[] = {"federated", "public_verified", "public_unverified"};
    return (unsigned)t < 3 ? names[t] : "";
}

const char *fg_partner_state_name(enum fg_partner_state s)
{
    static const char *const names[] = {"active", "suspended", "draining"};
    return (unsigned)s < 3 ? names[s] : "";
}

const char *fg_transport_name(enum fg_transport t)
{
    static const char *const names[] = {"tls", "tcp", "udp"};
    return (unsigned)t < 3 ? names[t] : "";
}

/* The count is the only thing that changes in a published object, and it is atomic. */
struct fg_snapshot *fg_snapshot_get(const struct fg_snapshot *s)
{
    struct fg_snapshot *w = (struct fg_snapshot *)(uintptr_t)s;
    fg_ref_get(&w->ref);
    return w;
}

void fg_snapshot_put(struct fg_snapshot *s)
{
    if (!s || !fg_ref_put(&s->ref)) return;
    for (size_t i = 0; i < FG_TABLES; i++) fg_table_put(s->tables[i]);
    free(s);
}

const struct fg_partner *fg_partner_get(const struct fg_partner *p)
{
    fg_ref_get((struct fg_ref *)(uintptr_t)&p->entry.ref);
    return p;
}

void fg_partner_put(const struct fg_partner *p)
{
    if (!p) return;
    struct fg_partner *w = (struct fg_partner *)(uintptr_t)p;
    if (fg_ref_put(&w->entry.ref)) free(w);
}

uint64_t fg_snapshot_revision(const struct fg_snapshot *s)
{
    return s->revision;
}

const uint8_t *fg_snapshot_hash(const struct fg_snapshot *s)
{
    return s->hash;
}

const struct fg_entry *fg_snapshot_find(const struct fg_snapshot *s, enum fg_kind kind,
                                        const char *key)
{
    return (unsigned)kind < FG_KINDS ? fg_table_find(s->tables[kind], key) : NULL;
}

const struct fg_settings *fg_snapshot_settings(const struct fg_snapshot *s)
{
    return (const struct fg_settings *)fg_snapshot_find(s, FG_KIND_SETTINGS, "settings");
}

const struct fg_partner *fg_snapshot_partner(const struct fg_snapshot *s, const char *any_domain)
{
    const struct fg_entry *e = fg_table_find(s->tables[FG_TABLE_PARTNER_DOMAINS], any_domain);
    return e ? ((const struct fg_partner_domain *)e)->partner : NULL;
}

const struct fg_domain *fg_snapshot_domain(const struct fg_snapshot *s, const char *domain)
{
    return (const struct fg_domain *)fg_snapshot_find(s, FG_KIND_DOMAINS, domain);
}

const struct fg_user *fg_snapshot_user(const struct fg_snapshot *s, const char *address)
{
    return (const struct fg_user *)fg_snapshot_find(s, FG_KIND_USERS, address);
}

const struct fg_site *fg_snapshot_site(const struct fg_snapshot *s, const char *name)
{
    return (const struct fg_site *)fg_snapshot_find(s, FG_KIND_SITES, name);
}

const struct fg_edge *fg_snapshot_edge(const struct fg_snapshot *s, const char *fqdn)
{
    return (const struct fg_edge *)fg_snapshot_find(s, FG_KIND_EDGES, fqdn);
}

const struct fg_front_end *fg_snapshot_front_end(const struct fg_snapshot *s, const char *name)
{
    return (const struct fg_front_end *)fg_snapshot_find(s, FG_KIND_FRONT_ENDS, name);
}

const struct fg_policy_entry *fg_snapshot_policy(const struct fg_snapshot *s, const char *identity)
{
    return (const struct fg_policy_entry *)fg_snapshot_find(s, FG_KIND_POLICIES, identity);
}

const struct fg_trust_anchor *fg_snapshot_trust_anchor(const struct fg_snapshot *s,
                                                       const char *name)
{
    return (const struct fg_trust_anchor *)fg_snapshot_find(s, FG_KIND_TRUST_ANCHORS, name);
}

const char *fg_snapshot_assignment(const struct fg_snapshot *s, const char *usage)
{
    const struct fg_entry *e = fg_snapshot_find(s, FG_KIND_CERTIFICATE_ASSIGNMENTS, usage);
    return e ? ((const struct fg_assignment *)e)->certificate : NULL;
}

const char *fg_snapshot_certificate_for(const struct fg_snapshot *s, const char *domain)
{
    char usage[FG_DOMAIN_MAX + sizeof "external:"];
    int n = snprintf(usage, sizeof usage, "external:%s", domain);
    const char *own = n > 0 && (size_t)n < sizeof usage ? fg_snapshot_assignment(s, usage) : NULL;
    return own ? own : fg_snapshot_assignment(s, "external");
}

size_t fg_snapshot_count(const struct fg_snapshot *s, enum fg_kind kind)
{
    return (unsigned)kind < FG_KINDS ? fg_table_count(s->tables[kind]) : 0;
}

int fg_snapshot_each(const struct fg_snapshot *s, enum fg_kind kind,
                     int (*each)(const struct fg_entry *e, void *arg), void *arg)
{
    return (unsigned)kind < FG_KINDS ? fg_table_each(s->tables[kind], each, arg) : EINVAL;
}
