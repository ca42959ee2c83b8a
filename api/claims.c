/* GET /claims: to whom do these domains belong in the running configuration, or with the caller's
 * draft laid over it? A form asks while a domain is typed, before anything is staged. */
#include <stdio.h>
#include <string.h>

#include "api/internal.h"
#include "api/view.h"
#include "server/model/model.h"

enum { DOMAINS_MAX = 100 };

/* {asked, domain, partner, ours, problem} */
static json_t *claim(const struct fg_snapshot *s, const char *asked)
{
    char domain[FG_MODEL_KEY_MAX];
    struct fg_problems problems;
    json_t *o = json_object(), *problem = json_null();
    fg_problems_init(&problems);
    bool good = fg_model_key_prepare(FG_KIND_PARTNERS, asked, "", domain, &problems) == 0;
    const struct fg_partner *p = good ? fg_snapshot_partner(s, domain) : NULL;
    if (!good && problems.count)
        problem = json_pack("{s:s,s:s}", "code", problems.items[0].code, "message",
                            problems.items[0].message);
    fg_json_set(o, "asked", fg_json_text(asked));
    fg_json_set(o, "domain", good ? json_string(domain) : json_null());
    fg_json_set(o, "partner", p ? json_string(p->domain) : json_null());
    fg_json_set(o, "ours", json_boolean(good && fg_snapshot_domain(s, domain)));
    fg_json_set(o, "problem", problem);
    fg_problems_free(&problems);
    return o;
}

static size_t count_domains(const struct fg_http_request *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_params; i++) n += strcmp(r->params[i].name, "domain") == 0;
    return n;
}

void fg_handle_claims(struct fg_call *c)
{
    struct fg_view v;
    size_t n = count_domains(c->http);
    if (n == 0 || n > DOMAINS_MAX) {
        struct fg_problems problems;
        fg_problems_init(&problems);
        fg_problem_add(&problems, "/domain", n ? "too_many" : "required",
                       "Name 1 to %d domains, each in a parameter domain of its own.", DOMAINS_MAX);
        fg_answer_bad_request(c, &problems);
        return;
    }
    if (!fg_view_open(&v, c)) return;
    json_t *items = json_array();
    for (size_t i = 0; i < c->http->n_params; i++)
        if (strcmp(c->http->params[i].name, "domain") == 0)
            fg_json_push(items, claim(v.snapshot, c->http->params[i].value));
    fg_view_close(&v);
    fg_answer_json(c, 200, json_pack("{s:o}", "items", items));
}
