/* Passwords on their way to an account: checked, hashed on the hashing thread, then stored on the
 * configuration thread. Shared by administrators, set-up and profile. */
#ifndef FG_API_ACCOUNTS_H
#define FG_API_ACCOUNTS_H

#include "api/internal.h"

enum { FG_USERNAME_INPUT = 512 };

/* Work of a call that sets a password; wiped with the call. */
struct fg_new_password {
    char username[FG_USERNAME_INPUT + 1];
    char encoded[FG_PASSWORD_STRING]; /* "" when no password is set */
    char other[FG_SECRET_TEXT];       /* the setup link's token */
    enum fg_role role;                /* FG_ROLE_NONE: unchanged */
    int disabled;                     /* -1: unchanged */
    bool totp_off;                    /* the second factor is switched off */
    bool scope_given;
    char *scope; /* the new one; NULL: none */
    int64_t admin_id;
    void (*next)(struct fg_call *c);
};

/* Makes the work of this call; NULL after having answered. */
struct fg_new_password *fg_new_password(struct fg_call *c);
/* Adds a problem at "/NAME" when it is no good password for `username`. */
void fg_check_password(const char *username, const char *password, const char *name,
                       struct fg_problems *problems);
/* Hashes and then runs `next` on the configuration thread with `encoded` filled; answers 429 when
 * too many wait. */
void fg_hash_then(struct fg_call *c, const char *password, void (*next)(struct fg_call *c));
/* Role by name at "/role"; FG_ROLE_NONE with a problem when it is none. */
enum fg_role fg_input_role(struct fg_input *in, enum fg_presence p);
/* The member "scope": text to store in `out` (NULL: no limit), and whether it was there at all. */
bool fg_input_scope(struct fg_input *in, char **out);
/* A scope as stored, as JSON; null without one. Takes the text. */
json_t *fg_json_scope(char *text);
/* {username, role, scope, disabled, totp, created_at, last_sign_in} */
json_t *fg_json_admin(struct fg_call *c, const struct fg_admin *a);
/* After accounts changed: makes it count. Configuration thread. */
void fg_accounts_changed(struct fg_call *c);

#endif
