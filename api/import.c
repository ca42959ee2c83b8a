/* POST /import: the way from what runs to a document, into the caller's draft. */
#include "api/import.h"

#include <errno.h>
#include <string.h>

#include "api/commit.h"
#include "api/listing.h"
#include "server/import/document.h"

void fg_import_stage(struct fg_call *c, const struct fg_bulk *bulk, json_t *findings)
{
    struct fg_problems problems;
    struct fg_bulk_result result;
    struct fg_listing all = {.limit = FG_LISTING_MAX};
    json_t *draft = NULL;
    fg_problems_init(&problems);
    int err = fg_config_stage_all(c->api->p.config, bulk, &result, &problems);
    if (err == EINVAL) {
        json_decref(findings);
        fg_answer_invalid(c, &problems);
        return;
    }
    fg_problems_free(&problems);
    if (!err) draft = fg_json_draft(c, &all, &err);
    if (err) {
        json_decref(findings);
        fg_answer_errno(c, err, "import");
        return;
    }
    json_t *o = json_object();
    fg_json_set(o, "staged", json_integer((json_int_t)result.staged));
    fg_json_set(o, "unchanged", json_integer((json_int_t)result.unchanged));
    fg_json_set(o, "findings", findings);
    fg_json_set(o, "draft", draft);
    fg_answer_json(c, 200, o);
}

/* Configuration thread. */
static void run_import(struct fg_call *c)
{
    struct fg_document document;
    struct fg_problems problems;
    const char *mode = fg_http_query(c->http, "mode");
    fg_problems_init(&problems);
    int err = fg_document_read(c->body, &document, &problems);
    if (mode && strcmp(mode, "merge") != 0 && strcmp(mode, "replace") != 0) {
        fg_problem_add(&problems, "/mode", "choice", "The parameter mode is merge or replace.");
        if (!err) fg_document_free(&document);
        err = EINVAL;
    }
    if (err == EINVAL) {
        fg_answer_invalid(c, &problems);
        return;
    }
    fg_problems_free(&problems);
    if (err) {
        fg_answer_errno(c, err, "import");
        return;
    }
    bool merge = mode && strcmp(mode, "merge") == 0;
    struct fg_bulk bulk = {.who = fg_call_actor(c),
                           .action = "draft_import",
                           .detail = merge ? "a document, merged" : "a whole document",
                           .changes = document.changes,
                           .n = document.n,
                           .replace = merge ? 0 : document.kinds & ~(1u << FG_KIND_SETTINGS)};
    fg_import_stage(c, &bulk, json_array());
    fg_document_free(&document);
}

/* A large document is parsed on a worker, where nobody waits for it. */
void fg_handle_import(struct fg_call *c)
{
    if (fg_call_body(c, false)) fg_call_go(c, FG_ON_CONFIG, run_import);
}
