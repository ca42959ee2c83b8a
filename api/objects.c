/* The configuration objects of every kind: list, show, put, patch, delete. All of it comes from the
 * field tables; what is written goes into the caller's draft. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "api/listing.h"
#include "api/live.h"
#include "api/objects.h"
#include "api/partners_view.h"
#include "api/select.h"
#include "api/users_view.h"
#include "api/view.h"
#include "gateway/base/clock.h"
#include "server/executor.h"
#include "server/model/model.h"

/* ---- list ---- */

static bool wants_status(const struct fg_call *c)
{
    const char *include = fg_http_query(c->http, "include");
    return include && strcmp(include, "status") == 0 && c->route->kind == FG_KIND_PARTNERS;
}

static void add_status(json_t *item, const struct fg_live *live, const struct fg_snapshot *snapshot)
{
    const char *domain = json_string_value(json_object_get(item, "domain"));
    if (!domain) return;
    fg_json_set(item, "status",
                fg_live_partner_status(live, fg_snapshot_partner(snapshot, domain), domain));
}

static json_t *make_page(struct fg_call *c, const struct fg_listing *l, struct fg_live *live,
                         int *err)
{
    struct fg_view v;
    bool more;
    size_t total;
    if (!fg_view_open(&v, c)) {
        *err = ECANCELED; /* answered */
        return NULL;
    }
    enum fg_kind kind = (enum fg_kind)c->route->kind;
    json_t *page = NULL;
    /* The global policy need not be stored, so policies are never read by page. */
    if (kind == FG_KIND_PARTNERS && (wants_status(c) || v.draft || !fg_listing_is_plain(l))) {
        page = fg_partners_view_page(&v, l, live, wants_status(c), err);
    } else if (!v.draft && kind != FG_KIND_POLICIES && fg_listing_is_plain(l)) {
        json_t *items = fg_view_page(&v, kind, fg_listing_after(l), l->limit, &more, &total, err);
        if (items) page = fg_listing_plain_page(l, items, more, total);
    } else if (kind == FG_KIND_USERS && fg_users_view_can(l)) {
        page = fg_users_view_page(&v, l, err);
    } else {
        json_t *all = fg_view_all(&v, kind, l, err);
        if (all) page = fg_listing_page(l, all);
    }
    fg_view_close(&v);
    return page;
}

static void list(struct fg_call *c, struct fg_live *live)
{
    static const char *const others[] = {"view", "include", NULL};
    json_t *schema = fg_model_openapi((enum fg_kind)c->route->kind);
    const char **fields = schema ? fg_select_fields((enum fg_kind)c->route->kind, schema) : NULL;
    struct fg_listing l = {0};
    struct fg_problems problems;
    struct fg_listing_spec spec = {fg_model_key_field((enum fg_kind)c->route->kind), fields,
                                   others};
    int err = fields ? 0 : ENOMEM;
    fg_problems_init(&problems);
    if (!err && !fg_listing_read(&l, c->http, &spec, &problems)) err = EINVAL;
    json_t *page = err ? NULL : make_page(c, &l, live, &err);
    fg_listing_free(&l);
    free(fields);
    json_decref(schema);
    if (page) {
        fg_problems_free(&problems);
        fg_answer_json(c, 200, page);
    } else if (err == EINVAL) {
        fg_answer_bad_request(c, &problems);
    } else if (err != ECANCELED) {
        fg_answer_errno(c, err ? err : ENOMEM, "list");
    }
}

static void list_with_live(struct fg_call *c, struct fg_live *live)
{
    if (fg_live_missing(c, live)) return;
    list(c, live);
    fg_live_free(live);
}

/* The state is shown, or something is filtered or ordered by it. */
static bool asks_live(const struct fg_call *c)
{
    const char *sort = fg_http_query(c->http, "sort");
    if (c->route->kind != FG_KIND_PARTNERS) return false;
    for (size_t i = 0; fg_partners_live_fields[i]; i++) {
        const char *name = fg_partners_live_fields[i];
        if (fg_http_query(c->http, name) || (sort && strstr(sort, name))) return true;
    }
    return wants_status(c);
}

void fg_handle_objects_list(struct fg_call *c)
{
    if (asks_live(c))
        fg_live_ask(c, FG_VIEW_PARTNERS, list_with_live);
    else
        list(c, NULL);
}

/* ---- one object ---- */

/* A key that cannot be one is told together with what is wrong in the body. */
static void add_body_faults(struct fg_call *c, enum fg_kind kind, const char *raw,
                            struct fg_problems *problems)
{
    json_t *value = fg_call_body(c, false);
    if (!value) { /* answered */
        fg_problems_free(problems);
        return;
    }
    json_t *body =
        fg_model_parse(kind, raw, FG_MODEL_PUT, value, NULL, fg_clock_wall_ms(), "", problems);
    json_decref(body);
    fg_answer_invalid(c, problems);
}

bool fg_object_key(struct fg_call *c, char key[FG_MODEL_KEY_MAX])
{
    struct fg_problems problems;
    enum fg_kind kind = (enum fg_kind)c->route->kind;
    const char *raw = c->args[0] ? c->args[0] : "settings";
    const char *field = fg_model_key_field(kind);
    char pointer[64];
    fg_problems_init(&problems);
    fg_pointer(pointer, sizeof pointer, "", field ? field : "settings");
    if (fg_model_key_prepare(kind, raw, pointer, key, &problems) == 0) {
        fg_problems_free(&problems);
        return true;
    }
    if (c->route->method == FG_HTTP_PUT) {
        add_body_faults(c, kind, raw, &problems);
        return false;
    }
    fg_problems_free(&problems);
    fg_answer_problem(c, 404, "not_found", "There is no such object.");
    return false;
}

static void answer_object(struct fg_call *c, int status, const char *etag, json_t *body)
{
    struct fg_http_response *r = fg_reply_json(status, body);
    if (*etag) fg_http_response_header(r, "ETag", etag);
    fg_answer(c, r);
}

static void show(struct fg_call *c, struct fg_live *live)
{
    char key[FG_MODEL_KEY_MAX];
    struct fg_view v;
    struct fg_seen seen;
    if (!fg_object_key(c, key) || !fg_view_open(&v, c)) return;
    enum fg_kind kind = (enum fg_kind)c->route->kind;
    int err = fg_view_object(&v, kind, key, &seen);
    json_t *body = err || !seen.body ? NULL : fg_view_print(&v, kind, key, &seen);
    if (body && wants_status(c)) {
        struct fg_snapshot *s = fg_config_snapshot(c->api->p.config);
        add_status(body, live, s);
        fg_snapshot_put(s);
    }
    fg_view_close(&v);
    if (err)
        fg_answer_errno(c, err, "show");
    else if (!body)
        fg_answer_problem(c, 404, "not_found", "There is no such object.");
    else
        answer_object(c, 200, seen.etag, body);
}

static void show_with_live(struct fg_call *c, struct fg_live *live)
{
    if (fg_live_missing(c, live)) return;
    show(c, live);
    fg_live_free(live);
}

void fg_handle_objects_show(struct fg_call *c)
{
    if (wants_status(c))
        fg_live_ask(c, FG_VIEW_PARTNERS, show_with_live);
    else
        show(c, NULL);
}

/* ---- writing ---- */

bool fg_object_conditions(struct fg_call *c, enum fg_kind kind, const char *key)
{
    struct fg_seen seen;
    struct fg_view v = {.call = c, .store = fg_call_store(c), .draft = true};
    if (!*c->etag_wanted && !c->create_only) return true;
    int err = fg_view_object(&v, kind, key, &seen);
    if (err) {
        fg_answer_errno(c, err, "conditions");
        return false;
    }
    bool there = seen.body && seen.mark != FG_MARK_REMOVED;
    json_decref(seen.body);
    if (c->create_only && there) {
        fg_answer_problem(c, 412, "exists", "There is such an object already.");
        return false;
    }
    if (*c->etag_wanted && (!there || !fg_etag_matches(c->etag_wanted, seen.etag))) {
        fg_answer_problem(c, 412, "etag",
                          "The object has changed since it was read; read it again.");
        return false;
    }
    return true;
}

void fg_object_answer(struct fg_call *c, enum fg_kind kind, const char *key,
                      const struct fg_stage_result *staged)
{
    char etag[FG_ETAG_MAX];
    json_t *shown = fg_model_print(kind, key, staged->body, staged->snapshot);
    fg_etag(etag, staged->body);
    struct fg_http_response *r = fg_reply_json(staged->created ? 201 : 200, shown);
    fg_http_response_header(r, "ETag", etag);
    if (staged->created) fg_http_response_header(r, "Location", c->http->path);
    fg_answer(c, r);
}

static void write_object(struct fg_call *c, enum fg_change_op op)
{
    char key[FG_MODEL_KEY_MAX];
    enum fg_kind kind = (enum fg_kind)c->route->kind;
    struct fg_problems problems;
    struct fg_stage_result staged;
    struct fg_actor who = fg_call_actor(c);
    json_t *value = NULL;
    if (!fg_object_key(c, key)) return;
    if (op != FG_CHANGE_DELETE && !(value = fg_call_body(c, false))) return;
    if (!fg_object_conditions(c, kind, key)) return;
    fg_view_strip(kind, value);
    fg_problems_init(&problems);
    int err = fg_config_stage(c->api->p.config, &who, op, kind, key, value, &staged, &problems);
    if (err == EINVAL) {
        fg_answer_invalid(c, &problems);
        return;
    }
    fg_problems_free(&problems);
    if (err == ENOENT)
        fg_answer_problem(c, 404, "not_found", "There is no such object.");
    else if (err == ENOBUFS)
        fg_answer_problem(c, 422, "draft_full", "The draft holds too many changes.");
    else if (err)
        fg_answer_errno(c, err, "stage");
    else if (op == FG_CHANGE_DELETE)
        fg_answer(c, fg_reply_empty(204));
    else
        fg_object_answer(c, kind, key, &staged);
    fg_stage_result_free(&staged);
}

void fg_handle_objects_put(struct fg_call *c)
{
    write_object(c, FG_CHANGE_PUT);
}
void fg_handle_objects_patch(struct fg_call *c)
{
    write_object(c, FG_CHANGE_PATCH);
}
void fg_handle_objects_delete(struct fg_call *c)
{
    write_object(c, FG_CHANGE_DELETE);
}

/* ---- GET /partners/{key}/status ---- */

static void partner_status(struct fg_call *c, struct fg_live *live)
{
    if (fg_live_missing(c, live)) return;
    char key[FG_MODEL_KEY_MAX] = "";
    struct fg_problems ignored;
    fg_problems_init(&ignored);
    (void)fg_model_key_prepare(FG_KIND_PARTNERS, c->args[0], "", key, &ignored);
    fg_problems_free(&ignored);
    struct fg_snapshot *s = fg_config_snapshot(c->api->p.config);
    const struct fg_partner *p = *key ? fg_snapshot_partner(s, key) : NULL;
    if (!p) {
        fg_answer_problem(c, 404, "not_found", "No such partner runs.");
    } else {
        const struct fg_partner_info *i = fg_live_partner(live, p->domain);
        json_t *o = fg_live_partner_status(live, p, p->domain);
        json_t *counters = json_object(), *streams = json_array();
        fg_json_set(counters, "stanzas_in", json_integer(i ? (json_int_t)i->stanzas_in : 0));
        fg_json_set(counters, "stanzas_out", json_integer(i ? (json_int_t)i->stanzas_out : 0));
        fg_json_set(counters, "stanzas_refused",
                    json_integer(i ? (json_int_t)i->stanzas_refused : 0));
        fg_json_set(counters, "queue", json_integer(i ? (json_int_t)i->queue : 0));
        for (size_t k = 0; live && k < fg_live_view(live)->n_streams; k++)
            if (strcmp(fg_live_view(live)->streams[k].partner, p->domain) == 0)
                fg_json_push(streams, fg_live_stream(&fg_live_view(live)->streams[k]));
        fg_json_set(o, "retry", fg_json_time(i ? i->next_retry_ms : 0));
        fg_json_set(o, "attempts", json_integer(i ? (json_int_t)i->attempts : 0));
        fg_json_set(o, "counters", counters);
        fg_json_set(o, "streams", streams);
        fg_answer_json(c, 200, o);
    }
    fg_snapshot_put(s);
    fg_live_free(live);
}

void fg_handle_partner_status(struct fg_call *c)
{
    fg_live_ask(c, FG_VIEW_PARTNERS | FG_VIEW_STREAMS, partner_status);
}
