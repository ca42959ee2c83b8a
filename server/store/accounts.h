/* Accounts: administrators, their sessions and API tokens, and the setup link of the first start.
 * Secrets are kept as SHA-256 (tokens: 256 random bits need no slow hash) or as an Argon2id string
 * (passwords); what creates and checks them is server/auth. */
#ifndef FG_ACCOUNTS_H
#define FG_ACCOUNTS_H

#include "server/auth/role.h"
#include "server/store/store.h"

enum {
    FG_ADMIN_NAME = 129,      /* up to 128 bytes and a NUL */
    FG_PASSWORD_STRING = 160, /* an encoded Argon2id hash */
    FG_SECRET_HASH = 32,
    FG_LABEL = 201,
    FG_ADDRESS = 64,
    FG_USER_AGENT = 257,
    FG_TOKEN_PREFIX = 16,
};

struct fg_admin {
    int64_t id;
    char name[FG_ADMIN_NAME]; /* unique without regard to ASCII case */
    enum fg_role role;
    bool disabled;
    bool has_totp;
    bool has_scope; /* may change part of the configuration only */
    int64_t created_ms, last_sign_in_ms, password_changed_ms;
};

struct fg_session {
    int64_t id; /* may be shown */
    int64_t admin_id;
    uint8_t token_hash[FG_SECRET_HASH];
    int64_t created_ms, last_seen_ms, expires_ms;
    char address[FG_ADDRESS];
    char user_agent[FG_USER_AGENT];
};

struct fg_token {
    int64_t id;
    int64_t admin_id;
    char label[FG_LABEL];
    enum fg_role role; /* as given; the owner's present role limits it */
    bool has_scope;
    uint8_t token_hash[FG_SECRET_HASH];
    char prefix[FG_TOKEN_PREFIX]; /* the beginning of the token, to recognise it by */
    int64_t created_ms;
    int64_t expires_ms; /* 0: never */
    int64_t last_used_ms;
    int64_t revoked_ms; /* 0: not */
};

/* Return 0 to go on; anything else stops and becomes the result of the call. */
typedef int fg_admin_fn(const struct fg_admin *a, void *arg);
typedef int fg_session_fn(const struct fg_session *x, void *arg);
typedef int fg_token_fn(const struct fg_token *t, void *arg);

/* --- administrators ------------------------------------------------------------------------------
 */

/* `password` is the encoded hash, or "" for an account that cannot sign in. Gives the id. EEXIST
 * when the name is taken. The first administrator voids the setup link. */
int fg_admin_add(struct fg_store *s, const char *name, enum fg_role role, const char *password,
                 int64_t now_ms, int64_t *id);
int fg_admin_get(struct fg_store *s, int64_t id, struct fg_admin *out);
int fg_admin_find(struct fg_store *s, const char *name, struct fg_admin *out);
/* The encoded hash; "" when there is none. */
int fg_admin_password(struct fg_store *s, int64_t id, char out[FG_PASSWORD_STRING]);
/* By name. */
int fg_admin_each(struct fg_store *s, fg_admin_fn *fn, void *arg);
/* Those who can do everything: role administrator, not disabled, no scope. */
int fg_admin_count(struct fg_store *s, uint64_t *administrators);
/* EPERM when without `id` nobody could do everything any more. */
int fg_admin_not_the_last(struct fg_store *s, int64_t id);
/* The last one who can do everything keeps role and account: EPERM. Another role, and disabling,
 * end the sessions. */
int fg_admin_set_role(struct fg_store *s, int64_t id, enum fg_role role);
int fg_admin_set_disabled(struct fg_store *s, int64_t id, bool disabled);
/* Ends every session of the account. */
int fg_admin_set_password(struct fg_store *s, int64_t id, const char *password, int64_t now_ms);
int fg_admin_signed_in(struct fg_store *s, int64_t id, int64_t now_ms);
/* With sessions, tokens and drafts. EPERM for the last one who can do everything. */
int fg_admin_delete(struct fg_store *s, int64_t id);

/* --- scopes ------------------------------------------------------------------------------------
 */

/* The text of server/auth/scope.h, malloc'ed; NULL: no limit. ENOENT without the account. */
int fg_admin_scope(struct fg_store *s, int64_t id, char **scope);
int fg_token_scope(struct fg_store *s, int64_t id, char **scope);
/* NULL: no limit from now on. Ends the sessions; EPERM for the last one who can do everything. */
int fg_admin_set_scope(struct fg_store *s, int64_t id, const char *scope);
int fg_token_set_scope(struct fg_store *s, int64_t id, const char *scope);
/* Both limits of an owner "admin:3" or "token:7"; NULL and NULL for the local socket. ENOENT when
 * it is gone. */
int fg_owner_scopes(struct fg_store *s, const char *owner, char **account, char **token);

/* --- sessions ------------------------------------------------------------------------------------
 */

/* Reads all fields but `id`, which it sets. */
int fg_session_add(struct fg_store *s, struct fg_session *x);
int fg_session_each(struct fg_store *s, fg_session_fn *fn, void *arg);
int fg_session_seen(struct fg_store *s, int64_t id, int64_t now_ms);
int fg_session_delete(struct fg_store *s, int64_t id);
int fg_session_delete_admin(struct fg_store *s, int64_t admin_id);
/* Those whose time is over, that were not used since `idle_before_ms`, or were after
 * `seen_after_ms`. */
int fg_session_expire(struct fg_store *s, int64_t now_ms, int64_t idle_before_ms,
                      int64_t seen_after_ms);

/* --- API tokens ----------------------------------------------------------------------------------
 */

/* Reads all fields but `id`, which it sets, and last_used_ms and revoked_ms. */
int fg_token_add(struct fg_store *s, struct fg_token *t);
int fg_token_get(struct fg_store *s, int64_t id, struct fg_token *out);
/* How many of an account count at this time: neither revoked nor expired. */
int fg_token_count(struct fg_store *s, int64_t admin_id, int64_t now_ms, uint64_t *count);
/* Newest first, revoked and expired ones too; `admin_id` 0 for everybody's. */
int fg_token_each(struct fg_store *s, int64_t admin_id, fg_token_fn *fn, void *arg);
int fg_token_used(struct fg_store *s, int64_t id, int64_t now_ms);
/* Also drops its draft. ENOENT when it is unknown or revoked already. */
int fg_token_revoke(struct fg_store *s, int64_t id, int64_t now_ms);

/* --- the setup link ------------------------------------------------------------------------------
 */

/* Replaces the link. EEXIST when there is an administrator: then there is nothing to set up. */
int fg_setup_put(struct fg_store *s, const uint8_t hash[FG_SECRET_HASH], int64_t expires_ms);
/* Is there a link that can be claimed now? 0, ENOENT, or ETIME when it has lapsed. */
int fg_setup_check(struct fg_store *s, const uint8_t hash[FG_SECRET_HASH], int64_t now_ms);
/* In one transaction: checks the link, creates the administrator, voids the link. EEXIST when there
 * is an administrator already (or the name is taken), ENOENT for a wrong link, ETIME for a lapsed
 * one. */
int fg_setup_claim(struct fg_store *s, const uint8_t hash[FG_SECRET_HASH], const char *name,
                   const char *password, int64_t now_ms, int64_t *admin_id);

#endif
