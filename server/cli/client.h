/* A small HTTP client for the local socket: how subcommands speak to a running server, which knows
 * the caller by its user id. Main thread only. */
#ifndef FG_CLI_CLIENT_H
#define FG_CLI_CLIENT_H

#include <jansson.h>

struct fg_client_answer {
    int status;
    json_t *body; /* NULL when there was none, or it is no JSON */
};

/* One request: `body` may be NULL and stays the caller's. 0 when there was an answer, whatever its
 * status; otherwise errno (ECONNREFUSED, ENOENT: nobody listens; EPROTO: no HTTP). */
int fg_client_request(const char *socket_path, const char *method, const char *path,
                      const json_t *body, struct fg_client_answer *out);
/* The same without a body, for an answer that may be large: one of 200 is written to `fd` as it
 * comes, another one is read into `out`. The caller checks that what came is whole. */
int fg_client_download(const char *socket_path, const char *method, const char *path, int fd,
                       struct fg_client_answer *out);
void fg_client_answer_free(struct fg_client_answer *a);
/* A sentence for an answer of 400 and above: what the problem says, with every fault; printed.
 * Returns FG_EXIT_FAILED. */
int fg_client_refused(const struct fg_client_answer *a);
/* Percent-encodes one path segment; malloc'ed. */
char *fg_client_segment(const char *text);

#endif
