/* Commits that wait: with the four-eyes rule on, for somebody else's word; with `at`, for their
 * time. What waits is the whole change set as it was checked, in the store; when it is let go, it
 * is checked again against what runs then. */
#include "server/config/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTER = 512 };

/* ---- the change set as text, and back ---- */

static char *pack_changes(const struct fg_changeset *set)
{
    json_t *list = json_array();
    for (size_t i = 0; i < set->n; i++) {
        const struct fg_item *it = set->items[i];
        json_t *o = json_pack("{s:s,s:s,s:s,s:I,s:O?}", "op", fg_change_op_name(it->op), "kind",
                              fg_kind_name(it->kind), "key", it->key, "base", (json_int_t)it->since,
                              "body", it->after);
        if (!o || json_array_append_new(list, o)) {
            json_decref(list);
            return NULL;
        }
    }
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return text;
}

static enum fg_change_op op_of(const char *name)
{
    if (name && strcmp(name, "delete") == 0) return FG_CHANGE_DELETE;
    return name && strcmp(name, "patch") == 0 ? FG_CHANGE_PATCH : FG_CHANGE_PUT;
}

static int unpack_changes(struct fg_changeset *set, struct fg_store *st, const json_t *list)
{
    int err = 0;
    for (size_t i = 0; !err && i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        const char *key = json_string_value(json_object_get(o, "key"));
        json_t *body = json_object_get(o, "body");
        enum fg_kind kind;
        struct fg_item *it;
        if (!key || fg_kind_parse(json_string_value(json_object_get(o, "kind")), &kind))
            return EBADMSG;
        err = fg_changeset_touch(set, st, kind, key, &it);
        if (err) break;
        it->op = op_of(json_string_value(json_object_get(o, "op")));
        it->base = (uint64_t)json_integer_value(json_object_get(o, "base"));
        json_decref(it->after);
        it->after = json_is_object(body) ? json_incref(body) : NULL;
    }
    return err;
}

/* ---- one row, as a copy ---- */

struct row {
    enum fg_approval_state state;
    char *author, *name, *role, *via, *address, *comment;
    int64_t person, due_ms, confirm_within_s;
    bool from_draft, approved;
    json_t *changes;
};

static void row_free(struct row *r)
{
    free(r->author);
    free(r->name);
    free(r->role);
    free(r->via);
    free(r->address);
    free(r->comment);
    json_decref(r->changes);
}

static int keep_row(const struct fg_approval *a, void *arg)
{
    struct row *r = arg;
    *r = (struct row){.state = a->state,
                      .author = strdup(a->author),
                      .name = strdup(a->author_name),
                      .role = strdup(a->author_role),
                      .via = strdup(a->via),
                      .address = strdup(a->address),
                      .comment = strdup(a->comment),
                      .person = a->person,
                      .due_ms = a->due_ms,
                      .confirm_within_s = a->confirm_within_s,
                      .from_draft = a->from_draft,
                      .approved = a->approved_ms != 0,
                      .changes = json_loads(a->changes, 0, NULL)};
    if (!r->author || !r->name || !r->role || !r->via || !r->address || !r->comment) return ENOMEM;
    return r->changes ? 0 : EBADMSG;
}

/* A failure of the store, or nothing of that id. */
static void fail(struct fg_commit_result *out, int err)
{
    out->outcome = err == ENOENT ? FG_COMMIT_NOT_FOUND : FG_COMMIT_FAILED;
    out->err = err;
}

static int audit(struct fg_config *c, const struct fg_actor *who, const char *action, uint64_t id,
                 const char *outcome, const char *detail, uint64_t revision)
{
    char key[24];
    snprintf(key, sizeof key, "%llu", (unsigned long long)id);
    struct fg_audit_entry e = {.who = who->owner,
                               .who_name = who->name,
                               .via = who->via,
                               .address = who->address,
                               .action = action,
                               .kind = "approvals",
                               .key = key,
                               .outcome = outcome,
                               .detail = detail,
                               .revision = revision};
    return fg_audit_add(c->p.store, &e);
}

/* ---- asking ---- */

bool fg_four_eyes(struct fg_config *c)
{
    struct fg_snapshot *s = fg_config_snapshot(c);
    bool on = fg_snapshot_settings(s)->four_eyes;
    fg_snapshot_put(s);
    return on;
}

/* In one transaction: the row, the audit, and the draft's rows go. */
static int store_request(struct fg_config *c, const struct fg_commit_order *in,
                         const struct fg_changeset *set, const struct fg_approval *a, uint64_t *id)
{
    struct fg_store *st = c->p.store;
    int err = fg_store_begin(st);
    if (err) return err;
    err = fg_approval_add(st, a, id);
    for (size_t i = 0; !err && in->from_draft && i < set->n; i++) {
        const struct fg_item *it = set->items[i];
        err = fg_draft_delete(st, in->who.owner, fg_kind_name(it->kind), it->key);
    }
    if (!err)
        err = audit(c, &in->who,
                    a->state == FG_APPROVAL_WAITING ? "approval_request" : "commit_schedule", *id,
                    "ok", in->comment, 0);
    return fg_store_end(st, err);
}

void fg_approval_ask(struct fg_config *c, const struct fg_commit_order *in,
                     const struct fg_changeset *set, struct fg_commit_result *out)
{
    char *changes = pack_changes(set);
    struct fg_approval a = {
        .state = fg_four_eyes(c) ? FG_APPROVAL_WAITING : FG_APPROVAL_SCHEDULED,
        .author = in->who.owner,
        .author_name = in->who.name,
        .author_role = in->role,
        .person = in->who.admin_id,
        .via = in->who.via,
        .address = in->who.address,
        .comment = in->comment,
        .created_ms = fg_clock_wall_ms(),
        .due_ms = in->at_ms,
        .confirm_within_s = in->confirm_within_s,
        .from_draft = in->from_draft,
        .changes = changes,
    };
    int err = changes ? store_request(c, in, set, &a, &out->approval) : ENOMEM;
    free(changes);
    out->outcome = err ? FG_COMMIT_FAILED : FG_COMMIT_WAITING;
    out->err = err;
    fg_config_forget_draft(c);
    fg_schedule_read(c);
}

/* ---- letting go ---- */

static const struct fg_actor the_clock = {
    .owner = "system", .name = "system", .via = "", .address = ""};

int fg_approval_done(struct fg_config *c, const struct fg_commit_order *in, uint64_t revision)
{
    struct fg_store *st = c->p.store;
    const struct fg_actor *by = in->approver ? in->approver : &the_clock;
    struct fg_approval_end end = {.state = FG_APPROVAL_COMMITTED,
                                  .who = by->owner,
                                  .name = by->name,
                                  .at_ms = fg_clock_wall_ms(),
                                  .revision = revision};
    int err = 0;
    if (in->approver) err = fg_approval_approve(st, in->approval, by->owner, by->name, end.at_ms);
    if (!err) err = fg_approval_close(st, in->approval, &end);
    if (!err)
        err = audit(c, by, in->approver ? "approve" : "scheduled_commit", in->approval, "ok",
                    in->decision, revision);
    return err;
}

/* Nobody can say what was asked for; it can only be turned down. */
static void damaged(struct fg_commit_result *out)
{
    fg_problem_add(&out->problems, "", "damaged",
                   "What was stored of it cannot be read. Reject it, and commit the changes anew.");
    out->outcome = FG_COMMIT_INVALID;
}

static void author_gone(struct fg_commit_result *out)
{
    fg_problem_add(&out->problems, "", "author_gone",
                   "Its author is no longer there, or has lost the role it was asked for with.");
    out->outcome = FG_COMMIT_INVALID;
}

/* The limit of its author may have come, or grown, since it was asked for. 0, EINVAL with problems,
 * errno. */
static int author_outside(struct fg_config *c, const struct row *r, const struct fg_changeset *set,
                          struct fg_commit_result *out)
{
    struct fg_problems found;
    fg_problems_init(&found);
    int err = fg_scope_check(c->p.store, r->author, set, NULL, &found);
    for (size_t i = 0; i < found.count; i++)
        fg_problem_add(&out->problems, found.items[i].pointer, "author_scope",
                       "Its author may not change this any more: %s", found.items[i].message);
    fg_problems_free(&found);
    return err;
}

/* Checks and commits what a row holds. `approver` NULL: its time has come. */
static void let_go(struct fg_config *c, uint64_t id, const struct row *r,
                   const struct fg_actor *approver, const char *decision,
                   struct fg_commit_result *out)
{
    struct fg_changeset set;
    struct fg_commit_order order = {
        .who = {r->author, r->name, r->via, r->address, r->person},
        .role = r->role,
        .comment = r->comment,
        .confirm_within_s = (uint32_t)r->confirm_within_s,
        .approval = id,
        .approver = approver,
        .decision = decision,
    };
    int err = fg_approval_author(c->p.store, r->author, r->person, r->role);
    if (err == EACCES) {
        author_gone(out);
        return;
    }
    fg_changeset_init(&set);
    if (!err) err = unpack_changes(&set, c->p.store, r->changes);
    bool readable = err != EBADMSG;
    if (!err) err = author_outside(c, r, &set, out);
    if (!readable) {
        damaged(out);
    } else if (err == EINVAL) {
        out->outcome = FG_COMMIT_INVALID;
    } else if (err) {
        fail(out, err == ENOENT ? EIO : err);
    } else if (fg_changeset_conflicts(&set)) {
        struct fg_snapshot *now = fg_config_snapshot(c);
        out->conflicts = fg_changeset_conflicts_json(&set, c->p.store, now);
        fg_snapshot_put(now);
        out->outcome = FG_COMMIT_CONFLICT;
    } else {
        fg_commit_set(c, &order, &set, out);
        if (out->outcome == FG_COMMIT_NOTHING) { /* somebody has done the same meanwhile */
            err = fg_store_begin(c->p.store);
            if (!err) err = fg_store_end(c->p.store, fg_approval_done(c, &order, 0));
            if (err) fail(out, err);
        }
    }
    fg_changeset_free(&set);
}

static void begin_result(struct fg_config *c, struct fg_commit_result *out)
{
    *out = (struct fg_commit_result){
        .outcome = FG_COMMIT_NOTHING, .revision = c->revision, .applied_at_ms = fg_clock_wall_ms()};
}

/* Approved, but its time is still to come. */
static void approve_later(struct fg_config *c, const struct fg_actor *who, uint64_t id,
                          const char *comment, struct fg_commit_result *out)
{
    struct fg_store *st = c->p.store;
    int err = fg_store_begin(st);
    if (!err) {
        err = fg_approval_approve(st, id, who->owner, who->name, fg_clock_wall_ms());
        if (!err) err = audit(c, who, "approve", id, "ok", comment, 0);
        err = fg_store_end(st, err);
    }
    if (err)
        fail(out, err);
    else
        out->outcome = FG_COMMIT_WAITING;
    out->approval = id;
}

static const char *refusal(enum fg_commit_outcome outcome)
{
    switch (outcome) {
    case FG_COMMIT_OWN:
        return "The author cannot approve.";
    case FG_COMMIT_DECIDED:
        return "It does not wait any more.";
    case FG_COMMIT_CONFLICT:
        return "The same objects have changed meanwhile.";
    case FG_COMMIT_PENDING_CONFIRM:
        return "Another commit waits for its confirmation.";
    case FG_COMMIT_INVALID:
        return "The configuration would have faults.";
    default:
        return "It could not be done.";
    }
}

/* Who decides must be one who could have made it. False with the outcome set. */
static bool inside(struct fg_config *c, const struct fg_actor *who, const struct row *r,
                   struct fg_commit_result *out)
{
    struct fg_changeset set;
    fg_changeset_init(&set);
    int err = unpack_changes(&set, c->p.store, r->changes);
    bool readable = err != EBADMSG; /* otherwise there is nothing to be outside of */
    if (!err) err = fg_scope_check(c->p.store, who->owner, &set, NULL, &out->problems);
    fg_changeset_free(&set);
    if (!readable) return true;
    if (err == EINVAL) out->outcome = FG_COMMIT_INVALID;
    if (err && err != EINVAL) fail(out, err == ENOENT ? EIO : err);
    return !err;
}

void fg_config_approve(struct fg_config *c, const struct fg_actor *who, uint64_t id,
                       const char *comment, struct fg_commit_result *out)
{
    struct row r = {0};
    begin_result(c, out);
    int err = fg_approval_get(c->p.store, id, keep_row, &r);
    if (err == EBADMSG && r.state == FG_APPROVAL_WAITING)
        damaged(out);
    else if (err)
        fail(out, err);
    else if (r.state != FG_APPROVAL_WAITING)
        out->outcome = FG_COMMIT_DECIDED;
    else if (!inside(c, who, &r, out))
        ; /* says why */
    else if (r.person == who->admin_id)
        out->outcome = FG_COMMIT_OWN;
    else if (r.due_ms > fg_clock_wall_ms())
        approve_later(c, who, id, comment, out);
    else if (c->pending_revision) {
        out->outcome = FG_COMMIT_PENDING_CONFIRM;
        out->revision = c->pending_revision;
    } else
        let_go(c, id, &r, who, comment, out);
    bool done = out->outcome == FG_COMMIT_DONE || out->outcome == FG_COMMIT_NOT_APPLIED ||
                out->outcome == FG_COMMIT_NOTHING || out->outcome == FG_COMMIT_WAITING;
    if (!err && !done) (void)audit(c, who, "approve", id, "refused", refusal(out->outcome), 0);
    row_free(&r);
    fg_schedule_read(c);
}

/* ---- turning down ---- */

static int ignore_row(const struct fg_draft *d, void *arg)
{
    (void)d;
    (void)arg;
    return 0;
}

/* What came from a draft goes back there, unless the author has staged the object anew, and as far
 * as it holds so many: a full draft must keep nobody from turning a commit down. */
static int give_back(struct fg_config *c, const struct row *r)
{
    struct fg_store *st = c->p.store;
    if (!r->from_draft) return 0;
    uint64_t count = 0;
    int err = fg_approval_author(st, r->author, r->person, r->role);
    if (err) return err == EACCES ? 0 : err;
    err = fg_draft_count(st, r->author, &count);
    for (size_t i = 0; !err && count < FG_DRAFT_MAX && i < json_array_size(r->changes); i++) {
        const json_t *o = json_array_get(r->changes, i);
        const json_t *value = json_object_get(o, "body");
        struct fg_draft d = {
            .owner = r->author,
            .kind = json_string_value(json_object_get(o, "kind")),
            .key = json_string_value(json_object_get(o, "key")),
            .op = (enum fg_draft_op)op_of(json_string_value(json_object_get(o, "op"))),
            .base_revision = (uint64_t)json_integer_value(json_object_get(o, "base"))};
        if (!d.kind || !d.key) continue; /* damaged */
        err = fg_draft_get(st, d.owner, d.kind, d.key, ignore_row, NULL);
        if (err != ENOENT) continue; /* 0: newer; anything else ends it */
        char *body = json_is_object(value) ? fg_model_canonical(value, NULL) : NULL;
        d.body = body;
        err = d.op != FG_DRAFT_DELETE && !body ? ENOMEM : fg_draft_put(st, &d, fg_clock_wall_ms());
        free(body);
        count++;
    }
    return err;
}

/* In one transaction: the row's end, what goes back, the audit. */
static int turn_down(struct fg_config *c, uint64_t id, const struct row *r,
                     const struct fg_approval_end *end, const struct fg_actor *who,
                     const char *action)
{
    struct fg_store *st = c->p.store;
    int err = fg_store_begin(st);
    if (err) return err;
    err = fg_approval_close(st, id, end);
    if (!err) err = give_back(c, r);
    if (!err)
        err = audit(c, who, action, id, end->state == FG_APPROVAL_FAILED ? "failed" : "ok",
                    end->comment, 0);
    err = fg_store_end(st, err);
    fg_config_forget_draft(c);
    return err;
}

void fg_config_reject(struct fg_config *c, const struct fg_actor *who, uint64_t id,
                      const char *comment, struct fg_commit_result *out)
{
    struct row r = {0};
    begin_result(c, out);
    int err = fg_approval_get(c->p.store, id, keep_row, &r);
    if (err == EBADMSG) err = 0; /* then nothing goes back to the draft */
    if (!err && r.state != FG_APPROVAL_WAITING && r.state != FG_APPROVAL_SCHEDULED) {
        out->outcome = FG_COMMIT_DECIDED;
    } else if (!err && (r.person == who->admin_id || inside(c, who, &r, out))) {
        struct fg_approval_end end = {.state = FG_APPROVAL_REJECTED,
                                      .who = who->owner,
                                      .name = who->name,
                                      .comment = comment,
                                      .at_ms = fg_clock_wall_ms()};
        err = turn_down(c, id, &r, &end, who, r.person == who->admin_id ? "withdraw" : "reject");
    }
    if (err) fail(out, err);
    row_free(&r);
    fg_schedule_read(c);
}

/* ---- the timer ---- */

void fg_schedule_read(struct fg_config *c)
{
    uint64_t id;
    int64_t due = 0;
    int err = fg_approval_next(c->p.store, &id, &due);
    pthread_mutex_lock(&c->lock);
    if (!err || err == ENOENT) c->schedule_at_ms = err ? 0 : due;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
}

bool fg_schedule_due(const struct fg_config *c)
{
    return c->engine && c->schedule_at_ms && !c->pending_revision &&
           fg_clock_mono_ms() >= c->schedule_retry_ms && fg_clock_wall_ms() >= c->schedule_at_ms;
}

/* Why it failed, as the store keeps it: [{pointer, code, message}]. */
static char *pack_outcome(const struct fg_commit_result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->problems.count; i++) {
        const struct fg_problem *p = &r->problems.items[i];
        json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "pointer", p->pointer, "code",
                                              p->code, "message", p->message));
    }
    for (size_t i = 0; i < json_array_size(r->conflicts); i++) {
        const json_t *o = json_array_get(r->conflicts, i);
        char pointer[POINTER];
        snprintf(pointer, sizeof pointer, "/%s/%s", json_string_value(json_object_get(o, "kind")),
                 json_string_value(json_object_get(o, "key")));
        json_array_append_new(list,
                              json_pack("{s:s,s:s,s:s}", "pointer", pointer, "code", "conflict",
                                        "message", "Somebody else has changed it meanwhile."));
    }
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return text;
}

static int note_failure(struct fg_config *c, uint64_t id, const struct row *r,
                        const struct fg_commit_result *result)
{
    char *outcome = pack_outcome(result);
    struct fg_approval_end end = {.state = FG_APPROVAL_FAILED,
                                  .who = the_clock.owner,
                                  .name = the_clock.name,
                                  .comment = refusal(result->outcome),
                                  .at_ms = fg_clock_wall_ms(),
                                  .outcome = outcome};
    int err = outcome ? turn_down(c, id, r, &end, &the_clock, "scheduled_commit") : ENOMEM;
    free(outcome);
    fg_logf(c->p.log, FG_WARNING, "config", "schedule_failed",
            "the scheduled commit %llu was not made: %s", (unsigned long long)id,
            refusal(result->outcome));
    return err;
}

/* One whose time has come. Not 0: try again later. */
static int run_one(struct fg_config *c, uint64_t id)
{
    struct row r = {0};
    struct fg_commit_result out;
    begin_result(c, &out);
    int err = fg_approval_get(c->p.store, id, keep_row, &r);
    if (err == EBADMSG) { /* unreadable: it must not stand in the way of the others */
        damaged(&out);
        err = 0;
    } else if (!err) {
        let_go(c, id, &r, NULL, "", &out);
    }
    if (out.outcome == FG_COMMIT_FAILED) err = out.err ? out.err : EIO;
    if (out.outcome == FG_COMMIT_INVALID || out.outcome == FG_COMMIT_CONFLICT)
        err = note_failure(c, id, &r, &out);
    fg_commit_result_free(&out);
    row_free(&r);
    return err;
}

void fg_schedule_tick(struct fg_config *c)
{
    uint64_t id;
    int64_t due;
    int err = 0;
    fg_schedule_read(c);
    while (!err && fg_schedule_due(c)) {
        err = fg_approval_next(c->p.store, &id, &due);
        if (!err) err = run_one(c, id);
        fg_schedule_read(c);
    }
    pthread_mutex_lock(&c->lock);
    c->schedule_retry_ms = err ? fg_clock_mono_ms() + FG_RETRY_MS : 0;
    pthread_mutex_unlock(&c->lock);
}

/* ---- what people see ---- */

/* The objects as they were when it was asked for stand in place of the present ones. */
static int show_base(struct fg_changeset *set, struct fg_store *st)
{
    for (size_t i = 0; i < set->n; i++) {
        struct fg_item *it = set->items[i];
        char *text = NULL;
        json_decref(it->before);
        it->before = NULL;
        if (!it->base) continue;
        int err = fg_object_get(st, fg_kind_name(it->kind), it->key, it->base, &text, NULL);
        if (err == ENOENT) continue;
        if (err) return err;
        it->before = fg_body_parse(text);
        free(text);
    }
    return 0;
}

int fg_config_approval_changes(struct fg_config *c, struct fg_store *st, const json_t *stored,
                               json_t **changes, json_t **conflicts)
{
    struct fg_changeset set;
    struct fg_snapshot *now = fg_config_snapshot(c);
    *changes = *conflicts = NULL;
    fg_changeset_init(&set);
    int err = fg_store_begin(st);
    if (!err) {
        err = unpack_changes(&set, st, stored);
        if (!err) {
            fg_changeset_conflicts(&set);
            *conflicts = fg_changeset_conflicts_json(&set, st, now);
            err = show_base(&set, st);
        }
        err = fg_store_end(st, err);
    }
    if (!err) *changes = fg_changeset_json(&set, now, now);
    if (!err && (!*changes || !*conflicts)) err = ENOMEM;
    if (err) {
        json_decref(*changes);
        json_decref(*conflicts);
        *changes = *conflicts = NULL;
    }
    fg_changeset_free(&set);
    fg_snapshot_put(now);
    return err;
}
