/* See clixml.h. */
#include "server/import/clixml.h"

#include <errno.h>
#include <expat.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/buf.h"

enum frame_kind { ROOT, OBJECT, MEMBERS, LIST, DICTIONARY, ENTRY, SCALAR, REFERENCE, SKIPPED };
enum { REFERRED_MAX = 5000 }; /* members of a list that may be referred to */

struct frame {
    enum frame_kind kind;
    char type; /* of a scalar: s text, b bool, i integer, n null, t the object's ToString */
    char *name, *id;
    json_t *members, *list, *scalar, *text; /* what was found so far */
};

struct reader {
    XML_Parser parser;
    struct frame stack[FG_CLIXML_DEPTH];
    size_t depth, elements;
    struct fg_buf text;
    json_t *records, *known; /* known: RefId → value */
    const char *fault;
    int err;
};

static void stop(struct reader *r, int err, const char *fault)
{
    if (r->err) return;
    r->err = err;
    r->fault = fault;
    XML_StopParser(r->parser, XML_FALSE);
}

static void frame_free(struct frame *f)
{
    free(f->name);
    free(f->id);
    json_decref(f->members);
    json_decref(f->list);
    json_decref(f->scalar);
    json_decref(f->text);
}

/* ---- elements ---- */

static bool one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0) return true;
    return false;
}

/* 0: no scalar */
static char scalar_type(const char *name)
{
    static const char *const texts[] = {"S", "URI", "Version", "G",  "XD", "SBK", "DT", "TS",
                                        "D", "C",   "Db",      "Sg", "SS", "BA",  NULL};
    static const char *const integers[] = {"I16", "I32", "I64", "U16", "U32",
                                           "U64", "By",  "SB",  NULL};
    if (one_of(name, texts)) return 's';
    if (one_of(name, integers)) return 'i';
    if (strcmp(name, "B") == 0) return 'b';
    return strcmp(name, "Nil") == 0 ? 'n' : 0;
}

static enum frame_kind value_kind(const char *name, char *type)
{
    *type = scalar_type(name);
    if (*type) return SCALAR;
    if (strcmp(name, "Obj") == 0) return OBJECT;
    return strcmp(name, "Ref") == 0 ? REFERENCE : SKIPPED;
}

static enum frame_kind kind_in_object(const char *name, char *type)
{
    static const char *const lists[] = {"LST", "QUE", "STK", "IE", NULL};
    if (strcmp(name, "Props") == 0 || strcmp(name, "MS") == 0) return MEMBERS;
    if (one_of(name, lists)) return LIST;
    if (strcmp(name, "DCT") == 0) return DICTIONARY;
    *type = strcmp(name, "ToString") == 0 ? 't' : scalar_type(name);
    return *type ? SCALAR : SKIPPED;
}

static enum frame_kind kind_of(const struct reader *r, const char *name, char *type)
{
    switch (r->stack[r->depth - 1].kind) {
    case OBJECT:
        return kind_in_object(name, type);
    case DICTIONARY:
        return strcmp(name, "En") == 0 ? ENTRY : SKIPPED;
    case ROOT:
    case MEMBERS:
    case LIST:
    case ENTRY:
        return value_kind(name, type);
    case SCALAR:
    case REFERENCE:
    case SKIPPED:
        break;
    }
    return SKIPPED;
}

static void XMLCALL start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *r = arg;
    struct frame f = {.kind = ROOT};
    if (r->err) return;
    if (r->depth == FG_CLIXML_DEPTH) {
        stop(r, EINVAL, "The file is nested too deep.");
        return;
    }
    if (++r->elements > FG_CLIXML_ELEMENTS) {
        stop(r, EINVAL, "The file has too many elements.");
        return;
    }
    if (r->depth == 0 && strcmp(name, "Objs") != 0) {
        stop(r, EINVAL, "This XML is not from Export-Clixml: its root is not Objs.");
        return;
    }
    if (r->depth) f.kind = kind_of(r, name, &f.type);
    for (size_t i = 0; f.kind != SKIPPED && attributes[i]; i += 2) {
        char **to = strcmp(attributes[i], "N") == 0       ? &f.name
                    : strcmp(attributes[i], "RefId") == 0 ? &f.id
                                                          : NULL;
        if (to && !(*to = strdup(attributes[i + 1]))) stop(r, ENOMEM, "");
    }
    if (f.kind == MEMBERS || f.kind == DICTIONARY || f.kind == ENTRY) f.members = json_object();
    if (f.kind == LIST) f.list = json_array();
    fg_buf_reset(&r->text);
    r->stack[r->depth++] = f;
}

static void XMLCALL text(void *arg, const XML_Char *s, int len)
{
    struct reader *r = arg;
    if (r->err || !r->depth || r->stack[r->depth - 1].kind != SCALAR) return;
    if (fg_buf_add(&r->text, s, (size_t)len)) stop(r, EINVAL, "A text in the file is too long.");
}

/* ---- values ---- */

static int hex(const char *p)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef";
        char c = p[i] >= 'A' && p[i] <= 'F' ? (char)(p[i] - 'A' + 'a') : p[i];
        const char *found = c ? strchr(digits, c) : NULL;
        if (!found) return -1;
        value = value << 4 | (int)(found - digits);
    }
    return value;
}

/* "_x000A_" is how CLIXML writes what XML cannot hold; in place. Only line ends and such are
 * turned back, the rest stays as it is written. */
static void unescape(char *s)
{
    char *to = s;
    while (*s) {
        int c = -1;
        if (s[0] == '_' && s[1] == 'x' && strnlen(s, 7) == 7 && s[6] == '_') c = hex(s + 2);
        if (c > 0 && c < 0x80) {
            *to++ = (char)c;
            s += 7;
        } else {
            *to++ = *s++;
        }
    }
    *to = 0;
}

static json_t *scalar_value(struct reader *r, char type)
{
    size_t len = fg_buf_len(&r->text);
    char *s = strndup(len ? (const char *)fg_buf_data(&r->text) : "", len), *end;
    json_t *value = NULL;
    if (!s) return NULL;
    errno = 0;
    long long n = type == 'i' ? strtoll(s, &end, 10) : 0;
    if (type == 'n') {
        value = json_null();
    } else if (type == 'b') {
        value = json_boolean(strcmp(s, "true") == 0);
    } else if (type == 'i' && *s && !*end && !errno) {
        value = json_integer(n);
    } else {
        unescape(s);
        value = json_string(s);
    }
    free(s);
    return value;
}

static json_t *object_value(struct frame *f)
{
    if (f->members) {
        if (f->text && !json_object_get(f->members, "ToString"))
            (void)json_object_set(f->members, "ToString", f->text);
        return json_incref(f->members);
    }
    if (f->list) return json_incref(f->list);
    if (f->text) return json_incref(f->text);
    return f->scalar ? json_incref(f->scalar) : json_null();
}

/* Only plain values are handed out again: a file that refers to lists of lists of itself must not
 * grow when it is walked. */
static json_t *referred(struct reader *r, const char *id)
{
    json_t *value = id ? json_object_get(r->known, id) : NULL;
    if (!value || json_is_object(value)) return json_null();
    size_t n = json_array_size(value);
    r->elements += n;
    if (n > REFERRED_MAX) return json_null();
    for (size_t i = 0; i < n; i++) {
        json_t *item = json_array_get(value, i);
        if (json_is_object(item) || json_is_array(item)) return json_null();
    }
    return json_incref(value);
}

/* Gives the value (taken over) to the frame it stands in. */
static void attach(struct reader *r, struct frame *to, const struct frame *from, json_t *value)
{
    int bad = !value;
    if (value && to->kind == ROOT)
        bad = json_array_append(r->records, value);
    else if (value && to->kind == LIST)
        bad = json_array_append(to->list, value);
    else if (value && from->name && (to->kind == MEMBERS || to->kind == ENTRY))
        bad = json_object_set(to->members, from->name, value);
    else if (value && to->kind == OBJECT && from->kind == SCALAR) {
        json_t **slot = from->type == 't' ? &to->text : &to->scalar;
        json_decref(*slot);
        *slot = json_incref(value);
    }
    json_decref(value);
    if (bad) stop(r, ENOMEM, "");
}

/* Members, a list or a dictionary belong to the object around them. */
static void merge(struct reader *r, struct frame *to, struct frame *from)
{
    int bad = 0;
    if (from->list && !to->list) to->list = json_incref(from->list);
    if (from->members && to->members)
        bad = json_object_update_missing(to->members, from->members);
    else if (from->members)
        to->members = json_incref(from->members);
    if (bad) stop(r, ENOMEM, "");
}

static void add_entry(struct reader *r, struct frame *to, const struct frame *from)
{
    const char *key = json_string_value(json_object_get(from->members, "Key"));
    json_t *value = json_object_get(from->members, "Value");
    if (key && value && json_object_set(to->members, key, value)) stop(r, ENOMEM, "");
}

static void XMLCALL end(void *arg, const XML_Char *name)
{
    struct reader *r = arg;
    (void)name;
    if (r->err || !r->depth) return;
    struct frame f = r->stack[--r->depth];
    struct frame *up = r->depth ? &r->stack[r->depth - 1] : NULL;
    if (up && f.kind == SCALAR) {
        attach(r, up, &f, scalar_value(r, f.type));
    } else if (up && f.kind == REFERENCE) {
        attach(r, up, &f, referred(r, f.id));
    } else if (up && f.kind == OBJECT) {
        json_t *value = object_value(&f);
        if (f.id && json_object_set(r->known, f.id, value)) stop(r, ENOMEM, "");
        attach(r, up, &f, value);
    } else if (up && f.kind == ENTRY) {
        add_entry(r, up, &f);
    } else if (up && (f.kind == MEMBERS || f.kind == LIST || f.kind == DICTIONARY)) {
        merge(r, up, &f);
    }
    fg_buf_reset(&r->text);
    frame_free(&f);
}

static void XMLCALL doctype(void *arg, const XML_Char *name, const XML_Char *system,
                            const XML_Char *public, int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    stop(arg, EINVAL, "The file has a document type; this is refused.");
}

/* ---- the whole ---- */

static void feed(struct reader *r, const char *s, size_t len)
{
    enum { STEP = 1 << 20 };
    do {
        int n = len > STEP ? STEP : (int)len;
        len -= (size_t)n;
        if (XML_Parse(r->parser, s, n, len == 0) != XML_STATUS_OK) {
            if (!r->err) {
                r->err = EINVAL;
                r->fault = XML_ErrorString(XML_GetErrorCode(r->parser));
            }
            return;
        }
        s += n;
    } while (len);
}

/* A whole array that was exported as one object counts as its members. */
static json_t *flat(json_t *records)
{
    json_t *all = json_array(), *record;
    size_t i;
    json_array_foreach(records, i, record)
    {
        if (json_is_array(record))
            (void)json_array_extend(all, record);
        else
            (void)json_array_append(all, record);
    }
    return all;
}

int fg_clixml_read(const char *s, size_t len, json_t **out, struct fg_problems *problems)
{
    struct reader *r = calloc(1, sizeof *r);
    *out = NULL;
    if (!r) return ENOMEM;
    fg_buf_init(&r->text, FG_CLIXML_TEXT);
    r->parser = XML_ParserCreate("UTF-8");
    r->records = json_array();
    r->known = json_object();
    if (!r->parser || !r->records || !r->known) {
        r->err = ENOMEM;
    } else {
        XML_SetUserData(r->parser, r);
        XML_SetElementHandler(r->parser, start, end);
        XML_SetCharacterDataHandler(r->parser, text);
        XML_SetStartDoctypeDeclHandler(r->parser, doctype);
        feed(r, s, len);
    }
    if (r->err == EINVAL)
        fg_problem_add(problems, "", "xml_invalid", "Line %lu: %s",
                       (unsigned long)XML_GetCurrentLineNumber(r->parser), r->fault);
    if (!r->err && !(*out = flat(r->records))) r->err = ENOMEM;
    int err = r->err;
    while (r->depth) frame_free(&r->stack[--r->depth]);
    fg_buf_free(&r->text);
    json_decref(r->records);
    json_decref(r->known);
    if (r->parser) XML_ParserFree(r->parser);
    free(r);
    return err;
}
