/* Certificates and their keys: imported, listed, deleted at once; which one serves where is part of
 * the configuration (certificate_assignments). No answer ever holds a key. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/internal.h"
#include "api/listing.h"
#include "api/x509.h"
#include "gateway/base/clock.h"
#include "server/store/audit.h"
#include "server/store/certificates.h"
#include "server/store/drafts.h"

enum { PEM_MAX = 500000, FRIENDLY_MAX = 200, PASSWORD_MAX = 1024 };

static json_t *print(const struct fg_certificate *x)
{
    json_t *o = json_object();
    json_t *names = x->names ? json_loads(x->names, 0, NULL) : NULL;
    fg_json_set(o, "id", fg_json_text(x->id));
    fg_json_set(o, "friendly_name", fg_json_text(x->friendly_name));
    fg_json_set(o, "subject", fg_json_text(x->subject));
    fg_json_set(o, "issuer", fg_json_text(x->issuer));
    fg_json_set(o, "names", names ? names : json_array());
    fg_json_set(o, "not_before", fg_json_time(x->not_before_ms));
    fg_json_set(o, "not_after", fg_json_time(x->not_after_ms));
    fg_json_set(o, "has_key", json_boolean(x->has_key));
    fg_json_set(o, "created_at", fg_json_time(x->created_ms));
    return o;
}

static int take(const struct fg_certificate *x, void *arg)
{
    fg_json_push(arg, print(x));
    return 0;
}

void fg_handle_certificates_list(struct fg_call *c)
{
    static const char *const fields[] = {
        "id",         "friendly_name", "subject", "issuer",     "names",
        "not_before", "not_after",     "has_key", "created_at", NULL};
    static const struct fg_listing_spec spec = {"id", fields, NULL};
    struct fg_listing l;
    struct fg_problems problems;
    json_t *items = json_array();
    fg_problems_init(&problems);
    bool good = fg_listing_read(&l, c->http, &spec, &problems);
    int err = good ? fg_certificate_each(fg_call_store(c), take, items) : 0;
    if (!good)
        fg_answer_bad_request(c, &problems);
    else if (err)
        fg_answer_errno(c, err, "certificates");
    else
        fg_answer_json(c, 200, fg_listing_page(&l, json_incref(items)));
    json_decref(items);
    fg_listing_free(&l);
}

static void answer_one(struct fg_call *c, int status, const char *id)
{
    json_t *items = json_array();
    int err = fg_certificate_get(fg_call_store(c), id, take, items);
    if (err == ENOENT) {
        fg_answer_problem(c, 404, "not_found", "There is no such certificate.");
    } else if (err) {
        fg_answer_errno(c, err, "certificate");
    } else {
        struct fg_http_response *r = fg_reply_json(status, json_incref(json_array_get(items, 0)));
        if (status == 201) fg_http_response_headerf(r, "Location", "/api/v1/certificates/%s", id);
        fg_answer(c, r);
    }
    json_decref(items);
}

void fg_handle_certificates_show(struct fg_call *c)
{
    answer_one(c, 200, c->args[0]);
}

/* ---- import ---- */

static int store(struct fg_call *c, const struct fg_x509 *x, const char *friendly_name)
{
    struct fg_store *st = fg_call_store(c);
    struct fg_actor who = fg_call_actor(c);
    char *names = json_dumps(x->names, JSON_COMPACT);
    if (!names) return ENOMEM;
    struct fg_certificate row = {
        .id = x->id,
        .friendly_name = friendly_name ? friendly_name : "",
        .pem = x->chain,
        .subject = x->subject,
        .issuer = x->issuer,
        .names = names,
        .not_before_ms = x->not_before_ms,
        .not_after_ms = x->not_after_ms,
        .created_ms = fg_clock_wall_ms(),
    };
    struct fg_audit_entry e = {.who = who.owner,
                               .who_name = who.name,
                               .via = who.via,
                               .address = who.address,
                               .action = "certificate_import",
                               .kind = "certificates",
                               .key = x->id,
                               .outcome = "ok",
                               .detail = x->subject};
    int err = fg_store_begin(st);
    if (!err) {
        err = fg_certificate_put(st, &row, x->key, x->key ? strlen(x->key) : 0);
        if (!err) err = fg_audit_add(st, &e);
        err = fg_store_end(st, err);
    }
    free(names);
    return err;
}

void fg_handle_certificates_add(struct fg_call *c)
{
    struct fg_problems problems;
    struct fg_input in;
    struct fg_x509 x;
    const char *pem = NULL, *key = NULL, *password = NULL, *name = NULL;
    json_t *body = fg_call_body(c, false);
    if (!body) return;
    fg_problems_init(&problems);
    if (fg_input_open(&in, body, "", &problems)) {
        pem = fg_input_string(&in, "pem", FG_MUST, PEM_MAX);
        key = fg_input_string(&in, "key", FG_MAY, PEM_MAX);
        password = fg_input_string(&in, "password", FG_MAY, PASSWORD_MAX);
        name = fg_input_string(&in, "friendly_name", FG_MAY, FRIENDLY_MAX);
        fg_input_rest(&in);
    }
    bool read = pem && fg_x509_read(pem, key && *key ? key : NULL, password, &x, &problems) == 0;
    if (!read || !fg_problems_none(&problems)) {
        if (read) fg_x509_free(&x);
        fg_answer_invalid(c, &problems);
        return;
    }
    int err = store(c, &x, name);
    if (err)
        fg_answer_errno(c, err, "import");
    else
        answer_one(c, 201, x.id);
    fg_x509_free(&x);
}

/* ---- delete ---- */

struct use {
    const char *id;
    const char *usage;
};

static int find_use(const struct fg_entry *e, void *arg)
{
    struct use *u = arg;
    const struct fg_assignment *a = (const struct fg_assignment *)(const void *)e;
    if (strcmp(a->certificate, u->id) == 0) u->usage = a->usage;
    return 0;
}

void fg_handle_certificates_delete(struct fg_call *c)
{
    struct fg_store *st = fg_call_store(c);
    struct fg_snapshot *s = fg_config_snapshot(c->api->p.config);
    struct use u = {c->args[0], NULL};
    (void)fg_snapshot_each(s, FG_KIND_CERTIFICATE_ASSIGNMENTS, find_use, &u);
    bool used = u.usage != NULL;
    fg_snapshot_put(s);
    if (used) {
        fg_answer_problem(c, 409, "in_use",
                          "The certificate is assigned; assign another one first.");
        return;
    }
    struct fg_actor who = fg_call_actor(c);
    struct fg_audit_entry e = {.who = who.owner,
                               .who_name = who.name,
                               .via = who.via,
                               .address = who.address,
                               .action = "certificate_delete",
                               .kind = "certificates",
                               .key = c->args[0],
                               .outcome = "ok"};
    int err = fg_store_begin(st);
    if (!err) {
        err = fg_certificate_delete(st, c->args[0]);
        if (!err) err = fg_audit_add(st, &e);
        err = fg_store_end(st, err);
    }
    if (err == ENOENT || err == EINVAL)
        fg_answer_problem(c, 404, "not_found", "There is no such certificate.");
    else if (err)
        fg_answer_errno(c, err, "certificate");
    else
        fg_answer(c, fg_reply_empty(204));
}
