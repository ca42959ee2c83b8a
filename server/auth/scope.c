/* See scope.h. */
#include "server/auth/scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SITE_MAX = 64, PATTERN_MAX = 253, POINTER = 128 };

static bool matches(const char *pattern, const char *text)
{
    const char *star = NULL, *mark = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            mark = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++mark;
        } else {
            return false;
        }
    }
    while (*pattern == '*') pattern++;
    return !*pattern;
}

/* ---- reading ---- */

static bool has(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0) return true;
    return false;
}

static const char *read_site(const char *raw, char *out, size_t size)
{
    size_t len = strlen(raw);
    if (!len || len > SITE_MAX) return "A site is named by its name, of 1 to 64 bytes.";
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)raw[i] < ' ' || raw[i] == 0x7f)
            return "A site's name has no control characters.";
    snprintf(out, size, "%s", raw);
    return NULL;
}

static const char *read_pattern(const char *raw, char *out, size_t size)
{
    size_t len = strlen(raw);
    if (!len || len > PATTERN_MAX) return "A pattern has 1 to 253 characters.";
    snprintf(out, size, "%s", raw);
    for (char *c = out; *c; c++) {
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-.*", *c))
            return "A pattern is a domain in its ASCII form, such as xn--bcher-kva.example, in "
                   "which * stands for any part.";
    }
    const char *inner = strpbrk(out + 1, "*");
    if (inner && inner[1])
        return "The * stands at the beginning or at the end of a pattern only: *.example.com takes "
               "in whatever ends so. Name two patterns in place of one with * in its middle.";
    return NULL;
}

static json_t *read_list(const json_t *value, const char *name, const char *at,
                         const char *(*read)(const char *raw, char *out, size_t size),
                         struct fg_problems *problems)
{
    char pointer[POINTER], item[PATTERN_MAX + 1];
    json_t *out = json_array();
    const json_t *list = json_object_get(value, name);
    size_t n = json_array_size(list);
    snprintf(pointer, sizeof pointer, "%s/%s", at, name);
    if (list && !json_is_array(list))
        fg_problem_add(problems, pointer, "type", "%s is a list of strings.", name);
    if (n > FG_SCOPE_ITEMS)
        fg_problem_add(problems, pointer, "too_many", "%s has at most %d entries.", name,
                       FG_SCOPE_ITEMS);
    for (size_t i = 0; i < n && n <= FG_SCOPE_ITEMS; i++) {
        const char *raw = json_string_value(json_array_get(list, i));
        const char *wrong = raw ? read(raw, item, sizeof item) : "This is no string.";
        snprintf(pointer, sizeof pointer, "%s/%s/%zu", at, name, i);
        if (!raw)
            fg_problem_add(problems, pointer, "type", "%s", wrong);
        else if (wrong && read == read_pattern)
            fg_problem_add(problems, pointer, "scope_pattern", "%s", wrong);
        else if (wrong)
            fg_problem_add(problems, pointer, "scope_site", "%s", wrong);
        else if (!has(out, item))
            json_array_append_new(out, json_string(item));
    }
    return out;
}

json_t *fg_scope_parse(const json_t *value, const char *pointer, struct fg_problems *problems)
{
    if (!json_is_object(value)) {
        fg_problem_add(problems, pointer, "type",
                       "A scope is null, or an object with the lists sites and partners.");
        return NULL;
    }
    size_t known = (json_object_get(value, "sites") != NULL) +
                   (size_t)(json_object_get(value, "partners") != NULL);
    if (json_object_size(value) != known)
        fg_problem_add(problems, pointer, "unknown_field",
                       "A scope has the fields sites and partners only.");
    json_t *sites = read_list(value, "sites", pointer, read_site, problems);
    json_t *partners = read_list(value, "partners", pointer, read_pattern, problems);
    if (fg_problems_none(problems) && !json_array_size(sites) && !json_array_size(partners))
        fg_problem_add(problems, pointer, "empty",
                       "A scope names at least one site or partner; for an account that changes "
                       "nothing, choose the role viewer.");
    json_t *scope = json_pack("{s:o,s:o}", "sites", sites, "partners", partners);
    if (fg_problems_none(problems)) return scope;
    json_decref(scope);
    return NULL;
}

char *fg_scope_text(const json_t *scope)
{
    return json_dumps(scope, JSON_COMPACT | JSON_SORT_KEYS);
}

/* ---- deciding ---- */

bool fg_scope_site(const json_t *scope, const char *site)
{
    return site && has(json_object_get(scope, "sites"), site);
}

bool fg_scope_partner(const json_t *scope, const char *domain)
{
    const json_t *list = json_object_get(scope, "partners");
    for (size_t i = 0; domain && i < json_array_size(list); i++)
        if (matches(json_string_value(json_array_get(list, i)), domain)) return true;
    return false;
}

/* A pattern is covered when another matches its own text: its * can then only fall on a *. */
bool fg_scope_covers(const json_t *outer, const json_t *inner)
{
    const json_t *sites = json_object_get(inner, "sites");
    const json_t *partners = json_object_get(inner, "partners");
    for (size_t i = 0; i < json_array_size(sites); i++)
        if (!fg_scope_site(outer, json_string_value(json_array_get(sites, i)))) return false;
    for (size_t i = 0; i < json_array_size(partners); i++)
        if (!fg_scope_partner(outer, json_string_value(json_array_get(partners, i)))) return false;
    return true;
}

/* ---- saying it ---- */

static size_t say_list(char out[FG_SCOPE_SAYS], size_t used, const char *title, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list) && used < FG_SCOPE_SAYS - 1; i++) {
        int n = snprintf(out + used, FG_SCOPE_SAYS - used, "%s%s", i ? ", " : title,
                         json_string_value(json_array_get(list, i)));
        used += n > 0 ? (size_t)n : 0;
    }
    return used < FG_SCOPE_SAYS ? used : FG_SCOPE_SAYS - 1;
}

const char *fg_scope_says(const json_t *scope, char out[FG_SCOPE_SAYS])
{
    const json_t *sites = json_object_get(scope, "sites");
    out[0] = '\0';
    size_t used = say_list(out, 0, "the sites ", sites);
    used = say_list(out, used, used ? " and the partners " : "the partners ",
                    json_object_get(scope, "partners"));
    if (used >= FG_SCOPE_SAYS - 1) { /* cut between two characters */
        used = FG_SCOPE_SAYS - 4;
        while (used && ((unsigned char)out[used] & 0xc0) == 0x80) used--;
        snprintf(out + used, FG_SCOPE_SAYS - used, "…");
    }
    return out;
}
