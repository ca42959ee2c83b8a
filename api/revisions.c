/* Revisions: list, show, difference, keep, take back, restore. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/commit.h"
#include "api/listing.h"
#include "gateway/base/clock.h"
#include "server/model/model.h"
#include "server/store/objects.h"

struct collecting {
    json_t *items;
    const char *q;
    uint64_t last;
    struct fg_config_state state;
};

static json_t *print(const struct fg_revision *r, const struct fg_config_state *state)
{
    bool waits = r->confirm.within_s && !r->confirmed_ms && !r->reverted_by;
    json_t *o = json_object(), *summary = json_object();
    fg_json_set(o, "revision", json_integer((json_int_t)r->number));
    fg_json_set(o, "author", fg_json_text(r->author_name));
    fg_json_set(o, "approved_by",
                r->approved_by && *r->approved_by ? fg_json_text(r->approved_by) : json_null());
    fg_json_set(o, "comment", fg_json_text(r->comment));
    fg_json_set(o, "created_at", fg_json_time(r->created_ms));
    fg_json_set(summary, "count", json_integer((json_int_t)r->added + r->changed + r->removed));
    fg_json_set(summary, "added", json_integer(r->added));
    fg_json_set(summary, "changed", json_integer(r->changed));
    fg_json_set(summary, "removed", json_integer(r->removed));
    fg_json_set(o, "summary", summary);
    fg_json_set(o, "running", json_boolean(r->number == state->revision));
    fg_json_set(o, "confirmed",
                r->confirm.within_s ? json_boolean(r->confirmed_ms != 0) : json_null());
    fg_json_set(o, "confirm_deadline", waits ? fg_json_time(r->confirm.wall_ms) : json_null());
    fg_json_set(o, "reverted_by",
                r->reverted_by ? json_integer((json_int_t)r->reverted_by) : json_null());
    fg_json_set(o, "reverts", r->reverts ? json_integer((json_int_t)r->reverts) : json_null());
    return o;
}

static int take(const struct fg_revision *r, void *arg)
{
    struct collecting *l = arg;
    l->last = r->number;
    if (l->q && !(r->comment && strcasestr(r->comment, l->q)) &&
        !(r->author_name && strcasestr(r->author_name, l->q)))
        return 0;
    fg_json_push(l->items, print(r, &l->state));
    return 0;
}

/* Pages are read until one is full: a search looks through all revisions. */
static int collect(struct fg_store *st, uint64_t before, size_t limit, struct collecting *l)
{
    for (;;) {
        size_t want = limit - json_array_size(l->items);
        l->last = 0;
        int err = fg_revision_each(st, before, want, take, l);
        if (err) return err;
        before = l->last;
        if (!before || before == 1 || json_array_size(l->items) >= limit) return 0;
    }
}

/* Those that touched one object, which are few: found by it, then read one by one. */
static int collect_of(struct fg_store *st, const char *kind, const char *key, uint64_t before,
                      size_t limit, struct collecting *l, uint64_t *total)
{
    uint64_t numbers[FG_LISTING_MAX];
    size_t n = 0;
    int err = fg_object_revisions(st, kind, key, l->q, before, limit, numbers, &n, total);
    for (size_t i = 0; !err && i < n; i++) err = fg_revision_get(st, numbers[i], take, l);
    if (n < limit) l->last = 0;
    return err;
}

void fg_handle_revisions_list(struct fg_call *c)
{
    static const char *const none[] = {NULL};
    static const char *const others[] = {"kind", "key", NULL};
    static const struct fg_listing_spec spec = {"revision", none, others};
    const char *kind = fg_http_query(c->http, "kind"), *key = fg_http_query(c->http, "key");
    struct fg_listing l;
    struct fg_problems problems;
    struct collecting all = {.items = json_array()};
    uint64_t total = 0;
    fg_problems_init(&problems);
    if (!fg_listing_read(&l, c->http, &spec, &problems)) {
        fg_listing_free(&l);
        json_decref(all.items);
        fg_answer_bad_request(c, &problems);
        return;
    }
    if (!kind != !key) {
        fg_problem_add(&problems, "", "query_invalid",
                       "kind and key name an object together; give both or neither.");
        fg_listing_free(&l);
        json_decref(all.items);
        fg_answer_bad_request(c, &problems);
        return;
    }
    const char *after = fg_listing_after(&l);
    all.q = l.q;
    fg_config_state(c->api->p.config, &all.state);
    int err = fg_revision_count(fg_call_store(c), l.q, &total);
    uint64_t before = after ? strtoull(after, NULL, 10) : 0;
    if (!err && kind)
        err = collect_of(fg_call_store(c), kind, key, before, l.limit, &all, &total);
    else if (!err)
        err = collect(fg_call_store(c), before, l.limit, &all);
    bool more = (kind || json_array_size(all.items) >= l.limit) && all.last > 1;
    json_t *o = json_object();
    fg_json_set(o, "items", all.items);
    fg_json_set(o, "next_cursor", more ? fg_listing_number_cursor(all.last) : json_null());
    fg_json_set(o, "total", json_integer((json_int_t)total));
    fg_config_state_free(&all.state);
    fg_listing_free(&l);
    if (!err) {
        fg_answer_json(c, 200, o);
        return;
    }
    json_decref(o);
    fg_answer_errno(c, err, "revisions");
}

void fg_handle_revisions_show(struct fg_call *c)
{
    uint64_t n;
    struct collecting one = {.items = json_array()};
    if (!fg_call_number(c, c->args[0], &n)) {
        json_decref(one.items);
        return;
    }
    fg_config_state(c->api->p.config, &one.state);
    int err = fg_revision_get(fg_call_store(c), n, take, &one);
    json_t *changes =
        err ? NULL : fg_config_difference(c->api->p.config, fg_call_store(c), n - 1, n, &err);
    fg_config_state_free(&one.state);
    if (err == ENOENT) {
        fg_answer_problem(c, 404, "not_found", "There is no such revision.");
    } else if (err) {
        fg_answer_errno(c, err, "revision");
    } else {
        json_t *o = json_incref(json_array_get(one.items, 0));
        fg_json_set(o, "changes", changes);
        fg_answer_json(c, 200, o);
    }
    json_decref(one.items);
}

void fg_handle_revisions_diff(struct fg_call *c)
{
    uint64_t n, against, current = 0;
    const char *text = fg_http_query(c->http, "against");
    if (!fg_call_number(c, c->args[0], &n)) return;
    if (!text)
        against = n ? n - 1 : 0;
    else if (!fg_call_number(c, text, &against))
        return;
    int err = fg_revision_current(fg_call_store(c), &current);
    if (!err && (n > current || against > current)) {
        fg_answer_problem(c, 404, "not_found", "There is no such revision.");
        return;
    }
    json_t *changes =
        err ? NULL : fg_config_difference(c->api->p.config, fg_call_store(c), against, n, &err);
    if (err) {
        fg_answer_errno(c, err, "difference");
        return;
    }
    json_t *o = json_object();
    fg_json_set(o, "from", json_integer((json_int_t)against));
    fg_json_set(o, "to", json_integer((json_int_t)n));
    fg_json_set(o, "changes", changes);
    fg_answer_json(c, 200, o);
}

/* ---- keep, take back, restore ---- */

/* May the caller's role make what the revision changed? False after having answered. */
static bool may_decide(struct fg_call *c, uint64_t n)
{
    int err;
    struct fg_config_state s;
    fg_config_state(c->api->p.config, &s);
    bool pending = s.pending_revision == n && n;
    bool exists = n && n <= s.revision;
    fg_config_state_free(&s);
    if (!exists) {
        fg_answer_problem(c, 404, "not_found", "There is no such revision.");
        return false;
    }
    if (!pending) {
        fg_answer_problem(c, 409, "not_pending", "This revision does not wait for confirmation.");
        return false;
    }
    json_t *changes = fg_config_difference(c->api->p.config, fg_call_store(c), n - 1, n, &err);
    if (err) {
        fg_answer_errno(c, err, "difference");
        return false;
    }
    bool may = fg_check_changes(c, changes);
    json_decref(changes);
    return may;
}

void fg_handle_revisions_confirm(struct fg_call *c)
{
    uint64_t n;
    struct fg_commit_result r;
    struct fg_actor who = fg_call_actor(c);
    if (!fg_call_body(c, true) || !fg_call_number(c, c->args[0], &n) || !may_decide(c, n)) return;
    fg_config_confirm(c->api->p.config, &who, n, &r);
    if (r.outcome == FG_COMMIT_DONE) r.outcome = FG_COMMIT_NOTHING; /* 200: no new revision */
    fg_answer_commit(c, &r);
}

void fg_handle_revisions_revert(struct fg_call *c)
{
    uint64_t n;
    struct fg_commit_result r;
    struct fg_actor who = fg_call_actor(c);
    if (!fg_call_body(c, true) || !fg_call_number(c, c->args[0], &n) || !may_decide(c, n)) return;
    fg_config_revert(c->api->p.config, &who, n, &r);
    fg_answer_commit(c, &r);
}

static bool permit(void *arg, enum fg_kind kind, enum fg_change_op op)
{
    const struct fg_call *c = arg;
    return fg_role_may(c->who.role, kind, op);
}

void fg_handle_revisions_restore(struct fg_call *c)
{
    uint64_t n, current = 0;
    struct fg_problems problems;
    struct fg_actor who = fg_call_actor(c);
    if (!fg_call_body(c, true) || !fg_call_number(c, c->args[0], &n)) return;
    int err = fg_revision_current(fg_call_store(c), &current);
    if (!err && n > current) {
        fg_answer_problem(c, 404, "not_found", "There is no such revision.");
        return;
    }
    fg_problems_init(&problems);
    if (!err) err = fg_config_restore(c->api->p.config, &who, n, permit, c, &problems);
    if (err == EINVAL) {
        fg_answer_invalid(c, &problems);
        return;
    }
    fg_problems_free(&problems);
    if (err == EPERM)
        fg_answer_problem(c, 403, "role", "Your role may not change all of these objects.");
    else if (err)
        fg_answer_errno(c, err, "restore");
    else
        fg_call_go(c, FG_ON_WORKER, fg_handle_draft_show); /* compiling it may take a while */
}
