/* See policy.h. Each gate is a function that answers with a rule; the gates stand in a table in the
 * order in which they are asked. */
#include "gateway/policy.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What a gate says. `pass` with a rule of its own name is what a trace shows. */
struct answer {
    const char *rule;    /* static */
    const char *because; /* static sentence */
    const char *remedy;
    const char *kind, *key; /* the object that decided; key NULL: none */
    bool pass;
};

static struct answer pass(const char *rule, const char *because, const char *kind, const char *key)
{
    return (struct answer){rule, because, "", kind, key, true};
}

static struct answer fail(const char *rule, const char *because, const char *remedy,
                          const char *kind, const char *key)
{
    return (struct answer){rule, because, remedy, kind, key, false};
}

/* ---- the seven gates ---- */

static struct answer ask_federation(const struct fg_snapshot *s, const struct fg_policy_query *q)
{
    (void)q;
    if (!fg_snapshot_settings(s)->federation_enabled)
        return fail("federation_disabled", "Federation is switched off for the whole gateway.",
                    "Switch federation on in the settings.", "settings", "settings");
    return pass("federation_enabled", "Federation is switched on.", "settings", "settings");
}

static struct answer ask_own_domain(const struct fg_snapshot *s, const struct fg_policy_query *q)
{
    if (!fg_snapshot_domain(s, q->inner_domain))
        return fail("domain_not_ours", "The inner address is in no domain of ours.",
                    "Add the domain under Topology, Domains.", "domains", NULL);
    return pass("domain_ours", "The inner domain is ours.", "domains", q->inner_domain);
}

static struct answer ask_partner(const struct fg_snapshot *s, const struct fg_policy_query *q)
{
    const struct fg_partner *p = fg_snapshot_partner(s, q->outer_domain);
    if (!p)
        return fail("partner_not_listed", "The outer domain is on no partner's list.",
                    "Add it under XMPP Federated Partners if it should be one.", "partners", NULL);
    if (p->state == FG_PARTNER_SUSPENDED)
        return fail("partner_suspended", "The partner is suspended.", "Set its state to active.",
                    "partners", p->domain);
    if (p->valid_until_ms && q->now_ms >= p->valid_until_ms)
        return fail("partner_expired", "The agreement with this partner has ended.",
                    "Set a later end or none in valid_until.", "partners", p->domain);
    if (p->state == FG_PARTNER_DRAINING && !q->established)
        return fail("partner_draining", "The partner is being drained: nothing new is begun.",
                    "Set its state to active.", "partners", p->domain);
    return pass("partner_listed", "The outer domain belongs to a partner.", "partners", p->domain);
}

static struct answer ask_policy(const struct fg_snapshot *s, const struct fg_policy_query *q)
{
    struct fg_effective e = fg_effective_policy(s, q->inner);
    if (!e.policy->federation_access)
        return fail("policy_federation_access",
                    "The inner user's policy does not allow communication with federated users.",
                    "Enable federation_access in this policy, or assign another one.", "policies",
                    e.identity);
    if (!e.policy->xmpp_access)
        return fail("policy_xmpp_access",
                    "The inner user's policy does not allow communication with XMPP partners.",
                    "Enable xmpp_access in this policy, or assign another one.", "policies",
                    e.identity);
    return pass("policy_allows", "The inner user's policy allows XMPP federation.", "policies",
                e.identity);
}

static struct answer ask_user_and_site(const struct fg_snapshot *s, const struct fg_policy_query *q)
{
    const struct fg_user *u = fg_snapshot_user(s, q->inner);
    if (!u)
        return pass("user_not_listed", "The inner user is not listed, so no site restricts them.",
                    "users", NULL);
    if (u->xmpp_excluded)
        return fail("user_excluded", "The inner user is excluded from XMPP.",
                    "Clear xmpp_excluded for this user.", "users", u->address);
    const struct fg_site *site = u->site ? fg_snapshot_site(s, u->site) : NULL;
    if (site && site->xmpp_route && q->edge && strcmp(site->xmpp_route, q->edge) != 0)
        return fail("route_elsewhere", "The inner user's site is routed to another edge.",
                    "Change the site's xmpp_route, or use that edge.", "sites", site->name);
    return pass("user_may_pass", "Neither the user nor the site forbids it.", "users", u->address);
}

static struct answer ask_partner_type(const struct fg_snapshot *s, const struct fg_policy_query *q)
{
    const struct fg_partner *p = fg_snapshot_partner(s, q->outer_domain);
    if (!q->inbound)
        return pass("outbound", "The partner type restricts only what comes in.", "partners",
                    p->domain);
    if (p->type != FG_PUBLIC_UNVERIFIED)
        return pass("partner_type_open", "Contacts of such a partner may write first.", "partners",
                    p->domain);
    if (!q->contact_known)
        return fail(
            "not_a_contact",
            "The partner is public and unverified, and the inner user has not added this contact.",
            "The inner user adds the contact first; or change the partner type.", "partners",
            p->domain);
    return pass("known_contact", "The inner user has added this contact.", "partners", p->domain);
}

static struct answer ask_transport(const struct fg_snapshot *s, const struct fg_policy_query *q)
{
    const struct fg_partner *p = fg_snapshot_partner(s, q->outer_domain);
    if (!p->terms.valid)
        return fail("no_method", "The partner's TLS, SASL and dialback settings leave no method.",
                    "Choose a combination that leaves a method.", "partners", p->domain);
    return pass("method_available", "At least one authentication method is allowed.", "partners",
                p->domain);
}

static const struct {
    const char *name;
    struct answer (*ask)(const struct fg_snapshot *s, const struct fg_policy_query *q);
} gates[FG_GATES] = {
    [FG_GATE_FEDERATION] = {"federation", ask_federation},
    [FG_GATE_OWN_DOMAIN] = {"own_domain", ask_own_domain},
    [FG_GATE_PARTNER] = {"partner", ask_partner},
    [FG_GATE_POLICY] = {"policy", ask_policy},
    [FG_GATE_USER_AND_SITE] = {"user_and_site", ask_user_and_site},
    [FG_GATE_PARTNER_TYPE] = {"partner_type", ask_partner_type},
    [FG_GATE_TRANSPORT] = {"transport", ask_transport},
};

/* ---- asking ---- */

/* Names cut to fit: the verdict is a record to be kept, not a key to look things up with. */
static void print(char *out, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void print(char *out, size_t size, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(out, size, fmt, ap);
    va_end(ap);
    if (n < 0) out[0] = '\0';
}

static void name_object(const struct answer *a, char out[FG_OBJECT_MAX])
{
    out[0] = '\0';
    if (a->key) print(out, FG_OBJECT_MAX, "%s/%s", a->kind, a->key);
}

/* Whom or what the question of a gate is about, for the sentence of the trace. */
static const char *subject(enum fg_gate g, const struct fg_policy_query *q)
{
    switch (g) {
    case FG_GATE_OWN_DOMAIN:
        return q->inner_domain;
    case FG_GATE_PARTNER:
    case FG_GATE_TRANSPORT:
        return q->outer_domain;
    case FG_GATE_POLICY:
    case FG_GATE_USER_AND_SITE:
        return q->inner;
    case FG_GATE_PARTNER_TYPE:
        return q->outer;
    case FG_GATE_FEDERATION:
    case FG_GATES:
        break;
    }
    return NULL;
}

static void trace_answer(struct fg_gate_trace *t, const struct answer *a, const char *about)
{
    t->verdict = a->pass ? FG_GATE_PASS : FG_GATE_FAIL;
    t->rule = a->rule;
    name_object(a, t->object);
    if (about)
        print(t->because, sizeof t->because, "%s: %s", about, a->because);
    else
        print(t->because, sizeof t->because, "%s", a->because);
}

static void refuse(struct fg_verdict *out, enum fg_gate g, const struct answer *a)
{
    out->allow = false;
    out->gate = g;
    out->rule = a->rule;
    out->because = a->because;
    out->remedy = a->remedy;
    name_object(a, out->object);
}

void fg_policy_ask(const struct fg_snapshot *s, const struct fg_policy_query *q,
                   struct fg_verdict *out, struct fg_gate_trace trace[FG_GATES])
{
    out->allow = true;
    out->gate = FG_GATES;
    out->rule = "allowed";
    out->because = "Every gate lets it pass.";
    out->remedy = "";
    out->object[0] = '\0';
    out->revision = fg_snapshot_revision(s);
    for (int i = 0; i < FG_GATES; i++) {
        enum fg_gate g = (enum fg_gate)i;
        if (trace)
            trace[i] = (struct fg_gate_trace){.gate = g, .verdict = FG_GATE_NOT_ASKED, .rule = ""};
        if (!out->allow) continue;
        struct answer a = gates[i].ask(s, q);
        if (trace) trace_answer(&trace[i], &a, subject(g, q));
        if (!a.pass) refuse(out, g, &a);
        if (!a.pass && !trace) return;
    }
}

struct fg_effective fg_effective_policy(const struct fg_snapshot *s, const char *user)
{
    const struct fg_user *u = fg_snapshot_user(s, user);
    const struct fg_policy_entry *p = u && u->policy ? fg_snapshot_policy(s, u->policy) : NULL;
    if (p) return (struct fg_effective){p, p->identity, "assigned_to_user"};
    if (u && u->site) {
        char identity[FG_OBJECT_MAX];
        print(identity, sizeof identity, "site:%s", u->site);
        p = fg_snapshot_policy(s, identity);
        if (p) return (struct fg_effective){p, p->identity, "policy_of_site"};
    }
    p = fg_snapshot_policy(s, "global");
    return (struct fg_effective){p, p->identity, "global"};
}

bool fg_sees_note(enum fg_partner_type t)
{
    return t == FG_FEDERATED;
}

const char *fg_ask_name(enum fg_ask a)
{
    static const char *const names[] = {"message", "presence", "subscribe"};
    return (unsigned)a < 3 ? names[a] : "";
}

const char *fg_gate_name(enum fg_gate g)
{
    return (unsigned)g < FG_GATES ? gates[g].name : "";
}

const char *fg_gate_verdict_name(enum fg_gate_verdict v)
{
    static const char *const names[] = {"pass", "fail", "not_asked"};
    return (unsigned)v < 3 ? names[v] : "";
}
