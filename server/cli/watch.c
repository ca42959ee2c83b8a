/* Looking on: status, streams, explanations, audit. */
#include "server/cli/handlers.h"
#include "server/cli/print.h"
#include "server/cli/request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int record(struct fg_call *c, const char *path)
{
    json_t *answer = NULL;
    int rc = fg_remote_get(c->remote, path, &answer);
    if (!rc && !fg_request_json(c, answer)) fg_print_record(answer);
    json_decref(answer);
    return rc;
}

static int table(struct fg_call *c, const char *path, const char *columns, const char *key)
{
    json_t *items = NULL;
    int rc = fg_request_list(c, path, "items", c->args, c->n, &items);
    if (!rc) fg_request_print(c, items, columns, key);
    json_decref(items);
    return rc;
}

int fg_do_status(struct fg_call *c)
{
    return record(c, "/status");
}

int fg_do_status_ports(struct fg_call *c)
{
    json_t *answer = NULL;
    int rc = fg_remote_get(c->remote, "/status/ports", &answer);
    if (!rc) fg_request_print(c, json_object_get(answer, "items"), "name,address", "address");
    json_decref(answer);
    return rc;
}

int fg_do_partner_status(struct fg_call *c)
{
    char *path = fg_request_path("partners", c->args[0]), *full = NULL;
    int rc = path && asprintf(&full, "%s/status", path) >= 0 ? record(c, full)
                                                             : fg_failed("out of memory");
    free(path);
    free(full);
    return rc;
}

int fg_do_partner_retry(struct fg_call *c)
{
    char *path = fg_request_path("partners", c->args[0]), *full = NULL;
    json_t *body = json_object();
    int rc = path && asprintf(&full, "%s/retry", path) >= 0
                 ? fg_remote_send(c->remote, "POST", full, body, NULL)
                 : fg_failed("out of memory");
    if (!rc && !c->json) printf("it is tried now; fedgate partner status tells the outcome\n");
    json_decref(body);
    free(path);
    free(full);
    return rc;
}

int fg_do_streams(struct fg_call *c)
{
    return table(c, "/streams",
                 "id,partner,local_domain,remote_domain,direction,state,method,tls.version,"
                 "peer_address,since,queue",
                 "id");
}

int fg_do_streams_close(struct fg_call *c)
{
    char *segment = fg_client_segment(c->args[0]), *path = NULL;
    json_t *body = json_object();
    int rc = segment && asprintf(&path, "/streams/%s/close", segment) >= 0
                 ? fg_remote_send(c->remote, "POST", path, body, NULL)
                 : fg_failed("out of memory");
    json_decref(body);
    free(segment);
    free(path);
    return rc;
}

static void line(const json_t *answer, const char *label, const char *name)
{
    const json_t *value = json_object_get(answer, name);
    if (!json_string_length(value)) return;
    printf("%s ", label);
    fg_print_text(value);
    fputs("\n", stdout);
}

/* A refusal is no failure of ours, but scripts ask for the verdict: 1 as for grep. */
int fg_do_explain(struct fg_call *c)
{
    char *from = fg_client_segment(c->args[0]), *to = fg_client_segment(c->args[1]), *path = NULL;
    char *kind = fg_client_segment(c->kind ? c->kind : "message");
    json_t *answer = NULL;
    int rc = from && to && kind &&
                     asprintf(&path, "/explain?kind=%s&from=%s&to=%s%s", kind, from, to,
                              c->draft ? "&view=draft" : "") >= 0
                 ? fg_remote_get(c->remote, path, &answer)
                 : fg_failed("out of memory");
    if (!rc && !fg_request_json(c, answer)) {
        line(answer, "verdict:", "verdict");
        line(answer, "rule:   ", "rule");
        line(answer, "because:", "because");
        line(answer, "remedy: ", "remedy");
        line(answer, "object: ", "object");
        fputs("\n", stdout);
        fg_print_table(json_object_get(answer, "steps"), "gate,verdict,rule,object");
    }
    const char *verdict = json_string_value(json_object_get(answer, "verdict"));
    if (!rc && (!verdict || strcmp(verdict, "allow"))) rc = FG_EXIT_FAILED;
    json_decref(answer);
    free(from);
    free(to);
    free(kind);
    free(path);
    return rc;
}

int fg_do_audit_list(struct fg_call *c)
{
    /* The newest are what one looks for; --limit asks for more. */
    if (!c->limit) c->limit = "100";
    return table(c, "/audit", "seq,at,name,via,action,kind,key,outcome,revision", "seq");
}

/* "/audit?format=jsonl" with the filters; malloc'ed, NULL after saying why. */
static char *export_path(const struct fg_call *c, int *rc)
{
    char *path = strdup("/audit?format=jsonl");
    for (size_t i = 0; path && i < c->n; i++) {
        size_t n = strcspn(c->args[i], "=");
        if (!n || !c->args[i][n]) {
            free(path);
            fg_failed("not FIELD=PATTERN: %s", c->args[i]);
            *rc = FG_EXIT_USAGE;
            return NULL;
        }
        char *value = fg_client_segment(c->args[i] + n + 1), *longer = NULL;
        if (!value || asprintf(&longer, "%s&%.*s=%s", path, (int)n, c->args[i], value) < 0)
            longer = NULL;
        free(value);
        free(path);
        path = longer;
    }
    if (!path) *rc = fg_failed("out of memory");
    return path;
}

int fg_do_audit_export(struct fg_call *c)
{
    int rc = 0, fd = STDOUT_FILENO;
    char *path = export_path(c, &rc);
    if (!path) return rc;
    if (c->out) fd = open(c->out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    rc = fd < 0 ? fg_failed("%s: %s", c->out, strerror(errno))
                : fg_remote_download(c->remote, path, fd);
    if (c->out && fd >= 0 && close(fd) && !rc) rc = fg_failed("%s: %s", c->out, strerror(errno));
    if (c->out && fd >= 0 && rc) unlink(c->out);
    free(path);
    return rc;
}

int fg_do_audit_verify(struct fg_call *c)
{
    json_t *answer = NULL;
    int rc = fg_remote_get(c->remote, "/audit/verify", &answer);
    if (rc) return rc;
    if (!json_is_true(json_object_get(answer, "ok"))) rc = FG_EXIT_FAILED;
    if (!fg_request_json(c, answer)) fg_print_record(answer);
    json_decref(answer);
    return rc;
}
