/* POST /import: the way from what runs to a document, into the caller's draft. POST /import/lync:
 * what another product's shell gave. */
#include "api/import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/commit.h"
#include "api/listing.h"
#include "gateway/base/clock.h"
#include "server/import/document.h"
#include "server/import/lync.h"
#include "server/import/records.h"

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

/* ---- POST /import/lync ---- */

static void free_lync(void *work)
{
    fg_lync_free(work);
    free(work);
}

/* Configuration thread. */
static void run_lync(struct fg_call *c)
{
    const struct fg_lync *l = c->work;
    struct fg_bulk bulk = {.who = fg_call_actor(c),
                           .action = "draft_import",
                           .detail = "what another product exported",
                           .only_new = 1u << FG_KIND_SITES,
                           .changes = l->changes,
                           .n = l->n};
    fg_import_stage(c, &bulk, json_incref(l->findings));
}

/* Worker. */
void fg_handle_import_lync(struct fg_call *c)
{
    struct fg_problems problems;
    json_t *records;
    const char *state = fg_http_query(c->http, "partners");
    fg_problems_init(&problems);
    if (state && strcmp(state, "active") != 0 && strcmp(state, "suspended") != 0) {
        fg_problem_add(&problems, "", "query_invalid", "partners must be active or suspended.");
        fg_answer_bad_request(c, &problems);
        return;
    }
    int err = fg_records_read(c->http->body, c->http->body_len, &records, &problems);
    if (err == EINVAL) {
        fg_answer_invalid(c, &problems);
        return;
    }
    fg_problems_free(&problems);
    struct fg_lync *l = err ? NULL : malloc(sizeof *l);
    if (!err) {
        err = l ? fg_lync_read(records, fg_clock_wall_ms(), state && *state == 's', l) : ENOMEM;
        json_decref(records);
    }
    if (err) {
        free(l);
        fg_answer_errno(c, err, "import");
        return;
    }
    c->work = l;
    c->free_work = free_lync;
    fg_call_go(c, FG_ON_CONFIG, run_lync);
}
