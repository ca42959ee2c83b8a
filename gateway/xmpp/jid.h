/* A JID, taken apart and prepared: local part by Nodeprep, resource by Resourceprep (RFC 6122),
 * domain by fg_domain_prepare. All preparation of JIDs happens behind this file, so that another
 * profile (PRECIS) can take its place. Thread-safe: no state. */
#ifndef FG_XMPP_JID_H
#define FG_XMPP_JID_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/base/arena.h"
#include "gateway/base/buf.h"

/* Bytes of one part after preparation (RFC 7622 3.1), and of a whole JID as text with its NUL. */
enum { FG_JID_PART_MAX = 1023, FG_JID_MAX = 3 * FG_JID_PART_MAX + 3 };

/* NUL-terminated, prepared; absent parts are NULL; domain is never NULL. Memory: whoever made it
 * (usually an arena). */
struct fg_jid {
    const char *local, *domain, *resource;
};

/* Splits (resource at the first '/', then local part at the first '@') and prepares; the parts are
 * taken from the arena. 0, EINVAL (not a JID) or ENOMEM. */
int fg_jid_parse(struct fg_arena *a, const char *s, size_t len, struct fg_jid *out);
int fg_jid_parses(struct fg_arena *a, const char *s, struct fg_jid *out);

/* Prepare one part: 0, EINVAL (not allowed, or empty), ENAMETOOLONG (more than FG_JID_PART_MAX
 * bytes), ENOMEM. */
int fg_jid_prepare_local(struct fg_arena *a, const char *s, size_t len, const char **out);
int fg_jid_prepare_resource(struct fg_arena *a, const char *s, size_t len, const char **out);

/* The same JID without its resource; shares the memory. */
static inline struct fg_jid fg_jid_bare(const struct fg_jid *j)
{
    return (struct fg_jid){.local = j->local, .domain = j->domain};
}

bool fg_jid_equal(const struct fg_jid *a, const struct fg_jid *b);
bool fg_jid_equal_bare(const struct fg_jid *a, const struct fg_jid *b);

/* Append as text: the whole JID, or without resource; domain in its prepared (A-label) form. This
 * is the form for keys, events and REST. 0, ENOBUFS or ENOMEM. */
int fg_jid_print(struct fg_buf *out, const struct fg_jid *j);
int fg_jid_print_bare(struct fg_buf *out, const struct fg_jid *j);
/* For the XMPP wire: the domain as U-labels (RFC 7622 3.2.1). */
int fg_jid_print_wire(struct fg_buf *out, const struct fg_jid *j);
/* Into a caller's string; EINVAL when it does not fit. */
int fg_jid_text(const struct fg_jid *j, char *out, size_t size);
int fg_jid_text_bare(const struct fg_jid *j, char *out, size_t size);

/* Deep copy into an arena. 0 or ENOMEM. */
int fg_jid_copy(struct fg_arena *a, const struct fg_jid *from, struct fg_jid *to);

#endif
