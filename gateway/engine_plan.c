/* Prepare and discard: everything of a new configuration that can fail, done before anything of the
 * old one is touched. Runs in the configuration thread, one at a time. */
#include "gateway/engine_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fg_plan_free(struct fg_plan *p)
{
    if (!p) return;
    for (size_t i = 0; i < p->n_doors; i++) {
        if (p->doors[i].fd >= 0) close(p->doors[i].fd);
        fg_tls_ctx_put(p->doors[i].tls);
    }
    for (size_t i = 0; i < p->n_tls; i++) {
        fg_tls_ctx_put(p->tls[i].server);
        fg_tls_ctx_put(p->tls[i].client);
    }
    fg_tls_ctx_put(p->sip_client);
    fg_resolver_free(p->resolver);
    fg_resolver_free(p->old_resolver);
    fg_snapshot_put(p->snapshot);
    fg_snapshot_put(p->old_snapshot);
    free(p->resolver_key);
    free(p->doors);
    free(p->sip_listeners);
    free(p->open);
    free(p->tls);
    free(p);
}

void fg_engine_reap(struct fg_engine *e)
{
    struct fg_list dead;
    fg_list_init(&dead);
    pthread_mutex_lock(&e->shared.lock);
    fg_list_splice(&dead, &e->shared.dead);
    pthread_mutex_unlock(&e->shared.lock);
    while (!fg_list_empty(&dead)) {
        struct fg_plan *p = FG_CONTAINER(dead.next, struct fg_plan, link);
        fg_list_remove(&p->link);
        fg_plan_free(p);
    }
}

/* ---- listeners ---- */

static bool is_open(struct fg_engine *e, const char *address, bool sip, bool udp)
{
    bool found = false;
    pthread_mutex_lock(&e->shared.lock);
    for (size_t i = 0; i < e->shared.n_open && !found; i++) {
        const struct open_door *o = &e->shared.open[i];
        found = o->sip == sip && o->udp == udp && strcmp(o->address, address) == 0;
    }
    pthread_mutex_unlock(&e->shared.lock);
    return found;
}

static void listener_text(char out[DOOR_TEXT], const struct fg_listener *l)
{
    snprintf(out, DOOR_TEXT, strchr(l->address, ':') ? "[%s]:%u" : "%s:%u", l->address, l->port);
}

static bool twice(const struct fg_plan *p, const struct door *d)
{
    for (size_t i = 0; i < p->n_doors; i++)
        if (strcmp(p->doors[i].address, d->address) == 0 &&
            (p->doors[i].transport == FG_UDP) == (d->transport == FG_UDP))
            return true;
    return false;
}

/* Opens it, unless it is open; false when it cannot be. */
static bool open_door(struct fg_engine *e, struct door *d, const char *pointer,
                      struct fg_problems *problems)
{
    bool udp = d->transport == FG_UDP;
    d->fd = -1;
    if (is_open(e, d->address, d->kind == DOOR_SIP, udp)) return true;
    int fd = fg_listen_open(d->address, udp);
    if (fd >= 0) {
        d->fd = fd;
        return true;
    }
    enum fg_failure why = fd == -EADDRINUSE ? FG_FAIL_PORT_IN_USE : FG_FAIL_LISTEN_FAILED;
    fg_problem_add(problems, pointer, fg_failure_id(why), "%s (%s): %s %s", d->address,
                   strerror(-fd), fg_failure_cause(why), fg_failure_remedy(why));
    return false;
}

static int add_doors(struct fg_engine *e, struct fg_plan *p, enum door_kind kind,
                     const struct fg_listener *list, size_t n, const char *name,
                     struct fg_problems *problems)
{
    int result = 0;
    for (size_t i = 0; i < n; i++) {
        char pointer[64];
        bool sip = kind == DOOR_SIP;
        struct door d = {.kind = kind,
                         .fd = -1,
                         .transport = sip ? list[i].transport : FG_TCP,
                         .require_client_cert =
                             list[i].client_certificate == FG_CLIENT_CERT_REQUIRED};
        snprintf(pointer, sizeof pointer, "/settings/listeners/%s/%zu", name, i);
        listener_text(d.address, &list[i]);
        if (twice(p, &d)) {
            fg_problem_add(problems, pointer, "duplicate_listener",
                           "%s is listed twice. Remove one of the two.", d.address);
            result = EINVAL;
        } else if (!open_door(e, &d, pointer, problems)) {
            result = EINVAL;
        } else {
            p->doors[p->n_doors++] = d;
        }
    }
    return result;
}

static int build_doors(struct fg_engine *e, struct fg_plan *p, struct fg_problems *problems)
{
    const struct fg_settings *s = fg_snapshot_settings(p->snapshot);
    if (!s->federation_enabled) return 0;
    size_t n = s->n_xmpp + s->n_xmpp_direct_tls + s->n_sip;
    p->doors = n ? calloc(n, sizeof *p->doors) : NULL;
    p->sip_listeners = n ? calloc(n, sizeof *p->sip_listeners) : NULL;
    p->open = n ? calloc(n, sizeof *p->open) : NULL;
    if (n && (!p->doors || !p->sip_listeners || !p->open)) return ENOMEM;
    int a = add_doors(e, p, DOOR_XMPP, s->xmpp, s->n_xmpp, "xmpp", problems);
    int b = add_doors(e, p, DOOR_XMPP_DIRECT, s->xmpp_direct_tls, s->n_xmpp_direct_tls,
                      "xmpp_direct_tls", problems);
    int c = add_doors(e, p, DOOR_SIP, s->sip, s->n_sip, "sip", problems);
    return a ? a : b ? b : c;
}

/* ---- names ---- */

/* All that makes one resolver differ from another, as text. */
static char *resolver_key(const struct fg_settings *s)
{
    struct fg_buf text;
    fg_buf_init(&text, 64 * 1024);
    int err = fg_buf_addf(&text, "%d", (int)s->dnssec);
    for (size_t i = 0; i < s->n_dns_servers && !err; i++)
        err = fg_buf_addf(&text, " %s", s->dns_servers[i]);
    const char *cstr = err ? NULL : fg_buf_cstr(&text);
    char *key = cstr ? strdup(cstr) : NULL;
    fg_buf_free(&text);
    return key;
}

static int build_resolver(struct fg_engine *e, struct fg_plan *p, struct fg_problems *problems)
{
    const struct fg_settings *s = fg_snapshot_settings(p->snapshot);
    p->resolver_key = resolver_key(s);
    if (!p->resolver_key) return ENOMEM;
    if (e->conf.resolver_key && strcmp(e->conf.resolver_key, p->resolver_key) == 0) return 0;
    struct fg_resolver_settings r = {
        .servers = s->dns_servers, .n_servers = s->n_dns_servers, .dnssec = s->dnssec};
    int err = fg_resolver_new(&p->resolver, &r);
    if (err == EINVAL)
        fg_problem_add(problems, "/settings/dns", "dns_unusable",
                       "The DNS settings cannot be used. Give servers as address or address:port.");
    return err;
}

/* ---- the whole ---- */

int fg_engine_prepare(struct fg_engine *e, struct fg_snapshot *snapshot, enum fg_prepare_mode mode,
                      struct fg_plan **out, struct fg_problems *problems,
                      struct fg_problems *warnings)
{
    if (!e || !snapshot || !out) return EINVAL;
    fg_engine_reap(e);
    struct fg_plan *p = calloc(1, sizeof *p);
    if (!p) return ENOMEM;
    fg_list_init(&p->link);
    p->snapshot = fg_snapshot_get(snapshot);
    p->serial = ++e->conf.serial;
    /* All parts are tried, so that all faults are told at once. */
    int doors = build_doors(e, p, problems);
    int names = build_resolver(e, p, problems);
    int tls = fg_engine_build_tls(e, p, problems, warnings);
    bool memory = doors == ENOMEM || names == ENOMEM || tls == ENOMEM;
    bool faults = doors || names || tls;
    if (memory || (faults && mode == FG_PREPARE_STRICT)) {
        fg_plan_free(p);
        return memory ? ENOMEM : EINVAL;
    }
    *out = p;
    return 0;
}

void fg_engine_discard(struct fg_engine *e, struct fg_plan *plan)
{
    (void)e;
    fg_plan_free(plan);
}
