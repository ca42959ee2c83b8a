/* The caller's draft: what is staged, what is wrong with it, what somebody else changed meanwhile.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/commit.h"
#include "api/internal.h"
#include "api/listing.h"
#include "server/model/model.h"

enum { CURSOR = FG_MODEL_KEY_MAX + 32 };

/* A cursor is "kind/key" of the change seen last: it stays right while changes come and go. */
static json_t *next_cursor(const json_t *changes)
{
    const json_t *last = json_array_get(changes, json_array_size(changes) - 1);
    char text[CURSOR];
    snprintf(text, sizeof text, "%s/%s", json_string_value(json_object_get(last, "kind")),
             json_string_value(json_object_get(last, "key")));
    return fg_listing_text_cursor(text);
}

/* Splits it in place; false when it is none. */
static bool read_cursor(const char *after, char text[CURSOR], struct fg_draft_page *page)
{
    snprintf(text, CURSOR, "%s", after);
    char *slash = strchr(text, '/');
    if (!slash) return false;
    *slash = 0;
    page->after_kind = text;
    page->after_key = slash + 1;
    return true;
}

static void pack_page(json_t *o, struct fg_draft_view *d, const struct fg_draft_page *page)
{
    bool more = json_array_size(d->changes) == page->limit;
    json_t *summary = json_object();
    fg_json_set(summary, "count", json_integer((json_int_t)d->total));
    fg_json_set(summary, "by_kind", json_incref(d->by_kind));
    if (more) json_array_remove(d->changes, page->limit - 1);
    fg_json_set(o, "next_cursor", more ? next_cursor(d->changes) : json_null());
    fg_json_set(o, "changes", json_incref(d->changes));
    fg_json_set(o, "total", json_integer((json_int_t)d->fitting));
    fg_json_set(o, "problems", fg_json_object_problems(&d->problems));
    fg_json_set(o, "warnings", fg_json_object_problems(&d->warnings));
    fg_json_set(o, "conflicts", json_incref(d->conflicts));
    fg_json_set(o, "summary", summary);
}

json_t *fg_json_draft(struct fg_call *c, const struct fg_listing *l, int *err)
{
    struct fg_draft_view d;
    char text[CURSOR];
    const char *after = fg_listing_after(l), *kind = fg_http_query(c->http, "kind");
    /* One more than asked for says whether others follow. */
    struct fg_draft_page page = {
        .kind = kind && *kind ? kind : NULL, .q = l->q, .limit = l->limit + 1};
    *err = after && !read_cursor(after, text, &page) ? EINVAL : 0;
    if (!*err)
        *err = fg_config_draft_view(c->api->p.config, fg_call_store(c), c->who.owner, &page, &d);
    if (*err) return NULL;
    json_t *o = json_object();
    pack_page(o, &d, &page);
    fg_draft_view_free(&d);
    return o;
}

static void answer_draft(struct fg_call *c, const struct fg_listing *l,
                         struct fg_problems *problems)
{
    int err;
    json_t *draft = fg_json_draft(c, l, &err);
    if (err == EINVAL) {
        fg_problem_add(problems, "", "query_invalid", "cursor is not one that this list gave.");
        fg_answer_bad_request(c, problems);
    } else if (draft) {
        fg_answer_json(c, 200, draft);
    } else {
        fg_answer_errno(c, err, "draft");
    }
}

void fg_handle_draft_show(struct fg_call *c)
{
    static const char *const none[] = {NULL}, *const others[] = {"kind", NULL};
    static const struct fg_listing_spec spec = {"n", none, others};
    struct fg_listing l;
    struct fg_problems problems;
    enum fg_kind ignored;
    const char *kind = fg_http_query(c->http, "kind");
    fg_problems_init(&problems);
    if (kind && *kind && fg_kind_parse(kind, &ignored))
        fg_problem_add(&problems, "", "query_invalid",
                       "kind is the name of a collection, or none.");
    if (fg_listing_read(&l, c->http, &spec, &problems)) {
        /* The panel's review needs all of a draft of ordinary size at once. */
        if (!fg_http_query(c->http, "limit")) l.limit = FG_LISTING_MAX;
        answer_draft(c, &l, &problems);
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
    enum fg_kind kind = FG_KINDS;
    const char *only = fg_http_query(c->http, "kind");
    struct fg_problems problems;
    fg_problems_init(&problems);
    if (only && fg_kind_parse(only, &kind)) {
        fg_problem_add(&problems, "", "query_invalid",
                       "kind is the name of a collection; leave it out to discard everything.");
        fg_answer_bad_request(c, &problems);
        return;
    }
    int err = fg_config_unstage(c->api->p.config, &who, kind, NULL);
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
