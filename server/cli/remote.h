/* The server a command speaks to: over its local socket, where our user id says who we are, or at
 * a URL with a token; and what its answers mean for the exit code. Main thread only. */
#ifndef FG_CLI_REMOTE_H
#define FG_CLI_REMOTE_H

#include "server/cli/client.h"
#include "server/cli/options.h"
#include "server/cli/tls.h"

/* Beside those of options.h. */
enum {
    FG_EXIT_UNREACHABLE = 3,
    FG_EXIT_CONFLICT = 4,
    FG_EXIT_NOT_ALLOWED = 5,
    FG_EXIT_NOT_FOUND = 6
};

struct fg_remote_flags {
    struct fg_common common;
    const char *url;        /* https://HOST[:PORT], or NULL */
    const char *token_file; /* or NULL: FEDGATE_TOKEN, or none */
    struct fg_tls_trust trust;
};

struct fg_remote;

/* Reads the token and takes the URL apart; connects only when asked. 0, or an exit code after
 * saying why. */
int fg_remote_open(struct fg_remote **out, const struct fg_remote_flags *flags, bool json);
void fg_remote_close(struct fg_remote *r);

/* One request. 0 with an answer below 400, to be freed; otherwise an exit code after saying why,
 * and nothing to free. `q` needs method, path (behind /api/v1) and what else there is. */
int fg_remote_ask(struct fg_remote *r, const struct fg_client_query *q,
                  struct fg_client_answer *out);
/* Is there such an object? 0, or an exit code after saying why that is not known. */
int fg_remote_exists(struct fg_remote *r, const char *path, bool *exists);
/* The same for what is only read or only sent: the body as a new reference, or NULL. */
int fg_remote_get(struct fg_remote *r, const char *path, json_t **out);
int fg_remote_send(struct fg_remote *r, const char *method, const char *path, const json_t *body,
                   json_t **out);

/* GET of what may be large: an answer of 200 is written to `fd` as it comes, and must be whole. 0
 * or an exit code after saying why. */
int fg_remote_download(struct fg_remote *r, const char *path, int fd);

#endif
