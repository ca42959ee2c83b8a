/* The seven gates: each rule alone, their order, precedence of policies, the trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/policy.h"

/* A configuration in which everything passes; each test changes one thing. */
struct world {
    struct fg_settings settings;
    struct fg_partner partner;
    struct fg_policy_entry global, site, user_policy;
    bool with_site_policy, with_user_policy;
    struct fg_user user;
    struct fg_site site_object;
    struct fg_policy_query q;
};

static const char *const partner_domains[] = {"partner.example", "second.example"};

static struct world open_world(void)
{
    return (struct world){
        .settings = {.federation_enabled = true},
        .partner = {.domain = "partner.example",
                    .domains = partner_domains,
                    .n_domains = 2,
                    .type = FG_FEDERATED,
                    .tls = FG_REQUIRED,
                    .sasl = FG_OPTIONAL,
                    .dialback = true},
        .global = {.identity = "global", .federation_access = true, .xmpp_access = true},
        .site = {.identity = "site:paris"},
        .user_policy = {.identity = "user:staff"},
        .user = {.address = "alice@own.example", .site = "paris"},
        .site_object = {.name = "paris"},
        .q = {.ask = FG_ASK_MESSAGE,
              .inbound = true,
              .inner = "alice@own.example",
              .inner_domain = "own.example",
              .outer = "bob@second.example",
              .outer_domain = "second.example",
              .now_ms = 1000},
    };
}

static struct fg_snapshot *build(const struct world *w)
{
    struct fg_snapshot_builder *b = NULL;
    struct fg_snapshot *s = NULL;
    assert_int_equal(fg_snapshot_builder_new(&b, NULL), 0);
    assert_int_equal(fg_snapshot_put_settings(b, &w->settings), 0);
    assert_int_equal(fg_snapshot_put_partner(b, &w->partner), 0);
    assert_int_equal(fg_snapshot_put_policy(b, &w->global), 0);
    if (w->with_site_policy) assert_int_equal(fg_snapshot_put_policy(b, &w->site), 0);
    if (w->with_user_policy) assert_int_equal(fg_snapshot_put_policy(b, &w->user_policy), 0);
    assert_int_equal(fg_snapshot_put_user(b, &w->user), 0);
    assert_int_equal(fg_snapshot_put_site(b, &w->site_object), 0);
    assert_int_equal(fg_snapshot_put_domain(b, &(struct fg_domain){.domain = "own.example"}), 0);
    assert_int_equal(fg_snapshot_builder_finish(b, 42, &s), 0);
    fg_snapshot_builder_free(b);
    return s;
}

static struct fg_gate_trace trace[FG_GATES];

static struct fg_verdict ask(const struct world *w)
{
    struct fg_snapshot *s = build(w);
    struct fg_verdict plain, traced;
    fg_policy_ask(s, &w->q, &plain, NULL);
    fg_policy_ask(s, &w->q, &traced, trace);
    assert_string_equal(plain.rule, traced.rule);
    assert_string_equal(plain.object, traced.object);
    assert_int_equal(plain.allow, traced.allow);
    assert_int_equal(plain.gate, traced.gate);
    assert_int_equal(plain.revision, 42);
    fg_snapshot_put(s);
    return plain;
}

static void expect(const struct world *w, const char *rule, enum fg_gate gate, const char *object)
{
    struct fg_verdict v = ask(w);
    assert_string_equal(v.rule, rule);
    assert_int_equal(v.allow, gate == FG_GATES);
    assert_int_equal(v.gate, gate);
    assert_string_equal(v.object, object);
    for (int i = 0; i < FG_GATES; i++) {
        enum fg_gate_verdict want = i < (int)gate    ? FG_GATE_PASS
                                    : i == (int)gate ? FG_GATE_FAIL
                                                     : FG_GATE_NOT_ASKED;
        assert_int_equal(trace[i].verdict, want);
        assert_int_equal(trace[i].because[0] != '\0', want != FG_GATE_NOT_ASKED);
    }
    assert_true(v.allow || v.remedy[0]);
}

static void test_gates(void **state)
{
    (void)state;
    struct world w = open_world();
    expect(&w, "allowed", FG_GATES, "");

    w.settings.federation_enabled = false;
    expect(&w, "federation_disabled", FG_GATE_FEDERATION, "settings/settings");

    w = open_world();
    w.q.inner_domain = "foreign.example";
    expect(&w, "domain_not_ours", FG_GATE_OWN_DOMAIN, "");

    w = open_world();
    w.q.outer_domain = "third.example";
    expect(&w, "partner_not_listed", FG_GATE_PARTNER, "");

    w = open_world();
    w.partner.state = FG_PARTNER_SUSPENDED;
    expect(&w, "partner_suspended", FG_GATE_PARTNER, "partners/partner.example");
    w.partner.state = FG_PARTNER_DRAINING;
    expect(&w, "partner_draining", FG_GATE_PARTNER, "partners/partner.example");
    w.q.established = true;
    expect(&w, "allowed", FG_GATES, "");

    w = open_world();
    w.partner.valid_until_ms = 1001;
    expect(&w, "allowed", FG_GATES, "");
    w.q.now_ms = 1001;
    expect(&w, "partner_expired", FG_GATE_PARTNER, "partners/partner.example");

    w = open_world();
    w.global.federation_access = false;
    expect(&w, "policy_federation_access", FG_GATE_POLICY, "policies/global");
    w.global.federation_access = true;
    w.global.xmpp_access = false;
    expect(&w, "policy_xmpp_access", FG_GATE_POLICY, "policies/global");

    w = open_world();
    w.user.xmpp_excluded = true;
    expect(&w, "user_excluded", FG_GATE_USER_AND_SITE, "users/alice@own.example");

    w = open_world();
    w.partner.sasl = FG_NOT_SUPPORTED;
    w.partner.dialback = false;
    expect(&w, "no_method", FG_GATE_TRANSPORT, "partners/partner.example");
}

static void test_routes(void **state)
{
    (void)state;
    struct world w = open_world();
    w.site_object.xmpp_route = "edge1.example";
    expect(&w, "allowed", FG_GATES, ""); /* we were not told which edge we are */
    w.q.edge = "edge1.example";
    expect(&w, "allowed", FG_GATES, "");
    w.q.edge = "edge2.example";
    expect(&w, "route_elsewhere", FG_GATE_USER_AND_SITE, "sites/paris");
    w.user.site = NULL;
    expect(&w, "allowed", FG_GATES, "");
}

static void test_partner_types(void **state)
{
    (void)state;
    struct world w = open_world();
    w.partner.type = FG_PUBLIC_VERIFIED;
    expect(&w, "allowed", FG_GATES, "");
    w.partner.type = FG_PUBLIC_UNVERIFIED;
    expect(&w, "not_a_contact", FG_GATE_PARTNER_TYPE, "partners/partner.example");
    w.q.contact_known = true;
    expect(&w, "allowed", FG_GATES, "");
    w.q.contact_known = false;
    w.q.inbound = false;
    expect(&w, "allowed", FG_GATES, "");
    assert_true(fg_sees_note(FG_FEDERATED));
    assert_false(fg_sees_note(FG_PUBLIC_VERIFIED));
    assert_false(fg_sees_note(FG_PUBLIC_UNVERIFIED));
}

static void expect_policy(const struct world *w, const char *user, const char *identity,
                          const char *because)
{
    struct fg_snapshot *s = build(w);
    struct fg_effective e = fg_effective_policy(s, user);
    assert_string_equal(e.identity, identity);
    assert_string_equal(e.because, because);
    fg_snapshot_put(s);
}

static void test_precedence(void **state)
{
    (void)state;
    struct world w = open_world();
    expect_policy(&w, "alice@own.example", "global", "global");
    w.with_site_policy = true;
    expect_policy(&w, "alice@own.example", "site:paris", "policy_of_site");
    expect(&w, "policy_federation_access", FG_GATE_POLICY, "policies/site:paris");
    w.with_user_policy = true;
    expect_policy(&w, "alice@own.example", "site:paris", "policy_of_site"); /* not granted */
    w.user.policy = "user:staff";
    expect_policy(&w, "alice@own.example", "user:staff", "assigned_to_user");
    /* As a whole: what the nearest does not allow, a wider one does not add. */
    w.user_policy.federation_access = true;
    expect(&w, "policy_xmpp_access", FG_GATE_POLICY, "policies/user:staff");
    w.user_policy.xmpp_access = true;
    expect(&w, "allowed", FG_GATES, "");
    expect_policy(&w, "nobody@own.example", "global", "global");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gates),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_partner_types),
        cmocka_unit_test(test_precedence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
