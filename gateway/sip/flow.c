/* Connections over TCP and TLS, accepted and our own. See stack.h.
 *
 * Nothing is freed while its input is being handled, since messages are read where they stand: a
 * closed flow waits in sip->dead until fg_sip_flows_sweep, which every entry from the loop ends
 * with. */
#include "gateway/net/tls.h"
#include "gateway/sip/stack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LEAVE_MS = 500 };

static void on_conn(struct fg_conn *c, enum fg_conn_event event, void *arg);

static const struct fg_conn_limits limits = {
    .input = FG_SIP_HEADER_MAX + FG_SIP_BODY_MAX + 4096,
};

static struct fg_sip_flow *flow_new(struct fg_sip *s, enum fg_transport transport, bool inbound)
{
    struct fg_sip_flow *f = calloc(1, sizeof *f);
    if (!f) return NULL;
    f->sip = s;
    f->transport = transport;
    f->inbound = inbound;
    f->last_used = f->last_heard = fg_sip_now();
    fg_list_init(&f->calls);
    fg_list_init(&f->requests);
    fg_list_append(&s->flows, &f->link);
    s->counters.connections++;
    return f;
}

void fg_sip_flows_sweep(struct fg_sip *s)
{
    FG_LIST_EACH(&s->dead, n, tmp)
    {
        struct fg_sip_flow *f = FG_CONTAINER(n, struct fg_sip_flow, link);
        if (f->busy) continue;
        fg_list_remove(n);
        free(f->tls_name);
        free(f);
    }
}

/* No transaction counts on it any more. */
static void let_go(struct fg_sip_flow *f, enum fg_failure why)
{
    struct fg_sip_front *front = f->front;
    fg_sip_requests_unlink_flow(f);
    if (front && front->flow == f) front->flow = NULL;
    f->front = NULL;
    fg_sip_calls_flow_lost(f, why);
}

void fg_sip_flow_close(struct fg_sip_flow *f, enum fg_failure why)
{
    struct fg_sip *s = f->sip;
    if (f->state == FG_FLOW_DEAD) return;
    f->state = FG_FLOW_DEAD;
    s->counters.connections--;
    if (f->inbound) s->n_inbound--;
    if (f->stranger) s->n_untrusted--;
    if (f->dial) fg_dial_cancel(f->dial);
    if (f->busy)
        f->leaving = f->conn;
    else if (f->conn)
        fg_conn_close(f->conn);
    f->dial = NULL;
    f->conn = NULL;
    fg_list_remove(&f->link);
    fg_list_append(&s->dead, &f->link);
    let_go(f, why);
}

/* After a refusal that ends the stream. Closing with unread input would reset the connection and
 * could overtake the answer, so the rest is read and thrown away for a moment. */
static void leave(struct fg_sip_flow *f)
{
    f->state = FG_FLOW_LEAVING;
    fg_conn_deadline(f->conn, LEAVE_MS);
    let_go(f, FG_FAIL_CONNECT_LOST);
}

void fg_sip_flow_idle(struct fg_sip_flow *f)
{
    if (f->retired && fg_list_empty(&f->calls) && fg_list_empty(&f->requests))
        fg_sip_flow_close(f, FG_FAIL_NONE);
}

void fg_sip_flow_retire(struct fg_sip_flow *f)
{
    f->retired = true;
    fg_sip_flow_idle(f);
}

int fg_sip_flow_write(struct fg_sip_flow *f, const void *data, size_t len)
{
    if (f->state != FG_FLOW_READY) return EPIPE;
    f->last_used = fg_sip_now();
    return fg_conn_write(f->conn, data, len);
}

bool fg_sip_flow_trusted(struct fg_sip_flow *f)
{
    struct fg_sip *s = f->sip;
    if (f->judged == s->generation) return f->trusted;
    f->judged = s->generation;
    if (f->transport == FG_TLS) {
        X509 *cert = fg_conn_peer_cert(f->conn);
        f->trusted =
            cert && fg_conn_verify_result(f->conn) == X509_V_OK && fg_sip_cert_trusted(s, cert);
    } else {
        f->trusted = fg_sip_address_trusted(s, &f->peer);
    }
    return f->trusted;
}

/* "Via: SIP/2.0/TCP host:port;branch=", with the port we listen on when there is one, so that an
 * answer finds us even after the connection broke (RFC 3261 18.1.1). */
static void make_via(struct fg_sip_flow *f)
{
    socklen_t len;
    union fg_sip_addr local;
    char ip[INET6_ADDRSTRLEN];
    fg_sip_addr_from(&local, fg_conn_local_addr(f->conn, &len));
    fg_sip_addr_for(&local, AF_INET);
    uint16_t port = fg_sip_served_port(f->sip, f->transport);
    if (!port) port = fg_sip_addr_port(&local);
    bool v6 = local.sa.sa_family == AF_INET6;
    snprintf(f->via, sizeof f->via,
             "Via: SIP/2.0/%s %s%s%s:%u;branch=", f->transport == FG_TLS ? "TLS" : "TCP",
             v6 ? "[" : "", fg_sip_addr_ip(&local, ip), v6 ? "]" : "", port);
}

static void ready(struct fg_sip_flow *f)
{
    f->state = FG_FLOW_READY;
    f->last_used = f->last_heard = fg_sip_now();
    make_via(f);
    if (f->stranger && fg_sip_flow_trusted(f)) {
        f->stranger = false;
        f->sip->n_untrusted--;
    }
    fg_conn_deadline(f->conn, f->stranger ? FG_SIP_PARTIAL_MS : FG_SIP_IDLE_MS);
    fg_report_event(f->sip->report,
                    (struct fg_event){.level = FG_INFO,
                                      .component = "sip",
                                      .code = "connection_open",
                                      .stream = fg_conn_id(f->conn)},
                    "%s %s %s is ready", fg_transport_name(f->transport),
                    f->inbound ? "from" : "to", fg_conn_peer_text(f->conn));
    fg_sip_calls_flow_ready(f);
}

static void failed(struct fg_sip_flow *f, enum fg_failure why, const char *detail)
{
    struct fg_sip *s = f->sip;
    fg_report_event(s->report,
                    (struct fg_event){.level = f->inbound ? FG_INFO : FG_WARNING,
                                      .component = "sip",
                                      .code = "connection_failed",
                                      .failure = why,
                                      .stream = f->conn ? fg_conn_id(f->conn) : 0},
                    "%s %s %s: %s %s", fg_transport_name(f->transport), f->inbound ? "from" : "to",
                    f->conn    ? fg_conn_peer_text(f->conn)
                    : f->front ? f->front->name
                               : "a front end",
                    fg_failure_cause(why), detail);
    if (f->front && f->state != FG_FLOW_READY) fg_sip_front_down(f->front);
    fg_sip_flow_close(f, why);
}

/* ---- accepted ---- */

void fg_sip_flow_accept(struct fg_sip *s, int fd, const struct sockaddr *peer,
                        enum fg_transport transport, struct fg_tls_ctx *tls)
{
    union fg_sip_addr addr;
    fg_sip_addr_from(&addr, peer);
    bool stranger = !fg_sip_address_trusted(s, &addr);
    if (s->stopping || s->n_inbound >= FG_SIP_INBOUND_MAX || (transport == FG_TLS && !tls) ||
        (stranger && s->n_untrusted >= FG_SIP_UNTRUSTED_MAX)) {
        close(fd);
        return;
    }
    struct fg_sip_flow *f = flow_new(s, transport, true);
    if (!f) {
        close(fd);
        return;
    }
    f->peer = addr;
    s->n_inbound++;
    f->stranger = stranger;
    if (stranger) s->n_untrusted++;
    int err = fg_conn_accept(&f->conn, s->net, fd, &limits, on_conn, f);
    if (err) {
        close(fd);
        fg_sip_flow_close(f, FG_FAIL_INTERNAL);
        return;
    }
    if (transport == FG_TCP) {
        ready(f);
        return;
    }
    f->state = FG_FLOW_HANDSHAKE;
    fg_conn_deadline(f->conn, FG_SIP_HANDSHAKE_MS);
    if (fg_conn_start_tls(f->conn, &(struct fg_tls_params){.ctx = tls}) != 0)
        failed(f, FG_FAIL_INTERNAL, "");
}

/* ---- our own ---- */

static void start_handshake(struct fg_sip_flow *f)
{
    union fg_sip_addr literal;
    bool is_name = !fg_sip_addr_parse(f->tls_name, strlen(f->tls_name), 0, &literal);
    struct fg_tls_params p = {.ctx = f->sip->client, .sni = is_name ? f->tls_name : NULL};
    if (!p.ctx) {
        failed(f, FG_FAIL_OWN_CERT_MISSING, "");
        return;
    }
    f->state = FG_FLOW_HANDSHAKE;
    fg_conn_deadline(f->conn, FG_SIP_HANDSHAKE_MS);
    if (fg_conn_start_tls(f->conn, &p) != 0) failed(f, FG_FAIL_TLS_HANDSHAKE, "");
}

static void dialed(struct fg_conn *c, const struct fg_endpoint *endpoint, enum fg_failure why,
                   void *arg)
{
    struct fg_sip_flow *f = arg;
    struct fg_sip *s = f->sip;
    (void)endpoint;
    f->dial = NULL;
    if (!c) {
        failed(f, why, "");
    } else {
        socklen_t len;
        f->conn = c;
        fg_sip_addr_from(&f->peer, fg_conn_peer_addr(c, &len));
        fg_conn_set_handler(c, on_conn, f);
        if (f->transport == FG_TLS)
            start_handshake(f);
        else
            ready(f);
    }
    fg_sip_flows_sweep(s);
}

int fg_sip_flow_dial(struct fg_sip_front *front)
{
    struct fg_sip *s = front->sip;
    struct fg_sip_flow *f = flow_new(s, front->transport, false);
    if (!f) return ENOMEM;
    f->tls_name = strdup(front->tls_name);
    int err = f->tls_name ? fg_dial_start(&f->dial, s->net, front->endpoints, front->count, 5000,
                                          &limits, dialed, f)
                          : ENOMEM;
    if (err) {
        f->dial = NULL;
        fg_sip_flow_close(f, FG_FAIL_INTERNAL);
        return err;
    }
    f->front = front;
    front->flow = f;
    return 0;
}

/* The server has proved to be the front end we wanted, or the connection ends (RFC 5922 7.3). */
static void tls_ready(struct fg_sip_flow *f)
{
    X509 *cert = fg_conn_peer_cert(f->conn);
    char names[256];
    if (!f->inbound) {
        int verdict = fg_conn_verify_result(f->conn);
        if (!cert) {
            failed(f, FG_FAIL_CERT_MISSING, "");
            return;
        }
        if (verdict != X509_V_OK) {
            failed(f, fg_cert_failure(verdict), X509_verify_cert_error_string(verdict));
            return;
        }
        if (!fg_cert_names_sip_domain(cert, f->tls_name)) {
            failed(f, FG_FAIL_CERT_NAME_MISMATCH, fg_cert_names(cert, names, sizeof names));
            return;
        }
    }
    ready(f);
}

/* ---- input ---- */

static void partial(struct fg_sip_flow *f, bool now)
{
    if (f->partial == now || f->stranger) return;
    f->partial = now;
    fg_conn_deadline(f->conn, now ? FG_SIP_PARTIAL_MS : FG_SIP_IDLE_MS);
}

/* One message. False: the stream has to end. */
static bool handle(struct fg_sip_flow *f, char *data, const struct fg_sip_frame *frame)
{
    struct fg_sip_source src = {.sip = f->sip,
                                .flow = f,
                                .transport = f->transport,
                                .peer = f->peer,
                                .trusted = fg_sip_flow_trusted(f)};
    switch (frame->kind) {
    case FG_SIP_FRAME_MESSAGE:
        return fg_sip_dispatch(&src, data, frame->head, frame->body, &frame->scan);
    case FG_SIP_FRAME_PING:
        return fg_sip_flow_write(f, "\r\n", 2) == 0;
    case FG_SIP_FRAME_BAD:
        fg_sip_refuse_raw(&src, data, frame->head, frame->code, frame->fault);
        return false;
    default:
        return true;
    }
}

static void discard(struct fg_sip_flow *f)
{
    struct fg_buf *in = fg_conn_input(f->conn);
    fg_buf_consume(in, fg_buf_len(in));
}

static void input(struct fg_sip_flow *f)
{
    f->last_used = f->last_heard = fg_sip_now();
    f->busy = true;
    while (f->state == FG_FLOW_READY) {
        struct fg_buf *in = fg_conn_input(f->conn);
        char *data = in->data ? (char *)in->data + in->off : NULL;
        struct fg_sip_frame frame = {.idle = true};
        if (in->len) fg_sip_frame_next(&f->framer, data, in->len, &frame);
        if (frame.kind == FG_SIP_FRAME_MORE) {
            partial(f, !frame.idle);
            break;
        }
        bool go_on = handle(f, data, &frame);
        if (f->state != FG_FLOW_READY) break;
        fg_buf_consume(fg_conn_input(f->conn), frame.head + frame.body);
        if (!go_on) leave(f);
    }
    f->busy = false;
    if (f->state == FG_FLOW_LEAVING) discard(f);
    fg_conn_close(f->leaving);
    f->leaving = NULL;
}

static void timeout(struct fg_sip_flow *f)
{
    int64_t quiet = fg_sip_now() - f->last_used;
    if (f->state == FG_FLOW_LEAVING) {
        fg_sip_flow_close(f, FG_FAIL_CONNECT_LOST);
    } else if (f->state != FG_FLOW_READY) {
        failed(f, FG_FAIL_CONNECT_TIMEOUT, "");
    } else if (f->partial || f->stranger ||
               (quiet >= FG_SIP_IDLE_MS - 1000 && fg_list_empty(&f->calls) &&
                fg_list_empty(&f->requests))) {
        fg_sip_flow_close(f, FG_FAIL_CONNECT_LOST);
    } else {
        /* Used meanwhile: the deadline is moved only here, not with every message. */
        int64_t left = FG_SIP_IDLE_MS - quiet;
        fg_conn_deadline(f->conn, left > 1000 ? left : 1000);
    }
}

static void on_conn(struct fg_conn *c, enum fg_conn_event event, void *arg)
{
    struct fg_sip_flow *f = arg;
    struct fg_sip *s = f->sip;
    switch (event) {
    case FG_CONN_TLS_READY:
        tls_ready(f);
        break;
    case FG_CONN_DATA:
        if (f->state == FG_FLOW_READY)
            input(f);
        else if (f->state == FG_FLOW_LEAVING)
            discard(f);
        break;
    case FG_CONN_TIMEOUT:
        timeout(f);
        break;
    case FG_CONN_CLOSED:
        if (f->state >= FG_FLOW_READY)
            fg_sip_flow_close(f, FG_FAIL_CONNECT_LOST);
        else
            failed(f, FG_FAIL_CONNECT_LOST, "");
        break;
    case FG_CONN_ERROR: {
        enum fg_failure why = fg_conn_failure(c);
        failed(f, why ? why : FG_FAIL_CONNECT_LOST, fg_conn_failure_detail(c));
        break;
    }
    case FG_CONN_CONNECTED:
    case FG_CONN_WRITABLE:
        break;
    }
    fg_sip_flows_sweep(s);
}
