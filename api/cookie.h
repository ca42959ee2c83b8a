/* The session's cookie. The prefix makes browsers insist on Secure, no Domain, and Path=/. */
#ifndef FG_API_COOKIE_H
#define FG_API_COOKIE_H

#define FG_COOKIE       "__Host-fedgate"
#define FG_COOKIE_RULES "; Path=/; Secure; HttpOnly; SameSite=Strict"

#endif
