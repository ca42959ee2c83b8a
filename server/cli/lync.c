/* `fedgate import-lync`: what another product's shell exported, into my draft. */
#include "server/cli/handlers.h"
#include "server/cli/print.h"
#include "server/cli/request.h"

#include "gateway/base/buf.h"
#include "gateway/base/quote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 64 << 20, FINDING_TEXT = 700 };

static int read_file(const char *path, struct fg_buf *b)
{
    bool standard = !strcmp(path, "-");
    FILE *f = standard ? stdin : fopen(path, "re");
    int err = 0;
    if (!f) return fg_failed("%s: %s", path, strerror(errno));
    while (!err) {
        uint8_t *to = fg_buf_reserve(b, 65536);
        size_t n = to ? fread(to, 1, 65536, f) : 0;
        if (!to) err = EFBIG;
        if (to && n == 0) break;
        if (to) fg_buf_commit(b, n);
    }
    if (!err && ferror(f)) err = EIO;
    if (!standard) fclose(f);
    return err ? fg_failed("%s: %s", path, strerror(err)) : 0;
}

/* "warning: record 3, partners fabrikam.com: ..." */
static void print_findings(const json_t *findings)
{
    size_t i;
    json_t *f;
    json_array_foreach(findings, i, f)
    {
        char kind[64], key[300], message[FINDING_TEXT], severity[32];
        fg_quotes(severity, sizeof severity, json_string_value(json_object_get(f, "severity")));
        fg_quotes(kind, sizeof kind, json_string_value(json_object_get(f, "kind")));
        fg_quotes(key, sizeof key, json_string_value(json_object_get(f, "key")));
        fg_quotes(message, sizeof message, json_string_value(json_object_get(f, "message")));
        printf("%s: record %lld%s%s%s%s: %s\n", severity,
               (long long)json_integer_value(json_object_get(f, "record")), *kind ? ", " : "", kind,
               *key ? " " : "", key, message);
    }
}

static void print_result(const json_t *answer)
{
    const json_t *draft = json_object_get(answer, "draft");
    fg_print_changes(json_object_get(draft, "changes"));
    print_findings(json_object_get(answer, "findings"));
    fg_print_notes("fault", json_object_get(draft, "problems"));
    printf("%lld staged, %lld unchanged; nothing runs yet: fedgate draft check, then fedgate "
           "commit\n",
           (long long)json_integer_value(json_object_get(answer, "staged")),
           (long long)json_integer_value(json_object_get(answer, "unchanged")));
}

int fg_do_import_lync(struct fg_call *c)
{
    struct fg_buf b;
    struct fg_client_answer a;
    fg_buf_init(&b, FILE_MAX);
    int rc = read_file(c->args[0], &b);
    const struct fg_client_query q = {.method = "POST",
                                      .path = c->suspended ? "/import/lync?partners=suspended"
                                                           : "/import/lync",
                                      .data = (const char *)fg_buf_data(&b),
                                      .data_len = fg_buf_len(&b)};
    if (!rc && !q.data) rc = fg_failed("%s is empty", c->args[0]);
    if (!rc) rc = fg_remote_ask(c->remote, &q, &a);
    if (!rc) {
        if (!fg_request_json(c, a.body)) print_result(a.body);
        fg_client_answer_free(&a);
    }
    fg_buf_free(&b);
    return rc;
}
