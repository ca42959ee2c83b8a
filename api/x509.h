/* Reads certificates and keys in PEM as an administrator pastes them. Pure; any thread. */
#ifndef FG_API_X509_H
#define FG_API_X509_H

#include <jansson.h>
#include <stdint.h>

#include "gateway/base/problem.h"

/* Owned: free with fg_x509_free, which wipes the key. */
struct fg_x509 {
    char id[65]; /* SHA-256 of the first certificate, hex */
    char *chain; /* PEM, the end certificate first */
    char *key;   /* PEM (PKCS#8, not encrypted), or NULL */
    char *subject, *issuer;
    json_t *names; /* ["contoso.com", …]: DNS, XMPP and SRV names, else the common name */
    int64_t not_before_ms, not_after_ms;
    unsigned certificates; /* in the chain */
};

/* `pem` holds one certificate or more and perhaps a key; `key` (may be NULL) a key; `password` (may
 * be NULL) opens an encrypted one. Finds the certificate that belongs to the key and puts it first,
 * the others in the order of issuing. 0; EINVAL with problems at "/pem", "/key", "/password";
 * ENOMEM. */
int fg_x509_read(const char *pem, const char *key, const char *password, struct fg_x509 *out,
                 struct fg_problems *problems);
void fg_x509_free(struct fg_x509 *x);

#endif
