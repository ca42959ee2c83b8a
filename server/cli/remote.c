/* See remote.h. */
#include "server/cli/remote.h"

#include "gateway/base/quote.h"
#include "server/cli/print.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_MAX = 512, HOST_MAX = 256, CONFLICTS_SHOWN = 20 };

struct fg_remote {
    char *socket;
    bool https, json;
    char host[HOST_MAX], port[8], authority[HOST_MAX + 16];
    char token[TOKEN_MAX];
    struct fg_tls_trust trust;
};

/* ---- where, and who ---- */

/* https://HOST[:PORT][/]; an IPv6 address stands in brackets. */
static bool take_url(struct fg_remote *r, const char *url)
{
    if (strncmp(url, "https://", 8)) return false;
    const char *host = url + 8, *port = "443";
    size_t all = strcspn(host, "/");
    if (host[all] == '/' && host[all + 1]) return false;
    size_t skip = *host == '[', n = skip ? strcspn(host, "]") : strcspn(host, ":/");
    if (skip && host[n] != ']') return false;
    const char *behind = host + n + skip;
    size_t port_len = 3;
    if (*behind == ':') {
        port = behind + 1;
        port_len = strspn(port, "0123456789");
        behind = port + port_len;
    }
    if (behind != host + all || n <= skip || n - skip >= sizeof r->host || !port_len ||
        port_len > 5)
        return false;
    if (strcspn(host, " @?#\\") < all) return false;
    snprintf(r->host, sizeof r->host, "%.*s", (int)(n - skip), host + skip);
    snprintf(r->port, sizeof r->port, "%.*s", (int)port_len, port);
    snprintf(r->authority, sizeof r->authority, "%.*s", (int)all, host);
    r->https = true;
    return true;
}

static int keep_token(struct fg_remote *r, const char *text, const char *where)
{
    size_t n = strcspn(text, "\r\n");
    if (n == 0 || n >= sizeof r->token) return fg_failed("%s holds no token", where);
    for (size_t i = 0; i < n; i++) {
        if (!isgraph((unsigned char)text[i])) return fg_failed("%s holds no token", where);
    }
    memcpy(r->token, text, n);
    return 0;
}

static int read_token(struct fg_remote *r, const char *path)
{
    const char *text = getenv("FEDGATE_TOKEN");
    if (!path) return text && *text ? keep_token(r, text, "FEDGATE_TOKEN") : 0;
    char line[TOKEN_MAX + 2] = "";
    FILE *f = fopen(path, "re");
    if (!f) return fg_failed("%s: %s", path, strerror(errno));
    int rc = fgets(line, sizeof line, f) ? keep_token(r, line, path)
                                         : fg_failed("%s holds no token", path);
    fclose(f);
    explicit_bzero(line, sizeof line);
    return rc;
}

int fg_remote_open(struct fg_remote **out, const struct fg_remote_flags *flags, bool json)
{
    struct fg_remote *r = calloc(1, sizeof *r);
    if (!r) return fg_failed("out of memory");
    int rc = 0;
    r->json = json;
    r->trust = flags->trust;
    r->socket = fg_common_socket(&flags->common);
    signal(SIGPIPE, SIG_IGN); /* a server that hangs up is an error like others */
    if (!r->socket) {
        rc = fg_failed("out of memory");
    } else if (flags->url && !take_url(r, flags->url)) {
        fg_failed("--url must be https://HOST[:PORT]");
        rc = FG_EXIT_USAGE;
    } else if (flags->trust.pin && !fg_tls_pin_valid(flags->trust.pin)) {
        fg_failed("--pin must be a SHA-256: 64 hex digits");
        rc = FG_EXIT_USAGE;
    } else {
        rc = read_token(r, flags->token_file);
    }
    if (!rc && r->https && !*r->token) {
        fg_failed("--url needs a token: --token-file or FEDGATE_TOKEN; fedgate token create makes "
                  "one");
        rc = FG_EXIT_USAGE;
    }
    if (rc) {
        fg_remote_close(r);
        return rc;
    }
    *out = r;
    return 0;
}

void fg_remote_close(struct fg_remote *r)
{
    if (!r) return;
    free(r->socket);
    explicit_bzero(r, sizeof *r);
    free(r);
}

/* ---- answers ---- */

static int exit_code(int status)
{
    switch (status) {
    case 401:
    case 403:
        return FG_EXIT_NOT_ALLOWED;
    case 404:
        return FG_EXIT_NOT_FOUND;
    case 409:
    case 412:
        return FG_EXIT_CONFLICT;
    default:
        return FG_EXIT_FAILED;
    }
}

static void print_objects(const json_t *problem, const char *name, const char *what)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(problem, name), i, item)
    {
        char kind[64], key[300];
        if (i == CONFLICTS_SHOWN) break;
        fg_quotes(kind, sizeof kind, json_string_value(json_object_get(item, "kind")));
        fg_quotes(key, sizeof key, json_string_value(json_object_get(item, "key")));
        fprintf(stderr, "  %s %s %s\n", kind, key, what);
    }
}

static int refused(const struct fg_remote *r, struct fg_client_answer *a)
{
    fg_client_refused(a);
    print_objects(a->body, "conflicts", "was changed by somebody else");
    print_objects(a->body, "objects", "is changed by both drafts");
    print_objects(a->body, "requires", "is needed too; --include-dependencies takes it along");
    if (a->status == 401)
        fprintf(stderr, "  the token is unknown, revoked or expired; fedgate token create\n");
    if (r->json && a->body) fg_print_json(a->body);
    int rc = exit_code(a->status);
    fg_client_answer_free(a);
    return rc;
}

static int unreachable(const struct fg_remote *r, int err, const char *why)
{
    char quoted[FG_TLS_WHY];
    if (r->https)
        fg_failed("no answer from https://%s: %s", r->authority,
                  fg_quotes(quoted, sizeof quoted, *why ? why : strerror(err)));
    else
        fg_failed("no answer from the server at %s: %s%s", r->socket, strerror(err),
                  err == ENOENT || err == ECONNREFUSED
                      ? " (does it run? --data-dir, --admin-socket or --url say where)"
                      : "");
    return FG_EXIT_UNREACHABLE;
}

/* Any answer, whatever its status; of 200 the body goes to `fd` when that is one. */
static int exchange(struct fg_remote *r, const struct fg_client_query *q, int fd,
                    struct fg_client_answer *out)
{
    char why[FG_TLS_WHY] = "", *path = NULL;
    struct fg_wire *w = NULL;
    struct fg_client_query full = *q;
    if (asprintf(&path, "/api/v1%s", q->path) < 0) return fg_failed("out of memory");
    full.path = path;
    full.host = r->https ? r->authority : NULL;
    full.token = *r->token ? r->token : NULL;
    int err =
        r->https ? fg_wire_tls(&w, r->host, r->port, &r->trust, why) : fg_wire_local(&w, r->socket);
    if (!err) err = fd < 0 ? fg_client_exchange(w, &full, out) : fg_client_fetch(w, &full, fd, out);
    if (w) w->close(w);
    free(path);
    return err ? unreachable(r, err, why) : 0;
}

int fg_remote_ask(struct fg_remote *r, const struct fg_client_query *q,
                  struct fg_client_answer *out)
{
    int rc = exchange(r, q, -1, out);
    if (rc) return rc;
    return out->status >= 400 ? refused(r, out) : 0;
}

int fg_remote_exists(struct fg_remote *r, const char *path, bool *exists)
{
    const struct fg_client_query q = {.method = "GET", .path = path};
    struct fg_client_answer a;
    int rc = exchange(r, &q, -1, &a);
    if (rc) return rc;
    *exists = a.status != 404;
    if (a.status >= 400 && *exists) return refused(r, &a);
    fg_client_answer_free(&a);
    return 0;
}

int fg_remote_download(struct fg_remote *r, const char *path, int fd)
{
    const struct fg_client_query q = {.method = "GET", .path = path};
    struct fg_client_answer a;
    int rc = exchange(r, &q, fd, &a);
    if (rc) return rc;
    if (a.status >= 400) return refused(r, &a);
    fg_client_answer_free(&a);
    return 0;
}

int fg_remote_send(struct fg_remote *r, const char *method, const char *path, const json_t *body,
                   json_t **out)
{
    const struct fg_client_query q = {.method = method, .path = path, .body = body};
    struct fg_client_answer a;
    int rc = fg_remote_ask(r, &q, &a);
    if (rc) return rc;
    if (out) *out = json_incref(a.body);
    fg_client_answer_free(&a);
    return 0;
}

int fg_remote_get(struct fg_remote *r, const char *path, json_t **out)
{
    int rc = fg_remote_send(r, "GET", path, NULL, out);
    if (!rc && !*out) return fg_failed("the server's answer is no JSON");
    return rc;
}
