/* The OpenAPI document: paths from the route table, schemas of objects from the field tables, the
 * others from the table in schemas.c. Made once for each request: it is asked for rarely. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "api/partners_view.h"
#include "api/schemas.h"
#include "api/streams.h"
#include "gateway/failure.h"
#include "server/model/model.h"

enum { WORD = 96, FILTER_TEXT = 320 };

static json_t *reference(const char *name)
{
    char text[WORD];
    snprintf(text, sizeof text, "#/components/schemas/%s", name);
    return json_pack("{s:s}", "$ref", text);
}

/* "page:partners" is a page of partners, "any" any object. */
static json_t *schema_of(const char *name)
{
    if (strcmp(name, "any") == 0) return json_pack("{s:s}", "type", "object");
    if (strncmp(name, "page:", 5) != 0) return reference(name);
    json_t *page = json_pack("{s:s,s:[s,s,s],s:{s:{s:s,s:o},s:{s:[s,s]},s:{s:s}}}", "type",
                             "object", "required", "items", "next_cursor", "total", "properties",
                             "items", "type", "array", "items", reference(name + 5), "next_cursor",
                             "type", "string", "null", "total", "type", "integer");
    if (strcmp(name, "page:partners") == 0)
        fg_json_set(json_object_get(page, "properties"), "counts", reference("partner_counts"));
    if (strcmp(name, "page:stream") == 0)
        fg_json_set(json_object_get(page, "properties"), "counts", reference("stream_counts"));
    return page;
}

static json_t *content(const char *type, json_t *schema)
{
    return json_pack("{s:{s:{s:o}}}", "content", type, "schema", schema);
}

static void add_parameter(json_t *list, const char *name, size_t len, const char *in, bool required)
{
    fg_json_push(list, json_pack("{s:s%,s:s,s:b,s:{s:s}}", "name", name, len, "in", in, "required",
                                 required, "schema", "type", "string"));
}

/* A collection of configuration objects may be filtered by every field it shows. */
static bool is_collection(const struct fg_route *r)
{
    return r->kind != FG_NO_KIND && r->method == FG_HTTP_GET && r->response &&
           strncmp(r->response, "page:", 5) == 0;
}

static void add_filters(json_t *list, enum fg_kind kind)
{
    json_t *schema = fg_model_openapi(kind);
    json_t *properties = json_object_get(schema, "properties");
    const char *name;
    json_t *field;
    json_object_foreach(properties, name, field)
    {
        const json_t *type = json_object_get(field, "type");
        const char *word = json_string_value(json_is_array(type) ? json_array_get(type, 0) : type);
        bool list_of = word && strcmp(word, "array") == 0;
        bool object = word && strcmp(word, "object") == 0;
        char text[FILTER_TEXT];
        snprintf(
            text, sizeof text,
            "Only those whose %s fits the pattern, in any case: * stands for any characters, ? "
            "for one; an empty pattern for no value. May come again: all must fit.%s%s%s",
            name, list_of ? " One entry of the list is enough." : "",
            object ? " One of its members is enough." : "",
            word && strcmp(word, "boolean") == 0 ? " Values are true and false." : "");
        fg_json_push(list,
                     json_pack("{s:s,s:s,s:b,s:s,s:{s:s}}", "name", name, "in", "query", "required",
                               0, "description", text, "schema", "type", "string"));
    }
    json_decref(schema);
    for (size_t i = 0; kind == FG_KIND_PARTNERS && fg_partners_live_fields[i]; i++)
        fg_json_push(list,
                     json_pack("{s:s,s:s,s:b,s:s,s:{s:s}}", "name", fg_partners_live_fields[i],
                               "in", "query", "required", 0, "description",
                               "Live: the state now (connected, failing \u2026), when "
                               "something worked last, and the time, code or cause of the "
                               "last failure. Can be sorted by, too.",
                               "schema", "type", "string"));
}

static void add_stream_filters(json_t *list)
{
    char text[FILTER_TEXT];
    for (const struct fg_stream_field *f = fg_stream_fields; f->name; f++) {
        snprintf(text, sizeof text,
                 "Only those that fit the pattern: %s. * stands for any characters, ? for one. May "
                 "come again: all must fit. Can be sorted by, too.",
                 f->what);
        fg_json_push(list,
                     json_pack("{s:s,s:s,s:b,s:s,s:{s:s}}", "name", f->name, "in", "query",
                               "required", 0, "description", text, "schema", "type", "string"));
    }
}

static json_t *parameters(const struct fg_route *r)
{
    json_t *list = json_array();
    for (const char *p = strchr(r->path, '{'); p; p = strchr(p + 1, '{'))
        add_parameter(list, p + 1, strcspn(p + 1, "}"), "path", true);
    for (const char *p = r->query; p && *p;) {
        size_t n = strcspn(p, " ");
        add_parameter(list, p, n, "query", false);
        p += n;
        p += strspn(p, " ");
    }
    if (is_collection(r)) add_filters(list, (enum fg_kind)r->kind);
    if (r->response && strcmp(r->response, "page:stream") == 0) add_stream_filters(list);
    return list;
}

/* "media:TYPE" is an answer that is no JSON; behind a blank, one that can be asked for as well. */
static json_t *response(const struct fg_route *r)
{
    char word[WORD];
    json_t *o = json_object(), *types = r->response ? json_object() : NULL;
    for (const char *p = r->response; p && *p;) {
        snprintf(word, sizeof word, "%.*s", (int)strcspn(p, " "), p);
        p += strlen(word);
        p += strspn(p, " ");
        if (strncmp(word, "media:", 6) == 0)
            fg_json_set(types, word + 6, json_object());
        else
            fg_json_set(types, "application/json", json_pack("{s:o}", "schema", schema_of(word)));
    }
    if (types) fg_json_set(o, "content", types);
    fg_json_set(o, "description", json_string(r->summary));
    return o;
}

/* 200: nothing changes; 202: it waits for approval or its time. */
static bool makes_commit(const struct fg_route *r)
{
    return strcmp(r->path, "/draft/commit") == 0 || strcmp(r->path, "/commits") == 0 ||
           strcmp(r->path, "/approvals/{id}/approve") == 0;
}

static void add_responses(json_t *operation, const struct fg_route *r)
{
    char status[8];
    json_t *all = json_object();
    snprintf(status, sizeof status, "%d", r->status);
    fg_json_set(all, status, response(r));
    if (r->kind != FG_NO_KIND && r->method == FG_HTTP_PUT) fg_json_set(all, "201", response(r));
    if (makes_commit(r)) {
        struct fg_route waits = *r;
        waits.status = 202;
        waits.response = "waiting";
        fg_json_set(all, "200", response(r));
        fg_json_set(all, "202", response(&waits));
    }
    json_t *fault = content("application/problem+json", reference("problem"));
    fg_json_set(fault, "description", json_string("Refused: a problem that names every fault"));
    fg_json_set(all, "default", fault);
    fg_json_set(operation, "responses", all);
}

static json_t *roles(const struct fg_route *r)
{
    json_t *list = json_array();
    for (int role = FG_ROLE_ADMINISTRATOR; role > FG_ROLE_NONE; role--)
        if (r->roles & FG_BIT(role))
            fg_json_push(list, json_string(fg_role_name((enum fg_role)role)));
    return list;
}

static json_t *request_body(const struct fg_route *r)
{
    json_t *types = json_object();
    const char *const *media = fg_route_media(r);
    for (size_t i = 0; media[i]; i++)
        fg_json_set(types, media[i], json_pack("{s:o}", "schema", schema_of(r->request)));
    return json_pack("{s:o}", "content", types);
}

static json_t *operation(const struct fg_route *r)
{
    json_t *o = json_object();
    fg_json_set(o, "summary", json_string(r->summary));
    fg_json_set(o, "parameters", parameters(r));
    if (r->request) {
        json_t *body = request_body(r);
        fg_json_set(body, "required",
                    json_boolean(strcmp(r->path, "/draft/commit") != 0 &&
                                 strcmp(r->request, "approval_decision") != 0));
        fg_json_set(o, "requestBody", body);
    }
    add_responses(o, r);
    fg_json_set(o, "x-roles", roles(r));
    if (!r->roles) fg_json_set(o, "security", json_array());
    return o;
}

static const char *method_name(enum fg_http_method m)
{
    switch (m) {
    case FG_HTTP_GET:
        return "get";
    case FG_HTTP_POST:
        return "post";
    case FG_HTTP_PUT:
        return "put";
    case FG_HTTP_PATCH:
        return "patch";
    default:
        return "delete";
    }
}

static json_t *paths(void)
{
    json_t *all = json_object();
    for (size_t i = 0; i < fg_routes_count; i++) {
        json_t *path = json_object_get(all, fg_routes[i].path);
        if (!path) {
            path = json_object();
            fg_json_set(all, fg_routes[i].path, path);
        }
        fg_json_set(path, method_name(fg_routes[i].method), operation(&fg_routes[i]));
    }
    return all;
}

/* What an answer says beside the object's own fields, when it was asked for. */
static json_t *object_schema(enum fg_kind kind)
{
    json_t *o = fg_model_openapi(kind), *properties = json_object_get(o, "properties");
    fg_json_set(properties, "draft",
                json_pack("{s:s,s:[s,s,s],s:b,s:s}", "type", "string", "enum", "added", "changed",
                          "removed", "readOnly", 1, "description",
                          "With view=draft: what my draft does to it"));
    if (kind == FG_KIND_PARTNERS) {
        json_t *status = reference("partner_summary");
        fg_json_set(properties, "status", status);
    }
    return o;
}

static const json_t *within(const json_t *schema, const char *name)
{
    return json_object_get(json_object_get(schema, "properties"), name);
}

/* The stable ids of what can go wrong with a partner. */
static void add_failures(const json_t *partner_status)
{
    const json_t *code = within(within(partner_status, "last_failure"), "code");
    json_t *ids = json_array();
    for (int f = FG_FAIL_NONE + 1; f < FG_FAIL_COUNT; f++)
        fg_json_push(ids, json_string(fg_failure_id((enum fg_failure)f)));
    fg_json_set((json_t *)(uintptr_t)code, "enum", ids);
}

static json_t *schemas(void)
{
    json_t *all = json_object();
    for (int k = 0; k < FG_KINDS; k++)
        fg_json_set(all, fg_kind_name((enum fg_kind)k), object_schema((enum fg_kind)k));
    for (size_t i = 0; i < fg_schemas_count; i++)
        fg_json_set(all, fg_schemas[i].name, json_loads(fg_schemas[i].text, 0, NULL));
    add_failures(json_object_get(all, "partner_status"));
    return all;
}

json_t *fg_openapi(const char *version)
{
    json_t *o = json_object();
    fg_json_set(o, "openapi", json_string("3.1.0"));
    fg_json_set(o, "info",
                json_pack("{s:s,s:s,s:s}", "title", "fedgate", "version", version, "description",
                          "Control of the SIP and XMPP federation gateway. Changes to "
                          "configuration objects land in a draft; a commit makes them run."));
    fg_json_set(o, "servers", json_pack("[{s:s}]", "url", "/api/v1"));
    fg_json_set(o, "security", json_pack("[{s:[]},{s:[]}]", "token", "session"));
    fg_json_set(o, "paths", paths());
    json_t *components = json_object();
    fg_json_set(components, "schemas", schemas());
    fg_json_set(components, "securitySchemes",
                json_pack("{s:{s:s,s:s},s:{s:s,s:s,s:s}}", "token", "type", "http", "scheme",
                          "bearer", "session", "type", "apiKey", "in", "cookie", "name",
                          "__Host-fedgate"));
    fg_json_set(o, "components", components);
    return o;
}

void fg_handle_openapi(struct fg_call *c)
{
    fg_answer_json(c, 200, fg_openapi(c->api->p.version));
}
