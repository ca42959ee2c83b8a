/* What the commands that speak to a server share: paths, whole lists, changes. Main thread only. */
#ifndef FG_CLI_REQUEST_H
#define FG_CLI_REQUEST_H

#include "server/cli/verb.h"

/* "/KIND/KEY" (KEY NULL: the kind alone), each part encoded; malloc'ed, NULL without memory. */
char *fg_request_path(const char *kind, const char *key);
/* Reads a list to its end, or to --limit: `name` is "items" or "changes", `filters` are
 * FIELD=PATTERN arguments. 0 with a new reference, or an exit code. */
int fg_request_list(struct fg_call *c, const char *path, const char *name,
                    const char *const *filters, size_t n, json_t **out);
/* Prints a list as the flags ask: JSON, keys, or a table. */
void fg_request_print(const struct fg_call *c, const json_t *items, const char *columns,
                      const char *key);
/* Prints JSON when that was asked for; returns whether. */
bool fg_request_json(const struct fg_call *c, const json_t *answer);

/* The fields of a kind, as the server knows them; key_name (may be NULL) gets the key's. */
int fg_request_fields(struct fg_call *c, const char *kind, json_t **fields, char key_name[64]);

/* Changes of one command: staged in the draft one by one, or with --commit and --dry-run sent in
 * one commit. They are first collected, so that a wrong argument stops all of them. */
struct fg_changes {
    json_t *list;    /* {op, kind, key, value?, etag?} */
    json_int_t base; /* the revision that everything was read at */
};
int fg_changes_begin(struct fg_call *c, struct fg_changes *s);
/* `value` (taken over; NULL for delete); `etag` may be NULL. op "create" fails when it exists. */
void fg_changes_add(struct fg_changes *s, const char *op, const char *kind, const char *key,
                    json_t *value, const char *etag);
/* Sends and reports them; frees `s`. */
int fg_changes_send(struct fg_call *c, struct fg_changes *s);
void fg_changes_free(struct fg_changes *s);
/* Do reads of this command see the draft? */
bool fg_changes_staged(const struct fg_call *c);
/* {comment, confirm_within} from the flags into `body`; 0 or a usage error. */
int fg_commit_flags(const struct fg_call *c, const char *comment, json_t *body);
/* Says what a commit's answer means. */
void fg_commit_print(const struct fg_call *c, int status, const json_t *answer);

#endif
