/* POST /partners/{key}/additional-domains: adds to the list, takes out of it, replaces or clears
 * it, without sending the rest of the partner. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/objects.h"
#include "api/view.h"

enum { DOMAINS_MAX = 5000, POINTER = 96 };

struct edit {
    json_t *list;    /* the domains as they will be */
    json_t *sources; /* for each, where in the request it came from; "" when it was there */
    struct fg_problems *problems;
    const char *partner;
};

static size_t find(const json_t *list, const char *domain)
{
    size_t i = 0, n = json_array_size(list);
    while (i < n && strcmp(json_string_value(json_array_get(list, i)), domain) != 0) i++;
    return i;
}

/* The canonical domain of an entry; false with a problem at `at`. */
static bool read_domain(struct edit *e, const json_t *value, const char *at,
                        char out[FG_MODEL_KEY_MAX])
{
    const char *raw = json_string_value(value);
    if (!raw) fg_problem_add(e->problems, at, "type", "A domain is a text.");
    return raw && fg_model_key_prepare(FG_KIND_PARTNERS, raw, at, out, e->problems) == 0;
}

static void add(struct edit *e, const char *domain, const char *at)
{
    if (strcmp(domain, e->partner) == 0)
        fg_problem_add(e->problems, at, "duplicate", "%s is the partner's own domain.", domain);
    else if (find(e->list, domain) < json_array_size(e->list))
        fg_problem_add(e->problems, at, "duplicate", "%s is in the list already.", domain);
    else if (json_array_append_new(e->list, json_string(domain)) ||
             json_array_append_new(e->sources, json_string(at)))
        fg_problem_add(e->problems, at, "internal", "Out of memory.");
}

static void take_out(struct edit *e, const char *domain, const char *at)
{
    size_t i = find(e->list, domain);
    if (i == json_array_size(e->list)) {
        fg_problem_add(e->problems, at, "not_found",
                       "%s is none of the partner's additional domains.", domain);
        return;
    }
    json_array_remove(e->list, i);
    json_array_remove(e->sources, i);
}

static void each(struct edit *e, const json_t *domains, const char *name,
                 void (*apply)(struct edit *e, const char *domain, const char *at))
{
    for (size_t i = 0; i < json_array_size(domains); i++) {
        char at[POINTER], domain[FG_MODEL_KEY_MAX];
        snprintf(at, sizeof at, "/%s/%zu", name, i);
        if (read_domain(e, json_array_get(domains, i), at, domain)) apply(e, domain, at);
    }
}

static void clear(struct edit *e)
{
    json_array_clear(e->list);
    json_array_clear(e->sources);
}

/* Removals come first, so that one request may move between lists in any order. */
static void apply(struct edit *e, json_t *body)
{
    struct fg_input in;
    if (!fg_input_open(&in, body, "", e->problems)) return;
    const json_t *more = fg_input_array(&in, "add", FG_MAY, DOMAINS_MAX);
    const json_t *less = fg_input_array(&in, "remove", FG_MAY, DOMAINS_MAX);
    const json_t *instead = fg_input_array(&in, "replace", FG_MAY, DOMAINS_MAX);
    bool none = fg_input_bool(&in, "clear", false);
    fg_input_rest(&in);
    if (!fg_problems_none(e->problems)) return;
    if (!more && !less && !instead && !none)
        fg_problem_add(e->problems, "", "required", "Give add, remove, replace, or clear: true.");
    if ((instead || none) && (less || (instead && (more || none))))
        fg_problem_add(e->problems, instead ? "/replace" : "/clear", "conflict",
                       "replace stands alone; clear goes with add only.");
    if (!fg_problems_none(e->problems)) return;
    if (instead || none) clear(e);
    each(e, less, "remove", take_out);
    each(e, more, "add", add);
    each(e, instead, "replace", add);
}

/* Faults of the partner's list are told where the request has the domain. */
static void tell_sources(const struct edit *e, struct fg_problems *found)
{
    static const char list[] = "/additional_domains/";
    for (size_t i = 0; i < found->count; i++) {
        const struct fg_problem *p = &found->items[i];
        const char *at = p->pointer;
        if (strncmp(at, list, sizeof list - 1) == 0) {
            size_t n = (size_t)strtoull(at + sizeof list - 1, NULL, 10);
            const char *source = json_string_value(json_array_get(e->sources, n));
            if (source && *source) at = source;
        }
        fg_problem_add(e->problems, at, p->code, "%s", p->message);
    }
    e->problems->dropped += found->dropped;
}

static int stage(struct fg_call *c, const char *key, const struct edit *e,
                 struct fg_stage_result *staged)
{
    struct fg_problems found;
    struct fg_actor who = fg_call_actor(c);
    json_t *patch = json_pack("{s:O}", "additional_domains", e->list);
    if (!patch) return ENOMEM;
    fg_problems_init(&found);
    int err = fg_config_stage(c->api->p.config, &who, FG_CHANGE_PATCH, FG_KIND_PARTNERS, key, patch,
                              staged, &found);
    tell_sources(e, &found);
    fg_problems_free(&found);
    json_decref(patch);
    return err;
}

/* The partner's present list in the caller's draft view; ENOENT when there is no such partner. */
static int begin(struct fg_call *c, const char *key, struct edit *e)
{
    struct fg_seen seen;
    struct fg_view v = {.call = c, .store = fg_call_store(c), .draft = true};
    int err = fg_view_object(&v, FG_KIND_PARTNERS, key, &seen);
    if (err) return err;
    bool there = seen.body && seen.mark != FG_MARK_REMOVED;
    e->list = json_array();
    e->sources = json_array();
    if (there && e->list)
        json_array_extend(e->list, json_object_get(seen.body, "additional_domains"));
    for (size_t i = 0; i < json_array_size(e->list); i++)
        json_array_append_new(e->sources, json_string(""));
    json_decref(seen.body);
    return !there ? ENOENT : e->list && e->sources ? 0 : ENOMEM;
}

/* Configuration thread. */
void fg_handle_additional_domains(struct fg_call *c)
{
    char key[FG_MODEL_KEY_MAX];
    struct fg_problems problems;
    struct fg_stage_result staged = {0};
    if (!fg_object_key(c, key)) return;
    json_t *body = fg_call_body(c, false);
    if (!body || !fg_object_conditions(c, FG_KIND_PARTNERS, key)) return;
    fg_problems_init(&problems);
    struct edit e = {.problems = &problems, .partner = key};
    int err = begin(c, key, &e);
    if (!err) apply(&e, body);
    if (!err && !fg_problems_none(&problems)) err = EINVAL;
    if (!err) err = stage(c, key, &e, &staged);
    json_decref(e.list);
    json_decref(e.sources);
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
        fg_answer_errno(c, err, "additional domains");
    else
        fg_object_answer(c, FG_KIND_PARTNERS, key, &staged);
    fg_stage_result_free(&staged);
}
