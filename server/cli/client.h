/* A small HTTP client: how subcommands speak to a running server, over its local socket, where it
 * knows the caller by its user id, or over whatever else carries bytes. Main thread only. */
#ifndef FG_CLI_CLIENT_H
#define FG_CLI_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct fg_client_answer {
    int status;
    json_t *body;  /* NULL when there was none, or it is no JSON */
    char etag[80]; /* with its quotes; "" without one */
};

/* What carries the bytes of one request. Each call returns 0 or errno; `got` is 0 at the end. */
struct fg_wire {
    int (*send)(struct fg_wire *w, const void *data, size_t len);
    int (*receive)(struct fg_wire *w, void *data, size_t size, size_t *got);
    void (*close)(struct fg_wire *w); /* and frees */
};
int fg_wire_local(struct fg_wire **out, const char *path);

struct fg_client_query {
    const char *method, *path;
    const char *host;     /* NULL: localhost */
    const char *token;    /* NULL: none */
    const char *if_match; /* NULL: none */
    bool only_new;        /* If-None-Match: * */
    const json_t *body;   /* NULL: none */
    const char *data;     /* in place of body, as application/octet-stream; or NULL */
    size_t data_len;
};
/* One request and its answer; the wire is used up, and stays the caller's to close. As below. */
int fg_client_exchange(struct fg_wire *w, const struct fg_client_query *q,
                       struct fg_client_answer *out);

/* The same for an answer that may be large: one of 200 is written to `fd` as it comes, another one
 * is read into `out`. EPROTO when it is shorter than it says. */
int fg_client_fetch(struct fg_wire *w, const struct fg_client_query *q, int fd,
                    struct fg_client_answer *out);

/* One request over the local socket: `body` may be NULL and stays the caller's. 0 when there was an
 * answer, whatever its status; otherwise errno (ECONNREFUSED, ENOENT: nobody listens; EPROTO: no
 * HTTP). */
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
