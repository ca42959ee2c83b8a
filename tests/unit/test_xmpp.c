/* Tests of the parts of gateway/xmpp that need no connection: parser, XML helpers, stream errors,
 * features, SASL and dialback keys. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/xmpp/dialback_key.h"
#include "gateway/xmpp/features.h"
#include "gateway/xmpp/ns.h"
#include "gateway/xmpp/sasl.h"
#include "gateway/xmpp/stream_error.h"
#include "gateway/xmpp/stream_parser.h"

#define HEAD                                                                                       \
    "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' id='1'>"

/* What the parser told, as one line: "H" header, "E(name)" element, "F" footer. */
struct log {
    struct fg_parser *parser;
    char text[4096];
    char stop_at[32], restart_at[32];
    struct fg_peer_view view; /* of the last element, read as features */
};

static void add(struct log *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct log *l, const char *fmt, ...)
{
    size_t len = strlen(l->text);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(l->text + len, sizeof l->text - len, fmt, ap);
    va_end(ap);
}

static void dump(struct log *l, const struct fg_xml *x)
{
    if (!x->name) {
        add(l, "'%.*s'", (int)x->text_len, x->text);
        return;
    }
    add(l, "%s", x->name);
    for (const struct fg_xml_attr *a = x->attrs; a; a = a->next)
        add(l, " %s=%s", a->name, a->value);
    if (!x->children) return;
    add(l, "(");
    for (const struct fg_xml *c = x->children; c; c = c->next) {
        dump(l, c);
        if (c->next) add(l, " ");
    }
    add(l, ")");
}

static void on_header(void *arg, const struct fg_stream_header *h)
{
    struct log *l = arg;
    const char *id = fg_xml_attr(h->root, "id");
    add(l, "H[%s %s%s]", h->content_ns, id ? id : "-", h->dialback ? " db" : "");
}

static void on_element(void *arg, const struct fg_xml *x)
{
    struct log *l = arg;
    add(l, "{");
    dump(l, x);
    add(l, "}");
    if (strcmp(x->name, l->stop_at) == 0) fg_parser_stop(l->parser);
    if (strcmp(x->name, l->restart_at) == 0) fg_parser_restart(l->parser);
    fg_features_read(x, &l->view);
}

static void on_footer(void *arg)
{
    add(arg, "F");
}

static const struct fg_parser_events events = {on_header, on_element, on_footer};
static const struct fg_parser_limits limits = {.stanza = 20000, .depth = 8, .attributes = 4};

static enum fg_condition feed(struct log *l, const char *text, size_t *used)
{
    size_t n;
    return fg_parser_feed(l->parser, text, strlen(text), used ? used : &n);
}

static struct log *new_log(void)
{
    struct log *l = calloc(1, sizeof *l);
    assert_int_equal(fg_parser_new(&l->parser, &limits, &events, l), 0);
    return l;
}

static void free_log(struct log *l)
{
    fg_parser_free(l->parser);
    free(l);
}

/* However the bytes are cut, the events are the same. */
static void test_cuts(void **state)
{
    static const char text[] =
        "<?xml version='1.0'?>" HEAD " \n <message from='a' to=\"b\"><body>x &lt; &#x20ac; y</body>"
        "<x xmlns='urn:x' y:z='1' xmlns:y='urn:y'>a<b/>c</x></message><presence/> </stream:stream>";
    static const char want[] = "H[jabber:server 1]{message from=a to=b(body('x < \xe2\x82\xac y') "
                               "x z=1('a' b 'c'))}{presence}F";
    (void)state;
    for (size_t step = 1; step < sizeof text; step++) {
        struct log *l = new_log();
        for (size_t at = 0; at < sizeof text - 1; at += step) {
            size_t n = sizeof text - 1 - at < step ? sizeof text - 1 - at : step, used;
            assert_int_equal(fg_parser_feed(l->parser, text + at, n, &used), FG_COND_NONE);
            assert_int_equal(used, n);
        }
        assert_string_equal(l->text, want);
        free_log(l);
    }
}

/* Sleep between any two bytes changes nothing, and happens between stanzas only. */
static void test_doze(void **state)
{
    static const char text[] = "<message a='1'>x</message> <y:iq xmlns:y='urn:y'/></stream:stream>";
    (void)state;
    struct log *l = new_log();
    unsigned naps = 0;
    assert_int_equal(feed(l, HEAD, NULL), FG_COND_NONE);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        size_t used;
        fg_parser_doze(l->parser);
        naps += fg_parser_asleep(l->parser);
        assert_int_equal(fg_parser_feed(l->parser, text + i, 1, &used), FG_COND_NONE);
        assert_false(fg_parser_asleep(l->parser));
    }
    assert_string_equal(l->text, "H[jabber:server 1]{message a=1('x')}{iq}F");
    assert_int_equal(naps, 4);
    fg_parser_doze(l->parser);
    assert_false(fg_parser_asleep(l->parser));
    free_log(l);
}

/* Stop leaves what follows the element; restart begins a new document with it, white space skipped.
 */
static void test_stop_and_restart(void **state)
{
    (void)state;
    struct log *l = new_log();
    size_t used;
    snprintf(l->stop_at, sizeof l->stop_at, "starttls");
    snprintf(l->restart_at, sizeof l->restart_at, "auth");
    assert_int_equal(feed(l, HEAD "<starttls xmlns='t'/><evil/>", &used), FG_COND_NONE);
    assert_int_equal(used, strlen(HEAD "<starttls xmlns='t'/>"));
    assert_string_equal(l->text, "H[jabber:server 1]{starttls}");
    l->text[0] = '\0';
    assert_int_equal(
        feed(l, HEAD "<auth xmlns='s'>=</auth>\r\n <?xml version='1.0'?>" HEAD "<iq/>", NULL),
        FG_COND_NONE);
    assert_string_equal(l->text, "H[jabber:server 1]{auth('=')}H[jabber:server 1]{iq}");
    free_log(l);
}

static void test_header_namespaces(void **state)
{
    (void)state;
    struct log *l = new_log();
    assert_int_equal(feed(l,
                          "<s:stream xmlns:s='http://etherx.jabber.org/streams' "
                          "xmlns:db='jabber:server:dialback'>",
                          NULL),
                     FG_COND_NONE);
    assert_string_equal(l->text, "H[ - db]");
    free_log(l);
}

struct fault {
    const char *text;
    enum fg_condition condition;
};

static void test_faults(void **state)
{
    static const struct fault cases[] = {
        {HEAD "<!-- c -->", FG_COND_RESTRICTED_XML},
        {HEAD "<a><?p i?></a>", FG_COND_RESTRICTED_XML},
        {"<!DOCTYPE a>", FG_COND_RESTRICTED_XML},
        {"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", FG_COND_RESTRICTED_XML},
        {HEAD "<a>&b;</a>", FG_COND_RESTRICTED_XML},
        {"<?xml version='1.0' encoding='UTF-16'?>", FG_COND_UNSUPPORTED_ENCODING},
        {"\xfe\xff<", FG_COND_UNSUPPORTED_ENCODING},
        {HEAD "<a></b>", FG_COND_NOT_WELL_FORMED},
        {HEAD "<a>\xc0\x80</a>", FG_COND_NOT_WELL_FORMED},
        {HEAD "x", FG_COND_BAD_FORMAT},
        {HEAD "<p:iq xmlns:p='jabber:server'/>", FG_COND_BAD_NAMESPACE_PREFIX},
        {HEAD "<a><b><c><d><e><f><g><h><i/>", FG_COND_POLICY_VIOLATION},
        {HEAD "<a b='' c='' d='' e='' f=''/>", FG_COND_POLICY_VIOLATION},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct log *l = new_log();
        assert_int_equal(feed(l, cases[i].text, NULL), cases[i].condition);
        assert_null(strchr(l->text, '{'));
        free_log(l);
    }
}

/* A tree of many tiny elements is bounded by its memory, not only by its bytes. */
static void test_tree_budget(void **state)
{
    (void)state;
    struct log *l = calloc(1, sizeof *l);
    struct fg_parser_limits wide = {.stanza = 4000000, .depth = 8, .attributes = 4};
    assert_int_equal(fg_parser_new(&l->parser, &wide, &events, l), 0);
    assert_int_equal(feed(l, HEAD "<a>", NULL), FG_COND_NONE);
    enum fg_condition c = FG_COND_NONE;
    for (int i = 0; i < 800000 && !c; i++) c = feed(l, "<b/>", NULL);
    assert_int_equal(c, FG_COND_POLICY_VIOLATION);
    assert_false(fg_parser_too_big(l->parser));
    free_log(l);
}

static void test_escape(void **state)
{
    (void)state;
    struct fg_buf b;
    fg_buf_init(&b, 1000);
    static const char in[] = "a<b>&\"'\r\n\t\x01\xc3\xa9\xff\xef\xbf\xbf\xed\xa0\x80z";
    assert_int_equal(fg_xml_escape(&b, in, sizeof in - 1), 0);
    assert_string_equal(fg_buf_cstr(&b),
                        "a&lt;b&gt;&amp;&quot;&apos;&#13;\n\t\xef\xbf\xbd\xc3\xa9"
                        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz");
    fg_buf_free(&b);
}

static void test_keys(void **state)
{
    static const struct {
        const char *secret, *to, *from, *id, *key;
    } vectors[] = {
        {"s3cr3tf0rd14lb4ck", "xmpp.example.com", "example.org", "D60000229F",
         "37c69b1cf07a3f67c04a5ef5902fa5114f2c76fe4a2686482ba5b89323075643"},
        {"s3cr3tf0rd14lb4ck", "montague.example", "capulet.example", "D60000229F",
         "b4835385f37fe2895af6c196b59097b16862406db80559900d96bf6fa7d23df3"},
        {"d14lb4ck43v3r", "capulet.example", "montague.example", "417GAF25",
         "225cc5aa6a071133249d25fef42ae516fc7a86c523aa1c6980a7f73e784c972d"},
    };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char key[FG_DIALBACK_KEY_SIZE], padded[100];
        fg_dialback_key(vectors[i].secret, vectors[i].to, vectors[i].from, vectors[i].id, key);
        assert_string_equal(key, vectors[i].key);
        snprintf(padded, sizeof padded, " \n%s\t", key);
        assert_true(fg_dialback_key_equal(padded, key));
        assert_false(fg_dialback_key_equal("", key));
        padded[5] = padded[5] == '0' ? '1' : '0';
        assert_false(fg_dialback_key_equal(padded, key));
        padded[30] = '\0';
        assert_false(fg_dialback_key_equal(padded, key));
    }
}

static void test_sasl(void **state)
{
    static const struct {
        const char *text;
        enum fg_sasl initial;
    } cases[] = {
        {"=", FG_SASL_OK},
        {"", FG_SASL_NONE},
        {" \n", FG_SASL_NONE},
        {"ZXhhbXBsZS5uZXQ=", FG_SASL_OK}, /* example.net */
        {"RVhBTVBMRS5uZXQu", FG_SASL_OK}, /* EXAMPLE.net. */
        {" ZXhhbXBsZS5uZXQ=\n", FG_SASL_OK},
        {"ZXhhbXBsZS5vcmc=", FG_SASL_INVALID_AUTHZID},     /* example.org */
        {"YUBleGFtcGxlLm5ldA==", FG_SASL_INVALID_AUTHZID}, /* a@example.net */
        {"ZXhhbXBsZS5uZXQ", FG_SASL_INCORRECT_ENCODING},
        {"ZXhhbXBsZS5uZXR=", FG_SASL_INCORRECT_ENCODING}, /* unused bits set */
        {"====", FG_SASL_INCORRECT_ENCODING},
        {"=AAA", FG_SASL_INCORRECT_ENCODING},
        {"A=AA", FG_SASL_INCORRECT_ENCODING},
        {"ZXhh\nbXBs", FG_SASL_INCORRECT_ENCODING},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(
            fg_sasl_response(cases[i].text, strlen(cases[i].text), "example.net", true),
            cases[i].initial);
    assert_int_equal(fg_sasl_response("", 0, "example.net", false), FG_SASL_OK);
    struct fg_buf b;
    fg_buf_init(&b, 1000);
    assert_int_equal(fg_sasl_auth(&b, "example.net"), 0);
    assert_string_equal(fg_buf_cstr(&b), "<auth xmlns='" FG_NS_SASL
                                         "' mechanism='EXTERNAL'>ZXhhbXBsZS5uZXQ=</auth>");
    fg_buf_free(&b);
}

static struct fg_peer_view read_features(const char *children)
{
    struct log *l = new_log();
    char text[1000];
    snprintf(text, sizeof text, HEAD "<stream:features>%s</stream:features>", children);
    assert_int_equal(feed(l, text, NULL), FG_COND_NONE);
    struct fg_peer_view v = l->view;
    free_log(l);
    return v;
}

static void test_features(void **state)
{
    (void)state;
    struct fg_buf b;
    fg_buf_init(&b, 1000);
    struct fg_offer all = {
        .starttls = true, .starttls_required = true, .dialback = true, .external = true};
    assert_int_equal(fg_features_write(&b, &all), 0);
    struct log *l = new_log();
    assert_int_equal(feed(l, HEAD, NULL), FG_COND_NONE);
    assert_int_equal(feed(l, fg_buf_cstr(&b), NULL), FG_COND_NONE);
    struct fg_peer_view v = l->view;
    assert_true(v.starttls_offered && v.starttls_required && v.external_offered &&
                v.dialback_offered);
    free_log(l);
    fg_buf_free(&b);
    v = read_features("<starttls xmlns='" FG_NS_TLS "'/>");
    assert_true(v.starttls_required); /* the only feature */
    v = read_features("<starttls xmlns='" FG_NS_TLS "'/><dialback xmlns='" FG_NS_DIALBACK_FEATURE
                      "'/>");
    assert_true(v.starttls_offered && !v.starttls_required && v.dialback_offered);
    v = read_features("<mechanisms xmlns='" FG_NS_SASL "'><mechanism>PLAIN</mechanism></mechanisms>"
                      "<starttls xmlns='urn:other'/>");
    assert_false(v.external_offered || v.starttls_offered);
}

static void test_stream_errors(void **state)
{
    (void)state;
    struct fg_buf b;
    fg_buf_init(&b, 1000);
    assert_int_equal(fg_condition_write(&b, FG_COND_POLICY_VIOLATION, "a<b", "<x xmlns='urn:x'/>"),
                     0);
    assert_string_equal(fg_buf_cstr(&b),
                        "<stream:error><policy-violation xmlns='" FG_NS_STREAM_ERROR "'/>"
                        "<text xmlns='" FG_NS_STREAM_ERROR "' xml:lang='en'>a&lt;b</text>"
                        "<x xmlns='urn:x'/></stream:error></stream:stream>");
    fg_buf_free(&b);
    struct fg_xml condition = {.ns = FG_NS_STREAM_ERROR, .name = "system-shutdown"};
    struct fg_xml error = {.ns = FG_NS_STREAM, .name = "error", .children = &condition};
    assert_int_equal(fg_condition_read(&error), FG_COND_SYSTEM_SHUTDOWN);
    condition.name = "made-up";
    assert_int_equal(fg_condition_read(&error), FG_COND_UNDEFINED_CONDITION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts),          cmocka_unit_test(test_stop_and_restart),
        cmocka_unit_test(test_doze),          cmocka_unit_test(test_header_namespaces),
        cmocka_unit_test(test_faults),        cmocka_unit_test(test_tree_budget),
        cmocka_unit_test(test_escape),        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_sasl),          cmocka_unit_test(test_features),
        cmocka_unit_test(test_stream_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
