/* The model: keys, defaults, put and patch, every kind of fault, printing, schema. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/model/model.h"

enum { NOW_MS = 1000000000 }; /* 1970-01-12T13:46:40Z */

static json_t *load(const char *text)
{
    json_error_t e;
    json_t *j = json_loads(text, JSON_DECODE_ANY, &e);
    if (!j) fail_msg("%s: %s", e.text, text);
    return j;
}

static json_t *parse(enum fg_kind kind, const char *key, enum fg_model_mode mode, const char *text,
                     const json_t *before, struct fg_problems *p)
{
    json_t *in = load(text);
    json_t *body = fg_model_parse(kind, key, mode, in, before, NOW_MS, "", p);
    json_decref(in);
    assert_int_equal(body == NULL, !fg_problems_none(p));
    return body;
}

static json_t *good(enum fg_kind kind, const char *key, enum fg_model_mode mode, const char *text,
                    const json_t *before)
{
    struct fg_problems p;
    fg_problems_init(&p);
    json_t *body = parse(kind, key, mode, text, before, &p);
    if (!body) fail_msg("%s %s: %s", p.items[0].pointer, p.items[0].code, p.items[0].message);
    fg_problems_free(&p);
    return body;
}

/* Exactly these faults: "pointer code" each, in any order. */
static void bad(enum fg_kind kind, const char *key, const char *text, size_t n,
                const char *const *faults)
{
    struct fg_problems p;
    fg_problems_init(&p);
    parse(kind, key, FG_MODEL_PUT, text, NULL, &p);
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t k = 0; k < p.count; k++) {
            char line[256];
            snprintf(line, sizeof line, "%s %s", p.items[k].pointer, p.items[k].code);
            found = found || strcmp(line, faults[i]) == 0;
        }
        if (!found) fail_msg("%s: no fault %s", text, faults[i]);
    }
    if (p.count != n) fail_msg("%s: %zu faults instead of %zu", text, p.count, n);
    fg_problems_free(&p);
}

#define BAD(kind, key, text, ...)                                                                  \
    bad(kind, key, text, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),                   \
        (const char *[]){__VA_ARGS__})

static void expect_json(const json_t *j, const char *text)
{
    json_t *want = load(text);
    if (!json_equal(j, want)) {
        char *got = json_dumps(j, JSON_ENCODE_ANY | JSON_COMPACT);
        fail_msg("got %s instead of %s", got, text);
    }
    json_decref(want);
}

static void test_keys(void **state)
{
    (void)state;
    static const struct {
        enum fg_kind kind;
        const char *raw, *key;
    } list[] = {
        {FG_KIND_PARTNERS, "Fabrikam.COM.", "fabrikam.com"},
        {FG_KIND_PARTNERS, "fa\xc3\x9f.example", "xn--fa-hia.example"},
        {FG_KIND_PARTNERS, "192.0.2.1", NULL},
        {FG_KIND_PARTNERS, "a/b", NULL},
        {FG_KIND_POLICIES, "global", "global"},
        {FG_KIND_POLICIES, "site:Paris 1", "site:Paris 1"},
        {FG_KIND_POLICIES, "user:", NULL},
        {FG_KIND_POLICIES, "other:x", NULL},
        {FG_KIND_USERS, "Alice@Example.com", "alice@example.com"},
        {FG_KIND_USERS, "o'malley@example.com", "o\\27malley@example.com"},
        {FG_KIND_USERS, "o\\27malley@example.com", "o\\27malley@example.com"},
        {FG_KIND_USERS, "sip:alice@example.com", NULL},
        {FG_KIND_USERS, "example.com", NULL},
        {FG_KIND_USERS, "alice@example.com/x", NULL},
        {FG_KIND_SITES, "Z\xc3\xbcrich", "Z\xc3\xbcrich"},
        {FG_KIND_SITES, " x", NULL},
        {FG_KIND_SITES, "a/b", NULL},
        {FG_KIND_SITES, "a\nb", NULL},
        {FG_KIND_EDGES, "Edge1.Example.com", "edge1.example.com"},
        {FG_KIND_CERTIFICATE_ASSIGNMENTS, "external:EXAMPLE.com", "external:example.com"},
        {FG_KIND_CERTIFICATE_ASSIGNMENTS, "internal", "internal"},
        {FG_KIND_CERTIFICATE_ASSIGNMENTS, "outer", NULL},
        {FG_KIND_SETTINGS, "settings", "settings"},
        {FG_KIND_SETTINGS, "other", NULL},
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        char key[FG_MODEL_KEY_MAX];
        struct fg_problems p;
        fg_problems_init(&p);
        int err = fg_model_key_prepare(list[i].kind, list[i].raw, "/key", key, &p);
        if (list[i].key) {
            if (err) fail_msg("%s was refused", list[i].raw);
            assert_string_equal(key, list[i].key);
            assert_true(fg_problems_none(&p));
        } else {
            if (!err) fail_msg("%s was taken as %s", list[i].raw, key);
            assert_string_equal(p.items[0].pointer, "/key");
        }
        fg_problems_free(&p);
    }
}

static void test_partner(void **state)
{
    (void)state;
    json_t *b = good(FG_KIND_PARTNERS, "p.example", FG_MODEL_PUT, "{}", NULL);
    expect_json(
        b, "{\"description\":\"\",\"additional_domains\":[],\"partner_type\":"
           "\"public_unverified\",\"tls\":\"required\",\"sasl\":\"required\",\"dialback\":true,"
           "\"keepalive\":true,\"connection_limit\":null,\"proxy\":null,\"state\":\"active\","
           "\"valid_until\":null,\"review_date\":null,\"owner\":\"\",\"ticket\":\"\"}");
    json_t *shown = fg_model_print(FG_KIND_PARTNERS, "p.example", b, NULL);
    assert_string_equal(json_string_value(json_object_get(shown, "domain")), "p.example");
    expect_json(json_object_get(shown, "methods"), "[\"sasl_tls\"]");
    assert_string_equal(json_string_value(json_object_get(
                            json_array_get(json_object_get(shown, "warnings"), 0), "code")),
                        "dialback_unused");
    /* What was read can be sent back. */
    json_t *again = fg_model_parse(FG_KIND_PARTNERS, "p.example", FG_MODEL_PUT, shown, b, NOW_MS,
                                   "", &(struct fg_problems){0});
    assert_true(json_equal(b, again));
    json_decref(again);
    json_decref(shown);

    json_t *c =
        good(FG_KIND_PARTNERS, "p.example", FG_MODEL_PATCH,
             "{\"sasl\":\"optional\",\"additional_domains\":[\"B.Example\",\"fa\xc3\x9f.example\"],"
             "\"proxy\":\"XMPP.P.example:5270\",\"valid_until\":\"2026-01-31T13:00:00+01:00\","
             "\"review_date\":\"2026-02-01\",\"connection_limit\":5,\"domain\":\"P.example\"}",
             b);
    expect_json(json_object_get(c, "additional_domains"), "[\"b.example\",\"xn--fa-hia.example\"]");
    expect_json(json_object_get(c, "proxy"), "\"xmpp.p.example:5270\"");
    expect_json(json_object_get(c, "valid_until"), "\"2026-01-31T12:00:00Z\"");
    expect_json(json_object_get(c, "tls"), "\"required\"");
    json_t *changed = fg_model_changed(FG_KIND_PARTNERS, b, c);
    expect_json(changed,
                "[\"additional_domains\",\"sasl\",\"connection_limit\",\"proxy\",\"valid_until\","
                "\"review_date\"]");
    json_decref(changed);

    json_t *d =
        good(FG_KIND_PARTNERS, "p.example", FG_MODEL_PATCH,
             "{\"sasl\":null,\"additional_domains\":null,\"proxy\":null,\"valid_until\":null,"
             "\"review_date\":null,\"connection_limit\":null}",
             c);
    assert_true(json_equal(b, d));
    json_t *e = good(FG_KIND_PARTNERS, "p.example", FG_MODEL_PUT, "{\"owner\":\"x\"}", c);
    expect_json(json_object_get(e, "proxy"), "null");
    json_decref(b);
    json_decref(c);
    json_decref(d);
    json_decref(e);
}

static void test_partner_faults(void **state)
{
    (void)state;
    BAD(FG_KIND_PARTNERS, "p.example", "[]", " type");
    BAD(FG_KIND_PARTNERS, "p.example",
        "{\"tsl\":\"required\",\"tls\":\"maybe\",\"dialback\":\"yes\",\"connection_limit\":0,"
        "\"proxy\":\"a b\",\"additional_domains\":[\"ok.example\",\"1.2.3.4\",7,\"OK.example\"],"
        "\"valid_until\":\"soon\",\"review_date\":\"2026-02-30\",\"partner_type\":null,\"a~b/"
        "c\":1}",
        "/tsl unknown_field", "/tls value", "/dialback type", "/connection_limit range",
        "/proxy hostport", "/additional_domains/1 domain", "/additional_domains/2 type",
        "/additional_domains/3 duplicate", "/valid_until datetime", "/review_date date",
        "/partner_type type", "/a~0b~1c unknown_field");
    BAD(FG_KIND_PARTNERS, "p.example", "{\"domain\":\"q.example\"}", "/domain key");
    BAD(FG_KIND_PARTNERS, "p.example", "{\"additional_domains\":[\"P.example\"]}",
        "/additional_domains/0 duplicate");
    BAD(FG_KIND_PARTNERS, "p.example", "{\"owner\":\"a\\nb\"}", "/owner characters");
    char text[1200] = "{\"description\":\"";
    memset(text + strlen(text), 'x', 1001);
    memcpy(text + strlen(text), "\"}", 3);
    BAD(FG_KIND_PARTNERS, "p.example", text, "/description too_long");
    struct fg_problems p;
    fg_problems_init(&p);
    parse(FG_KIND_PARTNERS, "p.example", FG_MODEL_PUT, "{\"partnertype\":1}", NULL, &p);
    assert_non_null(strstr(p.items[0].message, "Did you mean \"partner_type\"?"));
    fg_problems_free(&p);
}

static void test_dead_combinations(void **state)
{
    (void)state;
    static const char *const needs[] = {"required", "optional", "not_supported"};
    int refused = 0;
    for (int i = 0; i < 18; i++) {
        char text[128];
        struct fg_problems p;
        fg_problems_init(&p);
        snprintf(text, sizeof text, "{\"tls\":\"%s\",\"sasl\":\"%s\",\"dialback\":%s}",
                 needs[i % 3], needs[i / 3 % 3], i < 9 ? "true" : "false");
        json_t *b = parse(FG_KIND_PARTNERS, "p.example", FG_MODEL_PUT, text, NULL, &p);
        if (!b) {
            refused++;
            assert_true(strcmp(p.items[0].code, "no_authentication") == 0 ||
                        strcmp(p.items[0].code, "sasl_impossible_without_tls") == 0);
        }
        json_decref(b);
        fg_problems_free(&p);
    }
    assert_int_equal(refused, 5);
}

static void test_settings(void **state)
{
    (void)state;
    json_t *b = good(FG_KIND_SETTINGS, "settings", FG_MODEL_PUT, "{}", NULL);
    json_t *preset = fg_model_default(FG_KIND_SETTINGS, "settings");
    assert_true(json_equal(b, preset));
    json_t *c = good(FG_KIND_SETTINGS, "settings", FG_MODEL_PATCH,
                     "{\"limits\":{\"depth\":32},\"listeners\":{\"xmpp\":[\"127.0.0.1:0\"]}}", b);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(c, "limits"), "depth")),
                     32);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(c, "limits"), "attributes")), 100);
    expect_json(
        json_object_get(json_object_get(c, "listeners"), "sip"),
        "[{\"address\":\"[::]:23456\",\"transport\":\"tls\",\"client_certificate\":\"required\"}]");
    json_t *d =
        good(FG_KIND_SETTINGS, "settings", FG_MODEL_PUT, "{\"limits\":{\"attributes\":50}}", c);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(d, "limits"), "depth")),
                     64);
    json_t *e =
        good(FG_KIND_SETTINGS, "settings", FG_MODEL_PATCH,
             "{\"listeners\":{\"sip\":[{\"address\":\"127.0.0.1:5060\",\"transport\":\"udp\"},"
             "{\"address\":\"127.0.0.1:5060\",\"transport\":\"tcp\"}]},"
             "\"log_message_bodies\":{\"until\":\"1970-01-13T00:00:00Z\"}}",
             b);
    expect_json(json_object_get(e, "log_message_bodies"),
                "{\"partner\":null,\"until\":\"1970-01-13T00:00:00Z\"}");
    BAD(FG_KIND_SETTINGS, "settings",
        "{\"limits\":{\"depht\":3,\"depth\":1},\"listeners\":{\"xmpp\":[\"example.com:1\",\"[::]:"
        "7\"],"
        "\"sip\":[{\"address\":\"[::]:7\"},{\"transport\":\"sctp\"}]},\"dns\":{\"servers\":[\"ns."
        "example\"]},"
        "\"tls\":{\"preset\":\"modern\"},\"log_message_bodies\":{\"until\":\"1970-01-14T13:46:"
        "41Z\"}}",
        "/limits/depht unknown_field", "/limits/depth range", "/listeners/xmpp/0 listen_address",
        "/listeners/sip/0 duplicate", "/listeners/sip/1/address required",
        "/listeners/sip/1/transport value", "/dns/servers/0 ip_address", "/tls/min_version value",
        "/log_message_bodies/until range");
    json_decref(b);
    json_decref(c);
    json_decref(d);
    json_decref(e);
    json_decref(preset);
}

static void test_other_kinds(void **state)
{
    (void)state;
    BAD(FG_KIND_POLICIES, "global", "{\"xmpp_access\":true}",
        "/xmpp_access needs_federation_access");
    BAD(FG_KIND_USERS, "a@b.example", "{\"policy\":\"site:x\"}", "/policy not_a_user_policy");
    BAD(FG_KIND_USERS, "a@b.example", "{\"policy\":\"x\"}", "/policy identity");
    BAD(FG_KIND_FRONT_ENDS, "fe", "{}", "/host required");
    BAD(FG_KIND_FRONT_ENDS, "fe", "{\"host\":\"192.0.2.1\"}", "/tls_name required");
    BAD(FG_KIND_FRONT_ENDS, "fe", "{\"host\":\"a.example:5060\"}", "/host host");
    BAD(FG_KIND_EDGES, "e.example", "{\"addresses\":[\"a.example\"]}", "/addresses/0 ip_address");
    BAD(FG_KIND_TRUST_ANCHORS, "t", "{\"pem\":\"nothing\",\"usage\":[]}", "/pem pem",
        "/usage required");
    BAD(FG_KIND_CERTIFICATE_ASSIGNMENTS, "panel", "{\"certificate\":\"abc\"}",
        "/certificate certificate_id");
    json_t *f = good(FG_KIND_FRONT_ENDS, "fe", FG_MODEL_PUT,
                     "{\"host\":\"A.example\",\"tls_name\":\"a.example\"}", NULL);
    expect_json(json_object_get(f, "tls_name"), "null");
    json_t *shown = fg_model_print(FG_KIND_FRONT_ENDS, "fe", f, NULL);
    expect_json(json_object_get(shown, "tls_name"), "\"a.example\"");
    json_decref(shown);
    json_decref(f);
    f = good(FG_KIND_FRONT_ENDS, "fe", FG_MODEL_PUT, "{\"host\":\"::1\",\"transport\":\"udp\"}",
             NULL);
    json_decref(f);
    json_t *p = good(FG_KIND_POLICIES, "user:x", FG_MODEL_PUT, "{\"outside_access\":true}", NULL);
    shown = fg_model_print(FG_KIND_POLICIES, "user:x", p, NULL);
    assert_int_equal(json_array_size(json_object_get(shown, "warnings")), 1);
    json_decref(shown);
    json_decref(p);
    assert_true(fg_model_is_permanent(FG_KIND_POLICIES, "global"));
    assert_false(fg_model_is_permanent(FG_KIND_POLICIES, "user:x"));
    assert_true(fg_model_is_permanent(FG_KIND_SETTINGS, "settings"));
}

static void test_canonical(void **state)
{
    (void)state;
    json_t *a = load("{\"b\":1,\"a\":[\"x\"]}"), *b = load("{\"a\":[\"x\"],\"b\":1}");
    uint8_t x[FG_HASH_LEN], y[FG_HASH_LEN];
    char *s = fg_model_canonical(a, x), *t = fg_model_canonical(b, y);
    assert_string_equal(s, "{\"a\":[\"x\"],\"b\":1}");
    assert_string_equal(s, t);
    assert_memory_equal(x, y, sizeof x);
    free(s);
    free(t);
    json_decref(a);
    json_decref(b);
}

/* Every field has words; every default is what parsing would make of it. */
static void check_schema_fields(const json_t *fields)
{
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *f = json_array_get(fields, i);
        assert_non_null(json_string_value(json_object_get(f, "name")));
        assert_true(strlen(json_string_value(json_object_get(f, "label"))) > 0);
        assert_true(strlen(json_string_value(json_object_get(f, "help"))) > 5);
        if (json_object_get(f, "fields")) check_schema_fields(json_object_get(f, "fields"));
    }
}

static void test_schema(void **state)
{
    (void)state;
    json_t *s = fg_model_schema(FG_LANG_EN);
    json_t *kinds = json_object_get(s, "kinds");
    assert_int_equal(json_object_size(kinds), FG_KINDS);
    for (int k = 0; k < FG_KINDS; k++) {
        enum fg_kind kind = (enum fg_kind)k;
        const json_t *o = json_object_get(kinds, fg_kind_name(kind));
        check_schema_fields(json_object_get(o, "fields"));
        json_t *schema = fg_model_openapi(kind), *body = fg_model_default(kind, "x");
        json_t *shown = fg_model_print(kind, "x", body, NULL);
        /* What is printed is exactly what the JSON Schema lists. */
        assert_int_equal(json_object_size(json_object_get(schema, "properties")),
                         json_object_size(shown));
        const char *name;
        json_t *value;
        json_object_foreach(shown, name, value)
            assert_non_null(json_object_get(json_object_get(schema, "properties"), name));
        json_decref(schema);
        json_decref(body);
        json_decref(shown);
    }
    json_decref(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),           cmocka_unit_test(test_partner),
        cmocka_unit_test(test_partner_faults), cmocka_unit_test(test_dead_combinations),
        cmocka_unit_test(test_settings),       cmocka_unit_test(test_other_kinds),
        cmocka_unit_test(test_canonical),      cmocka_unit_test(test_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
