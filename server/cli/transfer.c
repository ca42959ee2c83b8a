/* `fedgate export` and `fedgate import`: the configuration as one document, beside a running server
 * through its local socket, without one from and to the data directory. */
#include "gateway/base/quote.h"
#include "server/cli/client.h"
#include "server/cli/commands.h"
#include "server/cli/local.h"
#include "server/executor.h"
#include "server/import/document.h"
#include "server/store/objects.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER = 24, SHOWN = 200 };

/* ---- export ---- */

static int print_document(const json_t *document)
{
    char *text = fg_document_text(document);
    int rc = !text ? fg_failed("out of memory") : FG_EXIT_OK;
    if (text && (fputs(text, stdout) == EOF || fflush(stdout)))
        rc = fg_failed("cannot write: %s", strerror(errno));
    free(text);
    return rc;
}

static int export_online(const struct fg_local *l, const char *revision)
{
    char path[64];
    struct fg_client_answer a;
    snprintf(path, sizeof path, "/api/v1/export%s%s", revision ? "?revision=" : "",
             revision ? revision : "");
    int err = fg_client_request(l->socket, "GET", path, NULL, &a);
    if (err) return fg_failed("no answer from the server at %s: %s", l->socket, strerror(err));
    int rc = a.status >= 400 ? fg_client_refused(&a)
             : a.body        ? print_document(a.body)
                             : fg_failed("the server's answer is incomplete");
    fg_client_answer_free(&a);
    return rc;
}

static int export_offline(const struct fg_local *l, const char *revision)
{
    uint64_t current = 0, n = 0;
    json_t *document = NULL;
    int err = fg_revision_current(l->store, &current);
    n = revision ? strtoull(revision, NULL, 10) : current;
    if (!err && n > current) return fg_failed("there is no revision %s", revision);
    if (!err) err = fg_document_export(l->store, n, &document);
    int rc = err ? fg_local_failed(l, err, "the configuration cannot be read")
                 : print_document(document);
    json_decref(document);
    return rc;
}

int fg_cmd_export(int argc, char **argv)
{
    struct fg_common c;
    struct fg_local l;
    const char *revision = NULL;
    fg_common_init(&c);
    const struct fg_flag flags[] = {
        {"revision", NULL, "N", "as of this revision (default: the one in force)", &revision, NULL},
        FG_FLAG_DATA_DIR(&c),
        FG_FLAG_SOCKET(&c),
    };
    const struct fg_usage u = {"export", "",
                               "Prints the committed configuration as one JSON document, without "
                               "secrets and keys.",
                               flags, sizeof flags / sizeof *flags};
    const char *none[1];
    int rc = fg_options_parse(&u, argc, argv, none, 0, 0);
    if (rc != FG_EXIT_NONE) return rc;
    if (revision &&
        (strlen(revision) >= NUMBER - 4 || strspn(revision, "0123456789") != strlen(revision)))
        return fg_usage_error(&u, "--revision is a number, not %s", revision);
    rc = fg_local_open(&l, &c);
    if (!rc) rc = l.online ? export_online(&l, revision) : export_offline(&l, revision);
    fg_local_close(&l);
    return rc;
}

/* ---- import ---- */

static void print_changes(const json_t *changes, size_t total)
{
    size_t n = json_array_size(changes);
    for (size_t i = 0; i < n && i < SHOWN; i++) {
        const json_t *ch = json_array_get(changes, i);
        const char *kind = json_string_value(json_object_get(ch, "kind"));
        const char *key = json_string_value(json_object_get(ch, "key"));
        bool gone = json_is_null(json_object_get(ch, "after"));
        bool new = json_is_null(json_object_get(ch, "before"));
        char quoted[300];
        printf("%s %s %s\n",
               gone  ? "-"
               : new ? "+"
                     : "~",
               kind ? kind : "", fg_quotes(quoted, sizeof quoted, key ? key : ""));
    }
    if (n > SHOWN) n = SHOWN;
    if (total > n) printf("… and %zu more\n", total - n);
}

static void print_problems(const json_t *problems)
{
    for (size_t i = 0; i < json_array_size(problems); i++) {
        const json_t *p = json_array_get(problems, i);
        char kind[80], key[300], message[600];
        fg_quotes(kind, sizeof kind, json_string_value(json_object_get(p, "kind")));
        fg_quotes(key, sizeof key, json_string_value(json_object_get(p, "key")));
        fg_quotes(message, sizeof message, json_string_value(json_object_get(p, "message")));
        printf("problem: %s %s: %s\n", kind, key, message);
    }
}

/* What became of it, for scripts; `problems`, sentences, is taken over. */
static int print_json(long long staged, long long unchanged, long long total, json_t *problems)
{
    return fg_local_json(json_pack("{s:I,s:I,s:I,s:o}", "staged", (json_int_t)staged, "unchanged",
                                   (json_int_t)unchanged, "total", (json_int_t)total, "problems",
                                   problems));
}

static int tell_answer(const json_t *answer, bool json)
{
    const json_t *draft = json_object_get(answer, "draft");
    const json_t *problems = json_object_get(draft, "problems"), *p;
    long long staged = json_integer_value(json_object_get(answer, "staged"));
    long long unchanged = json_integer_value(json_object_get(answer, "unchanged"));
    long long total = json_integer_value(json_object_get(draft, "total"));
    size_t i;
    if (json) {
        json_t *said = json_array();
        json_array_foreach(problems, i, p)(void)
            json_array_append(said, json_object_get(p, "message"));
        return print_json(staged, unchanged, total, said);
    }
    print_changes(json_object_get(draft, "changes"), (size_t)total);
    print_problems(problems);
    printf("%lld staged, %lld unchanged\n", staged, unchanged);
    return FG_EXIT_OK;
}

static int import_online(const struct fg_local *l, const json_t *document, bool merge, bool json)
{
    struct fg_client_answer a;
    int err = fg_client_request(
        l->socket, "POST", merge ? "/api/v1/import?mode=merge" : "/api/v1/import", document, &a);
    if (err) return fg_failed("no answer from the server at %s: %s", l->socket, strerror(err));
    int rc = a.status >= 400 ? fg_client_refused(&a) : tell_answer(a.body, json);
    fg_client_answer_free(&a);
    return rc;
}

/* Offline: the draft of the local user in the data directory. */
struct staging {
    struct fg_config *config;
    struct fg_bulk bulk;
    struct fg_bulk_result result;
    struct fg_problems problems;
    struct fg_draft_view view;
    int err;
    bool json;
};

static void stage(void *arg)
{
    struct staging *s = arg;
    const struct fg_draft_page page = {.limit = SHOWN};
    s->err = fg_config_stage_all(s->config, &s->bulk, &s->result, &s->problems);
    if (!s->err)
        s->err = fg_config_draft_view(s->config, fg_config_store(s->config), s->bulk.who.owner,
                                      &page, &s->view);
}

static int tell(const struct fg_local *l, const struct staging *s)
{
    if (s->err == EINVAL) {
        fg_failed("the document has faults; nothing was changed");
        for (size_t i = 0; i < s->problems.count; i++) {
            char where[300];
            fprintf(stderr, "  %s: %s\n",
                    fg_quotes(where, sizeof where, s->problems.items[i].pointer),
                    s->problems.items[i].message);
        }
        return FG_EXIT_FAILED;
    }
    if (s->err) return fg_local_failed(l, s->err, "the draft cannot be written");
    if (s->json) {
        json_t *said = json_array();
        for (size_t i = 0; i < s->view.problems.count; i++)
            (void)json_array_append_new(said, json_string(s->view.problems.items[i].message));
        return print_json((long long)s->result.staged, (long long)s->result.unchanged,
                          (long long)s->view.total, said);
    }
    print_changes(s->view.changes, (size_t)s->view.total);
    for (size_t i = 0; i < s->view.problems.count; i++)
        printf("problem: %s: %s\n", s->view.problems.items[i].pointer,
               s->view.problems.items[i].message);
    printf("%zu staged, %zu unchanged\n", s->result.staged, s->result.unchanged);
    return FG_EXIT_OK;
}

static int import_offline(const struct fg_local *l, const json_t *input, bool merge, bool json)
{
    char why[FG_CONFIG_WHY] = "";
    struct fg_document document = {0};
    struct staging s = {.json = json};
    fg_problems_init(&s.problems);
    s.err = fg_document_read(input, &document, &s.problems);
    if (!s.err) {
        struct fg_config_params p = {.store = l->store};
        s.bulk = (struct fg_bulk){
            .who = {.owner = l->who, .name = l->who, .via = "console", .address = "local"},
            .action = "draft_import",
            .detail = merge ? "a document, merged" : "a whole document",
            .changes = document.changes,
            .n = document.n,
            .replace = merge ? 0 : document.kinds & ~(1u << FG_KIND_SETTINGS)};
        s.err = fg_config_new(&s.config, &p);
        if (!s.err) s.err = fg_config_start(s.config, NULL, why);
        if (!s.err)
            s.err = fg_executor_call(fg_config_executor(s.config), stage, &s);
        else if (*why)
            fg_failed("%s", why);
    }
    int rc = tell(l, &s);
    fg_config_free(s.config);
    fg_draft_view_free(&s.view);
    fg_problems_free(&s.problems);
    fg_document_free(&document);
    return rc;
}

static json_t *read_file(const char *path)
{
    json_error_t at;
    bool standard = strcmp(path, "-") == 0;
    FILE *f = standard ? stdin : fopen(path, "re");
    if (!f) {
        fg_failed("%s: %s", path, strerror(errno));
        return NULL;
    }
    json_t *json = json_loadf(f, JSON_REJECT_DUPLICATES, &at);
    if (!json) fg_failed("%s: line %d: %s", path, at.line, at.text);
    if (!standard) fclose(f);
    return json;
}

int fg_cmd_import(int argc, char **argv)
{
    struct fg_common c;
    struct fg_local l;
    bool merge = false, json = false;
    fg_common_init(&c);
    const struct fg_flag flags[] = {
        {"merge", NULL, NULL, "leave objects that the document does not name", NULL, &merge},
        FG_FLAG_DATA_DIR(&c),
        FG_FLAG_SOCKET(&c),
        FG_FLAG_JSON(&json),
    };
    const struct fg_usage u = {"import", "FILE",
                               "Stages the difference to a document of `fedgate export` (- reads "
                               "standard input) in the local user's draft, and shows it.",
                               flags, sizeof flags / sizeof *flags};
    const char *path[1];
    int rc = fg_options_parse(&u, argc, argv, path, 1, 1);
    if (rc != FG_EXIT_NONE) return rc;
    json_t *document = read_file(path[0]);
    if (!document) return FG_EXIT_FAILED;
    rc = fg_local_open(&l, &c);
    if (!rc)
        rc = l.online ? import_online(&l, document, merge, json)
                      : import_offline(&l, document, merge, json);
    fg_local_close(&l);
    json_decref(document);
    return rc;
}
