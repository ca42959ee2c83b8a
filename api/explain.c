/* Why? May this message, presence or subscription pass, and which rule decides: the same function
 * the engine asks, with a trace, over the running configuration or with the caller's draft laid
 * over it. */
#include <stdio.h>
#include <string.h>

#include "api/internal.h"
#include "api/view.h"
#include "gateway/address.h"
#include "gateway/base/arena.h"
#include "gateway/base/clock.h"
#include "gateway/policy.h"

enum { ARENA_MAX = 65536, ADDRESS_MAX = 3072, SHOWN = 200 };

struct address {
    char text[ADDRESS_MAX]; /* name@domain, the domain prepared */
    char domain[FG_DOMAIN_MAX];
};

/* "sip:name@domain", "name@domain", perhaps with a resource: the bare address with a prepared
 * domain. */
static bool read_address(const char *raw, const char *name, struct address *out,
                         struct fg_problems *problems)
{
    char pointer[32], shown[SHOWN];
    fg_pointer(pointer, sizeof pointer, "", name);
    if (!raw || !*raw) {
        fg_problem_add(problems, pointer, "required",
                       "%s is required: an address such as name@domain.", name);
        return false;
    }
    snprintf(shown, sizeof shown, "%s", raw);
    if (strncmp(raw, "sip:", 4) == 0)
        raw += 4;
    else if (strncmp(raw, "xmpp:", 5) == 0)
        raw += 5;
    size_t bare = strcspn(raw, "/;?");
    const char *at = memchr(raw, '@', bare);
    const char *domain = at ? at + 1 : raw;
    size_t local = at ? (size_t)(at - raw) : 0;
    if (!at || !local || local > ADDRESS_MAX - FG_DOMAIN_MAX - 2 ||
        fg_domain_prepare(domain, bare - local - 1, out->domain)) {
        fg_problem_add(problems, pointer, "address", "%s must be an address such as name@domain.",
                       name);
        return false;
    }
    snprintf(out->text, sizeof out->text, "%.*s@%s", (int)local, raw, out->domain);
    /* The names of people are compared without regard to case on both sides. */
    for (size_t i = 0; i < local; i++)
        if (out->text[i] >= 'A' && out->text[i] <= 'Z') out->text[i] = (char)(out->text[i] + 32);
    return true;
}

static bool read_kind(const char *text, enum fg_ask *out, struct fg_problems *problems)
{
    static const enum fg_ask all[] = {FG_ASK_MESSAGE, FG_ASK_PRESENCE, FG_ASK_SUBSCRIBE};
    for (size_t i = 0; text && i < sizeof all / sizeof *all; i++)
        if (strcmp(text, fg_ask_name(all[i])) == 0) {
            *out = all[i];
            return true;
        }
    fg_problem_add(problems, "/kind", "choice",
                   "kind must be one of message, presence, subscribe.");
    return false;
}

static json_t *steps(const struct fg_gate_trace trace[FG_GATES])
{
    json_t *list = json_array();
    for (int i = 0; i < FG_GATES; i++) {
        json_t *o = json_object();
        fg_json_set(o, "gate", json_string(fg_gate_name(trace[i].gate)));
        fg_json_set(o, "verdict", json_string(fg_gate_verdict_name(trace[i].verdict)));
        fg_json_set(o, "rule", fg_json_text(trace[i].rule ? trace[i].rule : ""));
        fg_json_set(o, "because", fg_json_text(trace[i].because));
        fg_json_set(o, "object", *trace[i].object ? fg_json_text(trace[i].object) : json_null());
        fg_json_push(list, o);
    }
    return list;
}

/* Our users write outwards; what does not come from one of our domains comes in. */
static void ask(const struct fg_snapshot *s, enum fg_ask kind, const struct address *from,
                const struct address *to, const char *edge, struct fg_verdict *verdict,
                struct fg_gate_trace trace[FG_GATES])
{
    bool outbound = fg_snapshot_domain(s, from->domain) != NULL ||
                    (!fg_snapshot_domain(s, to->domain) && fg_snapshot_partner(s, to->domain));
    const struct address *inner = outbound ? from : to, *outer = outbound ? to : from;
    struct fg_policy_query q = {
        .ask = kind,
        .inbound = !outbound,
        .inner = inner->text,
        .inner_domain = inner->domain,
        .outer = outer->text,
        .outer_domain = outer->domain,
        .edge = edge,
        .now_ms = fg_clock_wall_ms(),
    };
    fg_policy_ask(s, &q, verdict, trace);
}

void fg_handle_explain(struct fg_call *c)
{
    struct fg_problems problems;
    struct address from, to;
    enum fg_ask kind = FG_ASK_MESSAGE;
    struct fg_view v;
    fg_problems_init(&problems);
    bool good = read_kind(fg_http_query(c->http, "kind"), &kind, &problems);
    good &= read_address(fg_http_query(c->http, "from"), "from", &from, &problems);
    good &= read_address(fg_http_query(c->http, "to"), "to", &to, &problems);
    if (!good) {
        fg_answer_bad_request(c, &problems);
        return;
    }
    if (!fg_view_open(&v, c)) return;
    struct fg_verdict verdict;
    struct fg_gate_trace trace[FG_GATES];
    ask(v.snapshot, kind, &from, &to, c->api->p.edge, &verdict, trace);
    json_t *o = json_object();
    fg_json_set(o, "verdict", json_string(verdict.allow ? "allow" : "deny"));
    fg_json_set(o, "rule", json_string(verdict.rule));
    fg_json_set(o, "because", fg_json_text(verdict.because));
    fg_json_set(o, "remedy", fg_json_text(verdict.remedy));
    fg_json_set(o, "object", *verdict.object ? fg_json_text(verdict.object) : json_null());
    fg_json_set(o, "revision", json_integer((json_int_t)verdict.revision));
    fg_json_set(o, "steps", steps(trace));
    fg_view_close(&v);
    fg_answer_json(c, 200, o);
}
