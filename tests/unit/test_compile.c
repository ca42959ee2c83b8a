/* Compiling: every field arrives, references are checked in both directions, building in steps
 * gives the same as building at once. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/model/compile.h"
#include "server/model/model.h"

#define CERT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* One object: kind, key, input (NULL: removed). */
struct object {
    enum fg_kind kind;
    const char *key, *text;
};

static void judge_certificate(const struct fg_snapshot *s, const char *usage, const char *id,
                              struct fg_fit *out, void *arg)
{
    const char *refused = arg;
    (void)s;
    *out = (struct fg_fit){.found = strcmp(id, CERT) == 0};
    if (!refused || strcmp(usage, refused) != 0) return;
    out->refused = true;
    out->problem = (struct fg_fit_note){"certificate_expired", "expired"};
}

static json_t *body_of(const struct object *o)
{
    if (!o->text) return NULL;
    struct fg_problems p;
    fg_problems_init(&p);
    json_t *in = json_loads(o->text, 0, NULL);
    json_t *b = fg_model_parse(o->kind, o->key, FG_MODEL_PUT, in, NULL, 0, "", &p);
    if (!b) fail_msg("%s: %s %s", o->key, p.items[0].pointer, p.items[0].message);
    json_decref(in);
    fg_problems_free(&p);
    return b;
}

static struct fg_snapshot *compile(const struct fg_snapshot *base, const struct object *list,
                                   size_t n, struct fg_problems *problems,
                                   struct fg_problems *warnings)
{
    struct fg_compile_change changes[16];
    struct fg_compile_checks checks = {.certificate = judge_certificate};
    struct fg_snapshot *s = NULL;
    assert_true(n <= 16);
    for (size_t i = 0; i < n; i++)
        changes[i] = (struct fg_compile_change){list[i].kind, list[i].key, body_of(&list[i])};
    int err = fg_compile(base, changes, n, 7, &checks, &s, problems, warnings);
    assert_int_equal(err != 0, !fg_problems_none(problems));
    assert_non_null(s);
    for (size_t i = 0; i < n; i++) json_decref((json_t *)(uintptr_t)changes[i].body);
    return s;
}

static struct fg_snapshot *good(const struct fg_snapshot *base, const struct object *list, size_t n)
{
    struct fg_problems p;
    fg_problems_init(&p);
    struct fg_snapshot *s = compile(base, list, n, &p, NULL);
    if (p.count) fail_msg("%s: %s", p.items[0].pointer, p.items[0].message);
    return s;
}

/* One problem at this pointer with this code, and no other. */
static void bad(const struct fg_snapshot *base, const struct object *list, size_t n,
                const char *fault)
{
    struct fg_problems p;
    fg_problems_init(&p);
    fg_snapshot_put(compile(base, list, n, &p, NULL));
    char line[400];
    assert_true(p.count > 0);
    snprintf(line, sizeof line, "%s %s", p.items[0].pointer, p.items[0].code);
    assert_string_equal(line, fault);
    if (p.count != 1) fail_msg("also: %s %s", p.items[1].pointer, p.items[1].code);
    fg_problems_free(&p);
}

#define BAD(base, fault, ...)                                                                      \
    bad(base, (const struct object[]){__VA_ARGS__},                                                \
        sizeof((const struct object[]){__VA_ARGS__}) / sizeof(struct object), fault)

static const struct object house[] = {
    {FG_KIND_SETTINGS, "settings",
     "{\"federation_enabled\":true,\"connection_limit\":7,\"partner_connection_limit\":3,"
     "\"keepalive_interval\":11,\"stream_establishment_timeout\":12,\"stream_inactivity_timeout\":"
     "33,"
     "\"subscription_refresh_interval\":61,\"limits\":{\"unauthenticated_per_address\":1,"
     "\"unauthenticated_total\":2,\"attempts_per_minute_per_address\":3,\"stanza_bytes\":10001,"
     "\"unauthenticated_bytes\":5000,\"depth\":9,\"attributes\":10,\"queue_per_partner\":11,"
     "\"pending_verifications\":12},\"listeners\":{\"xmpp\":[\"127.0.0.1:1\",\"[::1]:2\"],"
     "\"xmpp_direct_tls\":[\"127.0.0.1:3\"],\"sip\":[{\"address\":\"[::1]:4\",\"transport\":"
     "\"udp\"},"
     "{\"address\":\"[::1]:5\",\"client_certificate\":\"optional\"}]},"
     "\"dns\":{\"servers\":[\"192.0.2.53:5353\"],\"dnssec\":\"require\"},"
     "\"tls\":{\"min_version\":\"1.3\",\"preset\":\"modern\"},"
     "\"log_message_bodies\":{\"partner\":\"p.example\",\"until\":\"1970-01-01T00:00:01Z\"},"
     "\"audit_syslog\":{\"transport\":\"tls\",\"address\":\"log.example:7\"},\"four_eyes\":true}"},
    {FG_KIND_PARTNERS, "p.example",
     "{\"additional_domains\":[\"q.example\"],\"partner_type\":\"federated\",\"tls\":\"optional\","
     "\"sasl\":\"not_supported\",\"keepalive\":false,\"connection_limit\":4,"
     "\"proxy\":\"[2001:db8::1]:5270\",\"state\":\"draining\",\"valid_until\":\"1970-01-01T00:00:"
     "02Z\"}"},
    {FG_KIND_POLICIES, "user:staff", "{\"federation_access\":true,\"xmpp_access\":true}"},
    {FG_KIND_POLICIES, "site:paris", "{\"federation_access\":true}"},
    {FG_KIND_USERS, "alice@own.example",
     "{\"display_name\":\"Alice\",\"site\":\"paris\",\"policy\":\"user:staff\",\"xmpp_excluded\":"
     "true}"},
    {FG_KIND_SITES, "paris", "{\"xmpp_route\":\"edge.own.example\"}"},
    {FG_KIND_EDGES, "edge.own.example",
     "{\"site\":\"paris\",\"addresses\":[\"192.0.2.1\"],\"srv_priority\":1,\"srv_weight\":2}"},
    {FG_KIND_FRONT_ENDS, "fe1", "{\"host\":\"fe1.own.example\",\"site\":\"paris\"}"},
    {FG_KIND_FRONT_ENDS, "fe2", "{\"host\":\"192.0.2.9\",\"port\":5060,\"transport\":\"tcp\"}"},
    {FG_KIND_DOMAINS, "own.example", "{\"front_ends\":[\"fe2\",\"fe1\"]}"},
    {FG_KIND_CERTIFICATE_ASSIGNMENTS, "external", "{\"certificate\":\"" CERT "\"}"},
};
enum { HOUSE = sizeof house / sizeof house[0] };

static void check_settings(const struct fg_settings *v)
{
    assert_true(v->federation_enabled && v->four_eyes);
    assert_int_equal(v->connection_limit, 7);
    assert_int_equal(v->partner_connection_limit, 3);
    assert_int_equal(v->keepalive_interval_s, 11);
    assert_int_equal(v->stream_establishment_timeout_s, 12);
    assert_int_equal(v->stream_inactivity_timeout_s, 33);
    assert_int_equal(v->subscription_refresh_interval_s, 61);
    assert_int_equal(v->limits.unauthenticated_per_address, 1);
    assert_int_equal(v->limits.unauthenticated_total, 2);
    assert_int_equal(v->limits.attempts_per_minute_per_address, 3);
    assert_int_equal(v->limits.stanza_bytes, 10001);
    assert_int_equal(v->limits.unauthenticated_bytes, 5000);
    assert_int_equal(v->limits.depth, 9);
    assert_int_equal(v->limits.attributes, 10);
    assert_int_equal(v->limits.queue_per_partner, 11);
    assert_int_equal(v->limits.pending_verifications, 12);
    assert_int_equal(v->n_xmpp, 2);
    assert_string_equal(v->xmpp[1].address, "::1");
    assert_int_equal(v->xmpp[1].port, 2);
    assert_int_equal(v->xmpp[1].transport, FG_TCP);
    assert_int_equal(v->xmpp_direct_tls[0].transport, FG_TLS);
    assert_int_equal(v->n_sip, 2);
    assert_int_equal(v->sip[0].transport, FG_UDP);
    assert_int_equal(v->sip[1].client_certificate, FG_CLIENT_CERT_OPTIONAL);
    assert_string_equal(v->dns_servers[0], "192.0.2.53:5353");
    assert_int_equal(v->dnssec, FG_DNSSEC_REQUIRE);
    assert_int_equal(v->tls_min_version, FG_TLS_1_3);
    assert_int_equal(v->tls_preset, FG_PRESET_MODERN);
    assert_true(v->log_message_bodies);
    assert_string_equal(v->log_message_partner, "p.example");
    assert_int_equal(v->log_message_bodies_until_ms, 1000);
    assert_int_equal(v->audit_syslog, FG_AUDIT_SYSLOG_TLS);
    assert_string_equal(v->audit_syslog_address, "log.example:7");
}

static void test_fields_arrive(void **state)
{
    (void)state;
    struct fg_snapshot *s = good(NULL, house, HOUSE);
    assert_int_equal(fg_snapshot_revision(s), 7);
    check_settings(fg_snapshot_settings(s));
    const struct fg_partner *p = fg_snapshot_partner(s, "q.example");
    assert_string_equal(p->domain, "p.example");
    assert_int_equal(p->type, FG_FEDERATED);
    assert_int_equal(p->terms.row, 15);
    assert_false(p->keepalive);
    assert_int_equal(p->connection_limit, 4);
    assert_string_equal(p->proxy_host, "2001:db8::1");
    assert_int_equal(p->proxy_port, 5270);
    assert_int_equal(p->state, FG_PARTNER_DRAINING);
    assert_int_equal(p->valid_until_ms, 2000);
    assert_true(fg_snapshot_policy(s, "user:staff")->xmpp_access);
    const struct fg_user *u = fg_snapshot_user(s, "alice@own.example");
    assert_string_equal(u->display_name, "Alice");
    assert_string_equal(u->policy, "user:staff");
    assert_true(u->xmpp_excluded);
    assert_string_equal(fg_snapshot_site(s, "paris")->xmpp_route, "edge.own.example");
    assert_int_equal(fg_snapshot_edge(s, "edge.own.example")->srv_weight, 2);
    const struct fg_front_end *f = fg_snapshot_front_end(s, "fe1");
    assert_int_equal(f->port, 5061);
    assert_string_equal(f->tls_name, "fe1.own.example");
    assert_int_equal(fg_snapshot_front_end(s, "fe2")->transport, FG_TCP);
    assert_string_equal(fg_snapshot_domain(s, "own.example")->front_ends[0], "fe2");
    assert_string_equal(fg_snapshot_assignment(s, "external"), CERT);
    json_t *body = fg_model_default(FG_KIND_USERS, "x");
    json_t *shown = fg_model_print(FG_KIND_USERS, "alice@own.example", body, s);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(shown, "effective_policy"), "identity")),
        "user:staff");
    json_decref(shown);
    json_decref(body);
    fg_snapshot_put(s);
}

/* The builder's own defaults and those of the field tables are the same. */
static void test_defaults_agree(void **state)
{
    (void)state;
    struct fg_snapshot *s = good(NULL, NULL, 0), *plain = NULL;
    struct fg_snapshot_builder *b = NULL;
    assert_int_equal(fg_snapshot_builder_new(&b, NULL), 0);
    assert_int_equal(fg_snapshot_builder_finish(b, 0, &plain), 0);
    fg_snapshot_builder_free(b);
    struct fg_settings x = *fg_snapshot_settings(s), y = *fg_snapshot_settings(plain);
    assert_memory_equal(&x.limits, &y.limits, sizeof x.limits);
    assert_int_equal(x.connection_limit, y.connection_limit);
    assert_int_equal(x.partner_connection_limit, y.partner_connection_limit);
    assert_int_equal(x.keepalive_interval_s, y.keepalive_interval_s);
    assert_int_equal(x.stream_establishment_timeout_s, y.stream_establishment_timeout_s);
    assert_int_equal(x.stream_inactivity_timeout_s, y.stream_inactivity_timeout_s);
    assert_int_equal(x.subscription_refresh_interval_s, y.subscription_refresh_interval_s);
    assert_int_equal(x.federation_enabled, y.federation_enabled);
    assert_int_equal(x.n_xmpp, y.n_xmpp);
    assert_string_equal(x.xmpp[0].address, y.xmpp[0].address);
    assert_int_equal(x.xmpp[0].port, y.xmpp[0].port);
    assert_int_equal(x.xmpp[0].transport, y.xmpp[0].transport);
    assert_int_equal(x.n_sip, y.n_sip);
    assert_int_equal(x.sip[0].port, y.sip[0].port);
    assert_int_equal(x.sip[0].client_certificate, y.sip[0].client_certificate);
    assert_int_equal(x.n_xmpp_direct_tls, y.n_xmpp_direct_tls);
    assert_int_equal(x.n_dns_servers, y.n_dns_servers);
    assert_int_equal(x.dnssec, y.dnssec);
    assert_int_equal(x.tls_min_version, y.tls_min_version);
    assert_int_equal(x.tls_preset, y.tls_preset);
    assert_int_equal(x.log_message_bodies, y.log_message_bodies);
    assert_int_equal(x.audit_syslog, y.audit_syslog);
    fg_snapshot_put(s);
    fg_snapshot_put(plain);
}

static void test_steps_equal_whole(void **state)
{
    (void)state;
    struct fg_snapshot *whole = good(NULL, house, HOUSE), *s = good(NULL, NULL, 0);
    static const int order[HOUSE] = {1, 6, 5, 2, 3, 7, 8, 9, 10, 4, 0};
    struct object first_edge = {FG_KIND_EDGES, "edge.own.example", "{}"};
    struct fg_snapshot *next = good(s, &first_edge, 1);
    fg_snapshot_put(s);
    s = next;
    struct object first_site = {FG_KIND_SITES, "paris", "{}"};
    next = good(s, &first_site, 1);
    fg_snapshot_put(s);
    s = next;
    for (int i = 0; i < HOUSE; i++) {
        next = good(s, &house[order[i]], 1);
        fg_snapshot_put(s);
        s = next;
    }
    assert_memory_equal(fg_snapshot_hash(s), fg_snapshot_hash(whole), FG_HASH_LEN);
    /* Resetting what is permanent leads back as well. */
    const struct object undo[] = {{FG_KIND_SETTINGS, "settings", NULL},
                                  {FG_KIND_POLICIES, "global", NULL}};
    struct fg_snapshot *empty = good(NULL, NULL, 0), *reset = good(empty, undo, 2);
    assert_memory_equal(fg_snapshot_hash(empty), fg_snapshot_hash(reset), FG_HASH_LEN);
    fg_snapshot_put(empty);
    fg_snapshot_put(reset);
    fg_snapshot_put(s);
    fg_snapshot_put(whole);
}

static void test_references(void **state)
{
    (void)state;
    struct fg_snapshot *s = good(NULL, house, HOUSE);
    BAD(s, "/users/bob@own.example/site unknown_reference",
        {FG_KIND_USERS, "bob@own.example", "{\"site\":\"rome\"}"});
    BAD(s, "/users/bob~0x@own.example/policy unknown_reference",
        {FG_KIND_USERS, "bob~x@own.example", "{\"policy\":\"user:none\"}"});
    BAD(s, "/sites/rome/xmpp_route unknown_reference",
        {FG_KIND_SITES, "rome", "{\"xmpp_route\":\"other.example\"}"});
    BAD(s, "/domains/own.example/front_ends/1 unknown_reference",
        {FG_KIND_DOMAINS, "own.example", "{\"front_ends\":[\"fe1\",\"fe3\"]}"});
    BAD(s, "/certificate_assignments/panel/certificate unknown_reference",
        {FG_KIND_CERTIFICATE_ASSIGNMENTS, "panel",
         "{\"certificate\":\"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\"}"});
    /* Removing what others refer to. */
    BAD(s, "/users/alice@own.example/policy unknown_reference",
        {FG_KIND_POLICIES, "user:staff", NULL});
    BAD(s, "/sites/paris/xmpp_route unknown_reference", {FG_KIND_EDGES, "edge.own.example", NULL});
    BAD(s, "/domains/own.example/front_ends/1 unknown_reference",
        {FG_KIND_FRONT_ENDS, "fe1", NULL});
    BAD(s, "/settings/settings/log_message_bodies/partner unknown_reference",
        {FG_KIND_PARTNERS, "p.example", NULL});
    struct fg_problems p;
    fg_problems_init(&p);
    const struct object site = {FG_KIND_SITES, "paris", NULL};
    fg_snapshot_put(compile(s, &site, 1, &p, NULL));
    assert_int_equal(p.count, 3);
    fg_problems_free(&p);
    /* Both at once is fine, in any order. */
    const struct object both[] = {{FG_KIND_POLICIES, "user:staff", NULL},
                                  {FG_KIND_USERS, "alice@own.example", "{}"}};
    fg_snapshot_put(good(s, both, 2));
    fg_snapshot_put(s);
}

static void test_domains_are_unique(void **state)
{
    (void)state;
    struct fg_snapshot *s = good(NULL, house, HOUSE);
    BAD(s, "/partners/r.example domain_taken",
        {FG_KIND_PARTNERS, "r.example", "{\"additional_domains\":[\"q.example\"]}"});
    BAD(s, "/partners/q.example domain_taken", {FG_KIND_PARTNERS, "q.example", "{}"});
    BAD(s, "/partners/own.example domain_is_ours", {FG_KIND_PARTNERS, "own.example", "{}"});
    BAD(s, "/partners/r.example/additional_domains/1 domain_is_ours",
        {FG_KIND_PARTNERS, "r.example",
         "{\"additional_domains\":[\"s.example\",\"own.example\"]}"});
    BAD(s, "/domains/q.example domain_is_a_partners",
        {FG_KIND_DOMAINS, "q.example", "{\"front_ends\":[\"fe1\"]}"});
    const struct object move[] = {
        {FG_KIND_PARTNERS, "r.example", "{\"additional_domains\":[\"q.example\"]}"},
        {FG_KIND_PARTNERS, "p.example", "{}"}};
    struct fg_snapshot *t = good(s, move, 2);
    assert_string_equal(fg_snapshot_partner(t, "q.example")->domain, "r.example");
    fg_snapshot_put(t);
    fg_snapshot_put(s);
}

static void test_warnings(void **state)
{
    (void)state;
    const struct object list[] = {{FG_KIND_DOMAINS, "own.example", "{}"},
                                  {FG_KIND_USERS, "a@other.example", "{}"},
                                  {FG_KIND_POLICIES, "site:none", "{}"}};
    struct fg_problems p, w;
    fg_problems_init(&p);
    fg_problems_init(&w);
    fg_snapshot_put(compile(NULL, list, 3, &p, &w));
    assert_int_equal(p.count, 0);
    assert_int_equal(w.count, 3);
    fg_problems_free(&w);
}

/* A certificate that peers refuse cannot be assigned; one that expired while assigned is told of
 * and keeps nothing from changing or running. */
static void test_certificate_that_does_not_fit(void **state)
{
    (void)state;
    char usage[] = "external";
    const struct fg_compile_checks expired = {.certificate = judge_certificate, .arg = usage};
    struct fg_snapshot *base = good(NULL, house, HOUSE), *s = NULL;
    json_t *assignment = json_pack("{s:s}", "certificate", CERT);
    const struct fg_compile_change assign = {FG_KIND_CERTIFICATE_ASSIGNMENTS, usage, assignment};
    const struct fg_compile_change remove = {FG_KIND_DOMAINS, "own.example", NULL};
    struct fg_problems p, w;
    fg_problems_init(&p);
    fg_problems_init(&w);
    assert_int_equal(fg_compile(base, &assign, 1, 8, &expired, &s, &p, &w), EINVAL);
    assert_string_equal(p.items[0].pointer, "/certificate_assignments/external/certificate");
    assert_string_equal(p.items[0].code, "certificate_expired");
    fg_snapshot_put(s);
    fg_problems_free(&p);
    fg_problems_free(&w);

    fg_problems_init(&p);
    fg_problems_init(&w);
    assert_int_equal(fg_compile(base, &remove, 1, 8, &expired, &s, &p, &w), 0);
    bool told = false;
    for (size_t i = 0; i < w.count; i++)
        told |= strcmp(w.items[i].code, "certificate_expired") == 0;
    assert_true(told);
    fg_snapshot_put(s);
    assert_int_equal(fg_compile(NULL, &assign, 1, 8, &expired, &s, &p, &w), 0);
    fg_snapshot_put(s);
    json_decref(assignment);
    fg_problems_free(&p);
    fg_problems_free(&w);
    fg_snapshot_put(base);
}

/* A body stored before a field was introduced. */
static void test_older_bodies(void **state)
{
    (void)state;
    json_t *body = json_pack("{s:s, s:{s:i}}", "description", "old", "limits", "depth", 20);
    const struct fg_compile_change changes[] = {{FG_KIND_PARTNERS, "p.example", body},
                                                {FG_KIND_SETTINGS, "settings", body}};
    struct fg_problems p;
    struct fg_snapshot *s = NULL;
    fg_problems_init(&p);
    assert_int_equal(fg_compile(NULL, changes, 2, 1, NULL, &s, &p, NULL), 0);
    assert_int_equal(fg_snapshot_partner(s, "p.example")->tls, FG_REQUIRED);
    assert_int_equal(fg_snapshot_settings(s)->limits.depth, 20);
    assert_int_equal(fg_snapshot_settings(s)->limits.attributes, 100);
    fg_snapshot_put(s);
    json_decref(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_arrive),
        cmocka_unit_test(test_defaults_agree),
        cmocka_unit_test(test_steps_equal_whole),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_domains_are_unique),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_older_bodies),
        cmocka_unit_test(test_certificate_that_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
