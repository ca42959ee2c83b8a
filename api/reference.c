/* What is the same for everybody: the negotiation matrix and the field tables. */
#include "api/internal.h"
#include "gateway/failure.h"
#include "gateway/negotiation.h"
#include "server/model/model.h"

/* As ?lang= says, or else as the browser wishes. */
static enum fg_lang wanted(const struct fg_call *c)
{
    const char *lang = fg_http_query(c->http, "lang");
    return fg_lang_wanted(lang ? lang : fg_http_header(c->http, "Accept-Language"));
}

static json_t *note(const struct fg_note *n, enum fg_lang lang)
{
    json_t *o = json_object();
    fg_json_set(o, "code", fg_json_text(n->code));
    fg_json_set(o, "message", fg_json_text(fg_words_text(lang, n->message)));
    return o;
}

static json_t *row(const struct fg_terms *t, enum fg_lang lang)
{
    json_t *o = json_object(), *methods = json_array(), *warnings = json_array();
    for (size_t i = 0; i < t->n_methods; i++)
        fg_json_push(methods, json_string(fg_method_name(t->methods[i])));
    for (size_t i = 0; i < t->n_warnings; i++) fg_json_push(warnings, note(&t->warnings[i], lang));
    fg_json_set(o, "row", json_integer(t->row));
    fg_json_set(o, "tls", json_string(fg_need_name(t->tls)));
    fg_json_set(o, "sasl", json_string(fg_need_name(t->sasl)));
    fg_json_set(o, "dialback", json_boolean(t->dialback));
    fg_json_set(o, "methods", methods);
    fg_json_set(o, "valid", json_boolean(t->valid));
    fg_json_set(o, "warnings", warnings);
    fg_json_set(o, "problem", t->problem.code ? note(&t->problem, lang) : json_null());
    fg_json_set(o, "remark", t->remark.code ? note(&t->remark, lang) : json_null());
    return o;
}

void fg_handle_negotiation(struct fg_call *c)
{
    enum { ROWS = FG_NEEDS * FG_NEEDS * 2 };
    enum fg_lang lang = wanted(c);
    json_t *found[ROWS + 1] = {0}, *rows = json_array(), *o = json_object();
    for (int tls = 0; tls < FG_NEEDS; tls++)
        for (int sasl = 0; sasl < FG_NEEDS; sasl++)
            for (int dialback = 0; dialback < 2; dialback++) {
                struct fg_terms t = fg_negotiation((enum fg_need)tls, (enum fg_need)sasl, dialback);
                if (t.row >= 1 && t.row <= ROWS && !found[t.row]) found[t.row] = row(&t, lang);
            }
    for (int i = 1; i <= ROWS; i++)
        if (found[i]) fg_json_push(rows, found[i]);
    fg_json_set(o, "rows", rows);
    fg_answer_json(c, 200, o);
}

/* Every failure that a status can name, with its cause and remedy; in English, as in the answers.
 */
static json_t *failures(void)
{
    json_t *list = json_array();
    for (int i = FG_FAIL_NONE + 1; i < FG_FAIL_COUNT; i++) {
        enum fg_failure f = (enum fg_failure)i;
        json_t *o = json_object();
        fg_json_set(o, "code", json_string(fg_failure_id(f)));
        fg_json_set(o, "cause", json_string(fg_failure_cause(f)));
        fg_json_set(o, "remedy", json_string(fg_failure_remedy(f)));
        fg_json_push(list, o);
    }
    return list;
}

void fg_handle_schema(struct fg_call *c)
{
    json_t *o = fg_model_schema(wanted(c));
    fg_json_set(o, "failures", failures());
    fg_answer_json(c, 200, o);
}
