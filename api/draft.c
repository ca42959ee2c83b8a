/* The caller's draft: what is staged, what is wrong with it, what somebody else changed meanwhile.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/commit.h"
#include "api/internal.h"
#include "api/listing.h"
#include "server/model/model.h"

json_t *fg_json_draft(struct fg_call *c, const struct fg_listing *l, int *err)
{
    struct fg_draft_view d;
    *err = fg_config_draft_view(c->api->p.config, fg_call_store(c), c->who.owner, &d);
    if (*err) return NULL;
    json_t *counts = json_object(), *summary = json_object(), *page = json_array();
    size_t n = json_array_size(d.changes), begin = 0;
    const char *after = fg_listing_after(l);
    if (after) begin = (size_t)strtoull(after, NULL, 10);
    for (size_t i = 0; i < n; i++) {
        json_t *change = json_array_get(d.changes, i);
        const char *kind = json_string_value(json_object_get(change, "kind"));
        json_int_t so_far = json_integer_value(json_object_get(counts, kind));
        fg_json_set(counts, kind, json_integer(so_far + 1));
        if (i >= begin && i < begin + l->limit) json_array_append(page, change);
    }
    fg_json_set(summary, "count", json_integer((json_int_t)n));
    fg_json_set(summary, "by_kind", counts);
    json_t *o = json_object();
    fg_json_set(o, "changes", page);
    fg_json_set(o, "next_cursor",
                begin + l->limit < n ? fg_listing_number_cursor(begin + l->limit) : json_null());
    fg_json_set(o, "total", json_integer((json_int_t)n));
    fg_json_set(o, "problems", fg_json_object_problems(&d.problems));
    fg_json_set(o, "warnings", fg_json_object_problems(&d.warnings));
    fg_json_set(o, "conflicts", json_incref(d.conflicts));
    fg_json_set(o, "summary", summary);
    fg_draft_view_free(&d);
    return o;
}

static void answer_draft(struct fg_call *c, const struct fg_listing *l)
{
    int err;
    json_t *draft = fg_json_draft(c, l, &err);
    if (draft)
        fg_answer_json(c, 200, draft);
    else
        fg_answer_errno(c, err, "draft");
}

void fg_handle_draft_show(struct fg_call *c)
{
    static const char *const none[] = {NULL};
    static const struct fg_listing_spec spec = {"n", none, NULL};
    struct fg_listing l;
    struct fg_problems problems;
    fg_problems_init(&problems);
    if (fg_listing_read(&l, c->http, &spec, &problems)) {
        /* The panel's review needs all of a draft of ordinary size at once. */
        if (!fg_http_query(c->http, "limit")) l.limit = FG_LISTING_MAX;
        answer_draft(c, &l);
    } else {
        fg_answer_bad_request(c, &problems);
    }
    fg_listing_free(&l);
}

static void answer_unstaged(struct fg_call *c, int err)
{
    if (err == ENOENT)
        fg_answer_problem(c, 404, "not_found", "The draft has no such change.");
    else if (err)
        fg_answer_errno(c, err, "discard");
    else
        fg_answer(c, fg_reply_empty(204));
}

void fg_handle_draft_discard(struct fg_call *c)
{
    struct fg_actor who = fg_call_actor(c);
    int err = fg_config_unstage(c->api->p.config, &who, FG_KINDS, NULL);
    answer_unstaged(c, err == ENOENT ? 0 : err);
}

void fg_handle_draft_discard_one(struct fg_call *c)
{
    enum fg_kind kind;
    char key[FG_MODEL_KEY_MAX];
    struct fg_problems ignored;
    struct fg_actor who = fg_call_actor(c);
    int err = fg_kind_parse(c->args[0], &kind);
    fg_problems_init(&ignored);
    if (!err) err = fg_model_key_prepare(kind, c->args[1], "", key, &ignored);
    fg_problems_free(&ignored);
    answer_unstaged(c, err ? ENOENT : fg_config_unstage(c->api->p.config, &who, kind, key));
}
