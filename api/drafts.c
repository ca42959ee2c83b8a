/* Drafts of everybody, for administrators: whose there are, take one over, discard one. What
 * somebody staged is kept when the account or token is removed, until one of the two happens. */
#include <errno.h>
#include <string.h>

#include "api/commit.h"
#include "api/listing.h"
#include "gateway/base/clock.h"
#include "server/store/drafts.h"

static int take_owner(const struct fg_draft_owner *o, void *arg)
{
    json_t *item = json_object();
    fg_json_set(item, "owner", fg_json_text(o->owner));
    fg_json_set(item, "name", fg_json_text(o->name));
    fg_json_set(item, "changes", json_integer((json_int_t)o->changes));
    fg_json_set(item, "updated_at", fg_json_time(o->updated_ms));
    fg_json_set(item, "orphaned", json_boolean(o->orphaned));
    fg_json_push(arg, item);
    return 0;
}

void fg_handle_drafts_list(struct fg_call *c)
{
    static const char *const fields[] = {"owner",      "name",     "changes",
                                         "updated_at", "orphaned", NULL};
    static const struct fg_listing_spec spec = {"owner", fields, NULL};
    struct fg_listing l;
    struct fg_problems problems;
    fg_problems_init(&problems);
    if (!fg_listing_read(&l, c->http, &spec, &problems)) {
        fg_listing_free(&l);
        fg_answer_bad_request(c, &problems);
        return;
    }
    json_t *all = json_array();
    int err = fg_draft_owners(fg_call_store(c), fg_clock_wall_ms(), take_owner, all);
    if (err) {
        json_decref(all);
        fg_answer_errno(c, err, "drafts");
    } else {
        fg_answer_json(c, 200, fg_listing_page(&l, all));
    }
    fg_listing_free(&l);
}

static int take_key(const char *kind, const char *key, void *arg)
{
    fg_json_push(arg, json_pack("{s:s,s:s}", "kind", kind, "key", key));
    return 0;
}

static void answer_clashes(struct fg_call *c, json_t *clashes)
{
    fg_call_audit(c, "draft_take", "drafts", c->args[0], "refused", "both drafts change an object");
    fg_answer(c, fg_reply_problem_with(
                     409, "draft_clash",
                     "Your own draft changes the same objects. Commit or discard yours first, or "
                     "discard these.",
                     NULL, json_pack("{s:o}", "objects", clashes)));
}

/* Configuration thread. */
void fg_handle_drafts_take(struct fg_call *c)
{
    struct fg_actor who = fg_call_actor(c);
    if (!fg_call_body(c, true)) return;
    if (strcmp(c->args[0], who.owner) == 0) {
        fg_answer_problem(c, 409, "own_draft", "This is your own draft already.");
        return;
    }
    json_t *clashes = json_array();
    int err = fg_draft_clashes(fg_call_store(c), c->args[0], who.owner, take_key, clashes);
    if (!err && json_array_size(clashes)) {
        answer_clashes(c, clashes);
        return;
    }
    json_decref(clashes);
    struct fg_problems problems;
    fg_problems_init(&problems);
    if (!err) err = fg_config_take_draft(c->api->p.config, &who, c->args[0], &problems);
    if (err == EINVAL) {
        fg_call_audit(c, "draft_take", "drafts", c->args[0], "refused", "outside of the scope");
        fg_answer_invalid(c, &problems);
        return;
    }
    fg_problems_free(&problems);
    if (err == ENOENT)
        fg_answer_problem(c, 404, "not_found", "There is no such draft.");
    else if (err)
        fg_answer_errno(c, err, "draft");
    else
        fg_call_go(c, FG_ON_WORKER, fg_handle_draft_show); /* compiling it may take a while */
}

/* Configuration thread. */
void fg_handle_drafts_discard(struct fg_call *c)
{
    struct fg_actor who = fg_call_actor(c);
    int err = fg_config_drop_draft(c->api->p.config, &who, c->args[0]);
    if (err == ENOENT)
        fg_answer_problem(c, 404, "not_found", "There is no such draft.");
    else if (err)
        fg_answer_errno(c, err, "draft");
    else
        fg_answer(c, fg_reply_empty(204));
}
