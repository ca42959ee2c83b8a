/* The table of routes: for each method and path the roles, where the handler runs, the longest
 * body, and what the OpenAPI document says. Specific paths stand before general ones. */
#include "api/internal.h"
#include "server/backup/backup.h"

#include <stdio.h>
#include <string.h>

enum { BODY = 1 << 20, LARGE = 64 << 20 };

/* A table reads in rows. */
/* clang-format off */
#define VIEW "view include"
#define LIST "q sort limit cursor"

/* The same six routes for every kind that is a collection. */
#define KIND(name, KIND_ID, by)                                                                    \
    {FG_HTTP_GET, "/" name, FG_BY_ALL, FG_ON_WORKER, 0, KIND_ID, 200,                             \
     fg_handle_objects_list, NULL, "page:" name, "List " name, LIST " " VIEW},                     \
    {FG_HTTP_GET, "/" name "/{key}", FG_BY_ALL, FG_ON_WORKER, 0, KIND_ID, 200,                     \
     fg_handle_objects_show, NULL, name, "Show one of the " name, VIEW},                           \
    {FG_HTTP_PUT, "/" name "/{key}", by, FG_ON_CONFIG, BODY, KIND_ID, 200, fg_handle_objects_put,  \
     name, name, "Put one of the " name " into the draft: 201 when it is new", NULL},              \
    {FG_HTTP_PATCH, "/" name "/{key}", by, FG_ON_CONFIG, BODY, KIND_ID, 200,                       \
     fg_handle_objects_patch, "any", name,                                                         \
     "Merge into one of the " name " (RFC 7396), in the draft", NULL},                             \
    {FG_HTTP_DELETE, "/" name "/{key}", by, FG_ON_CONFIG, 0, KIND_ID, 204,                         \
     fg_handle_objects_delete, NULL, NULL, "Delete one of the " name ", in the draft", NULL}

#define GET(path, by, where, handler, response, summary, query)                                    \
    {FG_HTTP_GET, path, by, where, 0, FG_NO_KIND, 200, fg_handle_##handler, NULL, response,        \
     summary, query}
#define POST(path, by, where, handler, status, request, response, summary)                         \
    {FG_HTTP_POST, path, by, where, BODY, FG_NO_KIND, status, fg_handle_##handler, request,        \
     response, summary, NULL}
#define DELETE(path, by, where, handler, summary)                                                  \
    {FG_HTTP_DELETE, path, by, where, 0, FG_NO_KIND, 204, fg_handle_##handler, NULL, NULL,         \
     summary, NULL}

const struct fg_route fg_routes[] = {
    /* session and set-up */
    POST("/session", FG_BY_ANYBODY, FG_ON_WORKER, session_create, 201, "sign_in", "session",
         "Sign in"),
    GET("/session", FG_BY_ALL, FG_ON_WORKER, session_show, "session",
        "Who am I, and what may I do", NULL),
    DELETE("/session", FG_BY_ALL, FG_ON_CONFIG, session_end, "Sign out"),
    POST("/setup", FG_BY_ANYBODY, FG_ON_WORKER, setup, 201, "setup", "admin",
         "Make the first administrator with the setup link's token"),
    POST("/setup/link", FG_BY_ADMINISTRATOR, FG_ON_CONFIG, setup_link, 201, NULL, "setup_link",
         "A new setup link; only on the local socket, while there is no administrator"),

    /* configuration */
    KIND("partners", FG_KIND_PARTNERS, FG_BY_ADMINISTRATOR),
    GET("/partners/{key}/status", FG_BY_ALL, FG_ON_WORKER, partner_status, "partner_status",
        "What works with a partner, and what failed last", NULL),
    {FG_HTTP_POST, "/partners/{key}/additional-domains", FG_BY_ADMINISTRATOR, FG_ON_CONFIG, BODY,
     FG_KIND_PARTNERS, 200, fg_handle_additional_domains, "additional_domains", "partners",
     "Add to a partner's additional domains, take some out, replace or clear them, in the draft",
     NULL},
    POST("/partners/{key}/retry", FG_BY_OPERATOR, FG_ON_CONFIG, partner_retry, 202, NULL, NULL,
         "Try a partner again now, whatever failed before"),
    GET("/claims", FG_BY_ALL, FG_ON_WORKER, claims, "claims",
        "To whom domains belong: to a partner, to us, or to nobody; and which are no domains",
        "domain view"),
    KIND("policies", FG_KIND_POLICIES, FG_BY_ADMINISTRATOR),
    KIND("users", FG_KIND_USERS, FG_BY_EDITORS),
    KIND("sites", FG_KIND_SITES, FG_BY_ADMINISTRATOR),
    KIND("edges", FG_KIND_EDGES, FG_BY_ADMINISTRATOR),
    KIND("front_ends", FG_KIND_FRONT_ENDS, FG_BY_ADMINISTRATOR),
    KIND("domains", FG_KIND_DOMAINS, FG_BY_ADMINISTRATOR),
    KIND("trust_anchors", FG_KIND_TRUST_ANCHORS, FG_BY_ADMINISTRATOR),
    KIND("certificate_assignments", FG_KIND_CERTIFICATE_ASSIGNMENTS, FG_BY_OPERATOR),
    {FG_HTTP_GET, "/settings", FG_BY_ALL, FG_ON_WORKER, 0, FG_KIND_SETTINGS, 200,
     fg_handle_objects_show, NULL, "settings", "Show the settings", VIEW},
    {FG_HTTP_PUT, "/settings", FG_BY_ADMINISTRATOR, FG_ON_CONFIG, BODY, FG_KIND_SETTINGS, 200,
     fg_handle_objects_put, "settings", "settings", "Put the settings into the draft", NULL},
    {FG_HTTP_PATCH, "/settings", FG_BY_ADMINISTRATOR, FG_ON_CONFIG, BODY, FG_KIND_SETTINGS, 200,
     fg_handle_objects_patch, "any", "settings",
     "Merge into the settings (RFC 7396), in the draft", NULL},

    /* certificates */
    GET("/certificates", FG_BY_ALL, FG_ON_WORKER, certificates_list, "page:certificate",
        "List certificates", LIST),
    POST("/certificates", FG_BY_OPERATOR, FG_ON_CONFIG, certificates_add, 201, "certificate_import",
         "certificate", "Import a certificate with its chain and key"),
    GET("/certificates/{id}", FG_BY_ALL, FG_ON_WORKER, certificates_show, "certificate",
        "Show a certificate", NULL),
    DELETE("/certificates/{id}", FG_BY_OPERATOR, FG_ON_CONFIG, certificates_delete,
           "Delete a certificate and its key, unless it is in use"),

    /* draft and commits */
    GET("/draft", FG_BY_ALL, FG_ON_WORKER, draft_show, "draft", "The changes I have staged",
        "q limit cursor kind"),
    {FG_HTTP_DELETE, "/draft", FG_BY_EDITORS, FG_ON_CONFIG, 0, FG_NO_KIND, 204,
     fg_handle_draft_discard, NULL, NULL, "Discard all my changes, or all of one kind", "kind"},
    DELETE("/draft/changes/{kind}/{key}", FG_BY_EDITORS, FG_ON_CONFIG, draft_discard_one,
           "Discard one change"),
    {FG_HTTP_POST, "/draft/bulk", FG_BY_EDITORS, FG_ON_WORKER, LARGE, FG_NO_KIND, 200,
     fg_handle_draft_bulk, "draft_bulk", "bulk_result",
     "Change or delete all objects of a kind that a filter takes or that are named, in the draft; "
     "all or none", NULL},
    POST("/dialback-secret", FG_BY_ADMINISTRATOR, FG_ON_CONFIG, dialback_secret, 200,
         "dialback_secret", "dialback_secret_set",
         "Set the secret of dialback keys, or have a new one made; keys made with the former one are "
         "accepted for a while. It is never shown"),
    GET("/drafts", FG_BY_ADMINISTRATOR, FG_ON_WORKER, drafts_list, "page:draft_owner",
        "Whose drafts there are; orphaned: of accounts and tokens that are no more", LIST),
    POST("/drafts/{owner}/take", FG_BY_ADMINISTRATOR, FG_ON_CONFIG, drafts_take, 200, NULL, "draft",
         "Move all changes of a draft into mine; refused when both change an object"),
    DELETE("/drafts/{owner}", FG_BY_ADMINISTRATOR, FG_ON_CONFIG, drafts_discard,
           "Discard somebody's draft"),
    POST("/draft/check", FG_BY_EDITORS, FG_ON_WORKER, draft_check, 200, NULL, "check",
         "Everything a commit would check; changes nothing"),
    POST("/draft/commit", FG_BY_EDITORS, FG_ON_WORKER, draft_commit, 201, "draft_commit", "commit",
         "Commit my draft: it runs when this answers"),
    {FG_HTTP_POST, "/commits", FG_BY_EDITORS, FG_ON_WORKER, LARGE, FG_NO_KIND, 201,
     fg_handle_commits, "commits", "commit", "Commit changes in one request, past any draft", NULL},
    GET("/revisions", FG_BY_ALL, FG_ON_WORKER, revisions_list, "page:revision",
        "Revisions, the newest first; with kind and key those that touched one object",
        "limit cursor q kind key"),
    GET("/revisions/{revision}", FG_BY_ALL, FG_ON_WORKER, revisions_show, "revision",
        "A revision with its changes", NULL),
    GET("/revisions/{revision}/diff", FG_BY_ALL, FG_ON_WORKER, revisions_diff, "difference",
        "What is different against another revision", "against"),
    POST("/revisions/{revision}/confirm", FG_BY_EDITORS, FG_ON_CONFIG, revisions_confirm, 200, NULL,
         "commit", "Keep the newest commit"),
    POST("/revisions/{revision}/revert", FG_BY_EDITORS, FG_ON_CONFIG, revisions_revert, 201, NULL,
         "commit", "Take the newest commit back"),
    POST("/revisions/{revision}/restore", FG_BY_EDITORS, FG_ON_CONFIG, revisions_restore, 200, NULL,
         "draft", "Stage the difference back to a revision in my draft"),

    /* commits that wait */
    GET("/approvals", FG_BY_ALL, FG_ON_WORKER, approvals_list, "page:approval",
        "Commits that wait for a second administrator or for their time, and what became of them",
        LIST),
    GET("/approvals/{id}", FG_BY_ALL, FG_ON_WORKER, approvals_show, "approval",
        "One of them, with its changes", NULL),
    POST("/approvals/{id}/approve", FG_BY_EDITORS, FG_ON_CONFIG, approvals_approve, 201,
         "approval_decision", "commit", "Approve a commit of somebody else: it is made, or waits "
         "for its time"),
    POST("/approvals/{id}/reject", FG_BY_EDITORS, FG_ON_CONFIG, approvals_reject, 200,
         "approval_decision", "approval", "Turn a commit down, or take my own back"),

    /* the whole configuration */
    GET("/export", FG_BY_ALL, FG_ON_WORKER, export, "configuration",
        "The committed configuration as one document, in stable order, without secrets", "revision"),
    {FG_HTTP_POST, "/import", FG_BY_ADMINISTRATOR, FG_ON_WORKER, LARGE, FG_NO_KIND, 200,
     fg_handle_import, "configuration", "import_result",
     "Stage the difference to such a document in my draft; mode merge leaves what it does not name",
     "mode"},
    {FG_HTTP_POST, "/import/lync", FG_BY_ADMINISTRATOR, FG_ON_WORKER, LARGE, FG_NO_KIND, 200,
     fg_handle_import_lync, "file", "import_result",
     "Stage what Get-CsXmppAllowedPartner, Get-CsXmppGatewayConfiguration, "
     "Get-CsExternalAccessPolicy or Get-CsUser gave, as CSV, JSON or CLIXML, in my draft; partners "
     "active (the default) or suspended", "partners"},
    {FG_HTTP_POST, "/users/import", FG_BY_ADMINISTRATOR | FG_BIT(FG_ROLE_USER_ADMINISTRATOR),
     FG_ON_WORKER, FG_UNLIMITED, FG_NO_KIND, 202, fg_handle_users_import, "file", "job",
     "Import users from CSV with a header, or JSON lines, into my draft", "dry_run"},
    {FG_HTTP_POST, "/users/assign", FG_BY_ADMINISTRATOR | FG_BIT(FG_ROLE_USER_ADMINISTRATOR),
     FG_ON_WORKER, LARGE, FG_NO_KIND, 200, fg_handle_users_assign, "users_assign", "bulk_result",
     "Grant a policy to the users that a filter takes or that are named, in the draft; null: site "
     "or global decides again", NULL},
    GET("/jobs", FG_BY_ALL, FG_ON_HTTP, jobs_list, "page:job",
        "My jobs, the newest first, without their results", NULL),
    GET("/jobs/{id}", FG_BY_ALL, FG_ON_HTTP, jobs_show, "job", "How far a job is, and its result",
        NULL),
    DELETE("/jobs/{id}", FG_BY_EDITORS, FG_ON_HTTP, jobs_cancel,
           "Cancel a job, or forget one that has ended"),

    /* watching */
    GET("/status", FG_BY_ALL, FG_ON_WORKER, status, "status", "What runs", NULL),
    GET("/status/ports", FG_BY_ALL, FG_ON_WORKER, status_ports, "ports",
        "Which ports are open", NULL),
    GET("/streams", FG_BY_ALL, FG_ON_WORKER, streams_list, "page:stream",
        "XMPP streams as they are now; q looks at domains, peer addresses and certificates' names",
        LIST),
    POST("/streams/{id}/close", FG_BY_OPERATOR, FG_ON_CONFIG, streams_close, 202, NULL, NULL,
         "Close a stream; what waits goes to a new one"),
    GET("/events/stream", FG_BY_ALL, FG_ON_WORKER, events, "media:text/event-stream",
        "Server-sent events: hello, status, streams, revision, approvals, accounts, draft, jobs, and "
        "log for operators; ends at sign-out and when the role changes",
        "events"),
    GET("/negotiation", FG_BY_ALL, FG_ON_HTTP, negotiation, "negotiation",
        "The 18 combinations of TLS, SASL and dialback, and what each means", "lang"),
    GET("/schema", FG_BY_ALL, FG_ON_WORKER, schema, "any",
        "Field tables with help in English, German (de) or Chinese (zh)", "lang"),
    GET("/explain", FG_BY_ALL, FG_ON_WORKER, explain, "explanation",
        "May this pass, and because of which rule", "kind from to view"),

    /* accounts */
    GET("/admins", FG_BY_ADMINISTRATOR, FG_ON_WORKER, admins_list, "page:admin",
        "List administrators", LIST),
    POST("/admins", FG_BY_ADMINISTRATOR, FG_ON_WORKER, admins_add, 201, "admin_add", "admin",
         "Add an administrator"),
    GET("/admins/{username}", FG_BY_ADMINISTRATOR, FG_ON_WORKER, admins_show, "admin",
        "Show an administrator", NULL),
    {FG_HTTP_PATCH, "/admins/{username}", FG_BY_ADMINISTRATOR, FG_ON_WORKER, BODY, FG_NO_KIND, 200,
     fg_handle_admins_change, "admin_change", "admin", "Change role, password or state", NULL},
    DELETE("/admins/{username}/totp", FG_BY_ADMINISTRATOR, FG_ON_CONFIG, admins_totp_off,
           "Switch an administrator's second factor off; ends the sessions"),
    DELETE("/admins/{username}", FG_BY_ADMINISTRATOR, FG_ON_CONFIG, admins_delete,
           "Delete an administrator with sessions and tokens; the draft is kept, see /drafts"),
    GET("/tokens", FG_BY_ALL, FG_ON_WORKER, tokens_list, "page:token",
        "API tokens: mine, or everybody's for an administrator", LIST),
    POST("/tokens", FG_BY_ALL, FG_ON_CONFIG, tokens_add, 201, "token_add", "token",
         "Make an API token; it is shown once"),
    GET("/tokens/{id}", FG_BY_ALL, FG_ON_WORKER, tokens_show, "token", "Show an API token", NULL),
    DELETE("/tokens/{id}", FG_BY_ALL, FG_ON_CONFIG, tokens_delete, "Revoke an API token"),
    GET("/sessions", FG_BY_ALL, FG_ON_WORKER, sessions_list, "page:session_item",
        "Sessions: mine, or everybody's for an administrator", LIST),
    DELETE("/sessions/{id}", FG_BY_ALL, FG_ON_CONFIG, sessions_end, "End a session"),
    {FG_HTTP_PATCH, "/profile", FG_BY_ALL, FG_ON_CONFIG, BODY, FG_NO_KIND, 200, fg_handle_profile,
     "preferences", "preferences", "Choose my language and theme; null: as the browser wishes",
     NULL},
    POST("/profile/password", FG_BY_ALL, FG_ON_WORKER, profile_password, 204, "password_change",
         NULL, "Change my password"),
    GET("/profile/totp", FG_BY_ALL, FG_ON_WORKER, profile_totp_show, "totp",
        "Is my second factor on", NULL),
    POST("/profile/totp", FG_BY_ALL, FG_ON_WORKER, profile_totp, 200, "totp_change", "totp",
         "Start, confirm with a code, or switch off my second factor (RFC 6238)"),
    GET("/audit", FG_BY_OPERATOR, FG_ON_WORKER, audit_list, "page:audit_entry media:application/x-ndjson",
        "Who did what, the newest first; all of it as JSON lines with format=jsonl or "
        "Accept: application/x-ndjson",
        "q limit cursor since until who action kind key outcome revision format"),
    GET("/audit/verify", FG_BY_OPERATOR, FG_ON_WORKER, audit_verify, "audit_report",
        "Check that no row of the audit was changed or removed", NULL),
    POST("/backup", FG_BY_ADMINISTRATOR, FG_ON_CONFIG, backup, 200, NULL,
         "media:" FG_BACKUP_TYPE,
         "Everything that is kept, keys included, as one file; only on the local socket"),
    GET("/openapi.json", FG_BY_ALL, FG_ON_WORKER, openapi, "any", "This document", NULL),
};
/* clang-format on */
const size_t fg_routes_count = sizeof fg_routes / sizeof *fg_routes;

/* Does the path, from segment `first` on, fit the template? */
static bool fits(const char *template, const struct fg_http_request *r, size_t first,
                 const char *args[FG_ARGS_MAX])
{
    size_t i = first, n = 0;
    for (const char *p = template + 1; *p; i++) {
        size_t len = strcspn(p, "/");
        if (i >= r->n_segments) return false;
        if (*p == '{') {
            if (!*r->segments[i]) return false;
            args[n++] = r->segments[i];
        } else if (strlen(r->segments[i]) != len || memcmp(r->segments[i], p, len) != 0) {
            return false;
        }
        p += len;
        if (*p) p++;
    }
    return i == r->n_segments;
}

/* A path that a route spells out ("/users/import") is that route's alone: it is no key of a
 * collection, whose methods it does not have. */
static bool spelled_out(const struct fg_http_request *r, size_t first)
{
    for (size_t i = 0; i < fg_routes_count; i++) {
        const char *none[FG_ARGS_MAX] = {0};
        if (!strchr(fg_routes[i].path, '{') && fits(fg_routes[i].path, r, first, none)) return true;
    }
    return false;
}

const struct fg_route *fg_api_route_find(const struct fg_http_request *r, size_t first,
                                         enum fg_http_method method, const char *args[FG_ARGS_MAX],
                                         bool *path_known)
{
    *path_known = false;
    bool exact = spelled_out(r, first);
    for (size_t i = 0; i < fg_routes_count; i++) {
        const char *found[FG_ARGS_MAX] = {0};
        if (exact && strchr(fg_routes[i].path, '{')) continue;
        if (!fits(fg_routes[i].path, r, first, found)) continue;
        *path_known = true;
        if (fg_routes[i].method != method) continue;
        memcpy(args, found, sizeof found);
        return &fg_routes[i];
    }
    return NULL;
}

const char *const *fg_route_media(const struct fg_route *r)
{
    static const char *const json[] = {"application/json", NULL};
    static const char *const patch[] = {"application/json", "application/merge-patch+json", NULL};
    static const char *const file[] = {
        "application/octet-stream", "text/csv", "application/json", "application/x-ndjson",
        "application/xml",          "text/xml", "text/plain",       NULL};
    if (r->request && strcmp(r->request, "file") == 0) return file;
    return r->method == FG_HTTP_PATCH ? patch : json;
}

static const char *method_names(enum fg_http_method m)
{
    switch (m) {
    case FG_HTTP_GET:
        return "GET, HEAD, ";
    case FG_HTTP_POST:
        return "POST, ";
    case FG_HTTP_PUT:
        return "PUT, ";
    case FG_HTTP_PATCH:
        return "PATCH, ";
    case FG_HTTP_DELETE:
        return "DELETE, ";
    default:
        return "";
    }
}

void fg_route_allow(const struct fg_http_request *r, size_t first, char *out, size_t size)
{
    size_t used = 0;
    const char *args[FG_ARGS_MAX];
    bool exact = spelled_out(r, first);
    for (size_t i = 0; i < fg_routes_count; i++) {
        if (exact && strchr(fg_routes[i].path, '{')) continue;
        if (!fits(fg_routes[i].path, r, first, args)) continue;
        const char *names = method_names(fg_routes[i].method);
        size_t len = strlen(names);
        if (used + len + sizeof "OPTIONS" > size) break;
        snprintf(out + used, size - used, "%s", names);
        used += len;
    }
    snprintf(out + used, size - used, "OPTIONS");
}
