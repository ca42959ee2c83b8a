/* What the four cmdlets export, in each form PowerShell writes: the same objects come out of CSV,
 * of JSON (one object, an array, one after the other) and of CLIXML, whatever the encoding and the
 * line ends; and what cannot come along is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/import/csv.h"
#include "server/import/lync.h"
#include "server/import/records.h"
#include "server/import/text.h"

enum { TEXT_MAX = 16384 };

/* ---- samples: one object of each cmdlet ---- */

struct sample {
    const char *name, *csv, *json,
        *clixml;      /* clixml: one <Obj>, its numbers from a block of its own */
    const char *want; /* the change, as below */
};

#define XML_ENUM(member, id, value)                                                                \
    "<Obj N=\"" member "\" RefId=\"" id "\"><TN RefId=\"" id                                       \
    "\"><T>Microsoft.Rtc.Management.WritableConfig.Settings.XmppFederation." member                \
    "</T><T>System.Enum</T></TN><ToString>" value "</ToString><I32>1</I32></Obj>\n"

static const struct sample samples[] = {
    {"Get-CsXmppAllowedPartner",
     "#TYPE "
     "Microsoft.Rtc.Management.WritableConfig.Settings.XmppFederation.DisplayXmppAllowedPartner\n"
     "\"Identity\",\"Domain\",\"AdditionalDomains\",\"Description\",\"PartnerType\","
     "\"TlsNegotiation\",\"SaslNegotiation\",\"SupportDialbackNegotiation\",\"EnableKeepAlive\","
     "\"ConnectionLimit\",\"ProxyFqdn\"\n"
     "\"fabrikam.com\",\"fabrikam.com\",\"corp.fabrikam.com Fabrikam2.com\",\"Ken \"\"K\"\" Myer, "
     "x\",\"PublicVerified\",\"Optional\",\"NotSupported\",\"True\",\"False\",\"40\","
     "\"xmpp.fabrikam.com\"\n",
     "{\"Identity\": \"fabrikam.com\", \"Domain\": \"fabrikam.com\",\n \"AdditionalDomains\": "
     "[\"corp.fabrikam.com\", \"Fabrikam2.com\"],\n \"Description\": \"Ken \\\"K\\\" Myer, x\", "
     "\"PartnerType\": \"PublicVerified\", \"TlsNegotiation\": \"Optional\", \"SaslNegotiation\": "
     "\"NotSupported\", \"SupportDialbackNegotiation\": true,\n \"EnableKeepAlive\": false, "
     "\"ConnectionLimit\": 40, \"ProxyFqdn\": \"xmpp.fabrikam.com\", \"Element\": null}",
     "<Obj RefId=\"10\"><TN RefId=\"10\"><T>Microsoft.Rtc.Management.WritableConfig.Settings."
     "XmppFederation.XmppAllowedPartner</T><T>System.Object</T></TN>\n"
     "<ToString>fabrikam.com</ToString><Props>"
     "<Obj N=\"Identity\" RefId=\"11\"><TN RefId=\"11\"><T>Microsoft.Rtc.Management.Xds.XmlIdentity"
     "</T></TN><ToString>fabrikam.com</ToString><Props><S N=\"Scope\">Global</S></Props></Obj>\n"
     "<S N=\"Domain\">fabrikam.com</S>"
     "<Obj N=\"AdditionalDomains\" RefId=\"12\"><TN RefId=\"12\"><T>System.Collections.Generic."
     "List`1[[System.String]]</T></TN><LST><S>corp.fabrikam.com</S>\n<S>Fabrikam2.com</S></LST></"
     "Obj>"
     "<S N=\"Description\">Ken \"K\" Myer, x</S>"
     "" XML_ENUM("PartnerType", "13", "PublicVerified") XML_ENUM("TlsNegotiation", "14", "Optional")
         XML_ENUM("SaslNegotiation", "15",
                  "NotSupported") ""
                                  "<B N=\"SupportDialbackNegotiation\">true</B><B "
                                  "N=\"EnableKeepAlive\">false</B>"
                                  "<U32 N=\"ConnectionLimit\">40</U32><S "
                                  "N=\"ProxyFqdn\">xmpp.fabrikam.com</S>"
                                  "<Nil N=\"Element\" /></Props></Obj>\n",
     "put partners fabrikam.com {\"additional_domains\":[\"corp.fabrikam.com\",\"fabrikam2.com\"],"
     "\"connection_limit\":40,\"description\":\"Ken \\\"K\\\" Myer, x\",\"dialback\":true,"
     "\"keepalive\":false,\"partner_type\":\"public_verified\",\"proxy\":\"xmpp.fabrikam.com\","
     "\"sasl\":\"not_supported\",\"tls\":\"optional\"}\n"},
    {"Get-CsXmppGatewayConfiguration",
     "\"Identity\",\"ConnectionLimit\",\"KeepAliveInterval\",\"PartnerConnectionLimit\","
     "\"StreamEstablishmentTimeout\",\"StreamInactivityTimeout\",\"SubscriptionRefreshInterval\"\n"
     "\"Global\",\"500\",\"120\",\"10\",\"30\",\"900\",\"3600\"\n",
     "{\"Identity\": \"Global\", \"ConnectionLimit\": 500, \"KeepAliveInterval\": 120,\n"
     "\"PartnerConnectionLimit\": 10, \"StreamEstablishmentTimeout\": 30, "
     "\"StreamInactivityTimeout\": 900, \"SubscriptionRefreshInterval\": 3600}",
     "<Obj RefId=\"20\"><TN RefId=\"20\"><T>Microsoft.Rtc.Management.WritableConfig.Settings."
     "XmppFederation.XmppGatewaySettings</T></TN><Props><S N=\"Identity\">Global</S>\n"
     "<U32 N=\"ConnectionLimit\">500</U32><U32 N=\"KeepAliveInterval\">120</U32>"
     "<U32 N=\"PartnerConnectionLimit\">10</U32><U32 N=\"StreamEstablishmentTimeout\">30</U32>"
     "<U32 N=\"StreamInactivityTimeout\">900</U32>"
     "<U32 N=\"SubscriptionRefreshInterval\">3600</U32></Props></Obj>\n",
     "patch settings settings {\"connection_limit\":500,\"keepalive_interval\":120,"
     "\"partner_connection_limit\":10,\"stream_establishment_timeout\":30,"
     "\"stream_inactivity_timeout\":900,\"subscription_refresh_interval\":3600}\n"},
    {"Get-CsExternalAccessPolicy",
     "\"Identity\",\"Description\",\"EnableFederationAccess\",\"EnableXmppAccess\","
     "\"EnablePublicCloudAccess\",\"EnableOutsideAccess\"\n"
     "\"Tag:FedPic\",\"Grüße\",\"True\",\"True\",\"False\",\"True\"\n",
     "{\"Identity\": \"Tag:FedPic\", \"Description\": \"Grüße\", \"EnableFederationAccess\": true,"
     "\n\"EnableXmppAccess\": true, \"EnablePublicCloudAccess\": false, \"EnableOutsideAccess\": "
     "true}",
     "<Obj RefId=\"30\"><TN RefId=\"30\"><T>Microsoft.Rtc.Management.WritableConfig.Policy."
     "ExternalAccess.ExternalAccessPolicy</T></TN><ToString>Tag:FedPic</ToString><Props>"
     "<Obj N=\"Identity\" RefId=\"31\"><TN RefId=\"31\"><T>Microsoft.Rtc.Management.Xds.XmlIdentity"
     "</T></TN><ToString>Tag:FedPic</ToString></Obj>\n<S N=\"Description\">Grüße</S>"
     "<B N=\"EnableFederationAccess\">true</B><B N=\"EnableXmppAccess\">true</B>"
     "<B N=\"EnablePublicCloudAccess\">false</B><B N=\"EnableOutsideAccess\">true</B>"
     "</Props></Obj>\n",
     "put policies user:FedPic {\"description\":\"Grüße\",\"federation_access\":true,"
     "\"outside_access\":true,\"public_cloud_access\":false,\"xmpp_access\":true}\n"},
    {"Get-CsUser",
     "\"SipAddress\",\"DisplayName\",\"Enabled\",\"ExternalAccessPolicy\"\n"
     "\"sip:Ken.Myer@contoso.com\",\"Ken 明\",\"True\",\"FedPic\"\n",
     "{\"SipAddress\": \"sip:Ken.Myer@contoso.com\", \"DisplayName\": \"Ken 明\",\n\"Enabled\": "
     "true, \"ExternalAccessPolicy\": {\"FriendlyName\": \"FedPic\", \"Anchor\": 2}}",
     "<Obj RefId=\"40\"><TN RefId=\"40\"><T>Microsoft.Rtc.Management.ADConnect.Schema."
     "OCSADUser</T></TN><Props><S N=\"SipAddress\">sip:Ken.Myer@contoso.com</S>\n"
     "<S N=\"DisplayName\">Ken 明</S><B N=\"Enabled\">true</B>"
     "<Obj N=\"ExternalAccessPolicy\" RefId=\"41\"><TN RefId=\"41\"><T>Microsoft.Rtc.Management."
     "ADConnect.Core.UserPolicyDefinition</T></TN><ToString>FedPic</ToString><Props>"
     "<S N=\"FriendlyName\">FedPic</S></Props></Obj></Props></Obj>\n",
     "put users ken.myer@contoso.com {\"display_name\":\"Ken 明\",\"policy\":\"user:FedPic\"}\n"},
};
enum { SAMPLES = sizeof samples / sizeof *samples };

#define XML_OPEN                                                                                   \
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Objs Version=\"1.1.0.1\" "                       \
    "xmlns=\"http://schemas.microsoft.com/powershell/2004/04\">\n"

/* ---- encodings ---- */

enum encoding { PLAIN, MARKED, CRLF, LITTLE, LITTLE_BARE, BIG, BIG_BARE, ENCODINGS };

static size_t put_unit(uint8_t *to, unsigned unit, bool big)
{
    to[0] = (uint8_t)(big ? unit >> 8 : unit);
    to[1] = (uint8_t)(big ? unit : unit >> 8);
    return 2;
}

/* One character of well-formed UTF-8. */
static unsigned next_char(const uint8_t **p)
{
    unsigned c = *(*p)++, more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    if (more) c &= 0x3fU >> more;
    while (more--) c = c << 6 | (*(*p)++ & 0x3f);
    return c;
}

static size_t encode(const char *text, enum encoding how, uint8_t *out)
{
    size_t n = 0;
    bool wide = how >= LITTLE, big = how >= BIG;
    if (how == MARKED) n = (size_t)(stpcpy((char *)out, "\xef\xbb\xbf") - (char *)out);
    if (how == LITTLE || how == BIG) n += put_unit(out, 0xfeff, big);
    for (const uint8_t *p = (const uint8_t *)text; *p;) {
        if (*p == '\n' && how != PLAIN && how != MARKED) {
            if (wide)
                n += put_unit(out + n, '\r', big);
            else
                out[n++] = '\r';
        }
        if (wide)
            n += put_unit(out + n, next_char(&p), big);
        else
            out[n++] = *p++;
    }
    return n;
}

/* ---- reading ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The changes, sorted, one a line; `codes` gets "severity:code:key " of every finding. */
static void describe(const struct fg_lync *l, char *changes, char *codes)
{
    char *lines[64];
    size_t i;
    json_t *f;
    assert_true(l->n <= 64);
    for (size_t k = 0; k < l->n; k++) {
        const struct fg_change *c = &l->changes[k];
        char *value = json_dumps(c->value, JSON_COMPACT | JSON_SORT_KEYS);
        assert_true(asprintf(&lines[k], "%s %s %s %s\n", c->op == FG_CHANGE_PUT ? "put" : "patch",
                             fg_kind_name(c->kind), c->key, value) > 0);
        free(value);
    }
    qsort(lines, l->n, sizeof *lines, by_text);
    *changes = *codes = 0;
    for (size_t k = 0; k < l->n; k++) {
        strncat(changes, lines[k], TEXT_MAX - strlen(changes) - 1);
        free(lines[k]);
    }
    json_array_foreach(l->findings, i, f)
    {
        const char *key = json_string_value(json_object_get(f, "key"));
        size_t used = strlen(codes);
        snprintf(codes + used, TEXT_MAX - used, "%s:%s:%s ",
                 json_string_value(json_object_get(f, "severity")),
                 json_string_value(json_object_get(f, "code")), key ? key : "");
    }
}

static void import_bytes(const uint8_t *data, size_t len, bool suspended, char *changes,
                         char *codes)
{
    struct fg_problems problems;
    json_t *records = NULL;
    struct fg_lync l;
    fg_problems_init(&problems);
    if (fg_records_read(data, len, &records, &problems))
        fail_msg("%s", problems.count ? problems.items[0].message : "no memory");
    assert_int_equal(fg_lync_read(records, 1, suspended, &l), 0);
    describe(&l, changes, codes);
    fg_lync_free(&l);
    json_decref(records);
}

static void import_text(const char *text, char *changes, char *codes)
{
    import_bytes((const uint8_t *)text, strlen(text), false, changes, codes);
}

/* ---- the same out of each form ---- */

static void expect(const char *text, const char *want, const char *what)
{
    static uint8_t data[4 * TEXT_MAX];
    char changes[TEXT_MAX], codes[TEXT_MAX];
    for (int how = 0; how < ENCODINGS; how++) {
        size_t n = encode(text, (enum encoding)how, data);
        import_bytes(data, n, false, changes, codes);
        if (strcmp(changes, want))
            fail_msg("%s, encoding %d:\n%swanted\n%s", what, how, changes, want);
        if (strstr(codes, "error") || strstr(codes, "duplicate")) fail_msg("%s: %s", what, codes);
    }
}

static void test_each_form(void **state)
{
    (void)state;
    char text[TEXT_MAX];
    for (int i = 0; i < SAMPLES; i++) {
        const struct sample *s = &samples[i];
        expect(s->csv, s->want, s->name);
        expect(s->json, s->want, s->name);
        snprintf(text, sizeof text, "[\n%s\n]\n", s->json);
        expect(text, s->want, s->name);
        snprintf(text, sizeof text, "%s%s</Objs>", XML_OPEN, s->clixml);
        expect(text, s->want, s->name);
    }
}

static void append(char *to, const char *text)
{
    strncat(to, text, TEXT_MAX - strlen(to) - 1);
}

/* All four in one file, as one array, one after the other, and as CLIXML. */
static void test_together(void **state)
{
    (void)state;
    char many[TEXT_MAX] = "", array[TEXT_MAX] = "[", xml[TEXT_MAX] = XML_OPEN, want[TEXT_MAX] = "";
    static const int sorted[] = {1, 0, 2, 3}; /* as the changes sort: patch, put partners, ... */
    for (int i = 0; i < SAMPLES; i++) {
        const struct sample *s = &samples[i];
        snprintf(many + strlen(many), sizeof many - strlen(many), "%s\n", s->json);
        snprintf(array + strlen(array), sizeof array - strlen(array), "%s%s", i ? "," : "",
                 s->json);
        snprintf(xml + strlen(xml), sizeof xml - strlen(xml), "%s", s->clixml);
        append(want, samples[sorted[i]].want);
    }
    append(array, "]");
    append(xml, "</Objs>");
    expect(many, want, "one after the other");
    expect(array, want, "an array");
    expect(xml, want, "CLIXML");
}

/* Export-Clixml of a pipeline that was collected first: objects within lists within objects. */
static void test_nested(void **state)
{
    (void)state;
    char text[TEXT_MAX], changes[TEXT_MAX], codes[TEXT_MAX];
    snprintf(text, sizeof text,
             "%s<Obj RefId=\"0\"><TN RefId=\"0\"><T>System.Object[]</T></TN><LST>%s%s</LST></Obj>"
             "</Objs>",
             XML_OPEN, samples[0].clixml, samples[2].clixml);
    import_text(text, changes, codes);
    if (!strstr(changes, samples[0].want) || !strstr(changes, samples[2].want))
        fail_msg("%s%s", changes, codes);
}

/* ---- what cannot come along as it is ---- */

static void test_findings(void **state)
{
    (void)state;
    static const struct {
        const char *text, *codes; /* what must be among the findings */
        size_t lines;             /* of changes */
    } cases[] = {
        {"{\"Domain\":\"a.example\",\"TlsNegotiation\":\"NotSupported\",\"SaslNegotiation\":"
         "\"Required\",\"SupportDialbackNegotiation\":false}",
         "error:dead_combination:a.example ", 0},
        {"{\"Domain\":\"a.example\",\"PartnerType\":\"Federated\"} {\"Domain\":\"A.example\","
         "\"PartnerType\":\"Federated\"}",
         "warning:duplicate:a.example ", 1},
        {"{\"Domain\":\"a.example\",\"PartnerType\":\"Federated\",\"AdditionalDomains\":"
         "[\"b.example\"]} {\"Domain\":\"b.example\",\"PartnerType\":\"Federated\"}",
         "error:duplicate:b.example ", 1},
        {"{\"Domain\":\"a.example\",\"PartnerType\":\"Federated\",\"AdditionalDomains\":"
         "[\"b.example\"]} {\"Domain\":\"c.example\",\"PartnerType\":\"Federated\","
         "\"AdditionalDomains\":[\"b.example\"]}",
         "warning:duplicate:c.example ", 2},
        {"{\"Domain\":\"a.example\",\"PartnerType\":2}", "error:enum_number:a.example ", 0},
        {"{\"Domain\":\"a.example\",\"PartnerType\":\"Other\"}", "error:enum_unknown:a.example ",
         0},
        {"{\"Domain\":\"a b\",\"PartnerType\":\"Federated\"}", "error:name: ", 0},
        {"{\"PartnerType\":\"Federated\"}", "error:name: ", 0},
        {"{\"PartnerConnectionLimit\":5,\"DialbackPassphrase\":\"secret\","
         "\"EnableLoggingAllMessageBodies\":true}",
         "info:no_equivalent:settings warning:no_equivalent:settings ", 1},
        {"{\"PartnerConnectionLimit\":0}", "error:", 0},
        {"{\"Identity\":\"Global\",\"EnableXmppAccess\":true,\"EnableFederationAccess\":false}",
         "warning:dead_combination:global ", 1},
        {"{\"Identity\":\"Global\",\"EnableXmppAccess\":false,\"EnableFederationAccess\":true,"
         "\"EnablePublicCloudAudioVideoAccess\":true}",
         "info:no_xmpp:global info:no_equivalent:global ", 1},
        {"{\"Identity\":\"Site:Redmond\",\"EnableFederationAccess\":true,\"EnableXmppAccess\":"
         "true}",
         "info:site_needed:Redmond ", 2},
        {"{\"SipAddress\":\"\",\"DisplayName\":\"x\",\"ExternalAccessPolicy\":null}",
         "info:no_address: ", 0},
        {"{\"SipAddress\":\"sip:x@y.example\",\"Enabled\":false}", "info:not_enabled:x@y.example ",
         0},
        {"{\"SipAddress\":\"sip:x@y.example\",\"RegistrarPool\":\"pool\"}",
         "info:no_equivalent:x@y.example ", 1},
        {"{\"Name\":\"pool01\"}", "error:unknown_record: ", 0},
        {"{\"Domain\":\"a.example\",\"PartnerType\":\"Federated\"}", "info:cut_over:a.example ", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char changes[TEXT_MAX], codes[TEXT_MAX];
        size_t lines = 0;
        import_text(cases[i].text, changes, codes);
        for (const char *p = changes; (p = strchr(p, '\n')); p++) lines++;
        if (!strstr(codes, cases[i].codes) || lines != cases[i].lines)
            fail_msg("%s\n%s%s", cases[i].text, changes, codes);
        assert_null(strstr(changes, "secret"));
        assert_null(strstr(codes, "secret"));
    }
}

/* A site policy brings its site, once. */
static void test_sites(void **state)
{
    (void)state;
    char changes[TEXT_MAX], codes[TEXT_MAX];
    import_text(
        "{\"Identity\":\"Site:HQ\",\"EnableFederationAccess\":true,\"EnableXmppAccess\":true}",
        changes, codes);
    assert_string_equal(changes, "put policies site:HQ {\"federation_access\":true,"
                                 "\"xmpp_access\":true}\nput sites HQ {}\n");
}

/* Beside the old gateway: partners come suspended, and say so. */
static void test_suspended(void **state)
{
    (void)state;
    static const char text[] = "{\"Domain\":\"a.example\",\"PartnerType\":\"Federated\"}";
    char changes[TEXT_MAX], codes[TEXT_MAX];
    import_bytes((const uint8_t *)text, strlen(text), true, changes, codes);
    assert_non_null(strstr(changes, "\"state\":\"suspended\""));
    import_text(text, changes, codes);
    assert_null(strstr(changes, "state"));
}

/* ---- what is no such file ---- */

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
    } cases[] = {{"", 0},
                 {"\xef\xbb\xbf", 3},
                 {"\xff\xfe", 2},
                 {"\xff\xfe\x00", 3},
                 {"\xff\xfe\x00\xd8", 4},
                 {"\x80\x81", 2},
                 {"a\0b", 3},
                 {"[", 1},
                 {"{\"a\":1,\"a\":2}", 13},
                 {"[1]", 3},
                 {"a,b\n", 4},
                 {"a,b\n\"x", 6},
                 {"a,b\n1,2,3\n", 10},
                 {"<Objs>", 6},
                 {"<Objs></Obj>", 12},
                 {"<html/>", 7}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fg_problems problems;
        json_t *records = NULL;
        fg_problems_init(&problems);
        int err =
            fg_records_read((const uint8_t *)cases[i].text, cases[i].len, &records, &problems);
        if (!err || records || !problems.count)
            fail_msg("case %zu was taken: %s", i, cases[i].text);
        fg_problems_free(&problems);
    }
}

/* Quotes, doubled quotes, line ends within quotes, empty lines, semicolons and tabs. */
static void test_csv(void **state)
{
    (void)state;
    static const char *const files[] = {"a,b\r\n\"x,\"\"y\"\"\r\nz\",2\r\n\r\n3,\r\n",
                                        "a;b\n\"x,\"\"y\"\"\r\nz\";2\n\n3;\n",
                                        "a\tb\n\"x,\"\"y\"\"\r\nz\"\t2\n3\t"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char text[128];
        struct fg_csv c;
        snprintf(text, sizeof text, "%s", files[i]);
        fg_csv_open(&c, text, strlen(text));
        assert_int_equal(fg_csv_next(&c), 0);
        assert_int_equal(c.n, 2);
        assert_string_equal(c.cells[0], "a");
        assert_int_equal(fg_csv_next(&c), 0);
        assert_string_equal(c.cells[0], "x,\"y\"\r\nz");
        assert_string_equal(c.cells[1], "2");
        assert_int_equal(c.line, 2);
        assert_int_equal(fg_csv_next(&c), 0);
        assert_string_equal(c.cells[0], "3");
        assert_string_equal(c.cells[1], "");
        assert_int_not_equal(fg_csv_next(&c), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_form), cmocka_unit_test(test_together),
        cmocka_unit_test(test_nested),    cmocka_unit_test(test_findings),
        cmocka_unit_test(test_sites),     cmocka_unit_test(test_suspended),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_csv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
