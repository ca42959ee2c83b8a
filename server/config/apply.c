/* Prepare, activate, discard, for the engine and the panel's certificate; and trying again while
 * something could not be prepared. */
#include "server/config/private.h"

#include <errno.h>
#include <string.h>

#include "server/http/http.h"

static void free_apply(struct fg_apply *a)
{
    fg_problems_free(&a->problems);
    fg_problems_free(&a->warnings);
    *a = (struct fg_apply){0};
}

/* Does the engine already run without this? Then a commit need not fail for it once more. */
static bool known_fault(struct fg_config *c, const struct fg_problem *p)
{
    bool found = false;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->problems.count && !found; i++)
        found = strcmp(c->problems.items[i].pointer, p->pointer) == 0 &&
                strcmp(c->problems.items[i].code, p->code) == 0;
    pthread_mutex_unlock(&c->lock);
    return found;
}

static bool only_known_faults(struct fg_config *c, const struct fg_problems *p)
{
    if (p->dropped || !p->count) return false;
    for (size_t i = 0; i < p->count; i++)
        if (!known_fault(c, &p->items[i])) return false;
    return true;
}

static int prepare_engine(struct fg_config *c, struct fg_snapshot *s, enum fg_prepare_mode mode,
                          struct fg_apply *a)
{
    if (!c->engine) return 0;
    int err = fg_engine_prepare(c->engine, s, mode, &a->plan, &a->problems, &a->warnings);
    if (err == EINVAL && mode == FG_PREPARE_STRICT && only_known_faults(c, &a->problems)) {
        fg_problems_free(&a->problems);
        fg_problems_free(&a->warnings);
        err = fg_engine_prepare(c->engine, s, FG_PREPARE_DEGRADE, &a->plan, &a->problems,
                                &a->warnings);
    }
    return err;
}

int fg_apply_prepare(struct fg_config *c, struct fg_snapshot *s, enum fg_prepare_mode mode,
                     struct fg_apply *a)
{
    *a = (struct fg_apply){0};
    int err = prepare_engine(c, s, mode, a);
    if (err) {
        a->plan = NULL;
        return err;
    }
    int panel = fg_panel_prepare(c, s, &a->panel, &a->problems);
    if (panel && mode == FG_PREPARE_STRICT) {
        if (a->plan) fg_engine_discard(c->engine, a->plan);
        a->plan = NULL;
        return panel;
    }
    a->degraded = !fg_problems_none(&a->problems);
    return 0;
}

void fg_apply_discard(struct fg_config *c, struct fg_apply *a)
{
    if (a->plan) fg_engine_discard(c->engine, a->plan);
    fg_http_certificate_free(a->panel);
    free_apply(a);
}

static void log_state(struct fg_config *c, const struct fg_apply *a, uint64_t revision)
{
    for (size_t i = 0; i < a->problems.count; i++)
        fg_logf(c->p.log, FG_WARNING, "config", a->problems.items[i].code, "%s %s",
                a->problems.items[i].pointer, a->problems.items[i].message);
    for (size_t i = 0; i < a->warnings.count; i++)
        fg_logf(c->p.log, FG_INFO, "config", a->warnings.items[i].code, "%s %s",
                a->warnings.items[i].pointer, a->warnings.items[i].message);
    fg_logf(c->p.log, FG_INFO, "config", a->degraded ? "degraded" : "activated",
            "revision %llu runs", (unsigned long long)revision);
}

static bool same_problems(const struct fg_problems *a, const struct fg_problems *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->items[i].pointer, b->items[i].pointer) != 0 ||
            strcmp(a->items[i].code, b->items[i].code) != 0)
            return false;
    return true;
}

/* What runs, for readers. Takes over the problems of `a`. */
static void publish(struct fg_config *c, struct fg_snapshot *s, struct fg_apply *a)
{
    struct fg_snapshot *old;
    struct fg_problems problems, warnings;
    pthread_mutex_lock(&c->lock);
    old = c->snapshot;
    c->snapshot = fg_snapshot_get(s);
    c->revision = fg_snapshot_revision(s);
    c->degraded = a->degraded;
    c->retry_at_ms = a->degraded ? fg_clock_mono_ms() + FG_RETRY_MS : 0;
    problems = c->problems;
    warnings = c->warnings;
    c->problems = a->problems;
    c->warnings = a->warnings;
    fg_problems_init(&a->problems);
    fg_problems_init(&a->warnings);
    pthread_mutex_unlock(&c->lock);
    fg_problems_free(&problems);
    fg_problems_free(&warnings);
    fg_snapshot_put(old);
}

int fg_apply_activate(struct fg_config *c, struct fg_snapshot *s, struct fg_apply *a)
{
    int err = 0;
    if (a->plan) err = fg_engine_activate(c->engine, a->plan, FG_ACTIVATE_TIMEOUT_MS);
    a->plan = NULL;
    if (a->panel) fg_http_certificate_use(c->http, a->panel);
    a->panel = NULL;
    if (!same_problems(&a->problems, &c->problems) || c->revision != fg_snapshot_revision(s))
        log_state(c, a, fg_snapshot_revision(s));
    publish(c, s, a);
    free_apply(a);
    return err;
}

void fg_apply_retry(struct fg_config *c)
{
    struct fg_apply a;
    struct fg_snapshot *s = fg_config_snapshot(c);
    if (fg_apply_prepare(c, s, FG_PREPARE_DEGRADE, &a) == 0)
        fg_apply_activate(c, s, &a);
    else
        fg_apply_discard(c, &a);
    pthread_mutex_lock(&c->lock);
    if (c->degraded) c->retry_at_ms = fg_clock_mono_ms() + FG_RETRY_MS;
    pthread_mutex_unlock(&c->lock);
    fg_snapshot_put(s);
}
