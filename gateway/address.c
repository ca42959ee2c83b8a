/* See address.h. */
#include "gateway/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <idn2.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/quote.h"
#include "gateway/xmpp/jid.h"

enum { LABEL_MAX = 63, NAME_MAX_BYTES = FG_DOMAIN_MAX - 1, USER_MAX = 3 * FG_JID_PART_MAX };

/* ---- domains ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Letters, digits and hyphens, no hyphen at either end; `out` is NUL-terminated lower case. */
static int check_ldh(const char *name, size_t len)
{
    if (len == 0 || len > NAME_MAX_BYTES) return EINVAL;
    size_t label = 0;
    bool digits = true;
    for (size_t i = 0; i <= len; i++) {
        char c = i < len ? name[i] : '.';
        if (c == '.') {
            if (label == 0 || label > LABEL_MAX || name[i - 1] == '-') return EINVAL;
            if (i == len && digits) return EINVAL; /* an IPv4 address, or what looks like one */
            label = 0;
            digits = true;
            continue;
        }
        if (c == '-' ? label == 0 : !is_alpha(c) && !is_digit(c)) return EINVAL;
        if (!is_digit(c)) digits = false;
        label++;
    }
    return 0;
}

/* Plain ASCII without A-labels needs no table. Hyphens in the third and fourth place are left to
 * libidn2, which knows which of them are A-labels. */
static bool is_plain(const char *in, size_t len)
{
    size_t label = 0;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)in[i] >= 0x80) return false;
        if (label == 2 && in[i] == '-' && i + 1 < len && in[i + 1] == '-') return false;
        label = in[i] == '.' ? 0 : label + 1;
    }
    return true;
}

static int prepare_idn(const char *in, size_t len, char out[FG_DOMAIN_MAX])
{
    char text[FG_DOMAIN_TEXT_MAX];
    if (len >= sizeof text) return EINVAL;
    memcpy(text, in, len);
    text[len] = '\0';
    uint8_t *ascii = NULL;
    int rc = idn2_lookup_u8((const uint8_t *)text, &ascii,
                            IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
    if (rc != IDN2_OK) return EINVAL;
    size_t n = strlen((const char *)ascii);
    /* The full stops of other scripts become dots here, so that a trailing one shows only now. */
    if (n > 0 && ascii[n - 1] == '.') n--;
    int err = check_ldh((const char *)ascii, n);
    if (!err) {
        for (size_t i = 0; i < n; i++) out[i] = lower((char)ascii[i]);
        out[n] = '\0';
    }
    idn2_free(ascii);
    return err;
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

int fg_domain_prepare(const char *in, size_t len, char out[FG_DOMAIN_MAX])
{
    if (len > 0 && in[len - 1] == '.') len--;
    if (!is_plain(in, len)) return is_utf8(in, len) ? prepare_idn(in, len, out) : EINVAL;
    if (check_ldh(in, len)) return EINVAL;
    for (size_t i = 0; i < len; i++) out[i] = lower(in[i]);
    out[len] = '\0';
    return 0;
}

void fg_domain_display(const char *domain, char out[FG_DOMAIN_TEXT_MAX])
{
    char *text = NULL;
    if (strstr(domain, "xn--") && idn2_to_unicode_8z8z(domain, &text, 0) == IDN2_OK &&
        strlen(text) < FG_DOMAIN_TEXT_MAX) {
        memcpy(out, text, strlen(text) + 1);
    } else {
        size_t n = strnlen(domain, FG_DOMAIN_TEXT_MAX - 1);
        memcpy(out, domain, n);
        out[n] = '\0';
    }
    idn2_free(text);
}

/* ---- host and port ---- */

/* A literal address, printed canonically. */
static int parse_ip(const char *in, char out[FG_DOMAIN_MAX])
{
    struct in6_addr addr;
    for (int family = 0; family < 2; family++) {
        int af = family == 0 ? AF_INET : AF_INET6;
        if (inet_pton(af, in, &addr) == 1)
            return inet_ntop(af, &addr, out, FG_DOMAIN_MAX) ? 0 : EINVAL;
    }
    return EINVAL;
}

static int parse_port(const char *s, uint16_t *port)
{
    unsigned v = 0;
    if (*s == '\0') return EINVAL;
    for (; *s; s++) {
        if (!is_digit(*s)) return EINVAL;
        v = v * 10 + (unsigned)(*s - '0');
        if (v > 65535) return EINVAL;
    }
    *port = (uint16_t)v;
    return 0;
}

/* Splits "host:port" and "[address]:port" into host and the text behind the colon (NULL if none).
 */
static int split_port(const char *in, char host[FG_DOMAIN_TEXT_MAX], const char **port,
                      bool *bracket)
{
    const char *end;
    *bracket = in[0] == '[';
    if (*bracket) {
        in++;
        end = strchr(in, ']');
        if (!end || (end[1] != '\0' && end[1] != ':')) return EINVAL;
        *port = end[1] == ':' ? end + 2 : NULL;
    } else {
        end = strchr(in, ':');
        if (end && strchr(end + 1, ':')) end = NULL; /* an IPv6 address without brackets */
        *port = end ? end + 1 : NULL;
        if (!end) end = in + strlen(in);
    }
    size_t n = (size_t)(end - in);
    if (n == 0 || n >= FG_DOMAIN_TEXT_MAX) return EINVAL;
    memcpy(host, in, n);
    host[n] = '\0';
    return 0;
}

int fg_hostport_parse(const char *in, char host[FG_DOMAIN_MAX], uint16_t *port)
{
    char text[FG_DOMAIN_TEXT_MAX];
    const char *digits;
    bool bracket;
    if (split_port(in, text, &digits, &bracket)) return EINVAL;
    uint16_t p = 0;
    if (digits && (parse_port(digits, &p) || p == 0)) return EINVAL;
    if (bracket && !strchr(text, ':')) return EINVAL;
    if (parse_ip(text, host) && (bracket || fg_domain_prepare(text, strlen(text), host)))
        return EINVAL;
    *port = p;
    return 0;
}

int fg_listen_parse(const char *in, char address[FG_DOMAIN_MAX], uint16_t *port)
{
    char text[FG_DOMAIN_TEXT_MAX];
    const char *digits;
    bool bracket;
    if (split_port(in, text, &digits, &bracket) || !digits) return EINVAL;
    if (parse_ip(text, address) || bracket != (strchr(address, ':') != NULL)) return EINVAL;
    return parse_port(digits, port);
}

/* ---- percent encoding ---- */

static int hex_value(char c)
{
    if (is_digit(c)) return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes once; the result is UTF-8 without NUL. `out` holds `len` bytes and a NUL. */
static int percent_decode(const char *in, size_t len, char *out, size_t *out_len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (in[i] != '%') {
            out[n++] = in[i];
            continue;
        }
        if (len - i < 3) return EINVAL;
        int hi = hex_value(in[i + 1]), lo = hex_value(in[i + 2]);
        if (hi < 0 || lo < 0) return EINVAL;
        out[n++] = (char)(hi * 16 + lo);
        i += 2;
    }
    out[n] = '\0';
    *out_len = n;
    return is_utf8(out, n) ? 0 : EINVAL;
}

static int percent_encode(struct fg_buf *out, const char *s, size_t len, const char *literal)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        bool plain = is_alpha(s[i]) || is_digit(s[i]) || (c && strchr(literal, c));
        const char code[3] = {'%', digits[c >> 4], digits[c & 15]};
        int err = plain ? fg_buf_add(out, &s[i], 1) : fg_buf_add(out, code, sizeof code);
        if (err) return err;
    }
    return 0;
}

/* ---- XEP-0106 ---- */

static const struct {
    char c;
    char code[3];
} escapes[] = {
    {' ', "20"}, {'"', "22"}, {'&', "26"}, {'\'', "27"}, {'/', "2f"},
    {':', "3a"}, {'<', "3c"}, {'>', "3e"}, {'@', "40"},  {'\\', "5c"},
};
enum { ESCAPES = sizeof escapes / sizeof escapes[0] };

/* The escape of a character; a backslash needs one only where it would be read as the beginning of
 * an escape. Upper-case digits count too, because preparation folds them afterwards. */
static const char *escape_for(const char *s, size_t left)
{
    for (size_t i = 0; i < ESCAPES; i++) {
        if (escapes[i].c != s[0]) continue;
        if (s[0] != '\\') return escapes[i].code;
        if (left < 3) return NULL;
        for (size_t k = 0; k < ESCAPES; k++)
            if (s[1] == escapes[k].code[0] && lower(s[2]) == escapes[k].code[1]) return "5c";
        return NULL;
    }
    return NULL;
}

/* `out` holds 3 * len + 1 bytes. */
static size_t jid_escape(const char *s, size_t len, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        const char *code = escape_for(s + i, len - i);
        if (!code) {
            out[n++] = s[i];
            continue;
        }
        out[n++] = '\\';
        out[n++] = code[0];
        out[n++] = code[1];
    }
    out[n] = '\0';
    return n;
}

/* `out` holds strlen(s) + 1 bytes. */
static size_t jid_unescape(const char *s, char *out)
{
    size_t n = 0;
    while (*s) {
        size_t k = ESCAPES;
        if (*s == '\\')
            for (k = 0; k < ESCAPES && strncmp(s + 1, escapes[k].code, 2) != 0;) k++;
        if (k < ESCAPES) {
            out[n++] = escapes[k].c;
            s += 3;
        } else {
            out[n++] = *s++;
        }
    }
    out[n] = '\0';
    return n;
}

/* Is this what escaping makes of `plain`? Otherwise two JIDs would mean one SIP user, and whoever
 * judges by JID could be walked around. An escaped space is neither first nor last. */
static bool is_canonical(const char *local, const char *plain, size_t n)
{
    char again[3 * FG_JID_PART_MAX + 1];
    if (n == 0 || plain[0] == ' ' || plain[n - 1] == ' ') return false;
    jid_escape(plain, n, again);
    return strcmp(again, local) == 0;
}

/* ---- the mapping ---- */

static int map_user(struct fg_arena *a, const char *user, size_t len, const char **out)
{
    if (len > USER_MAX) return ENAMETOOLONG;
    /* An empty password is dropped, a real one is nothing we could map. */
    const char *colon = memchr(user, ':', len);
    if (colon && colon + 1 != user + len) return EINVAL;
    if (colon) len--;
    char plain[USER_MAX + 1], escaped[3 * USER_MAX + 1];
    size_t n;
    if (len == 0 || percent_decode(user, len, plain, &n) || n == 0) return EINVAL;
    /* XEP-0106: an escaped space is neither first nor last. */
    if (plain[0] == ' ' || plain[n - 1] == ' ') return EINVAL;
    n = jid_escape(plain, n, escaped);
    return fg_jid_prepare_local(a, escaped, n, out);
}

static int map_gr(struct fg_arena *a, const char *gr, size_t len, const char **out)
{
    char plain[USER_MAX + 1];
    size_t n;
    if (len > USER_MAX) return ENAMETOOLONG;
    if (percent_decode(gr, len, plain, &n)) return EINVAL;
    return fg_jid_prepare_resource(a, plain, n, out);
}

int fg_sip_to_jid(struct fg_arena *a, const char *user, size_t user_len, const char *host,
                  size_t host_len, const char *gr, size_t gr_len, struct fg_jid *out)
{
    char domain[FG_DOMAIN_MAX];
    if (fg_domain_prepare(host, host_len, domain)) return EINVAL;
    struct fg_jid jid = {.domain = fg_arena_strdup(a, domain)};
    if (!jid.domain) return ENOMEM;
    int err = user_len ? map_user(a, user, user_len, &jid.local) : 0;
    /* A temporary GRUU, gr without a value, names no resource. */
    if (!err && gr_len) err = map_gr(a, gr, gr_len, &jid.resource);
    if (!err) *out = jid;
    return err;
}

int fg_jid_to_sip(struct fg_buf *out, const struct fg_jid *jid, bool with_gr)
{
    size_t before = fg_buf_len(out);
    char plain[FG_JID_PART_MAX + 1];
    int err = fg_buf_adds(out, "sip:");
    if (!err && jid->local) {
        if (strlen(jid->local) > FG_JID_PART_MAX) return EINVAL;
        size_t n = jid_unescape(jid->local, plain);
        err = is_canonical(jid->local, plain, n) ? 0 : EINVAL;
        if (!err) err = percent_encode(out, plain, n, "-_.!~*'()&=+$,;?/");
        if (!err) err = fg_buf_adds(out, "@");
    }
    if (!err) err = fg_buf_adds(out, jid->domain);
    if (!err && with_gr && jid->resource) {
        err = fg_buf_adds(out, ";gr=");
        if (!err) err = percent_encode(out, jid->resource, strlen(jid->resource), "-_.!~*'()+");
    }
    if (err) fg_buf_truncate(out, before);
    return err;
}

int fg_user_key(const struct fg_jid *jid, char *out, size_t size)
{
    if (!jid->local) return EINVAL;
    return fg_jid_text_bare(jid, out, size);
}
