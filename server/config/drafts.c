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

int fg_config_take_draft(struct fg_config *c, const struct fg_actor *who, const char *owner)
{
    return change(c, who, owner, true);
}

int fg_config_drop_draft(struct fg_config *c, const struct fg_actor *who, const char *owner)
{
    return change(c, who, owner, false);
}
