/* The field tables as JSON: for the panel and scripts (GET /schema), and as JSON Schema for the
 * OpenAPI document. */
#include <string.h>

#include "server/model/field.h"
#include "server/model/model.h"
#include "server/model/words.h"

static const char *const type_names[] = {
    [FG_T_STRING] = "string",     [FG_T_TEXT] = "text",     [FG_T_BOOL] = "bool",
    [FG_T_INTEGER] = "integer",   [FG_T_ENUM] = "enum",     [FG_T_LIST] = "list",
    [FG_T_OBJECT] = "object",     [FG_T_DOMAIN] = "domain", [FG_T_DATE] = "date",
    [FG_T_DATETIME] = "datetime", [FG_T_PEM] = "pem",       [FG_T_REF] = "ref",
};

static const char *const format_names[] = {
    [FG_F_NONE] = NULL,
    [FG_F_HOSTPORT] = "hostport",
    [FG_F_HOST] = "host",
    [FG_F_IP] = "ip",
    [FG_F_IPPORT] = "ipport",
    [FG_F_LISTEN] = "listen",
    [FG_F_CERT_ID] = "certificate_id",
};

static void set(json_t *o, const char *name, json_t *v)
{
    json_object_set_new(o, name, v);
}

static void set_text(json_t *o, const char *name, const char *text)
{
    if (text) set(o, name, json_string(text));
}

/* ---- GET /schema ---- */

static json_t *schema_field(const struct fg_field *f, enum fg_lang lang);

static json_t *schema_fields(const struct fg_field *fields, enum fg_lang lang)
{
    json_t *list = json_array();
    for (const struct fg_field *f = fields; f->name; f++)
        json_array_append_new(list, schema_field(f, lang));
    return list;
}

static json_t *schema_choices(const struct fg_choice *choices, enum fg_lang lang)
{
    json_t *list = json_array();
    for (const struct fg_choice *c = choices; c->value; c++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "value", c->value, "label",
                                              fg_words_text(lang, c->label), "help",
                                              fg_words_text(lang, c->help)));
    return list;
}

static void schema_bounds(json_t *o, const struct fg_field *f)
{
    if (f->type == FG_T_INTEGER) {
        set(o, "min", json_integer(f->min));
        set(o, "max", json_integer(f->max));
    }
    if (f->max_length) set(o, "max_length", json_integer((json_int_t)f->max_length));
    if (f->max_items) set(o, "max_items", json_integer((json_int_t)f->max_items));
}

static json_t *schema_field(const struct fg_field *f, enum fg_lang lang)
{
    json_t *o = json_object();
    set_text(o, "name", f->name);
    set_text(o, "type", type_names[f->type]);
    set_text(o, "format", format_names[f->format]);
    set_text(o, "label", fg_words_text(lang, f->label));
    set_text(o, "help", fg_words_text(lang, f->help));
    set_text(o, "unit", fg_words_text(lang, f->unit));
    set(o, "required", json_boolean(f->flags & FG_MANDATORY));
    set(o, "nullable", json_boolean(f->flags & FG_NULLABLE));
    set(o, "read_only", json_boolean(f->flags & FG_READ_ONLY));
    set(o, "write_only", json_boolean(f->flags & FG_WRITE_ONLY));
    if (!(f->flags & (FG_MANDATORY | FG_READ_ONLY)) && f->name)
        set(o, "default", fg_field_default(f));
    if (f->type == FG_T_REF) set_text(o, "ref", fg_kind_name(f->ref));
    if (f->choices) set(o, "enum", schema_choices(f->choices, lang));
    if (f->items) set(o, "items", schema_field(f->items, lang));
    if (f->fields) set(o, "fields", schema_fields(f->fields, lang));
    schema_bounds(o, f);
    return o;
}

json_t *fg_model_schema(enum fg_lang lang)
{
    json_t *kinds = json_object();
    for (int k = 0; k < FG_KINDS; k++) {
        const struct fg_kind_table *t = fg_model_table((enum fg_kind)k);
        json_t *o = json_object();
        set_text(o, "title", fg_words_text(lang, t->title));
        set(o, "key", t->key.name ? schema_field(&t->key, lang) : json_null());
        set(o, "fields", schema_fields(t->fields, lang));
        set(kinds, fg_kind_name((enum fg_kind)k), o);
    }
    return json_pack("{s:s, s:o}", "lang", fg_lang_name(lang), "kinds", kinds);
}

/* ---- JSON Schema ---- */

static json_t *json_schema(const struct fg_field *f);

static json_t *object_schema(const struct fg_field *fields, const struct fg_field *key)
{
    json_t *properties = json_object(), *required = json_array();
    if (key && key->name) {
        set(properties, key->name, json_schema(key));
        json_array_append_new(required, json_string(key->name));
    }
    for (const struct fg_field *f = fields; f->name; f++) {
        set(properties, f->name, json_schema(f));
        if (!(f->flags & FG_WRITE_ONLY)) json_array_append_new(required, json_string(f->name));
    }
    return json_pack("{s:s, s:b, s:o, s:o}", "type", "object", "additionalProperties", 0,
                     "properties", properties, "required", required);
}

static void set_type(json_t *o, const char *type, bool nullable)
{
    set(o, "type", nullable ? json_pack("[s, s]", type, "null") : json_string(type));
}

static json_t *enum_values(const struct fg_field *f)
{
    json_t *list = json_array();
    for (const struct fg_choice *c = f->choices; c->value; c++)
        json_array_append_new(list, json_string(c->value));
    if (f->flags & FG_NULLABLE) json_array_append_new(list, json_null());
    return list;
}

static void string_schema(json_t *o, const struct fg_field *f)
{
    if (f->type == FG_T_DOMAIN) set_text(o, "format", "hostname");
    if (f->type == FG_T_DATE) set_text(o, "format", "date");
    if (f->type == FG_T_DATETIME) set_text(o, "format", "date-time");
    if (f->choices) set(o, "enum", enum_values(f));
    if (f->max_length) set(o, "maxLength", json_integer((json_int_t)f->max_length));
}

static json_t *json_schema(const struct fg_field *f)
{
    bool nullable = f->flags & FG_NULLABLE;
    json_t *o;
    if (f->type == FG_T_OBJECT) {
        o = object_schema(f->fields, NULL);
        set_type(o, "object", nullable);
    } else {
        o = json_object();
    }
    switch (f->type) {
    case FG_T_BOOL:
        set_type(o, "boolean", nullable);
        break;
    case FG_T_INTEGER:
        set_type(o, "integer", nullable);
        set(o, "minimum", json_integer(f->min));
        set(o, "maximum", json_integer(f->max));
        break;
    case FG_T_LIST:
        set_type(o, "array", nullable);
        set(o, "items", json_schema(f->items));
        if (f->max_items) set(o, "maxItems", json_integer((json_int_t)f->max_items));
        break;
    case FG_T_OBJECT:
        break;
    default:
        set_type(o, "string", nullable);
        string_schema(o, f);
        break;
    }
    set_text(o, "title", f->label);
    set_text(o, "description", f->help);
    if (f->flags & FG_READ_ONLY) set(o, "readOnly", json_true());
    if (f->flags & FG_WRITE_ONLY) set(o, "writeOnly", json_true());
    return o;
}

json_t *fg_model_openapi(enum fg_kind kind)
{
    const struct fg_kind_table *t = fg_model_table(kind);
    json_t *o = object_schema(t->fields, &t->key);
    set_text(o, "title", t->title);
    return o;
}
