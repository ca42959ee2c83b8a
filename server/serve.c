/* See serve.h. Everything is made in the order in which it depends on what was made before, and
 * taken down in the opposite order:
 *
 *   data directory ── store ── configuration ── engine ── forwarding of the audit ── REST ── HTTP
 */
#include "server/serve.h"

#include "api/api.h"
#include "gateway/base/clock.h"
#include "gateway/base/rand.h"
#include "gateway/engine.h"
#include "server/auth/password.h"
#include "server/config/config.h"
#include "server/config/dialback.h"
#include "server/executor.h"
#include "server/forward/forward.h"
#include "server/http/assets.h"
#include "server/http/http.h"
#include "server/notify.h"
#include "server/process.h"
#include "server/setup.h"
#include "server/store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    WORKERS = 3,
    WORKER_QUEUE = 256,
    STOP_MS = 10000, /* everything */
    STOP_HTTP_MS = 5000,
};

struct serve {
    const struct fg_serve_options *o;
    struct fg_log *log;
    struct fg_datadir *dir;
    struct fg_store *store;
    struct fg_store *readers[WORKERS];
    struct fg_executor *workers;
    struct fg_hasher *hasher;
    struct fg_config *config;
    struct fg_engine *engine;
    struct fg_forward *forward;
    struct fg_api *api;
    struct fg_http *http;
    struct fg_buf chain, key; /* the panel's own certificate */
    bool setup;               /* a setup link waits to be told */
    char setup_secret[FG_SECRET_TEXT];
    bool http_stuck; /* a request was not answered in time: threads still use what we made */
};

static int fail(struct serve *s, const char *what, int err)
{
    fg_logf(s->log, FG_ERROR, "serve", "start_failed", "%s: %s", what, strerror(err));
    return err ? err : EIO;
}

static int open_store(struct serve *s)
{
    char why[FG_WHY] = "";
    int err = fg_datadir_open(&s->dir, s->o->data_dir, why);
    if (!err) err = fg_store_open(&s->store, s->dir, FG_STORE_WRITER, why);
    for (unsigned i = 0; !err && i < WORKERS; i++)
        err = fg_store_open(&s->readers[i], s->dir, FG_STORE_READER, why);
    if (err) fg_logf(s->log, FG_ERROR, "serve", "store_failed", "%s", *why ? why : strerror(err));
    return err;
}

static int first_start(struct serve *s)
{
    int err = fg_setup_panel_certificate(s->dir, s->o->panel, &s->chain, &s->key);
    if (err) return fail(s, "the panel's certificate could not be made", err);
    err = fg_setup_link_new(s->store, s->setup_secret);
    s->setup = err == 0;
    if (err == EEXIST) fg_setup_link_forget(s->dir);
    return err && err != EEXIST ? fail(s, "the setup link could not be made", err) : 0;
}

static int new_engine(struct serve *s)
{
    struct fg_dialback d;
    int err = fg_dialback_read(s->store, &d); /* the store has made one */
    if (!err) {
        const struct fg_engine_params p = {
            .report = {fg_log_event, s->log, fg_log_level(s->log)},
            .credential = fg_config_credential,
            .credential_arg = s->config,
            .edge = s->o->edge,
            .dialback_secret = d.secret,
            .dialback_previous = *d.previous ? d.previous : NULL,
        };
        err = fg_engine_new(&s->engine, &p);
    }
    fg_dialback_wipe(&d);
    return err;
}

static int start_engine(struct serve *s)
{
    const struct fg_config_params config = {.store = s->store, .log = s->log};
    char why[FG_CONFIG_WHY] = "";
    int err = fg_config_new(&s->config, &config);
    if (err) return fail(s, "the configuration could not be started", err);
    err = new_engine(s);
    if (err) return fail(s, "the engine could not be started", err);
    err = fg_config_start(s->config, s->engine, why);
    if (err) fg_logf(s->log, FG_ERROR, "serve", "config_failed", "%s", *why ? why : strerror(err));
    return err;
}

static int start_forward(struct serve *s)
{
    const struct fg_forward_params p = {
        .config = s->config, .dir = s->dir, .log = s->log, .local_path = s->o->syslog_socket};
    int err = fg_forward_new(&s->forward, &p);
    return err ? fail(s, "the forwarding of the audit could not be started", err) : 0;
}

static int start_http(struct serve *s)
{
    const struct fg_api_params api = {
        .config = s->config,
        .engine = s->engine,
        .forward = s->forward,
        .workers = s->workers,
        .readers = s->readers,
        .n_readers = WORKERS,
        .hasher = s->hasher,
        .log = s->log,
        .version = FG_VERSION,
        .edge = s->o->edge,
    };
    int err = fg_api_new(&s->api, &api);
    if (err) return fail(s, "the REST interface could not be started", err);
    struct fg_http_certificate *certificate = NULL;
    const char *why = NULL;
    err =
        fg_http_certificate_load(&certificate, fg_buf_cstr(&s->chain), fg_buf_cstr(&s->key), &why);
    if (err) return fail(s, why ? why : "the panel's certificate", err);
    const struct fg_http_params p = {
        .listen = s->o->panel,
        .socket_path = s->o->admin_socket,
        .certificate = certificate,
        .app = fg_api_app(s->api),
        .assets = &fg_http_embedded_assets,
        .log = s->log,
    };
    err = fg_http_new(&s->http, &p);
    if (err) {
        char what[300];
        fg_http_certificate_free(certificate);
        snprintf(what, sizeof what, "the panel cannot listen on %s or the local socket on %s",
                 p.listen, p.socket_path);
        return fail(s, what, err);
    }
    err = fg_config_serve_panel(s->config, s->http, fg_buf_cstr(&s->chain), fg_buf_cstr(&s->key));
    return err ? fail(s, "the panel's certificate could not be used", err) : 0;
}

static int start(struct serve *s)
{
    int err = open_store(s);
    if (!err) err = first_start(s);
    if (err) return err;
    err = fg_executor_new(&s->workers, "fg-worker", WORKERS, WORKER_QUEUE);
    if (!err) err = fg_hasher_new(&s->hasher);
    if (err) return fail(s, "threads could not be started", err);
    err = start_engine(s);
    if (!err) err = start_forward(s);
    return err ? err : start_http(s);
}

static uint64_t revision(struct serve *s)
{
    struct fg_config_state state;
    fg_config_state(s->config, &state);
    uint64_t number = state.revision;
    for (size_t i = 0; i < state.problems.count; i++)
        fg_logf(s->log, FG_WARNING, "engine", state.problems.items[i].code, "%s: %s",
                state.problems.items[i].pointer, state.problems.items[i].message);
    fg_config_state_free(&state);
    return number;
}

/* The line that people and scripts wait for; the same in every log format. */
static void tell_ready(struct serve *s)
{
    if (s->setup && fg_setup_link_tell(s->dir, fg_http_url(s->http), s->setup_secret))
        fg_logf(s->log, FG_ERROR, "serve", "setup_link",
                "the setup link could not be written; "
                "fedgate admin setup-link makes a new one");
    explicit_bzero(s->setup_secret, sizeof s->setup_secret);
    int err = fg_setup_panel_url(s->dir, fg_http_url(s->http));
    if (err) fg_logf(s->log, FG_WARNING, "serve", "panel_url", "panel-url: %s", strerror(err));
    dprintf(STDERR_FILENO, "ready panel=%s revision=%llu\n", fg_http_url(s->http),
            (unsigned long long)revision(s));
    fg_notify("READY=1");
}

/* SIGHUP: certificates that are given as files are read again. */
static void reload(struct serve *s)
{
    fg_notify("RELOADING=1");
    fg_buf_reset(&s->chain);
    fg_buf_wipe(&s->key);
    int err = fg_setup_panel_certificate(s->dir, s->o->panel, &s->chain, &s->key);
    if (!err)
        err =
            fg_config_serve_panel(s->config, s->http, fg_buf_cstr(&s->chain), fg_buf_cstr(&s->key));
    fg_logf(s->log, err ? FG_ERROR : FG_INFO, "serve", "reload", "certificate files read again: %s",
            err ? strerror(err) : "ok");
    fg_notify("READY=1");
}

static void wait_for_end(struct serve *s, const sigset_t *waited)
{
    for (;;) {
        int sig = sigwaitinfo(waited, NULL);
        if (sig == SIGHUP) reload(s);
        if (sig == SIGTERM || sig == SIGINT) return;
    }
}

static int left(int64_t until)
{
    int64_t ms = until - fg_clock_mono_ms();
    return ms > 500 ? (int)ms : 500;
}

static void stop(struct serve *s)
{
    int64_t until = fg_clock_mono_ms() + STOP_MS;
    if (s->http) {
        s->http_stuck = fg_http_stop(s->http, STOP_HTTP_MS) != 0;
        if (s->http_stuck)
            fg_logf(s->log, FG_ERROR, "serve", "stop_late", "a request was not answered in time");
    }
    if (s->config && s->http && !s->http_stuck) fg_config_serve_panel(s->config, NULL, NULL, NULL);
    if (s->http_stuck) { /* the streams are closed all the same; the rest ends with the process */
        if (s->engine) fg_engine_free(s->engine, left(until));
        _exit(1);
    }
    if (s->http) fg_setup_panel_url(s->dir, NULL);
    fg_http_free(s->http);
    /* Every request is answered, so nothing is hashed any more; a worker may still be on its way
     * back from the hasher's queue. */
    fg_executor_free(s->workers);
    fg_hasher_free(s->hasher);
    fg_api_free(s->api);
    fg_forward_free(s->forward);
    fg_config_free(s->config);
    if (s->engine) fg_engine_free(s->engine, left(until));
    for (unsigned i = 0; i < WORKERS; i++) fg_store_close(s->readers[i]);
    fg_store_close(s->store);
    fg_datadir_close(s->dir);
    fg_buf_free(&s->chain);
    fg_buf_wipe(&s->key);
}

int fg_serve(const struct fg_serve_options *o)
{
    struct serve s = {.o = o};
    sigset_t waited;
    if (fg_log_new(&s.log, STDERR_FILENO, o->log_format, o->log_level)) return 1;
    fg_buf_init(&s.chain, FG_KEY_FILE_MAX);
    fg_buf_init(&s.key, FG_KEY_FILE_MAX);
    fg_process_prepare(&waited);
    int err = o->user ? fg_process_become(o->user, o->data_dir) : 0;
    if (err) fail(&s, "cannot become the user given by --user", err);
    if (!err) err = start(&s);
    if (!err) {
        tell_ready(&s);
        wait_for_end(&s, &waited);
        fg_notify("STOPPING=1");
        fg_logf(s.log, FG_INFO, "serve", "stopping", "stopping");
    }
    stop(&s);
    if (!err) fg_logf(s.log, FG_INFO, "serve", "stopped", "stopped");
    fg_log_free(s.log);
    return err ? 1 : 0;
}
