/* Server-sent events (the HTML standard, section 9.2): a bounded queue between the application and
 * a connection that is suspended while there is nothing to send. A client that left is noticed only
 * at a write, so every stream carries a comment now and then. */
#include "server/http/internal.h"

#include "gateway/base/clock.h"
#include "gateway/base/ref.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct fg_http_stream {
    struct fg_ref ref; /* the connection's hold and the application's */
    struct fg_list node;
    struct fg_http *http;
    struct MHD_Connection *mhd;
    void (*gone_h)(void *arg, struct fg_http_stream *s);
    void *arg;
    pthread_mutex_t lock; /* everything below */
    struct fg_buf queue;
    bool suspended, ended, gone;
    int64_t next_ping;
};

enum { FRAME_OVERHEAD = 64 };

static void put_ref(struct fg_http_stream *s)
{
    if (!fg_ref_put(&s->ref)) return;
    fg_buf_free(&s->queue);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* With the stream's lock held. */
static void wake(struct fg_http_stream *s)
{
    if (!s->suspended) return;
    s->suspended = false;
    MHD_resume_connection(s->mhd);
}

static ssize_t read_queue(void *cls, uint64_t pos, char *to, size_t max)
{
    (void)pos;
    struct fg_http_stream *s = cls;
    pthread_mutex_lock(&s->lock);
    size_t n = fg_buf_len(&s->queue);
    ssize_t result;
    if (n) {
        if (n > max) n = max;
        memcpy(to, fg_buf_data(&s->queue), n);
        fg_buf_consume(&s->queue, n);
        result = (ssize_t)n;
    } else if (s->ended) {
        result = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        s->suspended = true;
        MHD_suspend_connection(s->mhd);
        result = 0;
    }
    pthread_mutex_unlock(&s->lock);
    return result;
}

/* The connection's end of it is over. */
static void connection_ended(void *cls)
{
    struct fg_http_stream *s = cls;
    struct fg_http *h = s->http;
    pthread_mutex_lock(&h->lock);
    fg_list_remove(&s->node);
    h->counters.streams--;
    pthread_mutex_unlock(&h->lock);
    pthread_mutex_lock(&s->lock);
    s->gone = true;
    pthread_mutex_unlock(&s->lock);
    if (s->gone_h) s->gone_h(s->arg, s);
    put_ref(s);
}

void fg_http_stream_abandon(struct fg_http_stream *s)
{
    connection_ended(s);
}

struct MHD_Response *fg_http_stream_start(struct fg_http_stream *s, struct MHD_Connection *c)
{
    s->mhd = c;
    struct MHD_Response *m =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, read_queue, s, connection_ended);
    if (m) MHD_add_response_header(m, "Content-Type", "text/event-stream");
    return m;
}

int fg_http_respond_stream(struct fg_http_request *r, size_t queue_max,
                           void (*gone)(void *arg, struct fg_http_stream *s), void *arg,
                           struct fg_http_stream **out)
{
    struct fg_http_exchange *x = (struct fg_http_exchange *)(void *)r;
    struct fg_http *h = x->http;
    struct fg_http_stream *s = calloc(1, sizeof *s);
    if (!s) return ENOMEM;
    fg_ref_init(&s->ref);
    fg_ref_get(&s->ref);
    s->http = h;
    s->gone_h = gone;
    s->arg = arg;
    s->next_ping = fg_clock_mono_ms() + PING_MS;
    fg_buf_init(&s->queue, queue_max + FRAME_OVERHEAD);
    pthread_mutex_init(&s->lock, NULL);
    *out = s;
    pthread_mutex_lock(&h->lock);
    s->ended = h->stopping;
    fg_list_append(&h->streams, &s->node);
    h->counters.streams++;
    pthread_mutex_unlock(&h->lock);
    x->stream = s;
    fg_http_respond(r, NULL);
    return 0;
}

/* One event; each line of the data becomes a field of its own. */
static int frame(struct fg_buf *b, const char *event, const char *id, const char *data, size_t len)
{
    int err = event ? fg_buf_addf(b, "event: %s\n", event) : 0;
    if (!err && id) err = fg_buf_addf(b, "id: %s\n", id);
    const char *end = data + len;
    do {
        const char *stop = len ? memchr(data, '\n', (size_t)(end - data)) : NULL;
        size_t n = (size_t)((stop ? stop : end) - data);
        if (!err) err = fg_buf_adds(b, "data: ");
        if (!err) err = fg_buf_add(b, data, n);
        if (!err) err = fg_buf_adds(b, "\n");
        data = stop ? stop + 1 : end;
    } while (data < end);
    return err ? err : fg_buf_adds(b, "\n");
}

int fg_http_event(struct fg_buf *out, const char *event, const char *id, const char *data,
                  size_t len)
{
    size_t was = fg_buf_len(out);
    int err = frame(out, event, id, data, len);
    if (err) fg_buf_truncate(out, was);
    return err;
}

int fg_http_stream_put(struct fg_http_stream *s, const struct fg_buf *ready)
{
    pthread_mutex_lock(&s->lock);
    int err = s->gone || s->ended ? EPIPE : 0;
    if (!err) err = fg_buf_add(&s->queue, fg_buf_data(ready), fg_buf_len(ready));
    if (!err) {
        s->next_ping = fg_clock_mono_ms() + PING_MS;
        wake(s);
    }
    pthread_mutex_unlock(&s->lock);
    return err;
}

int fg_http_stream_send(struct fg_http_stream *s, const char *event, const char *id,
                        const char *data, size_t len)
{
    pthread_mutex_lock(&s->lock);
    int err = s->gone || s->ended ? EPIPE : 0;
    size_t was = fg_buf_len(&s->queue);
    if (!err) err = frame(&s->queue, event, id, data, len);
    if (err) {
        fg_buf_truncate(&s->queue, was);
    } else {
        s->next_ping = fg_clock_mono_ms() + PING_MS;
        wake(s);
    }
    pthread_mutex_unlock(&s->lock);
    return err;
}

void fg_http_stream_close(struct fg_http_stream *s)
{
    if (!s) return;
    pthread_mutex_lock(&s->lock);
    s->ended = true;
    if (!s->gone) wake(s);
    pthread_mutex_unlock(&s->lock);
    put_ref(s);
}

void fg_http_streams_ping(struct fg_http *h, int64_t now)
{
    FG_LIST_EACH(&h->streams, n, next)
    {
        struct fg_http_stream *s = FG_CONTAINER(n, struct fg_http_stream, node);
        pthread_mutex_lock(&s->lock);
        if (now >= s->next_ping && !s->ended && fg_buf_adds(&s->queue, ": ping\n\n") == 0) {
            s->next_ping = now + PING_MS;
            wake(s);
        }
        pthread_mutex_unlock(&s->lock);
    }
}

void fg_http_streams_end(struct fg_http *h)
{
    FG_LIST_EACH(&h->streams, n, next)
    {
        struct fg_http_stream *s = FG_CONTAINER(n, struct fg_http_stream, node);
        pthread_mutex_lock(&s->lock);
        s->ended = true;
        wake(s);
        pthread_mutex_unlock(&s->lock);
    }
}
