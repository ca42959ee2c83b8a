/* See jid.h. Most local parts and resources are plain ASCII, for which preparation is folding or
 * nothing; only the rest pays for the tables of libidn. */
#include "gateway/xmpp/jid.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <stringprep.h>

#include "gateway/address.h"
#include "gateway/base/quote.h"

/* A part may shrink by preparation (full-width letters are three bytes for one), so that more than
 * the maximum is let in; libidn answers when the result is too long. */
enum { RAW_MAX = 3 * FG_JID_PART_MAX };

static bool is_ascii(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] < 0x20 || (unsigned char)s[i] > 0x7e) return false;
    return true;
}

static bool is_utf8(const char *s, size_t len)
{
    unsigned cp;
    while (len) {
        size_t n = fg_utf8_decode(s, len, &cp);
        if (n == 0 || cp == 0) return false;
        s += n;
        len -= n;
    }
    return true;
}

static int by_tables(struct fg_arena *a, const char *s, size_t len,
                     const Stringprep_profile *profile, Stringprep_profile_flags flags,
                     const char **out)
{
    char text[RAW_MAX + 1];
    if (!is_utf8(s, len)) return EINVAL;
    memcpy(text, s, len);
    text[len] = '\0';
    int rc = stringprep(text, sizeof text, flags, profile);
    if (rc == STRINGPREP_TOO_SMALL_BUFFER) return ENAMETOOLONG;
    if (rc == STRINGPREP_MALLOC_ERROR) return ENOMEM;
    if (rc != STRINGPREP_OK || text[0] == '\0') return EINVAL;
    size_t n = strlen(text);
    if (n > FG_JID_PART_MAX) return ENAMETOOLONG;
    *out = fg_arena_strndup(a, text, n);
    return *out ? 0 : ENOMEM;
}

int fg_jid_prepare_local(struct fg_arena *a, const char *s, size_t len, const char **out)
{
    if (len == 0) return EINVAL;
    if (len > RAW_MAX) return ENAMETOOLONG;
    if (!is_ascii(s, len))
        return by_tables(a, s, len, stringprep_xmpp_nodeprep, STRINGPREP_NO_UNASSIGNED, out);
    if (len > FG_JID_PART_MAX) return ENAMETOOLONG;
    char *p = fg_arena_strndup(a, s, len);
    if (!p) return ENOMEM;
    for (char *c = p; *c; c++) {
        if (strchr(" \"&'/:<>@", *c)) return EINVAL;
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c + ('a' - 'A'));
    }
    *out = p;
    return 0;
}

int fg_jid_prepare_resource(struct fg_arena *a, const char *s, size_t len, const char **out)
{
    if (len == 0) return EINVAL;
    if (len > RAW_MAX) return ENAMETOOLONG;
    /* Characters newer than Unicode 3.2 (emoji) pass: clients put them into resources, and a
     * refusal would end the peer's stream. */
    if (!is_ascii(s, len)) return by_tables(a, s, len, stringprep_xmpp_resourceprep, 0, out);
    if (len > FG_JID_PART_MAX) return ENAMETOOLONG;
    *out = fg_arena_strndup(a, s, len);
    return *out ? 0 : ENOMEM;
}

int fg_jid_parse(struct fg_arena *a, const char *s, size_t len, struct fg_jid *out)
{
    struct fg_jid j = {0};
    const char *slash = memchr(s, '/', len);
    size_t bare = slash ? (size_t)(slash - s) : len;
    const char *at = memchr(s, '@', bare);
    const char *host = at ? at + 1 : s;
    char domain[FG_DOMAIN_MAX];
    if (fg_domain_prepare(host, bare - (size_t)(host - s), domain)) return EINVAL;
    int err = at ? fg_jid_prepare_local(a, s, (size_t)(at - s), &j.local) : 0;
    if (!err && slash) err = fg_jid_prepare_resource(a, slash + 1, len - bare - 1, &j.resource);
    if (err) return err == ENOMEM ? ENOMEM : EINVAL;
    j.domain = fg_arena_strdup(a, domain);
    if (!j.domain) return ENOMEM;
    *out = j;
    return 0;
}

int fg_jid_parses(struct fg_arena *a, const char *s, struct fg_jid *out)
{
    return fg_jid_parse(a, s, strlen(s), out);
}

static bool same(const char *a, const char *b)
{
    if (!a || !b) return a == b;
    return strcmp(a, b) == 0;
}

bool fg_jid_equal_bare(const struct fg_jid *a, const struct fg_jid *b)
{
    return same(a->domain, b->domain) && same(a->local, b->local);
}

bool fg_jid_equal(const struct fg_jid *a, const struct fg_jid *b)
{
    return fg_jid_equal_bare(a, b) && same(a->resource, b->resource);
}

static int print(struct fg_buf *out, const struct fg_jid *j, const char *domain, bool full)
{
    return fg_buf_addf(out, "%s%s%s%s%s", j->local ? j->local : "", j->local ? "@" : "", domain,
                       full && j->resource ? "/" : "", full && j->resource ? j->resource : "");
}

int fg_jid_print(struct fg_buf *out, const struct fg_jid *j)
{
    return print(out, j, j->domain, true);
}

int fg_jid_print_bare(struct fg_buf *out, const struct fg_jid *j)
{
    return print(out, j, j->domain, false);
}

int fg_jid_print_wire(struct fg_buf *out, const struct fg_jid *j)
{
    char domain[FG_DOMAIN_TEXT_MAX];
    fg_domain_display(j->domain, domain);
    return print(out, j, domain, true);
}

int fg_jid_text(const struct fg_jid *j, char *out, size_t size)
{
    int n = snprintf(out, size, "%s%s%s%s%s", j->local ? j->local : "", j->local ? "@" : "",
                     j->domain, j->resource ? "/" : "", j->resource ? j->resource : "");
    return n >= 0 && (size_t)n < size ? 0 : EINVAL;
}

int fg_jid_text_bare(const struct fg_jid *j, char *out, size_t size)
{
    struct fg_jid bare = fg_jid_bare(j);
    return fg_jid_text(&bare, out, size);
}

int fg_jid_copy(struct fg_arena *a, const struct fg_jid *from, struct fg_jid *to)
{
    struct fg_jid j = {
        .local = from->local ? fg_arena_strdup(a, from->local) : NULL,
        .domain = fg_arena_strdup(a, from->domain),
        .resource = from->resource ? fg_arena_strdup(a, from->resource) : NULL,
    };
    if (!j.domain || (from->local && !j.local) || (from->resource && !j.resource)) return ENOMEM;
    *to = j;
    return 0;
}
