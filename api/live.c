/* See live.h. */
#include "api/live.h"

#include <stdlib.h>
#include <string.h>

#include "api/reply.h"
#include "gateway/base/clock.h"

/* One block: this, the arrays, then all strings. */
struct fg_live {
    struct fg_engine_view view;
    char *next;                       /* where the next string goes while copying */
    struct fg_partner_info *partners; /* the view's, ours to order */
    bool sorted;                      /* partners by their domain */
};

const struct fg_engine_view *fg_live_view(const struct fg_live *l)
{
    return &l->view;
}
void fg_live_free(struct fg_live *l)
{
    free(l);
}

/* ---- copying ---- */

enum { STREAM_STRINGS = 9, PARTNER_STRINGS = 2 };

/* The text members of a stream, in one place for measuring and copying. */
static void stream_strings(struct fg_stream_info *s, const char **out[STREAM_STRINGS])
{
    out[0] = &s->partner;
    out[1] = &s->local_domain;
    out[2] = &s->remote_domain;
    out[3] = &s->peer_address;
    out[4] = &s->tls_version;
    out[5] = &s->tls_cipher;
    out[6] = &s->certificate_verdict;
    out[7] = &s->certificate_names;
    out[8] = &s->state;
}

static void partner_strings(struct fg_partner_info *p, const char **out[PARTNER_STRINGS])
{
    out[0] = &p->partner;
    out[1] = &p->failure_detail;
}

static size_t text_size(const char *s)
{
    return s ? strlen(s) + 1 : 0;
}

static size_t strings_size(const struct fg_engine_view *v)
{
    size_t size = 0;
    for (size_t i = 0; i < v->n_streams; i++) {
        struct fg_stream_info s = v->streams[i];
        const char **t[STREAM_STRINGS];
        stream_strings(&s, t);
        for (size_t k = 0; k < STREAM_STRINGS; k++) size += text_size(*t[k]);
    }
    for (size_t i = 0; i < v->n_partners; i++) {
        struct fg_partner_info p = v->partners[i];
        const char **t[PARTNER_STRINGS];
        partner_strings(&p, t);
        for (size_t k = 0; k < PARTNER_STRINGS; k++) size += text_size(*t[k]);
    }
    for (size_t i = 0; i < v->n_ports; i++) size += text_size(v->ports[i]);
    return size;
}

static const char *keep(struct fg_live *l, const char *s)
{
    if (!s) return NULL;
    size_t n = strlen(s) + 1;
    char *to = memcpy(l->next, s, n);
    l->next += n;
    return to;
}

struct fg_live *fg_live_copy(const struct fg_engine_view *v)
{
    size_t streams = v->n_streams * sizeof *v->streams,
           partners = v->n_partners * sizeof *v->partners;
    size_t ports = v->n_ports * sizeof *v->ports;
    struct fg_live *l = malloc(sizeof *l + streams + partners + ports + strings_size(v));
    if (!l) return NULL;
    struct fg_stream_info *to_streams = (struct fg_stream_info *)(void *)(l + 1);
    struct fg_partner_info *to_partners =
        (struct fg_partner_info *)(void *)((char *)to_streams + streams);
    const char **to_ports = (const char **)(void *)((char *)to_partners + partners);
    l->view = *v;
    l->partners = to_partners;
    l->sorted = false;
    l->next = (char *)to_ports + ports;
    for (size_t i = 0; i < v->n_streams; i++) {
        const char **t[STREAM_STRINGS];
        to_streams[i] = v->streams[i];
        stream_strings(&to_streams[i], t);
        for (size_t k = 0; k < STREAM_STRINGS; k++) *t[k] = keep(l, *t[k]);
    }
    for (size_t i = 0; i < v->n_partners; i++) {
        const char **t[PARTNER_STRINGS];
        to_partners[i] = v->partners[i];
        partner_strings(&to_partners[i], t);
        for (size_t k = 0; k < PARTNER_STRINGS; k++) *t[k] = keep(l, *t[k]);
    }
    for (size_t i = 0; i < v->n_ports; i++) to_ports[i] = keep(l, v->ports[i]);
    l->view.streams = to_streams;
    l->view.partners = to_partners;
    l->view.ports = to_ports;
    return l;
}

/* ---- showing ---- */

static json_t *text_or_null(const char *s)
{
    return s && *s ? fg_json_text(s) : json_null();
}

/* The engine gives the names as one text, separated by blanks or commas. */
static json_t *names(const char *text)
{
    json_t *list = json_array();
    for (const char *p = text ? text : ""; *p;) {
        size_t n = strcspn(p, ", ");
        if (n) fg_json_push(list, json_stringn(p, n));
        p += n;
        p += strspn(p, ", ");
    }
    return list;
}

enum fg_phase fg_live_phase(const struct fg_stream_info *s)
{
    if (strcmp(s->state, "open") == 0) return FG_PHASE_OPEN;
    return strcmp(s->state, "closing") == 0 ? FG_PHASE_CLOSING : FG_PHASE_SETTING_UP;
}

const char *fg_live_phase_name(enum fg_phase p)
{
    static const char *const names[FG_PHASES] = {"setting_up", "open", "closing"};
    return names[p];
}

json_t *fg_live_stream(const struct fg_stream_info *s)
{
    json_t *o = json_object();
    fg_json_set(o, "id", json_integer((json_int_t)s->id));
    fg_json_set(o, "partner", text_or_null(s->partner));
    fg_json_set(o, "local_domain", text_or_null(s->local_domain));
    fg_json_set(o, "remote_domain", text_or_null(s->remote_domain));
    fg_json_set(o, "direction", json_string(s->inbound ? "in" : "out"));
    fg_json_set(o, "peer_address", text_or_null(s->peer_address));
    json_t *tls = json_null(), *certificate = json_null();
    if (s->tls_version) {
        tls = json_object();
        fg_json_set(tls, "version", fg_json_text(s->tls_version));
        fg_json_set(tls, "cipher", fg_json_text(s->tls_cipher));
    }
    if (s->certificate_verdict && *s->certificate_verdict) {
        certificate = json_object();
        fg_json_set(certificate, "verdict", fg_json_text(s->certificate_verdict));
        fg_json_set(certificate, "names", names(s->certificate_names));
    }
    fg_json_set(o, "tls", tls);
    fg_json_set(o, "certificate", certificate);
    fg_json_set(o, "method",
                s->method == FG_METHOD_NONE ? json_null() : json_string(fg_method_name(s->method)));
    fg_json_set(o, "state", fg_json_text(s->state));
    fg_json_set(o, "phase", json_string(fg_live_phase_name(fg_live_phase(s))));
    fg_json_set(o, "since", fg_json_time(s->since_ms));
    fg_json_set(o, "stanzas_in", json_integer((json_int_t)s->stanzas_in));
    fg_json_set(o, "stanzas_out", json_integer((json_int_t)s->stanzas_out));
    fg_json_set(o, "queue", json_integer((json_int_t)s->queue));
    fg_json_set(o, "queue_age", json_integer((json_int_t)(s->queue_age_ms / 1000)));
    return o;
}

static int by_domain(const void *a, const void *b)
{
    const struct fg_partner_info *x = a, *y = b;
    return strcmp(x->partner, y->partner);
}

void fg_live_index(struct fg_live *l)
{
    if (!l || l->sorted) return;
    if (l->view.n_partners) qsort(l->partners, l->view.n_partners, sizeof *l->partners, by_domain);
    l->sorted = true;
}

const struct fg_partner_info *fg_live_partner(const struct fg_live *l, const char *domain)
{
    struct fg_partner_info wanted = {.partner = domain};
    if (l && l->sorted && l->view.n_partners)
        return bsearch(&wanted, l->partners, l->view.n_partners, sizeof wanted, by_domain);
    for (size_t i = 0; l && i < l->view.n_partners; i++)
        if (strcmp(l->view.partners[i].partner, domain) == 0) return &l->view.partners[i];
    return NULL;
}

/* Why it is suspended or draining: by its state, or because its time is over. */
static const char *halted_by(const struct fg_partner *p)
{
    if (p && p->state == FG_PARTNER_SUSPENDED) return "state";
    if (p && p->valid_until_ms && p->valid_until_ms <= fg_clock_wall_ms()) return "valid_until";
    return p && p->state == FG_PARTNER_DRAINING ? "state" : NULL;
}

const char *fg_live_partner_state(const struct fg_partner_info *i, const struct fg_partner *p)
{
    const char *why = halted_by(p);
    if (why) return p->state == FG_PARTNER_DRAINING && *why == 's' ? "draining" : "suspended";
    if (!i || (!i->last_success_ms && !i->last_failure_ms && !i->streams)) return "never";
    if (i->streams) return "connected";
    return i->last_failure_ms > i->last_success_ms ? "failing" : "idle";
}

static json_t *last_failure(const struct fg_partner_info *i)
{
    if (!i || !i->last_failure_ms) return json_null();
    json_t *o = json_object();
    fg_json_set(o, "at", fg_json_time(i->last_failure_ms));
    fg_json_set(o, "direction", json_string(i->failure_inbound ? "in" : "out"));
    fg_json_set(o, "code", json_string(fg_failure_id(i->failure)));
    fg_json_set(o, "cause", json_string(fg_failure_cause(i->failure)));
    fg_json_set(o, "remedy", json_string(fg_failure_remedy(i->failure)));
    fg_json_set(o, "detail", text_or_null(i->failure_detail));
    return o;
}

json_t *fg_live_partner_status(const struct fg_live *live, const struct fg_partner *p,
                               const char *domain)
{
    const struct fg_partner_info *i = fg_live_partner(live, domain);
    json_t *o = json_object();
    fg_json_set(o, "state", json_string(fg_live_partner_state(i, p)));
    fg_json_set(o, "because", text_or_null(halted_by(p)));
    fg_json_set(o, "last_success", fg_json_time(i ? i->last_success_ms : 0));
    fg_json_set(o, "last_failure", last_failure(i));
    fg_json_set(o, "streams", json_integer(i ? (json_int_t)i->streams : 0));
    return o;
}

json_t *fg_live_counters(const struct fg_engine_counters *c)
{
    const struct {
        const char *name;
        uint64_t value;
    } all[] = {
        {"messages_in", c->messages_in},
        {"messages_out", c->messages_out},
        {"refused_in", c->refused_in},
        {"refused_out", c->refused_out},
        {"failed_in", c->failed_in},
        {"failed_out", c->failed_out},
        {"streams_open_in", c->xmpp.open_in},
        {"streams_open_out", c->xmpp.open_out},
        {"streams_in", c->xmpp.streams_in},
        {"streams_out", c->xmpp.streams_out},
        {"streams_failed_in", c->xmpp.failed_in},
        {"streams_failed_out", c->xmpp.failed_out},
        {"connections_accepted", c->xmpp.accepted},
        {"connections_refused", c->xmpp.refused_connections},
        {"stanzas_in", c->xmpp.stanzas_in},
        {"stanzas_out", c->xmpp.stanzas_out},
        {"sip_requests_in", c->sip.requests_in},
        {"sip_requests_out", c->sip.requests_out},
        {"sip_refused", c->sip.refused},
        {"sip_failed_out", c->sip.failed_out},
        {"sip_retransmissions", c->sip.retransmissions},
        {"sip_connections", c->sip.connections},
        {"sip_transactions", c->sip.transactions},
        {"activations", c->activations},
        {"activate_last_us", c->activate_last_us},
        {"activate_max_us", c->activate_max_us},
    };
    json_t *o = json_object();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        fg_json_set(o, all[i].name, json_integer((json_int_t)all[i].value));
    return o;
}
