/* Certificates. The row holds the chain and what the caller read from it; the private key is a file
 * of its own, keys/ID.key, which is on the disk before its row is. X.509 is the caller's matter. */
#ifndef FG_CERTIFICATES_H
#define FG_CERTIFICATES_H

#include "server/store/store.h"

enum { FG_CERTIFICATE_ID = 65 }; /* 64 lower-case hex digits and a NUL */

struct fg_certificate {
    const char *id; /* SHA-256 of the first certificate, 64 lower-case hex digits */
    const char *friendly_name;
    const char *pem; /* the certificate and its chain */
    const char *subject, *issuer;
    const char *names; /* JSON array of the names it is for */
    int64_t not_before_ms, not_after_ms;
    bool has_key;
    bool exportable;
    const char *cert_file, *key_file; /* given as files and read again on SIGHUP; NULL otherwise */
    int64_t created_ms;
};

/* Returns 0 to go on; anything else stops and becomes the result of the call. */
typedef int fg_certificate_fn(const struct fg_certificate *c, void *arg);

/* Adds, or replaces the row with the same id. `key` (PEM, `key_len` bytes) may be NULL: a key that
 * is there already stays, and has_key of `c` is not read but follows from what there is. EINVAL
 * when the id has another form. */
int fg_certificate_put(struct fg_store *s, const struct fg_certificate *c, const void *key,
                       size_t key_len);
/* Calls `fn` once, or ENOENT. */
int fg_certificate_get(struct fg_store *s, const char *id, fg_certificate_fn *fn, void *arg);
/* Sorted by friendly name, then id. */
int fg_certificate_each(struct fg_store *s, fg_certificate_fn *fn, void *arg);
/* The row, then the key file. The caller has seen to it that no assignment names it. */
int fg_certificate_delete(struct fg_store *s, const char *id);
/* Appends the private key; fg_buf_wipe it afterwards. ENOENT without a key. Any thread. */
int fg_certificate_key(const struct fg_datadir *d, const char *id, struct fg_buf *out);

#endif
