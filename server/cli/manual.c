/* See manual.h: the manual page, in troff. */
#include "server/cli/manual.h"

#include "gateway/failure.h"
#include "server/cli/verb.h"
#include "server/model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- what --help prints ---- */

struct capture {
    int file, stdout_was;
};

static bool capture_begin(struct capture *k)
{
    fflush(stdout);
    k->file = memfd_create("help", MFD_CLOEXEC);
    k->stdout_was = dup(STDOUT_FILENO);
    return k->file >= 0 && k->stdout_was >= 0 && dup2(k->file, STDOUT_FILENO) >= 0;
}

static char *capture_end(struct capture *k)
{
    char *text = NULL;
    fflush(stdout);
    if (k->stdout_was >= 0) {
        dup2(k->stdout_was, STDOUT_FILENO);
        close(k->stdout_was);
    }
    off_t size = k->file >= 0 ? lseek(k->file, 0, SEEK_END) : -1;
    if (size >= 0) text = calloc(1, (size_t)size + 1);
    if (text && pread(k->file, text, (size_t)size, 0) != size) {
        free(text);
        text = NULL;
    }
    if (k->file >= 0) close(k->file);
    return text;
}

char *fg_manual_help_own(const struct fg_command *c)
{
    struct capture k;
    char flag[] = "--help";
    char *argv[] = {flag, NULL};
    if (capture_begin(&k)) c->run(1, argv);
    return capture_end(&k);
}

char *fg_manual_help_verb(const struct fg_verb *v)
{
    struct capture k;
    if (capture_begin(&k)) fg_verb_help(v, false);
    return capture_end(&k);
}

/* ---- troff ---- */

static void put_n(const char *text, size_t n)
{
    if (n && (*text == '.' || *text == '\'')) fputs("\\&", stdout);
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\\')
            fputs("\\e", stdout);
        else if (text[i] == '-')
            fputs("\\-", stdout);
        else
            putchar(text[i]);
    }
}

static void put(const char *text)
{
    put_n(text, strlen(text));
}

static bool is_general(const char *line)
{
    static const char *const names[] = {"--json ", "--url ",      "--token-file ",  "--ca ",
                                        "--pin ",  "--data-dir ", "--admin-socket "};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!strncmp(line, names[i], strlen(names[i]))) return true;
    }
    return false;
}

/* "  --name VALUE      what it does" */
static void put_flag(const char *line, size_t n)
{
    size_t left = 0;
    while (left + 1 < n && !(line[left] == ' ' && line[left + 1] == ' ')) left++;
    size_t right = left;
    while (right < n && line[right] == ' ') right++;
    printf(".TP\n.B ");
    put_n(line, left);
    printf("\n");
    put_n(line + right, n - right);
    printf("\n");
}

enum which { ALL, SPECIAL, GENERAL };

static void put_flags(const char *help, enum which which)
{
    for (const char *p = help; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        if (strncmp(p, "  --", 4)) continue;
        bool general = is_general(p + 2);
        if ((which == SPECIAL && general) || (which == GENERAL && !general)) continue;
        put_flag(p + 2, strcspn(p + 2, "\n"));
    }
}

/* The help of one command as a subsection. */
static void put_command(char *help, enum which which)
{
    const char *usage = help ? help + strcspn(help, " ") : NULL;
    if (!usage || !*usage) return;
    size_t n = strcspn(++usage, "\n");
    const char *what = usage + n + (usage[n] == '\n');
    printf(".SS ");
    put_n(usage, n);
    printf("\n");
    put_n(what, strcspn(what, "\n"));
    printf("\n");
    put_flags(help, which);
    free(help);
}

static const char *text(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    return s ? s : "";
}

static void put_field(const json_t *field, const char *prefix)
{
    size_t i;
    json_t *sub;
    char name[128];
    if (json_is_true(json_object_get(field, "read_only"))) return;
    snprintf(name, sizeof name, "%s%s%s", prefix, *prefix ? "." : "", text(field, "name"));
    if (!strcmp(text(field, "type"), "object")) {
        json_array_foreach(json_object_get(field, "fields"), i, sub) put_field(sub, name);
        return;
    }
    char *preset = json_dumps(json_object_get(field, "default"), JSON_ENCODE_ANY | JSON_COMPACT);
    printf(".TP\n.B ");
    put(name);
    printf("\n%s", text(field, "type"));
    if (preset) {
        printf(", default ");
        put(preset);
    }
    printf(".\n");
    put(text(field, "help"));
    printf("\n");
    json_array_foreach(json_object_get(field, "enum"), i, sub)
    {
        printf("\n.I ");
        put(text(sub, "value"));
        printf("\n");
        put(text(sub, "help"));
        printf("\n");
    }
    free(preset);
}

static void put_fields(void)
{
    json_t *schema = fg_model_schema(FG_LANG_EN), *field;
    size_t at;
    printf(".SH FIELDS\nFor FIELD=VALUE and FIELD=PATTERN. Lists are written with commas; += adds "
           "to them, \\-= takes\nout, and an empty value clears. A PEM text is given as @FILE.\n");
    for (size_t i = 0; i < fg_noun_count(); i++) {
        const struct fg_noun *noun = fg_noun_at(i);
        const json_t *kind = json_object_get(json_object_get(schema, "kinds"), noun->kind);
        printf(".SS ");
        put(noun->group);
        printf("\n");
        json_array_foreach(json_object_get(kind, "fields"), at, field) put_field(field, "");
    }
    json_decref(schema);
}

static void put_failures(void)
{
    printf(".SH FAILURES\nWhat can go wrong between this server and a partner or a front end: the "
           "code "
           "that partner\nstatus, streams and the log give, its cause, and what to do.\n");
    for (int f = FG_FAIL_NONE + 1; f < FG_FAIL_COUNT; f++) {
        printf(".TP\n.B %s\n", fg_failure_id((enum fg_failure)f));
        put(fg_failure_cause((enum fg_failure)f));
        printf("\n");
        put(fg_failure_remedy((enum fg_failure)f));
        printf("\n");
    }
}

static void put_opening(void)
{
    printf(".TH FEDGATE 1\n.SH NAME\nfedgate \\- federation gateway between SIP and XMPP\n"
           ".SH SYNOPSIS\n.B fedgate\nCOMMAND [ARGUMENTS] [FLAGS]\n.SH DESCRIPTION\n"
           "One program: the server, its maintenance from the console, and the client of its REST "
           "interface.\nA change is staged in your draft; a commit makes the draft run. With "
           "\\-\\-commit a command\ndoes both at once, past the draft; with \\-\\-dry\\-run it "
           "shows what would happen.\n");
}

static void put_closing(void)
{
    printf(".SH EXIT STATUS\n"
           ".TP\n.B 0\ndone\n"
           ".TP\n.B 1\nrefused or failed, and it said why; the answer of explain is no\n"
           ".TP\n.B 2\nthe command line is wrong\n"
           ".TP\n.B 3\nno server could be reached, or its certificate is not to be trusted\n"
           ".TP\n.B 4\na conflict: somebody else changed it, it exists already, or another commit "
           "waits\n"
           ".TP\n.B 5\nnot signed in, or the role does not allow it\n"
           ".TP\n.B 6\nthere is no such object\n"
           ".SH ENVIRONMENT\n"
           ".TP\n.B FEDGATE_TOKEN\nthe token, when there is no \\-\\-token\\-file\n.PP\n"
           "Flags that have a variable name it in brackets; a flag wins over its variable.\n"
           ".SH EXAMPLES\n.nf\n"
           "fedgate partner add fabrikam.com partner_type=federated tls=required\n"
           "fedgate draft check\n"
           "fedgate commit \\-\\-comment \"first partner\" \\-\\-confirm\\-within 600\n"
           "fedgate revision confirm 1\n"
           "fedgate partner set fabrikam.com additional_domains+=eu.fabrikam.com "
           "\\-\\-commit \"another domain\"\n"
           "fedgate partner set \\-\\-where \"domain=*.org\" state=suspended \\-\\-dry\\-run\n"
           "fedgate policy grant user:press amy@contoso.com\n"
           "fedgate explain amy@contoso.com bob@fabrikam.com\n"
           ".fi\n");
}

int fg_manual_print(const struct fg_command *own, size_t n)
{
    struct fg_verb v;
    char words[FG_VERB_TEXT];
    put_opening();
    printf(".SH THE SERVER AND ITS CONSOLE\n");
    for (size_t i = 0; i < n; i++) put_command(fg_manual_help_own(&own[i]), ALL);
    printf(".SH CLIENT\n");
    for (size_t i = 0; fg_verb_at(i, &v, words); i++) put_command(fg_manual_help_verb(&v), SPECIAL);
    printf(".SH FLAGS OF ALL CLIENT COMMANDS\n");
    char *help = fg_verb_at(0, &v, words) ? fg_manual_help_verb(&v) : NULL;
    put_flags(help ? help : "", GENERAL);
    free(help);
    put_fields();
    put_failures();
    put_closing();
    return FG_EXIT_OK;
}
