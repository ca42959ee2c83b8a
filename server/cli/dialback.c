/* The dialback secret: a new one takes the place of the former, which counts for a while longer. It
 * is never shown, and never stands on the command line. */
#include "server/cli/handlers.h"
#include "server/cli/local.h"
#include "server/cli/print.h"
#include "server/cli/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_secret(json_t *body)
{
    char *secret = fg_read_password(true);
    if (!secret) return FG_EXIT_FAILED;
    json_t *text = json_string(secret);
    explicit_bzero(secret, strlen(secret));
    free(secret);
    if (!text) return fg_failed("the secret is no UTF-8 text");
    json_object_set_new(body, "secret", text);
    return 0;
}

static int overlap(const struct fg_call *c, json_t *body)
{
    char *end;
    if (!c->overlap) return 0;
    long long n = strtoll(c->overlap, &end, 10);
    if (!*c->overlap || *end || n < 0) return fg_call_usage(c, "--overlap is a number of seconds");
    json_object_set_new(body, "overlap", json_integer(n));
    return 0;
}

int fg_do_dialback_secret_rotate(struct fg_call *c)
{
    json_t *body = json_object(), *answer = NULL;
    int rc = overlap(c, body);
    if (!rc && c->secret_stdin) rc = read_secret(body);
    if (!rc) rc = fg_remote_send(c->remote, "POST", "/dialback-secret", body, &answer);
    json_decref(body);
    if (rc) return rc;
    if (!fg_request_json(c, answer)) {
        const json_t *until = json_object_get(answer, "previous_valid_until");
        printf("the dialback secret is another now; ");
        if (json_is_null(until)) {
            printf("the former one counts no more\n");
        } else {
            printf("keys made with the former one count until ");
            fg_print_text(until);
            printf("\n");
        }
    }
    json_decref(answer);
    return 0;
}
