/* Drafts of others: taking one over, dropping one; with the audit, in one transaction. */
#include "server/config/private.h"

#include <errno.h>
#include <stdio.h>

static int note(struct fg_config *c, const struct fg_actor *who, const char *action,
                const char *owner, uint64_t changes)
{
    char detail[64];
    snprintf(detail, sizeof detail, "%llu changes", (unsigned long long)changes);
    struct fg_audit_entry e = {.who = who->owner,
                               .who_name = who->name,
                               .via = who->via,
                               .address = who->address,
                               .action = action,
                               .kind = "drafts",
                               .key = owner,
                               .outcome = "ok",
                               .detail = detail};
    return fg_audit_add(c->p.store, &e);
}

/* Who takes a draft over will commit it: all of it must be within the limit. */
static int inside(struct fg_config *c, const struct fg_actor *who, const char *owner,
                  struct fg_problems *problems)
{
    struct fg_changeset set;
    struct fg_limit *limit;
    fg_changeset_init(&set);
    int err = fg_limit_new(&limit, c->p.store, who->owner);
    if (!err && fg_limit_any(limit)) {
        err = fg_changeset_draft(&set, c->p.store, owner, NULL, 0, problems);
        if (!err) err = fg_scope_check(c->p.store, who->owner, &set, NULL, problems);
    }
    fg_limit_free(limit);
    fg_changeset_free(&set);
    return err;
}

static int change(struct fg_config *c, const struct fg_actor *who, const char *owner, bool take)
{
    struct fg_store *st = c->p.store;
    uint64_t changes = 0;
    int err = fg_store_begin(st);
    if (err) return err;
    err = fg_draft_count(st, owner, &changes);
    if (!err && changes == 0) err = ENOENT;
    if (!err) err = take ? fg_draft_move(st, owner, who->owner) : fg_draft_clear(st, owner);
    if (!err) err = note(c, who, take ? "draft_take" : "draft_drop", owner, changes);
    err = fg_store_end(st, err);
    fg_config_forget_draft(c);
    return err;
}

int fg_config_take_draft(struct fg_config *c, const struct fg_actor *who, const char *owner,
                         struct fg_problems *problems)
{
    int err = inside(c, who, owner, problems);
    return err ? err : change(c, who, owner, true);
}

int fg_config_drop_draft(struct fg_config *c, const struct fg_actor *who, const char *owner)
{
    return change(c, who, owner, false);
}
