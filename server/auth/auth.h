/* Who is asking? Sessions, API tokens and roles, held in memory, so that every request is checked
 * without SQL.
 *
 *   HTTP threads ── fg_auth_session / fg_auth_token ──> [ registry under a lock ]
 *   configuration thread ── fg_auth_reload, fg_auth_sign_in … ──> store, then registry
 *
 * Functions that take a store run on the thread that owns that store (the writer: the configuration
 * thread); those without may be called from any thread. After an account, session or token was
 * changed through server/store/accounts.h directly, fg_auth_reload makes it count.
 *
 * Signing in: fg_slowdown_attempt → fg_admin_find and fg_admin_password on a reader →
 * fg_hasher_verify (with "" for an unknown or disabled name: it costs the same) → fg_auth_sign_in
 * on the configuration thread, which looks again. */
#ifndef FG_AUTH_H
#define FG_AUTH_H

#include "server/auth/password.h"
#include "server/auth/role.h"
#include "server/auth/secret.h"
#include "server/auth/slowdown.h"
#include "server/store/accounts.h"

struct fg_auth;

enum {
    FG_SESSION_LIFETIME_MS = 12 * 3600 * 1000, /* from sign-in, whatever happens */
    FG_SESSION_IDLE_MS = 3600 * 1000,          /* without a request */
    FG_SESSION_SLACK_MS = 5 * 60 * 1000,       /* how far its last use may lie ahead of the clock */
    FG_SESSIONS_MAX = 10000,
    FG_SESSIONS_PER_ADMIN = 50, /* the oldest makes room */
};

enum fg_identity_kind { FG_NOBODY, FG_BY_SESSION, FG_BY_TOKEN, FG_BY_SOCKET };

struct fg_identity {
    enum fg_identity_kind kind;
    enum fg_role role; /* in force now; for a token the lesser of its own and its owner's */
    bool scoped;       /* it, or its owner, may change part of the configuration only */
    char owner[32];    /* whose draft and who in the audit: "admin:3", "token:7", "local:1000" */
    char name[FG_ADMIN_NAME]; /* to show: the administrator's name, or "local:1000" */
    char via[32];             /* "session:12", "token:7", "socket" */
    char label[FG_LABEL];     /* of the token; "" otherwise */
    int64_t admin_id;         /* 0 on the socket */
    int64_t id;               /* of the session or token; the uid on the socket */
    int64_t expires_ms;       /* wall clock; 0 never */
};

/* An empty registry: knows nobody until fg_auth_reload. 0 or ENOMEM. */
int fg_auth_new(struct fg_auth **out);
void fg_auth_free(struct fg_auth *a);
/* Reads administrators, sessions and tokens anew. On error the registry stays as it was. */
int fg_auth_reload(struct fg_auth *a, struct fg_store *s);
/* Counts up by each reload, sign-in and sign-out: who holds an event stream open compares and asks
 * again. */
uint64_t fg_auth_generation(struct fg_auth *a);

/* `text` is the cookie's value / what follows "Bearer ". 0 and `out`, or EACCES when it is unknown,
 * lapsed, revoked or its administrator disabled. Remembers the use. `now_ms` is wall time. */
int fg_auth_session(struct fg_auth *a, const char *text, int64_t now_ms, struct fg_identity *out);
int fg_auth_token(struct fg_auth *a, const char *text, int64_t now_ms, struct fg_identity *out);
/* The peer on the local socket, role administrator. */
void fg_auth_local(long uid, struct fg_identity *out);
/* Is the identity still good, and what is its role now? Answers as above, without the secret. */
int fg_auth_again(struct fg_auth *a, const struct fg_identity *old, int64_t now_ms,
                  struct fg_identity *out);

/* Opens a session for an administrator whose password was right and writes the audit row
 * ("sign_in", "ok"), in one transaction. `secret` is the cookie's value, told only here; the CSRF
 * token follows from it (fg_secret_csrf). EACCES when the account is gone or disabled, or
 * `password` (the encoded hash that was verified) is no longer its hash. With a second factor `otp`
 * (NULL: none given) is used up in the same transaction: ENOKEY when it is missing, EKEYREJECTED
 * when it is wrong or was used. */
int fg_auth_sign_in(struct fg_auth *a, struct fg_store *s, int64_t admin_id, const char *password,
                    const char *otp, const char *address, const char *user_agent, int64_t now_ms,
                    char secret[FG_SECRET_TEXT], struct fg_identity *out);
/* Writes the audit row of an attempt that failed: `detail` is a sentence. */
int fg_auth_sign_in_failed(struct fg_store *s, const char *name, const char *address,
                           const char *detail, int64_t now_ms);
/* Ends a session by its id, with an audit row ("sign_out"). */
int fg_auth_sign_out(struct fg_auth *a, struct fg_store *s, int64_t session_id,
                     const struct fg_identity *by, const char *address, int64_t now_ms);
enum { FG_TOKENS_MAX = 100 }; /* that count, of an account */
/* Makes an API token and its audit row ("token_create"); `secret` is told only here. ENOBUFS: the
 * account has FG_TOKENS_MAX. `expires_ms` 0: never. `scope` (the text of scope.h): a limit of its
 * own, NULL none beside its owner's. */
int fg_auth_token_new(struct fg_auth *a, struct fg_store *s, int64_t admin_id, const char *label,
                      enum fg_role role, const char *scope, int64_t expires_ms,
                      const struct fg_identity *by, const char *address, int64_t now_ms,
                      char secret[FG_SECRET_TEXT], int64_t *id);
/* Revokes it, with an audit row ("token_revoke"). */
int fg_auth_token_end(struct fg_auth *a, struct fg_store *s, int64_t token_id,
                      const struct fg_identity *by, const char *address, int64_t now_ms);
/* Writes when sessions and tokens were last used, drops sessions that lapsed. Every minute or so,
 * and before the end. */
int fg_auth_flush(struct fg_auth *a, struct fg_store *s, int64_t now_ms);

#endif
