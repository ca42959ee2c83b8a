/* Who calls: a bearer token, a session cookie (with the CSRF token for what writes), or the peer of
 * the local socket. From memory only; runs on the HTTP threads before a body is read. */
#include "api/internal.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "api/cookie.h"
#include "gateway/base/clock.h"

struct fg_http_response *fg_unauthorized(const char *code, const char *detail)
{
    struct fg_http_response *r = fg_reply_problem(401, code, detail);
    fg_http_response_header(r, "WWW-Authenticate", "Bearer realm=\"fedgate\"");
    return r;
}

static bool by_token(struct fg_api *a, const char *header, struct fg_identity *out,
                     struct fg_http_response **refusal)
{
    if (strncasecmp(header, "Bearer ", 7) == 0) {
        const char *token = header + 7;
        while (*token == ' ') token++;
        if (fg_auth_token(a->auth, token, fg_clock_wall_ms(), out) == 0) return true;
        *refusal =
            fg_unauthorized("token_invalid", "The token is unknown, has ended or was revoked.");
        return false;
    }
    *refusal = fg_unauthorized("authorization_invalid", "Use Authorization: Bearer TOKEN.");
    return false;
}

static bool writes(enum fg_http_method m)
{
    return m != FG_HTTP_GET && m != FG_HTTP_HEAD && m != FG_HTTP_OPTIONS;
}

static bool by_session(struct fg_api *a, const struct fg_http_request *r, const char *cookie,
                       struct fg_identity *out, struct fg_http_response **refusal)
{
    if (fg_auth_session(a->auth, cookie, fg_clock_wall_ms(), out)) {
        *refusal = fg_unauthorized("session_ended", "The session has ended; sign in again.");
        return false;
    }
    if (!writes(r->method)) return true;
    const char *csrf = fg_http_header(r, "X-CSRF-Token");
    if (csrf && fg_secret_csrf_ok(cookie, csrf)) return true;
    *refusal = fg_reply_problem(403, "csrf",
                                "The header X-CSRF-Token is missing or wrong; GET /session "
                                "tells it.");
    return false;
}

bool fg_identify(struct fg_api *a, const struct fg_http_request *r, struct fg_identity *out,
                 struct fg_http_response **refusal)
{
    const char *header = fg_http_header(r, "Authorization");
    if (header) return by_token(a, header, out, refusal);
    if (r->local_uid >= 0) {
        fg_auth_local((long)r->local_uid, out);
        return true;
    }
    const char *cookie = fg_http_cookie(r, FG_COOKIE);
    if (cookie) return by_session(a, r, cookie, out, refusal);
    *refusal = fg_unauthorized("sign_in", "Sign in, or send a token.");
    return false;
}
