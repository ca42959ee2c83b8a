/* Commits and drafts share these shapes. */
#ifndef FG_API_COMMIT_H
#define FG_API_COMMIT_H

#include "api/internal.h"

/* [{kind, key, pointer, code, message}] from pointers "/kind/key/field…". */
json_t *fg_json_object_problems(const struct fg_problems *problems);
struct fg_listing;
/* The caller's draft as GET /draft shows it, a page of its changes; NULL with *err. */
json_t *fg_json_draft(struct fg_call *c, const struct fg_listing *l, int *err);
/* Answers with the outcome of a commit, confirmation or revert; frees the result. */
void fg_answer_commit(struct fg_call *c, struct fg_commit_result *r);
/* 202 with the approval that a commit became. */
struct fg_http_response *fg_reply_waiting(struct fg_call *c, const struct fg_commit_result *r);
/* May the caller's role make each of these changes? False after having answered 403. `changes` as
 * in GET /draft. */
bool fg_check_changes(struct fg_call *c, const json_t *changes);

#endif
