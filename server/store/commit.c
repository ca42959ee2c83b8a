/* A commit: one transaction from the old revision to the new. See objects.h. */
#include "server/store/objects.h"
#include "server/store/sql.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct work {
    struct fg_store *s;
    const struct fg_commit *c;
    uint64_t number;
    uint32_t added, changed, removed;
};

static int insert_revision(struct work *w)
{
    const struct fg_commit *c = w->c;
    struct fg_sql q;
    fg_sql_open(
        &q, w->s,
        "INSERT INTO revision (number, author, author_name, via, comment, created_at, added, "
        "changed, removed, content_hash, confirm_within, confirm_boot_id, confirm_boot_ms, "
        "confirm_wall_ms, reverts) VALUES (?,?,?,?,?,?,0,0,0,?,?,?,?,?,?)");
    fg_sql_int(&q, (int64_t)w->number);
    fg_sql_text_or_empty(&q, c->author);
    fg_sql_text_or_empty(&q, c->author_name);
    fg_sql_text_or_empty(&q, c->via);
    fg_sql_text_or_empty(&q, c->comment);
    fg_sql_int(&q, c->at_ms);
    fg_sql_blob(&q, c->content_hash, sizeof c->content_hash);
    fg_sql_int(&q, c->confirm.within_s);
    fg_sql_text(&q, c->confirm.boot_id);
    fg_sql_int(&q, c->confirm.boot_ms);
    fg_sql_int(&q, c->confirm.wall_ms);
    fg_sql_int_or_null(&q, (int64_t)c->reverts);
    return fg_sql_run(&q);
}

static int finish_revision(struct work *w)
{
    struct fg_sql q;
    fg_sql_open(&q, w->s,
                "UPDATE revision SET added = ?, changed = ?, removed = ? WHERE number = ?");
    fg_sql_int(&q, w->added);
    fg_sql_int(&q, w->changed);
    fg_sql_int(&q, w->removed);
    fg_sql_int(&q, (int64_t)w->number);
    int err = fg_sql_run_one(&q);
    if (err || !w->c->reverts) return err;
    fg_sql_open(&q, w->s, "UPDATE revision SET reverted_by = ? WHERE number = ?");
    fg_sql_int(&q, (int64_t)w->number);
    fg_sql_int(&q, (int64_t)w->c->reverts);
    return fg_sql_run_one(&q);
}

static int audit(struct work *w, const char *action, const struct fg_commit_change *change,
                 const char *before)
{
    const struct fg_commit *c = w->c;
    struct fg_audit_entry e = {
        .at_ms = c->at_ms,
        .who = c->author,
        .who_name = c->author_name,
        .via = c->via,
        .address = c->address,
        .action = action,
        .kind = change ? change->kind : NULL,
        .key = change ? change->key : NULL,
        .before = before,
        .after = change ? change->body : NULL,
        .outcome = "ok",
        .detail = change ? NULL : c->comment,
        .revision = w->number,
    };
    return fg_audit_add(w->s, &e);
}

/* The living row of an object: id 0 and NULL when there is none. `body` is malloc'ed. */
static int living(struct fg_store *s, const struct fg_commit_change *change, int64_t *id,
                  char **body)
{
    struct fg_sql q;
    *id = 0;
    *body = NULL;
    fg_sql_open(
        &q, s, "SELECT rowid, body FROM object WHERE kind = ? AND key = ? AND to_revision IS NULL");
    fg_sql_text(&q, change->kind);
    fg_sql_text(&q, change->key);
    if (fg_sql_row(&q)) {
        *id = fg_sql_get_int(&q, 0);
        *body = strdup(fg_sql_get_text(&q, 1));
    }
    bool memory = !*id || *body;
    int err = fg_sql_close(&q);
    return err ? err : memory ? 0 : ENOMEM;
}

static int end_row(struct work *w, int64_t id)
{
    struct fg_sql q;
    fg_sql_open(&q, w->s, "UPDATE object SET to_revision = ? WHERE rowid = ?");
    fg_sql_int(&q, (int64_t)w->number);
    fg_sql_int(&q, id);
    return fg_sql_run_one(&q);
}

static int begin_row(struct work *w, const struct fg_commit_change *change)
{
    struct fg_sql q;
    fg_sql_open(&q, w->s,
                "INSERT INTO object (kind, key, from_revision, body) VALUES (?, ?, ?, ?)");
    fg_sql_text(&q, change->kind);
    fg_sql_text(&q, change->key);
    fg_sql_int(&q, (int64_t)w->number);
    fg_sql_text(&q, change->body);
    return fg_sql_run(&q);
}

static int drop_draft(struct work *w, const struct fg_commit_change *change)
{
    if (!w->c->draft_owner) return 0;
    struct fg_sql q;
    fg_sql_open(&q, w->s, "DELETE FROM draft WHERE owner = ? AND kind = ? AND key = ?");
    fg_sql_text(&q, w->c->draft_owner);
    fg_sql_text(&q, change->kind);
    fg_sql_text(&q, change->key);
    return fg_sql_run(&q);
}

static int apply(struct work *w, const struct fg_commit_change *change)
{
    int64_t id;
    char *before;
    int err = living(w->s, change, &id, &before);
    if (err) return err;
    bool same =
        before && change->body ? strcmp(before, change->body) == 0 : !before && !change->body;
    if (!same) {
        if (id) err = end_row(w, id);
        if (!err && change->body) err = begin_row(w, change);
        if (!err) err = audit(w, change->body ? "put" : "delete", change, before);
        if (!change->body)
            w->removed++;
        else if (before)
            w->changed++;
        else
            w->added++;
    }
    if (!err) err = drop_draft(w, change);
    free(before);
    return err;
}

static int run(struct work *w)
{
    uint64_t current;
    int err = fg_revision_current(w->s, &current);
    if (err) return err;
    if (current != w->c->base)
        return fg_store_fail(w->s, ESTALE,
                             "revision %llu is in force, the commit was made for %llu",
                             (unsigned long long)current, (unsigned long long)w->c->base);
    w->number = current + 1;
    err = insert_revision(w);
    if (!err) err = audit(w, w->c->reverts ? "revert" : "commit", NULL, NULL);
    for (size_t i = 0; i < w->c->n && !err; i++) err = apply(w, &w->c->changes[i]);
    return err ? err : finish_revision(w);
}

int fg_store_commit(struct fg_store *s, const struct fg_commit *c, uint64_t *number)
{
    struct work w = {.s = s, .c = c};
    int err = fg_store_writable(s);
    if (!err) err = fg_store_begin(s);
    if (err) return err;
    err = fg_store_end(s, run(&w));
    if (!err) *number = w.number;
    return err;
}
