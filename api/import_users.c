/* POST /users/import: many users from CSV or JSON lines into the caller's draft, as a job. Lines
 * are read and checked on workers, some at a time; what changes is staged on the configuration
 * thread, some at a time, so that neither keeps others waiting.
 *
 *   answer 202 ── load (users, policies, sites as the caller sees them)
 *                   └── read, read, … ── stage, stage, … ── end
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/internal.h"
#include "api/jobs.h"
#include "gateway/base/clock.h"
#include "gateway/base/list.h"
#include "gateway/base/map.h"
#include "server/executor.h"
#include "server/import/csv.h"
#include "server/import/text.h"
#include "server/model/model.h"
#include "server/store/drafts.h"
#include "server/store/objects.h"

enum { LINES_AT_ONCE = 500, STAGED_AT_ONCE = 500, COLUMNS = 5, LINES_MAX = 200000, NAME = 1400 };

static const char *const columns[COLUMNS] = {"address", "display_name", "site", "policy",
                                             "xmpp_excluded"};

/* An object as the caller sees it. */
struct known {
    struct fg_map_node node; /* keyed by name: "users/a@b" */
    char *name, *body;
    bool read; /* a line of the file was about it */
};

struct change {
    char *key, *body;
};

struct users_import {
    struct fg_api *api;
    struct fg_job *job;
    struct fg_identity who;
    char address[64];
    bool dry_run, json_lines;

    char *text, *at, *end; /* at, end: of JSON lines */
    size_t line, lines;
    struct fg_csv csv;
    int column[FG_CSV_CELLS]; /* index in `columns` */
    size_t n_columns;

    struct fg_map known;
    struct change *changes;
    size_t n_changes, room, staged;
    size_t read, added, changed, unchanged;
    json_t *rejected;
};

/* ---- life ---- */

static void known_free(struct fg_map_node *n, void *arg)
{
    (void)arg;
    struct known *k = FG_CONTAINER(n, struct known, node);
    free(k->name);
    free(k->body);
    free(k);
}

static void import_free(struct users_import *u)
{
    if (!u) return;
    fg_map_each(&u->known, known_free, NULL);
    fg_map_free(&u->known);
    for (size_t i = 0; i < u->n_changes; i++) {
        free(u->changes[i].key);
        free(u->changes[i].body);
    }
    free(u->changes);
    free(u->text);
    json_decref(u->rejected);
    free(u);
}

static void finish(struct users_import *u, enum fg_job_state state, const char *detail)
{
    json_t *result =
        json_pack("{s:b,s:I,s:I,s:I,s:I,s:I,s:O,s:s?}", "dry_run", u->dry_run, "lines",
                  (json_int_t)u->read, "added", (json_int_t)u->added, "changed",
                  (json_int_t)u->changed, "unchanged", (json_int_t)u->unchanged, "staged",
                  (json_int_t)u->staged, "rejected", u->rejected, "detail", detail);
    struct fg_job *job = u->job;
    import_free(u);
    fg_job_end(job, state, result);
}

static void go(struct users_import *u, struct fg_executor *where, void (*step)(void *arg))
{
    if (fg_executor_post(where, step, u))
        finish(u, FG_JOB_FAILED, "The server is too busy or stops.");
}

/* ---- what the caller sees ---- */

static struct known *find_known(const struct users_import *u, const char *kind, const char *key)
{
    char name[NAME];
    snprintf(name, sizeof name, "%s/%s", kind, key);
    struct fg_map_node *n = fg_map_finds(&u->known, name);
    return n ? FG_CONTAINER(n, struct known, node) : NULL;
}

static int set_known(struct users_import *u, const char *kind, const char *key, const char *body)
{
    struct known *k = find_known(u, kind, key);
    char *copy = body ? strdup(body) : NULL;
    if (body && !copy) return ENOMEM;
    if (k) {
        free(k->body);
        k->body = copy;
        return 0;
    }
    k = calloc(1, sizeof *k);
    if (k && asprintf(&k->name, "%s/%s", kind, key) < 0) k->name = NULL;
    if (k) k->body = copy;
    if (k && k->name && fg_map_adds(&u->known, &k->node, k->name) == 0) return 0;
    if (k) free(k->name);
    free(k);
    free(copy);
    return ENOMEM;
}

static int take_object(const struct fg_object *o, void *arg)
{
    return set_known(arg, o->kind, o->key, o->body);
}

static int take_draft(const struct fg_draft *d, void *arg)
{
    return set_known(arg, d->kind, d->key, d->body);
}

static int load_known(struct users_import *u, struct fg_store *st)
{
    static const enum fg_kind kinds[] = {FG_KIND_USERS, FG_KIND_POLICIES, FG_KIND_SITES};
    uint64_t revision = 0;
    int err = fg_revision_current(st, &revision);
    for (size_t i = 0; !err && i < sizeof kinds / sizeof *kinds; i++) {
        const char *kind = fg_kind_name(kinds[i]);
        err = fg_object_each(st, kind, revision, NULL, FG_PAGE_MAX, take_object, u);
        if (!err)
            err = fg_draft_each(st, u->who.owner, kind, NULL, NULL, FG_DRAFT_MAX, take_draft, u);
    }
    return err;
}

/* ---- one line ---- */

static void reject(struct users_import *u, const char *address, struct fg_problems *problems)
{
    json_t *o = json_object();
    fg_json_set(o, "line", json_integer((json_int_t)u->line));
    fg_json_set(o, "address", fg_json_text(address));
    fg_json_set(o, "errors", fg_json_problems(problems));
    fg_json_push(u->rejected, o);
}

static void check_reference(const struct users_import *u, const json_t *body, const char *field,
                            const char *kind, struct fg_problems *problems)
{
    char pointer[32];
    const char *key = json_string_value(json_object_get(body, field));
    const struct known *k = key ? find_known(u, kind, key) : NULL;
    if (!key || (k && k->body)) return;
    snprintf(pointer, sizeof pointer, "/%s", field);
    fg_problem_add(problems, pointer, "not_found", "There is no such object: %s.", key);
}

static int keep_change(struct users_import *u, const char *key, const json_t *body)
{
    if (u->n_changes == u->room) {
        size_t room = u->room ? u->room * 2 : 1024;
        struct change *changes = realloc(u->changes, room * sizeof *changes);
        if (!changes) return ENOMEM;
        u->changes = changes;
        u->room = room;
    }
    struct change ch = {strdup(key), fg_model_canonical(body, NULL)};
    u->changes[u->n_changes++] = ch;
    return ch.key && ch.body ? 0 : ENOMEM;
}

/* What the line makes of the user; counts it. 0, EINVAL with problems, ENOMEM. */
static int take_user(struct users_import *u, const char *raw, const json_t *input,
                     struct fg_problems *problems)
{
    char key[FG_MODEL_KEY_MAX];
    if (fg_model_key_prepare(FG_KIND_USERS, raw, "/address", key, problems)) return EINVAL;
    struct known *k = find_known(u, "users", key);
    if (k && k->read) {
        fg_problem_add(problems, "/address", "duplicate", "An earlier line is about this user.");
        return EINVAL;
    }
    json_t *before = k && k->body ? json_loads(k->body, 0, NULL) : NULL;
    json_t *body = fg_model_parse(FG_KIND_USERS, key, before ? FG_MODEL_PATCH : FG_MODEL_PUT, input,
                                  before, fg_clock_wall_ms(), "", problems);
    check_reference(u, body, "policy", "policies", problems);
    check_reference(u, body, "site", "sites", problems);
    int err = fg_problems_none(problems) ? 0 : EINVAL;
    if (!err && before && json_equal(before, body)) {
        u->unchanged++;
    } else if (!err) {
        err = keep_change(u, key, body);
        u->added += !before;
        u->changed += before != NULL;
    }
    if (!err && !k) err = set_known(u, "users", key, NULL);
    if (!err) find_known(u, "users", key)->read = true;
    json_decref(before);
    json_decref(body);
    return err;
}

static json_t *cell_value(int column, const char *cell)
{
    if (column == 4 && (strcasecmp(cell, "true") == 0 || strcmp(cell, "1") == 0))
        return json_true();
    if (column == 4 && (!*cell || strcasecmp(cell, "false") == 0 || strcmp(cell, "0") == 0))
        return json_false();
    return *cell || column == 1 ? json_string(cell) : json_null();
}

static int take_row(struct users_import *u, struct fg_problems *problems)
{
    if (u->csv.n != u->n_columns) {
        fg_problem_add(problems, "", "csv_invalid", "%zu fields, but the header has %zu.", u->csv.n,
                       u->n_columns);
        return EINVAL;
    }
    json_t *input = json_object();
    const char *address = "";
    for (size_t i = 0; i < u->n_columns; i++) {
        if (u->column[i] == 0)
            address = u->csv.cells[i];
        else
            fg_json_set(input, columns[u->column[i]], cell_value(u->column[i], u->csv.cells[i]));
    }
    int err = take_user(u, address, input, problems);
    json_decref(input);
    if (err == EINVAL) reject(u, address, problems);
    return err == EINVAL ? 0 : err;
}

/* 0; ENOENT at the end; ENOMEM. */
static int next_row(struct users_import *u)
{
    struct fg_problems problems;
    int err = fg_csv_next(&u->csv);
    u->line = u->csv.line;
    if (err == ENOENT) return err;
    fg_problems_init(&problems);
    u->read++;
    if (err) {
        fg_problem_add(&problems, "", "csv_invalid", "%s", u->csv.fault);
        reject(u, NULL, &problems);
        err = 0;
    } else {
        err = take_row(u, &problems);
        if (err == EINVAL) {
            reject(u, NULL, &problems);
            err = 0;
        }
    }
    fg_problems_free(&problems);
    return err;
}

static int next_object(struct users_import *u)
{
    struct fg_problems problems;
    size_t len = 0;
    do {
        u->at += len;
        if (u->at >= u->end) return ENOENT;
        char *stop = memchr(u->at, '\n', (size_t)(u->end - u->at));
        len = stop ? (size_t)(stop - u->at) + 1 : (size_t)(u->end - u->at);
        u->line++;
    } while (strspn(u->at, " \t\r\n") >= len);
    fg_problems_init(&problems);
    u->read++;
    json_t *input = fg_input_parse((const uint8_t *)u->at, len, &problems);
    json_t *name = json_incref(json_object_get(input, "address"));
    const char *address = json_string_value(name);
    int err = input ? 0 : EINVAL;
    if (!err && !address) {
        fg_problem_add(&problems, "/address", "required",
                       "Each line is an object with an address.");
        err = EINVAL;
    }
    if (!err) {
        json_object_del(input, "address");
        err = take_user(u, address, input, &problems);
    }
    if (err == EINVAL) {
        reject(u, address, &problems);
        err = 0;
    }
    u->at += len;
    json_decref(name);
    json_decref(input);
    fg_problems_free(&problems);
    return err;
}

/* ---- steps ---- */

/* Configuration thread. */
static void stage_some(void *arg)
{
    struct users_import *u = arg;
    struct fg_change changes[STAGED_AT_ONCE];
    struct fg_bulk_result result;
    struct fg_problems problems;
    size_t n = 0, left = u->n_changes - u->staged;
    int err = 0;
    if (!fg_job_goes_on(u->job, u->lines + u->staged, u->lines + u->n_changes)) {
        finish(u, FG_JOB_CANCELLED, "Cancelled; what was staged until then is in the draft.");
        return;
    }
    for (; n < left && n < STAGED_AT_ONCE; n++) {
        const struct change *ch = &u->changes[u->staged + n];
        json_t *body = json_loads(ch->body, 0, NULL);
        if (!body) err = ENOMEM;
        changes[n] = (struct fg_change){FG_CHANGE_PUT, FG_KIND_USERS, ch->key, body};
    }
    struct fg_bulk bulk = {.who = {u->who.owner, u->who.name, u->who.via, u->address},
                           .action = "draft_import",
                           .detail = "users",
                           .changes = changes,
                           .n = n};
    fg_problems_init(&problems);
    if (!err && n) err = fg_config_stage_all(u->api->p.config, &bulk, &result, &problems);
    fg_problems_free(&problems);
    for (size_t i = 0; i < n; i++) json_decref((json_t *)(uintptr_t)changes[i].value);
    if (err) {
        finish(u, FG_JOB_FAILED,
               err == ENOBUFS ? "The draft is full." : "The draft cannot be written.");
        return;
    }
    u->staged += n;
    fg_job_goes_on(u->job, u->lines + u->staged, u->lines + u->n_changes);
    if (u->staged == u->n_changes)
        finish(u, FG_JOB_DONE, NULL);
    else
        go(u, fg_config_executor(u->api->p.config), stage_some);
}

/* Worker. */
static void read_some(void *arg)
{
    struct users_import *u = arg;
    int err = 0;
    if (!fg_job_goes_on(u->job, u->line < u->lines ? u->line : u->lines, u->lines)) {
        finish(u, FG_JOB_CANCELLED, "Cancelled; nothing was staged.");
        return;
    }
    for (int i = 0; !err && i < LINES_AT_ONCE; i++) {
        err = u->json_lines ? next_object(u) : next_row(u);
        if (u->read > LINES_MAX) err = EFBIG;
    }
    if (!err) {
        go(u, u->api->p.workers, read_some);
    } else if (err != ENOENT) {
        finish(u, FG_JOB_FAILED,
               err == EFBIG ? "The file has too many users; import it in parts."
                            : "Out of memory.");
    } else if (u->dry_run || u->n_changes == 0) {
        fg_job_goes_on(u->job, u->lines, u->lines);
        finish(u, FG_JOB_DONE, NULL);
    } else {
        go(u, fg_config_executor(u->api->p.config), stage_some);
    }
}

/* Worker. */
static void load(void *arg)
{
    struct users_import *u = arg;
    int i = fg_executor_thread(u->api->p.workers);
    if (i < 0 || load_known(u, u->api->p.readers[i])) {
        finish(u, FG_JOB_FAILED, "The present users cannot be read.");
        return;
    }
    read_some(u);
}

/* ---- the request ---- */

/* The header: address, and any of the other columns. */
static void read_header(struct users_import *u, struct fg_problems *problems)
{
    unsigned seen = 0;
    if (fg_csv_next(&u->csv)) {
        fg_problem_add(problems, "", "empty", "The file has no header.");
        return;
    }
    u->n_columns = u->csv.n;
    for (size_t i = 0; i < u->n_columns; i++) {
        int k = 0;
        while (k < COLUMNS && strcasecmp(columns[k], u->csv.cells[i])) k++;
        if (k == COLUMNS || seen & 1u << k) {
            const char *near = fg_nearest(u->csv.cells[i], columns, COLUMNS);
            fg_problem_add(problems, "", k == COLUMNS ? "unknown" : "duplicate",
                           "The header has the column \"%.100s\"%s%s%s; columns are address, "
                           "display_name, site, policy, xmpp_excluded, each once.",
                           u->csv.cells[i], k == COLUMNS && near ? " (did you mean " : "",
                           k == COLUMNS && near ? near : "", k == COLUMNS && near ? "?)" : "");
        }
        u->column[i] = k < COLUMNS ? k : 0;
        seen |= 1u << k;
    }
    if (!(seen & 1u)) fg_problem_add(problems, "", "required", "The header has no column address.");
}

static int prepare(struct users_import *u, struct fg_call *c, struct fg_problems *problems)
{
    const char *dry = fg_http_query(c->http, "dry_run");
    size_t len = 0;
    fg_map_init(&u->known);
    u->api = c->api;
    u->who = c->who;
    snprintf(u->address, sizeof u->address, "%s", c->http->address);
    u->rejected = json_array();
    if (!u->rejected) return ENOMEM;
    if (dry && strcmp(dry, "true") != 0 && strcmp(dry, "false") != 0)
        fg_problem_add(problems, "/dry_run", "choice", "The parameter dry_run is true or false.");
    u->dry_run = dry && strcmp(dry, "true") == 0;
    int err = fg_import_text(c->http->body, c->http->body_len, &u->text, &len);
    if (err == EILSEQ) {
        fg_problem_add(problems, "", "encoding", "The file is neither UTF-8 nor UTF-16.");
        return EINVAL;
    }
    if (err) return err;
    u->at = u->text;
    u->end = u->text + len;
    u->lines = len && u->end[-1] != '\n';
    for (const char *p = u->text; p < u->end; p++) u->lines += *p == '\n';
    u->json_lines = u->text[strspn(u->text, " \t\r\n")] == '{';
    fg_csv_open(&u->csv, u->text, len);
    if (!u->json_lines) read_header(u, problems);
    return fg_problems_none(problems) ? 0 : EINVAL;
}

/* Worker. */
void fg_handle_users_import(struct fg_call *c)
{
    struct fg_problems problems;
    struct users_import *u = calloc(1, sizeof *u);
    fg_problems_init(&problems);
    int err = u ? prepare(u, c, &problems) : ENOMEM;
    if (!err) err = fg_job_start(c->api->jobs, c->who.owner, "users_import", &u->job);
    if (err == EINVAL) {
        fg_answer_invalid(c, &problems);
    } else if (err == EAGAIN) {
        struct fg_http_response *r = fg_reply_problem(429, "busy", "Other imports run; try again.");
        fg_http_response_header(r, "Retry-After", "5");
        fg_answer(c, r);
    } else if (err) {
        fg_answer_errno(c, err, "import");
    }
    if (err) {
        import_free(u);
        return;
    }
    const char *id = fg_job_id(u->job);
    json_t *shown = fg_job_show(c->api->jobs, id, c->who.owner, false);
    struct fg_http_response *r = fg_reply_json(202, shown);
    fg_http_response_headerf(r, "Location", "/api/v1/jobs/%s", id);
    struct fg_executor *workers = c->api->p.workers;
    fg_answer(c, r);
    go(u, workers, load);
}
