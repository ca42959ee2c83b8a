/* What a certificate proves: the names of its subjectAltName against a reference identity. The
 * common name is never looked at. */
#include "gateway/net/tls.h"

#include "gateway/address.h"
#include "gateway/base/quote.h"

#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static const char oid_srv_name[] = "1.3.6.1.5.5.7.8.7";  /* RFC 4985 */
static const char oid_xmpp_addr[] = "1.3.6.1.5.5.7.8.5"; /* RFC 6120 13.7.1.4 */
static const char srv_prefix[] = "_xmpp-server.";

/* A name of the SAN as bytes; `p` is not NUL-terminated by contract. */
struct name {
    const char *p;
    size_t len;
};

static struct name asn1_name(const ASN1_STRING *s)
{
    struct name n = {(const char *)ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)};
    return n;
}

/* No bytes that would end or split a name for somebody who reads it as a C string. */
static bool sound(struct name n)
{
    if (n.len == 0 || n.len > 255) return false;
    for (size_t i = 0; i < n.len; i++)
        if ((unsigned char)n.p[i] <= ' ' || n.p[i] == 0x7f) return false;
    return true;
}

static struct name without_dot(struct name n)
{
    if (n.len > 1 && n.p[n.len - 1] == '.') n.len--;
    return n;
}

static bool equal_nocase(struct name n, const char *domain)
{
    return strlen(domain) == n.len && strncasecmp(n.p, domain, n.len) == 0;
}

/* RFC 6125 6.4.3: the wildcard is the whole left-most label and stands for exactly one label. */
static bool dns_matches(struct name n, const char *domain, bool wildcard)
{
    if (!sound(n)) return false;
    n = without_dot(n);
    if (n.len > 2 && n.p[0] == '*' && n.p[1] == '.') {
        const char *rest = strchr(domain, '.');
        struct name tail = {n.p + 2, n.len - 2};
        return wildcard && rest && rest != domain && !memchr(tail.p, '*', tail.len) &&
               equal_nocase(tail, rest + 1);
    }
    return !memchr(n.p, '*', n.len) && equal_nocase(n, domain);
}

static bool srv_matches(struct name n, const char *domain)
{
    size_t skip = sizeof srv_prefix - 1;
    if (n.len <= skip || strncasecmp(n.p, srv_prefix, skip) != 0) return false;
    struct name rest = {n.p + skip, n.len - skip};
    return dns_matches(rest, domain, true);
}

/* Written as U-labels as well as A-labels: both are prepared and compared. */
static bool xmpp_addr_matches(struct name n, const char *domain)
{
    char prepared[FG_DOMAIN_MAX];
    if (!sound(n) || memchr(n.p, '@', n.len) || memchr(n.p, '/', n.len)) return false;
    return fg_domain_prepare(n.p, n.len, prepared) == 0 && strcmp(prepared, domain) == 0;
}

/* The string inside an otherName with this OID and ASN.1 type, or an empty name. */
static struct name other_name(const GENERAL_NAME *g, const char *oid, int type)
{
    struct name none = {NULL, 0};
    char text[64];
    if (g->type != GEN_OTHERNAME) return none;
    OBJ_obj2txt(text, sizeof text, g->d.otherName->type_id, 1);
    const ASN1_TYPE *value = g->d.otherName->value;
    if (strcmp(text, oid) != 0 || !value || value->type != type) return none;
    return asn1_name(value->value.asn1_string);
}

static bool names_xmpp(const GENERAL_NAME *g, const char *domain)
{
    if (g->type == GEN_DNS) return dns_matches(asn1_name(g->d.dNSName), domain, true);
    struct name srv = other_name(g, oid_srv_name, V_ASN1_IA5STRING);
    if (srv.p) return srv_matches(srv, domain);
    struct name addr = other_name(g, oid_xmpp_addr, V_ASN1_UTF8STRING);
    return addr.p && xmpp_addr_matches(addr, domain);
}

bool fg_cert_names_xmpp_domain(X509 *cert, const char *domain)
{
    if (!cert || !domain) return false;
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    bool found = false;
    for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++)
        found = names_xmpp(sk_GENERAL_NAME_value(names, i), domain);
    GENERAL_NAMES_free(names);
    return found;
}

static bool is_sip_uri(struct name n)
{
    return n.len >= 4 && strncasecmp(n.p, "sip:", 4) == 0;
}

/* Only the bare "sip:domain": with a user part it names a person, not a domain. */
static bool sip_uri_matches(struct name n, const char *domain)
{
    struct name host = {n.p + 4, n.len - 4};
    return sound(n) && equal_nocase(without_dot(host), domain);
}

/* RFC 5922 7.1: a certificate with any SIP URI is judged by these alone. */
bool fg_cert_names_sip_domain(X509 *cert, const char *domain)
{
    if (!cert || !domain) return false;
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    bool any_uri = false, uri = false, dns = false;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
        if (g->type == GEN_URI && is_sip_uri(asn1_name(g->d.uniformResourceIdentifier))) {
            any_uri = true;
            uri |= sip_uri_matches(asn1_name(g->d.uniformResourceIdentifier), domain);
        } else if (g->type == GEN_DNS) {
            dns |= dns_matches(asn1_name(g->d.dNSName), domain, false);
        }
    }
    GENERAL_NAMES_free(names);
    return any_uri ? uri : dns;
}

bool fg_cert_is_server(X509 *cert)
{
    if (!(X509_get_extension_flags(cert) & EXFLAG_XKUSAGE)) return true;
    return X509_get_extended_key_usage(cert) & (XKU_SSL_SERVER | XKU_ANYEKU);
}

/* One name, quoted, into a text of `size`; false for kinds of no interest. */
static bool print_name(const GENERAL_NAME *g, char *out, size_t size)
{
    struct name n = {NULL, 0};
    if (g->type == GEN_DNS) n = asn1_name(g->d.dNSName);
    if (g->type == GEN_URI) n = asn1_name(g->d.uniformResourceIdentifier);
    if (!n.p) n = other_name(g, oid_srv_name, V_ASN1_IA5STRING);
    if (!n.p) n = other_name(g, oid_xmpp_addr, V_ASN1_UTF8STRING);
    if (!n.p) return false;
    fg_quote(out, size, n.p, n.len);
    return true;
}

/* A name into a list of them: blanks and commas are escaped, so that nobody can make one name look
 * like two. What does not fit as a whole is left out; returns its length, or 0. */
static size_t put_name(char *out, size_t size, const char *name)
{
    size_t n = 0;
    for (; *name && n + 8 < size; name++) {
        if (*name == ' ' || *name == ',')
            n += (size_t)snprintf(out + n, size - n, "\\u{%x}", (unsigned)*name);
        else
            out[n++] = *name;
    }
    out[n] = '\0';
    return *name ? 0 : n;
}

char *fg_cert_names(X509 *cert, char *out, size_t size)
{
    if (size == 0) return out;
    out[0] = '\0';
    GENERAL_NAMES *names = cert ? X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL) : NULL;
    size_t used = 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        char one[300];
        if (!print_name(sk_GENERAL_NAME_value(names, i), one, sizeof one) || !*one) continue;
        size_t gap = used ? 2 : 0;
        if (used + gap >= size) break;
        size_t n = put_name(out + used + gap, size - used - gap, one);
        if (n == 0) {
            out[used] = '\0';
            break;
        }
        memcpy(out + used, ", ", gap);
        used += gap + n;
    }
    GENERAL_NAMES_free(names);
    return out;
}

int64_t fg_cert_not_after_ms(X509 *cert)
{
    struct tm tm;
    if (!cert || !ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm)) return 0;
    return (int64_t)timegm(&tm) * 1000;
}

enum fg_failure fg_cert_failure(int verify_result)
{
    switch (verify_result) {
    case X509_V_OK:
        return FG_FAIL_NONE;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return FG_FAIL_CERT_EXPIRED;
    case X509_V_ERR_CERT_REVOKED:
        return FG_FAIL_CERT_REVOKED;
    case X509_V_ERR_INVALID_PURPOSE:
        return FG_FAIL_CERT_PURPOSE;
    case X509_V_ERR_HOSTNAME_MISMATCH:
        return FG_FAIL_CERT_NAME_MISMATCH;
    default:
        return FG_FAIL_CERT_UNTRUSTED;
    }
}
