/* Snapshots: sharing, equality by content, the index over all domains of partners, clashes. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/snapshot.h"

static void put_partner(struct fg_snapshot_builder *b, const char *domain, const char *extra,
                        uint8_t version)
{
    const char *domains[2] = {domain, extra};
    struct fg_partner p = {.domain = domain,
                           .domains = domains,
                           .n_domains = extra ? 2 : 1,
                           .tls = FG_REQUIRED,
                           .sasl = FG_OPTIONAL,
                           .dialback = true,
                           .proxy_host = version == 9 ? "proxy.example" : NULL};
    p.entry.hash[0] = version;
    assert_int_equal(fg_snapshot_put_partner(b, &p), 0);
}

static struct fg_snapshot *finish(struct fg_snapshot_builder *b, uint64_t revision)
{
    struct fg_snapshot *s = NULL;
    assert_int_equal(fg_snapshot_builder_finish(b, revision, &s), 0);
    return s;
}

static struct fg_snapshot_builder *begin(const struct fg_snapshot *base)
{
    struct fg_snapshot_builder *b = NULL;
    assert_int_equal(fg_snapshot_builder_new(&b, base), 0);
    return b;
}

static void test_empty(void **state)
{
    (void)state;
    struct fg_snapshot_builder *b = begin(NULL);
    struct fg_snapshot *s = finish(b, 0);
    fg_snapshot_builder_free(b);
    const struct fg_settings *v = fg_snapshot_settings(s);
    assert_false(v->federation_enabled);
    assert_int_equal(v->n_sip, 1);
    assert_string_equal(v->sip[0].address, "::");
    assert_int_equal(v->sip[0].port, 23456);
    assert_false(fg_snapshot_policy(s, "global")->federation_access);
    assert_null(fg_snapshot_partner(s, "a.example"));
    assert_int_equal(fg_snapshot_count(s, FG_KIND_PARTNERS), 0);
    fg_snapshot_put(s);
}

static void test_every_kind(void **state)
{
    (void)state;
    struct fg_snapshot_builder *b = begin(NULL);
    const char *fes[] = {"fe1", "fe2"}, *addresses[] = {"192.0.2.1"}, *dns[] = {"192.0.2.53"};
    const struct fg_listener l = {.address = "127.0.0.1", .port = 7, .transport = FG_TCP};
    assert_int_equal(
        fg_snapshot_put_settings(b, &(struct fg_settings){.federation_enabled = true,
                                                          .xmpp = &l,
                                                          .n_xmpp = 1,
                                                          .xmpp_direct_tls = &l,
                                                          .n_xmpp_direct_tls = 1,
                                                          .dns_servers = dns,
                                                          .n_dns_servers = 1,
                                                          .log_message_partner = "p.example"}),
        0);
    assert_int_equal(
        fg_snapshot_put_user(b, &(struct fg_user){.address = "a@o.example", .site = "s"}), 0);
    assert_int_equal(
        fg_snapshot_put_site(b, &(struct fg_site){.name = "s", .xmpp_route = "e.example"}), 0);
    assert_int_equal(
        fg_snapshot_put_edge(
            b, &(struct fg_edge){.fqdn = "e.example", .addresses = addresses, .n_addresses = 1}),
        0);
    assert_int_equal(
        fg_snapshot_put_front_end(
            b, &(struct fg_front_end){.name = "fe1", .host = "h.example", .port = 5061}),
        0);
    assert_int_equal(
        fg_snapshot_put_domain(
            b, &(struct fg_domain){.domain = "o.example", .front_ends = fes, .n_front_ends = 2}),
        0);
    assert_int_equal(
        fg_snapshot_put_trust_anchor(b, &(struct fg_trust_anchor){.name = "t", .pem = "PEM"}), 0);
    assert_int_equal(fg_snapshot_put_assignment(
                         b, &(struct fg_assignment){.usage = "external", .certificate = "aa"}),
                     0);
    assert_int_equal(
        fg_snapshot_put_assignment(
            b, &(struct fg_assignment){.usage = "external:o.example", .certificate = "bb"}),
        0);
    struct fg_snapshot *s = finish(b, 5);
    fg_snapshot_builder_free(b);
    assert_int_equal(fg_snapshot_revision(s), 5);
    const struct fg_settings *v = fg_snapshot_settings(s);
    assert_string_equal(v->xmpp[0].address, "127.0.0.1");
    assert_string_equal(v->xmpp_direct_tls[0].address, "127.0.0.1");
    assert_string_equal(v->dns_servers[0], "192.0.2.53");
    assert_string_equal(v->log_message_partner, "p.example");
    assert_string_equal(fg_snapshot_user(s, "a@o.example")->display_name, "");
    assert_string_equal(fg_snapshot_user(s, "a@o.example")->site, "s");
    assert_string_equal(fg_snapshot_site(s, "s")->xmpp_route, "e.example");
    assert_string_equal(fg_snapshot_edge(s, "e.example")->addresses[0], "192.0.2.1");
    assert_string_equal(fg_snapshot_front_end(s, "fe1")->tls_name, "h.example");
    assert_string_equal(fg_snapshot_domain(s, "o.example")->front_ends[1], "fe2");
    assert_string_equal(fg_snapshot_trust_anchor(s, "t")->pem, "PEM");
    assert_string_equal(fg_snapshot_certificate_for(s, "o.example"), "bb");
    assert_string_equal(fg_snapshot_certificate_for(s, "x.example"), "aa");
    fg_snapshot_put(s);
}

static void test_history_does_not_matter(void **state)
{
    (void)state;
    struct fg_snapshot_builder *b = begin(NULL);
    char name[32];
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "p%d.example", i);
        put_partner(b, name, NULL, 1);
    }
    struct fg_snapshot *one = finish(b, 1);
    fg_snapshot_builder_free(b);

    b = begin(NULL);
    for (int i = 2999; i >= 0; i--) {
        snprintf(name, sizeof name, "p%d.example", i);
        put_partner(b, name, i == 7 ? "old.example" : NULL, i == 7 ? 9 : 1);
    }
    put_partner(b, "extra.example", NULL, 1);
    struct fg_snapshot *two = finish(b, 2);
    fg_snapshot_builder_free(b);
    assert_memory_not_equal(fg_snapshot_hash(one), fg_snapshot_hash(two), FG_HASH_LEN);

    b = begin(two);
    put_partner(b, "p7.example", NULL, 1);
    assert_int_equal(fg_snapshot_remove(b, FG_KIND_PARTNERS, "extra.example"), 0);
    assert_int_equal(fg_snapshot_remove(b, FG_KIND_PARTNERS, "extra.example"), ENOENT);
    struct fg_snapshot *three = finish(b, 3);
    fg_snapshot_builder_free(b);
    assert_memory_equal(fg_snapshot_hash(one), fg_snapshot_hash(three), FG_HASH_LEN);
    assert_int_equal(fg_snapshot_count(three, FG_KIND_PARTNERS), 3000);
    assert_null(fg_snapshot_partner(three, "old.example"));
    assert_null(fg_snapshot_partner(three, "extra.example"));
    assert_non_null(fg_snapshot_partner(two, "old.example"));
    /* What did not change is the same memory. */
    assert_ptr_equal(fg_snapshot_partner(two, "p8.example"),
                     fg_snapshot_partner(three, "p8.example"));
    assert_ptr_not_equal(fg_snapshot_partner(two, "p7.example"),
                         fg_snapshot_partner(three, "p7.example"));
    fg_snapshot_put(one);
    fg_snapshot_put(two);
    fg_snapshot_put(three);
}

static void test_partner_outlives(void **state)
{
    (void)state;
    struct fg_snapshot_builder *b = begin(NULL);
    put_partner(b, "a.example", "b.example", 9);
    struct fg_snapshot *s = finish(b, 1);
    fg_snapshot_builder_free(b);
    const struct fg_partner *p = fg_partner_get(fg_snapshot_partner(s, "b.example"));
    fg_snapshot_put(s);
    assert_string_equal(p->domain, "a.example");
    assert_string_equal(p->proxy_host, "proxy.example");
    assert_int_equal(p->terms.row, 7);
    fg_partner_put(p);
}

static void count_clash(const char *domain, const char *partner, const char *other, void *arg)
{
    assert_string_equal(domain, "d.example");
    assert_string_not_equal(partner, other);
    ++*(int *)arg;
}

static int clashes(struct fg_snapshot_builder *b, struct fg_snapshot **out)
{
    int n = 0;
    *out = finish(b, 2);
    fg_snapshot_builder_clashes(b, count_clash, &n);
    fg_snapshot_builder_free(b);
    return n;
}

static void test_clashes(void **state)
{
    (void)state;
    struct fg_snapshot_builder *b = begin(NULL);
    put_partner(b, "a.example", "d.example", 1);
    struct fg_snapshot *base = finish(b, 1), *s;
    fg_snapshot_builder_free(b);

    b = begin(base); /* both claim it */
    put_partner(b, "b.example", "d.example", 1);
    assert_int_equal(clashes(b, &s), 1);
    fg_snapshot_put(s);

    b = begin(base); /* moved, in the awkward order */
    put_partner(b, "b.example", "d.example", 1);
    put_partner(b, "a.example", NULL, 2);
    assert_int_equal(clashes(b, &s), 0);
    assert_string_equal(fg_snapshot_partner(s, "d.example")->domain, "b.example");
    fg_snapshot_put(s);

    b = begin(base); /* taken and given back */
    put_partner(b, "b.example", "d.example", 1);
    put_partner(b, "b.example", NULL, 2);
    assert_int_equal(clashes(b, &s), 0);
    assert_string_equal(fg_snapshot_partner(s, "d.example")->domain, "a.example");
    fg_snapshot_put(s);

    b = begin(base); /* the former holder goes */
    put_partner(b, "d.example", NULL, 1);
    assert_int_equal(fg_snapshot_remove(b, FG_KIND_PARTNERS, "a.example"), 0);
    assert_int_equal(clashes(b, &s), 0);
    assert_string_equal(fg_snapshot_partner(s, "d.example")->domain, "d.example");
    assert_null(fg_snapshot_partner(s, "a.example"));
    fg_snapshot_put(s);
    fg_snapshot_put(base);
}

/* Readers in other threads hold and drop references while new snapshots are made. */
static void *reader(void *arg)
{
    struct fg_snapshot *s = arg;
    for (int i = 0; i < 2000; i++) {
        const struct fg_partner *p = fg_partner_get(fg_snapshot_partner(s, "p1.example"));
        fg_partner_put(p);
    }
    fg_snapshot_put(s);
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    struct fg_snapshot_builder *b = begin(NULL);
    put_partner(b, "p1.example", NULL, 1);
    struct fg_snapshot *s = finish(b, 1);
    fg_snapshot_builder_free(b);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, reader, fg_snapshot_get(s)), 0);
    for (uint8_t i = 0; i < 50; i++) {
        b = begin(s);
        put_partner(b, i % 2 ? "p1.example" : "p2.example", NULL, i);
        struct fg_snapshot *next = finish(b, i);
        fg_snapshot_builder_free(b);
        fg_snapshot_put(s);
        s = next;
    }
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    fg_snapshot_put(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_history_does_not_matter),
        cmocka_unit_test(test_partner_outlives),
        cmocka_unit_test(test_clashes),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
