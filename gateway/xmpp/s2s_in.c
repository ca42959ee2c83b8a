/* Inbound streams: a peer connects to deliver stanzas to our domains (RFC 6120 4, 10.4).
 *
 *   header -> negotiating -> [tls -> header -> negotiating] -> [sasl -> header] -> open -> closing
 *
 * What the peer may do follows from the partner its header names, or each db:result names. Which
 * domain pairs it has proved stands in the list of pairs, which the gate reads. */
#include "gateway/xmpp/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "gateway/base/rand.h"
#include "gateway/xmpp/ns.h"

enum { OUTPUT_MAX = 256 * 1024, FEATURES_MAX = 4096, ID_BYTES = 16 };

struct fg_in *fg_in_of(struct fg_stream *st)
{
    return FG_CONTAINER(st, struct fg_in, st);
}

/* ---- pairs ---- */

struct fg_pair *fg_in_add_pair(struct fg_in *in, const char *local, const char *remote,
                               struct fg_peer *peer, enum fg_pair_state state,
                               enum fg_method method)
{
    if (in->n_pairs >= FG_PAIRS_MAX) return NULL;
    size_t l = strlen(local) + 1, r = strlen(remote) + 1;
    struct fg_pair *p = calloc(1, sizeof *p + l + r);
    if (!p) return NULL;
    memcpy(p->text, local, l);
    memcpy(p->text + l, remote, r);
    p->local = p->text;
    p->remote = p->text + l;
    p->peer = peer;
    peer->users++;
    p->state = state;
    p->method = method;
    fg_list_prepend(&in->pairs, &p->node);
    in->n_pairs++;
    return p;
}

void fg_in_drop_pair(struct fg_in *in, struct fg_pair *p)
{
    fg_list_remove(&p->node);
    in->n_pairs--;
    if (p->state == FG_PAIR_PROVED) in->n_proved--;
    fg_peer_put(in->st.s, p->peer);
    free(p);
}

struct fg_pair *fg_in_find_pair(struct fg_in *in, const char *local, const char *remote)
{
    FG_LIST_EACH(&in->pairs, n, tmp)
    {
        struct fg_pair *p = FG_CONTAINER(n, struct fg_pair, node);
        if (strcmp(p->remote, remote) != 0 || strcmp(p->local, local) != 0) continue;
        if (in->pairs.next != n) {
            fg_list_remove(n);
            fg_list_prepend(&in->pairs, n);
        }
        return p;
    }
    return NULL;
}

void fg_in_forget(struct fg_in *in)
{
    while (!fg_list_empty(&in->pairs))
        fg_in_drop_pair(in, FG_CONTAINER(in->pairs.next, struct fg_pair, node));
    fg_verifies_forget(in->st.s, in->st.id);
}

bool fg_in_room(struct fg_in *in, const struct fg_peer *peer)
{
    return in->st.counted || fg_s2s_room(in->st.s, peer);
}

bool fg_in_proved(struct fg_in *in, struct fg_pair *p, enum fg_method method)
{
    struct fg_stream *st = &in->st;
    if (!fg_in_room(in, p->peer)) return false;
    p->method = method;
    if (p->state != FG_PAIR_PROVED) in->n_proved++;
    p->state = FG_PAIR_PROVED;
    if (st->counted) return true;
    /* Whatever the header claimed: the stream is on the account of who proved itself first. */
    if (strcmp(st->remote, p->remote) != 0) {
        snprintf(st->remote, sizeof st->remote, "%s", p->remote);
        fg_stream_set_peer(st, p->peer);
        st->row = fg_peer_terms(p->peer)->row;
    }
    fg_stream_opened(st, method);
    return true;
}

/* ---- header and features ---- */

/* A header without `from` (some servers, before TLS): nothing is known yet, and every db:result
 * will be judged by the partner it names. */
static const struct fg_terms *unknown_terms(struct fg_terms *room)
{
    *room = fg_negotiation(FG_OPTIONAL, FG_OPTIONAL, true);
    return room;
}

static bool read_domain(const struct fg_xml *x, const char *name, char out[FG_DOMAIN_MAX],
                        bool *given)
{
    const char *value = fg_xml_attr(x, name);
    out[0] = '\0';
    *given = value && *value;
    return !*given || fg_domain_prepare(value, strlen(value), out) == 0;
}

/* "1.10" is 1.10: integers, not a fraction (RFC 6120 4.7.5). Anything unreadable is a peer of
 * before versions. */
static bool version_at_least_1(const struct fg_xml *root)
{
    const char *v = fg_xml_attr(root, "version");
    if (!v || *v < '0' || *v > '9') return false;
    char *end;
    unsigned long major = strtoul(v, &end, 10);
    return *end == '.' && end[1] >= '0' && end[1] <= '9' && major >= 1;
}

static void new_stream_id(struct fg_stream *st)
{
    unsigned char id[ID_BYTES];
    fg_random(id, sizeof id);
    fg_hex(st->stream_id, id, sizeof id);
}

/* Whom the header names. False: the stream has been ended. */
static bool take_names(struct fg_stream *st, const struct fg_stream_header *h)
{
    char from[FG_DOMAIN_MAX], to[FG_DOMAIN_MAX];
    bool has_from, has_to;
    bool from_ok = read_domain(h->root, "from", from, &has_from);
    bool to_ok = read_domain(h->root, "to", to, &has_to);
    bool ours = to_ok && has_to && fg_s2s_is_local(st->s, to);
    snprintf(st->local, sizeof st->local, "%s", ours ? to : "");
    bool other = st->sasl_done && has_from && strcmp(from, st->remote) != 0;
    if (!st->sasl_done) snprintf(st->remote, sizeof st->remote, "%s", from);
    if (strcmp(h->root->ns, FG_NS_STREAM) != 0 || strcmp(h->root->name, "stream") != 0 ||
        strcmp(h->content_ns, FG_NS_SERVER) != 0)
        fg_stream_error(st, FG_COND_INVALID_NAMESPACE, FG_FAIL_STREAM_PROTOCOL, "stream header");
    else if (!ours)
        fg_stream_error(st, FG_COND_HOST_UNKNOWN, FG_FAIL_STREAM_PROTOCOL, "%s", to);
    else if (!from_ok)
        fg_stream_error(st, FG_COND_IMPROPER_ADDRESSING, FG_FAIL_STREAM_PROTOCOL, "from");
    else if (other)
        fg_stream_error(st, FG_COND_INVALID_FROM, FG_FAIL_STREAM_PROTOCOL,
                        "not the domain that authenticated");
    else
        return true;
    return false;
}

static bool knows_dialback(const struct fg_terms *t)
{
    return fg_method_allowed(t, FG_DIALBACK_TLS) || fg_method_allowed(t, FG_DIALBACK_TCP);
}

static struct fg_offer offer_now(struct fg_stream *st, const struct fg_terms *t)
{
    if (fg_stream_is_tls(st))
        return fg_offer_tls(t, st->remote[0] && fg_stream_cert_ok(st, st->remote));
    struct fg_offer o = fg_offer_clear(t);
    if (!fg_s2s_server_tls(st->s, st->local)) o.starttls = o.starttls_required = false;
    if (!o.starttls && !o.dialback) o.close = true;
    return o;
}

static void refuse_offer(struct fg_stream *st, const struct fg_terms *t)
{
    enum fg_failure why = FG_FAIL_NO_METHOD;
    if (fg_stream_is_tls(st) && fg_method_allowed(t, FG_SASL_TLS))
        why = fg_stream_cert_failure(st, st->remote);
    else if (!fg_stream_is_tls(st) && t->tls != FG_NOT_SUPPORTED)
        why = fg_s2s_server_tls(st->s, st->local) ? FG_FAIL_ENCRYPTION_REQUIRED
                                                  : FG_FAIL_OWN_CERT_MISSING;
    fg_stream_error(st, FG_COND_POLICY_VIOLATION, why, "no way of authenticating is left");
}

static void send_features(struct fg_stream *st, const struct fg_offer *o)
{
    struct fg_buf b;
    fg_buf_init(&b, FEATURES_MAX);
    int err = fg_features_write(&b, o);
    fg_stream_put(st, &b, err);
}

static void open_after_sasl(struct fg_in *in)
{
    struct fg_stream *st = &in->st;
    send_features(st, &(struct fg_offer){0});
    if (st->state == FG_S_DEAD) return;
    struct fg_pair *p =
        fg_in_add_pair(in, st->local, st->remote, st->peer, FG_PAIR_PENDING, FG_SASL_TLS);
    if (!p || !fg_in_proved(in, p, FG_SASL_TLS))
        fg_stream_error(st, FG_COND_RESOURCE_CONSTRAINT, FG_FAIL_CONNECTION_LIMIT,
                        "too many streams");
}

static void in_header(struct fg_stream *st, const struct fg_stream_header *h)
{
    struct fg_terms room;
    new_stream_id(st);
    if (!take_names(st, h)) return;
    st->version1 = version_at_least_1(h->root);
    const struct fg_terms *t = unknown_terms(&room);
    if (!st->remote[0]) {
        fg_stream_set_peer(st, NULL);
    } else if (fg_stream_follow(st)) {
        t = fg_peer_terms(st->peer);
    } else {
        fg_stream_error(st, FG_COND_POLICY_VIOLATION, FG_FAIL_NOT_A_PARTNER, "not a partner");
        return;
    }
    if (st->peer && fg_s2s_drains(st->peer->partner)) {
        fg_stream_error(st, FG_COND_POLICY_VIOLATION, FG_FAIL_PARTNER_DRAINING,
                        "no new streams with this partner");
        return;
    }
    st->row = t->row;
    bool tls = fg_stream_is_tls(st);
    fg_stream_header(st, knows_dialback(t), st->version1);
    if (st->state == FG_S_DEAD) return;
    if (st->sasl_done) {
        open_after_sasl(fg_in_of(st));
        return;
    }
    fg_stream_enter(st, FG_S_NEGOTIATING);
    struct fg_offer o = offer_now(st, t);
    if (!st->version1) o.close = !fg_method_allowed(t, tls ? FG_DIALBACK_TLS : FG_DIALBACK_TCP);
    if (o.close)
        refuse_offer(st, t);
    else if (st->version1)
        send_features(st, &o);
}

/* ---- elements ---- */

static void on_stanza(struct fg_stream *st, const struct fg_xml *x)
{
    struct fg_in *in = fg_in_of(st);
    struct fg_stanza z;
    struct fg_pair *pair;
    enum fg_condition c = fg_gate(in, x, &z, &pair);
    if (c) {
        if (st->peer) st->peer->stanzas_refused++;
        const char *from = fg_xml_attr(x, "from");
        fg_stream_error(st, c, FG_FAIL_STREAM_PROTOCOL, "%s from %.100s", x->name,
                        from ? from : "nobody");
        return;
    }
    st->stanzas_in++;
    st->s->counters.stanzas_in++;
    pair->peer->stanzas_in++;
    if (z.kind == FG_IQ && fg_out_pong(st->s, &z)) return;
    st->last_stanza_ms = st->last_rx_ms;
    st->s->callbacks.stanza(st->s->callbacks.arg, &z);
}

enum {
    TALKING = FG_IN(FG_S_NEGOTIATING) | FG_IN(FG_S_SASL) | FG_IN(FG_S_OPEN),
    PROVED = FG_IN(FG_S_OPEN) | FG_IN(FG_S_CLOSING),
};

static const struct fg_dispatch dispatch[] = {
    {FG_NS_SERVER, "message", PROVED, on_stanza},
    {FG_NS_SERVER, "iq", PROVED, on_stanza},
    {FG_NS_SERVER, "presence", PROVED, on_stanza},
    {FG_NS_DIALBACK, "result", FG_IN(FG_S_NEGOTIATING) | FG_IN(FG_S_OPEN), fg_in_on_result},
    {FG_NS_DIALBACK, "verify", FG_IN(FG_S_NEGOTIATING) | FG_IN(FG_S_OPEN), fg_in_on_verify},
    {FG_NS_TLS, "starttls", TALKING, fg_in_on_starttls},
    {FG_NS_SASL, "auth", FG_IN(FG_S_NEGOTIATING), fg_in_on_auth},
    {FG_NS_SASL, "response", FG_IN(FG_S_SASL), fg_in_on_response},
    {FG_NS_SASL, "abort", FG_IN(FG_S_NEGOTIATING) | FG_IN(FG_S_SASL), fg_in_on_abort},
    {FG_NS_STREAM, "error", TALKING | FG_IN(FG_S_CLOSING), fg_stream_on_error},
};

static void in_element(struct fg_stream *st, const struct fg_xml *x)
{
    const struct fg_dispatch *d = fg_dispatch_find(dispatch, sizeof dispatch / sizeof *dispatch, x);
    if (d && (d->states & FG_IN(st->state))) {
        d->handle(st, x);
        return;
    }
    if (st->state == FG_S_CLOSING) return;
    if (!d)
        fg_stream_error(st, FG_COND_UNSUPPORTED_STANZA_TYPE, FG_FAIL_STREAM_PROTOCOL, "%.100s",
                        x->name);
    else if (d->handle == on_stanza)
        fg_stream_error(st, FG_COND_NOT_AUTHORIZED, FG_FAIL_STREAM_PROTOCOL,
                        "%s before authentication", x->name);
    else
        fg_stream_error(st, FG_COND_POLICY_VIOLATION, FG_FAIL_STREAM_PROTOCOL, "unexpected %.100s",
                        x->name);
}

static void in_tls_ready(struct fg_stream *st)
{
    /* What was said in clear is forgotten (RFC 6120 5.4.3.3); `local` chose the certificate. */
    fg_stream_set_peer(st, NULL);
    st->remote[0] = '\0';
    fg_stream_restart(st);
    fg_stream_enter(st, FG_S_HEADER);
}

/* ---- life ---- */

static void in_idle(struct fg_stream *st)
{
    const struct fg_settings *set = st->s->settings;
    int64_t now = fg_clock_mono_ms();
    int64_t silent = (int64_t)set->stream_inactivity_timeout_s * 1000 - (now - st->last_stanza_ms);
    int64_t ping = (int64_t)set->keepalive_interval_s * 1000;
    int64_t quiet_since = st->last_rx_ms > st->pinged_ms ? st->last_rx_ms : st->pinged_ms;
    if (silent <= 0) {
        fg_stream_close(st, FG_FAIL_STREAM_IDLE);
        return;
    }
    /* No stanza may go back on this stream; a white space tells whether the connection lives. */
    if (st->peer && st->peer->partner && st->peer->partner->keepalive &&
        now - quiet_since >= ping) {
        fg_stream_writes(st, " ");
        st->pinged_ms = quiet_since = now;
    }
    int64_t next = ping - (now - quiet_since);
    if (next <= 0 || next > silent) next = silent;
    fg_stream_arm(st, fg_stream_doze(st, now, next));
}

/* Pairs that may not go on are dropped, the others follow their partners' present entries. */
static void follow_pairs(struct fg_in *in)
{
    struct fg_s2s *s = in->st.s;
    FG_LIST_EACH(&in->pairs, n, tmp)
    {
        struct fg_pair *p = FG_CONTAINER(n, struct fg_pair, node);
        const struct fg_partner *partner = fg_s2s_partner(s, p->remote);
        if (!partner || !fg_s2s_is_local(s, p->local)) {
            fg_in_drop_pair(in, p);
            continue;
        }
        struct fg_peer *old = p->peer, *now = fg_peer_get(s, partner);
        if (!now) continue;
        p->peer = now;
        fg_peer_put(s, old);
    }
}

/* Rules of a running stream against the new configuration (see fg_s2s_activate). */
static void in_activated(struct fg_stream *st)
{
    fg_stream_limits(st);
    if (!fg_stream_is_judged(st)) return;
    struct fg_judgement j = fg_stream_judge(st, st->s->snapshot, fg_clock_wall_ms());
    if (j.fate != FG_FATE_CLOSE) {
        if (st->remote[0]) (void)fg_stream_follow(st);
        follow_pairs(fg_in_of(st));
    }
    if (!fg_stream_obey(st, &j) && st->state == FG_S_OPEN) in_idle(st);
}

static void in_down(struct fg_stream *st, enum fg_stream_state was)
{
    (void)was;
    fg_in_forget(fg_in_of(st));
}

static void in_release(struct fg_stream *st)
{
    free(fg_in_of(st));
}

static const struct fg_stream_ops in_ops = {
    .header = in_header,
    .element = in_element,
    .tls_ready = in_tls_ready,
    .idle = in_idle,
    .activated = in_activated,
    .down = in_down,
    .release = in_release,
};

/* The stream of an accepted descriptor; NULL without memory. The descriptor and the key are taken.
 */
static struct fg_in *adopt(struct fg_s2s *s, int fd, char *key)
{
    struct fg_conn_limits limits = {.output = OUTPUT_MAX};
    struct fg_conn *c = NULL;
    struct fg_in *in = calloc(1, sizeof *in);
    if (!in || fg_conn_accept(&c, s->net, fd, &limits, NULL, NULL)) {
        close(fd);
        fg_limits_authenticated(s, key);
        free(key);
        free(in);
        return NULL;
    }
    fg_list_init(&in->pairs);
    fg_stream_init(&in->st, s, &in_ops, true);
    in->st.address = key;
    new_stream_id(&in->st);
    if (fg_stream_attach(&in->st, c)) {
        fg_conn_close(c);
        fg_stream_retire(&in->st, FG_FAIL_INTERNAL, "out of memory", 0);
        return NULL;
    }
    return in;
}

void fg_s2s_accept(struct fg_s2s *s, int fd, const struct sockaddr *peer, bool direct_tls)
{
    char *key = NULL;
    if (s->stopping || !s->snapshot || !fg_limits_accept(s, peer, &key)) {
        s->counters.refused_connections++;
        close(fd);
        return;
    }
    s->counters.accepted++;
    struct fg_in *in = adopt(s, fd, key);
    if (!in) return;
    fg_stream_enter(&in->st, FG_S_HEADER);
    if (!direct_tls) return;
    fg_stream_enter(&in->st, FG_S_TLS);
    fg_stream_tls_now(&in->st, NULL);
}
