/* See verb.h: the command tables, and how a command is run. */
#include "server/cli/verb.h"

#include "server/cli/handlers.h"
#include "server/model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the tables ---- */

static const struct fg_noun nouns[] = {
    {"partner", "partners", "an XMPP federated partner", "XMPP federated partners", "DOMAIN",
     "domain,partner_type,tls,sasl,dialback,state,additional_domains,description"},
    {"policy", "policies", "an external access policy", "external access policies", "IDENTITY",
     "identity,federation_access,xmpp_access,public_cloud_access,outside_access,description"},
    {"user", "users", "a user", "users", "NAME@DOMAIN",
     "address,display_name,site,policy,effective_policy.identity,xmpp_excluded"},
    {"site", "sites", "a site", "sites", "NAME", "name,xmpp_route,description"},
    {"edge", "edges", "an edge", "edges", "FQDN", "fqdn,site,addresses,srv_priority,srv_weight"},
    {"front-end", "front_ends", "a SIP front end", "SIP front ends", "NAME",
     "name,host,port,transport,tls_name,site"},
    {"domain", "domains", "a SIP domain of ours", "our SIP domains", "DOMAIN", "domain,front_ends"},
    {"trust", "trust_anchors", "a trusted authority", "trusted authorities", "NAME", "name,usage"},
};
static const struct fg_noun settings = {"settings", "settings", "the settings", "settings", "", ""};
enum { N_NOUNS = sizeof nouns / sizeof *nouns };

/* The same for each noun; ONE and MANY are its names, KEY its key. */
static const struct fg_verb common[] = {
    {NULL, "list", fg_do_list, "[FIELD=PATTERN...]", 0, SIZE_MAX, FG_V_LIST | FG_V_KEYS | FG_V_VIEW,
     "List MANY, or those that fit; * stands for anything", NULL},
    {NULL, "show", fg_do_show, "KEY", 1, 1, FG_V_VIEW, "Show ONE with all fields", NULL},
    {NULL, "add", fg_do_add, "KEY [FIELD=VALUE...]", 1, SIZE_MAX, FG_V_CHANGE | FG_V_FIELDS,
     "Add ONE; what is not given takes its default", NULL},
    {NULL, "set", fg_do_set, "[KEY...] FIELD=VALUE...", 1, SIZE_MAX,
     FG_V_CHANGE | FG_V_WHERE | FG_V_FIELDS,
     "Change ONE, or many; lists also with += and -=", NULL},
    {NULL, "remove", fg_do_remove, "[KEY...]", 0, SIZE_MAX, FG_V_CHANGE | FG_V_WHERE,
     "Remove ONE, or many", NULL},
};
enum { N_COMMON = sizeof common / sizeof *common };

static const struct fg_verb others[] = {
    {"partner", "status", fg_do_partner_status, "DOMAIN", 1, 1, 0,
     "What works with a partner, and what failed last", NULL},
    {"partner", "retry", fg_do_partner_retry, "DOMAIN", 1, 1, 0,
     "Try a partner again now, whatever failed before", NULL},
    {"policy", "grant", fg_do_grant, "IDENTITY [USER...]", 1, SIZE_MAX, FG_V_CHANGE | FG_V_WHERE,
     "Give a policy to users", NULL},
    {"policy", "ungrant", fg_do_ungrant, "[USER...]", 0, SIZE_MAX, FG_V_CHANGE | FG_V_WHERE,
     "Take the granted policy from users: site or global decides again", NULL},
    {"partner", "domains", fg_do_partner_domains, "DOMAIN add|remove|replace|clear [DOMAIN...]", 2,
     SIZE_MAX, 0, "Edit the additional domains of a partner, in the draft", NULL},
    {"user", "assign", fg_do_user_assign, "IDENTITY|automatic [USER...]", 1, SIZE_MAX,
     FG_V_WHERE | FG_V_DRY, "Give users a policy, in the draft, or let site or global decide",
     NULL},
    {"user", "import", fg_do_user_import, "FILE", 1, 1, FG_V_DRY,
     "Import users from CSV with a header, or JSON lines, into the draft", NULL},
    {"settings", "show", fg_do_settings_show, "", 0, 0, FG_V_VIEW, "Show the settings", &settings},
    {"settings", "set", fg_do_settings_set, "FIELD=VALUE...", 1, SIZE_MAX,
     FG_V_CHANGE | FG_V_FIELDS, "Change settings; fields of fields with dots: limits.depth=100",
     &settings},
    {"certificate", "list", fg_do_certificate_list, "[FIELD=PATTERN...]", 0, SIZE_MAX,
     FG_V_LIST | FG_V_KEYS, "List certificates", NULL},
    {"certificate", "show", fg_do_certificate_show, "ID", 1, 1, 0, "Show a certificate", NULL},
    {"certificate", "add", fg_do_certificate_add, "FILE", 1, 1, FG_V_CERTIFICATE,
     "Import a PEM certificate with its chain, at once; assign says what it is for", NULL},
    {"certificate", "remove", fg_do_certificate_remove, "ID", 1, 1, 0,
     "Delete a certificate and its key, at once, unless it is in use", NULL},
    {"certificate", "assign", fg_do_certificate_assign, "USAGE ID", 2, 2, FG_V_CHANGE,
     "Use a certificate: external, internal, panel or external:DOMAIN", NULL},
    {"certificate", "unassign", fg_do_certificate_unassign, "USAGE", 1, 1, FG_V_CHANGE,
     "Use no certificate for this any more", NULL},
    {"certificate", "assignments", fg_do_certificate_assignments, "", 0, 0,
     FG_V_LIST | FG_V_KEYS | FG_V_VIEW, "Which certificate is used for what", NULL},
    {"draft", "show", fg_do_draft_show, "", 0, 0, 0, "Show my staged changes", NULL},
    {"draft", "check", fg_do_draft_check, "", 0, 0, 0,
     "Everything a commit would check, and what it does to streams; changes nothing", NULL},
    {"draft", "discard", fg_do_draft_discard, "[KIND KEY]", 0, 2, 0,
     "Discard all my staged changes, or one", NULL},
    {"draft", "list-others", fg_do_draft_others, "[FIELD=PATTERN...]", 0, SIZE_MAX,
     FG_V_LIST | FG_V_KEYS,
     "Drafts of everybody else, also of accounts and tokens that are no more", NULL},
    {"draft", "take", fg_do_draft_take, "OWNER", 1, 1, 0,
     "Take a draft of somebody else over: its changes move into mine", NULL},
    {"draft", "drop", fg_do_draft_drop, "OWNER", 1, 1, 0,
     "Discard a draft of somebody else, with all its changes", NULL},
    {"draft", "commit", fg_do_commit, "[KIND/KEY...]", 0, SIZE_MAX, FG_V_COMMIT,
     "Commit my draft, or a selection of it; it runs when this returns", NULL},
    {"commit", NULL, fg_do_commit, "[KIND/KEY...]", 0, SIZE_MAX, FG_V_COMMIT,
     "The same as draft commit", NULL},
    {"dialback-secret", "rotate", fg_do_dialback_secret_rotate, "", 0, 0, FG_V_SECRET,
     "Put another secret in the place of the one that dialback keys are made with, at once", NULL},
    {"approval", "list", fg_do_approval_list, "[FIELD=PATTERN...]", 0, SIZE_MAX,
     FG_V_LIST | FG_V_KEYS,
     "Commits that wait for a second administrator or for their time, and their outcome", NULL},
    {"approval", "show", fg_do_approval_show, "ID", 1, 1, 0, "Show one of them with its changes",
     NULL},
    {"approval", "approve", fg_do_approval_approve, "ID", 1, 1, FG_V_COMMENT,
     "Approve a commit of somebody else: it is made, or waits for its time", NULL},
    {"approval", "reject", fg_do_approval_reject, "ID", 1, 1, FG_V_COMMENT,
     "Turn a commit down, or take my own back", NULL},
    {"revision", "list", fg_do_revision_list, "", 0, 0, FG_V_LIST | FG_V_KEYS,
     "List revisions, the newest first", NULL},
    {"revision", "show", fg_do_revision_show, "N", 1, 1, 0, "Show a revision and its changes",
     NULL},
    {"revision", "diff", fg_do_revision_diff, "N [M]", 1, 2, 0,
     "What N has different from M (default: the one before N)", NULL},
    {"revision", "restore", fg_do_revision_restore, "N", 1, 1, 0,
     "Stage the way back to revision N", NULL},
    {"revision", "confirm", fg_do_revision_confirm, "N", 1, 1, 0, "Keep the newest commit", NULL},
    {"revision", "revert", fg_do_revision_revert, "N", 1, 1, 0, "Take the newest commit back",
     NULL},
    {"audit", "list", fg_do_audit_list, "[FIELD=PATTERN...]", 0, SIZE_MAX, FG_V_LIST | FG_V_KEYS,
     "Who did what, the newest first; also since=TIME until=TIME", NULL},
    {"audit", "verify", fg_do_audit_verify, "", 0, 0, 0,
     "Check that no row of the audit was changed or removed", NULL},
    {"audit", "export", fg_do_audit_export, "[FIELD=PATTERN...]", 0, SIZE_MAX, FG_V_OUT,
     "All of it that fits, as JSON lines", NULL},
    {"session", "list", fg_do_session_list, "[FIELD=PATTERN...]", 0, SIZE_MAX,
     FG_V_LIST | FG_V_KEYS, "Who is signed in to the panel: mine, or everybody's", NULL},
    {"session", "end", fg_do_session_end, "ID...", 1, SIZE_MAX, 0, "End sessions, at once", NULL},
    {"token", "list", fg_do_token_list, "[FIELD=PATTERN...]", 0, SIZE_MAX, FG_V_LIST | FG_V_KEYS,
     "List API tokens: mine, or everybody's", NULL},
    {"token", "revoke", fg_do_token_revoke, "ID...", 1, SIZE_MAX, 0, "Revoke API tokens, at once",
     NULL},
    {"import-lync", NULL, fg_do_import_lync, "FILE", 1, 1, FG_V_SUSPENDED,
     "Stage what Get-CsXmppAllowedPartner and the like exported: CSV, JSON or CLIXML", NULL},
    {"status", NULL, fg_do_status, "", 0, 0, 0, "What runs, with counters", NULL},
    {"status", "ports", fg_do_status_ports, "", 0, 0, FG_V_KEYS, "Which ports are open", NULL},
    {"streams", NULL, fg_do_streams, "[FIELD=PATTERN...]", 0, SIZE_MAX, FG_V_LIST | FG_V_KEYS,
     "List XMPP streams", NULL},
    {"streams", "close", fg_do_streams_close, "ID", 1, 1, 0,
     "Close a stream; what waits goes to a new one", NULL},
    {"explain", NULL, fg_do_explain, "FROM TO", 2, 2, FG_V_EXPLAIN | FG_V_VIEW,
     "May this pass, and because of which rule; exit code 1 when it may not", NULL},
};
enum { N_OTHERS = sizeof others / sizeof *others };

size_t fg_noun_count(void)
{
    return N_NOUNS + 1;
}

const struct fg_noun *fg_noun_at(size_t i)
{
    return i < N_NOUNS ? &nouns[i] : &settings;
}

const struct fg_noun *fg_noun_find(const char *word)
{
    for (size_t i = 0; i < N_NOUNS; i++) {
        if (!strcmp(nouns[i].group, word) || !strcmp(nouns[i].kind, word)) return &nouns[i];
    }
    return !strcmp(word, "settings") ? &settings : NULL;
}

/* Writes `text` with `what` in place of `mark`. */
static void fill_in(char *out, size_t size, const char *text, const char *mark, const char *what)
{
    const char *at = strstr(text, mark);
    if (!at)
        snprintf(out, size, "%s", text);
    else
        snprintf(out, size, "%.*s%s%s", (int)(at - text), text, what, at + strlen(mark));
}

bool fg_verb_at(size_t i, struct fg_verb *out, char text[FG_VERB_TEXT])
{
    enum { ARGS_ROOM = 60, WHAT_ROOM = FG_VERB_TEXT - ARGS_ROOM };
    if (i >= N_NOUNS * N_COMMON) {
        if (i - N_NOUNS * N_COMMON >= N_OTHERS) return false;
        *out = others[i - N_NOUNS * N_COMMON];
        return true;
    }
    const struct fg_noun *noun = &nouns[i / N_COMMON];
    *out = common[i % N_COMMON];
    out->group = noun->group;
    out->noun = noun;
    bool many = strstr(out->what, "MANY");
    fill_in(text, WHAT_ROOM, out->what, many ? "MANY" : "ONE", many ? noun->many : noun->one);
    fill_in(text + WHAT_ROOM, ARGS_ROOM, out->args, "KEY", noun->key);
    out->what = text;
    out->args = text + WHAT_ROOM;
    return true;
}

bool fg_verb_find(int argc, char **argv, struct fg_verb *out, char text[FG_VERB_TEXT], int *used)
{
    size_t i, alone = SIZE_MAX;
    for (i = 0; fg_verb_at(i, out, text); i++) {
        if (argc < 1 || strcmp(argv[0], out->group)) continue;
        if (!out->name) alone = i;
        if (out->name && argc > 1 && !strcmp(argv[1], out->name)) {
            *used = 2;
            return true;
        }
    }
    *used = 1;
    return alone != SIZE_MAX && fg_verb_at(alone, out, text);
}

bool fg_verb_group(const char *word)
{
    struct fg_verb v;
    char text[FG_VERB_TEXT];
    for (size_t i = 0; fg_verb_at(i, &v, text); i++) {
        if (!strcmp(v.group, word)) return true;
    }
    return false;
}

/* ---- flags ---- */

enum { FLAGS_MAX = 32 };

static size_t special_flags(struct fg_call *c, struct fg_flag *f)
{
    const unsigned has = c->verb->flags;
    size_t n = 0;
    if (has & FG_V_LIST) {
        f[n++] = (struct fg_flag){"search", NULL, "TEXT", "text anywhere", &c->search, NULL};
        f[n++] = (struct fg_flag){"sort",   NULL, "FIELD", "sort by it; -FIELD the other way round",
                                  &c->sort, NULL};
        f[n++] = (struct fg_flag){"limit", NULL, "N", "at most so many", &c->limit, NULL};
        f[n++] = (struct fg_flag){"columns",   NULL, "FIELD,...", "which fields the table shows",
                                  &c->columns, NULL};
    }
    if (has & FG_V_KEYS)
        f[n++] = (struct fg_flag){"keys", NULL, NULL, "only the keys, one a line", NULL, &c->keys};
    if (has & FG_V_WHERE) {
        f[n++] = (struct fg_flag){"where",      NULL,
                                  "CONDITIONS", "in place of names: FIELD=PATTERN,... or all",
                                  &c->filter,   NULL};
        f[n++] =
            (struct fg_flag){"filter", NULL, "CONDITIONS", "the same as --where", &c->filter, NULL};
    }
    if (has & FG_V_DRY)
        f[n++] = (struct fg_flag){
            "dry-run", NULL, NULL, "tell what would change, and change nothing", NULL, &c->dry_run};
    if (has & FG_V_VIEW)
        f[n++] =
            (struct fg_flag){"draft", NULL, NULL, "as it would be with my draft", NULL, &c->draft};
    if (has & FG_V_CHANGE) {
        f[n++] = (struct fg_flag){
            "commit",   NULL, "COMMENT", "commit at once, past the draft; without it, it is staged",
            &c->commit, NULL};
    }
    if (has & (FG_V_COMMIT | FG_V_COMMENT))
        f[n++] =
            (struct fg_flag){"comment",   NULL, "COMMENT", "kept with the revision or the decision",
                             &c->comment, NULL};
    if (has & FG_V_COMMIT)
        f[n++] = (struct fg_flag){
            "only",   NULL, "KIND/KEY,...", "these changes alone; the rest stays in the draft",
            &c->only, NULL};
    if (has & FG_V_COMMIT)
        f[n++] = (struct fg_flag){
            "include-dependencies", NULL, NULL, "with what a selection needs of the draft", NULL,
            &c->dependencies};
    if (has & (FG_V_CHANGE | FG_V_COMMIT)) {
        f[n++] = (struct fg_flag){"dry-run", NULL,
                                  NULL,      "show what a commit would do, and change nothing",
                                  NULL,      &c->dry_run};
        f[n++] = (struct fg_flag){"at",   NULL,
                                  "TIME", "the commit is made then: RFC 3339, 2030-01-31T22:00:00Z",
                                  &c->at, NULL};
        f[n++] = (struct fg_flag){
            "confirm-within",   NULL,
            "SECONDS",          "the commit is taken back unless it is confirmed in time",
            &c->confirm_within, NULL};
    }
    if (has & FG_V_OUT)
        f[n++] = (struct fg_flag){"out",   NULL, "FILE", "write to it (default: standard output)",
                                  &c->out, NULL};
    if (has & FG_V_SECRET) {
        f[n++] = (struct fg_flag){
            "overlap",
            NULL,
            "SECONDS",
            "how long keys made with the former one count (default 86400, at most 2592000)",
            &c->overlap,
            NULL};
        f[n++] = (struct fg_flag){
            "secret-stdin",
            NULL,
            NULL,
            "read it from standard input, 16 to 256 characters; without, one is made",
            NULL,
            &c->secret_stdin};
    }
    if (has & FG_V_SUSPENDED)
        f[n++] = (struct fg_flag){
            "suspended", NULL,
            NULL,        "partners come suspended: the old gateway goes on serving them",
            NULL,        &c->suspended};
    if (has & FG_V_CERTIFICATE) {
        f[n++] = (struct fg_flag){"key", NULL, "FILE", "its private key, PEM", &c->key_file, NULL};
        f[n++] = (struct fg_flag){
            "password-stdin",  NULL, NULL, "read the key's password from standard input", NULL,
            &c->password_stdin};
        f[n++] = (struct fg_flag){"name", NULL, "NAME", "a name for people", &c->label, NULL};
    }
    if (has & FG_V_EXPLAIN)
        f[n++] = (struct fg_flag){"kind",   NULL, "KIND", "message (default), presence, subscribe",
                                  &c->kind, NULL};
    return n;
}

static size_t all_flags(struct fg_call *c, struct fg_flag *f)
{
    size_t n = special_flags(c, f);
    f[n++] =
        (struct fg_flag){"json", NULL, NULL, "the server's answer, for scripts", NULL, &c->json};
    f[n++] = (struct fg_flag){
        "url",         "FEDGATE_URL",
        "URL",         "the panel's address, https://HOST:PORT (default: the local socket)",
        &c->where.url, NULL};
    f[n++] = (struct fg_flag){
        "token-file",         NULL, "FILE", "whose token to use (default: FEDGATE_TOKEN)",
        &c->where.token_file, NULL};
    f[n++] = (struct fg_flag){"ca",
                              "FEDGATE_CA",
                              "FILE",
                              "trust these authorities, PEM (default: the system's)",
                              &c->where.trust.ca,
                              NULL};
    f[n++] = (struct fg_flag){"pin",
                              "FEDGATE_PIN",
                              "SHA256",
                              "trust the server's certificate by its fingerprint alone",
                              &c->where.trust.pin,
                              NULL};
    f[n++] = (struct fg_flag)FG_FLAG_DATA_DIR(&c->where.common);
    f[n++] = (struct fg_flag)FG_FLAG_SOCKET(&c->where.common);
    return n;
}

static void usage_of(const struct fg_call *c, struct fg_usage *u, char command[64],
                     struct fg_flag flags[FLAGS_MAX], size_t n)
{
    const struct fg_verb *v = c->verb;
    snprintf(command, 64, "%s%s%s", v->group, v->name ? " " : "", v->name ? v->name : "");
    *u = (struct fg_usage){command, v->args, v->what, flags, n};
}

int fg_call_usage(const struct fg_call *c, const char *what)
{
    struct fg_usage u;
    char command[64];
    usage_of(c, &u, command, NULL, 0);
    return fg_usage_error(&u, "%s", what);
}

/* ---- help ---- */

static const char *text(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));
    return s ? s : "";
}

static void print_field(const json_t *field, const char *prefix)
{
    size_t i;
    json_t *sub;
    char name[128];
    if (json_is_true(json_object_get(field, "read_only"))) return;
    snprintf(name, sizeof name, "%s%s%s", prefix, *prefix ? "." : "", text(field, "name"));
    if (json_is_array(json_object_get(field, "fields")) && strcmp(text(field, "type"), "list")) {
        json_array_foreach(json_object_get(field, "fields"), i, sub) print_field(sub, name);
        return;
    }
    char *preset = json_dumps(json_object_get(field, "default"), JSON_ENCODE_ANY | JSON_COMPACT);
    printf("  %-28s %s, %s%s%s\n", name, text(field, "type"),
           json_is_true(json_object_get(field, "required")) ? "needed" : "default ",
           json_is_true(json_object_get(field, "required")) ? ""
           : preset                                         ? preset
                                                            : "none",
           "");
    printf("  %-28s %s\n", "", text(field, "help"));
    json_array_foreach(json_object_get(field, "enum"), i, sub)
        printf("  %-28s   %s: %s\n", "", text(sub, "value"), text(sub, "help"));
    free(preset);
}

static void print_fields(const struct fg_noun *noun)
{
    size_t i;
    json_t *schema = fg_model_schema(FG_LANG_EN), *field;
    const json_t *kind = json_object_get(json_object_get(schema, "kinds"), noun->kind);
    printf("\nfields:\n");
    json_array_foreach(json_object_get(kind, "fields"), i, field) print_field(field, "");
    json_decref(schema);
}

void fg_verb_help(const struct fg_verb *v, bool fields)
{
    struct fg_call c = {.verb = v};
    struct fg_flag flags[FLAGS_MAX];
    struct fg_usage u;
    char command[64];
    usage_of(&c, &u, command, flags, all_flags(&c, flags));
    fg_options_help(&u);
    if (fields && (v->flags & FG_V_FIELDS)) print_fields(v->noun);
}

static bool asks_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--"); i++) {
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) return true;
    }
    return false;
}

/* ---- running ---- */

static int parse(struct fg_call *c, int argc, char **argv)
{
    struct fg_flag flags[FLAGS_MAX];
    struct fg_usage u;
    char command[64];
    size_t max = c->verb->max < (size_t)argc ? c->verb->max : (size_t)argc;
    usage_of(c, &u, command, flags, all_flags(c, flags));
    c->args = calloc(max + 1, sizeof *c->args);
    if (!c->args) return fg_failed("out of memory");
    int rc = fg_options_parse(&u, argc, argv, c->args, c->verb->min, max);
    if (rc != FG_EXIT_NONE) return rc;
    while (c->n < max && c->args[c->n]) c->n++;
    if (c->commit && c->dry_run) return fg_call_usage(c, "--commit or --dry-run, not both");
    return FG_EXIT_NONE;
}

int fg_verb_run(const struct fg_verb *v, int argc, char **argv)
{
    struct fg_call c = {.verb = v, .noun = v->noun};
    if (asks_help(argc, argv)) {
        fg_verb_help(v, true);
        return FG_EXIT_OK;
    }
    fg_common_init(&c.where.common);
    int rc = parse(&c, argc, argv);
    if (rc == FG_EXIT_NONE) rc = fg_remote_open(&c.remote, &c.where, c.json);
    if (!rc) rc = v->run(&c);
    if (!rc && (fflush(stdout) || ferror(stdout)))
        rc = fg_failed("the output could not be written");
    fg_remote_close(c.remote);
    free(c.args);
    return rc;
}
