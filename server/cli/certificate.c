/* Certificates: imported and deleted at once; what they are used for is staged like everything. */
#include "server/cli/handlers.h"
#include "server/cli/local.h"
#include "server/cli/print.h"
#include "server/cli/request.h"

#include "gateway/base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEM_MAX = 1 << 20 };

int fg_do_certificate_list(struct fg_call *c)
{
    json_t *items = NULL;
    int rc = fg_request_list(c, "/certificates", "items", c->args, c->n, &items);
    if (!rc) fg_request_print(c, items, "friendly_name,names,not_after,has_key,id", "id");
    json_decref(items);
    return rc;
}

static int one(struct fg_call *c, const char *method, json_t **out)
{
    char *path = fg_request_path("certificates", c->args[0]);
    int rc = path ? fg_remote_send(c->remote, method, path, NULL, out) : fg_failed("out of memory");
    free(path);
    return rc;
}

int fg_do_certificate_show(struct fg_call *c)
{
    json_t *answer = NULL;
    int rc = one(c, "GET", &answer);
    if (!rc && !fg_request_json(c, answer)) fg_print_record(answer);
    json_decref(answer);
    return rc;
}

int fg_do_certificate_remove(struct fg_call *c)
{
    return one(c, "DELETE", NULL);
}

/* Puts a file's text into the request; it may be a key, so nothing of it is left behind. */
static int read_pem(const char *path, const char *name, json_t *body)
{
    struct fg_buf b;
    char part[4096];
    size_t n;
    int err = 0;
    FILE *f = fopen(path, "re");
    if (!f) return fg_failed("%s: %s", path, strerror(errno));
    setvbuf(f, NULL, _IONBF, 0);
    fg_buf_init(&b, PEM_MAX);
    while (!err && (n = fread(part, 1, sizeof part, f)) > 0) err = fg_buf_add(&b, part, n);
    fclose(f);
    json_t *text = err ? NULL : json_stringn((const char *)fg_buf_data(&b), fg_buf_len(&b));
    explicit_bzero(part, sizeof part);
    fg_buf_wipe(&b);
    if (!text) return fg_failed("%s is no PEM file", path);
    json_object_set_new(body, name, text);
    return 0;
}

int fg_do_certificate_add(struct fg_call *c)
{
    json_t *body = json_object(), *answer = NULL;
    char *password = NULL;
    int rc = read_pem(c->args[0], "pem", body);
    if (!rc && c->key_file) rc = read_pem(c->key_file, "key", body);
    if (!rc && c->password_stdin) {
        password = fg_read_password(true);
        rc = password ? 0 : FG_EXIT_FAILED;
    }
    if (password) json_object_set_new(body, "password", json_string(password));
    if (c->label) json_object_set_new(body, "friendly_name", json_string(c->label));
    if (!rc) rc = fg_remote_send(c->remote, "POST", "/certificates", body, &answer);
    if (!rc && !fg_request_json(c, answer)) fg_print_record(answer);
    if (password) explicit_bzero(password, strlen(password));
    free(password);
    json_decref(body);
    json_decref(answer);
    return rc;
}

static int assign(struct fg_call *c, const char *op, json_t *value)
{
    struct fg_changes s = {0};
    int rc = fg_changes_begin(c, &s);
    if (rc) {
        json_decref(value);
        fg_changes_free(&s);
        return rc;
    }
    fg_changes_add(&s, op, "certificate_assignments", c->args[0], value, NULL);
    return fg_changes_send(c, &s);
}

int fg_do_certificate_assign(struct fg_call *c)
{
    return assign(c, "put", json_pack("{s:s}", "certificate", c->args[1]));
}

int fg_do_certificate_unassign(struct fg_call *c)
{
    return assign(c, "delete", NULL);
}

int fg_do_certificate_assignments(struct fg_call *c)
{
    json_t *items = NULL;
    int rc = fg_request_list(c, "/certificate_assignments", "items", c->args, c->n, &items);
    if (!rc) fg_request_print(c, items, "usage,certificate", "usage");
    json_decref(items);
    return rc;
}
