/* Answers of the REST interface: JSON, problem+json with all faults, strong ETags. Every function
 * takes over the JSON it is given and returns a response for fg_http_respond; want of memory
 * becomes a 500 there. Any thread. */
#ifndef FG_API_REPLY_H
#define FG_API_REPLY_H

#include <jansson.h>
#include <stdint.h>

#include "gateway/base/problem.h"
#include "server/http/http.h"

struct fg_http_response *fg_reply_json(int status, json_t *body);
struct fg_http_response *fg_reply_empty(int status);
/* problem+json with the status' title; `code` is a stable word for scripts, also the end of `type`
 * (NULL: about:blank); `detail` is a sentence. */
struct fg_http_response *fg_reply_problem(int status, const char *code, const char *detail);
/* The same with `errors`, one for each fault. */
struct fg_http_response *fg_reply_problems(int status, const char *code, const char *detail,
                                           const struct fg_problems *problems);
/* The same with further members, taken over. */
struct fg_http_response *fg_reply_problem_with(int status, const char *code, const char *detail,
                                               const struct fg_problems *problems, json_t *more);
/* What went wrong inside, by errno: 503 for ENOSPC and the like, 500 otherwise; never with detail.
 */
struct fg_http_response *fg_reply_errno(int err);

/* Adds Location: the path and one more segment, percent-encoded. */
void fg_location(struct fg_http_response *r, const char *path, const char *segment);

/* [{pointer, code, message}] */
json_t *fg_json_problems(const struct fg_problems *problems);
/* RFC 3339 text; null when `ms` is 0. */
json_t *fg_json_time(int64_t ms);
/* The string, or null for NULL. Bytes that are no UTF-8 appear as escapes. */
json_t *fg_json_text(const char *s);
/* Sets a member; takes the value over; a NULL object or value is passed by. */
void fg_json_set(json_t *object, const char *name, json_t *value);
void fg_json_push(json_t *array, json_t *value);

enum { FG_ETAG_MAX = 48 };
/* Strong tag (with its quotes) of an object's body. */
void fg_etag(char out[FG_ETAG_MAX], const json_t *body);
/* Does the list in an If-Match or If-None-Match header hold the tag, or a star? */
bool fg_etag_matches(const char *header, const char *etag);

#endif
