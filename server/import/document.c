/* See document.h. */
#include "server/import/document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/model/compile.h"
#include "server/model/model.h"
#include "server/store/objects.h"

/* ---- writing ---- */

static int add_object(const struct fg_object *o, void *arg)
{
    json_t *body = json_loads(o->body, 0, NULL);
    return !body ? EBADMSG : json_object_set_new(arg, o->key, body) ? ENOMEM : 0;
}

/* All objects of a kind; the settings stand there even when nobody has set any. */
static int add_kind(json_t *document, struct fg_store *st, enum fg_kind kind, uint64_t revision)
{
    const char *name = fg_kind_name(kind);
    json_t *all = json_object();
    int err = all ? fg_object_each(st, name, revision, NULL, FG_PAGE_MAX, add_object, all) : ENOMEM;
    if (!err && kind == FG_KIND_SETTINGS) {
        json_t *one = json_incref(json_object_get(all, name));
        json_decref(all);
        all = one ? one : fg_model_default(kind, name);
    }
    if (!err && json_object_set(document, name, all)) err = ENOMEM;
    json_decref(all);
    return err;
}

static int take_hash(const struct fg_revision *r, void *arg)
{
    memcpy(arg, r->content_hash, FG_CONTENT_HASH);
    return 0;
}

static int hash_of(struct fg_store *st, uint64_t revision, uint8_t hash[FG_CONTENT_HASH])
{
    if (revision) return fg_revision_get(st, revision, take_hash, hash);
    struct fg_problems ignored;
    struct fg_snapshot *empty = NULL;
    fg_problems_init(&ignored);
    int err = fg_compile(NULL, NULL, 0, 0, NULL, &empty, &ignored, NULL);
    if (empty) memcpy(hash, fg_snapshot_hash(empty), FG_CONTENT_HASH);
    fg_snapshot_put(empty);
    fg_problems_free(&ignored);
    return err;
}

int fg_document_export(struct fg_store *st, uint64_t revision, json_t **out)
{
    uint8_t hash[FG_CONTENT_HASH];
    char hex[2 * FG_CONTENT_HASH + 1];
    int err = hash_of(st, revision, hash);
    *out = NULL;
    if (err) return err;
    for (size_t i = 0; i < sizeof hash; i++) snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    json_t *document = json_pack("{s:s,s:i,s:s}", "format", FG_DOCUMENT_FORMAT, "version",
                                 FG_DOCUMENT_VERSION, "content_hash", hex);
    if (!document) return ENOMEM;
    for (int kind = 0; !err && kind < FG_KINDS; kind++)
        err = add_kind(document, st, (enum fg_kind)kind, revision);
    if (err)
        json_decref(document);
    else
        *out = document;
    return err;
}

char *fg_document_text(const json_t *document)
{
    char *json = json_dumps(document, JSON_INDENT(FG_DOCUMENT_INDENT)), *text = NULL;
    if (json && asprintf(&text, "%s\n", json) < 0) text = NULL;
    free(json);
    return text;
}

/* ---- reading ---- */

static int add_change(struct fg_document *d, size_t *room, enum fg_kind kind, const char *key,
                      const json_t *value)
{
    if (d->n == *room) {
        size_t more = *room ? *room * 2 : 64;
        struct fg_change *changes = realloc(d->changes, more * sizeof *changes);
        if (!changes) return ENOMEM;
        d->changes = changes;
        *room = more;
    }
    d->changes[d->n++] = (struct fg_change){FG_CHANGE_PUT, kind, key, value};
    return 0;
}

static int read_kind(struct fg_document *d, size_t *room, enum fg_kind kind, json_t *all,
                     struct fg_problems *problems)
{
    const char *key, *name = fg_kind_name(kind);
    json_t *value;
    char pointer[64];
    int err = 0;
    snprintf(pointer, sizeof pointer, "/%s", name);
    if (!json_is_object(all)) {
        fg_problem_add(problems, pointer, "type", "Expected an object.");
        return 0;
    }
    d->kinds |= 1u << kind;
    if (kind == FG_KIND_SETTINGS) return add_change(d, room, kind, name, all);
    json_object_foreach(all, key, value) if (!err) err = add_change(d, room, kind, key, value);
    return err;
}

static void check_head(const json_t *document, struct fg_problems *problems)
{
    const char *format = json_string_value(json_object_get(document, "format"));
    const json_t *version = json_object_get(document, "version");
    if (!format || strcmp(format, FG_DOCUMENT_FORMAT) != 0)
        fg_problem_add(problems, "/format", "choice",
                       "This is no document of a configuration: format must be %s.",
                       FG_DOCUMENT_FORMAT);
    if (!json_is_integer(version) || json_integer_value(version) != FG_DOCUMENT_VERSION)
        fg_problem_add(problems, "/version", "choice",
                       "This program reads documents of version %d only.", FG_DOCUMENT_VERSION);
}

int fg_document_read(const json_t *document, struct fg_document *out, struct fg_problems *problems)
{
    json_t *members = (json_t *)(uintptr_t)document; /* jansson's iterators take no const */
    const char *name;
    json_t *value;
    size_t room = 0;
    int err = 0;
    *out = (struct fg_document){0};
    if (!json_is_object(document)) {
        fg_problem_add(problems, "", "type", "Expected an object.");
        return EINVAL;
    }
    check_head(document, problems);
    json_object_foreach(members, name, value)
    {
        enum fg_kind kind;
        char pointer[128];
        if (err || strcmp(name, "format") == 0 || strcmp(name, "version") == 0 ||
            strcmp(name, "content_hash") == 0)
            continue;
        if (fg_kind_parse(name, &kind) == 0) {
            err = read_kind(out, &room, kind, value, problems);
            continue;
        }
        snprintf(pointer, sizeof pointer, "/%.100s", name);
        fg_problem_add(problems, pointer, "unknown", "There is no such kind of object.");
    }
    if (!err && !fg_problems_none(problems)) err = EINVAL;
    if (err) fg_document_free(out);
    return err;
}

void fg_document_free(struct fg_document *d)
{
    free(d->changes);
    *d = (struct fg_document){0};
}
