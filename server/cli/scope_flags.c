/* See scope_flags.h. */
#include "server/cli/scope_flags.h"

#include "server/auth/scope.h"
#include "server/cli/client.h"
#include "server/cli/commands.h"
#include "server/cli/options.h"

#include <errno.h>
#include <string.h>

/* "Rome,Berlin" into {list: ["Rome", "Berlin"]}. */
static int add_words(json_t *scope, const char *list, const char *words)
{
    json_t *all = json_array();
    while (words && *words) {
        size_t n = strcspn(words, ",");
        json_array_append_new(all, json_stringn(words, n));
        words += n + (words[n] == ',');
    }
    return json_object_set_new(scope, list, all) ? ENOMEM : 0;
}

int fg_scope_flags(const char *sites, const char *partners, json_t **out)
{
    struct fg_problems problems;
    *out = NULL;
    if (!sites && !partners) return FG_EXIT_NONE;
    json_t *raw = json_object();
    fg_problems_init(&problems);
    int err = add_words(raw, "sites", sites);
    if (!err) err = add_words(raw, "partners", partners);
    *out = err ? NULL : fg_scope_parse(raw, "", &problems);
    json_decref(raw);
    int rc = *out ? FG_EXIT_NONE
                  : fg_failed("the scope cannot be: %s",
                              problems.count ? problems.items[0].message : strerror(ENOMEM));
    fg_problems_free(&problems);
    return rc;
}
