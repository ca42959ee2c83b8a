/* See conn.h. Reading goes through a scratch buffer of the loop, so that an idle connection owns no
 * buffer at all; writing happens once per turn of the loop. A closed connection is freed only when
 * the turn ends, because its handler may still be on the stack. */
#include "gateway/net/private.h"

#include "gateway/base/quote.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    INPUT_MAX = 64 * 1024,
    OUTPUT_MAX = 4 * 1024 * 1024,
    LOW_MARK_PART = 4, /* WRITABLE below a quarter of the output limit */
    DETAIL_MAX = 200,
    WRITE_CHUNK = 65536, /* bytes given to one call */
};

static _Atomic uint64_t next_id = 1;

/* ---- descriptor and watcher ---- */

static int wanted_events(const struct fg_conn *c)
{
    int events = 0;
    switch (c->state) {
    case CONN_CONNECTING:
        return EV_WRITE;
    case CONN_HANDSHAKE:
        return c->read_wants;
    case CONN_TLS_WAIT:
        return EV_WRITE;
    case CONN_OPEN:
        if (!c->eof && !c->paused && c->in.len < c->in.max)
            events |= c->read_wants ? c->read_wants : EV_READ;
        if (c->out.len && c->write_wants) events |= c->write_wants;
        return events;
    case CONN_FLUSHING:
        if (c->out.len && c->write_wants) events |= c->write_wants;
        if (!c->eof) events |= EV_READ;
        return events;
    case CONN_FAILED:
    case CONN_DEAD:
        return 0;
    }
    return 0;
}

static void watch(struct fg_conn *c)
{
    int events = wanted_events(c);
    if (ev_is_active(&c->io) && (c->io.events & (EV_READ | EV_WRITE)) == events) return;
    ev_io_stop(c->net->loop, &c->io);
    if (events == 0) return;
    ev_io_set(&c->io, c->fd, events);
    ev_io_start(c->net->loop, &c->io);
}

void fg_conn_enter(struct fg_conn *c, enum conn_state s)
{
    if (c->state == CONN_DEAD || c->state == s) return;
    c->state = s;
    if (s == CONN_FAILED) c->error_due = true;
}

void fg_conn_touch(struct fg_conn *c)
{
    if (fg_list_empty(&c->turn)) fg_list_append(&c->net->dirty, &c->turn);
}

void fg_conn_raise(struct fg_conn *c, enum fg_conn_event e)
{
    if (!c->h || c->state == CONN_DEAD || c->state == CONN_FLUSHING) return;
    c->net->raised = true;
    c->h(c, e, c->arg);
}

static void set_detail(struct fg_conn *c, const char *text)
{
    free(c->detail);
    c->detail = NULL;
    if (!text || !*text) return;
    char quoted[DETAIL_MAX];
    c->detail = strdup(fg_quotes(quoted, sizeof quoted, text));
}

void fg_conn_fail(struct fg_conn *c, enum fg_failure why, const char *detail)
{
    c->failure = why;
    set_detail(c, detail);
    fg_conn_enter(c, CONN_FAILED);
}

static enum fg_failure errno_failure(int err, bool connecting)
{
    switch (err) {
    case ECONNREFUSED:
        return FG_FAIL_CONNECT_REFUSED;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case EACCES:
    case EPERM:
        return FG_FAIL_CONNECT_UNREACHABLE;
    case ETIMEDOUT:
        return connecting ? FG_FAIL_CONNECT_TIMEOUT : FG_FAIL_CONNECT_LOST;
    case ENOMEM:
    case EMFILE:
    case ENFILE:
        return FG_FAIL_INTERNAL;
    default:
        return FG_FAIL_CONNECT_LOST;
    }
}

static void fail_errno(struct fg_conn *c, int err)
{
    char text[128];
    fg_conn_fail(c, errno_failure(err, c->state == CONN_CONNECTING),
                 strerror_r(err, text, sizeof text));
}

/* ---- moving bytes ---- */

/* One read of at most `room` bytes into the scratch buffer: bytes read, 0 when nothing (more) comes
 * now, at the end of the stream, or after a failure. */
static size_t read_some(struct fg_conn *c, size_t room)
{
    unsigned char *to = c->net->scratch;
    if (room > SCRATCH_SIZE) room = SCRATCH_SIZE;
    if (c->ssl) {
        ERR_clear_error();
        int n = SSL_read(c->ssl, to, (int)room);
        if (n > 0) {
            c->read_wants = 0;
            c->tls_data = true;
            return (size_t)n;
        }
        int wants = fg_conn_ssl_outcome(c, n);
        if (wants > 0) c->read_wants = wants;
        c->eof |= wants == 0;
        return 0;
    }
    ssize_t n = recv(c->fd, to, room, 0);
    if (n > 0) return (size_t)n;
    if (n == 0)
        c->eof = true;
    else if (errno != EAGAIN && errno != EINTR)
        fail_errno(c, errno);
    return 0;
}

/* Bytes that the TLS layer holds and the descriptor will not announce. */
static bool held_back(const struct fg_conn *c)
{
    return c->ssl && SSL_has_pending(c->ssl);
}

static void release_if_empty(struct fg_buf *b)
{
    if (b->len == 0 && b->data) fg_buf_free(b);
}

static void discard_input(struct fg_conn *c)
{
    for (int i = 0; i < READ_BUDGET; i++)
        if (read_some(c, SCRATCH_SIZE) == 0) return;
}

/* Reads what is there, tells of it, and tells of the end. */
static void service_read(struct fg_conn *c)
{
    for (int i = 0; i < READ_BUDGET && c->state == CONN_OPEN; i++) {
        if (c->eof || c->paused || c->in.len >= c->in.max) break;
        size_t room = c->in.max - c->in.len;
        size_t n = read_some(c, room);
        if (n == 0) break;
        if (fg_buf_add(&c->in, c->net->scratch, n)) {
            fg_conn_fail(c, FG_FAIL_INTERNAL, "out of memory");
            break;
        }
        fg_conn_raise(c, FG_CONN_DATA);
        if (c->state == CONN_DEAD) return;
        release_if_empty(&c->in);
        if (!held_back(c) && n < SCRATCH_SIZE) break;
        /* Budget spent while TLS still holds bytes: no event of the descriptor will tell of them.
         */
        if (i + 1 == READ_BUDGET && held_back(c)) fg_conn_touch(c);
    }
    if (c->eof && !c->eof_told && c->state == CONN_OPEN) {
        c->eof_told = true;
        fg_conn_raise(c, FG_CONN_CLOSED);
    }
}

/* One write of the front of the output; how many bytes left, 0 when the kernel takes no more. */
static size_t write_some(struct fg_conn *c, bool clear)
{
    size_t len = clear && c->ssl ? c->clear_left : c->out.len;
    if (len > WRITE_CHUNK) len = WRITE_CHUNK;
    const uint8_t *from = fg_buf_data(&c->out);
    if (!clear) {
        ERR_clear_error();
        int n = SSL_write(c->ssl, from, (int)len);
        if (n > 0) {
            c->write_wants = 0;
            return (size_t)n;
        }
        int wants = fg_conn_ssl_outcome(c, n);
        if (wants == 0) fg_conn_fail(c, FG_FAIL_CONNECT_LOST, "closed by the peer");
        if (wants > 0) c->write_wants = wants;
        return 0;
    }
    ssize_t n = send(c->fd, from, len, MSG_NOSIGNAL);
    if (n >= 0) {
        c->write_wants = 0;
        return (size_t)n;
    }
    if (errno == EAGAIN || errno == EINTR)
        c->write_wants = EV_WRITE;
    else
        fail_errno(c, errno);
    return 0;
}

/* Writes as much as the kernel takes; true when something left. */
static bool write_out(struct fg_conn *c)
{
    bool moved = false;
    while (c->out.len) {
        bool clear = !c->ssl || c->state == CONN_TLS_WAIT;
        if (clear && c->ssl && c->clear_left == 0) break;
        size_t n = write_some(c, clear);
        if (n == 0) break;
        fg_buf_consume(&c->out, n);
        c->flushed += n;
        if (clear && c->ssl) c->clear_left -= n;
        moved = true;
    }
    release_if_empty(&c->out);
    return moved;
}

static void service_write(struct fg_conn *c)
{
    if (c->out.len == 0) return;
    if (write_out(c) && c->state == CONN_OPEN && c->out.len <= c->out.max / LOW_MARK_PART)
        fg_conn_raise(c, FG_CONN_WRITABLE);
}

/* ---- one turn ---- */

static void finish_connect(struct fg_conn *c)
{
    int err = 0;
    socklen_t len = sizeof err;
    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len)) err = errno;
    if (err) {
        fail_errno(c, err);
        return;
    }
    c->local_len = sizeof c->local;
    getsockname(c->fd, (struct sockaddr *)&c->local, &c->local_len);
    fg_conn_enter(c, CONN_OPEN);
    fg_conn_raise(c, FG_CONN_CONNECTED);
}

static void service_tls_wait(struct fg_conn *c)
{
    write_out(c);
    if (c->state != CONN_TLS_WAIT || c->clear_left) return;
    fg_conn_enter(c, CONN_HANDSHAKE);
    fg_conn_handshake(c);
}

/* The owner is gone: let the output leave, say that we are done, wait for the peer's end. */
static void service_flushing(struct fg_conn *c)
{
    write_out(c);
    if (c->state == CONN_FLUSHING && c->out.len == 0 && !c->shut) {
        c->shut = true;
        ERR_clear_error();
        if (c->ssl) SSL_shutdown(c->ssl);
        shutdown(c->fd, SHUT_WR);
    }
    if (c->state == CONN_FLUSHING) discard_input(c);
    if (c->state == CONN_FAILED || (c->shut && c->eof)) fg_conn_close(c);
}

/* `revents` 0: called at the end of the turn because somebody touched the connection. */
static void service_open(struct fg_conn *c, int revents)
{
    bool resumed = c->resumed;
    c->resumed = false;
    if (resumed && c->in.len && !c->paused) {
        fg_conn_raise(c, FG_CONN_DATA);
        if (c->state == CONN_OPEN) release_if_empty(&c->in);
    }
    bool readable = revents & (c->read_wants ? c->read_wants : EV_READ);
    if (c->state == CONN_OPEN && (readable || resumed || held_back(c))) service_read(c);
    if (c->state == CONN_OPEN && (revents == 0 || (revents & c->write_wants))) service_write(c);
}

void fg_conn_service(struct fg_conn *c, int revents)
{
    enum conn_state before = c->state;
    switch (before) {
    case CONN_CONNECTING:
        if (revents) finish_connect(c);
        break;
    case CONN_OPEN:
        service_open(c, revents);
        break;
    case CONN_TLS_WAIT:
        service_tls_wait(c);
        break;
    case CONN_HANDSHAKE:
        if (revents) fg_conn_handshake(c);
        break;
    case CONN_FLUSHING:
        service_flushing(c);
        break;
    case CONN_FAILED:
    case CONN_DEAD:
        break;
    }
    if (c->state == CONN_FAILED && c->error_due) {
        c->error_due = false;
        fg_conn_raise(c, FG_CONN_ERROR);
    }
    if (c->state == CONN_DEAD) return;
    /* What the handler left to do in the state it left behind is done before the loop blocks. */
    if (c->state != before && (c->state == CONN_TLS_WAIT || c->out.len || held_back(c)))
        fg_conn_touch(c);
    watch(c);
}

static void on_io(struct ev_loop *loop, struct ev_io *w, int revents)
{
    (void)loop;
    fg_conn_service(w->data, revents & (EV_READ | EV_WRITE));
}

static void on_deadline(struct ev_loop *loop, struct ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    struct fg_conn *c = w->data;
    if (c->state == CONN_FLUSHING)
        fg_conn_close(c);
    else
        fg_conn_raise(c, FG_CONN_TIMEOUT);
}

/* ---- birth and death ---- */

static int conn_new(struct fg_conn **out, struct fg_net *n, int fd, const struct fg_conn_limits *l,
                    fg_conn_h *h, void *arg)
{
    struct fg_conn *c = calloc(1, sizeof *c);
    if (!c) return ENOMEM;
    c->net = n;
    c->fd = fd;
    c->h = h;
    c->arg = arg;
    c->id = atomic_fetch_add(&next_id, 1);
    fg_list_init(&c->node);
    fg_list_init(&c->turn);
    fg_buf_init(&c->in, l && l->input ? l->input : INPUT_MAX);
    fg_buf_init(&c->out, l && l->output ? l->output : OUTPUT_MAX);
    ev_io_init(&c->io, on_io, fd, 0);
    c->io.data = c;
    ev_timer_init(&c->deadline, on_deadline, 0., 0.);
    c->deadline.data = c;
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    n->connections++;
    *out = c;
    return 0;
}

int fg_conn_connect(struct fg_conn **out, struct fg_net *n, const struct sockaddr *peer,
                    socklen_t peer_len, const struct fg_conn_limits *limits, fg_conn_h *h,
                    void *arg)
{
    if (!out || !n || !peer || peer_len > sizeof(struct sockaddr_storage)) return EINVAL;
    int fd = socket(peer->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return errno;
    struct fg_conn *c;
    int err = conn_new(&c, n, fd, limits, h, arg);
    if (err) {
        close(fd);
        return err;
    }
    memcpy(&c->peer, peer, peer_len);
    c->peer_len = peer_len;
    fg_addr_text(c->peer_text, peer);
    c->state = CONN_CONNECTING;
    /* An immediate refusal is told from the loop like any other. */
    if (connect(fd, peer, peer_len) && errno != EINPROGRESS) fail_errno(c, errno);
    if (c->state == CONN_FAILED) fg_conn_touch(c);
    watch(c);
    *out = c;
    return 0;
}

int fg_conn_accept(struct fg_conn **out, struct fg_net *n, int fd,
                   const struct fg_conn_limits *limits, fg_conn_h *h, void *arg)
{
    if (!out || !n || fd < 0) return EINVAL;
    struct fg_conn *c;
    int err = conn_new(&c, n, fd, limits, h, arg);
    if (err) return err;
    c->state = CONN_OPEN;
    c->peer_len = sizeof c->peer;
    c->local_len = sizeof c->local;
    getpeername(fd, (struct sockaddr *)&c->peer, &c->peer_len);
    getsockname(fd, (struct sockaddr *)&c->local, &c->local_len);
    fg_addr_text(c->peer_text, (const struct sockaddr *)&c->peer);
    watch(c);
    *out = c;
    return 0;
}

void fg_conn_set_handler(struct fg_conn *c, fg_conn_h *h, void *arg)
{
    c->h = h;
    c->arg = arg;
}

void fg_conn_close(struct fg_conn *c)
{
    if (!c || c->state == CONN_DEAD) return;
    if (c->state == CONN_OPEN || c->state == CONN_TLS_WAIT) {
        write_out(c);
        ERR_clear_error();
        if (c->ssl && c->state == CONN_OPEN) SSL_shutdown(c->ssl);
    }
    c->h = NULL;
    fg_conn_enter(c, CONN_DEAD);
    ev_io_stop(c->net->loop, &c->io);
    ev_timer_stop(c->net->loop, &c->deadline);
    fg_list_remove(&c->turn);
    close(c->fd);
    c->fd = -1;
    fg_list_remove(&c->node);
    fg_list_append(&c->net->dead, &c->node);
}

void fg_conn_close_flush(struct fg_conn *c, int linger_ms)
{
    if (!c || c->state == CONN_DEAD) return;
    if (c->state != CONN_OPEN || linger_ms <= 0) {
        fg_conn_close(c);
        return;
    }
    c->h = NULL;
    fg_conn_enter(c, CONN_FLUSHING);
    fg_buf_free(&c->in);
    fg_list_append(&c->net->lingering, &c->node);
    fg_conn_deadline(c, linger_ms);
    fg_conn_touch(c);
}

void fg_conn_destroy(struct fg_conn *c)
{
    fg_buf_free(&c->in);
    fg_buf_free(&c->out);
    SSL_free(c->ssl);
    fg_tls_ctx_put(c->ctx);
    free(c->detail);
    c->net->connections--;
    free(c);
}

/* ---- the owner's calls ---- */

struct fg_buf *fg_conn_input(struct fg_conn *c)
{
    return &c->in;
}

void fg_conn_pause(struct fg_conn *c, bool pause)
{
    if (c->paused == pause || c->state == CONN_DEAD) return;
    c->paused = pause;
    if (!pause) {
        c->resumed = true;
        fg_conn_touch(c);
    } else {
        watch(c);
    }
}

int fg_conn_write(struct fg_conn *c, const void *data, size_t len)
{
    if (c->state == CONN_DEAD || c->state == CONN_FAILED || c->state == CONN_FLUSHING) return EPIPE;
    int err = fg_buf_add(&c->out, data, len);
    if (err) return err;
    c->queued += len;
    if (c->state == CONN_OPEN && c->write_wants == 0) fg_conn_touch(c);
    return 0;
}

uint64_t fg_conn_queued(const struct fg_conn *c)
{
    return c->queued;
}

uint64_t fg_conn_flushed(const struct fg_conn *c)
{
    return c->flushed;
}

void fg_conn_deadline(struct fg_conn *c, int64_t ms)
{
    ev_timer_stop(c->net->loop, &c->deadline);
    if (ms < 0 || c->state == CONN_DEAD) return;
    ev_timer_set(&c->deadline, (double)ms / 1000., 0.);
    ev_timer_start(c->net->loop, &c->deadline);
}

const struct sockaddr *fg_conn_peer_addr(const struct fg_conn *c, socklen_t *len)
{
    if (len) *len = c->peer_len;
    return (const struct sockaddr *)&c->peer;
}

const struct sockaddr *fg_conn_local_addr(const struct fg_conn *c, socklen_t *len)
{
    if (len) *len = c->local_len;
    return (const struct sockaddr *)&c->local;
}

const char *fg_conn_peer_text(const struct fg_conn *c)
{
    return c->peer_text;
}

enum fg_failure fg_conn_failure(const struct fg_conn *c)
{
    return c->failure;
}

const char *fg_conn_failure_detail(const struct fg_conn *c)
{
    return c->detail ? c->detail : "";
}

uint64_t fg_conn_id(const struct fg_conn *c)
{
    return c->id;
}
