/* See sasl.h. */
#include "gateway/xmpp/sasl.h"

#include <openssl/evp.h>
#include <string.h>

#include "gateway/address.h"
#include "gateway/xmpp/ns.h"

enum { AUTHZID_MAX = 1023 };

static int digit(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
}

/* Strict base64 (RFC 4648 4; RFC 6120 13.9.1): no stray characters, padding complete and only at
 * the end, unused bits zero. Length of the result, or -1. */
static int decode(const char *in, size_t len, char *out, size_t size)
{
    if (len == 0 || len % 4 || len / 4 * 3 > size) return -1;
    size_t pad = in[len - 1] == '=' ? (in[len - 2] == '=' ? 2 : 1) : 0;
    size_t n = 0;
    for (size_t i = 0; i < len; i += 4) {
        unsigned long quad = 0;
        size_t missing = i + 4 == len ? pad : 0;
        for (size_t j = 0; j < 4; j++) {
            int d = j + missing >= 4 ? 0 : digit(in[i + j]);
            if (d < 0) return -1;
            quad = quad << 6 | (unsigned long)d;
        }
        if (missing && (quad & ((1ul << (8 * missing)) - 1))) return -1;
        for (size_t j = 0; j + missing < 3; j++) out[n++] = (char)(quad >> (16 - 8 * j) & 0xff);
    }
    return (int)n;
}

enum fg_sasl fg_sasl_response(const char *text, size_t len, const char *from, bool initial)
{
    while (len && strchr(" \t\r\n", text[len - 1])) len--;
    while (len && strchr(" \t\r\n", text[0])) text++, len--;
    if (len == 0) return initial ? FG_SASL_NONE : FG_SASL_OK;
    if (len == 1 && text[0] == '=') return FG_SASL_OK;
    char id[AUTHZID_MAX + 3], domain[FG_DOMAIN_MAX];
    int n = decode(text, len, id, AUTHZID_MAX);
    if (n < 0) return FG_SASL_INCORRECT_ENCODING;
    if (memchr(id, '@', (size_t)n) || memchr(id, '/', (size_t)n)) return FG_SASL_INVALID_AUTHZID;
    if (fg_domain_prepare(id, (size_t)n, domain) || strcmp(domain, from) != 0)
        return FG_SASL_INVALID_AUTHZID;
    return FG_SASL_OK;
}

const char *fg_sasl_name(enum fg_sasl s)
{
    switch (s) {
    case FG_SASL_OK:
    case FG_SASL_NONE:
        return "";
    case FG_SASL_INVALID_AUTHZID:
        return "invalid-authzid";
    case FG_SASL_INCORRECT_ENCODING:
        return "incorrect-encoding";
    case FG_SASL_INVALID_MECHANISM:
        return "invalid-mechanism";
    case FG_SASL_MALFORMED_REQUEST:
        return "malformed-request";
    case FG_SASL_NOT_AUTHORIZED:
        return "not-authorized";
    case FG_SASL_ENCRYPTION_REQUIRED:
        return "encryption-required";
    case FG_SASL_ABORTED:
        return "aborted";
    case FG_SASL_TEMPORARY_AUTH_FAILURE:
        return "temporary-auth-failure";
    }
    return "";
}

int fg_sasl_failure(struct fg_buf *out, enum fg_sasl s)
{
    return fg_buf_addf(out, "<failure xmlns='" FG_NS_SASL "'><%s/></failure>", fg_sasl_name(s));
}

int fg_sasl_auth(struct fg_buf *out, const char *from)
{
    unsigned char text[(AUTHZID_MAX + 2) / 3 * 4 + 1];
    size_t len = strlen(from);
    if (len > AUTHZID_MAX) len = 0;
    EVP_EncodeBlock(text, (const unsigned char *)from, (int)len);
    return fg_buf_addf(out, "<auth xmlns='" FG_NS_SASL "' mechanism='EXTERNAL'>%s</auth>",
                       len ? (const char *)text : "=");
}
