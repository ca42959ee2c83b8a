/* The bridge alone, with both ends replaced: what comes out for what goes in, who is told of which
 * failure, and the two error tables. */

/* Tables of stanzas and requests are laid out by hand, one case a row. */
/* clang-format off */
#include "gateway/bridge/bridge.h"
#include "gateway/bridge/condition.h"
#include "gateway/bridge/content.h"
#include "gateway/bridge/pairs.h"
#include "gateway/bridge/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- both ends ---- */

struct lab {
    struct fg_bridge *bridge;
    struct fg_snapshot *snapshot;
    struct fg_arena arena;
    int stanza_err, request_err;
    struct {
        char text[8192], local[256], remote[256];
        int deadline_ms;
        fg_sent_h *done;
        void *arg;
    } stanza;
    unsigned stanzas;
    struct {
        char ruri[512], from[512], to[512], call_id[256], headers[1024], type[128], body[4096], domain[256];
        fg_sip_result_h *done;
        void *arg;
    } request;
    unsigned requests;
    struct {
        int code;
        char warning[256], headers[256];
    } answer;
    unsigned answers;
    struct fg_report report;
    char rule[64], code[64];
};

static int on_send_stanza(void *arg, const struct fg_s2s_item *i)
{
    struct lab *l = arg;
    if (l->stanza_err) return l->stanza_err;
    l->stanzas++;
    snprintf(l->stanza.text, sizeof l->stanza.text, "%.*s", (int)i->len, (const char *)i->stanza);
    snprintf(l->stanza.local, sizeof l->stanza.local, "%s", i->local);
    snprintf(l->stanza.remote, sizeof l->stanza.remote, "%s", i->remote);
    l->stanza.deadline_ms = i->deadline_ms;
    l->stanza.done = i->done;
    l->stanza.arg = i->arg;
    return 0;
}

static int on_send_request(void *arg, const struct fg_sip_out *o)
{
    struct lab *l = arg;
    if (l->request_err) return l->request_err;
    l->requests++;
    assert_string_equal(o->method, "MESSAGE");
    snprintf(l->request.ruri, sizeof l->request.ruri, "%s", o->ruri);
    snprintf(l->request.from, sizeof l->request.from, "%s", o->from);
    snprintf(l->request.to, sizeof l->request.to, "%s", o->to);
    snprintf(l->request.domain, sizeof l->request.domain, "%s", o->domain);
    snprintf(l->request.call_id, sizeof l->request.call_id, "%s", o->call_id ? o->call_id : "");
    snprintf(l->request.headers, sizeof l->request.headers, "%s", o->headers ? o->headers : "");
    snprintf(l->request.type, sizeof l->request.type, "%s", o->content_type);
    snprintf(l->request.body, sizeof l->request.body, "%.*s", (int)o->body_len, (const char *)o->body);
    l->request.done = o->done;
    l->request.arg = o->arg;
    return 0;
}

static void on_respond(void *arg, struct fg_sip_request *rq, const struct fg_sip_answer *a)
{
    struct lab *l = arg;
    (void)rq;
    l->answers++;
    l->answer.code = a->code;
    snprintf(l->answer.warning, sizeof l->answer.warning, "%s", a->warning ? a->warning : "");
    snprintf(l->answer.headers, sizeof l->answer.headers, "%s", a->headers ? a->headers : "");
}

static void on_event(void *arg, const struct fg_event *e)
{
    struct lab *l = arg;
    snprintf(l->rule, sizeof l->rule, "%s", e->rule ? e->rule : "");
    snprintf(l->code, sizeof l->code, "%s", e->code);
}

static struct fg_snapshot *make_snapshot(bool xmpp_access, enum fg_partner_type type)
{
    struct fg_snapshot_builder *b;
    struct fg_snapshot *s;
    assert_int_equal(fg_snapshot_builder_new(&b, NULL), 0);
    static const char *const fronts[] = {"fe"};
    static const char *const domains[] = {"fabrikam.test"};
    struct fg_settings settings = {.federation_enabled = true, .connection_limit = 10};
    assert_int_equal(fg_snapshot_put_settings(b, &settings), 0);
    assert_int_equal(fg_snapshot_put_front_end(b, &(struct fg_front_end){
        .entry.key = "fe", .name = "fe", .host = "192.0.2.1", .port = 5060, .transport = FG_UDP,
        .tls_name = "fe.contoso.test"}), 0);
    assert_int_equal(fg_snapshot_put_domain(b, &(struct fg_domain){
        .entry.key = "contoso.test", .domain = "contoso.test", .front_ends = fronts, .n_front_ends = 1}), 0);
    assert_int_equal(fg_snapshot_put_partner(b, &(struct fg_partner){
        .entry.key = "fabrikam.test", .domain = "fabrikam.test", .domains = domains, .n_domains = 1,
        .type = type, .tls = FG_REQUIRED, .sasl = FG_OPTIONAL, .dialback = true}), 0);
    assert_int_equal(fg_snapshot_put_policy(b, &(struct fg_policy_entry){
        .entry.key = "global", .identity = "global", .federation_access = xmpp_access,
        .xmpp_access = xmpp_access}), 0);
    assert_int_equal(fg_snapshot_builder_finish(b, 7, &s), 0);
    fg_snapshot_builder_free(b);
    return s;
}

static void lab_open(struct lab *l, bool access, enum fg_partner_type type)
{
    memset(l, 0, sizeof *l);
    fg_arena_init(&l->arena, 1 << 20);
    l->report = (struct fg_report){on_event, l, FG_DEBUG};
    assert_int_equal(fg_bridge_new(&l->bridge, &(struct fg_bridge_params){
        .ends = {on_send_stanza, on_send_request, on_respond, l}, .report = &l->report}), 0);
    l->snapshot = make_snapshot(access, type);
    fg_bridge_activate(l->bridge, l->snapshot);
}

static void lab_close(struct lab *l)
{
    fg_bridge_stop(l->bridge);
    fg_bridge_free(l->bridge);
    fg_snapshot_put(l->snapshot);
    fg_arena_free(&l->arena);
}

/* ---- stanzas ---- */

static struct fg_xml *node(struct lab *l, const char *ns, const char *name, const char *text)
{
    struct fg_xml *x = fg_arena_zalloc(&l->arena, sizeof *x);
    x->ns = ns;
    x->name = name;
    if (text) {
        struct fg_xml *t = fg_arena_zalloc(&l->arena, sizeof *t);
        t->ns = "";
        t->text = text;
        t->text_len = strlen(text);
        x->children = x->last = t;
    }
    return x;
}

static void append(struct fg_xml *x, struct fg_xml *child)
{
    if (x->last)
        x->last->next = child;
    else
        x->children = child;
    x->last = child;
}

static const char server_ns[] = "jabber:server";

struct wish {
    enum fg_stanza_kind kind;
    const char *type, *id, *lang, *from, *to, *body, *subject, *thread, *child_ns, *child;
};

static void give(struct lab *l, const struct wish *w)
{
    static const char *const names[] = {"message", "presence", "iq"};
    struct fg_xml *x = node(l, server_ns, names[w->kind], NULL);
    if (w->subject) append(x, node(l, server_ns, "subject", w->subject));
    if (w->body) append(x, node(l, server_ns, "body", w->body));
    if (w->thread) append(x, node(l, server_ns, "thread", w->thread));
    if (w->child) append(x, node(l, w->child_ns, w->child, NULL));
    struct fg_stanza s = {.kind = w->kind, .type = w->type ? w->type : "", .id = w->id,
                          .lang = w->lang ? w->lang : "", .xml = x, .arena = &l->arena};
    assert_int_equal(fg_jid_parses(&l->arena, w->from ? w->from : "romeo@fabrikam.test/orchard", &s.from), 0);
    assert_int_equal(fg_jid_parses(&l->arena, w->to ? w->to : "juliet@contoso.test", &s.to), 0);
    fg_bridge_stanza(l->bridge, &s);
}

static void finish_request(struct lab *l, int code, const char *reason, enum fg_failure why)
{
    struct fg_sip_result r = {.code = code, .reason = {reason, strlen(reason)}, .why = why};
    fg_sip_result_h *done = l->request.done;
    l->request.done = NULL;
    assert_non_null(done);
    done(l->request.arg, &r);
}

#define assert_contains(text, part)                                        \
    do {                                                                   \
        if (!strstr((text), (part))) fail_msg("%s not in %s", part, text); \
    } while (0)

static void message_to_sip(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l, true, FG_FEDERATED);
    give(&l, &(struct wish){.body = "Art thou not Romeo?\nReally & <truly>", .subject = "Balcony\r\nEvil: yes",
                            .thread = "e0ffe42b28561960c6b12b944a092794b9683a38", .id = "m1", .lang = "en"});
    assert_int_equal(l.requests, 1);
    assert_string_equal(l.request.ruri, "sip:juliet@contoso.test");
    assert_string_equal(l.request.to, "sip:juliet@contoso.test");
    assert_string_equal(l.request.from, "sip:romeo@fabrikam.test");
    assert_string_equal(l.request.domain, "contoso.test");
    assert_string_equal(l.request.call_id, "e0ffe42b28561960c6b12b944a092794b9683a38");
    assert_string_equal(l.request.type, "text/plain;charset=UTF-8");
    assert_string_equal(l.request.body, "Art thou not Romeo?\r\nReally & <truly>");
    assert_string_equal(l.request.headers, "Subject: Balcony  Evil: yes\r\nContent-Language: en\r\n");
    finish_request(&l, 200, "OK", FG_FAIL_NONE);
    assert_int_equal(l.stanzas, 0);
    struct fg_bridge_counters c;
    fg_bridge_counters(l.bridge, &c);
    assert_int_equal(c.messages_in, 1);
    assert_int_equal(c.waiting, 0);
    lab_close(&l);
}

/* One at a time per target, in order; another target is not held up. */
static void one_under_way(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l, true, FG_FEDERATED);
    give(&l, &(struct wish){.body = "1", .thread = "t"});
    give(&l, &(struct wish){.body = "2", .thread = "t"});
    assert_int_equal(l.requests, 1);
    assert_string_equal(l.request.body, "1");
    fg_sip_result_h *done = l.request.done;
    void *arg = l.request.arg;
    give(&l, &(struct wish){.body = "other", .to = "nurse@contoso.test"});
    assert_int_equal(l.requests, 2);
    assert_string_equal(l.request.ruri, "sip:nurse@contoso.test");
    done(arg, &(struct fg_sip_result){.code = 200});
    assert_int_equal(l.requests, 3);
    assert_string_equal(l.request.body, "2");
    assert_string_equal(l.request.call_id, "t");
    lab_close(&l); /* two are never answered: freed with the bridge */
}

static void full_queue(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l, true, FG_FEDERATED);
    for (int i = 0; i < 100; i++) give(&l, &(struct wish){.body = "x", .id = "q"});
    assert_int_equal(l.stanzas, 0);
    give(&l, &(struct wish){.body = "too many", .id = "last"});
    assert_int_equal(l.stanzas, 1);
    assert_contains(l.stanza.text, "<resource-constraint");
    assert_contains(l.stanza.text, "id='last'");
    /* All of them come through, one after the other. */
    for (int i = 0; i < 100; i++) finish_request(&l, 202, "Accepted", FG_FAIL_NONE);
    assert_int_equal(l.requests, 100);
    assert_int_equal(l.stanzas, 1);
    lab_close(&l);
}

static void failures_in(void **state)
{
    (void)state;
    static const struct {
        int code;
        enum fg_failure why;
        const char *condition, *type;
    } rows[] = {
        {300, 0, "redirect", "modify"},      {301, 0, "gone", "cancel"},
        {302, 0, "redirect", "modify"},      {380, 0, "not-acceptable", "modify"},
        {400, 0, "bad-request", "modify"},   {401, 0, "not-authorized", "auth"},
        {402, 0, "bad-request", "modify"},   {403, 0, "forbidden", "auth"},
        {404, 0, "service-unavailable", "cancel"}, {405, 0, "feature-not-implemented", "cancel"},
        {406, 0, "not-acceptable", "modify"}, {407, 0, "registration-required", "auth"},
        {408, 0, "remote-server-timeout", "wait"}, {410, 0, "gone", "cancel"},
        {413, 0, "policy-violation", "modify"}, {414, 0, "policy-violation", "modify"},
        {415, 0, "not-acceptable", "modify"}, {416, 0, "not-acceptable", "modify"},
        {420, 0, "feature-not-implemented", "cancel"}, {421, 0, "not-acceptable", "modify"},
        {423, 0, "resource-constraint", "wait"}, {430, 0, "recipient-unavailable", "wait"},
        {439, 0, "feature-not-implemented", "cancel"}, {440, 0, "policy-violation", "wait"},
        {480, 0, "recipient-unavailable", "wait"}, {481, 0, "item-not-found", "cancel"},
        {482, 0, "not-acceptable", "modify"}, {483, 0, "not-acceptable", "modify"},
        {484, 0, "item-not-found", "cancel"}, {485, 0, "item-not-found", "cancel"},
        {486, 0, "recipient-unavailable", "wait"}, {487, 0, "recipient-unavailable", "wait"},
        {488, 0, "not-acceptable", "modify"}, {489, 0, "policy-violation", "modify"},
        {491, 0, "unexpected-request", "wait"}, {493, 0, "bad-request", "modify"},
        {499, 0, "bad-request", "modify"},   {500, 0, "internal-server-error", "cancel"},
        {501, 0, "feature-not-implemented", "cancel"}, {502, 0, "remote-server-not-found", "cancel"},
        {503, 0, "internal-server-error", "cancel"}, {504, 0, "remote-server-timeout", "wait"},
        {505, 0, "not-acceptable", "modify"}, {513, 0, "policy-violation", "modify"},
        {599, 0, "internal-server-error", "cancel"}, {600, 0, "recipient-unavailable", "wait"},
        {603, 0, "recipient-unavailable", "wait"}, {604, 0, "service-unavailable", "cancel"},
        {606, 0, "not-acceptable", "modify"}, {699, 0, "recipient-unavailable", "wait"},
        {0, FG_FAIL_SIP_TIMEOUT, "remote-server-timeout", "wait"},
        {0, FG_FAIL_SIP_UNREACHABLE, "internal-server-error", "cancel"},
        {0, FG_FAIL_SIP_NO_FRONT_END, "service-unavailable", "cancel"},
    };
    struct lab l;
    lab_open(&l, true, FG_FEDERATED);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        give(&l, &(struct wish){.body = "x", .id = "a<b"});
        finish_request(&l, rows[i].code, "Busy & \"gone\"", rows[i].why);
        char want[256];
        snprintf(want, sizeof want, "<error type='%s'><%s xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>",
                 rows[i].type, rows[i].condition);
        assert_int_equal(l.stanzas, i + 1);
        assert_contains(l.stanza.text, want);
        assert_contains(l.stanza.text, "<message from='juliet@contoso.test' "
                                       "to='romeo@fabrikam.test/orchard' id='a&lt;b' type='error'>");
        if (rows[i].code) assert_contains(l.stanza.text, "Busy &amp; ");
        assert_string_equal(l.stanza.local, "contoso.test");
        assert_string_equal(l.stanza.remote, "fabrikam.test");
    }
    lab_close(&l);
}

static void redirect_names_the_place(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l, true, FG_FEDERATED);
    give(&l, &(struct wish){.body = "x"});
    static const char uri[] = "sip:new@contoso.test";
    l.request.done(l.request.arg, &(struct fg_sip_result){.code = 301, .contact = {uri, sizeof uri - 1}});
    assert_contains(l.stanza.text, "sip:new@contoso.test</gone>");
    lab_close(&l);
}

static void cannot_send(void **state)
{
    (void)state;
    static const struct {
        int err;
        const char *condition;
    } rows[] = {{EMSGSIZE, "policy-violation"}, {ENETUNREACH, "service-unavailable"},
                {ENOBUFS, "resource-constraint"}, {ESHUTDOWN, "remote-server-timeout"}};
    struct lab l;
    lab_open(&l, true, FG_FEDERATED);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        l.request_err = rows[i].err;
        give(&l, &(struct wish){.body = "x"});
        assert_int_equal(l.stanzas, i + 1);
        assert_contains(l.stanza.text, rows[i].condition);
    }
    lab_close(&l);
}

static void silent_ones(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l, true, FG_FEDERATED);
    give(&l, &(struct wish){.type = "error", .body = "x"});
    give(&l, &(struct wish){.type = "chat", .child_ns = "http://jabber.org/protocol/chatstates",
                            .child = "composing"});
    give(&l, &(struct wish){.child_ns = "urn:xmpp:receipts", .child = "received"});
    give(&l, &(struct wish){.body = " \n"});
    give(&l, &(struct wish){.body = ""});
    assert_int_equal(l.requests + l.stanzas, 0);
    give(&l, &(struct wish){.type = "groupchat", .body = "x", .id = "g"});
    assert_int_equal(l.requests, 0);
    assert_contains(l.stanza.text, "<service-unavailable");
    give(&l, &(struct wish){.body = "x", .to = "contoso.test"});
    assert_int_equal(l.requests, 0);
    assert_int_equal(l.stanzas, 2);
    /* Would reach the SIP user of another JID, past that user's policy. */
    give(&l, &(struct wish){.body = "x", .to = "\\5cjuliet@contoso.test"});
    assert_int_equal(l.requests, 0);
    assert_contains(l.stanza.text, "<error type='modify'><jid-malformed");
    lab_close(&l);
}

static void policy_in(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l, false, FG_FEDERATED);
    give(&l, &(struct wish){.body = "x", .id = "1"});
    assert_int_equal(l.requests, 0);
    assert_contains(l.stanza.text, "<service-unavailable");
    assert_contains(l.stanza.text, "Refused by rule policy_federation_access.");
    assert_string_equal(l.rule, "policy_federation_access");
    assert_string_equal(l.code, "policy_denied");
    lab_close(&l);
    lab_open(&l, true, FG_PUBLIC_UNVERIFIED);
    give(&l, &(struct wish){.body = "x", .id = "1"});
    assert_contains(l.stanza.text, "not_a_contact");
    struct fg_bridge_counters c;
    fg_bridge_counters(l.bridge, &c);
    assert_int_equal(c.refused_in, 1);
    lab_close(&l);
}

static void queries(void **state)
{
    (void)state;
    static const struct {
        struct wish w;
        const char *want; /* NULL: silence */
    } rows[] = {
        {{.type = "get", .id = "1", .to = "contoso.test", .child_ns = "urn:xmpp:ping", .child = "ping"},
         "<iq from='contoso.test' to='romeo@fabrikam.test/orchard' id='1' type='result'/>"},
        {{.type = "get", .id = "1", .to = "contoso.test",
          .child_ns = "http://jabber.org/protocol/disco#info", .child = "query"}, "category='gateway'"},
        {{.type = "get", .id = "1", .to = "contoso.test", .child_ns = "x", .child = "y"},
         "<service-unavailable"},
        {{.type = "set", .id = "1", .to = "contoso.test", .child_ns = "urn:xmpp:ping", .child = "ping"},
         "<service-unavailable"},
        {{.type = "get", .id = "1", .child_ns = "urn:xmpp:ping", .child = "ping"}, "<service-unavailable"},
        {{.type = "set", .id = "1", .to = "contoso.test"}, "<bad-request"},
        {{.type = "result", .id = "1", .to = "contoso.test"}, NULL},
        {{.type = "error", .id = "1", .to = "contoso.test"}, NULL},
    };
    struct lab l;
    lab_open(&l, true, FG_FEDERATED);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wish w = rows[i].w;
        w.kind = FG_IQ;
        l.stanzas = 0;
        give(&l, &w);
        assert_int_equal(l.stanzas, rows[i].want != NULL);
        if (rows[i].want) assert_contains(l.stanza.text, rows[i].want);
    }
    give(&l, &(struct wish){.kind = FG_PRESENCE, .type = "subscribe", .id = "s"});
    assert_string_equal(l.stanza.text, "<presence from='juliet@contoso.test' to='romeo@fabrikam.test' "
                                       "id='s' type='unsubscribed'/>");
    l.stanzas = 0;
    give(&l, &(struct wish){.kind = FG_PRESENCE});
    give(&l, &(struct wish){.kind = FG_PRESENCE, .type = "unavailable"});
    give(&l, &(struct wish){.kind = FG_PRESENCE, .type = "unsubscribed"});
    give(&l, &(struct wish){.kind = FG_PRESENCE, .type = "error"});
    assert_int_equal(l.stanzas, 0);
    lab_close(&l);
}

/* ---- who has talked to whom ---- */

static void pairs(void **state)
{
    (void)state;
    struct fg_pairs p;
    fg_pairs_init(&p, 2);
    struct fg_pair_facts f = fg_pairs_look(&p, "a@x", "b@y", 0);
    assert_false(f.written || f.open);
    fg_pairs_note(&p, "a@x", "b@y", false, 1000);
    f = fg_pairs_look(&p, "a@x", "b@y", 2000);
    assert_true(f.open && !f.written);
    fg_pairs_note(&p, "a@x", "b@y", true, 3000);
    f = fg_pairs_look(&p, "a@x", "b@y", 3000 + FG_PAIRS_OPEN_MS);
    assert_true(f.written && !f.open);
    f = fg_pairs_look(&p, "a@x", "b@y", 3000 + (int64_t)FG_PAIRS_WRITTEN_MS);
    assert_false(f.written || f.open);
    /* Full: the one that was silent longest goes. */
    fg_pairs_note(&p, "a@x", "c@y", true, 4000);
    fg_pairs_note(&p, "a@x", "b@y", false, 5000);
    fg_pairs_note(&p, "a@x", "d@y", true, 6000);
    assert_true(fg_pairs_look(&p, "a@x", "b@y", 6000).written);
    assert_false(fg_pairs_look(&p, "a@x", "c@y", 6000).written);
    assert_true(fg_pairs_look(&p, "a@x", "d@y", 6000).written);
    fg_pairs_free(&p);
}

/* ---- SIP in ---- */

static struct fg_sip_text text(const char *s)
{
    return (struct fg_sip_text){s, s ? strlen(s) : 0};
}

static struct fg_sip_uri uri(const char *scheme, const char *user, const char *host)
{
    return (struct fg_sip_uri){.scheme = text(scheme), .user = text(user), .host = text(host)};
}

static struct fg_sip_message sip_message(const char *type, const char *body)
{
    return (struct fg_sip_message){
        .method = text("MESSAGE"), .ruri = uri("sip", "romeo", "fabrikam.test"),
        .from = uri("sip", "juliet", "contoso.test"), .to = uri("sip", "romeo", "fabrikam.test"),
        .call_id = text("abc@192.0.2.1"), .content_type = text(type), .body = text(body),
        .max_forwards = 70};
}

static struct fg_sip_request *const some_request = (struct fg_sip_request *)&(char){0};

static void message_to_xmpp(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l, true, FG_FEDERATED);
    struct fg_sip_message m = sip_message("text/plain;charset=UTF-8", "Neither\r\n<&> \xf0\x9f\x98\x80 ]]>");
    m.subject = text("S<1>");
    m.content_language = text("de");
    fg_bridge_request(l.bridge, some_request, &m);
    assert_int_equal(l.stanzas, 1);
    assert_int_equal(l.answers, 0); /* nothing is said before hand-over */
    assert_int_equal(l.stanza.deadline_ms, 25000);
    assert_contains(l.stanza.text, "<message from='juliet@contoso.test' to='romeo@fabrikam.test' id='");
    assert_contains(l.stanza.text, " type='chat' xml:lang='de'>");
    assert_contains(l.stanza.text, "<subject>S&lt;1&gt;</subject>");
    assert_contains(l.stanza.text, "<body>Neither\n&lt;&amp;&gt; \xf0\x9f\x98\x80 ]]&gt;</body>");
    assert_contains(l.stanza.text, "<thread>abc@192.0.2.1</thread></message>");
    l.stanza.done(l.stanza.arg, FG_FAIL_NONE);
    assert_int_equal(l.answer.code, 200);
    assert_int_equal(l.answers, 1);
    lab_close(&l);
}

static void failures_out(void **state)
{
    (void)state;
    static const struct {
        enum fg_failure why;
        int code;
    } rows[] = {
        {FG_FAIL_DNS_NOT_FOUND, 404},    {FG_FAIL_DNS_NOT_OFFERED, 404}, {FG_FAIL_DNS_TIMEOUT, 504},
        {FG_FAIL_CONNECT_REFUSED, 504},  {FG_FAIL_CONNECT_TIMEOUT, 504}, {FG_FAIL_TLS_NOT_OFFERED, 504},
        {FG_FAIL_CERT_UNTRUSTED, 504},   {FG_FAIL_DIALBACK_INVALID, 504}, {FG_FAIL_STREAM_TIMEOUT, 504},
        {FG_FAIL_NO_METHOD, 504},        {FG_FAIL_PARTNER_REMOVED, 403}, {FG_FAIL_NOT_A_PARTNER, 403},
        {FG_FAIL_QUEUE_FULL, 500},       {FG_FAIL_INTERNAL, 500},
    };
    struct lab l;
    lab_open(&l, true, FG_FEDERATED);
    struct fg_sip_message m = sip_message("text/plain", "x");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fg_bridge_request(l.bridge, some_request, &m);
        l.stanza.done(l.stanza.arg, rows[i].why);
        assert_int_equal(l.answers, i + 1);
        if (l.answer.code != rows[i].code)
            fail_msg("%s: %d", fg_failure_id(rows[i].why), l.answer.code);
    }
    /* No failure at all may become a status that says the wrong thing to the sender. */
    for (int why = FG_FAIL_NONE + 1; why < FG_FAIL_COUNT; why++) {
        int code = fg_status_of_failure((enum fg_failure)why, why % 2);
        assert_true(code >= 400 && code < 700 && code != 401 && code != 407 && code != 408 && code != 503);
    }
    static const struct {
        int err, code;
    } refused[] = {{ENOBUFS, 500}, {EHOSTUNREACH, 403}, {ESHUTDOWN, 504}, {ENOMEM, 500}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        l.stanza_err = refused[i].err;
        fg_bridge_request(l.bridge, some_request, &m);
        assert_int_equal(l.answer.code, refused[i].code);
    }
    lab_close(&l);
}

static void conditions_to_status(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int full, bare;
    } rows[] = {
        {"bad-request", 400, 400}, {"conflict", 400, 400}, {"feature-not-implemented", 405, 501},
        {"forbidden", 403, 403}, {"gone", 410, 410}, {"internal-server-error", 500, 500},
        {"item-not-found", 404, 404}, {"jid-malformed", 400, 400}, {"not-acceptable", 406, 406},
        {"not-allowed", 403, 403}, {"not-authorized", 403, 403}, {"policy-violation", 403, 403},
        {"recipient-unavailable", 480, 480}, {"redirect", 302, 302}, {"registration-required", 403, 403},
        {"remote-server-not-found", 404, 404}, {"remote-server-timeout", 504, 504},
        {"resource-constraint", 500, 500}, {"service-unavailable", 403, 403},
        {"subscription-required", 400, 400}, {"undefined-condition", 400, 400},
        {"unexpected-request", 491, 491}, {"never-heard-of", 400, 400}, {"", 400, 400},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(fg_status_of_condition(rows[i].name, true), rows[i].full);
        assert_int_equal(fg_status_of_condition(rows[i].name, false), rows[i].bare);
    }
}

static void refusals_out(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l, true, FG_FEDERATED);
    static char long_user[2000];
    memset(long_user, 'a', sizeof long_user - 1);
    struct {
        struct fg_sip_message m;
        int code;
        const char *header;
    } rows[] = {
        {sip_message("image/png", "x"), 415, "Accept: text/plain"},
        {sip_message("application/im-iscomposing+xml", "<x/>"), 415, "Accept: text/plain"},
        {sip_message("text/plain;charset=utf-16", "x"), 415, "Accept:"},
        {sip_message("text/plain", "x"), 480, "Warning: 380"},
        {sip_message("text/plain", "x"), 416, ""},
        {sip_message("text/plain", "x"), 404, ""},
        {sip_message("text/plain", "x"), 414, ""},
        {sip_message("text/plain", "x"), 400, ""},
        {sip_message("text/plain", "x"), 400, ""},
        {sip_message("text/plain", "x"), 405, "Allow: MESSAGE"},
        {sip_message("text/plain", ""), 200, ""},
        {sip_message("message/cpim", "From: <sip:tybalt@contoso.test>\r\n\r\n\r\nx"), 403, ""},
        {sip_message("message/cpim", "no header\r\n"), 400, ""},
        {sip_message("text/plain", "x"), 403, ""},
    };
    rows[3].m.ruri.scheme = text("sips");
    rows[4].m.ruri.scheme = text("tel");
    rows[5].m.ruri.user = text("");
    rows[6].m.ruri.user = text(long_user);
    rows[7].m.ruri.password = text("secret");
    rows[8].m.ruri.user = text("%ff");
    rows[9].m.method = text("SUBSCRIBE");
    rows[13].m.ruri.host = text("stranger.test");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fg_bridge_request(l.bridge, some_request, &rows[i].m);
        assert_int_equal(l.answers, i + 1);
        if (l.answer.code != rows[i].code) fail_msg("row %zu: %d", i, l.answer.code);
        assert_contains(l.answer.headers, rows[i].header);
    }
    assert_int_equal(l.stanzas, 0);
    assert_string_equal(l.answer.warning, "Refused by rule partner_not_listed");
    lab_close(&l);
}

static void cpim_and_gruu(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l, true, FG_PUBLIC_UNVERIFIED); /* the partner type restricts only what comes in */
    struct fg_sip_message m = sip_message(
        "Message/CPIM", "From: Juliet <sip:Juliet@contoso.test>\r\nSubject: Hi\r\n\r\n"
                        "Content-Type: text/html; charset=utf-8\r\n\r\n<p>one</p><p>t&auml;&amp;wo<br>3</p>");
    m.ruri.gr = text("a%2Fb");
    fg_bridge_request(l.bridge, some_request, &m);
    assert_int_equal(l.stanzas, 1);
    assert_contains(l.stanza.text, "to='romeo@fabrikam.test/a/b'");
    assert_contains(l.stanza.text, "<subject>Hi</subject><body>one\nt&amp;auml;&amp;wo\n3</body>");
    lab_close(&l);
}

/* A stranger of an unverified partner may not write first, but may answer. */
static void answers_are_solicited(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l, true, FG_PUBLIC_UNVERIFIED);
    give(&l, &(struct wish){.body = "hello?"});
    assert_int_equal(l.requests, 0);
    struct fg_sip_message m = sip_message("text/plain", "x");
    fg_bridge_request(l.bridge, some_request, &m);
    l.stanza.done(l.stanza.arg, FG_FAIL_NONE);
    give(&l, &(struct wish){.body = "now you asked"});
    assert_int_equal(l.requests, 1);
    give(&l, &(struct wish){.body = "and I?", .from = "mercutio@fabrikam.test/x"});
    assert_int_equal(l.requests, 1);
    lab_close(&l);
}

/* Answers that come when everything stops change nothing and are not sent on. */
static void stopping(void **state)
{
    (void)state;
    struct lab l;
    lab_open(&l, true, FG_FEDERATED);
    struct fg_sip_message m = sip_message("text/plain", "x");
    fg_bridge_request(l.bridge, some_request, &m);
    give(&l, &(struct wish){.body = "1"});
    give(&l, &(struct wish){.body = "2"});
    fg_bridge_stop(l.bridge);
    unsigned before = l.stanzas;
    l.stanza.done(l.stanza.arg, FG_FAIL_SHUTDOWN);
    finish_request(&l, 0, "", FG_FAIL_SHUTDOWN);
    assert_int_equal(l.answers, 0);
    assert_int_equal(l.stanzas, before);
    assert_int_equal(l.requests, 1);
    lab_close(&l);
}

/* ---- bodies and threads ---- */

static void bodies(void **state)
{
    (void)state;
    static const struct {
        const char *type, *body, *text;
        int err;
    } rows[] = {
        {"", "a", "a", 0},
        {"TEXT/Plain", "a\r\nb\rc\nd\r", "a\nb\nc\nd\n", 0},
        {"text/plain; format=flowed; charset=\"ISO-8859-1\"", "f\xfcr", "f\xc3\xbcr", 0},
        {"text/plain;charset=koi8-r", "x", "", ENOTSUP},
        {"text/html", "  a <b>b</b>\n c<!-- x > y --> &lt;d&gt; &#65;&#x42;&bogus; <script>if (a<b) x</script>e",
         "a b c <d> AB&bogus; e", 0},
        {"text/html", "1 < 2 & 3", "1 < 2 & 3", 0},
        {"text/html", "<div>a</div><div><p>b</p></div><br/>c<br>", "a\nb\n\nc", 0},
        {"text/html", "&#0;&#xD800;&#x110000;", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 0},
        {"text/html", "<style>never closed", "", 0},
        {"text/htmlx", "a", "", ENOTSUP},
        {"multipart/mixed", "a", "", ENOTSUP},
        {"message/cpim", "From: <im:a@b>\r\n\r\nContent-Type: image/png\r\n\r\nx", "", ENOTSUP},
        {"message/cpim", "From: <im:a@b>\r\nRequire: x.y\r\n\r\n\r\nx", "", ENOTSUP},
        {"message/cpim", "From: a@b\r\n\r\n\r\nx", "", EINVAL},
        {"message/cpim", "", "", EINVAL},
        {"message/cpim", "\r\n\r\nhello", "hello", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fg_buf out;
        fg_buf_init(&out, 10000);
        struct fg_wrapper w = {0};
        int err = fg_content_text(&out, rows[i].type, strlen(rows[i].type), rows[i].body,
                                  strlen(rows[i].body), &w);
        if (err != rows[i].err || strcmp(fg_buf_cstr(&out), rows[i].text) != 0)
            fail_msg("row %zu: %d \"%s\"", i, err, fg_buf_cstr(&out));
        fg_buf_free(&out);
    }
}

static void threads(void **state)
{
    (void)state;
    static const struct {
        const char *thread, *call_id;
    } rows[] = {
        {"e0ffe42b", "e0ffe42b"}, {"a@b", "a@b"}, {"a b", "fgt.a%20b"}, {"@a", "fgt.%40a"},
        {"a@b@c", "fgt.a%40b%40c"}, {"fgt.x", "fgt.fgt.x"}, {"\xc3\xa4", "fgt.%C3%A4"},
        {"a\r\nX: y", "fgt.a%0D%0AX%3A%20y"}, {"a,b", "fgt.a%2Cb"}, {"x%20", "x%20"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fg_buf id, back;
        fg_buf_init(&id, 1000);
        fg_buf_init(&back, 1000);
        assert_int_equal(fg_thread_to_call_id(&id, rows[i].thread, strlen(rows[i].thread)), 0);
        assert_string_equal(fg_buf_cstr(&id), rows[i].call_id);
        assert_int_equal(fg_call_id_to_thread(&back, fg_buf_cstr(&id), fg_buf_len(&id)), 0);
        assert_string_equal(fg_buf_cstr(&back), rows[i].thread);
        fg_buf_free(&id);
        fg_buf_free(&back);
    }
    struct fg_buf out;
    fg_buf_init(&out, 1000);
    assert_int_equal(fg_thread_to_call_id(&out, "", 0), EINVAL);
    char big[500];
    memset(big, 'a', sizeof big);
    assert_int_equal(fg_thread_to_call_id(&out, big, sizeof big), EINVAL);
    /* Not ours, though it looks alike: taken as it is. */
    assert_int_equal(fg_call_id_to_thread(&out, "fgt.%zz", 7), 0);
    assert_string_equal(fg_buf_cstr(&out), "fgt.%zz");
    fg_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_to_sip), cmocka_unit_test(one_under_way),
        cmocka_unit_test(full_queue),     cmocka_unit_test(failures_in),
        cmocka_unit_test(redirect_names_the_place), cmocka_unit_test(cannot_send),
        cmocka_unit_test(silent_ones),    cmocka_unit_test(policy_in),
        cmocka_unit_test(queries),        cmocka_unit_test(message_to_xmpp),
        cmocka_unit_test(failures_out),   cmocka_unit_test(conditions_to_status),
        cmocka_unit_test(refusals_out),   cmocka_unit_test(cpim_and_gruu),
        cmocka_unit_test(pairs),          cmocka_unit_test(answers_are_solicited),
        cmocka_unit_test(stopping),       cmocka_unit_test(bodies),
        cmocka_unit_test(threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
