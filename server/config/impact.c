/* What a new configuration means for the streams that live now, as the engine judges it; see
 * gateway/xmpp/fate.h for the reasons. A commit may do without the answer: everything is null then.
 *
 *   {stay, renegotiate, close,         streams
 *    queued, subscriptions,            of the partners below: stanzas that wait, presence
 *    partners: [{domain, stay, renegotiate, close, queued, subscriptions, because}],
 *    more}                             how many partners did not fit
 */
#include "server/config/private.h"

#include <stdlib.h>
#include <string.h>

#include "server/config/reply.h"

enum { PARTNERS_MAX = 100 };

struct row {
    char *domain;
    unsigned stay, renegotiate, close;
    size_t queued;
    const char *because; /* static */
};

struct impact {
    struct fg_snapshot *next;
    unsigned stay, renegotiate, close, subscriptions;
    size_t queued;
    struct row *rows; /* of the partners that are touched */
    size_t n;
};

static void free_impact(void *data)
{
    struct impact *m = data;
    for (size_t i = 0; i < m->n; i++) free(m->rows[i].domain);
    free(m->rows);
    fg_snapshot_put(m->next);
    free(m);
}

static void take_row(struct impact *m, const struct fg_impact_row *r)
{
    m->stay += r->stay;
    m->renegotiate += r->renegotiate;
    m->close += r->close;
    if (!r->because || !m->rows) return;
    struct row *to = &m->rows[m->n];
    *to = (struct row){strdup(r->partner), r->stay,   r->renegotiate,
                       r->close,           r->queued, fg_because_name(r->because)};
    m->queued += r->queued;
    if (to->domain) m->n++;
}

/* Engine thread. */
static void on_impact(void *arg, const struct fg_engine_impact *i)
{
    struct fg_reply *r = arg;
    struct impact *m = fg_reply_data(r);
    m->rows = calloc(i->n ? i->n : 1, sizeof *m->rows);
    for (size_t k = 0; k < i->n; k++) take_row(m, &i->rows[k]);
    m->subscriptions = i->subscriptions;
    fg_reply_done(r);
}

/* The most touched first, then by name. */
static int compare(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    size_t mine = x->close + x->renegotiate + x->queued;
    size_t other = y->close + y->renegotiate + y->queued;
    if (mine != other) return mine > other ? -1 : 1;
    return strcmp(x->domain, y->domain);
}

static json_t *print_row(const struct row *r)
{
    return json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:s}", "domain", r->domain, "stay",
                     (json_int_t)r->stay, "renegotiate", (json_int_t)r->renegotiate, "close",
                     (json_int_t)r->close, "queued", (json_int_t)r->queued, "subscriptions",
                     (json_int_t)0, "because", r->because);
}

static json_t *print(const struct impact *m)
{
    json_t *list = json_array();
    if (m->n) qsort(m->rows, m->n, sizeof *m->rows, compare);
    for (size_t i = 0; i < m->n && i < PARTNERS_MAX; i++)
        json_array_append_new(list, print_row(&m->rows[i]));
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:o,s:I}", "stay", (json_int_t)m->stay, "renegotiate",
                     (json_int_t)m->renegotiate, "close", (json_int_t)m->close, "queued",
                     (json_int_t)m->queued, "subscriptions", (json_int_t)m->subscriptions,
                     "partners", list, "more",
                     (json_int_t)(m->n > PARTNERS_MAX ? m->n - PARTNERS_MAX : 0));
}

static json_t *unknown(void)
{
    return json_pack("{s:n,s:n,s:n,s:n,s:n,s:n,s:n}", "stay", "renegotiate", "close", "queued",
                     "subscriptions", "partners", "more");
}

/* Only what touches the partners in `set`: the others are not what was asked about. */
static void leave(struct impact *m, const struct fg_changeset *set)
{
    size_t kept = 0;
    m->stay = m->renegotiate = m->close = m->subscriptions = 0;
    m->queued = 0;
    for (size_t i = 0; i < m->n; i++) {
        struct row r = m->rows[i];
        if (!fg_changeset_find(set, FG_KIND_PARTNERS, r.domain)) {
            free(r.domain);
            continue;
        }
        m->stay += r.stay;
        m->renegotiate += r.renegotiate;
        m->close += r.close;
        m->queued += r.queued;
        m->rows[kept++] = r;
    }
    m->n = kept;
}

json_t *fg_impact_among(struct fg_config *c, struct fg_snapshot *next,
                        const struct fg_changeset *set)
{
    static const struct impact nothing = {.n = 0};
    if (!c->engine) return print(&nothing);
    struct impact *m = calloc(1, sizeof *m);
    if (m) m->next = fg_snapshot_get(next);
    struct fg_reply *r = fg_reply_new(m, free_impact);
    if (!r) return unknown();
    if (fg_engine_impact(c->engine, next, on_impact, r)) {
        fg_reply_put(r);
        fg_reply_put(r);
        return unknown();
    }
    json_t *out = NULL;
    if (fg_reply_wait(r)) {
        if (set) leave(m, set);
        out = print(m);
    }
    fg_reply_put(r);
    return out ? out : unknown();
}

json_t *fg_impact(struct fg_config *c, struct fg_snapshot *next)
{
    return fg_impact_among(c, next, NULL);
}
