/* See watch.h. */
#include "server/config/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/config/private.h"
#include "server/config/reply.h"

enum { WATCHED_MAX = 1000 };

static const char meta_name[] = "confirm_watch";

void fg_watch_free(struct fg_watch *w)
{
    for (size_t i = 0; i < w->n; i++) free(w->list[i].partner);
    free(w->list);
    *w = (struct fg_watch){0};
}

/* ---- what the engine says, copied ---- */

struct seen {
    struct fg_partner_info *partners; /* `partner` is owned; other strings are not kept */
    size_t n_partners;
};

static void free_seen(void *data)
{
    struct seen *s = data;
    for (size_t i = 0; i < s->n_partners; i++) free((char *)(uintptr_t)s->partners[i].partner);
    free(s->partners);
    free(s);
}

/* Engine thread. */
static void on_view(void *arg, const struct fg_engine_view *v)
{
    struct fg_reply *r = arg;
    struct seen *s = fg_reply_data(r);
    s->partners = v->n_partners ? calloc(v->n_partners, sizeof *s->partners) : NULL;
    for (size_t i = 0; s->partners && i < v->n_partners; i++) {
        s->partners[i] = v->partners[i];
        s->partners[i].failure_detail = NULL;
        s->partners[i].partner = strdup(v->partners[i].partner);
        if (!s->partners[i].partner) break;
        s->n_partners++;
    }
    fg_reply_done(r);
}

/* NULL when the engine does not answer. Give it back with fg_reply_put. */
static struct fg_reply *look(struct fg_config *c)
{
    struct fg_reply *r = c->engine ? fg_reply_new(calloc(1, sizeof(struct seen)), free_seen) : NULL;
    if (!r) return NULL;
    if (fg_engine_query(c->engine, FG_VIEW_PARTNERS, on_view, r)) {
        fg_reply_put(r);
        fg_reply_put(r);
        return NULL;
    }
    if (fg_reply_wait(r)) return r;
    fg_reply_put(r);
    return NULL;
}

/* ---- whom to watch ---- */

static bool differs(const struct fg_item *it, const char *field)
{
    json_t *before = fg_effective_body(it->kind, it->key, it->before);
    json_t *after = fg_effective_body(it->kind, it->key, it->after);
    const json_t *a = json_object_get(before, field), *b = json_object_get(after, field);
    bool same = (!a && !b) || (a && b && json_equal(a, b));
    json_decref(before);
    json_decref(after);
    return !same;
}

static bool touches_all(const struct fg_changeset *set, bool *reach)
{
    bool all = false;
    for (size_t i = 0; i < set->n; i++) {
        const struct fg_item *it = set->items[i];
        if (it->kind == FG_KIND_SETTINGS && differs(it, "dns")) *reach = true;
        all |= it->kind == FG_KIND_SETTINGS || it->kind == FG_KIND_DOMAINS ||
               it->kind == FG_KIND_CERTIFICATE_ASSIGNMENTS || it->kind == FG_KIND_TRUST_ANCHORS;
    }
    return all;
}

static bool worked(const struct fg_partner_info *i)
{
    if (i->streams) return true;
    return i->last_success_ms && i->last_success_ms >= i->last_out_failure_ms;
}

static int add(struct fg_watch *w, const char *partner, bool had, bool reach)
{
    struct fg_watched *list = realloc(w->list, (w->n + 1) * sizeof *list);
    if (!list) return ENOMEM;
    w->list = list;
    list[w->n] = (struct fg_watched){.partner = strdup(partner), .had = had, .reach = reach};
    return list[w->n++].partner ? 0 : ENOMEM;
}

void fg_watch_collect(struct fg_config *c, const struct fg_changeset *set,
                      const struct fg_snapshot *next, struct fg_watch *out)
{
    bool reach = false, all = touches_all(set, &reach);
    *out = (struct fg_watch){.since_ms = fg_clock_wall_ms()};
    struct fg_reply *r = look(c);
    if (!r) return;
    const struct seen *s = fg_reply_data(r);
    int err = 0;
    for (size_t i = 0; !err && i < s->n_partners && out->n < WATCHED_MAX; i++) {
        const char *domain = s->partners[i].partner;
        const struct fg_item *own = fg_changeset_find(set, FG_KIND_PARTNERS, domain);
        const struct fg_partner *p = fg_fate_partner(next, domain, out->since_ms, NULL);
        if ((!all && !own) || !worked(&s->partners[i])) continue;
        if (!p || p->state != FG_PARTNER_ACTIVE) continue;
        err = add(out, domain, s->partners[i].streams > 0, reach || (own && differs(own, "proxy")));
    }
    fg_reply_put(r);
    if (err) fg_watch_free(out);
}

/* ---- kept ---- */

int fg_watch_store(struct fg_store *st, const struct fg_watch *w, uint64_t revision)
{
    json_t *list = json_array();
    for (size_t i = 0; i < w->n; i++) {
        const struct fg_watched *p = &w->list[i];
        json_array_append_new(list, json_pack("{s:s,s:b,s:b}", "partner", p->partner, "had", p->had,
                                              "reach", p->reach));
    }
    json_t *o = json_pack("{s:I,s:I,s:o}", "revision", (json_int_t)revision, "since",
                          (json_int_t)w->since_ms, "partners", list);
    char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
    json_decref(o);
    int err = text ? fg_meta_set(st, meta_name, text) : ENOMEM;
    free(text);
    return err;
}

int fg_watch_read(struct fg_store *st, uint64_t revision, struct fg_watch *out)
{
    char *text;
    *out = (struct fg_watch){0};
    int err = fg_meta_get(st, meta_name, &text);
    if (err) return err == ENOENT ? 0 : err;
    json_t *o = json_loads(text, 0, NULL);
    free(text);
    if ((uint64_t)json_integer_value(json_object_get(o, "revision")) != revision) {
        json_decref(o);
        return 0;
    }
    int64_t now = fg_clock_wall_ms();
    out->since_ms = json_integer_value(json_object_get(o, "since"));
    if (out->since_ms > now) out->since_ms = now; /* the clock was set back */
    const json_t *list = json_object_get(o, "partners");
    for (size_t i = 0; !err && i < json_array_size(list); i++) {
        const json_t *p = json_array_get(list, i);
        const char *partner = json_string_value(json_object_get(p, "partner"));
        if (partner)
            err = add(out, partner, json_is_true(json_object_get(p, "had")),
                      json_is_true(json_object_get(p, "reach")));
    }
    json_decref(o);
    if (err) fg_watch_free(out);
    return err;
}

/* ---- looking ---- */

enum meaning { NOTHING, REACH, LOST };

static enum meaning meaning_of(enum fg_failure f)
{
    switch (f) {
    case FG_FAIL_NONE:
    case FG_FAIL_STREAM_IDLE:
    case FG_FAIL_STREAM_CLOSED:
    case FG_FAIL_KEEPALIVE_TIMEOUT:
    case FG_FAIL_PARTNER_REMOVED:
    case FG_FAIL_PARTNER_DRAINING:
    case FG_FAIL_TERMS_CHANGED:
    case FG_FAIL_SHUTDOWN:
    case FG_FAIL_INTERNAL:
        return NOTHING;
    case FG_FAIL_DNS_NOT_FOUND:
    case FG_FAIL_DNS_TIMEOUT:
    case FG_FAIL_DNS_BOGUS:
    case FG_FAIL_DNS_NOT_OFFERED:
    case FG_FAIL_DNS_LOOP:
    case FG_FAIL_CONNECT_REFUSED:
    case FG_FAIL_CONNECT_UNREACHABLE:
    case FG_FAIL_CONNECT_TIMEOUT:
    case FG_FAIL_CONNECT_LOST:
    case FG_FAIL_STREAM_TIMEOUT:
        return REACH;
    default:
        return LOST;
    }
}

bool fg_watch_lost(const struct fg_watch *w, const struct fg_watched *p,
                   const struct fg_partner_info *i)
{
    if (i->streams || i->last_out_failure_ms < w->since_ms) return false;
    if (i->last_success_ms > i->last_out_failure_ms) return false;
    enum meaning m = meaning_of(i->out_failure);
    return m == LOST || (m == REACH && p->reach);
}

static const struct fg_partner_info *info_of(const struct seen *s, const char *partner)
{
    for (size_t i = 0; i < s->n_partners; i++)
        if (strcmp(s->partners[i].partner, partner) == 0) return &s->partners[i];
    return NULL;
}

/* Who had a stream and has none is asked for one. The old one may still be closing when the first
 * look is taken, so each partner has a turn of its own. */
static void try_again(struct fg_config *c, struct fg_watch *w, const struct seen *s)
{
    for (size_t i = 0; i < w->n; i++) {
        struct fg_watched *p = &w->list[i];
        if (!p->had || p->tried) continue;
        const struct fg_partner_info *now = info_of(s, p->partner);
        if (now && now->streams) continue;
        p->tried = true;
        int err = fg_engine_retry_partner(c->engine, p->partner, NULL, NULL);
        if (err)
            fg_logf(c->p.log, FG_WARNING, "config", "watch", "%s could not be tried: %s",
                    p->partner, strerror(err));
    }
}

bool fg_watch_look(struct fg_config *c, struct fg_watch *w, char why[FG_WATCH_WHY])
{
    bool lost = false;
    struct fg_reply *r = w->n ? look(c) : NULL;
    if (!r) return false;
    const struct seen *s = fg_reply_data(r);
    for (size_t i = 0; !lost && i < w->n; i++) {
        const struct fg_partner_info *p = info_of(s, w->list[i].partner);
        lost = p && fg_watch_lost(w, &w->list[i], p);
        if (lost)
            snprintf(why, FG_WATCH_WHY,
                     "Taken back by itself: %s worked before this commit and fails since. %s",
                     p->partner, fg_failure_cause(p->out_failure));
    }
    if (!lost) try_again(c, w, s);
    fg_reply_put(r);
    return lost;
}
