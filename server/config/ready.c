/* A large draft, or many changes for one, worked out ahead, where nobody waits for it. What is
 * ready says of which draft over which running configuration it was made; the configuration thread
 * takes it when both are still the same, and otherwise works it out itself. */
#include "server/config/private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LARGE = 200 }; /* below this the configuration thread is quick enough */

struct fg_ready {
    char *owner;
    uint64_t generation;      /* of the owner's draft */
    struct fg_snapshot *base; /* what ran; held, so that no other one has its address */
    struct fg_changeset set;
    bool compiled, taken;
    struct fg_snapshot *next; /* compiled as the next revision; may be there with problems too */
    struct fg_problems problems, warnings;
};

void fg_ready_free(struct fg_ready *r)
{
    if (!r) return;
    fg_changeset_free(&r->set);
    fg_snapshot_put(r->next);
    fg_snapshot_put(r->base);
    fg_problems_free(&r->problems);
    fg_problems_free(&r->warnings);
    free(r->owner);
    free(r);
}

static struct fg_ready *ready_new(struct fg_config *c, const char *owner)
{
    struct fg_ready *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    fg_problems_init(&r->problems);
    fg_problems_init(&r->warnings);
    fg_changeset_init(&r->set);
    r->base = fg_config_snapshot(c);
    r->owner = strdup(owner);
    if (r->owner) return r;
    fg_ready_free(r);
    return NULL;
}

/* What is read is the draft over `base`: ESTALE when a commit came in between. */
static int read_state(struct fg_ready *r, struct fg_store *st)
{
    int err;
    uint64_t revision = fg_config_current(st, &err);
    if (!err && revision != fg_snapshot_revision(r->base)) err = ESTALE;
    return err ? err : fg_draft_generation(st, r->owner, &r->generation);
}

/* The texts that will be written. */
static int print_bodies(struct fg_changeset *set)
{
    for (size_t i = 0; i < set->n; i++) {
        struct fg_item *it = set->items[i];
        if (!it->after) continue;
        it->text = fg_model_canonical(it->after, NULL);
        if (!it->text) return ENOMEM;
    }
    return 0;
}

/* Nothing ready is no failure: then the configuration thread does it. */
static void hand_out(struct fg_ready *r, int err, struct fg_ready **out)
{
    if (err)
        fg_ready_free(r);
    else
        *out = r;
}

/* ---- a draft ---- */

struct totals {
    uint64_t all;
    bool fit; /* whether certificates fit decides too, and they are no part of a draft */
};

static int add_total(const char *kind, uint64_t changes, void *arg)
{
    struct totals *t = arg;
    t->all += changes;
    if (strcmp(kind, fg_kind_name(FG_KIND_CERTIFICATE_ASSIGNMENTS)) == 0 ||
        strcmp(kind, fg_kind_name(FG_KIND_DOMAINS)) == 0)
        t->fit = true;
    return 0;
}

static int read_draft(struct fg_ready *r, struct fg_store *st)
{
    struct totals totals = {0};
    int err = fg_draft_totals(st, r->owner, add_total, &totals);
    if (!err && (totals.all < LARGE || totals.fit)) return ENODATA;
    if (!err) err = read_state(r, st);
    return err ? err : fg_changeset_draft(&r->set, st, r->owner, NULL, 0, &r->problems);
}

static int compile(struct fg_ready *r, struct fg_store *st)
{
    fg_changeset_drop_idle(&r->set);
    int err = print_bodies(&r->set);
    if (!err)
        err = fg_changeset_compile(&r->set, st, r->base, fg_snapshot_revision(r->base) + 1,
                                   &r->next, &r->problems, &r->warnings);
    r->compiled = !err || err == EINVAL;
    return r->compiled ? 0 : err;
}

void fg_ready_draft(struct fg_config *c, struct fg_store *st, const char *owner,
                    struct fg_ready **out)
{
    struct fg_ready *r = ready_new(c, owner);
    *out = NULL;
    int err = r ? fg_store_begin(st) : ENOMEM;
    if (!err) err = fg_store_end(st, read_draft(r, st));
    /* With conflicts nothing is compiled: they are shown as they stand. */
    if (!err && fg_problems_none(&r->problems) && fg_changeset_conflicts(&r->set) == 0)
        err = compile(r, st);
    hand_out(r, err, out);
}

/* ---- changes for a draft ---- */

void fg_ready_bulk(struct fg_config *c, struct fg_store *st, const struct fg_bulk *in,
                   struct fg_ready **out)
{
    *out = NULL;
    if (in->n < LARGE) return;
    struct fg_ready *r = ready_new(c, in->who.owner);
    int err = r ? fg_store_begin(st) : ENOMEM;
    if (!err) {
        err = read_state(r, st);
        if (!err) err = fg_bulk_merge(st, in, &r->set, &r->problems);
        err = fg_store_end(st, err);
    }
    if (!err) err = print_bodies(&r->set);
    hand_out(r, err, out);
}

/* ---- on the configuration thread ---- */

bool fg_ready_holds(struct fg_config *c, const struct fg_ready *r, const char *owner)
{
    uint64_t generation;
    return r && !r->taken && strcmp(r->owner, owner) == 0 && r->base == c->snapshot &&
           fg_draft_generation(c->p.store, owner, &generation) == 0 && generation == r->generation;
}

int fg_ready_permits(struct fg_config *c, const struct fg_ready *r, const char *owner,
                     bool (*permit)(void *arg, enum fg_kind kind, enum fg_change_op op), void *arg)
{
    if (!fg_ready_holds(c, r, owner)) return ESTALE;
    for (size_t i = 0; i < r->set.n; i++)
        if (!permit(arg, r->set.items[i]->kind, r->set.items[i]->op)) return EPERM;
    return 0;
}

bool fg_ready_take(struct fg_config *c, struct fg_ready *r, const char *owner,
                   struct fg_changeset *set, struct fg_problems *problems)
{
    if (!fg_ready_holds(c, r, owner)) return false;
    *set = r->set;
    fg_changeset_init(&r->set);
    r->taken = true;
    if (!r->compiled) fg_problems_copy(problems, &r->problems);
    return true;
}

void fg_ready_return(struct fg_ready *r, struct fg_changeset *set)
{
    if (r && r->taken)
        r->set = *set; /* freed with it */
    else
        fg_changeset_free(set);
}

int fg_ready_next(struct fg_ready *r, struct fg_snapshot **next, struct fg_problems *problems,
                  struct fg_problems *warnings)
{
    if (!r || !r->taken || !r->compiled) return ENODATA;
    *next = r->next;
    r->next = NULL;
    fg_problems_copy(problems, &r->problems);
    fg_problems_copy(warnings, &r->warnings);
    return fg_problems_none(&r->problems) ? 0 : EINVAL;
}
