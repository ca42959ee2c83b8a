/* What runs: revision and engine, open ports. Nothing here blocks for the engine: it
 * answers the question when it gets to it, and when it does not in time, GET /status tells that and
 * the rest. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "api/live.h"
#include "gateway/base/clock.h"
#include "server/forward/forward.h"
#include "server/model/model.h"
#include "server/store/objects.h"

static const char *state_name(const struct fg_config_state *s)
{
    if (s->stopped) return "stopped";
    return s->degraded ? "degraded" : "running";
}

/* The first of our own domains by name: what the panel shows as ours. */
static int first_domain(const struct fg_entry *e, void *arg)
{
    const char **first = arg;
    if (!*first || strcmp(e->key, *first) < 0) *first = e->key;
    return 0;
}

static json_t *home_domain(struct fg_config *config)
{
    struct fg_snapshot *s = fg_config_snapshot(config);
    const char *first = NULL;
    (void)fg_snapshot_each(s, FG_KIND_DOMAINS, first_domain, &first);
    json_t *v = fg_json_text(first);
    fg_snapshot_put(s);
    return v;
}

static int author(const struct fg_revision *r, void *arg)
{
    fg_json_set(arg, "author", fg_json_text(r->author_name));
    fg_json_set(arg, "comment", fg_json_text(r->comment));
    return 0;
}

/* What waits to be kept, whose it is, and until when. */
static json_t *pending_confirmation(struct fg_call *c, const struct fg_config_state *s)
{
    if (!s->pending_revision) return json_null();
    json_t *o = json_object();
    fg_json_set(o, "revision", json_integer((json_int_t)s->pending_revision));
    fg_json_set(o, "deadline", fg_json_time(s->pending_deadline_ms));
    if (fg_revision_get(fg_call_store(c), s->pending_revision, author, o)) {
        fg_json_set(o, "author", json_null());
        fg_json_set(o, "comment", json_null());
    }
    return o;
}

/* What of the audit goes elsewhere; when it does not, a warning says so too. */
static json_t *audit_forwarding(struct fg_call *c, struct fg_problems *warnings)
{
    struct fg_forward_state s;
    fg_forward_state(c->api->p.forward, &s);
    json_t *o = json_object(), *error = s.code ? json_object() : json_null();
    if (s.code) {
        fg_json_set(error, "code", json_string(s.code));
        fg_json_set(error, "cause", json_string(s.cause));
        fg_json_set(error, "remedy", json_string(s.remedy));
        fg_json_set(error, "since", fg_json_time(s.since_ms));
        fg_problem_add(warnings, "/settings/settings/audit_syslog", "audit_not_forwarded",
                       "The audit is not forwarded: %s %s", s.cause, s.remedy);
    }
    fg_json_set(o, "state", json_string(fg_forward_condition_name(s.condition)));
    fg_json_set(o, "behind", json_integer((json_int_t)s.behind));
    fg_json_set(o, "last_error", error);
    return o;
}

static void answer_status(struct fg_call *c, struct fg_live *live)
{
    struct fg_api *a = c->api;
    struct fg_config_state s;
    struct fg_engine_counters counters;
    fg_live_counters_last(c, &counters);
    fg_config_state(a->p.config, &s);
    if (a->p.engine && !live) {
        s.degraded = true;
        fg_problem_add(&s.problems, "", "engine_silent",
                       "The engine has not answered in time; the counters are its last ones.");
    }
    json_t *o = json_object(), *engine = json_object();
    json_t *forwarding = audit_forwarding(c, &s.warnings);
    fg_json_set(o, "version", json_string(a->p.version));
    fg_json_set(o, "uptime", json_integer((fg_clock_mono_ms() - a->started_ms) / 1000));
    fg_json_set(o, "revision", json_integer((json_int_t)s.revision));
    fg_json_set(o, "applied_revision",
                json_integer(a->p.engine ? (json_int_t)fg_engine_revision(a->p.engine) : 0));
    fg_json_set(engine, "state", json_string(state_name(&s)));
    fg_json_set(engine, "problems", fg_json_problems(&s.problems));
    fg_json_set(engine, "warnings", fg_json_problems(&s.warnings));
    fg_json_set(o, "engine", engine);
    fg_json_set(o, "counters", fg_live_counters(live ? &fg_live_view(live)->counters : &counters));
    fg_json_set(o, "pending_confirmation", pending_confirmation(c, &s));
    fg_json_set(o, "audit_forwarding", forwarding);
    fg_json_set(o, "home_domain", home_domain(a->p.config));
    fg_config_state_free(&s);
    fg_live_free(live);
    fg_answer_json(c, 200, o);
}

void fg_handle_status(struct fg_call *c)
{
    fg_live_ask(c, FG_VIEW_COUNTERS, answer_status);
}

static void answer_ports(struct fg_call *c, struct fg_live *live)
{
    if (fg_live_missing(c, live)) return;
    json_t *o = json_object(), *items = json_array();
    for (size_t i = 0; live && i < fg_live_view(live)->n_ports; i++) {
        const char *text = fg_live_view(live)->ports[i];
        size_t n = strcspn(text, " ");
        json_t *port = json_object();
        fg_json_set(port, "name", json_stringn(text, n));
        fg_json_set(port, "address", json_string(text[n] ? text + n + 1 : ""));
        fg_json_push(items, port);
    }
    fg_json_set(o, "items", items);
    fg_live_free(live);
    fg_answer_json(c, 200, o);
}

void fg_handle_status_ports(struct fg_call *c)
{
    fg_live_ask(c, FG_VIEW_PORTS, answer_ports);
}

/* ---- POST /partners/{key}/retry ---- */

/* Engine thread. */
static void partner_retried(void *arg, int err)
{
    struct fg_call *c = arg;
    if (err == ENOENT)
        fg_answer_problem(c, 409, "partner_inactive",
                          "Nothing is tried: the partner is suspended or has expired, its settings "
                          "leave no method, or federation is off.");
    else if (err == EADDRNOTAVAIL)
        fg_answer_problem(c, 409, "no_domain",
                          "There is no SIP domain of ours to connect from; add one.");
    else if (err)
        fg_answer(c, fg_reply_errno(err == ESHUTDOWN ? EPIPE : err));
    else
        fg_answer(c, fg_reply_empty(202));
}

void fg_handle_partner_retry(struct fg_call *c)
{
    char key[FG_MODEL_KEY_MAX] = "";
    struct fg_problems ignored;
    if (!fg_call_body(c, true)) return;
    fg_problems_init(&ignored);
    (void)fg_model_key_prepare(FG_KIND_PARTNERS, c->args[0], "", key, &ignored);
    fg_problems_free(&ignored);
    struct fg_snapshot *s = fg_config_snapshot(c->api->p.config);
    bool known = *key && fg_snapshot_find(s, FG_KIND_PARTNERS, key);
    fg_snapshot_put(s);
    if (!known) {
        fg_answer_problem(c, 404, "not_found", "No such partner runs.");
        return;
    }
    fg_call_audit(c, "partner_retry", "partners", key, "ok", "");
    int err = c->api->p.engine ? fg_engine_retry_partner(c->api->p.engine, key, partner_retried, c)
                               : EPIPE;
    if (err) fg_answer(c, fg_reply_errno(err));
}
