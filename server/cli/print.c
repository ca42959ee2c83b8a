/* See print.h. */
#include "server/cli/print.h"

#include "gateway/base/quote.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CELL = 49, COLUMNS_MAX = 24, NAME_MAX_LEN = 128, VALUE = 16384 };

void fg_print_json(const json_t *j)
{
    size_t ascii = isatty(STDOUT_FILENO) ? JSON_ENSURE_ASCII : 0;
    json_dumpf(j, stdout, JSON_INDENT(2) | ascii);
    fputs("\n", stdout);
}

/* ---- one value ---- */

static bool is_empty(const json_t *v)
{
    return !v || json_is_null(v) || (json_is_string(v) && !json_string_length(v)) ||
           (json_is_array(v) && !json_array_size(v)) || (json_is_object(v) && !json_object_size(v));
}

static void join(const json_t *list, char *out, size_t size);

static char *cell(const json_t *v, char *out, size_t size)
{
    if (is_empty(v)) {
        snprintf(out, size, "-");
    } else if (json_is_string(v)) {
        fg_quotes(out, size, json_string_value(v));
    } else if (json_is_boolean(v)) {
        snprintf(out, size, "%s", json_is_true(v) ? "yes" : "no");
    } else if (json_is_array(v) && !json_is_object(json_array_get(v, 0))) {
        join(v, out, size);
    } else {
        char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
        fg_quotes(out, size, text ? text : "");
        free(text);
    }
    return out;
}

static void join(const json_t *list, char *out, size_t size)
{
    size_t n = json_array_size(list), used = 0;
    *out = '\0';
    for (size_t i = 0; i < n && used + 1 < size; i++) {
        char item[CELL];
        cell(json_array_get(list, i), item, sizeof item);
        size_t wanted = strlen(item) + (i ? 2 : 0);
        if (used + wanted + 8 > size) {
            snprintf(out + used, size - used, " ...");
            return;
        }
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", item);
    }
}

void fg_print_text(const json_t *value)
{
    char text[VALUE];
    fputs(cell(value, text, sizeof text), stdout);
}

/* ---- tables ---- */

/* How many columns a text takes on a terminal: characters, not bytes. */
static int width(const char *text)
{
    int n = 0;
    for (const char *p = text; *p; p++) n += ((unsigned char)*p & 0xC0) != 0x80;
    return n;
}

static const json_t *member(const json_t *o, const char *path)
{
    char name[NAME_MAX_LEN];
    for (const char *p = path; o; p++) {
        size_t n = strcspn(p, ".");
        snprintf(name, sizeof name, "%.*s", (int)n, p);
        o = json_object_get(o, name);
        p += n;
        if (!*p) break;
    }
    return o;
}

struct columns {
    char text[512];
    char *names[COLUMNS_MAX];
    int widths[COLUMNS_MAX];
    size_t count;
};

static void take_columns(struct columns *c, const char *list)
{
    snprintf(c->text, sizeof c->text, "%s", list);
    char *rest = c->text, *name;
    c->count = 0;
    while (c->count < COLUMNS_MAX && (name = strsep(&rest, ","))) {
        if (!*name) continue;
        c->names[c->count] = name;
        c->widths[c->count++] = width(name);
    }
}

static void print_cell(const struct columns *c, size_t i, const char *text)
{
    bool last = i + 1 == c->count;
    fputs(text, stdout);
    printf("%*s", last ? 0 : c->widths[i] - width(text) + 2, "");
    if (last) fputs("\n", stdout);
}

void fg_print_table(const json_t *items, const char *columns)
{
    struct columns c;
    char text[CELL];
    size_t at, i;
    json_t *item;
    take_columns(&c, columns);
    json_array_foreach(items, at, item)
    {
        for (i = 0; i < c.count; i++) {
            int w = width(cell(member(item, c.names[i]), text, sizeof text));
            if (w > c.widths[i]) c.widths[i] = w;
        }
    }
    for (i = 0; i < c.count; i++) {
        char heading[NAME_MAX_LEN];
        print_cell(&c, i, fg_quotes(heading, sizeof heading, c.names[i]));
    }
    json_array_foreach(items, at, item)
    {
        for (i = 0; i < c.count; i++)
            print_cell(&c, i, cell(member(item, c.names[i]), text, sizeof text));
    }
}

/* ---- records ---- */

typedef void visit_fn(const char *name, const json_t *value, void *arg);

/* Every field that is no object, with its dotted name. */
static void walk(const char *prefix, const json_t *object, visit_fn *visit, void *arg)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        char name[NAME_MAX_LEN];
        snprintf(name, sizeof name, "%s%s%s", prefix, *prefix ? "." : "", key);
        if (json_is_object(value) && json_object_size(value))
            walk(name, value, visit, arg);
        else
            visit(name, value, arg);
    }
}

static void measure(const char *name, const json_t *value, void *arg)
{
    int *w = arg;
    (void)value;
    if (width(name) > *w) *w = width(name);
}

static void print_field(const char *name, const json_t *value, void *arg)
{
    const int *w = arg;
    char text[VALUE], quoted[NAME_MAX_LEN];
    size_t n = json_is_array(value) ? json_array_size(value) : 0;
    fg_quotes(quoted, sizeof quoted, name);
    printf("%s%*s ", quoted, *w - width(quoted), "");
    if (n == 0) printf("%s\n", cell(value, text, sizeof text));
    for (size_t i = 0; i < n; i++)
        printf("%*s%s\n", i ? *w + 1 : 0, "", cell(json_array_get(value, i), text, sizeof text));
}

void fg_print_record(const json_t *object)
{
    int w = 0;
    walk("", object, measure, &w);
    walk("", object, print_field, &w);
}

/* ---- changes ---- */

/* What is derived from other fields says nothing about a change. */
static bool is_derived(const char *name)
{
    return !strcmp(name, "warnings") || !strcmp(name, "methods") ||
           !strncmp(name, "effective_policy", 16);
}

static void print_after(const char *name, const json_t *after, void *arg)
{
    const json_t *before = arg;
    const json_t *was = before ? member(before, name) : NULL;
    char a[VALUE], b[VALUE];
    if (is_derived(name)) return;
    if (!before && is_empty(after)) return;
    if (before && was && json_equal((json_t *)(uintptr_t)was, (json_t *)(uintptr_t)after)) return;
    if (before)
        printf("    %s: %s -> %s\n", name, cell(was, a, sizeof a), cell(after, b, sizeof b));
    else
        printf("    %s: %s\n", name, cell(after, b, sizeof b));
}

void fg_print_changes(const json_t *changes)
{
    size_t i;
    json_t *change;
    json_array_foreach(changes, i, change)
    {
        char kind[64], key[300];
        json_t *before = json_object_get(change, "before");
        json_t *after = json_object_get(change, "after");
        const char *word = json_is_null(after) ? "remove" : json_is_null(before) ? "add" : "set";
        printf("%-6s %s %s\n", word,
               fg_quotes(kind, sizeof kind, json_string_value(json_object_get(change, "kind"))),
               fg_quotes(key, sizeof key, json_string_value(json_object_get(change, "key"))));
        if (json_is_object(after))
            walk("", after, print_after, json_is_object(before) ? before : NULL);
    }
}

void fg_print_notes(const char *word, const json_t *notes)
{
    size_t i;
    json_t *note;
    json_array_foreach(notes, i, note)
    {
        char kind[64], key[300], text[1024];
        fg_quotes(kind, sizeof kind, json_string_value(json_object_get(note, "kind")));
        fg_quotes(key, sizeof key, json_string_value(json_object_get(note, "key")));
        fg_quotes(text, sizeof text, json_string_value(json_object_get(note, "message")));
        fprintf(stderr, "%s: %s%s%s%s%s\n", word, kind, *kind ? " " : "", key,
                *kind || *key ? ": " : "", text);
    }
}

void fg_print_conflicts(const json_t *conflicts)
{
    size_t i;
    json_t *item;
    json_array_foreach(conflicts, i, item)
    {
        fputs("conflict: ", stdout);
        fg_print_text(json_object_get(item, "kind"));
        fputs(" ", stdout);
        fg_print_text(json_object_get(item, "key"));
        printf(" was changed by somebody else; set it again to keep yours, or discard it\n");
    }
}

/* ---- impact ---- */

/* "2 stay, 1 close": what is more than nothing, or with `all` the three of streams in any case. */
static void print_counts(const json_t *o, bool all)
{
    static const char *const names[] = {"stay", "renegotiate", "close", "queued", "subscriptions"};
    static const char *const words[] = {"stay", "renegotiate", "close", "queued messages",
                                        "subscriptions"};
    const char *between = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        long long n = (long long)json_integer_value(json_object_get(o, names[i]));
        if (!n && !(all && i < 3)) continue;
        printf("%s%lld %s", between, n, words[i]);
        between = ", ";
    }
}

void fg_print_impact(const json_t *impact)
{
    size_t i;
    json_t *partner;
    if (!json_is_object(impact)) return;
    if (json_is_null(json_object_get(impact, "stay"))) {
        printf("streams: the engine has not said in time what this does to them\n");
        return;
    }
    printf("streams: ");
    print_counts(impact, true);
    printf("\n");
    json_array_foreach(json_object_get(impact, "partners"), i, partner)
    {
        const json_t *because = json_object_get(partner, "because");
        printf("  ");
        fg_print_text(json_object_get(partner, "domain"));
        printf(": ");
        print_counts(partner, false);
        if (json_is_string(because)) {
            fputs(" (", stdout);
            fg_print_text(because);
            fputs(")", stdout);
        }
        printf("\n");
    }
    long long more = (long long)json_integer_value(json_object_get(impact, "more"));
    if (more > 0) printf("  and %lld more partners\n", more);
}
