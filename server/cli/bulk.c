/* See bulk.h; and `user import`, `user assign`, `partner domains`. */
#include "server/cli/bulk.h"

#include "gateway/base/quote.h"
#include "server/cli/handlers.h"
#include "server/cli/print.h"
#include "server/cli/request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { KEY_TEXT = 300, MESSAGE_TEXT = 600, POLL_MS = 200, LINES_SHOWN = 100 };

static const char *text(const json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

static long long number(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

/* ---- what is asked ---- */

bool fg_bulk_filter(const struct fg_call *c, json_t **filter)
{
    if (!c->filter || c->commit) return false;
    char *copy = strdup(c->filter), *rest = copy, *part;
    json_t *o = json_object();
    bool good = copy && o;
    bool all = !strcmp(c->filter, "all");
    while (good && !all && (part = strsep(&rest, ","))) {
        char *eq = strchr(part, '=');
        good = eq && eq != part;
        if (!good) break;
        *eq = '\0';
        good = !json_object_get(o, part) && !json_object_set_new(o, part, json_string(eq + 1));
    }
    free(copy);
    if (!good) json_decref(o);
    *filter = good ? o : NULL;
    return good;
}

/* ---- what came of it ---- */

static int print_rejected(const json_t *answer)
{
    size_t i;
    json_t *item;
    int rc = 0;
    json_array_foreach(json_object_get(answer, "rejected"), i, item)
    {
        char key[KEY_TEXT], message[MESSAGE_TEXT];
        const char *code = text(item, "code");
        fg_quotes(key, sizeof key, text(item, "key"));
        fg_quotes(message, sizeof message, text(item, "message"));
        fprintf(stderr, "fedgate: %s: %s\n", key, message);
        rc = code && !strcmp(code, "not_found") ? FG_EXIT_NOT_FOUND : FG_EXIT_FAILED;
    }
    return rc;
}

static void print_result(const struct fg_call *c, const json_t *answer, const char *what)
{
    size_t i;
    json_t *key;
    long long staged = number(answer, "staged"), same = number(answer, "unchanged");
    if (!c->dry_run) {
        printf("staged: %s for %lld, %lld were that way already\n", what, staged, same);
        if (staged) printf("nothing runs yet: fedgate draft check, then fedgate commit\n");
        return;
    }
    printf("%lld would change (%s), %lld are that way already; nothing was changed\n", staged, what,
           same);
    json_array_foreach(json_object_get(answer, "items"), i, key)
    {
        printf("  ");
        fg_print_text(key);
        printf("\n");
    }
    if (number(answer, "matched") > (long long)i)
        printf("  … and %lld more\n", number(answer, "matched") - (long long)i);
}

/* Sends the body (taken over) and tells. */
static int send(struct fg_call *c, const char *path, json_t *body, const char *what)
{
    json_t *answer = NULL;
    int rc =
        body ? fg_remote_send(c->remote, "POST", path, body, &answer) : fg_failed("out of memory");
    json_decref(body);
    if (rc) return rc;
    if (!fg_request_json(c, answer)) print_result(c, answer, what);
    rc = print_rejected(answer);
    json_decref(answer);
    return rc;
}

int fg_bulk_change(struct fg_call *c, const char *kind, json_t *filter, json_t *value)
{
    json_t *body =
        json_pack("{s:s,s:o,s:s,s:o*,s:b}", "kind", kind, "filter", filter, "op",
                  value ? "patch" : "delete", "value", value, "dry_run", (int)c->dry_run);
    return send(c, "/draft/bulk", body, value ? "set" : "remove");
}

int fg_bulk_assign(struct fg_call *c, const char *policy, const char *const *users, size_t n,
                   json_t *filter)
{
    json_t *names = filter ? NULL : json_array();
    for (size_t i = 0; names && i < n; i++) json_array_append_new(names, json_string(users[i]));
    json_t *body = json_pack("{s:s?,s:o*,s:o*,s:b}", "policy", policy, "filter", filter, "users",
                             names, "dry_run", (int)c->dry_run);
    return send(c, "/users/assign", body, policy ? policy : "automatic");
}

/* ---- user assign ---- */

int fg_do_user_assign(struct fg_call *c)
{
    json_t *filter = NULL;
    bool automatic = !strcmp(c->args[0], "automatic");
    if (c->filter && c->n > 1) return fg_call_usage(c, "names or --where, not both");
    if (!c->filter && c->n == 1) return fg_call_usage(c, "which? give names, or --where");
    if (c->filter && !fg_bulk_filter(c, &filter))
        return fg_call_usage(c, "--where is FIELD=PATTERN,... with each field once, or all");
    return fg_bulk_assign(c, automatic ? NULL : c->args[0], c->args + 1, c->n - 1, filter);
}

/* ---- partner domains ---- */

int fg_do_partner_domains(struct fg_call *c)
{
    static const char *const edits[] = {"add", "remove", "replace", "clear"};
    const char *edit = c->args[1];
    size_t i = 0;
    char *path = NULL, *partner = fg_request_path("partners", c->args[0]);
    json_t *answer = NULL, *domains = json_array();
    while (i < 4 && strcmp(edits[i], edit)) i++;
    bool clear = i == 3;
    int rc = 0;
    if (i == 4) rc = fg_call_usage(c, "add, remove, replace or clear");
    if (!rc && clear != (c->n == 2))
        rc = fg_call_usage(c, clear ? "clear takes no domains" : "which domains?");
    for (size_t k = 2; k < c->n; k++) json_array_append_new(domains, json_string(c->args[k]));
    json_t *body = clear ? json_pack("{s:b}", "clear", 1) : json_pack("{s:O}", edit, domains);
    if (!rc && (!partner || !body || asprintf(&path, "%s/additional-domains", partner) < 0))
        rc = fg_failed("out of memory");
    if (!rc) rc = fg_remote_send(c->remote, "POST", path, body, &answer);
    if (!rc && !fg_request_json(c, answer)) {
        printf("staged: additional domains of ");
        fg_print_text(json_object_get(answer, "domain"));
        printf(": ");
        fg_print_text(json_object_get(answer, "additional_domains"));
        printf("\n");
    }
    json_decref(answer);
    json_decref(body);
    json_decref(domains);
    free(partner);
    free(path);
    return rc;
}

/* ---- user import ---- */

static void print_lines(const json_t *result)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(result, "rejected"), i, item)
    {
        char value[KEY_TEXT], message[MESSAGE_TEXT];
        if (i == LINES_SHOWN) break;
        fg_quotes(value, sizeof value, text(item, "value"));
        fg_quotes(message, sizeof message, text(item, "message"));
        fprintf(stderr, "line %lld: %s%s%s\n", number(item, "line"), value, *value ? ": " : "",
                message);
    }
    if (number(result, "rejected_count") > (long long)i)
        fprintf(stderr, "… and %lld more; --json has them\n",
                number(result, "rejected_count") - (long long)i);
}

static int tell_import(const struct fg_call *c, const json_t *job)
{
    const json_t *result = json_object_get(job, "result");
    const char *detail = text(result, "detail"), *state = text(job, "state");
    char quoted[MESSAGE_TEXT];
    bool done = state && !strcmp(state, "done");
    if (!fg_request_json(c, job)) {
        print_lines(result);
        if (done)
            printf("%lld lines: %lld added, %lld changed, %lld unchanged, %lld rejected%s\n",
                   number(result, "lines"), number(result, "added"), number(result, "changed"),
                   number(result, "unchanged"), number(result, "rejected_count"),
                   c->dry_run ? "; nothing was changed" : "");
        if (number(result, "staged"))
            printf("nothing runs yet: fedgate draft check, then fedgate commit\n");
    }
    if (!done) return fg_failed("%s", fg_quotes(quoted, sizeof quoted, detail ? detail : "failed"));
    return number(result, "rejected_count") ? FG_EXIT_FAILED : 0;
}

/* Asks until the job has ended, showing how far it is to who looks at a terminal. */
static int follow(struct fg_call *c, const char *id, json_t **job)
{
    const struct timespec pause = {0, (long)POLL_MS * 1000000};
    char *path;
    bool shown = false;
    int rc = asprintf(&path, "/jobs/%s", id) < 0 ? fg_failed("out of memory") : 0;
    if (rc) return rc;
    for (;;) {
        rc = fg_remote_get(c->remote, path, job);
        const char *state = rc ? NULL : text(*job, "state");
        if (rc || !state || strcmp(state, "running")) break;
        long long total = number(*job, "total");
        shown = isatty(STDERR_FILENO) && total > 0;
        if (shown) fprintf(stderr, "\r%3lld %%", number(*job, "done") * 100 / total);
        json_decref(*job);
        *job = NULL;
        nanosleep(&pause, NULL);
    }
    if (shown) fprintf(stderr, "\r     \r");
    free(path);
    return rc;
}

int fg_do_user_import(struct fg_call *c)
{
    struct stat st;
    struct fg_client_answer a;
    json_t *job = NULL;
    int fd = open(c->args[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st)) {
        if (fd >= 0) close(fd);
        return fg_failed("%s: %s", c->args[0], strerror(errno));
    }
    size_t len = (size_t)st.st_size;
    void *data = len ? mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    close(fd);
    if (data == MAP_FAILED)
        return fg_failed("%s: %s", c->args[0], len ? strerror(errno) : "the file is empty");
    const struct fg_client_query q = {.method = "POST",
                                      .path = c->dry_run ? "/users/import?dry_run=true"
                                                         : "/users/import",
                                      .data = data,
                                      .data_len = len};
    int rc = fg_remote_ask(c->remote, &q, &a);
    munmap(data, len);
    if (rc) return rc;
    const char *id = text(a.body, "id");
    rc = id ? follow(c, id, &job) : fg_failed("the server's answer is incomplete");
    fg_client_answer_free(&a);
    if (!rc) rc = tell_import(c, job);
    json_decref(job);
    return rc;
}
