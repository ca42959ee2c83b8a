/* From a body to what the REST interface shows, and what is worked out from bodies: warnings,
 * differences, the canonical text. */
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/policy.h"
#include "server/model/field.h"
#include "server/model/model.h"

const char *fg_model_key_field(enum fg_kind kind)
{
    return fg_model_table(kind)->key.name;
}

/* ---- warnings ---- */

static int add_note(json_t *list, const char *code, const char *message)
{
    return json_array_append_new(list, json_pack("{s:s, s:s}", "code", code, "message", message));
}

static bool past(const json_t *body, const char *field)
{
    const char *text = json_string_value(json_object_get(body, field));
    int64_t ms;
    return text && fg_time_parse(text, &ms) == 0 && ms <= fg_clock_wall_ms();
}

static int partner_warnings(const json_t *body, json_t *list)
{
    struct fg_terms t;
    int err = 0;
    if (past(body, "valid_until"))
        err |= add_note(list, "agreement_ended",
                        "valid_until has passed: the partner is treated as suspended. Set a later "
                        "end or none, or remove the partner.");
    if (past(body, "review_date"))
        err |=
            add_note(list, "review_due",
                     "The review date has come. Look whether the partner is still wanted, and set "
                     "the next date.");
    if (!fg_model_terms(body, &t)) return err;
    for (size_t i = 0; i < t.n_warnings; i++)
        err |= add_note(list, t.warnings[i].code, t.warnings[i].message);
    if (t.remark.code) err |= add_note(list, t.remark.code, t.remark.message);
    return err;
}

static int policy_warnings(const json_t *body, json_t *list)
{
    int err = 0;
    if (json_is_true(json_object_get(body, "public_cloud_access")))
        err |= add_note(list, "public_cloud_access_no_effect",
                        "public_cloud_access is kept for completeness and gates nothing here.");
    if (json_is_true(json_object_get(body, "outside_access")))
        err |= add_note(list, "outside_access_no_effect",
                        "outside_access is kept for completeness and gates nothing here.");
    return err;
}

json_t *fg_model_warnings(enum fg_kind kind, const char *key, const json_t *body)
{
    (void)key; /* so far no warning depends on it */
    json_t *list = json_array();
    int err = 0;
    if (list && kind == FG_KIND_PARTNERS) err = partner_warnings(body, list);
    if (list && kind == FG_KIND_POLICIES) err = policy_warnings(body, list);
    if (!err) return list;
    json_decref(list);
    return NULL;
}

/* ---- derived fields ---- */

static json_t *print_methods(const json_t *body)
{
    struct fg_terms t;
    json_t *list = json_array();
    if (!fg_model_terms(body, &t)) return list;
    for (size_t i = 0; i < t.n_methods; i++)
        json_array_append_new(list, json_string(fg_method_name(t.methods[i])));
    return list;
}

static json_t *print_effective(const char *key, const struct fg_snapshot *snapshot)
{
    if (!snapshot) return json_null();
    struct fg_effective e = fg_effective_policy(snapshot, key);
    return json_pack("{s:s, s:s}", "identity", e.identity, "because", e.because);
}

static json_t *print_derived(const struct fg_field *f, enum fg_kind kind, const char *key,
                             const json_t *body, const struct fg_snapshot *snapshot)
{
    if (strcmp(f->name, "warnings") == 0) return fg_model_warnings(kind, key, body);
    if (strcmp(f->name, "methods") == 0) return print_methods(body);
    return print_effective(key, snapshot);
}

static json_t *print_stored(const struct fg_field *f, enum fg_kind kind, const json_t *body)
{
    const json_t *v = json_object_get(body, f->name);
    if (kind == FG_KIND_FRONT_ENDS && strcmp(f->name, "tls_name") == 0 && !json_is_string(v) &&
        strcmp(fg_json_text(body, "transport") ? fg_json_text(body, "transport") : "", "tls") == 0)
        v = json_object_get(body, "host");
    return v ? json_incref(fg_json_mutable(v)) : fg_field_default(f);
}

json_t *fg_model_print(enum fg_kind kind, const char *key, const json_t *body,
                       const struct fg_snapshot *snapshot)
{
    const struct fg_kind_table *t = fg_model_table(kind);
    json_t *full = fg_model_complete(kind, body), *out = json_object();
    bool ok = full && out;
    if (ok && t->key.name) ok = json_object_set_new(out, t->key.name, json_string(key)) == 0;
    for (const struct fg_field *f = t->fields; ok && f->name; f++) {
        if (f->flags & FG_WRITE_ONLY) continue;
        json_t *v = f->flags & FG_READ_ONLY ? print_derived(f, kind, key, full, snapshot)
                                            : print_stored(f, kind, full);
        ok = json_object_set_new(out, f->name, v) == 0;
    }
    json_decref(full);
    if (ok) return out;
    json_decref(out);
    return NULL;
}

/* ---- differences and the canonical text ---- */

json_t *fg_model_changed(enum fg_kind kind, const json_t *before, const json_t *after)
{
    json_t *list = json_array();
    for (const struct fg_field *f = fg_model_table(kind)->fields; list && f->name; f++) {
        const json_t *a = json_object_get(before, f->name), *b = json_object_get(after, f->name);
        if (f->flags & FG_READ_ONLY) continue;
        if (a == b || (a && b && json_equal(a, b))) continue;
        if (json_array_append_new(list, json_string(f->name))) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

char *fg_model_canonical(const json_t *body, uint8_t hash[FG_HASH_LEN])
{
    char *text = json_dumps(body, JSON_SORT_KEYS | JSON_COMPACT);
    if (text && hash) SHA256((const unsigned char *)text, strlen(text), hash);
    return text;
}
