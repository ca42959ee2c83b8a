/* POST /users/import: many users from CSV or JSON lines into the caller's draft, as a job. The body
 * is a file of any size, of which a window at a time is looked at. Lines are read and checked on
 * workers, some at a time; what changes is staged on the configuration thread in one transaction,
 * so that an import that fails or is cancelled leaves the draft as it was.
 *
 *   answer 202 ── load (users, policies, sites as the caller sees them)
 *                   └── read, read, … ── stage ── end
 */
#include <errno.h>
#include <fcntl.h>
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
#include "server/import/feed.h"
#include "server/model/model.h"
#include "server/store/drafts.h"
#include "server/store/objects.h"

enum {
    LINES_AT_ONCE = 500,
    COLUMNS = 5,
    NAME = 1400,
    REJECTED_MAX = 10000, /* told one by one; the rest is counted */
    VALUE_SHOWN = 200,
};

static const char *const columns[COLUMNS] = {"address", "display_name", "site", "policy",
                                             "xmpp_excluded"};

/* An object as the caller sees it. */
struct known {
    struct fg_map_node node; /* keyed by name: "users/a@b" */
    char *name, *body;
    uint64_t base; /* as of a draft's change */
    bool drafted;  /* the body is the draft's */
    bool read;     /* a line of the file was about it */
};

struct users_import {
    struct fg_api *api;
    struct fg_job *job;
    struct fg_identity who;
    struct fg_limit *limit; /* what its author may change */
    char address[64];
    bool dry_run, json_lines;

    struct fg_feed feed;
    size_t size; /* of the file, in bytes */
    size_t line;
    struct fg_csv csv;
    int column[FG_CSV_CELLS]; /* index in `columns` */
    size_t n_columns;

    struct fg_map known;
    struct fg_body *changes;
    size_t n_changes, room, staged;
    size_t read, added, changed, unchanged, n_rejected;
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
        free(u->changes[i].text);
    }
    free(u->changes);
    fg_feed_close(&u->feed);
    fg_limit_free(u->limit);
    json_decref(u->rejected);
    free(u);
}

/* ---- its row in the audit ---- */

struct told {
    struct fg_config *config;
    struct fg_identity who;
    char address[64], detail[300];
    const char *outcome;
};

/* Configuration thread. */
static void tell(void *arg)
{
    struct told *t = arg;
    const struct fg_actor who = {.owner = t->who.owner,
                                 .name = t->who.name,
                                 .via = t->who.via,
                                 .address = t->address,
                                 .admin_id = t->who.admin_id};
    const struct fg_audit_note note = {
        .action = "users_import", .kind = "users", .outcome = t->outcome, .detail = t->detail};
    fg_config_audit(t->config, &who, &note);
    free(t);
}

static void tell_end(struct users_import *u, enum fg_job_state state, const char *detail)
{
    struct told *t = malloc(sizeof *t);
    if (!t) return;
    *t = (struct told){.config = u->api->p.config,
                       .who = u->who,
                       .outcome = state == FG_JOB_DONE ? "ok" : "failed"};
    snprintf(t->address, sizeof t->address, "%s", u->address);
    snprintf(t->detail, sizeof t->detail, "%zu lines: %zu added, %zu changed, %zu rejected.%s%s",
             u->read, u->added, u->changed, u->n_rejected, detail ? " " : "", detail ? detail : "");
    struct fg_executor *x = fg_config_executor(u->api->p.config);
    if (fg_executor_thread(x) >= 0)
        tell(t);
    else if (fg_executor_post(x, tell, t))
        free(t);
}

static void finish(struct users_import *u, enum fg_job_state state, const char *detail)
{
    if (!u->dry_run) tell_end(u, state, detail);
    json_t *result = json_pack(
        "{s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:O,s:s?}", "dry_run", u->dry_run, "lines",
        (json_int_t)u->read, "added", (json_int_t)u->added, "changed", (json_int_t)u->changed,
        "unchanged", (json_int_t)u->unchanged, "staged", (json_int_t)u->staged, "rejected_count",
        (json_int_t)u->n_rejected, "rejected", u->rejected, "detail", detail);
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

/* A row of the draft comes after that of the object it changes, and takes its place. */
static int set_known(struct users_import *u, const char *kind, const char *key, const char *body,
                     uint64_t base, bool drafted)
{
    struct known *k = find_known(u, kind, key);
    char *copy = body ? strdup(body) : NULL;
    if (body && !copy) return ENOMEM;
    if (k) {
        free(k->body);
        k->body = copy;
        k->base = base;
        k->drafted = drafted;
        return 0;
    }
    k = calloc(1, sizeof *k);
    if (k && asprintf(&k->name, "%s/%s", kind, key) < 0) k->name = NULL;
    if (k) {
        k->body = copy;
        k->base = base;
        k->drafted = drafted;
    }
    if (k && k->name && fg_map_adds(&u->known, &k->node, k->name) == 0) return 0;
    if (k) free(k->name);
    free(k);
    free(copy);
    return ENOMEM;
}

static int take_object(const struct fg_object *o, void *arg)
{
    return set_known(arg, o->kind, o->key, o->body, o->since, false);
}

static int take_draft(const struct fg_draft *d, void *arg)
{
    return set_known(arg, d->kind, d->key, d->body, d->base_revision, true);
}

static int load_known(struct users_import *u, struct fg_store *st)
{
    static const enum fg_kind kinds[] = {FG_KIND_USERS, FG_KIND_POLICIES, FG_KIND_SITES};
    uint64_t revision = 0;
    int err = fg_store_begin(st);
    if (err) return err;
    err = fg_revision_current(st, &revision);
    if (!err) err = fg_limit_new(&u->limit, st, u->who.owner);
    for (size_t i = 0; !err && i < sizeof kinds / sizeof *kinds; i++) {
        const char *kind = fg_kind_name(kinds[i]);
        err = fg_object_each(st, kind, revision, NULL, FG_PAGE_MAX, take_object, u);
        if (!err)
            err = fg_draft_each(st, u->who.owner, kind, NULL, NULL, FG_DRAFT_MAX, take_draft, u);
    }
    return fg_store_end(st, err);
}

/* ---- one line ---- */

/* What was wrong, as it came: the field that the first fault names, or the address. */
static json_t *wrong_value(const struct fg_problems *problems, const char *address,
                           const json_t *input)
{
    char shown[VALUE_SHOWN + 4];
    const char *pointer = problems->count ? problems->items[0].pointer : "";
    const json_t *v = *pointer ? json_object_get(input, pointer + 1) : NULL;
    if (v && !json_is_string(v)) return json_incref((json_t *)(uintptr_t)v);
    const char *text = v ? json_string_value(v) : address;
    if (!text || strlen(text) <= VALUE_SHOWN) return fg_json_text(text);
    size_t n = VALUE_SHOWN;
    while (n && ((unsigned char)text[n] & 0xC0) == 0x80) n--;
    snprintf(shown, sizeof shown, "%.*s…", (int)n, text);
    return fg_json_text(shown);
}

static void reject(struct users_import *u, const char *address, const json_t *input,
                   struct fg_problems *problems)
{
    u->n_rejected++;
    if (json_array_size(u->rejected) >= REJECTED_MAX) return;
    const struct fg_problem *first = problems->count ? &problems->items[0] : NULL;
    json_t *o = json_object();
    fg_json_set(o, "line", json_integer((json_int_t)u->line));
    fg_json_set(o, "address", wrong_value(&(struct fg_problems){0}, address, NULL));
    fg_json_set(o, "code", fg_json_text(first ? first->code : "invalid"));
    fg_json_set(o, "message", fg_json_text(first ? first->message : "The line has faults."));
    fg_json_set(o, "value", wrong_value(problems, address, input));
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

/* ENOBUFS when no draft can hold them all; of a dry run nothing is kept. */
static int keep_change(struct users_import *u, const char *key, const struct known *from,
                       const json_t *body)
{
    if (u->added + u->changed >= FG_DRAFT_MAX) return ENOBUFS;
    if (u->dry_run) return 0;
    if (u->n_changes == u->room) {
        size_t room = u->room ? u->room * 2 : 1024;
        struct fg_body *changes = realloc(u->changes, room * sizeof *changes);
        if (!changes) return ENOMEM;
        u->changes = changes;
        u->room = room;
    }
    struct fg_body ch = {.key = strdup(key), .text = fg_model_canonical(body, NULL)};
    if (from) {
        ch.base = from->base;
        ch.drafted = from->drafted;
        ch.staged = from->drafted ? from->body : NULL;
    }
    u->changes[u->n_changes++] = ch;
    return ch.key && ch.text ? 0 : ENOMEM;
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
    bool same = !err && before && json_equal(before, body);
    if (!err && !same && !fg_limit_allows(u->limit, FG_KIND_USERS, key, before, body, "", problems))
        err = EINVAL;
    if (!err && same) {
        u->unchanged++;
    } else if (!err) {
        err = keep_change(u, key, k, body);
        u->added += !before;
        u->changed += before != NULL;
    }
    if (!err && !k) err = set_known(u, "users", key, NULL, 0, false);
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
    if (err == EINVAL) reject(u, address, input, problems);
    json_decref(input);
    return err == EINVAL ? 0 : err;
}

/* A row that fills the whole window has not ended: the rest of its line is passed over too. */
static int check_row_end(struct users_import *u, int *found)
{
    struct fg_feed *f = &u->feed;
    bool cut = u->csv.at >= f->end && !f->ended && f->end[-1] != '\n';
    f->at = u->csv.at;
    if (!cut) return 0;
    *found = EINVAL;
    u->csv.fault = "The line is too long.";
    return fg_feed_skip_line(f);
}

/* The next row of the file, as fg_csv_next; or errno. */
static int read_row(struct users_import *u, bool *is_row)
{
    struct fg_feed *f = &u->feed;
    int err = fg_feed_more(f);
    if (err) return err;
    u->csv.at = f->at;
    u->csv.end = f->end;
    int found = fg_csv_next(&u->csv);
    u->line = u->csv.line;
    if (found == ENOENT) return ENOENT;
    err = check_row_end(u, &found);
    *is_row = found == 0;
    return err;
}

/* 0; ENOENT at the end; EILSEQ, ENOBUFS, ENOMEM or another errno. */
static int next_row(struct users_import *u)
{
    struct fg_problems problems;
    bool is_row = false;
    int err = read_row(u, &is_row);
    if (err) return err;
    fg_problems_init(&problems);
    u->read++;
    if (is_row) {
        err = take_row(u, &problems);
    } else {
        size_t last = u->csv.next_line - 1;
        if (last > u->line)
            fg_problem_add(&problems, "", "csv_invalid",
                           "%s Everything up to line %zu was passed "
                           "over.",
                           u->csv.fault, last);
        else
            fg_problem_add(&problems, "", "csv_invalid", "%s", u->csv.fault);
        err = EINVAL;
    }
    if (err == EINVAL) reject(u, NULL, NULL, &problems);
    fg_problems_free(&problems);
    return err == EINVAL ? 0 : err;
}

static int take_object_line(struct users_import *u, const char *line, size_t len,
                            struct fg_problems *problems)
{
    json_t *input = fg_input_parse((const uint8_t *)line, len, problems);
    json_t *name = json_incref(json_object_get(input, "address"));
    const char *address = json_string_value(name);
    int err = input ? 0 : EINVAL;
    if (!err && !address) {
        fg_problem_add(problems, "/address", "required", "Each line is an object with an address.");
        err = EINVAL;
    }
    if (!err) {
        json_object_del(input, "address");
        err = take_user(u, address, input, problems);
    }
    if (err == EINVAL) reject(u, address, input, problems);
    json_decref(name);
    json_decref(input);
    return err == EINVAL ? 0 : err;
}

/* The next line that is not empty, with its length; `too_long`: it was passed over. */
static int read_line(struct users_import *u, char **line, size_t *len, bool *too_long)
{
    struct fg_feed *f = &u->feed;
    for (;;) {
        int err = fg_feed_more(f);
        if (err) return err;
        if (f->at >= f->end) return ENOENT;
        char *stop = memchr(f->at, '\n', (size_t)(f->end - f->at));
        u->line++;
        *too_long = !stop && !f->ended;
        if (*too_long) return fg_feed_skip_line(f);
        *line = f->at;
        *len = (size_t)((stop ? stop : f->end) - f->at);
        f->at += *len + (stop != NULL);
        if (strspn(*line, " \t\r\n") < *len) return 0;
    }
}

static int next_object(struct users_import *u)
{
    struct fg_problems problems;
    char *line = NULL;
    size_t len = 0;
    bool too_long;
    int err = read_line(u, &line, &len, &too_long);
    if (err) return err;
    fg_problems_init(&problems);
    u->read++;
    if (too_long) {
        fg_problem_add(&problems, "", "too_long", "The line is too long.");
        reject(u, NULL, NULL, &problems);
    } else {
        err = take_object_line(u, line, len, &problems);
    }
    fg_problems_free(&problems);
    return err;
}

/* ---- steps ---- */

static bool stages_on(void *arg, size_t done)
{
    struct users_import *u = arg;
    return fg_job_goes_on(u->job, u->size + done, u->size + u->n_changes);
}

/* The caller may have been demoted or signed out since. */
static bool still_may(struct users_import *u)
{
    struct fg_identity now;
    if (fg_auth_again(u->api->auth, &u->who, fg_clock_wall_ms(), &now)) return false;
    u->who = now;
    return fg_role_may(now.role, FG_KIND_USERS, FG_CHANGE_PUT);
}

/* Configuration thread. */
static void stage(void *arg)
{
    struct users_import *u = arg;
    struct fg_bulk_result result;
    struct fg_bodies in = {.who = {.owner = u->who.owner,
                                   .name = u->who.name,
                                   .via = u->who.via,
                                   .address = u->address,
                                   .admin_id = u->who.admin_id},
                           .action = "draft_import",
                           .detail = "users",
                           .kind = FG_KIND_USERS,
                           .list = u->changes,
                           .n = u->n_changes,
                           .goes_on = stages_on,
                           .arg = u};
    if (!still_may(u)) {
        finish(u, FG_JOB_FAILED, "You may not change users any more; nothing was staged.");
        return;
    }
    int err = fg_config_stage_bodies(u->api->p.config, &in, &result);
    if (!err) u->staged = u->n_changes;
    if (err == ECANCELED)
        finish(u, FG_JOB_CANCELLED, "Cancelled; nothing was staged.");
    else if (err)
        finish(u, FG_JOB_FAILED,
               err == ENOBUFS ? "The draft cannot hold so many changes; nothing was staged. Commit "
                                "or discard some first, or import in parts."
               : err == EPERM ? "Some users are outside of what the account may change now; "
                                "nothing was staged."
               : err == ESTALE
                   ? "Your draft got other changes of the same users while the file was "
                     "read; nothing was staged. Import it again."
                   : "The draft cannot be written; nothing was staged.");
    else {
        fg_job_goes_on(u->job, u->size + u->staged, u->size + u->n_changes);
        finish(u, FG_JOB_DONE, NULL);
    }
}

static const char *why_not_read(int err)
{
    switch (err) {
    case ENOBUFS:
        return "The file changes more users than a draft can hold; import it in parts.";
    case EILSEQ:
        return "The file is neither UTF-8 nor UTF-16; nothing was staged.";
    case ENOMEM:
        return "Out of memory; nothing was staged.";
    default:
        return "The file cannot be read; nothing was staged.";
    }
}

/* How much of the file lies behind; a window is read ahead. */
static size_t bytes_read(const struct users_import *u)
{
    size_t ahead = (size_t)(u->feed.end - u->feed.at), read = (size_t)u->feed.offset;
    return ahead < read ? read - ahead : 0;
}

/* Worker. */
static void read_some(void *arg)
{
    struct users_import *u = arg;
    int err = 0;
    if (!fg_job_goes_on(u->job, bytes_read(u), u->size)) {
        finish(u, FG_JOB_CANCELLED, "Cancelled; nothing was staged.");
        return;
    }
    for (int i = 0; !err && i < LINES_AT_ONCE; i++)
        err = u->json_lines ? next_object(u) : next_row(u);
    if (!err) {
        go(u, u->api->p.workers, read_some);
    } else if (err != ENOENT) {
        finish(u, FG_JOB_FAILED, why_not_read(err));
    } else if (u->dry_run || u->n_changes == 0) {
        fg_job_goes_on(u->job, u->size, u->size);
        finish(u, FG_JOB_DONE, NULL);
    } else {
        go(u, fg_config_executor(u->api->p.config), stage);
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
    fg_csv_open(&u->csv, u->feed.at, (size_t)(u->feed.end - u->feed.at));
    if (fg_csv_next(&u->csv)) {
        fg_problem_add(problems, "", "empty", "The file has no header.");
        return;
    }
    u->feed.at = u->csv.at;
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
    fg_map_init(&u->known);
    u->feed.fd = -1;
    u->api = c->api;
    u->who = c->who;
    snprintf(u->address, sizeof u->address, "%s", c->http->address);
    u->rejected = json_array();
    if (!u->rejected) return ENOMEM;
    if (dry && strcmp(dry, "true") != 0 && strcmp(dry, "false") != 0)
        fg_problem_add(problems, "/dry_run", "choice", "The parameter dry_run is true or false.");
    u->dry_run = dry && strcmp(dry, "true") == 0;
    u->size = c->http->body_len;
    int fd = c->http->body_file < 0 ? -1 : fcntl(c->http->body_file, F_DUPFD_CLOEXEC, 0);
    if (fd < 0 && c->http->body_file >= 0) return errno;
    if (fd < 0) {
        fg_problem_add(problems, "", "empty", "The file is empty.");
        return EINVAL;
    }
    int err = fg_feed_open(&u->feed, fd);
    if (err == EILSEQ) {
        fg_problem_add(problems, "", "encoding", "The file is neither UTF-8 nor UTF-16.");
        return EINVAL;
    }
    if (err) return err;
    u->json_lines = u->feed.at[strspn(u->feed.at, " \t\r\n")] == '{';
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
