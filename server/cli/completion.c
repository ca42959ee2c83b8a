/* See manual.h: completions for bash. The script needs nothing but bash. */
#include "server/cli/manual.h"

#include "server/cli/verb.h"
#include "server/model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One command, whichever table it stands in. */
struct entry {
    const char *group, *name; /* group "admin", name "add"; name NULL: the group alone */
    const struct fg_verb *verb;
    const struct fg_command *own;
};

typedef void entry_fn(const struct entry *e, void *arg);

static void each(const struct fg_command *own, size_t n, entry_fn *fn, void *arg)
{
    struct fg_verb v;
    char words[FG_VERB_TEXT];
    for (size_t i = 0; i < n; i++) {
        const struct fg_command *c = &own[i];
        const struct entry e = {c->group ? c->group : c->name, c->group ? c->name : NULL, NULL, c};
        fn(&e, arg);
    }
    for (size_t i = 0; fg_verb_at(i, &v, words); i++) {
        const struct entry e = {v.group, v.name, &v, NULL};
        fn(&e, arg);
    }
}

/* Groups come one after the other, those of several commands more than once: each is told once. */
enum { GROUPS_MAX = 64 };
struct groups {
    const char *names[GROUPS_MAX];
    size_t count;
};

static void take_group(const struct entry *e, void *arg)
{
    struct groups *g = arg;
    for (size_t i = 0; i < g->count; i++) {
        if (!strcmp(g->names[i], e->group)) return;
    }
    if (g->count < GROUPS_MAX) g->names[g->count++] = e->group;
}

static void put_verb(const struct entry *e, void *arg)
{
    const char *group = arg;
    if (e->name && !strcmp(e->group, group)) printf(" %s", e->name);
}

static void put_flags(const char *help)
{
    for (const char *p = help; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        if (!strncmp(p, "  --", 4)) printf(" %.*s", (int)strcspn(p + 2, " \n"), p + 2);
    }
}

static const char *text(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    return s ? s : "";
}

typedef void field_fn(const char *name, const json_t *field, const struct fg_noun *noun);

static void each_field(const json_t *fields, const char *prefix, const struct fg_noun *noun,
                       field_fn *fn)
{
    size_t i;
    json_t *field;
    json_array_foreach(fields, i, field)
    {
        char name[128];
        snprintf(name, sizeof name, "%s%s%s", prefix, *prefix ? "." : "", text(field, "name"));
        if (json_is_true(json_object_get(field, "read_only"))) continue;
        if (!strcmp(text(field, "type"), "object"))
            each_field(json_object_get(field, "fields"), name, noun, fn);
        else
            fn(name, field, noun);
    }
}

static void put_field(const char *name, const json_t *field, const struct fg_noun *noun)
{
    (void)field;
    (void)noun;
    printf(" %s=", name);
}

/* The values of fields that have few. */
static void put_values(const char *name, const json_t *field, const struct fg_noun *noun)
{
    size_t i;
    json_t *choice;
    const json_t *items = json_object_get(field, "items");
    const json_t *choices = json_object_get(items ? items : field, "enum");
    bool is_bool = !strcmp(text(field, "type"), "bool");
    if (!is_bool && !json_array_size(choices)) return;
    printf("    '%s %s') values='%s", noun->group, name, is_bool ? "true false" : "");
    json_array_foreach(choices, i, choice) printf("%s%s", i ? " " : "", text(choice, "value"));
    printf("' ;;\n");
}

static void put_entry(const struct entry *e, void *arg)
{
    const json_t *kinds = arg;
    char *help = e->verb ? fg_manual_help_verb(e->verb) : fg_manual_help_own(e->own);
    printf("    '%s%s%s') flags='--help", e->group, e->name ? " " : "", e->name ? e->name : "");
    put_flags(help ? help : "");
    printf("'");
    free(help);
    const struct fg_noun *noun = e->verb ? e->verb->noun : NULL;
    if (noun && (e->verb->flags & (FG_V_FIELDS | FG_V_LIST))) {
        printf(" fields='");
        each_field(json_object_get(json_object_get(kinds, noun->kind), "fields"), "", noun,
                   put_field);
        printf("'");
    }
    if (noun && *noun->key && strcmp(e->name, "list") && strcmp(e->name, "add"))
        printf(" keys=%s", noun->group);
    printf(" ;;\n");
}

static const char opening[] =
    "# bash completion for fedgate, printed by: fedgate completion bash\n"
    "_fedgate()\n"
    "{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    local group=${COMP_WORDS[1]} verb=${COMP_WORDS[2]}\n"
    "    local command=$group verbs='' flags='' fields='' keys='' values='' field=''\n"
    "    COMPREPLY=()\n";

/* Bash takes a word apart at "=": the field stands one or two words back. */
static const char closing[] =
    "    if [[ $cur == = ]]; then\n"
    "        field=$last cur=''\n"
    "    elif [[ $last == = ]]; then\n"
    "        field=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n"
    "    if [[ -n $field ]]; then\n"
    "        fedgate_values \"$group ${field%[-+]}\"\n"
    "        COMPREPLY=($(compgen -W \"$values\" -- \"$cur\"))\n"
    "        return\n"
    "    fi\n"
    "    case $last in\n"
    "    --ca|--token-file|--key|--key-file|--data-dir|--admin-socket)\n"
    "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
    "        return ;;\n"
    "    esac\n"
    "    if [[ -n $keys && $cur != -* ]]; then\n"
    "        keys=$(fedgate \"$keys\" list --keys 2>/dev/null)\n"
    "    fi\n"
    "    if ((COMP_CWORD > 2)) || [[ -z $verbs ]]; then\n"
    "        verbs=''\n"
    "    fi\n"
    "    COMPREPLY=($(compgen -W \"$verbs $flags $fields $keys\" -- \"$cur\"))\n"
    "    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then\n"
    "        compopt -o nospace 2>/dev/null\n"
    "    fi\n"
    "}\n"
    "complete -F _fedgate fedgate\n";

static void put_values_function(const json_t *kinds)
{
    printf("fedgate_values()\n{\n    case $1 in\n");
    for (size_t i = 0; i < fg_noun_count(); i++) {
        const struct fg_noun *noun = fg_noun_at(i);
        each_field(json_object_get(json_object_get(kinds, noun->kind), "fields"), "", noun,
                   put_values);
    }
    printf("    esac\n}\n");
}

int fg_completion_bash(const struct fg_command *own, size_t n)
{
    struct groups g = {.count = 0};
    json_t *schema = fg_model_schema(FG_LANG_EN);
    json_t *kinds = json_object_get(schema, "kinds");
    each(own, n, take_group, &g);
    fputs(opening, stdout);
    printf("    if ((COMP_CWORD == 1)); then\n        COMPREPLY=($(compgen -W 'help completion");
    for (size_t i = 0; i < g.count; i++) printf(" %s", g.names[i]);
    printf("' -- \"$cur\"))\n        return\n    fi\n    case $group in\n");
    for (size_t i = 0; i < g.count; i++) {
        char group[64];
        snprintf(group, sizeof group, "%s", g.names[i]);
        printf("    %s) verbs='", group);
        each(own, n, put_verb, group);
        printf("' ;;\n");
    }
    printf("    esac\n"
           "    [[ \" $verbs \" == *\" $verb \"* ]] && ((COMP_CWORD > 2)) && command=\"$group "
           "$verb\"\n"
           "    case $command in\n");
    each(own, n, put_entry, kinds);
    printf("    esac\n");
    fputs(closing, stdout);
    put_values_function(kinds);
    json_decref(schema);
    return FG_EXIT_OK;
}
