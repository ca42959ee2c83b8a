/* Keys and other strings with a form of their own: checked and made canonical. */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/address.h"
#include "gateway/base/clock.h"
#include "gateway/base/quote.h"
#include "gateway/xmpp/jid.h"
#include "server/model/field.h"
#include "server/model/model.h"

enum { NAME_MAX_CHARS = 64, SHOWN_MAX = 80, DATE_LEN = 10 };

/* Times lie after 1970, because 0 stands for none, and before the year 10000, which has no text. */
static const int64_t LAST_MS = 253402300799999;

/* ---- where ---- */

/* Appends one segment, escaped (RFC 6901 section 3). */
static size_t add_segment(char *out, size_t at, const char *name)
{
    if (at + 1 < FG_POINTER_MAX) out[at++] = '/';
    for (; *name && at + 3 < FG_POINTER_MAX; name++) {
        if (*name == '~' || *name == '/') {
            out[at++] = '~';
            out[at++] = *name == '~' ? '0' : '1';
        } else {
            out[at++] = *name;
        }
    }
    return at;
}

static size_t print_path(const struct fg_path *p, char *out)
{
    if (!p) return 0;
    size_t at = print_path(p->up, out);
    char number[24];
    if (p->prefix) {
        size_t n = strnlen(p->prefix, FG_POINTER_MAX - 1 - at);
        memcpy(out + at, p->prefix, n);
        return at + n;
    }
    if (p->name) return add_segment(out, at, p->name);
    snprintf(number, sizeof number, "%zu", p->index);
    return add_segment(out, at, number);
}

const char *fg_path_print(const struct fg_path *p, char out[FG_POINTER_MAX])
{
    out[print_path(p, out)] = '\0';
    return out;
}

void fg_path_problem(const struct fg_path *p, struct fg_problems *problems, const char *code,
                     const char *fmt, ...)
{
    char pointer[FG_POINTER_MAX], *text = NULL;
    va_list ap;
    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0) text = NULL;
    va_end(ap);
    if (text)
        fg_problem_add(problems, fg_path_print(p, pointer), code, "%s", text);
    else
        problems->dropped++;
    free(text);
}

/* ---- names and keys ---- */

/* Counts characters; SIZE_MAX when a control character is in it, new lines and tabs apart if
 * `text`. */
static size_t count_chars(const char *s, bool text)
{
    size_t count = 0, len = strlen(s);
    unsigned cp;
    while (len) {
        size_t n = fg_utf8_decode(s, len, &cp);
        if (n == 0) return SIZE_MAX;
        bool control = cp < 0x20 || (cp >= 0x7f && cp < 0xa0);
        if (control && !(text && (cp == '\n' || cp == '\r' || cp == '\t'))) return SIZE_MAX;
        s += n;
        len -= n;
        count++;
    }
    return count;
}

/* Names of sites, front ends and trust anchors: what can stand in a path, a policy identity and a
 * list without quotes. */
static bool name_ok(const char *s)
{
    size_t n = count_chars(s, false);
    if (n == 0 || n > NAME_MAX_CHARS || *s == ' ' || s[strlen(s) - 1] == ' ') return false;
    for (; *s; s++) {
        bool ascii = (unsigned char)*s < 0x80;
        bool alnum =
            (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9');
        if (ascii && !alnum && !strchr("._- ()+", *s)) return false;
    }
    return true;
}

static int bad_key(const struct fg_path *path, struct fg_problems *problems, const char *raw,
                   const char *code, const char *expected)
{
    char shown[SHOWN_MAX];
    fg_path_problem(path, problems, code, "\"%s\" is not valid here: expected %s.",
                    fg_quotes(shown, sizeof shown, raw), expected);
    return EINVAL;
}

static int copy_key(char *out, const char *key)
{
    size_t len = strlen(key);
    if (len >= FG_MODEL_KEY_MAX) return EINVAL;
    memcpy(out, key, len + 1);
    return 0;
}

static int domain_key(const char *raw, const struct fg_path *path, char *out,
                      struct fg_problems *problems)
{
    char domain[FG_DOMAIN_MAX];
    if (fg_domain_prepare(raw, strlen(raw), domain))
        return bad_key(path, problems, raw, "domain", "a domain name such as example.com");
    return copy_key(out, domain);
}

static int name_key(const char *raw, const struct fg_path *path, char *out,
                    struct fg_problems *problems)
{
    if (!name_ok(raw))
        return bad_key(
            path, problems, raw, "name",
            "1 to 64 letters, digits, spaces or . _ - ( ) +, not beginning or ending with "
            "a space");
    return copy_key(out, raw);
}

static int policy_key(const char *raw, const struct fg_path *path, char *out,
                      struct fg_problems *problems)
{
    bool scoped = strncmp(raw, "site:", 5) == 0 || strncmp(raw, "user:", 5) == 0;
    if (strcmp(raw, "global") != 0 && !(scoped && name_ok(raw + 5)))
        return bad_key(path, problems, raw, "identity", "global, site:NAME or user:NAME");
    return copy_key(out, raw);
}

/* name@domain as a JID; what is no JID but a SIP address (o'malley@example.com) is mapped to one.
 */
static int user_key(const char *raw, const struct fg_path *path, char *out,
                    struct fg_problems *problems)
{
    struct fg_arena a;
    struct fg_jid j = {0};
    const char *at = strrchr(raw, '@');
    fg_arena_init(&a, 16384);
    int err = fg_jid_parses(&a, raw, &j);
    if (err == EINVAL && at && !strchr(raw, ':') && !strchr(at, '/'))
        err = fg_sip_to_jid(&a, raw, (size_t)(at - raw), at + 1, strlen(at + 1), NULL, 0, &j);
    if (!err && j.resource) err = EINVAL;
    if (!err) err = fg_user_key(&j, out, FG_MODEL_KEY_MAX);
    fg_arena_free(&a);
    if (!err) return 0;
    return bad_key(path, problems, raw, "address", "name@domain, without sip:");
}

static int usage_key(const char *raw, const struct fg_path *path, char *out,
                     struct fg_problems *problems)
{
    static const char prefix[] = "external:";
    if (strcmp(raw, "external") == 0 || strcmp(raw, "internal") == 0 || strcmp(raw, "panel") == 0)
        return copy_key(out, raw);
    char domain[FG_DOMAIN_MAX];
    const char *name = raw + sizeof prefix - 1;
    if (strncmp(raw, prefix, sizeof prefix - 1) != 0 ||
        fg_domain_prepare(name, strlen(name), domain))
        return bad_key(path, problems, raw, "usage",
                       "external, internal, panel or external:DOMAIN");
    snprintf(out, FG_MODEL_KEY_MAX, "%s%s", prefix, domain);
    return 0;
}

int fg_model_key(enum fg_kind kind, const char *raw, const struct fg_path *path, char *out,
                 struct fg_problems *problems)
{
    switch (kind) {
    case FG_KIND_SETTINGS:
        if (strcmp(raw, "settings") == 0) return copy_key(out, raw);
        return bad_key(path, problems, raw, "key", "settings");
    case FG_KIND_PARTNERS:
    case FG_KIND_EDGES:
    case FG_KIND_DOMAINS:
        return domain_key(raw, path, out, problems);
    case FG_KIND_POLICIES:
        return policy_key(raw, path, out, problems);
    case FG_KIND_USERS:
        return user_key(raw, path, out, problems);
    case FG_KIND_SITES:
    case FG_KIND_FRONT_ENDS:
    case FG_KIND_TRUST_ANCHORS:
        return name_key(raw, path, out, problems);
    case FG_KIND_CERTIFICATE_ASSIGNMENTS:
        return usage_key(raw, path, out, problems);
    case FG_KINDS:
        break;
    }
    return EINVAL;
}

int fg_model_key_prepare(enum fg_kind kind, const char *raw, const char *pointer,
                         char out[FG_MODEL_KEY_MAX], struct fg_problems *problems)
{
    const struct fg_path root = {.prefix = pointer};
    return fg_model_key(kind, raw, &root, out, problems);
}

/* ---- other strings ---- */

static json_t *bad_value(const struct fg_path *path, struct fg_problems *problems, const char *raw,
                         const char *code, const char *expected)
{
    bad_key(path, problems, raw, code, expected);
    return NULL;
}

static json_t *print_hostport(const char *host, uint16_t port)
{
    bool v6 = strchr(host, ':') != NULL;
    if (port == 0) return json_string(host);
    return json_sprintf(v6 ? "[%s]:%u" : "%s:%u", host, (unsigned)port);
}

static bool is_ip(const char *s)
{
    struct in6_addr a;
    return inet_pton(AF_INET, s, &a) == 1 || inet_pton(AF_INET6, s, &a) == 1;
}

static json_t *parse_hostport(const struct fg_field *f, const char *raw, const struct fg_path *path,
                              struct fg_problems *problems)
{
    char host[FG_DOMAIN_MAX];
    uint16_t port = 0;
    int err = fg_hostport_parse(raw, host, &port);
    if (f->format == FG_F_HOSTPORT)
        return err ? bad_value(path, problems, raw, "hostport",
                               "a host name or IP address, with or without :port")
                   : print_hostport(host, port);
    if (f->format == FG_F_HOST)
        return err || port ? bad_value(path, problems, raw, "host", "a host name or an IP address")
                           : json_string(host);
    if (f->format == FG_F_IPPORT)
        return err || !is_ip(host) ? bad_value(path, problems, raw, "ip_address",
                                               "an IP address, with or without :port")
                                   : print_hostport(host, port);
    return err || port || !is_ip(host)
               ? bad_value(path, problems, raw, "ip_address", "an IP address")
               : json_string(host);
}

static json_t *parse_listen(const char *raw, const struct fg_path *path,
                            struct fg_problems *problems)
{
    char address[FG_DOMAIN_MAX];
    uint16_t port;
    if (fg_listen_parse(raw, address, &port))
        return bad_value(path, problems, raw, "listen_address",
                         "an IP address and a port, such as [::]:5269 or 192.0.2.1:5269");
    return json_sprintf(strchr(address, ':') ? "[%s]:%u" : "%s:%u", address, (unsigned)port);
}

static json_t *parse_cert_id(const char *raw, const struct fg_path *path,
                             struct fg_problems *problems)
{
    char id[2 * FG_HASH_LEN + 1];
    size_t n = strlen(raw);
    if (n != sizeof id - 1 || strspn(raw, "0123456789abcdefABCDEF") != n)
        return bad_value(path, problems, raw, "certificate_id",
                         "the SHA-256 of a certificate, 64 hex digits");
    for (size_t i = 0; i <= n; i++)
        id[i] = raw[i] >= 'A' && raw[i] <= 'F' ? (char)(raw[i] + ('a' - 'A')) : raw[i];
    return json_string(id);
}

static json_t *parse_datetime(const char *raw, const struct fg_path *path,
                              struct fg_problems *problems)
{
    int64_t ms;
    char text[FG_TIME_TEXT];
    if (fg_time_parse(raw, &ms) || ms <= 0 || ms > LAST_MS)
        return bad_value(path, problems, raw, "datetime", "a time such as 2026-01-31T12:00:00Z");
    fg_time_format(text, ms);
    return json_string(text);
}

static json_t *parse_date(const char *raw, const struct fg_path *path, struct fg_problems *problems)
{
    int64_t ms;
    if (strlen(raw) != DATE_LEN || fg_time_parse(raw, &ms))
        return bad_value(path, problems, raw, "date", "a date such as 2026-01-31");
    return json_string(raw);
}

/* Every block must be a certificate; what stands between the blocks is left alone. */
static json_t *parse_pem(const char *raw, const struct fg_path *path, struct fg_problems *problems)
{
    BIO *bio = BIO_new_mem_buf(raw, -1);
    size_t found = 0, blocks = 0;
    X509 *x;
    while (bio && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        X509_free(x);
        found++;
    }
    BIO_free(bio);
    for (const char *s = raw; (s = strstr(s, "-----BEGIN ")) != NULL; s++) blocks++;
    if (found > 0 && found == blocks) return json_string(raw);
    fg_path_problem(
        path, problems, "pem",
        "This is no PEM certificate: expected one or more blocks of \"BEGIN CERTIFICATE\" "
        "and nothing secret.");
    return NULL;
}

static json_t *parse_ref(const struct fg_field *f, const char *raw, const struct fg_path *path,
                         struct fg_problems *problems)
{
    char key[FG_MODEL_KEY_MAX];
    return fg_model_key(f->ref, raw, path, key, problems) ? NULL : json_string(key);
}

json_t *fg_model_string(const struct fg_field *f, const json_t *value, const struct fg_path *path,
                        struct fg_problems *problems)
{
    const char *raw = json_string_value(value);
    bool lines = f->type == FG_T_TEXT || f->type == FG_T_PEM;
    size_t n = strlen(raw) == json_string_length(value) ? count_chars(raw, lines) : SIZE_MAX;
    if (n == SIZE_MAX) {
        fg_path_problem(path, problems, "characters", "Control characters are not allowed here.");
        return NULL;
    }
    if (f->max_length && n > f->max_length) {
        fg_path_problem(path, problems, "too_long", "%zu characters are too many; at most %zu fit.",
                        n, f->max_length);
        return NULL;
    }
    switch (f->type) {
    case FG_T_DOMAIN: {
        char key[FG_MODEL_KEY_MAX];
        return domain_key(raw, path, key, problems) ? NULL : json_string(key);
    }
    case FG_T_DATE:
        return parse_date(raw, path, problems);
    case FG_T_DATETIME:
        return parse_datetime(raw, path, problems);
    case FG_T_PEM:
        return parse_pem(raw, path, problems);
    case FG_T_REF:
        return parse_ref(f, raw, path, problems);
    default:
        break;
    }
    if (f->format == FG_F_LISTEN) return parse_listen(raw, path, problems);
    if (f->format == FG_F_CERT_ID) return parse_cert_id(raw, path, problems);
    if (f->format != FG_F_NONE) return parse_hostport(f, raw, path, problems);
    return json_string(raw);
}
