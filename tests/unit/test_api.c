/* The pure parts of the REST interface: strict JSON, field reading, lists, tags; and that the route
 * table and the OpenAPI document name the same operations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/input.h"
#include "api/internal.h"
#include "api/listing.h"
#include "api/reply.h"

/* ---- JSON ---- */

static const char *parse_code(const char *text, size_t len)
{
    static char code[64];
    struct fg_problems p;
    fg_problems_init(&p);
    json_t *v = fg_input_parse((const uint8_t *)text, len, &p);
    snprintf(code, sizeof code, "%s", v ? "ok" : p.count ? p.items[0].code : "none");
    json_decref(v);
    fg_problems_free(&p);
    return code;
}

static void json_is_strict(void **state)
{
    (void)state;
    static const struct {
        const char *text, *code;
    } cases[] = {
        {"{}", "ok"},
        {"{\"a\":{\"a\":1}}", "ok"},
        {" [1,2] ", "ok"},
        {"\"text\"", "ok"},
        {"{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}", "ok"},
        {"", "json_invalid"},
        {"{\"a\":1,}", "json_invalid"},
        {"{} {}", "json_invalid"},
        {"{\"a\":1,\"a\":2}", "json_duplicate_key"},
        {"{\"x\":{\"a\":1,\"\\u0061\":2}}", "json_duplicate_key"},
        {"{\"a\":\"\\u0000\"}", "json_invalid"},
        {"{\"a\":\"\\ud800\"}", "json_invalid"},
        {"{\"a\":\"\xff\"}", "json_not_utf8"},
        {"{\"a\":\"\xed\xa0\x80\"}", "json_not_utf8"},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "json_too_deep"},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "ok"},
        {"{\"a\":1e999}", "json_invalid"},
        {"{\"a\":99999999999999999999}", "json_invalid"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(parse_code(cases[i].text, strlen(cases[i].text)), cases[i].code);
    assert_string_equal(parse_code("{}\0", 3), "json_invalid");
}

static void fields_collect_every_fault(void **state)
{
    (void)state;
    static const char *const choices[] = {"put", "patch", NULL};
    struct fg_problems p;
    struct fg_input in;
    fg_problems_init(&p);
    json_t *v = json_pack("{s:i,s:s,s:s,s:i,s:s,s:[iii],s:s,s:s}", "name", 1, "long",
                          "\xc3\xa4\xc3\xa4\xc3\xa4", "flag", "yes", "number", 7, "op", "delete",
                          "list", 1, 2, 3, "nmae", "x", "a/b~c", "");
    assert_true(fg_input_open(&in, v, "/at", &p));
    assert_null(fg_input_string(&in, "name", FG_MUST, 10));
    assert_null(fg_input_string(&in, "long", FG_MUST, 2));
    assert_null(fg_input_string(&in, "absent", FG_MUST, 2));
    assert_null(fg_input_string(&in, "optional", FG_MAY, 2));
    assert_true(fg_input_bool(&in, "flag", true));
    assert_int_equal(fg_input_integer(&in, "number", FG_MAY, 8, 9, -1), -1);
    assert_int_equal(fg_input_choice(&in, "op", FG_MUST, choices), -1);
    assert_null(fg_input_array(&in, "list", FG_MUST, 2));
    fg_input_rest(&in);
    static const char *const expected[] = {"/at/name",   "/at/long", "/at/absent", "/at/flag",
                                           "/at/number", "/at/op",   "/at/list",   NULL};
    for (size_t i = 0; expected[i]; i++) assert_string_equal(p.items[i].pointer, expected[i]);
    assert_int_equal(p.count, 9);
    for (size_t i = 7; i < 9; i++) assert_string_equal(p.items[i].code, "unknown_field");
    bool hinted = strstr(p.items[7].message, "name") || strstr(p.items[8].message, "name");
    bool escaped =
        !strcmp(p.items[7].pointer, "/at/a~1b~0c") || !strcmp(p.items[8].pointer, "/at/a~1b~0c");
    assert_true(hinted);
    assert_true(escaped);
    json_decref(v);
    fg_problems_free(&p);
    assert_false(fg_input_open(&in, NULL, "", &p));
    assert_int_equal(p.count, 1);
    fg_problems_free(&p);
}

static void nearest_word(void **state)
{
    (void)state;
    static const char *const names[] = {"sasl", "tls", "dialback", "additional_domains"};
    assert_string_equal(fg_nearest("sasll", names, 4), "sasl");
    assert_string_equal(fg_nearest("additional_domain", names, 4), "additional_domains");
    assert_null(fg_nearest("zzzzzz", names, 4));
    char longest[200];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_null(fg_nearest(longest, names, 4));
}

/* ---- lists ---- */

static void wildcards(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool match;
    } cases[] = {
        {"*", "", true},
        {"", "", true},
        {"", "a", false},
        {"a*c", "abbbc", true},
        {"a*c", "abbbd", false},
        {"?b?", "abc", true},
        {"?", "", false},
        {"*.TEST", "x.test", true},
        {"a*b*c", "a1b2b3c", true},
        {"**", "x", true},
        {"a", "ab", false},
        {"*a", "aaaa", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(fg_wildcard(cases[i].pattern, cases[i].text), cases[i].match);
    /* Many stars must not take for ever. */
    char text[5001];
    memset(text, 'a', 5000);
    text[5000] = 0;
    assert_false(fg_wildcard("*a*a*a*a*a*a*a*a*a*a*b", text));
}

static json_t *make_items(int n)
{
    json_t *items = json_array();
    for (int i = 0; i < n; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%02d", i);
        fg_json_push(items, json_pack("{s:s,s:i,s:s}", "key", key, "size", i % 4, "word",
                                      i % 2 ? "odd" : "even"));
    }
    return items;
}

static const char *const list_fields[] = {"key", "size", "word", NULL};
static const struct fg_listing_spec list_spec = {"key", list_fields, NULL};

/* Walks all pages; how many items came, each once and in the order that `sort` asks for. */
static int walk(const char *sort, const char *limit, bool *ordered)
{
    char cursor[512] = "", last[64] = "";
    int seen = 0;
    *ordered = true;
    for (int pages = 0; pages < 100; pages++) {
        struct fg_http_param params[3] = {{"sort", sort}, {"limit", limit}, {"cursor", cursor}};
        struct fg_http_request r = {.params = params, .n_params = *cursor ? 3 : 2};
        struct fg_listing l;
        struct fg_problems p;
        fg_problems_init(&p);
        assert_true(fg_listing_read(&l, &r, &list_spec, &p));
        json_t *page = fg_listing_page(&l, make_items(23));
        json_t *items = json_object_get(page, "items");
        for (size_t i = 0; i < json_array_size(items); i++, seen++) {
            char now[64];
            json_t *item = json_array_get(items, i);
            snprintf(now, sizeof now, "%d %s",
                     9 - (int)json_integer_value(json_object_get(item, "size")),
                     json_string_value(json_object_get(item, "key")));
            if (strcmp(last, now) >= 0) *ordered = false;
            memcpy(last, now, sizeof last);
        }
        assert_int_equal(json_integer_value(json_object_get(page, "total")), 23);
        const char *next = json_string_value(json_object_get(page, "next_cursor"));
        snprintf(cursor, sizeof cursor, "%s", next ? next : "");
        json_decref(page);
        fg_listing_free(&l);
        fg_problems_free(&p);
        if (!*cursor) break;
    }
    return seen;
}

static void pages_hold_each_item_once(void **state)
{
    (void)state;
    static const char *const limits[] = {"1", "5", "23", "1000"};
    bool ordered;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(walk("-size", limits[i], &ordered), 23);
        assert_true(ordered);
        assert_int_equal(walk("word,-size", limits[i], &ordered), 23);
        assert_false(ordered);
    }
}

static void tags(void **state)
{
    (void)state;
    assert_true(fg_etag_matches("*", "\"a\""));
    assert_true(fg_etag_matches("\"a\"", "\"a\""));
    assert_true(fg_etag_matches("\"x,y\", \"a\"", "\"a\""));
    assert_false(fg_etag_matches("\"ab\"", "\"a\""));
    assert_false(fg_etag_matches("W/\"a\"", "\"a\""));
    assert_false(fg_etag_matches("", "\"a\""));
    assert_false(fg_etag_matches("\"a", "\"a\""));
    assert_false(fg_etag_matches("a", "\"a\""));
}

/* ---- routes ---- */

static const char *method_word(enum fg_http_method m)
{
    switch (m) {
    case FG_HTTP_GET:
        return "get";
    case FG_HTTP_POST:
        return "post";
    case FG_HTTP_PUT:
        return "put";
    case FG_HTTP_PATCH:
        return "patch";
    case FG_HTTP_DELETE:
        return "delete";
    default:
        return "";
    }
}

static void document_names_every_route(void **state)
{
    (void)state;
    json_t *doc = fg_openapi("1");
    json_t *paths = json_object_get(doc, "paths");
    size_t operations = 0;
    for (size_t i = 0; i < fg_routes_count; i++) {
        json_t *path = json_object_get(paths, fg_routes[i].path);
        assert_non_null(json_object_get(path, method_word(fg_routes[i].method)));
        for (size_t k = 0; k < i; k++) /* each once */
            assert_false(fg_routes[k].method == fg_routes[i].method &&
                         strcmp(fg_routes[k].path, fg_routes[i].path) == 0);
    }
    for (void *it = json_object_iter(paths); it; it = json_object_iter_next(paths, it))
        operations += json_object_size(json_object_iter_value(it));
    assert_int_equal(operations, fg_routes_count);
    json_decref(doc);
}

static void every_schema_is_there(void **state)
{
    (void)state;
    json_t *doc = fg_openapi("1");
    json_t *schemas = json_object_get(json_object_get(doc, "components"), "schemas");
    for (void *it = json_object_iter(schemas); it; it = json_object_iter_next(schemas, it))
        assert_true(json_is_object(json_object_iter_value(it)));
    for (size_t i = 0; i < fg_routes_count; i++) {
        const char *names[] = {fg_routes[i].request, fg_routes[i].response};
        for (int k = 0; k < 2; k++) {
            if (!names[k] || strcmp(names[k], "any") == 0) continue;
            if (strncmp(names[k], "media:", 6) == 0) continue;
            const char *name = strncmp(names[k], "page:", 5) == 0 ? names[k] + 5 : names[k];
            char first[64]; /* another media type may follow */
            snprintf(first, sizeof first, "%.*s", (int)strcspn(name, " "), name);
            if (!json_object_get(schemas, first)) fail_msg("%s has no schema", first);
        }
    }
    json_decref(doc);
}

/* What writes must not run where nothing may be written, and what changes objects has a role. */
static void routes_are_sane(void **state)
{
    (void)state;
    for (size_t i = 0; i < fg_routes_count; i++) {
        const struct fg_route *r = &fg_routes[i];
        assert_true(r->path[0] == '/' && r->handle && r->summary);
        if (r->method == FG_HTTP_GET) assert_int_equal(r->body_limit, 0);
        if (r->kind != FG_NO_KIND && r->method != FG_HTTP_GET) {
            assert_int_equal(r->where, FG_ON_CONFIG);
            assert_true(r->roles != 0);
        }
        if (!r->roles)
            assert_true(strcmp(r->path, "/session") == 0 || strcmp(r->path, "/setup") == 0);
    }
}

static void roles_by_kind(void **state)
{
    (void)state;
    for (int k = 0; k < FG_KINDS; k++)
        for (int op = FG_CHANGE_PUT; op <= FG_CHANGE_DELETE; op++) {
            assert_true(fg_role_may(FG_ROLE_ADMINISTRATOR, (enum fg_kind)k, (enum fg_change_op)op));
            assert_false(fg_role_may(FG_ROLE_VIEWER, (enum fg_kind)k, (enum fg_change_op)op));
            assert_false(fg_role_may(FG_ROLE_HELP_DESK, (enum fg_kind)k, (enum fg_change_op)op));
            assert_false(fg_role_may(FG_ROLE_NONE, (enum fg_kind)k, (enum fg_change_op)op));
            assert_int_equal(
                fg_role_may(FG_ROLE_USER_ADMINISTRATOR, (enum fg_kind)k, (enum fg_change_op)op),
                k == FG_KIND_USERS);
            assert_int_equal(fg_role_may(FG_ROLE_OPERATOR, (enum fg_kind)k, (enum fg_change_op)op),
                             k == FG_KIND_CERTIFICATE_ASSIGNMENTS);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_strict),
        cmocka_unit_test(fields_collect_every_fault),
        cmocka_unit_test(nearest_word),
        cmocka_unit_test(wildcards),
        cmocka_unit_test(pages_hold_each_item_once),
        cmocka_unit_test(tags),
        cmocka_unit_test(document_names_every_route),
        cmocka_unit_test(every_schema_is_there),
        cmocka_unit_test(routes_are_sane),
        cmocka_unit_test(roles_by_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
